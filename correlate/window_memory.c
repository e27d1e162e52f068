/* SPDX-License-Identifier: Apache-2.0
 *
 * A window's memory: blobs and growing arrays in the pool, and sightings as
 * bytes. Whoever calls has looked that the pool has WINDOW_ROOM_BYTES, so
 * nothing here fails. */
#include "window_priv.h"

#include "base/wire.h"

#include <assert.h>
#include <string.h>

struct blob *
blob_new(struct pool *pool, struct window *window, struct str s)
{
    size_t bytes = sizeof(struct blob) + s.len;
    struct blob *blob = pool_take(pool, &bytes);
    assert(blob);
    blob->len = (uint32_t)s.len;
    if (s.len > 0)
        memcpy(blob->bytes, s.at, s.len);
    window->blob_bytes += sizeof *blob + s.len;
    return blob;
}

void
blob_free(struct pool *pool, struct window *window, struct blob *blob)
{
    if (!blob)
        return;
    window->blob_bytes -= sizeof *blob + blob->len;
    pool_give(pool, blob, sizeof *blob + blob->len);
}

struct str
blob_str(const struct blob *blob)
{
    return blob ? (struct str){blob->bytes, blob->len} : STR("");
}

void *
array_room(struct pool *pool, void *at, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return at;
    size_t more = *room > 0 ? *room * 2 : 2, bytes = more * size;
    void *bigger = pool_take(pool, &bytes);
    assert(bigger);
    if (n > 0)
        memcpy(bigger, at, n * size);
    pool_give(pool, at, *room * size);
    *room = more; /* not all that the block holds: it goes back by size */
    return bigger;
}

void
sighting_write(struct buf *buf, const struct sighting *sighting)
{
    brief_write(buf, &sighting->brief);
    wire_put(buf, (uint64_t)sighting->partition, 4);
    wire_put_text(buf, sighting->topic, 2);
    wire_put_text(buf, sighting->key, 2);
    wire_put_text(buf, sighting->carry, 2);
    wire_put_text(buf, sighting->value, 2);
    wire_put_text(buf, sighting->names, 2);
}

bool
sighting_read(struct str bytes, struct sighting *sighting)
{
    struct wire wire = {bytes, false};
    brief_read(&wire, &sighting->brief);
    sighting->partition = (int32_t)wire_get_max(&wire, 4, INT32_MAX);
    sighting->topic = wire_get_text(&wire, 2);
    sighting->key = wire_get_text(&wire, 2);
    sighting->carry = wire_get_text(&wire, 2);
    sighting->value = wire_get_text(&wire, 2);
    sighting->names = wire_get_text(&wire, 2);
    return wire_end(&wire) && sighting->topic.len <= MAX_KEY_BYTES &&
           sighting->key.len <= MAX_KEY_TEXT_BYTES &&
           sighting->carry.len <= MAX_KEY_TEXT_BYTES &&
           sighting->value.len <= MAX_KEY_BYTES &&
           sighting->names.len <= MAX_FIRING_NAMES_BYTES;
}

static int
order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

void
amount_put(struct buf *buf, amount value)
{
    __extension__ unsigned __int128 bits = (unsigned __int128)value;
    wire_put(buf, (uint64_t)bits, 8);
    wire_put(buf, (uint64_t)(bits >> 64), 8);
}

amount
amount_get(struct wire *wire)
{
    uint64_t low = wire_get(wire, 8), high = wire_get(wire, 8);
    __extension__ unsigned __int128 bits = (unsigned __int128)high << 64 | low;
    return (amount)bits;
}

int
sighting_compare(const struct sighting *a, const struct sighting *b)
{
    int by = order(a->brief.event_ms, b->brief.event_ms);
    by = by ? by : str_compare(a->topic, b->topic);
    by = by ? by : order(a->partition, b->partition);
    by = by ? by : order(a->brief.incarnation, b->brief.incarnation);
    by = by ? by : order(a->brief.offset, b->brief.offset);
    by = by ? by : order(a->brief.index, b->brief.index);
    /* an alert, and what fires by it: which of them came first must not show */
    by = by ? by : str_compare(a->names, b->names);
    by = by ? by : str_compare(a->carry, b->carry);
    return by ? by : str_compare(a->value, b->value);
}
