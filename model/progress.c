/* SPDX-License-Identifier: Apache-2.0
 *
 * Progress records as text: short, readable in any Kafka tool, and written a
 * few times a second at most. */
#include "model/progress.h"

#include "base/times.h"

#include <inttypes.h>

#define HEADING "progress 1\n"

void
progress_write(struct buf *buf, const struct progress *at, size_t n)
{
    buf_add(buf, STR(HEADING));
    for (size_t i = 0; i < n; i++) {
        buf_add(buf, at[i].topic);
        buf_format(buf, " %" PRId32 " %" PRIu32 " %" PRId64 " ",
                   at[i].partition, at[i].incarnation, at[i].offset);
        if (at[i].watermark_ms == NO_TIME)
            buf_char(buf, '-');
        else
            buf_i64(buf, at[i].watermark_ms);
        buf_char(buf, '\n');
    }
}

bool
progress_read(struct str *text, struct progress *at)
{
    if (str_starts(*text, STR(HEADING)))
        *text = str_cut(*text, sizeof HEADING - 1, text->len);
    struct str rest = *text, line, part[5];
    if (!str_split(&rest, '\n', &line))
        return false;
    for (size_t i = 0; i < 5; i++)
        if (!str_split(&line, ' ', &part[i]))
            return false;
    int64_t partition, incarnation, offset, watermark = NO_TIME;
    if (line.len > 0 || !str_to_i64(part[1], &partition) || partition < 0 ||
        partition > INT32_MAX || !str_to_i64(part[2], &incarnation) ||
        incarnation < 0 || incarnation > UINT32_MAX ||
        !str_to_i64(part[3], &offset) ||
        (!str_equal(part[4], STR("-")) && !str_to_i64(part[4], &watermark)))
        return false;
    *at = (struct progress){part[0], (int32_t)partition, (uint32_t)incarnation,
                            offset, watermark};
    *text = rest;
    return true;
}
