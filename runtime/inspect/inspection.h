/* What an upgrade of a database will have to deal with: every module, whose it is, whether the
 * target has it, and what is to be expected of the work. */
#ifndef RUNTIME_INSPECT_INSPECTION_H
#define RUNTIME_INSPECT_INSPECTION_H

#include <uv.h>

#include "runtime/inspect/own_modules.h"
#include "runtime/inspect/source.h"
#include "runtime/inspect/successors.h"

/* Where a module is at the target. */
enum module_fate {
    FATE_UNKNOWN, /* nobody could be asked */
    FATE_THERE,
    FATE_OWN,     /* Odoo itself has a module of that name there */
    FATE_RENAMED, /* another module has taken its place */
    FATE_MERGED,
    FATE_UNUSABLE, /* its code is there, but Odoo of that version does not take it */
    FATE_ABSENT,
};

/* What there is to do about a third-party module that is installed. */
enum module_work {
    WORK_NONE,      /* nothing: it is Odoo's own, or not installed */
    WORK_KEEP,      /* the target has it */
    WORK_REPLACE,   /* it has a successor under another name, or in Odoo itself */
    WORK_MIGRATE,   /* the target has it not, and it holds data or others need it */
    WORK_REMOVE,    /* the target has it not, its tables are empty, it has added none to others, and
                       no other module needs it */
    WORK_UNDECIDED, /* nothing of that can be told */
    WORK_COUNT
};

struct inspected_module {
    const char *name;
    const char *title;
    const char *state;
    const char *version; /* "" where it is not installed */
    const char *author;
    const char *license;
    bool installed; /* or about to be updated */
    enum module_class class;
    const char *evidence;        /* what tells the class */
    const struct value *needed;  /* names of installed modules that depend on it; a list */
    int64_t tables, rows, bytes; /* of the tables that it brought, but for those of dialogs */
    int64_t added;               /* columns in the tables of other modules */
    enum module_fate fate;
    const char *successor;   /* of a renamed or merged one, its name */
    bool successor_missing;  /* it is not on the addons paths */
    const char *fate_detail; /* its version there, or why it cannot be used; NULL: nothing to say */
    enum module_work work;
    const char *reason; /* of the work, one sentence without a full stop */
};

struct inspection {
    const struct environment *environment;
    struct source_facts facts;
    const char *series;         /* of the database */
    const char *target;         /* "19.0" */
    const char *target_version; /* of the Odoo that was asked; NULL: nobody was */
    const char *target_problem; /* why nobody was; NULL */
    bool exact;                 /* all rows were counted, not only those of third parties */
    struct inspected_module *modules;
    size_t count;
};

struct inspection_options {
    const char
        *target; /* NULL: the latest that the environment names, else one after the source's */
    bool exact;
    struct successors *successors; /* gets OpenUpgrade's lists added */
};

/* Asks the environment's source, and Odoo of the source's and of the target's version where the
 * environment names them. Blocks. */
const struct error *inspection_make(struct arena *arena, uv_loop_t *loop,
                                    const struct environment *environment,
                                    struct inspection_options options,
                                    struct inspection *inspection);

/* With "OCA" for the association, whose name is long and stands behind most others. */
const char *inspected_author(struct arena *arena, const struct inspected_module *module);

const char *module_work_name(enum module_work work); /* "keep", "migrate", ... */
const char *module_fate_name(enum module_fate fate); /* "there", "renamed", ... */

#endif
