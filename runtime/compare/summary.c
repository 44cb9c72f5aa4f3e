/* The comparison in one line. */
#include <inttypes.h>
#include <string.h>

#include "runtime/compare/report.h"
#include "runtime/compare/upgrade.h"
#include "runtime/report/phrase.h"

struct summary {
    struct arena *arena;
    struct buffer different;
    const char *equal[16]; /* groups: more than there are */
    size_t equal_count;
};

/* "a, b and c" */
static const char *summary_join(struct arena *arena, const char *const *names, size_t count)
{
    const char *text = count > 0 ? names[0] : "";
    for (size_t i = 1; i < count; i++)
        text = arena_format(arena, i + 1 < count ? "%s, %s" : "%s and %s", text, names[i]);
    return text;
}

static void summary_add(struct summary *summary, const char *text)
{
    buffer_format(&summary->different, "%s%s", summary->different.length > 0 ? ", " : "", text);
}

/* Sections of one group follow each other. */
static void summary_add_groups(struct summary *summary, const struct comparison *comparison)
{
    size_t count = compare_section_count();
    for (size_t i = 0; i < count;) {
        const char *group = comparison->sections[i].section->group;
        int64_t different = 0;
        bool compared = false;
        for (; i < count && strcmp(comparison->sections[i].section->group, group) == 0; i++) {
            if (!compare_section_counts(comparison, comparison->sections[i].section))
                continue;
            different += (int64_t)comparison->sections[i].count;
            compared |= comparison->sections[i].compared;
        }
        if (different > 0)
            summary_add(summary,
                        arena_format(summary->arena, "%s in the %s",
                                     phrase_count(summary->arena, different, "difference", NULL),
                                     group));
        else if (compared)
            summary->equal[summary->equal_count++] = group;
    }
}

static void summary_add_rows(struct summary *summary, const struct comparison *comparison)
{
    struct arena *arena = summary->arena;
    int64_t tables = 0, rows = 0;
    bool at_least = false;
    for (size_t i = 0; i < comparison->table_count; i++) {
        const struct compare_table *table = &comparison->tables[i];
        tables += table->differs;
        rows += table->different;
        at_least |= table->at_least;
    }
    if (tables > 0)
        summary_add(summary, arena_format(arena, "%s%s in %" PRId64 " of %zu tables",
                                          at_least ? "at least " : "",
                                          phrase_count(arena, rows, "row", NULL), tables,
                                          comparison->table_count));
    else
        summary->equal[summary->equal_count++] =
            arena_format(arena, "the rows of %s",
                         phrase_count(arena, (int64_t)comparison->table_count, "table", NULL));
}

const char *compare_summary(const struct comparison *comparison)
{
    struct summary summary = {.arena = comparison->arena};
    if (comparison->upgrade)
        return upgrade_summary(comparison);
    summary_add_groups(&summary, comparison);
    summary_add_rows(&summary, comparison);
    if (comparison->unread_count > 0)
        summary_add(&summary,
                    arena_format(summary.arena, "%s could not be compared",
                                 phrase_count(summary.arena, (int64_t)comparison->unread_count,
                                              "thing", NULL)));
    const char *equal = summary_join(summary.arena, summary.equal, summary.equal_count);
    const char *text =
        summary.different.length == 0
            ? arena_format(summary.arena, "equal: %s", equal)
            : arena_format(summary.arena, "different: %s%s%s%s", buffer_string(&summary.different),
                           equal[0] ? "; " : "", equal,
                           summary.equal_count == 1 && strcmp(equal, "schema") != 0 ? " are equal"
                           : summary.equal_count == 1                               ? " is equal"
                           : equal[0]                                               ? " are equal"
                                                                                    : "");
    buffer_release(&summary.different);
    return text;
}
