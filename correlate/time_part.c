/* SPDX-License-Identifier: Apache-2.0
 *
 * A part of a time as it is written, without conversion of zones:
 * "2024-05-01T08:15:30.123+07:00", 'T' or a blank, seconds, fraction and
 * offset optional; a date alone has no hour. Weeks are those of ISO 8601. */
#include "base/times.h"
#include "correlate/facts.h"

/* `n` digits at `*at`. */
static bool
digits(struct str text, size_t *at, size_t n, int *value)
{
    *value = 0;
    if (*at + n > text.len)
        return false;
    for (size_t i = 0; i < n; i++) {
        char c = text.at[*at + i];
        if (c < '0' || c > '9')
            return false;
        *value = *value * 10 + (c - '0');
    }
    *at += n;
    return true;
}

static bool
skip(struct str text, size_t *at, char c)
{
    if (*at >= text.len || text.at[*at] != c)
        return false;
    ++*at;
    return true;
}

/* ".123", "Z", "+07:00", "+0700", "+07", to the end. */
static bool
tail_fits(struct str text, size_t at)
{
    int unused;
    if (skip(text, &at, '.') || skip(text, &at, ',')) {
        size_t from = at;
        while (digits(text, &at, 1, &unused))
            ;
        if (at == from)
            return false;
    }
    if (skip(text, &at, 'Z') || skip(text, &at, 'z'))
        return at == text.len;
    skip(text, &at, ' ');
    if (!skip(text, &at, '+') && !skip(text, &at, '-'))
        return at == text.len;
    if (!digits(text, &at, 2, &unused))
        return false;
    if (at < text.len) {
        skip(text, &at, ':');
        if (!digits(text, &at, 2, &unused))
            return false;
    }
    return at == text.len;
}

static bool
civil_from(struct str text, struct civil *civil, bool *has_time)
{
    size_t at = 0;
    *civil = (struct civil){.year = 0};
    if (!digits(text, &at, 4, &civil->year) || !skip(text, &at, '-') ||
        !digits(text, &at, 2, &civil->month) || !skip(text, &at, '-') ||
        !digits(text, &at, 2, &civil->day))
        return false;
    *has_time = at < text.len;
    if (!*has_time)
        return civil_valid(*civil);
    if (!skip(text, &at, 'T') && !skip(text, &at, 't') && !skip(text, &at, ' '))
        return false;
    if (!digits(text, &at, 2, &civil->hour) || !skip(text, &at, ':') ||
        !digits(text, &at, 2, &civil->minute))
        return false;
    if (skip(text, &at, ':') && !digits(text, &at, 2, &civil->second))
        return false;
    return tail_fits(text, at) && civil_valid(*civil);
}

/* The week that holds the Thursday of that week (ISO 8601, 3.1.1.23). */
static int64_t
iso_week(struct civil civil)
{
    int32_t day = day_from_civil(civil.year, civil.month, civil.day);
    int32_t weekday = ((day + 3) % 7 + 7) % 7; /* Monday 0; 1970-01-01: 3 */
    int32_t thursday = day - weekday + 3;
    int year = civil.year;
    if (thursday < day_from_civil(year, 1, 1))
        year--;
    else if (thursday >= day_from_civil(year + 1, 1, 1))
        year++;
    return (thursday - day_from_civil(year, 1, 1)) / 7 + 1;
}

bool
time_part_of(struct str text, enum time_part part, int64_t *n)
{
    struct civil civil;
    bool has_time;
    if (!civil_from(text, &civil, &has_time))
        return false;
    switch (part) {
    case TIME_MINUTE:
        *n = civil.minute;
        return has_time;
    case TIME_HOUR:
        *n = civil.hour;
        return has_time;
    case TIME_DAY:
        *n = civil.day;
        return true;
    case TIME_WEEK:
        *n = iso_week(civil);
        return true;
    case TIME_MONTH:
        *n = civil.month;
        return true;
    case TIME_YEAR:
        *n = civil.year;
        return true;
    }
    return false;
}
