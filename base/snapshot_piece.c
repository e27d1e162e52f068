/* SPDX-License-Identifier: Apache-2.0
 *
 * A piece of a snapshot is: the snapshot's id (8 bytes), its number (8), then
 * fields, each as table (1 byte), length of field (4), field, length of value
 * (4), value; integers little endian. The last piece is text: version, slot,
 * id, pieces, fields, checksum, marker. What is read may be anything: nothing
 * is taken that is not whole. */
#include "snapshot_priv.h"

#include <inttypes.h>

enum { MAX_PIECES = 1 << 16, PREFIX_BYTES = 16 };

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

void
snapshot_head_write(struct buf *buf, const struct snapshot *s)
{
    buf_format(buf, "1 %d %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu32 " ",
               s->slot, s->id, s->n_pieces, s->n_fields, s->crc);
    marker_write(buf, &s->marker);
}

bool
snapshot_head_read(struct str text, struct snapshot *s)
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

void
snapshot_piece_begin(struct buf *piece, uint64_t id, uint64_t number)
{
    buf_clear(piece);
    put_number(piece, id, 8);
    put_number(piece, number, 8);
}

void
snapshot_piece_field(struct buf *piece, size_t table, struct str field,
                     struct str value)
{
    put_number(piece, table, 1);
    put_number(piece, field.len, 4);
    buf_add(piece, field);
    put_number(piece, value.len, 4);
    buf_add(piece, value);
}

bool
snapshot_piece_number(struct str piece, uint64_t *id, uint64_t *number)
{
    return get_number(&piece, 8, id) && get_number(&piece, 8, number);
}

bool
snapshot_piece_read(struct str piece,
                    bool (*load)(void *context, size_t table, struct str field,
                                 struct str value, struct err *why),
                    void *context, uint64_t *n_fields, struct err *why)
{
    struct str rest = str_cut(piece, PREFIX_BYTES, SIZE_MAX);
    while (rest.len > 0) {
        uint64_t table;
        struct str field, value;
        if (!get_number(&rest, 1, &table) || !get_bytes(&rest, &field) ||
            !get_bytes(&rest, &value)) {
            err_set(why, "a piece of the snapshot is cut off");
            return false;
        }
        if (!load(context, (size_t)table, field, value, why))
            return false;
        ++*n_fields;
    }
    return true;
}
