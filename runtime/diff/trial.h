/* Trying steps one after the other in one transaction that is always rolled back, so that a later
 * one sees what an earlier one did; each behind a savepoint, so that one that fails harms none.
 *
 * What a step did is read from PostgreSQL's own counters, from the catalogue, and from the rows:
 * new images by the number of the transaction that wrote them, old ones through cursors that were
 * opened before the step and so still see what was there. Which tables need one is guessed from the
 * step's text; where the guess was wrong (a trigger, a cascade, an altered table) the step is taken
 * back and tried once more. */
#ifndef RUNTIME_DIFF_TRIAL_H
#define RUNTIME_DIFF_TRIAL_H

#include "base/map.h"
#include "runtime/diff/catalogue.h"
#include "runtime/diff/place.h"
#include "runtime/steps/kind.h"

struct trial_table {
    const char *oid;
    const char *name;         /* "public.sale_order" */
    const char *quoted;       /* the same for SQL */
    const char *root;         /* the partitioned table that it is a part of, or its own name */
    const char *short_name;   /* "sale_order" */
    const struct value *keys; /* the primary key's columns, quoted; none: it has none */
    const char *key_names;    /* ... as an SQL expression of one text; NULL: it has none */
    const char *order;        /* ... and how rows are ordered */
};

/* What the counters say, by oid: [inserted, updated, deleted]; and what else is seen from outside.
 */
struct trial_state {
    struct value *counts;
    struct value *locks;     /* oid of each table that others cannot write meanwhile: mode */
    struct value *sequences; /* name to last value */
    const char *catalogue;   /* a count of changes to the catalogue */
};

struct trial {
    struct arena *arena;
    struct place *place;
    struct run *run;
    struct dialogue *dialogue;
    int64_t rows;            /* changed rows that are shown of a table */
    struct map *tables;      /* by oid */
    struct value *catalogue; /* as it is now, in the transaction */
    struct value *sequences; /* name to last value, as at the beginning */
    struct value *original;  /* [last_value, is_called] of sequences by name, as at the beginning */
    struct value *exact;     /* ... and as the last step left it; NULL: nothing is put back */
    uint64_t begun;          /* uv_now of the loop, milliseconds */
    struct trial_state state; /* as the last step left it, and ... */
    bool state_is_known;      /* ... whether that still holds */
};

/* Opens the transaction and learns what there is. */
const struct error *trial_begin(struct trial *trial);

/* Rolls everything back; what no rollback takes back too, where nobody else works. */
void trial_end(struct trial *trial);

/* Whether the whole has lasted as long as the place allows: no further step is to be begun. */
bool trial_is_over(const struct trial *trial);

/* Tries a step whose kind has a preview. `told` gets members as docs/diff.md says: outcome,
 * effects, tables, catalogue, locks, sequences, notices, error. An error is one of the whole: the
 * connection is lost, or it was interrupted. */
const struct error *trial_step(struct trial *trial, const struct compiled_step *step,
                               struct value *told);

/* ---- among themselves ---- */

/* One try of a step. */
struct attempt {
    struct trial *trial;
    const struct compiled_step *step;
    struct map *cursors; /* oid to its struct trial_table: those with a cursor */
    struct map *counted; /* oid to how many rows it had, a text */
    const char *xid;     /* of the savepoint's transaction */
    struct trial_state before, after;
    const struct error *error;
    bool in_use;       /* it failed because of a cursor of ours */
    uv_timer_t *limit; /* NULL: it may take any time */
    bool took_too_long;
    struct value *effects;
    struct value *notices;
    struct value *catalogue; /* as it is after it; NULL: as before */
    bool done;
};

const struct error *trial_read_tables(struct trial *trial);
const struct error *trial_read_state(struct trial *trial, struct trial_state *state);

/* Tries the step, again where that shows more. Ends with an attempt that saw all that can be seen,
 * or that failed and is taken back. */
const struct error *trial_attempt(struct attempt *attempt);
const struct error *attempt_take_back(struct attempt *attempt);

/* Whether it has written the table anew as a whole: TRUNCATE, or an ALTER TABLE. */
bool attempt_rewrote(const struct attempt *attempt, const char *oid);

/* Whether the step itself has taken the table so that nobody can read it. */
bool attempt_is_locked(const struct attempt *attempt, const char *oid);

/* Whether an error is of a step alone: the session is there, and nobody has interrupted. */
bool trial_can_go_on(const struct trial *trial);

/* trial_sequences.c: learns where they are; puts those that a step has moved back to where they
 * were before it, and all to where they were at the beginning, as far as nobody else works there.
 */
const struct error *trial_know_sequences(struct trial *trial);
const struct error *trial_put_sequences_back(struct trial *trial);
void trial_restore_sequences(struct trial *trial);

/* The sequences that the step has moved, a list; for one that was taken back they are found first;
 * afterwards notes where they are. */
struct value *attempt_sequences(struct attempt *attempt);
const struct error *attempt_find_sequences(struct attempt *attempt);
const struct error *attempt_keep_sequences(struct attempt *attempt, struct value *moved);

/* Whether the step's own text speaks of the table. */
bool trial_names(const struct compiled_step *step, const struct trial_table *table);

/* How much a counter (0 inserted, 1 updated, 2 deleted) went up. */
int64_t attempt_count(const struct attempt *attempt, const char *oid, int which);

/* The changed rows: a list of one object a table. */
const struct error *attempt_read_rows(struct attempt *attempt, struct value **tables);

/* `SELECT` of ctid, key and the row as an object of texts, of a table. */
const char *trial_select(struct arena *arena, const struct trial_table *table);

#endif
