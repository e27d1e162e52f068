/* SPDX-License-Identifier: Apache-2.0
 *
 * The entries of one source record, gathered and sent. Briefs and entries lie
 * as they will be written, one behind the other in two buffers; entries are
 * chained by partition, so that flushing touches each once. Buffers are kept
 * over flushes: after warm-up nothing is allocated. */
#include "window_event_priv.h"

#include "base/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NO_ENTRY = -1, NOT_SENT = -1 };

/* Where a brief lies, and its number in the record being written. */
struct batch_brief {
    size_t from, to;
    int64_t number;
};

struct batch_entry {
    struct digest fingerprint, key_id;
    uint32_t steps, weight, brief;
    size_t from, to; /* its texts, as written */
    int64_t next;    /* of the same partition */
};

struct chain {
    int64_t first, last;
};

struct window_batch {
    int n_partitions;
    struct chain *chains;
    struct buf texts;
    struct batch_brief *briefs;
    size_t n_briefs, briefs_room;
    struct batch_entry *entries;
    size_t n_entries, entries_room;
    struct buf head, body, record;
    uint64_t refused;
};

struct window_batch *
window_batch_new(int n_partitions)
{
    struct window_batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->n_partitions = n_partitions;
    batch->chains = calloc((size_t)n_partitions, sizeof *batch->chains);
    batch->texts.max_bytes = MAX_WINDOW_BATCH_BYTES;
    batch->record.max_bytes = MAX_OUTPUT_BYTES;
    if (!batch->chains) {
        window_batch_free(batch);
        return NULL;
    }
    for (int i = 0; i < n_partitions; i++)
        batch->chains[i] = (struct chain){NO_ENTRY, NO_ENTRY};
    return batch;
}

void
window_batch_free(struct window_batch *batch)
{
    if (!batch)
        return;
    free(batch->chains);
    free(batch->briefs);
    free(batch->entries);
    buf_free(&batch->texts);
    buf_free(&batch->head);
    buf_free(&batch->body);
    buf_free(&batch->record);
    free(batch);
}

uint64_t
window_batch_refused(const struct window_batch *batch)
{
    return batch->refused;
}

/* At most MAX_KEY_BYTES, cut between characters of UTF-8. */
static struct str
clip(struct str text)
{
    if (text.len <= MAX_KEY_BYTES)
        return text;
    size_t len = MAX_KEY_BYTES;
    while (len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80)
        len--;
    return str_cut(text, 0, len);
}

static void *
more_room(void *at, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return at;
    size_t bigger = *room > 0 ? *room * 2 : 64;
    at = realloc(at, bigger * size);
    if (!at)
        abort(); /* bounded: a source record makes a few megabytes at most */
    *room = bigger;
    return at;
}

static void
brief_of_alert(struct brief *brief, const struct alert *alert)
{
    const struct str *field = alert->field;
    struct str hash = field[ALERT_SHA256].len > 0 ? field[ALERT_SHA256]
                      : field[ALERT_SHA1].len > 0 ? field[ALERT_SHA1]
                                                  : field[ALERT_MD5];
    *brief = (struct brief){
        .event_ms = alert->event_ms,
        .arrival_ms = alert->arrival_ms,
        .incarnation = alert->position.incarnation,
        .offset = alert->position.offset,
        .index = alert->position.index,
        .kind = alert->kind,
        .severity = alert->severity,
        .level = alert->level,
        .flags = alert->flags,
        .alert_id = clip(alert->alert_id),
        .source = clip(alert->source),
        .rule_name = clip(field[ALERT_RULE_NAME]),
        .host = clip(field[ALERT_HOST]),
        .user = clip(field[ALERT_USER]),
        .src_ip = clip(field[ALERT_SRC_IP]),
        .dst_ip = clip(field[ALERT_DST_IP]),
        .hash = clip(hash),
        .unit = clip(alert->unit),
        .system = clip(alert->system),
    };
}

uint32_t
window_batch_brief(struct window_batch *batch, const struct alert *alert)
{
    struct brief brief;
    brief_of_alert(&brief, alert);
    return window_batch_put(batch, &brief);
}

uint32_t
window_batch_put(struct window_batch *batch, const struct brief *brief)
{
    batch->briefs = more_room(batch->briefs, batch->n_briefs,
                              &batch->briefs_room, sizeof *batch->briefs);
    struct batch_brief *at = &batch->briefs[batch->n_briefs];
    at->from = batch->texts.len;
    brief_write(&batch->texts, brief);
    at->to = batch->texts.full ? at->from : batch->texts.len; /* whole or not */
    at->number = NOT_SENT;
    return (uint32_t)batch->n_briefs++;
}

/* A long value by its digest: it is only ever compared. */
static void
put_value(struct buf *buf, struct str value)
{
    char text[1 + 32 + 1];
    if (value.len > MAX_KEY_BYTES) {
        struct digest digest = hash_digest(value);
        snprintf(text, sizeof text, "#%016" PRIx64 "%016" PRIx64,
                 digest.half[0], digest.half[1]);
        value = str_of(text);
    }
    wire_put_text(buf, value, 2);
}

/* Which windows partition holds (fingerprint, key_id). */
static int32_t
partition_of(struct digest fingerprint, struct digest key_id, int n_partitions)
{
    uint64_t mixed = fingerprint.half[0] ^ key_id.half[1];
    return (int32_t)(mixed % (uint64_t)n_partitions);
}

bool
window_batch_add(struct window_batch *batch, const struct window_entry *entry)
{
    size_t from = batch->texts.len;
    bool fits =
        entry->steps != 0 && entry->brief < batch->n_briefs &&
        batch->briefs[entry->brief].to > batch->briefs[entry->brief].from &&
        entry->key.len <= MAX_KEY_TEXT_BYTES &&
        entry->carry.len <= MAX_KEY_TEXT_BYTES &&
        entry->names.len <= MAX_FIRING_NAMES_BYTES;
    if (fits) {
        wire_put_text(&batch->texts, entry->key, 2);
        put_value(&batch->texts, entry->value);
        wire_put_text(&batch->texts, entry->carry, 2);
        wire_put_text(&batch->texts, entry->names, 2);
    }
    if (!fits || batch->texts.full) {
        batch->texts.len = from; /* half an entry is none */
        batch->refused++;
        return false;
    }
    batch->entries = more_room(batch->entries, batch->n_entries,
                               &batch->entries_room, sizeof *batch->entries);
    int64_t number = (int64_t)batch->n_entries++;
    batch->entries[number] = (struct batch_entry){
        .fingerprint = entry->fingerprint,
        .key_id = entry->key_id,
        .steps = entry->steps,
        .weight = entry->weight > 0 ? entry->weight : 1,
        .brief = entry->brief,
        .from = from,
        .to = batch->texts.len,
        .next = NO_ENTRY,
    };
    struct chain *chain = &batch->chains[partition_of(
        entry->fingerprint, entry->key_id, batch->n_partitions)];
    if (chain->first == NO_ENTRY)
        chain->first = number;
    else
        batch->entries[chain->last].next = number;
    chain->last = number;
    return true;
}

/* One record under way. */
struct flushing {
    struct window_batch *batch;
    const struct window_cause *cause;
    struct output output;
    const struct sink *sink;
    uint32_t running, n_briefs, n_entries;
};

static void
put_entry(struct flushing *f, const struct batch_entry *entry)
{
    struct window_batch *batch = f->batch;
    struct batch_brief *brief = &batch->briefs[entry->brief];
    struct str texts = buf_str(&batch->texts);
    if (brief->number == NOT_SENT) {
        brief->number = f->n_briefs++;
        buf_add(&batch->head, str_cut(texts, brief->from, brief->to));
    }
    wire_put_digest(&batch->body, entry->fingerprint);
    wire_put_digest(&batch->body, entry->key_id);
    wire_put(&batch->body, entry->steps, 4);
    wire_put(&batch->body, entry->weight, 4);
    wire_put(&batch->body, (uint64_t)brief->number, 4);
    buf_add(&batch->body, str_cut(texts, entry->from, entry->to));
    f->n_entries++;
}

static void
send_record(struct flushing *f)
{
    struct window_batch *batch = f->batch;
    buf_clear(&batch->record);
    window_record_begin(&batch->record, f->cause, f->running++);
    wire_put(&batch->record, f->n_briefs, 4);
    buf_add(&batch->record, buf_str(&batch->head));
    wire_put(&batch->record, f->n_entries, 4);
    buf_add(&batch->record, buf_str(&batch->body));
    f->output.value = buf_str(&batch->record);
    f->sink->send(f->sink->context, &f->output, false);
    buf_clear(&batch->head);
    buf_clear(&batch->body);
    f->n_briefs = f->n_entries = 0;
    for (size_t i = 0; i < batch->n_briefs; i++)
        batch->briefs[i].number = NOT_SENT;
}

void
window_batch_flush(struct window_batch *batch, const struct window_cause *cause,
                   struct str topic, const struct sink *sink)
{
    struct flushing f = {
        .batch = batch,
        .cause = cause,
        .output = {.topic = topic, .no_key = true, .packed = true},
        .sink = sink,
    };
    for (int p = 0; batch->n_entries > 0 && p < batch->n_partitions; p++) {
        struct chain *chain = &batch->chains[p];
        f.running = 0;
        f.output.partition = p;
        for (int64_t i = chain->first; i != NO_ENTRY;
             i = batch->entries[i].next) {
            put_entry(&f, &batch->entries[i]);
            if (batch->head.len + batch->body.len >= MAX_WINDOW_RECORD_BYTES)
                send_record(&f);
        }
        if (f.n_entries > 0)
            send_record(&f);
        *chain = (struct chain){NO_ENTRY, NO_ENTRY};
    }
    batch->n_briefs = batch->n_entries = 0;
    buf_clear(&batch->texts);
}

void
window_id(char id[WINDOW_ID_LEN], struct digest fingerprint,
          struct digest key_id)
{
    /* both are digests: their sum is spread as well as a digest of them */
    uint64_t sum = fingerprint.half[1] + key_id.half[0];
    for (int i = WINDOW_ID_LEN - 1; i >= 0; i--, sum >>= 4)
        id[i] = "0123456789abcdef"[sum & 15];
}
