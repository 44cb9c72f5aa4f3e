/* What a terminal is taken for, and how wide texts are on it. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/terminal.h"

static void test_text_width(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int width;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"Größe", 5},
        {"\033[1;31mrot\033[0m", 3},
        {"\xE6\x97\xA5\xE6\x9C\xAC", 4}, /* two wide characters */
        {"e\xCC\x81", 1},                /* e and a combining accent */
        {"\xFF", 1},                     /* no UTF-8: shown as one replacement */
        {"\033[31", 0},                  /* a sequence cut off */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(terminal_text_width(cases[i].text), cases[i].width);
}

static void test_text_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int columns;
        size_t bytes;
    } cases[] = {
        {"abc", 2, 2},
        {"abc", 3, 3},
        {"abc", 9, 3},
        {"Größe", 3, 4},
        {"\033[31mrot", 2, 7},
        {"\xE6\x97\xA5\xE6\x9C\xAC", 3, 3}, /* half of a wide character does not fit */
        {"", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(terminal_text_fit(cases[i].text, cases[i].columns), cases[i].bytes);
}

static void test_not_a_terminal(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    setenv("TERM", "xterm", 1);
    unsetenv("NO_COLOR");
    setenv("COLUMNS", "132", 1);
    setenv("LINES", "nonsense", 1);
    struct terminal terminal = terminal_inspect(ends[1], TERMINAL_COLOURS_AUTO);
    assert_false(terminal.interactive);
    assert_false(terminal.colours);
    assert_int_equal(terminal.width, 132);
    assert_int_equal(terminal.height, 24);
    assert_true(terminal_inspect(ends[1], TERMINAL_COLOURS_ALWAYS).colours);
    close(ends[0]);
    close(ends[1]);
}

/* A terminal of the system's own making. */
static int open_terminal(int *master)
{
    *master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(*master >= 0);
    assert_int_equal(grantpt(*master), 0);
    assert_int_equal(unlockpt(*master), 0);
    int file = open(ptsname(*master), O_RDWR | O_NOCTTY);
    assert_true(file >= 0);
    return file;
}

static void test_terminal(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *no_color;
        enum terminal_colours choice;
        bool interactive;
        bool colours;
    } cases[] = {
        {"xterm", NULL, TERMINAL_COLOURS_AUTO, true, true},
        {"xterm", "", TERMINAL_COLOURS_AUTO, true, true},
        {"xterm", "1", TERMINAL_COLOURS_AUTO, true, false},
        {"xterm", "1", TERMINAL_COLOURS_ALWAYS, true, true},
        {"xterm", NULL, TERMINAL_COLOURS_NEVER, true, false},
        {"dumb", NULL, TERMINAL_COLOURS_AUTO, false, false},
        {NULL, NULL, TERMINAL_COLOURS_AUTO, false, false},
    };
    int master = -1;
    int file = open_terminal(&master);
    struct winsize size = {.ws_col = 97, .ws_row = 31};
    assert_int_equal(ioctl(file, TIOCSWINSZ, &size), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unsetenv("TERM");
        unsetenv("NO_COLOR");
        if (cases[i].type)
            setenv("TERM", cases[i].type, 1);
        if (cases[i].no_color)
            setenv("NO_COLOR", cases[i].no_color, 1);
        struct terminal terminal = terminal_inspect(file, cases[i].choice);
        assert_int_equal(terminal.interactive, cases[i].interactive);
        assert_int_equal(terminal.colours, cases[i].colours);
        assert_int_equal(terminal.width, 97);
        assert_int_equal(terminal.height, 31);
    }
    size.ws_col = 40;
    assert_int_equal(ioctl(file, TIOCSWINSZ, &size), 0);
    struct terminal terminal = {0};
    terminal_measure(&terminal, file);
    assert_int_equal(terminal.width, 40);
    close(file);
    close(master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_width),
        cmocka_unit_test(test_text_fit),
        cmocka_unit_test(test_not_a_terminal),
        cmocka_unit_test(test_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
