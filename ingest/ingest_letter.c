/* SPDX-License-Identifier: Apache-2.0
 *
 * Dead letters (DESIGN 5, STREAM 29): the original bytes and key on the
 * dead-letter topic, with position, timestamp, stage, reason and version as
 * headers; bad elements of one message share one letter that lists them. A
 * retry comes back to the same partition with its origin in a header, and
 * takes its identity. */
#include "ingest_priv.h"

#include "base/times.h"

#include <inttypes.h>

#define ORIGIN_HEADER STR("thapcanh-origin")

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

void
letter_send(struct message *message, enum split_fault fault, struct str indexes,
            uint32_t n)
{
    struct ingest_state *state = message->state;
    struct ingest *ingest = state->ingest;
    const struct record *record = message->record;
    struct buf *text = &ingest->name;
    message->identity.index = 0;
    buf_clear(text);
    buf_position(text, &message->identity);
    size_t at = text->len;
    buf_i64(text, record->timestamp_ms);
    const struct header header[] = {
        {STR("position"), str_cut(buf_str(text), 0, at)},
        {STR("timestamp"), str_cut(buf_str(text), at, text->len)},
        {STR("stage"), STR("ingest")},
        {STR("reason"), split_fault_id(fault)},
        {STR("detail"), split_fault_words(fault)},
        {STR("version"), ingest->plan->version},
        {STR("indexes"), indexes},
    };
    struct output output = {
        .topic = ingest->plan->deadletter_topic,
        .partition = PARTITION_BY_KEY,
        .no_key = record->null_key,
        .key = record->key,
        .value = record->value,
        .header = header,
        .n_headers = indexes.len > 0 ? 7 : 6,
    };
    message->sink->send(message->sink->context, &output, false);
    struct letter letter = {
        .incarnation = message->identity.incarnation,
        .offset = message->identity.offset,
        .day = message->arrival_day,
        .indexes = indexes,
        .n = n,
    };
    letters_open(state->letters, &letter);
    struct str source = source_name(state->source);
    tally_book(state->tally, letter.day, source, BOOK_IN, n);
    tally_book(state->tally, letter.day, source, BOOK_DEAD_LETTERS, n);
}
