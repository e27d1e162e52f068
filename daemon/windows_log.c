/* SPDX-License-Identifier: Apache-2.0
 *
 * Records one behind the other in a buffer, which is emptied when all are
 * given. */
#include "windows_log.h"

#include "base/wire.h"
#include "model/limits.h"

#define MAX_WAITING_BYTES ((size_t)1 << 30)

bool
windows_log_take(struct windows_log *log, const struct output *output)
{
    if (!str_equal(output->topic, log->topic))
        return false;
    log->waiting.max_bytes = MAX_WAITING_BYTES;
    wire_put_text(&log->waiting, output->value, 4);
    log->failed |= log->waiting.full;
    return true;
}

bool
windows_log_next(struct windows_log *log, struct str *value)
{
    struct wire wire = {
        str_cut(buf_str(&log->waiting), log->at, log->waiting.len), false};
    if (log->failed || wire.rest.len == 0) {
        buf_clear(&log->waiting);
        log->at = 0;
        return false;
    }
    struct str text = wire_get_text(&wire, 4);
    log->at += 4 + text.len;
    log->out.max_bytes = MAX_OUTPUT_BYTES;
    buf_clear(&log->out);
    buf_add(&log->out, text);
    *value = buf_str(&log->out);
    return true;
}

void
windows_log_free(struct windows_log *log)
{
    buf_free(&log->waiting);
    buf_free(&log->out);
}
