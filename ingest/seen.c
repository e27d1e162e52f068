/* SPDX-License-Identifier: Apache-2.0
 *
 * An open-addressing index over an array of sightings, one per id, the latest.
 * Expired ones are judged as new wherever they are found and are removed once
 * an hour by building the index anew. A stored sighting is 40 bytes, five
 * little-endian numbers: id (2), changes, kafka_ms, offset. */
#include "seen.h"

#include "base/times.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    HOUR_MS = 3600000,
    STORED_BYTES = 40,
    FIELD_BYTES = 64 * 1024, /* of a field in a whole save */
};

/* The fields of one hour: "hour/0" … "hour/n-1". */
struct hour {
    int64_t hour;
    uint32_t n_fields;
};

struct seen {
    uint32_t max, n, room;
    struct sighting *at;
    uint32_t *slot; /* index + 1, 0: free; a power of two of them */
    uint32_t n_slots;
    bool full;
    struct hour *hours;
    size_t n_hours, hours_room;
    struct hour *gone; /* hours whose fields are to be unset */
    size_t n_gone, gone_room;
    struct buf fresh; /* sightings since the last save */
    struct buf field;
    int64_t forgotten_hour;
};

struct seen *
seen_new(uint32_t max_ids)
{
    struct seen *seen = calloc(1, sizeof *seen);
    if (!seen)
        return NULL;
    seen->max = max_ids;
    seen->forgotten_hour = INT64_MIN;
    seen->n_slots = 1024;
    seen->slot = calloc(seen->n_slots, sizeof *seen->slot);
    if (!seen->slot) {
        free(seen);
        return NULL;
    }
    return seen;
}

void
seen_free(struct seen *seen)
{
    if (!seen)
        return;
    free(seen->at);
    free(seen->slot);
    free(seen->hours);
    free(seen->gone);
    buf_free(&seen->fresh);
    buf_free(&seen->field);
    free(seen);
}

uint32_t
seen_len(const struct seen *seen)
{
    return seen->n;
}

bool
seen_full(const struct seen *seen)
{
    return seen->full;
}

/* The slot that holds `id`, or the free one where it belongs. */
static uint32_t *
slot_of(const struct seen *seen, const struct digest *id)
{
    uint32_t mask = seen->n_slots - 1;
    uint32_t i = (uint32_t)id->half[0] & mask;
    for (;; i = (i + 1) & mask) {
        uint32_t *slot = &seen->slot[i];
        if (*slot == 0)
            return slot;
        const struct digest *other = &seen->at[*slot - 1].id;
        if (other->half[0] == id->half[0] && other->half[1] == id->half[1])
            return slot;
    }
}

static bool
grow(struct seen *seen)
{
    if (seen->n == seen->room) {
        uint32_t room = seen->room ? seen->room * 2 : 1024;
        struct sighting *at = realloc(seen->at, room * sizeof *at);
        if (!at)
            return false;
        seen->at = at;
        seen->room = room;
    }
    if (seen->n * 2 < seen->n_slots)
        return true;
    uint32_t n_slots = seen->n_slots * 2;
    uint32_t *slot = calloc(n_slots, sizeof *slot);
    if (!slot)
        return false;
    free(seen->slot);
    seen->slot = slot;
    seen->n_slots = n_slots;
    for (uint32_t i = 0; i < seen->n; i++)
        *slot_of(seen, &seen->at[i].id) = i + 1;
    return true;
}

static struct sighting *
keep(struct seen *seen, uint32_t *slot, const struct sighting *sighting)
{
    if (*slot > 0) {
        seen->at[*slot - 1] = *sighting;
        return &seen->at[*slot - 1];
    }
    if (seen->n >= seen->max || !grow(seen)) {
        seen->full = true;
        return NULL;
    }
    seen->at[seen->n] = *sighting;
    *slot_of(seen, &sighting->id) = ++seen->n;
    return &seen->at[seen->n - 1];
}

static void
put_u64(struct buf *buf, uint64_t n)
{
    char bytes[8];
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (char)(unsigned char)(n >> 8 * i & 0xff);
    buf_add(buf, (struct str){bytes, 8});
}

static uint64_t
get_u64(const char *at)
{
    uint64_t n = 0;
    for (size_t i = 0; i < 8; i++)
        n |= (uint64_t)(unsigned char)at[i] << 8 * i;
    return n;
}

static void
put_sighting(struct buf *buf, const struct sighting *sighting)
{
    put_u64(buf, sighting->id.half[0]);
    put_u64(buf, sighting->id.half[1]);
    put_u64(buf, sighting->changes);
    put_u64(buf, (uint64_t)sighting->kafka_ms);
    put_u64(buf, (uint64_t)sighting->offset);
}

static int64_t
hour_of(int64_t ms)
{
    return ms / HOUR_MS;
}

enum seen_says
seen_sight(struct seen *seen, const struct sighting *sighting, int64_t dedup_ms)
{
    uint32_t *slot = slot_of(seen, &sighting->id);
    enum seen_says says = SEEN_NEW;
    if (*slot > 0) {
        const struct sighting *old = &seen->at[*slot - 1];
        if (sighting->kafka_ms - old->kafka_ms <= dedup_ms)
            says = old->changes == sighting->changes ? SEEN_DUPLICATE
                                                     : SEEN_UPDATE;
    }
    if (!keep(seen, slot, sighting))
        return SEEN_NEW;
    put_sighting(&seen->fresh, sighting);
    return says;
}

static struct hour *
hour_find(struct seen *seen, int64_t hour)
{
    for (size_t i = seen->n_hours; i > 0; i--)
        if (seen->hours[i - 1].hour == hour)
            return &seen->hours[i - 1];
    if (seen->n_hours == seen->hours_room) {
        size_t room = seen->hours_room ? seen->hours_room * 2 : 32;
        struct hour *hours = realloc(seen->hours, room * sizeof *hours);
        if (!hours)
            return NULL;
        seen->hours = hours;
        seen->hours_room = room;
    }
    seen->hours[seen->n_hours] = (struct hour){hour, 0};
    return &seen->hours[seen->n_hours++];
}

static bool
mark_gone(struct seen *seen, struct hour hour)
{
    if (seen->n_gone == seen->gone_room) {
        size_t room = seen->gone_room ? seen->gone_room * 2 : 32;
        struct hour *gone = realloc(seen->gone, room * sizeof *gone);
        if (!gone)
            return false;
        seen->gone = gone;
        seen->gone_room = room;
    }
    seen->gone[seen->n_gone++] = hour;
    return true;
}

static void
forget_entries(struct seen *seen, int64_t before_ms)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < seen->n; i++)
        if (seen->at[i].kafka_ms >= before_ms)
            seen->at[kept++] = seen->at[i];
    seen->n = kept;
    seen->full = seen->full && kept >= seen->max;
    memset(seen->slot, 0, seen->n_slots * sizeof *seen->slot);
    for (uint32_t i = 0; i < seen->n; i++)
        *slot_of(seen, &seen->at[i].id) = i + 1;
}

void
seen_forget(struct seen *seen, int64_t kafka_ms, int64_t dedup_ms)
{
    int64_t now = hour_of(kafka_ms);
    if (now <= seen->forgotten_hour)
        return;
    seen->forgotten_hour = now;
    int64_t before_ms = kafka_ms - dedup_ms;
    size_t kept = 0;
    for (size_t i = 0; i < seen->n_hours; i++) {
        struct hour hour = seen->hours[i];
        bool over = (hour.hour + 1) * HOUR_MS <= before_ms;
        if (!over || !mark_gone(seen, hour))
            seen->hours[kept++] = hour;
    }
    if (kept < seen->n_hours)
        forget_entries(seen, before_ms);
    seen->n_hours = kept;
}

static struct str
field_name(struct seen *seen, int64_t hour, uint32_t number)
{
    buf_clear(&seen->field);
    buf_format(&seen->field, "%" PRId64 "/%" PRIu32, hour, number);
    return buf_str(&seen->field);
}

static void
save_fresh(struct seen *seen, size_t table, const struct emit *emit)
{
    if (seen->fresh.len == 0)
        return;
    struct str all = buf_str(&seen->fresh);
    int64_t newest = (int64_t)get_u64(all.at + all.len - 16);
    struct hour *hour = hour_find(seen, hour_of(newest));
    if (!hour)
        abort(); /* a few bytes, once an hour */
    emit->field(emit->context, table,
                field_name(seen, hour->hour, hour->n_fields++), all);
    buf_clear(&seen->fresh);
}

static void
save_whole(struct seen *seen, size_t table, const struct emit *emit)
{
    struct buf blob = {0};
    for (uint32_t i = 0; i < seen->n; i++)
        if (!hour_find(seen, hour_of(seen->at[i].kafka_ms)))
            abort();
    for (size_t h = 0; h < seen->n_hours; h++) {
        struct hour *hour = &seen->hours[h];
        uint32_t number = 0;
        for (uint32_t i = 0; i <= seen->n; i++) {
            bool end = i == seen->n;
            if (!end && hour_of(seen->at[i].kafka_ms) == hour->hour)
                put_sighting(&blob, &seen->at[i]);
            if (blob.len > 0 && (end || blob.len >= FIELD_BYTES)) {
                emit->field(emit->context, table,
                            field_name(seen, hour->hour, number++),
                            buf_str(&blob));
                buf_clear(&blob);
            }
        }
        if (number > hour->n_fields)
            hour->n_fields = number;
    }
    buf_free(&blob);
}

void
seen_save(struct seen *seen, size_t table, bool whole, const struct emit *emit)
{
    if (whole) {
        save_whole(seen, table, emit);
        return;
    }
    save_fresh(seen, table, emit);
    for (size_t i = 0; i < seen->n_gone; i++)
        for (uint32_t n = 0; n < seen->gone[i].n_fields; n++)
            emit->field(emit->context, table,
                        field_name(seen, seen->gone[i].hour, n), NO_STR);
    seen->n_gone = 0;
}

/* Of two stored sightings of one id the later holds. */
static bool
is_later(const struct sighting *a, const struct sighting *b)
{
    return a->kafka_ms != b->kafka_ms ? a->kafka_ms > b->kafka_ms
                                      : a->offset >= b->offset;
}

bool
seen_load(struct seen *seen, struct str field, struct str value)
{
    struct str rest = field, part;
    int64_t number, at_hour;
    if (!str_split(&rest, '/', &part) || !str_to_i64(part, &at_hour) ||
        !str_to_i64(rest, &number) || number < 0 || number >= UINT32_MAX ||
        value.len % STORED_BYTES != 0)
        return false;
    struct hour *hour = hour_find(seen, at_hour);
    if (!hour)
        return false;
    if ((uint32_t)number >= hour->n_fields)
        hour->n_fields = (uint32_t)number + 1;
    for (size_t i = 0; i < value.len; i += STORED_BYTES) {
        const char *at = value.at + i;
        struct sighting sighting = {
            .id = {{get_u64(at), get_u64(at + 8)}},
            .changes = get_u64(at + 16),
            .kafka_ms = (int64_t)get_u64(at + 24),
            .offset = (int64_t)get_u64(at + 32),
        };
        uint32_t *slot = slot_of(seen, &sighting.id);
        if (*slot == 0 || is_later(&sighting, &seen->at[*slot - 1]))
            keep(seen, slot, &sighting);
    }
    return true;
}
