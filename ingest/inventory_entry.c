/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry of the inventory file: a unit, an information system, a
 * watch-list. Every mistake is named where it stands and reading goes on, so
 * that one run names them all. What an entry claims is kept in lower case:
 * host names, users and domains are the same in any letters. */
#include "inventory_priv.h"

#include <assert.h>
#include <string.h>

/* For initializers of static tables. */
#define NAME(literal)                                                          \
    {                                                                          \
        "" literal, sizeof(literal) - 1                                        \
    }
#define N_OF(table) (sizeof(table) / sizeof *(table))

/* --- texts and dates */

/* A member that must be there and say something. */
static bool
need_text(struct loading *loading, const struct yaml *map, const char *key,
          struct str *value)
{
    const struct yaml *node = yaml_get(map, key);

    if (node == NULL) {
        complain(loading->complaints, map->place, "'%s' is missing", key);
        return false;
    }
    if (!yaml_str(node, value, loading->complaints))
        return false;
    if (str_trim(*value).len == 0) {
        complain(loading->complaints, node->place, "'%s' is empty", key);
        return false;
    }
    return true;
}

/* Ids are keys of counts and stand in file names and addresses of pages. */
static bool
need_id(struct loading *loading, const struct yaml *map, const char *key,
        struct str *id)
{
    struct str text;

    if (!need_text(loading, map, key, &text))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool inner = c == '-' || c == '_' || c == '.';

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (inner && i > 0))) {
            complain(loading->complaints, yaml_get(map, key)->place,
                     "'%.*s': an %s is made of a-z, 0-9, '-', '_' and '.'",
                     STR_ARG(text), key);
            return false;
        }
    }
    if (text.len > 64) {
        complain(loading->complaints, yaml_get(map, key)->place,
                 "an %s has at most 64 characters", key);
        return false;
    }
    *id = text;
    return true;
}

/* `from`, and `to`, the last day, or for ever. */
static bool
need_period(struct loading *loading, const struct yaml *map,
            struct period *period)
{
    const struct yaml *from = yaml_get(map, "from");
    const struct yaml *to = yaml_get(map, "to");
    struct period read = {0, INT32_MAX};

    if (from == NULL) {
        complain(loading->complaints, map->place, "'from' is missing");
        return false;
    }
    if (!yaml_date(from, &read.from, loading->complaints) ||
        (to != NULL && !yaml_date(to, &read.to, loading->complaints)))
        return false;
    if (to != NULL && read.from > read.to) {
        complain(loading->complaints, to->place,
                 "'to' (the last day) is before 'from' (line %u)",
                 from->place.line);
        return false;
    }
    *period = read;
    return true;
}

/* Complains unless NULL or a list. */
static const struct yaml *
list_first(struct loading *loading, const struct yaml *map, const char *key)
{
    const struct yaml *node = yaml_get(map, key);

    if (node == NULL)
        return NULL;
    if (node->type != YAML_LIST) {
        complain(loading->complaints, node->place,
                 "'%s' must be a list, as [a, b]", key);
        return NULL;
    }
    return node->first;
}

/* --- claims */

/* A copy in lower case with `class` in front (0: none). */
static struct str
lower(struct loading *loading, struct str text, enum text_class class)
{
    size_t front = class ? 1 : 0;
    char *copy = arena_take_raw(loading->arena, text.len + front + 1, 1);

    if (copy == NULL) {
        loading->full = true;
        return NO_STR;
    }
    if (class)
        *copy = (char)class;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];

        copy[front + i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (struct str){copy, text.len + front};
}

static struct claim *
claim_new(struct loading *loading, enum table_name table, struct place place)
{
    struct inventory *inventory = loading->inventory;
    uint32_t owner = inventory->n_owners - 1;
    struct claim *claim = &inventory->claim[inventory->n_claims];

    assert(inventory->n_claims < loading->max_claims);
    inventory->n_claims++;
    *claim = (struct claim){
        .table = table,
        .owner = owner,
        .period = inventory->owner[owner].period,
        .place = place,
        .weight = inventory->owner[owner].kind == OWNER_SYSTEM,
    };
    return claim;
}

static void
claim_text(struct loading *loading, enum table_name table,
           enum text_class class, struct str text, struct place place)
{
    struct claim *claim = claim_new(loading, table, place);

    claim->text = lower(loading, text, class);
}

/* A host name, or a pattern with '*' and '?'. */
static void
claim_host(struct loading *loading, struct str host, struct place place,
           bool listed)
{
    struct claim *claim;
    uint32_t n_wild = 0;
    size_t literal = host.len;

    for (size_t i = host.len; i-- > 0;) {
        if (host.at[i] != '*' && host.at[i] != '?')
            continue;
        n_wild++;
        literal = i;
    }
    if (n_wild == host.len) {
        complain(loading->complaints, place,
                 "'%.*s' would take every host: name a part of it",
                 STR_ARG(host));
        return;
    }
    if (n_wild == 0) {
        claim_text(loading, listed ? LIST_TEXTS : OWNER_HOSTS, CLASS_HOST, host,
                   place);
        return;
    }
    claim = claim_new(loading, listed ? LIST_PATTERNS : OWNER_PATTERNS, place);
    claim->text = lower(loading, host, 0);
    claim->key =
        str_cut(claim->text, 0, literal < MAX_LITERAL ? literal : MAX_LITERAL);
    claim->weight += 2 * ((uint32_t)host.len - n_wild);
}

/* No blanks, no control characters, not too long: what a name cannot have. */
static bool
good_name(struct loading *loading, struct str name, struct place place,
          const char *what)
{
    if (name.len == 0 || name.len > MAX_KEY_BYTES) {
        complain(loading->complaints, place, "%s has 1 to %d characters", what,
                 (int)MAX_KEY_BYTES);
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.at[i];

        if (c <= ' ' || c == 0x7f || c == ',') {
            complain(loading->complaints, place,
                     "'%.*s': %s has no blanks, commas or control characters",
                     STR_ARG(name), what);
            return false;
        }
    }
    return true;
}

static void
claim_hosts(struct loading *loading, const struct yaml *map, bool listed)
{
    const struct yaml *node = list_first(loading, map, "hosts");
    struct str host;

    for (; node != NULL; node = node->next)
        if (yaml_str(node, &host, loading->complaints) &&
            good_name(loading, host, node->place, "a host name"))
            claim_host(loading, host, node->place, listed);
}

static void
claim_addresses(struct loading *loading, const struct yaml *map, bool listed)
{
    const struct yaml *node = list_first(loading, map, "addresses");
    struct prefix prefix;
    struct str text;
    struct err why;

    for (; node != NULL; node = node->next) {
        if (!yaml_str(node, &text, loading->complaints))
            continue;
        if (!prefix_from(text, &prefix, &why))
            complain(loading->complaints, node->place, "%s", why.text);
        else
            claim_new(loading, listed ? LIST_RANGES : OWNER_RANGES, node->place)
                ->prefix = prefix;
    }
}

static struct owner *
owner_new(struct loading *loading, struct owner owner)
{
    struct inventory *inventory = loading->inventory;

    assert(inventory->n_owners < loading->max_owners);
    inventory->owner[inventory->n_owners] = owner;
    return &inventory->owner[inventory->n_owners++];
}

/* --- units */

static void
check_contact(struct loading *loading, const struct yaml *map)
{
    static const struct str keys[] = {NAME("name"), NAME("role"), NAME("phone"),
                                      NAME("email")};
    const struct yaml *phone, *email;
    struct str text;
    const char *sign;

    if (map->type != YAML_MAP) {
        complain(loading->complaints, map->place,
                 "a contact is written as {name: …, role: …, phone: …, "
                 "email: …}");
        return;
    }
    yaml_only(map, keys, N_OF(keys), loading->complaints);
    phone = yaml_get(map, "phone");
    email = yaml_get(map, "email");
    need_text(loading, map, "name", &text);
    if (phone == NULL && email == NULL)
        complain(loading->complaints, map->place,
                 "a contact needs 'phone' or 'email'");
    yaml_str(yaml_get(map, "role"), &text, loading->complaints);
    if (phone != NULL && yaml_str(phone, &text, loading->complaints)) {
        size_t n_digits = 0, n_others = 0;

        for (size_t i = 0; i < text.len; i++) {
            bool digit = text.at[i] >= '0' && text.at[i] <= '9';

            n_digits += digit;
            n_others += !digit && memchr("+ -.()", text.at[i], 6) == NULL;
        }
        if (n_digits < 3 || n_others > 0)
            complain(loading->complaints, phone->place,
                     "'%.*s' is no telephone number", STR_ARG(text));
    }
    if (email != NULL && yaml_str(email, &text, loading->complaints)) {
        sign = text.len > 0 ? memchr(text.at, '@', text.len) : NULL;
        if (sign == NULL || sign == text.at || sign == text.at + text.len - 1 ||
            memchr(text.at, ' ', text.len) != NULL ||
            memchr(sign + 1, '@', (size_t)(text.at + text.len - sign) - 1))
            complain(loading->complaints, email->place,
                     "'%.*s' is no e-mail address", STR_ARG(text));
    }
}

void
entry_unit(struct loading *loading, const struct yaml *map)
{
    static const struct str keys[] = {
        NAME("id"), NAME("name"),      NAME("kind"),  NAME("from"),
        NAME("to"), NAME("addresses"), NAME("hosts"), NAME("contacts"),
    };
    struct owner owner = {.kind = OWNER_UNIT, .place = map->place};
    const struct yaml *contact;
    struct str kind;
    bool good;

    yaml_only(map, keys, N_OF(keys), loading->complaints);
    good = need_id(loading, map, "id", &owner.id);
    good &= need_text(loading, map, "name", &owner.name);
    good &= need_period(loading, map, &owner.period);
    yaml_str(yaml_get(map, "kind"), &kind, loading->complaints);
    contact = list_first(loading, map, "contacts");
    for (; contact != NULL; contact = contact->next)
        check_contact(loading, contact);
    if (!good)
        owner.period = (struct period){0, -1}; /* clashes with nothing */
    owner_new(loading, owner);
    if (owner.id.len > 0)
        claim_text(loading, OWNER_IDS, CLASS_UNIT, owner.id,
                   yaml_get(map, "id")->place);
    claim_addresses(loading, map, false);
    claim_hosts(loading, map, false);
}

/* --- systems */

static void
read_level(struct loading *loading, const struct yaml *map, struct owner *owner)
{
    static const struct str keys[] = {NAME("level"), NAME("decision"),
                                      NAME("from"), NAME("to")};
    struct level level = {.place = map->place};
    struct str decision;
    int64_t n;
    bool good;

    if (map->type != YAML_MAP) {
        complain(loading->complaints, map->place,
                 "a level is written as {level: 3, decision: \"…\", from: …}");
        return;
    }
    yaml_only(map, keys, N_OF(keys), loading->complaints);
    if (yaml_get(map, "level") == NULL)
        complain(loading->complaints, map->place, "'level' is missing");
    good = yaml_i64(yaml_get(map, "level"), 1, 5, &n, loading->complaints);
    good &= need_text(loading, map, "decision", &decision);
    good &= need_period(loading, map, &level.period);
    if (!good)
        return;
    level.level = (int)n;
    for (size_t i = 0; i < owner->n_levels; i++)
        if (periods_meet(level.period, owner->level[i].period))
            complain(loading->complaints, level.place,
                     "two levels at the same time (the other: line %u); "
                     "'to' is the last day of a level",
                     owner->level[i].place.line);
    owner->level[owner->n_levels++] = level;
}

static void
read_levels(struct loading *loading, const struct yaml *map,
            struct owner *owner)
{
    enum { MOST = 100 };
    const struct yaml *list = yaml_get(map, "levels");
    const struct yaml *node = list_first(loading, map, "levels");

    if (node == NULL)
        return;
    if (list->n_children > MOST) {
        complain(loading->complaints, list->place, "more than %d levels",
                 (int)MOST);
        return;
    }
    owner->level =
        arena_take(loading->arena, list->n_children, sizeof *owner->level);
    if (owner->level == NULL) {
        loading->full = true;
        return;
    }
    for (; node != NULL; node = node->next)
        read_level(loading, node, owner);
}

void
entry_system(struct loading *loading, const struct yaml *map)
{
    static const struct str keys[] = {
        NAME("id"), NAME("name"),   NAME("unit"),      NAME("from"),
        NAME("to"), NAME("levels"), NAME("addresses"), NAME("hosts"),
    };
    struct owner owner = {.kind = OWNER_SYSTEM, .place = map->place};
    bool good;

    yaml_only(map, keys, N_OF(keys), loading->complaints);
    good = need_id(loading, map, "id", &owner.id);
    good &= need_text(loading, map, "name", &owner.name);
    good &= need_text(loading, map, "unit", &owner.unit);
    good &= need_period(loading, map, &owner.period);
    if (owner.unit.len > 0)
        owner.unit_place = yaml_get(map, "unit")->place;
    read_levels(loading, map, &owner);
    if (!good)
        owner.period = (struct period){0, -1};
    owner_new(loading, owner);
    if (owner.id.len > 0)
        claim_text(loading, OWNER_IDS, CLASS_SYSTEM, owner.id,
                   yaml_get(map, "id")->place);
    claim_addresses(loading, map, false);
    claim_hosts(loading, map, false);
}

/* --- watch-lists */

static bool
is_hash(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (memchr("0123456789abcdefABCDEF", text.at[i], 22) == NULL)
            return false;
    return text.len == 32 || text.len == 40 || text.len == 64;
}

/* A domain alone, of at most MAX_LABELS labels. */
static bool
is_domain(struct str text)
{
    size_t n_labels = 1;

    for (size_t i = 0; i < text.len; i++) {
        if (memchr("*/:@", text.at[i], 4) != NULL)
            return false;
        n_labels += text.at[i] == '.';
    }
    return *text.at != '.' && text.at[text.len - 1] != '.' &&
           n_labels <= MAX_LABELS;
}

/* One of the lists of texts. */
static void
claim_listed(struct loading *loading, const struct yaml *map, const char *key,
             enum text_class class)
{
    const struct yaml *node = list_first(loading, map, key);
    struct str text;

    for (; node != NULL; node = node->next) {
        if (!yaml_str(node, &text, loading->complaints) ||
            !good_name(loading, text, node->place, "an entry"))
            continue;
        if (class == CLASS_HASH && !is_hash(text))
            complain(loading->complaints, node->place,
                     "'%.*s' is no MD5, SHA-1 or SHA-256 (32, 40 or 64 "
                     "hexadecimal digits)",
                     STR_ARG(text));
        else if (class == CLASS_DOMAIN && !is_domain(text))
            complain(loading->complaints, node->place,
                     "'%.*s': write the domain alone, as example.org; all "
                     "below it belong to it",
                     STR_ARG(text));
        else
            claim_text(loading, LIST_TEXTS, class, text, node->place);
    }
}

void
entry_list(struct loading *loading, const struct yaml *map)
{
    static const struct str keys[] = {
        NAME("name"),      NAME("reason"), NAME("from"),
        NAME("to"),        NAME("hosts"),  NAME("users"),
        NAME("addresses"), NAME("hashes"), NAME("domains"),
    };
    struct owner owner = {.kind = OWNER_LIST, .place = map->place};
    struct str reason;
    uint32_t before = loading->inventory->n_claims;

    yaml_only(map, keys, N_OF(keys), loading->complaints);
    need_text(loading, map, "name", &owner.name);
    need_text(loading, map, "reason", &reason);
    need_period(loading, map, &owner.period);
    owner_new(loading, owner);
    claim_hosts(loading, map, true);
    claim_addresses(loading, map, true);
    claim_listed(loading, map, "users", CLASS_USER);
    claim_listed(loading, map, "hashes", CLASS_HASH);
    claim_listed(loading, map, "domains", CLASS_DOMAIN);
    if (loading->inventory->n_claims == before)
        complain_warning(loading->complaints, map->place,
                         "the watch-list '%.*s' has no entries",
                         STR_ARG(owner.name));
}
