/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of correlations as they are loaded: two or more detections
 * and one correlation behind them. */
#ifndef TESTS_UNIT_CORRELATIONS_TEXT_H
#define TESTS_UNIT_CORRELATIONS_TEXT_H

#include "rules_text.h"

#define DETECTION(name)                                                        \
    "title: " name "\nid: id-" name "\nname: " name                            \
    "\nlogsource: {product: any}\ndetection: {a: {f: " name                    \
    "}, condition: a}\nlevel: low\n---\n"

static inline const struct rules *
load_correlation(const char *correlation)
{
    struct buf text = {0};
    buf_format(&text, "%s%stitle: c\nid: c\ncorrelation:\n%s\n",
               DETECTION("one"), DETECTION("two"), correlation);
    const struct rules *rules = load_rules(buf_str(&text));
    buf_free(&text);
    return rules;
}

static inline const struct correlation *
first(const struct rules *rules)
{
    cr_assert_eq(rules_n_correlations(rules), 1, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    return rules_correlation(rules, 0);
}

/* Loads a correlation that must be refused, alone, with this complaint. */
static inline void
expect_refused(const char *correlation, const char *complaint, size_t row)
{
    const struct rules *rules = load_correlation(correlation);
    cr_expect_eq(rules_n_refused(rules), 1, "row %zu", row);
    cr_expect_eq(rules_n_correlations(rules), 0, "row %zu", row);
    cr_expect(str_contains(buf_str(&complaints.text), str_of(complaint)),
              "row %zu: want %s, got %.*s", row, complaint,
              STR_ARG(buf_str(&complaints.text)));
}

#endif
