/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an address and as a prefix: what is read is written and reads
 * the same again; what is refused has a reason.
 * seeds: tests/fuzz/corpus/address */
#include "base/address.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct address address;
    struct prefix prefix, again;
    char written[PREFIX_TEXT];
    struct err why = {""};
    if (address_from(text, &address)) {
        assert(address_equal(address_cut(address, 128), address));
        address_public(address);
    }
    if (prefix_from(text, &prefix, &why)) {
        size_t len = prefix_text(&prefix, written);
        assert(len > 0 && len < sizeof written);
        assert(prefix_from((struct str){written, len}, &again, &why));
        assert(again.bits == prefix.bits &&
               address_equal(again.address, prefix.address));
    } else {
        assert(why.text[0]);
    }
    free(copy);
    return 0;
}
