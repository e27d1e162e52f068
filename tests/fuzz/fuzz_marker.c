/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a marker, and as the last piece of a snapshot: what is read,
 * written and read again is the same.
 * seeds: tests/fuzz/corpus/marker */
#include "base/snapshot_priv.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf buf;
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct marker marker, back;
    struct snapshot head = {0}, again = {0};
    if (marker_read(text, &marker)) {
        buf_clear(&buf);
        marker_write(&buf, &marker);
        assert(marker_read(buf_str(&buf), &back));
        assert(marker_compare(&marker, &back) == 0 &&
               strcmp(marker.cluster, back.cluster) == 0 &&
               marker.has_last == back.has_last &&
               marker.last_ms == back.last_ms &&
               marker.last_crc == back.last_crc);
    }
    if (snapshot_head_read(text, &head)) {
        buf_clear(&buf);
        snapshot_head_write(&buf, &head);
        assert(snapshot_head_read(buf_str(&buf), &again));
        assert(head.id == again.id && head.n_pieces == again.n_pieces &&
               head.n_fields == again.n_fields && head.crc == again.crc &&
               head.slot == again.slot &&
               marker_compare(&head.marker, &again.marker) == 0);
    }
    free(copy);
    return 0;
}
