#include "runtime/verify.h"

#include <string.h>

#include "base/json.h"
#include "compiler/compiled.h"
#include "runtime/approval.h"
#include "runtime/journal.h"
#include "runtime/record.h"

static const struct error *verify_plan(struct arena *arena, const char *path, const char **found)
{
    struct compiled_plan *plan;
    const struct error *error = compiled_load(arena, path, &plan);
    if (!error)
        *found = arena_format(arena, "compiled plan %.12s, %zu steps: %s", plan->digest,
                              plan->step_count, plan->title);
    return error;
}

static const struct error *verify_journal(struct arena *arena, const char *path, const char **found)
{
    struct value *entries;
    const struct error *error = journal_read(arena, path, &entries);
    if (!error)
        *found =
            arena_format(arena, "journal of %zu entries, the chain is whole", value_count(entries));
    return error;
}

static const struct error *verify_approval(struct arena *arena, const char *path,
                                           const char *const *key_paths, size_t key_count,
                                           const char **found)
{
    struct value *approval;
    struct digest digest;
    const struct error *error = approval_load(arena, path, &approval, &digest);
    if (!error)
        error = approval_verify_signature(arena, approval, key_paths, key_count);
    if (error)
        return error_wrap(arena, error, "%s", path);
    const char *signature = !value_get(approval, "signature") ? "not signed"
                            : key_count > 0                   ? "signed by a key that counts"
                                                              : "signed";
    *found =
        arena_format(arena, "approval of plan %.12s by %s, %s", value_get_string(approval, "plan"),
                     value_get_string(approval, "by"), signature);
    return NULL;
}

static const struct error *verify_record(struct arena *arena, const char *path, const char **found)
{
    struct value *record;
    struct digest digest;
    const struct error *error = record_load(arena, path, &record, &digest);
    if (!error)
        *found = arena_format(
            arena, "record of run %s of plan %.12s: %s", value_get_string(record, "run"),
            value_get_string(record, "plan"),
            value_get_string(record, "result") ? value_get_string(record, "result") : "not ended");
    return error;
}

static bool verify_ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcmp(text + length - size, end) == 0;
}

const struct error *verify_file(struct arena *arena, const char *path, const char *const *key_paths,
                                size_t key_count, const char **found)
{
    struct text text;
    struct value *document;
    if (verify_ends_with(path, ".jsonl"))
        return verify_journal(arena, path, found);
    const struct error *error = file_read(arena, path, COMPILED_SIZE_LIMIT, &text);
    if (!error)
        error = json_read(arena, text, path, &document);
    if (error)
        return error;
    const char *format = value_get_string(document, "format");
    if (format && strcmp(format, APPROVAL_FORMAT) == 0)
        return verify_approval(arena, path, key_paths, key_count, found);
    if (format && strcmp(format, RECORD_FORMAT) == 0)
        return verify_record(arena, path, found);
    return verify_plan(arena, path, found);
}

/* A record is made from its journal: made again, it has to be the same. */
static const struct error *verify_record_of_journal(struct arena *arena, const char *path,
                                                    const struct value *entries)
{
    struct value *record;
    struct digest digest;
    const struct error *error = record_load(arena, path, &record, &digest);
    if (error)
        return error;
    if (value_equal(record, record_make(arena, entries, value_get(record, "drift"))))
        return NULL;
    return error_create(arena, OUTCOME_REFUSED,
                        "believe the journal; `drehbuch resume` writes the record anew",
                        "%s is not the record that the journal beside it makes", path);
}

const struct error *verify_run(struct arena *arena, const char *folder,
                               const char *const *key_paths, size_t key_count, const char **found)
{
    static const char *const others[] = {"approval.json", "rehearsal.json"};
    struct compiled_plan *plan;
    struct value *entries;
    const char *record = file_join(arena, folder, "run.json");
    const struct error *error = compiled_load(arena, file_join(arena, folder, "plan.json"), &plan);
    if (!error)
        error = journal_read(arena, file_join(arena, folder, "journal.jsonl"), &entries);
    if (error)
        return error;
    const char *named = value_get_string(value_item(entries, 0), "plan");
    if (!named || strcmp(named, plan->digest) != 0)
        return error_create(arena, OUTCOME_REFUSED, NULL,
                            "%s/plan.json is not the plan that its journal is of", folder);
    if (file_exists(record))
        error = verify_record_of_journal(arena, record, entries);
    for (size_t i = 0; i < sizeof others / sizeof others[0] && !error; i++) {
        const char *path = file_join(arena, folder, others[i]);
        const char *ignored;
        if (file_exists(path))
            error = verify_file(arena, path, key_paths, key_count, &ignored);
    }
    *found = arena_format(arena, "run of plan %.12s, journal of %zu entries, all fits together",
                          plan->digest, value_count(entries));
    return error;
}
