/* SPDX-License-Identifier: Apache-2.0
 *
 * The condition of a detection: words into a tree. Or binds least, then and,
 * not, `x of`, parentheses; and, or, not, of, all, any and them in any letter
 * case. A chain of equal operators is one node, so only parentheses and `not`
 * go deep, and they are bounded. */
#include "correlate/rule_priv.h"

#include <string.h>

enum {
    MAX_CONDITION_BYTES = 65536,
    MAX_MEANT = 65536,       /* searches that all `of` of a rule mean */
    MAX_COMPARED = 50000000, /* letters of names and patterns, multiplied */
};

struct parser {
    struct rule_loader *loader;
    struct logic *logic;
    const struct yaml *node;
    struct str rest; /* after the current word */
    struct str word; /* empty: the end */
    size_t n_nodes, n_meant, n_compared;
    unsigned depth;
    bool failed;
    bool *used; /* by search */
    struct arena scratch;
};

/* --- words */

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void
next_word(struct parser *parser)
{
    struct str rest = parser->rest;
    size_t from = 0, to;
    while (from < rest.len && is_blank(rest.at[from]))
        from++;
    to = from;
    if (to < rest.len && strchr("()|", rest.at[to]))
        to++;
    else
        while (to < rest.len && !is_blank(rest.at[to]) &&
               !strchr("()|", rest.at[to]))
            to++;
    parser->word = str_cut(rest, from, to);
    parser->rest = str_cut(rest, to, rest.len);
}

static bool
word_is(const struct parser *parser, const char *word)
{
    return str_equal_nocase(parser->word, str_of(word));
}

static struct place
place_of_word(const struct parser *parser)
{
    const struct yaml *node = parser->node;
    if (!parser->word.at)
        return node->place;
    return yaml_place_in(node, (size_t)(parser->word.at - node->text.at));
}

static struct condition *
fail(struct parser *parser, const char *what)
{
    struct str word = str_cut(parser->word, 0, 80);
    if (parser->failed)
        return NULL;
    parser->failed = true;
    if (word.len > 0)
        complain(parser->loader->complaints, place_of_word(parser),
                 "condition: %s, found '%.*s'", what, STR_ARG(word));
    else
        complain(parser->loader->complaints, parser->node->place,
                 "condition: %s, found its end", what);
    return NULL;
}

/* --- nodes */

/* `*` stands for any run, any number of times. */
static bool
name_matches(struct str name, struct str pattern)
{
    size_t star = SIZE_MAX, mark = 0, at = 0, i = 0;
    while (i < name.len) {
        if (at < pattern.len && pattern.at[at] == '*') {
            star = at++;
            mark = i;
        } else if (at < pattern.len && pattern.at[at] == name.at[i]) {
            at++;
            i++;
        } else if (star != SIZE_MAX) {
            at = star + 1;
            i = ++mark;
        } else {
            return false;
        }
    }
    while (at < pattern.len && pattern.at[at] == '*')
        at++;
    return at == pattern.len;
}

static struct condition *
node_new(struct parser *parser, enum condition_type type)
{
    if (++parser->n_nodes > MAX_CONDITION_NODES)
        return fail(parser, "too long");
    struct condition *node = loader_take(parser->loader, 1, sizeof *node);
    if (node)
        node->type = type;
    else
        parser->failed = true;
    return node;
}

/* Whether the pattern of an `of` means the search. */
static bool
is_meant(struct parser *parser, struct str name, struct str pattern)
{
    if (str_equal(name, pattern))
        return true;
    if (name.at[0] == '_' && (pattern.len == 0 || pattern.at[0] != '_'))
        return false;
    if (str_equal_nocase(pattern, STR("them")))
        return true;
    if (!memchr(pattern.at, '*', pattern.len))
        return false;
    parser->n_compared += name.len * pattern.len;
    return parser->n_compared <= MAX_COMPARED && name_matches(name, pattern);
}

/* The searches a name or pattern stands for, as a node of `type`. */
static struct condition *
searches_node(struct parser *parser, struct str pattern,
              enum condition_type type)
{
    const struct logic *logic = parser->logic;
    struct arena scratch = parser->scratch;
    struct condition *node = node_new(parser, type);
    uint32_t *meant = arena_take(&scratch, logic->n_searches, sizeof *meant);
    uint32_t n = 0;
    for (uint32_t i = 0; node && meant && i < logic->n_searches; i++) {
        struct str name = logic->search[i].name;
        bool taken = type == CONDITION_OF ? is_meant(parser, name, pattern)
                                          : str_equal(name, pattern);
        if (!taken)
            continue;
        meant[n++] = i;
        parser->used[i] = true;
    }
    parser->n_meant += n;
    if (parser->n_meant > MAX_MEANT || parser->n_compared > MAX_COMPARED)
        return fail(parser, "too many search identifiers are meant");
    uint32_t *search = loader_take(parser->loader, n + 1, sizeof *search);
    if (!node || !meant || !search)
        return NULL;
    memcpy(search, meant, n * sizeof *search);
    node->search = search;
    node->n_searches = n;
    return node;
}

static struct condition *
name_node(struct parser *parser)
{
    const struct logic *logic = parser->logic;
    struct condition *node =
        searches_node(parser, parser->word, CONDITION_SEARCH);
    if (!node || parser->failed)
        return NULL;
    if (node->n_searches == 0) {
        struct str *names =
            loader_take(parser->loader, logic->n_searches, sizeof *names);
        for (size_t i = 0; names && i < logic->n_searches; i++)
            names[i] = logic->search[i].name;
        complain_unknown(parser->loader->complaints, place_of_word(parser),
                         "search identifier", parser->word, names,
                         names ? logic->n_searches : 0);
        parser->failed = true;
        return NULL;
    }
    next_word(parser);
    return node;
}

/* "1 of pattern", "all of them"; the word is the quantity. */
static struct condition *
of_node(struct parser *parser, uint32_t need)
{
    struct str pattern;
    next_word(parser); /* of */
    next_word(parser);
    pattern = parser->word;
    if (pattern.len == 0 || strchr("()|", pattern.at[0]))
        return fail(parser, "after 'of' comes a pattern or 'them'");
    struct condition *node = searches_node(parser, pattern, CONDITION_OF);
    if (!node || parser->failed)
        return NULL;
    if (node->n_searches == 0)
        return fail(parser, "no search identifier is meant by the pattern");
    node->need = need == 0 ? node->n_searches : need;
    if (node->need > node->n_searches)
        return fail(parser, "there are not so many search identifiers");
    next_word(parser);
    return node;
}

/* Whether the current word is a quantity: the next one is `of`. */
static bool
is_quantity(const struct parser *parser)
{
    struct parser ahead = *parser;
    next_word(&ahead);
    return word_is(&ahead, "of");
}

static struct condition *either(struct parser *parser);

static struct condition *
primary(struct parser *parser)
{
    int64_t n;
    if (parser->word.len == 0 || word_is(parser, "and") ||
        word_is(parser, "or") || word_is(parser, ")") || word_is(parser, "|"))
        return fail(parser, word_is(parser, "|")
                                ? "aggregations after '|' are of the old form: "
                                  "write a correlation"
                                : "expected a search identifier");
    if (word_is(parser, "(")) {
        next_word(parser);
        struct condition *node = either(parser);
        if (node && !word_is(parser, ")"))
            return fail(parser, "expected ')'");
        next_word(parser);
        return node;
    }
    if (!is_quantity(parser))
        return name_node(parser);
    if (word_is(parser, "all"))
        return of_node(parser, 0);
    if (word_is(parser, "any"))
        return of_node(parser, 1);
    if (!str_to_i64(parser->word, &n) || n < 1 || n > MAX_SEARCHES)
        return fail(parser,
                    "before 'of' comes a number from 1, 'all' or 'any'");
    return of_node(parser, (uint32_t)n);
}

static struct condition *
negation(struct parser *parser)
{
    if (++parser->depth > MAX_CONDITION_DEPTH)
        return fail(parser, "nested too deep (64 at most)");
    struct condition *node = NULL;
    if (word_is(parser, "not") && !is_quantity(parser)) {
        next_word(parser);
        struct condition *child = negation(parser);
        node = child ? node_new(parser, CONDITION_NOT) : NULL;
        if (node)
            node->first = child;
    } else {
        node = primary(parser);
    }
    parser->depth--;
    return node;
}

/* A chain of `word` over what `part` reads. */
static struct condition *
chain(struct parser *parser, const char *word, enum condition_type type,
      struct condition *(*part)(struct parser *parser))
{
    struct condition *first = part(parser), *last = first;
    if (!first || !word_is(parser, word))
        return first;
    struct condition *node = node_new(parser, type);
    while (last && word_is(parser, word)) {
        next_word(parser);
        struct condition *next = part(parser);
        last->next = next;
        last = next;
    }
    if (!node || !last)
        return NULL;
    node->first = first;
    return node;
}

static struct condition *
both(struct parser *parser)
{
    return chain(parser, "and", CONDITION_AND, negation);
}

static struct condition *
either(struct parser *parser)
{
    return chain(parser, "or", CONDITION_OR, both);
}

/* One condition, to its end. */
static struct condition *
whole(struct parser *parser, const struct yaml *node)
{
    if (node->type != YAML_SCALAR) {
        complain(parser->loader->complaints, node->place,
                 "a condition is a text");
        return NULL;
    }
    if (node->text.len > MAX_CONDITION_BYTES) {
        complain(parser->loader->complaints, node->place,
                 "a condition has at most %d bytes", (int)MAX_CONDITION_BYTES);
        return NULL;
    }
    parser->node = node;
    parser->rest = node->text;
    parser->depth = 0;
    parser->failed = false;
    next_word(parser);
    struct condition *condition = either(parser);
    if (condition && word_is(parser, "|"))
        return fail(parser, "aggregations after '|' are of the old form: write "
                            "a correlation");
    if (condition && parser->word.len > 0)
        return fail(parser, "expected and, or, or the end");
    return parser->failed ? NULL : condition;
}

const struct condition *
condition_load(struct rule_loader *loader, const struct yaml *node,
               struct logic *logic)
{
    struct arena scratch = *loader->scratch;
    bool *used = arena_take(&scratch, logic->n_searches + 1, sizeof *used);
    struct parser parser = {
        .loader = loader, .logic = logic, .used = used, .scratch = scratch};
    struct condition *first = NULL, *last = NULL;
    bool good = used != NULL;
    size_t n = 0;
    bool is_list = node->type == YAML_LIST;
    const struct yaml *at = is_list ? node->first : node;
    for (; good && at; at = is_list ? at->next : NULL, n++) {
        struct condition *one = whole(&parser, at);
        good &= one != NULL;
        if (last)
            last->next = one;
        else
            first = one;
        last = one;
    }
    if (n == 0 && good)
        complain(loader->complaints, node->place, "the list is empty");
    if (!good || n == 0)
        return NULL;
    for (size_t i = 0; i < logic->n_searches; i++)
        if (!used[i] && logic->search[i].name.at[0] != '_')
            complain_warning(loader->complaints, logic->search[i].place,
                             "no condition uses '%.*s'",
                             STR_ARG(logic->search[i].name));
    if (n == 1)
        return first;
    struct condition *any = node_new(&parser, CONDITION_OR);
    if (any)
        any->first = first;
    return any;
}
