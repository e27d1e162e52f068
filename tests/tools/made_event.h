/* SPDX-License-Identifier: Apache-2.0
 *
 * An event in the making: what each field of a rule set is to be, and that
 * written as JSON. Fields that are decided by us (unit, severity, …) are set in
 * the alert; all others stand in the event. */
#ifndef TESTS_TOOLS_MADE_EVENT_H
#define TESTS_TOOLS_MADE_EVENT_H

#include "base/buf.h"
#include "correlate/rule_priv.h"

enum { MAX_MADE_FIELDS = 256, MAX_MADE_VALUES = 64 };

struct made_value {
    enum json_type type; /* null, true, false, number or string */
    struct str text;
};

struct made_field {
    uint32_t field; /* number, or KEYWORDS: a member no rule reads */
    struct made_value *value;
    size_t n; /* 0: an empty list; 1: a scalar, 2 and more: a list */
};

struct made_event {
    const struct rules *rules;
    struct arena *arena;
    struct made_field at[MAX_MADE_FIELDS];
    size_t n;
};

enum made_shape {
    MADE_FLAT,    /* members as they are named */
    MADE_NESTED,  /* "a.b" as {"a": {"b": …}}, where nothing else is there */
    MADE_WINDOWS, /* {"Event": {"System": …, "EventData": …}} */
    N_MADE_SHAPES
};

/* The field, or NULL. */
struct made_field *made_find(struct made_event *made, uint32_t field);
/* Appends a value, making the field. False when there are too many. */
bool made_add(struct made_event *made, uint32_t field, enum json_type type,
              struct str text);
/* Appends the event as one line of JSON. */
void made_print(const struct made_event *made, enum made_shape shape,
                const struct logsource *logsource, struct buf *out);
/* Sets what is decided: the alert borrows from `made`. False: there is no such
 * kind or severity. */
bool made_decide(const struct made_event *made, struct alert *alert);

#endif
