/* What stands behind a file descriptor: a person's terminal, or a file or pipe. */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum terminal_colours { TERMINAL_COLOURS_AUTO, TERMINAL_COLOURS_ALWAYS, TERMINAL_COLOURS_NEVER };

struct terminal {
    bool
        interactive; /* a terminal whose cursor can be moved (TERM is neither "dumb" nor missing) */
    bool colours;    /* ANSI colours are wanted: by --color, else by NO_COLOR (no-color.org) and
                        whether it is such a terminal */
    bool utf8;       /* more than ASCII can be shown, by the locale */
    int width;       /* columns; 80 where nothing tells */
    int height;      /* lines; 24 where nothing tells */
};

/* What a text means, and with it the colour that it has everywhere. */
enum terminal_tone {
    TERMINAL_NEUTRAL,
    TERMINAL_GOOD,    /* there, kept, added */
    TERMINAL_WARNING, /* to be looked at, changed */
    TERMINAL_BAD,     /* missing, failed, removed */
    TERMINAL_FAINT,   /* of less weight than its neighbours */
    TERMINAL_STRONG,  /* titles */
};

/* The sequence that begins a text of that tone, and the one that ends it; "" where nothing is
 * coloured. `terminal` NULL: nothing is. */
const char *terminal_paint(const struct terminal *terminal, enum terminal_tone tone);
const char *terminal_plain(const struct terminal *terminal, enum terminal_tone tone);

struct terminal terminal_inspect(int file, enum terminal_colours colours);

/* Asks again for width and height, after SIGWINCH. */
void terminal_measure(struct terminal *terminal, int file);

/* How many columns `text` takes on a terminal: wide and combining characters counted as such, ANSI
 * sequences as nothing. */
int terminal_text_width(const char *text);

/* The longest start of `text` that takes at most `columns`, in bytes; never splits a character or
 * an ANSI sequence. */
size_t terminal_text_fit(const char *text, int columns);

#endif
