/* SPDX-License-Identifier: Apache-2.0
 *
 * One reading of the events: which of the named rules match which lines is
 * noted in bits, what a rule does that nobody named is said at once. Then what
 * was noted is held against what was expected. */
#include "base/visible.h"
#include "rules_events.h"
#include "rules_expect.h"

#include <string.h>

enum { MAX_SAID = 20, MAX_LINES = 1 << 20 };

struct noted {
    uint64_t *fired;
};

struct running {
    const struct expect *expect;
    const struct rules *rules;
    struct noted *noted;  /* by expected rule */
    uint64_t *with_event; /* lines that have one */
    uint32_t *expected;   /* by detection: 1 + number in `expect`, or 0 */
    uint64_t *said_of;    /* by detection: the line it was last said of */
    uint64_t last, n_wrong;
};

static void
say(struct running *running, uint64_t line, const struct detection *detection,
    const char *what)
{
    struct buf out = {0};
    if (++running->n_wrong > MAX_SAID)
        return;
    buf_format(&out, "%s:%llu: '", running->expect->events,
               (unsigned long long)line);
    buf_visible(&out, detection->title, 80);
    buf_add(&out, STR("' ("));
    buf_visible(&out, detection->id, 80);
    printf("%.*s) %s\n", STR_ARG(buf_str(&out)), what);
    buf_free(&out);
}

static void
set(uint64_t *bits, uint64_t line)
{
    bits[line / 64] |= UINT64_C(1) << (line % 64);
}

static bool
is_set(const uint64_t *bits, uint64_t line)
{
    return line < MAX_LINES && (bits[line / 64] >> (line % 64) & 1) != 0;
}

static void
note(void *context, uint64_t line, const struct alert *alert,
     struct arena *rest)
{
    struct running *running = context;
    const struct expect *expect = running->expect;
    struct facts *facts = facts_new(running->rules, alert, rest);
    if (line >= MAX_LINES)
        return;
    set(running->with_event, line);
    running->last = line;
    for (size_t i = 0; facts && i < rules_n_detections(running->rules); i++) {
        const struct detection *detection = rules_detection(running->rules, i);
        uint32_t number = running->expected[i];
        if ((number == 0 && expect->others) ||
            (!expect->any_logsource && !detection_routed(detection, alert)) ||
            !detection_match(detection, facts))
            continue;
        if (number > 0)
            set(running->noted[number - 1].fired, line);
        else if (running->said_of[i] != line)
            say(running, line, detection, "fires, and is not expected at all");
        running->said_of[i] = line;
    }
}

/* --- against what was expected */

static bool
wants(const struct expect_rule *rule, const struct running *running,
      uint64_t line)
{
    bool wanted = rule->all && is_set(running->with_event, line);
    for (size_t i = 0; i < rule->n_lines && !wanted; i++)
        wanted = line >= rule->lines[i].from && line <= rule->lines[i].to;
    return wanted;
}

static void
compare(struct running *running, const struct expect_rule *rule,
        const struct noted *noted)
{
    uint64_t last = running->last;
    for (uint64_t line = 1; line <= last; line++) {
        bool wanted = wants(rule, running, line);
        bool fired = is_set(noted->fired, line);
        if (wanted != fired)
            say(running, line, rule->detection,
                fired ? "fires, and must not"
                : is_set(running->with_event, line)
                    ? "does not fire"
                    : "has no event to fire on");
    }
    for (size_t i = 0; i < rule->n_lines; i++)
        if (rule->lines[i].to > last)
            say(running, rule->lines[i].to, rule->detection,
                "is expected behind the last event");
}

/* --- the whole */

static bool
prepare(struct running *running, struct arena *arena)
{
    const struct expect *expect = running->expect;
    size_t n = rules_n_detections(running->rules), n_words = MAX_LINES / 64;
    running->noted =
        arena_take(arena, expect->n_rules + 1, sizeof *running->noted);
    running->expected = arena_take(arena, n + 1, sizeof *running->expected);
    running->said_of = arena_take(arena, n + 1, sizeof *running->said_of);
    running->with_event = arena_take(arena, n_words, sizeof(uint64_t));
    bool fine = running->noted && running->expected && running->said_of &&
                running->with_event;
    for (size_t i = 0; fine && i < expect->n_rules; i++) {
        running->noted[i].fired = arena_take(arena, n_words, sizeof(uint64_t));
        fine = running->noted[i].fired != NULL;
        for (size_t j = 0; j < n; j++)
            if (rules_detection(running->rules, j) == expect->rule[i].detection)
                running->expected[j] = (uint32_t)i + 1;
    }
    return fine;
}

bool
expect_run(const struct expect *expect, const struct rules *rules,
           struct arena *arena, uint64_t *n_events, uint64_t *n_wrong,
           struct err *why)
{
    struct running running = {.expect = expect, .rules = rules};
    struct events_tally tally = {0};
    const struct events_visit visit = {
        .context = &running, .each = note, .progress = "testing"};
    if (!prepare(&running, arena)) {
        err_set(why, "too many rules are expected in one file");
        return false;
    }
    if (!events_read(expect->source, expect->events, &visit, &tally, why))
        return false;
    if (tally.n_lines >= MAX_LINES) {
        err_set(why, "%s: more than %d lines", expect->events, (int)MAX_LINES);
        return false;
    }
    for (size_t i = 0; i < expect->n_rules; i++)
        compare(&running, &expect->rule[i], &running.noted[i]);
    if (running.n_wrong > MAX_SAID)
        printf("%s: … and %llu more\n", expect->events,
               (unsigned long long)(running.n_wrong - MAX_SAID));
    *n_events += tally.n_alerts;
    *n_wrong += running.n_wrong;
    const struct expect_incidents_run incidents = {
        .expected = &expect->incidents,
        .rules = rules,
        .source = expect->source,
        .events = expect->events,
        .others = expect->others,
    };
    if (!expect_incidents_run(&incidents, arena, n_wrong, why))
        return false;
    if (tally.n_unreadable > 0)
        err_set(why, "%s: %llu events cannot be read", expect->events,
                (unsigned long long)tally.n_unreadable);
    return tally.n_unreadable == 0;
}
