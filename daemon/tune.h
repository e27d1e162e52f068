/* SPDX-License-Identifier: Apache-2.0
 *
 * From events that a rule should not match, and others that it should, to a
 * few conditions that are true of all the first and of none of the others.
 * Three steps: what could be said of the events (tune_values.c, tune_atoms.c),
 * which of it is said (tune_choose.c), and how it is written (tune_write.c,
 * tune_filter.c). */
#ifndef DAEMON_TUNE_H
#define DAEMON_TUNE_H

#include "base/buf.h"
#include "correlate/rules.h"
#include "model/alert.h"

enum {
    TUNE_MAX_EVENTS = 1 << 16, /* of each kind that are chosen by */
    TUNE_MAX_ATOMS = 4096,     /* conditions that are considered */
    TUNE_MAX_TOGETHER = 6,     /* conditions in one map */
    TUNE_MAX_MAPS = 24,        /* past that it is no filter but a list */
};

/* --- what could be said */

enum tune_how {
    TUNE_EQUAL,
    TUNE_ENDS,
    TUNE_STARTS,
    TUNE_CONTAINS,
    TUNE_ABSENT
};

/* One condition, and the events it is true of. */
struct tune_atom {
    struct str field, value;
    enum tune_how how;
    unsigned cost;            /* the less the rather */
    uint32_t n_false;         /* about how many false ones it is true of */
    uint64_t *falses, *trues; /* bits by event */
};

struct tune_values; /* what the events have */

struct tune_values *tune_values_new(void); /* NULL: no memory */
void tune_values_free(struct tune_values *values);
/* `normalised`: by the fields that every source has, else by its own names. */
void tune_values_add(struct tune_values *values, const struct alert *alert,
                     bool is_true, bool normalised);
/* What could be said, most promising first, in `arena`; at most
 * TUNE_MAX_ATOMS. Borrows from `values`. */
size_t tune_values_atoms(struct tune_values *values, struct arena *arena,
                         struct tune_atom **atoms);
/* Appends the names of fields that were left out because they are different in
 * nearly every event, or will be in the next. */
void tune_values_avoided(const struct tune_values *values, struct buf *out);

/* --- which of it is said */

struct tune_map {
    uint32_t atom[TUNE_MAX_TOGETHER];
    size_t n;
};

struct tune_events {
    const struct tune_atom *atom;
    size_t n_atoms, n_false, n_true;
};

enum tune_says {
    TUNE_FOUND,
    TUNE_ALIKE,    /* `alike[0]` of the false is as `alike[1]` of the true */
    TUNE_TOO_MANY, /* more than TUNE_MAX_MAPS */
};

struct tune_choice {
    struct tune_map map[TUNE_MAX_MAPS];
    size_t n;
    size_t alike[2];
};

/* Any of the maps is true of every false event, none of a true one. */
enum tune_says tune_choose(const struct tune_events *events,
                           struct arena scratch, struct tune_choice *choice);

/* --- how it is written */

/* Appends `field|how: value`, as YAML, on one line without its end. */
void tune_write_atom(struct buf *out, const struct tune_atom *atom);
/* Appends the selection: maps that differ in one value are one with a list. */
void tune_write_selection(struct buf *out, const struct tune_atom *atoms,
                          const struct tune_choice *choice);
/* Appends the whole document; how many events of each kind the rule matches is
 * said in it. */
void tune_write_filter(struct buf *out, const struct detection *detection,
                       struct str selection, const uint64_t n_matched[2]);

#endif
