/* One HTTP request on the event loop (libcurl's multi interface). */
#ifndef RUNTIME_HTTP_REQUEST_H
#define RUNTIME_HTTP_REQUEST_H

#include <stdint.h>
#include <uv.h>

#include "base/buffer.h"
#include "base/error.h"

#define HTTP_BODY_LIMIT ((size_t)8 * 1024 * 1024) /* bytes of an answer that are read */

struct http_answer {
    long status;
    const struct buffer *body;
};

struct http_request;

/* GET. TLS is verified, with the system's authorities or those of SSL_CERT_FILE; only http and
 * https, in redirects too. `answered` gets the answer, or the error (in `arena`); the body lives
 * until it returns. */
struct http_request *http_get(uv_loop_t *loop, struct arena *arena, const char *url, long redirects,
                              int64_t timeout,
                              void (*answered)(void *context, const struct error *error,
                                               const struct http_answer *answer),
                              void *context);

/* Ends it; `answered` still comes, with an error. */
void http_cancel(struct http_request *request);

#endif
