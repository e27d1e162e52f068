/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields and values of events as they are counted (tune_values.c), for making
 * conditions of them (tune_atoms.c). */
#ifndef DAEMON_TUNE_PRIV_H
#define DAEMON_TUNE_PRIV_H

#include "base/table.h"
#include "tune.h"

enum {
    MAX_FIELDS = 1024,
    MAX_PAIRS = 1 << 17,
    MAX_NAME = 128,
    MAX_VALUE = 512,
    FEW = 4 /* events that do not show yet whether a field changes */
};

struct field {
    uint32_t n_with[2], n_different[2], last[2]; /* false, true */
    bool changes;                                /* by name or form */
};

struct pair {
    uint32_t field, n[2], last[2];
    struct str value;
};

struct tune_values {
    struct table *fields, *pairs, *said;
    struct field field[MAX_FIELDS];
    struct pair *pair;
    struct arena arena;
    char *start;
    uint32_t n_events[2];
};

/* A value that will be another one in the next event, by its form. */
bool tune_form_changes(struct str value);
bool tune_name_has(struct str name, const char *part);
/* Different in more than half of the events that have it. */
bool tune_nearly_unique(const struct field *field);

#endif
