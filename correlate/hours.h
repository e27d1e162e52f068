/* SPDX-License-Identifier: Apache-2.0
 *
 * Active hours of a correlation. */
#ifndef CORRELATE_HOURS_H
#define CORRELATE_HOURS_H

#include "correlate/correlation.h"

/* Whether an event of this time counts: always, without `hours`. From the
 * minute `from` to just before the minute `to`. */
bool hours_hold(const struct correlation *correlation, int64_t event_ms);

#endif
