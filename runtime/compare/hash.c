#include "runtime/compare/hash.h"

#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"

#define COLUMN '@'
#define SEED '$'
#define HASH_AS_TEXT "hashtextextended(@::text COLLATE \"C\", $)"

/* Where a type's own hash function tells apart all values that are not equal it is the quickest
 * way; that of numeric does not know the sign, and that of bigint folds 64 bits into 32. Collations
 * decide what is equal, and are not of interest here. */
static const struct {
    int64_t type;
    const char *format;
} ways[] = {
    {16, "hashint4extended(@::integer, $)"},            /* boolean */
    {21, "hashint2extended(@, $)"},                     /* smallint */
    {23, "hashint4extended(@, $)"},                     /* integer */
    {25, "hashtextextended(@ COLLATE \"C\", $)"},       /* text */
    {26, "hashoidextended(@, $)"},                      /* oid */
    {1043, "hashtextextended(@ COLLATE \"C\", $)"},     /* varchar */
    {1082, "timestamp_hash_extended(@::timestamp, $)"}, /* date */
    {1114, "timestamp_hash_extended(@, $)"},            /* timestamp */
    {2950, "uuid_hash_extended(@, $)"},                 /* uuid */
};

const char hash_probe[] =
    "SELECT concat_ws(' ', hashint4extended(5, 1), hashint2extended(5::smallint, 2), "
    "hashtextextended('drehbuch' || chr(233) COLLATE \"C\", 3), hashoidextended(7::oid, 4), "
    "timestamp_hash_extended(timestamp '2020-02-29 12:00:00.5', 5), "
    "uuid_hash_extended('9b2f7a5e-0d5c-4bd8-8f5a-0e1c3f2a4b6d', 6), "
    "hashfloat8extended(1.5e300, 7))";

bool hash_is_whole(int64_t type)
{
    return type == 20 || type == 21 || type == 23;
}

static const char *find_way(int64_t x, int64_t y)
{
    for (size_t i = 0; x == y && i < sizeof ways / sizeof ways[0]; i++)
        if (ways[i].type == x)
            return ways[i].format;
    return HASH_AS_TEXT;
}

/* Each column has a number of its own, or two that have swapped their values would be the same. */
static void write_column(struct buffer *sql, const struct compare_content *content,
                         const char *name, size_t number)
{
    const char *quoted = crew_quote_identifier(content->crew, name);
    const char *way = find_way(catalog_column(content->table->relations[SIDE_X], name)->type,
                               catalog_column(content->table->relations[SIDE_Y], name)->type);
    buffer_append_string(sql, "coalesce(");
    for (; *way; way++)
        if (*way == COLUMN)
            buffer_append_string(sql, quoted);
        else if (*way == SEED)
            buffer_format(sql, "%zu", number);
        else
            buffer_append_character(sql, *way);
    buffer_format(sql, ", %zu)", number);
}

/* Hashed once more, or two rows that have swapped a value would have the same sum together. By way
 * of a real, as the function for bigint keeps only 32 bits. */
static void write_quick(struct buffer *sql, const struct compare_content *content,
                        const char *const *columns, size_t count)
{
    buffer_append_string(sql, "hashfloat8extended((0::bigint");
    for (size_t i = 0; i < count; i++) {
        buffer_append_string(sql, " # ");
        write_column(sql, content, columns[i], i + 1);
    }
    buffer_append_string(sql, ")::float8, 0)");
}

/* For servers that do not hash in the same way. */
static void write_portable(struct buffer *sql, const struct compare_content *content,
                           const char *const *columns, size_t count)
{
    buffer_append_string(sql, "('x' || left(md5(convert_to(ROW(");
    for (size_t i = 0; i < count; i++)
        buffer_format(sql, "%s%s", i > 0 ? ", " : "",
                      crew_quote_identifier(content->crew, columns[i]));
    buffer_append_string(sql, ")::text, 'UTF8')), 16))::bit(64)::bigint");
}

const char *hash_write(const struct compare_content *content, const char *const *columns,
                       size_t count)
{
    const struct comparison *comparison = content->comparison;
    const char *x = comparison->sides[SIDE_X].probe, *y = comparison->sides[SIDE_Y].probe;
    struct buffer sql = {0};
    if (x[0] && strcmp(x, y) == 0)
        write_quick(&sql, content, columns, count);
    else
        write_portable(&sql, content, columns, count);
    const char *text = arena_copy(comparison->arena, buffer_string(&sql));
    buffer_release(&sql);
    return text;
}
