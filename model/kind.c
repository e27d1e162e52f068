/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds as text, from the one list in the header. They are written by
 * people into tables and rules: exactly so, small letters. */
#include "model/kind.h"

#include <assert.h>

struct str
kind_id(enum kind kind)
{
    static const struct str ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
        KINDS(X)
#undef X
    };
    assert((unsigned)kind < N_KINDS);
    return ids[kind];
}

bool
kind_from(struct str id, enum kind *kind)
{
    for (enum kind i = KIND_NONE; i < N_KINDS; i++) {
        if (str_equal(id, kind_id(i))) {
            *kind = i;
            return true;
        }
    }
    return false;
}
