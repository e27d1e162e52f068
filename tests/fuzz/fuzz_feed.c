/* SPDX-License-Identifier: Apache-2.0
 *
 * A line that is a filter, then any bytes as a record of the feed: what is
 * read may be filtered and shown, and nothing that is shown can move a
 * terminal. The JSON is also searched for a key, as `produce --key` does.
 * seeds: tests/fuzz/corpus/feed */
#include "daemon/feed_filter.h"
#include "daemon/feed_screen.h"
#include "daemon/produce_key.h"
#include "fuzz.h"

/* No control characters, also none of C1, but the last line end. */
static void
check_harmless(const struct buf *buf)
{
    for (size_t i = 0; i < buf->len; i++) {
        unsigned char c = (unsigned char)buf->at[i];
        assert((c >= 0x20 && c != 0x7f) || (c == '\n' && i + 1 == buf->len));
        if (i > 0 && (unsigned char)buf->at[i - 1] == 0xc2)
            assert(c >= 0xa0);
    }
}

static void
show(const struct json *root, struct str json, const struct filters *filters)
{
    static struct buf buf;
    struct feed_line line;
    struct screen screen = {.english = true, .tickets = true};
    screen_layout(&screen, 120);
    buf_clear(&buf);
    screen_json(&buf, json);
    check_harmless(&buf);
    if (!feed_read(root, &line))
        return;
    filters_match(filters, &line);
    buf_clear(&buf);
    screen_line(&buf, &screen, &line, line.unit, line.rule_name);
    check_harmless(&buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_reader *reader;
    static struct arena scratch;
    if (!reader) {
        screen_start();
        reader = json_reader_new_large();
        scratch = fuzz_arena((size_t)256 << 20);
    }
    char *copy = fuzz_copy(data, size);
    struct str json = {copy, size}, first;
    struct arena rest = scratch;
    struct filters filters = {.n = 0};
    const struct json *root;
    struct str key;
    struct err why = {""};
    if (str_split(&json, '\n', &first)) {
        const char *text = arena_copy(&rest, first).at;
        assert(text);
        assert(filters_add(&filters, text, &why) || why.text[0]);
        produce_key_find(reader, json, first, &rest, &key);
        if (json_read(reader, json, &rest, &root) == JSON_FINE)
            show(root, json, &filters);
    }
    free(copy);
    return 0;
}
