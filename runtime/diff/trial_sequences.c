/* Sequences: no rollback takes back what was drawn from them. What a step has moved is told; where
 * nobody else works they are put back, exactly: runtime/diff/trial.h. */
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "runtime/diff/trial.h"

/* ---- where they are ---- */

/* Sequences that were not drawn from since they were made or restarted have a next value that only
 * they themselves tell: [last_value, is_called] by name, of all. */
static const struct error *trial_read_exactly(struct trial *trial, struct value **exact)
{
    const PGresult *result;
    *exact = value_object(trial->arena);
    const struct error *error = dialogue_ask(
        trial->dialogue,
        "SELECT string_agg(format('SELECT %L AS name, last_value, is_called FROM %I.%I', "
        "schemaname || '.' || sequencename, schemaname, sequencename), ' UNION ALL ') FROM "
        "pg_sequences WHERE has_sequence_privilege(format('%I.%I', schemaname, sequencename), "
        "'SELECT')",
        0, NULL, &result);
    if (error || PQgetisnull(result, 0, 0))
        return error;
    error = dialogue_ask(
        trial->dialogue,
        arena_format(trial->arena,
                     "SELECT json_object_agg(name, json_build_array(last_value, is_called)) FROM "
                     "(%s) AS all_of",
                     PQgetvalue(result, 0, 0)),
        0, NULL, &result);
    if (error)
        return error;
    const char *json = PQgetvalue(result, 0, 0);
    return json_read(trial->arena, (struct text){.bytes = json, .length = strlen(json)},
                     "the sequences", exact);
}

const struct error *trial_know_sequences(struct trial *trial)
{
    struct trial_state state = {0};
    const struct error *error = NULL;
    if (trial->place->kind != PLACE_LIVE)
        error = trial_read_exactly(trial, &trial->original);
    trial->exact = trial->original ? value_copy(trial->arena, trial->original) : NULL;
    if (!error)
        error = trial_read_state(trial, &state);
    trial->sequences = state.sequences;
    return error;
}

/* ---- putting them back ---- */

static const char *trial_write_sequences(struct trial *trial, const struct value *exact)
{
    struct buffer json = {0};
    json_write(&json, exact, JSON_COMPACT);
    const char *sql = arena_format(
        trial->arena,
        "SELECT setval(s.oid::regclass, (k.value ->> 0)::bigint, (k.value ->> 1)::boolean) FROM "
        "jsonb_each(%s::jsonb) k JOIN (SELECT c.oid, n.nspname || '.' || c.relname AS name FROM "
        "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' OFFSET 0) "
        "s ON "
        "s.name = k.key WHERE pg_sequence_last_value(s.oid) IS DISTINCT FROM CASE WHEN (k.value "
        "->> 1)::boolean THEN (k.value ->> 0)::bigint END",
        session_quote(dialogue_session(trial->dialogue), trial->arena, buffer_string(&json)));
    buffer_release(&json);
    return sql;
}

const struct error *trial_put_sequences_back(struct trial *trial)
{
    if (trial->place->kind == PLACE_LIVE)
        return NULL;
    return dialogue_execute(trial->dialogue, trial_write_sequences(trial, trial->exact), NULL);
}

void trial_restore_sequences(struct trial *trial)
{
    dialogue_tidy(trial->dialogue, trial_write_sequences(trial, trial->original));
}

/* ---- what a step has moved ---- */

/* A member that mostly stands at the same place: both lists are in order of names. */
static const struct value *list_get(const struct value *object, size_t place, const char *key)
{
    const struct value_member *member =
        place < value_count(object) ? &object->as.object.members[place] : NULL;
    return member && strcmp(member->key, key) == 0 ? member->value : value_get(object, key);
}

struct value *attempt_sequences(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    struct arena *arena = trial->arena;
    struct value *moved = value_array(arena);
    for (size_t i = 0; i < value_count(attempt->after.sequences); i++) {
        const struct value_member *sequence = &attempt->after.sequences->as.object.members[i];
        const struct value *before = list_get(trial->sequences, i, sequence->key);
        if (before && value_equal(before, sequence->value))
            continue;
        struct value *told = value_object(arena);
        value_set(arena, told, "name", value_string(arena, sequence->key));
        value_set(arena, told, "old", before ? value_copy(arena, before) : value_null(arena));
        value_set(arena, told, "new", sequence->value);
        value_append(arena, moved, told);
    }
    return moved;
}

/* Of a step that was taken back: all that have moved since are told, others' doing among them. */
const struct error *attempt_find_sequences(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    attempt->after.sequences = trial->sequences;
    if (trial->place->kind != PLACE_LIVE)
        return NULL; /* they were put back */
    return trial_read_state(trial, &attempt->after);
}

/* What others then see of a sequence stays, whatever is rolled back: to there a later step is taken
 * back. */
const struct error *attempt_keep_sequences(struct attempt *attempt, struct value *moved)
{
    struct trial *trial = attempt->trial;
    struct arena *arena = trial->arena;
    trial->sequences = attempt->after.sequences;
    for (size_t i = 0; trial->exact && i < value_count(moved); i++) {
        const struct value *sequence = value_item(moved, i);
        struct value *new = value_get(sequence, "new"), *pair = value_array(arena);
        if (new->kind != VALUE_INTEGER)
            return trial_read_exactly(trial, &trial->exact);
        value_append(arena, pair, new);
        value_append(arena, pair, value_boolean(arena, true));
        value_set(arena, trial->exact, value_get_string(sequence, "name"), pair);
    }
    return NULL;
}
