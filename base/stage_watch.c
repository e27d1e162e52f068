/* SPDX-License-Identifier: Apache-2.0
 *
 * Partitions that give nothing though there is something. Pausing and resuming
 * race with what librdkafka itself does to a partition that has just been
 * assigned: an order that draws its number first and is queued second is
 * dropped as outdated, and if that was the resume, the partition is paused for
 * ever, with no error and no line (librdkafka issue 5591; seen with 2.0.2).
 * Worse, all others wait for it, as it is the furthest behind. So whoever has
 * given nothing for a while is asked for its end, and if there is more, or the
 * marker's last record has not come, it is taken anew: paused, sought and
 * resumed under newer numbers. A second look is needed: what was there at the
 * first may just have come. Whoever moves is fed. */
#include "stage_priv.h"

enum {
    PATIENCE_MS = 5000,
    MAX_PATIENCE_MS = 600000,
    ENDS_MS = 2000,
    SECOND_LOOK_MS = 1000,
};

/* False: Kafka does not answer. */
static bool
look_at(struct stage *stage, struct part *part)
{
    int64_t low, high;
    struct err why;
    if (!lane_ask_ends(part->lane, ENDS_MS, &low, &high, &why))
        return false;
    bool empty = lane_is_empty_to(part->lane, high);
    if (high > part->end && !empty)
        part->end = high;
    if (!part->verify && (empty || part->end <= part->read.offset)) {
        part->missed_end = 0;
        return true;
    }
    if (!part->verify && part->missed_end == 0) {
        part->missed_end = part->end;
        part->fed_ms += SECOND_LOOK_MS - part->patience_ms;
        return true;
    }
    part->missed_end = 0;
    err_set(&why, "nothing comes of what is there: it is taken anew");
    part_reopen(stage, part, 0, &why);
    return true;
}

void
stage_watch(struct stage *stage, int64_t now)
{
    bool connected = consumer_connected(stage->consumer, NULL);
    for (struct part *part = stage->parts; part; part = part->next) {
        bool moved = part->read.offset != part->watched;
        part->watched = part->read.offset;
        if (!part->starves || moved || part->patience_ms == 0)
            part->patience_ms = PATIENCE_MS;
        if (!part->starves || moved || !connected ||
            part->phase != PART_RUNNING) {
            part->fed_ms = now;
            part->missed_end = 0;
            continue;
        }
        if (part->open || part->n_in_flight > 0 || /* idle commits too */
            now - part->fed_ms < part->patience_ms)
            continue;
        part->fed_ms = now;
        part->patience_ms = part->patience_ms < MAX_PATIENCE_MS / 2
                                ? 2 * part->patience_ms
                                : MAX_PATIENCE_MS;
        if (!look_at(stage, part))
            return;
    }
}
