/* A plan that is being made from what people have: decisions, fixes, and what has no equivalent,
 * each with the place that it was taken from. */
#ifndef COMPILER_IMPORT_DRAFT_H
#define COMPILER_IMPORT_DRAFT_H

#include "base/buffer.h"
#include "base/diagnostic.h"
#include "base/map.h"
#include "base/names.h"
#include "base/value.h"

struct draft_decision {
    const char *module;
    const char *action; /* as plans have it: "install", ..., "tbd" */
    const char *why;    /* what the comment says behind the place, or NULL */
    struct position origin;
};

struct draft_fix {
    const char *id;
    const char *version;
    const char *member; /* what holds the text: "sql" or "python" */
    const char *text;   /* what would be a binding in it is escaped */
    const char *path;   /* where it is to be written, from the plan's folder; NULL: in the plan */
    bool last;          /* in the phase `last` */
    struct position origin;
};

/* What has no equivalent in a plan. */
struct draft_note {
    struct position origin;
    const char *what;
    const char *instead; /* what to do instead */
};

struct draft {
    struct arena *arena;
    const char *what;     /* what it is made from, for the comment at the top */
    const char *customer; /* NULL while not known, as are the next three */
    const char *from;
    const char *to;
    const char *with;
    struct map *decided; /* from a module's name to its struct draft_decision */
    struct draft_fix *fixes;
    size_t fix_count;
    struct names *ids; /* the fixes' */
    struct draft_note *notes;
    size_t note_count;
};

struct draft draft_create(struct arena *arena, const char *what);

/* Decides about a module, `all` among them. A second decision that says something else makes it
 * `tbd`; what cannot be a module's name is noted. */
void draft_decide(struct draft *draft, const char *module, const char *action, const char *why,
                  struct position origin);

/* Adds a fix, with an id of its own that is made of `name`. */
void draft_fix(struct draft *draft, struct draft_fix fix, const char *name);

/* Notes what has no equivalent. `instead` is kept. */
void draft_note(struct draft *draft, struct position origin, const char *instead,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

/* How many decisions are `tbd`. */
size_t draft_undecided(const struct draft *draft);

/* Gives the longer fixes files of their own, beside the plan. */
void draft_place_fixes(struct draft *draft);

/* The plan's text, once all that was NULL is known. The same draft gives the same bytes. */
void draft_write(const struct draft *draft, struct buffer *output);

/* The same for programs: decisions, fixes and what has no equivalent, each with its `origin`. */
struct value *draft_value(const struct draft *draft);

/* "config.yml:3", in one line. */
const char *draft_place(struct arena *arena, struct position origin);

/* Whether a literal block of YAML gives `text` back. */
bool draft_fits_block(const char *text);

#endif
