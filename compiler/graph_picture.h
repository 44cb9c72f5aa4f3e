/* The graph of a compiled plan as text that other programs draw. The same plan gives the same
 * bytes. */
#ifndef COMPILER_GRAPH_PICTURE_H
#define COMPILER_GRAPH_PICTURE_H

#include "base/buffer.h"
#include "compiler/compiled.h"

/* For Graphviz: a cluster for each phase, a node for each step, named by its id. */
void graph_picture_write_dot(struct buffer *output, const struct compiled_plan *plan);

/* For Mermaid: a flowchart with a subgraph for each phase. */
void graph_picture_write_mermaid(struct buffer *output, const struct compiled_plan *plan);

#endif
