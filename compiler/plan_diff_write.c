/* A difference between plans, for people and for programs. */
#include <string.h>

#include "compiler/plan_diff.h"

/* How each change is shown. */
static const struct {
    const char *word; /* in JSON, too */
    const char *sign;
    enum terminal_tone tone;
} plan_changes[PLAN_CHANGE_COUNT] = {
    [PLAN_SAME] = {"same", " ", TERMINAL_NEUTRAL},
    [PLAN_FOLLOWS] = {"follows", " ", TERMINAL_NEUTRAL},
    [PLAN_CHANGED] = {"changed", "~", TERMINAL_WARNING},
    [PLAN_RENAMED] = {"renamed", "=", TERMINAL_WARNING},
    [PLAN_ADDED] = {"added", "+", TERMINAL_GOOD},
    [PLAN_REMOVED] = {"removed", "-", TERMINAL_BAD},
};

static void write_summary(struct buffer *output, const struct plan_diff *diff)
{
    static const enum plan_change told[] = {PLAN_ADDED, PLAN_REMOVED, PLAN_CHANGED, PLAN_RENAMED};
    const char *separator = ": ";
    buffer_append_string(output, "The plans are different");
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        if (diff->counts[told[i]] == 0)
            continue;
        buffer_format(output, "%s%zu %s", separator, diff->counts[told[i]],
                      plan_changes[told[i]].word);
        separator = ", ";
    }
    if (diff->moved > 0) {
        buffer_format(output, "%s%zu moved", separator, diff->moved);
        separator = ", ";
    }
    buffer_format(output, "%s%zu of %zu steps the same.\n", separator,
                  diff->counts[PLAN_SAME] + diff->counts[PLAN_FOLLOWS], diff->after->step_count);
}

static void write_step(struct buffer *output, const struct plan_diff_step *step,
                       const struct terminal *terminal)
{
    const struct compiled_step *shown = step->after ? step->after : step->before;
    enum terminal_tone tone = step->moved && step->change <= PLAN_FOLLOWS
                                  ? TERMINAL_WARNING
                                  : plan_changes[step->change].tone;
    bool keeps_text = step->change <= PLAN_FOLLOWS;
    buffer_format(output, "\n%s%s %s%s %s", terminal_paint(terminal, tone),
                  keeps_text ? ">" : plan_changes[step->change].sign, shown->id,
                  terminal_plain(terminal, tone),
                  keeps_text ? "moved" : plan_changes[step->change].word);
    if (step->change == PLAN_RENAMED)
        buffer_format(output, ": it was %s", step->before->id);
    if (step->moved && !keeps_text)
        buffer_append_string(output, ", and moved");
    if (strcmp(shown->origin, "drehbuch") != 0)
        buffer_format(output, " (%s)", shown->origin);
    buffer_append_character(output, '\n');
    value_diff_write(output, &step->changes, "    ", terminal);
}

static void write_validity(struct buffer *output, const struct plan_diff *diff)
{
    buffer_format(output,
                  "\nOf a rehearsal of the first plan %zu of the second's %zu steps stay valid",
                  diff->valid, diff->after->step_count);
    if (diff->first_invalid)
        buffer_format(output, "; the first that is new to it is %s", diff->first_invalid->id);
    buffer_append_string(output, ".\n");
    if (diff->last_valid)
        buffer_format(output,
                      "A rehearsal can go on from a checkpoint of it behind %s, if one was "
                      "kept.\n",
                      diff->last_valid->id);
    buffer_append_string(output, "An approval of the first plan does not hold for the second.\n");
}

void plan_diff_write(struct buffer *output, const struct plan_diff *diff,
                     const struct terminal *terminal)
{
    if (plan_diff_is_empty(diff)) {
        bool identical = strcmp(diff->before->checksum, diff->after->checksum) == 0;
        buffer_format(output,
                      "The same plan%s: what was rehearsed and approved of one holds for "
                      "the other.\n",
                      identical ? "" : ", written in other places of its files");
        return;
    }
    write_summary(output, diff);
    if (diff->head.count > 0)
        buffer_append_character(output, '\n');
    value_diff_write(output, &diff->head, "", terminal);
    for (size_t i = 0; i < diff->count; i++)
        if (diff->steps[i].change > PLAN_FOLLOWS || diff->steps[i].moved)
            write_step(output, &diff->steps[i], terminal);
    write_validity(output, diff);
}

static struct value *step_value(struct arena *arena, const struct plan_diff_step *step)
{
    struct value *item = value_object(arena);
    value_set(arena, item, "step",
              value_string(arena, step->after ? step->after->id : step->before->id));
    value_set(arena, item, "change", value_string(arena, plan_changes[step->change].word));
    if (step->moved)
        value_set(arena, item, "moved", value_boolean(arena, true));
    if (step->change == PLAN_RENAMED)
        value_set(arena, item, "was", value_string(arena, step->before->id));
    value_set(arena, item, "differences", value_diff_value(arena, &step->changes));
    return item;
}

struct value *plan_diff_value(struct arena *arena, const struct plan_diff *diff)
{
    struct value *document = value_object(arena), *steps = value_array(arena);
    for (size_t i = 0; i < diff->count; i++)
        if (diff->steps[i].change != PLAN_SAME || diff->steps[i].moved)
            value_append(arena, steps, step_value(arena, &diff->steps[i]));
    value_set(arena, document, "equal", value_boolean(arena, plan_diff_is_empty(diff)));
    value_set(arena, document, "plan", value_diff_value(arena, &diff->head));
    value_set(arena, document, "steps", steps);
    value_set(arena, document, "valid", value_integer(arena, (int64_t)diff->valid));
    if (diff->first_invalid)
        value_set(arena, document, "first_invalid", value_string(arena, diff->first_invalid->id));
    if (diff->last_valid)
        value_set(arena, document, "last_valid", value_string(arena, diff->last_valid->id));
    return document;
}
