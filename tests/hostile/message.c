/* SPDX-License-Identifier: Apache-2.0
 *
 * The ways to spoil a message. What goes by the tree (types, long fields) is
 * read with our own reader and written anew; all else works on the bytes. A
 * way that does not fit a message (there is no tree of a line of CEF) spoils
 * bytes instead. */
#include "message.h"

#include "base/json.h"
#include "model/limits.h"

#include <stdlib.h>

#define SCRATCH ((size_t)64 << 20)

static struct str
one_of(struct dice *dice, const struct seeds *seeds)
{
    return seeds->n > 0 ? seeds->at[dice_below(dice, seeds->n)] : NO_STR;
}

/* --- by the tree */

struct rewrite {
    struct dice *dice;
    struct buf *out;
    bool types;      /* other types, else long strings */
    size_t one_in;   /* values changed */
    size_t max_long; /* bytes of a long string */
};

static void
write_other(struct rewrite *rewrite)
{
    static const char *const others[] = {
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1.5e3",
        "9007199254740993",
        "1709623351",
        "[]",
        "{}",
        "\"\"",
        "\"\\u0000\"",
        "[[[1]]]",
        "[\"x\",{\"y\":[1,null]}]",
        "{\"a\":{\"b\":\"c\"}}",
        "[\"T1059\",\"10.0.0.1\",\"2024-03-05\"]",
    };
    size_t n = sizeof others / sizeof *others;
    buf_add(rewrite->out, str_of(others[dice_below(rewrite->dice, n)]));
}

static void
write_long(struct rewrite *rewrite)
{
    static const char *const fillers[] = {
        "x", "\x7f", "\\u0001", "\\\"", "\xe1\xba\xad", "\\n", "<", " ",
    };
    size_t n = sizeof fillers / sizeof *fillers, from = rewrite->out->len;
    struct str filler = str_of(fillers[dice_below(rewrite->dice, n)]);
    size_t len = dice_below(rewrite->dice, rewrite->max_long);
    buf_char(rewrite->out, '"');
    while (rewrite->out->len - from < len)
        buf_add(rewrite->out, filler);
    buf_char(rewrite->out, '"');
}

static void
write_node(struct rewrite *rewrite, const struct json *node)
{
    bool list = node->type == JSON_ARRAY;
    if (node->type != JSON_OBJECT && !list) {
        if (dice_below(rewrite->dice, rewrite->one_in) != 0) {
            if (node->type == JSON_STRING)
                buf_json(rewrite->out, node->text);
            else
                buf_add(rewrite->out, node->text);
        } else if (rewrite->types) {
            write_other(rewrite);
        } else {
            write_long(rewrite);
        }
        return;
    }
    const struct json *child = json_first(node);
    buf_char(rewrite->out, list ? '[' : '{');
    for (size_t i = 0; i < node->n_children; i++, child = json_next(child)) {
        if (i > 0)
            buf_char(rewrite->out, ',');
        if (!list) {
            buf_json(rewrite->out, child->key);
            buf_char(rewrite->out, ':');
        }
        write_node(rewrite, child);
    }
    buf_char(rewrite->out, list ? ']' : '}');
}

static bool
by_tree(struct rewrite *rewrite, struct str text)
{
    struct json_reader *reader = json_reader_new();
    struct arena scratch = arena_reserve(SCRATCH);
    char *start = scratch.at;
    const struct json *root;
    bool fine = reader && start &&
                json_read(reader, text, &scratch, &root) == JSON_FINE;
    if (fine)
        write_node(rewrite, root);
    json_reader_free(reader);
    if (start)
        arena_release(start, scratch);
    return fine;
}

/* --- by bytes */

/* One message under way. */
struct making {
    struct dice *dice;
    const struct cases *cases;
    const struct seeds *own; /* messages of the mapping */
    struct str text;         /* one of them */
    struct buf *out;
    struct hostile *hostile;
};

static void
fill(struct buf *out, size_t len)
{
    while (out->len < len)
        buf_add(out, str_cut(STR("\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f"), 0,
                             len - out->len));
}

static void
as_it_was(struct making *m)
{
    buf_add(m->out, m->text);
}

static void
truncated(struct making *m)
{
    buf_add(m->out, str_cut(m->text, 0, dice_below(m->dice, m->text.len)));
}

static void
random_bytes(struct making *m)
{
    for (size_t i = dice_below(m->dice, 4000); i > 0; i--)
        buf_char(m->out, (char)dice_below(m->dice, 256));
}

static void
spoiled(struct making *m)
{
    mutate(m->dice, m->own, m->out);
}

static void
too_deep(struct making *m)
{
    size_t n = MAX_JSON_DEPTH + 1 + dice_below(m->dice, 1000);
    bool lists = dice_below(m->dice, 2) == 1;
    for (size_t i = 0; i < n; i++)
        buf_add(m->out, lists ? STR("[") : STR("{\"a\":"));
    buf_add(m->out, STR("1"));
    for (size_t i = 0; i < n; i++)
        buf_char(m->out, lists ? ']' : '}');
    m->hostile->reason = "too_deep";
}

static void
too_large(struct making *m)
{
    buf_add(m->out, m->text);
    fill(m->out,
         MAX_MESSAGE_BYTES + 1 + dice_below(m->dice, MAX_MESSAGE_BYTES));
    m->hostile->reason = "too_large";
}

static void
other_types(struct making *m)
{
    struct rewrite rewrite = {m->dice, m->out, true, 3, 0};
    if (!by_tree(&rewrite, m->text))
        spoiled(m);
}

static void
long_fields(struct making *m)
{
    struct rewrite rewrite = {m->dice, m->out, false, 3, 20000};
    if (!by_tree(&rewrite, m->text))
        spoiled(m);
}

/* An alert as large as is taken, of bytes that grow sixfold when they are
 * written again, long fields and all. */
static void
full(struct making *m)
{
    struct rewrite rewrite = {m->dice, m->out, false, 1, MAX_FIELD_BYTES};
    if (!by_tree(&rewrite, m->text)) {
        spoiled(m);
        return;
    }
    if (m->out->at[m->out->len - 1] != '}')
        return;
    m->out->len--;
    buf_add(m->out, STR(",\"padding\":\""));
    fill(m->out, MAX_MESSAGE_BYTES - 2);
    buf_add(m->out, STR("\"}"));
}

static void
foreign(struct making *m)
{
    buf_add(m->out, one_of(m->dice, &m->cases->all));
}

static void
empty(struct making *m)
{
    buf_add(m->out, str_cut(STR(" \r\n\t "), 0, dice_below(m->dice, 6)));
    m->hostile->reason = "empty";
}

static void
too_many(struct making *m)
{
    for (size_t i = 0; i <= MAX_ALERTS_PER_MESSAGE; i++)
        buf_add(m->out, i ? STR(",{}") : STR("[{}"));
    buf_char(m->out, ']');
    m->hostile->reason = "too_many";
}

static void
of_suite(struct making *m)
{
    buf_add(m->out, one_of(m->dice, &m->cases->suite));
}

/* --- an object spoiled so that its fault is known; what is no object is
 * spoiled anyhow */

/* Puts `part` somewhere into the object, between two characters. */
static void
object_with(struct making *m, struct str part, const char *reason)
{
    size_t at = dice_below(m->dice, m->text.len);
    if (*m->text.at != '{') {
        spoiled(m);
        return;
    }
    while (((unsigned char)m->text.at[at] & 0xc0) == 0x80)
        at--;
    buf_add(m->out, str_cut(m->text, 0, at));
    buf_add(m->out, part);
    buf_add(m->out, str_cut(m->text, at, m->text.len));
    m->hostile->reason = reason;
}

/* Puts `member` first, or `after` behind it. */
static void
object_and(struct making *m, struct str member, struct str after,
           const char *reason)
{
    if (*m->text.at != '{') {
        spoiled(m);
        return;
    }
    buf_char(m->out, '{');
    buf_add(m->out, member);
    buf_add(m->out, str_cut(m->text, 1, m->text.len));
    buf_add(m->out, after);
    m->hostile->reason = reason;
}

static void
key_twice(struct making *m)
{
    object_and(m, STR("\"k\":1,\"k\":2,"), NO_STR, "duplicate_key");
}

static void
out_of_range(struct making *m)
{
    object_and(m, STR("\"n\":-1e999,"), NO_STR, "number_range");
}

static void
trailing(struct making *m)
{
    object_and(m, NO_STR, STR(" {}"), "trailing");
}

static void
not_utf8(struct making *m)
{
    object_with(m, STR("\xc3\x28"), "not_utf8");
}

static void
with_nul(struct making *m)
{
    object_with(m, STR("\0"), "syntax");
}

/* --- arrays and lines */

/* One member: own, another's, or bad. */
static void
add_member(struct making *m)
{
    struct buf part = {0};
    switch (dice_below(m->dice, 5)) {
    case 0:
        foreign(m);
        break;
    case 1:
        mutate(m->dice, m->own, &part);
        buf_add(m->out, buf_str(&part));
        break;
    case 2:
        buf_add(m->out, STR("{\"a\":1,\"a\":[1e999]}"));
        break;
    default:
        buf_add(m->out, one_of(m->dice, m->own));
        break;
    }
    buf_free(&part);
}

static void
lines(struct making *m)
{
    for (size_t i = 1 + dice_below(m->dice, 12); i > 0; i--) {
        add_member(m);
        buf_char(m->out, '\n');
    }
}

static void
array(struct making *m)
{
    buf_char(m->out, '[');
    for (size_t i = 1 + dice_below(m->dice, 12); i > 0; i--) {
        add_member(m);
        buf_char(m->out, i > 1 ? ',' : ']');
    }
}

/* --- all of them */

static const struct {
    const char *words;
    size_t weight;
    void (*make)(struct making *m);
} ways[] = {
#define X(name, words, weight, make) {words, weight, make},
    HOSTILE_WAYS(X)
#undef X
};

const char *
hostile_words(enum hostile_way way)
{
    return ways[way].words;
}

static enum hostile_way
choose(struct dice *dice)
{
    size_t sum = 0, way = 0;
    for (size_t i = 0; i < N_HOSTILE_WAYS; i++)
        sum += ways[i].weight;
    size_t at = dice_below(dice, sum);
    while (at >= ways[way].weight)
        at -= ways[way++].weight;
    return (enum hostile_way)way;
}

void
hostile_make(struct dice *dice, const struct cases *cases, size_t mapping,
             struct buf *out, struct hostile *hostile)
{
    struct making making = {
        .dice = dice,
        .cases = cases,
        .own = &cases->mapping[mapping].messages,
        .out = out,
        .hostile = hostile,
    };
    *hostile = (struct hostile){.way = choose(dice)};
    making.text = one_of(dice, making.own);
    buf_clear(out);
    ways[hostile->way].make(&making);
}
