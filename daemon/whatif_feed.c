/* SPDX-License-Identifier: Apache-2.0
 *
 * The feed is in the order in which alerts were read, which may be months from
 * that in which they happened (a source that is added, a backlog), and a day's
 * alerts may stand anywhere behind it: so the whole topic is read once, and
 * what is wanted of it is sorted. */
#include "whatif_feed.h"

#include "base/times.h"
#include "ingest/feed.h"
#include "interrupt.h"
#include "model/window_event.h"
#include "whatif_log.h"

#include <stdlib.h>

enum { SCRATCH = 256 << 20 };

/* A record appended so long before the span has no event in it: no mapping
 * believes a time that is so far ahead of its arrival. */
#define AHEAD_MS MS_PER_DAY

struct whatif_feed {
    int64_t from_ms, until_ms;
    struct whatif_spool *spool;
    struct json_reader *json;
    struct arena scratch;
    char *start;
    struct buf windows;
    struct recorded_counts counts;
};

static bool
is_true(const struct json *unmapped, struct str key)
{
    const struct json *node = json_get(unmapped, key);
    return node && node->type == JSON_TRUE;
}

static struct str
windows_of(struct whatif_feed *feed, const struct json *array)
{
    const struct json *node = array ? json_first(array) : NULL;
    buf_clear(&feed->windows);
    for (uint32_t i = 0; node && i < array->n_children; i++) {
        if (node->type == JSON_STRING && node->text.len == WINDOW_ID_LEN)
            buf_add(&feed->windows, node->text);
        node = json_next(node);
    }
    return buf_str(&feed->windows);
}

/* False when it is none of ours. */
static bool
read_alert(struct whatif_feed *feed, struct str text, struct feed_line *line,
           struct recorded *recorded)
{
    struct arena scratch = feed->scratch;
    const struct json *root;
    if (json_read(feed->json, text, &scratch, &root) != JSON_FINE ||
        !feed_read(root, line) ||
        !position_from(line->position, &recorded->position))
        return false;
    recorded->event_ms = line->event_ms;
    recorded->arrival_ms = line->arrival_ms;
    recorded->late = line->late;
    recorded->from_arrival =
        is_true(json_get(root, STR("unmapped")), STR("time_from_arrival"));
    recorded->alert_id = line->alert_id;
    recorded->raw = line->raw;
    recorded->windows = windows_of(feed, line->windows);
    return true;
}

bool
whatif_feed_add(struct whatif_feed *feed, struct str record, struct err *why)
{
    struct recorded recorded;
    struct feed_line line;
    if (!read_alert(feed, record, &line, &recorded)) {
        feed->counts.n_foreign++;
        return true;
    }
    if (line.event_ms < feed->from_ms || line.event_ms >= feed->until_ms)
        return true;
    feed->counts.n_updates += line.update;
    return line.update || whatif_spool_add(feed->spool, &recorded, why);
}

static bool
take(void *context, const struct record *record, struct err *why)
{
    struct whatif_feed *feed = context;
    if (record->timestamp_ms >= 0 &&
        record->timestamp_ms < feed->from_ms - AHEAD_MS)
        return true;
    return whatif_feed_add(feed, record->value, why);
}

bool
whatif_feed_read(struct whatif_feed *feed, const struct config *config,
                 struct err *why)
{
    return whatif_log_read(config, config->topics.alerts, "reading alerts",
                           take, feed, why);
}

bool
whatif_feed_sort(struct whatif_feed *feed, struct err *why)
{
    return whatif_spool_sort(feed->spool, why);
}

struct whatif_feed *
whatif_feed_open(int64_t from_ms, int64_t until_ms, struct err *why)
{
    const char *folder = getenv("TMPDIR");
    struct whatif_feed *feed = calloc(1, sizeof *feed);
    err_set(why, "out of memory");
    if (!feed)
        return NULL;
    feed->from_ms = from_ms;
    feed->until_ms = until_ms;
    feed->json = json_reader_new_large();
    feed->scratch = arena_reserve(SCRATCH);
    feed->start = feed->scratch.at;
    if (feed->json && feed->start)
        feed->spool =
            whatif_spool_new(folder && *folder ? folder : "/var/tmp", why);
    if (feed->spool)
        return feed;
    whatif_feed_close(feed);
    return NULL;
}

void
whatif_feed_close(struct whatif_feed *feed)
{
    if (!feed)
        return;
    whatif_spool_free(feed->spool);
    json_reader_free(feed->json);
    if (feed->start)
        arena_release(feed->start, feed->scratch);
    buf_free(&feed->windows);
    free(feed);
}

enum spool_got
whatif_feed_next(struct whatif_feed *feed, struct recorded *recorded,
                 struct err *why)
{
    if (!interrupted())
        return whatif_spool_next(feed->spool, recorded, why);
    err_set(why, "interrupted");
    return SPOOL_FAILED;
}

struct recorded_counts
whatif_feed_counts(const struct whatif_feed *feed)
{
    struct recorded_counts counts = feed->counts;
    counts.n_repeats = whatif_spool_repeats(feed->spool);
    return counts;
}
