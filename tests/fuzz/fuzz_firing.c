/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as what goes with a firing: what is read is written again byte for
 * byte.
 * seeds: tests/fuzz/corpus/firing */
#include "fuzz.h"

#include "model/firing.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf buf;
    static struct firing firing;
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    if (firing_read(text, &firing)) {
        firing_write(&buf, &firing);
        assert(str_equal(buf_str(&buf), text));
    }
    free(copy);
    return 0;
}
