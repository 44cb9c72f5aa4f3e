#include "runtime/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"

#define JOURNAL_SIZE_LIMIT ((size_t)1024 * 1024 * 1024)

struct journal {
    struct arena *arena;
    const char *path;
    int file;
    int64_t sequence;       /* of the next entry */
    struct digest previous; /* of the last line */
    bool synced;
    bool broken; /* it may end with half a line: nothing more is written */
    struct buffer line;
};

static void journal_release(void *object)
{
    struct journal *journal = object;
    if (journal->file >= 0)
        close(journal->file); /* a run that ends well has closed it, and checked that, before */
    buffer_release(&journal->line);
}

static struct journal *journal_make(struct arena *arena, const char *path, int file)
{
    struct journal *journal = arena_allocate(arena, sizeof *journal);
    *journal = (struct journal){.arena = arena,
                                .path = arena_copy(arena, path),
                                .file = file,
                                .previous = digest_bytes("", 0),
                                .synced = true};
    arena_on_destroy(arena, journal_release, journal);
    return journal;
}

const struct error *journal_create(struct arena *arena, const char *path, struct journal **journal)
{
    int file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0)
        return error_system(arena, errno, NULL, "cannot make the journal %s", path);
    *journal = journal_make(arena, path, file);
    return file_sync_folder(arena, path);
}

const struct error *journal_append(struct journal *journal, struct value *entry,
                                   enum journal_sync sync)
{
    struct arena *arena = journal->arena;
    if (journal->broken)
        return error_create(arena, OUTCOME_FAILED, "free space on its disk, then resume the run",
                            "the journal %s could not be written before", journal->path);
    value_set(arena, entry, "at",
              value_string(arena, arena_copy(arena, clock_write(clock_now()).text)));
    value_set(arena, entry, "sequence", value_integer(arena, journal->sequence));
    value_set(arena, entry, "previous",
              value_string(arena, arena_copy(arena, journal->previous.hex)));
    buffer_clear(&journal->line);
    json_write(&journal->line, entry, JSON_COMPACT);
    struct digest digest = digest_bytes(journal->line.bytes, journal->line.length);
    buffer_append_character(&journal->line, '\n');
    off_t before = lseek(journal->file, 0, SEEK_END);
    const char *bytes = journal->line.bytes;
    for (size_t left = journal->line.length; left > 0;) {
        ssize_t count = write(journal->file, bytes, left);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            const struct error *error =
                error_system(arena, errno, "free space on its disk, then resume the run",
                             "cannot write the journal %s", journal->path);
            /* Half a line would make the next one unreadable. */
            journal->broken = before < 0 || ftruncate(journal->file, before) != 0;
            return error;
        }
        bytes += count;
        left -= (size_t)count;
    }
    journal->sequence++;
    journal->previous = digest;
    journal->synced = false;
    return sync == JOURNAL_SYNC_NOW ? journal_sync(journal) : NULL;
}

const struct error *journal_sync(struct journal *journal)
{
    if (journal->synced)
        return NULL;
    if (fdatasync(journal->file) != 0)
        return error_system(journal->arena, errno, "free space on its disk, then resume the run",
                            "cannot sync the journal %s", journal->path);
    journal->synced = true;
    return NULL;
}

const struct error *journal_close(struct journal *journal)
{
    const struct error *error = journal_sync(journal);
    int file = journal->file;
    journal->file = -1;
    if (close(file) != 0 && !error)
        error =
            error_system(journal->arena, errno, NULL, "cannot close the journal %s", journal->path);
    return error;
}

/* What has been read of a journal so far. */
struct journal_chain {
    struct digest previous;
    int64_t sequence;
    size_t length; /* bytes of whole lines */
};

static const struct error *journal_check_line(struct arena *arena, const char *name,
                                              const struct journal_chain *chain,
                                              const struct value *entry)
{
    static const char help[] =
        "the journal was changed after it was written; do not trust this run";
    const char *previous = value_get_string(entry, "previous");
    const char *at = value_get_string(entry, "at");
    int64_t time;
    if (!value_get_string(entry, "event") || !at || !clock_read(at, &time))
        return error_create(arena, OUTCOME_INVALID, help, "%s:%lld is no journal entry", name,
                            (long long)chain->sequence + 1);
    if (value_get_integer(entry, "sequence", -1) != chain->sequence)
        return error_create(arena, OUTCOME_REFUSED, help,
                            "%s:%lld: the entry's sequence is not %lld", name,
                            (long long)chain->sequence + 1, (long long)chain->sequence);
    if (!previous || strcmp(previous, chain->previous.hex) != 0)
        return error_create(arena, OUTCOME_REFUSED, help,
                            "%s:%lld does not fit the line before it: one of the two was changed",
                            name, (long long)chain->sequence + 1);
    return NULL;
}

static const struct error *journal_walk(struct arena *arena, struct text text, const char *name,
                                        struct value *entries, struct journal_chain *chain)
{
    *chain = (struct journal_chain){.previous = digest_bytes("", 0)};
    const char *line = text.bytes;
    const char *end = text.bytes + text.length;
    for (const char *next; line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        if (!newline)
            break; /* cut off by a crash while it was written */
        next = newline + 1;
        struct text one = {.bytes = line, .length = (size_t)(newline - line)};
        struct value *entry = NULL;
        const char *place = arena_format(arena, "%s:%lld", name, (long long)chain->sequence + 1);
        const struct error *error = json_read(arena, one, place, &entry);
        if (!error)
            error = journal_check_line(arena, name, chain, entry);
        if (error)
            return error;
        value_append(arena, entries, entry);
        chain->previous = digest_bytes(one.bytes, one.length);
        chain->sequence++;
        chain->length = (size_t)(next - text.bytes);
    }
    return NULL;
}

const struct error *journal_parse(struct arena *arena, struct text text, const char *name,
                                  struct value **entries)
{
    struct journal_chain chain;
    *entries = value_array(arena);
    return journal_walk(arena, text, name, *entries, &chain);
}

const struct error *journal_read(struct arena *arena, const char *path, struct value **entries)
{
    struct text text;
    const struct error *error = file_read(arena, path, JOURNAL_SIZE_LIMIT, &text);
    return error ? error : journal_parse(arena, text, path, entries);
}

const struct error *journal_open(struct arena *arena, const char *path, struct journal **journal,
                                 struct value **entries)
{
    struct text text;
    struct journal_chain chain;
    *entries = value_array(arena);
    const struct error *error = file_read(arena, path, JOURNAL_SIZE_LIMIT, &text);
    if (!error)
        error = journal_walk(arena, text, path, *entries, &chain);
    if (error)
        return error;
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0)
        return error_system(arena, errno, NULL, "cannot open the journal %s", path);
    *journal = journal_make(arena, path, file);
    (*journal)->previous = chain.previous;
    (*journal)->sequence = chain.sequence;
    if (chain.length < text.length && ftruncate(file, (off_t)chain.length) != 0)
        return error_system(arena, errno, NULL, "cannot cut off the last, unfinished line of %s",
                            path);
    return NULL;
}
