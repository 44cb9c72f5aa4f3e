/* What the writers of pictures share: how a step looks and what is written on it. */
#ifndef COMPILER_GRAPH_PICTURE_PRIVATE_H
#define COMPILER_GRAPH_PICTURE_PRIVATE_H

#include "compiler/graph_picture.h"

/* Kinds that look the same. */
struct picture_family {
    const char *name;
    const char *kinds[5];      /* "database" also stands for "database.copy"; NULL ends */
    const char *shape;         /* Graphviz's */
    const char *fill;          /* background; black text is readable on it */
    const char *mermaid_open;  /* Mermaid's shape: what stands before ... */
    const char *mermaid_close; /* ... and behind the label */
};

/* Ended by one without a name, which is what a kind of no other family looks like. */
extern const struct picture_family picture_families[];

const struct picture_family *picture_family_of(const char *kind);

/* The index of the first step of the phase that begins at or behind step `from` and that no earlier
 * step is of; plan->step_count where there is none. */
size_t picture_next_phase(const struct compiled_plan *plan, size_t from);

/* Writes what stands on a step: its title, its id without the phase, and the mode it is for. Each
 * character goes through `write_character` (`length` bytes of UTF-8, none of them a control
 * character, from a text that ends with NUL), each end of a line through `line_break`. */
struct picture_writer {
    void (*write_character)(struct buffer *output, const char *bytes, size_t length);
    const char *line_break;
};
void picture_write_label(struct buffer *output, const struct compiled_step *step,
                         const struct picture_writer *writer);

/* Writes one line of any text in the same way, without breaking it. */
void picture_write_text(struct buffer *output, const char *text,
                        const struct picture_writer *writer);

#endif
