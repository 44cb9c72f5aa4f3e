#include "runtime/filestore/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "runtime/filestore/background.h"
#include "runtime/filestore/folder.h"
#include "runtime/filestore/transfer.h"
#include "runtime/filestore/tree.h"

#define SHA1_SIZE 20
#define SHA1_LENGTH ((size_t)2 * SHA1_SIZE)
#define FOLDER_LENGTH                                                                              \
    3 /* of the longest folder name; Odoo's are of two digits, old ones of three */
#define BUFFER_SIZE ((size_t)256 * 1024)

struct verifying {
    struct verify_file *files;
    size_t count;
    int folder;   /* open */
    int *sources; /* open */
    size_t source_count;
    struct transfer transfer;
    const atomic_bool *stopped;
    atomic_size_t next;
    atomic_bool fetched;
    atomic_int code;   /* an errno, and ... */
    atomic_size_t bad; /* ... of which file */
};

bool filestore_name_is_valid(const char *name)
{
    static const char digits[] = "0123456789abcdef";
    size_t folder = strspn(name, digits);
    return folder > 0 && folder <= FOLDER_LENGTH && name[folder] == '/' &&
           strlen(name + folder + 1) == SHA1_LENGTH &&
           strspn(name + folder + 1, digits) == SHA1_LENGTH;
}

/* ---- one file ---- */

static int verify_read(const struct verifying *verifying, int file, EVP_MD_CTX *context)
{
    char bytes[BUFFER_SIZE];
    for (;;) {
        if (atomic_load(verifying->stopped))
            return ECANCELED;
        ssize_t count = read(file, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        if (count == 0)
            return 0;
        if (EVP_DigestUpdate(context, bytes, (size_t)count) != 1)
            return ENOMEM;
    }
}

static bool verify_hash_is(const unsigned char hash[SHA1_SIZE], const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA1_SIZE; i++)
        if (hex[2 * i] != digits[hash[i] >> 4] || hex[2 * i + 1] != digits[hash[i] & 15])
            return false;
    return true;
}

/* Whether the content is what the name says. Returns an errno. */
static int verify_content(const struct verifying *verifying, int folder, const char *name,
                          bool *good)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    int file = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return errno;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int code = context && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1 ? 0 : ENOMEM;
    if (code == 0)
        code = verify_read(verifying, file, context);
    if (code == 0 && EVP_DigestFinal_ex(context, hash, NULL) != 1)
        code = ENOMEM;
    EVP_MD_CTX_free(context);
    close(file); /* was only read */
    *good = code == 0 && verify_hash_is(hash, strchr(name, '/') + 1);
    return code;
}

/* The folder of the name may be missing as well. */
static int verify_make_folder(const struct verifying *verifying, const char *name)
{
    char folder[FOLDER_LENGTH + 1] = {0};
    struct stat status;
    memcpy(folder, name, strcspn(name, "/"));
    if (mkdirat(verifying->folder, folder, 0700) != 0)
        return errno == EEXIST ? 0 : errno;
    if (fstat(verifying->folder, &status) != 0 ||
        fchmodat(verifying->folder, folder, status.st_mode & 07777, 0) != 0)
        return errno;
    if (geteuid() == 0 && fchownat(verifying->folder, folder, status.st_uid, status.st_gid, 0) != 0)
        return errno;
    return 0;
}

static int verify_fetch(struct verifying *verifying, struct verify_file *file)
{
    enum transfer_way way;
    struct stat status;
    file->state = VERIFY_MISSING;
    for (size_t i = 0; i < verifying->source_count; i++) {
        if (fstatat(verifying->sources[i], file->name, &status, 0) != 0 || !S_ISREG(status.st_mode))
            continue;
        int code = verify_make_folder(verifying, file->name);
        if (code == 0)
            code = transfer_file(&verifying->transfer, verifying->sources[i], verifying->folder,
                                 file->name, &status, &way);
        if (code == ENOENT)
            continue; /* Odoo's garbage collector came first */
        if (code != 0 && code != EEXIST)
            return code;
        file->state = VERIFY_FETCHED;
        atomic_store(&verifying->fetched, true);
        return 0;
    }
    return 0;
}

static int verify_judge_damage(const struct verifying *verifying, struct verify_file *file)
{
    file->state = VERIFY_DAMAGED;
    for (size_t i = 0; i < verifying->source_count; i++) {
        bool good = false;
        int code = verify_content(verifying, verifying->sources[i], file->name, &good);
        if (code == ECANCELED)
            return code;
        if (code == 0 && good)
            file->state = VERIFY_WORSE;
    }
    return 0;
}

/* Returns an errno. */
static int verify_one(struct verifying *verifying, struct verify_file *file)
{
    struct stat status;
    file->state = VERIFY_ELSEWHERE;
    if (!filestore_name_is_valid(file->name))
        return 0;
    file->state = VERIFY_PRESENT;
    if (fstatat(verifying->folder, file->name, &status, 0) != 0) {
        int code = errno == ENOENT || errno == ENOTDIR ? verify_fetch(verifying, file) : errno;
        if (code != 0 || file->state == VERIFY_MISSING)
            return code;
        if (fstatat(verifying->folder, file->name, &status, 0) != 0)
            return errno;
    }
    if (!file->hash && (file->size < 0 || file->size == status.st_size))
        return 0;
    bool good = false;
    int code = verify_content(verifying, verifying->folder, file->name, &good);
    file->hashed = code == 0;
    return code != 0 || good ? code : verify_judge_damage(verifying, file);
}

static void verify_work(void *context)
{
    struct verifying *verifying = context;
    while (!atomic_load(verifying->stopped) && atomic_load(&verifying->code) == 0) {
        size_t i = atomic_fetch_add(&verifying->next, 1);
        if (i >= verifying->count)
            return;
        int code = verify_one(verifying, &verifying->files[i]);
        if (code != 0 && code != ECANCELED) {
            atomic_store(&verifying->bad, i);
            atomic_store(&verifying->code, code);
        }
    }
}

/* ---- all of them ---- */

static const struct error *verify_all(struct arena *arena, const struct verification *verification,
                                      struct verifying *verifying)
{
    background_share(verification->jobs, verify_work, verifying);
    int code = atomic_load(&verifying->code);
    if (code != 0)
        return error_system(arena, code, tree_help(code), "cannot verify %s/%s",
                            verification->folder,
                            verifying->files[atomic_load(&verifying->bad)].name);
    if (atomic_load(&verifying->fetched) && (code = transfer_sync(verifying->folder)) != 0)
        return error_system(arena, code, tree_help(code), "cannot sync %s", verification->folder);
    return atomic_load(verifying->stopped) ? background_stopped_error(arena) : NULL;
}

const struct error *filestore_verify(struct arena *arena, const struct verification *verification,
                                     struct verify_file *files, size_t count,
                                     const atomic_bool *stopped)
{
    struct verifying verifying = {.files = files, .count = count, .stopped = stopped};
    verifying.transfer.stopped = stopped;
    verifying.folder = open(verification->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (verifying.folder < 0)
        return error_system(arena, errno, tree_help(errno), "cannot open the folder %s",
                            verification->folder);
    verifying.sources =
        arena_allocate(arena, (verification->source_count + 1) * sizeof *verifying.sources);
    for (size_t i = 0; i < verification->source_count; i++) {
        int source = open(verification->sources[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (source >= 0) /* one that has gone away meanwhile has nothing to give */
            verifying.sources[verifying.source_count++] = source;
    }
    const struct error *error = verify_all(arena, verification, &verifying);
    for (size_t i = 0; i < verifying.source_count; i++)
        close(verifying.sources[i]); /* were only read */
    close(verifying.folder);         /* synced where anything was written */
    return error;
}

/* ---- how many there are ---- */

static bool count_file(void *context, struct tree *tree, const struct tree_folder *folder,
                       const char *name, const struct stat *status)
{
    atomic_llong *count = context;
    (void)tree, (void)name, (void)status;
    if (strncmp(folder->path, "checklist", strlen("checklist")) != 0)
        atomic_fetch_add(count, 1);
    return true;
}

const struct error *filestore_count(struct arena *arena, const char *folder, int jobs,
                                    const atomic_bool *stopped, int64_t *count)
{
    atomic_llong counted = 0;
    const struct tree_visitor counting = {
        .file = count_file, .context = &counted, .marker = FILESTORE_MARKER};
    const struct error *error = tree_walk(arena, folder, jobs, &counting, stopped);
    *count = atomic_load(&counted);
    return error;
}
