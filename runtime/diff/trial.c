#include "runtime/diff/trial.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"

#define ATTEMPTS 3

/* ---- the transaction ---- */

/* One snapshot for all: what others commit meanwhile is then never taken for a step's doing. */
const struct error *trial_begin(struct trial *trial)
{
    trial->begun = uv_now(trial->run->loop);
    const struct error *error =
        dialogue_execute(trial->dialogue,
                         arena_format(trial->arena, "%s BEGIN ISOLATION LEVEL REPEATABLE READ",
                                      trial->place->settings),
                         NULL);
    if (!error)
        error = trial_read_tables(trial);
    if (!error)
        error = catalogue_read(trial->dialogue, trial->arena, &trial->catalogue);
    return error ? error : trial_know_sequences(trial);
}

bool trial_is_over(const struct trial *trial)
{
    int64_t limit = trial->place->time_limit;
    return limit > 0 && uv_now(trial->run->loop) - trial->begun >= (uint64_t)limit;
}

void trial_end(struct trial *trial)
{
    dialogue_tidy(trial->dialogue, "ROLLBACK");
    if (trial->place->kind == PLACE_RUN && trial->original)
        trial_restore_sequences(trial);
}

bool trial_can_go_on(const struct trial *trial)
{
    return !*trial->place->stopped && !session_is_lost(dialogue_session(trial->dialogue));
}

/* ---- one attempt ---- */

static bool word_character(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* Whether `word` stands in `text` as a word of its own, in any case of letters. */
static bool text_names(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; *at; at++)
        if (strncasecmp(at, word, length) == 0 && (at == text || !word_character(at[-1])) &&
            !word_character(at[length]))
            return true;
    return false;
}

static const char *step_text(const struct compiled_step *step)
{
    const char *sql = value_get_string(step->spec, "sql");
    return sql ? sql : "";
}

/* Rows that were only locked, by foreign keys mostly, are marked too: most of them by older
 * transactions, and these come last. */
static const struct error *attempt_declare(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    struct buffer sql = {0};
    const struct map_entry *entry = map_first(attempt->cursors);
    for (; entry; entry = map_next(entry)) {
        const struct trial_table *table = map_entry_value(entry);
        buffer_format(&sql,
                      "DECLARE drehbuch_%s NO SCROLL CURSOR FOR %s WHERE t.xmax <> '0'::xid "
                      "ORDER BY age(t.xmax) > age('%s'::xid), %s;",
                      table->oid, trial_select(trial->arena, table), attempt->xid,
                      table->order ? table->order : "t.ctid");
    }
    const struct error *error =
        sql.length > 0 ? dialogue_execute(trial->dialogue, buffer_string(&sql), NULL) : NULL;
    buffer_release(&sql);
    return error;
}

static const struct error *attempt_count_tables(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    const struct error *error = NULL;
    const struct map_entry *entry = map_first(attempt->counted);
    for (; entry && !error; entry = map_next(entry)) {
        const PGresult *result;
        const struct trial_table *table = map_get(trial->tables, map_entry_key(entry));
        error =
            dialogue_ask(trial->dialogue,
                         arena_format(trial->arena, "SELECT count(*) FROM ONLY %s", table->quoted),
                         0, NULL, &result);
        if (!error)
            map_set(attempt->counted, table->oid,
                    arena_copy(trial->arena, PQgetvalue(result, 0, 0)));
    }
    return error;
}

/* The message that nobody reads gives the savepoint a number of its own; our numbers are locked by
 * ourselves, and the youngest is the savepoint's. */
static const struct error *attempt_prepare(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    const PGresult *result;
    const struct error *error =
        dialogue_execute(trial->dialogue,
                         arena_format(trial->arena,
                                      "SAVEPOINT drehbuch; SET LOCAL drehbuch.step = '%s'; SELECT "
                                      "pg_logical_emit_message(true, 'drehbuch', '')",
                                      attempt->step->digest),
                         NULL);
    if (!error)
        error = dialogue_ask(
            trial->dialogue,
            "SELECT transactionid FROM pg_locks WHERE locktype = 'transactionid' AND pid = "
            "pg_backend_pid() AND mode = 'ExclusiveLock' ORDER BY age(transactionid) LIMIT 1",
            0, NULL, &result);
    if (error)
        return error;
    attempt->xid = dialogue_text(trial->arena, result, 0, 0);
    error = attempt_count_tables(attempt);
    if (!error)
        error = attempt_declare(attempt);
    if (error || !trial->state_is_known)
        return error ? error : trial_read_state(trial, &attempt->before);
    attempt->before = trial->state;
    return NULL;
}

static void attempt_finished(struct step_run *step, const struct error *error,
                             struct value *effects)
{
    struct attempt *attempt = step->owner;
    struct arena *arena = attempt->trial->arena;
    if (error)
        attempt->error =
            error_create(arena, error->outcome, error->help ? arena_copy(arena, error->help) : NULL,
                         "%s", error->message);
    attempt->effects = effects ? value_copy(arena, effects) : value_object(arena);
    attempt->done = true;
}

static void attempt_notice(void *context, const char *text)
{
    struct attempt *attempt = context;
    struct arena *arena = attempt->trial->arena;
    if (value_count(attempt->notices) < 20)
        value_append(arena, attempt->notices, value_string(arena, arena_copy(arena, text)));
}

/* ---- the time that it may take ---- */

#define CANCEL_AGAIN 1000 /* milliseconds: it may have been between two statements */

static void attempt_cancel(uv_timer_t *timer)
{
    struct attempt *attempt = timer->data;
    attempt->took_too_long = true;
    session_cancel(dialogue_session(attempt->trial->dialogue));
}

/* The server's own limits are of one statement, and what the step calls could change them. */
static void attempt_start_limit(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    attempt->took_too_long = false;
    attempt->limit = NULL;
    if (trial->place->step_limit == 0)
        return;
    attempt->limit = arena_allocate(trial->arena, sizeof *attempt->limit);
    uv_timer_init(trial->run->loop, attempt->limit);
    attempt->limit->data = attempt;
    uv_timer_start(attempt->limit, attempt_cancel, (uint64_t)trial->place->step_limit,
                   CANCEL_AGAIN);
}

static void attempt_end_limit(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    if (attempt->limit)
        uv_close((uv_handle_t *)attempt->limit, NULL);
    if (attempt->error && attempt->took_too_long && !*trial->place->stopped)
        attempt->error = error_create(
            trial->arena, OUTCOME_FAILED,
            "try it in a scratch copy, or allow more with --statement-timeout",
            "it took longer than the %lld ms that a step may take in a live database; it was "
            "taken back",
            (long long)trial->place->step_limit);
}

/* ---- doing it ---- */

static void attempt_perform(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    struct session *session = dialogue_session(trial->dialogue);
    struct step_run *step = step_create(trial->run, attempt->step);
    attempt->error = NULL;
    attempt->done = false;
    attempt->notices = value_array(trial->arena);
    step->finished = attempt_finished;
    step->owner = attempt;
    session_on_notice(session, attempt_notice, attempt);
    step_kind_find(attempt->step->kind)->preview(step, session);
    dialogue_wait(trial->run->loop, &attempt->done);
    session_on_notice(session, NULL, NULL);
    step_destroy(step);
}

/* What a commit would do besides, and what ends with it. */
static void attempt_conclude(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    if (!attempt->error)
        attempt->error = dialogue_execute(
            trial->dialogue,
            arena_format(trial->arena,
                         "SET CONSTRAINTS ALL IMMEDIATE; RESET SESSION AUTHORIZATION; RESET ALL;%s",
                         trial->place->settings),
            NULL);
    attempt->in_use = attempt->error && strstr(attempt->error->message, "(SQLSTATE 55006)") != NULL;
}

const struct error *attempt_take_back(struct attempt *attempt)
{
    attempt->trial->state_is_known = false; /* counters also count what was taken back */
    const struct error *error =
        dialogue_execute(attempt->trial->dialogue,
                         "ROLLBACK TO SAVEPOINT drehbuch; RELEASE SAVEPOINT drehbuch; DEALLOCATE "
                         "ALL; SELECT pg_advisory_unlock_all()",
                         NULL);
    return error ? error : trial_put_sequences_back(attempt->trial);
}

/* Looking may fail like the step itself: others hold a table, or it takes too long. */
static const struct error *attempt_run(struct attempt *attempt)
{
    const struct error *error = attempt_prepare(attempt);
    if (error && !trial_can_go_on(attempt->trial))
        return error;
    if (error) {
        attempt->error = error;
        attempt->in_use = false;
        attempt->notices = value_array(attempt->trial->arena);
        return attempt_take_back(attempt);
    }
    attempt_start_limit(attempt);
    attempt_perform(attempt);
    attempt_conclude(attempt);
    attempt_end_limit(attempt);
    if (attempt->error)
        return attempt_take_back(attempt);
    return trial_read_state(attempt->trial, &attempt->after);
}

/* ---- what a further attempt should look at ---- */

bool attempt_is_locked(const struct attempt *attempt, const char *oid)
{
    const char *mode = value_get_string(attempt->after.locks, oid);
    const char *before = value_get_string(attempt->before.locks, oid);
    return mode && strcmp(mode, "AccessExclusiveLock") == 0 &&
           (!before || strcmp(before, mode) != 0);
}

bool attempt_rewrote(const struct attempt *attempt, const char *oid)
{
    const char *key = arena_format(attempt->trial->arena, "r%s", oid);
    const struct value *before = value_get(attempt->trial->catalogue, key);
    const struct value *after = value_get(attempt->catalogue, key);
    return before && after &&
           strcmp(value_get_string(before, "storage"), value_get_string(after, "storage")) != 0;
}

/* Adds the tables that were written without a cursor on them, and those whose rows before have to
 * be counted; whether there are any. */
static bool attempt_learn(struct attempt *attempt, struct map *cursors, struct map *counted)
{
    bool learned = false;
    const struct map_entry *entry = map_first(attempt->trial->tables);
    for (; entry; entry = map_next(entry)) {
        const char *oid = map_entry_key(entry);
        struct trial_table *table = map_entry_value(entry);
        if (attempt->catalogue && attempt_rewrote(attempt, oid) && map_add(counted, oid, ""))
            learned = true;
        if (attempt_is_locked(attempt, oid) ||
            (attempt_count(attempt, oid, 1) == 0 && attempt_count(attempt, oid, 2) == 0))
            continue;
        map_set(cursors, oid, table);
        if (!map_get(attempt->cursors, oid))
            learned = true;
    }
    return learned;
}

bool trial_names(const struct compiled_step *step, const struct trial_table *table)
{
    const char *text = step_text(step);
    return text_names(text, table->short_name) || text_names(text, strrchr(table->root, '.') + 1);
}

static struct map *attempt_guess(const struct trial *trial, const struct compiled_step *step)
{
    struct map *cursors = map_create(trial->arena);
    const struct map_entry *entry = map_first(trial->tables);
    for (; step_text(step)[0] && entry; entry = map_next(entry)) {
        struct trial_table *table = map_entry_value(entry);
        if (trial_names(step, table))
            map_set(cursors, table->oid, table);
    }
    return cursors;
}

const struct error *trial_attempt(struct attempt *attempt)
{
    struct trial *trial = attempt->trial;
    const struct error *error = NULL;
    attempt->cursors = attempt_guess(trial, attempt->step);
    attempt->counted = map_create(trial->arena);
    for (int i = 0; i < ATTEMPTS && !error; i++) {
        attempt->catalogue = NULL;
        error = attempt_run(attempt);
        if (error || (attempt->error && !attempt->in_use))
            return error;
        struct map *cursors = map_create(trial->arena), *counted = attempt->counted;
        if (attempt->in_use) {
            attempt->cursors = cursors;
            continue;
        }
        if (strcmp(attempt->before.catalogue, attempt->after.catalogue) != 0)
            error = catalogue_read(trial->dialogue, trial->arena, &attempt->catalogue);
        if (error || i + 1 == ATTEMPTS || !attempt_learn(attempt, cursors, counted))
            return error;
        attempt->cursors = cursors;
        error = attempt_take_back(attempt);
    }
    return error;
}
