/* SPDX-License-Identifier: Apache-2.0
 *
 * A thread reads, a ring hands over. Seeking raises a number: what was read
 * under an older one is dropped, and the thread opens the topic anew. */
#include "incident_feed.h"

#include "base/log.h"
#include "model/limits.h"

#include <pthread.h>

#include <stdlib.h>
#include <time.h>

enum { RING = 512, OPEN_MS = 5000, NEXT_MS = 200, PAUSE_MS = 500 };

struct slot {
    struct buf value;
    int32_t partition;
    int64_t offset;
};

struct incident_reader {
    const struct kafka_settings *settings;
    struct str topic;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* room in the ring, another seek, or the end */
    bool stopping;
    uint64_t seek;                /* 0: never sought */
    int64_t from[MAX_PARTITIONS]; /* of this seek; moved on by reading */
    struct slot ring[RING];
    size_t first, n;
    struct buf given; /* what poll has given out */
};

/* --- the thread */

static bool
is_over(struct incident_reader *feed, uint64_t seek)
{
    return feed->stopping || feed->seek != seek;
}

/* Waits for room; false when it was for nothing. */
static bool
put(struct incident_reader *feed, uint64_t seek, const struct record *record)
{
    pthread_mutex_lock(&feed->lock);
    while (feed->n == RING && !is_over(feed, seek))
        pthread_cond_wait(&feed->moved, &feed->lock);
    bool fine = !is_over(feed, seek);
    if (fine) {
        struct slot *slot = &feed->ring[(feed->first + feed->n) % RING];
        buf_clear(&slot->value);
        buf_add(&slot->value, record->value);
        slot->partition = record->partition;
        slot->offset = record->offset;
        feed->from[record->partition] = record->offset + 1;
        feed->n++;
    }
    pthread_mutex_unlock(&feed->lock);
    return fine;
}

static void
read_on(struct incident_reader *feed, uint64_t seek, struct reader *reader,
        struct err *why)
{
    bool fine = true;
    while (fine) {
        struct record record;
        switch (reader_next(reader, NEXT_MS, &record, why)) {
        case READER_RECORD:
            fine =
                record.partition >= MAX_PARTITIONS || put(feed, seek, &record);
            break;
        case READER_DONE:
        case READER_NOTHING:
            pthread_mutex_lock(&feed->lock);
            fine = !is_over(feed, seek);
            pthread_mutex_unlock(&feed->lock);
            break;
        case READER_FAILED:
            return;
        }
    }
}

static struct reader *
open_at(struct incident_reader *feed, struct err *why)
{
    struct reader *reader = reader_open(feed->settings, feed->topic, -1,
                                        READER_BEGINNING, OPEN_MS, why);
    pthread_mutex_lock(&feed->lock);
    for (int32_t i = 0; reader && i < MAX_PARTITIONS; i++)
        if (feed->from[i] >= 0 && !reader_from(reader, i, feed->from[i]))
            break; /* there are no more */
    pthread_mutex_unlock(&feed->lock);
    return reader;
}

/* Until something moves, or `ms` are over (-1: for ever). The lock is held. */
static void
wait_ms(struct incident_reader *feed, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (ms < 0)
        pthread_cond_wait(&feed->moved, &feed->lock);
    else
        pthread_cond_timedwait(&feed->moved, &feed->lock, &until);
}

static void *
follow(void *context)
{
    struct incident_reader *feed = context;
    pthread_mutex_lock(&feed->lock);
    while (!feed->stopping) {
        if (feed->seek == 0) {
            wait_ms(feed, -1);
            continue;
        }
        uint64_t seek = feed->seek;
        struct err why = {""};
        pthread_mutex_unlock(&feed->lock);
        struct reader *reader = open_at(feed, &why);
        if (reader)
            read_on(feed, seek, reader, &why);
        reader_close(reader);
        if (why.text[0])
            log_warn("respond", "%s", why.text);
        pthread_mutex_lock(&feed->lock);
        if (why.text[0] && !is_over(feed, seek))
            wait_ms(feed, PAUSE_MS);
    }
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

/* --- the stage's side */

static bool
seek(void *context,
     int64_t (*from)(void *asked, struct str topic, int32_t partition),
     void *asked)
{
    struct incident_reader *feed = context;
    pthread_mutex_lock(&feed->lock);
    for (int32_t i = 0; i < MAX_PARTITIONS; i++)
        feed->from[i] = from(asked, feed->topic, i);
    /* Where nothing was read yet: from the beginning. */
    for (int32_t i = 0; i < MAX_PARTITIONS; i++)
        feed->from[i] = feed->from[i] < 0 ? 0 : feed->from[i];
    feed->seek++;
    feed->n = 0;
    pthread_cond_broadcast(&feed->moved);
    pthread_mutex_unlock(&feed->lock);
    return true;
}

static bool
poll(void *context, struct record *record)
{
    struct incident_reader *feed = context;
    pthread_mutex_lock(&feed->lock);
    bool any = feed->n > 0;
    if (any) {
        struct slot *slot = &feed->ring[feed->first];
        struct buf given = feed->given;
        feed->given = slot->value;
        slot->value = given;
        *record = (struct record){.topic = feed->topic,
                                  .partition = slot->partition,
                                  .offset = slot->offset,
                                  .value = buf_str(&feed->given)};
        feed->first = (feed->first + 1) % RING;
        feed->n--;
        pthread_cond_signal(&feed->moved);
    }
    pthread_mutex_unlock(&feed->lock);
    return any;
}

struct incident_feed
incident_reader_feed(struct incident_reader *reader)
{
    return (struct incident_feed){seek, poll, reader};
}

struct incident_reader *
incident_reader_start(const struct kafka_settings *settings, struct str topic,
                      struct err *why)
{
    struct incident_reader *feed = calloc(1, sizeof *feed);
    if (!feed) {
        err_set(why, "out of memory");
        return NULL;
    }
    feed->settings = settings;
    feed->topic = topic;
    pthread_mutex_init(&feed->lock, NULL);
    pthread_cond_init(&feed->moved, NULL);
    if (pthread_create(&feed->thread, NULL, follow, feed) != 0) {
        err_set(why, "cannot start a thread");
        free(feed);
        return NULL;
    }
    return feed;
}

void
incident_reader_stop(struct incident_reader *feed)
{
    if (!feed)
        return;
    pthread_mutex_lock(&feed->lock);
    feed->stopping = true;
    pthread_cond_broadcast(&feed->moved);
    pthread_mutex_unlock(&feed->lock);
    pthread_join(feed->thread, NULL);
    pthread_cond_destroy(&feed->moved);
    pthread_mutex_destroy(&feed->lock);
    for (size_t i = 0; i < RING; i++)
        buf_free(&feed->ring[i].value);
    buf_free(&feed->given);
    free(feed);
}
