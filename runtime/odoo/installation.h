/* How Odoo of one version is started in an environment: a program of this machine, or one behind
 * `docker exec -i NAME` or `ssh HOST`. All paths are as Odoo sees them; nothing here needs them on
 * this machine. */
#ifndef RUNTIME_ODOO_INSTALLATION_H
#define RUNTIME_ODOO_INSTALLATION_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/value.h"

struct installation {
    const char *series;      /* "19.0" */
    const char *const *run;  /* what starts Odoo, up to its own arguments; NULL-terminated */
    const char *config;      /* Odoo's configuration file, or NULL */
    const char *addons;      /* addons folders with commas between, or NULL: the configuration's */
    const char *data_folder; /* Odoo's data_dir, or NULL: the configuration's */
    const char *openupgrade; /* the folder that holds openupgrade_framework and
                                openupgrade_scripts, or NULL */
};

/* Reads one entry of the environment's `odoo`, which its schema has checked. */
const struct installation *installation_read(struct arena *arena, const char *series,
                                             const struct value *entry);

/* Added to the environment of every Odoo process, NULL-terminated: sets of Python's have the same
 * order each time, so that rehearsal and production draw the same ids. It reaches a program of this
 * machine, and through `docker exec`; behind ssh it has to be set there. */
extern const char *const installation_environment[];

struct installation_call {
    const char *subcommand;  /* "shell", or NULL: the server itself */
    const char *database;    /* NULL: none */
    bool openupgrade;        /* with OpenUpgrade's addons and scripts */
    const char *const *more; /* further arguments, NULL-terminated; may be NULL */
};

/* The whole argument vector, NULL-terminated. Odoo logs to standard error and opens no port.
 * Behind ssh, where a shell on the other side splits the words again, ours are quoted for it. */
const char *const *installation_arguments(struct arena *arena,
                                          const struct installation *installation,
                                          struct installation_call call);

#endif
