/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a word of a mapping's tables: folding never grows, does not
 * care for the case of ASCII letters, and gives all or nothing.
 * seeds: tests/fuzz/corpus/words */
#include "fuzz.h"
#include "ingest/source_priv.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy(data, size), *folded = fuzz_copy(data, size);
    char *other = fuzz_copy(data, size);
    size_t len = word_fold((struct str){copy, size}, folded, size);
    assert(len <= size);
    for (size_t i = 0; i < size; i++)
        if (copy[i] >= 'a' && copy[i] <= 'z')
            copy[i] = (char)(copy[i] - 'a' + 'A');
    assert(word_fold((struct str){copy, size}, other, size) == len);
    assert(memcmp(folded, other, len) == 0);
    if (len > 0)
        assert(word_fold((struct str){copy, size}, other, len - 1) == 0);
    free(copy);
    free(folded);
    free(other);
    return 0;
}
