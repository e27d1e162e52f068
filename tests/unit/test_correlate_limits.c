/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlate stage against its limits: a storm on one key, many keys, caps
 * on windows and bytes, and records that are none. Memory is measured by
 * counted bytes, by what the pool holds, and by the resident size; what
 * `windows list` reads of the saved state says the same. */
#include "correlate/window_view.h"
#include "model/limits.h"
#include "window_world.h"

#include <unistd.h>

/* ThreadSanitizer's build is here for threads, and there are none. */
#ifdef __SANITIZE_THREAD__
enum { MANY = 50000, KEYS = 5000 };
#else
enum { MANY = 1000000, KEYS = 100000 };
#endif
enum { T = 1000, BASE = 1000000 };

static const int64_t END_MS = INT64_C(1) << 50;
static struct world w;

static void
begin(void)
{
    world_begin(&w);
}

static void
end(void)
{
    world_end(&w);
}

TestSuite(correlate_limits, .init = begin, .fini = end);

/* Of this process; sanitizers keep shadows of it, so it says nothing there. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
static int64_t
resident_bytes(void)
{
    return 0;
}
#else
static int64_t
resident_bytes(void)
{
    char text[128] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert(file && fgets(text, sizeof text, file));
    fclose(file);
    struct str line = str_of(text), part;
    int64_t pages = 0;
    cr_assert(str_split(&line, ' ', &part) && str_split(&line, ' ', &part) &&
              str_to_i64(part, &pages));
    return pages * sysconf(_SC_PAGESIZE);
}
#endif

/* The saved state as `windows list` reads it. */
struct listed {
    struct window_reader *reader;
    size_t n, bytes, n_cut, longest_record;
    uint32_t most_events;
    uint64_t n_refused;
};

static void
list_field(void *context, size_t table, struct str field, struct str value)
{
    enum { META, SOURCES, RULES, WINDOWS };
    struct listed *listed = context;
    struct window_view view;
    struct err why = {""};
    if (table == META)
        window_refused_read(field, value, &listed->n_refused);
    if (table != WINDOWS)
        return;
    cr_assert(window_reader_read(listed->reader, value, &view, &why), "%s",
              why.text);
    listed->n++;
    listed->bytes += view.bytes;
    listed->n_cut += view.approximate;
    if (view.n_events > listed->most_events)
        listed->most_events = view.n_events;
    if (value.len > listed->longest_record)
        listed->longest_record = value.len;
}

static struct listed
list(void)
{
    struct listed listed = {.reader = window_reader_new(w.registry)};
    struct emit emit = {list_field, &listed};
    cr_assert(listed.reader != NULL);
    correlate_ops()->state_save(w.state, true, &emit);
    window_reader_free(listed.reader);
    return listed;
}

static uint64_t
roll(uint64_t *x, uint64_t below)
{
    *x ^= *x >> 12;
    *x ^= *x << 25;
    *x ^= *x >> 27;
    return (*x * UINT64_C(0x2545f4914f6cdd1d) >> 33) % below;
}

Test(correlate_limits, a_million_events_on_one_key_stay_within_bounds,
     .timeout = 300)
{
    static const struct {
        const char *name;
        enum correlation_type type;
        uint32_t threshold;
        size_t n_steps;
        int n;
    } rows[] = {
        {"count", EVENT_COUNT, 100, 1, MANY},
        {"values", VALUE_COUNT, 50, 1, MANY / 4},
        {"all", TEMPORAL, 3, 3, MANY / 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct correlation rule =
            make_rule(&w, rows[i].name, rows[i].type, rows[i].threshold, 60000,
                      rows[i].n_steps);
        uint64_t dice = 42 + i;
        int64_t most = 0, resident = resident_bytes();
        learn(&w, &rule);
        progress(&w, "t", BASE - 100, false);
        for (int e = 0; e < rows[i].n; e += 100) {
            for (int k = 0; k < 100; k++) {
                char value[16];
                snprintf(value, sizeof value, "v%d", (int)roll(&dice, 200));
                add(&w, &(struct what){.rule = &rule,
                                       .ms = BASE + (e + k) * 2 -
                                             (int64_t)roll(&dice, 99),
                                       .steps = 1u << roll(&dice, rule.n_steps),
                                       .host = "h",
                                       .value = value});
            }
            seal(&w, "t");
            cr_assert_eq(put(&w, buf_str(&w.record)), DONE);
            int64_t bytes = e % 10000 == 0 ? status_of(&w, NULL, "bytes") : 0;
            most = bytes > most ? bytes : most;
        }
        struct listed listed = list();
        resident = resident_bytes() - resident - (int64_t)w.out.cap;
        cr_expect_eq(listed.n, 1u);
        cr_expect_eq((int64_t)listed.bytes, status_of(&w, NULL, "bytes"));
        cr_expect_leq(listed.most_events, (uint32_t)MAX_WINDOW_ENTRIES);
        cr_expect_eq(listed.n_cut + listed.n_refused, 0u, "%s", rows[i].name);
        cr_expect_lt(listed.longest_record, 100000u, "%s", rows[i].name);
        cr_expect_lt(status_of(&w, NULL, "held_bytes"), 1 << 20);
        cr_expect_lt(resident, 16 << 20, "%s: %lld bytes", rows[i].name,
                     (long long)resident);
        progress(&w, "t", BASE + 3000000, false);
        struct kept *kept = &w.kept[w.n_kept - 1];
        cr_expect_eq(kept->count, (uint64_t)rows[i].n, "%s: %llu", rows[i].name,
                     (unsigned long long)kept->count);
        cr_expect_not(kept->approximate, "%s", rows[i].name);
        cr_expect_lt(most, 100000, "%s: %lld bytes", rows[i].name,
                     (long long)most);
        fprintf(stderr,
                "%d events on one key, %s: at most %lld bytes, %u events "
                "kept, a record of %zu bytes, %lld KiB resident\n",
                rows[i].n, rows[i].name, (long long)most, listed.most_events,
                listed.longest_record, (long long)resident / 1024);
        world_end(&w);
        world_begin(&w);
    }
}

Test(correlate_limits,
     a_storm_on_a_sequence_is_counted_and_says_it_is_approximate,
     .timeout = 300)
{
    struct correlation rule = make_rule(&w, "r", TEMPORAL_ORDERED, 2, 60000, 2);
    int64_t most = 0;
    learn(&w, &rule);
    progress(&w, "t", BASE - 1, false);
    for (int e = 0; e < MANY / 5; e++) {
        event_of(&w, "t",
                 (struct what){.rule = &rule,
                               .ms = BASE + e,
                               .steps = 1u << e % 2,
                               .host = "h"});
        int64_t bytes = e % 1000 == 0 ? status_of(&w, NULL, "bytes") : 0;
        most = bytes > most ? bytes : most;
    }
    progress(&w, "t", END_MS, false);
    cr_assert_eq(w.n_kept, 1u);
    cr_expect_eq(w.kept[0].count, (uint64_t)MANY / 5);
    cr_expect(w.kept[0].approximate);
    cr_expect_eq(status_of(&w, "counters", "approximate"), 1);
    cr_expect_lt(most, MAX_WINDOW_ENTRIES * 64, "%lld", (long long)most);
}

Test(correlate_limits, a_key_past_its_maximum_is_cut_flagged_and_still_fires,
     .timeout = 120)
{
    struct correlation rule = make_rule(&w, "r", VALUE_COUNT, 3, 60000, 1);
    learn(&w, &rule);
    progress(&w, "t", BASE - 1, false);
    for (int e = 0; e < 20000; e++)
        event_of(&w, "t",
                 (struct what){.rule = &rule,
                               .ms = BASE + e,
                               .host = "h",
                               .value = e % 2 == 0 ? "a" : "b"});
    cr_expect_eq(w.n_kept, 0u, "two values are not three");
    cr_expect_eq(status_of(&w, "counters", "approximate"), 1);
    cr_expect_eq(status_of(&w, NULL, "cut_windows"), 1);
    cr_expect_eq(list().n_cut, 1u);
    buf_clear(&w.text);
    correlate_ops()->worker_status(w.correlate, &w.text);
    cr_expect(str_contains(buf_str(&w.text),
                           STR("{\"cap\":\"cut\",\"rule\":\"r\",\"key\":"
                               "\"[\\\"h\\\"]\",\"n\":1,")),
              "%.*s", STR_ARG(buf_str(&w.text)));
    cr_expect_leq(list().most_events, (uint32_t)MAX_WINDOW_ENTRIES);
    event_of(&w, "t",
             (struct what){
                 .rule = &rule, .ms = BASE + 20000, .host = "h", .value = "c"});
    cr_assert_eq(w.n_kept, 1u, "a cut loses no detection here");
    cr_expect(w.kept[0].approximate);
    cr_expect_eq(w.kept[0].count, 20001u, "the middle ones gave their counts");
    progress(&w, "t", END_MS, false);
    cr_expect_eq(status_of(&w, NULL, "cut_windows"), 0, "it alarms no longer");
}

Test(correlate_limits, a_hundred_thousand_keys_stay_within_bounds,
     .timeout = 120)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 3, 60000, 1);
    int64_t resident = resident_bytes();
    learn(&w, &rule);
    progress(&w, "t", BASE - 1, false);
    for (int k = 0; k < KEYS; k++) {
        char host[32];
        snprintf(host, sizeof host, "host-%d", k);
        event_of(
            &w, "t",
            (struct what){.rule = &rule, .ms = BASE + k / 100, .host = host});
    }
    cr_expect_eq(status_of(&w, NULL, "windows"), KEYS);
    int64_t bytes = status_of(&w, NULL, "bytes");
    int64_t held = status_of(&w, NULL, "held_bytes");
    resident = resident_bytes() - resident;
    fprintf(stderr, "%d keys: %lld bytes, %lld held, %lld KiB resident\n", KEYS,
            (long long)bytes, (long long)held, (long long)resident / 1024);
    struct listed listed = list();
    cr_expect_eq(listed.n, (size_t)KEYS);
    cr_expect_eq((int64_t)listed.bytes, bytes);
    cr_expect_eq(listed.n_cut + listed.n_refused, 0u);
    cr_expect_lt(bytes, KEYS * 700);
    cr_expect_lt(held, KEYS * 1000);
    cr_expect_lt(resident, held + KEYS * 100 + (16 << 20));
    progress(&w, "t", BASE + 1000 + 60000, false);
    cr_expect_eq(status_of(&w, NULL, "windows"), 0);
    cr_expect_eq(status_of(&w, NULL, "bytes"), 0);
}

Test(correlate_limits,
     past_the_number_of_windows_new_ones_are_refused_and_named)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 1, T, 1);
    world_shut(&w);
    w.plan.max_windows = 3;
    world_open(&w);
    learn(&w, &rule);
    for (int k = 0; k < 5; k++) {
        char host[8];
        snprintf(host, sizeof host, "h%d", k);
        event_of(&w, "t",
                 (struct what){.rule = &rule, .ms = BASE, .host = host});
    }
    cr_expect_eq(w.n_kept, 3u);
    cr_expect_eq(status_of(&w, "counters", "refused"), 2);
    status_of(&w, NULL, "windows"); /* leaves the status in w.text */
    cr_expect(str_contains(buf_str(&w.text),
                           STR("\"refused_last\":\"r [\\\"h4\\\"]\"")));
    buf_clear(&w.text);
    correlate_ops()->worker_status(w.correlate, &w.text);
    cr_expect(str_equal(buf_str(&w.text),
                        STR("\"rules\":[{\"rule\":\"r\",\"fired\":3,"
                            "\"refused\":2}],\"caps\":["
                            "{\"cap\":\"refused\",\"rule\":\"r\",\"key\":"
                            "\"[\\\"h4\\\"]\",\"n\":1,\"last_ms\":1000000},"
                            "{\"cap\":\"refused\",\"rule\":\"r\",\"key\":"
                            "\"[\\\"h3\\\"]\",\"n\":1,\"last_ms\":1000000}]")),
              "%.*s", STR_ARG(buf_str(&w.text)));
    event_of(&w, "t",
             (struct what){.rule = &rule, .ms = BASE + 1, .host = "h0"});
    cr_expect_eq(status_of(&w, "counters", "refused"), 2,
                 "those that are there go on");
    cr_expect_eq(list().n_refused, 2u);
    cr_expect_eq(list().n, 3u);
}

Test(correlate_limits, what_was_refused_alarms_until_the_service_starts_again)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 1, T, 1);
    struct fields fields = {NULL, 0};
    world_shut(&w);
    w.plan.max_windows = 1;
    world_open(&w);
    learn(&w, &rule);
    event(&w, &rule, BASE);
    event_of(&w, "t", (struct what){.rule = &rule, .ms = BASE, .host = "i"});
    cr_expect_eq(status_of(&w, NULL, "refused_lately"), 1);
    world_restart(&w, &fields);
    cr_expect_eq(status_of(&w, NULL, "refused_lately"), 0);
    cr_expect_eq(status_of(&w, "counters", "refused"), 1);
    fields_free(&fields);
}

Test(correlate_limits, past_the_bytes_nothing_is_taken_and_the_windows_say_so)
{
    struct correlation rule = make_rule(&w, "r", EVENT_COUNT, 100, T, 1);
    world_shut(&w);
    w.plan.max_bytes = 4096;
    world_open(&w);
    learn(&w, &rule);
    for (int i = 0; i < 200; i++)
        event(&w, &rule, BASE + i);
    int64_t refused = status_of(&w, "counters", "refused");
    cr_expect_gt(refused, 100);
    cr_expect_eq(status_of(&w, "counters", "applied") + refused, 200);
    cr_expect_lt(status_of(&w, NULL, "bytes"), 8192);
    cr_expect_eq(status_of(&w, "counters", "approximate"), 1);
}

Test(correlate_limits, a_record_that_is_none_of_ours_is_counted_and_passed)
{
    cr_assert_eq(put(&w, STR("{}")), DONE);
    cr_assert_eq(put(&w, STR("window 1\nxx")), DONE);
    cr_assert_eq(put(&w, STR("")), DONE);
    cr_expect_eq(status_of(&w, "counters", "unreadable"), 3);
}
