/* What cannot be predicted, and why: sentences. */
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "runtime/diff/diff.h"

struct sentence {
    const char *what;
    const char *why;
};

const char *diff_unforeseen(const char *kind)
{
    static const struct sentence sentences[] = {
        {"python", "what Python does in Odoo's shell is known only once it has run"},
        {"command", "what a program does is known only once it has run"},
        {"hop.openupgrade", "Odoo and OpenUpgrade's scripts decide from the data as they go"},
        {"hop.enterprise", "the upgrade is done elsewhere"},
        {"modules.install", "Odoo loads the modules' data and may install further ones"},
        {"modules.update", "Odoo runs the modules' migration scripts and loads their data anew"},
        {"modules.uninstall",
         "Odoo decides from the data which records, fields and tables go, and which modules that "
         "depend on them go along"},
        {"neutralize", "Odoo runs what each installed module has for it"},
        {"views.reset", "what modules ship is in their files"},
        {"manual", "a person does it"},
        {"wait", "it only waits"},
    };
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        if (strcmp(sentences[i].what, kind) == 0)
            return sentences[i].why;
    return strncmp(kind, "check.", 6) == 0 ? "it looks at the result, and changes nothing"
                                           : "it does not work on the database";
}

static bool reaches(const char *sql, const char *what)
{
    size_t length = strlen(what);
    for (; *sql; sql++)
        if (strncasecmp(sql, what, length) == 0)
            return true;
    return false;
}

/* With one blank where there are several, or line breaks. */
static const char *with_blanks(struct arena *arena, const char *sql)
{
    struct buffer text = {0};
    for (; *sql; sql++)
        if (!strchr(" \t\r\n\f\v", *sql))
            buffer_append_character(&text, *sql);
        else if (text.length > 0 && text.bytes[text.length - 1] != ' ')
            buffer_append_character(&text, ' ');
    const char *copy = arena_copy(arena, buffer_string(&text));
    buffer_release(&text);
    return copy;
}

const char *diff_reaches_out(struct arena *arena, const char *written, enum place_kind place)
{
    const char *sql = with_blanks(arena, written);
    static const struct sentence always[] = {
        {"dblink", "dblink works in a transaction of its own"},
        {"pg_terminate_backend", "it ends sessions"},
        {"pg_cancel_backend", "it ends what sessions do"},
        {"pg_reload_conf", "it makes the server read its configuration"},
        {"lo_export", "it writes a file on the server"},
        {"pg_file_write", "it writes a file on the server"},
        {"pg_stat_reset", "it makes the server forget what it has counted"},
        {"to program", "it starts a program on the server"},
        {"from program", "it starts a program on the server"},
    };
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        if (reaches(sql, always[i].what))
            return always[i].why;
    if (place == PLACE_SCRATCH)
        return NULL;
    if (reaches(sql, "setval"))
        return "setval moves a sequence for good, also where the transaction is rolled back";
    return reaches(sql, "advisory_lock") ? "it takes a lock that outlives the transaction" : NULL;
}

bool diff_lifts_limits(struct arena *arena, const char *written)
{
    const char *sql = with_blanks(arena, written);
    static const char *const settings[] = {"statement_timeout", "lock_timeout",
                                           "transaction_timeout",
                                           "idle_in_transaction_session_timeout", "reset all"};
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        if (reaches(sql, settings[i]))
            return true;
    return false;
}
