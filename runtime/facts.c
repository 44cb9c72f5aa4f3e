#include "runtime/facts.h"

#include <stdlib.h>
#include <string.h>

struct facts {
    struct run *run;
    struct arena *arena;
    struct session *session;
    struct value *found;
    void (*callback)(void *context, struct value *facts, const struct error *error);
    void *context;
};

static void facts_end(struct facts *facts, const struct error *error)
{
    session_close(facts->session);
    facts->callback(facts->context, error ? NULL : facts->found, error);
}

static void facts_set(struct facts *facts, struct value *object, const char *key, const char *text)
{
    value_set(facts->arena, object, arena_copy(facts->arena, key),
              value_string(facts->arena, arena_copy(facts->arena, text)));
}

/* "18.0.1.3" is of the series "18.0". */
static void facts_set_series(struct facts *facts, const char *version)
{
    const char *dot = strchr(version, '.');
    dot = dot ? strchr(dot + 1, '.') : NULL;
    if (dot)
        facts_set(facts, facts->found, "series",
                  arena_copy_bytes(facts->arena, version, (size_t)(dot - version)));
}

static void facts_take_modules(void *context, const struct session_answer *answer)
{
    struct facts *facts = context;
    if (answer->error && strcmp(answer->sqlstate, "42P01") != 0) {
        facts_end(facts, error_wrap(facts->arena, answer->error, "cannot read the modules"));
        return;
    }
    struct value *modules = value_object(facts->arena);
    for (int row = 0; !answer->error && row < PQntuples(answer->result); row++) {
        const char *state = PQgetvalue(answer->result, row, 0);
        const char *count = PQgetvalue(answer->result, row, 1);
        if (strcmp(state, "") == 0)
            facts_set_series(facts, count);
        else
            value_set(facts->arena, modules, arena_copy(facts->arena, state),
                      value_integer(facts->arena, strtoll(count, NULL, 10)));
    }
    if (!answer->error)
        value_set(facts->arena, facts->found, "modules", modules);
    facts_end(facts, NULL);
}

static void facts_take_server(void *context, const struct session_answer *answer)
{
    struct facts *facts = context;
    if (answer->error) {
        facts_end(facts, error_wrap(facts->arena, answer->error, "cannot look at the database"));
        return;
    }
    facts_set(facts, facts->found, "database", PQgetvalue(answer->result, 0, 0));
    facts_set(facts, facts->found, "server_version", PQgetvalue(answer->result, 0, 1));
    value_set(facts->arena, facts->found, "size",
              value_integer(facts->arena, strtoll(PQgetvalue(answer->result, 0, 2), NULL, 10)));
    session_execute(facts->session,
                    "SELECT state, count(*)::text FROM ir_module_module GROUP BY state UNION ALL "
                    "SELECT '', latest_version FROM ir_module_module WHERE name = 'base' "
                    "AND latest_version IS NOT NULL ORDER BY 1",
                    facts_take_modules, facts);
}

static void facts_opened(void *context, const struct error *error)
{
    struct facts *facts = context;
    if (error)
        facts_end(facts, error_wrap(facts->arena, error, "the database"));
    else
        session_execute(facts->session,
                        "SELECT current_database(), current_setting('server_version'), "
                        "pg_database_size(current_database())",
                        facts_take_server, facts);
}

void facts_read(struct run *run, struct arena *arena, const struct database_address *address,
                void (*found)(void *context, struct value *facts, const struct error *error),
                void *context)
{
    struct facts *facts = arena_allocate(arena, sizeof *facts);
    *facts = (struct facts){.run = run,
                            .arena = arena,
                            .found = value_object(arena),
                            .callback = found,
                            .context = context};
    facts->session = session_open(run->loop, run_target(run, address, NULL), facts_opened, facts);
}
