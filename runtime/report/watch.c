#include "runtime/report/watch.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "runtime/report/summary.h"
#include "runtime/report/view.h"

#define WATCH_RECORD_LIMIT ((size_t)512 * 1024 * 1024)
#define WATCH_ANSWER_SIZE 4096

struct watch {
    struct arena *arena;
    uv_loop_t *loop;
    struct terminal terminal;
    bool json;
    const char *compiled;
    const struct environment *environment; /* NULL before the run has its folder */
    struct view *view;                     /* so is this */
    uv_timer_t timer;
    uv_tty_t *input; /* open while a question waits for its answer, else NULL */
    void (*answered)(void *step, const char *answer);
    void *step;
    char answer[WATCH_ANSWER_SIZE];
};

static void watch_tick(uv_timer_t *timer)
{
    struct watch *watch = timer->data;
    view_tick(watch->view, clock_now());
}

static void watch_begun(void *context, const struct run *run, const struct value *rehearsal)
{
    struct watch *watch = context;
    watch->environment = run->environment;
    struct timeline *timeline = timeline_create(watch->arena, run->plan);
    timeline_expect(timeline, rehearsal);
    if (watch->json)
        watch->view = view_create_events(watch->arena, timeline, stdout);
    else if (watch->terminal.interactive)
        watch->view = view_create_console(watch->arena, timeline, STDOUT_FILENO, watch->terminal);
    else
        watch->view = view_create_lines(watch->arena, timeline, stdout);
    uv_timer_start(&watch->timer, watch_tick, 0, VIEW_TICK);
    uv_unref((uv_handle_t *)&watch->timer); /* the clock alone keeps no run going */
}

static void watch_answer_room(uv_handle_t *handle, size_t size, uv_buf_t *room)
{
    (void)size;
    struct watch *watch = handle->data;
    *room = uv_buf_init(watch->answer, sizeof watch->answer - 1);
}

static void watch_close_question(struct watch *watch)
{
    uv_close((uv_handle_t *)watch->input, NULL);
    watch->input = NULL;
    view_rest(watch->view, NULL, clock_now());
}

/* The terminal hands over a line at a time; an end of file (Ctrl-D) is no answer. */
static void watch_answered(uv_stream_t *stream, ssize_t count, const uv_buf_t *room)
{
    (void)room;
    struct watch *watch = stream->data;
    if (count == 0)
        return;
    watch->answer[count > 0 ? count : 0] = '\0';
    watch->answer[strcspn(watch->answer, "\r\n")] = '\0';
    watch_close_question(watch);
    watch->answered(watch->step, count > 0 ? watch->answer : NULL);
}

static void watch_ask(void *context, const char *question,
                      void (*answered)(void *step, const char *answer), void *step)
{
    struct watch *watch = context;
    uv_tty_t *input = arena_allocate(watch->arena, sizeof *input);
    if (uv_tty_init(watch->loop, input, STDIN_FILENO, 1) != 0) {
        answered(step, NULL);
        return;
    }
    watch->answered = answered;
    watch->step = step;
    watch->input = input;
    input->data = watch;
    view_rest(watch->view, question, clock_now());
    if (uv_read_start((uv_stream_t *)input, watch_answer_room, watch_answered) != 0) {
        watch_close_question(watch);
        answered(step, NULL);
    }
}

/* Whether the event ends the step that asks (nothing runs beside it), or the run. */
static bool watch_withdraws_question(const struct value *event)
{
    const char *name = value_get_string(event, "event");
    return name && (strcmp(name, "run-ended") == 0 || strcmp(name, "step-ended") == 0);
}

static void watch_listen(void *context, const struct value *event)
{
    struct watch *watch = context;
    if (watch->input && watch_withdraws_question(event))
        watch_close_question(watch);
    view_event(watch->view, event, clock_now());
}

/* The past is known, and not told again. */
static void watch_recall(void *context, const struct value *event)
{
    struct watch *watch = context;
    timeline_apply(watch->view->timeline, event);
}

struct watch *watch_create(struct arena *arena, uv_loop_t *loop, struct terminal terminal,
                           bool json, const char *compiled, struct executor_options *options)
{
    struct watch *watch = arena_allocate(arena, sizeof *watch);
    *watch = (struct watch){
        .arena = arena, .loop = loop, .terminal = terminal, .json = json, .compiled = compiled};
    uv_timer_init(loop, &watch->timer);
    watch->timer.data = watch;
    options->begun = watch_begun;
    options->listen = watch_listen;
    options->recall = watch_recall;
    options->listen_context = watch;
    if (!json && terminal.interactive && isatty(STDIN_FILENO) == 1) {
        options->ask = watch_ask;
        options->ask_context = watch;
    }
    return watch;
}

/* The record of the run, or NULL where there is none: the summary does without it then. */
static const struct value *watch_record(struct watch *watch, const char *folder)
{
    struct text text;
    struct value *record = NULL;
    const char *path = file_join(watch->arena, folder, "run.json");
    if (!file_exists(path) || file_read(watch->arena, path, WATCH_RECORD_LIMIT, &text) ||
        json_read(watch->arena, text, path, &record))
        return NULL;
    return record;
}

static void watch_print_summary(struct watch *watch, const char *folder)
{
    struct summary summary = {
        .timeline = watch->view->timeline,
        .record = watch_record(watch, folder),
        .folder = folder,
        .compiled =
            watch->compiled ? watch->compiled : file_join(watch->arena, folder, "plan.json"),
        .source = watch->environment->source.name,
        .work = watch->environment->work.name,
        .published = value_get_string(watch->environment->publish, "database"),
        .terminal = &watch->terminal,
    };
    struct buffer text = {0};
    summary_write(&text, &summary);
    fwrite(buffer_string(&text), 1, text.length, stdout);
    buffer_release(&text);
}

bool watch_end(struct watch *watch, const char *folder)
{
    uv_close((uv_handle_t *)&watch->timer, NULL);
    uv_run(watch->loop, UV_RUN_DEFAULT);
    if (!watch->view)
        return false;
    view_end(watch->view, clock_now());
    bool told = watch->view->timeline->result != NULL;
    if (told && !watch->json && folder)
        watch_print_summary(watch, folder);
    return told;
}
