/* SPDX-License-Identifier: Apache-2.0
 *
 * The one name of a count cell. */
#include <criterion/criterion.h>

#include "base/arena.h"
#include "base/times.h"
#include "model/counts.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])

static void
expect_same(const struct count_cell *got, const struct count_cell *want,
            size_t row)
{
    cr_expect_eq(got->day, want->day, "row %zu", row);
    cr_expect(str_equal(got->source, want->source), "row %zu", row);
    cr_expect(str_equal(got->vendor_severity, want->vendor_severity), "row %zu",
              row);
    cr_expect_eq(got->severity, want->severity, "row %zu", row);
    cr_expect(str_equal(got->unit, want->unit), "row %zu", row);
    cr_expect(str_equal(got->system, want->system), "row %zu", row);
    cr_expect_eq(got->level, want->level, "row %zu", row);
}

Test(counts, a_cell_is_written_and_read_back)
{
    const struct {
        struct count_cell cell;
        const char *text;
    } rows[] = {
        {{19996, STR("ajiant"), STR("HIGH"), SEVERITY_HIGH, STR("unit"),
          STR("system"), 3, 0},
         "2024-09-30|ajiant|HIGH|high|unit|system|3"},
        {{0, STR("s"), NO_STR, SEVERITY_UNKNOWN, NO_STR, NO_STR, 0, 0},
         "1970-01-01|s||unknown|||0"},
        {{0, STR("a|b%c"), STR("\n\0\x7f"), SEVERITY_LOW, STR("||"),
          STR("N\xc4\x83m"), 1, 0},
         "1970-01-01|a%7Cb%25c|%0A%00%7F|low|%7C%7C|N\xc4\x83m|1"},
        {{INT32_MAX, STR("s"), NO_STR, SEVERITY_LOW, NO_STR, NO_STR, 0, 0},
         "+005881580-07-11|s||low|||0"},
        {{INT32_MIN, STR("s"), NO_STR, SEVERITY_LOW, NO_STR, NO_STR, 0, 0},
         "-005877641-06-23|s||low|||0"},
    };
    struct buf buf = {0};
    struct arena arena = arena_reserve(1 << 16);
    char *start = arena.at;
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        struct count_cell got = {.n = 4711};
        buf_clear(&buf);
        count_cell_write(&buf, &rows[i].cell);
        cr_expect(str_equal(buf_str(&buf), str_of(rows[i].text)),
                  "row %zu: got '%.*s'", i, STR_ARG(buf_str(&buf)));
        cr_assert(count_cell_read(buf_str(&buf), &arena, &got), "row %zu", i);
        expect_same(&got, &rows[i].cell, i);
        cr_expect_eq(got.n, 4711, "row %zu", i);
    }
    arena_release(start, arena);
    buf_free(&buf);
}

Test(counts, a_name_without_escapes_takes_no_memory)
{
    struct arena none = {NULL, NULL};
    struct count_cell cell;
    cr_expect(count_cell_read(STR("2024-09-30|a|b|high|c|d|3"), &none, &cell));
    cr_expect_not(
        count_cell_read(STR("2024-09-30|%25|b|high|c|d|3"), &none, &cell));
}

Test(counts, another_spelling_is_no_cell)
{
    static const char *const rows[] = {
        "",
        "||||||",
        "2024-09-30",
        "2024-09-30|a|b|high|c|d",
        "2024-09-30|a|b|high|c|d|",
        "2024-09-30|a|b|high|c|d|3|",
        "2024-09-30|a|b|high|c|d|3|4",
        "2024-09-30|a|b|HIGH|c|d|3",
        "2024-09-30|a|b||c|d|3",
        "2024-09-30|a|b|high|c|d|-1",
        "2024-09-30|a|b|high|c|d|03",
        "2024-09-30|a|b|high|c|d|x",
        "2024-09-30|a|b|high|c|d|99999999999",
        "2024-9-30|a|b|high|c|d|3",
        "2024-09-31|a|b|high|c|d|3",
        "2024-13-01|a|b|high|c|d|3",
        "2024-00--9|a|b|high|c|d|3",
        "24-09-30|a|b|high|c|d|3",
        "+2024-09-30|a|b|high|c|d|3",
        "-0000-01-01|a|b|high|c|d|3",
        "+99999999999-01-01|a|b|high|c|d|3",
        "|a|b|high|c|d|3",
        "2024-09-30|%|b|high|c|d|3",
        "2024-09-30|%7|b|high|c|d|3",
        "2024-09-30|%7c|b|high|c|d|3",
        "2024-09-30|%41|b|high|c|d|3",
        "2024-09-30|%G0|b|high|c|d|3",
        "2024-09-30|a\n|b|high|c|d|3",
    };
    struct arena arena = arena_reserve(1 << 16);
    char *start = arena.at;
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        struct count_cell cell = {.level = 4711};
        cr_expect_not(count_cell_read(str_of(rows[i]), &arena, &cell),
                      "row %zu: '%s'", i, rows[i]);
        cr_expect_eq(cell.level, 4711, "row %zu", i);
    }
    arena_release(start, arena);
}

Test(counts, every_day_reads_back)
{
    struct buf buf = {0};
    struct arena none = {NULL, NULL};
    for (int64_t day = INT32_MIN; day <= INT32_MAX; day += 99991) {
        struct count_cell cell = {.day = (int32_t)day, .source = STR("s")};
        struct count_cell got;
        buf_clear(&buf);
        count_cell_write(&buf, &cell);
        cr_assert(count_cell_read(buf_str(&buf), &none, &got), "%.*s",
                  STR_ARG(buf_str(&buf)));
        cr_assert_eq(got.day, cell.day);
    }
    buf_free(&buf);
}
