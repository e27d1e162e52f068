/* SPDX-License-Identifier: Apache-2.0
 *
 * What `rules explain` says: what decides, what nearly matched, and that long
 * lists and hostile events stay readable. */
#include "rules_text.h"

TestSuite(explain, .init = setup, .fini = teardown);

static struct buf out;

static struct str
explained_view(const char *detection, const char *event,
               const struct rule_view *view)
{
    static struct arena rest;
    struct alert alert;
    const struct rules *rules = load_detection(detection);
    rest = scratch;
    read_event(event, &rest, &alert);
    alert.view = view;
    struct facts *facts = facts_new(rules, &alert, &rest);
    buf_clear(&out);
    detection_explain(rules_detection(rules, 0), facts, &out);
    cr_assert(!out.full);
    return buf_str(&out);
}

static struct str
explained(const char *detection, const char *event)
{
    return explained_view(detection, event, NULL);
}

static bool
says(struct str have, const char *want)
{
    return str_contains(have, str_of(want));
}

#define LINE(line) "  a: {" line "}\n  condition: a"

Test(explain, what_nearly_matched)
{
    static const struct {
        const char *detection, *event, *want; /* NULL: nothing is near */
    } rows[] = {
        {LINE("f|cased: Abc"), "{\"f\":\"abc\"}", "equal but for letter case"},
        {LINE("f: abc"), "{\"f\":\"xabcx\"}", "'contains' would match"},
        {LINE("f|startswith: abc"), "{\"f\":\"xabcx\"}", "'contains' would"},
        {LINE("f|contains: ' -a'"), "{\"f\":\"x /a\"}",
         "'windash' would match"},
        {LINE("f: 'a  b'"), "{\"f\":\"a b\"}", "equal but for blanks"},
        {LINE("f: 'a/b'"), "{\"f\":\"xa\\\\b\"}", "but for '/' and '\\'"},
        {LINE("f: '^ab.*d$'"), "{\"f\":\"abcd\"}", "'re') it would match"},
        {LINE("f|re: 'ab+'"), "{\"f\":\"xABBx\"}", "'re|i' would match"},
        {LINE("f|gt: 5"), "{\"f\":\"0x10\"}", "is no decimal number"},
        {LINE("f|gt: 5"), "{\"f\":4}", NULL},
        {LINE("f|cidr: 10.0.0.0/8"), "{\"f\":\"host\"}", "is no address"},
        {LINE("f|hour: 5"), "{\"f\":\"noon\"}", "is no time as text"},
        {LINE("f: abc"), "{\"f\":\"x\",\"g\":\"abc\"}",
         "it would match in \"g\""},
        {LINE("f: abc"), "{\"f\":\"x\",\"g\":{\"h\":\"ABC\"},\"i\":\"abc\"}",
         "it would match in \"g.h\" and 1 more"},
        {LINE("f: ab"), "{\"f\":\"x\",\"g\":\"ab\"}", NULL},
        {LINE("f: abc"), "{\"F\":\"x\"}",
         "the event has \"F\": names are exact in case"},
        {LINE("f.name: abc"), "{\"x\":{\"f\":{\"Name\":\"y\"}}}",
         "the event has \"x.f.Name\""},
        {LINE("CommandLine: abc"), "{\"ComandLine\":\"x\"}",
         "the event has \"ComandLine\""},
        {LINE("f: abc"), "{\"f\":\"xyz\"}", NULL},
        {LINE("f|neq: abc"), "{\"f\":\"ABC\",\"g\":\"abc\"}", NULL},
        {LINE("f|base64: abc"), "{\"f\":\"xYWJjx\"}", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str have = explained(rows[i].detection, rows[i].event);
        if (rows[i].want)
            cr_expect(says(have, rows[i].want), "row %zu: want %s in\n%.*s", i,
                      rows[i].want, STR_ARG(have));
        else
            cr_expect(!says(have, "~"), "row %zu: %.*s", i, STR_ARG(have));
    }
}

Test(explain, what_decides_is_said_first)
{
    static const char detection[] =
        "  sel: {f: x, g: y}\n  kw: [secret]\n  flt_a: {h: z}\n"
        "  flt_b: {h: q}\n"
        "  condition: sel and kw and not 1 of flt_*";
    static const struct {
        const char *event, *wants[3], *not ;
    } rows[] = {
        {"{\"f\":\"x\",\"g\":\"n\",\"h\":\"secret\"}",
         {"because \"sel\" does not hold",
          "no  sel: 1 of 2 lines holds: one short", NULL},
         "because \"kw\""},
        {"{\"f\":\"x\",\"g\":\"y\",\"h\":\"z\",\"i\":\"a secret\"}",
         {"because \"flt_a\" holds, and the condition does not want it",
          "+ \"secret\"  in \"a secret\" of \"i\"", NULL},
         "because \"flt_b\""},
        {"{\"f\":\"x\",\"g\":\"y\",\"i\":\"secret\"}",
         {"yes condition", NULL, NULL},
         "because"},
        {"{}",
         {"because \"sel\"", "because \"kw\"", "0 of 2 lines hold"},
         "flt_a\" holds"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct str have = explained(detection, rows[i].event);
        for (size_t j = 0; j < 3 && rows[i].wants[j]; j++)
            cr_expect(says(have, rows[i].wants[j]), "row %zu: want %s in\n%.*s",
                      i, rows[i].wants[j], STR_ARG(have));
        cr_expect(!says(have, rows[i].not ), "row %zu: %s in\n%.*s", i,
                  rows[i].not, STR_ARG(have));
    }
}

Test(explain, of_a_list_of_maps_the_nearest_is_told)
{
    struct str have = explained("  a:\n    - {f: x, g: y}\n    - {f: q}\n    - "
                                "{g: y, h: z, i: w}\n  condition: a",
                                "{\"g\":\"y\",\"h\":\"z\",\"i\":\"n\"}");
    cr_expect(says(have, "no  a (any of 3; the nearest is number 3): 2 of 3 "
                         "lines hold: one short"),
              "%.*s", STR_ARG(have));
    cr_expect(says(have, "no  i (line 8)"), "%.*s", STR_ARG(have));
    cr_expect(!says(have, "f (line"), "%.*s", STR_ARG(have));
}

Test(explain, of_a_long_list_what_decides_is_told)
{
    struct buf text = {0};
    buf_add(&text, STR("  a:\n    f|contains:\n"));
    for (int i = 0; i < 500; i++)
        buf_format(&text, "      - v%dv\n", i);
    buf_add(&text, STR("  condition: a"));
    buf_char(&text, '\0');
    struct str have = explained(text.at, "{\"f\":\"xx v471v xx\"}");
    cr_expect(says(have, "+ \"v471v\""), "%.*s", STR_ARG(have));
    cr_expect(says(have, "(1 of 500 values match)"), "%.*s", STR_ARG(have));
    cr_expect_lt(have.len, 1000);
    have = explained(text.at, "{\"f\":\"xx V 471V xx\"}");
    cr_expect(says(have, "- \"v471v\"  ~ equal but for blanks"), "%.*s",
              STR_ARG(have));
    cr_expect_lt(have.len, 2000);
    buf_free(&text);
}

Test(explain, a_mapping_says_where_it_looks_for_a_field)
{
    struct rule_field field = {.name = STR("Image"),
                               .path = {STR("data.Image"), STR("p.exe")},
                               .n_paths = 2};
    const struct rule_view view = {.root = {STR("data"), STR("")},
                                   .n_roots = 2,
                                   .field = &field,
                                   .n_fields = 1};
    struct str have = explained_view(LINE("Image: abc"),
                                     "{\"data\":{\"Imge\":\"abc\"}}", &view);
    cr_expect(says(have, "absent  ~ the event has \"Imge\"  (the mapping looks "
                         "at data.Image, p.exe)"),
              "%.*s", STR_ARG(have));
}

/* Names and values of an event are a stranger's. */
Test(explain, hostile_events_are_bounded_and_harmless)
{
    struct buf event = {0};
    buf_add(&event, STR("{\"f\":\"\\u001b[31mabc\\u202e\","));
    for (int i = 0; i < 20000; i++)
        buf_format(&event, "\"\\u001b[2J%d\":\"abc\",", i);
    buf_add(&event, STR("\"g\":\""));
    for (int i = 0; i < 200000; i++)
        buf_char(&event, 'x');
    buf_add(&event, STR("\"}"));
    buf_char(&event, '\0');
    struct str have = explained(
        "  a: {f|startswith: abc, h: 'zz*', g: abc}\n  condition: a", event.at);
    cr_expect(!says(have, "\x1b"));
    cr_expect(!says(have, "\xe2\x80\xae"));
    cr_expect_lt(have.len, 4000, "%zu", have.len);
    buf_free(&event);
}
