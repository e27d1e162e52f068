/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes: no crash, a tree or a complaint, and a tree within its limits.
 * seeds: deploy/sources deploy/inventory deploy/thapcanh.yml */
#include "base/yaml.h"
#include "fuzz.h"

#define ARENA_BYTES ((size_t)256 << 20)

/* How many nodes a reader of the tree sees. */
static size_t
walk(const struct yaml *node, unsigned depth, struct complaints *complaints)
{
    struct str s;
    int64_t n;
    int32_t day;
    size_t n_nodes = 1, n_children = 0;
    assert(depth <= 65);
    yaml_str(node, &s, complaints);
    yaml_i64(node, 0, 10, &n, complaints);
    yaml_duration_ms(node, 0, 1000, &n, complaints);
    yaml_date(node, &day, complaints);
    for (const struct yaml *child = node->first; child; child = child->next) {
        n_nodes += walk(child, depth + 1, complaints);
        n_children++;
    }
    assert(n_children == node->n_children);
    assert(n_nodes <= 1000000);
    return n_nodes;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static const struct str names[] = {{"name", 4}, {"key", 3}};
    if (!arena.at)
        arena = arena_reserve(ARENA_BYTES);
    assert(arena.at);
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct arena rest = arena, small = {arena.at, arena.at + size * 32};
    struct complaints complaints = {0};
    const struct yaml *root = yaml_parse("f", text, &rest, &complaints);
    assert(root || complaints.n_errors > 0);
    for (const struct yaml *doc = root; doc; doc = doc->next) {
        walk(doc, 1, &complaints);
        yaml_only(doc, names, 2, &complaints);
    }
    complaints_free(&complaints);
    yaml_parse("f", text, &small, &complaints);
    complaints_free(&complaints);
    free(copy);
    return 0;
}
