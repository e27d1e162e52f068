/* SPDX-License-Identifier: Apache-2.0
 *
 * See calendar.h. Public holidays of 2024: the decree of the prime minister on
 * the days off of that year (Tết from 8 to 14 February). */
#include "calendar.h"

#include "base/times.h"

enum { HOUR_MS = 3600000 };

struct day_span {
    int first_month, first_day, last_month, last_day;
};

static const struct day_span tet = {2, 8, 2, 14};
static const struct day_span holidays[] = {
    {1, 1, 1, 1}, {4, 18, 4, 18}, {4, 27, 5, 1}, {8, 31, 9, 3}};

/* Parts in 1,000 of the busiest hour. */
static const uint16_t office_hours[24] = {
    30,  24,  20,  18,   18,  25,  70,  420, 900, 1000, 980, 760,
    300, 620, 950, 1000, 930, 520, 180, 130, 120, 100,  70,  45};
static const uint16_t open_hours[24] = {620, 640, 660, 640, 600, 560, 560, 640,
                                        820, 940, 960, 860, 700, 820, 940, 980,
                                        960, 860, 780, 760, 780, 760, 720, 660};

static bool
in_span(const struct day_span *span, int32_t day)
{
    return day >= day_from_civil(2024, span->first_month, span->first_day) &&
           day <= day_from_civil(2024, span->last_month, span->last_day);
}

/* Parts in 1,000 of an ordinary working day. */
static uint32_t
day_weight(enum sample_file file, int32_t day)
{
    bool server = file == SERVER_FILE;
    uint32_t weekday = (uint32_t)(day + 3) % 7; /* 0: Monday */
    uint32_t weight = 1000;
    if (weekday == 5)
        weight = server ? 850 : 320;
    else if (weekday == 6)
        weight = server ? 800 : 180;
    for (size_t i = 0; i < sizeof holidays / sizeof holidays[0]; i++)
        if (in_span(&holidays[i], day))
            weight = server ? 750 : 150;
    if (in_span(&tet, day))
        weight = server ? 450 : 70;
    return weight;
}

bool
calendar_build(uint64_t seed, struct arena *arena, struct calendar *calendar)
{
    int32_t first = day_from_civil(2024, 1, 1);
    calendar->begin_ms = calendar_at(1, 1, 0, 0);
    calendar->end_ms = calendar->begin_ms + CALENDAR_DAYS * MS_PER_DAY;
    for (int file = 0; file < N_SAMPLE_FILES; file++) {
        struct rng rng = rng_of(seed, RNG_CALENDAR, (uint64_t)file);
        struct wheel *wheel = &calendar->hours[file];
        *wheel = wheel_new(arena, CALENDAR_DAYS * 24);
        if (!wheel->sums)
            return false;
        for (int32_t i = 0; i < CALENDAR_DAYS; i++) {
            uint32_t day = day_weight((enum sample_file)file, first + i);
            uint32_t mood = 750 + rng_below(&rng, 500);
            if (rng_below(&rng, 25) == 0)
                mood += 900; /* a bad day */
            if (in_span(&tet, first + i))
                mood = 1000;
            for (uint32_t hour = 0; hour < 24; hour++) {
                uint32_t part =
                    file == SERVER_FILE ? open_hours[hour] : office_hours[hour];
                wheel_set(wheel, (uint32_t)i * 24 + hour,
                          (uint64_t)day * mood * part);
            }
        }
    }
    return true;
}

int64_t
calendar_draw(const struct calendar *calendar, enum sample_file file,
              struct rng *rng)
{
    uint32_t hour = wheel_spin(&calendar->hours[file], rng);
    return calendar->begin_ms + (int64_t)hour * HOUR_MS +
           rng_below(rng, HOUR_MS);
}

int64_t
calendar_at(int month, int day, int hour, int minute)
{
    struct civil civil = {2024, month, day, hour, minute, 0, 0};
    return ms_from_civil(civil, VIETNAM_MINUTES);
}
