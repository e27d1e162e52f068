/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes made safe: the JSON string is one that our strict reader takes, at
 * every length of buffer the result is whole or not there, and HTML and CSV
 * let nothing through that they promise to stop.
 * seeds: tests/fuzz/corpus/words */
#include "base/buf.h"
#include "base/json.h"
#include "fuzz.h"

#define SCRATCH_BYTES ((size_t)64 << 20)

static void
check_whole_or_nothing(void (*add)(struct buf *, struct str), struct str text,
                       size_t max)
{
    struct buf buf = {.max_bytes = max + 3};
    buf_add(&buf, STR("abc"));
    add(&buf, text);
    assert(buf.len <= buf.max_bytes && (!buf.full || buf.len == 3));
    buf_free(&buf);
}

static void
check_json(struct str text, struct buf *buf)
{
    static struct json_reader *reader;
    static struct arena scratch;
    if (!reader) {
        reader = json_reader_new();
        scratch = arena_reserve(SCRATCH_BYTES);
        assert(reader && scratch.at);
    }
    struct arena rest = scratch;
    const struct json *root;
    buf_clear(buf);
    buf_json(buf, text);
    for (size_t i = 0; i < buf->len; i++) {
        assert((unsigned char)buf->at[i] >= 0x20 && buf->at[i] != 0x7f);
    }
    assert(json_read(reader, buf_str(buf), &rest, &root) == JSON_FINE);
    assert(root->type == JSON_STRING);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf buf;
    if (size > 100000) {
        return 0; /* six times as long must stay below what is read */
    }
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    check_json(text, &buf);
    buf_clear(&buf);
    buf_html(&buf, text);
    for (size_t i = 0; i < buf.len; i++) {
        assert(!memchr("<>\"'\r\x1b", buf.at[i], 6));
    }
    buf_clear(&buf);
    buf_csv(&buf, text);
    assert(buf.len == 0 || !memchr("=@\t\r", buf.at[0], 4));
    size_t max = size > 0 ? data[0] : 0;
    check_whole_or_nothing(buf_json, text, max);
    check_whole_or_nothing(buf_html, text, max);
    check_whole_or_nothing(buf_csv, text, max);
    free(copy);
    return 0;
}
