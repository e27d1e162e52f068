/* SPDX-License-Identifier: Apache-2.0
 *
 * Periods and their neighbours. All is arithmetic on the civil calendar; the
 * one idea is that a month is moved by its number, never by a count of days,
 * so that whole months stay whole months. */
#include "report/period.h"

#include "base/times.h"

#define FIRST_YEAR 1970

static struct civil
civil_of(int32_t day)
{
    return civil_from_ms(day * MS_PER_DAY, 0);
}

int32_t
period_month_first(int32_t day)
{
    struct civil civil = civil_of(day);
    return day_from_civil(civil.year, civil.month, 1);
}

int32_t
period_month_last(int32_t day)
{
    struct civil civil = civil_of(day);
    bool december = civil.month == 12;
    return day_from_civil(civil.year + (december ? 1 : 0),
                          december ? 1 : civil.month + 1, 1) -
           1;
}

int32_t
period_n_days(const struct period *period)
{
    return period->to - period->from + 1;
}

/* `day` moved by whole months; a day the month does not have becomes its
 * last. */
static int32_t
day_move(int32_t day, int months)
{
    struct civil civil = civil_of(day);
    int at = civil.year * 12 + civil.month - 1 + months;
    int32_t first = day_from_civil(at / 12, at % 12 + 1, 1);
    int32_t last = period_month_last(first);
    int32_t moved = first + civil.day - 1;
    return moved > last ? last : moved;
}

/* The same for the end of a stretch: the last of a month stays the last. */
static int32_t
end_move(int32_t day, int months)
{
    int32_t moved = day_move(day, months);
    return day == period_month_last(day) ? period_month_last(moved) : moved;
}

/* The dates a name stands for. */
static void
dates_of(const struct period *name, int32_t *from, int32_t *to)
{
    int first = 1, last = 12;
    if (name->kind == PERIOD_MONTH) {
        first = last = name->number;
    } else if (name->kind == PERIOD_QUARTER) {
        first = name->number * 3 - 2;
        last = name->number * 3;
    } else if (name->kind == PERIOD_MONTHS) {
        last = name->number;
    }
    *from = day_from_civil(name->year, first, 1);
    *to = period_month_last(day_from_civil(name->year, last, 1));
}

bool
period_is_plain(const struct period *period)
{
    if (period->kind == PERIOD_RANGE)
        return true;
    int32_t from, to;
    dates_of(period, &from, &to);
    return from == period->from && to == period->to;
}

/* Gives two dates their name, if they have one. */
static struct period
named(int32_t from, int32_t to)
{
    struct civil start = civil_of(from), end = civil_of(to);
    struct period period = {PERIOD_RANGE, start.year, 0, from, to};
    if (start.year != end.year || start.day != 1 || to != period_month_last(to))
        return period;
    int months = end.month - start.month + 1;
    if (months == 1) {
        period.kind = PERIOD_MONTH;
        period.number = start.month;
    } else if (months == 3 && start.month % 3 == 1) {
        period.kind = PERIOD_QUARTER;
        period.number = end.month / 3;
    } else if (start.month == 1 && (months == 6 || months == 9)) {
        period.kind = PERIOD_MONTHS;
        period.number = months;
    } else if (months == 12) {
        period.kind = PERIOD_YEAR;
    }
    return period;
}

/* Exactly `n` digits of `s` from `at`. */
static bool
digits(struct str s, size_t at, size_t n, int *value)
{
    if (s.len < at + n)
        return false;
    *value = 0;
    for (size_t i = at; i < at + n; i++) {
        if (s.at[i] < '0' || s.at[i] > '9')
            return false;
        *value = *value * 10 + (s.at[i] - '0');
    }
    return true;
}

/* "2024", "2024-09" or "2024-09-30": its first and last day. */
static bool
dates_from(struct str text, int32_t *first, int32_t *last)
{
    struct civil civil = {.month = 1, .day = 1};
    if (!digits(text, 0, 4, &civil.year) || civil.year < FIRST_YEAR)
        return false;
    if (text.len == 4) {
        *first = day_from_civil(civil.year, 1, 1);
        *last = day_from_civil(civil.year, 12, 31);
        return true;
    }
    if (text.at[4] != '-' || !digits(text, 5, 2, &civil.month))
        return false;
    if (civil.month < 1 || civil.month > 12)
        return false;
    *first = day_from_civil(civil.year, civil.month, 1);
    *last = period_month_last(*first);
    if (text.len == 7)
        return true;
    if (text.len != 10 || text.at[7] != '-' ||
        !digits(text, 8, 2, &civil.day) || !civil_valid(civil))
        return false;
    *first = *last = day_from_civil(civil.year, civil.month, civil.day);
    return true;
}

bool
period_override(struct period *period, struct str from, struct str to,
                struct err *why)
{
    int32_t first = period->from, last = period->to, other;
    if (from.len > 0 && !dates_from(from, &first, &other)) {
        err_set(why, "'%.*s' is no date: write 2024-01-31 or 2024-01",
                STR_ARG(from));
        return false;
    }
    if (to.len > 0 && !dates_from(to, &other, &last)) {
        err_set(why, "'%.*s' is no date: write 2024-01-31 or 2024-01",
                STR_ARG(to));
        return false;
    }
    if (last < first) {
        err_set(why, "the period ends before it begins");
        return false;
    }
    period->from = first;
    period->to = last;
    if (period->kind == PERIOD_RANGE)
        *period = named(first, last);
    return true;
}

bool
period_between(struct str from, struct str to, struct period *period,
               struct err *why)
{
    if (from.len == 0 || to.len == 0) {
        err_set(why, "a period needs both dates, --from and --to");
        return false;
    }
    struct period range = {.kind = PERIOD_RANGE, .to = INT32_MAX};
    if (!period_override(&range, from, to, why))
        return false;
    *period = range;
    return true;
}

/* "2024-Q3", "2024-6m", "2024-9m". */
static bool
short_form(struct str text, struct period *period)
{
    int year;
    if (text.len != 7 || !digits(text, 0, 4, &year) || text.at[4] != '-' ||
        year < FIRST_YEAR)
        return false;
    struct period name = {.year = year};
    char a = text.at[5], b = text.at[6];
    if ((a == 'Q' || a == 'q') && b >= '1' && b <= '4') {
        name.kind = PERIOD_QUARTER;
        name.number = b - '0';
    } else if ((a == '6' || a == '9') && b == 'm') {
        name.kind = PERIOD_MONTHS;
        name.number = a - '0';
    } else {
        return false;
    }
    dates_of(&name, &name.from, &name.to);
    *period = name;
    return true;
}

bool
period_from(struct str text, struct period *period, struct err *why)
{
    int32_t first, last;
    if (short_form(text, period))
        return true;
    if (dates_from(text, &first, &last)) {
        *period = named(first, last);
        return true;
    }
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.at[i] == '.' && text.at[i + 1] == '.')
            return period_between(str_cut(text, 0, i),
                                  str_cut(text, i + 2, text.len), period, why);
    err_set(why,
            "'%.*s' is no period: write 2024-09, 2024-Q3, 2024-6m, 2024-9m, "
            "2024 or 2024-01-05..2024-02-10",
            STR_ARG(text));
    return false;
}

/* Months from start to end when it is a whole number of them, else 0. */
static int
whole_months(const struct period *period)
{
    struct civil from = civil_of(period->from);
    struct civil next = civil_of(period->to + 1);
    if (from.day != next.day)
        return 0;
    return (next.year - from.year) * 12 + next.month - from.month;
}

struct period
period_before(const struct period *period)
{
    int months = whole_months(period);
    int32_t from = months > 0 ? day_move(period->from, -months)
                              : period->from - period_n_days(period);
    return named(from, period->from - 1);
}

struct period
period_year_before(const struct period *period)
{
    struct period before = *period;
    before.year--;
    before.from = day_move(period->from, -12);
    before.to = end_move(period->to, -12);
    return before;
}

bool
period_cumulative(const struct period *period, struct period *sum)
{
    if (period->kind != PERIOD_MONTH && period->kind != PERIOD_QUARTER)
        return false;
    if (period->number == 1 || !period_is_plain(period))
        return false;
    *sum = named(day_from_civil(period->year, 1, 1), period->to);
    return true;
}

void
buf_period(struct buf *buf, const struct period *period)
{
    if (period->kind == PERIOD_RANGE || !period_is_plain(period)) {
        buf_day(buf, period->from);
        buf_add(buf, STR(".."));
        buf_day(buf, period->to);
        return;
    }
    buf_format(buf, "%04d", period->year);
    if (period->kind == PERIOD_MONTH)
        buf_format(buf, "-%02d", period->number);
    else if (period->kind == PERIOD_QUARTER)
        buf_format(buf, "-Q%d", period->number);
    else if (period->kind == PERIOD_MONTHS)
        buf_format(buf, "-%dm", period->number);
}
