/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the stored record of a window. One that is read is saved to the
 * same bytes, and takes events, reports and time without harm. The first byte
 * chooses the type of the rule; version, fingerprint and key are put in front,
 * so that the fuzzer gets past them.
 * seeds: tests/fuzz/corpus/window */
#include "fuzz.h"

#include "base/times.h"
#include "base/wire.h"
#include "correlate/window.h"

static struct correlation rules[N_CORRELATION_TYPES];
static struct arena arena;
static struct json_reader *reader;
static struct finder *finder;

/* What each type must have. */
static struct correlation
rule_for(enum correlation_type type)
{
    static struct correlation_step steps[] = {{.rule = {"a", 1}, .count = 1},
                                              {.rule = {"b", 1}, .count = 1}};
    static const struct str members[] = {{"[\"x\"]", 5}, {"[\"y\"]", 5}};
    struct correlation rule = {
        .id = STR("r"),
        .type = type,
        .step = steps,
        .n_steps = 2,
        .value_field = {STR("v")},
        .timespan_ms = 100,
        .bound = {{type == RARE ? BOUND_LTE : BOUND_GTE, 2 * AMOUNT_ONE}},
    };
    rule.n_value_fields = (type >= VALUE_COUNT && type <= VALUE_RARITY &&
                           type != TEMPORAL && type != TEMPORAL_ORDERED) ||
                          type == FIRST_SEEN || type == RARE;
    rule.threshold = type <= TEMPORAL_ORDERED ? 2 : 0;
    rule.n_bounds = (type >= VALUE_SUM && type <= VALUE_RARITY) ||
                    type == SPIKE || type == RARE || type == RISK;
    if (type == SPIKE || type == RISK)
        rule.bucket_ms = type == RISK ? 20 : MS_PER_DAY / 4;
    if (type == SPIKE)
        rule.timespan_ms = 3 * MS_PER_DAY;
    if (type == RISK)
        rule.n_rules = 2;
    if (type == SILENCE) {
        rule.member = members;
        rule.n_members = 2;
    }
    return rule;
}

static void
begin(void)
{
    struct err why;
    arena = arena_reserve((size_t)64 << 20);
    reader = json_reader_new();
    finder = finder_new(1);
    for (int i = 0; i < N_CORRELATION_TYPES; i++) {
        rules[i] = rule_for((enum correlation_type)i);
        bool fine = correlation_seal(&rules[i], &arena, &why);
        assert(fine);
        (void)fine;
    }
}

static const struct correlation *
rule_of(void *context, struct digest fingerprint)
{
    (void)fingerprint;
    return context;
}

static void
tell(void *context, const struct incident *incident)
{
    (void)context;
    assert(incident->revision > 0);
}

static void
use(struct pool *pool, struct window *window, int64_t ms)
{
    struct teller teller = {.tell = tell, .reader = reader, .scratch = arena};
    struct moment now = {ms, ms};
    struct event event = {
        .steps = 1,
        .weight = 1,
        .value = 7,
        .sighting = {.brief = {.event_ms = ms},
                     .topic = STR("t"),
                     .key = STR("[\"X\"]"),
                     .value =
                         window->rule->type == RISK ? STR("1 2 a") : STR("")},
    };
    for (int i = 0; i < 4; i++) {
        event.sighting.brief.event_ms += 30;
        event.steps = 1 + (uint32_t)i % 3;
        event.value++;
        window_apply(pool, window, &event, &now, finder);
        window_report(pool, window, &teller);
    }
    window->fold_at = 1;
    window_apply(pool, window, &event, &now, finder);
    window_report(pool, window, &teller);
    now.watermark_ms = 2 * MAX_EVENT_MS;
    window_pass(pool, window, &now, finder, &teller);
    assert(window_due(window) == NO_TIME);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf record, again;
    if (!reader)
        begin();
    if (size == 0)
        return 0;
    const struct correlation *rule = &rules[*data % N_CORRELATION_TYPES];
    struct err why;
    buf_clear(&record);
    buf_clear(&again);
    wire_put(&record, 2, 1);
    wire_put_digest(&record, rule->fingerprint);
    wire_put_digest(&record, (struct digest){{1, 2}});
    wire_put_text(&record, STR("[]"), 2);
    buf_add(&record, (struct str){(const char *)data + 1, size - 1});
    char *copy = malloc(record.len);
    assert(copy);
    memcpy(copy, record.at, record.len);
    struct pool *pool = pool_new((size_t)64 << 20);
    struct window *window = window_load(pool, (struct str){copy, record.len},
                                        rule_of, (void *)(uintptr_t)rule, &why);
    if (window) {
        window_save(&again, window);
        assert(str_equal(buf_str(&record), buf_str(&again)));
        int64_t ms =
            window->n > 0 ? window->entries[window->n - 1].event_ms : 1000;
        use(pool, window, ms);
        use(pool, window, ms - 10);
        window_free(pool, window);
        assert(pool_used(pool) == 0);
    }
    pool_free(pool);
    free(copy);
    return 0;
}
