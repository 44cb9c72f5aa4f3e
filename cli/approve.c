#include <stdio.h>
#include <string.h>

#include "base/diagnostic.h"
#include "base/file.h"
#include "cli/command.h"
#include "runtime/approval.h"
#include "runtime/record.h"

/* The item of the acceptance list that "Make a quotation" or "Sales/Make a quotation" names. */
static struct value *approve_find_item(struct arena *arena, const struct value *results,
                                       const char *name)
{
    for (size_t i = 0; i < value_count(results); i++) {
        struct value *item = value_item(results, i);
        const char *title = value_get_string(item, "title");
        const char *area = value_get_string(item, "area");
        if (strcmp(title, name) == 0 ||
            (area && strcmp(arena_format(arena, "%s/%s", area, title), name) == 0))
            return item;
    }
    return NULL;
}

static const struct error *approve_unknown_item(struct arena *arena, const struct value *results,
                                                const char *name)
{
    const char **titles = arena_allocate(arena, (value_count(results) + 1) * sizeof *titles);
    for (size_t i = 0; i < value_count(results); i++)
        titles[i] = value_get_string(value_item(results, i), "title");
    const char *nearest = diagnostic_nearest(name, titles, value_count(results));
    return error_create(arena, OUTCOME_USAGE,
                        nearest ? arena_format(arena, "did you mean \"%s\"?", nearest)
                                : "`jq .acceptance RECORD` lists what the customer tries",
                        "the plan's acceptance list has no \"%s\"", name);
}

static const struct error *approve_set_results(const struct invocation *invocation,
                                               struct value *results, const char *option)
{
    size_t count;
    const char *const *names = invocation_values(invocation, option, &count);
    for (size_t i = 0; i < count; i++) {
        struct value *item = approve_find_item(invocation->arena, results, names[i]);
        if (!item)
            return approve_unknown_item(invocation->arena, results, names[i]);
        value_set(invocation->arena, item, "status", value_string(invocation->arena, option));
    }
    return NULL;
}

/* The plan's acceptance list with what the customer said of each item. */
static const struct error *approve_read_results(const struct invocation *invocation,
                                                const struct value *record, struct value **results)
{
    struct arena *arena = invocation->arena;
    const struct value *list = value_get(record, "acceptance");
    const char *unnamed = invocation_flag(invocation, "all-passed") ? "passed" : "untried";
    *results = value_array(arena);
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_item(list, i);
        struct value *result = value_object(arena);
        if (value_get(item, "area"))
            value_set(arena, result, "area", value_get(item, "area"));
        value_set(arena, result, "title", value_get(item, "title"));
        value_set(arena, result, "status", value_string(arena, unnamed));
        value_append(arena, *results, result);
    }
    const struct error *error = approve_set_results(invocation, *results, "passed");
    return error ? error : approve_set_results(invocation, *results, "failed");
}

static void approve_tell(const struct value *approval, const char *path)
{
    const struct value *results = value_get(approval, "acceptance");
    size_t passed = 0;
    for (size_t i = 0; i < value_count(results); i++)
        passed += strcmp(value_get_string(value_item(results, i), "status"), "passed") == 0;
    printf("%s: %s approves plan %.12s, rehearsed as %s\n", path, value_get_string(approval, "by"),
           value_get_string(approval, "plan"), value_get_string(approval, "run"));
    if (value_count(results) > 0)
        printf("accepted: %zu of %zu tried and good\n", passed, value_count(results));
    printf("%s\n", value_get(approval, "signature") ? "signed" : "not signed");
}

static const struct error *approve_write(const struct invocation *invocation,
                                         const struct value *approval)
{
    const char *path = invocation_value(invocation, "output");
    if (!path)
        path = file_join(invocation->arena,
                         file_folder(invocation->arena, invocation_operand(invocation, 0)),
                         "approval.json");
    struct buffer text = {0};
    json_write(&text, approval, JSON_INDENTED);
    const struct error *error =
        file_replace(invocation->arena, path, buffer_string(&text), text.length, 0644);
    buffer_release(&text);
    if (!error && invocation->json)
        print_json(approval, JSON_INDENTED);
    else if (!error)
        approve_tell(approval, path);
    return error;
}

static const struct error *approve_run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct approval_request request = {
        .record_path = invocation_operand(invocation, 0),
        .by = invocation_value(invocation, "by"),
        .note = invocation_value(invocation, "note"),
        .key_path = invocation_value(invocation, "key"),
    };
    if (!request.by || !request.by[0])
        return error_create(arena, OUTCOME_USAGE, "name who gives the go with --by",
                            "an approval needs a name");
    struct value *record, *approval;
    struct digest digest;
    const struct error *error = record_load(arena, request.record_path, &record, &digest);
    if (!error)
        error = approve_read_results(invocation, record, &request.acceptance);
    if (!error)
        error = approval_make(arena, &request, &approval);
    return error ? error : approve_write(invocation, approval);
}

static const struct option approve_options[] = {
    {.name = "by", .argument = "NAME", .help = "who gives the go"},
    {.name = "note", .argument = "TEXT", .help = "what there is to say about it"},
    {.name = "passed",
     .argument = "TITLE",
     .repeatable = true,
     .help = "an item of the plan's acceptance list that the customer tried and accepts, by its "
             "title, or AREA/TITLE"},
    {.name = "failed",
     .argument = "TITLE",
     .repeatable = true,
     .help = "one that the customer does not accept: then there is no approval"},
    {.name = "all-passed", .help = "the customer tried and accepts all items"},
    {.name = "key", .argument = "FILE", .help = "sign with this Ed25519 private key (PEM)"},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .help = "where to write; default: approval.json beside the record"},
    {.name = "json", .help = "the approval as JSON"},
    {.name = NULL},
};

const struct command command_approve = {
    .name = "approve",
    .operands = "RECORD",
    .minimum = 1,
    .maximum = 1,
    .summary = "write down the customer's go for a rehearsed plan",
    .description =
        "Makes the approval that production asks for. It names the plan's digest and that of the "
        "rehearsal's record (the run.json of a run folder), so it is good for nothing else.\n\n"
        "A rehearsal that did not end well, or in which a step was declared as done by hand, "
        "cannot be approved.",
    .example = "drehbuch approve runs/latest-test/run.json --by \"P. Huber\" --all-passed",
    .options = approve_options,
    .run = approve_run,
};
