/* The architecture of a view, as Odoo keeps it. */
#ifndef BASE_VIEW_ARCH_H
#define BASE_VIEW_ARCH_H

#include <stdint.h>

#include "base/arena.h"

/* Why a text is not XML, and where. */
struct view_fault {
    uint32_t line, column; /* from 1; 0: not known */
    const char *message;
};

/* What is kept of a view's file: the root element as libxml2 writes it, and so Odoo's lxml (all
 * versions), without the declaration and what else is around it; and, where that is a `data`,
 * without its attributes model, type and priority, which are columns of the view. NULL where the
 * text is not well-formed, or declares a document type: `*fault` tells why. */
const char *view_arch_normalize(struct arena *arena, const char *text, struct view_fault *fault);

#endif
