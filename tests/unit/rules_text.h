/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of rules: a rule set from a text, an alert from an event. */
#ifndef TESTS_UNIT_RULES_TEXT_H
#define TESTS_UNIT_RULES_TEXT_H

#include "correlate/matcher.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct arena arena, scratch;
static char *arena_start, *scratch_start;
static struct complaints complaints;
static struct json_reader *reader;

static inline void
setup(void)
{
    arena = arena_reserve(RULES_ARENA_BYTES);
    scratch = arena_reserve((size_t)256 << 20);
    arena_start = arena.at;
    scratch_start = scratch.at;
    reader = json_reader_new();
    cr_assert(arena_start && scratch_start && reader);
}

static inline void
teardown(void)
{
    complaints_free(&complaints);
    json_reader_free(reader);
    arena_release(arena_start, arena);
    arena_release(scratch_start, scratch);
}

/* Loads a text; forgets rules and complaints of the one before. */
static inline const struct rules *
load_rules(struct str text)
{
    char path[64];
    const char *paths[] = {path};
    int file = memfd_create("rules", MFD_CLOEXEC);
    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text.at, text.len), (ssize_t)text.len);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    arena.at = arena_start;
    complaints_free(&complaints);
    const struct rules *rules = rules_load(paths, 1, true, &arena, &complaints);
    close(file);
    cr_assert_not_null(rules, "%.*s", STR_ARG(buf_str(&complaints.text)));
    return rules;
}

/* "title, id, logsource" and what is given, with two blanks before it. */
static inline const struct rules *
load_detection(const char *detection)
{
    struct buf text = {0};
    buf_format(&text,
               "title: t\nid: r\nlogsource: {product: any}\ndetection:\n%s\n",
               detection);
    const struct rules *rules = load_rules(buf_str(&text));
    buf_free(&text);
    return rules;
}

static inline void
read_event(const char *json, struct arena *rest, struct alert *alert)
{
    *alert = (struct alert){.source = STR("test")};
    cr_assert_eq(json_read(reader, str_of(json), rest, &alert->event),
                 JSON_FINE, "%s", json);
}

/* What the matcher says of the first detection. */
static inline bool
found(const struct rules *rules, const struct alert *alert, struct arena rest)
{
    const struct matcher *matcher = rules_matcher(rules);
    uint32_t held[64];
    cr_assert_leq(rules_n_detections(rules), sizeof held / sizeof *held);
    struct matching *matching = matching_new(matcher);
    struct facts *facts = facts_new(rules, alert, &rest);
    cr_assert(matching && facts);
    size_t n = matcher_find(matcher, matching, facts, alert, true, held);
    matching_free(matching);
    return n > 0 && held[0] == 0;
}

/* Whether the first detection of `rules` matches: as the obvious evaluator
 * says and the matcher, who must agree. */
static inline bool
matches(const struct rules *rules, const struct alert *alert, struct arena rest)
{
    struct facts *facts = facts_new(rules, alert, &rest);
    cr_assert_not_null(facts);
    bool holds = detection_match(rules_detection(rules, 0), facts);
    cr_expect_eq(found(rules, alert, rest), holds, "evaluator and matcher");
    return holds;
}

static inline bool
matches_event(const struct rules *rules, const char *json)
{
    struct arena rest = scratch;
    struct alert alert;
    read_event(json, &rest, &alert);
    return matches(rules, &alert, rest);
}

#endif
