/* SPDX-License-Identifier: Apache-2.0
 *
 * Appending to and looking through soc.journal. */
#include "journal_io.h"

#include "clock.h"

#include <string.h>

enum { KAFKA_MS = 10000, TURN_MS = 50, LINGER_MS = 0, SCRATCH = 64 << 20 };

bool
journal_append(const struct config *config, const struct journal_record *record,
               struct err *why)
{
    struct buf text = {.max_bytes = JOURNAL_MAX_BYTES};
    struct delivery delivery = {.append_ms = 0};
    why->text[0] = '\0';
    struct producer *producer = producer_open(&config->kafka, LINGER_MS, why);
    if (producer == NULL)
        return false;
    journal_write(&text, record);
    const struct output output = {.topic = config->topics.journal,
                                  .no_key = true,
                                  .value = buf_str(&text)};
    bool fine = !text.full && producer_send(producer, &output, &delivery, why);
    int64_t until_ms = clock_monotonic_ms() + KAFKA_MS;
    while (fine && delivery.waiting > 0 && clock_monotonic_ms() < until_ms)
        producer_poll(producer, TURN_MS);
    if (fine && delivery.waiting > 0)
        err_set(why, "Kafka at %s does not answer", config->kafka_brokers);
    else if (fine && delivery.failed > 0)
        *why = delivery.why;
    else if (!fine && why->text[0] == '\0')
        err_set(why, "the record is too long");
    fine = fine && delivery.waiting == 0 && delivery.failed == 0;
    producer_close(producer);
    buf_free(&text);
    return fine;
}

struct collecting {
    struct arena *arena;
    struct json_reader *json;
    struct arena scratch;
    struct journal_override *override;
    size_t n;
    bool full;
};

static void
withdraw(struct collecting *collecting, struct str id)
{
    size_t kept = 0;
    for (size_t i = 0; i < collecting->n; i++)
        if (!str_equal(collecting->override[i].id, id))
            collecting->override[kept++] = collecting->override[i];
    collecting->n = kept;
}

static void
collect(struct collecting *collecting, struct str value)
{
    struct arena scratch = collecting->scratch;
    struct journal_record record;
    const struct json *root;
    struct err why;
    /* Most records are something else: reading them all would take long. */
    if (!str_contains(value, STR("\"override\"")) ||
        json_read(collecting->json, value, &scratch, &root) != JSON_FINE ||
        !journal_read(root, &scratch, &record, &why) ||
        record.type != JOURNAL_OVERRIDE)
        return;
    struct journal_override one = record.roster;
    withdraw(collecting, one.id);
    if (one.cancel)
        return;
    if (collecting->n == ROSTER_MAX_OVERRIDES) {
        collecting->full = true;
        return;
    }
    enum { N_TEXTS = 5 };
    struct str *const texts[N_TEXTS] = {&one.id, &one.person, &one.instead,
                                        &one.shift, &one.reason};
    for (size_t i = 0; i < N_TEXTS; i++) {
        *texts[i] = arena_copy(collecting->arena, *texts[i]);
        collecting->full |= texts[i]->at == NULL;
    }
    collecting->override[collecting->n++] = one;
}

static bool
read_all(struct collecting *collecting, struct reader *reader, struct err *why)
{
    for (;;) {
        struct record record;
        switch (reader_next(reader, KAFKA_MS, &record, why)) {
        case READER_RECORD:
            collect(collecting, record.value);
            break;
        case READER_DONE:
            return true;
        case READER_NOTHING:
            err_set(why, "Kafka does not answer");
            return false;
        case READER_FAILED:
            return false;
        }
    }
}

/* A journal that is not there yet has no records. */
static bool
is_there(const struct config *config, bool *there, struct err *why)
{
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, why);
    int n = admin == NULL ? -1
                          : kafka_topic_partitions(
                                admin, config->topics.journal, KAFKA_MS, why);
    if (admin != NULL)
        kafka_admin_close(admin);
    *there = n > 0;
    return n >= 0;
}

bool
journal_overrides(const struct config *config, struct arena *arena,
                  struct journal_override **overrides, size_t *n,
                  struct err *why)
{
    struct collecting collecting = {.arena = arena};
    bool there;
    *overrides = NULL;
    *n = 0;
    why->text[0] = '\0';
    if (!is_there(config, &there, why))
        return false;
    if (!there)
        return true;
    collecting.override =
        arena_take(arena, ROSTER_MAX_OVERRIDES, sizeof *collecting.override);
    collecting.json = json_reader_new();
    collecting.scratch = arena_reserve(SCRATCH);
    char *start = collecting.scratch.at;
    struct reader *reader = reader_open(&config->kafka, config->topics.journal,
                                        -1, READER_BEGINNING, KAFKA_MS, why);
    bool fine = collecting.override != NULL && collecting.json != NULL &&
                start != NULL && reader != NULL &&
                read_all(&collecting, reader, why);
    if (fine && collecting.full) {
        err_set(why, "more than %d overrides in force",
                (int)ROSTER_MAX_OVERRIDES);
        fine = false;
    }
    reader_close(reader);
    json_reader_free(collecting.json);
    if (start != NULL)
        arena_release(start, collecting.scratch);
    *overrides = collecting.override;
    *n = fine ? collecting.n : 0;
    return fine;
}
