/* SPDX-License-Identifier: Apache-2.0
 *
 * value_sum that may fall: of the windows that end at the newest time and reach
 * the limit the longest. With P the sum of all before an entry, the window that
 * begins there reaches it if the sum of all less P does: what is looked for is
 * the first entry of the timespan with a P that is low enough. A tree of minima
 * over P tells it, so an event costs O(log n). It is made anew from the entries
 * when it is not valid. Entries come in order; only the first of one time may
 * begin a window. */
#include "window_priv.h"

#include <assert.h>

enum { LEAST_LEAVES = 64 };

/* No window begins here. */
#define NEVER ((amount)(~(__extension__(unsigned __int128) 0) >> 1))

static void
put(struct window *window, uint32_t i, amount before)
{
    amount *low = window->low;
    uint32_t k = window->n_leaves + i;
    low[k] = before;
    for (k /= 2; k > 0 && before < low[k]; k /= 2)
        low[k] = before;
}

static void
begin(struct pool *pool, struct window *window)
{
    if (window->n_leaves < window->n) {
        sum_end(pool, window);
        window->n_leaves = LEAST_LEAVES;
        while (window->n_leaves < window->n)
            window->n_leaves *= 2;
        size_t bytes = 2 * window->n_leaves * sizeof *window->low;
        window->low = pool_take(pool, &bytes);
        assert(window->low);
    }
    for (uint32_t k = 0; k < 2 * window->n_leaves; k++)
        window->low[k] = NEVER;
    window->tail_n = 0;
    window->tail_sum = 0;
    window->tail_valid = true;
}

void
sum_end(struct pool *pool, struct window *window)
{
    pool_give(pool, window->low, 2 * window->n_leaves * sizeof *window->low);
    window->low = NULL;
    window->n_leaves = 0;
}

static bool
is_low(const struct window *window, uint32_t k)
{
    amount before = window->low[k];
    return before != NEVER &&
           sum_reaches(window->rule, window->tail_sum - before);
}

/* The first entry from `from` on that may begin; window->n: none. */
static uint32_t
first_low(const struct window *window, uint32_t from)
{
    uint32_t k = window->n_leaves + from;
    while (!is_low(window, k)) {
        while (k & 1)
            k /= 2;
        if (k == 0)
            return window->n;
        k++;
    }
    while (k < window->n_leaves)
        k = is_low(window, 2 * k) ? 2 * k : 2 * k + 1;
    return k - window->n_leaves;
}

struct span
sum_find(struct turn *turn)
{
    struct window *window = turn->window;
    const struct entry *entries = window->entries;
    struct span span = {0};
    int64_t c_ms = entries[window->n - 1].event_ms;
    if (!window->tail_valid || window->n_leaves < window->n)
        begin(turn->pool, window);
    for (uint32_t i = window->tail_n; i < window->n; i++) {
        if (i == 0 || entries[i - 1].event_ms != entries[i].event_ms)
            put(window, i, window->tail_sum);
        window->tail_sum += entries[i].number;
    }
    window->tail_n = window->n;
    uint32_t a = first_low(
        window, window_lower(window, c_ms - window->rule->timespan_ms));
    if (a < window->n)
        span = (struct span){true, entries[a].event_ms, c_ms, c_ms};
    return span;
}
