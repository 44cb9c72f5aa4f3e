/* What `checkpoints` and `clean` have in common. */
#ifndef CLI_TIDY_H
#define CLI_TIDY_H

#include "cli/command.h"
#include "runtime/leftovers/leftovers.h"

/* Reads the environment that the command names and finds what runs have left there. The loop is the
 * caller's to close, with tidy_close. */
struct tidy {
    uv_loop_t loop;
    struct environment *environment;
    struct leftovers leftovers;
};

const struct error *tidy_open(struct invocation *invocation, struct tidy *tidy);
void tidy_close(struct tidy *tidy);

/* Removes those without `kept`, telling each. */
const struct error *tidy_remove(struct invocation *invocation, struct tidy *tidy);

#endif
