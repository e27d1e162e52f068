/* SPDX-License-Identifier: Apache-2.0
 *
 * A thousand random rules with an event each, whose verdicts are known: those
 * of $SHARED/sigma, which is no part of this tree. */
#include "rules_text.h"

#include "base/file.h"
#include "ingest/source_tools.h"

TestSuite(rules_shared, .init = setup, .fini = teardown, .timeout = 300);

static struct decoder *decoder;

static bool
verdict(const struct source *source, const struct rules *rules,
        struct str event, struct arena rest)
{
    const struct element *elements;
    struct alert alert = {.source = NO_STR};
    size_t n;
    cr_assert_eq(source_split(source, decoder, event, &rest, &elements, &n),
                 SPLIT_FINE, "%.*s", STR_ARG(event));
    cr_assert_eq(n, 1);
    cr_assert_eq(elements[0].fault, SPLIT_FINE);
    source_map_any(source, &elements[0], 0, &rest, &alert);
    return matches(rules, &alert, rest);
}

Test(rules_shared, every_random_case_has_its_verdict)
{
    const char *shared = getenv("SHARED");
    struct arena texts = arena_reserve((size_t)256 << 20), rest;
    struct err why = {""};
    struct str file, line;
    char path[4096];
    size_t n = 0;
    snprintf(path, sizeof path, "%s/sigma/random_cases.ndjson",
             shared ? shared : "../shared");
    if (!file_read(path, (size_t)64 << 20, &texts, &file, &why))
        cr_skip_test("no random cases: %s (set SHARED)", why.text);
    decoder = decoder_new();
    const struct source *windows =
        source_load("deploy/sources/windows.yml", &texts, &complaints);
    const struct source *generic =
        source_load("deploy/sources/generic-json.yml", &texts, &complaints);
    cr_assert(decoder && windows && generic);
    while (str_split(&file, '\n', &line)) {
        const struct json *root;
        rest = scratch;
        cr_assert_eq(json_read(reader, line, &rest, &root), JSON_FINE);
        const struct json *event = json_get(root, STR("event"));
        const struct json *nested = json_get(event, STR("Event"));
        bool expect = json_get(root, STR("expect"))->type == JSON_TRUE;
        const struct rules *rules =
            load_rules(json_get(root, STR("rule"))->text);
        cr_assert_eq(rules_n_detections(rules), 1, "%.*s",
                     STR_ARG(buf_str(&complaints.text)));
        bool is_windows = nested && nested->type == JSON_OBJECT;
        cr_expect_eq(
            verdict(is_windows ? windows : generic, rules, event->text, rest),
            expect, "%.*s", STR_ARG(json_get(root, STR("name"))->text));
        n++;
    }
    cr_expect_geq(n, 1000);
    decoder_free(decoder);
}
