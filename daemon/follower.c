/* SPDX-License-Identifier: Apache-2.0
 *
 * A reader in a loop: opened, read, opened again after a pause when it failed.
 * The pause ends at once when the follower is stopped. */
#include "follower.h"

#include "base/log.h"
#include "base/times.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { OPEN_MS = 5000, NEXT_MS = 200, PAUSE_MS = 1000 };

struct follower {
    const struct kafka_settings *settings;
    struct str topic;
    void (*each)(void *context, const struct record *record);
    void *context;
    atomic_bool stopping, through;
    pthread_mutex_t lock;
    pthread_cond_t stopped;
    pthread_t thread;
};

/* Until the reader fails or the follower is stopped. */
static void
read_on(struct follower *follower, struct reader *reader, struct err *why)
{
    while (!atomic_load(&follower->stopping)) {
        struct record record;
        switch (reader_next(reader, NEXT_MS, &record, why)) {
        case READER_RECORD:
            follower->each(follower->context, &record);
            break;
        case READER_DONE: /* on with what comes later */
            atomic_store(&follower->through, true);
            break;
        case READER_NOTHING:
            break;
        case READER_FAILED:
            return;
        }
    }
}

static void
pause_ms(struct follower *follower, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    pthread_mutex_lock(&follower->lock);
    if (!atomic_load(&follower->stopping))
        pthread_cond_timedwait(&follower->stopped, &follower->lock, &until);
    pthread_mutex_unlock(&follower->lock);
}

static void *
follow(void *context)
{
    struct follower *follower = context;
    while (!atomic_load(&follower->stopping)) {
        struct err why = {""};
        struct reader *reader =
            reader_open(follower->settings, follower->topic, -1,
                        READER_BEGINNING, OPEN_MS, &why);
        if (reader)
            read_on(follower, reader, &why);
        reader_close(reader);
        if (why.text[0])
            log_warn("follow", "%s", why.text);
        pause_ms(follower, PAUSE_MS);
    }
    return NULL;
}

struct follower *
follower_start(const struct kafka_settings *settings, struct str topic,
               void (*each)(void *context, const struct record *record),
               void *context, struct err *why)
{
    struct follower *follower = calloc(1, sizeof *follower);
    if (!follower) {
        err_set(why, "out of memory");
        return NULL;
    }
    follower->settings = settings;
    follower->topic = topic;
    follower->each = each;
    follower->context = context;
    pthread_mutex_init(&follower->lock, NULL);
    pthread_cond_init(&follower->stopped, NULL);
    if (pthread_create(&follower->thread, NULL, follow, follower) != 0) {
        err_set(why, "cannot start a thread");
        free(follower);
        return NULL;
    }
    return follower;
}

bool
follower_through(const struct follower *follower)
{
    return atomic_load(&follower->through);
}

void
follower_stop(struct follower *follower)
{
    if (!follower)
        return;
    pthread_mutex_lock(&follower->lock);
    atomic_store(&follower->stopping, true);
    pthread_cond_signal(&follower->stopped);
    pthread_mutex_unlock(&follower->lock);
    pthread_join(follower->thread, NULL);
    pthread_cond_destroy(&follower->stopped);
    pthread_mutex_destroy(&follower->lock);
    free(follower);
}
