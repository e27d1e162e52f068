/* SPDX-License-Identifier: Apache-2.0
 *
 * Positions as text. A position is an identity, so it has exactly one
 * spelling: "007" and "+7" are no numbers here. */
#include "model/position.h"

#include <string.h>

void
buf_position(struct buf *buf, const struct position *position)
{
    size_t start = buf->len;
    bool was_full = buf->full;
    buf->full = false;
    buf_add(buf, position->topic);
    buf_char(buf, '/');
    buf_i64(buf, position->partition);
    buf_char(buf, '/');
    buf_u64(buf, position->incarnation);
    buf_char(buf, '/');
    buf_i64(buf, position->offset);
    buf_char(buf, '/');
    buf_u64(buf, position->index);
    if (buf->full) {
        buf->len = start;
    }
    buf->full = buf->full || was_full;
}

/* Takes "/number" off the end of `*text`. */
static bool
take_number(struct str *text, int64_t max, int64_t *n)
{
    const char *slash =
        text->len > 0 ? memrchr(text->at, '/', text->len) : NULL;
    if (!slash) {
        return false;
    }
    size_t at = (size_t)(slash - text->at);
    struct str digits = str_cut(*text, at + 1, text->len);
    if (!str_to_i64(digits, n) || *n < 0 || *n > max || digits.at[0] == '-' ||
        (digits.at[0] == '0' && digits.len > 1)) {
        return false;
    }
    *text = str_cut(*text, 0, at);
    return true;
}

/* From the end, where the numbers are: a topic may look like anything. */
bool
position_from(struct str text, struct position *position)
{
    int64_t index, offset, incarnation, partition;
    if (!take_number(&text, UINT32_MAX, &index) ||
        !take_number(&text, INT64_MAX, &offset) ||
        !take_number(&text, UINT32_MAX, &incarnation) ||
        !take_number(&text, INT32_MAX, &partition) || text.len == 0) {
        return false;
    }
    *position = (struct position){
        .topic = text,
        .partition = (int32_t)partition,
        .incarnation = (uint32_t)incarnation,
        .offset = offset,
        .index = (uint32_t)index,
    };
    return true;
}

int
position_compare(const struct position *a, const struct position *b)
{
    int topic = str_compare(a->topic, b->topic);
    if (topic != 0)
        return topic;
    if (a->partition != b->partition)
        return a->partition < b->partition ? -1 : 1;
    if (a->incarnation != b->incarnation)
        return a->incarnation < b->incarnation ? -1 : 1;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}
