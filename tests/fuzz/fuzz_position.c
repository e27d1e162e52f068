/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a position: what is read is written again byte for byte, so
 * that no position has two spellings.
 * seeds: tests/fuzz/corpus/position */
#include "fuzz.h"
#include "model/position.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf buf;
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct position position = {.partition = -1};
    if (position_from(text, &position)) {
        buf_clear(&buf);
        buf_position(&buf, &position);
        assert(str_equal(buf_str(&buf), text));
    } else {
        assert(position.partition == -1);
    }
    free(copy);
    return 0;
}
