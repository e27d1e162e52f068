/* SPDX-License-Identifier: Apache-2.0
 *
 * What ingest asks of the rules and sends to the windows: which alerts are
 * asked about, at which position their entries travel, what the feed shows. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "fields.h"
#include "ingest/ingest.h"
#include "model/progress.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SENT = 32, ARRIVAL_S = 1709623400 };

static struct arena arena;
static char *start;
static struct site site;
static const struct source *source;
static struct ingest_plan plan;
static struct ingest *ingest;
static void *state;
static struct str sent[MAX_SENT]; /* on soc.windows */
static int32_t sent_to[MAX_SENT];
static size_t n_sent;
static struct buf feed;
static size_t n_asked, n_late, n_made, n_freed;
static bool changed, swapped;

/* --- a matcher that matches everything: two rules, three windows */

static void
match(void *context, const struct alert *alert, struct arena *scratch,
      struct window_batch *windows, struct matched *out)
{
    static const struct str rules[] = {{"r1", 2}, {"r2", 2}};
    static const struct str ids[] = {{"0123456789abcdef", 16}};
    (void)scratch;
    cr_assert_str_eq(context, "matcher");
    cr_assert_gt(alert->field[ALERT_HOST].len, 0u, "asked before it was read");
    n_asked++;
    n_late += (alert->flags & ALERT_LATE) != 0;
    uint32_t brief = window_batch_brief(windows, alert);
    for (uint64_t key = 0; key < 3; key++) {
        struct window_entry entry = {
            .fingerprint = {{1, 2}},
            .key_id = {{key, key}},
            .steps = 1,
            .brief = brief,
            .key = STR("[\"k\"]"),
        };
        cr_assert(window_batch_add(windows, &entry));
    }
    *out = (struct matched){
        .rules = rules, .n_rules = 2, .windows = ids, .n_windows = 1};
}

static bool
has_changed(void *context)
{
    (void)context;
    return changed;
}

static void
swap(void *context)
{
    (void)context;
    swapped = true;
}

static void *
make(void *context)
{
    n_made++;
    return context;
}

static void
unmake(void *matcher)
{
    (void)matcher;
    n_freed++;
}

/* --- a partition */

static const struct source *
source_of(const struct site *the_site, struct str topic)
{
    (void)the_site;
    (void)topic;
    return source;
}

static void
begin(void)
{
    static const struct matcher_ops ops = {match, has_changed, swap, NULL};
    struct complaints complaints = {0};
    arena = arena_reserve((size_t)64 << 20);
    start = arena.at;
    source = source_load("deploy/sources/ajiant.yml", &arena, &complaints);
    cr_assert(source != NULL);
    complaints_free(&complaints);
    site = (struct site){.source_of = source_of};
    plan = (struct ingest_plan){
        .site = &site,
        .geo_database = "",
        .alerts_topic = STR("soc.alerts"),
        .deadletter_topic = STR("soc.deadletter"),
        .windows_topic = STR("soc.windows"),
        .windows_partitions = 2,
        .feed = true,
        .version = STR("test"),
        .matcher = &ops,
        .matcher_new = make,
        .matcher_free = unmake,
        .matcher_context = (void *)(uintptr_t) "matcher",
    };
    ingest = ingest_new(&plan);
    cr_assert(ingest != NULL);
    state = ingest_ops()->state_new(ingest, STR("in"), 0);
}

static void
end(void)
{
    ingest_ops()->state_free(state);
    ingest_free(ingest);
    cr_expect_eq(n_made, 1u);
    cr_expect_eq(n_freed, 1u);
    buf_free(&feed);
    arena_release(start, arena);
}

TestSuite(ingest_windows, .init = begin, .fini = end);

static void
take(void *context, const struct output *output, bool bulk)
{
    (void)context;
    if (bulk) {
        buf_clear(&feed);
        buf_add(&feed, output->value);
    } else if (str_equal(output->topic, STR("soc.windows"))) {
        cr_assert(n_sent < MAX_SENT && output->no_key);
        sent_to[n_sent] = output->partition;
        sent[n_sent++] = arena_copy(&arena, output->value);
    }
}

static void
put(int64_t offset, const char *value, const char *origin)
{
    struct sink sink = {take, NULL};
    struct err why = {""};
    struct record record = {
        .topic = STR("in"),
        .offset = offset,
        .timestamp_ms = ARRIVAL_S * INT64_C(1000) + offset,
        .key = STR("k"),
        .value = str_of(value),
    };
    if (origin) {
        record.header[0] =
            (struct header){STR("thapcanh-origin"), str_of(origin)};
        record.n_headers = 1;
    }
    n_sent = 0;
    cr_assert_eq(ingest_ops()->apply(state, &record, 5, &sink, &why), DONE);
}

static struct window_record
read_sent(size_t i)
{
    struct window_record record;
    struct err why = {""};
    cr_assert_lt(i, n_sent);
    cr_assert(window_record_read(sent[i], &arena, &record, &why), "%s",
              why.text);
    return record;
}

#define ALERT(id, time, status)                                                \
    "{\"alert_id\":\"" id "\",\"detect_time\":\"2024-03-05 " time "\","        \
    "\"severity\":\"HIGH\",\"status\":\"" status "\",\"rule\":{\"id\":\"R\","  \
    "\"name\":\"N\"},\"agent\":{\"hostname\":\"PC-1\"}}"

Test(ingest_windows, stream_rule_09_a_message_makes_one_record_a_partition)
{
    put(7,
        "[" ALERT("a", "14:22:31", "NEW") "," ALERT(
            "b", "14:22:31", "NEW") "," ALERT("c", "14:22:31", "NEW") "]",
        NULL);
    cr_assert_eq(n_sent, 2u);
    cr_expect_neq(sent_to[0], sent_to[1]);
    size_t n = 0;
    for (size_t i = 0; i < n_sent; i++) {
        struct window_record record = read_sent(i);
        n += record.n_entries;
        cr_expect_eq(record.cause.offset, 7);
        cr_expect_eq(record.cause.incarnation, 5u);
        cr_expect_eq(record.cause.partition, 0);
        cr_expect_eq(record.n_briefs, 3u);
        cr_expect_eq(record.briefs[2].index, 2u);
    }
    cr_expect_eq(n, 9u);
}

/* From now on the partition is read by this mapping. */
static void
read_by(const char *mapping)
{
    struct fields fields = {NULL, 0};
    struct emit emit = {fields_put, &fields};
    struct complaints complaints = {0};
    struct err why = {""};
    source = source_load(mapping, &arena, &complaints);
    cr_assert(source != NULL);
    complaints_free(&complaints);
    ingest_ops()->state_save(state, true, &emit);
    ingest_ops()->state_free(state);
    state = ingest_ops()->state_new(ingest, STR("in"), 0);
    for (size_t i = 0; i < fields.n; i++)
        cr_assert(ingest_ops()->state_load(state, fields.at[i].table,
                                           field_name_of(&fields.at[i]),
                                           field_value_of(&fields.at[i]), &why),
                  "%s", why.text);
    fields_free(&fields);
}

Test(ingest_windows, the_position_of_a_retry_is_the_one_it_was_read_at)
{
    read_by("deploy/sources/cycir.yml");
    put(0, ALERT("a", "14:22:31", "NEW"), NULL);
    cr_expect_eq(n_sent, 0u);
    read_by("deploy/sources/ajiant.yml");
    put(4, ALERT("a", "14:22:31", "NEW"), "in/0/5/0/0");
    struct window_record record = read_sent(0);
    cr_expect_eq(record.cause.offset, 4, "above what was sent before");
    cr_expect_eq(record.briefs[0].offset, 0, "its identity is the origin's");
    cr_expect_neq(record.briefs[0].flags & ALERT_RETRIED, 0u);
}

Test(ingest_windows, updates_and_duplicates_feed_nothing)
{
    put(0, ALERT("a", "14:22:31", "NEW"), NULL);
    cr_expect_eq(n_sent, 2u);
    put(1, ALERT("a", "14:22:31", "NEW"), NULL);
    cr_expect_eq(n_sent, 0u, "a duplicate");
    put(2, ALERT("a", "14:22:31", "CLOSED"), NULL);
    cr_expect_eq(n_sent, 0u, "an update");
    cr_expect_eq(n_asked, 1u);
}

Test(ingest_windows,
     stream_rule_13_a_late_alert_is_marked_when_it_is_asked_about)
{
    put(0, ALERT("a", "14:22:31", "NEW"), NULL);
    cr_expect_eq(n_late, 0u);
    put(1, ALERT("b", "14:12:30", "NEW"), NULL);
    cr_expect_eq(n_late, 1u);
    cr_expect_neq(read_sent(0).briefs[0].flags & ALERT_LATE, 0u);
}

Test(ingest_windows, the_feed_shows_rules_and_windows)
{
    put(0, ALERT("a", "14:22:31", "NEW"), NULL);
    cr_expect(str_contains(buf_str(&feed),
                           STR("\"rules\":[\"r1\",\"r2\"],\"windows\":"
                               "[\"0123456789abcdef\"]")));
}

Test(ingest_windows, stream_rule_21_changed_rules_are_swapped_by_the_stage)
{
    cr_expect_not(ingest_ops()->changed(ingest));
    changed = true;
    cr_expect(ingest_ops()->changed(ingest));
    ingest_ops()->swap(ingest);
    cr_expect(swapped);
}
