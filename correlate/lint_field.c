/* SPDX-License-Identifier: Apache-2.0
 *
 * What a value can never be: of decided fields the words are known, others
 * have a form. */
#include "correlate/lint_priv.h"

#include <string.h>

enum { MAX_WORDS = 32 };

/* --- fields whose words are known */

static size_t
words_of(enum field_kind kind, struct str words[MAX_WORDS])
{
    static const struct str digits[] = {
        {"1", 1}, {"2", 1}, {"3", 1}, {"4", 1}, {"5", 1}};
    size_t n = 0;
    if (kind == FIELD_KIND)
        for (; n < N_KINDS; n++)
            words[n] = kind_id((enum kind)n);
    else if (kind == FIELD_SEVERITY)
        for (; n < N_SEVERITIES; n++)
            words[n] = severity_id((enum severity)n);
    else if (kind == FIELD_LEVEL)
        for (; n < 5; n++)
            words[n] = digits[n];
    else if (kind == FIELD_LATE)
        for (; n < 2; n++)
            words[n] = n == 0 ? STR("true") : STR("false");
    return n;
}

/* Whether the value can be true of one of the words. */
static bool
true_of_one(struct linting *linting, const struct value *value,
            const struct str *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct arena scratch = *linting->scratch;
        struct fact fact = {.type = JSON_STRING, .text = words[i]};
        const struct fact_list list = {.first = &fact, .there = true};
        struct facts facts = {.rules = linting->rules, .scratch = &scratch};
        for (size_t j = 0; j < value->n_tests; j++)
            if (value->test[j].type == TEST_NULL ||
                value->test[j].type == TEST_EXISTS ||
                value->test[j].type == TEST_FIELDREF ||
                test_holds(&value->test[j], &list, &facts, NULL))
                return true;
    }
    return false;
}

static void
known_words(struct linting *linting, const struct item *item,
            const struct field *field)
{
    struct str words[MAX_WORDS];
    size_t n = words_of(field->kind, words);
    for (size_t i = 0; n > 0 && i < item->n_values; i++) {
        const struct value *value = &item->value[i];
        struct str near = str_nearest(value->written, words, n);
        if (true_of_one(linting, value, words, n))
            continue;
        if (near.len > 0)
            lint_warn(linting, value->place,
                      "'%.*s' is never '%.*s' (did you mean '%.*s'?)",
                      STR_ARG(field->name),
                      STR_ARG(lint_shown(linting, value->written)),
                      STR_ARG(near));
        else
            lint_warn(linting, value->place,
                      "'%.*s' is never '%.*s'; it is decided, never taken "
                      "from an event",
                      STR_ARG(field->name),
                      STR_ARG(lint_shown(linting, value->written)));
    }
}

/* --- fields with a form */

static uint32_t
chars_of(const struct field *field)
{
    if (field->kind == FIELD_SRC_COUNTRY || field->kind == FIELD_DST_COUNTRY)
        return 2;
    if (field->kind != FIELD_ALERT)
        return 0;
    return field->alert == ALERT_MD5      ? 32
           : field->alert == ALERT_SHA1   ? 40
           : field->alert == ALERT_SHA256 ? 64
                                          : 0;
}

static void
known_lengths(struct linting *linting, const struct item *item,
              const struct field *field)
{
    uint32_t n = chars_of(field);
    for (size_t i = 0; n > 0 && lint_is_text(item) && i < item->n_values; i++) {
        const struct value *value = &item->value[i];
        const struct pattern *pattern = &value->test->is.pattern.plain;
        if (pattern->n_segments == 1 && pattern->segment[0].n_chars != n)
            lint_warn(linting, value->place,
                      "'%.*s' is never '%.*s': it has %u characters",
                      STR_ARG(field->name),
                      STR_ARG(lint_shown(linting, value->written)), n);
    }
}

/* Numbers and times are looked for where texts are. */
static bool
is_of_text(const struct field *field)
{
    static const enum alert_field texts[] = {ALERT_RULE_NAME,
                                             ALERT_MESSAGE,
                                             ALERT_HOST,
                                             ALERT_HOST_IP,
                                             ALERT_SRC_IP,
                                             ALERT_DST_IP,
                                             ALERT_URL,
                                             ALERT_DOMAIN,
                                             ALERT_PROCESS,
                                             ALERT_COMMAND_LINE,
                                             ALERT_PARENT_PROCESS,
                                             ALERT_PARENT_COMMAND_LINE,
                                             ALERT_FILE,
                                             ALERT_MD5,
                                             ALERT_SHA1,
                                             ALERT_SHA256};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (field->kind == FIELD_ALERT && field->alert == texts[i])
            return true;
    return field->kind == FIELD_TECHNIQUE || field->kind == FIELD_SRC_COUNTRY ||
           field->kind == FIELD_DST_COUNTRY;
}

static void
numbers_on_text(struct linting *linting, const struct item *item,
                const struct field *field)
{
    const struct value *value = item->value;
    if (item->n_values == 0 || value->n_tests != 1 || !is_of_text(field))
        return;
    if (value->test->type == TEST_COMPARE || value->test->type == TEST_TIME)
        lint_warn(linting, item->place,
                  "'%.*s' is text: a number or time in it is never compared",
                  STR_ARG(lint_shown(linting, item->written)));
}

void
lint_field(struct linting *linting, const struct item *item)
{
    if (item->field == KEYWORDS)
        return;
    const struct field *field = &linting->rules->field[item->field];
    known_words(linting, item, field);
    known_lengths(linting, item, field);
    numbers_on_text(linting, item, field);
}
