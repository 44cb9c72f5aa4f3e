#include <stdint.h>
#include <stdio.h>

#include "base/file.h"
#include "cli/command.h"
#include "runtime/verify.h"

static void verify_tell(const struct invocation *invocation, const char *path, const char *found)
{
    if (!invocation->json) {
        printf("%s: good: %s\n", path, found);
        return;
    }
    struct arena *arena = invocation->arena;
    struct value *told = value_object(arena);
    value_set(arena, told, "path", value_string(arena, path));
    value_set(arena, told, "found", value_string(arena, found));
    print_json(told, JSON_COMPACT);
}

static const struct error *verify_command_run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    size_t key_count;
    const char *const *keys = invocation_values(invocation, "key", &key_count);
    for (size_t i = 0; i < invocation->operand_count; i++) {
        const char *path = invocation_operand(invocation, i);
        const char *found;
        bool folder = file_exists(file_join(arena, path, "journal.jsonl"));
        const struct error *error = folder ? verify_run(arena, path, keys, key_count, &found)
                                           : verify_file(arena, path, keys, key_count, &found);
        if (error)
            return error;
        verify_tell(invocation, path, found);
    }
    return NULL;
}

static const struct option verify_options[] = {
    {.name = "key",
     .argument = "FILE",
     .repeatable = true,
     .help = "an Ed25519 public key (PEM); approvals have to be signed by one of them"},
    {.name = "json", .help = "what was found as JSON lines"},
    {.name = NULL},
};

const struct command command_verify = {
    .name = "verify",
    .operands = "FILE...",
    .minimum = 1,
    .maximum = SIZE_MAX,
    .summary = "say whether compiled plans, journals, approvals and runs are as they were written",
    .description =
        "Verifies compiled plans (form, schema, every digest), journals (the chain of digests), "
        "approvals (signature), records, and run folders (all of it, and that it belongs "
        "together). Ends at the first that is not good.",
    .example = "drehbuch verify acme.json runs/latest",
    .options = verify_options,
    .run = verify_command_run,
};
