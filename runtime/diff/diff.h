/* The dry run: what a compiled plan would change in an environment, found out without changing
 * anything. The result is one document (docs/diff.md); diff_write shows it to people. */
#ifndef RUNTIME_DIFF_DIFF_H
#define RUNTIME_DIFF_DIFF_H

#include "base/buffer.h"
#include "base/map.h"
#include "base/terminal.h"
#include "runtime/diff/place.h"

struct survey;

struct diff_request {
    const struct compiled_plan *plan;
    const struct environment *environment;
    struct place_choice choice;
    int64_t rows; /* changed rows that are shown of a table */
};

/* Blocks until it is done; Ctrl-C ends it, and what was made for it is removed in any case. */
const struct error *diff_make(struct arena *arena, uv_loop_t *loop,
                              const struct diff_request *request, struct value **document);

/* Whether a step failed, or its expectation does not hold. */
bool diff_has_failures(const struct value *document);

void diff_write(struct buffer *output, const struct value *document,
                const struct terminal *terminal);

/* ---- among themselves ---- */

struct diff {
    struct arena *arena;
    struct run *run;
    const struct diff_request *request;
    struct place place;
    bool stopped;
    struct map *modules; /* of the database: name to struct source_module */
    struct map *surveys; /* by version: what survey.c has asked */
    struct value *document;
};

/* Decisions: state and version of each module now and after. */
const struct error *diff_modules(struct diff *diff);

/* Steps that work in Odoo's shell, as far as SQL can tell what they would find. */
const struct error *diff_records(struct diff *diff, const struct compiled_step *step,
                                 struct value *told);
const struct error *diff_views(struct diff *diff, const struct compiled_step *step,
                               struct value *told);
const struct error *diff_config(struct diff *diff, const struct compiled_step *step,
                                struct value *told);

/* Why nobody can say beforehand what a step of this kind does. */
const char *diff_unforeseen(const char *kind);

/* What a decision's module will be called. */
const char *diff_decided_name(const struct value_member *decision);

/* What Odoo of this version has, asked once. NULL where it cannot be asked: `*why_not` tells why,
 * NULL: the environment does not name it. */
const struct survey *diff_survey(struct diff *diff, const char *version, const char **why_not);

/* Those of a module's migration scripts ("19.0.1.2/post-x.py") that Odoo will run when it updates
 * it from the version that is installed to that of its code, which is of `series`: a list. */
struct value *diff_scripts(struct arena *arena, const struct value *scripts, const char *installed,
                           const char *code, const char *series);

/* Whether the step runs migration scripts of modules, as far as can be told. */
bool diff_runs_scripts(const struct diff *diff, const struct compiled_step *step);

/* Tells of a hop by OpenUpgrade, and of an update, which migration scripts run. */
void diff_tell_scripts(struct diff *diff, const struct compiled_step *step, struct value *told);

/* What an SQL text would do that a rollback does not take back, in words; NULL: nothing known. */
const char *diff_reaches_out(struct arena *arena, const char *written, enum place_kind place);

/* Whether an SQL text changes the limits that keep a live system safe. */
bool diff_lifts_limits(struct arena *arena, const char *written);

/* The specification of a step, with its bindings filled in. */
const struct value *diff_expand(struct diff *diff, const struct compiled_step *step);

/* Whether the text names a binding that is a secret. */
bool diff_is_secret(const struct diff *diff, const char *written);

/* Sets the member `outcome` of a step and why it is that. */
void diff_conclude(struct diff *diff, struct value *told, const char *outcome, const char *why);

#endif
