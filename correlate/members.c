/* SPDX-License-Identifier: Apache-2.0
 *
 * The members of a silence, found by the digest of an alert's key. */
#include "correlate/group_key.h"
#include "correlate/rule_priv.h"

#include <stdlib.h>

static int
digest_compare(const struct digest *a, const struct digest *b)
{
    if (a->half[0] != b->half[0])
        return a->half[0] < b->half[0] ? -1 : 1;
    return (a->half[1] > b->half[1]) - (a->half[1] < b->half[1]);
}

static int
by_key_id(const void *a, const void *b)
{
    return digest_compare(&((const struct rule_member *)a)->key_id,
                          &((const struct rule_member *)b)->key_id);
}

const struct rule_member *
rule_members_new(struct rule_loader *loader, const struct correlation *of)
{
    struct rule_member *members =
        loader_take(loader, of->n_members, sizeof *members);
    struct arena scratch = arena_reserve((size_t)1 << 20);
    char *start = scratch.at;
    struct json_reader *reader = json_reader_new();
    bool good = members && start && reader;
    for (size_t i = 0; good && i < of->n_members; i++) {
        struct arena rest = scratch;
        struct group_value values[MAX_GROUP_FIELDS];
        members[i].text = of->member[i];
        good = group_values_read(reader, of->member[i], &rest, values,
                                 MAX_GROUP_FIELDS) == of->n_group_by;
        if (good)
            members[i].key_id = group_key_id(of, values, &rest);
    }
    if (good && of->n_members > 1)
        qsort(members, of->n_members, sizeof *members, by_key_id);
    json_reader_free(reader);
    if (start)
        arena_release(start, scratch);
    loader->full |= !good;
    return good ? members : NULL;
}

const struct rule_member *
rule_members_find(const struct rule_member *members, size_t n,
                  struct digest key_id)
{
    const struct rule_member wanted = {.key_id = key_id};
    return members ? bsearch(&wanted, members, n, sizeof wanted, by_key_id)
                   : NULL;
}
