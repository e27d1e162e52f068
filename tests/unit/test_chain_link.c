/* SPDX-License-Identifier: Apache-2.0
 *
 * Correlations of correlations as they are loaded: what each refers to, gives
 * and carries, and what is refused, with every place. */
#include "rules_text.h"

TestSuite(chain_link, .init = setup, .fini = teardown);

#define ONE                                                                    \
    "title: one\nid: id-one\nname: one\nlogsource: {product: any}\n"           \
    "detection: {a: {f: one}, condition: a}\nlevel: high\n---\n"
/* `name`, of `rules`, with more in the flow map and behind it */
#define RULE(name, rules, more)                                                \
    "title: " name "\nid: id-" name "\nname: " name                            \
    "\ncorrelation: {type: event_count, rules: [" rules                        \
    "], timespan: 1h, condition: {gte: 2}" more "}\n---\n"
#define BY(field) ", group-by: [" field "]"

static const struct correlation *
named(const struct rules *rules, const char *name)
{
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        if (str_equal(rules_correlation(rules, i)->name, str_of(name)))
            return rules_correlation(rules, i);
    cr_assert_fail("no %s: %.*s", name, STR_ARG(buf_str(&complaints.text)));
    abort();
}

static bool
same(struct digest a, struct digest b)
{
    return a.half[0] == b.half[0] && a.half[1] == b.half[1];
}

Test(chain_link, an_inner_one_knows_whom_it_feeds)
{
    /* the outer one stands first, and names the inner one by its id */
    const struct rules *rules = load_rules(STR(
        RULE("out", "id-in, one", BY("u, h")) RULE("in", "one", BY("u")) ONE));
    cr_assert_eq(complaints.n_errors, 0u, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    const struct correlation *in = named(rules, "in");
    const struct correlation *out = named(rules, "out");
    cr_expect_eq(in->level, 0);
    cr_expect_eq(out->level, 1);
    cr_expect(in->silent);
    cr_expect_not(out->silent);
    cr_expect(str_equal(out->step[0].rule, STR("id-in")));
    cr_expect(same(out->step[0].meaning, in->meaning));
    cr_assert_eq(in->n_feeds, 1u);
    cr_expect(same(in->feed[0].fingerprint, out->fingerprint));
    cr_expect_eq(in->feed[0].step, 0u);
    cr_assert_eq(in->feed[0].n_key, 2);
    cr_expect_eq(in->feed[0].key[0], 0, "u is of its key");
    cr_expect_eq(in->feed[0].key[1], MAX_GROUP_FIELDS, "h is carried");
    cr_assert_eq(in->n_carried, 1u);
    cr_expect(str_equal(in->carry[0], STR("h")));
    cr_expect(str_equal(in->step[0].carried[0], STR("h")));
    cr_assert_eq(rules_n_correlations(rules), 2u, "the detection is silent");
}

Test(chain_link, an_alias_goes_through_a_correlation_and_carry_through_all)
{
    const struct rules *rules = load_rules(STR(
        ONE "title: two\nid: id-two\nname: two\nlogsource: {product: any}\n"
            "detection: {a: {f: two}, condition: a}\n---\n" RULE(
                "low", "one, two",
                BY("who") ", aliases: {who: {one: User, two: account}}")
                RULE("mid", "low", BY("name") ", aliases: {name: {low: who}}")
                    RULE("top", "mid, one",
                         BY("who, place") ", aliases: {who: {mid: name, one: "
                                          "User}, place: {mid: host, one: "
                                          "Computer}}")));
    cr_assert_eq(complaints.n_errors, 0u, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    const struct correlation *low = named(rules, "low");
    const struct correlation *mid = named(rules, "mid");
    cr_expect_eq(named(rules, "top")->level, 2);
    cr_expect_eq(mid->feed[0].key[0], 0, "name is its own alias");
    cr_expect_eq(mid->feed[0].key[1], MAX_GROUP_FIELDS);
    cr_expect(str_equal(mid->carry[0], STR("host")));
    cr_expect_eq(low->feed[0].key[0], 0);
    cr_assert_eq(low->feed[0].n_carry, 1, "it carries for one further up");
    cr_expect_eq(low->feed[0].carry[0], MAX_GROUP_FIELDS);
    cr_expect(str_equal(low->step[1].carried[0], STR("host")));
}

Test(chain_link, generate_lets_an_inner_one_speak)
{
    const struct rules *rules = load_rules(
        STR(ONE RULE("in", "one", BY("u")) "title: out\nid: o\nname: out\n"
                                           "generate: true\ncorrelation: "
                                           "{type: event_count, rules: [in], "
                                           "timespan: 1h, condition: {gte: "
                                           "2}}\n"));
    cr_expect_not(named(rules, "in")->silent);
    cr_expect_eq(named(rules, "in")->feed[0].n_key, 0, "no group-by");
}

Test(chain_link, fingerprints_depend_on_nothing_but_the_rules)
{
    const struct rules *rules =
        load_rules(STR(ONE RULE("in", "one", BY("u")) RULE("a", "in", BY("h"))
                           RULE("b", "in", BY("g"))));
    struct digest in = named(rules, "in")->fingerprint;
    struct digest meaning = named(rules, "in")->meaning;
    rules = load_rules(
        STR(RULE("b", "in", BY("g")) RULE("zz", "nobody", BY("q"))
                RULE("a", "id-in", BY("h")) RULE("in", "one", BY("u")) ONE));
    cr_expect(same(named(rules, "in")->fingerprint, in), "in another order, "
                                                         "beside a wrong one");
    rules = load_rules(
        STR(ONE RULE("in", "one", BY("u")) RULE("a", "in", BY("h"))));
    cr_expect_not(same(named(rules, "in")->fingerprint, in));
    cr_expect(same(named(rules, "in")->meaning, meaning));
}

Test(chain_link, a_text_with_feeds_is_read_back)
{
    const struct rules *rules =
        load_rules(STR(ONE RULE("low", "one", BY("u")) RULE(
            "mid", "low", BY("h")) RULE("top", "mid, low", BY("h, g"))));
    struct err why = {""};
    for (size_t i = 0; i < rules_n_correlations(rules); i++) {
        struct arena rest = scratch;
        struct correlation again;
        cr_assert(correlation_parse(reader, rules_correlation(rules, i)->text,
                                    &rest, &again, &why),
                  "%s", why.text);
        cr_expect(
            same(again.fingerprint, rules_correlation(rules, i)->fingerprint));
        cr_expect_eq(again.n_feeds, rules_correlation(rules, i)->n_feeds);
    }
}

/* --- what is refused */

#define FILE "/proc/self/fd/9"

static const struct {
    const char *rules;
    size_t n_refused;
    const char *complaint[2];
} mistakes[] = {
    {RULE("a", "b", "") RULE("b", "a", ""),
     2,
     {"9:42: correlations refer to one another: id-a (" FILE
      ":1:1) → id-b (" FILE ":6:1) → id-a",
      NULL}},
    {ONE RULE("a", "one, a", ""),
     1,
     {"11:47: correlations refer to one another: id-a (" FILE ":8:1) → id-a",
      NULL}},
    /* what refers to a cycle goes with it */
    {RULE("a", "b", "") RULE("b", "a", "") RULE("c", "a", ""),
     3,
     {"correlations refer to one another: ",
      "14:42: 'a' was refused (" FILE ":1:1)"}},
    /* refused while it was read */
    {ONE RULE("in", "one", ", timspan: 1h") RULE("out", "in", ""),
     2,
     {"unknown field 'timspan'", "16:42: 'in' was refused (" FILE ":10:7)"}},
    {ONE RULE("in", "one", ", timspan: 1h") RULE("out", "id-in", ""),
     2,
     {"16:42: 'id-in' was refused (" FILE ":9:5)", NULL}},
    /* refused when it was linked */
    {ONE RULE("in", "nobody", "") RULE("out", "in", "") RULE("far", "out", ""),
     3,
     {"16:42: 'in' was refused (" FILE ":8:1)",
      "21:42: 'out' was refused (" FILE ":13:1)"}},
    {ONE RULE("in", "one", "") RULE("out", "in, id-in", ""),
     1,
     {"16:46: 'id-in' stands here twice", NULL}},
    {ONE RULE("in", "one", "")
         RULE("out", "in, one", BY("x") ", aliases: {x: {one: f}}"),
     1,
     {"alias 'x' has no field for rule 'in'", NULL}},
    {ONE RULE("in", "one", "") RULE("other", "one", "")
         RULE("out", "in", BY("x") ", aliases: {x: {in: f, other: g}}"),
     1,
     {"'other' is none of the correlation's rules", NULL}},
    {ONE RULE("in", "one", "") RULE("out", "in", BY("a, b, c, d, e"))
         RULE("out2", "in", BY("f, g, h, i")),
     1,
     {"need more than 8 fields of a correlation", NULL}},
    {ONE RULE("l0", "one", "") RULE("l1", "l0", "") RULE("l2", "l1", "")
         RULE("l3", "l2", "") RULE("l4", "l3", "") RULE("l5", "l4", "")
             RULE("l6", "l5", "") RULE("l7", "l6", "") RULE("l8", "l7", ""),
     1,
     {"48:1: correlations of correlations go 8 deep at most", NULL}},
};

/* Memory files of tests have numbers of their own. */
static void
same_file(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        struct str rest = str_cut(text, i, text.len);
        buf_char(out, text.at[i]);
        if (!str_starts(rest, STR("/proc/self/fd/")))
            continue;
        buf_add(out, STR("proc/self/fd/9"));
        i += sizeof "/proc/self/fd/" - 1;
        while (i < text.len && text.at[i] >= '0' && text.at[i] <= '9')
            i++;
        i--;
    }
    buf_char(out, '\0');
}

Test(chain_link, each_mistake_is_named_with_its_places)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct buf said = {0};
        const struct rules *rules = load_rules(str_of(mistakes[i].rules));
        same_file(buf_str(&complaints.text), &said);
        cr_expect_eq(rules_n_refused(rules), mistakes[i].n_refused,
                     "row %zu: %zu", i, rules_n_refused(rules));
        for (size_t k = 0; k < 2 && mistakes[i].complaint[k]; k++)
            cr_expect(strstr(said.at, mistakes[i].complaint[k]),
                      "row %zu: want %s, got %s", i, mistakes[i].complaint[k],
                      said.at);
        buf_free(&said);
    }
}

Test(chain_link, no_more_than_64_refer_to_one)
{
    struct buf text = {0};
    buf_add(&text, STR(ONE RULE("in", "one", BY("u"))));
    for (int i = 0; i < 65; i++)
        buf_format(&text,
                   "title: o\nid: o%02d\ncorrelation: {type: event_count, "
                   "rules: [in], group-by: [u], timespan: 1h, "
                   "condition: {gte: %d}}\n---\n",
                   i, i + 2);
    const struct rules *rules = load_rules(buf_str(&text));
    cr_expect_eq(rules_n_refused(rules), 1u);
    cr_expect(
        strstr(complaints.text.at, "more than 64 correlations refer to 'in'"));
    cr_expect_eq(named(rules, "in")->n_feeds, 64u);
    buf_free(&text);
}

Test(chain_link, a_cycle_may_be_longer_than_a_stack)
{
    enum { LONG = 20000 };
    struct buf text = {.max_bytes = 16 << 20};
    for (int i = 0; i < LONG; i++)
        buf_format(&text,
                   "title: o\nid: o%d\ncorrelation: {type: event_count, "
                   "rules: [o%d], timespan: 1h, condition: {gte: 2}}\n---\n",
                   i, (i + 1) % LONG);
    const struct rules *rules = load_rules(buf_str(&text));
    cr_expect_eq(rules_n_refused(rules), (size_t)LONG);
    cr_expect(strstr(complaints.text.at, " more → "));
    buf_free(&text);
}
