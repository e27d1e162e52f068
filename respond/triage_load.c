/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads deploy/tickets.yml (priorities, grouping, floor, inhibition, skills)
 * and deploy/suppressions.yml. Every mistake of both in one run, each where
 * it stands. */
#include "respond/triage.h"

#include "base/times.h"
#include "grouping.h"

#include <string.h>

#define MINUTE INT64_C(60000)
#define YEAR (INT64_C(366) * MS_PER_DAY)

struct loader {
    struct arena *arena;
    struct complaints *complaints;
    struct triage *triage;
    int64_t now_ms;
};

static const struct triage preset = {
    .priority = {[SEVERITY_UNKNOWN] = {3, 3, 3, 3, 2, 2},
                 [SEVERITY_INFORMATIONAL] = {4, 4, 4, 4, 4, 4},
                 [SEVERITY_LOW] = {4, 4, 4, 4, 3, 3},
                 [SEVERITY_MEDIUM] = {3, 3, 3, 3, 3, 2},
                 [SEVERITY_HIGH] = {3, 3, 3, 2, 2, 1},
                 [SEVERITY_CRITICAL] = {2, 2, 2, 1, 1, 1},
                 [SEVERITY_FATAL] = {1, 1, 1, 1, 1, 1}},
    .group_by = 1u << ENTITY_HOST | 1u << ENTITY_ADDRESS,
    .group_ms = MS_PER_DAY,
    .group_longest_ms = 3 * MS_PER_DAY,
    .floor_hold_ms = 5 * MINUTE,
    .floor_by_system = true,
    .quiet_ms = MS_PER_DAY,
};

static const struct str sorts[N_ENTITY_SORTS] = {
#define X(name, id) {id, sizeof(id) - 1},
    ENTITY_SORTS(X)
#undef X
};

#define ONLY(loader, node, ...)                                                \
    do {                                                                       \
        static const struct str names[] = {__VA_ARGS__};                       \
        yaml_only(node, names, sizeof names / sizeof *names,                   \
                  (loader)->complaints);                                       \
    } while (0)
#define KEY(text)                                                              \
    {                                                                          \
        text, sizeof(text) - 1                                                 \
    }

static bool
is_a(struct loader *loader, const struct yaml *node, enum yaml_type type,
     const char *words)
{
    if (node && node->type == type)
        return true;
    if (node)
        complain(loader->complaints, node->place, "expected %s", words);
    return false;
}

static bool
need(struct loader *loader, const struct yaml *map, const char *key)
{
    if (yaml_get(map, key))
        return true;
    complain(loader->complaints, map->place, "'%s' is missing", key);
    return false;
}

/* --- priority: a map for each severity, from level to P1 … P4 */

static bool
read_priority(struct loader *loader, const struct yaml *node, int *priority)
{
    struct str text;
    if (!yaml_str(node, &text, loader->complaints))
        return false;
    if (text.len == 2 && (text.at[0] == 'P' || text.at[0] == 'p') &&
        text.at[1] >= '1' && text.at[1] <= '4') {
        *priority = text.at[1] - '0';
        return true;
    }
    complain(loader->complaints, node->place,
             "expected P1, P2, P3 or P4, found '%.*s'",
             STR_ARG(str_cut(text, 0, 40)));
    return false;
}

static void
read_levels(struct loader *loader, const struct yaml *node, int *row)
{
    static const struct str levels[TRIAGE_LEVELS] = {
        KEY("none"), KEY("1"), KEY("2"), KEY("3"), KEY("4"), KEY("5")};
    if (node->type == YAML_SCALAR) { /* the same at every level */
        int priority;
        if (read_priority(loader, node, &priority))
            for (size_t i = 0; i < TRIAGE_LEVELS; i++)
                row[i] = priority;
        return;
    }
    if (!is_a(loader, node, YAML_MAP, "P1 to P4, or a map from level to it"))
        return;
    yaml_only(node, levels, TRIAGE_LEVELS, loader->complaints);
    for (size_t i = 0; i < TRIAGE_LEVELS; i++) {
        const struct yaml *cell = yaml_get(node, levels[i].at);
        if (cell)
            read_priority(loader, cell, &row[i]);
        else
            complain(loader->complaints, node->place,
                     "level '%s' has no priority", levels[i].at);
    }
}

static void
read_priorities(struct loader *loader, const struct yaml *node)
{
    static const struct str severities[N_SEVERITIES] = {
#define X(name, id, caption) {id, sizeof(id) - 1},
        SEVERITIES(X)
#undef X
    };
    if (!is_a(loader, node, YAML_MAP, "a map from severity to priority"))
        return;
    yaml_only(node, severities, N_SEVERITIES, loader->complaints);
    for (size_t i = 0; i < N_SEVERITIES; i++) {
        const struct yaml *row = yaml_get(node, severities[i].at);
        if (row)
            read_levels(loader, row, loader->triage->priority[i]);
    }
}

/* true or false; not there: as it is. */
static void
read_flag(struct loader *loader, const struct yaml *map, const char *key,
          bool *flag)
{
    const struct yaml *node = yaml_get(map, key);
    struct str text;
    if (!node || !yaml_str(node, &text, loader->complaints))
        return;
    *flag = str_equal(text, STR("true"));
    if (!*flag && !str_equal(text, STR("false")))
        complain(loader->complaints, node->place, "expected true or false");
}

/* --- grouping, floor */

static void
read_sorts(struct loader *loader, const struct yaml *node, unsigned *bits)
{
    if (!is_a(loader, node, YAML_LIST, "a list of host, user, address, system"))
        return;
    *bits = 0;
    for (const struct yaml *item = node->first; item; item = item->next) {
        struct str text;
        unsigned sort = 0;
        if (!yaml_str(item, &text, loader->complaints))
            continue;
        while (sort < N_ENTITY_SORTS && !str_equal(text, sorts[sort]))
            sort++;
        if (sort < N_ENTITY_SORTS)
            *bits |= 1u << sort;
        else
            complain_unknown(loader->complaints, item->place, "entity", text,
                             sorts, N_ENTITY_SORTS);
    }
}

static void
read_grouping(struct loader *loader, const struct yaml *node)
{
    struct triage *triage = loader->triage;
    if (!is_a(loader, node, YAML_MAP, "a map"))
        return;
    ONLY(loader, node, KEY("by"), KEY("within"), KEY("longest"));
    read_sorts(loader, yaml_get(node, "by"), &triage->group_by);
    yaml_duration_ms(yaml_get(node, "within"), 0, YEAR, &triage->group_ms,
                     loader->complaints);
    yaml_duration_ms(yaml_get(node, "longest"), MINUTE, YEAR,
                     &triage->group_longest_ms, loader->complaints);
}

static void
read_floor(struct loader *loader, const struct yaml *node)
{
    if (!is_a(loader, node, YAML_MAP, "a map"))
        return;
    ONLY(loader, node, KEY("hold"), KEY("by_system"));
    yaml_duration_ms(yaml_get(node, "hold"), 0, MS_PER_DAY,
                     &loader->triage->floor_hold_ms, loader->complaints);
    read_flag(loader, node, "by_system", &loader->triage->floor_by_system);
}

/* --- lists of rules with matchers */

/* Scalars in quotes begin one column further right. */
static bool
read_matcher(struct loader *loader, const struct yaml *map, const char *key,
             struct matcher *matcher)
{
    struct str text;
    if (!need(loader, map, key) ||
        !yaml_str(yaml_get(map, key), &text, loader->complaints))
        return false;
    struct place place = yaml_get(map, key)->place;
    place.column += yaml_get(map, key)->quoted;
    return matcher_read(text, place, matcher, loader->complaints);
}

/* A name that stands in records: letters, digits, - _ and . */
static void
read_name(struct loader *loader, const struct yaml *map, struct str *name)
{
    const struct yaml *node = yaml_get(map, "name");
    if (!need(loader, map, "name") || !yaml_str(node, name, loader->complaints))
        return;
    bool fine = name->len > 0 && name->len <= 64;
    for (size_t i = 0; fine && i < name->len; i++) {
        char c = name->at[i];
        fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    }
    if (!fine)
        complain(loader->complaints, node->place,
                 "a name is 1 to 64 letters, digits, '-', '_' or '.'");
}

/* Room for each item of the list; NULL when there is none or it is wrong. */
static void *
room_for(struct loader *loader, const struct yaml *list, size_t size)
{
    if (!list || !is_a(loader, list, YAML_LIST, "a list"))
        return NULL;
    if (list->n_children > TRIAGE_MAX_RULES) {
        complain(loader->complaints, list->place, "more than %d entries",
                 TRIAGE_MAX_RULES);
        return NULL;
    }
    void *room = arena_take(loader->arena, list->n_children + 1, size);
    if (!room)
        complain(loader->complaints, list->place, "out of memory");
    return room;
}

/* What a ticket can be asked: its rules and their severities. */
static void
check_when(struct loader *loader, const struct yaml *map,
           const struct matcher *when)
{
    for (size_t i = 0; i < when->n; i++)
        if (when->condition[i].field != MATCH_RULE &&
            when->condition[i].field != MATCH_SEVERITY)
            complain(loader->complaints, yaml_get(map, "when")->place,
                     "'when' speaks of rule and severity only");
}

static void
read_inhibitions(struct loader *loader, const struct yaml *list)
{
    struct inhibition *at = room_for(loader, list, sizeof *at);
    loader->triage->inhibition = at;
    const struct yaml *node = at ? list->first : NULL;
    for (; node; node = node->next, at++) {
        if (!is_a(loader, node, YAML_MAP, "a map"))
            continue;
        ONLY(loader, node, KEY("name"), KEY("when"), KEY("mute"), KEY("same"),
             KEY("within"));
        read_name(loader, node, &at->name);
        if (read_matcher(loader, node, "when", &at->when))
            check_when(loader, node, &at->when);
        read_matcher(loader, node, "mute", &at->mute);
        if (need(loader, node, "same"))
            read_sorts(loader, yaml_get(node, "same"), &at->same);
        at->within_ms = loader->triage->group_ms;
        yaml_duration_ms(yaml_get(node, "within"), 0, YEAR, &at->within_ms,
                         loader->complaints);
        loader->triage->n_inhibitions++;
    }
}

static void
read_skills(struct loader *loader, const struct yaml *list)
{
    struct skill_route *at = room_for(loader, list, sizeof *at);
    loader->triage->skill = at;
    const struct yaml *node = at ? list->first : NULL;
    for (; node; node = node->next, at++) {
        if (!is_a(loader, node, YAML_MAP, "a map"))
            continue;
        ONLY(loader, node, KEY("match"), KEY("skill"));
        read_matcher(loader, node, "match", &at->matcher);
        if (need(loader, node, "skill"))
            yaml_str(yaml_get(node, "skill"), &at->skill, loader->complaints);
        loader->triage->n_skills++;
    }
}

static void
read_settings(struct loader *loader, const struct yaml *root)
{
    if (!is_a(loader, root, YAML_MAP, "a map"))
        return;
    ONLY(loader, root, KEY("priority"), KEY("grouping"), KEY("floor"),
         KEY("quiet_after"), KEY("inhibit"), KEY("skills"));
    read_priorities(loader, yaml_get(root, "priority"));
    read_grouping(loader, yaml_get(root, "grouping"));
    read_floor(loader, yaml_get(root, "floor"));
    yaml_duration_ms(yaml_get(root, "quiet_after"), MINUTE, YEAR,
                     &loader->triage->quiet_ms, loader->complaints);
    read_inhibitions(loader, yaml_get(root, "inhibit"));
    read_skills(loader, yaml_get(root, "skills"));
}

/* --- suppressions */

/* A day, or a day and time, in UTC+7. */
static bool
read_moment(struct loader *loader, const struct yaml *map, const char *key,
            int64_t *ms)
{
    struct str text;
    const struct yaml *node = yaml_get(map, key);
    if (!need(loader, map, key) || !yaml_str(node, &text, loader->complaints))
        return false;
    if (time_from_iso(text, VIETNAM_MINUTES, ms))
        return true;
    complain(loader->complaints, node->place,
             "expected a day (2024-09-30) or a time (2024-09-30T08:00), found "
             "'%.*s'",
             STR_ARG(str_cut(text, 0, 40)));
    return false;
}

static void
read_suppression(struct loader *loader, const struct yaml *node,
                 struct suppression *at)
{
    if (!is_a(loader, node, YAML_MAP, "a map"))
        return;
    at->place = node->place;
    ONLY(loader, node, KEY("name"), KEY("match"), KEY("reason"), KEY("owner"),
         KEY("from"), KEY("until"), KEY("dry_run"));
    read_name(loader, node, &at->name);
    read_matcher(loader, node, "match", &at->matcher);
    if (need(loader, node, "reason"))
        yaml_str(yaml_get(node, "reason"), &at->reason, loader->complaints);
    if (need(loader, node, "owner"))
        yaml_str(yaml_get(node, "owner"), &at->owner, loader->complaints);
    bool from = read_moment(loader, node, "from", &at->from_ms);
    bool until = read_moment(loader, node, "until", &at->until_ms);
    if (from && until && at->until_ms <= at->from_ms)
        complain(loader->complaints, yaml_get(node, "until")->place,
                 "it ends before it begins");
    else if (until && at->until_ms <= loader->now_ms)
        complain_warning(loader->complaints, yaml_get(node, "until")->place,
                         "suppression '%.*s' has ended: it only holds for "
                         "alerts from before",
                         STR_ARG(at->name));
    read_flag(loader, node, "dry_run", &at->dry_run);
}

/* Two of one name could not be told apart in what they suppressed. */
static void
check_twice(struct loader *loader, const struct suppression *all, size_t n)
{
    const struct suppression *last = &all[n - 1];
    for (size_t i = 0; i + 1 < n; i++)
        if (last->name.len > 0 && str_equal(all[i].name, last->name))
            complain(loader->complaints, last->place,
                     "the name '%.*s' is taken by line %u", STR_ARG(last->name),
                     all[i].place.line);
}

static void
read_suppressions(struct loader *loader, const struct yaml *root)
{
    if (!is_a(loader, root, YAML_MAP, "a map"))
        return;
    ONLY(loader, root, KEY("suppressions"));
    const struct yaml *list = yaml_get(root, "suppressions");
    struct suppression *all = room_for(loader, list, sizeof *all);
    loader->triage->suppression = all;
    const struct yaml *node = all ? list->first : NULL;
    for (; node; node = node->next) {
        read_suppression(loader, node, &all[loader->triage->n_suppressions++]);
        check_twice(loader, all, loader->triage->n_suppressions);
    }
}

static const struct yaml *
load_file(struct loader *loader, const char *path)
{
    return path ? yaml_load(path, loader->arena, loader->complaints) : NULL;
}

const struct triage *
triage_load(const char *settings_path, const char *suppressions_path,
            int64_t now_ms, struct arena *arena, struct complaints *complaints)
{
    size_t before = complaints->n_errors;
    struct triage *triage = arena_take(arena, 1, sizeof *triage);
    if (!triage) {
        complain(complaints, (struct place){.file = settings_path},
                 "out of memory");
        return NULL;
    }
    *triage = preset;
    struct loader loader = {arena, complaints, triage, now_ms};
    read_settings(&loader, load_file(&loader, settings_path));
    read_suppressions(&loader, load_file(&loader, suppressions_path));
    return complaints->n_errors == before ? triage : NULL;
}

int
triage_priority(const struct triage *triage, enum severity severity, int level)
{
    int column = level < 0                ? 0
                 : level >= TRIAGE_LEVELS ? TRIAGE_LEVELS - 1
                                          : level;
    return triage->priority[severity][column];
}
