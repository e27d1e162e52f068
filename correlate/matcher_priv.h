/* SPDX-License-Identifier: Apache-2.0
 *
 * A rule set compiled for matching all at once (docs/matching.md):
 *
 *   predicate  a test of a field; equal ones of all rules are one (predicate.c)
 *   node       a condition over predicates, one tree for a rule (nodes.c)
 *   witness    predicates of which one must hold for a rule to hold (witness.c)
 *   search     all literals of a field, found in one pass (search.c)
 *   field map  which members of an event are fields (field_map.c)
 *
 * All of it lies in the rule set's arena and is read-only. */
#ifndef CORRELATE_MATCHER_PRIV_H
#define CORRELATE_MATCHER_PRIV_H

#include "base/table.h"
#include "correlate/facts.h"
#include "correlate/literal.h"
#include "correlate/matcher.h"

/* What a search knows of a predicate whose field it has been through; others
 * are asked one by one. */
enum predicate_kind {
    PREDICATE_ASKED,    /* test_holds decides */
    PREDICATE_HINTED,   /* false where its literal is not found, else asked */
    PREDICATE_SEARCHED, /* true where its literal is found */
};

struct predicate {
    const struct test *test;
    struct literal literal;
    uint32_t field; /* of the matcher */
    uint32_t n_uses;
    enum predicate_kind kind;
};

/* --- conditions */

enum node_type {
    NODE_ANY, /* of its predicates */
    NODE_ALL,
    NODE_OR, /* of its children */
    NODE_AND,
    NODE_OF,     /* at least `need` of its children */
    NODE_SEARCH, /* its only child, decided once for a rule and an alert */
};

struct node {
    enum node_type type;
    bool negated;
    bool searched; /* all of its predicates are */
    uint32_t need; /* NODE_OF; NODE_SEARCH: the number of the search */
    uint32_t first, n;
    uint32_t field; /* of its predicates */
};

/* From so many predicates on a list is in ascending order. */
enum { LONG_LIST = 24 };

/* A rule's condition. */
struct root {
    uint32_t node, n_searches;
};

/* --- searching a field's values */

struct search_entry {
    uint64_t window, mask; /* up to 8 bytes of the literal: all of it, or … */
    uint32_t window_at;    /* … from its gram on */
    const char *text;
    uint32_t len;
    uint32_t gram;
    uint32_t offset; /* of the gram in the literal */
    uint32_t predicate;
};

/* Literals that are known by grams of one length. */
struct gram_table {
    const uint32_t *start; /* by a gram's hash; one more than there are */
    const struct search_entry *entry;
    uint32_t n_entries;
    uint32_t gram_mask;
    unsigned shift; /* of a 32-bit hash, for `start` */
};

struct field_search {
    /* Bits by hash of four bytes: some literal of the field's or of keywords
     * may stand here. */
    const uint64_t *seen;
    unsigned shift;
    struct gram_table table[2]; /* grams of four bytes, and of three */
    /* Short ones that are not ASCII: for values that are not, either. */
    const struct search_entry *foreign;
    uint32_t n_foreign;
    const struct short_search *brief; /* the other short ones; NULL: none */
};

/* --- the whole */

/* A field that some predicate reads. */
struct matcher_field {
    uint32_t number;     /* of the rule set, or KEYWORDS */
    bool decided;        /* may have values that are not in the event */
    bool searched_first; /* its literals are witnesses */
    uint32_t n_short;    /* literals shorter than a gram */
    const struct field_search *search; /* NULL: nothing to search for */
    /* Rules that are candidates as soon as the field has a value. */
    const uint32_t *there;
    uint32_t n_there;
    uint64_t *classes; /* of logsources whose rules have a witness here */
};

struct matcher {
    const struct rules *rules;
    size_t n_rules, n_rule_words;
    const struct predicate *predicate;
    const unsigned char *kind; /* of predicates, once more, side by side */
    uint32_t n_predicates;
    const uint32_t *operand; /* numbers of predicates, of nodes */
    const struct node *node;
    const struct root *root; /* by rule */
    /* By predicate: the rules it is a witness for. */
    const uint32_t *witnessed, *first_witnessed;
    const struct matcher_field *field;
    uint32_t n_fields;
    const uint32_t *decided; /* the decided ones of them */
    uint32_t n_decided;
    const uint32_t *field_of; /* by number in the rule set; NO_FIELD: none */
    const uint64_t *always;   /* rules, as bits */
    /* Logsources: rules of one class are routed alike. */
    const uint32_t *class_of; /* by rule */
    const struct detection **class_rule;
    uint32_t n_classes, n_class_words;
    const uint64_t *parts; /* of an alert, that are read, by rule */
    uint64_t all_parts;
    struct matcher_sizes sizes;
};

#define NO_FIELD UINT32_MAX
enum {
    SHORT_GRAM = 3,
    LONG_GRAM = 4,
    MAX_SHORT_WORDS = 4,
    /* of a field; further ones are asked for */
    MAX_SHORT_LITERALS = 64 * MAX_SHORT_WORDS,
};

/* What making one needs. */
struct making {
    struct matcher *matcher;
    struct arena *arena;  /* of the rule set */
    struct arena scratch; /* given back afterwards */
    struct predicate *predicate;
    uint32_t max_predicates;
    struct table *known;
    struct buf key;
    uint32_t *operand;
    uint32_t n_operands;
    struct node *node;
    uint32_t n_nodes;
    struct matcher_field *field;
    uint64_t *classes; /* n_class_words for each field */
    uint64_t parts;    /* of an alert, that the rule under way reads */
    bool full;         /* the arena is */
};

/* Notes that the rule under way reads a field of the rule set. */
void part_read(struct making *making, uint32_t number);
/* The number of the predicate of a test, new or known. */
uint32_t predicate_of(struct making *making, uint32_t field,
                      const struct test *test);
/* The condition of a rule → nodes; the number of its root. */
uint32_t nodes_make(struct making *making, const struct logic *logic);
/* Room for the nodes and operands of all rules. */
bool nodes_open(struct making *making);
/* Fills witnessed, there, always of all rules. */
bool witnesses_make(struct making *making);
/* The searches of all fields. */
bool searches_make(struct making *making);

/* Calls `found` for every literal that stands in the folded and framed `text`;
 * the same one maybe more than once. `keywords`, those of all fields, are
 * searched for in the same pass; NULL: not. */
struct search_hits {
    void (*found)(void *context, uint32_t predicate);
    void *context;
};
void field_search_run(const struct field_search *search,
                      const struct field_search *keywords, struct str text,
                      const struct search_hits *hits);

#endif
