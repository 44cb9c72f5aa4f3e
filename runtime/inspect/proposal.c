#include "runtime/inspect/proposal.h"

#include <inttypes.h>
#include <string.h>

#include "base/notation.h"
#include "base/text_line.h"
#include "base/yaml_write.h"
#include "runtime/report/phrase.h"

#define CUSTOMER_LIMIT 64
#define CUSTOMER_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* The database's name, as far as a customer may be called so. */
static const char *make_customer(struct arena *arena, const struct inspection *inspection)
{
    const char *database = value_get_string(inspection->facts.database, "name");
    char *name = arena_copy_bytes(arena, database, strnlen(database, CUSTOMER_LIMIT));
    for (char *at = name; *at; at++)
        if (!strchr(CUSTOMER_LETTERS "_.-", *at))
            *at = '-';
    return notation_is_customer(name) ? name : "customer";
}

/* A comment behind something, on its line. */
static void write_comment(struct buffer *output, struct arena *arena, const char *text)
{
    buffer_format(output, " # %s\n", text_line(arena, text));
}

/* ---- the head ---- */

static bool has_enterprise(const struct inspection *inspection)
{
    for (size_t i = 0; i < inspection->count; i++)
        if (inspection->modules[i].installed && inspection->modules[i].class == MODULE_ENTERPRISE)
            return true;
    return false;
}

static void write_upgrade(struct buffer *output, const struct inspection *inspection)
{
    bool stays = strcmp(inspection->series, inspection->target) == 0;
    bool enterprise = has_enterprise(inspection);
    buffer_format(output, "\nupgrade: { from: \"%s\", to: \"%s\", with: %s }%s\n",
                  inspection->series, inspection->target,
                  stays        ? "none"
                  : enterprise ? "enterprise"
                               : "openupgrade",
                  !stays && enterprise ? " # modules of Odoo Enterprise are installed" : "");
}

static void write_head(struct buffer *output, struct arena *arena,
                       const struct inspection *inspection, const char *customer, size_t undecided)
{
    const char *name = customer ? customer : make_customer(arena, inspection);
    buffer_format(output, "# A first plan, proposed by `drehbuch init` from the database %s.\n",
                  text_line(arena, value_get_string(inspection->facts.database, "name")));
    if (undecided > 0)
        buffer_format(output,
                      "# %s to be decided: replace each tbd by keep, install, update, uninstall,\n"
                      "# rename or merge. `drehbuch check` names those that are left.\n",
                      undecided == 1 ? "One module is"
                                     : arena_format(arena, "%zu modules are", undecided));
    if (inspection->target_problem)
        buffer_format(output, "# What the target has is not known: %s.\n",
                      text_line(arena, inspection->target_problem));
    buffer_append_string(output, "version: 1\ncustomer: ");
    yaml_write_text(output, name);
    buffer_append_string(output, "\ntitle: ");
    yaml_write_text(output, arena_format(arena, "%s, Odoo %s to %s", name, inspection->series,
                                         inspection->target));
    buffer_append_character(output, '\n');
    write_upgrade(output, inspection);
}

/* ---- decisions ---- */

static const char *write_name(struct arena *arena, const char *name)
{
    struct buffer output = {0};
    yaml_write_name(&output, name);
    const char *written = arena_copy(arena, buffer_string(&output));
    buffer_release(&output);
    return written;
}

static bool has_successor(const struct inspected_module *module)
{
    return module->work == WORK_REPLACE &&
           (module->fate == FATE_RENAMED || module->fate == FATE_MERGED);
}

/* Why what is known of a module's successor makes no decision yet; NULL: it does. */
static const char *object(const struct inspection *inspection,
                          const struct inspected_module *module)
{
    if (module->successor_missing)
        return "the successor's code is missing";
    for (size_t i = 0; i < inspection->count; i++) {
        const struct inspected_module *other = &inspection->modules[i];
        if (other == module || !has_successor(other))
            continue;
        if (strcmp(other->name, module->successor) == 0)
            return "its successor has a successor itself";
        bool merged = module->fate == FATE_MERGED && other->fate == FATE_MERGED;
        if (!merged && strcmp(other->successor, module->successor) == 0)
            return "others have the same successor";
    }
    return NULL;
}

static const char *decide(struct arena *arena, const struct inspection *inspection,
                          const struct inspected_module *module)
{
    if (has_successor(module) && object(inspection, module))
        return "tbd";
    switch (module->work) {
    case WORK_KEEP:
        return "keep";
    case WORK_REMOVE:
        return "uninstall";
    case WORK_REPLACE:
        if (module->fate == FATE_RENAMED)
            return arena_format(arena, "{ action: rename, to: %s }",
                                write_name(arena, module->successor));
        if (module->fate == FATE_MERGED)
            return arena_format(arena, "{ action: merge, into: %s }",
                                write_name(arena, module->successor));
        return "tbd";
    default:
        return "tbd";
    }
}

static const char *describe(struct arena *arena, const struct inspection *inspection,
                            const struct inspected_module *module)
{
    const char *objection = has_successor(module) ? object(inspection, module) : NULL;
    const char *data =
        module->rows > 0
            ? arena_format(arena, "; %s in %s", phrase_count(arena, module->rows, "row", NULL),
                           phrase_count(arena, module->tables, "table", NULL))
            : "";
    return arena_format(arena, "%s, %s: %s%s%s%s", module->version, inspected_author(arena, module),
                        module->reason, objection ? "; " : "", objection ? objection : "", data);
}

/* Not what no plan can name: no code of Odoo's is called so either. */
static bool is_decidable(const struct inspected_module *module)
{
    return module->work != WORK_NONE &&
           strspn(module->name, CUSTOMER_LETTERS "_") == strlen(module->name);
}

static size_t count_undecided(struct arena *arena, const struct inspection *inspection)
{
    size_t count = 0;
    for (size_t i = 0; i < inspection->count; i++)
        if (is_decidable(&inspection->modules[i]) &&
            strcmp(decide(arena, inspection, &inspection->modules[i]), "tbd") == 0)
            count++;
    return count;
}

static void write_modules(struct buffer *output, struct arena *arena,
                          const struct inspection *inspection)
{
    size_t written = 0;
    buffer_append_string(output, "\nmodules:");
    for (size_t i = 0; i < inspection->count; i++) {
        const struct inspected_module *module = &inspection->modules[i];
        if (!is_decidable(module))
            continue;
        buffer_append_string(output, written++ == 0 ? "\n  " : "  ");
        yaml_write_name(output, module->name);
        buffer_format(output, ": %s", decide(arena, inspection, module));
        write_comment(output, arena, describe(arena, inspection, module));
    }
    if (written == 0)
        buffer_append_string(output, " {} # no third-party module is installed\n");
}

/* ---- what is worth a thought ---- */

/* Parameters that speak of where the database is used, and of what it talks to. */
static bool is_worth_a_thought(const char *key, const char *value)
{
    static const char *const words[] = {"url",      "host",  "domain", "mail.", "secret",
                                        "password", "token", "key",    "api",   "database."};
    if (!value || strstr(value, "://"))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(key, words[i]))
            return true;
    return false;
}

static void write_parameters(struct buffer *output, struct arena *arena,
                             const struct inspection *inspection)
{
    const struct value *parameters = inspection->facts.parameters;
    buffer_append_string(
        output, "\n# Worth a thought: what of these has to be another in the test, or after the "
                "upgrade?\n# bindings:\n#   base_url: { type: url, description: the address that "
                "users type }\n# settings:\n#   parameters:\n#     web.base.url: ${base_url}\n");
    for (size_t i = 0; i < value_count(parameters); i++) {
        const struct value_member *member = &parameters->as.object.members[i];
        const char *value = value_as_string(member->value);
        if (!is_worth_a_thought(member->key, value))
            continue;
        buffer_append_string(output, "#     ");
        yaml_write_text(output, member->key);
        buffer_append_string(output, ": ");
        if (value)
            yaml_write_text(output, text_line(arena, value));
        else
            buffer_append_string(output, "... (perhaps a secret, so that it is not shown)");
        buffer_append_character(output, '\n');
    }
}

static void write_custom(struct buffer *output, struct arena *arena,
                         const struct inspection *inspection)
{
    for (size_t i = 0; i < value_count(inspection->facts.custom); i++) {
        const struct value *entry = value_item(inspection->facts.custom, i);
        const struct value *names = value_get(entry, "names");
        if (value_count(names) == 0)
            continue;
        buffer_format(output, "#\n# The customer's own %s: %zu\n", value_get_string(entry, "title"),
                      value_count(names));
        for (size_t n = 0; n < value_count(names); n++)
            buffer_format(output, "#   %s\n",
                          text_line(arena, value_as_string(value_item(names, n))));
    }
}

size_t proposal_write(struct buffer *output, const struct inspection *inspection,
                      const char *customer)
{
    struct arena *arena = arena_create();
    size_t undecided = count_undecided(arena, inspection);
    write_head(output, arena, inspection, customer, undecided);
    write_modules(output, arena, inspection);
    write_parameters(output, arena, inspection);
    write_custom(output, arena, inspection);
    arena_destroy(arena);
    return undecided;
}

struct value *proposal_value(struct arena *arena, const struct inspection *inspection)
{
    struct value *document = value_object(arena), *decisions = value_array(arena);
    for (size_t i = 0; i < inspection->count; i++) {
        const struct inspected_module *module = &inspection->modules[i];
        struct value *item = value_object(arena);
        if (!is_decidable(module))
            continue;
        value_set(arena, item, "module", value_string(arena, module->name));
        value_set(arena, item, "decision", value_string(arena, decide(arena, inspection, module)));
        value_set(arena, item, "why", value_string(arena, module->reason));
        value_append(arena, decisions, item);
    }
    value_set(arena, document, "format", value_string(arena, "drehbuch-init/1"));
    value_set(arena, document, "undecided",
              value_integer(arena, (int64_t)count_undecided(arena, inspection)));
    value_set(arena, document, "decisions", decisions);
    return document;
}
