/* SPDX-License-Identifier: Apache-2.0
 *
 * The matcher against the obvious evaluator. Bytes that begin with a letter or
 * a sign are the text of rules, and behind a NUL an event; any others are the
 * choices by which a few rules and events are invented. Events made of each
 * rule, and nearly so, come besides. Every verdict must be the same.
 * seeds: rules/processes.yml tests/cases/sigma tests/fuzz/corpus/match */
#include <stdio.h>

#include "fuzz.h"
#include "tests/tools/agree.h"
#include "tests/tools/invent.h"
#include "tests/tools/solve.h"

enum { MAX_SOLVED = 12, N_EVENTS = 4 };

struct fuzz_run {
    struct arena scratch, room;
    struct json_reader *reader;
    struct solver solver;
    struct agreement agreement;
    struct made_event made;
    struct buf text, event;
};

static void
same(struct fuzz_run *run, const struct alert *alert, struct str json,
     struct arena rest)
{
    const struct views views = {alert, alert, alert};
    struct disagreement d = agree(&run->agreement, &views, rest);
    if (!d.detection)
        return;
    fprintf(stderr, "rule %.*s %s%s:\n%.*s\n%.*s\n", STR_ARG(d.detection->id),
            d.what, d.any_logsource ? ", any log source" : "", STR_ARG(json),
            STR_ARG(buf_str(&run->text)));
    abort();
}

static void
same_event(struct fuzz_run *run, struct str json)
{
    struct arena rest = run->scratch;
    struct alert alert = {.source = STR("fuzz")};
    if (json_read(run->reader, json, &rest, &alert.event) != JSON_FINE)
        return;
    same(run, &alert, json, rest);
    if (run->agreement.n > 0)
        alert.logsource = rules_detection(run->agreement.rules, 0)->logsource;
    same(run, &alert, json, rest);
}

static void
same_made(struct fuzz_run *run, const struct detection *detection)
{
    struct arena rest = run->scratch;
    struct alert alert = {.logsource = detection->logsource};
    buf_clear(&run->event);
    made_print(&run->made, MADE_FLAT, &detection->logsource, &run->event);
    if (made_decide(&run->made, &alert) &&
        json_read(run->reader, buf_str(&run->event), &rest, &alert.event) ==
            JSON_FINE)
        same(run, &alert, buf_str(&run->event), rest);
}

static void
same_solved(struct fuzz_run *run, const struct detection *detection)
{
    struct arena rest = run->room;
    if (solve(&run->solver, detection, &rest, &run->made) != UNSOLVED_NOT)
        return;
    same_made(run, detection);
    if (solve_near(&run->solver, detection, &run->made))
        same_made(run, detection);
}

/* The rules' text from the bytes; what is behind a NUL is `*event`. */
static void
rules_text(struct fuzz_run *run, struct str bytes, struct chance *chance,
           struct str *event)
{
    *event = STR("{}");
    buf_clear(&run->text);
    if (bytes.len == 0 || (unsigned char)bytes.at[0] < ' ' ||
        (unsigned char)bytes.at[0] > '~') {
        *chance = chance_from(str_cut(bytes, 1, bytes.len));
        invent_rules(chance, 1 + roll(chance, 6), &run->text);
        return;
    }
    const char *nul = memchr(bytes.at, 0, bytes.len);
    size_t len = nul ? (size_t)(nul - bytes.at) : bytes.len;
    *chance = chance_from(bytes);
    chance->at = chance->end = NULL; /* the seed that they make */
    buf_add(&run->text, str_cut(bytes, 0, len));
    if (nul)
        *event = str_cut(bytes, len + 1, bytes.len);
}

static void
play(struct fuzz_run *run, struct str event, struct chance *chance)
{
    struct agreement *agreement = &run->agreement;
    run->solver.chance = chance;
    run->solver.rules = agreement->rules;
    same_event(run, event);
    for (int i = 0; i < N_EVENTS; i++) {
        struct buf invented = {0};
        invent_event(chance, &invented);
        same_event(run, buf_str(&invented));
        buf_free(&invented);
    }
    for (size_t i = 0; i < agreement->n && i < MAX_SOLVED; i++)
        same_solved(run, rules_detection(agreement->rules, i));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct fuzz_run run;
    static struct arena arena;
    if (!run.reader) {
        arena = fuzz_arena(RULES_ARENA_BYTES);
        run.scratch = fuzz_arena((size_t)256 << 20);
        run.room = fuzz_arena((size_t)256 << 20);
        run.reader = json_reader_new();
        run.solver = (struct solver){.reader = run.reader, .n_tries = 20};
        run.solver.scratch = run.scratch;
    }
    assert(run.reader);
    struct arena rest = arena;
    struct complaints complaints = {0};
    struct chance chance;
    struct str event;
    rules_text(&run, (struct str){(const char *)data, size}, &chance, &event);
    const char *path = fuzz_file(0, run.text.at, run.text.len);
    const struct rules *rules = rules_load(&path, 1, false, &rest, &complaints);
    assert(rules && agreement_new(&run.agreement, rules));
    play(&run, event, &chance);
    agreement_free(&run.agreement);
    complaints_free(&complaints);
    return 0;
}
