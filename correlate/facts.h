/* SPDX-License-Identifier: Apache-2.0
 *
 * One alert as rules see it (docs/rules.md, "Fields"). Each field is looked up
 * when the first rule asks, and kept for the others. */
#ifndef CORRELATE_FACTS_H
#define CORRELATE_FACTS_H

#include "correlate/rule_priv.h"

/* One value of a field: a scalar, never an object or a list. */
struct fact {
    enum json_type type;
    struct str text;  /* as written; composed where the field holds names */
    struct str plain; /* a number without exponent and idle zeros, if that is
                         another text; else NO_STR */
    struct str folded[2]; /* of text and plain; at NULL: not yet */
    struct fact *next;
};

struct fact_list {
    struct fact *first, *last;
    bool looked;
    bool there;   /* the field is in the alert, be it null or an object */
    bool is_name; /* compared composed */
};

struct facts {
    const struct rules *rules;
    const struct alert *alert;
    struct arena *scratch;
    struct fact_list *list; /* by field number */
    struct fact_list all;   /* every value of the event */
    uint64_t n_limited;
    uint64_t n_pairs; /* compared by fieldref */
    uint64_t n_tests; /* decided so far, for those who measure */
};

/* The values of a field, or of all of them (KEYWORDS). */
const struct fact_list *fact_list_of(struct facts *facts, uint32_t field);

/* --- match.c */

/* Whether `test` holds; `*which`, if not NULL, is the fact it was true of. */
bool test_holds(const struct test *test, const struct fact_list *list,
                struct facts *facts, const struct fact **which);
bool item_holds(const struct item *item, struct facts *facts);
bool search_holds(const struct search *search, struct facts *facts);

/* time_part.c: the part of a time as written; false when it is none. */
bool time_part_of(struct str text, enum time_part part, int64_t *n);

#endif
