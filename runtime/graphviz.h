/* Pictures by Graphviz, where it is installed. */
#ifndef RUNTIME_GRAPHVIZ_H
#define RUNTIME_GRAPHVIZ_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends what `dot -Tsvg` makes of `dot`. */
const struct error *graphviz_draw_svg(struct arena *arena, const char *dot, struct buffer *svg);

#endif
