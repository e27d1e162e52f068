/* SPDX-License-Identifier: Apache-2.0
 *
 * What one worker counts by rule since it began, for status and /metrics:
 * incidents opened, and each limit that was reached (model/window_cap.h), with
 * the last few rules and keys that reached it. Bounded: the first
 * MAX_COUNTED_RULES rules by name, all others as one called "other". No part
 * of the state: what is read again after a refused commit counts again. */
#ifndef CORRELATE_RULE_COUNTS_H
#define CORRELATE_RULE_COUNTS_H

#include "base/buf.h"
#include "model/window_cap.h"

struct rule_counts;

struct rule_counts *rule_counts_new(void); /* NULL: no memory */
void rule_counts_free(struct rule_counts *counts);

void rule_counts_fired(struct rule_counts *counts, struct str rule);
/* `event_ms`: of the event that reached it. Copies. */
void rule_counts_capped(struct rule_counts *counts, const struct capped *capped,
                        int64_t event_ms);
/* Members of a JSON object:
 * "rules":[{"rule":ID,"fired":N,"cut":N,…},…], those that are not 0;
 * "caps":[{"cap":"cut","rule":ID,"key":TEXT,"n":N,"last_ms":MS},…], the newest
 * of a kind first. */
void rule_counts_status(const struct rule_counts *counts, struct buf *json);

#endif
