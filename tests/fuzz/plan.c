/* Any bytes as a plan: compiled or reported without a fault. What compiles is a document that is
 * believed when it is read back, and compiles to the same a second time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "compiler/compile.h"
#include "compiler/compiled.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* The compiled plan as text; an empty buffer where it does not compile. */
static struct buffer compile_bytes(const uint8_t *bytes, size_t length)
{
    struct arena *arena = arena_create();
    struct buffer text = {0};
    struct text copy = {.bytes = arena_copy_bytes(arena, (const char *)bytes, length),
                        .length = length};
    const struct source *source = source_create(arena, "plan.yaml", copy);
    struct diagnostics diagnostics = diagnostics_create(arena);
    struct compilation *compilation;
    if (compile_source(arena, source, &diagnostics, &compilation))
        abort();
    if (!compilation == !diagnostics.error_count)
        abort();
    if (compilation)
        json_write(&text, compile_document(compilation), JSON_INDENTED);
    struct buffer told = {0};
    diagnostics_sort(&diagnostics);
    diagnostics_write_text(&diagnostics, &told, true);
    buffer_release(&told);
    arena_destroy(arena);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct buffer first = compile_bytes(bytes, length);
    if (first.length == 0)
        return 0;
    struct buffer second = compile_bytes(bytes, length);
    if (first.length != second.length || memcmp(first.bytes, second.bytes, first.length) != 0)
        abort();
    struct arena *arena = arena_create();
    struct text text = {.bytes = first.bytes, .length = first.length};
    struct compiled_plan *plan;
    if (compiled_parse(arena, text, "compiled", &plan))
        abort();
    arena_destroy(arena);
    buffer_release(&first);
    buffer_release(&second);
    return 0;
}
