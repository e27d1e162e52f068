/* SPDX-License-Identifier: Apache-2.0
 *
 * Shifts laid over the calendar, and overrides over the shifts. One function
 * (stands_in) says who really does a turn at an instant; a schedule asks it at
 * the beginning of each stretch between two bounds of overrides. */
#include "roster_priv.h"

enum { MAX_CHAIN = 8 }; /* A's stand-in is away too, and so on */

int
weekday_of(int32_t day)
{
    int32_t n = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return n < 0 ? n + 7 : n;
}

static int64_t
minute_ms(int32_t day, int minute)
{
    return (int64_t)day * MS_PER_DAY +
           ((int64_t)minute - VIETNAM_MINUTES) * MS_PER_MINUTE;
}

static int64_t
shift_from_ms(const struct shift *shift, int32_t day)
{
    return minute_ms(day, shift->from);
}

static int64_t
shift_until_ms(const struct shift *shift, int32_t day)
{
    return minute_ms(day, shift->until);
}

/* Whom the shift of that day calls; NULL: it does not take place. */
static const struct crew *
shift_crew(const struct shift *shift, int32_t day)
{
    if (day < shift->since || day > shift->end || shift->n_crews == 0 ||
        (shift->days & (1U << weekday_of(day))) == 0)
        return NULL;
    /* `since` is given wherever there is more than one crew. */
    int64_t n = shift->n_crews == 1 ? 0 : (int64_t)day - shift->since;
    return shift->crew[(size_t)n % shift->n_crews];
}

/* --- overrides */

static bool
in_force(const struct journal_override *override, int64_t at_ms)
{
    return !override->cancel && override->from_ms <= at_ms &&
           at_ms < override->until_ms;
}

/* The file's overrides, then the journal's: the last that fits counts. */
static const struct journal_override *
nth(const struct roster *roster, struct overrides overrides, size_t i)
{
    return i < roster->n_overrides ? &roster->override[i]
                                   : &overrides.at[i - roster->n_overrides];
}

static const struct journal_override *
override_of(const struct roster *roster, struct overrides overrides,
            struct str person, struct str shift, int64_t at_ms)
{
    const struct journal_override *found = NULL;
    size_t n = roster->n_overrides + overrides.n;
    for (size_t i = 0; i < n; i++) {
        const struct journal_override *one = nth(roster, overrides, i);
        if (in_force(one, at_ms) && str_equal(one->person, person) &&
            (one->shift.len == 0 || str_equal(one->shift, shift)))
            found = one;
    }
    return found;
}

/* Who does `member`'s turn at this instant; NULL: nobody. */
static const struct member *
stands_in(const struct roster *roster, struct overrides overrides,
          const struct member *member, struct str shift, int64_t at_ms)
{
    for (int i = 0; member != NULL && i < MAX_CHAIN; i++) {
        const struct journal_override *one =
            override_of(roster, overrides, member->id, shift, at_ms);
        if (one == NULL)
            return member;
        member = roster_find(roster, one->instead);
    }
    return NULL; /* everybody of the chain is away */
}

/* --- schedule */

struct out {
    const struct roster *roster;
    struct overrides overrides;
    int64_t from_ms, until_ms;
    struct duty *duty;
    size_t n, max;
};

static void
put_duty(struct out *out, struct duty duty)
{
    struct duty *last = out->n > 0 ? &out->duty[out->n - 1] : NULL;
    if (last != NULL && last->until_ms == duty.from_ms &&
        last->member == duty.member && last->instead_of == duty.instead_of &&
        str_equal(last->shift, duty.shift))
        last->until_ms = duty.until_ms; /* the bound was of no concern */
    else if (out->n < out->max)
        out->duty[out->n++] = duty;
}

/* The first bound of any override after `at_ms`, at most `until_ms`. */
static int64_t
next_bound(const struct out *out, int64_t at_ms, int64_t until_ms)
{
    size_t n = out->roster->n_overrides + out->overrides.n;
    for (size_t i = 0; i < n; i++) {
        const struct journal_override *one =
            nth(out->roster, out->overrides, i);
        if (one->from_ms > at_ms && one->from_ms < until_ms)
            until_ms = one->from_ms;
        if (one->until_ms > at_ms && one->until_ms < until_ms)
            until_ms = one->until_ms;
    }
    return until_ms;
}

/* One person's turn, cut where a stand-in begins or ends. */
static void
put_turn(struct out *out, const struct member *member, struct str shift,
         int64_t from_ms, int64_t until_ms)
{
    size_t first = out->n;
    for (int64_t at = from_ms; at < until_ms;) {
        int64_t next = next_bound(out, at, until_ms);
        const struct member *who =
            stands_in(out->roster, out->overrides, member, shift, at);
        if (who != NULL)
            put_duty(out, (struct duty){who, who == member ? NULL : member,
                                        shift, at, next});
        at = next;
    }
    size_t kept = first;
    for (size_t i = first; i < out->n; i++)
        if (out->duty[i].from_ms < out->until_ms &&
            out->duty[i].until_ms > out->from_ms)
            out->duty[kept++] = out->duty[i];
    out->n = kept;
}

static void
put_shift(struct out *out, const struct shift *shift, int32_t day)
{
    const struct crew *crew = shift_crew(shift, day);
    int64_t from_ms = shift_from_ms(shift, day);
    int64_t until_ms = shift_until_ms(shift, day);
    if (crew == NULL || from_ms >= out->until_ms || until_ms <= out->from_ms)
        return;
    for (size_t i = 0; i < crew->n; i++)
        put_turn(out, crew->member[i], shift->id, from_ms, until_ms);
}

/* By beginning; of two that begin together the order stays. */
static void
sort_duty(struct duty *duty, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct duty one = duty[i];
        size_t k = i;
        for (; k > 0 && one.from_ms < duty[k - 1].from_ms; k--)
            duty[k] = duty[k - 1];
        duty[k] = one;
    }
}

/* In the order of the file: shift by shift, then additional turns. */
static size_t
collect(struct out *out)
{
    const struct roster *roster = out->roster;
    int32_t last = day_of_ms(out->until_ms, VIETNAM_MINUTES);
    /* A shift of the day before may go on past midnight. */
    int32_t first = day_of_ms(out->from_ms, VIETNAM_MINUTES) - 1;
    for (size_t i = 0; i < roster->n_shifts; i++)
        for (int32_t day = first; day <= last; day++)
            put_shift(out, &roster->shift[i], day);
    size_t n = roster->n_overrides + out->overrides.n;
    for (size_t i = 0; i < n; i++) {
        const struct journal_override *one = nth(roster, out->overrides, i);
        const struct member *member = roster_find(roster, one->instead);
        if (one->person.len == 0 && !one->cancel && member != NULL)
            put_turn(out, member, one->shift, one->from_ms, one->until_ms);
    }
    return out->n;
}

size_t
roster_schedule(const struct roster *roster, struct overrides overrides,
                int64_t from_ms, int64_t until_ms, struct duty *duty,
                size_t max)
{
    struct out out = {roster, overrides, from_ms, until_ms, duty, 0, max};
    size_t n = collect(&out);
    sort_duty(duty, n);
    return n;
}

size_t
roster_on_duty(const struct roster *roster, struct overrides overrides,
               int64_t at_ms, struct duty *duty, size_t max)
{
    struct duty all[ROSTER_MAX_MEMBERS];
    struct out out = {roster, overrides,         at_ms, at_ms + 1, all,
                      0,      ROSTER_MAX_MEMBERS};
    size_t n = collect(&out), kept = 0;
    for (size_t i = 0; i < n && kept < max; i++) {
        bool known = false;
        for (size_t k = 0; k < kept; k++)
            known |= duty[k].member == all[i].member;
        if (!known)
            duty[kept++] = all[i];
    }
    return kept;
}
