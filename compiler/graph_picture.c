#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "compiler/graph_picture_private.h"

#define LINE_WIDTH 30   /* characters after which a title goes on in the next line */
#define TITLE_LIMIT 150 /* characters of a title that are shown */

const struct picture_family picture_families[] = {
    {"preflight", {"preflight"}, "note", "#eeeeee", "[\"", "\"]"},
    {"database", {"database"}, "cylinder", "#cfe2f3", "[(\"", "\")]"},
    {"filestore", {"filestore"}, "folder", "#d9ead3", "[[\"", "\"]]"},
    {"hop", {"hop"}, "box3d", "#f9cb9c", ">\"", "\"]"},
    {"fix", {"sql", "python", "command"}, "box", "#fff2cc", "[\"", "\"]"},
    {"modules", {"modules"}, "component", "#d9d2e9", "[[\"", "\"]]"},
    {"settings", {"settings"}, "tab", "#fce5cd", "(\"", "\")"},
    {"data", {"views", "assets", "rules", "neutralize"}, "box", "#ead1dc", "(\"", "\")"},
    {"check", {"check"}, "hexagon", "#d0e0e3", "{{\"", "\"}}"},
    {"service", {"service", "wait"}, "octagon", "#f4cccc", "([\"", "\"])"},
    {"manual", {"manual"}, "invtrapezium", "#ffd966", "[\\\"", "\"/]"},
    {.shape = "box", .fill = "#ffffff", .mermaid_open = "[\"", .mermaid_close = "\"]"},
};

const struct picture_family *picture_family_of(const char *kind)
{
    size_t length = strcspn(kind, ".");
    const struct picture_family *family = picture_families;
    for (; family->name; family++)
        for (const char *const *name = family->kinds; *name; name++)
            if (strlen(*name) == length && strncmp(*name, kind, length) == 0)
                return family;
    return family;
}

static bool picture_phase_is_new(const struct compiled_plan *plan, size_t step)
{
    for (size_t i = 0; i < step; i++)
        if (strcmp(plan->steps[i].phase, plan->steps[step].phase) == 0)
            return false;
    return true;
}

size_t picture_next_phase(const struct compiled_plan *plan, size_t from)
{
    /* A step like the one before it begins nothing; that spares nearly all of the looking back. */
    for (size_t i = from; i < plan->step_count; i++)
        if ((i == 0 || strcmp(plan->steps[i].phase, plan->steps[i - 1].phase) != 0) &&
            picture_phase_is_new(plan, i))
            return i;
    return plan->step_count;
}

/* XML, which SVG is, has no place for control characters and the two that are none. */
static bool picture_is_writable(uint32_t character)
{
    return character >= 0x20 && !(character >= 0x7f && character < 0xa0) && character != 0xfffe &&
           character != 0xffff;
}

/* Writes the first `length` bytes of `text`. */
static void picture_write_part(struct buffer *output, const char *text, size_t length,
                               const struct picture_writer *writer)
{
    while (length > 0) {
        uint32_t character;
        size_t size = utf8_read(text, length, &character);
        if (size > 0 && picture_is_writable(character))
            writer->write_character(output, text, size);
        else
            writer->write_character(output, " ", 1);
        size += size == 0;
        text += size;
        length -= size;
    }
}

void picture_write_text(struct buffer *output, const char *text,
                        const struct picture_writer *writer)
{
    picture_write_part(output, text, strlen(text), writer);
}

/* Breaks lines between words. */
static void picture_write_title(struct buffer *output, const char *title,
                                const struct picture_writer *writer)
{
    size_t length = strlen(title);
    size_t shown = utf8_skip(title, length, TITLE_LIMIT);
    size_t column = 0;
    for (size_t at = 0; at < shown;) {
        size_t word = strcspn(title + at, " \t\n");
        word = word < shown - at ? word : shown - at;
        size_t width = utf8_count(title + at, word);
        if (column > 0 && column + 1 + width > LINE_WIDTH) {
            buffer_append_string(output, writer->line_break);
            column = 0;
        }
        if (column > 0)
            writer->write_character(output, " ", 1);
        picture_write_part(output, title + at, word, writer);
        column += width + (column > 0);
        at += word;
        at += strspn(title + at, " \t\n");
    }
    if (shown < length)
        picture_write_text(output, "…", writer);
}

void picture_write_label(struct buffer *output, const struct compiled_step *step,
                         const struct picture_writer *writer)
{
    picture_write_title(output, step->title, writer);
    buffer_append_string(output, writer->line_break);
    const char *name = strchr(step->id, '/');
    picture_write_text(output, name ? name + 1 : step->id, writer);
    if (!step->only)
        return;
    buffer_append_string(output, writer->line_break);
    picture_write_text(output, "only in ", writer);
    picture_write_text(output, step->only, writer);
}
