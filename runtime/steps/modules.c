#include "runtime/steps/modules.h"

#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "base/map.h"

struct lookup {
    const char *to_member;
    const struct error *(*build)(struct transaction *transaction, const struct module_pair *pair);
};

static const struct error *lookup_take(struct transaction *transaction, void *context,
                                       const struct session_answer *answer)
{
    const struct lookup *lookup = context;
    const struct step_run *step = transaction_step(transaction);
    const struct value *modules = value_get(step->spec, "modules");
    struct map *states = map_create(step->arena);
    bool present[3] = {false};
    for (int row = 0; row < PQntuples(answer->result); row++)
        if (PQgetisnull(answer->result, row, 0))
            for (int i = 0; i < 3; i++)
                present[i] = strcmp(PQgetvalue(answer->result, row, 2 + i), "t") == 0;
        else
            map_set(states, arena_copy(step->arena, PQgetvalue(answer->result, row, 0)),
                    arena_copy(step->arena, PQgetvalue(answer->result, row, 1)));
    const struct error *error = NULL;
    for (size_t i = 0; i < value_count(modules) && !error; i++) {
        const struct value *entry = value_item(modules, i);
        struct module_pair *pair = arena_allocate(step->arena, sizeof *pair);
        *pair = (struct module_pair){.from = value_get_string(entry, "from"),
                                     .to = value_get_string(entry, lookup->to_member),
                                     .exclusions = present[0],
                                     .translations = present[1],
                                     .view_keys = present[2]};
        pair->from_state = map_get(states, pair->from);
        pair->to_state = map_get(states, pair->to);
        error = lookup->build(transaction, pair);
    }
    return error;
}

const struct error *modules_look_up(struct transaction *transaction, const char *to_member,
                                    const struct error *(*build)(struct transaction *transaction,
                                                                 const struct module_pair *pair))
{
    struct arena *arena = transaction_step(transaction)->arena;
    struct lookup *lookup = arena_allocate(arena, sizeof *lookup);
    *lookup = (struct lookup){.to_member = to_member, .build = build};
    struct buffer modules = {0};
    json_write(&modules, value_get(transaction_step(transaction)->spec, "modules"), JSON_COMPACT);
    const char *parameters[] = {buffer_string(&modules), to_member};
    transaction_add(
        transaction,
        "SELECT name, state, NULL, NULL, NULL FROM ir_module_module WHERE name IN "
        "(SELECT unnest(ARRAY[m ->> 'from', m ->> $2]) FROM jsonb_array_elements($1::jsonb) m) "
        "UNION ALL SELECT NULL, NULL, to_regclass('ir_module_module_exclusion') IS NOT NULL, "
        "to_regclass('ir_translation') IS NOT NULL, EXISTS (SELECT FROM pg_attribute "
        "WHERE attrelid = to_regclass('ir_ui_view') AND attname = 'key' AND NOT attisdropped)",
        2, parameters, lookup_take, lookup);
    buffer_release(&modules);
    return NULL;
}

/* Adds a statement whose $1 is `from` and $2 is `to`. */
static void modules_add(struct transaction *transaction, const char *sql, const char *from,
                        const char *to)
{
    const char *parameters[] = {from, to};
    transaction_add(transaction, sql, 2, parameters, NULL, NULL);
}

void modules_hand_over(struct transaction *transaction, const struct module_pair *pair)
{
    if (pair->view_keys) /* before the external ids change hands, as these tell whose view it is */
        modules_add(transaction,
                    "UPDATE ir_ui_view v SET key = $2::text || '.' || d.name FROM ir_model_data d "
                    "WHERE d.module = $1 AND d.model = 'ir.ui.view' AND d.res_id = v.id "
                    "AND v.key = $1::text || '.' || d.name",
                    pair->from, pair->to);
    modules_add(transaction,
                "DELETE FROM ir_model_data d USING ir_model_data kept "
                "WHERE d.module = $1 AND kept.module = $2 AND kept.name = d.name",
                pair->from, pair->to);
    modules_add(transaction, "UPDATE ir_model_data SET module = $2 WHERE module = $1", pair->from,
                pair->to);
    if (pair->translations)
        modules_add(transaction, "UPDATE ir_translation SET module = $2 WHERE module = $1",
                    pair->from, pair->to);
}

void modules_forget(struct transaction *transaction, const struct module_pair *pair,
                    const char *name)
{
    static const char own[] = "module_id = (SELECT id FROM ir_module_module WHERE name = $1)";
    struct arena *arena = transaction_step(transaction)->arena;
    transaction_add(transaction,
                    arena_format(arena, "DELETE FROM ir_module_module_dependency WHERE %s", own), 1,
                    &name, NULL, NULL);
    if (pair->exclusions)
        transaction_add(transaction,
                        arena_format(arena, "DELETE FROM ir_module_module_exclusion WHERE %s", own),
                        1, &name, NULL, NULL);
    transaction_add(
        transaction,
        "DELETE FROM ir_model_data WHERE module = 'base' AND model = 'ir.module.module' "
        "AND name = 'module_' || $1",
        1, &name, NULL, NULL);
    transaction_add(transaction, "DELETE FROM ir_module_module WHERE name = $1", 1, &name, NULL,
                    NULL);
}

void modules_note(struct transaction *transaction, const char *module, const char *old,
                  const char *new)
{
    struct arena *arena = transaction_step(transaction)->arena;
    struct value *all = value_get(transaction_effects(transaction), "modules");
    if (!all)
        transaction_set_effect(transaction, "modules", all = value_object(arena));
    struct value *change = value_object(arena);
    value_set(arena, change, "old", old ? value_string(arena, old) : value_null(arena));
    value_set(arena, change, "new", new ? value_string(arena, new) : value_null(arena));
    value_set(arena, all, module, change);
}
