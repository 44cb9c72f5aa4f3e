/* Two databases, and in what they differ. Both are only read, each in one snapshot, so that a
 * database that is in use compares consistently.
 *
 * Tables, columns and what hangs on them are compared by their definitions; what Odoo keeps in
 * tables (modules, parameters, views, users, access) by its names for it; every table by its rows:
 * hashes that the servers compute, and where these differ the rows themselves. */
#ifndef RUNTIME_COMPARE_COMPARE_H
#define RUNTIME_COMPARE_COMPARE_H

#include <stdint.h>
#include <uv.h>

#include "base/map.h"
#include "runtime/compare/place.h"
#include "runtime/compare/section.h"

struct compare_options {
    struct compare_place places[2];
    int jobs;                   /* sessions on each server */
    int64_t rows;               /* how many differing rows of each table are fetched */
    bool strict;                /* nothing is left out by default, and values of sequences count */
    bool upgrade;               /* Y is the upgraded X */
    const char *const *ignored; /* patterns: TABLE or TABLE.COLUMN */
    size_t ignored_count;
};

/* One value that differs, or with `column` NULL a row that only one has. */
struct compare_value {
    const char *key; /* "12", "(3, 4)"; "" in tables that have no key */
    const char *column;
    const char *texts[2]; /* shortened; NULL: there is none */
};

/* A table of both. */
struct compare_table {
    const char *name; /* "public.res_partner" */
    const struct compare_relation *relations[2];
    int64_t rows[2];
    bool differs;
    int64_t different; /* rows that differ or that only one has ... */
    bool at_least;     /* ... in the part that was looked at: there may be more */
    struct compare_value *values;
    size_t value_count;
    size_t shown;                    /* rows that `values` speak of */
    struct compare_content *content; /* of content.c and rows.c */
};

/* A table that could not be read, or a section. */
struct compare_unread {
    const char *name;
    const char *why;
};

struct comparison {
    struct arena *arena;
    const struct compare_options *options;
    struct compare_side {
        int version;           /* 150018 */
        const char *probe;     /* how its server hashes: equal where both do so in the same way */
        struct map *relations; /* by name: struct compare_relation */
        struct map *parents;   /* names of all that something may hang on: partitions, views, too */
    } sides[2];
    struct compare_result *sections; /* as many as compare_section_count */
    struct compare_table *tables;    /* those of both whose rows are compared, by name */
    size_t table_count;
    size_t left_out; /* tables of both whose rows are not compared */
    struct compare_unread *unread;
    size_t unread_count;
    struct compare_upgrade *upgrade; /* with options.upgrade, else NULL */
};

/* Compares. `options` has to live as long as the comparison, which lives in `arena`. Ctrl-C ends it
 * with OUTCOME_INTERRUPTED. */
const struct error *compare_make(struct arena *arena, uv_loop_t *loop,
                                 const struct compare_options *options,
                                 struct comparison **comparison);

/* Whether nothing differs and all could be read. */
bool compare_is_equal(const struct comparison *comparison);

/* The text without the secrets of the environments that the databases are of; NULL for NULL. */
const char *compare_mask(const struct comparison *comparison, const char *text);

/* Notes what could not be read. */
void compare_note_unread(struct comparison *comparison, const char *name, const char *why);

#endif
