/* SPDX-License-Identifier: Apache-2.0
 *
 * A hash table from names to the newest entry, and entries that point to the
 * one before of that name and of that ticket: a stack, so that taking back is
 * popping. */
#include "grouping.h"

#include "base/table.h"
#include "model/limits.h"

#include <stdlib.h>

struct entry {
    uint32_t name; /* number in the table */
    uint32_t ticket;
    uint32_t before; /* of the same name */
    uint32_t also;   /* of the same ticket */
};

struct grouping {
    struct table *names;
    uint32_t *newest; /* by number in the table */
    uint32_t newest_room;
    uint32_t *last; /* by number of the ticket */
    uint32_t last_room;
    struct entry *entry;
    uint32_t n, room;
};

struct grouping *
grouping_new(void)
{
    struct grouping *grouping = calloc(1, sizeof *grouping);
    if (!grouping)
        return NULL;
    grouping->names = table_new(MAX_TICKET_NAMES);
    if (!grouping->names) {
        free(grouping);
        return NULL;
    }
    return grouping;
}

void
grouping_free(struct grouping *grouping)
{
    if (!grouping)
        return;
    table_free(grouping->names);
    free(grouping->newest);
    free(grouping->last);
    free(grouping->entry);
    free(grouping);
}

enum { MAX_NAME = 256 };

static const char sorts[N_ENTITY_SORTS] = {'h', 'u', 'a', 's'};

/* "h", "u", "a" or "s", then the name in small letters; longer ones are cut. */
static struct str
key_of(enum entity_sort sort, struct str name, char room[MAX_NAME])
{
    size_t n = name.len < MAX_NAME - 1 ? name.len : MAX_NAME - 1;
    room[0] = sorts[sort];
    for (size_t i = 0; i < n; i++) {
        char c = name.at[i];
        room[i + 1] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (struct str){room, n + 1};
}

/* Room for number `need` - 1; what is new is GROUPING_END. */
static bool
make_list(uint32_t **list, uint32_t *room, uint32_t need)
{
    if (need <= *room)
        return true;
    uint32_t more = need < 64 ? 64 : need * 2;
    uint32_t *at = realloc(*list, more * sizeof *at);
    if (!at)
        return false;
    for (uint32_t i = *room; i < more; i++)
        at[i] = GROUPING_END;
    *list = at;
    *room = more;
    return true;
}

static bool
make_room(struct grouping *grouping, uint32_t number)
{
    if (!make_list(&grouping->newest, &grouping->newest_room,
                   table_len(grouping->names) + 1) ||
        !make_list(&grouping->last, &grouping->last_room, number + 1))
        return false;
    if (grouping->n == grouping->room) {
        uint32_t more = grouping->room < 64 ? 64 : grouping->room * 2;
        struct entry *at = realloc(grouping->entry, more * sizeof *at);
        if (!at)
            return false;
        grouping->entry = at;
        grouping->room = more;
    }
    return true;
}

bool
grouping_add(struct grouping *grouping, enum entity_sort sort, struct str name,
             uint32_t number)
{
    char room[MAX_NAME];
    struct str key = key_of(sort, name, room);
    bool is_new;
    if (name.len == 0)
        return true;
    if (!make_room(grouping, number))
        return false;
    uint32_t at = table_add(grouping->names, key, &is_new);
    if (at == TABLE_NONE)
        return false;
    if (is_new)
        grouping->newest[at] = GROUPING_END;
    for (uint32_t e = grouping->newest[at]; e != GROUPING_END;
         e = grouping->entry[e].before)
        if (grouping->entry[e].ticket == number)
            return true;
    grouping->entry[grouping->n] = (struct entry){
        at, number, grouping->newest[at], grouping->last[number]};
    grouping->last[number] = grouping->n;
    grouping->newest[at] = grouping->n++;
    return true;
}

uint32_t
grouping_first(const struct grouping *grouping, enum entity_sort sort,
               struct str name)
{
    char room[MAX_NAME];
    uint32_t at = table_find(grouping->names, key_of(sort, name, room));
    return name.len == 0 || at == TABLE_NONE ? GROUPING_END
                                             : grouping->newest[at];
}

uint32_t
grouping_next(const struct grouping *grouping, uint32_t entry)
{
    return grouping->entry[entry].before;
}

uint32_t
grouping_ticket(const struct grouping *grouping, uint32_t entry)
{
    return grouping->entry[entry].ticket;
}

uint32_t
grouping_of(const struct grouping *grouping, uint32_t number)
{
    return number < grouping->last_room ? grouping->last[number] : GROUPING_END;
}

uint32_t
grouping_also(const struct grouping *grouping, uint32_t entry)
{
    return grouping->entry[entry].also;
}

enum entity_sort
grouping_sort(const struct grouping *grouping, uint32_t entry)
{
    struct str key = table_key(grouping->names, grouping->entry[entry].name);
    unsigned sort = 0;
    while (sort < N_ENTITY_SORTS - 1 && sorts[sort] != key.at[0])
        sort++;
    return (enum entity_sort)sort;
}

uint32_t
grouping_same(const struct grouping *grouping, uint32_t entry)
{
    return grouping->newest[grouping->entry[entry].name];
}

uint32_t
grouping_mark(const struct grouping *grouping)
{
    return grouping->n;
}

void
grouping_undo(struct grouping *grouping, uint32_t mark)
{
    while (grouping->n > mark) {
        const struct entry *entry = &grouping->entry[--grouping->n];
        grouping->newest[entry->name] = entry->before;
        grouping->last[entry->ticket] = entry->also;
    }
}
