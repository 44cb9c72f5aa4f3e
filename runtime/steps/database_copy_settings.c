/* The source's own settings (ALTER DATABASE ... SET, for all roles), which a template does not
 * bring along either. */
#include <string.h>

#include "runtime/steps/database_copy_private.h"

void copy_ask_settings(struct conversation *conversation, conversation_next *next)
{
    const struct copy *copy = conversation_context(conversation);
    conversation_ask(conversation,
                     "SELECT split_part(one, '=', 1), substr(one, strpos(one, '=') + 1) "
                     "FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, "
                     "unnest(s.setconfig) WITH ORDINALITY AS c (one, number) "
                     "WHERE d.datname = $1 AND s.setrole = 0 ORDER BY number",
                     1, &copy->source.name, next);
}

void copy_read_settings(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    struct step_run *step = conversation_step(conversation);
    copy->setting_count = (size_t)PQntuples(answer->result);
    copy->settings = arena_allocate(step->arena, copy->setting_count * sizeof *copy->settings);
    for (size_t i = 0; i < copy->setting_count; i++)
        copy->settings[i] = (struct copy_setting){
            .name = arena_copy(step->arena, PQgetvalue(answer->result, (int)i, 0)),
            .value = arena_copy(step->arena, PQgetvalue(answer->result, (int)i, 1))};
}

static void copy_take_over_next(struct conversation *conversation);

static void copy_taken_over(struct conversation *conversation, const struct session_answer *answer)
{
    struct copy *copy = conversation_context(conversation);
    const char *name = copy->settings[copy->next_setting++].name;
    if (answer->error)
        step_warn(conversation_step(conversation),
                  "the source's setting %s is not taken over into the copy: %s", name,
                  answer->error->message);
    copy_take_over_next(conversation);
}

/* Of an extension's own one ("acme.colour") the two parts are quoted each for itself. */
static const char *copy_quote_setting(struct conversation *conversation, const char *name)
{
    struct arena *arena = conversation_step(conversation)->arena;
    const char *dot = strchr(name, '.');
    if (!dot)
        return conversation_quote_identifier(conversation, name);
    const char *prefix = arena_copy_bytes(arena, name, (size_t)(dot - name));
    return arena_format(arena, "%s.%s", conversation_quote_identifier(conversation, prefix),
                        conversation_quote_identifier(conversation, dot + 1));
}

/* FROM CURRENT: the server knows which settings are lists, and how those are quoted. */
static void copy_take_over_next(struct conversation *conversation)
{
    struct copy *copy = conversation_context(conversation);
    if (copy->next_setting == copy->setting_count) {
        copy->settings_taken(conversation, NULL);
        return;
    }
    const struct copy_setting *setting = &copy->settings[copy->next_setting];
    conversation_try(conversation,
                     arena_format(conversation_step(conversation)->arena,
                                  "SELECT set_config(%s, %s, true); "
                                  "ALTER DATABASE %s SET %s FROM CURRENT",
                                  conversation_quote(conversation, setting->name),
                                  conversation_quote(conversation, setting->value),
                                  conversation_quote_identifier(conversation, copy->partial),
                                  copy_quote_setting(conversation, setting->name)),
                     copy_taken_over);
}

static void copy_reset(struct conversation *conversation, const struct session_answer *answer)
{
    (void)answer;
    copy_take_over_next(conversation);
}

/* What was set for the time of copying goes first. */
void copy_take_over_settings(struct conversation *conversation, conversation_next *next)
{
    struct copy *copy = conversation_context(conversation);
    copy->settings_taken = next;
    conversation_execute(conversation,
                         arena_format(conversation_step(conversation)->arena,
                                      "ALTER DATABASE %s RESET ALL",
                                      conversation_quote_identifier(conversation, copy->partial)),
                         copy_reset);
}
