/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict JSON (RFC 8259) into a flat tree. The nodes stand in document order
 * in one array: the children of a node follow it, its next sibling is `skip`
 * nodes on. Strings are unescaped; numbers keep the text they were written
 * with, so 2^53+1 stays itself; objects and arrays keep their raw text. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/arena.h"
#include "base/err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json {
    struct str key;  /* member name, unescaped; empty inside arrays */
    struct str text; /* see above; "null", "true", "false" too */
    enum json_type type;
    uint32_t n_children;
    uint32_t skip; /* nodes of this subtree, itself included */
};

/* Why a text was refused: each is a named outcome of its own.
 * X(name, words for people) */
#define JSON_FAULTS(X)                                                         \
    X(JSON_FINE, "fine")                                                       \
    X(JSON_EMPTY, "empty")                                                     \
    X(JSON_TOO_LARGE, "larger than allowed")                                   \
    X(JSON_NOT_UTF8, "not valid UTF-8")                                        \
    X(JSON_SYNTAX, "not valid JSON")                                           \
    X(JSON_TRAILING, "bytes after the end of the JSON")                        \
    X(JSON_TOO_DEEP, "nested deeper than 64")                                  \
    X(JSON_DUPLICATE_KEY, "the same key twice in one object")                  \
    X(JSON_NUMBER_RANGE, "a number out of range")                              \
    X(JSON_TOO_MANY, "too many values")

enum json_fault {
#define X(name, words) name,
    JSON_FAULTS(X)
#undef X
};

const char *json_fault_words(enum json_fault fault);

struct json_reader; /* holds the library's buffers; one per thread */

/* NULL: out of memory. The first takes what a sensor may send, 1 MiB; the
 * second what this program has written itself, 16 MiB: a feed record is larger
 * than the alert in it. */
struct json_reader *json_reader_new(void);
struct json_reader *json_reader_new_large(void);
void json_reader_free(struct json_reader *reader);

/* Reads exactly one value from `text`. On JSON_FINE `*root` is the tree, in
 * `scratch`; its strings lie in `scratch` or in `text` (borrows both). Depth:
 * the outermost object or array is 1. No allocation after warm-up. */
enum json_fault json_read(struct json_reader *reader, struct str text,
                          struct arena *scratch, const struct json **root);

static inline const struct json *
json_first(const struct json *node)
{
    return node->n_children > 0 ? node + 1 : NULL;
}

static inline const struct json *
json_next(const struct json *node)
{
    return node + node->skip; /* the caller counts n_children */
}

/* Well-formed UTF-8, some ten bytes a nanosecond. */
bool json_is_utf8(struct str text);

/* The member called `key`, or NULL (also when `node` is no object). */
const struct json *json_get(const struct json *node, struct str key);

#ifdef __cplusplus
}
#endif

#endif
