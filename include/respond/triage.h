/* SPDX-License-Identifier: Apache-2.0
 *
 * Where an incident goes (DESIGN 9): suppression, inhibition, grouping,
 * priority, in this order. Settings are two files that people write, read
 * whole with every mistake; deciding is a pure function of them, of the
 * tickets as folded so far, and of the incident. The first three go by the
 * event time at which the incident fired, so what is old is decided as it
 * would have been then (STREAM 27); and what belongs together in the end does
 * not depend on which incident came first. */
#ifndef RESPOND_TRIAGE_H
#define RESPOND_TRIAGE_H

#include "base/yaml.h"
#include "respond/match.h"
#include "respond/tickets.h"

enum { TRIAGE_MAX_RULES = 1000, TRIAGE_LEVELS = 6 };

struct suppression {
    struct str name, owner, reason;
    struct matcher matcher;
    int64_t from_ms, until_ms; /* of the event time; the end is not in it */
    bool dry_run;              /* only counted */
    struct place place;
};

/* While a ticket of `when` is open, what `mute` means and names the same
 * entity is not a ticket of its own. */
struct inhibition {
    struct str name;
    struct matcher when, mute;
    unsigned same; /* bit for each enum entity_sort */
    int64_t within_ms;
};

/* What a ticket takes to be worked on; the first that fits. */
struct skill_route {
    struct matcher matcher;
    struct str skill;
};

struct triage {
    int priority[N_SEVERITIES][TRIAGE_LEVELS]; /* by level 0 (none) to 5 */
    unsigned group_by;        /* bit for each enum entity_sort */
    int64_t group_ms;         /* fired no further apart than this … */
    int64_t group_longest_ms; /* … and in one stretch of this length */
    int64_t floor_hold_ms;
    bool floor_by_system; /* what floor took belongs together by system */
    int64_t quiet_ms;     /* older than this when first read: wakes nobody */
    const struct suppression *suppression;
    size_t n_suppressions;
    const struct inhibition *inhibition;
    size_t n_inhibitions;
    const struct skill_route *skill;
    size_t n_skills;
};

/* From the files, kept in `arena`; a path that is NULL gives the preset. NULL
 * when there was any mistake. Warns of suppressions that ended before
 * `now_ms`. */
const struct triage *triage_load(const char *settings_path,
                                 const char *suppressions_path, int64_t now_ms,
                                 struct arena *arena,
                                 struct complaints *complaints);

/* One round of decisions. Those made before in the same round count as if
 * they had taken effect already, so that many may be under way at once. No
 * record may be folded between begin and end. */
struct triage_round;

/* Borrows `tickets` for life. NULL: out of memory. */
struct triage_round *triage_round_new(struct tickets *tickets);
void triage_round_free(struct triage_round *round);
void triage_round_begin(struct triage_round *round);
void triage_round_end(struct triage_round *round);

enum triage_says {
    TRIAGE_TAKE,  /* `take` has decision, basis, into, because, priority … */
    TRIAGE_KNOWN, /* this revision has been taken: nothing to do */
    TRIAGE_LATER, /* must wait for the next round */
};

/* Fills all of `take` but incident, topic, partition and offset; its strings
 * lie in `arena` or borrow. `now_ms` is the clock: it says whether the
 * incident is old and whether a hold is over. */
enum triage_says triage_decide(struct triage_round *round,
                               const struct triage *triage,
                               const struct incident *incident, int64_t now_ms,
                               struct arena *arena, struct journal_take *take);

/* The priority, 1 to 4, of a severity at a level. */
int triage_priority(const struct triage *triage, enum severity severity,
                    int level);

#endif
