/* SPDX-License-Identifier: Apache-2.0
 *
 * ArcSight's Common Event Format ("Implementing ArcSight CEF", rev. 25):
 *
 *   CEF:0|vendor|product|version|class id|name|severity|key=value key=value
 *
 * In the header '\|' and '\\' are escaped, in the extension '\=', '\\', '\n'
 * and '\r'; any other backslash stands for itself. A value runs to the next
 * word that is followed by an unescaped '=', so it may hold blanks. An '='
 * that no word precedes belongs to the value, as senders forget to escape it.
 * The result is a tree like the one JSON gives, so that a mapping need not
 * know the difference. */
#include "ingest/split_priv.h"

#include <string.h>

#define N_HEADER 7

static const struct str header_keys[N_HEADER] = {
    {"cefVersion", 10},    {"deviceVendor", 12},       {"deviceProduct", 13},
    {"deviceVersion", 13}, {"deviceEventClassId", 18}, {"name", 4},
    {"severity", 8},
};

/* Well-formed UTF-8 as of Unicode 15, table 3-7. */
static bool
is_utf8(struct str text)
{
    const unsigned char *at = (const unsigned char *)text.at;
    for (size_t i = 0; i < text.len;) {
        unsigned char c = at[i];
        size_t more = c < 0x80                 ? 0
                      : c >= 0xc2 && c <= 0xdf ? 1
                      : c >= 0xe0 && c <= 0xef ? 2
                      : c >= 0xf0 && c <= 0xf4 ? 3
                                               : 4;
        if (more == 4 || more > text.len - i - 1)
            return false;
        for (size_t j = 1; j <= more; j++)
            if ((at[i + j] & 0xc0) != 0x80)
                return false;
        if (more >= 2) {
            unsigned char d = at[i + 1];
            if ((c == 0xe0 && d < 0xa0) || (c == 0xed && d > 0x9f) ||
                (c == 0xf0 && d < 0x90) || (c == 0xf4 && d > 0x8f))
                return false;
        }
        i += more + 1;
    }
    return true;
}

static char
escaped(char c, bool header)
{
    switch (c) {
    case '\\':
    case '|':
        return c;
    case '=':
        return header ? '\0' : c;
    case 'n':
        return header ? '\0' : '\n';
    case 'r':
        return header ? '\0' : '\r';
    default:
        return '\0';
    }
}

/* Borrows when there is nothing to unescape. */
static struct str
unescape(struct str text, bool header, struct arena *scratch)
{
    if (text.len == 0 || !memchr(text.at, '\\', text.len))
        return text;
    char *at = arena_take_raw(scratch, text.len, 1);
    size_t len = 0;
    if (!at)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == '\\' && i + 1 < text.len &&
            escaped(text.at[i + 1], header) != '\0')
            c = escaped(text.at[++i], header);
        at[len++] = c;
    }
    return (struct str){.at = at, .len = len};
}

static bool
is_key_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-' ||
           c == '[' || c == ']';
}

/* The next key at or after `from`: its start and the place of its '='. */
static bool
next_key(struct str text, size_t from, size_t *start, size_t *equals)
{
    for (size_t i = from; i < text.len; i++) {
        if (text.at[i] == '\\') {
            i++;
            continue;
        }
        if (text.at[i] != '=')
            continue;
        size_t at = i;
        while (at > from && is_key_char(text.at[at - 1]))
            at--;
        if (at < i && (at == 0 || text.at[at - 1] == ' ')) {
            *start = at;
            *equals = i;
            return true;
        }
    }
    return false;
}

static enum split_fault
node_add(struct json *root, struct str key, struct str value)
{
    struct json *node = root + root->skip;
    for (uint32_t i = 1; i < root->skip; i++)
        if (str_equal(root[i].key, key))
            return SPLIT_DUPLICATE_KEY;
    *node = (struct json){
        .key = key, .text = value, .type = JSON_STRING, .skip = 1};
    root->n_children++;
    root->skip++;
    return SPLIT_FINE;
}

static enum split_fault
extension_read(struct str text, struct json *root, struct arena *scratch)
{
    size_t start, equals;
    text = str_trim(text);
    if (text.len == 0)
        return SPLIT_FINE;
    if (!next_key(text, 0, &start, &equals) || start != 0)
        return SPLIT_SYNTAX;
    for (bool more = true; more;) {
        struct str key = str_cut(text, start, equals);
        size_t from = equals + 1, to = text.len;
        more = next_key(text, from, &start, &equals);
        if (more)
            to = start;
        struct str value = str_trim(str_cut(text, from, to));
        if (root->n_children == MAX_CEF_KEYS + N_HEADER)
            return SPLIT_TOO_MANY;
        enum split_fault fault =
            node_add(root, key, unescape(value, false, scratch));
        if (fault != SPLIT_FINE)
            return fault;
    }
    return SPLIT_FINE;
}

static size_t
n_nodes(struct str line)
{
    size_t n = 0;
    for (size_t i = 0; i < line.len && n <= MAX_CEF_KEYS; i++)
        n += line.at[i] == '=';
    return n + N_HEADER + 1;
}

enum split_fault
cef_read(struct str line, struct arena *scratch, const struct json **root)
{
    if (!is_utf8(line))
        return SPLIT_NOT_UTF8;
    struct json *node = arena_take_raw(scratch, n_nodes(line), sizeof *node);
    if (!node)
        return SPLIT_TOO_MANY;
    *node = (struct json){.text = line, .type = JSON_OBJECT, .skip = 1};
    size_t from = strlen("CEF:"), at = from;
    for (size_t i = 0; i < N_HEADER; i++) {
        while (at < line.len && line.at[at] != '|')
            at += line.at[at] == '\\' ? 2 : 1;
        if (at >= line.len)
            return SPLIT_SYNTAX;
        struct str part = str_trim(str_cut(line, from, at));
        node_add(node, header_keys[i], unescape(part, true, scratch));
        from = ++at;
    }
    *root = node;
    return extension_read(str_cut(line, from, line.len), node, scratch);
}
