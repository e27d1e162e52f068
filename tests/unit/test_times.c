/* SPDX-License-Identifier: Apache-2.0
 *
 * The calendar and the readers and writers of times. */
#include <criterion/criterion.h>
#include <time.h>

#include "base/times.h"

#define N_ROWS(rows) (sizeof(rows) / sizeof(rows)[0])
#define BAD NO_TIME

struct row {
    const char *text;
    int64_t ms; /* BAD: refused */
};

static void
expect_reads(bool (*read)(struct str, int, int64_t *), int zone_minutes,
             const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int64_t ms = 4711;
        bool is = read(str_of(rows[i].text), zone_minutes, &ms);
        cr_expect_eq(is, rows[i].ms != BAD, "row %zu: '%s'", i, rows[i].text);
        cr_expect_eq(ms, is ? rows[i].ms : 4711, "row %zu: '%s' gave %lld", i,
                     rows[i].text, (long long)ms);
    }
}

/* 2024-05-01T08:15:30Z */
#define MAY INT64_C(1714551330000)
#define HOUR INT64_C(3600000)

Test(times, iso_8601_in_all_its_forms)
{
    static const struct row rows[] = {
        {"2024-05-01T08:15:30Z", MAY},
        {"2024-05-01t08:15:30z", MAY},
        {"2024-05-01 08:15:30", MAY},
        {"2024-05-01T08:15:30.123+07:00", MAY + 123 - 7 * HOUR},
        {"2024-05-01T08:15:30.123+0700", MAY + 123 - 7 * HOUR},
        {"2024-05-01T08:15:30+07", MAY - 7 * HOUR},
        {"2024-05-01T08:15:30-03:30", MAY + 7 * HOUR / 2},
        {"2024-05-01 08:15:30 +0700", MAY - 7 * HOUR},
        {"2024-05-01 08:15:30.5 UTC", MAY + 500},
        {"2024-05-01T08:15:30,5Z", MAY + 500},
        {"2024-05-01T08:15:30.1234567Z", MAY + 123},
        {"2024-05-01T08:15:30.999999999Z", MAY + 999},
        {"2024-05-01T08:15Z", MAY - 30000},
        {"2024-05-01T08:15", MAY - 30000},
        {"2024-05-01", MAY - 8 * HOUR - 930000},
        {"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
        {"2000-02-29", INT64_C(951782400000)},
        {"1970-01-01T00:00:00Z", 0},
        {"1969-12-31T23:59:59.999Z", -1},
        {"0000-01-01T00:00:00Z", INT64_C(-62167219200000)},
        {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
        {"2016-12-31T23:59:60Z", INT64_C(1483228799999)},
    };
    expect_reads(time_from_iso, 0, rows, N_ROWS(rows));
}

Test(times, what_is_not_iso_8601_is_refused)
{
    static const struct row rows[] = {
        {"", BAD},
        {" ", BAD},
        {"2024", BAD},
        {"2024-05", BAD},
        {"2024-05-1", BAD},
        {"2024-5-01", BAD},
        {"24-05-01", BAD},
        {"2024-13-01", BAD},
        {"2024-00-01", BAD},
        {"2024-04-31", BAD},
        {"2023-02-29", BAD},
        {"1900-02-29", BAD},
        {"2024-05-01T", BAD},
        {"2024-05-01 ", BAD},
        {"2024-05-01T08", BAD},
        {"2024-05-01T08:15:", BAD},
        {"2024-05-01T08:15:3", BAD},
        {"2024-05-01T24:00:00Z", BAD},
        {"2024-05-01T08:60:00Z", BAD},
        {"2024-05-01T08:15:61Z", BAD},
        {"2024-05-01T08:15:30.", BAD},
        {"2024-05-01T08:15:30.Z", BAD},
        {"2024-05-01T08:15:30.1234567890Z", BAD},
        {"2024-05-01T08:15:30+", BAD},
        {"2024-05-01T08:15:30+7", BAD},
        {"2024-05-01T08:15:30+07:", BAD},
        {"2024-05-01T08:15:30+07:0", BAD},
        {"2024-05-01T08:15:30+07:60", BAD},
        {"2024-05-01T08:15:30+24:00", BAD},
        {"2024-05-01T08:15:30Zx", BAD},
        {"2024-05-01T08:15:30 ", BAD},
        {"2024-05-01T08:15:30 UT", BAD},
        {"2024-05-01T08:15:30x", BAD},
        {" 2024-05-01T08:15:30Z", BAD},
        {"2024-05-01T0a:15:30Z", BAD},
        {"2024/05/01T08:15:30Z", BAD},
        {"-2024-05-01T08:15:30Z", BAD},
        {"0000-01-01T00:00:00+01:00", BAD},
        {"9999-12-31T23:59:59-01:00", BAD},
        {"20240501T081530Z", BAD},
    };
    expect_reads(time_from_iso, 0, rows, N_ROWS(rows));
}

Test(times, without_a_zone_the_given_one_holds)
{
    static const struct row rows[] = {
        {"2024-05-01T08:15:30", MAY - 7 * HOUR},
        {"2024-05-01T08:15:30Z", MAY},
        {"2024-05-01T08:15:30+01:00", MAY - HOUR},
        {"2024-05-01", MAY - 930000 - 15 * HOUR},
    };
    expect_reads(time_from_iso, VIETNAM_MINUTES, rows, N_ROWS(rows));
}

Test(times, day_month_year_as_people_write_it)
{
    static const struct row rows[] = {
        {"01/05/2024 15:15:30", MAY},
        {"1/5/2024 15:15:30", MAY},
        {"01/05/2024 15:15", MAY - 30000},
        {"01/05/2024", MAY - 30000 - 15 * HOUR - 900000},
        {"29/02/2024", INT64_C(1709164800000) - 7 * HOUR},
        {"29/02/2023", BAD},
        {"13/13/2024", BAD},
        {"12/31/2024", BAD},
        {"31/12/24", BAD},
        {"31/12/20244", BAD},
        {"31/12/2024 ", BAD},
        {"31/12/2024 24:00:00", BAD},
        {"31/12/2024 23:59:5", BAD},
        {"31/12/2024T23:59:59", BAD},
        {"31-12-2024", BAD},
        {"//", BAD},
        {"", BAD},
    };
    expect_reads(time_from_dmy, VIETNAM_MINUTES, rows, N_ROWS(rows));
}

Test(times, epochs_in_every_unit)
{
    static const struct {
        const char *text;
        int64_t per_second, ms;
    } rows[] = {
        {"1714551330", 1, MAY},
        {"1714551330.1239", 1, MAY + 123},
        {"1714551330.1", 1, MAY + 100},
        {"1714551330.000000000000000000001", 1, MAY},
        {"1714551330000", 1000, MAY},
        {"1714551330000.9", 1000, MAY},
        {"1714551330000999", 1000000, MAY},
        {"1714551330001999999", 1000000000, MAY + 1},
        {"1714551330", 0, MAY},
        {"1714551330.5", 0, MAY + 500},
        {"1714551330000", 0, MAY},
        {"1714551330000000", 0, MAY},
        {"1714551330000000000", 0, MAY},
        {"99999999999", 0, INT64_C(99999999999000)},
        {"100000000000", 0, INT64_C(100000000000)},
        {"0", 0, 0},
        {"253402300799.999", 1, INT64_C(253402300799999)},
        {"253402300800", 1, BAD},
        {"9223372036854775807", 1, BAD},
        {"9223372036854775807", 1000, BAD},
        {"9223372036854775807", 1000000000, INT64_C(9223372036854)},
        {"9223372036854775808", 1000000000, BAD},
        {"99999999999999999999999", 0, BAD},
        {"", 0, BAD},
        {".5", 0, BAD},
        {"1.", 0, BAD},
        {"1.5.5", 0, BAD},
        {"-1", 0, BAD},
        {"+1", 0, BAD},
        {"1e9", 0, BAD},
        {" 1", 0, BAD},
        {"1714551330 ", 0, BAD},
        {"0x10", 0, BAD},
    };
    for (size_t i = 0; i < N_ROWS(rows); i++) {
        int64_t ms = 4711;
        bool is =
            time_from_epoch(str_of(rows[i].text), rows[i].per_second, &ms);
        cr_expect_eq(is, rows[i].ms != BAD, "row %zu: '%s'", i, rows[i].text);
        cr_expect_eq(ms, is ? rows[i].ms : 4711, "row %zu: '%s' gave %lld", i,
                     rows[i].text, (long long)ms);
    }
}

static void
expect_buf(struct buf *buf, const char *want)
{
    cr_expect(str_equal(buf_str(buf), str_of(want)), "got '%.*s', want '%s'",
              STR_ARG(buf_str(buf)), want);
    buf_clear(buf);
}

Test(times, an_instant_is_written_in_its_zone)
{
    struct buf buf = {0};
    buf_iso(&buf, MAY + 7, 0);
    expect_buf(&buf, "2024-05-01T08:15:30.007Z");
    buf_iso(&buf, MAY + 7, VIETNAM_MINUTES);
    expect_buf(&buf, "2024-05-01T15:15:30.007+07:00");
    buf_iso(&buf, MAY, -210);
    expect_buf(&buf, "2024-05-01T04:45:30.000-03:30");
    buf_iso(&buf, -1, 0);
    expect_buf(&buf, "1969-12-31T23:59:59.999Z");
    buf_day(&buf, 0);
    expect_buf(&buf, "1970-01-01");
    buf_day(&buf, 19844);
    expect_buf(&buf, "2024-05-01");
    buf_free(&buf);
}

Test(times, a_mad_clock_breaks_nothing)
{
    static const int64_t instants[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX,
                                       INT64_MAX - 1};
    struct buf buf = {0};
    for (size_t i = 0; i < N_ROWS(instants); i++) {
        int32_t day = day_of_ms(instants[i], VIETNAM_MINUTES);
        cr_expect_eq(day, instants[i] < 0 ? INT32_MIN : INT32_MAX);
        buf_iso(&buf, instants[i], VIETNAM_MINUTES);
        buf_iso(&buf, instants[i], -VIETNAM_MINUTES);
        buf_day(&buf, day);
    }
    buf_clear(&buf);
    buf_day(&buf, INT32_MAX);
    expect_buf(&buf, "+005881580-07-11");
    buf_free(&buf);
    cr_expect_eq(day_from_civil(INT32_MAX, 12, 31), INT32_MAX);
    cr_expect_eq(day_from_civil(INT32_MIN, 1, 1), INT32_MIN);
}

Test(times, a_day_begins_at_midnight_of_its_zone)
{
    cr_expect_eq(day_of_ms(-1, 0), -1);
    cr_expect_eq(day_of_ms(0, 0), 0);
    cr_expect_eq(day_of_ms(17 * HOUR - 1, VIETNAM_MINUTES), 0);
    cr_expect_eq(day_of_ms(17 * HOUR, VIETNAM_MINUTES), 1);
    cr_expect_eq(day_of_ms(-MS_PER_DAY, 0), -1);
    cr_expect_eq(day_of_ms(-MS_PER_DAY - 1, 0), -2);
}

/* The C library knows the same calendar; only a test may ask it. */
Test(times, every_day_of_800_years_agrees_with_the_c_library)
{
    int32_t last = day_from_civil(2400, 12, 31);
    for (int32_t day = day_from_civil(1600, 1, 1); day <= last; day++) {
        time_t seconds = (time_t)day * 86400 + 45296;
        struct civil civil = civil_from_ms((int64_t)seconds * 1000 + 789, 0);
        /* timegm puts a day that there is not on the one it stands for */
        struct tm tm = {.tm_year = civil.year - 1900,
                        .tm_mon = civil.month - 1,
                        .tm_mday = civil.day,
                        .tm_hour = civil.hour,
                        .tm_min = civil.minute,
                        .tm_sec = civil.second};
        cr_assert_eq(timegm(&tm), seconds, "day %d", day);
        cr_assert(civil.year == tm.tm_year + 1900 &&
                      civil.month == tm.tm_mon + 1 && civil.day == tm.tm_mday &&
                      civil.hour == 12 && civil.minute == 34 &&
                      civil.second == 56 && civil.ms == 789 &&
                      civil_valid(civil),
                  "day %d", day);
        cr_assert_eq(day_from_civil(civil.year, civil.month, civil.day), day);
        cr_assert_eq(ms_from_civil(civil, 0), (int64_t)seconds * 1000 + 789);
    }
}

Test(times, what_is_written_reads_back)
{
    static const int zones[] = {0, 420, -210, 1439};
    struct buf buf = {0};
    int64_t ms = INT64_C(-60000000000000);
    for (int i = 0; i < 2000; i++, ms += INT64_C(150000000007)) {
        int zone = zones[i % (int)N_ROWS(zones)];
        int64_t back;
        buf_clear(&buf);
        buf_iso(&buf, ms, zone);
        cr_assert(time_from_iso(buf_str(&buf), 99, &back), "%.*s",
                  STR_ARG(buf_str(&buf)));
        cr_assert_eq(back, ms);
    }
    buf_free(&buf);
}
