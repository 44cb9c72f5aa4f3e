#include "runtime/postgres/marker.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "runtime/circumstances.h"
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

const char *marker_spoilt_name(struct arena *arena, const char *database, const char *run)
{
    return marker_name(arena, database, MARKER_COPY, run);
}

const char *marker_scratch_name(struct arena *arena, const char *database, const char *run)
{
    return marker_name(arena, database, MARKER_SCRATCH, run);
}

static const char *marker_text(struct arena *arena, struct value *members)
{
    struct value *marker = value_object(arena);
    value_set(arena, marker, "drehbuch", members);
    struct buffer text = {0};
    json_write(&text, marker, JSON_COMPACT);
    const char *result = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return result;
}

const char *marker_write_run(struct arena *arena, const struct run *run, const char *digest)
{
    struct value *members = value_object(arena);
    value_set(arena, members, "run", value_string(arena, run->id));
    value_set(arena, members, "mode", value_string(arena, mode_name(run->mode)));
    value_set(arena, members, "digest", value_string(arena, digest));
    return marker_text(arena, members);
}

const char *marker_write(struct arena *arena, const struct step_run *step)
{
    return marker_write_run(arena, step->run, step->step->digest);
}

static const char *circumstances_of(struct arena *arena, const struct run *run,
                                    const struct compiled_step *step)
{
    return circumstances_mark(arena, run, (size_t)(step - run->plan->steps));
}

const char *marker_saved_name(struct arena *arena, const struct run *run,
                              const struct compiled_step *step, const char *snapshot)
{
    const char *of = arena_format(arena, "%s %s %s %s", step->digest, mode_name(run->mode),
                                  snapshot, circumstances_of(arena, run, step));
    return marker_name(arena, run->environment->work.name, MARKER_SAVED, of);
}

const char *marker_write_saved(struct arena *arena, const struct run *run,
                               const struct compiled_step *step, const char *snapshot,
                               bool has_filestore)
{
    struct value *members = value_object(arena);
    value_set(arena, members, "filestore", value_string(arena, has_filestore ? "yes" : "no"));
    value_set(arena, members, "run", value_string(arena, run->id));
    value_set(arena, members, "mode", value_string(arena, mode_name(run->mode)));
    value_set(arena, members, "digest", value_string(arena, step->digest));
    value_set(arena, members, "step", value_string(arena, step->id));
    value_set(arena, members, "snapshot", value_string(arena, snapshot));
    value_set(arena, members, "circumstances",
              value_string(arena, circumstances_of(arena, run, step)));
    value_set(arena, members, "at",
              value_string(arena, arena_copy(arena, clock_write(clock_now()).text)));
    return marker_text(arena, members);
}

static bool marker_is_ours(const char *comment)
{
    return comment && strncmp(comment, MARKER_START, strlen(MARKER_START)) == 0;
}

static struct value *marker_read(struct arena *arena, const char *comment)
{
    struct value *marker;
    if (!marker_is_ours(comment))
        return NULL;
    struct text text = {.bytes = comment, .length = strlen(comment)};
    return json_read(arena, text, "a comment", &marker) ? NULL : marker;
}

const char *marker_member(struct arena *arena, const char *comment, const char *name)
{
    const struct value *marker = marker_read(arena, comment);
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

const char *marker_published(struct arena *arena, const char *comment)
{
    return marker_member(arena, comment, "published");
}

/* The marker with a member set anew, or left out where `value` is NULL. */
static const char *marker_with(struct arena *arena, const char *comment, const char *name,
                               const char *value)
{
    struct value *marker = marker_read(arena, comment);
    if (!marker)
        return comment;
    const struct value *before = value_get(marker, "drehbuch");
    struct value *members = value_object(arena);
    for (size_t i = 0; i < value_count(before); i++)
        if (strcmp(before->as.object.members[i].key, name) != 0)
            value_set(arena, members, before->as.object.members[i].key,
                      before->as.object.members[i].value);
    if (value)
        value_set(arena, members, name, value_string(arena, value));
    return marker_text(arena, members);
}

const char *marker_write_dump(struct arena *arena, const struct step_run *step,
                              const char *identity)
{
    return marker_with(arena, marker_write(arena, step), "dump", identity);
}

const char *marker_publish(struct arena *arena, const char *comment, const char *replaced)
{
    return marker_with(arena, comment, "published", replaced);
}

const char *marker_unpublish(struct arena *arena, const char *comment)
{
    return marker_with(arena, comment, "published", NULL);
}

bool marker_is_of_step(const char *comment, struct arena *arena, const struct step_run *step)
{
    return comment && strcmp(comment, marker_write(arena, step)) == 0;
}
