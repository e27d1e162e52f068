/* SPDX-License-Identifier: Apache-2.0
 *
 * Three clauses: what it has, what happens next, where the watermark is. What
 * a type of correlation has it says in one place, put_have; when it is decided
 * is the same for all, because all are decided by the watermark alone. */
#include "window_words.h"

#include "base/times.h"

#include <inttypes.h>

/* 10m, 1h30m, 2d, 8m48s: two units at most. */
static void
put_span(struct buf *buf, int64_t ms)
{
    static const struct {
        int64_t ms;
        char unit;
    } units[] = {{86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}, {1000, 's'}};
    int n = 0;
    if (ms < 1000) {
        buf_format(buf, "%" PRId64 "ms", ms);
        return;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units && n < 2; i++) {
        int64_t whole = ms / units[i].ms;
        if (whole == 0 && n > 0)
            break;
        if (whole == 0)
            continue;
        buf_format(buf, "%" PRId64 "%c", whole, units[i].unit);
        ms %= units[i].ms;
        n++;
    }
}

/* 02:41:00, and the day before it where that is not the watermark's. */
static void
put_time(struct buf *buf, int64_t ms, int64_t watermark_ms)
{
    struct buf text = {0};
    buf_iso(&text, ms, VIETNAM_MINUTES);
    bool same =
        watermark_ms != NO_TIME && day_of_ms(ms, VIETNAM_MINUTES) ==
                                       day_of_ms(watermark_ms, VIETNAM_MINUTES);
    if (!same) {
        buf_add(buf, str_cut(buf_str(&text), 0, 10));
        buf_char(buf, ' ');
    }
    buf_add(buf, str_cut(buf_str(&text), 11, 19));
    buf_free(&text);
}

void
window_counted(struct buf *buf, const struct correlation *rule)
{
    bool counts_values = rule->type == VALUE_COUNT && rule->threshold > 0;
    if (rule->type == TEMPORAL || rule->type == TEMPORAL_ORDERED) {
        buf_add(buf, rule->type == TEMPORAL ? STR("rules")
                                            : STR("rules in order"));
        return;
    }
    buf_add(buf, counts_values ? STR("different") : STR("events"));
    for (size_t i = 0; counts_values && i < rule->n_value_fields; i++) {
        buf_add(buf, i > 0 ? STR(" + ") : STR(" "));
        buf_add(buf, rule->value_field[i]);
    }
}

/* What its type keeps, and what waits for the watermark. */
static void
put_holds(struct buf *buf, const struct window_view *view, int64_t watermark_ms)
{
    buf_format(buf, "%.*s", STR_ARG(correlation_type_id(view->rule->type)));
    if (view->holds.len > 0)
        buf_format(buf, ": %.*s", STR_ARG(view->holds));
    else
        buf_format(buf, ": %" PRIu32 " events within a timespan",
                   view->n_events);
    if (view->n_waiting > 0)
        buf_format(buf, "; %" PRIu32 " events wait for the watermark",
                   view->n_waiting);
    if (view->decide_ms != NO_TIME) {
        buf_add(buf, STR("; decided next when it passes "));
        put_time(buf, view->decide_ms, watermark_ms);
    }
}

/* What it has of what it needs. */
static void
put_have(struct buf *buf, const struct window_view *view, int64_t watermark_ms)
{
    if (view->rule->threshold == 0 || view->n_waiting > 0) {
        put_holds(buf, view, watermark_ms);
        return;
    }
    if (view->last_ms == NO_TIME) {
        buf_add(buf, STR("holds no event any more"));
        return;
    }
    buf_format(buf, "have %" PRIu32 " of %" PRIu32 " ", view->have,
               view->rule->threshold);
    window_counted(buf, view->rule);
    buf_add(buf, STR(" in the "));
    put_span(buf, view->rule->timespan_ms);
    buf_add(buf, STR(" up to "));
    put_time(buf, view->last_ms, watermark_ms);
}

/* The newest time at which one of its open incidents fired. */
static int64_t
fired_ms(const struct window_view *view)
{
    int64_t last_ms = NO_TIME;
    for (size_t i = 0; i < view->n_incidents; i++) {
        const struct incident *incident = &view->incidents[i];
        if (incident->state == INCIDENT_OPEN && incident->fired_ms > last_ms)
            last_ms = incident->fired_ms;
    }
    return last_ms;
}

/* What happens when nothing more comes. Returns when. */
static int64_t
put_next(struct buf *buf, const struct window_view *view, int64_t watermark_ms)
{
    int64_t at_ms = view->n_open > 0 ? view->close_ms : view->sweep_ms;
    if (view->n_open > 0) {
        buf_format(buf, "; %zu incident%s open", view->n_open,
                   view->n_open == 1 ? "" : "s");
        if (fired_ms(view) != NO_TIME) {
            buf_add(buf, STR(" since "));
            put_time(buf, fired_ms(view), watermark_ms);
        }
        buf_add(buf, STR(", closes when the watermark passes "));
    } else if (view->n_incidents > 0) {
        buf_add(buf, STR("; decided, its incidents are closed; let go when the "
                         "watermark passes "));
    } else {
        buf_add(buf, STR("; without more it is let go when the watermark "
                         "passes "));
    }
    if (at_ms == NO_TIME)
        buf_add(buf, STR("its events"));
    else
        put_time(buf, at_ms, watermark_ms);
    return at_ms;
}

void
window_words(struct buf *buf, const struct window_view *view,
             int64_t watermark_ms)
{
    put_have(buf, view, watermark_ms);
    if (view->approximate)
        buf_add(buf, STR(" (it was cut: there may have been more)"));
    int64_t at_ms = put_next(buf, view, watermark_ms);
    if (watermark_ms == NO_TIME) {
        buf_add(buf, STR("; there is no watermark yet: some source has not "
                         "spoken"));
        return;
    }
    buf_add(buf, STR("; the watermark is "));
    put_time(buf, watermark_ms, watermark_ms);
    if (at_ms == NO_TIME)
        return;
    if (at_ms < watermark_ms) {
        buf_add(buf, STR(", past it: with the next record"));
        return;
    }
    buf_add(buf, STR(", "));
    put_span(buf, at_ms - watermark_ms);
    buf_add(buf, STR(" before that"));
}
