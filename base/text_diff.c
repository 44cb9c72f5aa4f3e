#include "base/text_diff.h"

#include <git2.h>
#include <string.h>

struct writing {
    struct buffer *output;
    const char *indent;
    const struct terminal *terminal;
};

static void write_line(const struct writing *writing, enum terminal_tone tone, const char *sign,
                       const char *text, size_t length)
{
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
        length--;
    buffer_format(writing->output, "%s%s%s%.*s%s\n", writing->indent,
                  terminal_paint(writing->terminal, tone), sign, (int)length, text,
                  terminal_plain(writing->terminal, tone));
}

static int take_hunk(const git_diff_delta *delta, const git_diff_hunk *hunk, void *context)
{
    (void)delta;
    write_line(context, TERMINAL_FAINT, "", hunk->header, hunk->header_len);
    return 0;
}

static int take_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
                     const git_diff_line *line, void *context)
{
    (void)delta, (void)hunk;
    switch (line->origin) {
    case GIT_DIFF_LINE_CONTEXT:
        write_line(context, TERMINAL_NEUTRAL, " ", line->content, line->content_len);
        break;
    case GIT_DIFF_LINE_ADDITION:
        write_line(context, TERMINAL_GOOD, "+", line->content, line->content_len);
        break;
    case GIT_DIFF_LINE_DELETION:
        write_line(context, TERMINAL_BAD, "-", line->content, line->content_len);
        break;
    default: /* a missing line feed at the end says nothing about views and SQL */
        break;
    }
    return 0;
}

static bool write_hunks(const struct writing *writing, const char *before, const char *after,
                        int context)
{
    git_diff_options options;
    if (git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION) != 0)
        return false;
    options.context_lines = (uint32_t)context;
    options.flags |= GIT_DIFF_FORCE_TEXT;
    return git_diff_buffers(before, strlen(before), NULL, after, strlen(after), NULL, &options,
                            NULL, NULL, take_hunk, take_line, (void *)writing) == 0;
}

static void write_all(const struct writing *writing, enum terminal_tone tone, const char *sign,
                      const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");
        write_line(writing, tone, sign, text, length);
        text += length + (text[length] == '\n' ? 1 : 0);
    }
}

/* Where libgit2 has no memory left, or a text is beyond its limits, what remains is true, too: all
 * of the one has gone and all of the other has come. */
void text_diff_write(struct buffer *output, const char *before, const char *after, int context,
                     const char *indent, const struct terminal *terminal)
{
    struct writing writing = {.output = output, .indent = indent, .terminal = terminal};
    size_t start = output->length;
    if (strcmp(before, after) == 0)
        return;
    bool done = git_libgit2_init() > 0 && write_hunks(&writing, before, after, context);
    if (!done) {
        buffer_truncate(output, start);
        write_all(&writing, TERMINAL_BAD, "-", before);
        write_all(&writing, TERMINAL_GOOD, "+", after);
    }
    (void)git_libgit2_shutdown(); /* returns how many still use it */
}
