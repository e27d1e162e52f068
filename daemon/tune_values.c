/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields and values of events, counted by event. From a value come its whole,
 * the name at its end and the folder at its front (paths), and its words
 * (command lines). A field that is different in nearly every event, or whose
 * name or form says that it will be (times, process numbers, hashes), is left
 * out: a condition on it would not hold tomorrow. */
#include "tune.h"

#include "base/table.h"
#include "base/visible.h"
#include "correlate/rules.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    MAX_FIELDS = 1024,
    MAX_PAIRS = 1 << 17,
    MAX_NAME = 128,
    MAX_VALUE = 512,
    MAX_WORDS = 48,
    FEW = 4 /* events that do not show yet whether a field changes */
};

struct field {
    uint32_t n_with[2], n_different[2], last[2]; /* false, true */
    bool changes;                                /* by name or form */
};

struct pair {
    uint32_t field, n[2], last[2];
    struct str value;
};

struct tune_values {
    struct table *fields, *pairs, *said;
    struct field field[MAX_FIELDS];
    struct pair *pair;
    struct arena arena;
    char *start;
    uint32_t n_events[2];
};

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
static bool
form_changes(struct str value)
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

static bool
name_has(struct str name, const char *part)
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
    bool source_port = name_has(name, "port") && name_has(name, "s") &&
                       (name_has(name, "src") || name_has(name, "source"));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (name_has(name, parts[i]))
            return true;
    return source_port;
}

/* Different in more than half of the events that have it: of the false ones,
 * which the next ones will be like, or of all where those are too few. */
static bool
is_nearly_unique(const struct field *field)
{
    uint32_t n = field->n_with[0], n_different = field->n_different[0];
    if (n < FEW) {
        n += field->n_with[1];
        n_different += field->n_different[1];
    }
    return n >= FEW && n_different * 2 > n;
}

/* --- taking events in */

/* What people can read, so that nothing hides in a filter. */
static bool
is_plain(struct str text, size_t max)
{
    char room[2 * MAX_VALUE];
    struct buf buf = {.at = room, .cap = sizeof room, .max_bytes = sizeof room};
    if (text.len == 0 || text.len > max)
        return false;
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
    field->changes |= form_changes(value) || name_changes(name);
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

/* --- what could be said */

struct saying {
    struct tune_values *values;
    struct tune_atom *atoms;
    size_t n;
};

/* Rather a long text than a short one, rather a whole than a part, rather
 * what a thing is than who and where it was. */
static unsigned
cost_of(struct str name, struct str value, enum tune_how how)
{
    static const unsigned of_how[] = {[TUNE_EQUAL] = 0,
                                      [TUNE_ENDS] = 3,
                                      [TUNE_STARTS] = 3,
                                      [TUNE_CONTAINS] = 5,
                                      [TUNE_ABSENT] = 12};
    unsigned cost =
        of_how[how] + (value.len < 32 ? 4 - (unsigned)value.len / 8 : 0);
    bool digits = false;
    for (size_t i = 0; i + 2 < value.len; i++)
        digits |= is_digit(value.at[i]) && is_digit(value.at[i + 1]) &&
                  is_digit(value.at[i + 2]);
    cost += digits ? 3 : 0;
    cost += name_has(name, "version") ? 6 : 0;
    cost += name_has(name, "user") || name_has(name, "host") ||
                    name_has(name, "computer")
                ? 6
                : 0;
    cost += memchr(value.at ? value.at : "", ' ', value.len) &&
                    how == TUNE_EQUAL && name_has(name, "command")
                ? 4
                : 0;
    return cost;
}

static void
say(struct saying *saying, const struct pair *pair, enum tune_how how,
    struct str value)
{
    struct tune_values *values = saying->values;
    struct str name = table_key(values->fields, pair->field);
    char key[8 + MAX_NAME + 1 + MAX_VALUE];
    struct buf buf = {.at = key, .cap = sizeof key, .max_bytes = sizeof key};
    bool is_new = false;
    buf_char(&buf, (char)('0' + (int)how));
    buf_add(&buf, name);
    buf_char(&buf, '\0');
    buf_add(&buf, value);
    uint32_t n = table_add(values->said, buf_str(&buf), &is_new);
    if (n == TABLE_NONE)
        return;
    struct tune_atom *atom = &saying->atoms[n];
    if (is_new)
        *atom = (struct tune_atom){.field = name,
                                   .value = value,
                                   .how = how,
                                   .cost = cost_of(name, value, how)};
    atom->n_false += pair->n[0];
    saying->n = n + 1 > saying->n ? n + 1 : saying->n;
}

/* The name at the end of a path with what parts it, the folder before it. */
static void
say_path(struct saying *saying, const struct pair *pair)
{
    struct str value = pair->value;
    size_t cut = value.len;
    while (cut > 0 && value.at[cut - 1] != '\\' && value.at[cut - 1] != '/')
        cut--;
    if (cut < 2 || cut == value.len)
        return;
    say(saying, pair, TUNE_ENDS, str_cut(value, cut - 1, value.len));
    if (cut >= 6)
        say(saying, pair, TUNE_STARTS, str_cut(value, 0, cut));
}

/* The next word; one in quotes goes to the closing one. */
static bool
next_word(struct str *rest, struct str *word)
{
    size_t from = 0, to;
    while (from < rest->len && rest->at[from] == ' ')
        from++;
    if (from == rest->len)
        return false;
    char quote =
        rest->at[from] == '"' || rest->at[from] == '\'' ? rest->at[from] : ' ';
    from += quote != ' ';
    for (to = from; to < rest->len && rest->at[to] != quote; to++)
        ;
    *word = str_cut(*rest, from, to);
    *rest = str_cut(*rest, to + 1, rest->len);
    return true;
}

/* Of a line with words in it; a path with blanks is none. */
static void
say_words(struct saying *saying, const struct pair *pair)
{
    struct str rest = pair->value, word;
    bool is_path = rest.len > 2 && rest.at[1] == ':' && rest.at[2] == '\\' &&
                   !str_contains(rest, STR(" -")) &&
                   !str_contains(rest, STR(" /")) &&
                   !str_contains(rest, STR(".exe "));
    if (is_path || !memchr(rest.at, ' ', rest.len))
        return;
    for (size_t n = 0; n < MAX_WORDS && next_word(&rest, &word); n++)
        if (word.len >= 4 && !form_changes(word))
            say(saying, pair, TUNE_CONTAINS, word);
}

static int
most_promising(const void *a, const void *b)
{
    const struct tune_atom *x = a, *y = b;
    int order;
    if (x->n_false != y->n_false)
        return x->n_false < y->n_false ? 1 : -1;
    if (x->cost != y->cost)
        return x->cost > y->cost ? 1 : -1;
    order = str_compare(x->field, y->field);
    order = order != 0 ? order : str_compare(x->value, y->value);
    return order != 0 ? order : (int)x->how - (int)y->how;
}

/* `Field: null`, where true ones have it and false ones do not. */
static void
say_absent(struct saying *saying)
{
    struct tune_values *values = saying->values;
    for (uint32_t i = 0; i < table_len(values->fields); i++) {
        const struct field *field = &values->field[i];
        uint32_t n_without = values->n_events[0] - field->n_with[0];
        const struct pair pair = {.field = i, .n = {n_without, 0}};
        if (field->n_with[1] > 0 && n_without > 0)
            say(saying, &pair, TUNE_ABSENT, STR(""));
    }
}

size_t
tune_values_atoms(struct tune_values *values, struct arena *arena,
                  struct tune_atom **atoms)
{
    struct saying saying = {
        .values = values,
        .atoms = arena_take(arena, MAX_PAIRS, sizeof *saying.atoms)};
    if (!saying.atoms)
        return 0;
    for (uint32_t i = 0; i < table_len(values->pairs); i++) {
        const struct pair *pair = &values->pair[i];
        const struct field *field = &values->field[pair->field];
        if (pair->n[0] == 0 || field->changes || !pair->value.at)
            continue;
        if (!is_nearly_unique(field) || pair->n[0] >= FEW)
            say(&saying, pair, TUNE_EQUAL, pair->value);
        say_path(&saying, pair);
        say_words(&saying, pair);
    }
    say_absent(&saying);
    /* A part that only one of many events has will not be in the next one. */
    size_t n = 0;
    for (size_t i = 0; i < saying.n; i++)
        if (saying.atoms[i].how == TUNE_EQUAL || saying.atoms[i].n_false > 1 ||
            values->n_events[0] < FEW)
            saying.atoms[n++] = saying.atoms[i];
    qsort(saying.atoms, n, sizeof *saying.atoms, most_promising);
    *atoms = saying.atoms;
    return n < TUNE_MAX_ATOMS ? n : TUNE_MAX_ATOMS;
}

void
tune_values_avoided(const struct tune_values *values, struct buf *out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < table_len(values->fields); i++) {
        const struct field *field = &values->field[i];
        if (!field->changes && !is_nearly_unique(field))
            continue;
        if (n++ < 12) {
            buf_add(out, n > 1 ? STR(", ") : STR(""));
            buf_add(out, table_key(values->fields, i));
        }
    }
    if (n > 12)
        buf_format(out, " and %zu more", n - 12);
}
