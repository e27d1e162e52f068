/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is in the team, how each is reached, and who is on duty when: one YAML
 * file (docs/people.md), all of it in UTC+7, and the overrides of the journal.
 * Read-only after loading; every question is a pure function of the file, the
 * overrides and a time. */
#ifndef RESPOND_ROSTER_H
#define RESPOND_ROSTER_H

#include "base/yaml.h"
#include "respond/journal.h"

/* Ways to reach a person. X(name, id) */
#define CHANNELS(X)                                                            \
    X(CHANNEL_SMS, "sms")                                                      \
    X(CHANNEL_MAIL, "mail")                                                    \
    X(CHANNEL_WEBHOOK, "webhook")                                              \
    X(CHANNEL_KAFKA, "kafka")

enum channel {
#define X(name, id) name,
    CHANNELS(X)
#undef X
        N_CHANNELS
};

struct str channel_id(enum channel channel);
bool channel_from(struct str id, enum channel *channel);

enum {
    ROSTER_MAX_MEMBERS = 512,
    ROSTER_MAX_SHIFTS = 128,
    ROSTER_MAX_CREW = 64,       /* people of a shift or crew */
    ROSTER_MAX_OVERRIDES = 512, /* of the file and the journal together */
    ROSTER_MAX_NAMES = 64,      /* skills, systems, units of a member */
};

struct contact {
    enum channel channel;
    struct str address; /* checked for its channel */
};

struct member {
    struct str id, name, unit, role;
    bool english; /* language: en */
    bool leader;
    struct contact contact[N_CHANNELS]; /* in the order they are tried */
    size_t n_contacts;
    const struct str *skill, *system;
    size_t n_skills, n_systems;
    struct place place;
};

struct roster;

/* Ids that the inventory knows, to name mistakes; n 0: not checked. */
struct roster_known {
    const struct str *unit, *system;
    size_t n_units, n_systems;
};

/* Kept in `arena`; NULL when there was any mistake. */
const struct roster *roster_load(const char *path,
                                 const struct roster_known *known,
                                 struct arena *arena,
                                 struct complaints *complaints);
/* Complains of gaps (nobody on duty) and clashes (one person in two shifts at
 * once), from `today` (a day in UTC+7) over a whole cycle of the rotations. A
 * service that runs goes on with them: its escalation passes over a gap. */
void roster_check(const struct roster *roster, int32_t today,
                  struct arena scratch, struct complaints *complaints);

size_t roster_len(const struct roster *roster);
const struct member *roster_member(const struct roster *roster, size_t i);
/* NULL: nobody is called so. */
const struct member *roster_find(const struct roster *roster, struct str id);
/* The nearest id, to suggest; may be empty. */
struct str roster_near(const struct roster *roster, struct str id);
/* Whose SMS number this is, however it is written ("+84 91…", "091…"). */
const struct member *roster_find_phone(const struct roster *roster,
                                       struct str number);
bool roster_has_shift(const struct roster *roster, struct str id);

/* Overrides in force beside the file's own; cancelled ones left out. */
struct overrides {
    const struct journal_override *at;
    size_t n;
};

/* One person's turn in one shift. */
struct duty {
    const struct member *member;
    const struct member *instead_of; /* NULL, or whom he stands in for */
    struct str shift;                /* empty: an additional one */
    int64_t from_ms, until_ms;       /* until: not included */
};

/* Who is on duty at `at_ms`, in the order of the file: the first of a shift is
 * called first. Nobody twice. At most `max`. */
size_t roster_on_duty(const struct roster *roster, struct overrides overrides,
                      int64_t at_ms, struct duty *duty, size_t max);
/* Every turn of which some lies in [from_ms, until_ms), by its beginning; cut
 * where an override begins or ends, not at the times asked for. */
size_t roster_schedule(const struct roster *roster, struct overrides overrides,
                       int64_t from_ms, int64_t until_ms, struct duty *duty,
                       size_t max);

/* What a ticket asks of who takes it. */
struct wanted {
    const struct str *system, *unit;
    size_t n_systems, n_units;
    struct str skill; /* may be empty */
};

/* Those on duty, best first: who answers for one of the systems, who has the
 * skill, who is of one of the units, the order of roster_on_duty. Leaders
 * that are on duty come last. At most `max`. */
size_t roster_rank(const struct roster *roster, struct overrides overrides,
                   int64_t at_ms, const struct wanted *wanted,
                   const struct member **out, size_t max);
/* Leaders, those on duty first; who is away at `at_ms` is left out. */
size_t roster_leaders(const struct roster *roster, struct overrides overrides,
                      int64_t at_ms, const struct member **out, size_t max);
/* Everybody who is not away at `at_ms`. */
size_t roster_everyone(const struct roster *roster, struct overrides overrides,
                       int64_t at_ms, const struct member **out, size_t max);

#endif
