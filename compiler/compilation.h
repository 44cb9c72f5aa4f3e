/* One compilation, as its stages share it: from the merged plan to the steps of the graph.
 *
 * Every stage takes any plan, also one that does not fit the schema: it lowers what it can make
 * sense of and reports what only it can see. Nothing is used of a graph with errors. */
#ifndef COMPILER_COMPILATION_H
#define COMPILER_COMPILATION_H

#include "compiler/bindings.h"
#include "compiler/graph.h"
#include "compiler/plan.h"
#include "compiler/route.h"

#define INCLUDED_SIZE_LIMIT ((size_t)64 * 1024 * 1024) /* bytes of one file that a plan names */
#define CONTENT_SIZE_LIMIT ((size_t)256 * 1024 * 1024) /* bytes of all texts of a compiled plan */

struct compilation {
    struct arena *arena;
    struct diagnostics *diagnostics;
    struct files *files;
    struct plan *plan;
    struct route route;
    struct bindings *bindings;
    struct graph *graph;
    struct value *modules; /* the decisions in their full form, for the compiled plan */
    struct value *leaving[ROUTE_LIMIT + 1]; /* by section: modules that the hop to it leaves as they
                                               are, as they are uninstalled from there on */
    size_t content;   /* bytes of the files that were taken in, each time it was */
    size_t errors;    /* there were of plans before */
    bool ids_missing; /* a fix or check has no id that can be used */
};

/* decisions.c: checks what becomes of the modules, and adds rename, merge, install, uninstall and
 * update. */
void lower_decisions(struct compilation *compilation);

/* settings.c */
void lower_settings(struct compilation *compilation);

/* views.c */
void lower_views(struct compilation *compilation);

/* fixes.c */
void lower_fixes(struct compilation *compilation);

/* checks.c */
void lower_checks(struct compilation *compilation);

/* frame.c: what every upgrade has: prepare, hops, resets, neutralize, publish. */
void lower_frame(struct compilation *compilation);

/* order.c: puts all steps into the graph's `order`, with what each needs. */
void order_graph(struct compilation *compilation);

/* lower.c: what several of these need. */

/* The text of a file that `name` names, taken in; NULL after a diagnostic. */
const struct included *lower_include(struct compilation *compilation, const struct value *name);

/* The texts "test" and "production" of a member `only`; NULL for none. */
const char *lower_only(const struct value *object);

/* Milliseconds of a duration; 0 where there is none. */
int64_t lower_duration(const struct value *duration);

/* A range as text: "0..500"; NULL where it is none. */
struct value *lower_range(struct compilation *compilation, const struct value *range);

/* Reads id, title, only, timeout, after, before of a fix or check; false, with a diagnostic where
 * the schema gives none, where it has no id of its own. */
bool lower_head(struct compilation *compilation, const struct value *object, struct step *step);

/* The section of the target version, and of publish. */
size_t lower_target_section(const struct compilation *compilation);
size_t lower_publish_section(const struct compilation *compilation);

/* Sets a text in a specification. */
void lower_set(struct compilation *compilation, struct value *object, const char *key,
               const char *text);

/* sql.c: checks the SQL of a fix (`in_transaction`: as most do) or of a check. */
enum sql_place { SQL_OF_FIX, SQL_OF_FIX_ALONE, SQL_OF_CHECK };
void lower_check_sql(struct compilation *compilation, const struct passage *passage,
                     enum sql_place place);

#endif
