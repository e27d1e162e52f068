/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers of a record by name: the first of that name counts, whatever a
 * sender adds behind it. */
#include "base/record.h"

struct str
record_header(const struct record *record, struct str name)
{
    for (size_t i = 0; i < record->n_headers; i++) {
        if (str_equal(record->header[i].name, name)) {
            return record->header[i].value;
        }
    }
    return NO_STR;
}
