/* SPDX-License-Identifier: Apache-2.0
 *
 * What a correlation says of single rules, once its references are steps: how
 * many events of one are needed, what one scores, which end a row; and which
 * sets of rules satisfy it. */
#include "correlate/rule_priv.h"

uint32_t
draft_steps_of(const struct rule_index *index, const struct draft *draft,
               struct str name)
{
    struct str id = rule_index_id(index, name);
    uint32_t bits = 0;
    for (size_t i = 0; id.len > 0 && i < draft->correlation->n_steps; i++)
        if (str_equal(draft->correlation->step[i].rule, id))
            bits |= UINT32_C(1) << i;
    return bits;
}

static uint32_t
bits_below(size_t n)
{
    return n >= 32 ? UINT32_MAX : (UINT32_C(1) << n) - 1;
}

static size_t
count_bits(uint32_t bits)
{
    size_t n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

/* counts: and score: */
static bool
numbers_link(struct rule_loader *loader, const struct rule_index *index,
             struct draft *draft, const struct rule_numbers *numbers)
{
    struct correlation *correlation = draft->correlation;
    size_t n = correlation->n_steps - draft->n_until;
    struct str names[MAX_CORRELATION_STEPS];
    bool good = true;
    for (size_t i = 0; i < n; i++)
        names[i] = draft->rule[i].name;
    for (size_t i = 0; i < numbers->n; i++) {
        const struct reference *rule = &numbers->rule[i];
        uint32_t bits =
            draft_steps_of(index, draft, rule->name) & bits_below(n);
        if (bits == 0) {
            complain_unknown(loader->complaints, rule->place, "rule",
                             rule->name, names, n);
            good = false;
        }
        for (size_t s = 0; s < n; s++)
            if ((bits >> s & 1) != 0)
                *(numbers == &draft->score ? &correlation->step[s].score
                                           : &correlation->step[s].count) =
                    numbers->number[i];
    }
    return good;
}

static bool
counts_check(struct rule_loader *loader, const struct draft *draft)
{
    const struct correlation *correlation = draft->correlation;
    uint64_t sum = 0;
    for (size_t i = 0; i < correlation->n_steps; i++)
        sum += correlation->step[i].count;
    if (draft->counts.n == 0)
        return true;
    if (correlation_laid(correlation))
        complain(loader->complaints, draft->counts.place,
                 "counts go with a condition of words, gte or none, not with "
                 "windows that are laid end to end");
    else if (sum > MAX_STEP_COUNTS)
        complain(loader->complaints, draft->counts.place,
                 "the counts are %llu together: %d at most",
                 (unsigned long long)sum, (int)MAX_STEP_COUNTS);
    else
        return true;
    return false;
}

/* The last rules are those of `until`; where one of them stands in the list
 * as well, that step ends a row too. */
static void
until_link(struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    size_t first = correlation->n_steps - draft->n_until;
    correlation->until = 0;
    for (size_t i = first; i < correlation->n_steps; i++)
        for (size_t j = 0; j < correlation->n_steps; j++)
            if (str_equal(correlation->step[i].rule, correlation->step[j].rule))
                correlation->until |= UINT32_C(1) << j;
}

/* Every choice of `n` of the steps of a row, in order. */
static bool
choices_add(struct rule_loader *loader, struct draft *draft, uint32_t row,
            size_t n)
{
    struct correlation *correlation = draft->correlation;
    uint32_t step[MAX_CORRELATION_STEPS];
    size_t n_row = 0, pick[MAX_CORRELATION_STEPS] = {0};
    for (uint32_t i = 0; i < MAX_CORRELATION_STEPS; i++)
        if ((row >> i & 1) != 0)
            step[n_row++] = i;
    for (size_t i = 0; i < n; i++)
        pick[i] = i;
    for (size_t at = n; at > 0;) {
        uint32_t all = 0;
        for (size_t i = 0; i < n; i++)
            all |= UINT32_C(1) << step[pick[i]];
        if (correlation->n_conjuncts == MAX_CONJUNCTS) {
            complain(loader->complaints, draft->words.place,
                     "%zu of %zu rules in order can be chosen in more than %d "
                     "ways: name the ways in a condition of words",
                     n, n_row, (int)MAX_CONJUNCTS);
            return false;
        }
        correlation->conjunct[correlation->n_conjuncts++] =
            (struct conjunct){.all = all};
        for (at = n; at > 0 && pick[at - 1] == n_row - n + at - 1;)
            at--;
        if (at == 0)
            break;
        pick[at - 1]++;
        for (size_t i = at; i < n; i++)
            pick[i] = pick[i - 1] + 1;
    }
    return true;
}

/* temporal_ordered without words: all its rules or some of them, in order. */
static bool
row_link(struct rule_loader *loader, struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    uint32_t row = bits_below(correlation->n_steps) & ~correlation->until;
    size_t n_row = count_bits(row);
    size_t n = draft->wants_all ? n_row : correlation->threshold;
    if (n_row == 0 || n > n_row) {
        complain(loader->complaints, draft->words.place,
                 n_row == 0 ? "every rule of the row ends it (until)"
                            : "there are only %zu rules to come together",
                 n_row);
        return false;
    }
    if (n == n_row && correlation->until == 0) {
        correlation->threshold = (uint32_t)n;
        return true;
    }
    correlation->threshold = 0;
    return choices_add(loader, draft, row, n);
}

bool
draft_conditions_link(struct rule_loader *loader,
                      const struct rule_index *index, struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    until_link(draft);
    if (!numbers_link(loader, index, draft, &draft->counts) ||
        !numbers_link(loader, index, draft, &draft->score))
        return false;
    if (draft->words.text.len > 0) {
        if (!words_link(loader, index, draft))
            return false;
    } else if (correlation->type == TEMPORAL_ORDERED &&
               correlation->n_bounds == 0 && !row_link(loader, draft)) {
        return false;
    }
    if (correlation->until != 0 && correlation->n_conjuncts == 0) {
        complain(loader->complaints, draft->words.place,
                 "until goes with a condition of words, gte or none, not with "
                 "windows that are laid end to end");
        return false;
    }
    return counts_check(loader, draft);
}
