/* Which client programs of PostgreSQL are taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "runtime/postgres/tools.h"

struct answer {
    int count;
    const struct tools *tools;
    const struct error *error;
};

static void take_answer(void *context, const struct tools *tools, const struct error *error)
{
    struct answer *answer = context;
    answer->count++;
    answer->tools = tools;
    answer->error = error;
}

static struct answer find(struct arena *arena, int server_version)
{
    struct answer answer = {0};
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    tools_find(&loop, arena, server_version, take_answer, &answer);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(answer.count, 1);
    return answer;
}

static void make_program(struct arena *arena, const char *folder, const char *name,
                         const char *version)
{
    const char *text =
        arena_format(arena, "#!/bin/sh\necho '%s (PostgreSQL) %s (a test)'\n", name, version);
    assert_null(file_make_folder(arena, folder, 0755));
    assert_null(
        file_replace(arena, arena_format(arena, "%s/%s", folder, name), text, strlen(text), 0755));
}

/* Versions that no machine has yet, so that what is installed here does not count. */
static void test_path(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    char *place = arena_copy(arena, "/tmp/drehbuch-tools-XXXXXX");
    assert_non_null(mkdtemp(place));
    static const char *const versions[] = {"900.1", "902devel", "901.3", "903.1"};
    char *path = arena_copy(arena, "/nowhere");
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        const char *folder = arena_format(arena, "%s/%zu", place, i);
        make_program(arena, folder, "pg_dump", versions[i]);
        /* One that has no pg_restore beside it is of no use. */
        if (i != 2)
            make_program(arena, folder, "pg_restore", versions[i]);
        path = arena_format(arena, "%s:%s", path, folder);
    }
    char *before = arena_copy(arena, getenv("PATH"));
    assert_int_equal(setenv("PATH", path, 1), 0);
    struct answer equal = find(arena, 9000007), newer = find(arena, 9010000),
                  none = find(arena, 9040001);
    assert_int_equal(setenv("PATH", before, 1), 0);

    assert_null(equal.error);
    assert_int_equal(equal.tools->version, 900);
    assert_string_equal(tools_program(arena, equal.tools, "pg_restore"),
                        arena_format(arena, "%s/0/pg_restore", place));
    assert_null(newer.error);
    assert_int_equal(newer.tools->version, 902);
    assert_null(none.tools);
    assert_non_null(strstr(none.error->message, "PostgreSQL 904"));
    assert_non_null(strstr(none.error->message, arena_format(arena, "903 in %s/3", place)));
    assert_non_null(strstr(none.error->help, "postgresql-client-904"));
    assert_null(file_remove_tree(arena, place));
    arena_destroy(arena);
}

/* Debian's: by the folder's name, not through the script in PATH. */
static void test_folder_of_the_version(void **state)
{
    (void)state;
    struct arena *arena = arena_create();
    if (!file_exists("/usr/lib/postgresql/15/bin/pg_dump")) {
        arena_destroy(arena);
        print_message("PostgreSQL 15 is not in Debian's place here\n");
        skip();
    }
    struct answer answer = find(arena, 150003);
    assert_null(answer.error);
    assert_string_equal(tools_program(arena, answer.tools, "pg_dump"),
                        "/usr/lib/postgresql/15/bin/pg_dump");
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_folder_of_the_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
