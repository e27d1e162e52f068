/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules that are written to hold the loader up or to eat its memory: each is
 * refused or bounded, and takes nothing along. No clocks: what is counted is
 * memory of the rule set, beside that of a rule of one line. What makes a test
 * hang or be killed fails it. */
#include "rules_text.h"

#include "base/file.h"
#include "base/yaml.h"

#include <sys/stat.h>

TestSuite(rules_hostile, .init = setup, .fini = teardown, .timeout = 120);

static struct buf text;

#define RULE                                                                   \
    "title: t\nid: r%d\nlogsource: {product: any}\ndetection:\n  a: {f: %d}\n" \
    "  condition: a\n"

static size_t
used(void)
{
    return (size_t)(arena.at - arena_start);
}

/* Loads the text; what it took beyond a rule of one line, in bytes. */
static const struct rules *
load_text(size_t *bytes)
{
    struct buf one = {0};
    buf_format(&one, RULE, 0, 0);
    load_rules(buf_str(&one));
    size_t before = used();
    buf_free(&one);
    const struct rules *rules = load_rules(buf_str(&text));
    *bytes = used() > before ? used() - before : 0;
    buf_free(&text);
    text = (struct buf){0};
    return rules;
}

static void
expect_said(const char *what)
{
    cr_expect(str_contains(buf_str(&complaints.text), str_of(what)),
              "want %s, got %.*s", what,
              STR_ARG(str_cut(buf_str(&complaints.text), 0, 2000)));
}

static void
put_times(const char *what, int n)
{
    for (int i = 0; i < n; i++)
        buf_add(&text, str_of(what));
}

static void
put_head(void)
{
    buf_add(&text, STR("title: t\nlogsource: {product: any}\ndetection:\n"));
}

/* A rule behind what is refused, that must be there. */
static void
put_another(void)
{
    buf_format(&text, "\n---\n" RULE, 1, 1);
}

static void
expect_only_another(const struct rules *rules)
{
    cr_expect_eq(rules_n_refused(rules), 1);
    cr_assert_eq(rules_n_detections(rules), 1);
    cr_expect(matches_event(rules, "{\"f\":1}"));
}

/* Whether the first of very many rules holds. */
static bool
first_holds(const struct rules *rules, const char *event)
{
    struct arena rest = scratch;
    struct alert alert;
    read_event(event, &rest, &alert);
    struct facts *facts = facts_new(rules, &alert, &rest);
    cr_assert_not_null(facts);
    return detection_match(rules_detection(rules, 0), facts);
}

/* --- conditions */

Test(rules_hostile, a_gigantic_n_of_is_refused)
{
    static const struct {
        const char *n, *says;
    } rows[] = {
        {"99999999999999999999", "a number from 1"},
        {"9223372036854775807", "a number from 1"},
        {"4294967297", "a number from 1"},
        {"1025", "a number from 1"},
        {"1024", "there are not so many search identifiers"},
        {"2", "there are not so many search identifiers"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t bytes;
        put_head();
        buf_format(&text, "  a: {f: x}\n  condition: %s of them\n", rows[i].n);
        put_another();
        expect_only_another(load_text(&bytes));
        expect_said(rows[i].says);
    }
}

Test(rules_hostile, of_that_means_everything_again_and_again_is_refused)
{
    size_t bytes;
    put_head();
    for (int i = 0; i < 1000; i++)
        buf_format(&text, "  s%d: {f: %d}\n", i, i);
    buf_add(&text, STR("  condition: 1 of them"));
    put_times(" or 1 of them", 4000);
    put_another();
    expect_only_another(load_text(&bytes));
    expect_said("too many search identifiers are meant");
    cr_expect_lt(bytes, (size_t)8 << 20, "%zu bytes", bytes);
}

/* Each pattern means one search, having been tried on a thousand. */
Test(rules_hostile, patterns_that_are_dear_to_compare_are_refused)
{
    size_t bytes;
    put_head();
    for (int i = 0; i < 1000; i++) {
        buf_format(&text, "  a%d", i);
        put_times("a", 240);
        buf_format(&text, ": {f: %d}\n", i);
    }
    buf_add(&text, STR("  "));
    put_times("a", 200);
    buf_add(&text, STR("b: {f: x}\n  condition: 1 of a"));
    for (int i = 0; i < 250; i++) {
        put_times("a*", 100);
        buf_add(&text, i < 249 ? STR("b or 1 of a") : STR("b\n"));
    }
    put_another();
    expect_only_another(load_text(&bytes));
    expect_said("too many search identifiers are meant");
    cr_expect_lt(bytes, (size_t)8 << 20, "%zu bytes", bytes);
}

Test(rules_hostile, a_condition_of_a_hundred_kilobytes_is_refused)
{
    size_t bytes;
    put_head();
    buf_add(&text, STR("  a: {f: x}\n  condition: a"));
    put_times(" and a", 20000);
    put_another();
    expect_only_another(load_text(&bytes));
    expect_said("a condition has at most 65536 bytes");
}

Test(rules_hostile, nesting_of_each_kind_is_refused_where_it_is_too_deep)
{
    static const char *const openers[] = {"(", "not ", "(not ", "((a or "};
    for (size_t i = 0; i < sizeof openers / sizeof *openers; i++) {
        size_t bytes;
        put_head();
        buf_add(&text, STR("  a: {f: x}\n  condition: "));
        put_times(openers[i], 1000);
        buf_add(&text, STR("a"));
        put_another();
        expect_only_another(load_text(&bytes));
        expect_said("nested too deep");
    }
}

/* --- names */

Test(rules_hostile, names_of_64_kilobytes_are_refused_or_cut)
{
    static const struct {
        const char *before, *after, *says;
    } rows[] = {
        {"detection:\n  ? ", "\n  : {f: x}\n  condition: 1 of them\n",
         "the name of a search has at most 255 bytes"},
        {"detection:\n  a:\n    ? ", "\n    : x\n  condition: a\n",
         "a field and its modifiers have at most 1024 bytes"},
        {"detection:\n  a:\n    ? f|", "\n    : x\n  condition: a\n",
         "a field and its modifiers have at most 1024 bytes"},
        {"detection:\n  a: {f|fieldref: ", "}\n  condition: a\n", "too long"},
        {"detection:\n  a: {f: x}\n  condition: ", "\n",
         "unknown search identifier"},
        {"detection:\n  a: {f: x}\n  condition: 1 of ", "*\n", "is meant by"},
        {"id: ", "\ndetection: {a: {f: x}, condition: a}\n",
         "expected 1 to 255 bytes"},
        {"name: ", "\ndetection: {a: {f: x}, condition: a}\n",
         "expected 1 to 255 bytes"},
        {"level: ", "\ndetection: {a: {f: x}, condition: a}\n",
         "unknown level"},
        {"filter: {rules: any, selection: {f|expand: '%",
         "%'}, condition: not selection}\n", "unknown placeholder"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t bytes;
        buf_format(&text, "title: t\nlogsource: {product: any}\n%s",
                   rows[i].before);
        put_times("abcdefgh", 8192 - 16);
        buf_add(&text, str_of(rows[i].after));
        put_another();
        const struct rules *rules = load_text(&bytes);
        cr_expect_geq(rules_n_refused(rules), 1, "row %zu", i);
        cr_expect_eq(rules_n_detections(rules), 1, "row %zu", i);
        expect_said(rows[i].says);
        cr_expect_lt(complaints.text.len, 8192, "row %zu", i);
        cr_expect_lt(bytes, (size_t)4 << 20, "row %zu: %zu bytes", i, bytes);
    }
}

Test(rules_hostile, a_value_of_64_kilobytes_loads_and_one_more_byte_is_refused)
{
    for (int more = 0; more < 2; more++) {
        size_t bytes;
        put_head();
        buf_add(&text, STR("  a: {f: '"));
        put_times("abcdefgh", 8192);
        put_times("i", more);
        buf_add(&text, STR("'}\n  condition: a\n"));
        cr_expect_eq(rules_n_refused(load_text(&bytes)), (size_t)more);
        cr_expect_lt(bytes, (size_t)4 << 20, "%zu bytes", bytes);
    }
    expect_said("longer than 64 KiB");
}

/* --- memory */

Test(rules_hostile, expressions_that_compile_to_gigabytes_cost_their_own_rule)
{
    size_t bytes;
    put_head();
    buf_add(&text, STR("  a:\n    f|re:\n"));
    for (int i = 0; i < 20000; i++)
        buf_format(&text, "    - '(abc%d){900}'\n", i);
    buf_add(&text, STR("  condition: a\n"));
    put_another();
    expect_only_another(load_text(&bytes));
    expect_said("it needs more than 64 MiB when it is compiled");
    cr_expect_lt(bytes, (size_t)65 << 20, "%zu bytes", bytes);
}

Test(rules_hostile, stars_without_number_are_bounded)
{
    size_t bytes;
    put_head();
    buf_add(&text, STR("  a:\n    f:\n"));
    for (int i = 0; i < 100; i++) {
        buf_add(&text, STR("    - '"));
        put_times("a*", 30000);
        buf_add(&text, STR("'\n"));
    }
    buf_add(&text, STR("  condition: a\n"));
    put_another();
    expect_only_another(load_text(&bytes));
    expect_said("it needs more than 64 MiB");
    cr_expect_lt(bytes, (size_t)65 << 20, "%zu bytes", bytes);
}

/* --- placeholders */

Test(rules_hostile, placeholders_multiplied_are_refused)
{
    size_t bytes;
    buf_add(&text, STR("placeholders:\n  two: [a, b]\n  many:\n"));
    for (int i = 0; i < 1000; i++)
        buf_format(&text, "    - v%d\n", i);
    static const char *const values[] = {
        "%two%%two%%two%%two%%two%%two%%two%%two%"
        "%two%%two%%two%%two%%two%%two%%two%%two%",
        "%many%%many%",
        "%many%%many%%many%%many%%many%%many%%many%%many%%many%%many%"};
    for (int i = 0; i < 3; i++) {
        buf_add(&text, STR("---\n"));
        put_head();
        buf_format(&text, "  a: {f|expand: '%s'}\n  condition: a\n", values[i]);
    }
    const struct rules *rules = load_text(&bytes);
    cr_expect_eq(rules_n_refused(rules), 3);
    expect_said("stand for more than 50000 values");
    cr_expect_lt(bytes, (size_t)4 << 20, "%zu bytes", bytes);
}

Test(rules_hostile, more_placeholders_than_a_value_may_have_are_refused)
{
    size_t bytes;
    buf_add(&text, STR("placeholders: {a: [x]}\n---\n"));
    put_head();
    buf_add(&text, STR("  a: {f|expand: '"));
    put_times("-%a%", 10000);
    buf_add(&text, STR("'}\n  condition: a\n"));
    put_another();
    expect_only_another(load_text(&bytes));
    expect_said("more than 16 placeholders in one value");
}

Test(rules_hostile, values_of_placeholders_count_as_values_of_the_rule)
{
    size_t bytes;
    buf_add(&text, STR("placeholders:\n  many:\n"));
    for (int i = 0; i < 20000; i++)
        buf_format(&text, "    - v%d\n", i);
    buf_add(&text, STR("---\n"));
    put_head();
    buf_add(&text, STR("  a: {f|expand: ['%many%', 'x%many%', 'y%many%']}\n"
                       "  condition: a\n"));
    put_another();
    expect_only_another(load_text(&bytes));
    expect_said("more than 50000 values in one rule");
}

Test(rules_hostile, a_file_of_placeholders_that_is_too_large_is_refused)
{
    char path[] = "/tmp/test_rules_XXXXXX";
    int file = mkstemp(path);
    size_t bytes;
    cr_assert_geq(file, 0);
    cr_assert_eq(ftruncate(file, (off_t)(YAML_MAX_BYTES + 1)), 0);
    close(file);
    buf_format(&text, "placeholders: {a: {file: %s}}\n", path);
    put_another();
    expect_only_another(load_text(&bytes));
    unlink(path);
    expect_said(path);
}

/* Nine files of 8 MiB are more than a document may take. */
Test(rules_hostile, placeholders_that_take_too_much_stand_for_nothing)
{
    char path[] = "/tmp/test_rules_XXXXXX";
    int file = mkstemp(path);
    size_t bytes;
    cr_assert_geq(file, 0);
    put_times("abcdefg\n", 1 << 20);
    cr_assert_eq(write(file, text.at, text.len), (ssize_t)text.len);
    close(file);
    text.len = 0;
    buf_add(&text, STR("placeholders:\n"));
    for (int i = 0; i < 9; i++)
        buf_format(&text, "  p%d: {file: %s}\n", i, path);
    buf_add(&text, STR("---\n"));
    put_head();
    buf_add(&text, STR("  a: {f|expand: '%p8%'}\n  condition: a\n"));
    put_another();
    const struct rules *rules = load_text(&bytes);
    unlink(path);
    cr_expect_eq(rules_n_refused(rules), 2);
    cr_expect_eq(rules_n_detections(rules), 1);
    expect_said("it needs more than 64 MiB");
    expect_said("unknown placeholder 'p8'");
    cr_expect_lt(bytes, (size_t)66 << 20, "%zu bytes", bytes);
}

/* --- collections */

Test(rules_hostile, a_collection_that_multiplies_is_refused)
{
    size_t bytes;
    buf_add(&text, STR("action: global\ntitle: t\nlogsource: {product: any}\n"
                       "detection:\n  a: {f: x}\n  condition: a\n"));
    for (int i = 0; i < 5000; i++)
        buf_format(&text, "key%d: {a: 1, b: 2}\n", i);
    for (int i = 0; i < 5000; i++)
        buf_format(&text, "---\nid: r%d\n", i);
    const struct rules *rules = load_text(&bytes);
    cr_expect_geq(rules_n_refused(rules), 4000);
    cr_expect_leq(rules_n_detections(rules), 1000);
    expect_said("the collection expands to more than 1000000 values");
    cr_expect_lt(bytes, (size_t)16 << 20, "%zu bytes", bytes);
}

/* --- filters */

Test(rules_hostile, filters_on_everything_without_number_are_bounded)
{
    size_t bytes;
    for (int i = 0; i < 3000; i++)
        buf_format(&text, RULE "---\n", i, i);
    for (int i = 0; i < 400; i++)
        buf_format(&text,
                   "title: f%d\nlogsource: {product: any}\nfilter:\n"
                   "  rules: any\n  selection: {g: %d}\n"
                   "  condition: not selection\n---\n",
                   i, i);
    const struct rules *rules = load_text(&bytes);
    cr_expect_eq(rules_n_detections(rules), 3000);
    cr_expect_geq(rules_n_refused(rules), 60, "%zu", rules_n_refused(rules));
    expect_said("filters on more than 1000000 rules");
    cr_expect_lt(bytes, (size_t)600 << 20, "%zu bytes", bytes);
    cr_expect(first_holds(rules, "{\"f\":0}"));
    cr_expect_not(first_holds(rules, "{\"f\":0,\"g\":7}"));
}

Test(rules_hostile, filters_with_more_searches_than_a_rule_may_have)
{
    size_t bytes;
    buf_format(&text, RULE "---\n", 0, 0);
    for (int i = 0; i < 2; i++) {
        buf_format(&text,
                   "title: f%d\nlogsource: {product: any}\nfilter:\n"
                   "  rules: [r0]\n  condition: not 1 of them\n",
                   i);
        for (int j = 0; j < 600; j++)
            buf_format(&text, "  s%d: {g: %d}\n", j, j + 600 * i);
        buf_add(&text, STR("---\n"));
    }
    const struct rules *rules = load_text(&bytes);
    expect_said("more than 1024 search identifiers: it is not filtered");
    cr_expect(matches_event(rules, "{\"f\":0,\"g\":7}"));
}

Test(rules_hostile, filters_that_would_be_copied_without_end_are_bounded)
{
    size_t bytes;
    for (int i = 0; i < 3000; i++)
        buf_format(&text, RULE "---\n", i, i);
    buf_add(&text, STR("title: f\nlogsource: {product: any}\nfilter:\n"
                       "  rules: any\n  condition: not 1 of them\n"));
    for (int j = 0; j < 900; j++)
        buf_format(&text, "  s%d: {g: %d}\n", j, j);
    const struct rules *rules = load_text(&bytes);
    cr_expect_eq(rules_n_detections(rules), 3000);
    expect_said("the filters are too large for so many rules");
    cr_expect_eq(complaints.n_errors, 1);
    cr_expect_lt(bytes, (size_t)400 << 20, "%zu bytes", bytes);
}

Test(rules_hostile, a_filter_that_names_too_many_rules_is_refused)
{
    size_t bytes;
    buf_add(&text, STR("title: f\nlogsource: {product: any}\nfilter:\n"
                       "  selection: {g: 1}\n  condition: not selection\n"
                       "  rules:\n"));
    for (int i = 0; i < 5000; i++)
        buf_format(&text, "    - r%d\n", i);
    put_another();
    expect_only_another(load_text(&bytes));
    expect_said("too many rules in one filter: write 'any'");
}

/* --- files */

Test(rules_hostile, folders_that_lead_too_deep_are_named)
{
    enum { DEPTH = 18 };
    char top[] = "/tmp/test_rules_XXXXXX", path[512];
    const char *paths[] = {top};
    size_t len[DEPTH + 1];
    cr_assert_not_null(mkdtemp(top));
    len[0] = (size_t)snprintf(path, sizeof path, "%s", top);
    for (size_t i = 0; i < DEPTH; i++) {
        len[i + 1] = len[i] + (size_t)snprintf(path + len[i],
                                               sizeof path - len[i], "/d");
        cr_assert_eq(mkdir(path, 0700), 0);
    }
    cr_assert_not_null(rules_load(paths, 1, true, &arena, &complaints));
    expect_said("folders deeper than 16");
    for (size_t i = DEPTH + 1; i-- > 0;) {
        path[len[i]] = '\0';
        cr_expect_eq(rmdir(path), 0);
    }
}

/* --- YAML */

Test(rules_hostile, a_bomb_of_aliases_costs_its_file_only)
{
    char path[] = "/tmp/test_rules_XXXXXX", bomb[64], good[64];
    const char *paths[] = {path};
    cr_assert_not_null(mkdtemp(path));
    snprintf(bomb, sizeof bomb, "%s/a.yml", path);
    snprintf(good, sizeof good, "%s/b.yml", path);
    put_head();
    buf_add(&text, STR("  x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n"));
    for (int i = 1; i < 60; i++)
        buf_format(&text, "  x%d: &x%d [*x%d, *x%d, *x%d, *x%d]\n", i, i, i - 1,
                   i - 1, i - 1, i - 1);
    cr_assert(file_replace(bomb, buf_str(&text), 0600, NULL));
    text.len = 0;
    buf_format(&text, RULE, 1, 1);
    cr_assert(file_replace(good, buf_str(&text), 0600, NULL));
    buf_free(&text);
    const struct rules *rules = rules_load(paths, 1, true, &arena, &complaints);
    cr_assert_not_null(rules);
    expect_only_another(rules);
    expect_said("expands to more than 1000000 values, aliases counted");
    unlink(bomb);
    unlink(good);
    rmdir(path);
}

Test(rules_hostile, nesting_of_yaml_is_refused_where_it_is_too_deep)
{
    size_t bytes;
    put_head();
    buf_add(&text, STR("  a: "));
    put_times("[", 100000);
    cr_expect_eq(rules_n_detections(load_text(&bytes)), 0);
    expect_said("nested deeper than 64");
}
