/* SPDX-License-Identifier: Apache-2.0
 *
 * What is counted by rule is bounded whatever happens: rules, and the list of
 * the last to reach a limit. */
#include <criterion/criterion.h>

#include "correlate/rule_counts.h"
#include "model/limits.h"

#include <stdio.h>

static struct rule_counts *counts;
static struct buf json;

static void
begin(void)
{
    counts = rule_counts_new();
    cr_assert(counts != NULL);
}

static void
end(void)
{
    rule_counts_free(counts);
    buf_free(&json);
}

TestSuite(rule_counts, .init = begin, .fini = end);

static struct str
said(void)
{
    buf_clear(&json);
    rule_counts_status(counts, &json);
    return buf_str(&json);
}

static void
cap(enum window_cap kind, const char *rule, const char *key, int64_t ms)
{
    rule_counts_capped(counts,
                       &(struct capped){kind, str_of(rule), str_of(key)}, ms);
}

#define expect_said(want)                                                      \
    cr_expect(str_equal(said(), STR(want)), "%.*s", STR_ARG(said()))

Test(rule_counts, nothing_has_happened)
{
    expect_said("\"rules\":[],\"caps\":[]");
}

Test(rule_counts, firings_and_limits_are_counted_by_rule)
{
    rule_counts_fired(counts, STR("a"));
    rule_counts_fired(counts, STR("b\"\n"));
    rule_counts_fired(counts, STR("a"));
    cap(CAP_CUT, "a", "[\"h\"]", 7);
    expect_said("\"rules\":[{\"rule\":\"a\",\"fired\":2,\"cut\":1},"
                "{\"rule\":\"b\\\"\\n\",\"fired\":1}],"
                "\"caps\":[{\"cap\":\"cut\",\"rule\":\"a\",\"key\":"
                "\"[\\\"h\\\"]\",\"n\":1,\"last_ms\":7}]");
}

Test(rule_counts, the_newest_of_a_kind_stands_first_and_once)
{
    cap(CAP_REFUSED, "a", "x", 1);
    cap(CAP_REFUSED, "a", "y", 2);
    cap(CAP_REFUSED, "ax", "", 3); /* the same bytes, another rule */
    cap(CAP_REFUSED, "a", "x", 4);
    cap(CAP_KEYS, "a", "x", 5);
    expect_said("\"rules\":[{\"rule\":\"a\",\"refused\":3,\"keys\":1},"
                "{\"rule\":\"ax\",\"refused\":1}],\"caps\":["
                "{\"cap\":\"refused\",\"rule\":\"a\",\"key\":\"x\",\"n\":2,"
                "\"last_ms\":4},"
                "{\"cap\":\"refused\",\"rule\":\"ax\",\"key\":\"\",\"n\":1,"
                "\"last_ms\":3},"
                "{\"cap\":\"refused\",\"rule\":\"a\",\"key\":\"y\",\"n\":1,"
                "\"last_ms\":2},"
                "{\"cap\":\"keys\",\"rule\":\"a\",\"key\":\"x\",\"n\":1,"
                "\"last_ms\":5}]");
}

static size_t
n_of(struct str part)
{
    struct str text = said();
    size_t n = 0;
    for (size_t i = 0; i + part.len <= text.len; i++)
        n += str_starts(str_cut(text, i, SIZE_MAX), part);
    return n;
}

Test(rule_counts, a_storm_on_many_keys_keeps_the_last_few)
{
    for (int i = 0; i < 100000; i++) {
        char key[32];
        snprintf(key, sizeof key, "k%d", i);
        cap(CAP_REFUSED, "a", key, i);
    }
    cr_expect_eq(n_of(STR("\"cap\"")), (size_t)MAX_CAPS_KEPT);
    cr_expect_eq(n_of(STR("\"key\":\"k99999\"")), 1u);
    cr_expect_eq(n_of(STR("\"key\":\"k99992\"")), 1u);
    cr_expect_eq(n_of(STR("\"key\":\"k99991\"")), 0u);
    cr_expect_eq(n_of(STR("\"refused\":100000")), 1u);
}

Test(rule_counts, past_the_maximum_rules_are_one_called_other)
{
    rule_counts_fired(counts, STR("other")); /* a rule's own id */
    for (int i = 0; i < MAX_COUNTED_RULES + 10; i++) {
        char rule[32];
        snprintf(rule, sizeof rule, "r%d", i);
        rule_counts_fired(counts, str_of(rule));
    }
    cap(CAP_CUT, "one more", "k", 1);
    cr_expect_eq(n_of(STR("{\"rule\":")), (size_t)MAX_COUNTED_RULES + 1);
    cr_expect_eq(n_of(STR("{\"rule\":\"other\",\"fired\":11,\"cut\":1}")), 1u);
    cr_expect_eq(n_of(STR("\"rule\":\"one more\",\"key\":\"k\"")), 1u,
                 "the list names it all the same");
}
