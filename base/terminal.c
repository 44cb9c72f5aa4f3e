#include "base/terminal.h"

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"

static bool terminal_is_set(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] != '\0';
}

static bool terminal_locale_is_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale == (locale_t)0)
        return false;
    bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return utf8;
}

/* A positive number from the environment, else `fallback`. */
static int terminal_environment_number(const char *name, int fallback)
{
    const char *text = getenv(name);
    if (!text)
        return fallback;
    char *end = NULL;
    long number = strtol(text, &end, 10);
    return *end == '\0' && number > 0 && number < 10000 ? (int)number : fallback;
}

void terminal_measure(struct terminal *terminal, int file)
{
    struct winsize size = {0};
    bool known = ioctl(file, TIOCGWINSZ, &size) == 0;
    terminal->width =
        known && size.ws_col > 0 ? size.ws_col : terminal_environment_number("COLUMNS", 80);
    terminal->height =
        known && size.ws_row > 0 ? size.ws_row : terminal_environment_number("LINES", 24);
}

struct terminal terminal_inspect(int file, enum terminal_colours colours)
{
    struct terminal terminal = {0};
    const char *type = getenv("TERM");
    terminal.interactive =
        isatty(file) == 1 && type && type[0] != '\0' && strcmp(type, "dumb") != 0;
    terminal.colours =
        colours == TERMINAL_COLOURS_ALWAYS ||
        (colours == TERMINAL_COLOURS_AUTO && terminal.interactive && !terminal_is_set("NO_COLOR"));
    terminal.utf8 = terminal_locale_is_utf8();
    terminal_measure(&terminal, file);
    return terminal;
}

struct character_range {
    uint32_t first;
    uint32_t last;
};

static bool terminal_in_ranges(uint32_t character, const struct character_range *ranges,
                               size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

/* The blocks that texts of plans really hold; wcwidth would need the process's locale. */
static int terminal_character_width(uint32_t character)
{
    static const struct character_range combining[] = {
        {0x0300, 0x036F}, {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}};
    static const struct character_range wide[] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
        {0x1F300, 0x1F64F}, {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};
    if (terminal_in_ranges(character, combining, sizeof combining / sizeof combining[0]))
        return 0;
    return terminal_in_ranges(character, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

/* The bytes of the ANSI sequence (ESC [ ... letter) at `text`, 0 where there is none. */
static size_t terminal_sequence_length(const char *text)
{
    if (text[0] != '\033' || text[1] != '[')
        return 0;
    size_t length = 2;
    while (text[length] != '\0' && (text[length] < '@' || text[length] > '~'))
        length++;
    return text[length] == '\0' ? length : length + 1;
}

/* Walks over `text` until it ends or the next character would go beyond `columns`; returns the
 * bytes walked over, and the columns they take in *width. */
static size_t terminal_walk(const char *text, int columns, int *width)
{
    size_t length = strlen(text);
    size_t offset = 0;
    *width = 0;
    while (offset < length) {
        size_t sequence = terminal_sequence_length(text + offset);
        if (sequence > 0) {
            offset += sequence;
            continue;
        }
        uint32_t character = 0;
        size_t bytes = utf8_read(text + offset, length - offset, &character);
        int taken = bytes == 0 ? 1 : terminal_character_width(character);
        if (taken > columns - *width)
            break;
        *width += taken;
        offset += bytes == 0 ? 1 : bytes;
    }
    return offset;
}

int terminal_text_width(const char *text)
{
    int width = 0;
    terminal_walk(text, INT_MAX, &width);
    return width;
}

size_t terminal_text_fit(const char *text, int columns)
{
    int width = 0;
    return terminal_walk(text, columns, &width);
}

const char *terminal_paint(const struct terminal *terminal, enum terminal_tone tone)
{
    static const char *const sequences[] = {
        [TERMINAL_NEUTRAL] = "",     [TERMINAL_GOOD] = "\033[32m",  [TERMINAL_WARNING] = "\033[33m",
        [TERMINAL_BAD] = "\033[31m", [TERMINAL_FAINT] = "\033[90m", [TERMINAL_STRONG] = "\033[1m"};
    return terminal && terminal->colours ? sequences[tone] : "";
}

const char *terminal_plain(const struct terminal *terminal, enum terminal_tone tone)
{
    return terminal && terminal->colours && tone != TERMINAL_NEUTRAL ? "\033[0m" : "";
}
