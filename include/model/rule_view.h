/* SPDX-License-Identifier: Apache-2.0
 *
 * How rules see the events of one source: which name in a rule is which
 * member of an event. Part of a compiled mapping, read-only; every alert of
 * the source points to it. Paths are dotted names: the flat key "a.b" first,
 * then nested, through lists. */
#ifndef MODEL_RULE_VIEW_H
#define MODEL_RULE_VIEW_H

#include "base/str.h"

enum {
    MAX_RULE_ROOTS = 8,
    MAX_RULE_FIELDS = 512,
    MAX_RULE_PATHS = 16, /* of one field */
};

/* The first path that is in the event, be it null, is the field. */
struct rule_field {
    struct str name;
    struct str path[MAX_RULE_PATHS];
    size_t n_paths;
};

struct rule_view {
    /* Objects whose members are fields, looked through in this order; "" is
     * the event itself. None: the event itself. */
    struct str root[MAX_RULE_ROOTS];
    size_t n_roots;
    const struct rule_field *field; /* by name */
    size_t n_fields;
    const struct str *name; /* fields that hold names of people and things, */
    size_t n_names;         /* compared composed (NFC) */
    /* Which parts of the logsource the mapping speaks of at all. */
    bool says_product, says_category, says_service;
};

#endif
