#include "runtime/dump/sql_text.h"

#include <stdlib.h>
#include <string.h>

#define BY_PROGRAM "-- Dumped by pg_dump version "

struct sql_text sql_text_create(struct arena *arena, const char *path)
{
    return (struct sql_text){.arena = arena, .path = path, .line = 1};
}

static bool line_starts(const struct sql_text *text, const char *start)
{
    size_t length = strlen(start);
    return text->length >= length && memcmp(text->start, start, length) == 0;
}

static bool line_is(const struct sql_text *text, const char *line)
{
    return text->length == strlen(line) && line_starts(text, line);
}

static bool line_ends(const struct sql_text *text, const char *end)
{
    size_t length = strlen(end);
    return text->length >= length && memcmp(text->end + SQL_LINE_END - length, end, length) == 0;
}

/* psql's commands that lead out of the database. Its others are harmless, and a line of a text in
 * quotes may begin like one of them. */
static bool line_is_command(const struct sql_text *text)
{
    static const char *const commands[] = {
        "\\!",  "\\c ", "\\connect", "\\copy",   "\\i ",   "\\ir ",   "\\include",
        "\\o ", "\\o|", "\\out",     "\\w ",     "\\w|",   "\\write", "\\g ",
        "\\g|", "\\e ", "\\edit",    "\\setenv", "\\set ", "\\gexec", "\\lo_"};
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (line_starts(text, commands[i]))
            return true;
    return false;
}

static const struct error *line_refuse(const struct sql_text *text)
{
    bool connects = line_starts(text, "\\c ") || line_starts(text, "\\connect");
    return error_create(text->arena, OUTCOME_INVALID, "make the dump again without --create",
                        connects ? "%s:%zu: the dump would go on in a database of its own choice"
                                 : "%s:%zu: the dump has a command for psql in it",
                        text->path, text->line);
}

/* A dump may have come by way of Windows. */
static void line_drop_return(struct sql_text *text)
{
    if (text->length == 0 || text->end[SQL_LINE_END - 1] != '\r')
        return;
    memmove(text->end + 1, text->end, SQL_LINE_END - 1);
    if (--text->length < SQL_LINE_START)
        text->start[text->length] = '\0';
}

static const struct error *line_take(struct sql_text *text)
{
    line_drop_return(text);
    if (text->in_data) {
        text->in_data = !line_is(text, "\\.");
        return NULL;
    }
    if (text->length == 0)
        return NULL;
    if (line_starts(text, "COPY ") && line_ends(text, " FROM stdin;"))
        text->in_data = true;
    else if (line_is(text, "-- PostgreSQL database dump"))
        text->begun = true;
    else if (line_is(text, "-- PostgreSQL database dump complete"))
        text->complete = true;
    else if (line_starts(text, BY_PROGRAM) && text->major == 0)
        text->major = (int)strtol(text->start + strlen(BY_PROGRAM), NULL, 10);
    else if (text->start[0] == '\\' && line_is_command(text))
        return line_refuse(text);
    return NULL;
}

/* Keeps the beginning and the end of the line, which may be as long as it likes. */
static void line_append(struct sql_text *text, const char *bytes, size_t length)
{
    if (text->length < SQL_LINE_START - 1) {
        size_t room = SQL_LINE_START - 1 - text->length;
        size_t taken = length < room ? length : room;
        memcpy(text->start + text->length, bytes, taken);
        text->start[text->length + taken] = '\0';
    }
    text->length += length;
    size_t last = length < SQL_LINE_END ? length : SQL_LINE_END;
    memmove(text->end, text->end + last, SQL_LINE_END - last);
    memcpy(text->end + SQL_LINE_END - last, bytes + length - last, last);
}

const struct error *sql_text_take(struct sql_text *text, const char *bytes, size_t length)
{
    const struct error *error = NULL;
    while (length > 0 && !error) {
        const char *newline = memchr(bytes, '\n', length);
        size_t piece = newline ? (size_t)(newline - bytes) : length;
        line_append(text, bytes, piece);
        if (newline) {
            error = line_take(text);
            text->length = 0;
            text->start[0] = '\0';
            text->line++;
            piece++;
        }
        bytes += piece;
        length -= piece;
    }
    return error;
}

const struct error *sql_text_end(struct sql_text *text)
{
    const struct error *error = text->length > 0 ? line_take(text) : NULL;
    if (error)
        return error;
    if (!text->begun)
        return error_create(text->arena, OUTCOME_INVALID, "name a dump that was made by pg_dump",
                            "%s holds no plain SQL dump of pg_dump", text->path);
    if (!text->complete)
        return error_create(text->arena, OUTCOME_INVALID, "get the dump again",
                            "%s is cut off: it lacks pg_dump's last line", text->path);
    return NULL;
}
