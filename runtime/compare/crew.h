/* Sessions on both servers that share their work: on each server all of them see one snapshot.
 *
 * Work is a list of queries on each side; whoever is free takes the next. */
#ifndef RUNTIME_COMPARE_CREW_H
#define RUNTIME_COMPARE_CREW_H

#include "runtime/compare/compare.h"
#include "runtime/postgres/session.h"

enum side { SIDE_X, SIDE_Y, SIDE_COUNT };

struct crew;

/* Gets the answer to a query, which may be an error of the server's. */
typedef void crew_take(void *context, enum side side, const struct session_answer *answer);

/* Connects `jobs` sessions on each side, locks the tables that can be read against changes of their
 * shape, and begins. Where a server has no room for more than one session that one does. */
const struct error *crew_open(struct arena *arena, uv_loop_t *loop,
                              const struct compare_options *options, struct crew **crew);

/* Puts a query behind the others of that side; one statement, copied. */
void crew_add(struct crew *crew, enum side side, const char *sql, crew_take *take, void *context);

/* Returns when all queries were answered, also those that takers have added; or with why it could
 * not go on: a server that is gone, Ctrl-C. */
const struct error *crew_work(struct crew *crew);

/* Quoted by libpq, in the crew's arena. */
const char *crew_quote(const struct crew *crew, const char *text);
const char *crew_quote_identifier(const struct crew *crew, const char *name);

/* Ends the transactions and closes the sessions; NULL is allowed. */
void crew_close(struct crew *crew);

#endif
