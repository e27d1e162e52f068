/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules tune`: not there yet while this is being written. */
#include "commands.h"
#include "rules.h"
int
rules_tune(const struct rules_wish *wish, struct arena *arena)
{
    (void)wish;
    (void)arena;
    return EXIT_CHECK;
}
