/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of the inventory: one loaded from a text. */
#ifndef TESTS_UNIT_INVENTORY_TEXT_H
#define TESTS_UNIT_INVENTORY_TEXT_H

#include "base/times.h"
#include "ingest/inventory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;
static char *arena_start;
static struct complaints complaints;

static inline void
setup(void)
{
    arena = arena_reserve(1 << 30);
    arena_start = arena.at;
    cr_assert_not_null(arena_start);
}

static inline void
teardown(void)
{
    complaints_free(&complaints);
    arena_release(arena_start, arena);
}

static inline const struct inventory *
load_text(struct str text, int32_t today)
{
    char path[] = "/tmp/test_inventory_XXXXXX";
    int file = mkstemp(path);
    const struct inventory *inventory;

    cr_assert_geq(file, 0);
    cr_assert_eq(write(file, text.at, text.len), (ssize_t)text.len);
    close(file);
    inventory = inventory_load(path, today, &arena, &complaints);
    unlink(path);
    return inventory;
}

static inline int32_t
day(int year, int month, int day_of_month)
{
    return day_from_civil(year, month, day_of_month);
}

static inline const struct inventory *
load_good(const char *text)
{
    const struct inventory *inventory =
        load_text(str_of(text), day(2024, 9, 30));

    cr_assert_not_null(inventory, "%.*s", STR_ARG(buf_str(&complaints.text)));
    return inventory;
}

/* Noon of a day in UTC+7. */
static inline int64_t
noon(int year, int month, int day_of_month)
{
    struct civil civil = {
        .year = year, .month = month, .day = day_of_month, .hour = 12};

    return ms_from_civil(civil, VIETNAM_MINUTES);
}

#define expect_text(got, want)                                                 \
    cr_expect(str_equal(got, str_of(want)), "got %.*s, want %s", STR_ARG(got), \
              want)

#define UNIT "units: [{id: a, name: A, from: 2020-01-01"
#define SYSTEM                                                                 \
    "units: [{id: a, name: A, from: 2020-01-01}]\n"                            \
    "systems: [{id: s, name: S, from: 2020-01-01"
#define LIST "watchlists: [{name: w, reason: r, from: 2020-01-01"

#endif
