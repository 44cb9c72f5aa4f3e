/* Files: whole reads within limits, replacement that is all or nothing, folders, paths. */
#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

struct place {
    struct arena *arena;
    char folder[32];
};

static int set_up(void **state)
{
    struct place *place = malloc(sizeof *place);
    assert_non_null(place);
    place->arena = arena_create();
    strcpy(place->folder, "/tmp/drehbuch-file-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    *state = place;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status, (void)type, (void)walk;
    return remove(path);
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_int_equal(nftw(place->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
    arena_destroy(place->arena);
    free(place);
    return 0;
}

static const char *path_in(struct place *place, const char *name)
{
    return arena_format(place->arena, "%s/%s", place->folder, name);
}

static size_t count_entries(const char *folder)
{
    size_t count = 0;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    for (struct dirent *entry; (entry = readdir(listing));)
        count += entry->d_name[0] != '.';
    assert_int_equal(closedir(listing), 0);
    return count;
}

static void test_replace_and_read(void **state)
{
    struct place *place = *state;
    const char *path = path_in(place, "file");
    struct text text;
    assert_null(file_replace(place->arena, path, "a\0b", 3, 0640));
    assert_null(file_read(place->arena, path, 3, &text));
    assert_int_equal(text.length, 3);
    assert_memory_equal(text.bytes, "a\0b", 4);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    assert_null(file_replace(place->arena, path, "", 0, 0600));
    assert_null(file_read(place->arena, path, 0, &text));
    assert_int_equal(text.length, 0);
    assert_string_equal(text.bytes, "");
    assert_int_equal(count_entries(place->folder), 1);
}

static void test_create(void **state)
{
    struct place *place = *state;
    const char *path = path_in(place, "new");
    struct text text;
    assert_null(file_create(place->arena, path, "one", 3, 0644));
    const struct error *error = file_create(place->arena, path, "two", 3, 0644);
    assert_non_null(error);
    assert_int_equal(error->outcome, OUTCOME_REFUSED);
    assert_null(file_read(place->arena, path, 100, &text));
    assert_string_equal(text.bytes, "one");
    assert_int_equal(count_entries(place->folder), 1);
}

static void test_limit(void **state)
{
    struct place *place = *state;
    const char *path = path_in(place, "file");
    assert_null(file_replace(place->arena, path, "abcd", 4, 0600));
    struct text text;
    const struct error *error = file_read(place->arena, path, 3, &text);
    assert_non_null(error);
    assert_int_equal(error->outcome, OUTCOME_INVALID);
    assert_non_null(strstr(error->message, "has 4 bytes; at most 3 are read"));
    assert_null(file_read(place->arena, path, 4, &text));
}

static void test_unreadable(void **state)
{
    struct place *place = *state;
    struct text text;
    const char *pipe = path_in(place, "pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    const struct {
        const char *path, *message;
    } cases[] = {
        {path_in(place, "absent"), "No such file"},
        {place->folder, "is a folder"},
        {pipe, "is not a regular file"},
        {"/dev/null", "is not a regular file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct error *error = file_read(place->arena, cases[i].path, 100, &text);
        assert_non_null(error);
        assert_int_equal(error->outcome, OUTCOME_INVALID);
        assert_non_null(error->help);
        assert_non_null(strstr(error->message, cases[i].path));
        assert_non_null(strstr(error->message, cases[i].message));
    }
}

static void test_failed_replace_leaves_nothing(void **state)
{
    struct place *place = *state;
    const char *path = path_in(place, "folder");
    assert_int_equal(mkdir(path, 0700), 0);
    const struct error *error = file_replace(place->arena, path, "x", 1, 0600);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "cannot write"));
    assert_int_equal(count_entries(place->folder), 1);
    assert_non_null(file_replace(place->arena, path_in(place, "no/file"), "x", 1, 0600));
}

static void test_make_folder(void **state)
{
    struct place *place = *state;
    const char *path = path_in(place, "a/b//c/");
    assert_null(file_make_folder(place->arena, path, 0700));
    assert_null(file_make_folder(place->arena, path, 0700));
    assert_true(file_exists(path_in(place, "a/b/c")));
    assert_null(file_replace(place->arena, path_in(place, "a/file"), "", 0, 0600));
    const struct error *error = file_make_folder(place->arena, path_in(place, "a/file/d"), 0700);
    assert_non_null(error);
    assert_non_null(strstr(error->message, "cannot make the folder"));
    assert_false(file_exists(path_in(place, "a/file/d")));
}

static void test_paths(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *path, *folder;
    } folders[] = {{"a/b", "a"}, {"b", "."}, {"/b", "/"}, {"/a/b", "/a"}, {"a/b/c", "a/b"}};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        assert_string_equal(file_folder(place->arena, folders[i].path), folders[i].folder);
    assert_string_equal(file_join(place->arena, "a", "b"), "a/b");
    assert_string_equal(file_join(place->arena, ".", "b"), "b");
    assert_string_equal(file_join(place->arena, "a", "/b"), "/b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_replace_and_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_create, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_failed_replace_leaves_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_make_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_paths, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
