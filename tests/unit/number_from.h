/* SPDX-License-Identifier: Apache-2.0
 *
 * Numbers that whoever runs a test may give it: SEED, CASES, … */
#ifndef TESTS_UNIT_NUMBER_FROM_H
#define TESTS_UNIT_NUMBER_FROM_H

#include <criterion/criterion.h>

#include "base/str.h"

#include <stdint.h>
#include <stdlib.h>

/* Of an environment variable; unset or empty: `otherwise`. */
static inline uint64_t
number_from(const char *variable, uint64_t otherwise)
{
    const char *given = getenv(variable);
    int64_t number = 0;
    if (!given || !*given)
        return otherwise;
    cr_assert(str_to_i64(str_of(given), &number) && number >= 0, "%s",
              variable);
    return (uint64_t)number;
}

#endif
