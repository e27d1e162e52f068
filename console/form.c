/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading forms. What is badly encoded is taken as it stands: a gateway's text
 * is only looked at for six digits. */
#include "form.h"

#include "base/json.h"

static int
digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static struct str
decoded(struct str text, struct arena *arena)
{
    char *at = arena_take_raw(arena, text.len + 1, 1);
    size_t n = 0;
    if (at == NULL)
        return NO_STR;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        int high = -1, low = -1;
        if (c == '%' && i + 2 < text.len) {
            high = digit(text.at[i + 1]);
            low = digit(text.at[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            at[n++] = (char)(high * 16 + low);
            i += 2;
        } else {
            at[n++] = c == '+' ? ' ' : c;
        }
    }
    return (struct str){at, n};
}

static struct str
json_field(struct str body, struct str name, struct arena *arena)
{
    struct json_reader *reader = json_reader_new();
    const struct json *root, *member;
    struct str value = NO_STR;
    if (reader != NULL && json_read(reader, body, arena, &root) == JSON_FINE &&
        (member = json_get(root, name)) != NULL &&
        (member->type == JSON_STRING || member->type == JSON_NUMBER))
        value = arena_copy(arena, member->text);
    json_reader_free(reader);
    return value;
}

struct str
form_field(struct str body, struct str content_type, struct str name,
           struct arena *arena)
{
    struct str pair;
    if (str_contains(content_type, STR("json")))
        return json_field(body, name, arena);
    while (str_split(&body, '&', &pair)) {
        struct str key;
        if (str_split(&pair, '=', &key) && str_equal(decoded(key, arena), name))
            return decoded(pair, arena);
    }
    return NO_STR;
}
