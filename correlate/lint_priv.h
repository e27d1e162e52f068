/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of linting, each a file: modifiers, values against one another,
 * values against what a field can be, and whether a rule has a witness. */
#ifndef CORRELATE_LINT_PRIV_H
#define CORRELATE_LINT_PRIV_H

#include "correlate/facts.h"
#include "correlate/lint.h"

struct lint_names; /* how fields are called, by log source */

/* One detection being looked at. */
struct linting {
    const struct rules *rules;
    struct lint_names *names;
    const struct detection *detection;
    struct complaints *complaints;
    struct arena *scratch;
    size_t n; /* warnings so far */
};

/* Counts, and says the first few. */
void lint_warn(struct linting *linting, struct place place, const char *format,
               ...) __attribute__((format(printf, 3, 4)));
/* A text of the rule, short and harmless, in the scratch. */
struct str lint_shown(struct linting *linting, struct str text);
/* Whether its values are texts that are compared as they are written: neither
 * encoded nor another kind of test. */
bool lint_is_text(const struct item *item);

void lint_modifiers(struct linting *linting, const struct item *item);
/* Twice the same, and what another one makes useless. */
void lint_values(struct linting *linting, const struct item *item);
/* Whether the one holds wherever the other does; false when it is not known. */
bool lint_covers(const struct test *test, const struct test *other);
/* Of one line: what its field can never be. */
void lint_field(struct linting *linting, const struct item *item);
/* NULL: no memory. */
struct lint_names *lint_names_new(const struct rules *rules,
                                  struct arena *arena);
void lint_names_free(struct lint_names *names);
/* Of one line: whether its field is nearly another one. */
void lint_name(struct linting *linting, const struct item *item);
/* Of the lines of one map: what can never hold together. */
void lint_group(struct linting *linting, const struct group *group);
/* Whether the condition, and each search in it, can make a difference. */
void lint_condition(struct linting *linting);
/* Whether the rule can hold of an event that has nothing of what it names. */
void lint_witness(struct linting *linting);

#endif
