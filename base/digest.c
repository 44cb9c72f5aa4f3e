#include "base/digest.h"

#include <openssl/sha.h>
#include <string.h>

struct digest digest_bytes(const char *bytes, size_t length)
{
    unsigned char raw[SHA256_DIGEST_LENGTH];
    SHA256((const unsigned char *)bytes, length, raw);
    static const char digits[] = "0123456789abcdef";
    struct digest digest;
    for (size_t i = 0; i < sizeof raw; i++) {
        digest.hex[2 * i] = digits[raw[i] >> 4];
        digest.hex[2 * i + 1] = digits[raw[i] & 15];
    }
    digest.hex[DIGEST_LENGTH] = '\0';
    return digest;
}

bool digest_is_valid(const char *text)
{
    return strlen(text) == DIGEST_LENGTH && strspn(text, "0123456789abcdef") == DIGEST_LENGTH;
}
