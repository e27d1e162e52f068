/* SPDX-License-Identifier: Apache-2.0
 *
 * Dead letters (DESIGN 5, STREAM 29): the original bytes and key on the
 * dead-letter topic, with position, timestamp, stage, reason and version as
 * headers; bad elements of one message share one letter that lists them. A
 * retry comes back to the same partition with its origin in a header, and
 * takes its identity. Whoever writes to the partition can write that header
 * too: it is believed only with the bytes of the letter.
 *
 * What is larger than any topic of ours takes is cut, and says so; what is
 * left is still too large to be an alert, so that a retry cannot count it. */
#include "ingest_priv.h"

#include "base/times.h"

#include <inttypes.h>

#define ORIGIN_HEADER STR("thapcanh-origin")

/* The bytes and the key as they fit on the topic; true when they were cut. */
static bool
fit(const struct record *record, struct str *key, struct str *value)
{
    *key = record->key;
    *value = record->value;
    if (key->len + value->len <= MAX_OUTPUT_BYTES)
        return false;
    *key = str_cut(*key, 0, MAX_KEY_BYTES);
    *value = str_cut(*value, 0, MAX_MESSAGE_BYTES + 1);
    return true;
}

/* Of what stands on the letter, so of what comes back. */
static struct digest
bytes_of(const struct record *record)
{
    struct str part[2];
    fit(record, &part[0], &part[1]);
    return hash_digest_of(part, 2);
}

static bool
same_bytes(const struct letter *letter, const struct record *record)
{
    struct digest bytes = bytes_of(record);
    return letter->any_bytes || (bytes.half[0] == letter->bytes.half[0] &&
                                 bytes.half[1] == letter->bytes.half[1]);
}

bool
letter_take_origin(struct message *message)
{
    struct ingest_state *state = message->state;
    struct str header = record_header(message->record, ORIGIN_HEADER);
    if (!header.at)
        return true;
    struct position origin;
    if (!position_from(header, &origin) ||
        !str_equal(origin.topic, buf_str(&state->topic)) ||
        origin.partition != state->partition ||
        !letters_find(state->letters, origin.incarnation, origin.offset,
                      &message->letter))
        return false;
    if (!same_bytes(&message->letter, message->record)) {
        message->letter = (struct letter){0};
        return true; /* no retry: a message like any other */
    }
    message->letter.indexes =
        arena_copy(&message->scratch, message->letter.indexes);
    message->retried = true;
    message->identity.incarnation = origin.incarnation;
    message->identity.offset = origin.offset;
    letters_close(state->letters, origin.incarnation, origin.offset);
    struct str source = source_name(state->source);
    int64_t n = message->letter.n;
    tally_book(state->tally, message->letter.day, source, BOOK_DEAD_LETTERS,
               -n);
    tally_book(state->tally, message->letter.day, source, BOOK_IN, -n);
    return true;
}

bool
letter_wants(const struct message *message, uint32_t index)
{
    if (!message->retried || message->letter.indexes.len == 0)
        return true;
    struct str rest = message->letter.indexes, part;
    int64_t number;
    while (str_split(&rest, ',', &part))
        if (str_to_i64(part, &number) && number == index)
            return true;
    return false;
}

uint32_t
letter_missing(const struct message *message, size_t n, struct buf *indexes)
{
    uint32_t n_missing = 0;
    struct str rest = message->retried ? message->letter.indexes : NO_STR, part;
    int64_t number;
    while (str_split(&rest, ',', &part)) {
        if (!str_to_i64(part, &number) || (uint64_t)number < n)
            continue;
        if (indexes->len > 0)
            buf_char(indexes, ',');
        buf_add(indexes, part);
        n_missing++;
    }
    return n_missing;
}

/* What a letter says of the message it stands for. */
struct reason {
    struct str id, words;
    struct str indexes; /* of the bad elements; empty: all of it */
    bool whole;         /* with the original bytes, as far as they fit */
};

static void
write_letter(struct ingest *ingest, const struct record *record,
             const struct position *identity, const struct reason *reason,
             const struct sink *sink)
{
    struct buf *text = &ingest->name;
    buf_clear(text);
    buf_position(text, identity);
    size_t at = text->len;
    buf_i64(text, record->timestamp_ms);
    size_t then = text->len;
    buf_u64(text, record->value.len);
    struct str key, value;
    bool cut = fit(record, &key, &value);
    const struct header header[] = {
        {STR("position"), str_cut(buf_str(text), 0, at)},
        {STR("timestamp"), str_cut(buf_str(text), at, then)},
        {STR("stage"), STR("ingest")},
        {STR("reason"), reason->id},
        {STR("detail"),
         cut ? STR("larger than 8 MiB: cut, the whole is at its position")
             : reason->words},
        {STR("version"), ingest->plan->version},
        {STR("size"), str_cut(buf_str(text), then, text->len)},
        {STR("indexes"), reason->indexes},
    };
    struct output output = {
        .topic = ingest->plan->deadletter_topic,
        .partition = PARTITION_BY_KEY,
        .no_key = record->null_key || !reason->whole,
        .key = key,
        .value = reason->whole ? value : STR(""),
        .header = header,
        .n_headers = reason->indexes.len > 0 ? 8 : 7,
    };
    sink->send(sink->context, &output, false);
}

void
letter_for_output(void *context, const struct record *record,
                  uint32_t incarnation, struct str why, bool whole,
                  const struct sink *sink)
{
    struct ingest_state *state = context;
    const struct position identity = {buf_str(&state->topic), state->partition,
                                      incarnation, record->offset, 0};
    const struct reason reason = {
        .id = STR(INGEST_OUTPUT_TOO_LARGE),
        .words = why,
        .whole = whole,
    };
    write_letter(state->ingest, record, &identity, &reason, sink);
}

void
letter_send(struct message *message, enum split_fault fault, struct str indexes,
            uint32_t n)
{
    struct ingest_state *state = message->state;
    message->identity.index = 0;
    const struct reason reason = {
        .id = split_fault_id(fault),
        .words = split_fault_words(fault),
        .indexes = indexes,
        .whole = true,
    };
    write_letter(state->ingest, message->record, &message->identity, &reason,
                 message->sink);
    struct letter letter = {
        .incarnation = message->identity.incarnation,
        .offset = message->identity.offset,
        .day = message->arrival_day,
        .indexes = indexes,
        .n = n,
        .bytes = bytes_of(message->record),
    };
    letters_open(state->letters, &letter);
    struct str source = source_name(state->source);
    tally_book(state->tally, letter.day, source, BOOK_IN, n);
    tally_book(state->tally, letter.day, source, BOOK_DEAD_LETTERS, n);
}
