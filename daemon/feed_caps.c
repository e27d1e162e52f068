/* SPDX-License-Identifier: Apache-2.0
 *
 * One line for each kind of limit and turn, with the newest rule and key and
 * how often it was reached since the line before: a storm is a line every ten
 * seconds. A service that begins anew counts from 0 again. */
#include "feed_caps.h"

#include "base/times.h"
#include "caps.h"
#include "clock.h"
#include "feed_screen.h"
#include "model/catalogue.h"
#include "status_server.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    EVERY_MS = 10000,
    SLOW_MS = 1000,  /* who takes so long to answer … */
    REST_MS = 60000, /* … is left alone so long: the alerts come first */
    SCRATCH = 256 << 20,
    KEY_BYTES = 200,
};

struct feed_caps {
    const char *run_dir;
    enum language language;
    struct json_reader *json;
    struct arena scratch;
    char *start;
    int64_t due_ms;
    uint64_t said[N_WINDOW_CAPS]; /* how often, as of the last line */
    bool asked;                   /* it was said if nobody answers */
    struct caps now;
    struct arena turn; /* what has been gathered lies here */
};

struct feed_caps *
feed_caps_new(const char *run_dir, bool english)
{
    struct feed_caps *caps = calloc(1, sizeof *caps);
    if (!caps)
        return NULL;
    caps->run_dir = run_dir;
    caps->language = english ? ENGLISH : VIETNAMESE;
    caps->json = json_reader_new_large();
    caps->scratch = arena_reserve(SCRATCH);
    caps->start = caps->scratch.at;
    if (caps->json && caps->start)
        return caps;
    feed_caps_free(caps);
    return NULL;
}

void
feed_caps_free(struct feed_caps *caps)
{
    if (!caps)
        return;
    json_reader_free(caps->json);
    if (caps->start)
        arena_release(caps->start, caps->scratch);
    free(caps);
}

static void
take_process(void *context, struct str json)
{
    struct feed_caps *caps = context;
    struct str kept = arena_copy(&caps->turn, str_trim(json));
    const struct json *root;
    if (!kept.at ||
        json_read(caps->json, kept, &caps->turn, &root) != JSON_FINE)
        return;
    const struct json *workers = json_get(root, STR("workers"));
    const struct json *worker = workers ? json_first(workers) : NULL;
    for (uint32_t i = 0; worker && i < workers->n_children;
         i++, worker = json_next(worker))
        caps_add(&caps->now, worker);
}

static void
say(const struct feed_caps *caps, const struct cap_line *line, uint64_t n)
{
    enum phrase words = (enum phrase)(P_FEED_CAP_CUT + (int)line->cap);
    char digits[24];
    struct buf time = {0}, text = {0}, safe = {0};
    struct buf times = {digits, 0, sizeof digits, sizeof digits, false};
    buf_iso(&time, line->last_ms, VIETNAM_MINUTES);
    buf_u64(&times, n);
    const struct str args[] = {line->rule, str_cut(line->key, 0, KEY_BYTES),
                               str_cut(buf_str(&time), 0, 19), buf_str(&times)};
    buf_phrase(&text, caps->language, words, args, 4);
    screen_text(&safe, buf_str(&text)); /* sensors' words in it */
    fflush(stdout);
    fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&safe)));
    buf_free(&time);
    buf_free(&text);
    buf_free(&safe);
}

void
feed_caps_poll(struct feed_caps *caps)
{
    int64_t now_ms = clock_monotonic_ms();
    if (!caps || now_ms < caps->due_ms)
        return;
    caps->now = (struct caps){.n = 0};
    caps->turn = caps->scratch;
    int n = status_ask(caps->run_dir, take_process, caps);
    if (n == 0 && !caps->asked)
        fprintf(stderr, "%.*s\n",
                STR_ARG(phrase(P_FEED_CAPS_UNKNOWN, caps->language)));
    caps->asked = true;
    caps_sort(&caps->now);
    for (int i = 0; i < N_WINDOW_CAPS; i++) {
        uint64_t total = caps->now.total[i], said = caps->said[i];
        const struct cap_line *last = caps_last(&caps->now, (enum window_cap)i);
        if (last && total != said)
            say(caps, last, total > said ? total - said : total);
        caps->said[i] = total;
    }
    int64_t end_ms = clock_monotonic_ms();
    caps->due_ms = end_ms + (end_ms - now_ms > SLOW_MS ? REST_MS : EVERY_MS);
}
