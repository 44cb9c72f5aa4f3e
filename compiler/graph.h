/* The steps of an upgrade while they are put together, before they are written down.
 *
 * Each step that writes has a place: a section (prepare, the versions on the way, publish) and a
 * slot in it; slots come in the order of their enumeration, steps of a slot in the order in which
 * they were added. Checks are placed by order.h. */
#ifndef COMPILER_GRAPH_H
#define COMPILER_GRAPH_H

#include "base/map.h"
#include "base/value.h"

enum slot {
    SLOT_RESTORE,
    SLOT_PREFLIGHT,
    SLOT_HALT, /* in production: nobody works on the source from then on */
    SLOT_BACKUP,
    SLOT_DROP,
    SLOT_COPY,
    SLOT_FILESTORE_MERGE,
    SLOT_FILESTORE_CHECK,
    SLOT_RENAME,
    SLOT_MERGE,
    SLOT_HOP,
    SLOT_FIX_FIRST,
    SLOT_LATE_RENAME, /* where no hop comes between: the fixes see the old names */
    SLOT_LATE_MERGE,
    SLOT_ASSETS,
    SLOT_RULES,
    SLOT_VIEWS_RESET,
    SLOT_INSTALL,
    SLOT_UNINSTALL,
    SLOT_UPDATE,
    SLOT_CONFIG,
    SLOT_PARAMETERS,
    SLOT_CRONS,
    SLOT_MAIL_SERVERS,
    SLOT_RECORDS,
    SLOT_VIEWS,
    SLOT_FIX_LAST,
    SLOT_NEUTRALIZE,
    SLOT_STOP,
    SLOT_PUBLISH,
    SLOT_START,
    SLOT_COUNT,
};

struct step {
    const char *family; /* "fix", "check", or NULL */
    const char *name;   /* of a fix or check: its id in the plan; of others: "hop" */
    const char *id;     /* "18.0/fix/close-dead-activities": filled in by graph_name_steps */
    const char *kind;
    const char *title;
    const char *only; /* NULL: in both modes */
    struct value *spec;
    int64_t timeout;        /* milliseconds; 0: none */
    struct position origin; /* no source: the compiler added it by itself */

    const struct value *after, *before; /* what it says, or NULL: a text or a list of texts */
    bool reads_only;                    /* a check */
    bool placed; /* of a check: its section does not depend on what it names (any more) */
    bool beside; /* it may run beside the step before it in its slot: needs what that one needs */
    size_t section;
    enum slot slot; /* not of a check */

    /* Filled in by order_graph. */
    size_t index;  /* in the final order */
    size_t *needs; /* indices, ascending */
    size_t need_count;
};

struct step_list {
    struct step **items;
    size_t count;
};

struct section {
    const char *phase; /* "prepare", "18.0", "publish" */
    struct step_list slots[SLOT_COUNT];
};

struct graph {
    struct arena *arena;
    struct section *sections;
    size_t section_count;
    struct step_list checks; /* in the order of the plan */
    struct map *names;       /* from the id of a fix or check to its step */
    struct step_list order;  /* filled in by order_graph */
};

/* One section for prepare, each of the versions, and publish. */
struct graph *graph_create(struct arena *arena, const char *const *versions, size_t count);

/* Adds the step and returns where it is kept. */
struct step *graph_add(struct graph *graph, struct step step);

/* The step of that fix or check, or NULL. */
struct step *graph_find(const struct graph *graph, const char *name);

/* Gives every step of `order` its id. */
void graph_name_steps(struct graph *graph);

#endif
