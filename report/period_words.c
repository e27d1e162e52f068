/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of periods as people write them. The words are the catalogue's;
 * here is only which of its phrases a period takes and with what numbers: a
 * month by its name in English, a quarter by its Roman numeral. */
#include "report/period_words.h"
#include "base/times.h"

static const char *const months[] = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};

static const char *const romans[] = {"I", "II", "III", "IV"};

/* The arguments of a period's name, in the two buffers. */
static size_t
period_args(const struct period *period, enum language language,
            struct buf *one, struct buf *two, struct str args[2])
{
    if (period->kind == PERIOD_RANGE) {
        buf_date(one, period->from);
        buf_date(two, period->to);
    } else {
        if (period->kind == PERIOD_QUARTER)
            buf_add(one, str_of(romans[(period->number - 1) & 3]));
        else if (period->kind == PERIOD_MONTH && language == ENGLISH)
            buf_add(one, str_of(months[(period->number - 1) % 12]));
        else
            buf_i64(one, period->number);
        buf_format(two, "%d", period->year);
    }
    args[0] = buf_str(one);
    args[1] = buf_str(two);
    return 2;
}

/* One of the five forms of a phrase about a period, by its kind. */
static void
add_period(struct buf *buf, enum language language, const struct period *period,
           const enum phrase *form)
{
    struct buf one = {0}, two = {0};
    struct str args[2];
    size_t n = period_args(period, language, &one, &two, args);
    buf_phrase(buf, language, form[period->kind], args, n);
    buf_free(&one);
    buf_free(&two);
}

void
buf_period_title(struct buf *buf, enum language language,
                 const struct period *period)
{
    static const enum phrase form[] = {
        [PERIOD_RANGE] = P_TITLE_RANGE,     [PERIOD_MONTH] = P_TITLE_MONTH,
        [PERIOD_QUARTER] = P_TITLE_QUARTER, [PERIOD_MONTHS] = P_TITLE_MONTHS,
        [PERIOD_YEAR] = P_TITLE_YEAR,
    };
    add_period(buf, language, period, form);
}

void
buf_period_in(struct buf *buf, enum language language,
              const struct period *period)
{
    static const enum phrase form[] = {
        [PERIOD_RANGE] = P_IN_RANGE,     [PERIOD_MONTH] = P_IN_MONTH,
        [PERIOD_QUARTER] = P_IN_QUARTER, [PERIOD_MONTHS] = P_IN_MONTHS,
        [PERIOD_YEAR] = P_IN_YEAR,
    };
    add_period(buf, language, period, form);
    if (!period_is_plain(period)) {
        struct period dates = {
            .kind = PERIOD_RANGE, .from = period->from, .to = period->to};
        static const enum phrase brackets[] = {[PERIOD_RANGE] = P_IN_BRACKETS};
        add_period(buf, language, &dates, brackets);
    }
}

void
buf_period_short(struct buf *buf, enum language language,
                 const struct period *period)
{
    static const enum phrase form[] = {
        [PERIOD_RANGE] = P_DASH_DATES,      [PERIOD_MONTH] = P_SHORT_MONTH,
        [PERIOD_QUARTER] = P_SHORT_QUARTER, [PERIOD_MONTHS] = P_SHORT_MONTHS,
        [PERIOD_YEAR] = P_SHORT_YEAR,
    };
    if (period_is_plain(period)) {
        add_period(buf, language, period, form);
        return;
    }
    struct period dates = {
        .kind = PERIOD_RANGE, .from = period->from, .to = period->to};
    add_period(buf, language, &dates, form);
}
