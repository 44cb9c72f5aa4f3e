#include <string.h>

#include "cli/perform.h"
#include "runtime/report/history.h"

/* "18.0/fix/notify=done" */
static const struct error *resume_read_answer(struct arena *arena, const char *text,
                                              struct acceptance_of_step *answer)
{
    const char *equals = strrchr(text, '=');
    bool done = equals && strcmp(equals, "=done") == 0;
    if (!equals || equals == text || (!done && strcmp(equals, "=again") != 0))
        return error_create(arena, OUTCOME_USAGE,
                            "write it like --accept 18.0/fix/notify=done or =again",
                            "--accept %s does not say what became of which step", text);
    *answer = (struct acceptance_of_step){
        .step = arena_copy_bytes(arena, text, (size_t)(equals - text)), .done = done};
    return NULL;
}

static const struct error *resume_run(struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    const char *folder;
    const struct error *error = history_find(arena, invocation_operand(invocation, 0), &folder);
    if (error)
        return error;
    size_t count;
    const char *const *texts = invocation_values(invocation, "accept", &count);
    struct acceptance_of_step *answers = arena_allocate(arena, (count + 1) * sizeof *answers);
    for (size_t i = 0; i < count && !error; i++)
        error = resume_read_answer(arena, texts[i], &answers[i]);
    if (error)
        return error;
    struct executor_options options = {
        .accepted = answers,
        .accepted_count = count,
        .changed_source = invocation_value(invocation, "changed-source"),
        .confirm_manual = invocation_flag(invocation, "confirm-manual"),
    };
    return perform_run(invocation, folder, NULL, &options);
}

static const struct option resume_options[] = {
    {.name = "accept",
     .argument = "STEP=ANSWER",
     .repeatable = true,
     .help = "what you found out about a step that was cut off and cannot tell itself: `done`, it "
             "did its work, or `again`, do it again"},
    {.name = "changed-source",
     .argument = "REASON",
     .help = "publish in production although the source has changed since it was copied, and lose "
             "that; the reason is written into the record"},
    {.name = "confirm-manual",
     .help = "the plan's manual steps are done or will be: do not ask for each"},
    {.name = "json", .help = "what happens as JSON lines"},
    {.name = NULL},
};

const struct command command_resume = {
    .name = "resume",
    .operands = "[RUN]",
    .minimum = 0,
    .maximum = 1,
    .summary = "go on with a run that was interrupted, failed or was killed",
    .description =
        "Goes on where the run's journal ends: with the same compiled plan, in the same "
        "environment. What the database's receipts tell to be done is not done again.\n\n"
        "RUN is a run folder, or a folder of runs, whose latest is meant; default: runs.",
    .example = "drehbuch resume runs/latest",
    .options = resume_options,
    .run = resume_run,
};
