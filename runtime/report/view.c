#include "runtime/report/view.h"

void view_event(struct view *view, const struct value *entry, int64_t now)
{
    const struct timeline_step *step = timeline_apply(view->timeline, entry);
    view->event(view, entry, step, now);
}

void view_tick(struct view *view, int64_t now)
{
    if (view->tick)
        view->tick(view, now);
}

void view_rest(struct view *view, const char *question, int64_t now)
{
    if (view->rest)
        view->rest(view, question, now);
}

void view_end(struct view *view, int64_t now)
{
    if (view->end)
        view->end(view, now);
}
