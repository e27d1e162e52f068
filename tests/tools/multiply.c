/* SPDX-License-Identifier: Apache-2.0
 *
 * Values are pooled by the name of their member. A pool holds the texts that
 * the events have there and the patterns that rules have for a field of that
 * name. */
#include "multiply.h"

#include "test_text.h"

#include <string.h>

enum {
    MAX_EVENTS = 100000,
    MAX_NAMES = 65536,
    MAX_POOL = 4096,
    SPRINKLE = 40 /* one text in so many has a rule's value */
};

struct pool {
    struct str name;
    struct str *text;
    const struct pattern **pattern;
    size_t n_texts, n_patterns;
};

struct multiplier {
    const struct json **event;
    size_t n;
    struct pool *pool; /* by name */
    size_t n_pools;
};

/* --- pools */

static struct pool *
pool_of(struct multiplier *m, struct str name, struct arena *arena)
{
    size_t number = 0;
    while (number < m->n_pools && !str_equal(m->pool[number].name, name))
        number++;
    if (number < m->n_pools)
        return &m->pool[number];
    if (number == MAX_NAMES)
        return NULL;
    struct pool *pool = &m->pool[m->n_pools++];
    pool->name = name;
    pool->text = arena_take_raw(arena, MAX_POOL, sizeof *pool->text);
    pool->pattern = arena_take_raw(arena, MAX_POOL, sizeof *pool->pattern);
    return pool->text && pool->pattern ? pool : NULL;
}

static void
pool_event(struct multiplier *m, const struct json *event, struct arena *arena)
{
    for (const struct json *at = event; at < event + event->skip; at++) {
        if (at->type != JSON_STRING || at->key.len == 0 || at->text.len == 0)
            continue;
        struct pool *pool = pool_of(m, at->key, arena);
        if (pool && pool->n_texts < MAX_POOL)
            pool->text[pool->n_texts++] = at->text;
    }
}

static void
pool_item(struct multiplier *m, const struct rules *rules,
          const struct item *item)
{
    struct pool *pool = NULL;
    for (size_t i = 0; item->field != KEYWORDS && i < m->n_pools; i++)
        if (str_equal(m->pool[i].name, rules->field[item->field].name))
            pool = &m->pool[i];
    for (size_t i = 0; pool && i < item->n_values; i++)
        for (size_t j = 0; j < item->value[i].n_tests; j++)
            if (item->value[i].test[j].type == TEST_PATTERN &&
                pool->n_patterns < MAX_POOL)
                pool->pattern[pool->n_patterns++] =
                    &item->value[i].test[j].is.pattern.plain;
}

static void
pool_rules(struct multiplier *m, const struct rules *rules)
{
    for (size_t i = 0; i < rules_n_detections(rules); i++) {
        const struct logic *logic = rules_detection(rules, i)->logic;
        for (size_t s = 0; s < logic->n_searches; s++)
            for (size_t g = 0; g < logic->search[s].n_groups; g++) {
                const struct group *group = &logic->search[s].group[g];
                for (size_t j = 0; j < group->n_items; j++)
                    pool_item(m, rules, &group->item[j]);
            }
    }
}

struct multiplier *
multiplier_new(struct str text, const struct rules *rules, struct arena *arena)
{
    struct multiplier *m = arena_take(arena, 1, sizeof *m);
    struct json_reader *reader = json_reader_new_large();
    struct str line;
    if (!m || !reader)
        return NULL;
    m->event = arena_take(arena, MAX_EVENTS, sizeof(struct json *));
    m->pool = arena_take(arena, MAX_NAMES, sizeof *m->pool);
    while (m->event && m->pool && m->n < MAX_EVENTS &&
           str_split(&text, '\n', &line)) {
        const struct json *root, *event;
        if (json_read(reader, line, arena, &root) != JSON_FINE)
            continue;
        event = json_get(root, STR("event"));
        event = event && event->type == JSON_OBJECT ? event : root;
        if (event->type != JSON_OBJECT)
            continue;
        m->event[m->n++] = event;
        pool_event(m, event, arena);
    }
    if (rules && m->pool)
        pool_rules(m, rules);
    json_reader_free(reader);
    return m->n > 0 ? m : NULL;
}

size_t
multiplier_n(const struct multiplier *multiplier)
{
    return multiplier->n;
}

/* --- values */

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_hex(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Draws runs of three digits or more again, and of hexadecimal ones where there
 * are eight or four between dashes. */
static void
redraw(struct str text, struct chance *chance, struct buf *out)
{
    for (size_t i = 0, end; i<text.len; i = end> i ? end : i + 1) {
        size_t n_digits = 0;
        for (end = i; end < text.len && is_hex(text.at[end]); end++)
            n_digits += is_digit(text.at[end]);
        size_t n = end - i;
        bool again = n_digits > 0 && (n == n_digits ? n >= 3 : n >= 8);
        for (size_t j = i; j < end; j++) {
            char c = text.at[j];
            if (!again || (j == i && n == n_digits))
                buf_char(out, c);
            else if (n == n_digits)
                buf_char(out, "0123456789"[roll(chance, 10)]);
            else
                buf_char(out,
                         (c >= 'a' ? "0123456789abcdef"
                                   : "0123456789ABCDEF")[roll(chance, 16)]);
        }
        if (n == 0)
            buf_char(out, text.at[i]);
    }
}

/* A year, month, day and hour stay valid: only what is behind the hour. */
static bool
is_time(struct str text)
{
    return text.len >= 19 && text.at[4] == '-' && text.at[7] == '-' &&
           text.at[13] == ':' && text.at[16] == ':' && is_digit(text.at[0]);
}

static void
redraw_time(struct str text, struct chance *chance, struct buf *out)
{
    buf_add(out, str_cut(text, 0, 11));
    buf_format(out, "%02d:%02d:%02d", (int)roll(chance, 24),
               (int)roll(chance, 60), (int)roll(chance, 60));
    redraw(str_cut(text, 19, text.len), chance, out);
}

/* One word of it (between blanks, slashes, dots) is another one. */
static void
change_word(struct str text, struct chance *chance, struct buf *out)
{
    static const char *const words[] = {
        "report", "backup",  "Setup",   "hanoi",   "svc",    "agent",
        "Update", "data",    "temp",    "invoice", "client", "Admin",
        "node",   "printer", "finance", "kế-toán", "export", "tools",
        "driver", "sync",    "archive"};
    size_t from = roll(chance, text.len), to = from;
    while (from > 0 && !strchr(" \\/.,\"=", text.at[from - 1]))
        from--;
    while (to < text.len && !strchr(" \\/.,\"=", text.at[to]))
        to++;
    buf_add(out, str_cut(text, 0, from));
    buf_add(out, str_of(ONE_OF(chance, words)));
    if (once_in(chance, 2))
        buf_u64(out, roll(chance, 1000));
    buf_add(out, str_cut(text, to, text.len));
}

static void
sprinkle(const struct pool *pool, struct str text, struct chance *chance,
         struct buf *out)
{
    const struct pattern *pattern =
        pool->pattern[roll(chance, pool->n_patterns)];
    size_t way = roll(chance, 3);
    if (way == 0)
        buf_add(out, text);
    if (way == 0)
        buf_char(out, ' ');
    patterns_text(&pattern, 1, chance, out);
    if (way == 1)
        buf_char(out, ' ');
    if (way == 1)
        buf_add(out, text);
}

static const struct pool *
pool_find(const struct multiplier *m, struct str name)
{
    for (size_t i = 0; i < m->n_pools; i++)
        if (str_equal(m->pool[i].name, name))
            return &m->pool[i];
    return NULL;
}

static void
new_text(const struct multiplier *m, const struct json *node,
         struct chance *chance, struct buf *out)
{
    const struct pool *pool = pool_find(m, node->key);
    struct str text = node->text;
    size_t way = roll(chance, 8);
    if (is_time(text))
        redraw_time(text, chance, out);
    else if (pool && pool->n_patterns > 0 && once_in(chance, SPRINKLE))
        sprinkle(pool, text, chance, out);
    else if (way < 2 && pool && pool->n_texts > 0)
        redraw(pool->text[roll(chance, pool->n_texts)], chance, out);
    else if (way == 2 && text.len > 0)
        change_word(text, chance, out);
    else
        redraw(text, chance, out);
}

/* --- writing */

/* What tells which kind of event it is. */
static bool
stays(struct str name)
{
    static const char *const names[] = {
        "EventID", "Channel", "Name",     "Guid",  "Version",  "Level",
        "Task",    "Opcode",  "Keywords", "xmlns", "EventType"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_equal(name, str_of(names[i])))
            return true;
    return false;
}

static void
print(const struct multiplier *m, const struct json *node,
      struct chance *chance, struct buf *out)
{
    static _Thread_local char bytes[1 << 17];
    struct buf text = {
        .at = bytes, .cap = sizeof bytes, .max_bytes = sizeof bytes};
    bool is_object = node->type == JSON_OBJECT;
    if (node->type != JSON_ARRAY && !is_object) {
        if (!chance || stays(node->key) || node->type < JSON_NUMBER)
            buf_add(&text, node->text);
        else if (node->type == JSON_STRING)
            new_text(m, node, chance, &text);
        else
            redraw(node->text, chance, &text);
        if (node->type == JSON_STRING)
            buf_json(out, buf_str(&text));
        else
            buf_add(out, buf_str(&text));
        return;
    }
    const struct json *child = json_first(node);
    buf_char(out, is_object ? '{' : '[');
    for (uint32_t i = 0; i < node->n_children; i++, child = json_next(child)) {
        if (i > 0)
            buf_char(out, ',');
        if (is_object) {
            buf_json(out, child->key);
            buf_char(out, ':');
        }
        print(m, child, chance, out);
    }
    buf_char(out, is_object ? '}' : ']');
}

void
multiplier_original(const struct multiplier *multiplier, size_t i,
                    struct buf *out)
{
    print(multiplier, multiplier->event[i], NULL, out);
}

void
multiplier_next(const struct multiplier *multiplier, struct chance *chance,
                struct buf *out)
{
    print(multiplier, multiplier->event[roll(chance, multiplier->n)], chance,
          out);
}
