#include "runtime/http/request.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct http_request {
    uv_loop_t *loop;
    struct arena *arena;
    CURLM *multi;
    CURL *easy;
    uv_timer_t timer;
    int open_handles;
    struct buffer body;
    bool too_long;
    bool ended;
    const char *url;
    const struct error *error;
    char reason[CURL_ERROR_SIZE];
    void (*answered)(void *context, const struct error *error, const struct http_answer *answer);
    void *context;
};

/* One socket of the transfer. */
struct http_socket {
    uv_poll_t poll;
    curl_socket_t socket;
    struct http_request *request;
};

static void http_check(struct http_request *request);

/* With the last handle gone, nothing of the loop knows of the request. */
static void http_handle_closed(struct http_request *request)
{
    if (--request->open_handles > 0)
        return;
    long status = 0;
    if (request->easy)
        curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
    struct http_answer answer = {.status = status};
    curl_easy_cleanup(request->easy);
    curl_multi_cleanup(request->multi);
    /* What comes next may release the memory that the request lies in. */
    struct buffer body = request->body;
    answer.body = &body;
    request->answered(request->context, request->error, request->error ? NULL : &answer);
    buffer_release(&body);
}

static void http_timer_closed(uv_handle_t *handle)
{
    http_handle_closed(handle->data);
}

static void http_socket_closed(uv_handle_t *handle)
{
    struct http_socket *socket = (struct http_socket *)handle;
    struct http_request *request = socket->request;
    memory_release(socket);
    http_handle_closed(request);
}

static void http_end(struct http_request *request, const struct error *error)
{
    if (request->ended)
        return;
    request->ended = true;
    request->error = error;
    if (request->multi && request->easy)
        curl_multi_remove_handle(request->multi, request->easy); /* lets go of the sockets */
    uv_close((uv_handle_t *)&request->timer, http_timer_closed);
}

static size_t http_take_body(char *bytes, size_t size, size_t count, void *context)
{
    struct http_request *request = context;
    size_t length = size * count;
    if (request->body.length + length > HTTP_BODY_LIMIT) {
        request->too_long = true;
        return 0;
    }
    buffer_append(&request->body, bytes, length);
    return length;
}

static void http_on_socket(uv_poll_t *poll, int status, int events)
{
    struct http_socket *socket = (struct http_socket *)poll;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    int running;
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    struct http_request *request = socket->request;
    curl_multi_socket_action(request->multi, socket->socket, flags, &running);
    http_check(request);
}

static int http_watch_socket(CURL *easy, curl_socket_t number, int action, void *context,
                             void *known)
{
    struct http_request *request = context;
    struct http_socket *socket = known;
    (void)easy;
    if (action == CURL_POLL_REMOVE) {
        curl_multi_assign(request->multi, number, NULL);
        if (socket)
            uv_close((uv_handle_t *)&socket->poll, http_socket_closed);
        return 0;
    }
    if (!socket) {
        socket = memory_allocate(sizeof *socket);
        *socket = (struct http_socket){.socket = number, .request = request};
        if (uv_poll_init(request->loop, &socket->poll, number) != 0) {
            memory_release(socket);
            return -1;
        }
        request->open_handles++;
        curl_multi_assign(request->multi, number, socket);
    }
    int events =
        (action & CURL_POLL_IN ? UV_READABLE : 0) | (action & CURL_POLL_OUT ? UV_WRITABLE : 0);
    return uv_poll_start(&socket->poll, events, http_on_socket);
}

static void http_on_timer(uv_timer_t *timer)
{
    struct http_request *request = timer->data;
    int running;
    curl_multi_socket_action(request->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    http_check(request);
}

static int http_set_timer(CURLM *multi, long milliseconds, void *context)
{
    struct http_request *request = context;
    (void)multi;
    if (request->ended)
        return 0;
    if (milliseconds < 0)
        uv_timer_stop(&request->timer);
    else
        uv_timer_start(&request->timer, http_on_timer, (uint64_t)milliseconds, 0);
    return 0;
}

/* The address as messages show it: a query may hold what is nobody's business. */
static const char *http_show_url(struct http_request *request)
{
    return arena_copy_bytes(request->arena, request->url, strcspn(request->url, "?#"));
}

static const struct error *http_explain(struct http_request *request, CURLcode code)
{
    if (request->too_long)
        return error_create(request->arena, OUTCOME_FAILED, NULL, "%s answered more than %zu MB",
                            http_show_url(request), HTTP_BODY_LIMIT / 1048576);
    return error_create(request->arena, OUTCOME_FAILED,
                        "check the address, and that the server runs", "no answer from %s: %s",
                        http_show_url(request),
                        request->reason[0] ? request->reason : curl_easy_strerror(code));
}

static void http_check(struct http_request *request)
{
    int left;
    CURLMsg *message;
    while (!request->ended && (message = curl_multi_info_read(request->multi, &left)))
        if (message->msg == CURLMSG_DONE)
            http_end(request, message->data.result == CURLE_OK
                                  ? NULL
                                  : http_explain(request, message->data.result));
}

static bool http_set_options(struct http_request *request, long redirects, int64_t timeout)
{
    CURL *easy = request->easy;
    const char *authorities = getenv("SSL_CERT_FILE");
    bool good =
        curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, redirects > 0 ? 1L : 0L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_MAXREDIRS, redirects) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_USERAGENT, "drehbuch/" DREHBUCH_VERSION) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->reason) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, http_take_body) == CURLE_OK &&
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, request) == CURLE_OK;
    if (good && authorities)
        good = curl_easy_setopt(easy, CURLOPT_CAINFO, authorities) == CURLE_OK;
    return good &&
           curl_multi_setopt(request->multi, CURLMOPT_SOCKETFUNCTION, http_watch_socket) ==
               CURLM_OK &&
           curl_multi_setopt(request->multi, CURLMOPT_SOCKETDATA, request) == CURLM_OK &&
           curl_multi_setopt(request->multi, CURLMOPT_TIMERFUNCTION, http_set_timer) == CURLM_OK &&
           curl_multi_setopt(request->multi, CURLMOPT_TIMERDATA, request) == CURLM_OK &&
           curl_multi_add_handle(request->multi, request->easy) == CURLM_OK;
}

static void http_could_not_start(uv_timer_t *timer)
{
    struct http_request *request = timer->data;
    http_end(request, error_create(request->arena, OUTCOME_FAILED, "check the address",
                                   "cannot begin a request to %s", http_show_url(request)));
}

struct http_request *http_get(uv_loop_t *loop, struct arena *arena, const char *url, long redirects,
                              int64_t timeout,
                              void (*answered)(void *context, const struct error *error,
                                               const struct http_answer *answer),
                              void *context)
{
    struct http_request *request = arena_allocate(arena, sizeof *request);
    *request = (struct http_request){
        .loop = loop, .arena = arena, .url = url, .answered = answered, .context = context};
    uv_timer_init(loop, &request->timer);
    request->timer.data = request;
    request->open_handles = 1;
    request->multi = curl_multi_init();
    request->easy = curl_easy_init();
    if (!request->multi || !request->easy || !http_set_options(request, redirects, timeout))
        uv_timer_start(&request->timer, http_could_not_start, 0, 0);
    return request;
}

static void http_was_cancelled(uv_timer_t *timer)
{
    struct http_request *request = timer->data;
    http_end(request,
             error_create(request->arena, OUTCOME_INTERRUPTED, NULL, "it was asked to stop"));
}

void http_cancel(struct http_request *request)
{
    if (!request->ended)
        uv_timer_start(&request->timer, http_was_cancelled, 0, 0);
}
