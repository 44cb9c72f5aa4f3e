#include <string.h>

#include "base/map.h"
#include "compiler/plan.h"

/* Of what no document says. */
static const struct position nowhere;

struct merge {
    struct arena *arena;
    struct diagnostics *diagnostics;
    const struct plan *plan;
};

static bool merge_overrides(const struct value *value)
{
    return value_get_boolean(value, "override", false);
}

static size_t merge_count_content(const struct value *object)
{
    return value_count(object) - (value_get(object, "override") ? 1 : 0) -
           (value_get(object, "why") ? 1 : 0);
}

/* Whether both say the same, whoever says why. */
static bool merge_same(const struct value *left, const struct value *right)
{
    if (left->kind != VALUE_OBJECT || right->kind != VALUE_OBJECT)
        return value_equal(left, right);
    if (merge_count_content(left) != merge_count_content(right))
        return false;
    for (size_t i = 0; i < left->as.object.count; i++) {
        const struct value_member *member = &left->as.object.members[i];
        bool comment = strcmp(member->key, "override") == 0 || strcmp(member->key, "why") == 0;
        if (!comment && !value_equal(member->value, value_get(right, member->key)))
            return false;
    }
    return true;
}

static bool merge_in_plan(const struct merge *merge, struct position position)
{
    return position.source == merge->plan->documents[merge->plan->document_count - 1].file->source;
}

static const char *merge_place(struct arena *arena, struct position position)
{
    return arena_format(arena, "%s:%u", position.source ? position.source->path : "?",
                        position.line);
}

/* `later` says something else than the document `earlier` is from, and does not say that it does.
 * `way`: how the plan would say it; NULL where its word is enough. */
static void merge_report(const struct merge *merge, const char *key, struct position later,
                         struct position earlier, const char *way)
{
    bool in_plan = merge_in_plan(merge, later);
    struct diagnostic *diagnostic = diagnostics_add(
        merge->diagnostics, in_plan ? "override-silent" : "use-conflict", later,
        in_plan ? "\"%s\" says something else than %s"
                : "\"%s\" says something else than %s, and the plan does not decide",
        key, merge_place(merge->arena, earlier));
    diagnostic->length = (uint32_t)strlen(key);
    diagnostic->help =
        in_plan ? arena_format(merge->arena, "say %s if that is meant, or remove it here", way)
                : arena_format(merge->arena, "say in the plan what holds%s%s", way ? ", with " : "",
                               way ? way : "");
}

/* What one key of a merged object came from. */
struct claim {
    struct value_member winner;
    struct position rival; /* of the one that was replaced unsaid; line 0: none */
    bool replaced;         /* an earlier one was */
};

static void merge_claim(const struct merge *merge, struct map *claims,
                        const struct value_member *member, bool silently)
{
    struct claim *claim = map_get(claims, member->key);
    bool overrides = merge_overrides(member->value);
    if (!claim) {
        claim = arena_allocate(merge->arena, sizeof *claim);
        *claim = (struct claim){.winner = *member};
        map_add(claims, member->key, claim);
        return;
    }
    if (merge_same(claim->winner.value, member->value) && !overrides)
        return;
    bool said = overrides || (silently && merge_in_plan(merge, member->key_position));
    *claim = (struct claim){
        .winner = *member, .rival = said ? nowhere : claim->winner.key_position, .replaced = true};
}

static void merge_settle(const struct merge *merge, const struct claim *claim, const char *way)
{
    const struct value_member *winner = &claim->winner;
    if (claim->rival.line > 0)
        merge_report(merge, winner->key, winner->key_position, claim->rival, way);
    else if (!claim->replaced && merge_overrides(winner->value)) {
        const struct value_member *override = value_member(winner->value, "override");
        struct diagnostic *diagnostic =
            diagnostics_warn(merge->diagnostics, "override-nothing", override->key_position,
                             "\"%s\" overrides nothing: no used part has it", winner->key);
        diagnostic->length = (uint32_t)strlen("override");
        diagnostic->help = "remove `override`";
    }
}

/* The object that a document has there, NULL for none. */
static const struct value *merge_part(const struct document *document, const char *outer,
                                      const char *inner)
{
    const struct value *object = value_get(document->root, outer);
    if (inner)
        object = value_get(object, inner);
    return object && object->kind == VALUE_OBJECT && value_count(object) > 0 ? object : NULL;
}

/* The object of the only document that has one: as it is, and nothing in it overrides. */
static const struct value *merge_single(const struct merge *merge, const struct value *object,
                                        const char *way)
{
    for (size_t i = 0; object && i < value_count(object); i++) {
        const struct claim claim = {.winner = object->as.object.members[i]};
        merge_settle(merge, &claim, way);
    }
    return object;
}

/* One object out of those of all documents. `silently`: the plan need not say that it overrides. */
static const struct value *merge_objects(const struct merge *merge, const char *outer,
                                         const char *inner, bool silently)
{
    const char *way = silently ? NULL : "`override: true` in the object form";
    const struct plan *plan = merge->plan;
    const struct value *last = NULL;
    size_t count = 0;
    for (size_t i = 0; i < plan->document_count; i++) {
        const struct value *object = merge_part(&plan->documents[i], outer, inner);
        count += object != NULL;
        last = object ? object : last;
    }
    if (count < 2)
        return merge_single(merge, last, way);
    struct map *claims = map_create(merge->arena);
    for (size_t i = 0; i < plan->document_count; i++) {
        const struct value *object = merge_part(&plan->documents[i], outer, inner);
        for (size_t j = 0; object && j < value_count(object); j++)
            merge_claim(merge, claims, &object->as.object.members[j], silently);
    }
    struct value *merged = value_object(merge->arena);
    for (const struct map_entry *entry = map_first(claims); entry; entry = map_next(entry)) {
        const struct claim *claim = map_entry_value(entry);
        merge_settle(merge, claim, way);
        value_add(merge->arena, merged, claim->winner.key, claim->winner.key_position,
                  claim->winner.value);
    }
    return merged;
}

/* The fixes and checks of all documents, while they are put together. */
struct lists {
    const struct merge *merge;
    struct map *by_id;    /* from an id to the slot that holds the item */
    struct map *versions; /* from a version to its struct list */
    struct value *checks;
};

/* Where an item stands; a replaced one gives its place to what replaces it in the same list. */
struct slot {
    struct value *list;
    size_t index;
    bool replaced;
};

static const struct value *lists_id(const struct value *item)
{
    const struct value *id = value_get(item, "id");
    return value_as_string(id) ? id : NULL;
}

static void lists_append(struct lists *lists, struct value *list, struct value *item,
                         struct slot *slot)
{
    if (slot)
        *slot =
            (struct slot){.list = list, .index = list->as.array.count, .replaced = slot->replaced};
    value_append(lists->merge->arena, list, item);
}

/* An item whose id an earlier document has too. */
static void lists_replace(struct lists *lists, struct value *list, struct value *item,
                          struct slot *slot)
{
    const struct merge *merge = lists->merge;
    const struct value *earlier = slot->list->as.array.items[slot->index];
    const struct value *id = lists_id(item);
    bool same_document = earlier->position.source == item->position.source;
    if (same_document) {
        lists_append(lists, list, item, NULL); /* left for those who look for duplicates */
        return;
    }
    if (!merge_overrides(item) && !merge_same(earlier, item))
        merge_report(merge, id->as.string.bytes, id->position, lists_id(earlier)->position,
                     "`override: true`");
    if (slot->list == list) {
        list->as.array.items[slot->index] = item;
        slot->replaced = true;
        return;
    }
    slot->list->as.array.items[slot->index] = NULL;
    slot->replaced = true;
    lists_append(lists, list, item, slot);
}

/* An item where no other document can have its id. */
static void lists_add_single(struct lists *lists, struct value *list, struct value *item)
{
    const struct value *id = lists_id(item);
    lists_append(lists, list, item, NULL);
    if (!id)
        return;
    const struct claim claim = {.winner = {.key = id->as.string.bytes, .value = item}};
    merge_settle(lists->merge, &claim, NULL);
}

static void lists_add(struct lists *lists, struct value *list, const struct value *items)
{
    bool single = lists->merge->plan->document_count == 1;
    for (size_t i = 0; items && items->kind == VALUE_ARRAY && i < items->as.array.count; i++) {
        struct value *item = items->as.array.items[i];
        if (single) {
            lists_add_single(lists, list, item);
            continue;
        }
        const struct value *id = lists_id(item);
        struct slot *slot = id ? map_get(lists->by_id, id->as.string.bytes) : NULL;
        if (slot) {
            lists_replace(lists, list, item, slot);
            continue;
        }
        if (id) {
            slot = arena_allocate(lists->merge->arena, sizeof *slot);
            map_add(lists->by_id, id->as.string.bytes, slot);
        }
        lists_append(lists, list, item, slot);
    }
}

static void lists_add_fixes(struct lists *lists, struct value *merged, const struct value *fixes)
{
    for (size_t i = 0; fixes && fixes->kind == VALUE_OBJECT && i < fixes->as.object.count; i++) {
        const struct value_member *member = &fixes->as.object.members[i];
        struct value *list = value_get(merged, member->key);
        if (!list) {
            list = value_array(lists->merge->arena);
            value_add(lists->merge->arena, merged, member->key, member->key_position, list);
        }
        lists_add(lists, list, member->value);
    }
}

/* Takes out the places of items that others replace elsewhere. */
static void lists_close_gaps(struct value *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->as.array.count; i++)
        if (list->as.array.items[i])
            list->as.array.items[kept++] = list->as.array.items[i];
    list->as.array.count = kept;
}

static void lists_warn_unused_overrides(const struct lists *lists)
{
    for (const struct map_entry *entry = map_first(lists->by_id); entry; entry = map_next(entry)) {
        const struct slot *slot = map_entry_value(entry);
        struct value *item = slot->list->as.array.items[slot->index];
        const struct claim claim = {.winner = {.key = map_entry_key(entry), .value = item},
                                    .replaced = slot->replaced};
        merge_settle(lists->merge, &claim, NULL);
    }
}

static void merge_lists(const struct merge *merge, struct plan *plan)
{
    struct lists lists = {.merge = merge, .by_id = map_create(merge->arena)};
    struct value *fixes = value_object(merge->arena);
    struct value *checks = value_array(merge->arena);
    struct value *acceptance = value_array(merge->arena);
    for (size_t i = 0; i < plan->document_count; i++) {
        const struct value *root = plan->documents[i].root;
        lists_add_fixes(&lists, fixes, value_get(root, "fixes"));
        lists_add(&lists, checks, value_get(root, "checks"));
        const struct value *cases = value_get(root, "acceptance");
        for (size_t j = 0; cases && cases->kind == VALUE_ARRAY && j < value_count(cases); j++)
            value_append(merge->arena, acceptance, value_item(cases, j));
    }
    lists_warn_unused_overrides(&lists);
    for (size_t i = 0; i < fixes->as.object.count; i++)
        lists_close_gaps(fixes->as.object.members[i].value);
    lists_close_gaps(checks);
    plan->fixes = fixes;
    plan->checks = checks;
    plan->acceptance = acceptance;
}

/* Two parts that disagree on a value that stands alone, where the plan does not state it. */
static const struct value *merge_scalar(const struct merge *merge, const char *key)
{
    const struct value_member *winner = NULL;
    struct position rival = {0};
    for (size_t i = 0; i < merge->plan->document_count; i++) {
        const struct value_member *member = value_member(merge->plan->documents[i].root, key);
        if (!member)
            continue;
        bool differs = winner && !value_equal(winner->value, member->value);
        rival =
            differs && !merge_in_plan(merge, member->key_position) ? winner->key_position : nowhere;
        winner = member;
    }
    if (rival.line > 0)
        merge_report(merge, key, winner->key_position, rival, NULL);
    return winner ? winner->value : NULL;
}

void plan_merge(struct arena *arena, struct diagnostics *diagnostics, struct plan *plan)
{
    const struct merge merge = {.arena = arena, .diagnostics = diagnostics, .plan = plan};
    plan->bindings = merge_objects(&merge, "bindings", NULL, false);
    plan->modules = merge_objects(&merge, "modules", NULL, false);
    plan->parameters = merge_objects(&merge, "settings", "parameters", false);
    plan->crons = merge_objects(&merge, "settings", "crons", false);
    plan->mail_servers = merge_objects(&merge, "settings", "mail_servers", false);
    plan->records = merge_objects(&merge, "settings", "records", false);
    plan->config = merge_objects(&merge, "settings", "config", false);
    plan->views = merge_objects(&merge, "views", NULL, false);
    plan->reset = merge_objects(&merge, "reset", NULL, true);
    plan->neutralize = merge_scalar(&merge, "neutralize");
    merge_lists(&merge, plan);
}
