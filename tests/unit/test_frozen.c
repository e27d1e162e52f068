/* SPDX-License-Identifier: Apache-2.0
 *
 * Published months: frozen, written, read back, compared, revised. */
#include "report/frozen.h"

#include "base/times.h"
#include "report/period.h"
#include "report/sums.h"

#include <criterion/criterion.h>
#include <string.h>

static struct arena arena;
static char *arena_start;
static struct count_cell cells[8];
static struct book books[4];
static struct counts counts;
static int32_t september;
static struct frozen_stamp stamp;

static void
setup(void)
{
    arena = arena_reserve((size_t)256 << 20);
    arena_start = arena.at;
    september = day_from_civil(2024, 9, 1);
    memset(cells, 0, sizeof cells);
    cells[0] = (struct count_cell){september,
                                   STR("ajiant"),
                                   STR("3\"|é"),
                                   SEVERITY_HIGH,
                                   STR("so-yte"),
                                   STR("his"),
                                   3,
                                   10};
    cells[1] = cells[0];
    cells[1].day += 29;
    cells[1].n = 5;
    cells[2] = (struct count_cell){
        september - 1, STR("ajiant"), STR("3"), SEVERITY_HIGH,
        NO_STR,        NO_STR,        0,        99};
    cells[3] = (struct count_cell){september + 3,
                                   STR("cycir"),
                                   STR("Critical"),
                                   SEVERITY_CRITICAL,
                                   NO_STR,
                                   NO_STR,
                                   0,
                                   2};
    books[0] = (struct book){september, STR("ajiant"), {15, 10}};
    books[1] = (struct book){september + 29, STR("ajiant"), {7, 5, 2}};
    books[2] = (struct book){september + 30, STR("ajiant"), {1, 1}};
    counts = (struct counts){
        .cells = cells, .n_cells = 4, .books = books, .n_books = 3};
    stamp = (struct frozen_stamp){.month = september,
                                  .day = day_from_civil(2024, 10, 5),
                                  .by = STR("Nguyễn Văn A")};
}

static void
teardown(void)
{
    arena_release(arena_start, arena);
}

TestSuite(frozen, .init = setup, .fini = teardown);

static struct frozen
freeze(const struct frozen *last, enum frozen_outcome expected)
{
    struct frozen next;
    struct err why = {""};
    enum frozen_outcome outcome =
        frozen_next(&stamp, &counts, last, &arena, &next, &why);
    cr_assert_eq(outcome, expected, "%d: %s", outcome, why.text);
    return next;
}

static struct str
text_of(const struct frozen *frozen)
{
    struct buf buf = {0};
    frozen_write(&buf, frozen);
    struct str text = arena_copy(&arena, buf_str(&buf));
    buf_free(&buf);
    return text;
}

static struct frozen
read_back(struct str text)
{
    struct frozen frozen;
    struct err why = {""};
    cr_assert(frozen_read(text, &arena, &frozen, &why), "%s", why.text);
    return frozen;
}

Test(frozen, a_month_holds_the_sums_of_its_days_only)
{
    struct frozen frozen = freeze(NULL, FROZEN_NEW);
    cr_expect_eq(frozen.revision, 1);
    cr_assert_eq(frozen.n_cells, 2);
    cr_expect_eq(frozen.cells[0].n, 15);
    cr_expect_eq(frozen.cells[0].level, 3);
    cr_expect_eq(frozen.cells[1].n, 2);
    cr_assert_eq(frozen.n_books, 1);
    cr_expect_eq(frozen.books[0].n[BOOK_IN], 22);
    cr_expect_eq(frozen.books[0].n[BOOK_UPDATES], 2);
}

Test(frozen, what_is_written_is_read_back_the_same)
{
    struct frozen frozen = freeze(NULL, FROZEN_NEW);
    cells[1].n = 6;
    struct frozen second = freeze(&frozen, FROZEN_NEW);
    struct str text = text_of(&second);
    struct frozen back = read_back(text);
    cr_expect(str_equal(text_of(&back), text));
    cr_expect_eq(back.month, september);
    cr_expect_eq(back.revision, 2);
    cr_expect(str_equal(back.by, stamp.by));
    cr_expect_eq(back.detail, second.detail);
    cr_expect_eq(back.n_changes, 1);
    cr_expect(str_equal(back.cells[0].vendor_severity, STR("3\"|é")));
}

Test(frozen, an_unchanged_month_gets_no_revision)
{
    struct frozen frozen = freeze(NULL, FROZEN_NEW);
    books[0].n[BOOK_DUPLICATES] += 3;
    stamp.day++;
    struct frozen same = freeze(&frozen, FROZEN_SAME);
    cr_expect_eq(same.revision, 1);
    cr_expect_eq(same.frozen_on, frozen.frozen_on);
}

Test(frozen, late_alerts_restate_the_month_and_the_cells_are_listed)
{
    struct frozen first = freeze(NULL, FROZEN_NEW);
    cells[4] = (struct count_cell){
        september + 9, STR("cycir"), STR("High"), SEVERITY_HIGH,
        NO_STR,        NO_STR,       0,           1};
    cells[3].n = 0;
    cells[1].n++;
    counts.n_cells = 5;
    const struct frozen_change *changes;
    size_t n;
    cr_assert(frozen_compare(&first, &counts, &arena, &changes, &n));
    cr_assert_eq(n, 3);
    static const struct {
        uint64_t was, now;
    } rows[] = {{15, 16}, {0, 1}, {2, 0}};
    for (size_t i = 0; i < n; i++) {
        cr_expect_eq(changes[i].was, rows[i].was, "row %zu", i);
        cr_expect_eq(changes[i].cell.n, rows[i].now, "row %zu", i);
    }
    struct frozen second = freeze(&first, FROZEN_NEW);
    cr_expect_eq(second.revision, 2);
    cr_expect_eq(second.n_changes, 3);
    cr_assert(frozen_compare(&second, &counts, &arena, &changes, &n));
    cr_expect_eq(n, 0);
}

Test(frozen, a_month_without_alerts_is_not_frozen)
{
    counts.n_cells = 0;
    struct frozen next;
    struct err why = {""};
    cr_expect_eq(frozen_next(&stamp, &counts, NULL, &arena, &next, &why),
                 FROZEN_FAILED);
    cr_expect_str_eq(why.text,
                     "no alert of 2024-09: there is nothing to freeze");
}

Test(frozen, too_many_cells_are_frozen_in_less_detail)
{
    enum { MANY = 20000 };
    struct count_cell *many = arena_take(&arena, MANY, sizeof *many);
    for (size_t i = 0; i < MANY; i++) {
        many[i] = cells[0];
        many[i].unit = arena_format(&arena, "unit-%zu-with-a-long-name", i);
        many[i].n = 1;
    }
    counts.cells = many;
    counts.n_cells = MANY;
    struct frozen frozen = freeze(NULL, FROZEN_NEW);
    cr_expect_eq(frozen.n_cells, 1);
    cr_expect_eq(frozen.cells[0].n, MANY);
    cr_expect_eq(frozen.detail & BY(BY_UNIT), 0);
    /* It is still compared, as coarsely. */
    const struct frozen_change *changes;
    size_t n;
    cr_assert(frozen_compare(&frozen, &counts, &arena, &changes, &n));
    cr_expect_eq(n, 0);
    many[7].n = 2;
    cr_assert(frozen_compare(&frozen, &counts, &arena, &changes, &n));
    cr_expect_eq(n, 1);
}

Test(frozen, an_import_knows_sources_and_severities_only)
{
    stamp.origin = FROZEN_IMPORT;
    struct frozen frozen = freeze(NULL, FROZEN_NEW);
    cr_expect_eq(frozen.detail, BY(BY_SOURCE) | BY(BY_SEVERITY));
    struct frozen back = read_back(text_of(&frozen));
    cr_expect_eq(back.origin, FROZEN_IMPORT);
}

Test(frozen, what_is_no_such_document_is_refused_with_the_place)
{
#define HEAD                                                                   \
    "{\"document\":\"thapcanh.month\",\"version\":1,\"month\":\"2024-09\","    \
    "\"revision\":1,\"frozen_on\":\"2024-10-05\",\"by\":\"a\","                \
    "\"origin\":\"counts\",\"detail\":[\"source\",\"severity\"],"
#define TAIL "\"books\":[],\"changes\":[]}"
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "empty"},
        {"nonsense", "not valid JSON"},
        {"[]", "no text 'document'"},
        {"{\"document\":1}", "no text 'document'"},
        {"{\"document\":\"x\",\"version\":1,\"month\":\"2024-09\","
         "\"revision\":1,\"frozen_on\":\"2024-10-05\",\"by\":\"a\","
         "\"origin\":\"counts\"}",
         "another kind or 'version'"},
        {HEAD "\"cells\":{}," TAIL, "no list 'cells'"},
        {HEAD "\"cells\":[1]," TAIL, "cells[0]: no object ''"},
        {HEAD "\"cells\":[{\"source\":\"a\",\"severity\":\"high\"}]," TAIL,
         "cells[0]: no count 'n'"},
        {HEAD "\"cells\":[{\"source\":\"a\",\"severity\":\"high\",\"n\":-1}]"
              "," TAIL,
         "cells[0]: no count 'n'"},
        {HEAD "\"cells\":[{\"source\":\"a\",\"severity\":\"high\",\"n\":1.5}]"
              "," TAIL,
         "cells[0]: no count 'n'"},
        {HEAD "\"cells\":[{\"source\":\"a\",\"severity\":\"huge\",\"n\":1}]"
              "," TAIL,
         "cells[0]: unknown 'severity'"},
        {HEAD "\"cells\":[{\"source\":\"a\",\"severity\":\"high\",\"n\":1,"
              "\"level\":77}]," TAIL,
         "cells[0]: unknown 'level'"},
        {HEAD "\"cells\":[],\"books\":[{\"source\":\"a\",\"in\":\"x\"}],"
              "\"changes\":[]}",
         "books[0]: no count 'in'"},
        {HEAD "\"cells\":[],\"books\":[],\"changes\":[{\"source\":\"a\","
              "\"severity\":\"low\",\"was\":1}]}",
         "changes[0]: no count 'now'"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct frozen frozen;
        struct err why = {""};
        cr_expect(!frozen_read(str_of(rows[i].text), &arena, &frozen, &why),
                  "row %zu", i);
        cr_expect_not_null(strstr(why.text, rows[i].why), "row %zu: %s", i,
                           why.text);
    }
    struct frozen frozen;
    cr_expect(
        frozen_read(STR(HEAD "\"cells\":[]," TAIL), &arena, &frozen, NULL));
}

Test(frozen, a_document_cut_anywhere_is_refused)
{
    struct frozen frozen = freeze(NULL, FROZEN_NEW);
    struct str text = text_of(&frozen);
    for (size_t len = 0; len + 2 < text.len; len++) {
        struct arena scratch = arena;
        struct frozen back;
        cr_expect(!frozen_read(str_cut(text, 0, len), &scratch, &back, NULL),
                  "%zu", len);
    }
}
