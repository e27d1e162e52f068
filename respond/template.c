/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling a gateway's template. Only {to}, {digits}, {text} and {id} are
 * places: a body in JSON has braces of its own. A value is never looked at
 * again, so a text that says {to} stays as it is. */
#include "template.h"

#define NAME(literal)                                                          \
    {                                                                          \
        "" literal, sizeof(literal) - 1                                        \
    }

static const struct str places[TEMPLATE_PLACES] = {NAME("to"), NAME("digits"),
                                                   NAME("text"), NAME("id")};

enum escaping
escaping_of(struct str content_type)
{
    if (str_contains(content_type, STR("json")))
        return ESCAPE_JSON;
    if (str_contains(content_type, STR("x-www-form-urlencoded")))
        return ESCAPE_FORM;
    if (str_contains(content_type, STR("xml")))
        return ESCAPE_XML;
    return ESCAPE_NOTHING;
}

static void
add_percent(struct buf *buf, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                     c == '_' || c == '~';
        if (plain)
            buf_char(buf, c);
        else
            buf_format(buf, "%%%02X", (unsigned)(unsigned char)c);
    }
}

static void
add_escaped(struct buf *buf, struct str text, enum escaping escaping)
{
    struct buf quoted = {0};
    switch (escaping) {
    case ESCAPE_URL:
    case ESCAPE_FORM:
        add_percent(buf, text);
        break;
    case ESCAPE_JSON:
        buf_json(&quoted, text);
        buf_add(buf, str_cut(buf_str(&quoted), 1, quoted.len - 1));
        buf_free(&quoted);
        break;
    case ESCAPE_XML:
        buf_html(buf, text);
        break;
    case ESCAPE_NOTHING:
        buf_add(buf, text);
        break;
    }
}

/* The length of the word in braces at `at`, 0 when it is none. */
static size_t
place_len(struct str text, size_t at)
{
    size_t end = at + 1;
    while (end < text.len && text.at[end] >= 'a' && text.at[end] <= 'z')
        end++;
    return end > at + 1 && end < text.len && text.at[end] == '}' ? end - at + 1
                                                                 : 0;
}

static size_t
place_of(struct str text, size_t at, size_t len)
{
    struct str word = str_cut(text, at + 1, at + len - 1);
    size_t i = 0;
    while (i < TEMPLATE_PLACES && !str_equal(word, places[i]))
        i++;
    return i;
}

bool
sms_template_check(struct str text, struct err *why)
{
    for (size_t at = 0; at < text.len; at++) {
        size_t len = text.at[at] == '{' ? place_len(text, at) : 0;
        if (len == 0 || place_of(text, at, len) < TEMPLATE_PLACES)
            continue;
        struct str word = str_cut(text, at + 1, at + len - 1);
        struct str near = str_nearest(word, places, TEMPLATE_PLACES);
        err_set(why, "unknown place '{%.*s}'%s%.*s%s", STR_ARG(word),
                near.len > 0 ? " (did you mean '{"
                             : " ({to} {digits} {text} "
                               "{id} are known",
                STR_ARG(near), near.len > 0 ? "}'?)" : ")");
        return false;
    }
    return true;
}

void
template_fill(struct buf *buf, struct str text, enum escaping escaping,
              const struct template_values *values)
{
    for (size_t at = 0; at < text.len;) {
        size_t len = text.at[at] == '{' ? place_len(text, at) : 0;
        size_t i = len > 0 ? place_of(text, at, len) : TEMPLATE_PLACES;
        if (i < TEMPLATE_PLACES) {
            add_escaped(buf, values->value[i], escaping);
            at += len;
        } else {
            buf_char(buf, text.at[at++]);
        }
    }
}
