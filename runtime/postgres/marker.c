#include "runtime/postgres/marker.h"

#include <string.h>

#include "base/json.h"
#include "runtime/run.h"

#define MARKER_START "{\"drehbuch\":{"

static const char *marker_name(struct arena *arena, const char *database, const char *infix,
                               const char *run)
{
    struct digest digest = digest_bytes(run, strlen(run));
    return arena_format(arena, "%s%s%.8s", database, infix, digest.hex);
}

const char *marker_partial_name(struct arena *arena, const char *database, const char *run)
{
    return marker_name(arena, database, MARKER_PARTIAL, run);
}

const char *marker_copy_name(struct arena *arena, const char *database, const struct step_run *step)
{
    const char *of = arena_format(arena, "%s %s", step->run->id, step->step->digest);
    return marker_name(arena, database, MARKER_COPY, of);
}

static const char *marker_make(struct arena *arena, const struct step_run *step,
                               const char *identity)
{
    struct value *made = value_object(arena), *marker = value_object(arena);
    value_set(arena, made, "run", value_string(arena, step->run->id));
    value_set(arena, made, "mode", value_string(arena, mode_name(step->run->mode)));
    value_set(arena, made, "digest", value_string(arena, step->step->digest));
    if (identity)
        value_set(arena, made, "dump", value_string(arena, identity));
    value_set(arena, marker, "drehbuch", made);
    struct buffer text = {0};
    json_write(&text, marker, JSON_COMPACT);
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

const char *marker_write(struct arena *arena, const struct step_run *step)
{
    return marker_make(arena, step, NULL);
}

const char *marker_write_dump(struct arena *arena, const struct step_run *step,
                              const char *identity)
{
    return marker_make(arena, step, identity);
}

static bool marker_is_ours(const char *comment)
{
    return comment && strncmp(comment, MARKER_START, strlen(MARKER_START)) == 0;
}

static const char *marker_member(struct arena *arena, const char *comment, const char *name)
{
    struct value *marker;
    if (!marker_is_ours(comment))
        return NULL;
    struct text text = {.bytes = comment, .length = strlen(comment)};
    if (json_read(arena, text, "a comment", &marker))
        return NULL;
    return value_get_string(value_get(marker, "drehbuch"), name);
}

const char *marker_run(struct arena *arena, const char *comment)
{
    return marker_member(arena, comment, "run");
}

const char *marker_dump(struct arena *arena, const char *comment)
{
    return marker_member(arena, comment, "dump");
}

bool marker_is_of_production(struct arena *arena, const char *comment)
{
    const char *mode = marker_member(arena, comment, "mode");
    return mode && strcmp(mode, "production") == 0;
}

bool marker_is_of_step(const char *comment, struct arena *arena, const struct step_run *step)
{
    return comment && strcmp(comment, marker_write(arena, step)) == 0;
}
