#include <string.h>

#include "runtime/checkpoint/make.h"
#include "runtime/filestore/copy.h"

struct removal {
    struct run *run;
    struct arena *arena;
    const struct checkpoint *checkpoint;
    void (*removed)(void *context, const struct error *error);
    void *context;
};

static void removal_ended(void *context, const struct error *error)
{
    const struct removal *removal = context;
    removal->removed(removal->context, error);
}

static void removal_dropped(void *context, const struct session_answer *answer)
{
    struct removal *removal = context;
    if (answer->error)
        removal_ended(removal, error_wrap(removal->arena, answer->error, "cannot remove %s",
                                          removal->checkpoint->database));
    else if (removal->checkpoint->filestore)
        filestore_remove_start(removal->run->loop, removal->arena, removal->checkpoint->filestore,
                               removal_ended, removal);
    else
        removal_ended(removal, NULL);
}

void checkpoint_remove(struct run *run, struct arena *arena, struct session *session,
                       const struct checkpoint *checkpoint,
                       void (*removed)(void *context, const struct error *error), void *context)
{
    struct removal *removal = arena_allocate(arena, sizeof *removal);
    *removal = (struct removal){.run = run,
                                .arena = arena,
                                .checkpoint = checkpoint,
                                .removed = removed,
                                .context = context};
    const char *sql = arena_format(arena, "DROP DATABASE IF EXISTS %s",
                                   session_quote_identifier(session, arena, checkpoint->database));
    session_execute(session, sql, removal_dropped, removal);
}
