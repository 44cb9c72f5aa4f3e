#include <string.h>

#include "base/file.h"
#include "runtime/journal.h"
#include "runtime/leftovers/leftovers.h"
#include "runtime/past.h"
#include "runtime/record.h"

static bool has_ended_well(struct arena *arena, const char *folder)
{
    struct value *record = NULL;
    struct digest digest;
    const struct error *error =
        record_load(arena, file_join(arena, folder, "run.json"), &record, &digest);
    const char *result = error ? NULL : value_get_string(record, "result");
    return result && strcmp(result, "done") == 0;
}

/* A rehearsal that has failed is tidied up: it is done again. One that was cut off while it
 * published, and any production run, is gone on with. */
bool leftovers_are_needed(struct arena *arena, const struct environment *environment,
                          const char *run)
{
    const char *folder = file_join(arena, environment->runs, run);
    struct value *entries = NULL;
    if (has_ended_well(arena, folder) ||
        journal_read(arena, file_join(arena, folder, "journal.jsonl"), &entries) ||
        past_rollback(entries) == ROLLBACK_GIVEN_UP)
        return false;
    return environment->mode == MODE_PRODUCTION || past_has_moved(entries, NULL);
}
