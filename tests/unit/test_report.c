/* SPDX-License-Identifier: Apache-2.0
 *
 * The report on the plan's nine months of 2024 (DESIGN 1): the sentence to the
 * digit, what is printed where there is no number, and whole documents against
 * those kept in tests/cases/report. After a wanted change, GOLDEN=write writes
 * them anew; look at the difference before it is committed. */
#include "report/report.h"

#include "base/file.h"
#include "base/times.h"
#include "tests/unit/plan.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define CASES "tests/cases/report/"

static const char sentence[] =
    "Trong 9 tháng đầu năm 2024, hệ thống giám sát máy chủ (Viettel CyCir) có "
    "15.035 cảnh báo mức độ trung bình, 6.592 cảnh báo mức độ cao và 2.556 "
    "cảnh báo mức độ nghiêm trọng; hệ thống giám sát máy khách SOC (Viettel "
    "Ajiant) có 43.288 cảnh báo mức độ thấp, 377.993 cảnh báo mức độ trung "
    "bình, 142.807 cảnh báo mức độ cao.";

static void
setup(void)
{
    arena = arena_reserve((size_t)1 << 30);
    arena_start = arena.at;
    counts = (struct counts){
        .cells = arena_take(&arena, 20000, sizeof(struct count_cell)),
        .books = arena_take(&arena, 2000, sizeof(struct book)),
        .hours = arena_take(&arena, 2000, sizeof(struct hours)),
    };
    cr_assert_not_null(counts.hours);
    int32_t from = day_from_civil(2024, 1, 1), to = day_from_civil(2024, 9, 30);
    for (size_t i = 0; i < N_SERIES; i++) {
        add_series(&plan[i], day_from_civil(2023, 10, 1), from - 1,
                   plan[i].before);
        add_series(&plan[i], from, to, plan[i].plan);
    }
    /* Ajiant is cut off for a morning; CyCir sends updates and repeats. */
    struct book *book = book_of(day_from_civil(2024, 2, 14), STR("ajiant"));
    for (int h = 1; h < 9; h++)
        counts.hours[book - counts.books].n[h] = 0;
    book->n[BOOK_LATE] = 17;
    book->n[BOOK_IN] += 2;
    book->n[BOOK_DEAD_LETTERS] = 2;
    book = book_of(day_from_civil(2024, 2, 20), STR("cycir"));
    book->n[BOOK_IN] += 12;
    book->n[BOOK_UPDATES] = 9;
    book->n[BOOK_DUPLICATES] = 3;
}

static void
teardown(void)
{
    arena_release(arena_start, arena);
}

TestSuite(report, .init = setup, .fini = teardown);

static struct str
unit_name(const void *context, struct str id)
{
    (void)context;
    if (str_equal(id, STR("so-yte")))
        return STR("Sở Y tế");
    if (str_equal(id, STR("so-tttt")))
        return STR("Sở Thông tin và Truyền thông");
    if (str_equal(id, STR("ubnd-phanrang")))
        return STR("UBND thành phố Phan Rang – Tháp Chàm");
    return id;
}

static struct str
system_name(const void *context, struct str id)
{
    (void)context;
    if (str_equal(id, STR("his")))
        return STR("Hệ thống quản lý bệnh viện");
    if (str_equal(id, STR("dvc")))
        return STR("Cổng dịch vụ công trực tuyến của tỉnh");
    return id;
}

static const struct report_names names = {NULL, unit_name, system_name};

static const struct report_top rules[] = {
    {{"ajiant", 6}, STR("Suspicious PowerShell Download Cradle"), 41230},
    {{"cycir", 5}, STR("SQL injection <script>alert(1)</script> & \"x\""), 812},
    {{"ajiant", 6}, STR("=cmd|' /C calc'!A0\x1b[31m\xe2\x80\xae"), 99},
};

static const struct report_top hosts[] = {
    {{"ajiant", 6}, STR("PC-SYT-0117"), 5123},
    {{"cycir", 5}, STR("srv-dvc-01"), 431},
};

static struct report_input
input_of(const char *period)
{
    struct report_input input = {
        .language = VIETNAMESE,
        .site = STR("Trung tâm giám sát an toàn thông tin tỉnh"),
        .counts = &counts,
        .sources = sources,
        .n_sources = 2,
        .names = &names,
        .rules = {rules, 3},
        .hosts = {hosts, 2},
    };
    struct err why = {""};
    cr_assert(period_from(str_of(period), &input.period, &why), "%s", why.text);
    return input;
}

static const struct report *
report_of(const struct report_input *input)
{
    struct err why = {""};
    const struct report *report = report_make(input, &arena, &why);
    cr_assert_not_null(report, "%s", why.text);
    return report;
}

static struct str
written(const struct report *report, enum report_format format)
{
    struct buf out = {0};
    report_write(report, format, &out);
    cr_assert(!out.full);
    struct str text = arena_copy(&arena, buf_str(&out));
    buf_free(&out);
    return text;
}

/* Compares with, or writes, one document kept in the repository. */
static void
golden(const char *name, struct str text)
{
    struct err why = {""};
    struct str kept;
    struct str path = arena_format(&arena, CASES "%s", name);
    const char *wish = getenv("GOLDEN");
    if (wish != NULL && strcmp(wish, "write") == 0)
        cr_assert(file_replace(path.at, text, 0644, &why), "%s", why.text);
    cr_assert(file_read(path.at, (size_t)8 << 20, &arena, &kept, &why), "%s",
              why.text);
    if (str_equal(kept, text))
        return;
    struct str a, b;
    for (size_t line = 1; str_split(&kept, '\n', &a); line++) {
        cr_assert(str_split(&text, '\n', &b), "%s is longer", name);
        cr_assert(str_equal(a, b), "%s:%zu:\nkept  %.*s\nmade  %.*s", name,
                  line, STR_ARG(a), STR_ARG(b));
    }
    cr_assert_fail("%s is shorter", name);
}

Test(report, the_plans_sentence_is_printed_to_the_digit)
{
    struct report_input input = input_of("2024-9m");
    struct str text = report_sentence(report_of(&input));
    cr_assert_eq(text.len, strlen(sentence));
    cr_assert(str_equal(text, str_of(sentence)), "%.*s", STR_ARG(text));
}

Test(report, the_sentence_stands_whole_in_every_document)
{
    struct report_input input = input_of("2024-9m");
    const struct report *report = report_of(&input);
    for (int i = 0; i < N_REPORT_FORMATS; i++)
        if (i != REPORT_CSV)
            cr_expect(str_contains(written(report, (enum report_format)i),
                                   str_of(sentence)),
                      "format %d", i);
}

Test(report, a_sentence_begins_with_the_periods_words)
{
    static const struct {
        const char *period, *begins, *english;
    } rows[] = {
        {"2024-09", "Trong tháng 9 năm 2024, ", "In September 2024, "},
        {"2024-Q3", "Trong quý III năm 2024, ", "In quarter III of 2024, "},
        {"2024-6m", "Trong 6 tháng đầu năm 2024, ",
         "In the first 6 months of 2024, "},
        {"2024", "Trong năm 2024, ", "In 2024, "},
        {"2024-02-01..2024-03-10", "Từ ngày 1/2/2024 đến ngày 10/3/2024, ",
         "From 1/2/2024 to 10/3/2024, "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct report_input input = input_of(rows[i].period);
        struct str text = report_sentence(report_of(&input));
        cr_expect(str_starts(text, str_of(rows[i].begins)), "row %zu: %.*s", i,
                  STR_ARG(text));
        input.language = ENGLISH;
        text = report_sentence(report_of(&input));
        cr_expect(str_starts(text, str_of(rows[i].english)), "row %zu: %.*s", i,
                  STR_ARG(text));
    }
}

Test(report, dates_that_are_not_the_names_own_follow_in_brackets)
{
    struct report_input input = input_of("2024-9m");
    cr_assert(period_override(&input.period, STR("2023-12-15"),
                              STR("2024-09-14"), NULL));
    struct str text = report_sentence(report_of(&input));
    cr_assert(str_starts(text, STR("Trong 9 tháng đầu năm 2024 (từ ngày "
                                   "15/12/2023 đến ngày 14/9/2024), hệ")),
              "%.*s", STR_ARG(text));
}

Test(report, the_english_sentence_uses_english_words_and_numbers)
{
    struct report_input input = input_of("2024-9m");
    input.language = ENGLISH;
    struct str text = report_sentence(report_of(&input));
    cr_assert(
        str_equal(text, STR("In the first 9 months of 2024, Viettel CyCir had "
                            "15,035 medium alerts, 6,592 high alerts and 2,556 "
                            "critical alerts; Viettel Ajiant had 43,288 low "
                            "alerts, 377,993 medium alerts, 142,807 high "
                            "alerts.")),
        "%.*s", STR_ARG(text));
}

Test(report, the_order_of_cells_does_not_change_a_byte)
{
    struct report_input input = input_of("2024-02");
    struct str before[N_REPORT_FORMATS];
    for (int i = 0; i < N_REPORT_FORMATS; i++)
        before[i] = written(report_of(&input), (enum report_format)i);
    for (size_t i = 0, k = counts.n_cells - 1; i < k; i++, k--) {
        struct count_cell cell = counts.cells[i];
        counts.cells[i] = counts.cells[k];
        counts.cells[k] = cell;
    }
    for (size_t i = 0, k = counts.n_books - 1; i < k; i++, k--) {
        struct book book = counts.books[i];
        counts.books[i] = counts.books[k];
        counts.books[k] = book;
    }
    for (int i = 0; i < N_REPORT_FORMATS; i++)
        cr_expect(str_equal(before[i],
                            written(report_of(&input), (enum report_format)i)),
                  "format %d", i);
}

Test(report, books_that_do_not_balance_are_said_so)
{
    struct report_input input = input_of("2024-02");
    cr_assert(report_balances(report_of(&input)));
    book_of(day_from_civil(2024, 2, 5), STR("cycir"))->n[BOOK_IN] += 3;
    const struct report *report = report_of(&input);
    cr_expect(!report_balances(report));
    cr_expect(str_contains(written(report, REPORT_TEXT), STR("lệch +3")));
    cr_expect(str_contains(written(report, REPORT_TEXT),
                           STR("Sổ đối chiếu không khớp")));
}

Test(report, an_alert_in_the_tables_that_the_books_lack_is_said_so)
{
    struct report_input input = input_of("2024-02");
    counts.cells[counts.n_cells++] =
        (struct count_cell){.day = day_from_civil(2024, 2, 5),
                            .source = STR("cycir"),
                            .severity = SEVERITY_HIGH,
                            .n = 1};
    const struct report *report = report_of(&input);
    cr_expect(!report_balances(report));
    cr_expect(str_contains(written(report, REPORT_TEXT),
                           STR("khác số đã đếm trong sổ")));
}

Test(report, a_value_without_a_mapping_is_named_and_not_called_medium)
{
    struct report_input input = input_of("2024-02");
    int32_t day = day_from_civil(2024, 2, 5);
    counts.cells[counts.n_cells++] =
        (struct count_cell){.day = day,
                            .source = STR("cycir"),
                            .vendor_severity = STR("Sev<ere"),
                            .severity = SEVERITY_UNKNOWN,
                            .n = 7};
    struct book *book = book_of(day, STR("cycir"));
    book->n[BOOK_IN] += 7;
    book->n[BOOK_COUNTED] += 7;
    const struct report *report = report_of(&input);
    cr_expect(report_balances(report));
    cr_expect(str_contains(report_sentence(report),
                           STR("7 cảnh báo chưa rõ mức độ")));
    cr_expect(str_contains(written(report, REPORT_HTML), STR("Sev&lt;ere")));
    cr_expect(
        str_contains(written(report, REPORT_CSV),
                     STR("unknown_severities,cycir,,Sev<ere,,,,,,,alerts,7")));
}

Test(report, a_source_nobody_configured_is_printed_all_the_same)
{
    struct report_input input = input_of("2024-02");
    input.n_sources = 1;
    struct str text = report_sentence(report_of(&input));
    cr_expect(str_contains(text, STR("; ajiant có ")), "%.*s", STR_ARG(text));
}

Test(report, a_source_that_never_sent_is_no_part_of_the_sentence)
{
    struct report_source three[3] = {
        sources[0],
        sources[1],
        {.name = STR("wazuh"), .product = STR("Wazuh"), .severities = 0x3e}};
    struct report_input input = input_of("2024-9m");
    input.sources = three;
    input.n_sources = 3;
    const struct report *report = report_of(&input);
    cr_expect(str_equal(report_sentence(report), str_of(sentence)));
    cr_expect(str_contains(written(report, REPORT_TEXT),
                           STR("Nguồn không có dữ liệu trong kỳ: Wazuh.")));
}

Test(report, a_source_that_fell_silent_has_missing_data_not_zero)
{
    struct report_input input = input_of("2024-11");
    const struct report *report = report_of(&input);
    cr_expect(str_contains(report_sentence(report),
                           STR("(Viettel CyCir) không có dữ liệu")));
    cr_expect(str_contains(written(report, REPORT_JSON),
                           STR("\"source\":\"cycir\",\"source_name\":\"Viettel "
                               "CyCir\",\"low\":null,\"medium\":\"missing\"")));
}

Test(report, a_level_a_source_lacks_is_a_dash_and_none_seen_is_zero)
{
    for (size_t i = 0; i < counts.n_cells; i++)
        if (counts.cells[i].severity == SEVERITY_CRITICAL)
            counts.cells[i].n = 0;
    struct report_input input = input_of("2024-02");
    struct str text = written(report_of(&input), REPORT_JSON);
    cr_expect(str_contains(text, STR("\"source_name\":\"Viettel CyCir\","
                                     "\"low\":null,")));
    cr_expect(str_contains(text, STR("\"critical\":0,\"total\":")));
}

Test(report, a_unit_has_a_dash_where_none_of_its_sources_has_the_level)
{
    for (size_t i = 0; i < counts.n_cells; i++)
        if (str_equal(counts.cells[i].source, STR("ajiant")))
            counts.cells[i].unit = STR("so-endpoints");
        else
            counts.cells[i].unit = STR("so-servers");
    struct report_input input = input_of("2024-02");
    struct str text = written(report_of(&input), REPORT_CSV), line;
    bool endpoints = false, servers = false;
    while (str_split(&text, '\n', &line)) {
        if (!str_starts(line, STR("by_unit,")))
            continue;
        bool none = str_contains(line, STR(",none,"));
        endpoints |= none && str_contains(line, STR("so-endpoints")) &&
                     str_contains(line, STR("critical"));
        servers |= none && str_contains(line, STR("so-servers")) &&
                   str_contains(line, STR("low"));
    }
    cr_expect(endpoints, "endpoints have no critical, and it is not 0");
    cr_expect(servers, "servers have no low, and it is not 0");
}

Test(report, the_text_keeps_within_a_hundred_columns)
{
    static const char *const periods[] = {"2024-9m", "2024-02", "2023-Q4",
                                          "2023-10..2024-12"};
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        struct report_input input = input_of(periods[i]);
        struct str text = written(report_of(&input), REPORT_TEXT), line;
        struct str own = report_sentence(report_of(&input));
        while (str_split(&text, '\n', &line)) {
            size_t width = 0;
            for (size_t k = 0; k < line.len; k++)
                width += ((unsigned char)line.at[k] & 0xC0) != 0x80;
            cr_expect(width <= 100 || str_equal(line, own),
                      "%s: %zu columns: %.*s", periods[i], width,
                      STR_ARG(line));
            cr_expect(line.len == 0 || line.at[line.len - 1] != ' ');
        }
    }
}

Test(report, nothing_from_outside_becomes_markup_or_a_formula)
{
    struct report_input input = input_of("2024-02");
    const struct report *report = report_of(&input);
    struct str html = written(report, REPORT_HTML);
    cr_expect(!str_contains(html, STR("<script")));
    cr_expect(str_contains(html, STR("&lt;script&gt;")));
    cr_expect(!str_contains(html, STR("\x1b")));
    cr_expect(!str_contains(html, STR("\xe2\x80\xae")));
    cr_expect(!str_contains(written(report, REPORT_TEXT), STR("\x1b")));
    cr_expect(str_contains(written(report, REPORT_CSV), STR("'=cmd|")));
}

Test(report, hostile_counts_do_not_overflow_a_page)
{
    for (size_t i = 0; i < counts.n_cells; i++)
        counts.cells[i].n = UINT64_MAX / 40000;
    struct report_input input = input_of("2024-9m");
    const struct report *report = report_of(&input);
    for (int i = 0; i < N_REPORT_FORMATS; i++)
        cr_expect_gt(written(report, (enum report_format)i).len, 1000);
}

Test(report, without_any_data_there_is_still_a_report)
{
    counts = (struct counts){0};
    struct report_input input = input_of("2024-9m");
    const struct report *report = report_of(&input);
    cr_expect(str_contains(report_sentence(report), STR("không có dữ liệu")));
    for (int i = 0; i < N_REPORT_FORMATS; i++)
        cr_expect_gt(written(report, (enum report_format)i).len, 50);
    input.n_sources = 0;
    cr_expect(str_contains(report_sentence(report_of(&input)),
                           STR("không có nguồn nào có dữ liệu")));
}

Test(report, too_long_a_period_is_refused)
{
    struct report_input input = input_of("2015..2024");
    struct err why = {""};
    cr_expect_null(report_make(&input, &arena, &why));
    cr_expect_str_eq(why.text, "the period is longer than five years");
}

Test(report, too_little_memory_is_a_reason_never_a_crash)
{
    struct report_input input = input_of("2024-9m");
    for (size_t size = 4096; size < (size_t)8 << 20; size = size * 3 / 2) {
        struct arena small = arena_reserve(size);
        char *start = small.at;
        struct err why = {""};
        cr_assert_not_null(start);
        if (report_make(&input, &small, &why) == NULL)
            cr_expect_str_eq(why.text, "out of memory for the report");
        arena_release(start, small);
    }
}

Test(report, figures_of_an_import_are_the_base_where_nothing_was_counted)
{
    struct count_cell cells[] = {{.source = STR("cycir"),
                                  .severity = SEVERITY_HIGH,
                                  .n = 1000,
                                  .day = day_from_civil(2024, 1, 1)},
                                 {.source = STR("cycir"),
                                  .severity = SEVERITY_HIGH,
                                  .n = 500,
                                  .day = day_from_civil(2023, 2, 1)}};
    struct frozen months[] = {
        {.month = cells[0].day,
         .revision = 1,
         .origin = FROZEN_IMPORT,
         .detail = 3,
         .cells = &cells[0],
         .n_cells = 1},
        {.month = cells[1].day,
         .revision = 1,
         .origin = FROZEN_IMPORT,
         .detail = 3,
         .cells = &cells[1],
         .n_cells = 1},
    };
    struct report_input input = input_of("2024-02");
    input.months = months;
    input.n_months = 2;
    struct str csv = written(report_of(&input), REPORT_CSV);
    /* January was counted, so its import is not added to it. */
    cr_expect(
        str_contains(csv, STR("change_year,cycir,high,,,,,,,,base,500,\r\n")));
    cr_expect(!str_contains(
        csv, STR("change_before,cycir,high,,,,,,,,base,1000,\r\n")));
}

Test(report, a_published_month_that_changed_is_listed_and_warned_of)
{
    struct frozen_stamp stamp = {.month = day_from_civil(2024, 2, 1),
                                 .day = day_from_civil(2024, 3, 5),
                                 .by = STR("Nguyễn Văn A")};
    struct frozen months[1];
    struct report_input input = input_of("2024-02");
    input.months = months;
    input.n_months = 1;
    cr_assert_eq(frozen_next(&stamp, &counts, NULL, &arena, &months[0], NULL),
                 FROZEN_NEW);
    const struct report *report = report_of(&input);
    /* The date of the paper is that of the freeze. */
    cr_expect(str_contains(written(report, REPORT_HTML),
                           STR("ngày 5 tháng 3 năm 2024")));
    cr_expect(!str_contains(written(report, REPORT_TEXT),
                            STR("thay đổi sau khi công bố")));
    add_day(&plan[1], day_from_civil(2024, 2, 7), 15);
    report = report_of(&input);
    struct str text = written(report, REPORT_TEXT);
    cr_expect(str_contains(
        text, STR("! Có 5 ô số liệu của tháng đã công bố thay đổi")));
    cr_expect(str_contains(text, STR("sau bản 1")));
    cr_expect(!str_contains(written(report, REPORT_HTML),
                            STR("ngày 5 tháng 3 năm 2024")));
    golden("restated.txt", text);
}

Test(report, the_nine_months_read_as_the_documents_kept)
{
    struct report_input input = input_of("2024-9m");
    const struct report *report = report_of(&input);
    golden("2024-9m.txt", written(report, REPORT_TEXT));
    golden("2024-9m.html", written(report, REPORT_HTML));
}

Test(report, a_month_reads_as_the_documents_kept)
{
    struct report_input input = input_of("2024-02");
    const struct report *report = report_of(&input);
    golden("2024-02.txt", written(report, REPORT_TEXT));
    golden("2024-02.html", written(report, REPORT_HTML));
    golden("2024-02.csv", written(report, REPORT_CSV));
    golden("2024-02.json", written(report, REPORT_JSON));
    input.language = ENGLISH;
    golden("2024-02.en.txt", written(report_of(&input), REPORT_TEXT));
}

/* --- tickets */

Test(report, tickets_of_the_period_and_where_every_alert_went)
{
    static const struct str unit[2] = {{"so-yte", 6}, {"so-tttt", 7}};
    int64_t may = INT64_C(1714532400000), second = 1000;
    const struct report_ticket tickets[] = {
        {TICKET_NEW, 1, false, unit, 2, may, may, NO_TIME},
        {TICKET_CLOSED, 2, false, unit, 1, may, may, may + 10 * second},
        {TICKET_CLOSED, 2, false, unit, 1, may, may, may + 20 * second},
        {TICKET_CLOSED, 2, false, NULL, 0, may, may, may + 90 * second},
        {TICKET_NEW, 3, true, unit, 1, may, may, NO_TIME},
        /* fired in another year */
        {TICKET_NEW, 1, false, unit, 1, may + 400 * MS_PER_DAY, may, NO_TIME},
    };
    struct report_input input = input_of("2024-9m");
    struct report_tickets all = {.at = tickets,
                                 .n = sizeof tickets / sizeof *tickets,
                                 .place = {100, 20, 3, 7, 588141},
                                 .has_places = true};
    input.tickets = &all;
    struct buf json = {.max_bytes = 64 << 20};
    report_write(report_of(&input), REPORT_JSON, &json);
    static const char *const wanted[] = {
        "{\"place\":\"ticket\",\"place_name\":\"trong phiếu\",\"alerts\":100,",
        "\"place_name\":\"chưa xếp\",\"alerts\":588141,",
        "\"unit_name\":\"Sở Y tế\",\"tickets\":4}",
        "\"unit\":\"none\",\"unit_name\":\"(không thuộc đơn vị nào)\","
        "\"tickets\":1}",
        "\"priority\":\"P2\",\"tickets\":3,\"acknowledged\":3,"
        "\"median_s\":20,\"p90_s\":90}",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(str_contains(buf_str(&json), str_of(wanted[i])),
                  "row %zu: %s", i, wanted[i]);
    buf_clear(&json);
    report_write(report_of(&input), REPORT_TEXT, &json);
    cr_expect(str_contains(buf_str(&json), STR("Mỗi cảnh báo đã đếm nằm ở "
                                               "đúng một nơi")),
              "the sum is right");
    all.place[IN_OPEN]--;
    buf_clear(&json);
    report_write(report_of(&input), REPORT_TEXT, &json);
    cr_expect(str_contains(buf_str(&json), STR("Bảng có 588.270 cảnh báo, đã "
                                               "đếm 588.271")),
              "one is missing and the report says so");
    buf_free(&json);
}
