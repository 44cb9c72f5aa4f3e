#include <string.h>

#include "base/notation.h"
#include "compiler/import/import.h"

#define DOTENV_LIMIT ((size_t)1024 * 1024)
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"

/* A line's variable. */
struct variable {
    const char *name;
    const char *value;
    bool expanded; /* a shell would put something else there */
    struct position origin;
};

enum meaning {
    MEANS_FROM,
    MEANS_TO,
    MEANS_CUSTOMER,
    MEANS_INSTALL,
    MEANS_UNINSTALL,
    MEANS_UPDATE,
    MEANS_ELSEWHERE,
};

static const struct known_variable {
    const char *name;
    enum meaning meaning;
    const char *instead;
} known_variables[] = {
    {"ODOO_VERSION", MEANS_FROM, NULL},
    {"ODOO_CURRENT_VERSION", MEANS_FROM, NULL},
    {"TARGET_ODOO_VERSION", MEANS_TO, NULL},
    {"ODOO_TARGET_VERSION", MEANS_TO, NULL},
    {"CUSTOMER", MEANS_CUSTOMER, NULL},
    {"COMPANY", MEANS_CUSTOMER, NULL},
    {"INIT", MEANS_INSTALL, NULL},
    {"INIT_MODULES", MEANS_INSTALL, NULL},
    {"UNINSTALL", MEANS_UNINSTALL, NULL},
    {"UNINSTALL_MODULES", MEANS_UNINSTALL, NULL},
    {"UPDATE", MEANS_UPDATE, NULL},
    {"UPDATE_MODULES", MEANS_UPDATE, NULL},
    {"DATABASE", MEANS_ELSEWHERE, "write it into the environment: source.database"},
    {"ODOO_DATABASE", MEANS_ELSEWHERE, "write it into the environment: source.database"},
    {"TARGET_DATABASE", MEANS_ELSEWHERE, "write it into the environment: work.database"},
    {"NEW_DATABASE", MEANS_ELSEWHERE, "write it into the environment: work.database"},
    {"ODOO_CONTAINER", MEANS_ELSEWHERE, "write it into the environment: odoo.VERSION.run"},
    {"TARGET_ODOO_CONTAINER", MEANS_ELSEWHERE, "write it into the environment: odoo.VERSION.run"},
    {"POSTGRES_CONTAINER", MEANS_ELSEWHERE, "name the server in the environment's database URLs"},
    {"TARGET_POSTGRES_CONTAINER", MEANS_ELSEWHERE,
     "name the server in the environment's database URLs"},
    {"PGHOST", MEANS_ELSEWHERE, "name the server in the environment's database URLs"},
    {"PGUSER", MEANS_ELSEWHERE, "name the role in the environment's database URLs"},
    {"PGPASSWORD", MEANS_ELSEWHERE, "keep it where libpq finds it, in a password file"},
    {"SERVER", MEANS_ELSEWHERE, "write ssh and the host into the environment: odoo.VERSION.run"},
    {"PORT", MEANS_ELSEWHERE, "write ssh and the port into the environment: odoo.VERSION.run"},
    {"MODE", MEANS_ELSEWHERE, "write an environment for each mode: `mode: test`"},
    {"ODOO_URL", MEANS_ELSEWHERE, "declare a binding of type url where the plan needs it"},
    {"ODOO_USERNAME", MEANS_ELSEWHERE, "it is not needed: Odoo's shell needs no login"},
    {"ODOO_PASSWORD", MEANS_ELSEWHERE, "it is not needed: Odoo's shell needs no login"},
};

static struct position place_at(const struct source *source, const char *at)
{
    return source_position(source, (size_t)(at - source->text.bytes));
}

/* The line is not shown: it may hold a password. */
static void refuse(struct diagnostics *diagnostics, struct position place, const char *message,
                   const char *help)
{
    struct diagnostic *diagnostic = diagnostics_add(diagnostics, "bad-form", place, "%s", message);
    diagnostic->help = help;
    diagnostic->conceals_line = true;
}

/* Whether only blanks and a comment are left of the line. */
static bool is_over(const char *rest)
{
    size_t blanks = strspn(rest, " \t\r");
    return rest[blanks] == '\0' || (rest[blanks] == '#' && blanks > 0);
}

/* Reads what stands behind the `=`; `value` is the line's own memory. False: `*at` is the fault. */
static bool read_value(char *value, struct variable *variable, const char **at)
{
    char quote = *value == '\'' || *value == '"' ? *value : '\0';
    *at = value;
    if (!quote) {
        size_t length = strcspn(value, " \t\r");
        size_t word = strcspn(value, "'\"\\;&|<>()");
        *at = value + (word < length ? word : length);
        if (word < length || !is_over(*at))
            return false;
        value[length] = '\0';
        variable->value = value;
    } else {
        char *end = strchr(value + 1, quote);
        if (!end || memchr(value, '\\', (size_t)(end - value)) || !is_over(end + 1))
            return false;
        *end = '\0';
        variable->value = value + 1;
    }
    variable->expanded = quote != '\'' && strpbrk(variable->value, "$`");
    return true;
}

/* Reads one line; false where it holds no variable. */
static bool read_line(struct arena *arena, const struct source *source, struct text line,
                      struct variable *variable, struct diagnostics *diagnostics)
{
    char *text = arena_copy_bytes(arena, line.bytes, line.length);
    char *at = text + strspn(text, " \t\r");
    if (*at == '\0' || *at == '#')
        return false;
    if (strncmp(at, "export ", strlen("export ")) == 0)
        at += strlen("export ") + strspn(at + strlen("export "), " \t");
    size_t length = strspn(at, NAME_LETTERS);
    variable->origin = place_at(source, line.bytes + (at - text));
    if (length == 0 || at[length] != '=' || strchr("0123456789", *at)) {
        refuse(diagnostics, variable->origin, "this is not NAME=VALUE",
               "write one variable a line; what else a shell would do is not done here");
        return false;
    }
    variable->name = arena_copy_bytes(arena, at, length);
    const char *fault;
    if (read_value(at + length + 1, variable, &fault))
        return true;
    const char *message = "the value cannot be read without a shell";
    refuse(diagnostics, place_at(source, line.bytes + (fault - text)), message,
           "write a word, or a text in quotes on one line, without backslashes");
    return false;
}

static void read_list(struct draft *draft, const struct variable *variable, const char *action)
{
    for (const char *at = variable->value; *at;) {
        at += strspn(at, ", \t");
        size_t length = strcspn(at, ", \t");
        if (length > 0)
            draft_decide(draft, arena_copy_bytes(draft->arena, at, length), action, NULL,
                         variable->origin);
        at += length;
    }
}

static void read_series(struct draft *draft, const struct variable *variable, const char **series)
{
    int number;
    if (!notation_read_version(variable->value, &number))
        draft_note(draft, variable->origin, "say it with --from and --to",
                   "%s is no version from 14.0 to 19.0", variable->name);
    else if (*series && strcmp(*series, variable->value) != 0)
        draft_note(draft, variable->origin, "keep the one that is right",
                   "%s says another version than before", variable->name);
    else
        *series = variable->value;
}

static void read_customer(struct draft *draft, const struct variable *variable)
{
    if (!notation_is_customer(variable->value))
        draft_note(draft, variable->origin, "say a short name with --customer",
                   "%s has what a customer's name cannot have", variable->name);
    else if (draft->customer && strcmp(draft->customer, variable->value) != 0)
        draft_note(draft, variable->origin, "keep the one that is right, or say it with --customer",
                   "%s says another customer than before", variable->name);
    else
        draft->customer = variable->value;
}

static void read_meaning(struct draft *draft, const struct variable *variable,
                         const struct known_variable *known)
{
    switch (known->meaning) {
    case MEANS_FROM:
        read_series(draft, variable, &draft->from);
        break;
    case MEANS_TO:
        read_series(draft, variable, &draft->to);
        break;
    case MEANS_CUSTOMER:
        read_customer(draft, variable);
        break;
    case MEANS_INSTALL:
        read_list(draft, variable, "install");
        break;
    case MEANS_UNINSTALL:
        read_list(draft, variable, "uninstall");
        break;
    case MEANS_UPDATE:
        read_list(draft, variable, "update");
        break;
    case MEANS_ELSEWHERE:
        draft_note(draft, variable->origin, known->instead, "%s", variable->name);
        break;
    }
}

/* Values are not shown: one of them may be a password under a name that nobody knows. */
static void read_variable(struct draft *draft, const struct variable *variable)
{
    for (size_t i = 0; i < sizeof known_variables / sizeof known_variables[0]; i++) {
        const struct known_variable *known = &known_variables[i];
        if (strcmp(known->name, variable->name) != 0)
            continue;
        if (variable->expanded && known->meaning != MEANS_ELSEWHERE)
            draft_note(draft, variable->origin, "write the value itself, or decide in the plan",
                       "%s, which a shell would expand", variable->name);
        else
            read_meaning(draft, variable, known);
        return;
    }
    draft_note(draft, variable->origin,
               "see what used it: a setting, a fix or a binding of the plan, or the environment",
               "%s is not known", variable->name);
}

void import_playbook(struct draft *draft, const char *path, struct diagnostics *diagnostics)
{
    const struct source *source = import_read_text(draft->arena, path, DOTENV_LIMIT, diagnostics);
    if (!source)
        return;
    const char *end = source->text.bytes + source->text.length;
    for (const char *at = source->text.bytes; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        struct text line = {.bytes = at, .length = (size_t)((stop ? stop : end) - at)};
        struct variable variable = {0};
        if (read_line(draft->arena, source, line, &variable, diagnostics))
            read_variable(draft, &variable);
        at = stop ? stop + 1 : end;
    }
}
