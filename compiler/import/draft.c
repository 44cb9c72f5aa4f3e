#include "compiler/import/draft.h"

#include <string.h>

#include "base/template.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define MODULE_LIMIT 128
#define ID_LIMIT 80     /* of the 100 that a plan takes, so that there is room for a number */
#define INLINE_LINES 10 /* what is longer gets a file of its own */

struct draft draft_create(struct arena *arena, const char *what)
{
    return (struct draft){
        .arena = arena, .what = what, .decided = map_create(arena), .ids = names_create(arena)};
}

static bool may_be_module(const char *name)
{
    size_t length = strlen(name);
    return length > 0 && length <= MODULE_LIMIT && !strchr(DIGITS, name[0]) &&
           strspn(name, LETTERS DIGITS "_") == length;
}

/* Two places that say different things: nobody but a person can tell which counts. */
static void contradict(const struct draft *draft, struct draft_decision *known, const char *action,
                       struct position origin)
{
    if (strcmp(known->action, action) == 0)
        return;
    known->why = arena_format(draft->arena, "%s here, but %s at %s", known->action, action,
                              draft_place(draft->arena, origin));
    known->action = "tbd";
}

void draft_decide(struct draft *draft, const char *module, const char *action, const char *why,
                  struct position origin)
{
    bool all = strcmp(module, "all") == 0;
    if (!may_be_module(module) || (all && strcmp(action, "update") != 0)) {
        draft_note(draft, origin, "decide about the module by its technical name",
                   "\"%s\" cannot be a module's name", module);
        return;
    }
    struct draft_decision *known = map_get(draft->decided, module);
    if (known) {
        contradict(draft, known, action, origin);
        return;
    }
    struct draft_decision *decision = arena_allocate(draft->arena, sizeof *decision);
    *decision =
        (struct draft_decision){.module = module, .action = action, .why = why, .origin = origin};
    map_add(draft->decided, module, decision);
}

static const char *make_id(const struct draft *draft, const char *name)
{
    char *id = arena_copy_bytes(draft->arena, name, strnlen(name, ID_LIMIT));
    for (char *at = id; *at; at++)
        if (!strchr(LETTERS DIGITS "_", *at))
            *at = '-';
    size_t skipped = strspn(id, "-_");
    return names_add(draft->ids, id[skipped] ? id + skipped : "fix", "-");
}

void draft_fix(struct draft *draft, struct draft_fix fix, const char *name)
{
    fix.id = make_id(draft, name);
    fix.text = template_escape(draft->arena, fix.text);
    draft->fixes = arena_extend(draft->arena, draft->fixes, draft->fix_count, sizeof *draft->fixes);
    draft->fixes[draft->fix_count++] = fix;
}

void draft_note(struct draft *draft, struct position origin, const char *instead,
                const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *what = arena_format_arguments(draft->arena, format, arguments);
    va_end(arguments);
    draft->notes =
        arena_extend(draft->arena, draft->notes, draft->note_count, sizeof *draft->notes);
    draft->notes[draft->note_count++] =
        (struct draft_note){.origin = origin, .what = what, .instead = instead};
}

size_t draft_undecided(const struct draft *draft)
{
    size_t count = 0;
    for (const struct map_entry *entry = map_first(draft->decided); entry;
         entry = map_next(entry)) {
        const struct draft_decision *decision = map_entry_value(entry);
        count += strcmp(decision->action, "tbd") == 0;
    }
    return count;
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

void draft_place_fixes(struct draft *draft)
{
    for (size_t i = 0; i < draft->fix_count; i++) {
        struct draft_fix *fix = &draft->fixes[i];
        const char *suffix = strcmp(fix->member, "sql") == 0 ? "sql" : "py";
        if (count_lines(fix->text) > INLINE_LINES)
            fix->path = arena_format(draft->arena, "fixes/%s/%s.%s", fix->version, fix->id, suffix);
    }
}
