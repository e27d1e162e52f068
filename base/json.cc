/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON with simdjson behind a small C interface; the only C++ here.
 *
 * simdjson works in two stages: the first finds, with SIMD, where every token
 * begins, and checks UTF-8 and that strings are closed and free of control
 * characters; the second reads the tokens. We use the first and have a second
 * of our own, because both of the library's (DOM, On-Demand) hide what we must
 * keep: the text of a number, which fault it was, the offset of a value. So the
 * grammar is all in this file and nothing is checked lazily.
 *
 * What must stay true: every byte is a blank, or belongs to a token that the
 * walk below has checked. `stage1` is marked internal by the library: we build
 * against one pinned version of it, and the tests would notice a change. */
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <simdjson.h>
#include <sys/random.h>

#include "json_priv.h"

#define MAX_MESSAGE_TEXT ((size_t)1 << 20)
#define MAX_LARGE_TEXT ((size_t)16 << 20)
#define MAX_DEPTH 64

struct json_reader {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> scanner;
    uint8_t *copy; /* the text and the padding that the scanner wants */
    size_t max_bytes;
    uint64_t secret; /* keys the hash of large objects */
};

/* One text on its way into a tree. */
struct walk {
    const char *at; /* the copy of the text */
    size_t len;
    const char *original;  /* the caller's text: what slices point into */
    const uint32_t *token; /* where each token begins */
    size_t n_tokens;
    size_t next; /* the first token not yet taken */
    struct json *node;
    size_t n_nodes, max_nodes;
    size_t escape;   /* next backslash at or after the last string; len: none */
    char *unescaped; /* where the next unescaped string goes */
    uint64_t secret;
    /* Faults of meaning: reported only of a text whose grammar is right. */
    enum json_fault meaning;
};

const char *
json_fault_words(enum json_fault fault)
{
    static const char *const words[] = {
#define X(name, words) words,
        JSON_FAULTS(X)
#undef X
    };
    return (size_t)fault < sizeof words / sizeof *words ? words[fault]
                                                        : "unknown fault";
}

/* --- scalars */

static bool
is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What may follow a number, true, false or null. */
static bool
ends_word(const struct walk *walk, size_t at)
{
    if (at >= walk->len)
        return at == walk->len;
    char c = walk->at[at];
    return is_blank(c) || c == ',' || c == ']' || c == '}';
}

static size_t
skip_digits(const struct walk *walk, size_t at)
{
    while (at < walk->len && is_digit(walk->at[at]))
        at++;
    return at;
}

/* The power of ten of the first digit of [at, to) that is not 0. */
static int64_t
magnitude(const char *at, const char *to)
{
    at += *at == '-';
    const char *point = at;
    while (point < to && is_digit(*point))
        point++;
    int64_t weight = point - at - 1, exponent = 0;
    for (; at < to && (*at == '0' || *at == '.'); at++)
        weight -= *at == '0';
    while (at < to && (is_digit(*at) || *at == '.'))
        at++;
    if (at == to)
        return weight;
    at++; /* the 'e' */
    bool minus = *at == '-';
    at += minus || *at == '+';
    for (; at < to && exponent < 100000000; at++)
        exponent = exponent * 10 + (*at - '0');
    return minus ? weight - exponent : weight + exponent;
}

/* The conversion is exact and knows no locale. It says "out of range" of what
 * is too small as well: that is nearly zero, and fine. */
static bool
overflows(const char *at, const char *to)
{
    double d = 0;
    return std::from_chars(at, to, d).ec == std::errc::result_out_of_range &&
           magnitude(at, to) > 0;
}

/* RFC 8259, section 6. */
static bool
read_number(struct walk *walk, size_t from, size_t *to)
{
    size_t digits = from + (walk->at[from] == '-');
    size_t at = skip_digits(walk, digits);
    if (at == digits || (walk->at[digits] == '0' && at > digits + 1))
        return false;
    bool suspect = at - digits > 308; /* else finite without an exponent */
    if (at < walk->len && walk->at[at] == '.') {
        digits = ++at;
        at = skip_digits(walk, at);
        if (at == digits)
            return false;
    }
    if (at < walk->len && (walk->at[at] | 0x20) == 'e') {
        at++;
        if (at < walk->len && (walk->at[at] == '-' || walk->at[at] == '+'))
            at++;
        digits = at;
        at = skip_digits(walk, at);
        if (at == digits)
            return false;
        suspect = true;
    }
    if (suspect && walk->meaning == JSON_FINE &&
        overflows(walk->at + from, walk->at + at))
        walk->meaning = JSON_NUMBER_RANGE;
    *to = at;
    return true;
}

/* Where the next backslash is, from `from` on. */
static size_t
find_escape(const struct walk *walk, size_t from)
{
    const void *at = memchr(walk->at + from, '\\', walk->len - from);
    return at ? (size_t)(static_cast<const char *>(at) - walk->at) : walk->len;
}

/* The string whose opening quote, at `from`, is the token just taken. Its
 * closing quote is the last byte before the next token that is no blank. */
static bool
read_string(struct walk *walk, size_t from, struct str *s)
{
    size_t to =
        walk->next < walk->n_tokens ? walk->token[walk->next] : walk->len;
    while (to > from && is_blank(walk->at[to - 1]))
        to--;
    if (to < from + 2 || walk->at[to - 1] != '"')
        return false;
    from++;
    to--;
    if (walk->escape < from)
        walk->escape = find_escape(walk, from);
    if (walk->escape < to) {
        s->at = walk->unescaped;
        walk->unescaped =
            json_unescape(walk->unescaped, walk->at + from, walk->at + to);
        s->len = (size_t)(walk->unescaped - s->at);
        return walk->unescaped != nullptr;
    }
    s->at = walk->original + from;
    s->len = to - from;
    return true;
}

/* --- the walk */

/* Takes the next token; its first byte, or NUL at the end (a NUL in the text
 * begins no token either). */
static char
take(struct walk *walk, size_t *at)
{
    if (walk->next >= walk->n_tokens) {
        *at = walk->len;
        return '\0';
    }
    *at = walk->token[walk->next++];
    return walk->at[*at];
}

static enum json_fault
read_key(struct walk *walk, struct str *key)
{
    size_t at = 0;
    if (take(walk, &at) != '"' || !read_string(walk, at, key))
        return JSON_SYNTAX;
    return take(walk, &at) == ':' ? JSON_FINE : JSON_SYNTAX;
}

/* Where `word` ends if it stands at `at`, else `at`. */
static size_t
skip_word(const struct walk *walk, size_t at, const char *word, size_t len)
{
    bool found = walk->len - at >= len && memcmp(walk->at + at, word, len) == 0;
    return found ? at + len : at;
}

/* Reads the scalar that begins with `c` at `at` into `node`. */
static bool
read_scalar(struct walk *walk, char c, size_t at, struct json *node)
{
    size_t end = at;
    switch (c) {
    case '"':
        node->type = JSON_STRING;
        return read_string(walk, at, &node->text);
    case 't':
        node->type = JSON_TRUE;
        end = skip_word(walk, at, "true", 4);
        break;
    case 'f':
        node->type = JSON_FALSE;
        end = skip_word(walk, at, "false", 5);
        break;
    case 'n':
        node->type = JSON_NULL;
        end = skip_word(walk, at, "null", 4);
        break;
    default:
        node->type = JSON_NUMBER;
        if ((c != '-' && !is_digit(c)) || !read_number(walk, at, &end))
            return false;
    }
    node->text.at = walk->original + at;
    node->text.len = end - at;
    return end > at && ends_word(walk, end);
}

/* The hash set of a large object lies in the nodes that are still free: every
 * member left room for three more than it took, for its key, colon, comma. */
static enum json_fault
check_keys(struct walk *walk, const struct json *object)
{
    if (walk->meaning != JSON_FINE)
        return JSON_FINE;
    struct json *free_node = walk->node + walk->n_nodes;
    size_t room = (walk->max_nodes - walk->n_nodes) * sizeof *walk->node;
    enum json_fault fault = json_check_keys(
        object, walk->secret, reinterpret_cast<uint32_t *>(free_node),
        room / sizeof(uint32_t));
    if (fault != JSON_DUPLICATE_KEY)
        return fault;
    walk->meaning = JSON_DUPLICATE_KEY;
    return JSON_FINE;
}

/* Closes `node`, whose last byte is at `at`. */
static enum json_fault
close_node(struct walk *walk, struct json *node, size_t at)
{
    node->text.len = (size_t)(walk->original + at + 1 - node->text.at);
    node->skip = (uint32_t)(walk->node + walk->n_nodes - node);
    return node->type == JSON_OBJECT ? check_keys(walk, node) : JSON_FINE;
}

/* The objects and arrays that are open. */
struct stack {
    struct json *open[MAX_DEPTH];
    size_t depth;
};

/* A value begins: a scalar is read whole; an object or array is opened, and
 * closed again when it is empty. `*more` says whether a value must follow. */
static enum json_fault
begin_value(struct walk *walk, struct stack *stack, struct str *key, bool *more)
{
    if (walk->n_nodes == walk->max_nodes)
        return walk->next < walk->n_tokens ? JSON_TOO_MANY : JSON_SYNTAX;
    struct json *node = &walk->node[walk->n_nodes++];
    size_t at = 0;
    char c = take(walk, &at);
    node->key = *key;
    node->n_children = 0;
    node->skip = 1;
    *more = false;
    if (c != '{' && c != '[')
        return read_scalar(walk, c, at, node) ? JSON_FINE : JSON_SYNTAX;
    if (stack->depth == MAX_DEPTH)
        return JSON_TOO_DEEP;
    node->type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
    node->text.at = walk->original + at;
    *key = {nullptr, 0};
    size_t peek = walk->next < walk->n_tokens ? walk->token[walk->next] : at;
    if (walk->at[peek] == (c == '{' ? '}' : ']')) {
        walk->next++;
        return close_node(walk, node, peek);
    }
    stack->open[stack->depth++] = node;
    *more = true;
    return c == '{' ? read_key(walk, key) : JSON_FINE;
}

/* A value has ended: counts it, then either a comma asks for the next one
 * (`*more`), or its parent ends too, and so on outwards. */
static enum json_fault
end_value(struct walk *walk, struct stack *stack, struct str *key, bool *more)
{
    while (stack->depth > 0) {
        struct json *parent = stack->open[stack->depth - 1];
        bool in_object = parent->type == JSON_OBJECT;
        size_t at = 0;
        parent->n_children++;
        char c = take(walk, &at);
        *key = {nullptr, 0};
        if (c == ',') {
            *more = true;
            return in_object ? read_key(walk, key) : JSON_FINE;
        }
        if (c != (in_object ? '}' : ']'))
            return JSON_SYNTAX;
        enum json_fault fault = close_node(walk, parent, at);
        if (fault != JSON_FINE)
            return fault;
        stack->depth--;
    }
    return JSON_FINE;
}

static enum json_fault
read_tree(struct walk *walk)
{
    struct stack stack;
    struct str key = {nullptr, 0};
    bool more = true;
    stack.depth = 0;
    while (more) {
        enum json_fault fault = begin_value(walk, &stack, &key, &more);
        if (fault == JSON_FINE && !more)
            fault = end_value(walk, &stack, &key, &more);
        if (fault != JSON_FINE)
            return fault;
    }
    return walk->next == walk->n_tokens ? walk->meaning : JSON_TRAILING;
}

/* --- the interface */

bool
json_is_utf8(struct str text)
{
    return simdjson::validate_utf8(text.at, text.len);
}

static struct json_reader *
reader_of(size_t max_bytes)
{
    struct json_reader *reader = new (std::nothrow) json_reader;
    if (!reader)
        return nullptr;
    size_t bytes = max_bytes + simdjson::SIMDJSON_PADDING;
    reader->max_bytes = max_bytes;
    reader->copy = static_cast<uint8_t *>(malloc(bytes));
    simdjson::error_code error =
        simdjson::get_active_implementation()->create_dom_parser_implementation(
            bytes, MAX_DEPTH, reader->scanner);
    ssize_t n = getrandom(&reader->secret, sizeof reader->secret, 0);
    if (!reader->copy || error || n != (ssize_t)sizeof reader->secret) {
        json_reader_free(reader);
        return nullptr;
    }
    reader->secret = (reader->secret >> 4) + 2; /* see json_check_keys */
    return reader;
}

struct json_reader *
json_reader_new(void)
{
    return reader_of(MAX_MESSAGE_TEXT);
}

struct json_reader *
json_reader_new_large(void)
{
    return reader_of(MAX_LARGE_TEXT);
}

void
json_reader_free(struct json_reader *reader)
{
    if (!reader)
        return;
    free(reader->copy);
    delete reader;
}

/* Stage 1: finds the tokens. */
static enum json_fault
scan(struct json_reader *reader, struct str text)
{
    memcpy(reader->copy, text.at, text.len);
    memset(reader->copy + text.len, ' ', simdjson::SIMDJSON_PADDING);
    simdjson::error_code error = reader->scanner->stage1(
        reader->copy, text.len, simdjson::stage1_mode::regular);
    if (!error)
        return JSON_FINE;
    if (error == simdjson::EMPTY)
        return JSON_EMPTY;
    /* Of several faults the library names any; ours are in a fixed order. */
    return json_is_utf8(text) ? JSON_SYNTAX : JSON_NOT_UTF8;
}

/* Room for the tree: as many nodes as there are tokens, or as many as fit.
 * What is not used is given back at the end. */
static bool
reserve(struct walk *walk, struct arena *scratch)
{
    walk->escape = find_escape(walk, 0);
    if (walk->escape < walk->len) {
        /* Unescaped are only strings from here on: the first of them opens
         * with the last quote before the first backslash. */
        const void *quote = memrchr(walk->at, '"', walk->escape);
        size_t from =
            quote ? (size_t)(static_cast<const char *>(quote) - walk->at) : 0;
        walk->unescaped =
            static_cast<char *>(arena_take_raw(scratch, walk->len - from, 1));
        if (!walk->unescaped)
            return false;
    }
    size_t room = (size_t)(scratch->end - scratch->at);
    room = room < 16 ? 0 : (room - 16) / sizeof *walk->node; /* alignment */
    walk->max_nodes = walk->n_tokens < room ? walk->n_tokens : room;
    if (walk->max_nodes > 0)
        walk->node = static_cast<struct json *>(
            arena_take_raw(scratch, walk->max_nodes, sizeof *walk->node));
    return walk->node != nullptr;
}

enum json_fault
json_read(struct json_reader *reader, struct str text, struct arena *scratch,
          const struct json **root)
{
    if (text.len == 0)
        return JSON_EMPTY;
    if (text.len > reader->max_bytes)
        return JSON_TOO_LARGE;
    enum json_fault fault = scan(reader, text);
    if (fault != JSON_FINE)
        return fault;
    struct arena before = *scratch;
    struct walk walk = {};
    walk.at = reinterpret_cast<const char *>(reader->copy);
    walk.len = text.len;
    walk.original = text.at;
    walk.token = reader->scanner->structural_indexes.get();
    walk.n_tokens = reader->scanner->n_structural_indexes;
    walk.secret = reader->secret;
    fault = reserve(&walk, scratch) ? read_tree(&walk) : JSON_TOO_MANY;
    if (fault != JSON_FINE) {
        *scratch = before;
        return fault;
    }
    scratch->at = reinterpret_cast<char *>(walk.node + walk.n_nodes);
    *root = walk.node;
    return JSON_FINE;
}
