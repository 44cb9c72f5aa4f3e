/* `check.http`: a page answers with the status, and with a text that matches; at once, or within a
 * time, as a server needs some to start. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "runtime/http/request.h"
#include "runtime/steps/check_result.h"
#include "runtime/steps/kinds.h"

#define DEFAULT_TIMEOUT 30000 /* milliseconds */
#define INTERVAL 1000         /* milliseconds from one attempt to the next */

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

/* What is asked, once or until `deadline`. */
struct asking {
    struct step_run *step;
    struct http_request *request; /* NULL between two attempts */
    uv_timer_t *timer;            /* to the next attempt, or NULL */
    int64_t deadline;
    bool cancelled;
};

static void asking_begin(struct asking *asking);

static void asking_timer_closed(uv_handle_t *handle)
{
    memory_release(handle);
}

static void asking_end(struct asking *asking, const struct error *error, struct value *effects)
{
    if (asking->timer)
        uv_close((uv_handle_t *)asking->timer, asking_timer_closed);
    asking->timer = NULL;
    step_finish(asking->step, error, effects);
}

static void asking_again(uv_timer_t *timer)
{
    struct asking *asking = timer->data;
    if (asking->cancelled)
        asking_end(
            asking,
            error_create(asking->step->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop"),
            NULL);
    else
        asking_begin(asking);
}

static void asking_wait(struct asking *asking, uint64_t milliseconds)
{
    if (!asking->timer) {
        asking->timer = memory_allocate(sizeof *asking->timer);
        uv_timer_init(asking->step->run->loop, asking->timer);
        asking->timer->data = asking;
    }
    uv_timer_start(asking->timer, asking_again, milliseconds, 0);
}

static void asking_judge(struct asking *asking, const struct error *error, struct value *effects)
{
    if (error && error->outcome == OUTCOME_FAILED && !asking->cancelled &&
        clock_now() + INTERVAL < asking->deadline) {
        step_progress(asking->step, "not yet: %s", error->message);
        asking_wait(asking, INTERVAL);
    } else {
        asking_end(asking, error, effects);
    }
}

static void http_answered(void *context, const struct error *error,
                          const struct http_answer *answer)
{
    struct asking *asking = context;
    struct step_run *step = asking->step;
    asking->request = NULL;
    if (error) {
        asking_judge(asking, error, NULL);
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
    asking_judge(asking, check_judge(step, actual, expected, status && text), effects);
}

static void asking_begin(struct asking *asking)
{
    const struct step_run *step = asking->step;
    int64_t timeout = value_get_integer(step->spec, "timeout", DEFAULT_TIMEOUT);
    int64_t left = asking->deadline - clock_now();
    if (left > 0 && left < timeout)
        timeout = left;
    asking->request = http_get(step->run->loop, step->arena, value_get_string(step->spec, "url"),
                               (long)value_get_integer(step->spec, "redirects", 5), timeout,
                               http_answered, asking);
}

static void check_http_start(struct step_run *step)
{
    struct asking *asking = arena_allocate(step->arena, sizeof *asking);
    asking->step = step;
    asking->deadline = clock_now() + value_get_integer(step->spec, "within", 0);
    step->state = asking;
    asking_begin(asking);
}

static void check_http_cancel(struct step_run *step)
{
    struct asking *asking = step->state;
    asking->cancelled = true;
    if (asking->request)
        http_cancel(asking->request);
    else
        asking_wait(asking, 0);
}

/* Where nothing is published the address still shows what was there before, and would pass. */
static const char *check_http_skip(const struct step_run *step)
{
    bool at_publish = strcmp(step->step->phase, "publish") == 0;
    return at_publish && !step->run->environment->publish
               ? "the environment names no place to publish to"
               : NULL;
}

const struct step_kind kind_check_http = {
    .name = "check.http",
    .resource = RESOURCE_NOTHING,
    .skip = check_http_skip,
    .nature = nature_repeatable,
    .start = check_http_start,
    .cancel = check_http_cancel,
};
