/* SPDX-License-Identifier: Apache-2.0
 *
 * The roster as its files share it. Minutes are of the day in UTC+7; a shift
 * whose end is not after its beginning goes on past midnight and belongs to
 * the day it begins on. */
#ifndef RESPOND_ROSTER_PRIV_H
#define RESPOND_ROSTER_PRIV_H

#include "base/times.h"
#include "model/catalogue.h"
#include "respond/roster.h"

#define MS_PER_MINUTE INT64_C(60000)
enum { MINUTES_PER_DAY = 1440, ALL_DAYS = 0x7f, MAX_CREWS = 64 };

struct crew {
    struct str id; /* empty: written in the shift itself */
    const struct member **member;
    size_t n;
    struct place place;
};

struct shift {
    struct str id;
    unsigned days;      /* bit 0: Monday */
    int from, until;    /* minutes; until > from, maybe past a day */
    int32_t since, end; /* days, both included */
    const struct crew *crew[MAX_CREWS]; /* one after the other, day by day */
    size_t n_crews;
    struct place place;
};

struct roster {
    struct member *member;
    size_t n_members;
    struct crew *crew;
    size_t n_crews;
    struct shift *shift;
    size_t n_shifts;
    struct journal_override *override;
    size_t n_overrides;
    bool partial; /* cover: partial */
    struct place shifts_place;
};

/* 0: Monday. */
int weekday_of(int32_t day);

/* --- reading the file: roster_load.c, roster_member.c, roster_read.c */

/* For initializers of static tables. */
#define NAME(literal)                                                          \
    {                                                                          \
        "" literal, sizeof(literal) - 1                                        \
    }

struct loading {
    struct roster *roster;
    const struct roster_known *known; /* or NULL */
    struct arena *arena;
    struct complaints *complaints;
    bool full; /* the arena */
};

void *roster_take(struct loading *loading, size_t n, size_t size);
/* A text that must be there, of at most `max` bytes and without control
 * characters; empty, with a complaint, when it is not. */
struct str roster_text(struct loading *loading, const struct yaml *map,
                       const char *key, size_t max);
/* `id:` of a map: a-z, 0-9 and '-'. */
struct str roster_id(struct loading *loading, const struct yaml *map);
/* The list `key`; NULL: it is not there, no list, or too long. */
const struct yaml *roster_list(struct loading *loading, const struct yaml *map,
                               const char *key, size_t max);
/* Ids of one sort that the inventory knows; n 0: any will do. */
struct known_ids {
    const char *what; /* "system" */
    const struct str *at;
    size_t n;
};
/* Ids of list `key`, each among `known`. */
const struct str *roster_ids(struct loading *loading, const struct yaml *map,
                             const char *key, struct known_ids known,
                             size_t *n);
void roster_read_member(struct loading *loading, const struct yaml *map);

#endif
