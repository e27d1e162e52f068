/* SPDX-License-Identifier: Apache-2.0
 *
 * The event time: the first rule whose text is readable in one of its formats.
 * A zone in the text wins over the rule's, the rule's over the mapping's.
 * `month` is the format of CEF and of old syslog ("Mar 05 2024 14:22:31.250
 * ICT"); without a year the year is taken that lies nearest to the arrival. */
#include "ingest/source_priv.h"

#include "base/times.h"

#include <stdio.h>

static const struct str format_ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
    TIME_FORMATS(X)
#undef X
};

static const struct str time_keys[] = {
    {"path", 4},   {"const", 5}, {"join", 4},    {"first", 5},
    {"after", 5},  {"until", 5}, {"as", 2},      {"table", 5},
    {"format", 6}, {"zone", 4},  {"default", 7},
};

/* --- "Mar 05 2024 14:22:31.250 ICT" ----------------------------------------
 */

static bool
month_from(struct str word, int *month)
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int i = 0; i < 12; i++)
        if (str_equal_nocase(word, (struct str){names + 3 * i, 3})) {
            *month = i + 1;
            return true;
        }
    return false;
}

/* The next word of `*rest`, blanks before it skipped; empty at the end. */
static struct str
next_word(struct str *rest)
{
    struct str word = NO_STR;
    while (word.len == 0 && str_split(rest, ' ', &word))
        ;
    return word;
}

/* "Z", "UTC", "GMT", "ICT", "+07:00", "GMT+07:00" */
static bool
zone_from(struct str word, int *minutes)
{
    if (str_equal_nocase(word, STR("ICT"))) {
        *minutes = VIETNAM_MINUTES;
        return true;
    }
    if (str_equal_nocase(str_cut(word, 0, 3), STR("UTC")) ||
        str_equal_nocase(str_cut(word, 0, 3), STR("GMT")))
        word = str_cut(word, 3, word.len);
    *minutes = 0;
    if (word.len == 0 || str_equal_nocase(word, STR("Z")))
        return true;
    int sign = word.at[0] == '-' ? -1 : 1;
    struct str hours = str_cut(word, 1, 3), rest = str_cut(word, 3, word.len);
    int64_t h, m = 0;
    if (rest.len > 0 && rest.at[0] == ':')
        rest = str_cut(rest, 1, rest.len);
    if ((word.at[0] != '+' && word.at[0] != '-') || hours.len != 2 ||
        !str_to_i64(hours, &h) || h < 0 || h > 14 ||
        (rest.len > 0 &&
         (rest.len != 2 || !str_to_i64(rest, &m) || m < 0 || m > 59)))
        return false;
    *minutes = sign * (int)(h * 60 + m);
    return true;
}

/* Hands the clock time to the ISO reader: it knows fractions. */
static bool
month_read(struct str text, int zone_minutes, int64_t arrival_ms, int64_t *ms)
{
    struct str rest = str_trim(text), word = next_word(&rest), clock;
    int month;
    int64_t day, year = 0, best = NO_TIME;
    if (!month_from(word, &month)) {
        word = next_word(&rest); /* after the name of a weekday */
        if (!month_from(word, &month))
            return false;
    }
    if (!str_to_i64(next_word(&rest), &day) || day < 1 || day > 31)
        return false;
    clock = next_word(&rest);
    if (str_to_i64(clock, &year))
        clock = next_word(&rest);
    for (word = next_word(&rest); word.len > 0; word = next_word(&rest))
        if (!(year == 0 && word.len == 4 && str_to_i64(word, &year)) &&
            !zone_from(word, &zone_minutes))
            return false;
    int64_t from = year, to = year;
    if (year == 0) {
        to = civil_from_ms(arrival_ms, zone_minutes).year + 1;
        from = to - 2;
    }
    for (year = from; year <= to; year++) {
        char iso[64];
        if (year < 1970 || year > 9999 || clock.len > 20)
            continue;
        snprintf(iso, sizeof iso, "%04d-%02d-%02dT%.*s", (int)year, month,
                 (int)day, STR_ARG(clock));
        int64_t found;
        if (time_from_iso(str_of(iso), zone_minutes, &found) &&
            (best == NO_TIME || found < arrival_ms ||
             found - arrival_ms < arrival_ms - best))
            best = found;
    }
    *ms = best;
    return best != NO_TIME;
}

/* --- reading -----------------------------------------------------------------
 */

static bool
format_read(enum time_format format, struct str text, int zone_minutes,
            int64_t arrival_ms, int64_t *ms)
{
    switch (format) {
    case TIME_ISO:
        return time_from_iso(text, zone_minutes, ms);
    case TIME_DMY:
        return time_from_dmy(text, zone_minutes, ms);
    case TIME_EPOCH:
        return time_from_epoch(text, 0, ms);
    case TIME_EPOCH_S:
        return time_from_epoch(text, 1, ms);
    case TIME_EPOCH_MS:
        return time_from_epoch(text, 1000, ms);
    case TIME_EPOCH_US:
        return time_from_epoch(text, 1000000, ms);
    case TIME_EPOCH_NS:
        return time_from_epoch(text, 1000000000, ms);
    case TIME_MONTH:
        return month_read(text, zone_minutes, arrival_ms, ms);
    case N_TIME_FORMATS:
        break;
    }
    return false;
}

int64_t
time_rule_read(const struct time_rule *rules, size_t n, struct reading *reading,
               int64_t arrival_ms)
{
    for (size_t i = 0; i < n; i++) {
        struct str text = value_read(&rules[i].value, reading);
        int64_t ms;
        for (size_t j = 0; text.len > 0 && j < rules[i].n_formats; j++)
            if (format_read(rules[i].format[j], text, rules[i].zone_minutes,
                            arrival_ms, &ms))
                return ms;
    }
    return NO_TIME;
}

/* --- loading -----------------------------------------------------------------
 */

bool
time_zone_load(const struct yaml *node, int *minutes,
               struct complaints *complaints)
{
    struct str text;
    if (!node)
        return true;
    if (!yaml_str(node, &text, complaints))
        return false;
    if (zone_from(text, minutes))
        return true;
    complain(complaints, node->place,
             "expected a zone such as \"+07:00\" or \"UTC\"");
    return false;
}

static bool
format_load(struct loader *loader, const struct yaml *node,
            struct time_rule *rule)
{
    struct str id;
    if (!yaml_str(node, &id, loader->complaints))
        return false;
    for (size_t i = 0; i < N_TIME_FORMATS; i++)
        if (str_equal(format_ids[i], id)) {
            if (rule->n_formats < N_TIME_FORMATS)
                rule->format[rule->n_formats++] = (enum time_format)i;
            return true;
        }
    complain_unknown(loader->complaints, node->place, "time format", id,
                     format_ids, N_TIME_FORMATS);
    return false;
}

/* A rule is a value with two more keys; the value's loader must not see
 * them. */
static bool
rule_value_load(struct loader *loader, const struct yaml *node,
                struct value *value)
{
    struct yaml map = *node;
    const struct yaml **last = &map.first;
    map.first = NULL;
    map.n_children = 0;
    for (const struct yaml *at = node->first; at; at = at->next) {
        if (str_equal(at->key, STR("format")) ||
            str_equal(at->key, STR("zone")))
            continue;
        struct yaml *copy = arena_take(loader->arena, 1, sizeof *copy);
        if (!copy)
            return false;
        *copy = *at;
        copy->next = NULL;
        *last = copy;
        last = &copy->next;
        map.n_children++;
    }
    return value_load(loader, &map, value);
}

bool
time_rule_load(struct loader *loader, const struct yaml *node, int zone_minutes,
               struct time_rule *rule)
{
    *rule = (struct time_rule){.zone_minutes = zone_minutes};
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place,
                 "a time is a map with path and format");
        return false;
    }
    size_t n_errors = loader->complaints->n_errors;
    yaml_only(node, time_keys, sizeof time_keys / sizeof time_keys[0],
              loader->complaints);
    bool good = loader->complaints->n_errors == n_errors &&
                rule_value_load(loader, node, &rule->value);
    good &= time_zone_load(yaml_get(node, "zone"), &rule->zone_minutes,
                           loader->complaints);
    const struct yaml *format = yaml_get(node, "format");
    if (!format) {
        complain(loader->complaints, node->place, "the time has no format");
        return false;
    }
    if (format->type != YAML_LIST)
        return format_load(loader, format, rule) && good;
    for (const struct yaml *at = format->first; at; at = at->next)
        good &= format_load(loader, at, rule);
    return good;
}
