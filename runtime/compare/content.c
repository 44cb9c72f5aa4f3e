#include "runtime/compare/content.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "runtime/compare/volatile.h"

#define RANGE_VERSION 140000 /* from there on a range of pages is read without the rest */
#define RANGE_LEAST 2048     /* pages: 16 MB */

/* PostgreSQL's own types whose hashes tell apart what differs: boolean, bytea, "char", name, whole
 * numbers, text, oid, reals, varchar, date, time, timestamps, numeric, uuid. */
static bool type_is_hashed(int64_t type)
{
    static const int64_t types[] = {16,  17,  18,   19,   20,   21,   23,   25,   26,
                                    700, 701, 1043, 1082, 1083, 1114, 1184, 1700, 2950};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i] == type)
            return true;
    return false;
}

static bool type_is_whole(int64_t type)
{
    return type == 20 || type == 21 || type == 23;
}

static bool type_is_text(int64_t type)
{
    return type == 19 || type == 25 || type == 1043;
}

/* ---- SQL ---- */

/* Collations decide what is equal, and are not of interest here. */
static void write_column(struct buffer *sql, const struct compare_content *content,
                         const char *name)
{
    int64_t x = catalog_column(content->table->relations[SIDE_X], name)->type;
    int64_t y = catalog_column(content->table->relations[SIDE_Y], name)->type;
    const char *quoted = crew_quote_identifier(content->crew, name);
    if (x == y && type_is_text(x))
        buffer_format(sql, "%s COLLATE \"C\"", quoted);
    else if (x == y && type_is_hashed(x))
        buffer_append_string(sql, quoted);
    else
        buffer_format(sql, "%s::text COLLATE \"C\"", quoted);
}

/* A record's hash is a sum of its columns' hashes: without hashing it once more, two rows that have
 * swapped a value would have the same sum together. */
const char *content_write_hash(const struct compare_content *content, const char *const *columns,
                               size_t count)
{
    const struct comparison *comparison = content->comparison;
    const struct compare_side *x = &comparison->sides[SIDE_X], *y = &comparison->sides[SIDE_Y];
    struct buffer row = {0};
    buffer_append_string(&row, "ROW(");
    for (size_t i = 0; i < count; i++) {
        buffer_append_string(&row, i > 0 ? ", " : "");
        write_column(&row, content, columns[i]);
    }
    buffer_append_character(&row, ')');
    const char *format = "('x' || left(md5(convert_to(%s::text, 'UTF8')), 16))::bit(64)::bigint";
    bool same_texts = strcmp(x->text_probe, y->text_probe) == 0 && x->text_probe[0];
    if (same_texts && x->hash_probe[0] && strcmp(x->hash_probe, y->hash_probe) == 0)
        format = "hashint8extended(hash_record_extended(%s, 0), 0)";
    else if (same_texts)
        format = "hashtextextended(%s::text COLLATE \"C\", 0)";
    const char *place = strstr(format, "%s");
    const char *sql = arena_format(comparison->arena, "%.*s%s%s", (int)(place - format), format,
                                   buffer_string(&row), place + strlen("%s"));
    buffer_release(&row);
    return sql;
}

static const char *write_from(const struct compare_content *content, enum side side)
{
    const struct compare_relation *relation = content->table->relations[side];
    const char *condition = volatile_condition(content->comparison->options, relation->name);
    return arena_format(content->comparison->arena, "FROM %s%s.%s WHERE %s%s%s",
                        relation->partitioned ? "" : "ONLY ",
                        crew_quote_identifier(content->crew, relation->schema),
                        crew_quote_identifier(content->crew, relation->relation),
                        condition ? "(" : "", condition ? condition : "true", condition ? ")" : "");
}

/* ---- what is compared ---- */

static void content_choose_columns(struct compare_content *content)
{
    const struct compare_options *options = content->comparison->options;
    const struct compare_relation *x = content->table->relations[SIDE_X];
    content->columns = arena_allocate(content->comparison->arena,
                                      (x->column_count + 1) * sizeof *content->columns);
    for (size_t i = 0; i < x->column_count; i++) {
        const char *name = x->columns[i].name;
        if (catalog_column(content->table->relations[SIDE_Y], name) &&
            !volatile_is_column(options, x->name, name))
            content->columns[content->column_count++] = name;
    }
}

static void content_choose_key(struct compare_content *content)
{
    const struct compare_relation *x = content->table->relations[SIDE_X];
    const struct compare_relation *y = content->table->relations[SIDE_Y];
    if (x->key_count == 0 || x->key_count != y->key_count)
        return;
    for (size_t i = 0; i < x->key_count; i++)
        if (strcmp(x->key[i], y->key[i]) != 0)
            return;
    content->key = x->key;
    content->key_count = x->key_count;
    content->integer_key = x->key_count == 1 && type_is_whole(catalog_column(x, x->key[0])->type) &&
                           type_is_whole(catalog_column(y, y->key[0])->type);
}

static bool content_is_possible(struct comparison *comparison, const struct compare_relation *x,
                                const struct compare_relation *y)
{
    static const char why[] = "no right to read it in %s";
    if (volatile_is_table(comparison->options, x->name)) {
        comparison->left_out++;
        return false;
    }
    if (x->readable && y->readable)
        return true;
    compare_note_unread(comparison, x->name,
                        arena_format(comparison->arena, why,
                                     x->readable   ? "Y"
                                     : y->readable ? "X"
                                                   : "both"));
    return false;
}

static void content_add_table(struct comparison *comparison, struct crew *crew,
                              const struct compare_relation *x, const struct compare_relation *y)
{
    struct arena *arena = comparison->arena;
    if (!content_is_possible(comparison, x, y))
        return;
    struct compare_content *content = arena_allocate(arena, sizeof *content);
    *content = (struct compare_content){.comparison = comparison, .crew = crew};
    comparison->tables = arena_extend(arena, comparison->tables, comparison->table_count,
                                      sizeof *comparison->tables);
    comparison->tables[comparison->table_count++] =
        (struct compare_table){.name = x->name, .relations = {x, y}, .content = content};
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const struct compare_table *)left)->name,
                  ((const struct compare_table *)right)->name);
}

static void content_find_tables(struct comparison *comparison, struct crew *crew)
{
    const struct map *ys = comparison->sides[SIDE_Y].relations;
    for (const struct map_entry *entry = map_first(comparison->sides[SIDE_X].relations); entry;
         entry = map_next(entry)) {
        const struct compare_relation *y = map_get(ys, map_entry_key(entry));
        if (y)
            content_add_table(comparison, crew, map_entry_value(entry), y);
    }
    if (comparison->table_count > 1)
        qsort(comparison->tables, comparison->table_count, sizeof *comparison->tables,
              compare_names);
}

static void content_prepare(struct compare_table *table)
{
    struct compare_content *content = table->content;
    content->table = table;
    content_choose_columns(content);
    content_choose_key(content);
    content->hash = content_write_hash(content, content->columns, content->column_count);
    for (int side = 0; side < SIDE_COUNT; side++)
        content->from[side] = write_from(content, (enum side)side);
}

/* ---- asking ---- */

/* The last 64 bits of a whole number of any length. */
static uint64_t read_sum(const char *digits)
{
    bool negative = digits[0] == '-';
    uint64_t sum = 0;
    for (digits += negative; *digits; digits++)
        sum = sum * 10 + (uint64_t)(*digits - '0');
    return negative ? 0 - sum : sum;
}

void content_fail(struct compare_content *content, const struct session_answer *answer)
{
    if (!content->failed)
        compare_note_unread(content->comparison, content->table->name, answer->error->message);
    content->failed = true;
}

static void content_take(void *context, enum side side, const struct session_answer *answer)
{
    struct compare_content *content = context;
    struct compare_buckets *buckets = &content->buckets[side];
    if (answer->error) {
        content_fail(content, answer);
        return;
    }
    for (int row = 0; row < PQntuples(answer->result); row++) {
        struct compare_bucket bucket = {
            .number = strtoll(PQgetvalue(answer->result, row, 0), NULL, 10),
            .rows = strtoll(PQgetvalue(answer->result, row, 1), NULL, 10),
            .sum = read_sum(PQgetvalue(answer->result, row, 2))};
        buckets->list =
            arena_extend(content->comparison->arena, buckets->list, buckets->count, sizeof bucket);
        buckets->list[buckets->count++] = bucket;
    }
}

void content_ask(struct compare_content *content, enum side side, const char *bucket)
{
    const struct comparison *comparison = content->comparison;
    const struct compare_relation *relation = content->table->relations[side];
    const char *sql = arena_format(comparison->arena, "SELECT (%s)::bigint, count(*), sum(%s) %s",
                                   bucket, content->hash, content->from[side]);
    int64_t pages = relation->pages / (4 * comparison->options->jobs);
    if (pages < RANGE_LEAST)
        pages = RANGE_LEAST;
    content->buckets[side] = (struct compare_buckets){0};
    if (comparison->sides[side].version < RANGE_VERSION || relation->pages <= pages) {
        crew_add(content->crew, side, arena_format(comparison->arena, "%s GROUP BY 1", sql),
                 content_take, content);
        return;
    }
    for (int64_t page = 0; page < relation->pages; page += pages) {
        bool last = page + pages >= relation->pages;
        const char *end =
            last ? ""
                 : arena_format(comparison->arena, " AND ctid < '(%" PRId64 ",0)'", page + pages);
        crew_add(content->crew, side,
                 arena_format(comparison->arena, "%s AND ctid >= '(%" PRId64 ",0)'%s GROUP BY 1",
                              sql, page, end),
                 content_take, content);
    }
}

static int compare_buckets_by_number(const void *left, const void *right)
{
    int64_t a = ((const struct compare_bucket *)left)->number;
    int64_t b = ((const struct compare_bucket *)right)->number;
    return (a > b) - (a < b);
}

void content_gather(struct compare_buckets *buckets)
{
    size_t count = 0;
    if (buckets->count > 1)
        qsort(buckets->list, buckets->count, sizeof *buckets->list, compare_buckets_by_number);
    for (size_t i = 0; i < buckets->count; i++) {
        struct compare_bucket *bucket = &buckets->list[i];
        if (count > 0 && buckets->list[count - 1].number == bucket->number) {
            buckets->list[count - 1].rows += bucket->rows;
            buckets->list[count - 1].sum += bucket->sum;
        } else {
            buckets->list[count++] = *bucket;
        }
    }
    buckets->count = count;
}

static void content_judge(struct compare_table *table)
{
    struct compare_content *content = table->content;
    uint64_t sums[SIDE_COUNT] = {0};
    for (int side = 0; side < SIDE_COUNT; side++) {
        struct compare_buckets *buckets = &content->buckets[side];
        content_gather(buckets);
        table->rows[side] = 0;
        for (size_t i = 0; i < buckets->count; i++) {
            table->rows[side] += buckets->list[i].rows;
            sums[side] += buckets->list[i].sum;
        }
    }
    table->differs = !content->failed &&
                     (table->rows[SIDE_X] != table->rows[SIDE_Y] || sums[SIDE_X] != sums[SIDE_Y]);
}

static int compare_sizes(const void *left, const void *right)
{
    const struct compare_table *a = *(const struct compare_table *const *)left;
    const struct compare_table *b = *(const struct compare_table *const *)right;
    int64_t x = a->relations[SIDE_X]->pages, y = b->relations[SIDE_X]->pages;
    return x != y ? (x < y) - (x > y) : strcmp(a->name, b->name);
}

const struct error *content_compare(struct comparison *comparison, struct crew *crew)
{
    struct arena *arena = comparison->arena;
    content_find_tables(comparison, crew);
    size_t count = comparison->table_count;
    struct compare_table **by_size = arena_allocate(arena, (count + 1) * sizeof(void *));
    for (size_t i = 0; i < count; i++) {
        by_size[i] = &comparison->tables[i];
        content_prepare(by_size[i]);
    }
    if (count > 1) /* the largest first, so that all sessions end at much the same time */
        qsort((void *)by_size, count, sizeof *by_size, compare_sizes);
    for (size_t i = 0; i < count; i++) {
        struct compare_content *content = by_size[i]->content;
        const char *bucket =
            content->integer_key
                ? arena_format(arena, "%s::bigint >> %d",
                               crew_quote_identifier(crew, content->key[0]), CONTENT_BUCKET_BITS)
                : "0";
        content_ask(content, SIDE_X, bucket);
        content_ask(content, SIDE_Y, bucket);
    }
    const struct error *error = crew_work(crew);
    for (size_t i = 0; i < count && !error; i++)
        content_judge(&comparison->tables[i]);
    return error;
}
