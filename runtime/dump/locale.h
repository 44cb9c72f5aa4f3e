/* How a dumped database sorts: pg_dump's custom and directory formats say it, in the statement that
 * would make the database. */
#ifndef RUNTIME_DUMP_LOCALE_H
#define RUNTIME_DUMP_LOCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define LOCALE_OPTION_COUNT 8

struct dump_locale_option {
    const char *keyword; /* "LC_COLLATE" */
    const char *value;   /* "C.UTF-8" */
    bool quoted;         /* a literal, not a word */
};

struct dump_locale {
    struct dump_locale_option options[LOCALE_OPTION_COUNT];
    size_t count; /* 0: nothing is known */
};

/* Takes a line of what `pg_restore --create` prints; true where it was the statement. Options that
 * CREATE DATABASE has, and that can be quoted, are taken; none where something else is there. */
bool dump_locale_take(struct arena *arena, const char *line, struct dump_locale *locale);

#endif
