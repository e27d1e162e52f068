/* SPDX-License-Identifier: Apache-2.0
 *
 * What is asked for waits in a table. The thread takes all that is wanted of
 * one partition, in order of offset, and reads that partition forward once:
 * reading on is cheaper than opening again unless the way is long. */
#include "evidence_log.h"

#include "base/log.h"
#include "model/limits.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAX_WANTED = 512,
    OPEN_MS = 5000,
    NEXT_MS = 500,
    PAUSE_MS = 1000,
    LONG_WAY = 200000, /* records: then the partition is opened again */
    ARENA = 64 << 20,
};

enum state { FREE, WANTED, READY, LOST };

struct request {
    enum state state;
    char topic[256];
    struct position position; /* borrows `topic` */
    struct buf bytes;
    struct err why;
};

struct evidence_log {
    const struct kafka_settings *settings;
    const struct source *(*source_of)(void *context, struct str topic);
    void *context;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool stopping;
    struct request request[MAX_WANTED];
    /* The thread's own. */
    size_t turn;
    struct decoder *decoder;
    struct arena arena;
    char *start;
};

/* --- the thread */

/* What is wanted of one partition, in order. */
struct batch {
    struct request *at[MAX_WANTED];
    size_t n, next;
};

static int
compare(const void *left, const void *right)
{
    struct request *const *a = left;
    struct request *const *b = right;
    return position_compare(&(*a)->position, &(*b)->position);
}

static bool
same_partition(const struct request *a, const struct request *b)
{
    return a->position.partition == b->position.partition &&
           strcmp(a->topic, b->topic) == 0;
}

/* The lock is held. Requests that are WANTED are left alone by fetch. */
static void
take_batch(struct evidence_log *log, struct batch *batch)
{
    batch->n = batch->next = 0;
    /* Not always from the first: one partition that cannot be reached shall
     * not keep the others waiting. */
    size_t from = log->turn++ * 61;
    for (size_t i = 0; i < MAX_WANTED; i++) {
        struct request *request = &log->request[(from + i) % MAX_WANTED];
        if (request->state == WANTED &&
            (batch->n == 0 || same_partition(batch->at[0], request)))
            batch->at[batch->n++] = request;
    }
    qsort(batch->at, batch->n, sizeof(struct request *), compare);
}

static void
finish(struct evidence_log *log, struct request *request, enum state state)
{
    pthread_mutex_lock(&log->lock);
    request->state = state;
    pthread_mutex_unlock(&log->lock);
}

static void
lose(struct evidence_log *log, struct request *request, const char *words)
{
    err_set(&request->why, "%s", words);
    finish(log, request, LOST);
}

static void
extract(struct evidence_log *log, struct request *request,
        const struct record *record)
{
    struct arena scratch = log->arena;
    const struct source *source =
        log->source_of(log->context, request->position.topic);
    const struct element *element;
    size_t n;
    if (!source) {
        lose(log, request, "no mapping is bound to its topic any more");
        return;
    }
    if (source_split(source, log->decoder, record->value, &scratch, &element,
                     &n) != SPLIT_FINE ||
        request->position.index >= n) {
        lose(log, request, "its message is no longer the one that was read");
        return;
    }
    buf_clear(&request->bytes);
    buf_add(&request->bytes, element[request->position.index].raw);
    finish(log, request, request->bytes.full ? LOST : READY);
}

/* What lies before `offset` is not there any more; at it, it is. */
static void
meet(struct evidence_log *log, struct batch *batch, const struct record *record)
{
    while (batch->next < batch->n) {
        struct request *request = batch->at[batch->next];
        if (request->position.offset > record->offset)
            return;
        if (request->position.offset < record->offset)
            lose(log, request, "the log no longer has it");
        else
            extract(log, request, record);
        batch->next++;
    }
}

/* From the next one wanted on. False: the brokers are away. */
static bool
read_some(struct evidence_log *log, struct batch *batch, struct err *why)
{
    const struct request *first = batch->at[batch->next];
    struct record record = {.offset = first->position.offset};
    struct reader *reader =
        reader_open(log->settings, first->position.topic,
                    first->position.partition, READER_BEGINNING, OPEN_MS, why);
    if (!reader)
        return false;
    reader_from(reader, first->position.partition, first->position.offset);
    enum reader_got got = READER_RECORD;
    while (batch->next < batch->n && got == READER_RECORD &&
           batch->at[batch->next]->position.offset - record.offset < LONG_WAY) {
        got = reader_next(reader, NEXT_MS, &record, why);
        if (got == READER_RECORD)
            meet(log, batch, &record);
    }
    while (got == READER_DONE && batch->next < batch->n)
        lose(log, batch->at[batch->next++],
             "the log ends before it: it is another one");
    reader_close(reader);
    return got == READER_RECORD || got == READER_DONE;
}

static void
wait_ms(struct evidence_log *log, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000;
    pthread_cond_timedwait(&log->moved, &log->lock, &until);
}

static void *
work(void *context)
{
    struct evidence_log *log = context;
    static _Thread_local struct batch batch;
    pthread_mutex_lock(&log->lock);
    while (!log->stopping) {
        struct err why = {""};
        take_batch(log, &batch);
        if (batch.n == 0) {
            pthread_cond_wait(&log->moved, &log->lock);
            continue;
        }
        pthread_mutex_unlock(&log->lock);
        bool fine = true;
        while (fine && batch.next < batch.n)
            fine = read_some(log, &batch, &why);
        if (!fine && why.text[0])
            log_warn("respond", "evidence waits: %s", why.text);
        pthread_mutex_lock(&log->lock);
        if (!fine && !log->stopping)
            wait_ms(log, PAUSE_MS);
    }
    pthread_mutex_unlock(&log->lock);
    return NULL;
}

/* --- the stage's side */

static struct request *
find(struct evidence_log *log, const struct position *position,
     struct request **room)
{
    *room = NULL;
    for (size_t i = 0; i < MAX_WANTED; i++) {
        struct request *request = &log->request[i];
        if (request->state == FREE)
            *room = request;
        else if (position_compare(&request->position, position) == 0)
            return request;
    }
    return NULL;
}

/* Answers that nobody came for make room for questions. */
static struct request *
make_room(struct evidence_log *log)
{
    struct request *room = NULL;
    for (size_t i = 0; i < MAX_WANTED; i++) {
        struct request *request = &log->request[i];
        if (request->state == READY || request->state == LOST) {
            request->state = FREE;
            room = request;
        }
    }
    return room;
}

static void
ask(struct evidence_log *log, struct request *request,
    const struct position *position)
{
    if (position->topic.len >= sizeof request->topic)
        return;
    memcpy(request->topic, position->topic.at, position->topic.len);
    request->topic[position->topic.len] = '\0';
    request->position = *position;
    request->position.topic = str_of(request->topic);
    request->state = WANTED;
    request->bytes.max_bytes = MAX_MESSAGE_BYTES;
    pthread_cond_signal(&log->moved);
}

static enum evidence_says
fetch(void *context, const struct position *position, struct buf *bytes,
      struct err *why)
{
    struct evidence_log *log = context;
    enum evidence_says says = EVIDENCE_PENDING;
    struct request *room;
    pthread_mutex_lock(&log->lock);
    struct request *request = find(log, position, &room);
    if (request && request->state == READY) {
        buf_add(bytes, buf_str(&request->bytes));
        says = EVIDENCE_FOUND;
    } else if (request && request->state == LOST) {
        *why = request->why;
        says = EVIDENCE_LOST;
    } else if (!request) {
        room = room ? room : make_room(log);
        if (room)
            ask(log, room, position);
    }
    if (says != EVIDENCE_PENDING)
        request->state = FREE;
    pthread_mutex_unlock(&log->lock);
    return says;
}

struct evidence_source
evidence_log_source(struct evidence_log *log)
{
    return (struct evidence_source){fetch, log};
}

static void
free_log(struct evidence_log *log)
{
    for (size_t i = 0; i < MAX_WANTED; i++)
        buf_free(&log->request[i].bytes);
    decoder_free(log->decoder);
    if (log->start)
        arena_release(log->start, log->arena);
    free(log);
}

struct evidence_log *
evidence_log_start(const struct kafka_settings *settings,
                   const struct source *(*source_of)(void *context,
                                                     struct str topic),
                   void *context, struct err *why)
{
    struct evidence_log *log = calloc(1, sizeof *log);
    if (!log) {
        err_set(why, "out of memory");
        return NULL;
    }
    log->settings = settings;
    log->source_of = source_of;
    log->context = context;
    log->decoder = decoder_new();
    log->arena = arena_reserve(ARENA);
    log->start = log->arena.at;
    pthread_mutex_init(&log->lock, NULL);
    pthread_cond_init(&log->moved, NULL);
    if (log->decoder && log->start &&
        pthread_create(&log->thread, NULL, work, log) == 0)
        return log;
    err_set(why, "out of memory, or cannot start a thread");
    free_log(log);
    return NULL;
}

void
evidence_log_stop(struct evidence_log *log)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    log->stopping = true;
    pthread_cond_broadcast(&log->moved);
    pthread_mutex_unlock(&log->lock);
    pthread_join(log->thread, NULL);
    pthread_cond_destroy(&log->moved);
    pthread_mutex_destroy(&log->lock);
    free_log(log);
}
