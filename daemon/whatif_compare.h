/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tickets of then and of now are about the same: those that share an
 * alert. Ids say nothing, they differ when a rule changes. */
#ifndef DAEMON_WHATIF_COMPARE_H
#define DAEMON_WHATIF_COMPARE_H

#include "whatif_side.h"

/* (ticket of then, window of now, time): one for each alert and pair. */
enum { WHATIF_MAX_TOUCHES = 1 << 23 };

struct whatif_compare;

/* `then` is closed, `now` is not yet; both are borrowed for life. NULL: out of
 * memory. */
struct whatif_compare *whatif_compare_new(struct whatif_side *then,
                                          struct whatif_side *now);
void whatif_compare_free(struct whatif_compare *compare); /* NULL: nothing */

/* One alert, and the ids of the windows it went into. False: out of memory, or
 * more than WHATIF_MAX_TOUCHES. */
bool whatif_compare_alert(struct whatif_compare *compare, int64_t event_ms,
                          const struct str *then, size_t n_then,
                          const struct str *now, size_t n_now);
/* `now` is closed, too: fills n_seen, found, found_at, instead of the tickets
 * of both. */
void whatif_compare_finish(struct whatif_compare *compare);

#endif
