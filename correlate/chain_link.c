/* SPDX-License-Identifier: Apache-2.0
 *
 * Correlations of correlations: an outer one refers to inner ones. First the
 * way in, each inner one before its outer ones: cycles, levels, meanings. Then
 * the way out, each outer one before its inner ones: what the inner ones must
 * carry for it, and, when it is sealed, how they feed it. Whatever is refused
 * on the way takes what refers to it along, so all of it is done again without
 * what was refused, until nothing more is: texts and fingerprints depend on
 * nothing but the rules that stand. */
#include "correlate/rule_priv.h"

#include <stdlib.h>

enum { MAX_NAMED_MEMBERS = 16 }; /* of a cycle, in its message */

struct linking {
    struct rule_loader *loader;
    struct draft **drafts; /* by id */
    size_t n;
    struct draft **order; /* inner ones first; none of them refused */
    size_t n_order;
    bool again; /* something was refused */
};

static void
refuse(struct linking *linking, struct draft *draft)
{
    draft->refused = true;
    linking->again = true;
}

/* --- the way in */

/* "a (x.yml:1:2) → b (x.yml:9:2) → a", and all of them are refused. */
static void
refuse_cycle(struct linking *linking, struct draft *from, struct draft *to)
{
    struct draft *member[MAX_NAMED_MEMBERS + 1];
    struct buf text = {.max_bytes = 2048};
    size_t n = 0, n_more = 0;
    for (struct draft *at = from; at; at = at->visit_from) {
        refuse(linking, at);
        if (n < MAX_NAMED_MEMBERS || at == to)
            member[n++] = at;
        else
            n_more++;
        if (at == to)
            break;
    }
    for (size_t i = n; i-- > 0;) {
        struct place place = member[i]->place;
        buf_add(&text, member[i]->correlation->id);
        buf_format(&text, " (%s:%u:%u) → ", place.file, place.line,
                   place.column);
        if (i == n - 1 && n_more > 0)
            buf_format(&text, "%zu more → ", n_more);
    }
    buf_add(&text, to->correlation->id);
    complain(linking->loader->complaints, from->rule[from->visit_step].place,
             "correlations refer to one another: %.*s",
             STR_ARG(buf_str(&text)));
    buf_free(&text);
}

/* All that it refers to is done: its level and its meaning. */
static void
finish(struct linking *linking, struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    correlation->level = 0;
    for (size_t i = 0; i < correlation->n_steps; i++) {
        const struct draft *inner = draft->inner[i];
        if (!inner)
            continue;
        struct place place = inner->place;
        if (inner->refused) {
            complain(linking->loader->complaints, draft->rule[i].place,
                     "'%.*s' was refused (%s:%u:%u)",
                     STR_ARG(draft->rule[i].name), place.file, place.line,
                     place.column);
            refuse(linking, draft);
            return;
        }
        correlation->step[i].meaning = inner->correlation->meaning;
        if (inner->correlation->level >= correlation->level)
            correlation->level = inner->correlation->level + 1;
    }
    if (correlation->level >= MAX_LEVELS) {
        complain(linking->loader->complaints, draft->place,
                 "correlations of correlations go %d deep at most",
                 (int)MAX_LEVELS);
        refuse(linking, draft);
        return;
    }
    correlation_mean(correlation);
    linking->order[linking->n_order++] = draft;
}

/* The next one that `draft` refers to and that is not done; NULL: none. */
static struct draft *
next_inner(struct linking *linking, struct draft *draft)
{
    for (; draft->visit_step < draft->correlation->n_steps;
         draft->visit_step++) {
        struct draft *inner = draft->inner[draft->visit_step];
        if (!inner || inner->refused || inner->visit == VISIT_DONE)
            continue;
        if (inner->visit == VISIT_NEW)
            return inner;
        refuse_cycle(linking, draft, inner);
        return NULL;
    }
    return NULL;
}

/* Depth first, without recursion: a path may be as long as there are rules. */
static void
visit(struct linking *linking, struct draft *draft)
{
    draft->visit_from = NULL;
    while (draft) {
        draft->visit = VISIT_ON_PATH;
        struct draft *inner =
            draft->refused ? NULL : next_inner(linking, draft);
        if (inner) {
            inner->visit_from = draft;
            draft = inner;
            continue;
        }
        draft->visit = VISIT_DONE;
        if (!draft->refused)
            finish(linking, draft);
        draft = draft->visit_from;
    }
}

/* --- the way out: what is carried */

static uint8_t
key_number(const struct correlation *correlation, struct str name)
{
    uint8_t i = 0;
    while (i < correlation->n_group_by &&
           !str_equal(correlation->group_by[i], name))
        i++;
    return i < correlation->n_group_by ? i : UINT8_MAX;
}

static uint8_t
carry_number(const struct correlation *correlation, struct str name)
{
    uint8_t i = 0;
    while (i < correlation->n_carried &&
           !str_equal(correlation->carry[i], name))
        i++;
    return i < correlation->n_carried ? i : UINT8_MAX;
}

/* `inner` must have a value of this name for those that refer to it. */
static bool
want(struct draft *inner, struct str name)
{
    struct correlation *correlation = inner->correlation;
    if (key_number(correlation, name) != UINT8_MAX ||
        carry_number(correlation, name) != UINT8_MAX)
        return true;
    if (correlation->n_carried == MAX_CARRIED)
        return false;
    correlation->carry[correlation->n_carried++] = name;
    return true;
}

static int
by_name(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* All that refer to it have said what they want: what it carries, in order of
 * names, is what it wants of its own steps. */
static void
settle_carry(struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    if (correlation->n_carried > 1)
        qsort(correlation->carry, correlation->n_carried,
              sizeof *correlation->carry, by_name);
    for (size_t c = 0; c < correlation->n_carried; c++)
        for (size_t i = 0; i < correlation->n_steps; i++) {
            struct str field = draft_field(draft, correlation->carry[c], i);
            /* an alias without a field for this step: as if it were none */
            correlation->step[i].carried[c] =
                field.len > 0 ? field : correlation->carry[c];
        }
}

static bool
wants_settle(struct draft *draft)
{
    const struct correlation *correlation = draft->correlation;
    bool good = true;
    for (size_t i = 0; i < correlation->n_steps; i++) {
        const struct correlation_step *step = &correlation->step[i];
        if (!draft->inner[i])
            continue;
        for (size_t k = 0; k < correlation->n_group_by; k++)
            good &= want(draft->inner[i], step->field[k]);
        for (size_t k = 0; k < correlation->n_value_fields; k++)
            good &= want(draft->inner[i], correlation->value_field[k]);
        for (size_t k = 0; k < correlation->n_carried; k++)
            good &= want(draft->inner[i], step->carried[k]);
    }
    return good;
}

static void
carry_all(struct linking *linking)
{
    for (size_t i = linking->n_order; i-- > 0;) {
        struct draft *draft = linking->order[i];
        settle_carry(draft);
        if (wants_settle(draft))
            continue;
        complain(linking->loader->complaints, draft->place,
                 "it and others need more than %d fields of a correlation "
                 "that are not in its group-by",
                 (int)MAX_CARRIED);
        refuse(linking, draft);
    }
}

/* --- the way out: who feeds whom */

static uint8_t
number_of(const struct correlation *inner, struct str name)
{
    uint8_t number = key_number(inner, name);
    return number != UINT8_MAX
               ? number
               : (uint8_t)(MAX_GROUP_FIELDS + carry_number(inner, name));
}

static bool
feed_add(struct linking *linking, const struct correlation *outer, size_t step,
         struct draft *draft)
{
    struct correlation *inner = draft->correlation;
    const struct correlation_step *of = &outer->step[step];
    if (!draft->feed)
        draft->feed =
            loader_take(linking->loader, MAX_CHAIN_FEEDS, sizeof *draft->feed);
    if (!draft->feed || inner->n_feeds == MAX_CHAIN_FEEDS)
        return false;
    struct chain_feed feed = {
        .fingerprint = outer->fingerprint,
        .step = (uint32_t)step,
        .n_key = (uint8_t)outer->n_group_by,
        .n_values = (uint8_t)outer->n_value_fields,
        .n_carry = (uint8_t)outer->n_carried,
        .number = correlation_measures(outer),
    };
    for (size_t k = 0; k < feed.n_key; k++)
        feed.key[k] = number_of(inner, of->field[k]);
    for (size_t k = 0; k < feed.n_values; k++)
        feed.value[k] = number_of(inner, outer->value_field[k]);
    for (size_t k = 0; k < feed.n_carry; k++)
        feed.carry[k] = number_of(inner, of->carried[k]);
    draft->feed[inner->n_feeds++] = feed;
    inner->feed = draft->feed;
    inner->silent |=
        !outer->generate || inner->options.incident == INCIDENT_NONE;
    return true;
}

static int
by_fingerprint(const void *a, const void *b)
{
    const struct chain_feed *x = a, *y = b;
    for (int i = 0; i < 2; i++)
        if (x->fingerprint.half[i] != y->fingerprint.half[i])
            return x->fingerprint.half[i] < y->fingerprint.half[i] ? -1 : 1;
    return (x->step > y->step) - (x->step < y->step);
}

static void
seal(struct linking *linking, struct draft *draft)
{
    struct correlation *correlation = draft->correlation;
    struct err why = {""};
    if (correlation->n_feeds > 1)
        qsort(draft->feed, correlation->n_feeds, sizeof *draft->feed,
              by_fingerprint);
    if (!correlation_seal(correlation, linking->loader->arena, &why)) {
        complain(linking->loader->complaints, draft->place, "%s", why.text);
        refuse(linking, draft);
        return;
    }
    for (size_t i = 0; i < correlation->n_steps; i++) {
        if (!draft->inner[i] ||
            feed_add(linking, correlation, i, draft->inner[i]))
            continue;
        complain(linking->loader->complaints, draft->rule[i].place,
                 "more than %d correlations refer to '%.*s'",
                 (int)MAX_CHAIN_FEEDS, STR_ARG(draft->rule[i].name));
        refuse(linking, draft);
        return;
    }
}

/* --- all of it */

static void
begin_again(struct linking *linking)
{
    linking->again = false;
    linking->n_order = 0;
    for (size_t i = 0; i < linking->n; i++) {
        struct draft *draft = linking->drafts[i];
        draft->visit = VISIT_NEW;
        draft->visit_step = 0;
        draft->correlation->n_carried = draft->correlation->n_feeds = 0;
        draft->correlation->silent = false;
    }
}

static void
link_once(struct linking *linking)
{
    begin_again(linking);
    for (size_t i = 0; i < linking->n; i++)
        if (!linking->drafts[i]->refused &&
            linking->drafts[i]->visit == VISIT_NEW)
            visit(linking, linking->drafts[i]);
    if (!linking->again)
        carry_all(linking);
    for (size_t i = linking->n_order; i-- > 0 && !linking->again;)
        seal(linking, linking->order[i]);
}

void
drafts_link(struct rule_loader *loader, const struct rule_index *index,
            struct draft **drafts, struct draft **order, size_t n)
{
    struct linking linking = {
        .loader = loader, .drafts = drafts, .n = n, .order = order};
    for (size_t i = 0; i < n; i++)
        drafts[i]->refused = !draft_link(loader, index, drafts[i]);
    do
        link_once(&linking);
    while (linking.again);
    for (size_t i = 0; i < n; i++) {
        const struct correlation *correlation = drafts[i]->correlation;
        for (size_t s = 0; s < correlation->n_steps && !drafts[i]->refused; s++)
            if (drafts[i]->detection[s])
                drafts[i]->detection[s]->referred |= !correlation->generate;
    }
}
