/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the name of a count cell: what is read is written again byte
 * for byte; and any bytes as the text of a cell are written and read back.
 * seeds: tests/fuzz/corpus/counts */
#include "base/arena.h"
#include "fuzz.h"
#include "model/counts.h"

#define SCRATCH_BYTES ((size_t)64 << 20)

static void
check_written(struct str text, struct arena scratch, struct buf *buf)
{
    const struct count_cell cell = {
        .day = 19996,
        .source = str_cut(text, 0, text.len / 2),
        .vendor_severity = text,
        .severity = (enum severity)(text.len % N_SEVERITIES),
        .unit = str_cut(text, text.len / 2, text.len),
        .system = str_cut(text, 1, text.len),
        .level = (int)(text.len % 6),
    };
    struct count_cell back = {0};
    buf_clear(buf);
    count_cell_write(buf, &cell);
    assert(!buf->full && count_cell_read(buf_str(buf), &scratch, &back));
    assert(back.day == cell.day && back.severity == cell.severity &&
           back.level == cell.level && str_equal(back.source, cell.source) &&
           str_equal(back.vendor_severity, cell.vendor_severity) &&
           str_equal(back.unit, cell.unit) &&
           str_equal(back.system, cell.system));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf buf;
    static struct arena scratch;
    if (!scratch.at) {
        scratch = arena_reserve(SCRATCH_BYTES);
        assert(scratch.at);
    }
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct arena rest = scratch;
    struct count_cell cell;
    if (count_cell_read(text, &rest, &cell)) {
        buf_clear(&buf);
        count_cell_write(&buf, &cell);
        assert(str_equal(buf_str(&buf), text));
    }
    check_written(text, scratch, &buf);
    free(copy);
    return 0;
}
