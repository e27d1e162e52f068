/* SPDX-License-Identifier: Apache-2.0
 *
 * The watermark of an input partition (STREAM 11): W = A − δ − lateness, where
 * A is the newest arrival and δ the smallest (arrival − event time), at least
 * 0; each the third best over distinct hosts, the worst of those known while
 * there are fewer than three. One message, or one host with a wrong clock,
 * cannot move it. W never falls. */
#ifndef INGEST_WATERMARK_H
#define INGEST_WATERMARK_H

#include "base/buf.h"

enum { WATERMARK_HOSTS = 3 };

/* The best value of each of the best three hosts. */
struct best {
    uint64_t host[WATERMARK_HOSTS]; /* digest of its name */
    int64_t value[WATERMARK_HOSTS]; /* larger is better */
    unsigned n;
};

struct watermark {
    struct best arrival; /* arrival */
    struct best lead;    /* −(arrival − event time) */
    int64_t now_ms;      /* W, or NO_TIME */
    int64_t newest_ms;   /* highest arrival of any record: Kafka time */
};

void watermark_clear(struct watermark *watermark);
/* One alert whose event time is its own. */
void watermark_see(struct watermark *watermark, struct str host,
                   int64_t arrival_ms, int64_t event_ms);
/* After each record: W for the next one. */
void watermark_raise(struct watermark *watermark, int64_t lateness_ms);
/* Kafka's clock, when the partition is caught up (STREAM 12). */
void watermark_clock(struct watermark *watermark, int64_t kafka_ms,
                     int64_t lateness_ms);

void watermark_write(struct buf *buf, const struct watermark *watermark);
bool watermark_read(struct str text, struct watermark *watermark);

#endif
