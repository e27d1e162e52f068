/* SPDX-License-Identifier: Apache-2.0
 *
 * tests/cases/sigma: the cases that must be refused or warned of, and the list
 * of what Sigma's pages say (sentences.txt), each line of which names cases
 * that there are. The cases that must fire are run by test_rules.c. */
#include "rules_text.h"

#include "base/file.h"
#include "base/table.h"

TestSuite(sigma_cases, .init = setup, .fini = teardown);

#define FOLDER "tests/cases/sigma"

static struct str
read_all(const char *path, struct arena *rest)
{
    struct str all;
    struct err why = {""};
    cr_assert(file_read(path, (size_t)1 << 20, rest, &all, &why), "%s",
              why.text);
    return all;
}

/* --- what is refused */

struct refusal {
    struct str name, says, file;
    bool warned;
};

/* The next case; false: there is none. */
static bool
next_refusal(struct str *rest, struct refusal *refusal)
{
    static const struct str refused = {"refused: ", 9},
                            warned = {"warned: ", 8};
    struct str line = NO_STR, before;
    while (str_split(rest, '\n', &line) && !str_starts(line, STR("== ")))
        line = NO_STR;
    if (!str_starts(line, STR("== ")))
        return false;
    refusal->name = str_cut(line, 3, line.len);
    cr_assert(str_split(rest, '\n', &line));
    refusal->warned = str_starts(line, warned);
    cr_assert(refusal->warned || str_starts(line, refused), "%.*s",
              STR_ARG(line));
    refusal->says =
        str_cut(line, refusal->warned ? warned.len : refused.len, line.len);
    before = *rest;
    const char *start = before.at;
    while (rest->len > 0 && !str_starts(*rest, STR("== ")))
        str_split(rest, '\n', &line);
    refusal->file = (struct str){
        start, rest->len > 0 ? (size_t)(rest->at - start) : before.len};
    return true;
}

Test(sigma_cases, each_refused_or_doubtful_rule_is_so_with_its_place)
{
    struct arena rest = scratch;
    struct str all = read_all(FOLDER "/refused.txt", &rest);
    struct refusal refusal;
    size_t n = 0;
    for (; next_refusal(&all, &refusal); n++) {
        const struct rules *rules = load_rules(refusal.file);
        struct str said = buf_str(&complaints.text);
        cr_expect_eq(rules_n_refused(rules) > 0, !refusal.warned, "%.*s: %.*s",
                     STR_ARG(refusal.name), STR_ARG(said));
        cr_expect_eq(complaints.n_errors > 0, !refusal.warned, "%.*s: %.*s",
                     STR_ARG(refusal.name), STR_ARG(said));
        cr_expect(str_contains(said, refusal.says), "%.*s: want %.*s, got %.*s",
                  STR_ARG(refusal.name), STR_ARG(refusal.says), STR_ARG(said));
    }
    cr_expect_geq(n, 75);
}

Test(sigma_cases, what_is_written_as_the_pages_have_it_is_not_warned_of)
{
    static const char *const words[] = {"dates are", "a tag is", "related rule",
                                        "taxonomy is", "at most"};
    const char *paths[] = {FOLDER "/page_rules.yml", FOLDER "/filters.yml",
                           FOLDER "/placeholders.yml"};
    const struct rules *rules = rules_load(paths, 3, true, &arena, &complaints);
    cr_assert_not_null(rules);
    cr_expect_eq(rules_n_refused(rules), 0);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        cr_expect_not(str_contains(buf_str(&complaints.text), str_of(words[i])),
                      "%.*s", STR_ARG(buf_str(&complaints.text)));
}

/* --- what a rule means, for its windows */

static struct digest
meaning(const char *before, const char *after)
{
    struct buf text = {0};
    buf_format(&text,
               "%s---\ntitle: t\nid: r\nlogsource: {product: any}\n"
               "detection: {a: {f|expand: '%%x%%'}, condition: a}\n---\n%s",
               before, after);
    const struct rules *rules = load_rules(buf_str(&text));
    buf_free(&text);
    cr_assert_eq(rules_n_detections(rules), 1, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    return rules_detection(rules, 0)->meaning;
}

#define FILTER(what)                                                           \
    "title: f\nlogsource: {product: any}\nfilter: {rules: any, selection: "    \
    "{g: " what "}, condition: not selection}\n"

Test(sigma_cases, placeholders_and_filters_are_a_part_of_a_rules_meaning)
{
    static const struct {
        const char *before, *after;
    } rows[] = {
        {"placeholders: {x: [a, b]}\n", ""},
        {"placeholders: {x: [a]}\n", ""},
        {"placeholders: {x: [ab]}\n", ""},
        {"placeholders: {x: [a, b]}\n", FILTER("1")},
        {"placeholders: {x: [a, b]}\n", FILTER("2")},
        {"placeholders: {x: [a, b]}\n", FILTER("1") "---\n" FILTER("2")},
    };
    struct digest of[6];
    for (size_t i = 0; i < 6; i++) {
        of[i] = meaning(rows[i].before, rows[i].after);
        for (size_t j = 0; j < i; j++)
            cr_expect_neq(of[i].half[0], of[j].half[0], "rows %zu, %zu", i, j);
    }
    struct digest again =
        meaning("placeholders: {y: [c], x: [a, b]}\n", FILTER("1"));
    cr_expect_eq(again.half[0], of[3].half[0]);
}

Test(sigma_cases, a_filter_shows_in_what_explains_a_rule)
{
    static const char *const want[] = {
        "yes filter 'lab': selection\n", "g (line 7): 1",
        "no  condition: (a) and (not selection [filter 'lab'])"};
    const struct rules *rules =
        load_rules(STR("title: t\nlogsource: {product: any}\n"
                       "detection: {a: {f: 1}, condition: a}\n---\n"
                       "title: lab\nlogsource: {product: any}\nfilter: {rules: "
                       "any, selection: {g: 1}, condition: not selection}\n"));
    struct arena rest = scratch;
    struct alert alert;
    struct buf out = {0};
    read_event("{\"f\":1,\"g\":1}", &rest, &alert);
    struct facts *facts = facts_new(rules, &alert, &rest);
    detection_explain(rules_detection(rules, 0), facts, &out);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        cr_expect(str_contains(buf_str(&out), str_of(want[i])),
                  "want %s in\n%.*s", want[i], STR_ARG(buf_str(&out)));
    buf_free(&out);
}

Test(sigma_cases, a_filter_that_is_refused_is_put_on_nothing)
{
    const struct rules *rules = load_rules(
        STR("title: t\nid: r\nlogsource: {product: any}\n"
            "detection: {a: {f: 1}, condition: a}\n---\n"
            "title: c\nid: c\nlevel: low\ncorrelation: {type: event_count, "
            "rules: [r], timespan: 1m, condition: {gte: 2}}\n---\n"
            "title: f\nlogsource: {product: any}\nfilter: {rules: [r, c], "
            "selection: {g: 1}, condition: not selection}\n"));
    cr_expect_eq(rules_n_refused(rules), 1);
    cr_expect(matches_event(rules, "{\"f\":1,\"g\":1}"));
}

/* --- what the pages say */

static void
learn(struct table *table, struct str name)
{
    bool is_new;
    cr_assert_neq(table_add(table, name, &is_new), TABLE_NONE);
    cr_expect(is_new, "two cases are called '%.*s'", STR_ARG(name));
}

static void
learn_cases(struct table *table, struct arena *rest)
{
    const char *paths[] = {FOLDER};
    const struct rules *rules = rules_load(paths, 1, true, &arena, &complaints);
    cr_assert_not_null(rules);
    for (size_t i = 0; i < rules_n_detections(rules); i++)
        learn(table, rules_detection(rules, i)->id);
    for (size_t i = 0; i < rules_n_correlations(rules); i++)
        if (!rules_correlation(rules, i)->is_detection)
            learn(table, rules_correlation(rules, i)->id);
    struct str all = read_all(FOLDER "/refused.txt", rest);
    for (struct refusal refusal; next_refusal(&all, &refusal);)
        learn(table, refusal.name);
}

/* "page | section | what it says | case, case …" */
static void
check_sentence(struct table *cases, struct table *sentences, struct str line)
{
    static const struct str pages[] = {
        {"rules", 5}, {"modifiers", 9}, {"filters", 7}, {"decisions", 9}};
    struct str rest = line, page, section, words, name;
    bool is_new, known = false;
    size_t n = 0;
    cr_assert(str_split(&rest, '|', &page) && str_split(&rest, '|', &section) &&
                  str_split(&rest, '|', &words),
              "%.*s", STR_ARG(line));
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        known |= str_equal(str_trim(page), pages[i]);
    cr_expect(known, "%.*s", STR_ARG(line));
    cr_expect(str_trim(section).len > 0 && str_trim(words).len > 0, "%.*s",
              STR_ARG(line));
    table_add(sentences, str_cut(line, 0, page.len + section.len + words.len),
              &is_new);
    cr_expect(is_new, "said twice: %.*s", STR_ARG(line));
    for (; str_split(&rest, ',', &name); n++)
        cr_expect_neq(table_find(cases, str_trim(name)), TABLE_NONE,
                      "there is no case '%.*s' (%.*s)", STR_ARG(str_trim(name)),
                      STR_ARG(line));
    cr_expect_gt(n, 0, "%.*s", STR_ARG(line));
}

Test(sigma_cases, each_sentence_of_the_pages_names_cases_that_there_are)
{
    struct arena rest = scratch;
    struct table *cases = table_new(4096), *sentences = table_new(4096);
    struct str all, line;
    size_t n = 0;
    cr_assert(cases && sentences);
    learn_cases(cases, &rest);
    all = read_all(FOLDER "/sentences.txt", &rest);
    while (str_split(&all, '\n', &line)) {
        line = str_trim(line);
        if (line.len == 0 || line.at[0] == '#')
            continue;
        check_sentence(cases, sentences, line);
        n++;
    }
    cr_expect_geq(n, 200);
    table_free(cases);
    table_free(sentences);
}
