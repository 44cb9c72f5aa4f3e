#include "runtime/odoo/log_search.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <errno.h>
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

#define MATCH_LIMIT 1000000      /* steps of one match */
#define TEXT_LIMIT ((size_t)500) /* bytes of a finding that are kept */

struct log_search_pattern {
    pcre2_code *code;
    pcre2_match_data *matched;
    pcre2_match_context *limits;
};

static void pattern_release(void *object)
{
    struct log_search_pattern *pattern = object;
    pcre2_match_data_free(pattern->matched);
    pcre2_match_context_free(pattern->limits);
    pcre2_code_free(pattern->code);
}

static const struct error *pattern_create(struct arena *arena, const char *text,
                                          struct log_search_pattern *pattern)
{
    int code;
    PCRE2_SIZE offset;
    pattern->code = pcre2_compile((PCRE2_SPTR)text, strlen(text),
                                  PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C,
                                  &code, &offset, NULL);
    if (!pattern->code) {
        char problem[128] = "";
        pcre2_get_error_message(code, (PCRE2_UCHAR *)problem, sizeof problem);
        return error_create(arena, OUTCOME_FAILED, "see pcre2pattern(3) for what is possible",
                            "the regular expression \"%s\" is wrong at character %zu: %s", text,
                            offset + 1, problem);
    }
    pattern->matched = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    pattern->limits = pcre2_match_context_create(NULL);
    if (!pattern->matched || !pattern->limits)
        memory_allocate(SIZE_MAX); /* ends the program with its message */
    pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
    arena_on_destroy(arena, pattern_release, pattern);
    /* Where the machine has no JIT, the interpreter does the same more slowly. */
    (void)pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
    return NULL;
}

/* Negative: no match, or PCRE2_ERROR_... where that cannot be told. */
static int pattern_match(const struct log_search_pattern *pattern, const char *text, size_t length)
{
    return pcre2_match(pattern->code, (PCRE2_SPTR)text, length, 0, 0, pattern->matched,
                       pattern->limits);
}

const struct error *log_search_create(struct arena *arena, const char *forbid,
                                      const struct value *except, struct log_search **created)
{
    size_t count = value_count(except);
    struct log_search *search = arena_allocate(arena, sizeof *search);
    search->arena = arena;
    search->excuse_count = count;
    search->excuses = arena_allocate(arena, (count + 1) * sizeof *search->excuses);
    search->patterns = arena_allocate(arena, (count + 1) * sizeof *search->patterns);
    search->findings = arena_allocate(arena, LOG_FINDING_LIMIT * sizeof *search->findings);
    atomic_init(&search->stopped, false);
    *created = search;
    const struct error *error = pattern_create(arena, forbid, &search->patterns[0]);
    for (size_t i = 0; i < count && !error; i++) {
        const struct value *item = value_item(except, i);
        const char *text = value_as_string(item);
        search->excuses[i].match = text ? text : value_get_string(item, "match");
        search->excuses[i].why = value_get_string(item, "why");
        error = pattern_create(arena, search->excuses[i].match, &search->patterns[i + 1]);
    }
    return error;
}

/* ---- one log ---- */

/* What was counted in the log that is being read: an attempt that was not the last one takes it
 * back. */
struct reading {
    struct log_search *search;
    const char *step;
    size_t line;
    size_t findings_before;
    size_t *excused_before;
};

static void reading_begin_attempt(struct reading *reading)
{
    struct log_search *search = reading->search;
    search->finding_count = reading->findings_before;
    for (size_t i = 0; i < search->excuse_count; i++)
        search->excuses[i].count = reading->excused_before[i];
}

static bool reading_excuses(const struct reading *reading, const char *text, size_t length)
{
    struct log_search *search = reading->search;
    for (size_t i = 0; i < search->excuse_count; i++) {
        if (pattern_match(&search->patterns[i + 1], text, length) >= 0) {
            search->excuses[i].count++;
            return true;
        }
    }
    return false;
}

/* A match that is too much work to be told is a finding: somebody has to look. */
static void reading_judge(const struct reading *reading, const char *text, size_t length)
{
    struct log_search *search = reading->search;
    if (pattern_match(&search->patterns[0], text, length) == PCRE2_ERROR_NOMATCH ||
        reading_excuses(reading, text, length))
        return;
    size_t index = search->finding_count++;
    if (index >= LOG_FINDING_LIMIT)
        return;
    size_t kept = utf8_cut(text, length, TEXT_LIMIT);
    const char *cut =
        arena_format(search->arena, "%.*s%s", (int)kept, text, kept < length ? "…" : "");
    search->findings[index] =
        (struct log_finding){.step = reading->step, .line = reading->line, .text = cut};
}

/* `2026-11-24T07:15:04.123Z odoo: ...`; nothing that Odoo says looks like the line that tells of
 * its start. */
static void reading_take(struct reading *reading, char *line, size_t length)
{
    static const char said[] = "odoo: ", starting[] = "starting odoo ";
    reading->line++;
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == ' '))
        line[--length] = '\0';
    size_t time = strcspn(line, " ");
    if (line[time] != ' ')
        return;
    const char *text = line + time + 1;
    if (strncmp(text, starting, sizeof starting - 1) == 0)
        reading_begin_attempt(reading);
    else if (strncmp(text, said, sizeof said - 1) == 0)
        reading_judge(reading, text + sizeof said - 1, length - time - sizeof said);
}

const struct error *log_search_read(struct log_search *search, const char *step, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? NULL /* it said nothing */
                               : error_system(search->arena, errno, NULL, "cannot read %s", path);
    struct reading reading = {
        .search = search, .step = step, .findings_before = search->finding_count};
    reading.excused_before =
        memory_allocate((search->excuse_count + 1) * sizeof *reading.excused_before);
    for (size_t i = 0; i < search->excuse_count; i++)
        reading.excused_before[i] = search->excuses[i].count;
    char *line = NULL;
    size_t size = 0;
    ssize_t length = 0;
    while (!atomic_load(&search->stopped) && (length = getline(&line, &size, file)) >= 0)
        reading_take(&reading, line, (size_t)length);
    const struct error *error =
        ferror(file) ? error_system(search->arena, errno, NULL, "cannot read %s", path) : NULL;
    free(line); /* getline's */
    memory_release(reading.excused_before);
    if (fclose(file) != 0 && !error)
        error = error_system(search->arena, errno, NULL, "cannot read %s", path);
    return error;
}
