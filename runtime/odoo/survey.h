/* What Odoo of one version has: its series, its PostgreSQL server, the modules on its addons paths,
 * and whether what they need outside of Odoo is there. Asked of that Odoo itself, in a process of
 * its own without a database (harness/survey.py), as its files may be on another machine. */
#ifndef RUNTIME_ODOO_SURVEY_H
#define RUNTIME_ODOO_SURVEY_H

#include "base/map.h"
#include "runtime/odoo/installation.h"
#include "runtime/odoo/manifest.h"

struct run;
struct survey;
struct surveying;

struct survey_module {
    const char *name;
    const char *path; /* of its manifest, as Odoo sees it; NULL: not on the addons paths */
    bool own;         /* lies where Odoo's own modules lie, and is not one of OCA's */
    const struct manifest *manifest;     /* NULL where it is not there or cannot be read */
    const struct error *error;           /* why it cannot be read */
    const char *sha256;                  /* over its files; NULL for Odoo's own */
    const struct value *scripts;         /* its migration scripts, "19.0.1.2/post-x.py": a list */
    const struct value *upgrade_scripts; /* OpenUpgrade's for it, in the same form */
};

struct survey_request {
    const struct installation *installation;
    bool openupgrade;            /* with OpenUpgrade's addons */
    const struct value *modules; /* names; what they depend on is looked at too */
    void (*log)(void *context, const char *line);
    /* The survey, or why there is none; from the loop. */
    void (*ended)(void *context, const struct survey *survey, const struct error *error);
    void *context;
};

/* Starts it, or says why that cannot be; the survey lives in `arena`. */
const struct error *survey_start(struct run *run, struct arena *arena,
                                 struct survey_request request, struct surveying **started);

/* Asks it to stop; it still ends. */
void survey_stop(struct surveying *surveying);

const char *survey_series(const struct survey *survey);  /* "19.0" */
const char *survey_version(const struct survey *survey); /* "19.0-20251020" */

/* The PostgreSQL server that Odoo works with: an object of `identity` and `role`, or of `error`,
 * why it cannot connect. NULL where it was not told. */
const struct value *survey_server(const struct survey *survey);

/* Those of the environment's addons folders that Odoo leaves out, as it sees no module there. */
const struct value *survey_unused_folders(const struct survey *survey);

/* One of the modules that were asked for, or that these depend on; NULL for others. */
const struct survey_module *survey_find(const struct survey *survey, const char *name);

/* Of any module on the addons paths: is it Odoo's own? False, and *known false, where none of that
 * name is there. */
bool survey_is_own(const struct survey *survey, const char *name, bool *known);

/* OpenUpgrade's apriori.py for this version: which modules were renamed and merged on the way to
 * it. Returns its path as Odoo sees it; NULL where there is none. */
const char *survey_apriori(const struct survey *survey, struct text *text);

/* What is wrong with an external dependency, or NULL where it is there. */
const char *survey_missing_package(const struct survey *survey, const char *name);
const char *survey_missing_program(const struct survey *survey, const char *name);

#endif
