/* What is told of a step that was tried: runtime/diff/trial.h. */
#include <stdlib.h>
#include <string.h>

#include "runtime/diff/trial.h"

static struct value *attempt_effects(struct attempt *attempt)
{
    struct arena *arena = attempt->trial->arena;
    static const char *const members[] = {"inserted", "updated", "deleted"};
    struct value *tables = value_object(arena);
    for (size_t i = 0; i < value_count(attempt->after.counts); i++) {
        const char *oid = attempt->after.counts->as.object.members[i].key;
        const struct value *object =
            value_get(attempt->catalogue ? attempt->catalogue : attempt->trial->catalogue,
                      arena_format(arena, "r%s", oid));
        struct value *counts = value_object(arena);
        int64_t sum = 0;
        for (int which = 0; which < 3; which++) {
            int64_t count = attempt_count(attempt, oid, which);
            sum += count;
            value_set(arena, counts, members[which], value_integer(arena, count));
        }
        if (sum > 0 && object)
            value_set(arena, tables, value_get_string(object, "name"), counts);
    }
    if (value_count(tables) > 0)
        value_set(arena, attempt->effects, "tables", tables);
    return attempt->effects;
}

static struct value *attempt_locks(struct attempt *attempt)
{
    struct arena *arena = attempt->trial->arena;
    struct value *locks = value_array(arena);
    for (size_t i = 0; i < value_count(attempt->after.locks); i++) {
        const struct value_member *lock = &attempt->after.locks->as.object.members[i];
        const struct value *object =
            value_get(attempt->trial->catalogue, arena_format(arena, "r%s", lock->key));
        const char *held = value_get_string(attempt->before.locks, lock->key);
        if (!object || (held && strcmp(held, value_as_string(lock->value)) == 0))
            continue; /* new, so that nobody waits for it; or held since an earlier step */
        struct value *told = value_object(arena);
        value_set(arena, told, "table", value_get(object, "name"));
        value_set(arena, told, "mode", lock->value);
        value_append(arena, locks, told);
    }
    return locks;
}

static void attempt_tell_error(struct arena *arena, struct value *told, const char *outcome,
                               const struct error *error)
{
    struct value *members = value_object(arena);
    value_set(arena, members, "message", value_string(arena, error->message));
    if (error->help)
        value_set(arena, members, "help", value_string(arena, error->help));
    value_set(arena, told, "outcome", value_string(arena, outcome));
    value_set(arena, told, "error", members);
}

static void told_set(struct arena *arena, struct value *told, const char *member,
                     struct value *list)
{
    if (value_count(list) > 0)
        value_set(arena, told, member, list);
}

/* How many rows the tables that were emptied or rewritten had, and have. */
static const struct error *attempt_tell_rewritten(struct attempt *attempt, struct value *told)
{
    struct trial *trial = attempt->trial;
    struct arena *arena = trial->arena;
    struct value *rewritten = value_array(arena);
    const struct error *error = NULL;
    const struct map_entry *entry = map_first(attempt->counted);
    for (; entry && !error; entry = map_next(entry)) {
        const PGresult *result;
        const struct trial_table *table = map_get(trial->tables, map_entry_key(entry));
        if (!table || !attempt_rewrote(attempt, table->oid))
            continue;
        error = dialogue_ask(trial->dialogue,
                             arena_format(arena, "SELECT count(*) FROM ONLY %s", table->quoted), 0,
                             NULL, &result);
        if (error)
            return error;
        struct value *item = value_object(arena);
        value_set(arena, item, "table", value_string(arena, table->name));
        value_set(arena, item, "old",
                  value_integer(arena, strtoll(map_entry_value(entry), NULL, 10)));
        value_set(arena, item, "new",
                  value_integer(arena, strtoll(PQgetvalue(result, 0, 0), NULL, 10)));
        value_append(arena, rewritten, item);
    }
    told_set(arena, told, "rewritten", rewritten);
    return error;
}

/* Whether it changed more rows than the place allows: it is then taken back. */
static const struct error *attempt_check_limit(struct attempt *attempt)
{
    int64_t sum = 0, limit = attempt->trial->place->row_limit;
    for (size_t i = 0; i < value_count(attempt->after.counts); i++)
        for (int which = 0; which < 3; which++)
            sum += attempt_count(attempt, attempt->after.counts->as.object.members[i].key, which);
    if (limit == 0 || sum <= limit)
        return NULL;
    return error_create(attempt->trial->arena, OUTCOME_FAILED,
                        "try it in a scratch copy, or allow more with --limit",
                        "it changed %lld rows, more than the %lld that may be changed in a live "
                        "database; it was taken back",
                        (long long)sum, (long long)limit);
}

/* The next step finds all constraints as they are declared. */
static const struct error *attempt_put_constraints_back(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    const PGresult *result;
    const struct error *error = dialogue_ask(
        trial->dialogue,
        "SELECT string_agg(DISTINCT format('%I.%I', n.nspname, k.conname), ', ') FROM "
        "pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace WHERE k.condeferred",
        0, NULL, &result);
    if (error || PQgetisnull(result, 0, 0))
        return error;
    return dialogue_execute(
        trial->dialogue,
        arena_format(trial->arena, "SET CONSTRAINTS %s DEFERRED", PQgetvalue(result, 0, 0)), NULL);
}

static const struct error *attempt_release(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    trial->state = attempt->after;
    trial->state_is_known = !attempt->catalogue; /* it also forgets what was counted of a table */
    const struct error *error = dialogue_execute(
        trial->dialogue,
        "CLOSE ALL; DISCARD TEMP; DEALLOCATE ALL; RELEASE SAVEPOINT drehbuch; SELECT "
        "pg_advisory_unlock_all()",
        NULL);
    if (!error)
        error = attempt_put_constraints_back(attempt);
    if (error || !attempt->catalogue)
        return error;
    trial->catalogue = attempt->catalogue;
    return trial_read_tables(trial);
}

/* Nobody shall wait in a live system for more than the step itself. */
static const struct error *attempt_end(struct attempt *attempt, struct value *told)
{
    struct arena *arena = attempt->trial->arena;
    if (attempt->trial->place->kind != PLACE_LIVE || value_count(value_get(told, "locks")) == 0)
        return attempt_release(attempt);
    value_set(arena, told, "why",
              value_string(arena, "taken back at once, so that nobody waits for its locks: what "
                                  "comes behind it is tried as if it had not been"));
    const struct error *error = attempt_take_back(attempt);
    return error || !attempt->catalogue ? error : trial_read_tables(attempt->trial);
}

static const struct error *attempt_tell(struct attempt *attempt, struct value *told)
{
    struct trial *trial = attempt->trial;
    struct arena *arena = trial->arena;
    struct value *tables = NULL;
    const struct error *limit = attempt_check_limit(attempt);
    if (limit) {
        attempt_tell_error(arena, told, "given-up", limit);
        return attempt_take_back(attempt);
    }
    const struct error *error = attempt_read_rows(attempt, &tables);
    if (error)
        return error;
    value_set(arena, told, "outcome", value_string(arena, "tried"));
    value_set(arena, told, "effects", attempt_effects(attempt));
    told_set(arena, told, "tables", tables);
    told_set(arena, told, "locks", attempt_locks(attempt));
    if (attempt->catalogue)
        told_set(arena, told, "catalogue",
                 catalogue_compare(arena, trial->catalogue, attempt->catalogue));
    error = attempt_tell_rewritten(attempt, told);
    return error ? error : attempt_end(attempt, told);
}

/* A lock of others', or rows that they have written since: a copy would have neither. */
static bool attempt_met_others(const struct attempt *attempt)
{
    return attempt->trial->place->kind == PLACE_LIVE &&
           (strstr(attempt->error->message, "(SQLSTATE 55P03)") ||
            strstr(attempt->error->message, "(SQLSTATE 40001)"));
}

const struct error *trial_step(struct trial *trial, const struct compiled_step *step,
                               struct value *told)
{
    struct attempt attempt = {.trial = trial, .step = step};
    const struct error *error = trial_attempt(&attempt);
    if (error)
        return error;
    if (attempt.error && attempt.error->outcome == OUTCOME_INTERRUPTED)
        return attempt.error;
    if (attempt.error)
        attempt_tell_error(trial->arena, told, attempt_met_others(&attempt) ? "given-up" : "failed",
                           attempt.error);
    else
        error = attempt_tell(&attempt, told);
    if (!error && attempt.error)
        error = attempt_find_sequences(&attempt);
    if (error)
        return error;
    struct value *moved = attempt_sequences(&attempt);
    told_set(trial->arena, told, "sequences", moved);
    told_set(trial->arena, told, "notices", attempt.notices);
    return attempt_keep_sequences(&attempt, moved);
}
