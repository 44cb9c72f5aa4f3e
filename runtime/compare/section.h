/* What is compared by name: each section is a query that gives names and values, and what differs
 * is what only one side has or what has another value. */
#ifndef RUNTIME_COMPARE_SECTION_H
#define RUNTIME_COMPARE_SECTION_H

#include <stdbool.h>
#include <stddef.h>

struct comparison;
struct section_asking;
struct crew;
struct compare_options;

struct compare_section {
    const char *name;  /* in JSON: "columns" */
    const char *group; /* what the summary says: "schema" */
    const char *many;  /* in titles: "columns" */
    /* Rows (parent, key, value, secret), of text, text, text, boolean. What hangs on a parent (a
     * table, by name) is compared only where both have that. A secret value is never shown. */
    const char *sql;
    const char *const *tables; /* which both have to have, NULL-terminated, the one that it is about
                                  first; NULL: none */
    const char *const *columns; /* of the first: what values are made of, NULL-terminated. Where one
                                   is left out only names are compared */
    /* What is left out; NULL: nothing. */
    bool (*left_out)(const struct compare_options *options, const char *key);
    bool is_text;    /* values are long: shown as a difference of texts */
    bool of_version; /* PostgreSQL's versions write values in different words: then only names are
                        compared */
    bool is_note;    /* does not count, but with --strict */
};

/* The last has no name. Kept in section_schema.c and section_odoo.c. */
extern const struct compare_section compare_schema_sections[];
extern const struct compare_section compare_odoo_sections[];

struct compare_difference {
    const char *key;
    const char *values[2]; /* NULL: not there */
    bool secret;
};

struct compare_result {
    const struct compare_section *section;
    bool compared;
    bool names_only; /* values were not compared */
    size_t counts[2];
    struct compare_difference *items; /* by key */
    size_t count;
    struct section_asking *asking; /* of section.c */
};

/* Has the crew ask both sides; relations are to be known. */
void section_ask(struct comparison *comparison, struct crew *crew);

/* Fills comparison->sections with what was answered. */
void section_judge(struct comparison *comparison);

size_t compare_section_count(void);

/* Whether differences of the section count. */
bool compare_section_counts(const struct comparison *comparison,
                            const struct compare_section *section);

#endif
