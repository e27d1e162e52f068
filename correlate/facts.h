/* SPDX-License-Identifier: Apache-2.0
 *
 * One alert as rules see it (docs/rules.md, "Fields"). Each field is looked up
 * when the first rule asks, and kept for the others. */
#ifndef CORRELATE_FACTS_H
#define CORRELATE_FACTS_H

#include "correlate/field_map.h"

/* One value of a field: a scalar, never an object or a list. */
struct fact {
    enum json_type type;
    struct str text;  /* as written; composed where the field holds names */
    struct str plain; /* a number without exponent and idle zeros, if that is
                         another text; else NO_STR */
    struct str folded[2];    /* of text and plain; at NULL: not yet */
    const struct json *node; /* whose text it is, unchanged; or NULL */
    struct fact *next;
};

struct fact_list {
    struct fact *first, *last;
    bool there;   /* the field is in the alert, be it null or an object */
    bool is_name; /* compared composed */
};

struct facts {
    const struct rules *rules;
    const struct alert *alert;
    struct arena *scratch;
    struct fact_list *list;            /* by field number, once looked up */
    uint64_t *looked;                  /* bits */
    struct fact_list all;              /* every value of the event */
    bool looked_all;                   /* that one is */
    const struct field_places *places; /* where fields are; NULL: not known */
    uint64_t n_limited;
    uint64_t n_pairs; /* compared by fieldref, for the test under way */
};

/* The values of a field, or of all of them (KEYWORDS). */
const struct fact_list *fact_list_of(struct facts *facts, uint32_t field);

/* The text (0) or plain form (1) of a fact, prepared for patterns; NO_STR:
 * the scratch arena is full. */
struct str fact_text(struct fact *fact, int form, unsigned flags,
                     struct arena *scratch);
/* A text between two FRAME bytes (literal.h), prepared for patterns with no
 * flags, in `scratch`; NO_STR when that is full. */
struct str text_framed(struct str text, struct arena *scratch);
/* From here on fields of the event are where `places` says. */
void facts_place(struct facts *facts, const struct field_places *places);

/* --- match.c */

/* Whether `test` holds; `*which`, if not NULL, is the fact it was true of. */
bool test_holds(const struct test *test, const struct fact_list *list,
                struct facts *facts, const struct fact **which);
bool item_holds(const struct item *item, struct facts *facts);
bool search_holds(const struct search *search, struct facts *facts);

/* time_part.c: the part of a time as written; false when it is none. */
bool time_part_of(struct str text, enum time_part part, int64_t *n);

#endif
