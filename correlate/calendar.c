/* SPDX-License-Identifier: Apache-2.0
 *
 * deploy/calendar.yml: a list of years, each with the note where its days come
 * from and the days themselves. */
#include "correlate/calendar.h"

#include "base/times.h"
#include "base/yaml.h"
#include "model/limits.h"

#include <stdlib.h>

#define FILE_BYTES ((size_t)64 << 20)

static int
by_day(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The days of one year, which all lie in it. */
static void
year_load(const struct yaml *node, int32_t *days, size_t *n,
          struct complaints *complaints)
{
    static const struct str keys[] = {{"year", 4}, {"source", 6}, {"days", 4}};
    const struct yaml *list = yaml_get(node, "days");
    int64_t year = 0;
    struct str source;
    if (node->type != YAML_MAP || !list || list->type != YAML_LIST ||
        !yaml_get(node, "year") || !yaml_get(node, "source")) {
        complain(complaints, node->place,
                 "a year has year:, source: and days: (a list)");
        return;
    }
    yaml_only(node, keys, 3, complaints);
    if (!yaml_i64(yaml_get(node, "year"), 1970, 2200, &year, complaints) ||
        !yaml_str(yaml_get(node, "source"), &source, complaints))
        return;
    for (const struct yaml *at = list->first; at; at = at->next) {
        int32_t day;
        if (!yaml_date(at, &day, complaints))
            continue;
        if (civil_from_ms((int64_t)day * MS_PER_DAY, 0).year != year)
            complain(complaints, at->place, "not a day of %d", (int)year);
        else if (*n == MAX_HOLIDAYS)
            complain(complaints, at->place, "more than %d holidays",
                     (int)MAX_HOLIDAYS);
        else
            days[(*n)++] = day;
    }
}

bool
calendar_load(const char *path, struct arena *arena, struct calendar *calendar,
              struct complaints *complaints)
{
    static const struct str keys[] = {{"years", 5}};
    size_t n_errors = complaints->n_errors, n = 0, n_kept = 0;
    struct arena scratch = arena_reserve(FILE_BYTES);
    char *start = scratch.at;
    int32_t *days = arena_take(arena, MAX_HOLIDAYS, sizeof *days);
    *calendar = (struct calendar){days, 0};
    if (!start || !days) {
        complain(complaints, (struct place){NULL, 0, 0}, "out of memory");
        return false;
    }
    const struct yaml *root = yaml_load(path, &scratch, complaints);
    const struct yaml *years = yaml_get(root, "years");
    if (root)
        yaml_only(root, keys, 1, complaints);
    if (root && (!years || years->type != YAML_LIST))
        complain(complaints, root->place, "a calendar has years: (a list)");
    else if (years)
        for (const struct yaml *at = years->first; at; at = at->next)
            year_load(at, days, &n, complaints);
    if (n > 1)
        qsort(days, n, sizeof *days, by_day);
    for (size_t i = 0; i < n; i++)
        if (n_kept == 0 || days[n_kept - 1] != days[i])
            days[n_kept++] = days[i];
    calendar->n = n_kept;
    arena_release(start, scratch);
    return root && complaints->n_errors == n_errors;
}
