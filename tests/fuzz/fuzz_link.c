/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a token: none is ours. And any bytes as the payload of one that
 * is signed: what is read is written again byte for byte.
 * seeds: tests/fuzz/corpus/link */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "model/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str key = {"0123456789abcdef0123456789abcdef", 32};
    static struct buf again;
    struct link link;
    char *copy = malloc(size ? size : 1);
    assert(copy);
    if (size > 0)
        memcpy(copy, data, size);
    struct str text = {copy, size};
    assert(link_read(text, key, 0, &link) == LINK_WRONG);
    struct link made = {.person = str_cut(text, 0, size / 2),
                        .message = STR("m"),
                        .issued_ms = 1000,
                        .expires_ms = 2000,
                        .ticket = {str_cut(text, size / 2, size)},
                        .n_tickets = 1};
    /* Ids have no dots, those of tickets no hyphens: the caller's promise. */
    bool plain = memchr(copy, '.', size) == NULL &&
                 memchr(copy + size / 2, '-', size - size / 2) == NULL;
    buf_clear(&again);
    link_write(&again, key, &made);
    if (link_read(buf_str(&again), key, 0, &link) == LINK_GOOD && plain) {
        assert(str_equal(link.person, made.person));
        assert(str_equal(link.ticket[0], made.ticket[0]));
    }
    free(copy);
    return 0;
}
