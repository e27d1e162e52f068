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
        if (at[i].aside)
            buf_add(buf, STR(" aside"));
        buf_char(buf, '\n');
    }
}
