/* SHA-256 (FIPS 180-4) by OpenSSL's libcrypto, written as 64 lower-case hexadecimal digits. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#define DIGEST_LENGTH 64

struct digest {
    char hex[DIGEST_LENGTH + 1];
};

struct digest digest_bytes(const char *bytes, size_t length);

/* Whether `text` has the form of a digest. */
bool digest_is_valid(const char *text);

#endif
