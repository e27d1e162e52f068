/* SPDX-License-Identifier: Apache-2.0
 *
 * Gaps and clashes. The schedule of one day after the other is laid out and
 * looked at, over a whole cycle of all rotations (and weekdays) at most a year
 * long; what comes back every week is said once, with its first date. */
#include "roster_priv.h"

enum {
    MOST_DAYS = 400,
    MAX_DUTIES = 4096, /* of one day */
    MAX_SAID = 256,    /* gaps or clashes told apart */
};

struct gap {
    int64_t from_ms, until_ms;
};

struct clash {
    const struct member *member;
    struct str one, other;
};

struct checking {
    const struct roster *roster;
    struct complaints *complaints;
    struct duty *duty;
    struct gap gap[MAX_SAID];
    struct clash clash[MAX_SAID];
    size_t n_gaps, n_clashes;
    int64_t covered_ms; /* somebody is on duty up to here */
};

static int32_t
cycle_days(const struct roster *roster)
{
    int32_t days = 7;
    for (size_t i = 0; i < roster->n_shifts; i++) {
        int32_t n = (int32_t)roster->shift[i].n_crews, whole = days;
        while (n > 0 && whole % n != 0 && whole < MOST_DAYS)
            whole += days;
        days = whole;
    }
    return days < MOST_DAYS ? days : MOST_DAYS;
}

static void
buf_moment(struct buf *buf, int64_t ms)
{
    static const char *const names[] = {"Monday",   "Tuesday", "Wednesday",
                                        "Thursday", "Friday",  "Saturday",
                                        "Sunday"};
    struct civil civil = civil_from_ms(ms, VIETNAM_MINUTES);
    int32_t day = day_of_ms(ms, VIETNAM_MINUTES);
    buf_format(buf, "%s %02d:%02d", names[weekday_of(day)], civil.hour,
               civil.minute);
}

static void
buf_span(struct buf *buf, int64_t from_ms, int64_t until_ms)
{
    buf_moment(buf, from_ms);
    buf_add(buf, STR(" to "));
    buf_moment(buf, until_ms);
    buf_add(buf, STR(" (first on "));
    buf_day(buf, day_of_ms(from_ms, VIETNAM_MINUTES));
    buf_char(buf, ')');
}

static void
found_gap(struct checking *checking, int64_t from_ms, int64_t until_ms)
{
    const int64_t week = 7 * MS_PER_DAY;
    for (size_t i = 0; i < checking->n_gaps; i++)
        if ((from_ms - checking->gap[i].from_ms) % week == 0 &&
            until_ms - from_ms ==
                checking->gap[i].until_ms - checking->gap[i].from_ms)
            return;
    if (checking->n_gaps == MAX_SAID)
        return;
    checking->gap[checking->n_gaps++] = (struct gap){from_ms, until_ms};
    char text[160];
    struct buf says = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_span(&says, from_ms, until_ms);
    (checking->roster->partial ? complain_warning : complain)(
        checking->complaints, checking->roster->shifts_place,
        "nobody is on duty from %.*s", STR_ARG(buf_str(&says)));
}

static struct place
place_of(const struct roster *roster, struct str shift)
{
    for (size_t i = 0; i < roster->n_shifts; i++)
        if (str_equal(roster->shift[i].id, shift))
            return roster->shift[i].place;
    return roster->shifts_place;
}

static void
found_clash(struct checking *checking, const struct duty *one,
            const struct duty *other)
{
    for (size_t i = 0; i < checking->n_clashes; i++)
        if (checking->clash[i].member == one->member &&
            str_equal(checking->clash[i].one, one->shift) &&
            str_equal(checking->clash[i].other, other->shift))
            return;
    if (checking->n_clashes == MAX_SAID)
        return;
    checking->clash[checking->n_clashes++] =
        (struct clash){one->member, one->shift, other->shift};
    int64_t until_ms =
        one->until_ms < other->until_ms ? one->until_ms : other->until_ms;
    char text[160];
    struct buf says = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_span(&says, other->from_ms, until_ms);
    complain(checking->complaints, place_of(checking->roster, other->shift),
             "'%.*s' is on duty in '%.*s' (line %u) at the same time, from "
             "%.*s",
             STR_ARG(other->member->id), STR_ARG(one->shift),
             place_of(checking->roster, one->shift).line,
             STR_ARG(buf_str(&says)));
}

/* The day's turns, by beginning. */
static void
look_at_day(struct checking *checking, size_t n)
{
    const struct duty *duty = checking->duty;
    for (size_t i = 0; i < n; i++) {
        if (duty[i].from_ms > checking->covered_ms)
            found_gap(checking, checking->covered_ms, duty[i].from_ms);
        if (duty[i].until_ms > checking->covered_ms)
            checking->covered_ms = duty[i].until_ms;
        for (size_t k = 0; k < i; k++)
            if (duty[k].member == duty[i].member &&
                /* standing in for a colleague of one's own shift is none */
                !str_equal(duty[k].shift, duty[i].shift) &&
                duty[k].until_ms > duty[i].from_ms)
                found_clash(checking, &duty[k], &duty[i]);
    }
}

void
roster_check(const struct roster *roster, int32_t today, struct arena scratch,
             struct complaints *complaints)
{
    struct checking *checking = arena_take(&scratch, 1, sizeof *checking);
    struct duty *duty = arena_take(&scratch, MAX_DUTIES, sizeof *duty);
    if (checking == NULL || duty == NULL) {
        complain(complaints, roster->shifts_place, "out of memory");
        return;
    }
    int64_t from_ms = today * MS_PER_DAY - VIETNAM_MINUTES * MS_PER_MINUTE;
    int64_t until_ms = from_ms + cycle_days(roster) * MS_PER_DAY;
    *checking = (struct checking){.roster = roster,
                                  .complaints = complaints,
                                  .duty = duty,
                                  .covered_ms = from_ms};
    bool anybody = false;
    for (int64_t ms = from_ms; ms < until_ms; ms += MS_PER_DAY) {
        size_t n = roster_schedule(roster, (struct overrides){NULL, 0}, ms,
                                   ms + MS_PER_DAY, duty, MAX_DUTIES);
        look_at_day(checking, n);
        anybody |= n > 0;
    }
    if (!anybody)
        complain(complaints, roster->shifts_place,
                 "nobody is on duty at any time in the next %d days",
                 (int)cycle_days(roster));
    else if (checking->covered_ms < until_ms)
        found_gap(checking, checking->covered_ms, until_ms);
}
