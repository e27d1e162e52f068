/* SPDX-License-Identifier: Apache-2.0
 *
 * The matcher says what the obvious evaluator says, of every rule and event in
 * reach: those of this project, invented ones, and the public rules where
 * there are any. Events are as they were recorded, changed, made of a rule so
 * that it must fire, and nearly so.
 *
 *   SEED, CASES (60)   the first set of invented rules, how many sets
 *   EVENTS (400)       events for the public rules: each is times 3,754 pairs
 *   SHARED             folder with sigma/rules.tar.gz and its events */
#include "rules_text.h"

#include "base/file.h"
#include "ingest/source_tools.h"
#include "number_from.h"
#include "tests/tools/agree.h"
#include "tests/tools/invent.h"
#include "tests/tools/multiply.h"
#include "tests/tools/solve.h"

#include <inttypes.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

TestSuite(matcher_agree, .init = setup, .fini = teardown, .timeout = 600);

static struct agreement agreement;
static struct made_event made;
static struct solver solver;
static struct chance dice;
static uint64_t seed_now; /* of invented rules */

static void
begin(const struct rules *rules)
{
    cr_assert(agreement_new(&agreement, rules));
    solver.rules = rules;
    solver.reader = reader;
    solver.chance = &dice;
    solver.scratch = scratch;
}

static void
told(const char *what)
{
    fprintf(stderr,
            "%s: %" PRIu64 " pairs of a rule and an event, %" PRIu64
            " hold, %" PRIu64 " routed; %" PRIu64 " events, of %" PRIu64
            " something was given up on\n",
            what, agreement.n_pairs, agreement.n_held, agreement.n_routed,
            agreement.n_alerts, agreement.n_limited);
}

/* Of one alert, of which `json` is what people are shown. */
static void
same_views(const struct views *views, struct str json, struct arena rest)
{
    struct disagreement d = agree(&agreement, views, rest);
    if (!d.detection)
        return;
    cr_assert_fail("%s (%.*s) %s%s, SEED=%" PRIu64 " CASES=1:\n%.*s",
                   d.detection->place.file, STR_ARG(d.detection->id), d.what,
                   d.any_logsource ? ", any log source" : "", seed_now,
                   STR_ARG(json));
}

static void
same(const struct alert *alert, struct str json, struct arena rest)
{
    same_views(&(struct views){alert, alert, alert}, json, rest);
}

/* An event as it is, from a log source or from none. */
static void
same_event(struct str json, const struct logsource *logsource)
{
    struct arena rest = scratch;
    struct alert alert = {.source = STR("test")};
    if (json_read(reader, json, &rest, &alert.event) != JSON_FINE)
        return;
    if (logsource)
        alert.logsource = *logsource;
    same(&alert, json, rest);
}

/* A made event, with what is decided of it. */
static void
same_made(const struct detection *detection, enum made_shape shape)
{
    struct arena rest = scratch;
    struct alert alert = {.source = STR("test"),
                          .logsource = detection->logsource};
    struct str json;
    buf_clear(&solver.text);
    made_print(&made, shape, &detection->logsource, &solver.text);
    json = arena_copy(&rest, buf_str(&solver.text));
    if (made_decide(&made, &alert) &&
        json_read(reader, json, &rest, &alert.event) == JSON_FINE)
        same(&alert, json, rest);
}

/* An event that must fire the rule, and one that nearly does. False: none was
 * found. */
static bool
same_solved(const struct detection *detection)
{
    static struct arena room;
    if (!room.at)
        room = arena_reserve((size_t)256 << 20);
    struct arena rest = room;
    uint64_t before = agreement.n_held;
    if (solve(&solver, detection, &rest, &made) != UNSOLVED_NOT)
        return false;
    same_made(detection, MADE_FLAT);
    cr_assert_gt(agreement.n_held, before);
    if (once_in(&dice, 3))
        same_made(detection, MADE_NESTED);
    if (solve_near(&solver, detection, &made))
        same_made(detection, MADE_FLAT);
    return true;
}

/* A message as the service reads it; the matcher has only those parts of it
 * that the rules read, as in `rules eval`. */
static void
same_element(const struct source *source, const struct element *element,
             struct arena here)
{
    const uint64_t logsource = ALERT_BIT(ALERT_PART_LOGSOURCE);
    uint64_t all =
        matcher_parts(rules_matcher(agreement.rules)) & source_parts(source);
    struct alert whole = {.source = NO_STR}, any = whole, routed = whole;
    source_map_any(source, element, 0, &here, &whole);
    source_map_parts(source, element, 0, all | logsource, &here, &any);
    source_map_parts(source, element, 0, logsource, &here, &routed);
    uint64_t parts = matching_parts(agreement.matching, &routed) & all;
    source_map_parts(source, element, 0, parts | logsource, &here, &routed);
    same_views(&(struct views){&whole, &any, &routed}, element->raw, here);
}

static void
same_mapped(const struct source *source, struct str message)
{
    static struct decoder *decoder;
    struct arena rest = scratch;
    const struct element *elements;
    size_t n;
    decoder = decoder ? decoder : decoder_new();
    cr_assert(decoder && source);
    if (source_split(source, decoder, message, &rest, &elements, &n) !=
        SPLIT_FINE)
        return;
    for (size_t i = 0; i < n; i++)
        if (elements[i].fault == SPLIT_FINE)
            same_element(source, &elements[i], rest);
}

/* --- this project's own */

static void
same_examples(const struct detection *detection, struct str array)
{
    struct arena rest = scratch;
    const struct json *root;
    if (array.len == 0 || json_read(reader, array, &rest, &root) != JSON_FINE)
        return;
    const struct json *event = json_first(root);
    for (uint32_t i = 0; i < root->n_children; i++, event = json_next(event)) {
        struct alert alert = {.source = STR("test"), .event = event};
        alert.logsource = detection->logsource;
        same(&alert, event->text, rest);
    }
}

static const struct source *
mapping(const char *name, struct arena *texts)
{
    char path[600];
    snprintf(path, sizeof path, "deploy/sources/%s.yml", name);
    const struct source *source = source_load(path, texts, &complaints);
    cr_assert_not_null(source, "%s", path);
    return source;
}

/* The messages that the tests of a mapping have, with that mapping. */
static void
same_samples(void)
{
    static const char *const names[] = {"ajiant", "aminer",   "cycir",
                                        "wazuh",  "suricata", "generic-json",
                                        "windows"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct arena texts = arena_reserve((size_t)256 << 20);
        char *start = texts.at;
        struct err why = {""};
        struct str file, line;
        char path[600];
        const struct source *source = mapping(names[i], &texts);
        snprintf(path, sizeof path, "tests/cases/sources/%s/messages.ndjson",
                 names[i]);
        cr_assert(file_read(path, (size_t)32 << 20, &texts, &file, &why), "%s",
                  why.text);
        uint64_t before = agreement.n_alerts;
        while (str_split(&file, '\n', &line))
            same_mapped(source, line);
        cr_expect_gt(agreement.n_alerts, before, "%s", path);
        arena_release(start, texts);
    }
}

static void
own(const char *path)
{
    const char *const paths[] = {path};
    size_t n_unsolved = 0;
    arena.at = arena_start;
    complaints_free(&complaints);
    const struct rules *rules = rules_load(paths, 1, true, &arena, &complaints);
    cr_assert_not_null(rules);
    cr_assert_gt(rules_n_detections(rules), 10, "%s", path);
    begin(rules);
    for (size_t i = 0; i < rules_n_detections(rules); i++) {
        const struct detection *detection = rules_detection(rules, i);
        same_examples(detection, detection->options.fire);
        same_examples(detection, detection->options.quiet);
        for (int times = 0; times < 20; times++)
            n_unsolved += !same_solved(detection);
    }
    same_samples();
    told(path);
    cr_expect_lt(n_unsolved, rules_n_detections(rules));
    agreement_free(&agreement);
}

Test(matcher_agree, the_rules_of_the_product)
{
    seed_now = number_from("SEED", 1);
    dice = chance_of(seed_now);
    own("rules");
}

Test(matcher_agree, the_cases_of_the_language)
{
    seed_now = number_from("SEED", 1);
    dice = chance_of(seed_now);
    own("tests/cases/sigma");
}

/* --- invented ones */

/* Kinds of tests that were among the rules. */
static size_t n_tests[TEST_TIME + 1];

static void
count_tests(const struct rules *rules)
{
    for (size_t i = 0; i < rules_n_detections(rules); i++) {
        const struct logic *logic = rules_detection(rules, i)->logic;
        for (size_t j = 0; j < logic->n_searches; j++)
            for (size_t k = 0; k < logic->search[j].n_groups; k++) {
                const struct group *group = &logic->search[j].group[k];
                for (size_t l = 0; l < group->n_items; l++)
                    n_tests[group->item[l].value[0].test[0].type]++;
            }
    }
}

static void
one_set(uint64_t seed, const struct source *const *source, size_t *n_solved,
        size_t *n_detections)
{
    struct buf text = {0}, event = {0};
    dice = chance_of(seed);
    size_t n_rules =
        once_in(&dice, 4) ? 60 + roll(&dice, 100) : 1 + roll(&dice, 40);
    invent_rules(&dice, n_rules, &text);
    const struct rules *rules = load_rules(buf_str(&text));
    begin(rules);
    for (size_t i = 0; i < 30; i++) {
        const struct detection *of =
            agreement.n > 0 ? rules_detection(rules, roll(&dice, agreement.n))
                            : NULL;
        buf_clear(&event);
        invent_event(&dice, &event);
        same_event(buf_str(&event),
                   of && !once_in(&dice, 4) ? &of->logsource : NULL);
        same_mapped(source[i % 2], buf_str(&event));
    }
    count_tests(rules);
    for (size_t i = 0; i < agreement.n; i++)
        *n_solved += same_solved(rules_detection(rules, i));
    *n_detections += agreement.n;
    buf_free(&text);
    buf_free(&event);
}

Test(matcher_agree, invented_rules_and_events)
{
    uint64_t first = number_from("SEED", 1), n = number_from("CASES", 60);
    struct agreement sum = {.n = 0};
    size_t n_solved = 0, n_detections = 0;
    struct arena texts = arena_reserve((size_t)64 << 20);
    const struct source *const source[] = {mapping("windows", &texts),
                                           mapping("generic-json", &texts)};
    for (uint64_t i = 0; i < n; i++) {
        seed_now = first + i;
        one_set(first + i, source, &n_solved, &n_detections);
        sum.n_pairs += agreement.n_pairs;
        sum.n_held += agreement.n_held;
        sum.n_routed += agreement.n_routed;
        sum.n_alerts += agreement.n_alerts;
        sum.n_limited += agreement.n_limited;
        agreement_free(&agreement);
    }
    agreement = sum;
    told("invented");
    fprintf(stderr, "%zu of %zu invented rules solved\n", n_solved,
            n_detections);
    cr_expect(n == 0 || n_detections >= 5 * n, "most are refused");
    cr_expect_geq(n_solved * 10, n_detections * 7);
    for (size_t i = 0; n >= 60 && i <= TEST_TIME; i++)
        cr_expect_geq(n_tests[i], 5, "tests of kind %zu", i);
    cr_expect(n < 60 || sum.n_held > 1000);
}

/* --- the public rules */

static bool
spawn(char *const *argv)
{
    pid_t pid;
    int status = 1;
    return posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) == 0 &&
           waitpid(pid, &status, 0) == pid && status == 0;
}

/* Unpacks the archive and loads what is in it. */
static const struct rules *
public_rules(const char *archive)
{
    char folder[] = "build/public-rules-XXXXXX", tar[] = "tar", rm[] = "rm";
    char xf[] = "-xzf", into[] = "-C", all[] = "-rf", path[4096];
    snprintf(path, sizeof path, "%s", archive);
    cr_assert_not_null(mkdtemp(folder));
    cr_assert(spawn((char *[]){tar, xf, path, into, folder, NULL}));
    const char *const paths[] = {folder};
    const struct rules *rules =
        rules_load(paths, 1, false, &arena, &complaints);
    cr_assert(spawn((char *[]){rm, all, folder, NULL}));
    cr_assert_not_null(rules);
    return rules;
}

Test(matcher_agree, the_public_rules)
{
    const char *shared = getenv("SHARED");
    struct arena texts = arena_reserve((size_t)4 << 30);
    struct err why = {""};
    struct str events;
    char path[4096];
    struct buf line = {0};
    size_t n_unsolved = 0, n_solved = 0;
    snprintf(path, sizeof path, "%s/sigma/regression_events.ndjson",
             shared ? shared : "../shared");
    if (!file_read(path, (size_t)64 << 20, &texts, &events, &why))
        cr_skip_test("no public rules: %s (set SHARED)", why.text);
    snprintf(path, sizeof path, "%s/sigma/rules.tar.gz",
             shared ? shared : "../shared");
    const struct rules *rules = public_rules(path);
    const struct source *source = mapping("windows", &texts);
    struct multiplier *multiplier = multiplier_new(events, rules, &texts);
    cr_assert(source && multiplier);
    seed_now = number_from("SEED", 1);
    dice = chance_of(seed_now);
    begin(rules);
    uint64_t n = number_from("EVENTS", 400);
    for (size_t i = 0; i < multiplier_n(multiplier); i++) {
        buf_clear(&line);
        multiplier_original(multiplier, i, &line);
        same_mapped(source, buf_str(&line));
    }
    while (agreement.n_alerts < n) {
        buf_clear(&line);
        multiplier_next(multiplier, &dice, &line);
        same_mapped(source, buf_str(&line));
        size_t which = roll(&dice, agreement.n);
        const struct detection *detection = rules_detection(rules, which);
        bool solved = same_solved(detection);
        n_solved += solved;
        n_unsolved += !solved;
        buf_clear(&line);
        made_print(&made, MADE_WINDOWS, &detection->logsource, &line);
        same_mapped(source, buf_str(&line));
    }
    told("public");
    fprintf(stderr, "%zu solved, %zu not\n", n_solved, n_unsolved);
    cr_expect_leq(n_unsolved * 100, n_solved);
    cr_expect(n < 400 || agreement.n_held > n / 2);
    agreement_free(&agreement);
    buf_free(&line);
}
