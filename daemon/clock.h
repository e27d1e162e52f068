/* SPDX-License-Identifier: Apache-2.0
 *
 * The only place that reads a clock or draws a random number. */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdint.h>

int64_t clock_monotonic_ms(void); /* for waiting and pacing */
int64_t clock_monotonic_us(void); /* the same, to measure by */
int64_t clock_monotonic_ns(void);
int64_t clock_wall_ms(void); /* since 1970, UTC */
uint64_t clock_random(void);

#endif
