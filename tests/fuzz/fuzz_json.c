/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes: no crash, no read past the end, and a tree that adds up. The tree
 * must stand again when its own raw text is read.
 * seeds: tests/cases/sources */
#include "base/json.h"
#include "fuzz.h"

#define SCRATCH_BYTES ((size_t)64 << 20)

/* Every node lies in its parent, and skips and counts agree. */
static void
check_tree(const struct json *node, unsigned depth)
{
    assert(depth <= 64);
    assert(node->type <= JSON_OBJECT && node->skip > 0);
    if (node->type != JSON_ARRAY && node->type != JSON_OBJECT) {
        assert(node->skip == 1 && node->n_children == 0);
        return;
    }
    const struct json *child = node + 1;
    uint32_t skip = 1;
    for (uint32_t i = 0; i < node->n_children; i++) {
        check_tree(child, depth + 1);
        if (node->type == JSON_OBJECT)
            assert(json_get(node, child->key) == child);
        skip += child->skip;
        child = json_next(child);
    }
    assert(skip == node->skip);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_reader *reader;
    static struct arena scratch;
    if (!reader) {
        reader = json_reader_new();
        scratch = arena_reserve(SCRATCH_BYTES);
        assert(reader && scratch.at);
    }
    struct arena rest = scratch;
    const struct json *root = NULL, *again = NULL;
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    if (json_read(reader, text, &rest, &root) == JSON_FINE) {
        /* json_get is linear: with many members the check would be square. */
        if (root->skip < 2000)
            check_tree(root, 0);
        if (root->type != JSON_STRING)
            assert(json_read(reader, root->text, &rest, &again) == JSON_FINE &&
                   again->skip == root->skip);
    }
    struct arena small = {scratch.at, scratch.at + size % 512};
    json_read(reader, text, &small, &again);
    free(copy);
    return 0;
}
