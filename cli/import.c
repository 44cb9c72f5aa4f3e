#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/notation.h"
#include "base/text_line.h"
#include "cli/diagnose.h"
#include "compiler/import/import.h"

/* What was not told is asked for, not guessed. */
static const struct error *import_complete(struct invocation *invocation, struct draft *draft)
{
    static const struct {
        const char *option;
        const char *what;
    } asked[] = {{"customer", "the customer's short name"},
                 {"from", "the version that the database has"},
                 {"to", "the version that it shall have"},
                 {"with", "whose scripts upgrade it"}};
    const char **values[] = {&draft->customer, &draft->from, &draft->to, &draft->with};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        const char *given = invocation_value(invocation, asked[i].option);
        if (given)
            *values[i] = given;
        bool stays = draft->from && draft->to && strcmp(draft->from, draft->to) == 0;
        if (values[i] == &draft->with && stays)
            draft->with = "none";
        if (!*values[i])
            return error_create(
                invocation->arena, OUTCOME_USAGE,
                arena_format(invocation->arena, "say it with --%s", asked[i].option),
                "%s does not tell %s", invocation_operand(invocation, 0), asked[i].what);
    }
    if (strcmp(draft->from, draft->to) > 0) /* both are of four characters */
        return error_create(invocation->arena, OUTCOME_USAGE, "say them with --from and --to",
                            "from %s to %s is no upgrade", draft->from, draft->to);
    return NULL;
}

static const struct error *import_check_options(struct invocation *invocation)
{
    static const char *const versions[] = {"from", "to"};
    const char *customer = invocation_value(invocation, "customer");
    if (customer && !notation_is_customer(customer))
        return error_create(invocation->arena, OUTCOME_USAGE,
                            "use up to 64 letters, digits, `-`, `_` and `.`, beginning with a "
                            "letter or digit",
                            "--customer: \"%s\" cannot be a customer's name", customer);
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        const char *version = invocation_value(invocation, versions[i]);
        int series;
        if (version && !notation_read_version(version, &series))
            return error_create(invocation->arena, OUTCOME_USAGE, "say it like 18.0",
                                "--%s: \"%s\" is no version from 14.0 to 19.0", versions[i],
                                version);
    }
    return NULL;
}

static const struct error *import_check_free(struct invocation *invocation, const char *path)
{
    if (!file_exists(path))
        return NULL;
    return error_create(invocation->arena, OUTCOME_REFUSED, "remove it, or name another file",
                        "%s is there already", path);
}

/* The error that made it necessary is told; one here would only hide it. */
static void import_take_back(const char *path)
{
    if (unlink(path) != 0)
        fprintf(stderr, "%s is left\n", path);
}

/* The plan comes last, so that one that is there has all its files. What was written before a
 * failure is taken away. */
static const struct error *import_write(struct invocation *invocation, const struct draft *draft,
                                        const char *path, const struct buffer *text)
{
    struct arena *arena = invocation->arena;
    const char *folder = file_folder(arena, path);
    const struct error *error = import_check_free(invocation, path);
    for (size_t i = 0; !error && i < draft->fix_count; i++)
        if (draft->fixes[i].path)
            error = import_check_free(invocation, file_join(arena, folder, draft->fixes[i].path));
    size_t written = 0;
    for (; !error && written < draft->fix_count; written++) {
        const struct draft_fix *fix = &draft->fixes[written];
        const char *file = fix->path ? file_join(arena, folder, fix->path) : NULL;
        if (file)
            error = file_make_folder(arena, file_folder(arena, file), 0777);
        if (file && !error)
            error = file_create(arena, file, fix->text, strlen(fix->text), 0666);
        if (error)
            break;
    }
    if (!error)
        error = file_create(arena, path, buffer_string(text), text->length, 0666);
    for (size_t i = 0; error && i < written; i++)
        if (draft->fixes[i].path)
            import_take_back(file_join(arena, folder, draft->fixes[i].path));
    return error;
}

static void import_tell_notes(struct invocation *invocation, const struct draft *draft)
{
    if (draft->note_count > 0)
        fprintf(stderr, "%zu without an equivalent, listed at the end of the plan:\n",
                draft->note_count);
    for (size_t i = 0; i < draft->note_count; i++) {
        const struct draft_note *note = &draft->notes[i];
        fprintf(stderr, "%s: %s\n    %s\n", draft_place(invocation->arena, note->origin),
                text_line(invocation->arena, note->what), note->instead);
    }
}

/* What was written, or the plan itself where that went nowhere. */
static void import_tell(struct invocation *invocation, const struct draft *draft, const char *path,
                        const struct buffer *text)
{
    if (invocation->json) {
        print_json_plan(invocation->arena, draft_value(draft), path, text);
        return;
    }
    if (!path)
        fwrite(buffer_string(text), 1, text->length, stdout);
    import_tell_notes(invocation, draft);
    if (path)
        printf("%s: %zu decisions, %zu of them tbd; %zu fixes; then: drehbuch check %s\n", path,
               map_count(draft->decided), draft_undecided(draft), draft->fix_count, path);
}

static const struct error *import_finish(struct invocation *invocation, struct draft *draft)
{
    const char *path = invocation_value(invocation, "output");
    bool to_file = path && strcmp(path, "-") != 0;
    const struct error *error = import_complete(invocation, draft);
    if (error)
        return error;
    if (to_file)
        draft_place_fixes(draft);
    struct buffer text = {0};
    draft_write(draft, &text);
    if (to_file)
        error = import_write(invocation, draft, path, &text);
    if (!error)
        import_tell(invocation, draft, to_file ? path : NULL, &text);
    buffer_release(&text);
    return error;
}

static const struct error *import_run(struct invocation *invocation)
{
    struct diagnostics diagnostics = diagnostics_create(invocation->arena);
    const struct error *error = import_check_options(invocation);
    if (error)
        return error;
    struct draft draft = import_read(invocation->arena, invocation_operand(invocation, 0),
                                     invocation_value(invocation, "format"), &diagnostics);
    if (diagnostics.error_count == 0)
        return import_finish(invocation, &draft);
    diagnose_tell(invocation, &diagnostics);
    if (!invocation->json)
        fprintf(stderr, "%s; nothing was written\n",
                diagnose_count(invocation->arena, &diagnostics));
    invocation->outcome = OUTCOME_INVALID;
    return NULL;
}

static const struct option import_options[] = {
    {.name = "format",
     .argument = "marabunta|playbook|wizard",
     .help = "what PATH is; default: a folder is the wizard's, a file whose name ends in .yml or "
             ".yaml is marabunta's, any other file the playbook's"},
    {.name = "from", .argument = "VERSION", .help = "the version that the database has, like 18.0"},
    {.name = "to", .argument = "VERSION", .help = "the version that it shall have, like 19.0"},
    {.name = "with",
     .argument = "openupgrade|enterprise",
     .help = "whose scripts upgrade it, where the versions differ"},
    {.name = "customer", .argument = "NAME", .help = "the customer's short name"},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .help = "the plan to write, which must not be there yet; longer fixes go into the folder "
             "`fixes` beside it; default, and `-`: standard output"},
    {.name = "json",
     .help = "what was decided, what not, and what has no equivalent as JSON; the plan in its "
             "member `plan` where no file is named"},
    {.name = NULL},
};

const struct command command_import = {
    .name = "import",
    .operands = "PATH",
    .minimum = 1,
    .maximum = 1,
    .summary = "make a plan from what people have",
    .description =
        "Makes a plan from a migration file of marabunta, from the dotenv file of a playbook, or "
        "from the folder of odoo-openupgrade-wizard. Each decision and fix says where it was taken "
        "from.\n\n"
        "Nothing is guessed: what is ambiguous is `tbd`, and what a plan has no equivalent for is "
        "listed, with what to do instead, at the end of the plan and on standard error. What the "
        "file does not tell (the customer, the versions, whose scripts) is asked for.\n\n"
        "Nothing that is read is executed. Where anything is wrong with it, nothing is written and "
        "the exit code is 3.",
    .example = "drehbuch import migration.yml --customer acme --to 19.0 -o plan.yaml",
    .options = import_options,
    .run = import_run,
};
