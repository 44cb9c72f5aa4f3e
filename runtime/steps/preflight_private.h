/* The parts of `preflight`, among themselves. They run one after the other: the source's modules
 * (preflight_source.c), Odoo of every version (preflight_odoo.c), what follows from both
 * (preflight_modules.c, preflight_addons.c), its server (preflight_server.c), every step's own
 * preflight (preflight.c). */
#ifndef RUNTIME_STEPS_PREFLIGHT_PRIVATE_H
#define RUNTIME_STEPS_PREFLIGHT_PRIVATE_H

#include "base/buffer.h"
#include "compiler/compiled.h"
#include "runtime/odoo/survey.h"
#include "runtime/postgres/conversation.h"
#include "runtime/steps/kinds.h"
#include "runtime/steps/module_plan.h"

/* Odoo of one version on the plan's way. */
struct preflight_version {
    const char *series;
    size_t index;                /* on the plan's way */
    size_t step_count;           /* that need it; 0: it is only asked which modules are its own */
    const char *first_step;      /* of these */
    bool hop;                    /* it is hopped to with OpenUpgrade */
    const struct survey *survey; /* NULL: there is none */
};

struct preflight {
    struct step_run *step;
    struct value *source; /* facts */
    struct value *odoo;   /* effects: which Odoo each version is */
    struct value *addons; /* effects: third-party modules by version, with what they hold */
    struct buffer findings;
    size_t finding_count;
    enum outcome outcome;        /* of the first finding */
    bool asking;                 /* inside of the call that begins a step's own preflight */
    struct step_run *asked;      /* whose own preflight runs, or NULL */
    struct conversation *talk;   /* with the source, or NULL */
    struct surveying *surveying; /* what is being asked of an Odoo, or NULL */
    struct session *server;      /* to the working database's server, or NULL */
    bool cancelled;
    size_t next; /* index of the step whose own preflight comes next */
    struct module_plan plan;
    struct preflight_version *versions; /* that Odoo is needed of, in the order of the way */
    size_t version_count;
    size_t surveyed; /* of these */
};

/* Adds to what is in the way. */
void preflight_find(struct preflight *preflight, const char *where, const struct error *error);

/* These go on with the next one, later or at once. */
void preflight_read_source(struct preflight *preflight);
void preflight_survey(struct preflight *preflight);
void preflight_compare_servers(struct preflight *preflight);
void preflight_ask_steps(struct preflight *preflight);

/* Whether everything that is installed has its decision, and every decision its module; whether an
 * uninstall takes along what it should not. */
void preflight_check_decisions(struct preflight *preflight);

/* Whether Odoo of the version has all code that it needs; notes the third-party addons. */
void preflight_check_code(struct preflight *preflight, const struct preflight_version *version);

/* Whether the addons are those of the rehearsal. */
void preflight_compare_addons(struct preflight *preflight);

#endif
