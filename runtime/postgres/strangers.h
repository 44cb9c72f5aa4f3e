/* Ends those who may still work on the working database although nobody waits for them any more:
 * what a killed Odoo leaves behind docker or ssh, or a killed executor anywhere. */
#ifndef RUNTIME_POSTGRES_STRANGERS_H
#define RUNTIME_POSTGRES_STRANGERS_H

#include "runtime/run.h"

/* Ends all sessions on the working database but this run's, and waits until they are gone. `ended`
 * comes from the loop, with an error where some do not end or may not be ended. */
void strangers_end(struct run *run, void (*ended)(void *context, const struct error *error),
                   void *context);

#endif
