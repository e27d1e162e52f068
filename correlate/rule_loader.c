/* SPDX-License-Identifier: Apache-2.0
 *
 * What every part of loading needs: memory of the rule set, places that last,
 * numbers for fields, and the index of rules by id and name. */
#include "base/table.h"
#include "correlate/rule_priv.h"

#define MAX_RULE_BYTES ((size_t)64 << 20)

/* --- memory and fields */

void *
loader_take(struct rule_loader *loader, size_t n, size_t size)
{
    void *memory = arena_take(loader->arena, n, size);
    loader->full |= !memory;
    return memory;
}

struct arena *
loader_begin(struct rule_loader *loader, struct arena *own)
{
    struct arena *outer = loader->arena;
    *own = *outer;
    if ((size_t)(own->end - own->at) > MAX_RULE_BYTES)
        own->end = own->at + MAX_RULE_BYTES;
    loader->arena = own;
    return outer;
}

bool
loader_end(struct rule_loader *loader, struct arena *outer, struct place place)
{
    bool its_own = loader->full && loader->arena->end < outer->end;
    outer->at = loader->arena->at;
    loader->arena = outer;
    if (its_own) {
        loader->full = false;
        complain(loader->complaints, place,
                 "it needs more than %zu MiB when it is compiled",
                 MAX_RULE_BYTES >> 20);
    }
    return !its_own;
}

struct str
loader_keep(struct rule_loader *loader, struct str s)
{
    if (s.len == 0)
        return STR("");
    struct str copy = arena_copy(loader->arena, s);
    loader->full |= !copy.at;
    return copy;
}

struct place
loader_place(const struct rule_loader *loader, struct place place)
{
    place.file = loader->file;
    return place;
}

uint32_t
loader_field(struct rule_loader *loader, struct str name)
{
    bool is_new;
    uint32_t number = table_add(loader->names, name, &is_new);
    if (number == TABLE_NONE) {
        loader->full = true;
        return KEYWORDS;
    }
    if (is_new) {
        loader->field[number] = field_of(loader_keep(loader, name));
        loader->n_fields = number + 1;
    }
    return number;
}

/* --- the index */

/* Room for as many as there can be: touched only where it is used. */
static void *
take_raw(struct rule_loader *loader, size_t n, size_t size)
{
    void *memory = arena_take_raw(loader->arena, n, size);
    loader->full |= !memory;
    return memory;
}

bool
rule_index_open(struct rule_index *index, struct rule_loader *loader)
{
    index->by_id = take_raw(loader, MAX_RULES, sizeof(struct detection *));
    index->by_name = take_raw(loader, MAX_RULES, sizeof(struct detection *));
    index->name_id = take_raw(loader, MAX_RULES, sizeof(struct str));
    index->draft_by_id = take_raw(loader, MAX_RULES, sizeof(struct draft *));
    index->draft_by_name = take_raw(loader, MAX_RULES, sizeof(struct draft *));
    index->refused_place =
        take_raw(loader, 2 * MAX_RULES, sizeof *index->refused_place);
    index->id_place = take_raw(loader, MAX_RULES, sizeof(struct place));
    index->refused = table_new(2 * MAX_RULES);
    index->ids = table_new(MAX_RULES);
    index->names = table_new(MAX_RULES);
    return !loader->full && index->ids && index->names && index->refused;
}

void
rule_index_close(struct rule_index *index)
{
    table_free(index->ids);
    table_free(index->names);
    table_free(index->refused);
}

static bool
is_taken(const struct rule_index *index, struct rule_loader *loader,
         const struct rule_head *head)
{
    uint32_t number = table_find(index->ids, head->id);
    if (number != TABLE_NONE) {
        complain(loader->complaints, head->id_place,
                 "the id '%.*s' is that of a rule in %s:%u", STR_ARG(head->id),
                 index->id_place[number].file, index->id_place[number].line);
        return true;
    }
    if (head->name.len > 0 &&
        table_find(index->names, head->name) != TABLE_NONE) {
        complain(loader->complaints, head->name_place,
                 "another rule has the name '%.*s'", STR_ARG(head->name));
        return true;
    }
    return false;
}

bool
rule_index_enter(struct rule_index *index, struct rule_loader *loader,
                 const struct rule_head *head, struct detection *detection,
                 struct draft *draft)
{
    if (is_taken(index, loader, head))
        return false;
    uint32_t number = table_add(index->ids, head->id, NULL);
    if (number == TABLE_NONE) {
        complain(loader->complaints, head->place, "more than %d rules",
                 (int)MAX_RULES);
        return false;
    }
    index->by_id[number] = detection;
    index->draft_by_id[number] = draft;
    index->id_place[number] = head->place;
    if (head->name.len == 0)
        return true;
    number = table_add(index->names, head->name, NULL);
    if (number == TABLE_NONE)
        return false;
    index->by_name[number] = detection;
    index->name_id[number] = head->id;
    index->draft_by_name[number] = draft;
    return true;
}

void
rule_index_note_refused(struct rule_index *index,
                        const struct rule_loader *loader,
                        const struct yaml *document)
{
    static const char *const keys[] = {"id", "name"};
    for (size_t i = 0; i < 2; i++) {
        const struct yaml *node = yaml_get(document, keys[i]);
        bool is_new;
        if (!node || node->type != YAML_SCALAR || node->text.len == 0)
            continue;
        uint32_t number = table_add(index->refused, node->text, &is_new);
        if (number != TABLE_NONE && is_new)
            index->refused_place[number] = loader_place(loader, node->place);
    }
}

struct str
rule_index_id(const struct rule_index *index, struct str name)
{
    uint32_t number = table_find(index->ids, name);
    if (number != TABLE_NONE)
        return table_key(index->ids, number);
    number = table_find(index->names, name);
    return number == TABLE_NONE ? NO_STR : index->name_id[number];
}
