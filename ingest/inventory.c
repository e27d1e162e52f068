/* SPDX-License-Identifier: Apache-2.0
 *
 * What the site knows of an alert: whose host it is, and whether anything in
 * it is being watched. On the way of every alert: it allocates nothing and
 * costs a handful of hash probes. A sensor's names are a stranger's text: any
 * length, any bytes, several joined by commas. */
#include "inventory_priv.h"

#include "base/times.h"

#include <string.h>

/* "pc-1.example.vn" is called "pc-1" too. */
static struct str
short_name(struct str host)
{
    const char *dot = host.len > 0 ? memchr(host.at, '.', host.len) : NULL;

    return dot != NULL ? str_cut(host, 0, (size_t)(dot - host.at)) : host;
}

/* --- patterns and ranges: from the longest key to the shortest. Of owners
 * the first is it; of watch-lists the one that stands first in the file. */

static bool
better(const struct claim *best, const struct claim *claim)
{
    return claim != NULL && (best == NULL || claim->owner < best->owner);
}

static const struct claim *
find_pattern(const struct inventory *inventory, enum table_name table,
             struct str host, int32_t day)
{
    const struct index *index = &inventory->index[table];
    uint64_t hash[MAX_LITERAL + 1];
    size_t most = host.len < MAX_LITERAL ? host.len : MAX_LITERAL;
    const struct claim *best = NULL;
    unsigned length = (unsigned)most + 1;

    if (index->n == 0)
        return NULL;
    hash[0] = HASH_START;
    for (size_t i = 0; i < most; i++)
        hash[i + 1] = hash_step(hash[i], host.at[i]);
    while (index_length(index, &length)) {
        const struct claim *claim =
            index_pattern(inventory, table, hash[length],
                          str_cut(host, 0, length), host, day);

        if (better(best, claim))
            best = claim;
        if (best != NULL && table == OWNER_PATTERNS)
            break;
    }
    return best;
}

/* `text`: a field, perhaps several addresses joined by commas. */
static const struct claim *
find_range(const struct inventory *inventory, enum table_name table,
           struct str text, int32_t day)
{
    const struct index *index = &inventory->index[table];
    const struct claim *best = NULL;
    struct str part;

    if (index->n == 0)
        return NULL;
    while (str_split(&text, ',', &part)) {
        unsigned length = 129;
        struct address address;

        if (!address_from(part, &address))
            continue;
        while (index_length(index, &length)) {
            struct prefix prefix = {address_cut(address, length), length};
            const struct claim *claim =
                index_prefix(inventory, table, &prefix, day);

            if (better(best, claim))
                best = claim;
            if (best != NULL && table == OWNER_RANGES)
                return best;
        }
    }
    return best;
}

/* --- owners */

static const struct claim *
find_host(const struct inventory *inventory, struct str name, int32_t day)
{
    const struct claim *claim = NULL;
    struct folded folded;
    struct str key, host, label;

    if (name.len == 0)
        return NULL;
    fold(&folded, CLASS_HOST, name);
    key = (struct str){folded.text, folded.len};
    host = str_cut(key, 1, key.len);
    label = short_name(host);
    if (inventory->index[OWNER_HOSTS].n > 0) {
        if (!folded.cut)
            claim = index_text(inventory, OWNER_HOSTS, key, day);
        if (claim == NULL && label.len < host.len)
            claim = index_text(inventory, OWNER_HOSTS,
                               str_cut(key, 0, label.len + 1), day);
    }
    if (claim == NULL)
        claim = find_pattern(inventory, OWNER_PATTERNS, host, day);
    if (claim == NULL && label.len < host.len)
        claim = find_pattern(inventory, OWNER_PATTERNS, label, day);
    return claim;
}

static const struct claim *
find_owner(const struct inventory *inventory, const struct alert *alert,
           int32_t day)
{
    /* Sensors that know no name put the address into the host's place. */
    static const enum alert_field fields[] = {
        ALERT_HOST_IP,
        ALERT_HOST,
        ALERT_DST_IP,
        ALERT_SRC_IP,
    };
    struct str hosts = alert->field[ALERT_HOST], host;
    const struct claim *claim = NULL;

    while (claim == NULL && str_split(&hosts, ',', &host))
        claim = find_host(inventory, host, day);
    for (size_t i = 0; claim == NULL && i < sizeof fields / sizeof *fields; i++)
        if (alert->field[fields[i]].len > 0)
            claim = find_range(inventory, OWNER_RANGES, alert->field[fields[i]],
                               day);
    return claim;
}

static int
level_on(const struct owner *system, int32_t day)
{
    for (size_t i = 0; i < system->n_levels; i++)
        if (period_holds(system->level[i].period, day))
            return system->level[i].level;
    return 0;
}

/* A unit may have several entries, dated; the one that holds on `day`. */
static const struct owner *
unit_on(const struct inventory *inventory, struct str id, int32_t day)
{
    struct folded folded;
    const struct claim *claim;

    fold(&folded, CLASS_UNIT, id);
    claim = index_text(inventory, OWNER_IDS,
                       (struct str){folded.text, folded.len}, day);
    return claim != NULL ? &inventory->owner[claim->owner] : NULL;
}

/* --- watch-lists */

static const struct claim *
find_listed(const struct inventory *inventory, enum text_class class,
            struct str text, int32_t day)
{
    struct folded folded;

    if (text.len == 0 || text.len > MAX_KEY_BYTES)
        return NULL;
    fold(&folded, class, text);
    return index_text(inventory, LIST_TEXTS,
                      (struct str){folded.text, folded.len}, day);
}

/* The last labels of a domain, enough for any that a list may name; without
 * the root, which may be spelled as a last dot. */
static struct str
domain_end(struct str domain)
{
    size_t from, n_dots = 0;

    if (domain.len > 0 && domain.at[domain.len - 1] == '.')
        domain.len--;
    for (from = domain.len; from > 0; from--)
        if (domain.at[from - 1] == '.' && ++n_dots == MAX_LABELS)
            break;
    return str_cut(domain, from, domain.len);
}

/* A domain and every one above it: c2.example lists a.b.c2.example. */
static const struct claim *
find_domain(const struct inventory *inventory, struct str domain, int32_t day)
{
    const struct claim *best = NULL;

    domain = domain_end(domain);
    while (domain.len > 0) {
        const struct claim *claim =
            find_listed(inventory, CLASS_DOMAIN, domain, day);
        const char *dot = memchr(domain.at, '.', domain.len);

        if (better(best, claim))
            best = claim;
        domain = dot == NULL ? NO_STR
                             : str_cut(domain, (size_t)(dot - domain.at) + 1,
                                       domain.len);
    }
    return best;
}

/* "DOMAIN\user" and "user@domain" are called "user" too. */
static struct str
bare_user(struct str user)
{
    for (size_t i = user.len; i-- > 0;)
        if (user.at[i] == '\\')
            return str_cut(user, i + 1, user.len);
    for (size_t i = 1; i < user.len; i++)
        if (user.at[i] == '@')
            return str_cut(user, 0, i);
    return user;
}

/* One value of one field. */
static const struct claim *
find_part(const struct inventory *inventory, enum text_class class,
          struct str part, int32_t day)
{
    struct str other;
    const struct claim *best, *claim;
    struct folded folded;

    if (class == CLASS_DOMAIN)
        return find_domain(inventory, part, day);
    best = find_listed(inventory, class, part, day);
    if (class == CLASS_HASH)
        return best;
    other = class == CLASS_USER ? bare_user(part) : short_name(part);
    if (other.len < part.len) {
        claim = find_listed(inventory, class, other, day);
        best = better(best, claim) ? claim : best;
    }
    if (class == CLASS_HOST && inventory->index[LIST_PATTERNS].n > 0) {
        fold(&folded, CLASS_HOST, part);
        claim =
            find_pattern(inventory, LIST_PATTERNS,
                         (struct str){folded.text + 1, folded.len - 1}, day);
        best = better(best, claim) ? claim : best;
    }
    return best;
}

static const struct claim *
find_watched(const struct inventory *inventory, const struct alert *alert,
             int32_t day)
{
    static const struct {
        enum alert_field field;
        enum text_class class;
    } texts[] = {
        {ALERT_HOST, CLASS_HOST},     {ALERT_USER, CLASS_USER},
        {ALERT_DOMAIN, CLASS_DOMAIN}, {ALERT_MD5, CLASS_HASH},
        {ALERT_SHA1, CLASS_HASH},     {ALERT_SHA256, CLASS_HASH},
    };
    static const enum alert_field addresses[] = {ALERT_HOST_IP, ALERT_HOST,
                                                 ALERT_DST_IP, ALERT_SRC_IP};
    const struct claim *best = NULL, *claim;
    uint32_t watched = inventory->index[LIST_TEXTS].classes;

    if (inventory->index[LIST_PATTERNS].n > 0)
        watched |= CLASS_BIT(CLASS_HOST);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct str rest = alert->field[texts[i].field], part;

        if (rest.len == 0 || !(watched & CLASS_BIT(texts[i].class)))
            continue;
        while (str_split(&rest, ',', &part)) {
            claim = find_part(inventory, texts[i].class, part, day);
            best = better(best, claim) ? claim : best;
        }
    }
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct str text = alert->field[addresses[i]];

        claim =
            text.len > 0 ? find_range(inventory, LIST_RANGES, text, day) : NULL;
        best = better(best, claim) ? claim : best;
    }
    return best;
}

/* --- what others call */

void
inventory_apply(const struct inventory *inventory, struct alert *alert)
{
    int32_t day = day_of_ms(alert->event_ms, VIETNAM_MINUTES);
    const struct claim *claim = find_owner(inventory, alert, day);
    const struct owner *unit = NULL;

    if (claim != NULL) {
        const struct owner *owner = &inventory->owner[claim->owner];

        unit = owner;
        if (owner->kind == OWNER_SYSTEM) {
            alert->system = owner->id;
            alert->system_name = owner->name;
            alert->level = level_on(owner, day);
            unit = unit_on(inventory, owner->unit, day);
        }
    }
    if (unit != NULL) {
        alert->unit = unit->id;
        alert->unit_name = unit->name;
    }
    claim = find_watched(inventory, alert, day);
    if (claim != NULL) {
        alert->watchlist = inventory->owner[claim->owner].name;
        alert->flags |= ALERT_WATCHED;
    }
}

struct str
inventory_unit_name(const struct inventory *inventory, struct str unit)
{
    const struct owner *owner = index_id(inventory, CLASS_UNIT, unit);

    return owner != NULL ? owner->name : unit;
}

struct str
inventory_system_name(const struct inventory *inventory, struct str system)
{
    const struct owner *owner = index_id(inventory, CLASS_SYSTEM, system);

    return owner != NULL ? owner->name : system;
}

size_t
inventory_n_units(const struct inventory *inventory)
{
    return inventory->n_units;
}

size_t
inventory_n_systems(const struct inventory *inventory)
{
    return inventory->n_systems;
}

const struct str *
inventory_ids(const struct inventory *inventory, bool systems,
              struct arena *arena, size_t *n)
{
    struct str *ids = arena_take(arena, inventory->n_owners + 1, sizeof *ids);
    *n = 0;
    for (uint32_t i = 0; ids != NULL && i < inventory->n_owners; i++)
        if (inventory->owner[i].kind == (systems ? OWNER_SYSTEM : OWNER_UNIT))
            ids[(*n)++] = inventory->owner[i].id;
    return ids;
}
