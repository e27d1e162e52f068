/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules tune`: a Sigma filter for a rule, from events that it matches
 * and should not, and others that it rightly matches. The files are read three
 * times: for what could be said of the events, for which of it is true of which
 * event (asked of the rules' own evaluator, by making a detection of each
 * condition), and to see that the filter does what it should before it is
 * shown to anybody. */
#include "commands.h"
#include "interrupt.h"
#include "rules.h"
#include "rules_events.h"
#include "tune.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FALSES, TRUES };

struct tuning {
    const struct rules_wish *wish;
    const struct source *source;
    const char *rule_path;
    struct rules_found found; /* wrong before there was a filter */
    const struct rules *rules;
    const struct detection *detection;
    struct tune_values *values;
    struct tune_atom *atoms;
    size_t n_atoms;
    const struct rules *asked; /* of the atoms, or the filter */
    const struct detection *filtered;
    uint64_t n_matched[2]; /* events of each kind that the rule matches */
    uint64_t *line[2];     /* of the first TUNE_MAX_EVENTS of them */
    uint64_t n_wrong;
    int kind;
};

/* --- rules from a text */

/* `extra`: another path to load with it, or NULL. */
static const struct rules *
load_text(struct str text, const char *extra, struct arena *arena,
          struct complaints *complaints)
{
    char name[64];
    const char *paths[] = {name, extra};
    const struct rules *rules = NULL;
    int file = memfd_create("tune", MFD_CLOEXEC);
    if (file < 0)
        return NULL;
    snprintf(name, sizeof name, "/proc/self/fd/%d", file);
    if (write(file, text.at, text.len) == (ssize_t)text.len)
        rules = rules_load(paths, extra ? 2 : 1, false, arena, complaints);
    close(file);
    return rules;
}

static bool
matches(const struct rules *rules, const struct detection *detection,
        const struct alert *alert, struct arena scratch)
{
    struct facts *facts = facts_new(rules, alert, &scratch);
    return facts && detection_match(detection, facts);
}

/* Whether the event is one that counts, and its number among them. */
static bool
counts(struct tuning *tuning, const struct alert *alert,
       const struct arena *rest)
{
    const struct detection *detection = tuning->detection;
    return (tuning->wish->any_logsource ||
            detection_routed(detection, alert)) &&
           matches(tuning->rules, detection, alert, *rest);
}

static bool
read_both(struct tuning *tuning, const char *progress,
          void (*each)(void *, uint64_t, const struct alert *, struct arena *),
          struct events_tally tally[2], struct err *why)
{
    const char *path[] = {tuning->wish->false_ones, tuning->wish->true_ones};
    const struct events_visit visit = {
        .context = tuning, .each = each, .progress = progress};
    tally[FALSES] = tally[TRUES] = (struct events_tally){0};
    tuning->n_matched[FALSES] = tuning->n_matched[TRUES] = 0;
    for (int kind = FALSES; kind <= TRUES; kind++) {
        tuning->kind = kind;
        if (!events_read(tuning->source, path[kind], &visit, &tally[kind], why))
            return false;
        if (tally[kind].broken_off) {
            err_set(why, "broken off");
            return false;
        }
    }
    return true;
}

/* --- first reading: what could be said */

static void
take_values(void *context, uint64_t line, const struct alert *alert,
            struct arena *rest)
{
    struct tuning *tuning = context;
    uint64_t n = tuning->n_matched[tuning->kind];
    if (!counts(tuning, alert, rest))
        return;
    tuning->n_matched[tuning->kind]++;
    if (n >= TUNE_MAX_EVENTS)
        return;
    tuning->line[tuning->kind][n] = line;
    tune_values_add(
        tuning->values, alert, tuning->kind == TRUES,
        str_equal(tuning->detection->logsource.product, STR("thapcanh")));
}

static size_t
n_known(const struct tuning *tuning, int kind)
{
    uint64_t n = tuning->n_matched[kind];
    return n < TUNE_MAX_EVENTS ? (size_t)n : TUNE_MAX_EVENTS;
}

/* --- second reading: of which events it is true */

static void
ask_atoms(void *context, uint64_t line, const struct alert *alert,
          struct arena *rest)
{
    struct tuning *tuning = context;
    uint64_t n = tuning->n_matched[tuning->kind];
    (void)line;
    if (!counts(tuning, alert, rest))
        return;
    tuning->n_matched[tuning->kind]++;
    struct facts *facts = facts_new(tuning->asked, alert, rest);
    for (size_t i = 0; facts && n < TUNE_MAX_EVENTS && i < tuning->n_atoms;
         i++) {
        struct tune_atom *atom = &tuning->atoms[i];
        uint64_t *bits = tuning->kind == FALSES ? atom->falses : atom->trues;
        if (detection_match(rules_detection(tuning->asked, i), facts))
            bits[n / 64] |= UINT64_C(1) << (n % 64);
    }
}

/* Every atom as a detection; their ids sort as the atoms stand. */
static bool
make_atoms(struct tuning *tuning, struct arena *arena)
{
    struct complaints complaints = {0};
    struct buf text = {0};
    size_t n_words[] = {n_known(tuning, FALSES) / 64 + 1,
                        n_known(tuning, TRUES) / 64 + 1};
    bool fine = true;
    for (size_t i = 0; i < tuning->n_atoms && fine; i++) {
        struct tune_atom *atom = &tuning->atoms[i];
        buf_format(&text,
                   "---\ntitle: a\nid: a%05zu\nlogsource: {}\ndetection:\n"
                   "  s:\n    ",
                   i);
        tune_write_atom(&text, atom);
        buf_add(&text, STR("\n  condition: s\n"));
        atom->falses = arena_take(arena, n_words[FALSES], sizeof(uint64_t));
        atom->trues = arena_take(arena, n_words[TRUES], sizeof(uint64_t));
        fine = atom->falses && atom->trues;
    }
    if (fine && tuning->n_atoms > 0)
        tuning->asked = load_text(buf_str(&text), NULL, arena, &complaints);
    fine = fine && !text.full && complaints.n_errors == 0 &&
           (tuning->n_atoms == 0 ||
            (tuning->asked &&
             rules_n_detections(tuning->asked) == tuning->n_atoms));
    command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    buf_free(&text);
    return fine;
}

/* --- third reading: it does what it should */

static void
check_event(void *context, uint64_t line, const struct alert *alert,
            struct arena *rest)
{
    struct tuning *tuning = context;
    (void)line;
    if (!counts(tuning, alert, rest))
        return;
    tuning->n_matched[tuning->kind]++;
    bool held = matches(tuning->asked, tuning->filtered, alert, *rest);
    tuning->n_wrong += held != (tuning->kind == TRUES);
}

/* The rule's file and the filter, loaded as the service would. */
static bool
load_filtered(struct tuning *tuning, struct str filter, struct arena *arena)
{
    struct complaints complaints = {0};
    tuning->asked = load_text(filter, tuning->rule_path, arena, &complaints);
    tuning->filtered = NULL;
    for (size_t i = 0; tuning->asked && i < rules_n_detections(tuning->asked);
         i++)
        if (str_equal(rules_detection(tuning->asked, i)->id,
                      tuning->detection->id))
            tuning->filtered = rules_detection(tuning->asked, i);
    bool fine =
        tuning->filtered && complaints.n_errors == tuning->found.n_errors;
    if (!fine)
        command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    return fine;
}

/* --- what is said */

/* How many lines of both files the rule matches; false: nothing to do. */
static bool
say_matched(const struct tuning *tuning, const struct events_tally tally[2])
{
    const uint64_t *n = tuning->n_matched;
    fprintf(stderr,
            "the rule matches %llu of %llu events that it should not, and %llu "
            "of %llu that it should\n",
            (unsigned long long)n[FALSES],
            (unsigned long long)tally[FALSES].n_alerts,
            (unsigned long long)n[TRUES],
            (unsigned long long)tally[TRUES].n_alerts);
    uint64_t n_unreadable =
        tally[FALSES].n_unreadable + tally[TRUES].n_unreadable;
    if (n_unreadable > 0)
        fprintf(stderr, "%llu lines could not be read\n",
                (unsigned long long)n_unreadable);
    if (n[FALSES] == 0)
        fprintf(stderr, "there is nothing to filter\n");
    else if (n[TRUES] == 0)
        fprintf(stderr,
                "no filter: without an event that the rule rightly matches, "
                "nothing tells\nwhat must stay, and the best filter would turn "
                "the rule off\n");
    return n[FALSES] > 0 && n[TRUES] > 0;
}

static void
say_none(const struct tuning *tuning, enum tune_says says,
         const struct tune_choice *choice)
{
    struct buf avoided = {0};
    tune_values_avoided(tuning->values, &avoided);
    if (says == TUNE_ALIKE)
        fprintf(stderr,
                "no filter: line %llu of %s has all that could be said of it "
                "in common with line %llu of %s\n",
                (unsigned long long)tuning->line[FALSES][choice->alike[0]],
                tuning->wish->false_ones,
                (unsigned long long)tuning->line[TRUES][choice->alike[1]],
                tuning->wish->true_ones);
    else
        fprintf(stderr,
                "no filter: it would take more than %d selections, or more "
                "than %d conditions\nin one, which is a list of what happened "
                "and holds for nothing else\n",
                (int)TUNE_MAX_MAPS, (int)TUNE_MAX_TOGETHER);
    if (avoided.len > 0)
        fprintf(stderr,
                "not used, because they change from event to event: "
                "%.*s\n",
                STR_ARG(buf_str(&avoided)));
    buf_free(&avoided);
}

/* --- the whole */

static bool
check_filter(struct tuning *tuning, struct str filter, struct arena *arena,
             struct err *why)
{
    struct events_tally tally[2];
    if (!load_filtered(tuning, filter, arena)) {
        err_set(
            why,
            "the filter that was found does not load, so nothing is proposed");
        return false;
    }
    tuning->n_wrong = 0;
    if (!read_both(tuning, "checking the filter", check_event, tally, why))
        return false;
    if (tuning->n_wrong > 0)
        err_set(
            why,
            "the filter that was found is wrong for %llu events, so "
            "the filter that was found does not load, so nothing is proposed",
            (unsigned long long)tuning->n_wrong);
    return tuning->n_wrong == 0;
}

/* EXIT_OK, or EXIT_CHECK having said why. */
static int
propose(struct tuning *tuning, struct arena *arena, struct err *why)
{
    struct events_tally tally[2];
    struct tune_choice choice;
    if (!read_both(tuning, "reading", take_values, tally, why))
        return EXIT_CHECK;
    if (!say_matched(tuning, tally))
        return tuning->n_matched[FALSES] == 0 ? EXIT_OK : EXIT_CHECK;
    tuning->n_atoms = tune_values_atoms(tuning->values, arena, &tuning->atoms);
    if (!make_atoms(tuning, arena)) {
        err_set(why, "what could be said of the events does not load");
        return EXIT_CHECK;
    }
    if (tuning->n_atoms > 0 &&
        !read_both(tuning, "comparing", ask_atoms, tally, why))
        return EXIT_CHECK;
    const struct tune_events events = {tuning->atoms, tuning->n_atoms,
                                       n_known(tuning, FALSES),
                                       n_known(tuning, TRUES)};
    enum tune_says says = tune_choose(&events, *arena, &choice);
    if (says != TUNE_FOUND) {
        say_none(tuning, says, &choice);
        return EXIT_CHECK;
    }
    struct buf selection = {0}, filter = {0};
    tune_write_selection(&selection, tuning->atoms, &choice);
    tune_write_filter(&filter, tuning->detection, buf_str(&selection),
                      tuning->n_matched);
    bool fine = check_filter(tuning, buf_str(&filter), arena, why);
    if (fine)
        command_print(stdout, &filter);
    buf_free(&selection);
    buf_free(&filter);
    return fine ? EXIT_OK : EXIT_CHECK;
}

/* The rule: a file with one detection, or one of --rules. */
static bool
find_rule(struct tuning *tuning, struct arena *arena, struct err *why)
{
    const struct rules_wish *wish = tuning->wish;
    tuning->rule_path = wish->rules ? wish->rules : wish->args[0];
    tuning->rules =
        rules_of(&(struct rules_source_files){&tuning->rule_path, 1,
                                              wish->calendar, false},
                 arena, &tuning->found);
    if (!tuning->rules) {
        err_set(why, "no rules");
        return false;
    }
    if (wish->rules)
        tuning->detection =
            rules_named(tuning->rules, wish->args[0], *arena, why);
    else if (rules_n_detections(tuning->rules) == 1)
        tuning->detection = rules_detection(tuning->rules, 0);
    else
        err_set(why,
                "%s has %zu detections: give it as --rules, and the rule's "
                "id, name or title",
                wish->args[0], rules_n_detections(tuning->rules));
    return tuning->detection != NULL;
}

int
rules_tune(const struct rules_wish *wish, struct arena *arena)
{
    struct err why = {""};
    struct tuning tuning = {.wish = wish};
    if (!wish->source || !wish->false_ones || !wish->true_ones ||
        wish->n_args != 1)
        return rules_missing("tune",
                             "RULE, --source NAME, --false FILE, --true FILE");
    if (strcmp(wish->false_ones, "-") == 0 || strcmp(wish->true_ones, "-") == 0)
        return rules_missing("tune", "files that it can read again, not '-'");
    interrupt_catch();
    tuning.source = rules_source(wish, wish->source, arena);
    tuning.values = tune_values_new();
    for (int kind = FALSES; kind <= TRUES; kind++)
        tuning.line[kind] =
            arena_take_raw(arena, TUNE_MAX_EVENTS, sizeof(uint64_t));
    int code = EXIT_CHECK;
    if (!tuning.values || !tuning.line[TRUES])
        err_set(&why, "out of memory");
    else if (tuning.source && find_rule(&tuning, arena, &why))
        code = propose(&tuning, arena, &why);
    if (why.text[0] != '\0')
        fprintf(stderr, "thapcanh rules tune: %s\n", why.text);
    tune_values_free(tuning.values);
    return code;
}
