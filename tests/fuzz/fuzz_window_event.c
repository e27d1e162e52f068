/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a record on soc.windows: what is read is written again byte for
 * byte; progress lines that were checked are all read, and so are the records
 * of a pack.
 * seeds: tests/fuzz/corpus/window_event */
#include "fuzz.h"

#include "base/pack.h"
#include "model/progress.h"
#include "model/window_event.h"
#include "tests/unit/window_record.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf buf;
    static struct arena arena;
    if (!arena.at)
        arena = arena_reserve((size_t)256 << 20);
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct arena scratch = arena;
    struct window_record record;
    struct err why;
    if (window_record_read(text, &scratch, &record, &why)) {
        buf_clear(&buf);
        window_record_write(&buf, &record);
        assert(str_equal(buf_str(&buf), text));
    }
    if (progress_check(text)) {
        struct progress_lines lines = progress_lines(text);
        struct progress at;
        buf_clear(&buf);
        buf_add(&buf, STR("progress 2\n"));
        while (progress_next(&lines, &at)) {
            struct buf one = {0};
            progress_write(&one, &at, 1);
            struct str line = buf_str(&one);
            buf_add(&buf, str_cut(line, sizeof "progress 2\n" - 1, line.len));
            buf_free(&one);
        }
        assert(str_equal(buf_str(&buf), text));
    }
    if (pack_check(text)) {
        struct str rest = pack_records(text), one;
        buf_clear(&buf);
        while (pack_next(&rest, &one))
            pack_add(&buf, one);
        assert(str_equal(buf_str(&buf), text));
    }
    free(copy);
    return 0;
}
