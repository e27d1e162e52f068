/* SPDX-License-Identifier: Apache-2.0
 *
 * An event from a rule: one that must fire it, by chance one of many; and one
 * that nearly does. The condition's tree says which searches are to hold and
 * which not; those say what each field is to be; the obvious evaluator says
 * whether it came out so, else other choices are tried. */
#ifndef TESTS_TOOLS_SOLVE_H
#define TESTS_TOOLS_SOLVE_H

#include "chance.h"
#include "made_event.h"

struct solver {
    const struct rules *rules;
    struct json_reader *reader;
    struct chance *chance;
    struct arena scratch; /* for what one solution needs */
    struct buf text;      /* of the event; kept between calls */
    size_t n_tries;       /* at most; 0: 200 */
};

/* Why a rule is not solved. X(name, words) */
#define UNSOLVED_REASONS(X)                                                    \
    X(UNSOLVED_NOT, "solved")                                                  \
    X(UNSOLVED_CONDITION, "the condition wants a search both ways")            \
    X(UNSOLVED_FIELDS, "more fields or values than an event has here")         \
    X(UNSOLVED_DECIDED, "a field that we decide cannot have such a value")     \
    X(UNSOLVED_REGEX, "no text was found for an expression")                   \
    X(UNSOLVED_OTHER, "tests that exclude one another, or seem to")

enum unsolved {
#define X(name, words) name,
    UNSOLVED_REASONS(X)
#undef X
        N_UNSOLVED
};

const char *unsolved_words(enum unsolved unsolved);

/* Fills `made` (in `arena`) so that `detection` holds, its log source set
 * aside, for the flat shape. */
enum unsolved solve(struct solver *solver, const struct detection *detection,
                    struct arena *arena, struct made_event *made);
/* Changes one value of a solved event so that the detection does not hold any
 * more. False: none was found. */
bool solve_near(struct solver *solver, const struct detection *detection,
                struct made_event *made);
/* Whether the obvious evaluator holds it, in this shape, read back from its
 * JSON. */
bool solved_holds(struct solver *solver, const struct detection *detection,
                  const struct made_event *made, enum made_shape shape);

#endif
