/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields and values of events, counted by event. A field that is different in
 * nearly every event, or whose name or form says that it will be (times,
 * process numbers, hashes), is left out: a condition on it would not hold
 * tomorrow. */
#include "tune_priv.h"

#include "base/visible.h"
#include "correlate/rules.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct tune_values *
tune_values_new(void)
{
    struct tune_values *values = calloc(1, sizeof *values);
    if (!values)
        return NULL;
    values->fields = table_new(MAX_FIELDS);
    values->pairs = table_new(MAX_PAIRS);
    values->said = table_new(MAX_PAIRS);
    values->pair = calloc(MAX_PAIRS, sizeof *values->pair);
    values->arena = arena_reserve((size_t)256 << 20);
    values->start = values->arena.at;
    if (values->fields && values->pairs && values->said && values->pair &&
        values->start)
        return values;
    tune_values_free(values);
    return NULL;
}

void
tune_values_free(struct tune_values *values)
{
    if (!values)
        return;
    table_free(values->fields);
    table_free(values->pairs);
    table_free(values->said);
    free(values->pair);
    if (values->start)
        arena_release(values->start, values->arena);
    free(values);
}

/* --- what changes */

static bool
is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "2024-09-12…", a GUID, a hash, a large number, an address of memory. */
bool
tune_form_changes(struct str value)
{
    size_t n_hex = 0, n_digits = 0, n_dashes = 0;
    for (size_t i = 0; i < value.len; i++) {
        n_hex += is_hex(value.at[i]);
        n_digits += is_digit(value.at[i]);
        n_dashes += value.at[i] == '-';
    }
    bool is_time = value.len >= 10 && n_digits >= 8 && is_digit(value.at[0]) &&
                   value.at[4] == '-' && value.at[7] == '-';
    bool is_guid =
        n_hex == 32 && n_dashes == 4 && (value.len == 36 || value.len == 38);
    bool is_hash = n_hex == value.len && value.len >= 16;
    bool is_number = n_digits == value.len && value.len >= 6;
    bool is_memory = str_starts(value, STR("0x")) && n_hex + 1 == value.len;
    return is_time || is_guid || is_hash || is_number || is_memory;
}

bool
tune_name_has(struct str name, const char *part)
{
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= name.len; i++)
        if (strncasecmp(name.at + i, part, len) == 0)
            return true;
    return false;
}

static bool
name_changes(struct str name)
{
    static const char *const parts[] = {
        "guid",     "uuid",      "time",       "date",     "stamp",
        "sequence", "record",    "session",    "logonid",  "logon_id",
        "hash",     "md5",       "sha1",       "sha256",   "token",
        "pid",      "processid", "process_id", "threadid", "thread_id",
        "handle",   "offset",    "nonce",      "duration", "bytes",
        "activity", "vendor_id", "serial"};
    bool source_port =
        tune_name_has(name, "port") && tune_name_has(name, "s") &&
        (tune_name_has(name, "src") || tune_name_has(name, "source"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (tune_name_has(name, parts[i]))
            return true;
    return source_port;
}

/* A number of one thing among many, but for those that say what it is. */
static bool
is_number_of_one(struct str name, struct str value)
{
    static const char *const kinds[] = {"event",  "rule",    "sid",
                                        "policy", "product", "categ",
                                        "plugin", "signat",  "template"};
    bool digits = false;
    for (size_t i = 0; i < value.len; i++)
        digits |= is_digit(value.at[i]);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (tune_name_has(name, kinds[i]))
            return false;
    return digits && name.len > 2 &&
           str_equal_nocase(str_cut(name, name.len - 2, name.len), STR("id"));
}

/* Different in more than half of the events that have it: of the false ones,
 * which the next ones will be like, or of all where those are too few. */
bool
tune_nearly_unique(const struct field *field)
{
    uint32_t n = field->n_with[0], n_different = field->n_different[0];
    if (n < FEW) {
        n += field->n_with[1];
        n_different += field->n_different[1];
    }
    return n >= FEW && n_different * 2 > n;
}

/* --- taking events in */

/* What people can read and YAML can have on one line, so that nothing hides in
 * a filter (YAML 1.2, 5.1 and 5.4). */
static bool
is_plain(struct str text, size_t max)
{
    char room[2 * MAX_VALUE];
    struct buf buf = {.at = room, .cap = sizeof room, .max_bytes = sizeof room};
    struct str rest = text;
    if (text.len == 0 || text.len > max)
        return false;
    while (rest.len > 0) {
        uint32_t c = visible_next(&rest);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
            c == 0xfeff || c == 0xfffe || c == 0xffff || c == VISIBLE_INVALID)
            return false;
    }
    buf_visible(&buf, text, max);
    return str_equal(buf_str(&buf), text);
}

static void
take(struct tune_values *values, struct str name, struct str value, int kind)
{
    char key[MAX_NAME + 1 + MAX_VALUE];
    uint32_t event = values->n_events[kind];
    if (!is_plain(name, MAX_NAME) || memchr(name.at, '|', name.len))
        return;
    uint32_t f = table_add(values->fields, name, NULL);
    if (f == TABLE_NONE)
        return;
    struct field *field = &values->field[f];
    field->n_with[kind] += field->last[kind] != event;
    field->last[kind] = event;
    if (!is_plain(value, MAX_VALUE)) {
        field->n_different[kind]++; /* too long to be looked at */
        return;
    }
    field->changes |= tune_form_changes(value) || name_changes(name) ||
                      is_number_of_one(name, value);
    memcpy(key, name.at, name.len);
    key[name.len] = '\0';
    memcpy(key + name.len + 1, value.at, value.len);
    uint32_t p = table_add(values->pairs,
                           (struct str){key, name.len + 1 + value.len}, NULL);
    if (p == TABLE_NONE)
        return;
    struct pair *pair = &values->pair[p];
    if (!pair->value.at)
        pair->value = arena_copy(&values->arena, value);
    pair->field = f;
    field->n_different[kind] += pair->n[kind] == 0;
    pair->n[kind] += pair->last[kind] != event;
    pair->last[kind] = event;
}

struct walk {
    struct tune_values *values;
    const struct rule_view *view;
    int kind;
    char path[MAX_NAME * 2];
};

/* Bounded by the depth of JSON that is read at all. */
static void
walk(struct walk *at, const struct json *node, size_t len)
{
    const struct json *child = json_first(node);
    if (node->type != JSON_OBJECT && node->type != JSON_ARRAY) {
        if (node->type != JSON_NULL && len > 0)
            take(at->values,
                 rule_name_of(at->view, (struct str){at->path, len}),
                 node->text, at->kind);
        return;
    }
    for (uint32_t i = 0; i < node->n_children; i++, child = json_next(child)) {
        size_t to = len;
        if (node->type == JSON_OBJECT) {
            if (len + 1 + child->key.len > sizeof at->path)
                continue;
            if (len > 0)
                at->path[to++] = '.';
            if (child->key.len > 0)
                memcpy(at->path + to, child->key.at, child->key.len);
            to += child->key.len;
        }
        walk(at, child, to);
    }
}

void
tune_values_add(struct tune_values *values, const struct alert *alert,
                bool is_true, bool normalised)
{
    struct walk at = {.values = values, .view = alert->view, .kind = is_true};
    values->n_events[is_true]++;
    for (unsigned i = 0; normalised && i < N_ALERT_FIELDS; i++)
        if (alert->field[i].len > 0)
            take(values, alert_field_key((enum alert_field)i), alert->field[i],
                 is_true);
    if (alert->event && !normalised)
        walk(&at, alert->event, 0);
}

void
tune_values_avoided(const struct tune_values *values, struct buf *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < table_len(values->fields); i++) {
        const struct field *field = &values->field[i];
        if (!field->changes && !tune_nearly_unique(field))
            continue;
        if (n++ < 12) {
            buf_add(out, n > 1 ? STR(", ") : STR(""));
            buf_add(out, table_key(values->fields, i));
        }
    }
    if (n > 12)
        buf_format(out, " and %zu more", n - 12);
}
