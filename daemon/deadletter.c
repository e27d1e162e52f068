/* SPDX-License-Identifier: Apache-2.0
 *
 * A record is a letter of ours when it has a position, a time and a reason;
 * anything else on the topic is somebody else's. */
#include "deadletter.h"
#include "ingest/ingest.h"
#include "model/position.h"

/* Of the original, where the letter has only the beginning of it. */
static bool
size_read(const struct record *record, uint64_t *size_bytes)
{
    struct str text = record_header(record, STR("size"));
    int64_t n;
    if (text.at == NULL)
        return true;
    if (!str_to_i64(text, &n) || n < 0)
        return false;
    *size_bytes = (uint64_t)n;
    return true;
}

bool
deadletter_read(const struct record *record, struct deadletter *letter)
{
    struct position position;
    *letter = (struct deadletter){
        .position = record_header(record, STR("position")),
        .stage = record_header(record, STR("stage")),
        .reason = record_header(record, STR("reason")),
        .detail = record_header(record, STR("detail")),
        .indexes = record_header(record, STR("indexes")),
        .version = record_header(record, STR("version")),
        .letter_ms = record->timestamp_ms,
        .partition = record->partition,
        .offset = record->offset,
        .size_bytes = record->value.len,
        .n_seen = 1,
    };
    letter->of_output = str_equal(letter->reason, STR(INGEST_OUTPUT_TOO_LARGE));
    return position_from(letter->position, &position) &&
           letter->reason.len > 0 && size_read(record, &letter->size_bytes) &&
           str_to_i64(record_header(record, STR("timestamp")),
                      &letter->message_ms);
}
