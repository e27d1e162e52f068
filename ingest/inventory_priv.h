/* SPDX-License-Identifier: Apache-2.0
 *
 * The inventory's inside: inventory_load.c (the file), inventory_entry.c (its
 * units, systems and lists), inventory_index.c (the tables), inventory.c (the
 * look-ups). What an entry says of itself is an owner; each name or range it
 * claims is a claim, in one of a few tables. */
#ifndef INGEST_INVENTORY_PRIV_H
#define INGEST_INVENTORY_PRIV_H

#include "ingest/inventory.h"

#include "base/address.h"

enum {
    NO_CLAIM = -1,
    MAX_LABELS = 10,  /* of a domain on a watch-list */
    MAX_LITERAL = 63, /* of a pattern's beginning, as the key of its table */
};

/* Days in UTC+7; both ends belong to it. */
struct period {
    int32_t from, to;
};

struct level {
    int level;
    struct period period;
    struct place place;
};

enum owner_kind { OWNER_SYSTEM, OWNER_UNIT, OWNER_LIST };

struct owner {
    enum owner_kind kind;
    struct str id, name;
    struct str unit; /* of a system: the id of its unit */
    struct place unit_place;
    struct period period;
    struct level *level;
    size_t n_levels;
    struct place place;
};

/* The tables. Watch-lists have their own: an alert has one owner, but may be
 * on a list besides. */
enum table_name {
    OWNER_IDS,
    OWNER_HOSTS,
    OWNER_PATTERNS,
    OWNER_RANGES,
    LIST_TEXTS, /* hosts, users, hashes, domains */
    LIST_PATTERNS,
    LIST_RANGES,
    N_TABLES
};

/* The first byte of a text in OWNER_IDS, OWNER_HOSTS and LIST_TEXTS. */
enum text_class {
    CLASS_UNIT = 'U',
    CLASS_SYSTEM = 'S',
    CLASS_HOST = 'h',
    CLASS_USER = 'u',
    CLASS_HASH = 'x',
    CLASS_DOMAIN = 'd',
};

struct claim {
    enum table_name table;
    uint32_t owner;
    struct period period;
    struct place place;
    struct str text; /* in lower case: behind its class, or a pattern */
    struct str key;  /* the literal beginning of a pattern */
    struct prefix prefix;
    uint64_t hash;
    int32_t next; /* in its chain, or NO_CLAIM */
    /* What is preferred: a pattern with more literal bytes, then a system. */
    uint32_t weight;
};

struct index {
    int32_t *head;
    uint32_t mask, n;
    /* Which lengths (bytes of a pattern's key, bits of a prefix) occur. */
    uint64_t lengths[3];
    uint32_t classes; /* which classes of texts, a bit each: CLASS_BIT */
};

#define CLASS_BIT(class) (UINT32_C(1) << ((unsigned)(class) & 31))

struct inventory {
    struct owner *owner;
    uint32_t n_owners;
    struct claim *claim;
    uint32_t n_claims;
    struct index index[N_TABLES];
    size_t n_units, n_systems; /* different ids */
};

static inline bool
period_holds(struct period period, int32_t day)
{
    return period.from <= day && day <= period.to;
}

static inline bool
periods_meet(struct period a, struct period b)
{
    return a.from <= b.to && b.from <= a.to;
}

/* --- inventory_entry.c: what one entry of the file says. Each complains. */

struct loading {
    struct inventory *inventory;
    struct arena *arena;
    struct complaints *complaints;
    uint32_t max_owners, max_claims;
    bool full; /* the arena is */
};

void entry_unit(struct loading *loading, const struct yaml *map);
void entry_system(struct loading *loading, const struct yaml *map);
void entry_list(struct loading *loading, const struct yaml *map);

/* --- inventory_index.c */

#define HASH_START UINT64_C(0xcbf29ce484222325)

/* FNV-1a, a byte at a time, so that all beginnings of a host name are hashed on
 * the way to its end; for patterns. The keys are the operator's; a stranger
 * only chooses what is looked up, so chains stay as short as they are. */
static inline uint64_t
hash_step(uint64_t hash, char c)
{
    return (hash ^ (unsigned char)c) * UINT64_C(0x100000001b3);
}

/* Fills all tables; false when the arena is full. */
bool index_build(struct inventory *inventory, struct arena *arena);
/* Complains of what two owners claim at the same time. */
void index_clashes(struct inventory *inventory, struct complaints *complaints);

/* A text in lower case behind its class, as it stands in the tables. */
struct folded {
    char text[MAX_KEY_BYTES + 1];
    size_t len; /* with the class */
    bool cut;   /* it was longer than any key: only its beginning */
};

void fold(struct folded *folded, enum text_class class, struct str text);

/* Each gives the first claim that holds on `day`, or NULL. */
const struct claim *index_text(const struct inventory *inventory,
                               enum table_name table, struct str key,
                               int32_t day);
/* `key` is the beginning of `host`, `hash` its hash by steps. */
const struct claim *index_pattern(const struct inventory *inventory,
                                  enum table_name table, uint64_t hash,
                                  struct str key, struct str host, int32_t day);
const struct claim *index_prefix(const struct inventory *inventory,
                                 enum table_name table,
                                 const struct prefix *prefix, int32_t day);
/* The newest owner with this id, or NULL. */
const struct owner *index_id(const struct inventory *inventory,
                             enum text_class class, struct str id);
/* The longest length below `*length` (start with 256) that occurs. */
bool index_length(const struct index *index, unsigned *length);

#endif
