#include "runtime/compare/rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "runtime/compare/hash.h"
#include "runtime/compare/rows_private.h"

#define ROWS_A_BUCKET 1024
#define ROWS_MOST_BUCKETS 65536
#define ROWS_LIMIT 200000 /* of one side that are looked at one by one */
#define RANGES_LIMIT 500  /* of keys in one query */
#define ID_SEPARATOR '\x1f'

/* ---- which buckets ---- */

static void search_split(struct rows_search *search)
{
    struct compare_content *content = search->content;
    const struct compare_table *table = content->table;
    struct arena *arena = content->comparison->arena;
    int64_t rows =
        table->rows[SIDE_X] > table->rows[SIDE_Y] ? table->rows[SIDE_X] : table->rows[SIDE_Y];
    int64_t buckets = 1;
    if (content->integer_key) {
        search->bucket = arena_format(arena, "(%s::bigint >> %d)",
                                      crew_quote_identifier(content->crew, content->key[0]),
                                      CONTENT_BUCKET_BITS);
        return;
    }
    while (buckets < ROWS_MOST_BUCKETS && buckets * ROWS_A_BUCKET < rows)
        buckets *= 2;
    if (buckets <= 4)
        return;
    const char *hash = content->key_count > 0
                           ? hash_write(content, content->key, content->key_count)
                           : content->hash;
    search->bucket = arena_format(arena, "(%s & %" PRId64 ")", hash, buckets - 1);
    content_ask(content, SIDE_X, search->bucket);
    content_ask(content, SIDE_Y, search->bucket);
}

/* Both lists are sorted by number. */
static void search_choose_buckets(struct rows_search *search)
{
    struct compare_content *content = search->content;
    struct arena *arena = content->comparison->arena;
    const struct compare_buckets *xs = &content->buckets[SIDE_X];
    const struct compare_buckets *ys = &content->buckets[SIDE_Y];
    int64_t rows = 0;
    for (size_t i = 0, j = 0; i < xs->count || j < ys->count;) {
        const struct compare_bucket *x = i < xs->count ? &xs->list[i] : NULL;
        const struct compare_bucket *y = j < ys->count ? &ys->list[j] : NULL;
        if (x && y && x->number != y->number) {
            x = x->number < y->number ? x : NULL;
            y = x ? NULL : y;
        }
        i += x != NULL;
        j += y != NULL;
        if (x && y && x->rows == y->rows && x->sum == y->sum)
            continue;
        rows += x && (!y || x->rows > y->rows) ? x->rows : y ? y->rows : 0;
        if (search->number_count > 0 && rows > ROWS_LIMIT) {
            content->table->at_least = true;
            return;
        }
        search->numbers =
            arena_extend(arena, search->numbers, search->number_count, sizeof *search->numbers);
        search->numbers[search->number_count++] = x ? x->number : y ? y->number : 0;
    }
}

/* ---- which keys ---- */

/* Neighbouring buckets are one range; an index on the key finds it. */
static bool write_ranges(struct buffer *sql, const struct rows_search *search)
{
    const char *key = crew_quote_identifier(search->content->crew, search->content->key[0]);
    size_t start = sql->length, ranges = 0;
    for (size_t i = 0; i < search->number_count; i++) {
        int64_t first = search->numbers[i], last = first;
        while (i + 1 < search->number_count && search->numbers[i + 1] == last + 1)
            last = search->numbers[++i];
        if (++ranges > RANGES_LIMIT) {
            buffer_truncate(sql, start);
            return false;
        }
        int64_t size = (int64_t)1 << CONTENT_BUCKET_BITS;
        buffer_format(sql, "%s%s BETWEEN '%" PRId64 "'::bigint AND '%" PRId64 "'::bigint",
                      ranges == 1 ? " AND (" : " OR ", key, first * size, last * size + (size - 1));
    }
    buffer_append_character(sql, ')');
    return true;
}

static void write_buckets(struct buffer *sql, const struct rows_search *search)
{
    if (!search->bucket || (search->content->integer_key && write_ranges(sql, search)))
        return;
    buffer_format(sql, " AND %s = ANY ('{", search->bucket);
    for (size_t i = 0; i < search->number_count; i++)
        buffer_format(sql, "%s%" PRId64, i > 0 ? "," : "", search->numbers[i]);
    buffer_append_string(sql, "}'::bigint[])");
}

static void write_key_columns(struct buffer *sql, const struct compare_content *content)
{
    for (size_t i = 0; i < content->key_count; i++)
        buffer_format(sql, "%s::text, ", crew_quote_identifier(content->crew, content->key[i]));
}

/* What tells the row from others: its key's values, or its hash. */
static const char *read_id(struct arena *arena, const struct compare_content *content,
                           const PGresult *result, int row)
{
    struct buffer id = {0};
    for (size_t i = 0; i < content->key_count; i++) {
        if (i > 0)
            buffer_append_character(&id, ID_SEPARATOR);
        buffer_append_string(&id, PQgetvalue(result, row, (int)i));
    }
    if (content->key_count == 0)
        buffer_append_string(&id, PQgetvalue(result, row, 0));
    const char *text = arena_copy(arena, buffer_string(&id));
    buffer_release(&id);
    return text;
}

static void search_take_keys(void *context, enum side side, const struct session_answer *answer)
{
    struct rows_search *search = context;
    struct compare_content *content = search->content;
    struct arena *arena = content->comparison->arena;
    if (answer->error) {
        content_fail(content, answer);
        return;
    }
    for (int row = 0; row < PQntuples(answer->result); row++) {
        const char *id = read_id(arena, content, answer->result, row);
        struct rows_entry *entry = map_get(search->by_id, id);
        if (!entry) {
            entry = arena_allocate(arena, sizeof *entry);
            entry->id = id;
            entry->key = arena_allocate(arena, (content->key_count + 1) * sizeof *entry->key);
            for (size_t i = 0; i < content->key_count; i++)
                entry->key[i] = arena_copy(arena, PQgetvalue(answer->result, row, (int)i));
            map_add(search->by_id, id, entry);
        }
        entry->counts[side]++;
        entry->hashes[side] =
            arena_copy(arena, PQgetvalue(answer->result, row, (int)content->key_count));
    }
}

static void search_ask_keys(struct rows_search *search)
{
    struct compare_content *content = search->content;
    search_choose_buckets(search);
    search->by_id = map_create(content->comparison->arena);
    for (int side = 0; side < SIDE_COUNT && search->number_count > 0; side++) {
        struct buffer sql = {0};
        buffer_append_string(&sql, "SELECT ");
        write_key_columns(&sql, content);
        buffer_format(&sql, "%s %s", content->hash, content->from[side]);
        write_buckets(&sql, search);
        crew_add(content->crew, (enum side)side, buffer_string(&sql), search_take_keys, search);
        buffer_release(&sql);
    }
}

/* ---- which rows ---- */

static bool entry_differs(const struct rows_entry *entry)
{
    return entry->counts[SIDE_X] != entry->counts[SIDE_Y] || !entry->hashes[SIDE_X] ||
           !entry->hashes[SIDE_Y] || strcmp(entry->hashes[SIDE_X], entry->hashes[SIDE_Y]) != 0;
}

static int compare_ids(const void *left, const void *right)
{
    return strcmp((*(const struct rows_entry *const *)left)->id,
                  (*(const struct rows_entry *const *)right)->id);
}

static int compare_numbers(const void *left, const void *right)
{
    int64_t a = strtoll((*(const struct rows_entry *const *)left)->id, NULL, 10);
    int64_t b = strtoll((*(const struct rows_entry *const *)right)->id, NULL, 10);
    return (a > b) - (a < b);
}

static void search_match(struct rows_search *search)
{
    struct compare_content *content = search->content;
    search->entries =
        arena_allocate(content->comparison->arena, (map_count(search->by_id) + 1) * sizeof(void *));
    for (const struct map_entry *at = map_first(search->by_id); at; at = map_next(at)) {
        struct rows_entry *entry = map_entry_value(at);
        if (!entry_differs(entry))
            continue;
        int64_t more = entry->counts[SIDE_X] - entry->counts[SIDE_Y];
        search->entries[search->entry_count++] = entry;
        content->table->different += content->key_count > 0 ? 1 : more < 0 ? -more : more;
    }
    if (search->entry_count > 1)
        qsort((void *)search->entries, search->entry_count, sizeof *search->entries,
              content->integer_key ? compare_numbers : compare_ids);
}

const struct error *rows_compare(struct comparison *comparison, struct crew *crew)
{
    struct rows_search *searches =
        arena_allocate(comparison->arena, (comparison->table_count + 1) * sizeof *searches);
    size_t count = 0;
    for (size_t i = 0; i < comparison->table_count; i++)
        if (comparison->tables[i].differs)
            searches[count++].content = comparison->tables[i].content;
    for (size_t i = 0; i < count; i++)
        search_split(&searches[i]);
    const struct error *error = crew_work(crew);
    for (size_t i = 0; i < count && !error; i++) {
        content_gather(&searches[i].content->buckets[SIDE_X]);
        content_gather(&searches[i].content->buckets[SIDE_Y]);
        search_ask_keys(&searches[i]);
    }
    if (!error)
        error = crew_work(crew);
    for (size_t i = 0; i < count && !error; i++) {
        search_match(&searches[i]);
        rows_fetch(&searches[i]);
    }
    if (!error)
        error = crew_work(crew);
    for (size_t i = 0; i < count && !error; i++)
        rows_show(&searches[i]);
    return error;
}
