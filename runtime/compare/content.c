#include "runtime/compare/content.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/compare/hash.h"
#include "runtime/compare/volatile.h"

#define RANGE_VERSION 140000 /* from there on a range of pages is read without the rest */
#define RANGE_LEAST 2048     /* pages: 16 MB */

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
        if (strcmp(x->key[i], y->key[i]) != 0 ||
            volatile_is_column(content->comparison->options, x->name, x->key[i]))
            return;
    content->key = x->key;
    content->key_count = x->key_count;
    content->integer_key = x->key_count == 1 && hash_is_whole(catalog_column(x, x->key[0])->type) &&
                           hash_is_whole(catalog_column(y, y->key[0])->type);
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
    content->hash = hash_write(content, content->columns, content->column_count);
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
    int64_t pages = relation->pages / ((int64_t)4 * comparison->options->jobs);
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

/* What has no pages has no rows. */
static bool content_is_empty(const struct compare_table *table)
{
    const struct compare_relation *x = table->relations[SIDE_X], *y = table->relations[SIDE_Y];
    return !x->partitioned && !y->partitioned && x->pages == 0 && y->pages == 0;
}

void content_begin(struct comparison *comparison, struct crew *crew)
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
        for (int side = 0; side < SIDE_COUNT && !content_is_empty(by_size[i]); side++)
            content_ask(content, (enum side)side, bucket);
    }
}

void content_end(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->table_count; i++)
        content_judge(&comparison->tables[i]);
}
