#include "base/utf8.h"

#include <string.h>

static unsigned utf8_byte(const char *bytes, size_t index)
{
    return (unsigned char)bytes[index];
}

size_t utf8_read(const char *bytes, size_t length, uint32_t *character)
{
    unsigned first = utf8_byte(bytes, 0);
    if (first < 0x80) {
        *character = first;
        return 1;
    }
    size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || size > length)
        return 0;
    uint32_t result = first & (0x7Fu >> size);
    for (size_t i = 1; i < size; i++) {
        unsigned next = utf8_byte(bytes, i);
        if ((next & 0xC0) != 0x80)
            return 0;
        result = result << 6 | (next & 0x3F);
    }
    static const uint32_t smallest[] = {[2] = 0x80, [3] = 0x800, [4] = 0x10000};
    if (result < smallest[size] || result > 0x10FFFF || (result >= 0xD800 && result <= 0xDFFF))
        return 0;
    *character = result;
    return size;
}

size_t utf8_write(char bytes[static UTF8_SIZE], uint32_t character)
{
    if (character < 0x80) {
        bytes[0] = (char)character;
        return 1;
    }
    if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
        return 0;
    size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        bytes[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    bytes[0] = (char)((0xF00u >> size & 0xF0) | character);
    return size;
}

size_t utf8_valid_length(const char *bytes, size_t length)
{
    size_t i = 0;
    while (i < length) {
        uint64_t eight;
        if (length - i >= sizeof eight) {
            memcpy(&eight, bytes + i, sizeof eight);
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                i += sizeof eight;
                continue;
            }
        }
        uint32_t character;
        size_t size = utf8_read(bytes + i, length - i, &character);
        if (size == 0)
            return i;
        i += size;
    }
    return length;
}

size_t utf8_count(const char *bytes, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += (utf8_byte(bytes, i) & 0xC0) != 0x80;
    return count;
}

size_t utf8_skip(const char *bytes, size_t length, size_t count)
{
    size_t offset = 0;
    for (; count > 0 && offset < length; count--) {
        uint32_t character;
        size_t size = utf8_read(bytes + offset, length - offset, &character);
        offset += size ? size : 1;
    }
    return offset;
}

size_t utf8_cut(const char *bytes, size_t length, size_t limit)
{
    if (length <= limit)
        return length;
    while (limit > 0 && (utf8_byte(bytes, limit) & 0xC0) == 0x80)
        limit--;
    return limit;
}

size_t utf8_mark_length(const char *bytes, size_t length)
{
    return length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}
