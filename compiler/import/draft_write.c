#include <string.h>

#include "base/text_line.h"
#include "base/yaml_write.h"
#include "compiler/import/draft.h"

static void write_origin(struct buffer *output, const struct draft *draft, struct position origin,
                         const char *why)
{
    buffer_format(output, " # %s", draft_place(draft->arena, origin));
    if (why)
        buffer_format(output, ": %s", text_line(draft->arena, why));
    buffer_append_character(output, '\n');
}

static void write_head(struct buffer *output, const struct draft *draft)
{
    struct arena *arena = draft->arena;
    size_t undecided = draft_undecided(draft);
    buffer_format(output, "# Made by `drehbuch import` from %s.\n", text_line(arena, draft->what));
    if (undecided > 0)
        buffer_format(
            output,
            "# To be decided: %zu. Replace each tbd by keep, install, update, uninstall,\n"
            "# rename or merge; `drehbuch check` names those that are left.\n",
            undecided);
    buffer_append_string(output, "version: 1\ncustomer: ");
    yaml_write_text(output, draft->customer);
    buffer_append_string(output, "\ntitle: ");
    bool stays = strcmp(draft->from, draft->to) == 0;
    yaml_write_text(output, stays ? arena_format(arena, "%s, Odoo %s", draft->customer, draft->to)
                                  : arena_format(arena, "%s, Odoo %s to %s", draft->customer,
                                                 draft->from, draft->to));
    buffer_format(output, "\n\nupgrade: { from: \"%s\", to: \"%s\", with: %s }\n", draft->from,
                  draft->to, draft->with);
}

static void write_modules(struct buffer *output, const struct draft *draft)
{
    if (map_count(draft->decided) > 0)
        buffer_append_string(output, "\nmodules:\n");
    for (const struct map_entry *entry = map_first(draft->decided); entry;
         entry = map_next(entry)) {
        const struct draft_decision *decision = map_entry_value(entry);
        buffer_append_string(output, "  ");
        yaml_write_name(output, decision->module);
        buffer_format(output, ": %s", decision->action);
        write_origin(output, draft, decision->origin, decision->why);
    }
}

/* The number says how far the text is indented, which its first line may be itself. */
static void write_block(struct buffer *output, const char *text)
{
    buffer_append_string(output, "|2\n");
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (length > 0)
            buffer_append_string(output, "        ");
        buffer_append(output, text, length);
        buffer_append_character(output, '\n');
        text += length + (text[length] == '\n');
    }
}

static void write_fix(struct buffer *output, const struct draft *draft, const struct draft_fix *fix)
{
    buffer_format(output, "    - id: \"%s\"", fix->id);
    write_origin(output, draft, fix->origin, NULL);
    if (fix->last)
        buffer_append_string(output, "      phase: last\n");
    if (fix->path) {
        buffer_format(output, "      file: %s\n", fix->path);
        return;
    }
    buffer_format(output, "      %s: ", fix->member);
    if (draft_fits_block(fix->text)) {
        write_block(output, fix->text);
        return;
    }
    yaml_write_text(output, fix->text);
    buffer_append_character(output, '\n');
}

/* The versions in the order in which they first come, which is that of the upgrade. */
static void write_fixes(struct buffer *output, const struct draft *draft)
{
    struct map *written = map_create(draft->arena);
    if (draft->fix_count > 0)
        buffer_append_string(output, "\nfixes:\n");
    for (size_t i = 0; i < draft->fix_count; i++) {
        const char *version = draft->fixes[i].version;
        if (!map_add(written, version, draft->arena))
            continue;
        buffer_format(output, "  \"%s\":\n", version);
        for (size_t k = i; k < draft->fix_count; k++)
            if (strcmp(draft->fixes[k].version, version) == 0)
                write_fix(output, draft, &draft->fixes[k]);
    }
}

static void write_notes(struct buffer *output, const struct draft *draft)
{
    if (draft->note_count > 0)
        buffer_append_string(output, "\n# What has no equivalent here, and what to do instead:\n");
    for (size_t i = 0; i < draft->note_count; i++) {
        const struct draft_note *note = &draft->notes[i];
        buffer_format(output, "# %s: %s; ", draft_place(draft->arena, note->origin),
                      text_line(draft->arena, note->what));
        buffer_format(output, "%s\n", text_line(draft->arena, note->instead));
    }
}

void draft_write(const struct draft *draft, struct buffer *output)
{
    write_head(output, draft);
    write_modules(output, draft);
    write_fixes(output, draft);
    write_notes(output, draft);
}
