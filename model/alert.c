/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of an alert's fields, from the one list in the header. */
#include "model/alert.h"

#include <assert.h>

struct str
alert_field_key(enum alert_field field)
{
    static const struct str keys[] = {
#define X(name, key) {key, sizeof(key) - 1},
        ALERT_FIELDS(X)
#undef X
    };
    assert((unsigned)field < N_ALERT_FIELDS);
    return keys[field];
}

bool
alert_field_from(struct str key, enum alert_field *field)
{
    for (enum alert_field i = ALERT_VENDOR_ID; i < N_ALERT_FIELDS; i++) {
        if (str_equal(key, alert_field_key(i))) {
            *field = i;
            return true;
        }
    }
    return false;
}
