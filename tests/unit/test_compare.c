/* SPDX-License-Identifier: Apache-2.0
 *
 * Spreadsheets of monthly figures: read as people save them, refused with line
 * and column, compared with ours; sums and listings of counts. */
#include "report/compare.h"

#include "base/times.h"
#include "report/listing.h"

#include <criterion/criterion.h>
#include <string.h>

static struct arena arena;
static char *arena_start;
static struct complaints complaints;

static const struct report_source sources[] = {
    {STR("cycir"), STR("Viettel CyCir"),
     STR("hệ thống giám sát máy chủ (Viettel CyCir)"), 0},
    {STR("ajiant"), STR("Viettel Ajiant"), NO_STR, 0},
};

static void
setup(void)
{
    arena = arena_reserve((size_t)256 << 20);
    arena_start = arena.at;
    complaints = (struct complaints){0};
}

static void
teardown(void)
{
    complaints_free(&complaints);
    arena_release(arena_start, arena);
}

TestSuite(compare, .init = setup, .fini = teardown);

static bool
read_text(struct str text, struct sheet *sheet)
{
    struct sheet_file file = {"s.csv", text, sources, 2};
    complaints_free(&complaints);
    complaints = (struct complaints){0};
    return sheet_read(&file, &arena, sheet, &complaints);
}

static struct sheet
sheet_of(const char *text)
{
    struct sheet sheet;
    cr_assert(read_text(str_of(text), &sheet), "%.*s",
              STR_ARG(buf_str(&complaints.text)));
    return sheet;
}

Test(compare, a_sheet_is_read_as_people_save_it)
{
    static const char *const rows[] = {
        "month,source,severity,n\n2024-09,cycir,high,15035\n",
        "\xEF\xBB\xBFmonth;source;severity;n\r\n2024-09;cycir;high;15.035\r\n",
        "n\tseverity\tsource\tmonth\n15,035\tcao\tViettel CyCir\t9/2024",
        "Month,Source,Severity,N\n\n \n09/2024,CYCIR,HIGH,\"15,035\"\n,,,\n",
        "tháng;nguồn;mức độ;số cảnh báo\n"
        "tháng 9/2024;hệ thống giám sát máy chủ (Viettel CyCir);Cao;15 035\n",
        "month,note,source,severity,n\n"
        "T9/2024,\"a \"\"b\"\",\nc\",\"cycir\",high, 15035 \n",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sheet sheet = sheet_of(rows[i]);
        cr_assert_eq(sheet.n, 1, "row %zu", i);
        cr_expect_eq(sheet.cells[0].n, 15035, "row %zu", i);
        cr_expect_eq(sheet.cells[0].day, day_from_civil(2024, 9, 1));
        cr_expect_eq(sheet.cells[0].severity, SEVERITY_HIGH, "row %zu", i);
        cr_expect(str_equal(sheet.cells[0].source, STR("cycir")), "row %zu", i);
        cr_expect_eq(sheet.from, day_from_civil(2024, 9, 1));
        cr_expect_eq(sheet.to, day_from_civil(2024, 9, 30));
    }
}

Test(compare, a_dash_is_a_level_the_source_lacks)
{
    struct sheet sheet = sheet_of("month,source,severity,n\n"
                                  "2024-09,cycir,low,–\n2024-09,cycir,high,\n"
                                  "2024-09,cycir,medium,-\n"
                                  "2024-09,cycir,critical,0\n");
    cr_assert_eq(sheet.n, 1);
    cr_expect_eq(sheet.cells[0].severity, SEVERITY_CRITICAL);
}

Test(compare, every_bad_line_is_named_with_line_and_column)
{
    struct sheet sheet;
    struct str text = STR("month,source,severity,n\n"
                          "2024-13,cycir,high,1\n"
                          "2024-09,ajian,high,1\n"
                          "2024-09,ajiant,rất cao,1,5\n"
                          "2024-09,ajiant,rất cao,1.5\n"
                          "2024-09,ajiant,high,7\n"
                          "9/2024,Viettel Ajiant,Cao,8\n"
                          "2024-09,cycir,high,\"1\n");
    cr_expect(!read_text(text, &sheet));
    static const char *const lines[] = {
        "s.csv:2:1: '2024-13' is no month: write 2024-09 or 9/2024\n",
        "s.csv:3:9: unknown source 'ajian' (did you mean 'ajiant'?)\n",
        "s.csv:4:1: 5 columns where the head has 4\n",
        "s.csv:5:16: 'rất cao' is no severity",
        "s.csv:5:24: '1.5' is no count",
        "s.csv:7:1: the same month, source and severity as line 6\n",
        "s.csv:8:20: the quote is never closed\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        cr_expect(str_contains(buf_str(&complaints.text), str_of(lines[i])),
                  "%s is not in\n%.*s", lines[i],
                  STR_ARG(buf_str(&complaints.text)));
    cr_expect_eq(complaints.n_errors, sizeof lines / sizeof lines[0]);
}

Test(compare, a_head_without_its_columns_is_refused)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "there is no column 'month'"},
        {"month,source,severity\n", "there is no column 'n'"},
        {"month,source,severity,n,n\n",
         "s.csv:1:25: column 'n' is there twice"},
        {"month,source,severity,n\n", "there is no figure in it"},
        {"month,source,severity,n\n\"2024-09\"x,cycir,low,1\n",
         "s.csv:2:10: something stands after the closing quote"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sheet sheet;
        cr_expect(!read_text(str_of(rows[i].text), &sheet), "row %zu", i);
        cr_expect(str_contains(buf_str(&complaints.text), str_of(rows[i].why)),
                  "row %zu: %.*s", i, STR_ARG(buf_str(&complaints.text)));
    }
}

Test(compare, a_figure_is_never_guessed)
{
    static const char *const rows[] = {
        "1.5",      "1,50",  "1.2345", "1.234,567",
        "1234.567", ".5",    "5.",     "1..234",
        "0.500",    "-5",    "+5",     "1e3",
        "0x10",     "12 34", "15035đ", "99999999999999999999",
        "1.234.5",  "5%",    "１２",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sheet sheet;
        struct str text = arena_format(
            &arena, "month;source;severity;n\n2024-09;cycir;low;%s\n", rows[i]);
        cr_expect(!read_text(text, &sheet), "'%s'", rows[i]);
    }
}

Test(compare, hostile_bytes_cost_a_complaint_not_a_crash)
{
    static const char text[] = "month,source,severity,n\n"
                               "2024-09,\xff\xfe,\x00\x01,1\n\"\"\",,,\n";
    for (size_t len = 0; len < sizeof text; len++) {
        struct sheet sheet;
        struct arena kept = arena;
        (void)read_text((struct str){text, len}, &sheet);
        arena = kept;
        cr_expect_gt(complaints.n_errors, 0, "%zu", len);
    }
}

static struct count_cell cells[] = {
    {.day = 0,
     .source = STR("cycir"),
     .vendor_severity = STR("High"),
     .severity = SEVERITY_HIGH,
     .unit = STR("u1"),
     .level = 3,
     .n = 10},
    {.day = 1,
     .source = STR("cycir"),
     .vendor_severity = STR("Hi"),
     .severity = SEVERITY_HIGH,
     .unit = STR("u2"),
     .n = 5},
    {.day = 31, .source = STR("cycir"), .severity = SEVERITY_HIGH, .n = 7},
    {.day = 2, .source = STR("ajiant"), .severity = SEVERITY_LOW, .n = 3},
};

/* The cells on days of September 2024 (and October). */
static struct counts
our_counts(void)
{
    static struct count_cell dated[4];
    for (size_t i = 0; i < 4; i++) {
        dated[i] = cells[i];
        dated[i].day += day_from_civil(2024, 9, 1);
    }
    return (struct counts){.cells = dated, .n_cells = 4};
}

Test(compare, differences_are_listed_by_cell)
{
    struct counts counts = our_counts();
    struct sheet sheet = sheet_of("month,source,severity,n\n"
                                  "2024-09,cycir,high,15\n"
                                  "2024-10,cycir,high,8\n"
                                  "2024-10,cycir,critical,4\n"
                                  "2024-10,cycir,low,0\n");
    struct compare_result result;
    cr_assert(compare_sheet(&sheet, &counts, &arena, &result));
    /* Ajiant is not spoken of, so it is not compared. */
    cr_assert_eq(result.n, 2);
    cr_expect_eq(result.n_equal, 1);
    cr_expect_eq(result.rows[0].theirs, 8);
    cr_expect_eq(result.rows[0].ours, 7);
    cr_expect_eq(result.rows[1].theirs, 4);
    cr_expect_eq(result.rows[1].ours, 0);
    struct listing_style style = {VIETNAMESE, false};
    struct buf out = {0};
    cr_assert(listing_differences(&out, &result, &style, arena));
    cr_expect(str_contains(buf_str(&out), STR("10/2024  cycir  high")));
    cr_expect(str_contains(buf_str(&out), STR("−1\n")));
    buf_free(&out);
}

Test(compare, a_figure_of_ours_that_they_lack_is_a_difference)
{
    struct counts counts = our_counts();
    struct sheet sheet =
        sheet_of("month,source,severity,n\n2024-09,cycir,low,1\n");
    struct compare_result result;
    cr_assert(compare_sheet(&sheet, &counts, &arena, &result));
    cr_assert_eq(result.n, 2);
    cr_expect(!result.rows[0].absent);
    cr_expect(result.rows[1].absent);
    cr_expect_eq(result.rows[1].ours, 15);
}

static struct str
listed(const char *by, bool json)
{
    struct counts counts = our_counts();
    struct sums_input input = {.cells = counts.cells,
                               .n_cells = counts.n_cells,
                               .from = day_from_civil(2024, 9, 1),
                               .to = day_from_civil(2024, 10, 31)};
    unsigned set;
    struct sums sums;
    struct err why = {""};
    struct buf out = {0};
    struct listing_style style = {VIETNAMESE, json};
    cr_assert(dimensions_from(str_of(by), &set, &why), "%s", why.text);
    cr_assert(sums_make(&input, set, &arena, &sums));
    cr_assert(listing_sums(&out, &sums, set, &style, arena));
    struct str text = arena_copy(&arena, buf_str(&out));
    buf_free(&out);
    return text;
}

Test(compare, counts_are_listed_by_any_dimensions)
{
    static const struct {
        const char *by, *json;
    } rows[] = {
        {"source", "{\"source\":\"ajiant\",\"n\":3}\n"
                   "{\"source\":\"cycir\",\"n\":22}\n"},
        {"severity", "{\"severity\":\"low\",\"n\":3}\n"
                     "{\"severity\":\"high\",\"n\":22}\n"},
        {"month,source",
         "{\"month\":\"2024-09\",\"source\":\"ajiant\",\"n\":3}\n"
         "{\"month\":\"2024-09\",\"source\":\"cycir\",\"n\":15}\n"
         "{\"month\":\"2024-10\",\"source\":\"cycir\",\"n\":7}\n"},
        {"day", "{\"day\":\"2024-09-01\",\"n\":10}\n"
                "{\"day\":\"2024-09-02\",\"n\":5}\n"
                "{\"day\":\"2024-09-03\",\"n\":3}\n"
                "{\"day\":\"2024-10-02\",\"n\":7}\n"},
        {"level", "{\"level\":null,\"n\":15}\n{\"level\":3,\"n\":10}\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect(str_equal(listed(rows[i].by, true), str_of(rows[i].json)),
                  "row %zu:\n%.*s", i, STR_ARG(listed(rows[i].by, true)));
    cr_expect(str_equal(listed("source,severity", false),
                        STR("Nguồn      Mức độ  Số cảnh báo\n"
                            "──────────────────────────────\n"
                            "ajiant     low               3\n"
                            "cycir      high             22\n"
                            "Tổng cộng                   25\n")),
              "\n%.*s", STR_ARG(listed("source,severity", false)));
}

Test(compare, an_unknown_dimension_is_refused_with_a_suggestion)
{
    unsigned by = 77;
    struct err why = {""};
    cr_expect(!dimensions_from(STR("source,severty"), &by, &why));
    cr_expect_str_eq(why.text,
                     "no dimension 'severty' (did you mean 'severity'?)");
    cr_expect(!dimensions_from(STR(""), &by, &why));
    cr_expect(!dimensions_from(STR("source,,day"), &by, &why));
    cr_expect_eq(by, 77);
}

Test(compare, an_imported_month_counts_only_whole)
{
    struct count_cell month = {.day = day_from_civil(2024, 8, 1),
                               .source = STR("cycir"),
                               .severity = SEVERITY_HIGH,
                               .n = 100};
    static const struct {
        int month, day, month_to, day_to;
        uint64_t total;
    } rows[] = {
        {8, 1, 8, 31, 100},
        {8, 2, 8, 31, 0},
        {8, 1, 8, 30, 0},
        {7, 1, 9, 30, 100},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sums_input input = {
            .whole_months = &month,
            .n_whole_months = 1,
            .from = day_from_civil(2024, rows[i].month, rows[i].day),
            .to = day_from_civil(2024, rows[i].month_to, rows[i].day_to)};
        struct sums sums;
        cr_assert(sums_make(&input, BY(BY_SOURCE), &arena, &sums));
        cr_expect_eq(sums.total, rows[i].total, "row %zu", i);
    }
}
