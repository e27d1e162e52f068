/* SPDX-License-Identifier: Apache-2.0
 *
 * What a loaded line still says of how it was written, for those who tell
 * people about it. The evaluator needs none of it. */
#include "correlate/rule_priv.h"

bool
item_has(const struct item *item, const char *modifier)
{
    struct str rest = item->written, part;
    bool has = false;
    str_split(&rest, '|', &part);
    while (!has && str_split(&rest, '|', &part))
        has = str_equal(part, str_of(modifier));
    return has;
}
