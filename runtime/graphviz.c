#include "runtime/graphviz.h"

#include "runtime/process.h"

struct drawing {
    struct arena *arena;
    struct buffer *svg;
    const char *complaint; /* the first line on standard error */
    const struct error *error;
};

static void graphviz_on_line(void *context, int stream, const char *line)
{
    struct drawing *drawing = context;
    if (stream == 1) {
        buffer_append_string(drawing->svg, line);
        buffer_append_character(drawing->svg, '\n');
    } else if (!drawing->complaint) {
        drawing->complaint = arena_copy(drawing->arena, line);
    }
}

static void graphviz_on_ended(void *context, const struct error *error, int64_t exit_code,
                              int signal)
{
    struct drawing *drawing = context;
    const char *complaint = drawing->complaint ? drawing->complaint : "it did not say why";
    if (error)
        drawing->error = error_create(
            drawing->arena, OUTCOME_FAILED,
            "an SVG is drawn by Graphviz: install it (`apt install graphviz`), or draw the graph "
            "with `--format dot` or `--format mermaid` somewhere else",
            "%s", error->message);
    else if (signal != 0)
        drawing->error = error_create(drawing->arena, OUTCOME_FAILED, NULL,
                                      "dot was ended by signal %d: %s", signal, complaint);
    else if (exit_code != 0)
        drawing->error = error_create(drawing->arena, OUTCOME_FAILED, NULL,
                                      "dot ended with exit code %d: %s", (int)exit_code, complaint);
}

const struct error *graphviz_draw_svg(struct arena *arena, const char *dot, struct buffer *svg)
{
    static const char *const arguments[] = {"dot", "-Tsvg", NULL};
    struct drawing drawing = {.arena = arena, .svg = svg};
    uv_loop_t loop;
    int code = uv_loop_init(&loop);
    if (code != 0)
        return error_create(arena, OUTCOME_FAILED, NULL, "cannot start an event loop: %s",
                            uv_strerror(code));
    process_start(&loop, arena,
                  (struct process_options){
                      .arguments = arguments,
                      .input = dot,
                      .line = graphviz_on_line,
                      .ended = graphviz_on_ended,
                      .context = &drawing,
                  });
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return drawing.error;
}
