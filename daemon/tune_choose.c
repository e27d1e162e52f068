/* SPDX-License-Identifier: Apache-2.0
 *
 * Greedy: the map that is true of most false events not yet covered, and of no
 * true one, again and again. Maps of one condition, of two and of three are
 * looked at (of more than one among the most promising conditions); only when
 * none of them helps an event is a longer one grown for it. If all that can be
 * said of an event is true of a true one too, nothing tells them apart. */
#include "tune.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRED = 400, MAX_TRIPLED = 64 };

#define WORDS(n) (((n) + 63) / 64)

struct chooser {
    const struct tune_events *events;
    uint64_t *open; /* false events that no map covers yet */
    uint32_t *near; /* atoms by what they cover of these */
    uint32_t *covers;
};

struct best {
    struct tune_map map;
    size_t covered;
    unsigned cost;
};

static size_t
n_bits(const uint64_t *bits, const uint64_t *other, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < WORDS(n); i++)
        sum += (size_t)__builtin_popcountll(bits[i] & other[i]);
    return sum;
}

static bool
none(const uint64_t *bits, const uint64_t *other, size_t n)
{
    for (size_t i = 0; i < WORDS(n); i++)
        if (bits[i] & other[i])
            return false;
    return true;
}

static void
consider(const struct chooser *chooser, struct best *best,
         const struct tune_map *map, size_t covered)
{
    unsigned cost = 0;
    for (size_t i = 0; i < map->n; i++)
        cost += chooser->events->atom[map->atom[i]].cost;
    if (covered < best->covered || covered == 0)
        return;
    if (covered == best->covered && map->n > best->map.n)
        return;
    if (covered == best->covered && map->n == best->map.n && cost >= best->cost)
        return;
    *best = (struct best){*map, covered, cost};
}

/* --- one condition, two conditions */

/* Atoms that cover something, those that cover most first: how many. */
static size_t
order_atoms(struct chooser *chooser)
{
    const struct tune_events *events = chooser->events;
    size_t n = 0;
    for (uint32_t i = 0; i < events->n_atoms; i++) {
        size_t covers =
            n_bits(events->atom[i].falses, chooser->open, events->n_false);
        if (covers == 0)
            continue;
        size_t at = n++;
        for (; at > 0 && chooser->covers[at - 1] < covers; at--) {
            chooser->near[at] = chooser->near[at - 1];
            chooser->covers[at] = chooser->covers[at - 1];
        }
        chooser->near[at] = i;
        chooser->covers[at] = (uint32_t)covers;
    }
    return n;
}

static void
try_pairs(const struct chooser *chooser, size_t n, struct best *best)
{
    const struct tune_events *events = chooser->events;
    n = n < MAX_PAIRED ? n : MAX_PAIRED;
    for (size_t i = 0; i < n && chooser->covers[i] >= best->covered; i++)
        for (size_t j = i + 1; j < n && chooser->covers[j] >= best->covered;
             j++) {
            const struct tune_atom *a = &events->atom[chooser->near[i]];
            const struct tune_atom *b = &events->atom[chooser->near[j]];
            const struct tune_map map = {{chooser->near[i], chooser->near[j]},
                                         2};
            size_t covered = 0;
            if (!none(a->trues, b->trues, events->n_true))
                continue;
            for (size_t k = 0; k < WORDS(events->n_false); k++)
                covered += (size_t)__builtin_popcountll(
                    a->falses[k] & b->falses[k] & chooser->open[k]);
            consider(chooser, best, &map, covered);
        }
}

/* A third beside two, of those behind them in order. */
static void
try_third(const struct chooser *chooser, const struct tune_map *two,
          size_t from, size_t n, struct best *best)
{
    const struct tune_events *events = chooser->events;
    const struct tune_atom *a = &events->atom[two->atom[0]];
    const struct tune_atom *b = &events->atom[two->atom[1]];
    for (size_t k = from; k < n && chooser->covers[k] > best->covered; k++) {
        const struct tune_atom *c = &events->atom[chooser->near[k]];
        struct tune_map map = {{two->atom[0], two->atom[1], chooser->near[k]},
                               3};
        size_t covered = 0;
        bool clean = true;
        for (size_t i = 0; i < WORDS(events->n_true) && clean; i++)
            clean = (a->trues[i] & b->trues[i] & c->trues[i]) == 0;
        for (size_t i = 0; i < WORDS(events->n_false) && clean; i++)
            covered += (size_t)__builtin_popcountll(
                a->falses[i] & b->falses[i] & c->falses[i] & chooser->open[i]);
        consider(chooser, best, &map, covered);
    }
}

/* Only where three cover more than fewer do. */
static void
try_triples(const struct chooser *chooser, size_t n, struct best *best)
{
    n = n < MAX_TRIPLED ? n : MAX_TRIPLED;
    for (size_t i = 0; i < n && chooser->covers[i] > best->covered; i++)
        for (size_t j = i + 1; j < n && chooser->covers[j] > best->covered;
             j++) {
            const struct tune_map two = {{chooser->near[i], chooser->near[j]},
                                         2};
            try_third(chooser, &two, j + 1, n, best);
        }
}

static struct best
best_map(struct chooser *chooser)
{
    const struct tune_events *events = chooser->events;
    struct best best = {.covered = 0};
    size_t n = order_atoms(chooser);
    for (size_t i = 0; i < n; i++) {
        const struct tune_atom *atom = &events->atom[chooser->near[i]];
        const struct tune_map map = {{chooser->near[i]}, 1};
        if (none(atom->trues, atom->trues, events->n_true))
            consider(chooser, &best, &map, chooser->covers[i]);
    }
    try_pairs(chooser, n, &best);
    try_triples(chooser, n, &best);
    return best;
}

/* --- as many as it takes */

static bool
has(const uint64_t *bits, size_t i)
{
    return (bits[i / 64] >> (i % 64) & 1) != 0;
}

/* What is true of the event and of the fewest true ones that are left. */
static bool
grow(const struct chooser *chooser, size_t event, uint64_t *left,
     struct tune_map *map)
{
    const struct tune_events *events = chooser->events;
    size_t n_left = n_bits(left, left, events->n_true), n_best = n_left;
    uint32_t best = 0;
    for (uint32_t i = 0; i < events->n_atoms; i++) {
        const struct tune_atom *atom = &events->atom[i];
        if (!has(atom->falses, event))
            continue;
        size_t n = n_bits(left, atom->trues, events->n_true);
        if (n < n_best || (n == n_best && n < n_left &&
                           atom->cost < events->atom[best].cost)) {
            n_best = n;
            best = i;
        }
    }
    if (n_best == n_left)
        return false;
    map->atom[map->n++] = best;
    for (size_t i = 0; i < WORDS(events->n_true); i++)
        left[i] &= events->atom[best].trues[i];
    return true;
}

static size_t
first_of(const uint64_t *bits, size_t n)
{
    size_t i = 0;
    while (i < n && !has(bits, i))
        i++;
    return i;
}

static void
fill(uint64_t *bits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* A map for the first event that has none. */
static enum tune_says
grow_map(const struct chooser *chooser, struct arena scratch,
         struct tune_choice *choice, struct tune_map *map)
{
    const struct tune_events *events = chooser->events;
    size_t event = first_of(chooser->open, events->n_false);
    uint64_t *left =
        arena_take(&scratch, WORDS(events->n_true) + 1, sizeof *left);
    if (!left)
        return TUNE_TOO_MANY;
    fill(left, events->n_true);
    while (n_bits(left, left, events->n_true) > 0) {
        if (map->n == TUNE_MAX_TOGETHER)
            return TUNE_TOO_MANY;
        if (!grow(chooser, event, left, map)) {
            choice->alike[0] = event;
            choice->alike[1] = first_of(left, events->n_true);
            return TUNE_ALIKE;
        }
    }
    return TUNE_FOUND;
}

/* --- all of them */

static void
cover(struct chooser *chooser, const struct tune_map *map)
{
    const struct tune_events *events = chooser->events;
    for (size_t i = 0; i < WORDS(events->n_false); i++) {
        uint64_t bits = chooser->open[i];
        for (size_t j = 0; j < map->n; j++)
            bits &= events->atom[map->atom[j]].falses[i];
        chooser->open[i] &= ~bits;
    }
}

/* Whether the others cover all without it. */
static bool
is_needless(struct chooser *chooser, const struct tune_choice *choice,
            size_t which)
{
    const struct tune_events *events = chooser->events;
    fill(chooser->open, events->n_false);
    for (size_t i = 0; i < choice->n; i++)
        if (i != which)
            cover(chooser, &choice->map[i]);
    return none(chooser->open, chooser->open, events->n_false);
}

static void
prune(struct chooser *chooser, struct tune_choice *choice)
{
    for (size_t i = choice->n; i-- > 0 && choice->n > 1;)
        if (is_needless(chooser, choice, i)) {
            memmove(&choice->map[i], &choice->map[i + 1],
                    (choice->n - i - 1) * sizeof *choice->map);
            choice->n--;
        }
}

enum tune_says
tune_choose(const struct tune_events *events, struct arena scratch,
            struct tune_choice *choice)
{
    struct chooser chooser = {
        .events = events,
        .open = arena_take(&scratch, WORDS(events->n_false) + 1,
                           sizeof *chooser.open),
        .near = arena_take(&scratch, events->n_atoms + 1, sizeof *chooser.near),
        .covers =
            arena_take(&scratch, events->n_atoms + 1, sizeof *chooser.covers)};
    *choice = (struct tune_choice){.n = 0};
    if (!chooser.open || !chooser.near || !chooser.covers)
        return TUNE_TOO_MANY;
    fill(chooser.open, events->n_false);
    while (!none(chooser.open, chooser.open, events->n_false)) {
        struct best best = best_map(&chooser);
        if (choice->n == TUNE_MAX_MAPS)
            return TUNE_TOO_MANY;
        if (best.covered == 0) {
            enum tune_says says =
                grow_map(&chooser, scratch, choice, &best.map);
            if (says != TUNE_FOUND)
                return says;
        }
        choice->map[choice->n++] = best.map;
        cover(&chooser, &best.map);
    }
    prune(&chooser, choice);
    return TUNE_FOUND;
}
