/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing and reading snapshots. A piece is: the snapshot's id (8 bytes), its
 * number (8), then fields, each as table (1 byte), length of field (4), field,
 * length of value (4), value; integers little endian. The checksum runs over
 * the pieces in order. */
#include "base/snapshot.h"

#include "base/hash.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE_BYTES = 512 * 1024,
    FIND_MS = 10000,
    ACK_MS = 30000,
    MAX_PIECES = 1 << 16,
};

static void
put_number(struct buf *buf, uint64_t n, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        buf_char(buf, (char)(unsigned char)(n >> 8 * i & 0xff));
}

static bool
get_number(struct str *rest, size_t bytes, uint64_t *n)
{
    if (rest->len < bytes)
        return false;
    *n = 0;
    for (size_t i = 0; i < bytes; i++)
        *n |= (uint64_t)(unsigned char)rest->at[i] << 8 * i;
    rest->at += bytes;
    rest->len -= bytes;
    return true;
}

static bool
get_bytes(struct str *rest, struct str *part)
{
    uint64_t len;
    if (!get_number(rest, 4, &len) || len > rest->len)
        return false;
    *part = (struct str){rest->at, (size_t)len};
    rest->at += len;
    rest->len -= (size_t)len;
    return true;
}

static int32_t
piece_partition(const struct snapshot_place *place)
{
    uint32_t hash = hash_crc32c(0, place->name);
    return 1 + (int32_t)(hash % (uint32_t)(place->n_partitions - 1));
}

static void
head_write(struct buf *buf, const struct snapshot *s)
{
    buf_format(buf, "1 %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32 " ",
               s->slot, s->id, s->n_pieces, s->n_fields, s->crc);
    marker_write(buf, &s->marker);
}

static bool
head_read(struct str text, struct snapshot *s)
{
    struct str part;
    int64_t n[6];
    for (size_t i = 0; i < 6; i++)
        if (!str_split(&text, ' ', &part) || !str_to_i64(part, &n[i]) ||
            n[i] < 0)
            return false;
    if (n[0] != 1 || n[1] > 1 || n[3] > MAX_PIECES || n[5] > UINT32_MAX)
        return false;
    s->slot = (int)n[1];
    s->id = (uint64_t)n[2];
    s->n_pieces = (uint64_t)n[3];
    s->n_fields = (uint64_t)n[4];
    s->crc = (uint32_t)n[5];
    return marker_read(text, &s->marker);
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
    buf_clear(&w->piece);
    put_number(&w->piece, w->snapshot->id, 8);
    put_number(&w->piece, w->snapshot->n_pieces, 8);
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
    put_number(&w->piece, table, 1);
    put_number(&w->piece, field.len, 4);
    buf_add(&w->piece, field);
    put_number(&w->piece, value.len, 4);
    buf_add(&w->piece, value);
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
        head_write(&w->piece, snapshot);
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
        slot.at[0] == '/' && head_read(record->value, &s))
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
    struct str rest = record->value;
    uint64_t id, number;
    if (!get_number(&rest, 8, &id) || id != g->snapshot->id ||
        !get_number(&rest, 8, &number) || number >= g->snapshot->n_pieces)
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
    for (size_t i = 0; i < g->snapshot->n_pieces; i++)
        crc = hash_crc32c(crc, buf_str(&g->piece[i]));
    if (crc != g->snapshot->crc) {
        err_set(why, "snapshot is not complete");
        return false;
    }
    for (size_t i = 0; i < g->snapshot->n_pieces; i++) {
        struct str rest = str_cut(buf_str(&g->piece[i]), 16, SIZE_MAX);
        while (rest.len > 0) {
            uint64_t table;
            struct str field, value;
            if (!get_number(&rest, 1, &table) || !get_bytes(&rest, &field) ||
                !get_bytes(&rest, &value))
                return false;
            if (!load(context, (size_t)table, field, value, why))
                return false;
            n_fields++;
        }
    }
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
