/* `modules.rename` and `modules.merge`, before Odoo of the version that knows the new names first
 * loads. */
#include <string.h>

#include "runtime/steps/kinds.h"
#include "runtime/steps/modules.h"

static bool module_is_at_work(const char *state)
{
    return state && strcmp(state, "uninstalled") != 0 && strcmp(state, "uninstallable") != 0;
}

static const struct error *rename_refuse_unknown(struct transaction *transaction,
                                                 const struct module_pair *pair)
{
    return error_create(transaction_step(transaction)->arena, OUTCOME_FAILED,
                        "correct the decision; nothing was changed",
                        "the database does not know the module \"%s\"", pair->from);
}

/* What names `from` from outside now names `to`, without saying so twice. */
static void rename_references(struct transaction *transaction, const struct module_pair *pair)
{
    const char *const names[] = {pair->from, pair->to};
    const char *const tables[] = {"ir_module_module_dependency",
                                  pair->exclusions ? "ir_module_module_exclusion" : NULL};
    struct arena *arena = transaction_step(transaction)->arena;
    for (size_t i = 0; i < 2 && tables[i]; i++) {
        transaction_add(
            transaction,
            arena_format(arena,
                         "DELETE FROM %s d USING %s kept WHERE d.name = $1 AND kept.name = $2 "
                         "AND kept.module_id = d.module_id",
                         tables[i], tables[i]),
            2, names, NULL, NULL);
        transaction_add(transaction,
                        arena_format(arena, "UPDATE %s SET name = $2 WHERE name = $1", tables[i]),
                        2, names, NULL, NULL);
    }
}

static void rename_whole(struct transaction *transaction, const struct module_pair *pair)
{
    const char *const names[] = {pair->from, pair->to};
    modules_hand_over(transaction, pair);
    transaction_add(transaction, "UPDATE ir_module_module SET name = $2 WHERE name = $1", 2, names,
                    NULL, NULL);
    transaction_add(transaction,
                    "UPDATE ir_model_data SET name = 'module_' || $2 WHERE module = 'base' "
                    "AND model = 'ir.module.module' AND name = 'module_' || $1",
                    2, names, NULL, NULL);
    rename_references(transaction, pair);
    modules_note(transaction, pair->from, pair->from_state, NULL);
    modules_note(transaction, pair->to, pair->to_state, pair->from_state);
}

static const struct error *rename_build_pair(struct transaction *transaction,
                                             const struct module_pair *pair)
{
    if (!pair->from_state)
        return rename_refuse_unknown(transaction, pair);
    if (module_is_at_work(pair->to_state))
        return error_create(
            transaction_step(transaction)->arena, OUTCOME_FAILED,
            "merge it into that one instead: { action: merge, into: ... }",
            "\"%s\" cannot be renamed to \"%s\", which is in state \"%s\" in this database",
            pair->from, pair->to, pair->to_state);
    if (pair->to_state) /* listed, but without data: it makes room */
        modules_forget(transaction, pair, pair->to);
    rename_whole(transaction, pair);
    return NULL;
}

static const struct error *merge_build_pair(struct transaction *transaction,
                                            const struct module_pair *pair)
{
    const char *const into[] = {pair->to};
    if (!pair->from_state)
        return rename_refuse_unknown(transaction, pair);
    if (!pair->to_state) { /* the first of several that become one: it takes the name */
        rename_whole(transaction, pair);
        return NULL;
    }
    modules_hand_over(transaction, pair);
    modules_forget(transaction, pair, pair->from);
    rename_references(transaction, pair);
    transaction_add(transaction,
                    "DELETE FROM ir_module_module_dependency WHERE name = $1 "
                    "AND module_id = (SELECT id FROM ir_module_module WHERE name = $1)",
                    1, into, NULL, NULL); /* it may have depended on what it has swallowed */
    bool must_install = module_is_at_work(pair->from_state) && !module_is_at_work(pair->to_state);
    if (must_install)
        transaction_add(transaction,
                        "UPDATE ir_module_module SET state = 'to install' WHERE name = $1", 1, into,
                        NULL, NULL);
    modules_note(transaction, pair->from, pair->from_state, NULL);
    if (must_install)
        modules_note(transaction, pair->to, pair->to_state, "to install");
    return NULL;
}

static const struct error *rename_build(struct transaction *transaction)
{
    return modules_look_up(transaction, "to", rename_build_pair);
}

static const struct error *merge_build(struct transaction *transaction)
{
    return modules_look_up(transaction, "into", merge_build_pair);
}

static void rename_start(struct step_run *step)
{
    transaction_run(step, rename_build);
}

static void rename_preview(struct step_run *step, struct session *session)
{
    transaction_try(step, session, rename_build);
}

static void merge_start(struct step_run *step)
{
    transaction_run(step, merge_build);
}

static void merge_preview(struct step_run *step, struct session *session)
{
    transaction_try(step, session, merge_build);
}

const struct step_kind kind_modules_rename = {
    .name = "modules.rename",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .preview = rename_preview,
    .start = rename_start,
    .cancel = transaction_cancel,
};

const struct step_kind kind_modules_merge = {
    .name = "modules.merge",
    .resource = RESOURCE_DATABASE,
    .nature = transaction_nature,
    .preview = merge_preview,
    .start = merge_start,
    .cancel = transaction_cancel,
};
