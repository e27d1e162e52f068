/* SPDX-License-Identifier: Apache-2.0
 *
 * Amounts: numbers that rules add up and compare. Fixed point, millionths, in
 * 128 bits: sums are exact and do not depend on the order of what is added,
 * 0.1 + 0.2 is 0.3. A value of one event lies within MAX_AMOUNT of 0; so sums
 * of 2^32 of them cannot overflow. */
#ifndef MODEL_AMOUNT_H
#define MODEL_AMOUNT_H

#include "base/buf.h"

#include <stdint.h>

__extension__ typedef __int128 amount;

#define AMOUNT_ONE 1000000
/* 10^18, in millionths */
#define MAX_AMOUNT ((amount)1000000000000000000 * AMOUNT_ONE)

/* Reads "12", "-1.50", "1e3"; digits past the millionths are rounded to the
 * nearest, half away from 0. False: no decimal number, or past MAX_AMOUNT. */
bool amount_from(struct str text, amount *value);
/* "12", "-1.5": plain, without zeros that say nothing. */
void amount_write(struct buf *buf, amount value);

#endif
