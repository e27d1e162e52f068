/* SPDX-License-Identifier: Apache-2.0
 *
 * silence: who must speak, when it last did, and the incident of its silence.
 * One speaker is the key itself; or, with `members`, each of them is one, and
 * all share the window: the event's value tells which of them spoke.
 *
 * When a speaker's time is out it is decided, once, until it speaks again. The
 * event that it spoke last is kept until then: it is what the incident is
 * about. A member that never spoke has none; its incident has an event that
 * stands for nothing but its name. */
#include "base/unicode.h"
#include "window_priv.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FORGET_MS (30 * MS_PER_DAY)

struct speaker {
    uint64_t digest; /* of the member, folded */
    uint32_t member; /* its number in the rule */
    bool decided;
    uint32_t open; /* number of the episode of its silence, or 0 */
    uint64_t n;    /* events since first_ms; 0: it never spoke */
    int64_t first_ms, last_ms;
    uint32_t steps, weight; /* of the last event … */
    struct blob *last;      /* … which is kept until it is decided */
};

struct silence {
    bool begun;
    int64_t first_ms, last_ms; /* of any of them */
    int64_t next_ms;           /* nothing is due before; NO_TIME: nothing is */
    struct speaker *speaker;   /* of members: sorted by digest */
    uint32_t n;
};

static struct silence *
silence_of(const struct window *window)
{
    return window->own;
}

/* --- speakers */

static uint64_t
digest_of(struct str text)
{
    _Alignas(16) char space[3 * MAX_KEY_TEXT_BYTES + 64];
    struct arena arena = {space, space + sizeof space};
    struct str folded = str_fold(text, &arena);
    return hash_digest(folded.at ? folded : text).half[0];
}

static int
by_digest(const void *left, const void *right)
{
    const struct speaker *a = left, *b = right;
    return (a->digest > b->digest) - (a->digest < b->digest);
}

static uint32_t
n_speakers(const struct correlation *rule)
{
    return rule->n_members > 0 ? (uint32_t)rule->n_members : 1;
}

/* A member that is named twice is one. */
static void
make_speakers(struct pool *pool, struct window *window)
{
    const struct correlation *rule = window->rule;
    struct silence *silence = silence_of(window);
    size_t bytes = n_speakers(rule) * sizeof *silence->speaker;
    uint32_t n = 1;
    silence->speaker = pool_take(pool, &bytes);
    assert(silence->speaker);
    memset(silence->speaker, 0, n_speakers(rule) * sizeof *silence->speaker);
    for (uint32_t i = 0; i < rule->n_members; i++)
        silence->speaker[i] =
            (struct speaker){.digest = digest_of(rule->member[i]), .member = i};
    if (rule->n_members > 0)
        qsort(silence->speaker, rule->n_members, sizeof *silence->speaker,
              by_digest);
    for (uint32_t i = 1; i < rule->n_members; i++)
        if (silence->speaker[i].digest != silence->speaker[n - 1].digest)
            silence->speaker[n++] = silence->speaker[i];
    silence->n = n;
    silence->next_ms = NO_TIME;
}

/* Who spoke; NULL: none of the members. */
static struct speaker *
speaker_of(const struct window *window, const struct sighting *sighting)
{
    const struct silence *silence = silence_of(window);
    if (window->rule->n_members == 0)
        return silence->speaker;
    struct str text = sighting->value.len > 0 ? sighting->value
                      : sighting->key.len > 0 ? sighting->key
                                              : blob_str(window->key);
    struct speaker wanted = {.digest = digest_of(text)};
    return bsearch(&wanted, silence->speaker, silence->n, sizeof wanted,
                   by_digest);
}

/* When its time is out. */
static int64_t
out_ms(const struct window *window, const struct speaker *speaker)
{
    const struct silence *silence = silence_of(window);
    return window->rule->timespan_ms +
           (speaker->n > 0 ? speaker->last_ms : silence->first_ms);
}

static void
set_next(const struct window *window)
{
    struct silence *silence = silence_of(window);
    silence->next_ms = NO_TIME;
    for (uint32_t i = 0; i < silence->n; i++) {
        const struct speaker *speaker = &silence->speaker[i];
        int64_t ms = out_ms(window, speaker);
        if (!speaker->decided &&
            (silence->next_ms == NO_TIME || ms < silence->next_ms))
            silence->next_ms = ms;
    }
}

/* --- deciding */

/* The episode of a member that never spoke: a beginning, and a name. */
static struct episode *
never_spoke(struct turn *turn, const struct speaker *speaker)
{
    char space[1024];
    struct window *window = turn->window;
    struct buf buf = {space, 0, sizeof space, sizeof space, false};
    struct str name = window->rule->member[speaker->member];
    int64_t first_ms = silence_of(window)->first_ms;
    struct sighting nobody = {
        .brief = {.event_ms = first_ms, .arrival_ms = first_ms},
        .key = name,
        .value = name,
    };
    sighting_write(&buf, &nobody);
    assert(!buf.full);
    struct episode *episode = episode_begin(turn->pool, window);
    episode->first_ms = episode->last_ms = episode->arrival_ms = first_ms;
    episode->first = blob_new(turn->pool, window, buf_str(&buf));
    if (window->rule->n_feeds > 0)
        episode->newest = blob_new(turn->pool, window, buf_str(&buf));
    return episode;
}

static struct episode *
spoke_last(struct turn *turn, const struct speaker *speaker)
{
    struct sighting last;
    struct str bytes = blob_str(speaker->last);
    bool fine = sighting_read(bytes, &last);
    assert(fine); /* we wrote it; a loaded one was checked */
    (void)fine;
    struct episode *episode = episode_begin(turn->pool, turn->window);
    episode_add(
        turn->pool, turn->window, episode,
        &(struct hot_event){&last, bytes, speaker->steps, speaker->weight});
    return episode;
}

static void
decide(struct turn *turn, struct speaker *speaker)
{
    const struct correlation *rule = turn->window->rule;
    bool fires = rule->n_members > 0 ||
                 (speaker->last_ms - speaker->first_ms >= rule->learn_ms &&
                  speaker->n >= rule->least);
    speaker->decided = true;
    if (fires) {
        struct episode *episode = speaker->n > 0 ? spoke_last(turn, speaker)
                                                 : never_spoke(turn, speaker);
        episode->fired_ms = out_ms(turn->window, speaker);
        episode_enlist(turn->window, episode);
        speaker->open = episode->number;
    }
    blob_free(turn->pool, turn->window, speaker->last);
    speaker->last = NULL;
}

/* --- the family */

static void
silence_take(struct turn *turn, const struct event *event, struct str bytes)
{
    struct window *window = turn->window;
    struct silence *silence = silence_of(window);
    int64_t ms = event->sighting.brief.event_ms;
    window_prune(turn->pool, window, turn->floor_ms);
    if (!silence->speaker)
        make_speakers(turn->pool, window);
    struct speaker *speaker = speaker_of(window, &event->sighting);
    if (!speaker)
        return;
    if (speaker->n > 0 &&
        ms - speaker->last_ms > window->rule->timespan_ms + FORGET_MS)
        speaker->n = 0;
    if (speaker->n++ == 0)
        speaker->first_ms = ms;
    if (event->number > 0) /* those before it that did not wait */
        speaker->n += (uint64_t)event->number;
    blob_free(turn->pool, window, speaker->last);
    speaker->last = blob_new(turn->pool, window, bytes);
    speaker->last_ms = ms;
    speaker->steps = event->steps;
    speaker->weight = event->weight;
    speaker->decided = false;
    speaker->open = 0;
    silence->last_ms = ms;
    if (!silence->begun) {
        silence->begun = true;
        silence->first_ms = ms;
    }
    if (silence->next_ms == NO_TIME)
        set_next(window);
}

static int64_t
silence_due(const struct window *window)
{
    const struct silence *silence = silence_of(window);
    return silence->begun ? silence->next_ms : NO_TIME;
}

static void
silence_pass(struct turn *turn, int64_t due_ms)
{
    struct silence *silence = silence_of(turn->window);
    for (uint32_t i = 0; i < silence->n; i++) {
        struct speaker *speaker = &silence->speaker[i];
        if (!speaker->decided && out_ms(turn->window, speaker) <= due_ms)
            decide(turn, speaker);
    }
    set_next(turn->window);
}

/* Until the speaker speaks again; a key, until it is forgotten. */
static int64_t
silence_over(const struct window *window, const struct episode *episode)
{
    const struct silence *silence = silence_of(window);
    for (uint32_t i = 0; i < silence->n; i++)
        if (silence->speaker[i].open == episode->number)
            return window->rule->n_members > 0 ? MAX_EVENT_MS
                                               : episode->fired_ms + FORGET_MS;
    return silence->last_ms;
}

/* Members are never forgotten: there is one window of them. */
static int64_t
silence_until(const struct window *window)
{
    const struct silence *silence = silence_of(window);
    if (!silence->begun)
        return NO_TIME;
    return window->rule->n_members > 0
               ? MAX_EVENT_MS
               : silence->last_ms + window->rule->timespan_ms + FORGET_MS;
}

static size_t
silence_bytes(const struct window *window)
{
    const struct silence *silence = silence_of(window);
    return silence->speaker
               ? n_speakers(window->rule) * sizeof *silence->speaker
               : 0;
}

static void
silence_save(struct buf *buf, const struct window *window)
{
    const struct silence *silence = silence_of(window);
    wire_put(buf, silence->begun, 1);
    if (!silence->begun)
        return;
    wire_put_i64(buf, silence->first_ms);
    wire_put_i64(buf, silence->last_ms);
    wire_put_i64(buf, silence->next_ms);
    wire_put(buf, silence->n, 4);
    for (uint32_t i = 0; i < silence->n; i++) {
        const struct speaker *speaker = &silence->speaker[i];
        wire_put(buf, speaker->decided, 1);
        wire_put(buf, speaker->open, 4);
        wire_put(buf, speaker->n, 8);
        if (speaker->n == 0)
            continue;
        wire_put_i64(buf, speaker->first_ms);
        wire_put_i64(buf, speaker->last_ms);
        if (speaker->decided)
            continue;
        wire_put(buf, speaker->steps, 4);
        wire_put(buf, speaker->weight, 4);
        wire_put_text(buf, blob_str(speaker->last), 2);
    }
}

static void
load_speaker(struct reading *r, struct speaker *speaker)
{
    const struct silence *silence = silence_of(r->window);
    size_t n_steps = r->window->rule->n_steps;
    speaker->decided = wire_get_max(&r->wire, 1, 1) != 0;
    speaker->open = (uint32_t)wire_get_max(
        &r->wire, 4, speaker->decided ? r->window->last_number : 0);
    speaker->n = wire_get(&r->wire, 8);
    if (speaker->n == 0)
        return;
    speaker->first_ms = reading_time(r);
    speaker->last_ms = reading_time(r);
    reading_check(r, speaker->first_ms <= speaker->last_ms &&
                         speaker->first_ms >= silence->first_ms &&
                         speaker->last_ms <= silence->last_ms);
    if (speaker->decided)
        return;
    int64_t ms = NO_TIME;
    speaker->steps = (uint32_t)wire_get(&r->wire, 4);
    speaker->weight = (uint32_t)wire_get(&r->wire, 4);
    speaker->last = reading_sighting(r, &ms);
    reading_check(r, ms == speaker->last_ms && speaker->weight > 0 &&
                         speaker->steps != 0 &&
                         (n_steps == 32 || speaker->steps >> n_steps == 0));
}

static void
silence_load(struct reading *r)
{
    struct silence *silence = silence_of(r->window);
    if (wire_get_max(&r->wire, 1, 1) == 0)
        return;
    make_speakers(r->pool, r->window);
    silence->begun = true;
    silence->first_ms = reading_time(r);
    silence->last_ms = reading_time(r);
    int64_t next_ms = wire_get_i64(&r->wire);
    uint32_t n = (uint32_t)wire_get(&r->wire, 4);
    reading_check(r, n == silence->n && silence->first_ms <= silence->last_ms);
    for (uint32_t i = 0; i < silence->n && !r->wire.wrong; i++)
        load_speaker(r, &silence->speaker[i]);
    if (r->wire.wrong)
        return;
    set_next(r->window); /* it may lie before what is due, never after */
    reading_check(r, next_ms != NO_TIME ? next_ms <= silence->next_ms
                                        : silence->next_ms == NO_TIME);
    silence->next_ms = next_ms;
}

static void
silence_free(struct pool *pool, struct window *window)
{
    struct silence *silence = silence_of(window);
    for (uint32_t i = 0; i < silence->n; i++)
        blob_free(pool, window, silence->speaker[i].last);
    pool_give(pool, silence->speaker,
              silence->speaker
                  ? n_speakers(window->rule) * sizeof *silence->speaker
                  : 0);
}

const struct family silence_family = {
    .own_bytes = sizeof(struct silence),
    .take = silence_take,
    .due = silence_due,
    .pass = silence_pass,
    .until = silence_until,
    .over = silence_over,
    .bytes = silence_bytes,
    .save = silence_save,
    .load = silence_load,
    .free = silence_free,
};
