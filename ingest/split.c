/* SPDX-License-Identifier: Apache-2.0
 *
 * One message falls into alerts. The rules, in order:
 *
 * 1. Larger than 1 MiB, or nothing but blanks (or "[]"): not split.
 * 2. A syslog header is taken off when JSON or CEF comes after it.
 * 3. The whole is read as one JSON value: an object is one alert, each member
 *    of an array is one.
 * 4. If that fails and the message has several lines, its first line decides:
 *    is it by itself a complete object or line of CEF, be it a bad one, then
 *    each line is one alert, and a bad line is one faulty element. If it is
 *    cut off or none of these, the message cannot be split.
 * 5. An array that fails only because of what one of its members holds (a
 *    duplicate key, a number out of range) falls at its commas, and only that
 *    member is faulty.
 *
 * So a message cannot be split exactly when it is empty, too large, holds too
 * many alerts, or its first value is not complete, not an object or array, or
 * followed by something else on its line. */
#include "ingest/split_priv.h"

#include <stdlib.h>
#include <string.h>

struct decoder {
    struct json_reader *reader;
};

/* What one call works with and fills. */
struct split {
    struct decoder *decoder;
    struct arena *scratch;
    struct element *element;
    size_t n;
};

struct decoder *
decoder_new(void)
{
    struct decoder *decoder = calloc(1, sizeof *decoder);
    if (decoder)
        decoder->reader = json_reader_new();
    if (decoder && !decoder->reader) {
        free(decoder);
        return NULL;
    }
    return decoder;
}

void
decoder_free(struct decoder *decoder)
{
    if (decoder)
        json_reader_free(decoder->reader);
    free(decoder);
}

struct str
split_fault_id(enum split_fault fault)
{
    static const struct str ids[] = {
#define X(name, id, words) {id, sizeof(id) - 1},
        SPLIT_FAULTS(X)
#undef X
    };
    return ids[fault];
}

struct str
split_fault_words(enum split_fault fault)
{
    static const struct str texts[] = {
#define X(name, id, words) {words, sizeof(words) - 1},
        SPLIT_FAULTS(X)
#undef X
    };
    return texts[fault];
}

static enum split_fault
fault_of_json(enum json_fault fault)
{
    switch (fault) {
    case JSON_FINE:
        return SPLIT_FINE;
    case JSON_EMPTY:
        return SPLIT_EMPTY;
    case JSON_TOO_LARGE:
        return SPLIT_TOO_LARGE;
    case JSON_NOT_UTF8:
        return SPLIT_NOT_UTF8;
    case JSON_SYNTAX:
        return SPLIT_SYNTAX;
    case JSON_TRAILING:
        return SPLIT_TRAILING;
    case JSON_TOO_DEEP:
        return SPLIT_TOO_DEEP;
    case JSON_DUPLICATE_KEY:
        return SPLIT_DUPLICATE_KEY;
    case JSON_NUMBER_RANGE:
        return SPLIT_NUMBER;
    case JSON_TOO_MANY:
        return SPLIT_TOO_MANY;
    }
    return SPLIT_SYNTAX;
}

/* What a failed read took of the scratch arena is given back. */
static enum split_fault
read_json(struct split *split, struct str text, const struct json **root)
{
    struct arena before = *split->scratch;
    enum split_fault fault = fault_of_json(
        json_read(split->decoder->reader, text, split->scratch, root));
    if (fault != SPLIT_FINE)
        *split->scratch = before;
    return fault;
}

/* --- what the syslog header says
 * ---------------------------------------------- */

/* A copy of the object that has the header's parts as members too; the object
 * itself when there is no header, or no memory. */
static const struct json *
with_header(const struct json *root, const struct syslog_header *header,
            struct arena *scratch)
{
    const struct {
        struct str key, value;
    } parts[] = {
#define X(name, key) {{key, sizeof(key) - 1}, header->name},
        SYSLOG_FIELDS(X)
#undef X
    };
    const size_t n_parts = sizeof parts / sizeof parts[0];
    size_t n = 0;
    for (size_t i = 0; i < n_parts; i++)
        n += parts[i].value.len > 0;
    if (n == 0)
        return root;
    struct json *copy = arena_take_raw(scratch, root->skip + n, sizeof *copy);
    if (!copy)
        return root;
    memcpy(copy, root, root->skip * sizeof *copy);
    for (size_t i = 0; i < n_parts; i++) {
        if (parts[i].value.len == 0 || json_get(root, parts[i].key))
            continue;
        copy[copy->skip] = (struct json){.key = parts[i].key,
                                         .text = parts[i].value,
                                         .type = JSON_STRING,
                                         .skip = 1};
        copy->n_children++;
        copy->skip++;
    }
    return copy;
}

/* --- one alert, one line
 * --------------------------------------------------------- */

static enum split_fault
read_alert(struct split *split, struct str line, const struct json **event)
{
    struct syslog_header header;
    struct str body = syslog_strip(line, &header);
    enum split_fault fault;
    if (str_starts(body, STR("CEF:")))
        fault = cef_read(body, split->scratch, event);
    else
        fault = read_json(split, body, event);
    if (fault == SPLIT_FINE && (*event)->type != JSON_OBJECT)
        fault = SPLIT_SHAPE;
    if (fault == SPLIT_FINE)
        *event = with_header(*event, &header, split->scratch);
    return fault;
}

static struct element
read_element(struct split *split, struct str text)
{
    struct element element = {.raw = text};
    element.fault = read_alert(split, text, &element.event);
    if (element.fault != SPLIT_FINE)
        element.event = NULL;
    return element;
}

/* --- lines
 * ------------------------------------------------------------------------ */

static size_t
n_lines(struct str text)
{
    size_t n = 0;
    struct str line;
    while (n <= MAX_ALERTS_PER_MESSAGE && str_split(&text, '\n', &line))
        n += str_trim(line).len > 0;
    return n;
}

/* Whether a first line with this fault is a line by itself at all. */
static bool
is_line(enum split_fault fault)
{
    return fault != SPLIT_SYNTAX && fault != SPLIT_SHAPE &&
           fault != SPLIT_EMPTY;
}

static enum split_fault
split_lines(struct split *split, struct str text)
{
    struct str line;
    size_t n = n_lines(text);
    if (n > MAX_ALERTS_PER_MESSAGE)
        return SPLIT_TOO_MANY;
    split->element = arena_take(split->scratch, n, sizeof *split->element);
    if (!split->element)
        return SPLIT_TOO_MANY;
    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (line.len == 0)
            continue;
        struct element element = read_element(split, line);
        if (split->n == 0 && !is_line(element.fault))
            return element.fault;
        split->element[split->n++] = element;
    }
    return SPLIT_FINE;
}

/* --- arrays
 * ------------------------------------------------------------------------ */

static enum split_fault
split_array(struct split *split, const struct json *array)
{
    if (array->n_children == 0)
        return SPLIT_EMPTY;
    if (array->n_children > MAX_ALERTS_PER_MESSAGE)
        return SPLIT_TOO_MANY;
    split->element =
        arena_take(split->scratch, array->n_children, sizeof *split->element);
    if (!split->element)
        return SPLIT_TOO_MANY;
    const struct json *node = json_first(array);
    for (uint32_t i = 0; i < array->n_children; i++, node = json_next(node)) {
        bool fine = node->type == JSON_OBJECT;
        split->element[split->n++] = (struct element){
            .fault = fine ? SPLIT_FINE : SPLIT_SHAPE,
            .raw = node->text,
            .event = fine ? node : NULL,
        };
    }
    return SPLIT_FINE;
}

/* The end of the member that begins at `from`: the place of the comma or the
 * bracket behind it. False when the brackets do not fit. */
static bool
member_end(struct str text, size_t from, size_t *end)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = from; i < text.len; i++) {
        char c = text.at[i];
        if (quoted) {
            if (c == '\\')
                i++;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (depth == 0 && (c == ',' || c == ']')) {
            *end = i;
            return true;
        } else if (c == '}' || c == ']') {
            if (depth-- == 0)
                return false;
        }
    }
    return false;
}

/* An array the reader refuses for what a member holds. False when it does not
 * fall at its commas either. */
static bool
split_commas(struct split *split, struct str text)
{
    struct arena before = *split->scratch;
    size_t at = 1, end = 0, n = 0;
    while (n <= MAX_ALERTS_PER_MESSAGE && member_end(text, at, &end)) {
        n++;
        at = end + 1;
        if (text.at[end] == ']')
            break;
    }
    if (n == 0 || n > MAX_ALERTS_PER_MESSAGE || end + 1 != text.len ||
        text.at[end] != ']')
        return false;
    split->element = arena_take(split->scratch, n, sizeof *split->element);
    for (at = 1; split->element && split->n < n; at = end + 1) {
        if (!member_end(text, at, &end))
            break;
        struct element element =
            read_element(split, str_trim(str_cut(text, at, end)));
        if (element.fault == SPLIT_SYNTAX || element.fault == SPLIT_EMPTY)
            break;
        split->element[split->n++] = element;
    }
    if (split->n == n)
        return true;
    split->n = 0;
    *split->scratch = before;
    return false;
}

/* --- the whole
 * ------------------------------------------------------------------------ */

static enum split_fault
split_json(struct split *split, struct str whole, struct str text,
           const struct syslog_header *header)
{
    const struct json *root;
    enum split_fault fault = read_json(split, text, &root);
    if ((fault == SPLIT_DUPLICATE_KEY || fault == SPLIT_NUMBER) &&
        text.at[0] == '[' && split_commas(split, text))
        return SPLIT_FINE;
    if (fault != SPLIT_FINE)
        return fault;
    if (root->type == JSON_ARRAY)
        return split_array(split, root);
    if (root->type != JSON_OBJECT)
        return SPLIT_SHAPE;
    split->element = arena_take(split->scratch, 1, sizeof *split->element);
    if (!split->element)
        return SPLIT_TOO_MANY;
    split->element[split->n++] = (struct element){
        .raw = whole,
        .event = with_header(root, header, split->scratch),
    };
    return SPLIT_FINE;
}

static enum split_fault
split_message(struct split *split, struct str whole)
{
    struct syslog_header header;
    struct str text = whole;
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_cut(text, 3, text.len);
    text = str_trim(text);
    if (text.len == 0)
        return SPLIT_EMPTY;
    struct str body = str_trim(syslog_strip(text, &header));
    enum split_fault fault = SPLIT_SYNTAX;
    if (!str_starts(body, STR("CEF:"))) {
        fault = split_json(split, whole, body, &header);
        if (fault == SPLIT_FINE || !memchr(text.at, '\n', text.len))
            return fault;
    }
    /* Several lines, or CEF. The reason to give is that of the whole. */
    split->n = 0;
    enum split_fault by_line = split_lines(split, text);
    if (by_line == SPLIT_FINE || by_line == SPLIT_TOO_MANY ||
        str_starts(body, STR("CEF:")))
        return by_line;
    return fault;
}

enum split_fault
source_split(const struct source *source, struct decoder *decoder,
             struct str text, struct arena *scratch,
             const struct element **elements, size_t *n)
{
    struct split split = {.decoder = decoder, .scratch = scratch};
    (void)source; /* no mapping needs to say what its messages look like */
    if (text.len > MAX_MESSAGE_BYTES)
        return SPLIT_TOO_LARGE;
    enum split_fault fault = split_message(&split, text);
    *elements = fault == SPLIT_FINE ? split.element : NULL;
    *n = fault == SPLIT_FINE ? split.n : 0;
    return fault;
}
