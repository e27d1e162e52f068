/* SPDX-License-Identifier: Apache-2.0
 *
 * Which incidents somebody means, in one line of text: conditions separated by
 * blanks, all of which must hold.
 *
 *   rule=scan* host=WEB-01,WEB-02 address=10.84.0.0/21 unit=so-xay-dung
 *   user=backup system=mail kind=scan hash=9f2c* severity<=medium level<3
 *   key.rule_name="EICAR test"
 *
 * Values may hold * and ?, an address may be a prefix, several are parted by
 * commas; letters of either case are the same (ASCII). A condition on names
 * (host, user, …) holds when the incident has some and ALL of them fit: what
 * silences one host must not silence an incident that touches another. With
 * != none of them may fit. `rule` is the rule's id or its title. */
#ifndef RESPOND_MATCH_H
#define RESPOND_MATCH_H

#include "model/incident.h"

/* X(name, id) */
#define MATCH_FIELDS(X)                                                        \
    X(MATCH_RULE, "rule")                                                      \
    X(MATCH_HOST, "host")                                                      \
    X(MATCH_USER, "user")                                                      \
    X(MATCH_ADDRESS, "address")                                                \
    X(MATCH_HASH, "hash")                                                      \
    X(MATCH_UNIT, "unit")                                                      \
    X(MATCH_SYSTEM, "system")                                                  \
    X(MATCH_KIND, "kind")                                                      \
    X(MATCH_SEVERITY, "severity") /* also < <= > >= */                         \
    X(MATCH_LEVEL, "level")       /* the same; 0: none */                      \
    X(MATCH_KEY, "key")           /* key.NAME: value of a group-by field */

enum match_field {
#define X(name, id) name,
    MATCH_FIELDS(X)
#undef X
        N_MATCH_FIELDS
};

enum match_operator {
    MATCH_EQ,
    MATCH_NE,
    MATCH_LT,
    MATCH_LE,
    MATCH_GT,
    MATCH_GE
};

enum { MATCH_MAX_CONDITIONS = 16, MATCH_MAX_VALUES = 32 };

struct match_condition {
    enum match_field field;
    enum match_operator how;
    struct str key; /* MATCH_KEY: name of the group-by field */
    struct str value[MATCH_MAX_VALUES];
    size_t n_values;
    int64_t number; /* severity, level */
};

struct matcher {
    struct match_condition condition[MATCH_MAX_CONDITIONS];
    size_t n; /* at least 1: there is no way to mean everything */
};

/* Borrows `text`. Complains of every mistake; columns count from that of
 * `place`, where `text` stands. */
bool matcher_read(struct str text, struct place place, struct matcher *matcher,
                  struct complaints *complaints);
bool matcher_fits(const struct matcher *matcher,
                  const struct incident *incident);

#endif
