#include <string.h>

#include "base/schema_private.h"

/* anyOf and oneOf: where no branch fits, the one that was most likely meant is found by narrowing
 * the branches down, and only its violations are reported. */
struct contest {
    const struct visit *visit;
    const struct node **branches; /* those still in question */
    size_t count;
};

/* The types that a value of the branch can have. */
static unsigned branch_types(const struct node *node)
{
    unsigned types = node->types ? node->types : TYPE_ANY;
    if (node->never)
        return 0;
    if (node->constant)
        types &= schema_types_of(node->constant);
    if (node->choices) {
        unsigned chosen = 0;
        for (size_t i = 0; i < node->choices->count; i++)
            chosen |= schema_types_of(node->choices->items[i]);
        types &= chosen;
    }
    if (node->reference)
        types &= branch_types(node->reference);
    for (size_t i = 0; i < node->all_of.count; i++)
        types &= branch_types(node->all_of.items[i]);
    return types;
}

/* The object rules of the branch itself or of what it refers to. */
static const struct object_rules *branch_rules(const struct node *node)
{
    while (node && !node->object)
        node = node->reference;
    return node ? node->object : NULL;
}

/* What the branch asks of the member `key`, where that is one of certain values. */
static const struct node *branch_tag(const struct node *branch, const char *key)
{
    const struct object_rules *rules = branch_rules(branch);
    const struct node *property =
        rules && rules->properties ? map_get(rules->properties, key) : NULL;
    while (property && !property->constant && !property->choices)
        property = property->reference;
    return property;
}

static bool branch_requires(const struct node *branch, const char *key)
{
    const struct object_rules *rules = branch_rules(branch);
    for (size_t i = 0; rules && i < rules->required.count; i++)
        if (strcmp(rules->required.items[i], key) == 0)
            return true;
    return false;
}

/* Keeps the branches that `score` rates lowest. */
static void narrow(struct contest *contest,
                   size_t (*score)(const struct node *branch, const struct value *value))
{
    size_t best = SIZE_MAX;
    size_t kept = 0;
    for (size_t i = 0; i < contest->count; i++) {
        size_t rating = score(contest->branches[i], contest->visit->value);
        if (rating < best)
            kept = 0;
        if (rating > best)
            continue;
        best = rating;
        contest->branches[kept++] = contest->branches[i];
    }
    contest->count = kept;
}

static size_t score_type(const struct node *branch, const struct value *value)
{
    return !(branch_types(branch) & schema_types_of(value));
}

/* Members that are tags of the branch and have a value of another one. */
static size_t score_tags(const struct node *branch, const struct value *value)
{
    size_t wrong = 0;
    for (size_t i = 0; value->kind == VALUE_OBJECT && i < value->as.object.count; i++) {
        const struct value_member *member = &value->as.object.members[i];
        const struct node *tag = branch_tag(branch, member->key);
        wrong += tag && !schema_fits(tag, member->value);
    }
    return wrong;
}

static size_t score_missing(const struct node *branch, const struct value *value)
{
    const struct object_rules *rules = branch_rules(branch);
    size_t missing = 0;
    for (size_t i = 0; rules && i < rules->required.count; i++)
        missing += !value_member(value, rules->required.items[i]);
    return missing;
}

/* The more of the required keys are there, the better. */
static size_t score_present(const struct node *branch, const struct value *value)
{
    const struct object_rules *rules = branch_rules(branch);
    return SIZE_MAX - 1 - (rules ? rules->required.count - score_missing(branch, value) : 0);
}

/* The key whose value tells all branches apart; NULL where there is none. */
static const char *common_tag(const struct contest *contest)
{
    const struct object_rules *rules = branch_rules(contest->branches[0]);
    for (size_t i = 0; rules && i < rules->names.count; i++) {
        const char *key = rules->names.items[i];
        bool common = true;
        for (size_t j = 0; common && j < contest->count; j++)
            common = branch_tag(contest->branches[j], key) != NULL;
        if (common)
            return key;
    }
    return NULL;
}

/* All values that the branches' tags can have. */
static const struct value **tag_values(const struct contest *contest, const char *key,
                                       size_t *count)
{
    struct arena *arena = contest->visit->check->arena;
    const struct value **values = NULL;
    *count = 0;
    for (size_t i = 0; i < contest->count; i++) {
        const struct node *tag = branch_tag(contest->branches[i], key);
        size_t choices = tag->constant ? 1 : tag->choices->count;
        const struct value *const *items = tag->constant ? &tag->constant : tag->choices->items;
        for (size_t j = 0; j < choices; j++) {
            values = arena_extend(arena, values, *count, sizeof *values);
            values[(*count)++] = items[j];
        }
    }
    return values;
}

/* Whether the tag alone is what is wrong: it is missing, or has a value that no branch knows. */
static bool report_tag(const struct contest *contest)
{
    const struct visit *visit = contest->visit;
    const char *key = contest->count > 1 ? common_tag(contest) : NULL;
    if (!key || visit->value->kind != VALUE_OBJECT)
        return false;
    const struct value_member *member = value_member(visit->value, key);
    for (size_t i = 0; i < contest->count; i++) {
        if (member && schema_fits(branch_tag(contest->branches[i], key), member->value))
            return false;
        if (!member && !branch_requires(contest->branches[i], key))
            return false;
    }
    if (!member) {
        schema_report_missing_key(visit, key, NULL);
        return true;
    }
    size_t count;
    const struct value **values = tag_values(contest, key, &count);
    struct place place = {.parent = visit->place, .member = member};
    const struct visit at_tag = {
        .check = visit->check, .node = visit->node, .value = member->value, .place = &place};
    schema_report_choice(&at_tag, values, count);
    return true;
}

/* What branches are called in messages: the best that all of them have. */
enum naming { BY_TITLE, BY_KEYS, BY_TYPES };

static const char *branch_title(const struct node *branch)
{
    while (branch && !branch->title)
        branch = branch->reference;
    return branch ? branch->title : NULL;
}

static enum naming contest_naming(const struct contest *contest)
{
    enum naming naming = BY_TITLE;
    for (size_t i = 0; i < contest->count; i++) {
        if (branch_title(contest->branches[i]))
            continue;
        const struct object_rules *rules = branch_rules(contest->branches[i]);
        if (!rules || rules->required.count == 0)
            return BY_TYPES;
        naming = BY_KEYS;
    }
    return naming;
}

static const char *branch_name(struct arena *arena, const struct node *branch, enum naming naming)
{
    if (naming == BY_TITLE)
        return branch_title(branch);
    const struct object_rules *rules = branch_rules(branch);
    if (naming == BY_TYPES || !rules || rules->required.count == 0)
        return schema_type_names(arena, branch_types(branch));
    const char **quoted = arena_allocate(arena, rules->required.count * sizeof *quoted);
    for (size_t i = 0; i < rules->required.count; i++)
        quoted[i] = arena_format(arena, "\"%s\"", rules->required.items[i]);
    return schema_join(arena, quoted, rules->required.count, "with");
}

/* The names of the branches, each once. */
static const char *contest_names(const struct contest *contest, const char *conjunction)
{
    struct arena *arena = contest->visit->check->arena;
    enum naming naming = contest_naming(contest);
    const char **names = arena_allocate(arena, contest->count * sizeof *names);
    struct map *seen = map_create(arena);
    size_t count = 0;
    for (size_t i = 0; i < contest->count; i++) {
        names[count] = branch_name(arena, contest->branches[i], naming);
        count += map_add(seen, names[count], seen);
    }
    return schema_join(arena, names, count, conjunction);
}

/* Whether the scalar would fit if it stood in quotes. */
static bool lacks_quotes(const struct contest *contest)
{
    const struct value *value = contest->visit->value;
    if (!value->plain)
        return false;
    const struct value quoted = {
        .kind = VALUE_STRING, .quoted = true, .as.string = {value->plain, strlen(value->plain)}};
    for (size_t i = 0; i < contest->count; i++)
        if (schema_fits(contest->branches[i], &quoted))
            return true;
    return false;
}

/* The value is of a type that no branch has. */
static void report_types(const struct contest *contest)
{
    const struct visit *visit = contest->visit;
    unsigned types = 0;
    for (size_t i = 0; i < contest->count; i++)
        types |= branch_types(contest->branches[i]);
    if (contest_naming(contest) != BY_TITLE) {
        schema_report_type(visit, types);
        return;
    }
    if (!lacks_quotes(contest))
        types &= ~(unsigned)TYPE_STRING;
    schema_report_correction(visit, "no-alternative",
                             schema_type_correction(visit->check->arena, types, visit->value),
                             "%s must be %s, %s", schema_value_name(visit),
                             contest_names(contest, "or"), schema_value_description(visit->value));
}

/* Nothing tells which of the branches was meant. */
static void report_undecided(const struct contest *contest)
{
    const struct visit *visit = contest->visit;
    enum naming naming = contest_naming(contest);
    if (naming == BY_TYPES) /* all of them fit */
        schema_report(visit, "no-alternative", NULL, "%s has none of the forms that are possible",
                      schema_value_name(visit));
    else
        schema_report(visit, "no-alternative", naming == BY_KEYS ? "add one of them" : NULL,
                      "%s must %s %s", schema_value_name(visit),
                      naming == BY_KEYS ? "have one of the keys" : "be",
                      contest_names(contest, "or"));
}

static bool violations_equal(const struct diagnostic *left, const struct diagnostic *right,
                             size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(left[i].message, right[i].message) != 0 ||
            left[i].position.line != right[i].position.line ||
            left[i].position.column != right[i].position.column)
            return false;
    return true;
}

/* Collects the violations of the branch that has the fewest; says so where several have as few and
 * not the same. */
static void report_fewest(const struct contest *contest)
{
    const struct visit *visit = contest->visit;
    struct check *check = visit->check;
    size_t start = check->count;
    size_t best = 0;
    bool undecided = false;
    for (size_t i = 0; i < contest->count; i++) {
        schema_check_node(check, contest->branches[i], visit->value, visit->place);
        struct diagnostic *first = check->violations + start;
        size_t count = check->count - start - best;
        if (i == 0 || count < best) {
            memmove(first, first + best, count * sizeof *first);
            best = count;
            undecided = false;
        } else if (count == best && !violations_equal(first, first + best, count)) {
            undecided = true;
        }
        check->count = start + best;
    }
    if (!undecided)
        return;
    check->count = start;
    report_undecided(contest);
}

static void report_best(struct contest *contest)
{
    narrow(contest, score_type);
    if (score_type(contest->branches[0], contest->visit->value) != 0) {
        report_types(contest);
        return;
    }
    if (report_tag(contest))
        return;
    narrow(contest, score_tags);
    narrow(contest, score_missing);
    narrow(contest, score_present);
    report_fewest(contest);
}

/* The branches that the value fits, or all of them. */
static struct contest contest_create(const struct visit *visit, const struct node_list *branches,
                                     bool only_fitting)
{
    struct contest contest = {.visit = visit};
    contest.branches =
        arena_allocate(visit->check->arena, branches->count * sizeof *contest.branches);
    for (size_t i = 0; i < branches->count; i++)
        if (!only_fitting || schema_fits(branches->items[i], visit->value))
            contest.branches[contest.count++] = branches->items[i];
    return contest;
}

static bool report_none(const struct visit *visit, const struct node_list *branches)
{
    if (schema_is_muted(visit->check))
        return schema_report(visit, "no-alternative", NULL, "%s", "");
    struct contest contest = contest_create(visit, branches, false);
    report_best(&contest);
    return false;
}

static bool report_several(const struct visit *visit, const struct node_list *branches)
{
    if (schema_is_muted(visit->check))
        return schema_report(visit, "no-alternative", NULL, "%s", "");
    const struct contest contest = contest_create(visit, branches, true);
    enum naming naming = contest_naming(&contest);
    if (naming == BY_TYPES)
        return schema_report(visit, "no-alternative", NULL,
                             "%s has more than one of the forms that are possible",
                             schema_value_name(visit));
    return schema_report(visit, "no-alternative", "keep one of them", "%s can %s %s",
                         schema_value_name(visit),
                         naming == BY_KEYS ? "have only one of the keys" : "only be one of",
                         contest_names(&contest, "and"));
}

static size_t count_fitting(const struct node_list *branches, const struct value *value,
                            size_t enough)
{
    size_t count = 0;
    for (size_t i = 0; i < branches->count && count < enough; i++)
        count += schema_fits(branches->items[i], value);
    return count;
}

bool schema_check_any(const struct visit *visit)
{
    const struct node_list *branches = &visit->node->any_of;
    return count_fitting(branches, visit->value, 1) == 1 || report_none(visit, branches);
}

bool schema_check_one(const struct visit *visit)
{
    const struct node_list *branches = &visit->node->one_of;
    size_t count = count_fitting(branches, visit->value, 2);
    if (count == 0)
        return report_none(visit, branches);
    return count == 1 || report_several(visit, branches);
}
