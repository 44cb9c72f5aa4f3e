/* Dumps: what they are is found out from their content; archives may be hostile. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>

#include "base/file.h"
#include "runtime/dump/entry_name.h"
#include "runtime/dump/format.h"
#include "runtime/dump/head.h"
#include "runtime/dump/identity.h"
#include "runtime/dump/locale.h"
#include "runtime/dump/pack.h"
#include "runtime/dump/unpack.h"

#define SQL                                                                                        \
    "--\n-- PostgreSQL database dump\n--\n\n-- Dumped by pg_dump version 15.8\n\nSELECT 1;\n"      \
    "--\n-- PostgreSQL database dump complete\n--\n\n"

struct place {
    struct arena *arena;
    char folder[40];
    atomic_bool stopped;
    struct file_work work;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    place->arena = arena_create();
    strcpy(place->folder, "/tmp/drehbuch-dumps-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    place->work.arena = place->arena;
    place->work.stopped = &place->stopped;
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    assert_null(file_remove_tree(place->arena, place->folder));
    arena_destroy(place->arena);
    free(place);
    return 0;
}

static const char *path_in(struct place *place, const char *name)
{
    return arena_format(place->arena, "%s/%s", place->folder, name);
}

static const char *write_bytes(struct place *place, const char *name, const char *bytes,
                               size_t length)
{
    const char *path = path_in(place, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    return path;
}

static const char *write_text(struct place *place, const char *name, const char *text)
{
    return write_bytes(place, name, text, strlen(text));
}

static void assert_says(const struct error *error, const char *part)
{
    assert_non_null(error);
    if (!strstr(error->message, part))
        print_error("\"%s\" lacks \"%s\"\n", error->message, part);
    assert_non_null(strstr(error->message, part));
}

/* ---- what it is ---- */

static void test_recognize(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *bytes;
        size_t length;
        enum dump_format format;
    } good[] = {
        {SQL, sizeof SQL - 1, DUMP_SQL},
        {"\\restrict x\n-- PostgreSQL database dump\r\n", 41, DUMP_SQL},
        {"PGDMP\1\16", 7, DUMP_CUSTOM},
        {"PK\3\4rest", 8, DUMP_ZIP},
        {"PK\5\6rest", 8, DUMP_ZIP},
        {"\x1f\x8b\x08", 3, DUMP_GZIP},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        enum dump_format format = DUMP_BACKUP;
        const char *path = write_bytes(place, "dump", good[i].bytes, good[i].length);
        assert_null(dump_recognize(place->arena, path, &format));
        assert_int_equal(format, good[i].format);
    }
    static const struct {
        const char *bytes;
        size_t length;
        const char *says;
    } bad[] = {
        {"", 0, "the file is empty"},
        {"-- PostgreSQL database cluster dump\n", 36, "pg_dumpall"},
        {"BZh9", 4, "something else than gzip"},
        {"\xfd"
         "7zXZ\0",
         6, "something else than gzip"},
        {"\x28\xb5\x2f\xfd", 4, "something else than gzip"},
        {"SELECT 1;\n", 10, "does not begin like one"},
        {"PGDM", 4, "does not begin like one"},
        {"P", 1, "does not begin like one"},
        {"\0\0\0", 3, "does not begin like one"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        enum dump_format format;
        const char *path = write_bytes(place, "dump", bad[i].bytes, bad[i].length);
        const struct error *error = dump_recognize(place->arena, path, &format);
        assert_says(error, bad[i].says);
        assert_int_equal(error->outcome, OUTCOME_INVALID);
    }
    enum dump_format format;
    assert_says(dump_recognize(place->arena, path_in(place, "nowhere"), &format), "no dump");
    assert_says(dump_recognize(place->arena, "/dev/null", &format), "neither a file nor a folder");
    assert_says(dump_recognize(place->arena, place->folder, &format), "toc.dat");
}

static void test_recognize_folders(void **state)
{
    struct place *place = *state;
    enum dump_format format;
    assert_null(file_make_folder(place->arena, path_in(place, "made/dump"), 0700));
    write_text(place, "made/dump/toc.dat", "PGDMP");
    assert_null(dump_recognize(place->arena, path_in(place, "made/dump"), &format));
    assert_int_equal(format, DUMP_DIRECTORY);
    assert_non_null(dump_recognize(place->arena, path_in(place, "made"), &format));
    write_text(place, "made/manifest.json", "{}");
    assert_null(dump_recognize(place->arena, path_in(place, "made"), &format));
    assert_int_equal(format, DUMP_BACKUP);
    assert_string_equal(dump_head_path(place->arena, "b", DUMP_BACKUP), "b/dump/toc.dat");
    assert_string_equal(dump_head_path(place->arena, "b", DUMP_CUSTOM), "b");
}

/* PGDMP, version 1.14-0, integers of 4 bytes, offsets of 8, custom; no compression given; a date;
 * the database, the server's version, the program's. */
#define INTEGER(n) "\0" n "\0\0\0"
#define HEAD                                                                                       \
    "PGDMP\1\16\0\4\10\1" INTEGER("\xff") INTEGER("\1") INTEGER("\2") INTEGER("\3") INTEGER("\4")  \
        INTEGER("\5") INTEGER("\6") INTEGER("\0")                                                  \
            INTEGER("\4") "acme" INTEGER("\4") "14.9" INTEGER("\4") "15.8"

static void test_head(void **state)
{
    struct place *place = *state;
    static const char head[] = HEAD;
    struct dump_head read;
    const char *path = write_bytes(place, "dump", head, sizeof head - 1);
    assert_null(dump_read_head(place->arena, path, &read));
    assert_string_equal(read.server, "14.9");
    assert_string_equal(read.program, "15.8");
    assert_int_equal(read.major, 15);
    for (size_t length = 0; length < sizeof head - 1; length++) {
        path = write_bytes(place, "dump", head, length);
        /* The version's last digits are not needed to know the major one. */
        assert_says(dump_read_head(place->arena, path, &read), "cut off or damaged");
    }
    char long_name[sizeof head];
    memcpy(long_name, head, sizeof head);
    memset(long_name + 52, 0xff, 4); /* the length of the database's name */
    path = write_bytes(place, "dump", long_name, sizeof head - 1);
    assert_says(dump_read_head(place->arena, path, &read), "cut off or damaged");
}

static void test_identity(void **state)
{
    struct place *place = *state;
    struct digest first = {0}, second = {0};
    assert_null(dump_identify(&place->work, write_text(place, "one", "abc"), &first));
    assert_string_equal(first.hex,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_null(file_make_folder(place->arena, path_in(place, "made/ab"), 0700));
    write_text(place, "made/ab/x", "1");
    write_text(place, "made/b", "2");
    assert_null(dump_identify(&place->work, path_in(place, "made"), &first));
    assert_null(dump_identify(&place->work, path_in(place, "made"), &second));
    assert_string_equal(first.hex, second.hex);
    assert_int_equal(rename(path_in(place, "made/b"), path_in(place, "made/c")), 0);
    assert_null(dump_identify(&place->work, path_in(place, "made"), &second));
    assert_string_not_equal(first.hex, second.hex);
    atomic_store(&place->stopped, true);
    const struct error *error = dump_identify(&place->work, path_in(place, "made"), &second);
    assert_non_null(error);
    assert_int_equal(error->outcome, OUTCOME_INTERRUPTED);
}

static void test_locale(void **state)
{
    struct place *place = *state;
    struct dump_locale locale;
    assert_false(dump_locale_take(place->arena, "CREATE TABLE x ();", &locale));
    assert_true(dump_locale_take(place->arena,
                                 "CREATE DATABASE acme WITH TEMPLATE = template0 ENCODING = 'UTF8' "
                                 "LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-CH';",
                                 &locale));
    assert_int_equal(locale.count, 4);
    assert_string_equal(locale.options[1].keyword, "LOCALE_PROVIDER");
    assert_string_equal(locale.options[1].value, "icu");
    assert_false(locale.options[1].quoted);
    assert_string_equal(locale.options[3].value, "de-CH");
    static const char *const strange[] = {
        "CREATE DATABASE acme;",
        "CREATE DATABASE acme WITH TEMPLATE = template0 ENCODING = 'UTF8'",
        "CREATE DATABASE acme WITH TEMPLATE = template0 ENCODING = 'a''b';",
        "CREATE DATABASE acme WITH TEMPLATE = template0 OWNER = 'postgres';",
        "CREATE DATABASE acme WITH TEMPLATE = template0 LOCALE_PROVIDER = x; DROP TABLE y;",
        "CREATE DATABASE acme WITH TEMPLATE = template0 LOCALE = '';",
        "CREATE DATABASE acme WITH TEMPLATE = template0 LOCALE = 'C",
    };
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        assert_true(dump_locale_take(place->arena, strange[i], &locale));
        assert_int_equal(locale.count, 0);
    }
}

/* ---- SQL ---- */

static const struct error *read_sql(struct place *place, const char *sql, size_t piece, int *major)
{
    struct sql_text text = sql_text_create(place->arena, "a.sql");
    const struct error *error = NULL;
    size_t length = strlen(sql);
    for (size_t at = 0; at < length && !error; at += piece)
        error = sql_text_take(&text, sql + at, at + piece < length ? piece : length - at);
    if (!error)
        error = sql_text_end(&text);
    *major = text.major;
    return error;
}

static void test_sql_text(void **state)
{
    struct place *place = *state;
    static const char begin[] = "-- PostgreSQL database dump\n";
    static const char end[] = "-- PostgreSQL database dump complete\n";
    static const struct {
        const char *middle;
        const char *says; /* NULL: good */
    } cases[] = {
        {"-- Dumped by pg_dump version 15.8 (Debian)\n\\restrict abc\n\\unrestrict abc\n", NULL},
        {"COPY public.x (a) FROM stdin;\n\\! rm\n\\connect y\n\\.\n", NULL},
        {"COPY public.x (a) FROM stdin;\r\n\\! rm\r\n\\.\r\n", NULL},
        {"COPY public.x (a) FROM stdin;\n\\.\n\\! rm\n",
         "a.sql:4: the dump has a command for psql"},
        {"\\connect other\n", "a.sql:2: the dump would go on in a database of its own choice"},
        {"\\c other\n", "of its own choice"},
        {"\\i /etc/passwd\n", "a command for psql"},
        {"\\copy x from '/etc/passwd'\n", "a command for psql"},
        {"\\o |sh\n", "a command for psql"},
        {"SELECT '\n\\n';\n", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t piece = 1; piece < 40; piece += 6) {
            int major;
            const struct error *error =
                read_sql(place, arena_format(place->arena, "%s%s%s", begin, cases[i].middle, end),
                         piece, &major);
            if (cases[i].says)
                assert_says(error, cases[i].says);
            else
                assert_null(error);
            assert_int_equal(major, i == 0 ? 15 : 0);
        }
    int major;
    assert_says(read_sql(place, begin, 5, &major), "cut off");
    assert_says(read_sql(place, "SELECT 1;\n", 5, &major), "no plain SQL dump");
    /* The last line counts without its end, too. */
    assert_null(read_sql(place, "-- PostgreSQL database dump\n-- PostgreSQL database dump complete",
                         7, &major));
}

/* ---- names ---- */

static void test_entry_names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum entry_place place;
    } cases[] = {
        {"dump.sql", ENTRY_IS_SQL},
        {"manifest.json", ENTRY_IS_MANIFEST},
        {"filestore/", ENTRY_IS_FOLDER},
        {"filestore/ab/", ENTRY_IS_FOLDER},
        {"filestore/ab/abcd", ENTRY_IS_FILE},
        {"filestore/checklist/ab/abcd", ENTRY_IS_FILE},
        {"", ENTRY_IS_FOREIGN},
        {"./dump.sql", ENTRY_IS_FOREIGN},
        {"/dump.sql", ENTRY_IS_FOREIGN},
        {"../dump.sql", ENTRY_IS_FOREIGN},
        {"other", ENTRY_IS_FOREIGN},
        {"filestore", ENTRY_IS_FOREIGN},
        {"filestore//x", ENTRY_IS_FOREIGN},
        {"filestore/../x", ENTRY_IS_FOREIGN},
        {"filestore/ab/..", ENTRY_IS_FOREIGN},
        {"filestore/ab/../../x", ENTRY_IS_FOREIGN},
        {"filestore/./x", ENTRY_IS_FOREIGN},
        {"filestore/a\\b", ENTRY_IS_FOREIGN},
        {"filestore/a\nb", ENTRY_IS_FOREIGN},
        {"filestore/1/2/3/4/5/6/7/8", ENTRY_IS_FILE},
        {"filestore/1/2/3/4/5/6/7/8/9", ENTRY_IS_FOREIGN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (entry_name_place(cases[i].name) != cases[i].place)
            print_error("%s\n", cases[i].name);
        assert_int_equal(entry_name_place(cases[i].name), cases[i].place);
    }
    char name[400] = "filestore/";
    memset(name + 10, 'x', 255);
    assert_int_equal(entry_name_place(name), ENTRY_IS_FILE);
    memset(name + 10, 'x', 256);
    assert_int_equal(entry_name_place(name), ENTRY_IS_FOREIGN);
}

/* ---- archives ---- */

struct entry {
    const char *name;
    const char *content; /* of a link: where it leads */
    unsigned type;       /* 0: a file */
};

static const char *write_zip(struct place *place, const struct entry *entries, size_t count)
{
    const char *path = path_in(place, "a.zip");
    struct archive *archive = archive_write_new();
    assert_int_equal(archive_write_set_format_zip(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_zip_set_compression_store(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (size_t i = 0; i < count; i++) {
        struct archive_entry *entry = archive_entry_new();
        archive_entry_set_pathname(entry, entries[i].name);
        archive_entry_set_filetype(entry, entries[i].type ? entries[i].type : AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        if (entries[i].type == AE_IFLNK)
            archive_entry_set_symlink(entry, entries[i].content);
        else
            archive_entry_set_size(entry, (int64_t)strlen(entries[i].content));
        assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
        if (!entries[i].type)
            assert_int_equal(
                archive_write_data(archive, entries[i].content, strlen(entries[i].content)),
                strlen(entries[i].content));
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
    return path;
}

static const struct error *unpack(struct place *place, const char *path,
                                  struct dump_contents *contents)
{
    assert_null(file_remove_tree(place->arena, path_in(place, "out")));
    unlink(path_in(place, "out.sql"));
    return dump_unpack_zip(&place->work, path, path_in(place, "out.sql"), path_in(place, "out"),
                           contents);
}

static void test_hostile_zips(void **state)
{
    struct place *place = *state;
    struct dump_contents contents;
    const struct {
        struct entry entry;
        const char *says;
    } cases[] = {
        {{"../evil", "x", 0}, "an entry of the name \"../evil\""},
        {{"/tmp/evil", "x", 0}, "\"/tmp/evil\""},
        {{"filestore/../../evil", "x", 0}, "evil"},
        {{"filestore/ab/link", "/etc/passwd", AE_IFLNK}, "a link or a device"},
        {{"dump.sql", SQL, 0}, "twice"},
        {{"filestore/ab/abcd", "x", 0}, "twice"},
        {{"readme.txt", "x", 0}, "readme.txt"},
        {{"filestore/ab/", "", AE_IFDIR}, NULL},
        {{"manifest.json", "{", 0}, "manifest.json"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct entry entries[] = {
            {"dump.sql", SQL, 0}, {"filestore/ab/abcd", "x", 0}, cases[i].entry};
        const char *path = write_zip(place, entries, 3);
        const struct error *error = unpack(place, path, &contents);
        if (cases[i].says)
            assert_says(error, cases[i].says);
        else
            assert_null(error);
        assert_false(file_exists(path_in(place, "evil")));
        assert_false(file_exists("/tmp/evil"));
    }
    const struct entry without[] = {{"manifest.json", "{}", 0}};
    assert_says(unpack(place, write_zip(place, without, 1), &contents), "has no dump.sql");
    const struct entry cut_sql[] = {{"dump.sql", "-- PostgreSQL database dump\n", 0}};
    assert_says(unpack(place, write_zip(place, cut_sql, 1), &contents), "cut off");
}

/* Every byte of a zip counts: cut anywhere it is refused; a byte of the content changed too. */
static void test_damaged_zips(void **state)
{
    struct place *place = *state;
    struct dump_contents contents;
    struct text text;
    const struct entry entries[] = {{"dump.sql", SQL, 0}, {"filestore/ab/abcd", "content", 0}};
    const char *path = write_zip(place, entries, 2);
    assert_null(unpack(place, path, &contents));
    assert_null(file_read(place->arena, path, 1 << 20, &text));
    for (size_t length = 4; length < text.length; length += 3) {
        write_bytes(place, "cut.zip", text.bytes, length);
        const struct error *error = unpack(place, path_in(place, "cut.zip"), &contents);
        assert_non_null(error);
        assert_int_equal(error->outcome, OUTCOME_INVALID);
    }
    char *changed = arena_copy_bytes(place->arena, text.bytes, text.length);
    for (size_t i = 0; i + 7 < text.length; i++)
        if (memcmp(changed + i, "content", 7) == 0)
            changed[i] = 'C';
    write_bytes(place, "changed.zip", changed, text.length);
    assert_says(unpack(place, path_in(place, "changed.zip"), &contents), "CRC");
}

static void test_pack(void **state)
{
    struct place *place = *state;
    struct dump_packed packed;
    struct dump_contents contents;
    struct text text;
    const char *sql = write_text(place, "dump.sql", SQL);
    const char *zip = path_in(place, "packed.zip"), *files = path_in(place, "files");
    assert_null(file_make_folder(place->arena, path_in(place, "files/ab"), 0700));
    write_text(place, "files/ab/abcd", "one");
    write_text(place, "files/ab/empty", "");
    write_text(place, "files/.drehbuch.json", "{}");
    assert_null(dump_pack_zip(&place->work, zip, sql, "{\"odoo_dump\": \"1\"}", files, &packed));
    assert_int_equal(packed.files, 2);
    assert_int_equal(packed.vanished, 0);
    assert_null(dump_list_zip(&place->work, zip, &contents));
    assert_int_equal(contents.files, 2);
    assert_int_equal(contents.filestore_bytes, 3);
    assert_int_equal(contents.sql_bytes, strlen(SQL));
    assert_null(unpack(place, zip, &contents));
    assert_int_equal(contents.major, 15);
    assert_string_equal(value_get_string(contents.manifest, "odoo_dump"), "1");
    assert_null(file_read(place->arena, path_in(place, "out/ab/abcd"), 100, &text));
    assert_string_equal(text.bytes, "one");
    assert_null(file_read(place->arena, path_in(place, "out.sql"), 1000, &text));
    assert_string_equal(text.bytes, SQL);
    /* A zip is never written over. */
    assert_non_null(dump_pack_zip(&place->work, zip, sql, "{}", NULL, &packed));
    write_text(place, "files/a\\b", "x");
    assert_says(dump_pack_zip(&place->work, path_in(place, "other.zip"), sql, "{}", files, &packed),
                "does not give");
}

static void write_gzip(struct place *place, const char *name, const char *content)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    assert_int_equal(archive_write_add_filter_gzip(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_raw(archive), ARCHIVE_OK);
    assert_int_equal(archive_write_set_bytes_in_last_block(archive, 1), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(archive, path_in(place, name)), ARCHIVE_OK);
    archive_entry_set_pathname(entry, "data");
    archive_entry_set_filetype(entry, AE_IFREG);
    assert_int_equal(archive_write_header(archive, entry), ARCHIVE_OK);
    assert_int_equal(archive_write_data(archive, content, strlen(content)), strlen(content));
    archive_entry_free(entry);
    assert_int_equal(archive_write_free(archive), ARCHIVE_OK);
}

static void test_gzip(void **state)
{
    struct place *place = *state;
    struct dump_contents contents;
    struct text text;
    write_text(place, "a.sql", SQL);
    write_gzip(place, "a.sql.gz", SQL);
    const char *sql = path_in(place, "out.sql"), *gzip = path_in(place, "a.sql.gz");
    assert_null(dump_unpack_gzip(&place->work, gzip, sql, &contents));
    assert_int_equal(contents.major, 15);
    assert_null(file_read(place->arena, sql, 1000, &text));
    assert_string_equal(text.bytes, SQL);
    assert_null(file_read(place->arena, gzip, 1000, &text));
    for (size_t length = 2; length < text.length; length++) {
        unlink(sql);
        write_bytes(place, "cut.gz", text.bytes, length);
        const struct error *error =
            dump_unpack_gzip(&place->work, path_in(place, "cut.gz"), sql, &contents);
        if (!error)
            print_error("taken for whole with %zu of %zu bytes\n", length, text.length);
        assert_non_null(error);
    }
    assert_null(dump_read_sql(&place->work, path_in(place, "a.sql"), &contents));
    assert_int_equal(contents.major, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_recognize, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_recognize_folders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_head, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_identity, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_locale, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sql_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_entry_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hostile_zips, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_damaged_zips, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_pack, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gzip, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
