/* SPDX-License-Identifier: Apache-2.0
 *
 * See site.h. A unit of the inventory often also holds the ranges of the
 * servers that stand in it; so a range of a unit that contains a system's, and
 * a pattern that covers a system's, are left to the systems. Machines are
 * dealt to the groups by the square root of their room: a district has more
 * than a commune, but not eight times as many. */
#include "site.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/times.h"
#include "base/yaml.h"

enum { MAX_RANGES = 8, MAX_PATTERNS = 8 };

struct range {
    uint32_t first, last; /* network and broadcast address left out */
};

/* A unit or system as far as machines are concerned. */
struct group {
    struct range ranges[MAX_RANGES];
    struct str patterns[MAX_PATTERNS];
    size_t n_ranges, n_patterns;
    uint32_t room, n;
};

struct groups {
    struct group *at;
    uint32_t n;
};

/* An IPv4 prefix of /8 to /30; false for anything else: other entries of an
 * inventory (single machines, IPv6) are no place to put machines. */
static bool
range_from(struct str text, struct range *range)
{
    struct str rest = text, address;
    char digits[16];
    struct in_addr in;
    int64_t bits;
    if (!str_split(&rest, '/', &address) || address.len >= sizeof digits ||
        !str_to_i64(rest, &bits) || bits < 8 || bits > 30)
        return false;
    memcpy(digits, address.at, address.len);
    digits[address.len] = '\0';
    if (inet_pton(AF_INET, digits, &in) != 1)
        return false;
    uint32_t size = UINT32_C(1) << (32 - bits);
    uint32_t network = ntohl(in.s_addr) & ~(size - 1);
    *range = (struct range){network + 1, network + size - 2};
    return true;
}

static bool
valid_all_year(const struct yaml *entry, struct complaints *complaints)
{
    int32_t day;
    const struct yaml *from = yaml_get(entry, "from");
    const struct yaml *to = yaml_get(entry, "to");
    if (from && yaml_date(from, &day, complaints) &&
        day > day_from_civil(2024, 1, 1))
        return false;
    return !to || !yaml_date(to, &day, complaints) ||
           day >= day_from_civil(2024, 9, 30);
}

/* Fills `group` from an entry; false when nothing can stand in it. */
static bool
group_from(const struct yaml *entry, struct complaints *complaints,
           struct group *group)
{
    *group = (struct group){0};
    if (!valid_all_year(entry, complaints))
        return false;
    const struct yaml *list = yaml_get(entry, "addresses");
    struct str text;
    for (const struct yaml *one = list ? list->first : NULL; one;
         one = one->next)
        if (group->n_ranges < MAX_RANGES && yaml_str(one, &text, complaints) &&
            range_from(text, &group->ranges[group->n_ranges]))
            group->n_ranges++;
    list = yaml_get(entry, "hosts");
    for (const struct yaml *one = list ? list->first : NULL; one;
         one = one->next)
        if (group->n_patterns < MAX_PATTERNS &&
            yaml_str(one, &text, complaints) && text.len > 0 && text.len < 48 &&
            memchr(text.at, '*', text.len))
            group->patterns[group->n_patterns++] = text;
    return true;
}

static bool
overlaps(const struct group *group, const struct groups *systems,
         struct range range)
{
    for (uint32_t i = 0; i < systems->n; i++)
        for (size_t r = 0; r < systems->at[i].n_ranges; r++) {
            const struct range *other = &systems->at[i].ranges[r];
            if (&systems->at[i] != group && range.first <= other->last &&
                other->first <= range.last)
                return true;
        }
    return false;
}

static bool
covers(struct str pattern, const struct groups *systems)
{
    for (uint32_t i = 0; i < systems->n; i++)
        for (size_t p = 0; p < systems->at[i].n_patterns; p++)
            if (str_matches_glob(systems->at[i].patterns[p], pattern))
                return true;
    return false;
}

/* Takes from a unit what belongs to the systems in it. */
static void
leave_to_systems(struct group *unit, const struct groups *systems)
{
    size_t n = 0;
    for (size_t i = 0; i < unit->n_ranges; i++)
        if (!overlaps(unit, systems, unit->ranges[i]))
            unit->ranges[n++] = unit->ranges[i];
    unit->n_ranges = n;
    n = 0;
    for (size_t i = 0; i < unit->n_patterns; i++)
        if (!covers(unit->patterns[i], systems))
            unit->patterns[n++] = unit->patterns[i];
    unit->n_patterns = n;
}

static bool
groups_read(const struct yaml *list, const struct groups *systems,
            struct arena *arena, struct complaints *complaints,
            struct groups *groups)
{
    size_t max = list && list->type == YAML_LIST ? list->n_children : 0;
    if (max > MAX_SITE_GROUPS)
        max = MAX_SITE_GROUPS;
    *groups =
        (struct groups){arena_take(arena, max + 1, sizeof(struct group)), 0};
    if (!groups->at)
        return false;
    const struct yaml *one = max > 0 ? list->first : NULL;
    for (; one && groups->n < max; one = one->next) {
        struct group *group = &groups->at[groups->n];
        if (!group_from(one, complaints, group))
            continue;
        if (systems)
            leave_to_systems(group, systems);
        group->room = 0;
        for (size_t i = 0; i < group->n_ranges; i++)
            group->room += group->ranges[i].last - group->ranges[i].first + 1;
        if (group->room > 900)
            group->room = 900; /* three digits in a name */
        if (group->room > 0 && group->n_patterns > 0)
            groups->n++;
    }
    return true;
}

static uint32_t
square_root(uint32_t n)
{
    uint32_t root = 0;
    while ((root + 1) * (root + 1) <= n)
        root++;
    return root;
}

/* Deals `wanted` machines to the groups, one at a time to whoever has the
 * fewest for its weight, until all are dealt or every group is full. */
static uint32_t
groups_deal(struct groups *groups, uint32_t wanted)
{
    uint32_t dealt = 0;
    while (dealt < wanted) {
        struct group *poorest = NULL;
        uint64_t least = 0;
        for (uint32_t i = 0; i < groups->n; i++) {
            struct group *group = &groups->at[i];
            uint64_t has = (uint64_t)(group->n + 1) * 1000000 /
                           (1 + square_root(group->room));
            if (group->n < group->room && (!poorest || has < least)) {
                poorest = group;
                least = has;
            }
        }
        if (!poorest)
            break;
        poorest->n++;
        dealt++;
    }
    return dealt;
}

static uint32_t
address_in(const struct group *group, uint32_t i)
{
    for (size_t r = 0; r < group->n_ranges; r++) {
        uint32_t size = group->ranges[r].last - group->ranges[r].first + 1;
        if (i < size)
            return group->ranges[r].first + i;
        i -= size;
    }
    return 0; /* not reached: n ≤ room */
}

/* `pattern` with its first '*' as a number, other wildcards as '0'. */
static struct str
name_from(struct arena *arena, struct str pattern, uint32_t number, int width)
{
    char text[80];
    size_t n = 0;
    bool done = false;
    for (size_t i = 0; i < pattern.len; i++) {
        if (pattern.at[i] == '*' && !done) {
            uint32_t scale = width == 3 ? 100 : 10;
            for (; scale > 0; scale /= 10)
                text[n++] = (char)('0' + number / scale % 10);
            done = true;
        } else if (pattern.at[i] == '*' || pattern.at[i] == '?') {
            text[n++] = '0';
        } else {
            text[n++] = pattern.at[i];
        }
    }
    return arena_copy(arena, (struct str){text, n});
}

static const char *
word(struct rng *rng, const struct words *words)
{
    return words->at[rng_below(rng, (uint32_t)words->n)];
}

/* "STTTT\nguyenvana": the domain is the name up to its first '-'. */
static struct str
user_for(struct arena *arena, struct rng *rng, struct str host)
{
    size_t n = 0;
    while (n < host.len && host.at[n] != '-')
        n++;
    const char *surname = word(rng, &words_surnames);
    const char *middle = word(rng, &words_middle_names);
    const char *given = word(rng, &words_given_names);
    return arena_format(arena, "%.*s\\%s%s%s", (int)n, host.at, surname, middle,
                        given);
}

static struct str
os_for(struct rng *rng)
{
    uint32_t at = rng_below(rng, 100);
    return at < 58   ? STR("Windows 10 Pro")
           : at < 80 ? STR("Windows 11 Pro")
           : at < 93 ? STR("Windows 7 Professional")
           : at < 97 ? STR("Windows 8.1 Pro")
                     : STR("Windows 10 Enterprise LTSC");
}

static bool
host_make(const struct group *group, uint32_t i, bool server,
          struct arena *arena, struct rng *rng, struct host *host)
{
    /* Three quarters bear the first pattern, the rest share the others. */
    uint32_t first = group->n_patterns > 1 ? (group->n * 3 + 3) / 4 : group->n;
    size_t pattern = 0;
    uint32_t number = i + 1;
    if (i >= first) {
        uint32_t others = (uint32_t)group->n_patterns - 1;
        pattern = 1 + (i - first) % others;
        number = 1 + (i - first) / others;
    }
    /* Servers have two digits unless there are more than 99. */
    int width = server && group->n < 100 ? 2 : 3;
    host->name = name_from(arena, group->patterns[pattern], number, width);
    host->ip = address_in(group, i);
    host->agent_id = rng_next(rng);
    host->os = os_for(rng);
    host->user = host->name.at ? user_for(arena, rng, host->name) : NO_STR;
    return host->user.at;
}

/* Busy and quiet: the hosts in a shuffled order weigh 1/(place + floor). */
static bool
hosts_weigh(struct hosts *hosts, uint32_t flat, struct arena *arena,
            struct rng *rng)
{
    uint32_t *place = arena_take(arena, hosts->n, sizeof *place);
    hosts->wheel = wheel_new(arena, hosts->n);
    if (!place || !hosts->wheel.sums)
        return false;
    for (uint32_t i = 0; i < hosts->n; i++)
        place[i] = i;
    for (uint32_t i = hosts->n; i > 1; i--) {
        uint32_t j = rng_below(rng, i), kept = place[i - 1];
        place[i - 1] = place[j];
        place[j] = kept;
    }
    for (uint32_t i = 0; i < hosts->n; i++)
        wheel_set(&hosts->wheel, i, 10000000 / (place[i] + flat));
    return true;
}

static bool
hosts_make(struct groups *groups, enum sample_file file, uint64_t seed,
           struct arena *arena, struct hosts *hosts)
{
    bool server = file == SERVER_FILE;
    struct rng rng = rng_of(seed, RNG_SITE, file);
    uint32_t n = groups_deal(groups, server ? SITE_SERVERS : SITE_ENDPOINTS);
    hosts->at = arena_take(arena, n, sizeof *hosts->at);
    hosts->begin = arena_take(arena, groups->n + 1, sizeof *hosts->begin);
    if (!hosts->at || !hosts->begin)
        return false;
    hosts->n_groups = groups->n;
    for (uint32_t g = 0; g < groups->n; g++) {
        for (uint32_t i = 0; i < groups->at[g].n; i++) {
            struct host *host = &hosts->at[hosts->n++];
            host->group = (uint16_t)g;
            if (!host_make(&groups->at[g], i, server, arena, &rng, host))
                return false;
        }
        hosts->begin[g + 1] = hosts->n;
    }
    return hosts_weigh(hosts, server ? 8 : 60, arena, &rng);
}

bool
site_load(const char *path, uint64_t seed, struct arena *arena,
          struct site *site, struct complaints *complaints)
{
    struct place place = {path, 0, 0};
    const struct yaml *root = yaml_load(path, arena, complaints);
    struct groups units, systems;
    *site = (struct site){0};
    if (!root)
        return false;
    if (!groups_read(yaml_get(root, "systems"), NULL, arena, complaints,
                     &systems) ||
        !groups_read(yaml_get(root, "units"), &systems, arena, complaints,
                     &units)) {
        complain(complaints, place, "the inventory is too large for a sample");
        return false;
    }
    if (units.n < 3 || systems.n < 1) {
        complain(complaints, place,
                 "a sample needs at least 3 units and 1 system that hold from "
                 "2024-01-01 to 2024-09-30, with an IPv4 range (/8 to /30) and "
                 "a host pattern with '*' of their own; there are %u and %u",
                 units.n, systems.n);
        return false;
    }
    if (!hosts_make(&units, ENDPOINT_FILE, seed, arena,
                    &site->of[ENDPOINT_FILE]) ||
        !hosts_make(&systems, SERVER_FILE, seed, arena,
                    &site->of[SERVER_FILE])) {
        complain(complaints, place, "the inventory is too large for a sample");
        return false;
    }
    return complaints->n_errors == 0;
}
