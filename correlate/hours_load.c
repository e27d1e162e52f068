/* SPDX-License-Identifier: Apache-2.0
 *
 * hours: when events of a correlation count. */
#include "correlate/correlation_draft.h"

enum { MINUTES_OF_DAY = 24 * 60, HOLIDAYS_BIT = 7 };

static const char *const day_names[] = {"mon", "tue", "wed", "thu",
                                        "fri", "sat", "sun"};

static void
day_load(struct rule_loader *loader, const struct yaml *node,
         struct active_hours *hours)
{
    struct str names[7], text;
    if (!yaml_str(node, &text, loader->complaints))
        return;
    for (size_t i = 0; i < 7; i++) {
        names[i] = str_of(day_names[i]);
        if (str_equal_nocase(text, names[i])) {
            hours->days |= (uint8_t)(1u << i);
            return;
        }
    }
    complain_unknown(loader->complaints, node->place, "day", text, names, 7);
}

/* "07:30" → 450; "24:00" is the end of the day. */
static void
minute_load(struct rule_loader *loader, const struct yaml *node,
            int16_t *minute)
{
    struct str text = NO_STR;
    int64_t h = -1, m = -1;
    if (!node || !yaml_str(node, &text, loader->complaints))
        return;
    bool good = text.len == 5 && text.at[2] == ':' && text.at[0] != '-' &&
                text.at[3] != '-' && str_to_i64(str_cut(text, 0, 2), &h) &&
                str_to_i64(str_cut(text, 3, 5), &m) && h <= 24 && m < 60 &&
                h * 60 + m <= MINUTES_OF_DAY;
    if (good)
        *minute = (int16_t)(h * 60 + m);
    else
        complain(loader->complaints, node->place,
                 "expected a time of day such as 07:30, found '%.*s'",
                 STR_ARG(str_cut(text, 0, 40)));
}

bool
hours_load(struct rule_loader *loader, const struct yaml *node,
           struct active_hours *hours)
{
    static const struct str keys[] = {
        {"days", 4}, {"from", 4}, {"to", 2}, {"holidays", 8}, {"outside", 7}};
    struct complaints *complaints = loader->complaints;
    size_t n_errors = complaints->n_errors;
    bool holidays = true;
    if (!node)
        return true;
    *hours = (struct active_hours){.given = true, .to_min = MINUTES_OF_DAY};
    if (node->type != YAML_MAP) {
        complain(complaints, node->place,
                 "hours is a map of days, from, to, holidays, outside");
        return false;
    }
    yaml_only(node, keys, sizeof keys / sizeof *keys, complaints);
    const struct yaml *days = yaml_get(node, "days");
    if (!days)
        hours->days = 0x7f;
    else if (days->type == YAML_LIST && days->n_children > 0)
        for (const struct yaml *at = days->first; at; at = at->next)
            day_load(loader, at, hours);
    else
        complain(complaints, days->place, "days is a list such as [mon, tue]");
    minute_load(loader, yaml_get(node, "from"), &hours->from_min);
    minute_load(loader, yaml_get(node, "to"), &hours->to_min);
    if (hours->from_min == hours->to_min)
        complain(complaints, node->place, "hours that end as they begin");
    holidays = !yaml_get(node, "days"); /* days name what is meant */
    boolean_load(loader, yaml_get(node, "holidays"), &holidays);
    boolean_load(loader, yaml_get(node, "outside"), &hours->outside);
    hours->days |= (uint8_t)(holidays ? 1u << HOLIDAYS_BIT : 0);
    return complaints->n_errors == n_errors;
}
