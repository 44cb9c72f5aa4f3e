#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/text_line.h"
#include "runtime/report/phrase.h"
#include "runtime/report/view.h"

#define CONSOLE_PATIENCE 2000 /* milliseconds that a stopped terminal is waited for at the end */
#define CONSOLE_ID_WIDTH 44   /* columns that steps' names take at most */
#define CONSOLE_BAR_WIDTH 24

/* What is printed goes to `above` (lines that stay) and into the area below them, which each frame
 * draws anew over the old one. A frame is built whole and written at once, so that nothing
 * flickers; while the terminal does not take it, no other is built. */
struct console {
    struct view view;
    struct terminal terminal;
    int file;
    bool opened;         /* `file` is ours to close */
    int id_width;        /* columns of the widest step name */
    struct buffer above; /* lines that have still to be printed above the area */
    struct buffer frame; /* what has still to be written */
    struct buffer area;  /* the area's lines as last drawn, for their widths */
    bool resting;        /* a person is being asked: the area stays away */
};

static const char *console_paint(const struct console *console, enum terminal_tone tone)
{
    return terminal_paint(&console->terminal, tone);
}

static const char *console_plain(const struct console *console)
{
    return terminal_plain(&console->terminal, TERMINAL_STRONG);
}

/* `unicode` where the terminal shows it. */
static const char *console_sign(const struct console *console, const char *unicode,
                                const char *ascii)
{
    return console->terminal.utf8 ? unicode : ascii;
}

/* Appends a line, cut where the terminal ends: one that wrapped would take two rows. */
static void console_add_line(const struct console *console, struct buffer *buffer, const char *text)
{
    size_t length = terminal_text_fit(text, console->terminal.width - 1);
    buffer_append(buffer, text, length);
    if (text[length] != '\0')
        buffer_append_string(buffer, console_plain(console));
    buffer_append_character(buffer, '\n');
}

/* How many rows the area's lines take now: a terminal that became narrower has wrapped them. */
static int console_area_rows(const struct console *console)
{
    int rows = 0;
    struct arena *arena = arena_create();
    for (const char *line = buffer_string(&console->area); *line;) {
        size_t length = strcspn(line, "\n");
        int width = terminal_text_width(arena_copy_bytes(arena, line, length));
        rows += width > 0 ? (width + console->terminal.width - 1) / console->terminal.width : 1;
        line += length + 1;
    }
    arena_destroy(arena);
    return rows;
}

/* Appends lines, each clearing what stood behind it in its row. */
static void console_frame_lines(struct console *console, const char *lines)
{
    while (*lines) {
        size_t length = strcspn(lines, "\n");
        buffer_append(&console->frame, lines, length);
        buffer_append_string(&console->frame, "\033[K\n");
        lines += length + 1;
    }
}

/* Writes as much of the frame as the terminal takes now. A terminal that is gone takes all. */
static void console_flush(struct console *console)
{
    while (console->frame.length > 0) {
        ssize_t count = write(console->file, console->frame.bytes, console->frame.length);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EAGAIN)
            return;
        buffer_consume(&console->frame, count > 0 ? (size_t)count : console->frame.length);
    }
}

static void console_running_line(struct console *console, struct arena *arena,
                                 const struct timeline_step *step, int64_t now)
{
    const char *estimate =
        step->estimate >= 1000
            ? arena_format(arena, " of about %s", phrase_clock(arena, step->estimate))
            : "";
    const char *progress = step->progress ? text_line(arena, step->progress) : "";
    const char *line = arena_format(
        arena, " %s%s%s %-*s %8s%s%s%s", console_paint(console, TERMINAL_WARNING),
        console_sign(console, "▸", ">"), console_plain(console), console->id_width, step->step->id,
        phrase_clock(arena, now - step->started), estimate, progress[0] ? "  " : "", progress);
    console_add_line(console, &console->area, line);
}

static void console_bar_line(struct console *console, struct arena *arena, int64_t now)
{
    const struct timeline *timeline = console->view.timeline;
    size_t ended = timeline_ended(timeline);
    size_t total = timeline->plan->step_count;
    size_t filled = total > 0 ? ended * CONSOLE_BAR_WIDTH / total : 0;
    struct buffer bar = {0};
    buffer_append_string(&bar, console_paint(console, TERMINAL_GOOD));
    for (size_t i = 0; i < CONSOLE_BAR_WIDTH; i++) {
        if (i == filled) {
            buffer_append_string(&bar, console_plain(console));
            buffer_append_string(&bar, console_paint(console, TERMINAL_FAINT));
        }
        buffer_append_string(&bar, i < filled ? console_sign(console, "━", "=")
                                              : console_sign(console, "─", "-"));
    }
    buffer_append_string(&bar, console_plain(console));
    const char *forecast = phrase_forecast(arena, timeline_forecast(timeline, now), now);
    const char *line =
        arena_format(arena, " %s %zu of %zu steps  %s%s%s", buffer_string(&bar), ended, total,
                     phrase_clock(arena, now - timeline->began), forecast[0] ? "  " : "", forecast);
    console_add_line(console, &console->area, line);
    buffer_release(&bar);
}

/* The area's lines: the running steps, as many as fit, and the bar. */
static void console_build_area(struct console *console, int64_t now)
{
    const struct timeline *timeline = console->view.timeline;
    buffer_clear(&console->area);
    if (console->resting || timeline->ended || timeline->began == 0)
        return;
    struct arena *arena = arena_create();
    size_t room = console->terminal.height > 4 ? (size_t)console->terminal.height - 3 : 1;
    size_t left = timeline->counts[STEP_RUNNING];
    for (size_t i = 0; i < timeline->plan->step_count && left > 0 && room > 0; i++) {
        if (timeline->steps[i].state != STEP_RUNNING)
            continue;
        console_running_line(console, arena, &timeline->steps[i], now);
        left--;
        room--;
    }
    console_bar_line(console, arena, now);
    arena_destroy(arena);
}

static void console_draw(struct console *console, int64_t now)
{
    console_flush(console);
    if (console->frame.length > 0)
        return;
    terminal_measure(&console->terminal, console->file);
    int rows = console_area_rows(console);
    console_build_area(console, now);
    if (rows > 0)
        buffer_format(&console->frame, "\r\033[%dA", rows);
    console_frame_lines(console, buffer_string(&console->above));
    console_frame_lines(console, buffer_string(&console->area));
    buffer_append_string(&console->frame, "\033[J");
    buffer_clear(&console->above);
    console_flush(console);
}

struct console_mark {
    const char *unicode;
    const char *ascii;
    enum terminal_tone tone;
};

static void console_step_ended(struct console *console, struct arena *arena,
                               const struct timeline_step *step, const struct value *entry)
{
    static const struct console_mark marks[STEP_STATE_COUNT] = {
        [STEP_DONE] = {"✓", "+", TERMINAL_GOOD},
        [STEP_FAILED] = {"✗", "!", TERMINAL_BAD},
        [STEP_SKIPPED] = {"·", "-", TERMINAL_FAINT},
        [STEP_INTERRUPTED] = {"✗", "!", TERMINAL_WARNING},
        [STEP_TAKEN_OVER] = {"·", "=", TERMINAL_GOOD},
        [STEP_UNDONE] = {"·", "-", TERMINAL_WARNING}};
    const struct console_mark *mark = &marks[step->state];
    const char *detail = phrase_effects(arena, value_get(entry, "effects"));
    if (step->state == STEP_SKIPPED)
        detail = arena_format(arena, "skipped: %s", step->reason ? step->reason : "");
    else if (step->state == STEP_INTERRUPTED)
        detail = "interrupted";
    else if (step->state == STEP_TAKEN_OVER)
        detail = "taken over";
    else if (step->state == STEP_FAILED)
        detail = step->message ? step->message : "failed";
    const char *duration = step->state == STEP_SKIPPED || step->state == STEP_TAKEN_OVER
                               ? ""
                               : phrase_duration(arena, step->milliseconds);
    enum terminal_tone tone = step->state == STEP_DONE ? TERMINAL_FAINT : mark->tone;
    console_add_line(
        console, &console->above,
        arena_format(arena, " %s%s%s %-*s %12s  %s%s%s", console_paint(console, mark->tone),
                     console_sign(console, mark->unicode, mark->ascii), console_plain(console),
                     console->id_width, step->step->id, duration, console_paint(console, tone),
                     text_line(arena, detail), console_plain(console)));
}

static void console_run_event(struct console *console, struct arena *arena,
                              const struct value *entry, const char *event)
{
    const struct timeline *timeline = console->view.timeline;
    if (strcmp(event, "run-started") == 0) {
        console_add_line(console, &console->above,
                         arena_format(arena, "%s%s%s", console_paint(console, TERMINAL_STRONG),
                                      text_line(arena, timeline->plan->title),
                                      console_plain(console)));
        console_add_line(console, &console->above,
                         arena_format(arena, "%s (%s), run %s, plan %.12s", timeline->environment,
                                      timeline->mode, timeline->run, timeline->plan->digest));
    } else if (strcmp(event, "run-resumed") == 0) {
        console_add_line(console, &console->above,
                         arena_format(arena, "%s (%s), run %s resumed", timeline->environment,
                                      timeline->mode, timeline->run));
    } else if (strcmp(event, "warning") == 0) {
        const char *message = value_get_string(entry, "message");
        console_add_line(console, &console->above,
                         arena_format(arena, " %s%s %s%s", console_paint(console, TERMINAL_WARNING),
                                      console_sign(console, "⚠", "warning:"),
                                      text_line(arena, message ? message : ""),
                                      console_plain(console)));
    }
}

static void console_event(struct view *view, const struct value *entry,
                          const struct timeline_step *step, int64_t now)
{
    struct console *console = (struct console *)view;
    const char *event = value_get_string(entry, "event");
    struct arena *arena = arena_create();
    if (event && step && strcmp(event, "step-ended") == 0)
        console_step_ended(console, arena, step, entry);
    else if (event)
        console_run_event(console, arena, entry, event);
    const char *other = phrase_event(arena, entry);
    if (other)
        console_add_line(console, &console->above,
                         arena_format(arena, " %s%s %s%s", console_paint(console, TERMINAL_WARNING),
                                      console_sign(console, "↺", "<"), other,
                                      console_plain(console)));
    arena_destroy(arena);
    (void)now; /* the next tick draws it */
}

static void console_tick(struct view *view, int64_t now)
{
    struct console *console = (struct console *)view;
    if (!console->resting)
        console_draw(console, now);
}

/* Whatever ends meanwhile is shown when the answer is there: it would tear the person's line. */
static void console_rest(struct view *view, const char *question, int64_t now)
{
    struct console *console = (struct console *)view;
    console->resting = question != NULL;
    if (question)
        buffer_format(&console->above, "\n%s%s%s\n", console_paint(console, TERMINAL_STRONG),
                      question, console_plain(console));
    console_draw(console, now);
}

/* Waits, but not for ever, for a terminal that takes nothing. */
static void console_end(struct view *view, int64_t now)
{
    struct console *console = (struct console *)view;
    console->resting = true;
    for (int i = 0; i < 2; i++) {
        console_draw(console, now); /* the rest of the last frame, then the last lines */
        struct pollfd ready = {.fd = console->file, .events = POLLOUT};
        if (console->frame.length > 0 && poll(&ready, 1, CONSOLE_PATIENCE) == 1)
            console_flush(console);
    }
    if (console->opened)
        close(console->file);
    buffer_release(&console->above);
    buffer_release(&console->frame);
    buffer_release(&console->area);
}

/* The terminal behind `file`, opened again so that writing to it never waits: the flag would
 * otherwise hold for all who share the descriptor, the shell too. */
static int console_open(int file)
{
    char name[256];
    if (ttyname_r(file, name, sizeof name) != 0)
        return -1;
    return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static int console_id_width(const struct timeline *timeline)
{
    int widest = 0;
    for (size_t i = 0; i < timeline->plan->step_count; i++) {
        int width = terminal_text_width(timeline->plan->steps[i].id);
        widest = width > widest ? width : widest;
    }
    return widest < CONSOLE_ID_WIDTH ? widest : CONSOLE_ID_WIDTH;
}

struct view *view_create_console(struct arena *arena, struct timeline *timeline, int file,
                                 struct terminal terminal)
{
    struct console *console = arena_allocate(arena, sizeof *console);
    int opened = console_open(file);
    *console = (struct console){
        .view = {.event = console_event,
                 .tick = console_tick,
                 .rest = console_rest,
                 .end = console_end,
                 .timeline = timeline},
        .terminal = terminal,
        .file = opened >= 0 ? opened : file,
        .opened = opened >= 0,
        .id_width = console_id_width(timeline),
    };
    return &console->view;
}
