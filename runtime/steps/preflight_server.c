/* Whether Odoo of every version works with the server of the working database: by its own
 * configuration it might as well upgrade a database of that name somewhere else. */
#include <string.h>

#include "runtime/run.h"
#include "runtime/steps/preflight_private.h"

/* The same whatever address the server is reached by, and in every time zone (harness/survey.py).
 */
static const char ask_server[] = "SELECT extract(epoch FROM pg_postmaster_start_time())::text || "
                                 "' ' || current_setting('port'), current_user";

static void find_at(struct preflight *preflight, const struct preflight_version *version,
                    const char *help, const char *message)
{
    struct arena *arena = preflight->step->arena;
    preflight_find(preflight, arena_format(arena, "odoo.%s", version->series),
                   error_create(arena, OUTCOME_FAILED, help, "%s", message));
}

static void compare_server(struct preflight *preflight, const struct preflight_version *version,
                           const char *identity, const char *role)
{
    const struct value *server = survey_server(version->survey);
    const char *problem = value_get_string(server, "error");
    const char *theirs = value_get_string(server, "identity");
    const char *their_role = value_get_string(server, "role");
    if (problem)
        find_at(
            preflight, version,
            "see to db_host, db_port, db_user and db_password of its configuration",
            arena_format(preflight->step->arena, "it cannot connect to PostgreSQL: %s", problem));
    else if (theirs && strcmp(theirs, identity) != 0)
        find_at(preflight, version,
                "let db_host and db_port of its configuration name the server of `work`",
                "it works with another PostgreSQL server than that of the working database");
    else if (their_role && strcmp(their_role, role) != 0)
        step_warn(preflight->step,
                  "Odoo %s connects as %s, drehbuch as %s: one may lack rights on what is the "
                  "other's",
                  version->series, their_role, role);
}

static void server_end(struct preflight *preflight)
{
    session_close(preflight->server);
    preflight->server = NULL;
    preflight_ask_steps(preflight);
}

static void server_told(void *context, const struct session_answer *answer)
{
    struct preflight *preflight = context;
    for (size_t i = 0; i < preflight->version_count && !answer->error; i++)
        if (preflight->versions[i].survey && preflight->versions[i].step_count > 0)
            compare_server(preflight, &preflight->versions[i], PQgetvalue(answer->result, 0, 0),
                           PQgetvalue(answer->result, 0, 1));
    server_end(preflight);
}

/* That the server cannot be reached is for the steps to tell that need it. */
static void server_opened(void *context, const struct error *error)
{
    struct preflight *preflight = context;
    if (error)
        server_end(preflight);
    else
        session_execute(preflight->server, ask_server, server_told, preflight);
}

void preflight_compare_servers(struct preflight *preflight)
{
    const struct run *run = preflight->step->run;
    bool asked = false;
    for (size_t i = 0; i < preflight->version_count; i++)
        asked = asked || preflight->versions[i].survey;
    if (!asked || preflight->cancelled) {
        preflight_ask_steps(preflight);
        return;
    }
    preflight->server = session_open(
        run->loop, run_target(run, &run->environment->work, "postgres"), server_opened, preflight);
}
