/* SPDX-License-Identifier: Apache-2.0
 *
 * The loader refuses what cannot be right; what can be right and hardly is, is
 * said here, after loading, on the compiled rule. A lint must be worth reading:
 * it says nothing of what may be meant so. */
#include "correlate/lint_priv.h"

#include "base/table.h"
#include "base/visible.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WARNINGS = 20, MAX_SHOWN = 60 };

struct by_meaning {
    struct digest meaning;
    uint32_t number;
};

struct lint {
    const struct rules *rules;
    const struct by_meaning *by_meaning; /* sorted */
    struct lint_names *names;
    struct table
        *seen; /* places of searches of filters, which many rules have */
};

/* --- what the parts share */

void
lint_warn(struct linting *linting, struct place place, const char *format, ...)
{
    char message[512];
    va_list args;
    if (++linting->n > MAX_WARNINGS)
        return;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    complain_warning(linting->complaints, place, "%s", message);
}

struct str
lint_shown(struct linting *linting, struct str text)
{
    struct buf buf = {.at = arena_take_raw(linting->scratch, 1, 4 * MAX_SHOWN),
                      .cap = 4 * MAX_SHOWN,
                      .max_bytes = 4 * MAX_SHOWN};
    if (!buf.at)
        return STR("…");
    buf_visible(&buf, text, MAX_SHOWN);
    return buf_str(&buf);
}

bool
lint_is_text(const struct item *item)
{
    bool is_text = !item_has(item, "base64") && !item_has(item, "base64offset");
    for (size_t i = 0; i < item->n_values && is_text; i++)
        is_text = item->value[i].n_tests == 1 &&
                  item->value[i].test->type == TEST_PATTERN;
    return is_text;
}

/* --- rules that say the same */

static int
by_meaning(const void *a, const void *b)
{
    const struct by_meaning *x = a, *y = b;
    int order = memcmp(&x->meaning, &y->meaning, sizeof x->meaning);
    return order != 0 ? order
                      : (x->number > y->number) - (x->number < y->number);
}

static int
meaning_order(const void *key, const void *member)
{
    const struct by_meaning *one = member;
    return memcmp(key, &one->meaning, sizeof one->meaning);
}

struct lint *
lint_new(const struct rules *rules, struct arena *arena)
{
    size_t n = rules->n_detections;
    struct lint *lint = arena_take(arena, 1, sizeof *lint);
    struct by_meaning *sorted = arena_take(arena, n + 1, sizeof *sorted);
    if (!lint || !sorted)
        return NULL;
    for (size_t i = 0; i < n; i++)
        sorted[i] =
            (struct by_meaning){rules->detection[i]->meaning, (uint32_t)i};
    qsort(sorted, n, sizeof *sorted, by_meaning);
    *lint = (struct lint){.rules = rules,
                          .by_meaning = sorted,
                          .names = lint_names_new(rules, arena),
                          .seen = table_new(MAX_RULES)};
    if (lint->names && lint->seen)
        return lint;
    lint_free(lint);
    return NULL;
}

void
lint_free(struct lint *lint)
{
    if (!lint)
        return;
    lint_names_free(lint->names);
    table_free(lint->seen);
}

/* Said of each but the first of those that are equal. */
static void
equal_rules(const struct lint *lint, struct linting *linting, size_t number)
{
    const struct detection *detection = linting->detection;
    const struct by_meaning *all = lint->by_meaning;
    const struct by_meaning *at =
        bsearch(&detection->meaning, all, lint->rules->n_detections,
                sizeof *all, meaning_order);
    while (at && at > all && meaning_order(&detection->meaning, at - 1) == 0)
        at--;
    if (!at || at->number == number)
        return;
    const struct detection *first = lint->rules->detection[at->number];
    lint_warn(linting, detection->place,
              "the same log source and detection as '%.*s' (%s:%u): whatever "
              "matches one matches both",
              STR_ARG(lint_shown(linting, first->id)), first->place.file,
              first->place.line);
}

/* --- all of one rule */

static void
each_item(struct linting *linting, const struct search *search)
{
    for (size_t i = 0; i < search->n_groups; i++) {
        const struct group *group = &search->group[i];
        for (size_t j = 0; j < group->n_items; j++) {
            struct arena kept = *linting->scratch;
            lint_modifiers(linting, &group->item[j]);
            lint_values(linting, &group->item[j]);
            lint_field(linting, &group->item[j]);
            lint_name(linting, &group->item[j]);
            *linting->scratch = kept;
        }
        lint_group(linting, group);
    }
}

/* A search of the rule itself, or of a filter that no rule before it has. */
static bool
is_new(const struct lint *lint, const struct detection *detection,
       const struct search *search)
{
    char text[4200];
    const struct place *place = &search->place;
    bool is_new = true;
    if (place->file == detection->place.file ||
        strcmp(place->file, detection->place.file) == 0)
        return true;
    int len = snprintf(text, sizeof text, "%u:%u:%s", place->line,
                       place->column, place->file);
    table_add(lint->seen, str_cut(str_of(text), 0, (size_t)len), &is_new);
    return is_new;
}

size_t
lint_detection(const struct lint *lint, size_t number, struct arena scratch,
               struct complaints *complaints)
{
    const struct detection *detection = lint->rules->detection[number];
    const struct logic *logic = detection->logic;
    struct linting linting = {.rules = lint->rules,
                              .names = lint->names,
                              .detection = detection,
                              .complaints = complaints,
                              .scratch = &scratch};
    equal_rules(lint, &linting, number);
    for (size_t i = 0; i < logic->n_searches; i++)
        if (is_new(lint, detection, &logic->search[i]))
            each_item(&linting, &logic->search[i]);
    lint_condition(&linting);
    lint_witness(&linting);
    if (linting.n > MAX_WARNINGS)
        complain_warning(complaints, detection->place,
                         "… and %zu more in this rule",
                         linting.n - MAX_WARNINGS);
    return linting.n;
}
