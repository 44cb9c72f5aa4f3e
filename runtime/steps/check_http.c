/* `check.http`: a page answers with the status, and with a text that matches. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "runtime/http/request.h"
#include "runtime/steps/check_result.h"
#include "runtime/steps/kinds.h"

#define DEFAULT_TIMEOUT 30000 /* milliseconds */

/* The compiler has tried the pattern, so it can be compiled. */
static bool body_matches(const char *pattern, const struct buffer *body)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                                         PCRE2_MATCH_INVALID_UTF | PCRE2_UTF, &code, &offset, NULL);
    pcre2_match_data *match =
        compiled ? pcre2_match_data_create_from_pattern(compiled, NULL) : NULL;
    bool matches = match && pcre2_match(compiled, (PCRE2_SPTR)buffer_string(body), body->length, 0,
                                        0, match, NULL) >= 0;
    pcre2_match_data_free(match);
    pcre2_code_free(compiled);
    return matches;
}

static void http_answered(void *context, const struct error *error,
                          const struct http_answer *answer)
{
    struct step_run *step = context;
    if (error) {
        step_finish(step, error, NULL);
        return;
    }
    const char *pattern = value_get_string(step->spec, "match");
    int64_t wanted = value_get_integer(step->spec, "status", 200);
    bool status = answer->status == wanted;
    bool text = !pattern || body_matches(pattern, answer->body);
    const char *actual = arena_format(step->arena, "status %ld%s", answer->status,
                                      !pattern ? ""
                                      : text   ? " and a text that matches"
                                               : " and no text that matches");
    const char *expected = arena_format(step->arena, "status %lld%s%s", (long long)wanted,
                                        pattern ? " and a match of " : "", pattern ? pattern : "");
    struct value *effects = check_describe(step, actual, expected, status && text);
    struct value *http = value_object(step->arena);
    value_set(step->arena, http, "status", value_integer(step->arena, answer->status));
    value_set(step->arena, effects, "http", http);
    step_finish(step, check_judge(step, actual, expected, status && text), effects);
}

static void check_http_start(struct step_run *step)
{
    step->state =
        http_get(step->run->loop, step->arena, value_get_string(step->spec, "url"),
                 (long)value_get_integer(step->spec, "redirects", 5),
                 value_get_integer(step->spec, "timeout", DEFAULT_TIMEOUT), http_answered, step);
}

static void check_http_cancel(struct step_run *step)
{
    http_cancel(step->state);
}

const struct step_kind kind_check_http = {
    .name = "check.http",
    .resource = RESOURCE_NOTHING,
    .nature = nature_repeatable,
    .start = check_http_start,
    .cancel = check_http_cancel,
};
