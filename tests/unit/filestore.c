/* Filestores: copies, merges and removals, on file systems that are small, read-only or of another
 * kind; renames and their undoing. */
#define _GNU_SOURCE /* NOLINT: unshare */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "runtime/filestore/copy.h"
#include "runtime/filestore/folder.h"
#include "runtime/filestore/transfer.h"
#include "runtime/filestore/verify.h"
#include "runtime/steps/kinds.h"

#define MARKER "{\"drehbuch\":{\"digest\":\"d\",\"mode\":\"test\",\"run\":\"this\"}}"
#define OTHER_MARKER "{\"drehbuch\":{\"digest\":\"d\",\"mode\":\"test\",\"run\":\"other\"}}"

struct place {
    struct arena *arena;
    uv_loop_t loop;
    char folder[64];
    const char *mounted; /* or NULL */
    bool ended;
    const struct error *error;
    struct filestore_copied copied;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    place->arena = arena_create();
    assert_int_equal(uv_loop_init(&place->loop), 0);
    strcpy(place->folder, "/tmp/drehbuch-filestore-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    if (place->mounted)
        assert_int_equal(umount(place->mounted), 0);
    assert_null(file_remove_tree(place->arena, place->folder));
    assert_int_equal(uv_loop_close(&place->loop), 0);
    arena_destroy(place->arena);
    free(place);
    return 0;
}

static const char *path_in(struct place *place, const char *name)
{
    return arena_format(place->arena, "%s/%s", place->folder, name);
}

static void write_file(struct place *place, const char *name, const char *content)
{
    const char *path = path_in(place, name);
    assert_null(file_make_folder(place->arena, file_folder(place->arena, path), 0755));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, strlen(content), file), strlen(content));
    assert_int_equal(fclose(file), 0);
}

static void assert_content(struct place *place, const char *name, const char *content)
{
    struct text text;
    assert_null(file_read(place->arena, path_in(place, name), 1000, &text));
    assert_string_equal(text.bytes, content);
}

static bool is_there(struct place *place, const char *name)
{
    return file_exists(path_in(place, name));
}

static ino_t inode(struct place *place, const char *name)
{
    struct stat status;
    assert_int_equal(stat(path_in(place, name), &status), 0);
    return status.st_ino;
}

static bool is_partial_there(struct place *place, const char *name)
{
    return file_exists(filestore_partial(place->arena, path_in(place, name), MARKER));
}

static void take_end(void *context, const struct error *error,
                     const struct filestore_copied *copied)
{
    struct place *place = context;
    assert_false(place->ended);
    place->ended = true;
    place->error = error;
    place->copied = *copied;
}

static struct filestore_copy *begin(struct place *place, const char *from, const char *to,
                                    enum filestore_purpose purpose)
{
    place->ended = false;
    return filestore_copy_start(
        &place->loop, place->arena,
        (struct filestore_copy_options){.from = from ? path_in(place, from) : NULL,
                                        .to = path_in(place, to),
                                        .purpose = purpose,
                                        .marker = MARKER,
                                        .jobs = 3,
                                        .ended = take_end,
                                        .context = place});
}

/* The error, or NULL. */
static const struct error *copy(struct place *place, const char *from, const char *to,
                                enum filestore_purpose purpose)
{
    (void)begin(place, from, to, purpose);
    assert_false(place->ended);
    assert_int_equal(uv_run(&place->loop, UV_RUN_DEFAULT), 0);
    assert_true(place->ended);
    return place->error;
}

static void make_source(struct place *place)
{
    write_file(place, "source/ab/one", "1");
    write_file(place, "source/ab/two", "22");
    write_file(place, "source/cd/three", "333");
    write_file(place, "source/top", "4444");
    write_file(place, "source/" FILESTORE_MARKER, "somebody's");
}

/* Whether file systems may be mounted, which go with this process. Asked before there are threads:
 * each has what was mounted where it was made. */
static bool may_mount;

/* A file system of its own in `name`; skips the test where that cannot be had. */
static void mount_in(struct place *place, const char *name, const char *type, unsigned long flags,
                     const char *data)
{
    const char *path = path_in(place, name);
    assert_null(file_make_folder(place->arena, path, 0755));
    if (!may_mount || mount("none", path, type, flags, data) != 0) {
        print_message("# skipped: this account may not mount file systems\n");
        skip();
    }
    place->mounted = path;
}

/* ---- copies ---- */

static void test_link(void **state)
{
    struct place *place = *state;
    make_source(place);
    assert_null(copy(place, "source", "target", FILESTORE_MAKE));
    assert_int_equal(place->copied.files, 4);
    assert_int_equal(place->copied.bytes, 10);
    assert_int_equal(place->copied.linked, 4);
    assert_string_equal(filestore_copied_method(&place->copied), "link");
    assert_int_equal(inode(place, "source/cd/three"), inode(place, "target/cd/three"));
    assert_content(place, "target/" FILESTORE_MARKER, MARKER);
    assert_content(place, "source/" FILESTORE_MARKER, "somebody's");
    assert_false(is_partial_there(place, "target"));
}

static void test_existing_target_is_refused(void **state)
{
    struct place *place = *state;
    make_source(place);
    write_file(place, "target/mine", "mine");
    const struct error *error = copy(place, "source", "target", FILESTORE_MAKE);
    assert_non_null(error);
    assert_int_equal(error->outcome, OUTCOME_REFUSED);
    error = copy(place, "source", "target", FILESTORE_REPLACE);
    assert_non_null(error);
    assert_int_equal(error->outcome, OUTCOME_REFUSED);
    assert_content(place, "target/mine", "mine");
    assert_false(is_there(place, "target/top"));
    assert_false(is_partial_there(place, "target"));
}

static void test_replace(void **state)
{
    struct place *place = *state;
    make_source(place);
    assert_null(copy(place, "source", "target", FILESTORE_REPLACE));
    write_file(place, "target/old", "old");
    assert_null(copy(place, "source", "target", FILESTORE_REPLACE));
    assert_false(is_there(place, "target/old"));
    assert_content(place, "target/top", "4444");
}

/* What a crash has left under the other name is no part of the copy. */
static void test_remains_are_not_used(void **state)
{
    struct place *place = *state;
    make_source(place);
    const char *partial = filestore_partial(place->arena, "target", MARKER);
    write_file(place, arena_format(place->arena, "%s/half", partial), "half");
    /* The name depends on the whole path. */
    const char *whole = filestore_partial(place->arena, path_in(place, "target"), MARKER);
    assert_string_equal(whole, path_in(place, partial));
    assert_null(copy(place, "source", "target", FILESTORE_MAKE));
    assert_false(is_there(place, "target/half"));
    assert_false(is_partial_there(place, "target"));
}

/* rsync has filled it. */
static void test_filled_by_others(void **state)
{
    struct place *place = *state;
    const char *partial = filestore_partial(place->arena, "target", MARKER);
    write_file(place, arena_format(place->arena, "%s/ab/one", partial), "1");
    assert_null(copy(place, NULL, "target", FILESTORE_MAKE));
    assert_int_equal(place->copied.files, 1);
    assert_int_equal(place->copied.bytes, 1);
    assert_content(place, "target/ab/one", "1");
    assert_content(place, "target/" FILESTORE_MARKER, MARKER);
}

/* An entry that is listed, but whose file is not there, is what one that vanishes looks like. */
static void test_vanishing_file(void **state)
{
    struct place *place = *state;
    make_source(place);
    assert_int_equal(symlink("nowhere", path_in(place, "source/ab/gone")), 0);
    assert_null(copy(place, "source", "target", FILESTORE_MAKE));
    assert_int_equal(place->copied.files, 4);
    assert_int_equal(place->copied.vanished, 1);
}

/* Links into other folders are followed: what is in the copy belongs to the copy. */
static void test_links_are_followed(void **state)
{
    struct place *place = *state;
    make_source(place);
    write_file(place, "elsewhere/four", "four");
    assert_int_equal(symlink("../elsewhere", path_in(place, "source/ef")), 0);
    assert_int_equal(symlink("../elsewhere/four", path_in(place, "source/link")), 0);
    assert_null(copy(place, "source", "target", FILESTORE_MAKE));
    struct stat status;
    assert_int_equal(lstat(path_in(place, "target/ef"), &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    assert_int_equal(lstat(path_in(place, "target/link"), &status), 0);
    assert_true(S_ISREG(status.st_mode));
    assert_content(place, "target/ef/four", "four");
}

static void test_what_no_filestore_has(void **state)
{
    struct place *place = *state;
    make_source(place);
    assert_int_equal(mkfifo(path_in(place, "source/ab/pipe"), 0600), 0);
    const struct error *error = copy(place, "source", "target", FILESTORE_MAKE);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "source/ab/pipe"));
    assert_int_equal(unlink(path_in(place, "source/ab/pipe")), 0);
    assert_int_equal(symlink(".", path_in(place, "source/again")), 0);
    error = copy(place, "source", "target", FILESTORE_MAKE);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "folders so deep"));
    assert_false(is_there(place, "target"));
    assert_false(is_partial_there(place, "target"));
}

static void test_stop(void **state)
{
    struct place *place = *state;
    make_source(place);
    filestore_copy_stop(begin(place, "source", "target", FILESTORE_MAKE));
    assert_int_equal(uv_run(&place->loop, UV_RUN_DEFAULT), 0);
    assert_true(place->ended);
    assert_non_null(place->error);
    assert_int_equal(place->error->outcome, OUTCOME_INTERRUPTED);
    assert_false(is_there(place, "target"));
    assert_false(is_partial_there(place, "target"));
}

static void test_merge(void **state)
{
    struct place *place = *state;
    make_source(place);
    write_file(place, "target/ab/one", "kept");
    const struct error *error = copy(place, "source", "target", FILESTORE_MERGE);
    assert_non_null(error);
    assert_int_equal(error->outcome, OUTCOME_REFUSED);
    assert_false(is_there(place, "target/top"));
    assert_null(filestore_mark(place->arena, path_in(place, "target"), OTHER_MARKER));
    assert_null(copy(place, "source", "target", FILESTORE_MERGE));
    assert_int_equal(place->copied.files, 3);
    assert_int_equal(place->copied.kept, 1);
    assert_content(place, "target/ab/one", "kept");
    assert_content(place, "target/cd/three", "333");
    assert_content(place, "target/" FILESTORE_MARKER, OTHER_MARKER);
}

/* ---- other file systems ---- */

static void test_copy_between_file_systems(void **state)
{
    struct place *place = *state;
    make_source(place);
    assert_int_equal(chmod(path_in(place, "source/ab/two"), 0640), 0);
    assert_int_equal(chmod(path_in(place, "source/ab"), 0750), 0);
    const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000001}};
    assert_int_equal(utimensat(AT_FDCWD, path_in(place, "source/ab/two"), times, 0), 0);
    mount_in(place, "mount", "tmpfs", 0, "size=1m");
    assert_null(copy(place, "source", "mount/target", FILESTORE_MAKE));
    assert_int_equal(place->copied.copied, 4);
    assert_string_equal(filestore_copied_method(&place->copied), "copy");
    assert_content(place, "mount/target/ab/two", "22");
    struct stat status;
    assert_int_equal(stat(path_in(place, "mount/target/ab/two"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_int_equal(status.st_mtim.tv_sec, 1000000001);
    assert_int_equal(stat(path_in(place, "mount/target/ab"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0750);
    /* Again over it, and what is there already. */
    write_file(place, "source/new", "new");
    assert_null(copy(place, "source", "mount/target", FILESTORE_MERGE));
    assert_int_equal(place->copied.files, 1);
    assert_int_equal(place->copied.kept, 4);
}

static void test_full_disk(void **state)
{
    struct place *place = *state;
    make_source(place);
    assert_int_equal(truncate(path_in(place, "source/cd/three"), 3000000), 0);
    mount_in(place, "mount", "tmpfs", 0, "size=1m");
    const struct error *error = copy(place, "source", "mount/target", FILESTORE_MAKE);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "/cd/three: No space left on device"));
    assert_non_null(strstr(error->help, "free space"));
    assert_false(is_there(place, "mount/target"));
    assert_false(is_partial_there(place, "mount/target"));
}

static void test_read_only_target(void **state)
{
    struct place *place = *state;
    make_source(place);
    mount_in(place, "mount", "tmpfs", MS_RDONLY, NULL);
    const struct error *error = copy(place, "source", "mount/target", FILESTORE_MAKE);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "Read-only file system"));
    assert_non_null(strstr(error->help, "can be written to"));
}

/* mkfs and losetup; false where one is missing or fails. */
static bool run_quietly(const char *const *arguments)
{
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        (void)dup2(null, 1);
        (void)dup2(null, 2);
        (void)execvp(arguments[0], (char *const *)arguments);
        _exit(127);
    }
    int status;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

static void test_reflink(void **state)
{
    struct place *place = *state;
    const char *image = path_in(place, "image");
    write_file(place, "image", "");
    assert_int_equal(truncate(image, (off_t)400 * 1024 * 1024), 0);
    const char *const make[] = {"mkfs.xfs", "-q", "-m", "reflink=1", image, NULL};
    assert_null(file_make_folder(place->arena, path_in(place, "mount"), 0755));
    const char *const attach[] = {"mount", "-o", "loop", image, path_in(place, "mount"), NULL};
    if (!may_mount || !run_quietly(make) || !run_quietly(attach)) {
        print_message("# skipped: no XFS can be made and mounted here\n");
        skip();
    }
    place->mounted = path_in(place, "mount");
    write_file(place, "mount/from/file", "content");
    write_file(place, "mount/to/other", "");
    /* Links are tried first, and would do. */
    struct transfer transfer = {.links_refused = true};
    int from = open(path_in(place, "mount/from"), O_RDONLY);
    int to = open(path_in(place, "mount/to"), O_RDONLY);
    struct stat status;
    enum transfer_way way;
    assert_int_equal(fstatat(from, "file", &status, 0), 0);
    assert_int_equal(transfer_file(&transfer, from, to, "file", &status, &way), 0);
    assert_int_equal(way, TRANSFER_REFLINK);
    assert_content(place, "mount/to/file", "content");
    assert_int_not_equal(inode(place, "mount/from/file"), inode(place, "mount/to/file"));
    assert_int_equal(transfer_file(&transfer, from, to, "file", &status, &way), EEXIST);
    assert_int_equal(unlink(path_in(place, "mount/from/file")), 0);
    assert_int_equal(unlink(path_in(place, "mount/to/file")), 0);
    assert_int_equal(transfer_file(&transfer, from, to, "file", &status, &way), ENOENT);
    assert_int_equal(close(from), 0);
    assert_int_equal(close(to), 0);
}

/* Without any help of the kernel, too; and more than one buffer of it. */
static void test_bytes(void **state)
{
    struct place *place = *state;
    write_file(place, "from/file", "");
    assert_null(file_make_folder(place->arena, path_in(place, "to"), 0755));
    char *content = arena_allocate(place->arena, 300001);
    for (size_t i = 0; i < 300000; i++)
        content[i] = (char)('a' + i % 23);
    write_file(place, "from/file", content);
    struct transfer transfer = {
        .links_refused = true, .reflinks_refused = true, .ranges_refused = true};
    int from = open(path_in(place, "from"), O_RDONLY), to = open(path_in(place, "to"), O_RDONLY);
    struct stat status;
    enum transfer_way way;
    assert_int_equal(fstatat(from, "file", &status, 0), 0);
    assert_int_equal(transfer_file(&transfer, from, to, "file", &status, &way), 0);
    assert_int_equal(way, TRANSFER_COPY);
    struct text text;
    assert_null(file_read(place->arena, path_in(place, "to/file"), 400000, &text));
    assert_string_equal(text.bytes, content);
    atomic_bool stopped = true;
    transfer.stopped = &stopped;
    assert_int_equal(unlink(path_in(place, "to/file")), 0);
    assert_int_equal(transfer_file(&transfer, from, to, "file", &status, &way), ECANCELED);
    assert_false(is_there(place, "to/file"));
    assert_false(is_there(place, "to/file.partial"));
    assert_int_equal(close(from), 0);
    assert_int_equal(close(to), 0);
}

/* ---- removals ---- */

static void take_removal(void *context, const struct error *error)
{
    struct place *place = context;
    place->ended = true;
    place->error = error;
}

static const struct error *remove_folder(struct place *place, const char *name)
{
    place->ended = false;
    filestore_remove_start(&place->loop, place->arena, path_in(place, name), take_removal, place);
    assert_int_equal(uv_run(&place->loop, UV_RUN_DEFAULT), 0);
    assert_true(place->ended);
    return place->error;
}

static void test_remove(void **state)
{
    struct place *place = *state;
    write_file(place, "work/file", "");
    const struct error *error = remove_folder(place, "work");
    assert_non_null(error);
    assert_int_equal(error->outcome, OUTCOME_REFUSED);
    write_file(place, "work/" FILESTORE_MARKER, "{\"drehbuch\":{");
    assert_non_null(remove_folder(place, "work"));
    assert_true(is_there(place, "work/file"));
    assert_null(filestore_mark(place->arena, path_in(place, "work"), MARKER));
    assert_null(remove_folder(place, "work"));
    assert_false(is_there(place, "work"));
    assert_null(remove_folder(place, "work"));
}

static void test_remove_remains(void **state)
{
    struct place *place = *state;
    static const char *const gone[] = {"work.partial-0123abcd", "work.removed-0123abcd"};
    static const char *const kept[] = {"work.partial-0123abcde", "work.partial-0123abcx",
                                       "work.partial",           "works.partial-0123abcd",
                                       "work.saved-0123abcd",    "work.source"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
        write_file(place, arena_format(place->arena, "%s/a/b", gone[i]), "");
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        write_file(place, arena_format(place->arena, "%s/a/b", kept[i]), "");
    assert_null(
        filestore_remove_remains(place->arena, path_in(place, "work"), path_in(place, gone[0])));
    assert_true(is_there(place, gone[0]));
    assert_false(is_there(place, gone[1]));
    assert_null(remove_folder(place, "work"));
    assert_false(is_there(place, gone[0]));
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        assert_true(is_there(place, kept[i]));
}

/* ---- against the database's names ---- */

#define SHA1_OF_ABC "a9/a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA1_OF_NOTHING "da/da39a3ee5e6b4b0d3255bfef95601890afd80709"

static void test_names(void **state)
{
    (void)state;
    assert_true(filestore_name_is_valid(SHA1_OF_ABC));
    assert_true(filestore_name_is_valid("a99/a9993e364706816aba3e25717850c26c9cd0d89d"));
    assert_false(filestore_name_is_valid("../../etc/passwd"));
    assert_false(filestore_name_is_valid("s3://bucket/a9993e364706816aba3e25717850c26c9cd0d89d"));
    assert_false(filestore_name_is_valid("a9/a9993e364706816aba3e25717850c26c9cd0d8"));
    assert_false(filestore_name_is_valid("a9/a9993e364706816aba3e25717850c26c9cd0d89d0"));
    assert_false(filestore_name_is_valid(""));
}

static enum verify_state verify(struct place *place, struct verify_file *file)
{
    const char *sources[] = {path_in(place, "nowhere"), path_in(place, "source")};
    const struct verification verification = {
        .folder = path_in(place, "work"), .sources = sources, .source_count = 2, .jobs = 2};
    atomic_bool stopped = false;
    assert_null(filestore_verify(place->arena, &verification, file, 1, &stopped));
    return file->state;
}

static void test_verify(void **state)
{
    struct place *place = *state;
    assert_null(file_make_folder(place->arena, path_in(place, "work"), 0755));
    assert_null(file_make_folder(place->arena, path_in(place, "source"), 0755));
    struct verify_file file = {.name = SHA1_OF_ABC, .size = 3};
    assert_int_equal(verify(place, &file), VERIFY_MISSING);
    write_file(place, "source/" SHA1_OF_ABC, "abc");
    assert_int_equal(verify(place, &file), VERIFY_FETCHED);
    assert_content(place, "work/" SHA1_OF_ABC, "abc");
    assert_int_equal(verify(place, &file), VERIFY_PRESENT);
    assert_false(file.hashed);
    file.hash = true;
    assert_int_equal(verify(place, &file), VERIFY_PRESENT);
    assert_true(file.hashed);
    /* Damaged here only. */
    assert_int_equal(unlink(path_in(place, "work/" SHA1_OF_ABC)), 0);
    write_file(place, "work/" SHA1_OF_ABC, "abd");
    assert_int_equal(verify(place, &file), VERIFY_WORSE);
    file.hash = false;
    assert_int_equal(verify(place, &file), VERIFY_PRESENT);
    write_file(place, "work/" SHA1_OF_ABC, "ab");
    assert_int_equal(verify(place, &file), VERIFY_WORSE);
    write_file(place, "source/" SHA1_OF_ABC, "xyz");
    assert_int_equal(verify(place, &file), VERIFY_DAMAGED);
    struct verify_file elsewhere = {.name = "../source/" SHA1_OF_ABC, .size = -1};
    assert_int_equal(verify(place, &elsewhere), VERIFY_ELSEWHERE);
}

static void test_count(void **state)
{
    struct place *place = *state;
    int64_t count = -1;
    atomic_bool stopped = false;
    write_file(place, "work/" SHA1_OF_ABC, "abc");
    write_file(place, "work/" SHA1_OF_NOTHING, "");
    write_file(place, "work/checklist/" SHA1_OF_NOTHING, "");
    write_file(place, "work/" FILESTORE_MARKER, MARKER);
    assert_null(filestore_count(place->arena, path_in(place, "work"), 2, &stopped, &count));
    assert_int_equal(count, 2);
}

/* ---- filestore.rename ---- */

struct publishing {
    struct environment environment;
    struct compiled_step compiled;
    struct compiled_plan plan;
    struct run run;
    bool ended;
    const struct error *error;
    int moves;
    int refuse_move; /* the how manieth cannot be written down; 0: all can */
    struct arena *arena;
};

static void publishing_ended(struct step_run *step, const struct error *error,
                             struct value *effects)
{
    struct publishing *publishing = step->owner;
    (void)effects;
    publishing->ended = true;
    publishing->error =
        error ? error_create(publishing->arena, error->outcome, NULL, "%s", error->message) : NULL;
}

static const struct error *publishing_note(void *context, const char *step, const char *move,
                                           const char *reverse)
{
    struct publishing *publishing = context;
    assert_non_null(strstr(move, "gets the name"));
    assert_int_equal(strncmp(reverse, "mv ", 3), 0);
    (void)step;
    if (++publishing->moves == publishing->refuse_move)
        return error_create(publishing->arena, OUTCOME_FAILED, NULL, "killed here");
    return NULL;
}

static struct publishing *publishing_create(struct place *place)
{
    struct publishing *publishing = arena_allocate(place->arena, sizeof *publishing);
    publishing->arena = place->arena;
    publishing->environment = (struct environment){
        .source_filestore = path_in(place, "live"),
        .work_filestore = path_in(place, "work"),
        .publish = value_object(place->arena),
        .publish_filestore = path_in(place, "live"),
        .publish_replaced_filestore = path_in(place, "old"),
    };
    publishing->compiled = (struct compiled_step){.id = "publish/rename-filestore",
                                                  .kind = "filestore.rename",
                                                  .digest = "d",
                                                  .spec = value_object(place->arena)};
    publishing->plan = (struct compiled_plan){.steps = &publishing->compiled, .step_count = 1};
    publishing->run =
        (struct run){.arena = place->arena,
                     .loop = &place->loop,
                     .plan = &publishing->plan,
                     .environment = &publishing->environment,
                     .id = "this",
                     .folder = place->folder,
                     .listener = {.note_move = publishing_note, .context = publishing}};
    assert_null(file_make_folder(place->arena, path_in(place, "steps"), 0755));
    write_file(place, "live/who", "live");
    write_file(place, "work/who", "work");
    write_file(place, "work/" FILESTORE_MARKER, MARKER);
    return publishing;
}

static const struct error *publishing_do(struct publishing *publishing,
                                         void (*act)(struct step_run *step))
{
    struct step_run *step = step_create(&publishing->run, &publishing->compiled);
    step->finished = publishing_ended;
    step->owner = publishing;
    publishing->ended = false;
    act(step);
    assert_true(publishing->ended);
    step_destroy(step);
    return publishing->error;
}

static void assert_published(struct place *place)
{
    assert_content(place, "live/who", "work");
    assert_content(place, "old/who", "live");
    assert_false(is_there(place, "work"));
}

static void assert_not_published(struct place *place)
{
    assert_content(place, "live/who", "live");
    assert_content(place, "work/who", "work");
    assert_false(is_there(place, "old"));
}

static void test_rename_and_back(void **state)
{
    struct place *place = *state;
    struct publishing *publishing = publishing_create(place);
    const struct step_kind *kind = &kind_filestore_rename;
    assert_null(publishing_do(publishing, kind->preflight));
    assert_null(publishing_do(publishing, kind->undo)); /* nothing was done yet */
    assert_not_published(place);
    for (int i = 0; i < 2; i++) {
        assert_null(publishing_do(publishing, kind->start));
        assert_published(place);
    }
    assert_int_equal(publishing->moves, 2);
    for (int i = 0; i < 2; i++) {
        assert_null(publishing_do(publishing, kind->undo));
        assert_not_published(place);
    }
    assert_int_equal(publishing->moves, 4);
}

/* Cut off between the two moves, there and back. */
static void test_rename_cut_off(void **state)
{
    struct place *place = *state;
    struct publishing *publishing = publishing_create(place);
    const struct step_kind *kind = &kind_filestore_rename;
    publishing->refuse_move = 2;
    assert_non_null(publishing_do(publishing, kind->start));
    assert_false(is_there(place, "live"));
    assert_null(publishing_do(publishing, kind->undo));
    assert_not_published(place);
    publishing->refuse_move = publishing->moves + 2;
    assert_non_null(publishing_do(publishing, kind->start));
    publishing->refuse_move = 0;
    assert_null(publishing_do(publishing, kind->start));
    assert_published(place);
    publishing->refuse_move = publishing->moves + 2;
    assert_non_null(publishing_do(publishing, kind->undo));
    assert_false(is_there(place, "live"));
    publishing->refuse_move = 0;
    assert_null(publishing_do(publishing, kind->undo));
    assert_not_published(place);
}

static void test_rename_refuses(void **state)
{
    struct place *place = *state;
    struct publishing *publishing = publishing_create(place);
    const struct step_kind *kind = &kind_filestore_rename;
    write_file(place, "old/who", "customer");
    assert_non_null(publishing_do(publishing, kind->preflight));
    assert_non_null(publishing_do(publishing, kind->start));
    assert_content(place, "live/who", "live");
    assert_content(place, "old/who", "customer");
    /* A rehearsal's: the next one's filestore.copy removes it, production leaves it alone. */
    assert_null(filestore_mark(place->arena, path_in(place, "old"), OTHER_MARKER));
    assert_null(publishing_do(publishing, kind->preflight));
    publishing->run.mode = MODE_PRODUCTION;
    assert_non_null(publishing_do(publishing, kind->preflight));
    publishing->environment.publish_replaced_filestore = NULL;
    const struct error *error = publishing_do(publishing, kind->preflight);
    assert_non_null(strstr(error->message, "there is a filestore at"));
    publishing->environment.publish_filestore = NULL;
    error = publishing_do(publishing, kind->preflight);
    assert_non_null(strstr(error->message, "without its filestore"));
    /* Another run's working filestore. */
    publishing->environment.publish_filestore = path_in(place, "new");
    assert_null(filestore_mark(place->arena, path_in(place, "work"), OTHER_MARKER));
    assert_non_null(publishing_do(publishing, kind->start));
    assert_content(place, "work/who", "work");
}

static void test_rename_needs_one_file_system(void **state)
{
    struct place *place = *state;
    struct publishing *publishing = publishing_create(place);
    mount_in(place, "mount", "tmpfs", 0, "size=1m");
    publishing->environment.publish_filestore = path_in(place, "mount/live");
    const struct error *error = publishing_do(publishing, kind_filestore_rename.preflight);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "lie on two file systems"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_link),
        TEST(test_existing_target_is_refused),
        TEST(test_replace),
        TEST(test_remains_are_not_used),
        TEST(test_filled_by_others),
        TEST(test_vanishing_file),
        TEST(test_links_are_followed),
        TEST(test_what_no_filestore_has),
        TEST(test_stop),
        TEST(test_merge),
        TEST(test_copy_between_file_systems),
        TEST(test_full_disk),
        TEST(test_read_only_target),
        TEST(test_reflink),
        TEST(test_bytes),
        TEST(test_remove),
        TEST(test_remove_remains),
        TEST(test_names),
        TEST(test_verify),
        TEST(test_count),
        TEST(test_rename_and_back),
        TEST(test_rename_cut_off),
        TEST(test_rename_refuses),
        TEST(test_rename_needs_one_file_system),
    };
    may_mount =
        unshare(CLONE_NEWNS) == 0 && mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    uv_library_shutdown(); /* its threads end, and with them what libcrypto keeps for each */
    return failed;
}
