/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML files through libyaml's events into a tree of our own, in which every
 * node knows its place. The events come one at a time and the nodes that are
 * open stand on a stack of bounded depth, so nothing recurses.
 *
 * An alias shares the children of what it names; the tree that a reader sees
 * is counted as if they had been copied, so a file of a few lines that stands
 * for a thousand million nodes is refused. What is wrong but leaves the tree
 * whole (a key twice, an unknown alias) is a complaint, and reading goes on;
 * what libyaml calls an error ends it; the documents behind are only looked at
 * for more to complain of. */
#include <assert.h>
#include <stdlib.h>

#include <yaml.h>

#include "base/yaml.h"
#include "yaml_text.h"

#define MAX_NODES 1000000
#define MAX_DEPTH 64
#define MAX_ANCHORS 256 /* to a document */
#define MAX_LOOKS 16    /* for what else is wrong in a file that is */

/* A list or map that is open. */
struct frame {
    struct yaml *node, *last; /* last: its newest child */
    bool has_key;             /* map: the key of the next child is known */
    struct str key;
    struct place key_place;
    size_t anchor;       /* of this node; MAX_ANCHORS: none */
    size_t nodes_before; /* of the file, itself not counted */
    unsigned height;     /* levels of lists and maps below */
};

struct anchor {
    struct str name;
    const struct yaml *node;
    bool complete;  /* false inside the node itself */
    size_t n_nodes; /* of the node, with its aliases */
    unsigned height;
};

struct reading {
    const char *file;
    struct str text;
    size_t line; /* of the file: where the text begins */
    struct arena *arena;
    struct complaints *complaints;
    struct frame stack[MAX_DEPTH];
    size_t depth;
    struct anchor anchor[MAX_ANCHORS];
    size_t n_anchors;
    size_t n_nodes;
    struct yaml *first, *last; /* documents */
};

/* --- places and complaints */

static unsigned
count_from_1(size_t n)
{
    return n < UINT32_MAX ? (unsigned)n + 1 : UINT32_MAX;
}

static struct place
place_of(const struct reading *reading, yaml_mark_t mark)
{
    return (struct place){reading->file,
                          count_from_1(reading->line + mark.line),
                          count_from_1(mark.column)};
}

/* Line and column (in characters) of a byte. */
static struct place
place_of_byte(const struct reading *reading, size_t offset)
{
    yaml_mark_t mark = {0, 0, 0};
    for (size_t i = 0; i < offset && i < reading->text.len; i++) {
        unsigned char c = (unsigned char)reading->text.at[i];
        if (c == '\n') {
            mark.line++;
            mark.column = 0;
        } else if ((c & 0xc0) != 0x80) {
            mark.column++;
        }
    }
    return place_of(reading, mark);
}

/* The byte at a line and column, NUL past the end. */
static char
byte_at(struct str text, yaml_mark_t mark)
{
    size_t i = 0;
    for (size_t line = 0; line < mark.line && i < text.len; i++)
        line += text.at[i] == '\n';
    for (size_t n = 0; i < text.len; i++) {
        if (((unsigned char)text.at[i] & 0xc0) != 0x80 && n++ == mark.column)
            return text.at[i];
    }
    return '\0';
}

/* Text from the file as it is quoted in messages. */
static struct str
quote(struct str s)
{
    return str_cut(s, 0, 80);
}

static void
complain_parser(struct reading *reading, const yaml_parser_t *parser)
{
    const char *problem = parser->problem ? parser->problem : "not YAML";
    struct complaints *complaints = reading->complaints;
    if (parser->error == YAML_MEMORY_ERROR) {
        complain(complaints, (struct place){reading->file, 0, 0},
                 "out of memory");
        return;
    }
    if (parser->error == YAML_READER_ERROR) {
        complain(complaints, place_of_byte(reading, parser->problem_offset),
                 "%s", problem);
        return;
    }
    struct place place = place_of(reading, parser->problem_mark);
    const char *cure = "";
    if (byte_at(reading->text, parser->problem_mark) == '\t')
        cure = "; a tab stands here: use blanks";
    if (parser->context)
        complain(complaints, place, "%s (%s, line %u)%s", problem,
                 parser->context,
                 count_from_1(reading->line + parser->context_mark.line), cure);
    else
        complain(complaints, place, "%s%s", problem, cure);
}

/* --- nodes */

static bool
too_large(struct complaints *complaints, struct place place)
{
    complain(complaints, place, "too large: no memory for it");
    return false;
}

static bool
count_nodes(struct reading *reading, struct place place, size_t n)
{
    reading->n_nodes += n;
    if (reading->n_nodes <= MAX_NODES)
        return true;
    complain(reading->complaints, place,
             "expands to more than %d values, aliases counted", MAX_NODES);
    return false;
}

static struct yaml *
new_node(struct reading *reading, enum yaml_type type, struct place place)
{
    if (!count_nodes(reading, place, 1))
        return NULL;
    struct yaml *node = arena_take(reading->arena, 1, sizeof *node);
    if (!node) {
        too_large(reading->complaints, place);
        return NULL;
    }
    node->type = type;
    node->place = place;
    return node;
}

static void
append(struct yaml **first, struct yaml **last, struct yaml *node)
{
    if (*last)
        (*last)->next = node;
    else
        *first = node;
    *last = node;
}

/* In a map that waits for a key, `node` is one. */
static void
take_key(const struct reading *reading, struct frame *frame,
         const struct yaml *node)
{
    struct complaints *complaints = reading->complaints;
    frame->has_key = true;
    frame->key = node->text;
    frame->key_place = node->place;
    if (node->type != YAML_SCALAR) {
        frame->key = STR("?");
        complain(complaints, node->place, "a key must be text, not a %s",
                 node->type == YAML_LIST ? "list" : "map");
    } else if (!node->quoted && node->text.len == 0) {
        complain(complaints, node->place, "a key is missing before ':'");
    } else if (!node->quoted && str_equal(node->text, STR("<<"))) {
        complain(complaints, node->place,
                 "merge keys ('<<') are not supported: write the fields out");
    }
}

/* Puts `node` where it belongs: a document, a key, a value, an item. */
static void
attach(struct reading *reading, struct yaml *node)
{
    if (reading->depth == 0) {
        append(&reading->first, &reading->last, node);
        return;
    }
    struct frame *frame = &reading->stack[reading->depth - 1];
    if (frame->node->type == YAML_MAP && !frame->has_key) {
        take_key(reading, frame, node);
        return;
    }
    if (frame->node->type == YAML_MAP) {
        node->key = frame->key;
        node->key_place = frame->key_place;
        frame->has_key = false;
    }
    struct yaml *first = NULL;
    append(&first, &frame->last, node);
    if (first)
        frame->node->first = first;
    frame->node->n_children++;
}

/* --- anchors and aliases */

static const struct anchor *
find_anchor(const struct reading *reading, struct str name)
{
    for (size_t i = reading->n_anchors; i > 0; i--)
        if (str_equal(reading->anchor[i - 1].name, name))
            return &reading->anchor[i - 1];
    return NULL;
}

/* Remembers what `name` stands for from now on, as YAML has it: a later one of
 * the same name hides this one. */
static bool
add_anchor(struct reading *reading, const yaml_char_t *name,
           const struct yaml *node, size_t *number)
{
    *number = MAX_ANCHORS;
    if (!name)
        return true;
    if (reading->n_anchors == MAX_ANCHORS) {
        complain(reading->complaints, node->place,
                 "more than %d anchors in one document", MAX_ANCHORS);
        return false;
    }
    struct str copy = arena_copy(reading->arena, str_of((const char *)name));
    if (!copy.at)
        return too_large(reading->complaints, node->place);
    *number = reading->n_anchors++;
    reading->anchor[*number] =
        (struct anchor){copy, node, node->type == YAML_SCALAR, 1, 0};
    return true;
}

/* A node that shares the children of what the alias names. */
static bool
on_alias(struct reading *reading, const yaml_event_t *event)
{
    struct place place = place_of(reading, event->start_mark);
    struct str name = str_of((const char *)event->data.alias.anchor);
    struct yaml *node = new_node(reading, YAML_SCALAR, place);
    if (!node)
        return false;
    const struct anchor *anchor = find_anchor(reading, name);
    struct str quoted = quote(name);
    if (!anchor) {
        complain(reading->complaints, place,
                 "alias '*%.*s' names no anchor above it", STR_ARG(quoted));
    } else if (!anchor->complete) {
        complain(reading->complaints, place,
                 "alias '*%.*s' stands inside what it names", STR_ARG(quoted));
    } else {
        if (reading->depth + anchor->height > MAX_DEPTH) {
            complain(reading->complaints, place, "nested deeper than %d",
                     MAX_DEPTH);
            return false;
        }
        if (!count_nodes(reading, place, anchor->n_nodes - 1))
            return false;
        node->type = anchor->node->type;
        node->text = anchor->node->text;
        node->quoted = anchor->node->quoted;
        node->first = anchor->node->first;
        node->n_children = anchor->node->n_children;
        if (reading->depth > 0) {
            struct frame *frame = &reading->stack[reading->depth - 1];
            if (frame->height < anchor->height)
                frame->height = anchor->height;
        }
    }
    attach(reading, node);
    return true;
}

/* --- events */

/* Standard tags say nothing but that a scalar is text; others mean something
 * to another program. */
static bool
is_text_tag(const struct reading *reading, const yaml_char_t *tag,
            struct place place)
{
    static const struct str prefix = {"tag:yaml.org,2002:", 18};
    static const char *const known[] = {"str",  "int", "float", "bool",
                                        "null", "seq", "map"};
    if (!tag)
        return false;
    struct str name = str_of((const char *)tag);
    if (str_equal(name, STR("!")))
        return true;
    if (str_starts(name, prefix)) {
        struct str kind = str_cut(name, prefix.len, name.len);
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            if (str_equal(kind, str_of(known[i])))
                return i == 0;
    }
    name = quote(name);
    complain(reading->complaints, place, "tag '%.*s' is not supported",
             STR_ARG(name));
    return false;
}

static bool
on_scalar(struct reading *reading, const yaml_event_t *event)
{
    struct place place = place_of(reading, event->start_mark);
    struct yaml *node = new_node(reading, YAML_SCALAR, place);
    if (!node)
        return false;
    struct str value = {(const char *)event->data.scalar.value,
                        event->data.scalar.length};
    node->text = arena_copy(reading->arena, value);
    if (!node->text.at)
        return too_large(reading->complaints, place);
    node->quoted = is_text_tag(reading, event->data.scalar.tag, place) ||
                   event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    if (event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE)
        node->quote = '\'';
    else if (event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE)
        node->quote = '"';
    if (event->start_mark.line == event->end_mark.line)
        node->width =
            (uint32_t)(event->end_mark.column - event->start_mark.column);
    size_t anchor;
    if (!add_anchor(reading, event->data.scalar.anchor, node, &anchor))
        return false;
    attach(reading, node);
    return true;
}

static bool
on_open(struct reading *reading, const yaml_event_t *event)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    const yaml_char_t *tag =
        is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
    const yaml_char_t *name = is_map ? event->data.mapping_start.anchor
                                     : event->data.sequence_start.anchor;
    struct place place = place_of(reading, event->start_mark);
    size_t nodes_before = reading->n_nodes, anchor;
    if (reading->depth == MAX_DEPTH) {
        complain(reading->complaints, place, "nested deeper than %d",
                 MAX_DEPTH);
        return false;
    }
    struct yaml *node = new_node(reading, is_map ? YAML_MAP : YAML_LIST, place);
    if (!node || !add_anchor(reading, name, node, &anchor))
        return false;
    is_text_tag(reading, tag, place);
    attach(reading, node);
    reading->stack[reading->depth++] = (struct frame){
        .node = node, .anchor = anchor, .nodes_before = nodes_before};
    return true;
}

struct member {
    const struct yaml *node;
};

/* By key, equal ones in the order of the file. */
static int
compare_keys(const void *a, const void *b)
{
    const struct yaml *x = ((const struct member *)a)->node;
    const struct yaml *y = ((const struct member *)b)->node;
    int order = str_compare(x->key, y->key);
    if (order != 0)
        return order;
    if (x->key_place.line != y->key_place.line)
        return x->key_place.line < y->key_place.line ? -1 : 1;
    return (x->key_place.column > y->key_place.column) -
           (x->key_place.column < y->key_place.column);
}

/* Sorting puts equal keys side by side: no square of a hostile file's size.
 * The arena by value: what is taken here is scratch. */
static bool
check_keys(const struct reading *reading, const struct yaml *map,
           struct arena scratch)
{
    struct member *sorted =
        arena_take_raw(&scratch, map->n_children, sizeof *sorted);
    if (!sorted)
        return too_large(reading->complaints, map->place);
    size_t n = 0;
    for (const struct yaml *child = map->first; child; child = child->next)
        sorted[n++].node = child;
    qsort(sorted, n, sizeof *sorted, compare_keys);
    for (size_t i = 1, first = 0; i < n; i++) {
        if (!str_equal(sorted[first].node->key, sorted[i].node->key)) {
            first = i;
            continue;
        }
        struct str key = quote(sorted[i].node->key);
        complain(reading->complaints, sorted[i].node->key_place,
                 "key '%.*s' stands here again (first in line %u)",
                 STR_ARG(key), sorted[first].node->key_place.line);
    }
    return true;
}

static bool
on_close(struct reading *reading)
{
    assert(reading->depth > 0);
    struct frame *frame = &reading->stack[--reading->depth];
    assert(frame->node);
    frame->height++;
    if (reading->depth > 0) {
        struct frame *outer = &reading->stack[reading->depth - 1];
        if (outer->height < frame->height)
            outer->height = frame->height;
    }
    if (frame->anchor < MAX_ANCHORS) {
        struct anchor *anchor = &reading->anchor[frame->anchor];
        anchor->complete = true;
        anchor->n_nodes = reading->n_nodes - frame->nodes_before;
        anchor->height = frame->height;
    }
    return frame->node->type != YAML_MAP || frame->node->n_children < 2 ||
           check_keys(reading, frame->node, *reading->arena);
}

static bool
on_event(struct reading *reading, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_ALIAS_EVENT:
        return on_alias(reading, event);
    case YAML_SCALAR_EVENT:
        return on_scalar(reading, event);
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return on_open(reading, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_close(reading);
    case YAML_DOCUMENT_START_EVENT:
        reading->n_anchors = 0;
        return true;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
    default:
        return true;
    }
}

/* True when the whole file has been read. */
static bool
read_events(struct reading *reading, yaml_parser_t *parser)
{
    bool going = true, done = false;
    while (going && !done) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            complain_parser(reading, parser);
            return false;
        }
        going = on_event(reading, &event);
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    return going;
}

/* The documents of the text. `*wrong`: the line at which its YAML is not to be
 * gone on from; else it is left alone. */
static bool
read_text(struct reading *reading, size_t *wrong)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        complain(reading->complaints, (struct place){reading->file, 0, 0},
                 "out of memory");
        return false;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &parser, (const unsigned char *)reading->text.at, reading->text.len);
    bool fine = read_events(reading, &parser);
    if (parser.error == YAML_SCANNER_ERROR || parser.error == YAML_PARSER_ERROR)
        *wrong = parser.problem_mark.line;
    yaml_parser_delete(&parser);
    return fine;
}

/* The file is refused, but what else is wrong with it can be said: of the
 * documents behind, which nobody keeps. */
static void
look_behind(struct reading *reading, size_t wrong)
{
    struct arena rest = *reading->arena;
    for (int i = 0;
         i < MAX_LOOKS && yaml_text_skip(&reading->text, &reading->line, wrong);
         i++) {
        struct reading other = {.file = reading->file,
                                .text = reading->text,
                                .line = reading->line,
                                .arena = &rest,
                                .complaints = reading->complaints};
        wrong = SIZE_MAX;
        read_text(&other, &wrong);
        if (wrong == SIZE_MAX)
            return;
    }
}

const struct yaml *
yaml_parse(const char *name, struct str text, struct arena *arena,
           struct complaints *complaints)
{
    struct str file = arena_copy(arena, str_of(name));
    struct place place = {file.at ? file.at : name, 0, 0};
    size_t wrong = SIZE_MAX;
    text = text.at ? text : STR("");
    if (!file.at) {
        too_large(complaints, place);
        return NULL;
    }
    const char *refused = yaml_text_refused(&text);
    if (refused) {
        complain(complaints, place, "%s", refused);
        return NULL;
    }
    struct reading reading = {.file = file.at,
                              .text = text,
                              .arena = arena,
                              .complaints = complaints};
    bool fine = read_text(&reading, &wrong);
    if (wrong != SIZE_MAX)
        look_behind(&reading, wrong);
    if (fine && !reading.first)
        complain(complaints, place, "empty: there is no YAML in it");
    return fine ? reading.first : NULL;
}
