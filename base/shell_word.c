#include "base/shell_word.h"

#include <string.h>

const char *shell_word_quote(struct arena *arena, const char *word)
{
    static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                   "%+,-./:=@_";
    if (word[0] != '\0' && word[strspn(word, harmless)] == '\0')
        return word;
    const char *quoted = "";
    while (*word) {
        size_t length = strcspn(word, "'");
        const char *part = arena_copy_bytes(arena, word, length);
        quoted = arena_format(arena, "%s%s%s", quoted, part, word[length] ? "'\\''" : "");
        word += length + (word[length] ? 1 : 0);
    }
    return arena_format(arena, "'%s'", quoted);
}
