/* SPDX-License-Identifier: Apache-2.0
 *
 * The inventory file: its three lists, what holds between entries, and the
 * tables made of it all. docs/inventory.md describes the format. */
#include "inventory_priv.h"

/* For initializers of static tables. */
#define NAME(literal)                                                          \
    {                                                                          \
        "" literal, sizeof(literal) - 1                                        \
    }

static const struct section {
    const char *key;
    void (*entry)(struct loading *loading, const struct yaml *map);
} sections[] = {
    {"units", entry_unit},
    {"systems", entry_system},
    {"watchlists", entry_list},
};

enum { N_SECTIONS = sizeof sections / sizeof *sections };

/* How many owners and claims there can be at most. */
static void
count_entries(const struct yaml *root, size_t *n_owners, size_t *n_claims)
{
    *n_owners = *n_claims = 0;
    for (size_t i = 0; i < N_SECTIONS; i++) {
        const struct yaml *list = yaml_get(root, sections[i].key);
        const struct yaml *entry = list != NULL ? list->first : NULL;

        for (; entry != NULL; entry = entry->next) {
            const struct yaml *member = entry->first;

            *n_owners += 1;
            *n_claims += 1;
            for (; member != NULL; member = member->next)
                if (member->type == YAML_LIST)
                    *n_claims += member->n_children;
        }
    }
}

static bool
make_room(struct loading *loading, const struct yaml *root)
{
    struct inventory *inventory;
    size_t n_owners, n_claims;

    count_entries(root, &n_owners, &n_claims);
    if (n_claims > MAX_INVENTORY_ENTRIES) {
        complain(loading->complaints, root->place,
                 "more than %d entries, addresses and names",
                 (int)MAX_INVENTORY_ENTRIES);
        return false;
    }
    inventory = arena_take(loading->arena, 1, sizeof *inventory);
    if (inventory != NULL) {
        inventory->owner =
            arena_take(loading->arena, n_owners + 1, sizeof *inventory->owner);
        inventory->claim =
            arena_take(loading->arena, n_claims + 1, sizeof *inventory->claim);
    }
    if (inventory == NULL || inventory->owner == NULL ||
        inventory->claim == NULL) {
        loading->full = true;
        return false;
    }
    loading->inventory = inventory;
    loading->max_owners = (uint32_t)n_owners;
    loading->max_claims = (uint32_t)n_claims;
    return true;
}

static void
read_section(struct loading *loading, const struct yaml *root,
             const struct section *section)
{
    const struct yaml *list = yaml_get(root, section->key);
    const struct yaml *entry;

    if (list == NULL)
        return;
    if (list->type != YAML_LIST) {
        complain(loading->complaints, list->place, "'%s' must be a list",
                 section->key);
        return;
    }
    for (entry = list->first; entry != NULL; entry = entry->next) {
        if (entry->type == YAML_MAP)
            section->entry(loading, entry);
        else
            complain(loading->complaints, entry->place,
                     "an entry of '%s' is written as {…: …}", section->key);
    }
}

/* Each system's unit must be there. */
static void
check_units(struct loading *loading)
{
    const struct inventory *inventory = loading->inventory;
    struct arena scratch = *loading->arena;
    struct str *ids =
        arena_take(&scratch, inventory->n_owners + 1, sizeof *ids);
    size_t n = 0;

    if (ids == NULL) {
        loading->full = true;
        return;
    }
    for (uint32_t i = 0; i < inventory->n_owners; i++)
        if (inventory->owner[i].kind == OWNER_UNIT)
            ids[n++] = inventory->owner[i].id;
    for (uint32_t i = 0; i < inventory->n_owners; i++) {
        const struct owner *owner = &inventory->owner[i];

        if (owner->kind == OWNER_SYSTEM && owner->unit.len > 0 &&
            index_id(inventory, CLASS_UNIT, owner->unit) == NULL)
            complain_unknown(loading->complaints, owner->unit_place, "unit",
                             owner->unit, ids, n);
    }
}

/* Different ids, and systems that have no approved level today. */
static void
check_systems(struct loading *loading, int32_t today)
{
    struct inventory *inventory = loading->inventory;

    for (uint32_t i = 0; i < inventory->n_owners; i++) {
        const struct owner *owner = &inventory->owner[i];
        bool approved = false;

        if (owner->id.len == 0)
            continue;
        if (owner->kind == OWNER_UNIT) {
            inventory->n_units +=
                index_id(inventory, CLASS_UNIT, owner->id) == owner;
            continue;
        }
        inventory->n_systems +=
            index_id(inventory, CLASS_SYSTEM, owner->id) == owner;
        for (size_t k = 0; k < owner->n_levels; k++)
            approved |= period_holds(owner->level[k].period, today);
        if (!approved && period_holds(owner->period, today))
            complain_warning(loading->complaints, owner->place,
                             "the system '%.*s' has no approved level today",
                             STR_ARG(owner->id));
    }
}

static void
read_inventory(struct loading *loading, const struct yaml *root, int32_t today)
{
    static const struct str keys[] = {NAME("units"), NAME("systems"),
                                      NAME("watchlists")};

    if (root->type != YAML_MAP) {
        complain(loading->complaints, root->place,
                 "an inventory has 'units', 'systems' and 'watchlists'");
        return;
    }
    if (root->next != NULL)
        complain(loading->complaints, root->next->place,
                 "an inventory is one document; this is a second one");
    yaml_only(root, keys, sizeof keys / sizeof *keys, loading->complaints);
    if (!make_room(loading, root))
        return;
    for (size_t i = 0; i < N_SECTIONS; i++)
        read_section(loading, root, &sections[i]);
    if (loading->full)
        return;
    index_clashes(loading->inventory, loading->complaints);
    if (!index_build(loading->inventory, loading->arena)) {
        loading->full = true;
        return;
    }
    check_units(loading);
    check_systems(loading, today);
}

const struct inventory *
inventory_load(const char *path, int32_t today, struct arena *arena,
               struct complaints *complaints)
{
    struct loading loading = {.arena = arena, .complaints = complaints};
    size_t before = complaints->n_errors;
    const struct yaml *root = yaml_load(path, arena, complaints);

    if (root == NULL) {
        if (complaints->n_errors == before)
            complain(complaints, (struct place){path, 0, 0}, "is empty");
        return NULL;
    }
    read_inventory(&loading, root, today);
    if (loading.full)
        complain(complaints, (struct place){path, 0, 0},
                 "the inventory needs more memory than it may have");
    return complaints->n_errors == before ? loading.inventory : NULL;
}
