/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rules explain`: for each event of a file, why the detections of a
 * rule file (or one of --rules) match it or not. */
#include "base/visible.h"
#include "commands.h"
#include "interrupt.h"
#include "rules.h"
#include "rules_events.h"

struct telling {
    const struct rules *rules;
    const struct detection *only; /* NULL: all of them */
    struct buf out;
};

static void
put_logsource(struct buf *out, const struct logsource *of)
{
    const struct str parts[] = {of->product, of->category, of->service};
    for (size_t i = 0; i < 3; i++) {
        buf_add(out, i > 0 ? STR("/") : STR(""));
        if (parts[i].len > 0)
            buf_visible(out, parts[i], 60);
        else
            buf_char(out, '*');
    }
}

static void
tell_of(struct telling *telling, const struct detection *detection,
        const struct alert *alert, struct facts *facts, uint64_t line)
{
    struct buf *out = &telling->out;
    bool routed = detection_routed(detection, alert);
    bool match = detection_match(detection, facts);
    buf_format(out, "line %llu: ", (unsigned long long)line);
    buf_visible(out, detection->title, 120);
    buf_add(out, STR(" ("));
    buf_visible(out, detection->id, 120);
    buf_format(out, "): %s\n",
               !match   ? "no match"
               : routed ? "match"
                        : "no match, though only for its log source");
    buf_format(out, "  %s logsource: the rule's ", routed ? "yes" : "no ");
    put_logsource(out, &detection->logsource);
    buf_add(out, STR(", the event's "));
    put_logsource(out, &alert->logsource);
    buf_char(out, '\n');
    detection_explain(detection, facts, out);
}

static void
tell(void *context, uint64_t line, const struct alert *alert,
     struct arena *rest)
{
    struct telling *telling = context;
    for (size_t i = 0; i < rules_n_detections(telling->rules); i++) {
        const struct detection *detection = rules_detection(telling->rules, i);
        struct arena here = *rest;
        if (telling->only && telling->only != detection)
            continue;
        struct facts *facts = facts_new(telling->rules, alert, &here);
        if (facts)
            tell_of(telling, detection, alert, facts, line);
        command_print(stdout, &telling->out);
        buf_clear(&telling->out);
    }
}

static void
tell_unreadable(void *context, uint64_t line, struct str why)
{
    (void)context;
    printf("line %llu: %.*s\n", (unsigned long long)line, STR_ARG(why));
}

static bool
find_rules(const struct rules_wish *wish, struct arena *arena,
           struct telling *telling, struct err *why)
{
    const char *path = wish->rules ? wish->rules : wish->args[0];
    telling->rules =
        rules_of(&(struct rules_source_files){&path, 1, wish->calendar, false},
                 arena, NULL);
    if (!telling->rules) {
        err_set(why, "no rules");
        return false;
    }
    if (wish->rules) {
        telling->only = rules_named(telling->rules, wish->args[0], *arena, why);
        return telling->only != NULL;
    }
    if (rules_n_detections(telling->rules) == 0)
        err_set(why, "%s: no detection in it", path);
    return rules_n_detections(telling->rules) > 0;
}

int
rules_explain(const struct rules_wish *wish, struct arena *arena)
{
    struct err why = {""};
    struct telling telling = {.only = NULL};
    struct events_tally tally = {0};
    const struct events_visit visit = {.context = &telling,
                                       .each = tell,
                                       .unreadable = tell_unreadable,
                                       .only = wish->line};
    if (!wish->source || wish->n_args != 2)
        return rules_missing("explain", "--source NAME, RULE and FILE");
    const struct source *source = rules_source(wish, wish->source, arena);
    if (!source)
        return EXIT_CHECK;
    interrupt_catch();
    bool fine = find_rules(wish, arena, &telling, &why) &&
                events_read(source, wish->args[1], &visit, &tally, &why);
    if (fine && wish->line > 0 && tally.n_lines == 0) {
        err_set(&why, "%s has no line %llu", wish->args[1],
                (unsigned long long)wish->line);
        fine = false;
    }
    if (fine && tally.n_alerts + tally.n_unreadable == 0) {
        err_set(&why, "%s: no event in it", wish->args[1]);
        fine = false;
    }
    if (!fine)
        fprintf(stderr, "thapcanh rules explain: %s\n", why.text);
    buf_free(&telling.out);
    return fine && !tally.broken_off ? EXIT_OK : EXIT_CHECK;
}
