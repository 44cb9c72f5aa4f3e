#include "runtime/compare/compare.h"

#include "runtime/compare/content.h"
#include "runtime/compare/rows.h"
#include "runtime/compare/upgrade.h"

void compare_note_unread(struct comparison *comparison, const char *name, const char *why)
{
    struct arena *arena = comparison->arena;
    comparison->unread = arena_extend(arena, comparison->unread, comparison->unread_count,
                                      sizeof *comparison->unread);
    comparison->unread[comparison->unread_count++] =
        (struct compare_unread){.name = name, .why = arena_copy(arena, why)};
}

const char *compare_mask(const struct comparison *comparison, const char *text)
{
    for (int side = 0; text && side < SIDE_COUNT; side++) {
        const struct environment *environment = comparison->options->places[side].environment;
        if (environment)
            text = environment_mask(environment, comparison->arena, text);
    }
    return text;
}

bool compare_is_equal(const struct comparison *comparison)
{
    if (comparison->unread_count > 0)
        return false;
    if (comparison->upgrade)
        return upgrade_is_complete(comparison->upgrade);
    for (size_t i = 0; i < compare_section_count(); i++)
        if (comparison->sections[i].count > 0 &&
            compare_section_counts(comparison, comparison->sections[i].section))
            return false;
    for (size_t i = 0; i < comparison->table_count; i++)
        if (comparison->tables[i].differs)
            return false;
    return true;
}

static const struct error *compare_all(struct comparison *comparison, struct crew *crew)
{
    section_ask(comparison, crew);
    content_begin(comparison, crew);
    const struct error *error = crew_work(crew);
    if (error)
        return error;
    section_judge(comparison);
    content_end(comparison);
    return rows_compare(comparison, crew);
}

const struct error *compare_make(struct arena *arena, uv_loop_t *loop,
                                 const struct compare_options *options,
                                 struct comparison **comparison)
{
    struct crew *crew = NULL;
    struct comparison *made = arena_allocate(arena, sizeof *made);
    *made = (struct comparison){.arena = arena, .options = options};
    *comparison = made;
    const struct error *error = crew_open(arena, loop, options, &crew);
    if (!error)
        error = catalog_read(made, crew);
    if (!error)
        error = options->upgrade ? upgrade_compare(made, crew) : compare_all(made, crew);
    crew_close(crew);
    return error;
}
