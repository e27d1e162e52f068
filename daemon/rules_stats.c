/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules stats`: which rules fire most on the lines of a file, and
 * which cost most. What a rule costs is measured as if it were alone: its
 * values tried one by one, as docs/rules.md says them, on an event whose fields
 * are looked up already; the service shares between rules what is equal. */
#include "base/visible.h"
#include "clock.h"
#include "commands.h"
#include "interrupt.h"
#include "rules.h"
#include "rules_events.h"

#include <stdlib.h>

/* So much of one rule is told of. */
struct cost {
    uint32_t number; /* of the detection */
    uint64_t n_asked, n_fired, n_tests, ns;
};

struct stats {
    const struct rules *rules;
    bool any_logsource;
    struct cost *cost;
    uint64_t n_limited;
};

/* Of two goes the faster: the slower one may have been broken off. */
static uint64_t
timed(const struct detection *detection, struct facts *facts)
{
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 2; i++) {
        int64_t began = clock_monotonic_ns();
        detection_match(detection, facts);
        uint64_t ns = (uint64_t)(clock_monotonic_ns() - began);
        least = ns < least ? ns : least;
    }
    return least;
}

static void
measure(void *context, uint64_t line, const struct alert *alert,
        struct arena *rest)
{
    struct stats *stats = context;
    struct facts *facts = facts_new(stats->rules, alert, rest);
    (void)line;
    for (size_t i = 0; facts && i < rules_n_detections(stats->rules); i++) {
        const struct detection *detection = rules_detection(stats->rules, i);
        struct cost *cost = &stats->cost[i];
        if (!stats->any_logsource && !detection_routed(detection, alert))
            continue;
        uint64_t before = facts_n_tests(facts);
        cost->n_fired += detection_match(detection, facts);
        cost->n_tests += facts_n_tests(facts) - before;
        cost->n_asked++;
        cost->ns += timed(detection, facts);
    }
    stats->n_limited += facts ? facts_n_limited(facts) / 3 : 1;
}

/* --- the answer */

static int
by_fired(const void *a, const void *b)
{
    const struct cost *x = a, *y = b;
    if (x->n_fired != y->n_fired)
        return x->n_fired < y->n_fired ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

static int
by_cost(const void *a, const void *b)
{
    const struct cost *x = a, *y = b;
    if (x->n_tests != y->n_tests)
        return x->n_tests < y->n_tests ? 1 : -1;
    return (x->number > y->number) - (x->number < y->number);
}

static double
share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

static struct cost
total_of(const struct stats *stats)
{
    struct cost total = {0};
    for (size_t i = 0; i < rules_n_detections(stats->rules); i++) {
        total.n_asked += stats->cost[i].n_asked;
        total.n_fired += stats->cost[i].n_fired;
        total.n_tests += stats->cost[i].n_tests;
        total.ns += stats->cost[i].ns;
    }
    return total;
}

static void
print_json(const struct stats *stats, struct buf *out)
{
    struct cost total = total_of(stats);
    for (size_t i = 0; i < rules_n_detections(stats->rules); i++) {
        const struct cost *cost = &stats->cost[i];
        const struct detection *detection =
            rules_detection(stats->rules, cost->number);
        if (cost->n_asked == 0)
            continue;
        buf_add(out, STR("{\"id\":"));
        buf_json(out, detection->id);
        buf_add(out, STR(",\"title\":"));
        buf_json(out, detection->title);
        buf_format(out,
                   ",\"asked\":%llu,\"fired\":%llu,\"tests\":%llu,"
                   "\"tests_share\":%.4f,\"ns\":%llu,\"ns_share\":%.4f}\n",
                   (unsigned long long)cost->n_asked,
                   (unsigned long long)cost->n_fired,
                   (unsigned long long)cost->n_tests,
                   share(cost->n_tests, total.n_tests) / 100,
                   (unsigned long long)cost->ns,
                   share(cost->ns, total.ns) / 100);
    }
}

static void
print_row(const struct stats *stats, const struct cost *cost,
          const struct cost *total, struct buf *out)
{
    const struct detection *detection =
        rules_detection(stats->rules, cost->number);
    buf_format(
        out, "%9llu %9llu %12llu %6.2f%% %7.2f%% %8.1f  ",
        (unsigned long long)cost->n_fired, (unsigned long long)cost->n_asked,
        (unsigned long long)cost->n_tests, share(cost->n_tests, total->n_tests),
        share(cost->ns, total->ns),
        cost->n_asked > 0 ? (double)cost->ns / 1000.0 / (double)cost->n_asked
                          : 0);
    buf_visible(out, detection->title, 60);
    buf_add(out, STR("  "));
    buf_visible(out, detection->id, 60);
    buf_char(out, '\n');
}

static void
print_table(struct stats *stats, bool by_what_it_costs, size_t n_rows,
            struct buf *out)
{
    struct cost total = total_of(stats);
    size_t n = rules_n_detections(stats->rules), n_more = 0;
    qsort(stats->cost, n, sizeof *stats->cost,
          by_what_it_costs ? by_cost : by_fired);
    buf_add(out, by_what_it_costs ? STR("\nRules that cost most\n")
                                  : STR("Rules that fire most\n"));
    buf_format(out, "%9s %9s %12s %7s %8s %8s\n", "fired", "asked", "values",
               "share", "time", "us each");
    for (size_t i = 0; i < n; i++) {
        const struct cost *cost = &stats->cost[i];
        if ((by_what_it_costs ? cost->n_tests : cost->n_fired) == 0)
            break;
        if (i < n_rows)
            print_row(stats, cost, &total, out);
        else
            n_more++;
    }
    if (n_more > 0)
        buf_format(out, "%9s and %zu more (--top N)\n", "…", n_more);
}

static void
print_total(const struct stats *stats, const struct events_tally *tally)
{
    struct cost total = total_of(stats);
    uint64_t n = tally->n_alerts > 0 ? tally->n_alerts : 1;
    fprintf(stderr,
            "%s%llu lines, %llu events, %llu unreadable; %zu detections, %llu "
            "asked and %llu values tried an event, %llu matches, %.3f s of "
            "trying",
            tally->broken_off ? "broken off: " : "",
            (unsigned long long)tally->n_lines,
            (unsigned long long)tally->n_alerts,
            (unsigned long long)tally->n_unreadable,
            rules_n_detections(stats->rules),
            (unsigned long long)(total.n_asked / n),
            (unsigned long long)(total.n_tests / n),
            (unsigned long long)total.n_fired, (double)total.ns / 1e9);
    if (stats->n_limited > 0)
        fprintf(stderr, "; %llu values given up on",
                (unsigned long long)stats->n_limited);
    fputc('\n', stderr);
}

static void
print(struct stats *stats, const struct rules_wish *wish)
{
    struct buf out = {0};
    if (wish->json) {
        print_json(stats, &out);
    } else {
        print_table(stats, false, wish->top, &out);
        print_table(stats, true, wish->top, &out);
    }
    command_print(stdout, &out);
    buf_free(&out);
}

int
rules_stats(const struct rules_wish *wish, struct arena *arena)
{
    struct err why = {""};
    struct events_tally tally = {0};
    struct stats stats = {.any_logsource = wish->any_logsource};
    const struct events_visit visit = {
        .context = &stats, .each = measure, .progress = "measuring"};
    if (!wish->rules || !wish->source || wish->n_args != 1)
        return rules_missing("stats", "--rules PATH, --source NAME and a file");
    const struct source *source = rules_source(wish, wish->source, arena);
    stats.rules =
        source ? rules_of(&(struct rules_source_files){&wish->rules, 1,
                                                       wish->calendar, false},
                          arena, NULL)
               : NULL;
    if (!stats.rules)
        return EXIT_CHECK;
    size_t n = rules_n_detections(stats.rules);
    stats.cost = arena_take(arena, n + 1, sizeof *stats.cost);
    for (size_t i = 0; stats.cost && i < n; i++)
        stats.cost[i].number = (uint32_t)i;
    interrupt_catch();
    err_set(&why, "out of memory");
    if (!stats.cost ||
        !events_read(source, wish->args[0], &visit, &tally, &why)) {
        fprintf(stderr, "thapcanh rules stats: %s\n", why.text);
        return EXIT_CHECK;
    }
    print_total(&stats, &tally);
    print(&stats, wish);
    return tally.broken_off ? EXIT_CHECK : EXIT_OK;
}
