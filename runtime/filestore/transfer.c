/* copy_file_range, syncfs and FICLONE are Linux's own. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

#include "runtime/filestore/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"

#define PIECE ((size_t)16 * 1024 * 1024) /* of a large file, between two looks at `stopped` */
#define BUFFER_SIZE ((size_t)128 * 1024)

/* Only the name is new; nothing of the file is read. */
static int transfer_link(struct transfer *transfer, int from, int to, const char *name)
{
    if (atomic_load(&transfer->links_refused))
        return EXDEV;
    if (linkat(from, name, to, name, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    int code = errno;
    /* The other refusals are of this one file: it has too many links, or another owner. */
    if (code == EXDEV)
        atomic_store(&transfer->links_refused, true);
    return code;
}

static int transfer_reflink(struct transfer *transfer, int source, int target)
{
    if (atomic_load(&transfer->reflinks_refused))
        return EOPNOTSUPP;
    if (ioctl(target, FICLONE, source) == 0)
        return 0;
    int code = errno;
    if (code == ENOSPC || code == EDQUOT || code == EIO)
        return code;
    atomic_store(&transfer->reflinks_refused, true);
    return EOPNOTSUPP;
}

static bool transfer_must_stop(const struct transfer *transfer)
{
    return transfer->stopped && atomic_load(transfer->stopped);
}

static int transfer_bytes(const struct transfer *transfer, int source, int target)
{
    char bytes[BUFFER_SIZE];
    for (;;) {
        if (transfer_must_stop(transfer))
            return ECANCELED;
        ssize_t count = read(source, bytes, sizeof bytes);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return errno;
        if (count == 0)
            return 0;
        int code = file_write_all(target, bytes, (size_t)count);
        if (code != 0)
            return code;
    }
}

/* From where the descriptors stand to the end. What the kernel cannot do goes through our hands;
 * some file systems say that by giving no bytes at all. */
static int transfer_ranges(struct transfer *transfer, int source, int target, off_t size)
{
    while (!atomic_load(&transfer->ranges_refused)) {
        if (transfer_must_stop(transfer))
            return ECANCELED;
        ssize_t count = copy_file_range(source, NULL, target, NULL, PIECE, 0);
        if (count > 0)
            continue;
        if (count == 0 && lseek(target, 0, SEEK_CUR) >= size)
            return 0;
        if (count == 0)
            break;
        if (errno == EINTR)
            continue;
        if (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
            return errno;
        atomic_store(&transfer->ranges_refused, true);
    }
    return transfer_bytes(transfer, source, target);
}

static int transfer_content(struct transfer *transfer, int source, int target,
                            const struct stat *status, enum transfer_way *way)
{
    *way = TRANSFER_REFLINK;
    int code = transfer_reflink(transfer, source, target);
    if (code == EOPNOTSUPP) {
        *way = TRANSFER_COPY;
        code = transfer_ranges(transfer, source, target, status->st_size);
    }
    if (code != 0)
        return code;
    const struct timespec times[2] = {status->st_atim, status->st_mtim};
    if (geteuid() == 0 && fchown(target, status->st_uid, status->st_gid) != 0)
        return errno;
    if (fchmod(target, status->st_mode & 07777) != 0 || futimens(target, times) != 0)
        return errno;
    return 0;
}

/* Closes `source`. The file has another name until it is whole: a folder that is merged into is
 * somebody's already. */
static int transfer_open(struct transfer *transfer, int source, int to, const char *name,
                         const struct stat *status, enum transfer_way *way)
{
    char partial[NAME_MAX + sizeof ".partial"];
    (void)snprintf(partial, sizeof partial, "%s.partial", name);
    int target = openat(to, partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (target < 0) {
        int code = errno;
        close(source); /* was only read */
        /* Not to be taken for a source that has gone away. */
        return code == ENOENT ? ESTALE : code;
    }
    int code = transfer_content(transfer, source, target, status, way);
    close(source); /* was only read */
    if (close(target) != 0 && code == 0)
        code = errno;
    if (code == 0 && renameat(to, partial, to, name) != 0)
        code = errno;
    if (code != 0)
        (void)unlinkat(to, partial, 0); /* best effort: the failure before is the one that counts */
    return code;
}

int transfer_file(struct transfer *transfer, int from, int to, const char *name,
                  const struct stat *status, enum transfer_way *way)
{
    struct stat there;
    *way = TRANSFER_LINK;
    int code = transfer_link(transfer, from, to, name);
    if (code != EXDEV && code != EPERM && code != EMLINK && code != EOPNOTSUPP && code != ENOSYS)
        return code;
    if (fstatat(to, name, &there, AT_SYMLINK_NOFOLLOW) == 0)
        return EEXIST;
    int source = openat(from, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return source < 0 ? errno : transfer_open(transfer, source, to, name, status, way);
}

/* Everything at once: the file system then orders its writing as suits it, which thousands of
 * fsyncs, one a file, would not let it. */
int transfer_sync(int folder)
{
    return syncfs(folder) == 0 ? 0 : errno;
}
