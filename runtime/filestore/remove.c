#include "runtime/filestore/background.h"
#include "runtime/filestore/copy.h"
#include "runtime/filestore/folder.h"

struct removal {
    const char *folder;
    void (*ended)(void *context, const struct error *error);
    void *context;
};

static const struct error *removal_work(void *context, struct arena *arena,
                                        const atomic_bool *stopped)
{
    const struct removal *removal = context;
    (void)stopped; /* renamed first, so a part of it is as good as all */
    const struct error *error = filestore_remove_remains(arena, removal->folder, NULL);
    return error ? error : filestore_remove(arena, removal->folder);
}

static void removal_ended(void *context, const struct error *error)
{
    const struct removal *removal = context;
    removal->ended(removal->context, error);
}

void filestore_remove_start(uv_loop_t *loop, struct arena *arena, const char *folder,
                            void (*ended)(void *context, const struct error *error), void *context)
{
    struct removal *removal = arena_allocate(arena, sizeof *removal);
    *removal = (struct removal){.folder = folder, .ended = ended, .context = context};
    (void)background_start(loop, arena,
                           (struct background_options){
                               .work = removal_work, .ended = removal_ended, .context = removal});
}
