/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing conditions: whatever events are like, what is chosen is true of all
 * false ones and of no true one, and when it is said that nothing can be, two
 * events are alike indeed. */
#include "daemon/tune.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct arena arena;
static char *start;

static void
open_arena(void)
{
    arena = arena_reserve((size_t)64 << 20);
    start = arena.at;
    cr_assert_not_null(start);
}

static void
close_arena(void)
{
    arena_release(start, arena);
}

TestSuite(tune, .init = open_arena, .fini = close_arena);

static uint64_t dice_state;

static uint64_t
dice(void)
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return dice_state;
}

enum { ATOMS = 40, EVENTS = 100 };

static uint64_t bits_of[2][ATOMS][2];

static bool
is_true(size_t kind, size_t atom, size_t event)
{
    return (bits_of[kind][atom][event / 64] >> (event % 64) & 1) != 0;
}

static bool
holds(const struct tune_choice *choice, size_t kind, size_t event)
{
    for (size_t i = 0; i < choice->n; i++) {
        bool all = true;
        for (size_t j = 0; j < choice->map[i].n; j++)
            all &= is_true(kind, choice->map[i].atom[j], event);
        if (all)
            return true;
    }
    return false;
}

/* All that is true of the false event is true of the true one. */
static bool
are_alike(size_t n_atoms, const size_t alike[2])
{
    for (size_t i = 0; i < n_atoms; i++)
        if (is_true(0, i, alike[0]) && !is_true(1, i, alike[1]))
            return false;
    return true;
}

Test(tune, what_is_chosen_is_right_whatever_the_events_are)
{
    const char *seed = getenv("SEED");
    size_t n_of[3] = {0};
    dice_state = seed ? strtoull(seed, NULL, 10) : 88172645463325252U;
    for (size_t round = 0; round < 3000; round++) {
        struct tune_atom atoms[ATOMS];
        struct tune_choice choice;
        struct tune_events events = {atoms, 1 + dice() % ATOMS,
                                     1 + dice() % EVENTS, 1 + dice() % 30};
        unsigned often = 1 + (unsigned)(dice() % 7);
        memset(bits_of, 0, sizeof bits_of);
        for (size_t i = 0; i < events.n_atoms; i++) {
            for (size_t kind = 0; kind < 2; kind++)
                for (size_t j = 0;
                     j < (kind == 0 ? events.n_false : events.n_true); j++)
                    if (dice() % 8 < often)
                        bits_of[kind][i][j / 64] |= UINT64_C(1) << (j % 64);
            atoms[i] = (struct tune_atom){.cost = (unsigned)(dice() % 8),
                                          .falses = bits_of[0][i],
                                          .trues = bits_of[1][i]};
        }
        enum tune_says said = tune_choose(&events, arena, &choice);
        n_of[said]++;
        if (said == TUNE_ALIKE)
            cr_expect(are_alike(events.n_atoms, choice.alike), "round %zu",
                      round);
        for (size_t j = 0; said == TUNE_FOUND && j < events.n_false; j++)
            cr_expect(holds(&choice, 0, j), "round %zu: false %zu", round, j);
        for (size_t j = 0; said == TUNE_FOUND && j < events.n_true; j++)
            cr_expect(!holds(&choice, 1, j), "round %zu: true %zu", round, j);
    }
    cr_expect_gt(n_of[TUNE_FOUND], 300, "%zu", n_of[TUNE_FOUND]);
    cr_expect_gt(n_of[TUNE_ALIKE], 300, "%zu", n_of[TUNE_ALIKE]);
}

Test(tune, few_conditions_and_cheap_ones_are_preferred)
{
    /* a and b are each true of all the false ones; c only of some. */
    uint64_t all = 0xf, some = 0x3, none = 0, one = 1;
    struct tune_atom atoms[] = {
        {.cost = 5, .falses = &all, .trues = &none},
        {.cost = 2, .falses = &all, .trues = &none},
        {.cost = 0, .falses = &some, .trues = &none},
        {.cost = 0, .falses = &all, .trues = &one},
    };
    const struct tune_events events = {atoms, 4, 4, 1};
    struct tune_choice choice;
    cr_assert_eq(tune_choose(&events, arena, &choice), TUNE_FOUND);
    cr_expect_eq(choice.n, 1);
    cr_expect_eq(choice.map[0].n, 1);
    cr_expect_eq(choice.map[0].atom[0], 1);
}

Test(tune, selections_are_written_as_sigma)
{
    const struct tune_atom atoms[] = {
        {.field = STR("Image"), .value = STR("C:\\a.exe"), .how = TUNE_EQUAL},
        {.field = STR("Image"), .value = STR("it's*"), .how = TUNE_EQUAL},
        {.field = STR("Line"), .value = STR("x?"), .how = TUNE_CONTAINS},
        {.field = STR("Line"), .value = STR("\\\\y\\*"), .how = TUNE_CONTAINS},
        {.field = STR("a b"), .value = STR(""), .how = TUNE_ABSENT},
        {.field = STR("P"), .value = STR("\\b.exe"), .how = TUNE_ENDS},
    };
    static const struct {
        struct tune_choice choice;
        const char *want;
    } rows[] = {
        {{.map = {{{0}, 1}, {{1}, 1}}, .n = 2},
         "        Image:\n                - 'C:\\a.exe'\n"
         "                - 'it''s\\*'\n"},
        {{.map = {{{2, 3}, 2}}, .n = 1},
         "        Line|contains|all:\n                - 'x\\?'\n"
         "                - '\\\\\\y\\\\\\*'\n"},
        {{.map = {{{0, 5}, 2}, {{4}, 1}}, .n = 2},
         "        - Image: 'C:\\a.exe'\n          P|endswith: '\\b.exe'\n"
         "        - 'a b': null\n"},
        {{.map = {{{0, 5}, 2}, {{5, 1}, 2}}, .n = 2},
         "        Image:\n                - 'C:\\a.exe'\n"
         "                - 'it''s\\*'\n        P|endswith: '\\b.exe'\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf out = {0};
        tune_write_selection(&out, atoms, &rows[i].choice);
        cr_expect(str_equal(buf_str(&out), str_of(rows[i].want)),
                  "row %zu:\n%.*s", i, STR_ARG(buf_str(&out)));
        buf_free(&out);
    }
}
