/* SPDX-License-Identifier: Apache-2.0
 *
 * The roster file: members, crews, shifts, overrides (docs/people.md). Every
 * list is read to its end and every mistake named; what cannot be understood
 * is left out, and at the end there is no roster if anything was wrong. */
#include "roster_priv.h"

/* --- crews and shifts */

static bool
read_people(struct loading *loading, const struct yaml *map, struct crew *crew)
{
    const struct yaml *list =
        roster_list(loading, map, "members", ROSTER_MAX_CREW);
    if (list == NULL || list->n_children == 0) {
        complain(loading->complaints, map->place,
                 "'members' is needed: the first is called first");
        return false;
    }
    crew->place = list->place;
    crew->member =
        roster_take(loading, list->n_children, sizeof(struct member *));
    for (const struct yaml *one = list->first; crew->member && one;
         one = one->next) {
        struct str id;
        if (!yaml_str(one, &id, loading->complaints))
            continue;
        const struct member *member = roster_find(loading->roster, id);
        struct str near = roster_near(loading->roster, id);
        if (member != NULL)
            crew->member[crew->n++] = member;
        else
            complain_unknown(loading->complaints, one->place, "member", id,
                             &near, near.len > 0);
        for (size_t i = 0; member != NULL && i + 1 < crew->n; i++)
            if (crew->member[i] == member)
                complain(loading->complaints, one->place,
                         "'%.*s' is named twice here", STR_ARG(id));
    }
    return crew->n > 0;
}

static void
read_crew(struct loading *loading, const struct yaml *map)
{
    static const struct str keys[] = {NAME("id"), NAME("members")};
    struct roster *roster = loading->roster;
    struct crew *crew = &roster->crew[roster->n_crews];
    yaml_only(map, keys, 2, loading->complaints);
    crew->id = roster_id(loading, map);
    for (size_t i = 0; i < roster->n_crews; i++)
        if (crew->id.len > 0 && str_equal(roster->crew[i].id, crew->id))
            complain(loading->complaints, map->place,
                     "crew '%.*s' is there twice", STR_ARG(crew->id));
    read_people(loading, map, crew);
    roster->n_crews++;
}

/* "07:00", to "24:00". */
static int
read_minute(struct loading *loading, const struct yaml *map, const char *key)
{
    const struct yaml *node = yaml_get(map, key);
    struct str rest = node != NULL ? node->text : NO_STR, part[2];
    int64_t hour = -1, minute = -1;
    if (rest.len == 5 && str_split(&rest, ':', &part[0]) &&
        str_split(&rest, ':', &part[1]) && part[0].len == 2 &&
        part[1].len == 2 && str_to_i64(part[0], &hour) &&
        str_to_i64(part[1], &minute) && hour >= 0 && minute >= 0 &&
        minute < 60 && hour * 60 + minute <= MINUTES_PER_DAY)
        return (int)(hour * 60 + minute);
    complain(loading->complaints, node != NULL ? node->place : map->place,
             "'%s' is a time of day such as \"07:00\"", key);
    return 0;
}

static unsigned
read_days(struct loading *loading, const struct yaml *map)
{
    static const struct str names[] = {
        NAME("mon"), NAME("tue"), NAME("wed"), NAME("thu"),
        NAME("fri"), NAME("sat"), NAME("sun"),
    };
    const struct yaml *list = roster_list(loading, map, "days", 7);
    unsigned days = 0;
    if (yaml_get(map, "days") == NULL)
        return ALL_DAYS;
    for (const struct yaml *one = list ? list->first : NULL; one;
         one = one->next) {
        size_t i = 0;
        while (i < 7 && !str_equal(names[i], one->text))
            i++;
        if (i < 7)
            days |= 1U << i;
        else
            complain_unknown(loading->complaints, one->place, "day", one->text,
                             names, 7);
    }
    return days;
}

static void
read_rotation(struct loading *loading, const struct yaml *map,
              struct shift *shift)
{
    struct roster *roster = loading->roster;
    const struct yaml *list = roster_list(loading, map, "crews", MAX_CREWS);
    struct str names[ROSTER_MAX_SHIFTS];
    for (size_t i = 0; i < roster->n_crews; i++)
        names[i] = roster->crew[i].id;
    for (const struct yaml *one = list ? list->first : NULL; one;
         one = one->next) {
        size_t i = 0;
        while (i < roster->n_crews && !str_equal(names[i], one->text))
            i++;
        if (i < roster->n_crews)
            shift->crew[shift->n_crews++] = &roster->crew[i];
        else
            complain_unknown(loading->complaints, one->place, "crew", one->text,
                             names, roster->n_crews);
    }
    if (list != NULL && shift->n_crews > 1 && yaml_get(map, "since") == NULL)
        complain(loading->complaints, list->place,
                 "crews that take turns need 'since', the first day of the "
                 "first of them");
}

static void
read_shift(struct loading *loading, const struct yaml *map)
{
    static const struct str keys[] = {
        NAME("id"),      NAME("from"),  NAME("to"),    NAME("days"),
        NAME("members"), NAME("crews"), NAME("since"), NAME("until"),
    };
    struct roster *roster = loading->roster;
    struct shift *shift = &roster->shift[roster->n_shifts];
    struct complaints *complaints = loading->complaints;
    yaml_only(map, keys, sizeof keys / sizeof *keys, complaints);
    shift->place = map->place;
    shift->id = roster_id(loading, map);
    if (shift->id.len > 0 && roster_has_shift(roster, shift->id))
        complain(complaints, map->place, "shift '%.*s' is there twice",
                 STR_ARG(shift->id));
    shift->from = read_minute(loading, map, "from");
    shift->until = read_minute(loading, map, "to");
    if (shift->until <= shift->from)
        shift->until += MINUTES_PER_DAY;
    shift->days = read_days(loading, map);
    shift->since = INT32_MIN;
    shift->end = INT32_MAX;
    yaml_date(yaml_get(map, "since"), &shift->since, complaints);
    yaml_date(yaml_get(map, "until"), &shift->end, complaints);
    if (shift->end < shift->since)
        complain(complaints, yaml_get(map, "until")->place,
                 "'until' is before 'since'");
    bool crews = yaml_get(map, "crews") != NULL;
    if (crews == (yaml_get(map, "members") != NULL)) {
        complain(complaints, map->place,
                 "a shift has either 'members' or 'crews'");
    } else if (crews) {
        read_rotation(loading, map, shift);
    } else {
        struct crew *crew = roster_take(loading, 1, sizeof *crew);
        if (crew != NULL && read_people(loading, map, crew))
            shift->crew[shift->n_crews++] = crew;
    }
    roster->n_shifts++;
}

/* --- overrides */

static void
read_time(struct loading *loading, const struct yaml *map, const char *key,
          int64_t *ms)
{
    const struct yaml *node = yaml_get(map, key);
    if (node == NULL || !time_from_iso(node->text, VIETNAM_MINUTES, ms))
        complain(loading->complaints, node ? node->place : map->place,
                 "'%s' is a time such as \"2024-10-05 07:00\" (UTC+7)", key);
}

static void
read_stand_in(struct loading *loading, const struct yaml *map, const char *key,
              struct str *id)
{
    const struct yaml *node = yaml_get(map, key);
    if (node == NULL || !yaml_str(node, id, loading->complaints) ||
        roster_find(loading->roster, *id) != NULL)
        return;
    struct str near = roster_near(loading->roster, *id);
    complain_unknown(loading->complaints, node->place, "member", *id, &near,
                     near.len > 0);
}

static void
read_override(struct loading *loading, const struct yaml *map)
{
    static const struct str keys[] = {
        NAME("person"), NAME("instead"), NAME("shift"),
        NAME("from"),   NAME("to"),      NAME("reason"),
    };
    struct roster *roster = loading->roster;
    struct complaints *complaints = loading->complaints;
    struct journal_override *one = &roster->override[roster->n_overrides];
    yaml_only(map, keys, sizeof keys / sizeof *keys, complaints);
    read_stand_in(loading, map, "person", &one->person);
    read_stand_in(loading, map, "instead", &one->instead);
    if (yaml_get(map, "person") == NULL && yaml_get(map, "instead") == NULL)
        complain(complaints, map->place,
                 "an override names a person who is away, or who stands in, "
                 "or both");
    const struct yaml *node = yaml_get(map, "shift");
    if (node != NULL && yaml_str(node, &one->shift, complaints) &&
        !roster_has_shift(roster, one->shift))
        complain(complaints, node->place, "there is no shift '%.*s'",
                 STR_ARG(one->shift));
    if ((node = yaml_get(map, "reason")) != NULL)
        yaml_str(node, &one->reason, complaints);
    read_time(loading, map, "from", &one->from_ms);
    read_time(loading, map, "to", &one->until_ms);
    if (one->until_ms != 0 && one->until_ms <= one->from_ms)
        complain(complaints, map->place, "'to' is not after 'from'");
    roster->n_overrides++;
}

/* --- the file */

struct section {
    const char *key;
    size_t max;
    void (*entry)(struct loading *loading, const struct yaml *map);
};

static void
read_section(struct loading *loading, const struct yaml *root,
             const struct section *section)
{
    const struct yaml *list =
        roster_list(loading, root, section->key, section->max);
    for (const struct yaml *one = list ? list->first : NULL; one;
         one = one->next) {
        if (one->type == YAML_MAP)
            section->entry(loading, one);
        else
            complain(loading->complaints, one->place,
                     "an entry of '%s' is a map", section->key);
    }
}

static void
read_cover(struct loading *loading, const struct yaml *root)
{
    const struct yaml *node = yaml_get(root, "cover");
    loading->roster->partial =
        node != NULL && str_equal(node->text, STR("partial"));
    if (node != NULL && !loading->roster->partial &&
        !str_equal(node->text, STR("full")))
        complain(loading->complaints, node->place,
                 "cover is full (somebody at any time) or partial");
}

static bool
make_room(struct loading *loading)
{
    struct roster *roster = roster_take(loading, 1, sizeof *roster);
    if (roster == NULL)
        return false;
    loading->roster = roster;
    roster->member =
        roster_take(loading, ROSTER_MAX_MEMBERS, sizeof *roster->member);
    roster->crew =
        roster_take(loading, ROSTER_MAX_SHIFTS, sizeof *roster->crew);
    roster->shift =
        roster_take(loading, ROSTER_MAX_SHIFTS, sizeof *roster->shift);
    roster->override =
        roster_take(loading, ROSTER_MAX_OVERRIDES, sizeof *roster->override);
    return !loading->full;
}

const struct roster *
roster_load(const char *path, const struct roster_known *known,
            struct arena *arena, struct complaints *complaints)
{
    static const struct str keys[] = {NAME("cover"), NAME("members"),
                                      NAME("crews"), NAME("shifts"),
                                      NAME("overrides")};
    static const struct section sections[] = {
        {"members", ROSTER_MAX_MEMBERS, roster_read_member},
        {"crews", ROSTER_MAX_SHIFTS, read_crew},
        {"shifts", ROSTER_MAX_SHIFTS, read_shift},
        {"overrides", ROSTER_MAX_OVERRIDES, read_override},
    };
    struct loading loading = {
        .known = known, .arena = arena, .complaints = complaints};
    size_t errors = complaints->n_errors;
    const struct yaml *root = yaml_load(path, arena, complaints);
    if (root == NULL)
        return NULL;
    if (root->type != YAML_MAP || root->next != NULL) {
        complain(complaints, root->place,
                 "a roster is one document: a map of members, shifts, …");
        return NULL;
    }
    yaml_only(root, keys, sizeof keys / sizeof *keys, complaints);
    if (make_room(&loading)) {
        const struct yaml *shifts = yaml_get(root, "shifts");
        loading.roster->shifts_place =
            shifts != NULL ? shifts->key_place : root->place;
        read_cover(&loading, root);
        for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
            read_section(&loading, root, &sections[i]);
        if (loading.roster->n_members == 0)
            complain(complaints, root->place, "a roster needs members");
    }
    if (loading.full)
        complain(complaints, root->place, "out of memory");
    return complaints->n_errors == errors ? loading.roster : NULL;
}
