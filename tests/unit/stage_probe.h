/* SPDX-License-Identifier: Apache-2.0
 *
 * A stage for the tests of the stage loop's rules (STREAM): it adds up numbers
 * and notes what was asked of it. Each record is a number and its own event
 * time, so the highest is the watermark. For one test file. */
#ifndef TESTS_UNIT_STAGE_PROBE_H
#define TESTS_UNIT_STAGE_PROBE_H

#include <criterion/criterion.h>

#include "base/snapshot.h"
#include "stage_world.h"

enum { MAX_PARTS = 5, HUGE_BYTES = 10 << 20 };

/* --- the stage */

struct probe {
    int32_t partition;
    int64_t sum, n, watermark_ms;
    bool changed;
};

/* What the tests watch and set; several threads. */
static struct {
    struct world *world;
    _Atomic int64_t n[MAX_PARTS], watermark_ms[MAX_PARTS];
    _Atomic int64_t n_applied; /* in this process, also again */
    _Atomic int64_t incarnation;
    _Atomic int64_t n_clock, clock_ms, n_announced, n_wrong;
    int64_t total[MAX_PARTS], ahead_ms;
    int64_t huge; /* the record with an output larger than any topic takes */
    atomic_bool change, swapped;
    /* of the stage with many fields */
    int n_loaded, empty_at;
} watch;

static inline void
probe_note(const struct probe *probe)
{
    atomic_store(&watch.n[probe->partition], probe->n);
    /* read again after a rebalance, it is not behind what it has been */
    if (probe->watermark_ms >
        atomic_load(&watch.watermark_ms[probe->partition]))
        atomic_store(&watch.watermark_ms[probe->partition],
                     probe->watermark_ms);
}

static inline void *
probe_new(void *stage, struct str topic, int32_t partition)
{
    (void)stage, (void)topic;
    struct probe *probe = calloc(1, sizeof *probe);
    *probe = (struct probe){.partition = partition, .watermark_ms = NO_TIME};
    probe_note(probe);
    return probe;
}

static inline bool
probe_load(void *state, size_t table, struct str field, struct str value,
           struct err *why)
{
    struct probe *probe = state;
    (void)table, (void)field, (void)why;
    struct str sum, n;
    bool fine = str_split(&value, ' ', &sum) && str_split(&value, ' ', &n) &&
                str_to_i64(sum, &probe->sum) && str_to_i64(n, &probe->n) &&
                str_to_i64(value, &probe->watermark_ms);
    probe_note(probe);
    return fine;
}

static inline void
probe_save(void *state, bool whole, const struct emit *emit)
{
    struct probe *probe = state;
    if (!whole && !probe->changed)
        return;
    struct buf text = {0};
    buf_i64(&text, probe->sum);
    buf_char(&text, ' ');
    buf_i64(&text, probe->n);
    buf_char(&text, ' ');
    buf_i64(&text, probe->watermark_ms);
    emit->field(emit->context, 0, STR("sum"), buf_str(&text));
    buf_free(&text);
    if (!whole)
        probe->changed = false;
}

/* STREAM 17: not further ahead of the other than allowed, if that has unread
 * ones. */
static inline void
check_step(const struct probe *probe)
{
    int32_t other = probe->partition == 0 ? 1 : 0;
    if (watch.ahead_ms > 0 && probe->watermark_ms != NO_TIME &&
        atomic_load(&watch.n[other]) < watch.total[other] &&
        probe->watermark_ms - watch.ahead_ms >
            atomic_load(&watch.watermark_ms[other]))
        atomic_fetch_add(&watch.n_wrong, 1);
}

static inline enum fate
probe_apply(void *state, const struct record *record, uint32_t incarnation,
            const struct sink *sink, struct err *why)
{
    static char huge[HUGE_BYTES];
    struct probe *probe = state;
    (void)why;
    int64_t n = 0;
    str_to_i64(record->value, &n);
    check_step(probe);
    probe->sum += n;
    probe->n++;
    if (n > probe->watermark_ms)
        probe->watermark_ms = n;
    probe->changed = true;
    probe_note(probe);
    atomic_fetch_add(&watch.n_applied, 1);
    atomic_store(&watch.incarnation, incarnation);
    struct output output = {
        .topic = STR("out"), .no_key = true, .value = record->value};
    if (watch.huge > 0 && n == watch.huge)
        output.value = (struct str){huge, sizeof huge};
    sink->send(sink->context, &output, false);
    return DONE;
}

static inline int64_t
probe_watermark(const void *state)
{
    const struct probe *probe = state;
    return probe->watermark_ms;
}

static inline void
probe_clock(void *state, int64_t kafka_ms)
{
    struct probe *probe = state;
    atomic_fetch_add(&watch.n_clock, 1);
    atomic_store(&watch.clock_ms, kafka_ms);
    if (kafka_ms > probe->watermark_ms)
        probe->watermark_ms = kafka_ms;
    probe->changed = true;
    probe_note(probe);
}

static inline int64_t
probe_lateness(const void *state)
{
    (void)state;
    return 600000;
}

/* What is said to those that come after must be committed: it is compared with
 * what Redis holds at this moment. */
static inline void
probe_announce(void *stage, const struct progress *at, size_t n,
               const struct sink *sink)
{
    (void)stage;
    for (size_t i = 0; i < n; i++) {
        struct buf key = {0}, text = {0};
        buf_format(&key, "tc:{probe/in/%d}:sum", at[i].partition);
        buf_char(&key, '\0');
        stored(watch.world, key.at, "sum", &text);
        int64_t held_ms = NO_TIME;
        struct str rest = buf_str(&text), part;
        str_split(&rest, ' ', &part); /* the sum */
        if (str_split(&rest, ' ', &part))
            str_to_i64(rest, &held_ms);
        if (at[i].watermark_ms > held_ms)
            atomic_fetch_add(&watch.n_wrong, 1);
        buf_free(&key);
        buf_free(&text);
    }
    struct output output = {
        .topic = STR("windows"), .no_key = true, .value = STR("progress")};
    sink->send(sink->context, &output, false);
    atomic_fetch_add(&watch.n_announced, 1);
}

static inline void
probe_refused(void *state, const struct record *record, uint32_t incarnation,
              struct str why, bool whole, const struct sink *sink)
{
    (void)state, (void)why;
    char text[64];
    snprintf(text, sizeof text, "%u/%lld", incarnation,
             (long long)record->offset);
    struct header header = {STR("position"), str_of(text)};
    struct output output = {
        .topic = STR("out"),
        .no_key = true,
        .value = whole ? record->value : STR(""),
        .header = &header,
        .n_headers = 1,
    };
    sink->send(sink->context, &output, false);
}

static inline bool
probe_changed(void *stage)
{
    (void)stage;
    return atomic_load(&watch.change);
}

static inline struct snapshot_place place_of(const struct world *w, int number);

/* STREAM 21: nothing is unacknowledged, and the snapshots are at the very
 * place where the change is. */
static inline void
probe_swap(void *stage)
{
    (void)stage;
    for (int i = 0; i < 2; i++) {
        struct buf key = {0}, text = {0}, want = {0};
        buf_format(&key, "tc:{probe/in/%d}:sum", i);
        buf_char(&key, '\0');
        stored(watch.world, key.at, "sum", &text);
        buf_format(&want, " %lld ", (long long)atomic_load(&watch.n[i]));
        if (!str_contains(buf_str(&text), buf_str(&want)))
            atomic_fetch_add(&watch.n_wrong, 1);
        struct snapshot_place place = place_of(watch.world, i);
        struct snapshot found[2];
        size_t n = 0;
        struct err why;
        if (snapshot_find(&place, found, &n, &why) != SNAPSHOT_FOUND ||
            found[0].marker.offset != atomic_load(&watch.n[i]))
            atomic_fetch_add(&watch.n_wrong, 1);
        buf_free(&key);
        buf_free(&text);
        buf_free(&want);
    }
    atomic_store(&watch.change, false);
    atomic_store(&watch.swapped, true);
}

static inline void
probe_status(const void *state, struct buf *json)
{
    const struct probe *probe = state;
    buf_format(json, "\"n\":%lld", (long long)probe->n);
}

static const struct stage_ops probe_ops = {
    .name = {"probe", 5},
    .tables = {{"sum"}, 1},
    .state_new = probe_new,
    .state_free = free,
    .state_load = probe_load,
    .state_save = probe_save,
    .apply = probe_apply,
    .watermark_ms = probe_watermark,
    .clock = probe_clock,
    .refused = probe_refused,
    .changed = probe_changed,
    .swap = probe_swap,
    .status = probe_status,
};

/* The same, heard by those that come after. */
static inline struct stage_ops
announcing(void)
{
    struct stage_ops ops = probe_ops;
    ops.announce = probe_announce;
    ops.lateness_ms = probe_lateness;
    return ops;
}

static inline struct snapshot_place
place_of(const struct world *w, int number)
{
    static const char *const name[] = {"probe/in/0", "probe/in/1"};
    return (struct snapshot_place){
        .kafka = &w->settings,
        .topic = w->worker[0].plan.state_topic,
        .n_partitions = 2,
        .name = str_of(name[number]),
    };
}

/* "sum n watermark" of the numbers 0 … n - 1. */
static inline void
expect_numbers(struct world *w, int partition, int64_t n)
{
    char key[64], want[96];
    snprintf(key, sizeof key, "tc:{probe/in/%d}:sum", partition);
    snprintf(want, sizeof want, "%lld %lld %lld", (long long)(n * (n - 1) / 2),
             (long long)n, (long long)(n - 1));
    expect_stored(w, key, "sum", want);
}

static inline bool
status_has(struct world *w, const char *text)
{
    struct buf status = {0};
    stage_status(w->worker[0].stage, &status);
    bool has = str_contains(buf_str(&status), str_of(text));
    buf_free(&status);
    return has;
}

static inline void
expect_status(struct world *w, const char *text)
{
    for (int64_t until = now_ms() + 30000; now_ms() < until;) {
        if (status_has(w, text))
            return;
        poll(NULL, 0, 20);
    }
    struct buf status = {0};
    stage_status(w->worker[0].stage, &status);
    cr_assert_fail("no %s in %.*s", text, STR_ARG(buf_str(&status)));
}

static inline int64_t
end_of(struct world *w, struct str topic)
{
    struct err why;
    struct kafka_ends ends = {0};
    struct kafka_admin *admin = kafka_admin_open(&w->settings, &why);
    cr_assert(admin && kafka_ask_ends(admin, topic, 0, 5000, &ends, &why), "%s",
              why.text);
    kafka_admin_close(admin);
    return ends.high;
}

/* The stored marker, changed by `change`. */
static inline void
edit_marker(struct world *w, int partition,
            void (*change)(struct marker *marker))
{
    struct redis *redis = redis_new(&w->address);
    struct buf text = {0};
    struct marker marker;
    char key[64];
    snprintf(key, sizeof key, "tc:{probe/in/%d}:marker", partition);
    stored(w, key, "marker", &text);
    cr_assert(marker_read(buf_str(&text), &marker));
    change(&marker);
    buf_clear(&text);
    marker_write(&text, &marker);
    struct str arg[] = {STR("HSET"), str_of(key), STR("marker"),
                        buf_str(&text)};
    struct redis_reply *reply = NULL;
    struct err why;
    cr_assert_eq(redis_call(redis, arg, 4, &reply, &why), REDIS_FINE);
    redis_reply_free(reply);
    redis_free(redis);
    buf_free(&text);
}

/* Twenty times as fast as it is. */
static inline int64_t
fast_ms(void)
{
    return now_ms() * 20;
}

static inline void
wait_for(_Atomic int64_t *count, int64_t least)
{
    for (int64_t until = now_ms() + 60000; now_ms() < until;) {
        if (atomic_load(count) >= least)
            return;
        poll(NULL, 0, 5);
    }
    cr_assert_fail("%lld, not %lld", (long long)atomic_load(count),
                   (long long)least);
}

#endif
