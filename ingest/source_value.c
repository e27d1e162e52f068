/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a value out of one event. A value is a path, a constant, a join or a
 * list of alternatives, and may be changed on the way: a part taken out, an
 * address or port recognised, a table looked up. Whatever an event holds, the
 * answer is whole UTF-8 of at most MAX_FIELD_BYTES, or empty for "has none". */
#include "base/address.h"
#include "ingest/source_priv.h"

#include <string.h>

/* At most MAX_FIELD_BYTES, never within a character. */
static struct str
text_limit(struct str text, struct reading *reading)
{
    if (text.len <= MAX_FIELD_BYTES)
        return text;
    reading->cut = true;
    size_t len = MAX_FIELD_BYTES;
    while (len > 0 && ((unsigned char)text.at[len] & 0xc0) == 0x80)
        len--;
    return str_cut(text, 0, len);
}

static bool
is_ignored(const struct source *source, struct str text)
{
    if (text.len > source->max_ignored_len)
        return false;
    for (size_t i = 0; i < source->n_ignored; i++)
        if (str_equal_nocase(source->ignored[i], text))
            return true;
    return false;
}

/* --- several values, joined by commas ------------------------------------ */

struct gather {
    struct reading *reading;
    struct str first; /* borrowed */
    char *at;         /* from the second on: all of them, in scratch */
    size_t len;
};

static bool
gather_add(struct gather *gather, struct str text)
{
    struct reading *reading = gather->reading;
    if (text.len == 0)
        return true;
    if (gather->first.len == 0) {
        gather->first = text_limit(text, reading);
        return true;
    }
    if (!gather->at) {
        gather->at = arena_take_raw(reading->scratch, MAX_FIELD_BYTES, 1);
        if (!gather->at) {
            reading->cut = true;
            return false;
        }
        gather->len = gather->first.len;
        memcpy(gather->at, gather->first.at, gather->len);
    }
    if (gather->len + 1 + text.len > MAX_FIELD_BYTES) {
        reading->cut = true;
        return false;
    }
    gather->at[gather->len] = ',';
    memcpy(gather->at + gather->len + 1, text.at, text.len);
    gather->len += 1 + text.len;
    return true;
}

/* Gives back what was not needed of the scratch arena. */
static struct str
gather_text(struct gather *gather)
{
    if (!gather->at)
        return gather->first;
    char *end = gather->at + gather->len;
    end += -(uintptr_t)end & 15;
    if (end < gather->reading->scratch->at)
        gather->reading->scratch->at = end;
    return (struct str){.at = gather->at, .len = gather->len};
}

static bool
gather_node(void *context, const struct json *node)
{
    struct gather *gather = context;
    if (node->type == JSON_OBJECT || node->type == JSON_NULL)
        return true;
    if (node->type != JSON_ARRAY)
        return is_ignored(gather->reading->source, node->text) ||
               gather_add(gather, node->text);
    const struct json *child = json_first(node);
    for (uint32_t i = 0; i < node->n_children; i++, child = json_next(child))
        if (child->type != JSON_ARRAY && !gather_node(context, child))
            return false;
    return true;
}

static struct str
value_table_find(const struct value_table *table, struct str text)
{
    char at[MAX_FIELD_BYTES];
    struct str folded = {.at = at, .len = word_fold(text, at, sizeof at)};
    uint32_t number = word_set_find(&table->from, folded);
    if (number != 0)
        return table->to[number];
    for (size_t i = 0; i < table->n_globs; i++)
        if (str_matches_glob(folded, table->folded[i]))
            return table->to[table->glob[i]];
    return NO_STR;
}

static struct str
value_text(const struct json *node, struct reading *reading)
{
    if (!node)
        return NO_STR;
    if (node->type == JSON_ARRAY) {
        struct gather gather = {.reading = reading};
        gather_node(&gather, node);
        return gather_text(&gather);
    }
    if (node->type == JSON_NULL || node->type == JSON_OBJECT ||
        is_ignored(reading->source, node->text))
        return NO_STR;
    return text_limit(node->text, reading);
}

static struct str
path_text(const struct path *path, struct reading *reading)
{
    if (path->n_tail == 0)
        return value_text(reading->slots->node[path->slot], reading);
    struct gather gather = {.reading = reading};
    path_walk(path, reading->slots, gather_node, &gather);
    return gather_text(&gather);
}

static struct str
join_text(const struct value *value, struct reading *reading)
{
    struct str part[MAX_VALUE_PARTS];
    size_t len = 0;
    for (size_t i = 0; i < value->n_parts; i++) {
        part[i] = value_read(&value->part[i], reading);
        if (part[i].len == 0)
            return NO_STR;
        len += part[i].len;
    }
    char *at = arena_take_raw(reading->scratch, len, 1);
    if (!at) {
        reading->cut = true;
        return NO_STR;
    }
    struct str text = {.at = at, .len = len};
    for (size_t i = 0; i < value->n_parts; i++) {
        memcpy(at, part[i].at, part[i].len);
        at += part[i].len;
    }
    return text_limit(text, reading);
}

/* --- changes to a text ---------------------------------------------------- */

static struct str
part_after(struct str text, struct str mark)
{
    const char *found = memmem(text.at, text.len, mark.at, mark.len);
    if (!found)
        return NO_STR;
    return str_cut(text, (size_t)(found - text.at) + mark.len, text.len);
}

static struct str
part_until(struct str text, struct str mark)
{
    const char *found = memmem(text.at, text.len, mark.at, mark.len);
    return found ? str_cut(text, 0, (size_t)(found - text.at)) : text;
}

/* "[v6]:port", "v4:port", "v6" → the address and what follows its colon. */
static void
split_port(struct str text, struct str *address, struct str *port)
{
    text = str_trim(text);
    *address = text;
    *port = NO_STR;
    const char *close = text.len > 0 && text.at[0] == '['
                            ? memchr(text.at, ']', text.len)
                            : NULL;
    if (close) {
        size_t at = (size_t)(close - text.at);
        *address = str_cut(text, 1, at);
        if (at + 1 < text.len && text.at[at + 1] == ':')
            *port = str_cut(text, at + 2, text.len);
        return;
    }
    const char *colon = text.len > 0 ? memchr(text.at, ':', text.len) : NULL;
    size_t at = colon ? (size_t)(colon - text.at) : text.len;
    if (colon && !memchr(colon + 1, ':', text.len - at - 1)) {
        *address = str_cut(text, 0, at);
        *port = str_cut(text, at + 1, text.len);
    }
}

/* The address in `text`, IPv4 mapped into IPv6 as IPv4; empty: none. */
static struct str
shape_ip(struct str text)
{
    struct str text_address, port;
    struct address address;
    split_port(text, &text_address, &port);
    if (text_address.len > 0)
        text_address = part_until(text_address, STR("%"));
    if (!address_from(text_address, &address))
        return NO_STR;
    struct str mapped = str_cut(text_address, 0, 7);
    return str_equal_nocase(mapped, STR("::ffff:")) &&
                   memchr(text_address.at, '.', text_address.len)
               ? str_cut(text_address, 7, text_address.len)
               : text_address;
}

static struct str
shape_port(struct str text)
{
    struct str address, port;
    int64_t number;
    split_port(text, &address, &port);
    if (port.len == 0)
        port = address;
    return str_to_i64(port, &number) && number >= 0 && number <= 65535 ? port
                                                                       : NO_STR;
}

static struct str
shape_lower(struct str text, struct reading *reading)
{
    char *at = arena_take_raw(reading->scratch, text.len, 1);
    if (!at)
        return text;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        at[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return (struct str){.at = at, .len = text.len};
}

static struct str
shape_filename(struct str text)
{
    size_t from = text.len;
    while (from > 0 && text.at[from - 1] != '/' && text.at[from - 1] != '\\')
        from--;
    return str_cut(text, from, text.len);
}

/* A hash of `n` hexadecimal digits, in small letters; else empty. */
static struct str
shape_hash(struct str text, size_t n, struct reading *reading)
{
    bool small = true;
    text = str_trim(text);
    if (text.len != n)
        return NO_STR;
    for (size_t i = 0; i < n; i++) {
        char c = text.at[i];
        if (c >= 'A' && c <= 'F')
            small = false;
        else if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return NO_STR;
    }
    return small ? text : shape_lower(text, reading);
}

static struct str
value_shaped(enum value_shape shape, struct str text, struct reading *reading)
{
    switch (shape) {
    case AS_IP:
        return shape_ip(text);
    case AS_PORT:
        return shape_port(text);
    case AS_LOWER:
        return shape_lower(text, reading);
    case AS_FILENAME:
        return shape_filename(text);
    case AS_MD5:
        return shape_hash(text, 32, reading);
    case AS_SHA1:
        return shape_hash(text, 40, reading);
    case AS_SHA256:
        return shape_hash(text, 64, reading);
    case AS_TEXT:
    case N_SHAPES:
        break;
    }
    return text;
}

static struct str
value_changed(const struct value *value, struct str text,
              struct reading *reading)
{
    if (text.len > 0 && value->after.len > 0)
        text = part_after(text, value->after);
    if (text.len > 0 && value->until.len > 0)
        text = part_until(text, value->until);
    if (text.len > 0 && value->shape != AS_TEXT)
        text = value_shaped(value->shape, text, reading);
    if (text.len > 0 && value->table)
        text = value_table_find(value->table, text);
    return text.len > 0 ? text : value->otherwise;
}

struct str
value_read(const struct value *value, struct reading *reading)
{
    struct str text = NO_STR;
    if (value->plain)
        return value_text(reading->slots->node[value->path.slot], reading);
    switch (value->type) {
    case VALUE_NONE:
        return NO_STR;
    case VALUE_CONST:
        text = value->text;
        break;
    case VALUE_PATH:
        text = path_text(&value->path, reading);
        break;
    case VALUE_JOIN:
        text = join_text(value, reading);
        break;
    case VALUE_FIRST:
        for (size_t i = 0; i < value->n_parts && text.len == 0; i++)
            text = value_read(&value->part[i], reading);
        break;
    }
    return value_changed(value, text, reading);
}

/* --- tables ------------------------------------------------------------- */
