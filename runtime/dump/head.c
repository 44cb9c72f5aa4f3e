#include "runtime/dump/head.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRING_LIMIT 1024 /* bytes of a name or version that is believed */

/* What is read; the first thing that is not as it should be makes all further ones void. */
struct head_reader {
    struct arena *arena;
    FILE *file;
    int integer_size;
    bool bad;
};

static int read_byte(struct head_reader *reader)
{
    int byte = reader->bad ? EOF : getc(reader->file);
    if (byte == EOF)
        reader->bad = true;
    return byte == EOF ? 0 : byte;
}

/* A byte for the sign, then the absolute value, lowest byte first. */
static int64_t read_integer(struct head_reader *reader)
{
    bool negative = read_byte(reader) != 0;
    uint64_t value = 0;
    for (int i = 0; i < reader->integer_size; i++)
        value |= (uint64_t)read_byte(reader) << (8 * i);
    return negative ? -(int64_t)(value & INT32_MAX) : (int64_t)(value & INT32_MAX);
}

/* "" for a string that is missing. */
static const char *read_string(struct head_reader *reader)
{
    int64_t length = read_integer(reader);
    if (length > STRING_LIMIT)
        reader->bad = true;
    if (length <= 0 || reader->bad)
        return "";
    char *string = arena_allocate(reader->arena, (size_t)length + 1);
    for (int64_t i = 0; i < length; i++)
        string[i] = (char)read_byte(reader);
    return string;
}

static void read_open(struct head_reader *reader, struct dump_head *head)
{
    static const char magic[] = "PGDMP";
    for (size_t i = 0; i < strlen(magic); i++)
        reader->bad = read_byte(reader) != magic[i] || reader->bad;
    int major = read_byte(reader), minor = read_byte(reader);
    (void)read_byte(reader); /* revision */
    reader->integer_size = read_byte(reader);
    (void)read_byte(reader); /* size of offsets */
    (void)read_byte(reader); /* format */
    if (major != 1 || minor < 10 || reader->integer_size > 8)
        reader->bad = true;
    if (minor >= 15)
        (void)read_byte(reader); /* compression */
    else
        (void)read_integer(reader);
    for (int i = 0; i < 7; i++)
        (void)read_integer(reader); /* when it was made */
    (void)read_string(reader);      /* the database's name */
    head->server = read_string(reader);
    head->program = read_string(reader);
    head->major = (int)strtol(head->program, NULL, 10);
    if (head->major < 8)
        reader->bad = true;
}

const struct error *dump_read_head(struct arena *arena, const char *path, struct dump_head *head)
{
    struct head_reader reader = {.arena = arena, .file = fopen(path, "rbe")};
    *head = (struct dump_head){0};
    if (!reader.file)
        return error_system(arena, errno, NULL, "cannot read the dump %s", path);
    read_open(&reader, head);
    if (fclose(reader.file) != 0)
        return error_system(arena, errno, NULL, "cannot read the dump %s", path);
    return reader.bad
               ? error_create(arena, OUTCOME_INVALID, "get the dump again",
                              "%s has no whole header of pg_dump: it is cut off or damaged", path)
               : NULL;
}
