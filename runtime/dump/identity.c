#include "runtime/dump/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

#define CHUNK ((size_t)256 * 1024)

static const struct error *identify_fail(struct file_work *work, const char *path)
{
    return error_create(work->arena, OUTCOME_FAILED, NULL, "cannot compute the digest of %s", path);
}

static const struct error *identify_read(struct file_work *work, const char *path, int file,
                                         EVP_MD_CTX *context)
{
    char *chunk = arena_allocate(work->arena, CHUNK);
    const struct error *error = NULL;
    while (!error) {
        ssize_t count = read(file, chunk, CHUNK);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return error_system(work->arena, errno, NULL, "cannot read %s", path);
        if (count == 0)
            break;
        error = EVP_DigestUpdate(context, chunk, (size_t)count) == 1
                    ? file_work_advance(work, count)
                    : identify_fail(work, path);
    }
    return error;
}

static const struct error *identify_open(struct file_work *work, const char *path, int file,
                                         struct digest *digest)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const struct error *error = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1
                                    ? identify_read(work, path, file, context)
                                    : identify_fail(work, path);
    if (!error && EVP_DigestFinal_ex(context, hash, &length) != 1)
        error = identify_fail(work, path);
    EVP_MD_CTX_free(context);
    for (unsigned i = 0; i < length && !error; i++)
        (void)snprintf(digest->hex + (size_t)2 * i, 3, "%02x", (unsigned)hash[i]);
    return error;
}

static const struct error *identify_file(struct file_work *work, const char *path,
                                         struct digest *digest)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_system(work->arena, errno, NULL, "cannot read %s", path);
    /* The chunk goes with each file. */
    struct arena *kept = work->arena;
    work->arena = arena_create();
    const struct error *error = identify_open(work, path, file, digest);
    if (error)
        error = error_create(kept, error->outcome, NULL, "%s", error->message);
    arena_destroy(work->arena);
    work->arena = kept;
    close(file); /* nothing was written, so nothing can be lost */
    return error;
}

static const struct error *identify_folder(struct file_work *work, const char *folder,
                                           const char *shown, struct buffer *lines)
{
    const char *const *names;
    size_t count = 0;
    const struct error *error = file_work_list(work, folder, &names, &count);
    for (size_t i = 0; i < count && !error; i++) {
        const char *path = arena_format(work->arena, "%s/%s", folder, names[i]);
        const char *inside =
            arena_format(work->arena, "%s%s%s", shown, shown[0] ? "/" : "", names[i]);
        struct stat status;
        struct digest digest = {0};
        if (stat(path, &status) != 0)
            return error_system(work->arena, errno, NULL, "cannot look at %s", path);
        if (S_ISDIR(status.st_mode)) {
            error = identify_folder(work, path, inside, lines);
            continue;
        }
        if (!S_ISREG(status.st_mode))
            return error_create(work->arena, OUTCOME_INVALID, "remove it from the dump",
                                "%s is neither a file nor a folder", path);
        error = identify_file(work, path, &digest);
        buffer_format(lines, "%s  %s\n", digest.hex, inside);
    }
    return error;
}

const struct error *dump_identify(struct file_work *work, const char *path, struct digest *digest)
{
    struct stat status;
    struct buffer lines = {0};
    int64_t bytes = 0, files = 0;
    if (stat(path, &status) != 0)
        return error_system(work->arena, errno, NULL, "cannot read the dump %s", path);
    if (!S_ISDIR(status.st_mode)) {
        atomic_store(&work->total, (long long)status.st_size);
        return identify_file(work, path, digest);
    }
    const struct error *error = file_work_measure(work, path, &bytes, &files);
    atomic_store(&work->total, (long long)bytes);
    if (!error)
        error = identify_folder(work, path, "", &lines);
    if (!error)
        *digest = digest_bytes(buffer_string(&lines), lines.length);
    buffer_release(&lines);
    return error;
}
