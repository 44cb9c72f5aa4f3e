/* Texts as YAML reads them back, whatever is in them. */
#ifndef BASE_YAML_WRITE_H
#define BASE_YAML_WRITE_H

#include "base/buffer.h"

/* In quotes, on one line. `text` is UTF-8. */
void yaml_write_text(struct buffer *output, const char *text);

/* A name: in quotes only where it would be read as something else, like `null`. */
void yaml_write_name(struct buffer *output, const char *name);

#endif
