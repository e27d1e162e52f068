/* SPDX-License-Identifier: Apache-2.0
 *
 * Everyday alerts. They come in episodes: one machine, one rule, one cause,
 * once or some hundred times; a fleet episode is one cause on all machines of
 * a unit. A third of an endpoint's medium and low episodes repeat its chronic
 * complaint. Every rule gets at least one alert when there is room for it. */
#include "plan.h"

/* Cumulative, in 1,000: how long an episode gets. */
struct length {
    uint32_t up_to;
    uint32_t low, high;
};

static const struct length quiet[N_SAMPLE_FILES][4] = {
    {{700, 1, 1}, {920, 2, 4}, {990, 5, 15}, {1000, 16, 40}},
    {{800, 1, 1}, {970, 2, 4}, {995, 5, 9}, {1000, 10, 15}},
};
static const struct length chatty[N_SAMPLE_FILES][4] = {
    {{480, 1, 1}, {750, 2, 5}, {950, 6, 30}, {1000, 31, 200}},
    {{600, 1, 1}, {850, 2, 6}, {980, 7, 30}, {1000, 31, 90}},
};

static uint32_t
episode_length(struct rng *rng, const struct length lengths[4])
{
    uint32_t at = rng_below(rng, 1000);
    size_t i = 0;
    while (at >= lengths[i].up_to)
        i++;
    return lengths[i].low +
           rng_below(rng, lengths[i].high - lengths[i].low + 1);
}

struct noise {
    struct sample *sample;
    enum alert_class class;
    struct file_plan *file;
    struct rng rng;
    uint32_t episode;
    int64_t left;
};

static void
noise_add(struct noise *noise, int64_t time_ms, uint32_t rule, uint32_t host)
{
    const struct calendar *calendar = &noise->sample->calendar;
    while (time_ms >= calendar->end_ms)
        time_ms = calendar_draw(calendar, class_facts[noise->class].file,
                                &noise->rng);
    noise->file->entries[noise->file->n_entries++] = (struct entry){
        .time_ms = time_ms,
        .actor = noise->episode,
        .rule = (uint16_t)rule,
        .host = (uint16_t)host,
    };
    noise->left--;
}

/* One cause on every machine of the unit, within some minutes to hours. */
static void
noise_fleet(struct noise *noise, uint32_t rule, uint32_t host, int64_t start_ms)
{
    enum sample_file file = class_facts[noise->class].file;
    const struct hosts *hosts = &noise->sample->site.of[file];
    uint32_t group = hosts->at[host].group;
    int64_t span_ms = rng_between(&noise->rng, 600000, 7200000);
    for (uint32_t i = hosts->begin[group];
         i < hosts->begin[group + 1] && noise->left > 0; i++)
        noise_add(noise, start_ms + rng_between(&noise->rng, 0, span_ms), rule,
                  i);
}

static void
noise_episode(struct noise *noise, uint32_t rule, uint32_t host, uint32_t n)
{
    enum sample_file file = class_facts[noise->class].file;
    struct rng *rng = &noise->rng;
    int64_t at = calendar_draw(&noise->sample->calendar, file, rng);
    int64_t gap_ms = 1000 << rng_below(rng, 10); /* 1 s to 8 min */
    noise->episode++;
    if (n == 0) {
        noise_fleet(noise, rule, host, at);
        return;
    }
    for (uint32_t i = 0; i < n && noise->left > 0; i++) {
        noise_add(noise, at, rule, host);
        at += rng_between(rng, gap_ms / 2, gap_ms * 3 / 2);
    }
}

static void
noise_fill(struct noise *noise)
{
    const struct catalog *catalog = &noise->sample->catalog;
    enum sample_file file = class_facts[noise->class].file;
    const struct hosts *hosts = &noise->sample->site.of[file];
    const struct wheel *wheel = &catalog->wheel[noise->class];
    uint32_t begin = catalog->begin[noise->class];
    uint32_t n_rules = catalog->begin[noise->class + 1] - begin;
    bool chronic =
        noise->class == ENDPOINT_LOW || noise->class == ENDPOINT_MEDIUM;
    if (noise->left >= (int64_t)n_rules * 4)
        for (uint32_t i = 0; i < n_rules; i++)
            noise_episode(noise, begin + i,
                          wheel_spin(&hosts->wheel, &noise->rng), 1);
    while (noise->left > 0) {
        uint32_t host = wheel_spin(&hosts->wheel, &noise->rng);
        uint32_t rule = wheel_spin(wheel, &noise->rng);
        if (chronic && rng_below(&noise->rng, 3) == 0) {
            struct rng own =
                rng_of(noise->sample->seed, RNG_HOST,
                       (uint64_t)noise->class << 32 | (uint64_t)host);
            rule = wheel_spin(wheel, &own);
        }
        unsigned parts = catalog->rules[begin + rule].family->parts;
        const struct length *lengths =
            parts & PART_CHATTY ? chatty[file] : quiet[file];
        uint32_t n = episode_length(&noise->rng, lengths);
        if ((parts & PART_FLEET) && rng_below(&noise->rng, 20) == 0)
            n = 0;
        noise_episode(noise, begin + rule, host, n);
    }
}

bool
noise_build(struct sample *sample, const int64_t n_of_class[], struct err *why)
{
    uint32_t episode = 0;
    for (int i = 0; i < N_ALERT_CLASSES; i++) {
        enum alert_class class = (enum alert_class)i;
        struct noise noise = {
            .sample = sample,
            .class = class,
            .file = &sample->plan.file[class_facts[class].file],
            .rng = rng_of(sample->seed, RNG_NOISE, (uint64_t) class),
            .episode = episode,
            .left = n_of_class[class],
        };
        if (noise.left < 0) {
            err_set(why, "the scale leaves no room for the attacks");
            return false;
        }
        noise_fill(&noise);
        episode = noise.episode;
    }
    return true;
}
