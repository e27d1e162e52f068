/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as rules, and any event behind them (after a NUL): no crash, a
 * rule is loaded or refused with a reason, and the evaluator, its explanation
 * and the router end and agree.
 * seeds: rules tests/cases tests/fuzz/corpus/rules */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "correlate/lint.h"
#include "correlate/route.h"
#include "fuzz.h"

static const struct rules *
load(struct str text, struct arena *arena, struct complaints *complaints)
{
    char path[64];
    const char *paths[] = {path};
    int file = memfd_create("rules", MFD_CLOEXEC);
    assert(file >= 0);
    assert(write(file, text.at, text.len) == (ssize_t)text.len);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    const struct rules *rules = rules_load(paths, 1, true, arena, complaints);
    close(file);
    return rules;
}

static void
evaluate(const struct rules *rules, const struct alert *alert,
         struct arena scratch)
{
    struct buf out = {.max_bytes = 1 << 20};
    struct facts *facts = facts_new(rules, alert, &scratch);
    assert(facts);
    for (size_t i = 0; i < rules_n_detections(rules); i++) {
        const struct detection *detection = rules_detection(rules, i);
        bool match = detection_match(detection, facts);
        assert(match == detection_match(detection, facts));
        detection_explain(detection, facts, &out);
        assert(detection->feeds || detection->n_feeds == 0);
    }
    buf_free(&out);
}

/* What is said of rules ends, and is one line each. */
static void
lint(const struct rules *rules, struct arena arena)
{
    struct lint *lint = lint_new(rules, &arena);
    assert(lint);
    for (size_t i = 0; i < rules_n_detections(rules); i++) {
        struct complaints complaints = {0};
        size_t n = lint_detection(lint, i, arena, &complaints);
        assert((n > 0) == (complaints.n_warnings > 0));
        assert(complaints.n_warnings <= 21 && complaints.n_errors == 0);
        complaints_free(&complaints);
    }
    lint_free(lint);
}

static void
route(const struct rules *rules, const struct alert *alert,
      struct arena scratch)
{
    struct route *route = route_new(rules, NULL, NULL);
    struct window_batch *batch = window_batch_new(4);
    struct matched out;
    assert(route && batch);
    route_ops()->match(route, alert, &scratch, batch, &out);
    for (size_t i = 1; i < out.n_rules; i++)
        assert(str_compare(out.rules[i - 1], out.rules[i]) < 0);
    for (size_t i = 1; i < out.n_windows; i++)
        assert(str_compare(out.windows[i - 1], out.windows[i]) < 0);
    window_batch_free(batch);
    route_free(route);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena, scratch;
    static struct json_reader *reader;
    if (!reader) {
        arena = arena_reserve(RULES_ARENA_BYTES);
        scratch = arena_reserve((size_t)256 << 20);
        reader = json_reader_new();
    }
    assert(arena.at && scratch.at && reader);
    struct arena rest = arena, events = scratch;
    struct complaints complaints = {0};
    struct str text = {(const char *)data, size}, event = STR("{}");
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    if (nul) {
        text.len = (size_t)(nul - data);
        event = (struct str){(const char *)nul + 1, size - text.len - 1};
    }
    const struct rules *rules = load(text, &rest, &complaints);
    assert(rules);
    assert(rules_n_refused(rules) == 0 || complaints.n_errors > 0);
    lint(rules, rest);
    struct alert alert = {.source = STR("fuzz")};
    if (json_read(reader, event, &events, &alert.event) == JSON_FINE) {
        evaluate(rules, &alert, events);
        route(rules, &alert, events);
    }
    complaints_free(&complaints);
    return 0;
}
