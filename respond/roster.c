/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding people in the roster: by id, by phone number, by what a ticket asks
 * for. Ranking is a sort by a small number of points, stable over the order
 * in which people are on duty, so that the same question has the same answer
 * in every process. */
#include "roster_priv.h"

static const struct str channel_ids[] = {
#define X(name, id) {"" id, sizeof(id) - 1},
    CHANNELS(X)
#undef X
};

struct str
channel_id(enum channel channel)
{
    return channel_ids[channel];
}

bool
channel_from(struct str id, enum channel *channel)
{
    for (int i = 0; i < N_CHANNELS; i++)
        if (str_equal(id, channel_ids[i])) {
            *channel = (enum channel)i;
            return true;
        }
    return false;
}

size_t
roster_len(const struct roster *roster)
{
    return roster->n_members;
}

const struct member *
roster_member(const struct roster *roster, size_t i)
{
    return &roster->member[i];
}

const struct member *
roster_find(const struct roster *roster, struct str id)
{
    for (size_t i = 0; i < roster->n_members; i++)
        if (str_equal(roster->member[i].id, id))
            return &roster->member[i];
    return NULL;
}

struct str
roster_near(const struct roster *roster, struct str id)
{
    struct str ids[ROSTER_MAX_MEMBERS];
    for (size_t i = 0; i < roster->n_members; i++)
        ids[i] = roster->member[i].id;
    return str_nearest(id, ids, roster->n_members);
}

bool
roster_has_shift(const struct roster *roster, struct str id)
{
    for (size_t i = 0; i < roster->n_shifts; i++)
        if (str_equal(roster->shift[i].id, id))
            return true;
    return false;
}

/* --- phone numbers */

enum { PHONE_DIGITS = 17 }; /* 15 are the most (E.164), and "00" */

/* The digits that tell a subscriber in Vietnam or abroad: "+84 912…", "0084
 * 912…", "84912…" and "0912…" give the same. Empty: not a number. */
static struct str
phone_digits(struct str number, char digits[PHONE_DIGITS])
{
    size_t n = 0;
    bool plus = str_starts(number, STR("+"));
    for (size_t i = plus ? 1 : 0; i < number.len; i++) {
        char c = number.at[i];
        if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')')
            continue;
        if (c < '0' || c > '9' || n == PHONE_DIGITS)
            return NO_STR;
        digits[n++] = c;
    }
    struct str all = {digits, n};
    bool abroad = plus || str_starts(all, STR("00")) ||
                  (n >= 11 && str_starts(all, STR("84")));
    while (str_starts(all, STR("0")))
        all = str_cut(all, 1, all.len);
    return abroad && str_starts(all, STR("84")) ? str_cut(all, 2, all.len)
                                                : all;
}

const struct member *
roster_find_phone(const struct roster *roster, struct str number)
{
    char wanted[PHONE_DIGITS], has[PHONE_DIGITS];
    struct str digits = phone_digits(number, wanted);
    for (size_t i = 0; digits.len > 0 && i < roster->n_members; i++) {
        const struct member *member = &roster->member[i];
        for (size_t k = 0; k < member->n_contacts; k++) {
            if (member->contact[k].channel != CHANNEL_SMS)
                continue;
            if (str_equal(digits,
                          phone_digits(member->contact[k].address, has)))
                return member;
        }
    }
    return NULL;
}

/* --- who is best for a ticket */

static bool
shares(const struct str *a, size_t n_a, const struct str *b, size_t n_b)
{
    for (size_t i = 0; i < n_a; i++)
        for (size_t k = 0; k < n_b; k++)
            if (str_equal(a[i], b[k]))
                return true;
    return false;
}

static int
points(const struct member *member, const struct wanted *wanted)
{
    int n = 0;
    if (shares(member->system, member->n_systems, wanted->system,
               wanted->n_systems))
        n += 4;
    if (wanted->skill.len > 0 &&
        shares(member->skill, member->n_skills, &wanted->skill, 1))
        n += 2;
    if (shares(&member->unit, 1, wanted->unit, wanted->n_units))
        n += 1;
    return member->leader ? n - 8 : n;
}

static size_t
duty_members(const struct roster *roster, struct overrides overrides,
             int64_t at_ms, const struct member **out, size_t max)
{
    struct duty duty[ROSTER_MAX_MEMBERS];
    size_t n =
        roster_on_duty(roster, overrides, at_ms, duty,
                       max < ROSTER_MAX_MEMBERS ? max : ROSTER_MAX_MEMBERS);
    for (size_t i = 0; i < n; i++)
        out[i] = duty[i].member;
    return n;
}

size_t
roster_rank(const struct roster *roster, struct overrides overrides,
            int64_t at_ms, const struct wanted *wanted,
            const struct member **out, size_t max)
{
    const struct member *all[ROSTER_MAX_MEMBERS];
    size_t n = duty_members(roster, overrides, at_ms, all, ROSTER_MAX_MEMBERS);
    for (size_t i = 1; i < n; i++) /* insertion sort: stable, and n is small */
        for (size_t k = i;
             k > 0 && points(all[k], wanted) > points(all[k - 1], wanted);
             k--) {
            const struct member *one = all[k];
            all[k] = all[k - 1];
            all[k - 1] = one;
        }
    n = n < max ? n : max;
    for (size_t i = 0; i < n; i++)
        out[i] = all[i];
    return n;
}

/* Away from everything, not only from one shift. */
static bool
is_away(const struct member *member, const struct journal_override *override,
        size_t n, int64_t at_ms)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(override[i].person, member->id) &&
            override[i].shift.len == 0 && override[i].from_ms <= at_ms &&
            at_ms < override[i].until_ms)
            return true;
    return false;
}

size_t
roster_everyone(const struct roster *roster, struct overrides overrides,
                int64_t at_ms, const struct member **out, size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < roster->n_members && n < max; i++) {
        const struct member *member = &roster->member[i];
        if (!is_away(member, roster->override, roster->n_overrides, at_ms) &&
            !is_away(member, overrides.at, overrides.n, at_ms))
            out[n++] = member;
    }
    return n;
}

static bool
is_among(const struct member *member, const struct member *const *all, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (all[i] == member)
            return true;
    return false;
}

size_t
roster_leaders(const struct roster *roster, struct overrides overrides,
               int64_t at_ms, const struct member **out, size_t max)
{
    const struct member *all[ROSTER_MAX_MEMBERS];
    size_t n = 0;
    size_t n_all =
        duty_members(roster, overrides, at_ms, all, ROSTER_MAX_MEMBERS);
    for (size_t i = 0; i < n_all && n < max; i++)
        if (all[i]->leader)
            out[n++] = all[i];
    n_all = roster_everyone(roster, overrides, at_ms, all, ROSTER_MAX_MEMBERS);
    for (size_t i = 0; i < n_all && n < max; i++)
        if (all[i]->leader && !is_among(all[i], out, n))
            out[n++] = all[i];
    return n;
}
