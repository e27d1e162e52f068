/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of an alert and keys of a firing: equal values, equal digests, however
 * long they are and whatever was cut on the way. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "correlate/decimal.h"
#include "correlate/group_key.h"

#include <stdio.h>
#include <string.h>

static struct arena arena;
static char *start;
static struct json_reader *reader;
static struct correlation inner, outer;
static struct chain_feed feeds[1];

static void
setup(void)
{
    arena = arena_reserve((size_t)64 << 20);
    start = arena.at;
    reader = json_reader_new();
    inner = (struct correlation){.n_feeds = 1, .feed = feeds};
    outer = (struct correlation){.level = 1};
}

static void
teardown(void)
{
    json_reader_free(reader);
    arena_release(start, arena);
}

TestSuite(group_key, .init = setup, .fini = teardown);

/* As route.c makes it. */
static struct group_value
value_of(enum json_type type, struct str text)
{
    struct group_value value;
    struct str plain = NO_STR;
    if (type == JSON_NUMBER && !str_equal(decimal_plain(text, &arena), text))
        plain = decimal_plain(text, &arena);
    cr_assert(group_value_of(type, text, plain, &arena, &value));
    return value;
}

static bool
same(struct digest a, struct digest b)
{
    return a.half[0] == b.half[0] && a.half[1] == b.half[1];
}

static const char *const texts[] = {
    "a",
    "An.Nguyễn",
    "ĐÀ NẴNG",
    "…#00112233445566778899aabbccddeeff",
    "x…#00112233445566778899aabbccddeeff",
    "\"\\\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021",
    "exactly thirty-one bytes, these",
    "exactly thirty-two bytes, these!",
    "#0011223344556677",
};

/* A string of `len` bytes that has to be escaped, or not. */
static struct str
long_text(size_t len, bool escaped, char last)
{
    char *at = arena_take_raw(&arena, len, 1);
    memset(at, escaped ? '\001' : 'A', len);
    at[len - 1] = last;
    return (struct str){at, len};
}

/* All as a key of `n` fields of an inner one, as the outer one reads it. */
static void
check_key(const struct group_value *values, size_t n)
{
    struct group_value got[MAX_GROUP_FIELDS];
    inner.n_group_by = outer.n_group_by = n;
    struct str key = group_key_text(&inner, values, &arena);
    cr_assert_leq(key.len, (size_t)MAX_KEY_TEXT_BYTES);
    cr_assert_eq(group_values_read(reader, key, &arena, got, n), n, "%.*s",
                 STR_ARG(key));
    cr_expect(same(group_key_id(&outer, values, &arena),
                   group_key_id(&outer, got, &arena)),
              "%.*s", STR_ARG(key));
    /* and once more, through a key of what is fed */
    outer.n_feeds = 1;
    struct str next = group_key_text(&outer, got, &arena);
    cr_assert_eq(group_values_read(reader, next, &arena, got, n), n);
    cr_expect(same(group_key_id(&outer, values, &arena),
                   group_key_id(&outer, got, &arena)),
              "%.*s", STR_ARG(next));
    next = group_carry_text(got, n, &arena);
    cr_assert_eq(group_values_read(reader, next, &arena, got, n), n);
    cr_expect(same(group_key_id(&outer, values, &arena),
                   group_key_id(&outer, got, &arena)),
              "%.*s", STR_ARG(next));
    outer.n_feeds = 0;
}

Test(group_key, a_firing_gives_the_digests_of_its_alerts)
{
    struct group_value values[MAX_GROUP_FIELDS];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        values[0] = value_of(JSON_STRING, str_of(texts[i]));
        values[1] = value_of(JSON_NUMBER, STR("4.450e2"));
        values[2] = value_of(JSON_TRUE, STR("true"));
        check_key(values, 3);
    }
    for (size_t len = 1; len < 700; len++)
        for (int escaped = 0; escaped < 2; escaped++) {
            struct arena mark = arena;
            for (size_t n = 1; n <= MAX_GROUP_FIELDS; n += 7) {
                for (size_t i = 0; i < n; i++)
                    values[i] = value_of(
                        JSON_STRING, long_text(len, escaped, (char)('a' + i)));
                check_key(values, n);
            }
            arena = mark;
        }
}

Test(group_key, a_number_too_long_for_a_key_stays_itself)
{
    struct group_value values[1];
    char zeros[128];
    snprintf(zeros, sizeof zeros, "12.%080d", 0);
    values[0] = value_of(JSON_NUMBER, str_of(zeros));
    check_key(values, 1);
    snprintf(zeros, sizeof zeros, "12.%080d", 7);
    values[0] = value_of(JSON_NUMBER, str_of(zeros));
    check_key(values, 1);
}

Test(group_key, long_values_that_differ_at_the_end_differ)
{
    struct group_value a = value_of(JSON_STRING, long_text(600, false, 'a'));
    struct group_value b = value_of(JSON_STRING, long_text(600, false, 'b'));
    struct group_value got[2];
    inner.n_group_by = outer.n_group_by = 1;
    group_values_read(reader, group_key_text(&inner, &a, &arena), &arena, got,
                      1);
    group_values_read(reader, group_key_text(&inner, &b, &arena), &arena,
                      got + 1, 1);
    cr_expect_not(same(group_key_id(&outer, got, &arena),
                       group_key_id(&outer, got + 1, &arena)));
}

Test(group_key, what_is_carried_may_be_missing)
{
    struct group_value values[3] = {{.folded = NO_STR},
                                    value_of(JSON_STRING, STR("b")),
                                    {.folded = NO_STR}};
    struct group_value got[3];
    struct str carry = group_carry_text(values, 3, &arena);
    cr_expect(str_equal(carry, STR("[null,\"b\",null]")), "%.*s",
              STR_ARG(carry));
    cr_assert_eq(group_values_read(reader, carry, &arena, got, 3), 3u);
    cr_expect_eq(got[0].folded.len, 0u);
    cr_expect(str_equal(got[1].folded, STR("b")));
    cr_expect_eq(group_values_read(reader, STR("nonsense"), &arena, got, 3),
                 0u);
}

Test(group_key, what_is_measured_is_a_number)
{
    static struct correlation_step step = {.count = 1};
    struct correlation sum = {
        .type = VALUE_SUM, .n_value_fields = 1, .step = &step, .n_steps = 1};
    struct group_value value = value_of(JSON_STRING, STR("-1.50"));
    struct str out;
    cr_assert(group_counted(&sum, 0, &value, SEVERITY_LOW, &arena, &out));
    cr_expect(str_equal(out, STR("-1.5")));
    value = value_of(JSON_STRING, STR("many"));
    cr_expect_not(group_counted(&sum, 0, &value, SEVERITY_LOW, &arena, &out));
    sum.never_negative = true;
    value = value_of(JSON_NUMBER, STR("-1"));
    cr_expect_not(group_counted(&sum, 0, &value, SEVERITY_LOW, &arena, &out));
}

Test(group_key, risk_has_points_tactics_and_the_rule)
{
    static struct correlation_step steps[] = {
        {.rule = {"one", 3}, .tactics = 5, .count = 1},
        {.rule = {"two", 3}, .score = 7, .count = 1}};
    struct correlation risk = {.type = RISK, .step = steps, .n_steps = 2};
    struct str out;
    cr_assert(group_counted(&risk, 0, NULL, SEVERITY_HIGH, &arena, &out));
    cr_expect(str_equal(out, STR("50 5 one")), "%.*s", STR_ARG(out));
    cr_assert(group_counted(&risk, 1, NULL, SEVERITY_HIGH, &arena, &out));
    cr_expect(str_equal(out, STR("7 0 two")));
}
