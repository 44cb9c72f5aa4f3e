/* A draft for programs. */
#include "compiler/import/draft.h"

static void set_text(struct arena *arena, struct value *object, const char *member,
                     const char *text)
{
    if (text)
        value_set(arena, object, member, value_string(arena, text));
}

static struct value *value_of_decisions(const struct draft *draft)
{
    struct arena *arena = draft->arena;
    struct value *list = value_array(arena);
    for (const struct map_entry *entry = map_first(draft->decided); entry;
         entry = map_next(entry)) {
        const struct draft_decision *decision = map_entry_value(entry);
        struct value *item = value_object(arena);
        set_text(arena, item, "module", decision->module);
        set_text(arena, item, "action", decision->action);
        set_text(arena, item, "why", decision->why);
        set_text(arena, item, "origin", draft_place(arena, decision->origin));
        value_append(arena, list, item);
    }
    return list;
}

static struct value *value_of_fixes(const struct draft *draft)
{
    struct arena *arena = draft->arena;
    struct value *list = value_array(arena);
    for (size_t i = 0; i < draft->fix_count; i++) {
        const struct draft_fix *fix = &draft->fixes[i];
        struct value *item = value_object(arena);
        set_text(arena, item, "id", fix->id);
        set_text(arena, item, "version", fix->version);
        set_text(arena, item, "file", fix->path);
        set_text(arena, item, "origin", draft_place(arena, fix->origin));
        value_append(arena, list, item);
    }
    return list;
}

static struct value *value_of_notes(const struct draft *draft)
{
    struct arena *arena = draft->arena;
    struct value *list = value_array(arena);
    for (size_t i = 0; i < draft->note_count; i++) {
        const struct draft_note *note = &draft->notes[i];
        struct value *item = value_object(arena);
        set_text(arena, item, "what", note->what);
        set_text(arena, item, "instead", note->instead);
        set_text(arena, item, "origin", draft_place(arena, note->origin));
        value_append(arena, list, item);
    }
    return list;
}

struct value *draft_value(const struct draft *draft)
{
    struct arena *arena = draft->arena;
    struct value *document = value_object(arena);
    set_text(arena, document, "format", "drehbuch-import/1");
    value_set(arena, document, "undecided", value_integer(arena, (int64_t)draft_undecided(draft)));
    value_set(arena, document, "decisions", value_of_decisions(draft));
    value_set(arena, document, "fixes", value_of_fixes(draft));
    value_set(arena, document, "without_equivalent", value_of_notes(draft));
    return document;
}
