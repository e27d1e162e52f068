/* SPDX-License-Identifier: Apache-2.0
 *
 * A condition of words over the rules of a correlation, multiplied out: each
 * alternative is a set of steps that must be there and a set that must not.
 * `not` is carried down while reading, so that what is read is alternatives at
 * once and no tree is built. Or binds least, then and, not, parentheses; in
 * any letter case. How much may be written, how deep, and what may come of it
 * on the way are bounded. */
#include "correlate/rule_priv.h"

#include <string.h>

enum {
    MAX_WORDS = 1024,
    MAX_ON_THE_WAY = 256, /* alternatives; in the end MAX_CONJUNCTS */
};

struct alternatives {
    struct conjunct *at; /* room for MAX_ON_THE_WAY */
    size_t n;
};

struct words {
    struct rule_loader *loader;
    const struct rule_index *index;
    const struct draft *draft;
    struct arena scratch;
    struct str rest; /* after the current word */
    struct str word; /* empty: the end */
    size_t n_words;
    unsigned depth;
    uint32_t used; /* bits of steps */
    bool failed;
};

/* --- words */

static void
next_word(struct words *words)
{
    struct str rest = words->rest;
    size_t from = 0, to;
    while (from < rest.len && strchr(" \t\n\r", rest.at[from]))
        from++;
    to = from;
    if (to < rest.len && strchr("()", rest.at[to]))
        to++;
    else
        while (to < rest.len && !strchr(" \t\n\r()", rest.at[to]))
            to++;
    words->word = str_cut(rest, from, to);
    words->rest = str_cut(rest, to, rest.len);
    words->n_words++;
}

static bool
word_is(const struct words *words, const char *word)
{
    return str_equal_nocase(words->word, str_of(word));
}

static struct place
place_of_word(const struct words *words)
{
    const struct written *written = &words->draft->words;
    if (words->word.len == 0)
        return written->place;
    return yaml_place_in(&written->node,
                         (size_t)(words->word.at - written->text.at));
}

static void
fail(struct words *words, const char *what)
{
    struct str word = str_cut(words->word, 0, 80);
    if (words->failed)
        return;
    words->failed = true;
    if (word.len > 0)
        complain(words->loader->complaints, place_of_word(words),
                 "condition: %s, found '%.*s'", what, STR_ARG(word));
    else
        complain(words->loader->complaints, words->draft->words.place,
                 "condition: %s, found its end", what);
}

/* --- alternatives */

static void
alternatives_add(struct words *words, struct alternatives *alternatives,
                 struct conjunct conjunct)
{
    if ((conjunct.all & conjunct.none) != 0)
        return; /* never */
    for (size_t i = 0; i < alternatives->n; i++)
        if (alternatives->at[i].all == conjunct.all &&
            alternatives->at[i].none == conjunct.none)
            return;
    if (alternatives->n == MAX_ON_THE_WAY) {
        if (!words->failed)
            complain(words->loader->complaints, words->draft->words.place,
                     "the condition has too many alternatives: multiplied "
                     "out, %d at most",
                     (int)MAX_CONJUNCTS);
        words->failed = true;
        return;
    }
    alternatives->at[alternatives->n++] = conjunct;
}

static struct alternatives
alternatives_new(struct words *words)
{
    struct alternatives alternatives = {arena_take_raw(&words->scratch,
                                                       MAX_ON_THE_WAY,
                                                       sizeof *alternatives.at),
                                        0};
    words->loader->full |= !alternatives.at;
    words->failed |= !alternatives.at;
    return alternatives;
}

/* Both hold: everything with everything; or either: one after the other. */
static struct alternatives
combine(struct words *words, bool both, struct alternatives a,
        struct alternatives b)
{
    struct alternatives out = alternatives_new(words);
    for (size_t i = 0; !both && !words->failed && i < a.n; i++)
        alternatives_add(words, &out, a.at[i]);
    for (size_t i = 0; !both && !words->failed && i < b.n; i++)
        alternatives_add(words, &out, b.at[i]);
    for (size_t i = 0; both && !words->failed && i < a.n; i++)
        for (size_t j = 0; !words->failed && j < b.n; j++)
            alternatives_add(words, &out,
                             (struct conjunct){a.at[i].all | b.at[j].all,
                                               a.at[i].none | b.at[j].none});
    return out;
}

/* --- grammar */

static struct alternatives either(struct words *words, bool negated);

static struct alternatives
name(struct words *words, bool negated)
{
    const struct draft *draft = words->draft;
    struct alternatives out = alternatives_new(words);
    uint32_t bits = draft_steps_of(words->index, draft, words->word);
    size_t n = draft->correlation->n_steps - draft->n_until;
    struct str names[MAX_CORRELATION_STEPS];
    if (words->failed)
        return out;
    for (size_t i = 0; i < n; i++)
        names[i] = draft->rule[i].name;
    if (bits == 0) {
        complain_unknown(words->loader->complaints, place_of_word(words),
                         "rule", words->word, names, n);
        words->failed = true;
    } else if ((bits & draft->correlation->until) != 0) {
        fail(words, "a rule that ends a row (until) is no part of it");
    } else if ((bits & (bits - 1)) != 0) {
        fail(words, "words cannot tell which of the two is meant where a rule "
                    "stands in the list twice");
    }
    if (words->failed)
        return out;
    words->used |= bits;
    alternatives_add(words, &out,
                     (struct conjunct){negated ? 0 : bits, negated ? bits : 0});
    next_word(words);
    return out;
}

static struct alternatives
primary(struct words *words, bool negated)
{
    struct alternatives none = {NULL, 0};
    if (words->n_words > MAX_WORDS) {
        fail(words, "too long (1024 words at most)");
        return none;
    }
    if (words->word.len == 0 || word_is(words, "and") || word_is(words, "or") ||
        word_is(words, ")")) {
        fail(words, "expected the name of a rule");
        return none;
    }
    if (!word_is(words, "("))
        return name(words, negated);
    next_word(words);
    struct alternatives out = either(words, negated);
    if (!words->failed && !word_is(words, ")"))
        fail(words, "expected ')'");
    next_word(words);
    return out;
}

static struct alternatives
negation(struct words *words, bool negated)
{
    struct alternatives out = {NULL, 0};
    if (words->failed)
        return out;
    if (++words->depth > MAX_CONDITION_DEPTH) {
        fail(words, "nested too deep (64 at most)");
        return out;
    }
    if (word_is(words, "not")) {
        next_word(words);
        out = negation(words, !negated);
    } else {
        out = primary(words, negated);
    }
    words->depth--;
    return out;
}

static struct alternatives
both(struct words *words, bool negated)
{
    struct alternatives out = negation(words, negated);
    while (!words->failed && word_is(words, "and")) {
        next_word(words);
        struct alternatives more = negation(words, negated);
        if (!words->failed)
            out = combine(words, !negated, out, more);
    }
    return out;
}

static struct alternatives
either(struct words *words, bool negated)
{
    struct alternatives out = both(words, negated);
    while (!words->failed && word_is(words, "or")) {
        next_word(words);
        struct alternatives more = both(words, negated);
        if (!words->failed)
            out = combine(words, negated, out, more);
    }
    return out;
}

/* --- the whole */

static bool
alternatives_keep(struct words *words, struct alternatives found)
{
    struct correlation *correlation = words->draft->correlation;
    struct place place = words->draft->words.place;
    struct complaints *complaints = words->loader->complaints;
    if (found.n == 0)
        complain(complaints, place, "the condition can never hold");
    else if (found.n > MAX_CONJUNCTS)
        complain(complaints, place,
                 "the condition has too many alternatives: multiplied out, "
                 "%zu; %d at most",
                 found.n, (int)MAX_CONJUNCTS);
    for (size_t i = 0; i < found.n; i++)
        if (found.at[i].all == 0) {
            complain(complaints, place,
                     "the condition would hold without any event: each of its "
                     "alternatives must ask for a rule without 'not', for an "
                     "incident is about events that are there");
            return false;
        }
    if (found.n == 0 || found.n > MAX_CONJUNCTS)
        return false;
    memcpy(correlation->conjunct, found.at, found.n * sizeof *found.at);
    correlation->n_conjuncts = found.n;
    return true;
}

bool
words_link(struct rule_loader *loader, const struct rule_index *index,
           struct draft *draft)
{
    struct words words = {.loader = loader,
                          .index = index,
                          .draft = draft,
                          .scratch = *loader->scratch,
                          .rest = draft->words.text};
    next_word(&words);
    struct alternatives found = either(&words, false);
    if (!words.failed && words.word.len > 0)
        fail(&words, "expected and, or, or the end");
    if (words.failed || !alternatives_keep(&words, found))
        return false;
    for (size_t i = 0; i < draft->correlation->n_steps; i++)
        if (((words.used | draft->correlation->until) >> i & 1) == 0)
            complain_warning(loader->complaints, draft->rule[i].place,
                             "the condition never uses '%.*s'",
                             STR_ARG(draft->rule[i].name));
    return true;
}
