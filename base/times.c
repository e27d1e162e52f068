/* SPDX-License-Identifier: Apache-2.0
 *
 * The calendar, and times as people and machines write them. A reader takes
 * the whole text or nothing, and nothing outside the years 0000 to 9999: what
 * is read can always be written again. The calendar itself holds for every
 * int64_t of milliseconds (days are clamped to int32_t). */
#include "base/times.h"

#include <string.h>

#define DAYS_TO_1970 719468 /* from 0000-03-01 */
#define DAYS_PER_ERA 146097 /* 400 years */
#define MS_PER_MINUTE INT64_C(60000)

/* 0000-01-01T00:00:00.000Z */
#define FIRST_MS INT64_C(-62167219200000)

enum { MAX_ISO = 48 };

/* --- the calendar */

int32_t
day_from_civil(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t from_march = month > 2 ? month - 3 : month + 9;
    int64_t day_of_year = (153 * from_march + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    int64_t days = era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970;
    return days > INT32_MAX   ? INT32_MAX
           : days < INT32_MIN ? INT32_MIN
                              : (int32_t)days;
}

static struct civil
civil_from_days(int64_t days)
{
    days += DAYS_TO_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = days - era * DAYS_PER_ERA;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / 146096) /
                          365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * day_of_year + 2) / 153;
    int month = (int)(from_march < 10 ? from_march + 3 : from_march - 9);
    return (struct civil){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(day_of_year - (153 * from_march + 2) / 5 + 1),
    };
}

/* `ms` in the zone's own clock, clamped. */
static int64_t
local(int64_t ms, int zone_minutes)
{
    int64_t shift = zone_minutes * MS_PER_MINUTE, sum;
    if (__builtin_add_overflow(ms, shift, &sum)) {
        return shift > 0 ? INT64_MAX : INT64_MIN;
    }
    return sum;
}

/* Days, rounded toward the past, and what is left of the last one. */
static int64_t
days_of(int64_t ms, int64_t *rest)
{
    int64_t days = ms / MS_PER_DAY;
    *rest = ms % MS_PER_DAY;
    if (*rest < 0) {
        *rest += MS_PER_DAY;
        days--;
    }
    return days;
}

struct civil
civil_from_ms(int64_t ms, int zone_minutes)
{
    int64_t rest;
    struct civil civil =
        civil_from_days(days_of(local(ms, zone_minutes), &rest));
    civil.ms = (int)(rest % 1000);
    int seconds = (int)(rest / 1000);
    civil.second = seconds % 60;
    civil.minute = seconds / 60 % 60;
    civil.hour = seconds / 3600;
    return civil;
}

int64_t
ms_from_civil(struct civil civil, int zone_minutes)
{
    if (civil.second == 60) {
        civil.second = 59;
        civil.ms = 999;
    }
    int64_t day = day_from_civil(civil.year, civil.month, civil.day);
    int64_t minutes = civil.hour * 60 + civil.minute - zone_minutes;
    return day * MS_PER_DAY + minutes * MS_PER_MINUTE +
           civil.second * INT64_C(1000) + civil.ms;
}

int32_t
day_of_ms(int64_t ms, int zone_minutes)
{
    int64_t rest;
    int64_t days = days_of(local(ms, zone_minutes), &rest);
    return days > INT32_MAX   ? INT32_MAX
           : days < INT32_MIN ? INT32_MIN
                              : (int32_t)days;
}

static bool
leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

bool
civil_valid(struct civil civil)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    if (civil.year < 0 || civil.year > 9999 || civil.month < 1 ||
        civil.month > 12) {
        return false;
    }
    int length = lengths[civil.month - 1] +
                 (civil.month == 2 && leap(civil.year) ? 1 : 0);
    return civil.day >= 1 && civil.day <= length && civil.hour >= 0 &&
           civil.hour <= 23 && civil.minute >= 0 && civil.minute <= 59 &&
           civil.second >= 0 && civil.second <= 60 && civil.ms >= 0 &&
           civil.ms <= 999;
}

/* --- reading */

/* Takes the text from its front; `bad` once, bad for ever. */
struct cursor {
    const char *at, *end;
    bool bad;
};

static bool
take_char(struct cursor *cursor, char c)
{
    if (cursor->at < cursor->end && *cursor->at == c) {
        cursor->at++;
        return true;
    }
    return false;
}

static void
must_char(struct cursor *cursor, char c)
{
    if (!take_char(cursor, c)) {
        cursor->bad = true;
    }
}

/* `least` to `most` digits, as many as there are. */
static int
take_digits(struct cursor *cursor, int least, int most)
{
    int n = 0, value = 0;
    while (n < most && cursor->at < cursor->end) {
        unsigned digit = (unsigned)*cursor->at - '0';
        if (digit > 9) {
            break;
        }
        value = value * 10 + (int)digit;
        cursor->at++;
        n++;
    }
    if (n < least) {
        cursor->bad = true;
    }
    return value;
}

/* ".123456789" or ",1" → milliseconds, cut; nothing there: 0. */
static int
take_fraction(struct cursor *cursor)
{
    if (!take_char(cursor, '.') && !take_char(cursor, ',')) {
        return 0;
    }
    const char *start = cursor->at;
    int value = take_digits(cursor, 1, 9);
    for (long n = cursor->at - start; n < 3; n++) {
        value *= 10;
    }
    for (long n = cursor->at - start; n > 3; n--) {
        value /= 10;
    }
    return value;
}

/* "Z", "+07:00", "+0700", "+07", each perhaps after one blank, or " UTC";
 * nothing there: as given. */
static int
take_zone(struct cursor *cursor, int zone_minutes)
{
    if (cursor->at == cursor->end) {
        return zone_minutes;
    }
    bool blank = take_char(cursor, ' ');
    if (take_char(cursor, 'Z') || take_char(cursor, 'z')) {
        return 0;
    }
    if (blank && cursor->end - cursor->at == 3 &&
        memcmp(cursor->at, "UTC", 3) == 0) {
        cursor->at = cursor->end;
        return 0;
    }
    bool west = take_char(cursor, '-');
    if (!west) {
        must_char(cursor, '+');
    }
    int hours = take_digits(cursor, 2, 2), minutes = 0;
    if (cursor->at < cursor->end) {
        take_char(cursor, ':');
        minutes = take_digits(cursor, 2, 2);
    }
    if (hours > 23 || minutes > 59) {
        cursor->bad = true;
    }
    return west ? -(hours * 60 + minutes) : hours * 60 + minutes;
}

/* The end of every reader: all of the text taken, a real date, in range. */
static bool
finish(const struct cursor *cursor, struct civil civil, int zone_minutes,
       int64_t *ms)
{
    if (cursor->bad || cursor->at != cursor->end || !civil_valid(civil)) {
        return false;
    }
    int64_t found = ms_from_civil(civil, zone_minutes);
    if (found < FIRST_MS || found > LAST_MS) {
        return false;
    }
    *ms = found;
    return true;
}

/* "2024-05-01T08:15:30" at fixed places, which is what nearly every sensor
 * writes: read without a branch for each digit. False: read it the slow way. */
static bool
take_fixed(struct cursor *cursor, struct civil *civil)
{
    static const unsigned char place[] = {0, 2, 5, 8, 11, 14, 17};
    enum { LENGTH = 19 };
    const char *at = cursor->at;
    if (cursor->end - at < LENGTH || at[4] != '-' || at[7] != '-' ||
        (at[10] != 'T' && at[10] != ' ') || at[13] != ':' || at[16] != ':') {
        return false;
    }
    unsigned pair[sizeof place], bad = 0;
    for (size_t i = 0; i < sizeof place; i++) {
        unsigned tens = (unsigned)at[place[i]] - '0';
        unsigned ones = (unsigned)at[place[i] + 1] - '0';
        bad |= (unsigned)(tens > 9) | (unsigned)(ones > 9);
        pair[i] = tens * 10 + ones;
    }
    if (bad) {
        return false;
    }
    *civil = (struct civil){
        (int)(pair[0] * 100 + pair[1]),
        (int)pair[2],
        (int)pair[3],
        (int)pair[4],
        (int)pair[5],
        (int)pair[6],
        0,
    };
    cursor->at += LENGTH;
    return true;
}

bool
time_from_iso(struct str text, int zone_minutes, int64_t *ms)
{
    struct civil civil = {0};
    if (text.len == 0) {
        return false;
    }
    struct cursor cursor = {text.at, text.at + text.len, false};
    if (take_fixed(&cursor, &civil)) {
        civil.ms = take_fraction(&cursor);
        zone_minutes = take_zone(&cursor, zone_minutes);
        return finish(&cursor, civil, zone_minutes, ms);
    }
    civil.year = take_digits(&cursor, 4, 4);
    must_char(&cursor, '-');
    civil.month = take_digits(&cursor, 2, 2);
    must_char(&cursor, '-');
    civil.day = take_digits(&cursor, 2, 2);
    if (cursor.at < cursor.end && !cursor.bad) { /* without seconds */
        if (!take_char(&cursor, 'T') && !take_char(&cursor, 't')) {
            must_char(&cursor, ' ');
        }
        civil.hour = take_digits(&cursor, 2, 2);
        must_char(&cursor, ':');
        civil.minute = take_digits(&cursor, 2, 2);
        if (take_char(&cursor, ':')) { /* a small 't' came this way */
            civil.second = take_digits(&cursor, 2, 2);
            civil.ms = take_fraction(&cursor);
        }
        zone_minutes = take_zone(&cursor, zone_minutes);
    }
    return finish(&cursor, civil, zone_minutes, ms);
}

bool
time_from_dmy(struct str text, int zone_minutes, int64_t *ms)
{
    struct civil civil = {0};
    if (text.len == 0) {
        return false;
    }
    struct cursor cursor = {text.at, text.at + text.len, false};
    civil.day = take_digits(&cursor, 1, 2);
    must_char(&cursor, '/');
    civil.month = take_digits(&cursor, 1, 2);
    must_char(&cursor, '/');
    civil.year = take_digits(&cursor, 4, 4);
    if (take_char(&cursor, ' ')) {
        civil.hour = take_digits(&cursor, 1, 2);
        must_char(&cursor, ':');
        civil.minute = take_digits(&cursor, 2, 2);
        if (take_char(&cursor, ':')) {
            civil.second = take_digits(&cursor, 2, 2);
        }
    }
    return finish(&cursor, civil, zone_minutes, ms);
}

static int64_t
guess_per_second(int64_t n)
{
    return n < INT64_C(100000000000)         ? 1
           : n < INT64_C(100000000000000)    ? 1000
           : n < INT64_C(100000000000000000) ? 1000000
                                             : 1000000000;
}

/* The first three digits of a fraction count, and only for seconds: those of
 * a millisecond and less lie below our unit. */
bool
time_from_epoch(struct str text, int64_t per_second, int64_t *ms)
{
    int64_t n = 0, fraction = 0, weight = 100;
    size_t i = 0;
    for (; i < text.len && text.at[i] >= '0' && text.at[i] <= '9'; i++) {
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, text.at[i] - '0', &n)) {
            return false;
        }
    }
    if (i == 0) {
        return false;
    }
    if (i < text.len) {
        if (text.at[i] != '.' || i + 1 == text.len) {
            return false;
        }
        for (i++; i < text.len; i++, weight /= 10) {
            if (text.at[i] < '0' || text.at[i] > '9') {
                return false;
            }
            fraction += weight * (text.at[i] - '0');
        }
    }
    per_second = per_second > 0 ? per_second : guess_per_second(n);
    int64_t found;
    if (per_second >= 1000) {
        found = n / (per_second / 1000);
    } else if (__builtin_mul_overflow(n, 1000, &found) ||
               __builtin_add_overflow(found, fraction, &found)) {
        return false;
    }
    if (found > LAST_MS) {
        return false;
    }
    *ms = found;
    return true;
}

/* --- writing */

static char *
put_digits(char *out, int value, int n)
{
    for (int i = n - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + n;
}

/* Years beyond four digits in the expanded form, "+012345", "-000001": only a
 * wrong clock gives them, and it must stay visible. */
static char *
put_date(char *out, struct civil civil)
{
    if (civil.year < 0 || civil.year > 9999) {
        *out++ = civil.year < 0 ? '-' : '+';
        int size = civil.year < 0 ? -civil.year : civil.year;
        out = put_digits(out, size, size > 999999 ? 9 : 6);
    } else {
        out = put_digits(out, civil.year, 4);
    }
    *out++ = '-';
    out = put_digits(out, civil.month, 2);
    *out++ = '-';
    return put_digits(out, civil.day, 2);
}

static char *
put_zone(char *out, int zone_minutes)
{
    if (zone_minutes == 0) {
        *out++ = 'Z';
        return out;
    }
    *out++ = zone_minutes < 0 ? '-' : '+';
    int size = zone_minutes < 0 ? -zone_minutes : zone_minutes;
    out = put_digits(out, size / 60, 2);
    *out++ = ':';
    return put_digits(out, size % 60, 2);
}

void
buf_iso(struct buf *buf, int64_t ms, int zone_minutes)
{
    char text[MAX_ISO];
    struct civil civil = civil_from_ms(ms, zone_minutes);
    char *out = put_date(text, civil);
    *out++ = 'T';
    out = put_digits(out, civil.hour, 2);
    *out++ = ':';
    out = put_digits(out, civil.minute, 2);
    *out++ = ':';
    out = put_digits(out, civil.second, 2);
    *out++ = '.';
    out = put_digits(out, civil.ms, 3);
    out = put_zone(out, zone_minutes);
    buf_add(buf, (struct str){text, (size_t)(out - text)});
}

void
buf_day(struct buf *buf, int32_t day)
{
    char text[MAX_ISO];
    char *out = put_date(text, civil_from_days(day));
    buf_add(buf, (struct str){text, (size_t)(out - text)});
}
