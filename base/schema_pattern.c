#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "base/memory.h"
#include "base/schema_private.h"

struct pattern {
    const char *text;
    pcre2_code *code;
    pcre2_match_data *matched;
};

static void pattern_release(void *object)
{
    struct pattern *pattern = object;
    pcre2_match_data_free(pattern->matched);
    pcre2_code_free(pattern->code);
}

const struct pattern *schema_pattern_create(struct arena *arena, const char *text,
                                            const char **reason)
{
    /* What ECMA 262 has otherwise than Perl: `$` is the very end, \uXXXX, [] and [^]. */
    uint32_t options = PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS |
                       PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C;
    int code;
    PCRE2_SIZE offset;
    struct pattern *pattern = arena_allocate(arena, sizeof *pattern);
    pattern->text = text;
    pattern->code = pcre2_compile((PCRE2_SPTR)text, strlen(text), options, &code, &offset, NULL);
    if (!pattern->code) {
        char problem[128] = "";
        pcre2_get_error_message(code, (PCRE2_UCHAR *)problem, sizeof problem);
        *reason = arena_format(arena, "the regular expression is wrong at character %zu: %s",
                               offset + 1, problem);
        return NULL;
    }
    pattern->matched = pcre2_match_data_create_from_pattern(pattern->code, NULL);
    if (!pattern->matched)
        memory_allocate(SIZE_MAX); /* ends the program with its message */
    arena_on_destroy(arena, pattern_release, pattern);
    /* Where the machine has no JIT, the interpreter does the same more slowly. */
    (void)pcre2_jit_compile(pattern->code, PCRE2_JIT_COMPLETE);
    return pattern;
}

bool schema_pattern_matches(const struct pattern *pattern, const char *text, size_t length)
{
    return pcre2_match(pattern->code, (PCRE2_SPTR)text, length, 0, 0, pattern->matched, NULL) >= 0;
}

const char *schema_pattern_text(const struct pattern *pattern)
{
    return pattern->text;
}
