/* SPDX-License-Identifier: Apache-2.0
 *
 * Window records and briefs from bytes, strictly: a record that is read has
 * one spelling, so that writing it again gives the same bytes. */
#include "window_event_priv.h"

#include "base/wire.h"

#define HEADING "window 2\n"

enum {
    BRIEF_BYTES = 8 + 8 + 4 + 8 + 4 + 1 + 1 + 1 + 4 + 2 * 10, /* at least */
    ENTRY_BYTES = 16 + 16 + 4 + 4 + 4 + 4 * 2,
    MAX_LEVEL = 5,
    MAX_CHAIN_LEVEL = 64,
};

/* In the order they are written; the order is fixed for ever. */
#define BRIEF_TEXTS(X)                                                         \
    X(alert_id)                                                                \
    X(source)                                                                  \
    X(rule_name)                                                               \
    X(host)                                                                    \
    X(user)                                                                    \
    X(src_ip)                                                                  \
    X(dst_ip)                                                                  \
    X(hash)                                                                    \
    X(unit)                                                                    \
    X(system)

void
brief_write(struct buf *buf, const struct brief *brief)
{
    wire_put_i64(buf, brief->event_ms);
    wire_put_i64(buf, brief->arrival_ms);
    wire_put(buf, brief->incarnation, 4);
    wire_put_i64(buf, brief->offset);
    wire_put(buf, brief->index, 4);
    wire_put(buf, (uint64_t)brief->kind, 1);
    wire_put(buf, (uint64_t)brief->severity, 1);
    wire_put(buf, (uint64_t)brief->level, 1);
    wire_put(buf, brief->flags, 4);
#define X(name) wire_put_text(buf, brief->name, 2);
    BRIEF_TEXTS(X)
#undef X
}

static struct str
short_text(struct wire *wire, size_t max)
{
    struct str text = wire_get_text(wire, 2);
    if (text.len > max)
        wire->wrong = true;
    return text;
}

static int64_t
get_time(struct wire *wire)
{
    int64_t ms = wire_get_i64(wire);
    if (ms < -MAX_EVENT_MS || ms > MAX_EVENT_MS)
        wire->wrong = true;
    return ms;
}

void
brief_read(struct wire *wire, struct brief *brief)
{
    brief->event_ms = get_time(wire);
    brief->arrival_ms = get_time(wire);
    brief->incarnation = (uint32_t)wire_get(wire, 4);
    brief->offset = wire_get_i64(wire);
    if (brief->offset < 0)
        wire->wrong = true;
    brief->index = (uint32_t)wire_get(wire, 4);
    brief->kind = (enum kind)wire_get_max(wire, 1, N_KINDS - 1);
    brief->severity = (enum severity)wire_get_max(wire, 1, N_SEVERITIES - 1);
    brief->level = (int)wire_get_max(wire, 1, MAX_LEVEL);
    brief->flags = (unsigned)wire_get(wire, 4);
#define X(name) brief->name = short_text(wire, MAX_KEY_BYTES);
    BRIEF_TEXTS(X)
#undef X
}

void
window_record_begin(struct buf *buf, const struct window_cause *cause,
                    uint32_t running)
{
    buf_add(buf, STR(HEADING));
    wire_put(buf, (uint64_t)cause->level, 1);
    wire_put(buf, cause->incarnation, 4);
    wire_put_i64(buf, cause->offset);
    wire_put(buf, running, 4);
    wire_put(buf, (uint64_t)cause->partition, 4);
    wire_put_text(buf, cause->topic, 2);
}

/* A count of things of at least `least` bytes each that are still to come. */
static size_t
read_count(struct wire *wire, size_t least)
{
    size_t n = (size_t)wire_get(wire, 4);
    if (n > wire->rest.len / least)
        wire->wrong = true;
    return wire->wrong ? 0 : n;
}

static void
read_entry(struct wire *wire, size_t n_briefs, struct window_entry *entry)
{
    entry->fingerprint = wire_get_digest(wire);
    entry->key_id = wire_get_digest(wire);
    entry->steps = (uint32_t)wire_get(wire, 4);
    entry->weight = (uint32_t)wire_get(wire, 4);
    entry->brief = (uint32_t)wire_get(wire, 4);
    entry->key = short_text(wire, MAX_KEY_TEXT_BYTES);
    entry->value = short_text(wire, MAX_KEY_BYTES);
    entry->carry = short_text(wire, MAX_KEY_TEXT_BYTES);
    entry->names = short_text(wire, MAX_FIRING_NAMES_BYTES);
    if (entry->steps == 0 || entry->weight == 0 || entry->brief >= n_briefs)
        wire->wrong = true;
}

static bool
read_cause(struct wire *wire, struct window_record *record)
{
    struct window_cause *cause = &record->cause;
    cause->level = (int)wire_get_max(wire, 1, MAX_CHAIN_LEVEL);
    cause->incarnation = (uint32_t)wire_get(wire, 4);
    cause->offset = wire_get_i64(wire);
    record->running = (uint32_t)wire_get(wire, 4);
    cause->partition = (int32_t)wire_get_max(wire, 4, INT32_MAX);
    cause->topic = short_text(wire, MAX_KEY_BYTES);
    return !wire->wrong && cause->offset >= 0 && cause->topic.len > 0;
}

bool
window_record_read(struct str value, struct arena *scratch,
                   struct window_record *record, struct err *why)
{
    if (!str_starts(value, STR(HEADING))) {
        err_set(why, "not a window record of this version");
        return false;
    }
    struct wire wire = {str_cut(value, sizeof HEADING - 1, value.len), false};
    bool fine = read_cause(&wire, record);
    record->n_briefs = read_count(&wire, BRIEF_BYTES);
    struct brief *briefs =
        arena_take_raw(scratch, record->n_briefs + 1, sizeof *briefs);
    for (size_t i = 0; briefs && i < record->n_briefs && !wire.wrong; i++)
        brief_read(&wire, &briefs[i]);
    record->n_entries = read_count(&wire, ENTRY_BYTES);
    struct window_entry *entries =
        arena_take_raw(scratch, record->n_entries + 1, sizeof *entries);
    for (size_t i = 0; entries && i < record->n_entries && !wire.wrong; i++)
        read_entry(&wire, record->n_briefs, &entries[i]);
    record->briefs = briefs;
    record->entries = entries;
    if (!briefs || !entries) {
        err_set(why, "a window record too large for its memory");
        return false;
    }
    if (fine && record->n_entries > 0 && wire_end(&wire))
        return true;
    err_set(why, "a window record that is cut or damaged");
    return false;
}
