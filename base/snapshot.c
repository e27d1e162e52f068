/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing snapshots to their topic and finding them again. The bytes of the
 * pieces are snapshot_piece.c's; the checksum runs over them in order. */
#include "snapshot_priv.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE_BYTES = 512 * 1024,
    FIND_MS = 10000,
    ACK_MS = 30000,
};

static int32_t
piece_partition(const struct snapshot_place *place)
{
    uint32_t hash = hash_crc32c(0, place->name);
    return 1 + (int32_t)(hash % (uint32_t)(place->n_partitions - 1));
}

/* --- writing */

struct writing {
    const struct snapshot_place *place;
    struct producer *producer;
    struct snapshot *snapshot;
    struct delivery delivery;
    struct buf piece, key;
    struct err *why;
    bool failed;
};

static void
send_waiting(struct writing *w, const struct output *output)
{
    struct err why = {""};
    while (!w->failed &&
           !producer_send(w->producer, output, &w->delivery, &why)) {
        producer_poll(w->producer, 50);
        w->failed = why.text[0] || producer_fatal(w->producer, &why);
        if (w->failed)
            *w->why = why;
    }
}

static void
piece_begin(struct writing *w)
{
    snapshot_piece_begin(&w->piece, w->snapshot->id, w->snapshot->n_pieces);
}

static void
piece_send(struct writing *w)
{
    struct snapshot *s = w->snapshot;
    buf_clear(&w->key);
    buf_add(&w->key, w->place->name);
    buf_format(&w->key, "/%d/%" PRIu64, s->slot, s->n_pieces);
    s->crc = hash_crc32c(s->crc, buf_str(&w->piece));
    s->n_pieces++;
    send_waiting(w, &(struct output){.topic = w->place->topic,
                                     .partition = piece_partition(w->place),
                                     .key = buf_str(&w->key),
                                     .value = buf_str(&w->piece)});
    piece_begin(w);
}

static void
piece_field(void *context, size_t table, struct str field, struct str value)
{
    struct writing *w = context;
    if (!value.at)
        return; /* a whole state has nothing to unset */
    snapshot_piece_field(&w->piece, table, field, value);
    w->snapshot->n_fields++;
    if (w->piece.len >= PIECE_BYTES)
        piece_send(w);
}

/* Everything sent so far is with Kafka; bounded, not silent. */
static bool
wait_acks(struct writing *w)
{
    for (int waited = 0; w->delivery.waiting > 0; waited += 50) {
        if (waited > ACK_MS) {
            err_set(w->why, "Kafka does not acknowledge the snapshot");
            return false;
        }
        producer_poll(w->producer, 50);
    }
    if (w->delivery.failed > 0)
        err_set(w->why, "snapshot: %.200s", w->delivery.why.text);
    return w->delivery.failed == 0;
}

bool
snapshot_write(const struct snapshot_place *place, struct producer *producer,
               const struct stage_ops *ops, void *state,
               struct snapshot *snapshot, struct err *why)
{
    /* The delivery must outlive every acknowledgement, also late ones. */
    struct writing *w = calloc(1, sizeof *w);
    if (!w) {
        err_set(why, "out of memory");
        return false;
    }
    w->place = place;
    w->producer = producer;
    w->snapshot = snapshot;
    w->why = why;
    snapshot->n_pieces = snapshot->n_fields = 0;
    snapshot->crc = 0;
    struct emit emit = {piece_field, w};
    piece_begin(w);
    ops->state_save(state, true, &emit);
    piece_send(w);
    bool fine = !w->failed && !w->piece.full && wait_acks(w);
    if (fine) {
        buf_clear(&w->piece);
        snapshot_head_write(&w->piece, snapshot);
        buf_clear(&w->key);
        buf_add(&w->key, place->name);
        buf_format(&w->key, "/%d", snapshot->slot);
        send_waiting(w, &(struct output){.topic = place->topic,
                                         .partition = 0,
                                         .key = buf_str(&w->key),
                                         .value = buf_str(&w->piece)});
        fine = !w->failed && wait_acks(w);
    }
    buf_free(&w->piece);
    buf_free(&w->key);
    if (w->delivery.waiting == 0)
        free(w); /* else Kafka still holds a pointer to it: it is let go */
    return fine;
}

/* --- reading */

static void
keep_newest(struct snapshot found[2], size_t *n, const struct snapshot *s)
{
    for (size_t i = 0; i < *n; i++)
        if (found[i].slot == s->slot) {
            found[i] = *s;
            return;
        }
    if (*n < 2)
        found[(*n)++] = *s;
}

/* Runs a reader over one partition of the topic, from start to end. */
static enum snapshot_says
scan(const struct snapshot_place *place, int32_t partition,
     void (*each)(void *context, const struct record *record), void *context,
     struct err *why)
{
    struct reader *reader = reader_open(place->kafka, place->topic, partition,
                                        READER_BEGINNING, FIND_MS, why);
    if (!reader)
        return SNAPSHOT_AWAY;
    enum snapshot_says says = SNAPSHOT_FOUND;
    for (int idle = 0;;) {
        struct record record;
        enum reader_got got = reader_next(reader, 200, &record, why);
        if (got == READER_RECORD) {
            each(context, &record);
            idle = 0;
        } else if (got == READER_NOTHING && idle < FIND_MS) {
            idle += 200;
        } else {
            if (got != READER_DONE)
                says = SNAPSHOT_AWAY;
            if (got == READER_NOTHING)
                err_set(why, "Kafka does not answer");
            break;
        }
    }
    reader_close(reader);
    return says;
}

struct finding {
    struct str name;
    struct snapshot *found;
    size_t *n;
};

static void
find_one(void *context, const struct record *record)
{
    struct finding *f = context;
    struct snapshot s;
    struct str slot = str_cut(record->key, f->name.len, record->key.len);
    if (str_starts(record->key, f->name) && slot.len == 2 &&
        slot.at[0] == '/' && snapshot_head_read(record->value, &s))
        keep_newest(f->found, f->n, &s);
}

enum snapshot_says
snapshot_find(const struct snapshot_place *place, struct snapshot found[2],
              size_t *n, struct err *why)
{
    *n = 0;
    struct finding f = {place->name, found, n};
    enum snapshot_says says = scan(place, 0, find_one, &f, why);
    if (says != SNAPSHOT_FOUND)
        return says;
    if (*n == 2 && marker_compare(&found[0].marker, &found[1].marker) < 0) {
        struct snapshot older = found[0];
        found[0] = found[1];
        found[1] = older;
    }
    return *n > 0 ? SNAPSHOT_FOUND : SNAPSHOT_NONE;
}

struct gathering {
    const struct snapshot *snapshot;
    struct buf *piece; /* n_pieces of them */
};

static void
gather_one(void *context, const struct record *record)
{
    struct gathering *g = context;
    uint64_t id, number;
    if (!snapshot_piece_number(record->value, &id, &number) ||
        id != g->snapshot->id || number >= g->snapshot->n_pieces)
        return;
    buf_clear(&g->piece[number]);
    buf_add(&g->piece[number], record->value);
}

static bool
load_pieces(struct gathering *g,
            bool (*load)(void *context, size_t table, struct str field,
                         struct str value, struct err *why),
            void *context, struct err *why)
{
    uint64_t n_fields = 0;
    uint32_t crc = 0;
    bool missing = false;
    for (size_t i = 0; i < g->snapshot->n_pieces; i++) {
        crc = hash_crc32c(crc, buf_str(&g->piece[i]));
        missing |= g->piece[i].len == 0;
    }
    if (missing || crc != g->snapshot->crc) {
        err_set(why, "snapshot is not complete");
        return false;
    }
    for (size_t i = 0; i < g->snapshot->n_pieces; i++)
        if (!snapshot_piece_read(buf_str(&g->piece[i]), load, context,
                                 &n_fields, why))
            return false;
    return n_fields == g->snapshot->n_fields;
}

enum snapshot_says
snapshot_read(const struct snapshot_place *place,
              const struct snapshot *snapshot,
              bool (*load)(void *context, size_t table, struct str field,
                           struct str value, struct err *why),
              void *context, struct err *why)
{
    struct gathering g = {snapshot, NULL};
    g.piece = calloc(snapshot->n_pieces + 1, sizeof *g.piece);
    if (!g.piece) {
        err_set(why, "out of memory");
        return SNAPSHOT_AWAY;
    }
    enum snapshot_says says =
        scan(place, piece_partition(place), gather_one, &g, why);
    if (says == SNAPSHOT_FOUND && !load_pieces(&g, load, context, why))
        says = SNAPSHOT_NONE;
    for (size_t i = 0; i < snapshot->n_pieces; i++)
        buf_free(&g.piece[i]);
    free(g.piece);
    return says;
}
