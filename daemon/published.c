/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the whole topic, which is small (a record a month), and keeps the
 * highest revision of each month; writes and waits until Kafka has it. */
#include "published.h"

#include "base/log.h"

#include <stdlib.h>

enum { KAFKA_MS = 10000, MAX_MONTHS = 1200 };

static int
compare_months(const void *left, const void *right)
{
    const struct frozen *a = left, *b = right;
    return (a->month > b->month) - (a->month < b->month);
}

const struct frozen *
published_find(const struct frozen *months, size_t n, int32_t month)
{
    for (size_t i = 0; i < n; i++)
        if (months[i].month == month)
            return &months[i];
    return NULL;
}

/* One record: a new month, a higher revision of a known one, or neither. */
static void
take_record(const struct record *record, struct arena *arena,
            struct frozen *months, size_t *n)
{
    struct frozen frozen;
    struct err why;
    struct str text = arena_copy(arena, record->value);
    if (!text.at || !frozen_read(text, arena, &frozen, &why)) {
        log_warn("report", "%.*s offset %lld: %s", STR_ARG(record->topic),
                 (long long)record->offset,
                 text.at ? why.text : "out of memory");
        return;
    }
    for (size_t i = 0; i < *n; i++)
        if (months[i].month == frozen.month) {
            if (months[i].revision < frozen.revision)
                months[i] = frozen;
            return;
        }
    if (*n < MAX_MONTHS)
        months[(*n)++] = frozen;
}

bool
published_load(const struct config *config, struct arena *arena,
               const struct frozen **months, size_t *n, struct err *why)
{
    struct frozen *all = arena_take(arena, MAX_MONTHS, sizeof *all);
    *n = 0;
    if (!all) {
        err_set(why, "out of memory");
        return false;
    }
    struct reader *reader = reader_open(&config->kafka, config->topics.reports,
                                        -1, READER_BEGINNING, KAFKA_MS, why);
    if (!reader)
        return false;
    enum reader_got got;
    do {
        struct record record;
        got = reader_next(reader, KAFKA_MS, &record, why);
        if (got == READER_RECORD && record.value.len > 0)
            take_record(&record, arena, all, n);
    } while (got == READER_RECORD);
    reader_close(reader);
    if (got == READER_NOTHING)
        err_set(why, "Kafka does not answer (%s)", config->kafka_brokers);
    qsort(all, *n, sizeof *all, compare_months);
    *months = all;
    return got == READER_DONE;
}

/* Hands one revision to the producer; waits while its queue is full. */
static bool
send_one(struct producer *producer, const struct config *config,
         const struct frozen *frozen, struct delivery *delivery,
         struct err *why)
{
    struct buf key = {0}, value = {0};
    frozen_key(&key, frozen->month);
    buf_format(&key, "/%d", frozen->revision);
    frozen_write(&value, frozen);
    struct output output = {
        .topic = config->topics.reports,
        .partition = PARTITION_BY_KEY,
        .key = buf_str(&key),
        .value = buf_str(&value),
    };
    bool sent = producer_send(producer, &output, delivery, why);
    buf_free(&key);
    buf_free(&value);
    return sent;
}

bool
published_store(const struct config *config, const struct frozen *months,
                size_t n, struct err *why)
{
    struct producer *producer = producer_open(&config->kafka, 0, why);
    struct delivery delivery = {0};
    if (!producer)
        return false;
    bool sent = true;
    for (size_t i = 0; i < n && sent; i++)
        sent = send_one(producer, config, &months[i], &delivery, why);
    for (int tries = 0; tries < KAFKA_MS / 100 && delivery.waiting > 0; tries++)
        producer_poll(producer, 100);
    if (sent && delivery.failed > 0)
        *why = delivery.why;
    else if (sent && delivery.waiting > 0)
        err_set(why, "Kafka does not answer (%s)", config->kafka_brokers);
    bool stored = sent && delivery.failed == 0 && delivery.waiting == 0;
    producer_close(producer);
    return stored;
}
