/* SPDX-License-Identifier: Apache-2.0
 *
 * One value of the configuration: what each type of the table may be, and how
 * it lands in the record. A value that is wrong is complained of where it
 * stands and changes nothing. */
#include "config_priv.h"

#include <string.h>

struct str
loading_keep(struct loading *loading, struct str text)
{
    struct str kept = arena_copy(&loading->config->arena, text);
    if (kept.at != NULL)
        return kept;
    complain(loading->complaints, (struct place){.file = loading->config->file},
             "out of memory");
    return STR("");
}

/* `path` as the file means it: relative to the file's folder. */
const char *
loading_path(struct loading *loading, struct str path)
{
    if (path.len > 0 && path.at[0] != '/' && loading->folder.len > 0) {
        struct str whole =
            arena_format(&loading->config->arena, "%.*s/%.*s",
                         STR_ARG(loading->folder), STR_ARG(path));
        if (whole.at != NULL)
            return whole.at;
    }
    return loading_keep(loading, path).at;
}

/* --- one value */

static bool
is_port(struct str text)
{
    int64_t port;
    return str_to_i64(text, &port) && port >= 1 && port <= 65535;
}

/* "host:port", "[::1]:port"; the port may be missing if `bare`. */
static bool
is_address(struct str text, bool bare)
{
    size_t colon = text.len;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= ' ' || text.at[i] == '/')
            return false;
        if (text.at[i] == ':')
            colon = i;
    }
    bool bracket = text.len > 0 && text.at[text.len - 1] == ']';
    if (colon == text.len || bracket)
        return bare && text.len > 0;
    return colon > 0 && is_port(str_cut(text, colon + 1, text.len));
}

static bool
set_brokers(struct loading *loading, const struct yaml *node, const char **at)
{
    struct str rest = node->text, one;
    bool fine = rest.len > 0;
    while (fine && str_split(&rest, ',', &one))
        fine = is_address(str_trim(one), true);
    if (!fine) {
        complain(loading->complaints, node->place,
                 "'%.*s' is no list of broker addresses (host:port, …)",
                 STR_ARG(node->text));
        return false;
    }
    *at = loading_keep(loading, node->text).at;
    return true;
}

static bool
set_redis(struct loading *loading, const struct yaml *node, const char **at)
{
    if (str_contains(node->text, STR("/"))) {
        *at = loading_path(loading, node->text);
        return true;
    }
    if (!is_address(node->text, false)) {
        complain(loading->complaints, node->place,
                 "'%.*s' is neither host:port nor the path of a socket",
                 STR_ARG(node->text));
        return false;
    }
    *at = loading_keep(loading, node->text).at;
    return true;
}

static bool
set_word(struct loading *loading, const struct yaml *node,
         const struct str words[4], bool *on)
{
    for (size_t i = 0; i < 4; i++)
        if (words[i].len > 0 && str_equal(node->text, words[i])) {
            *on = i % 2 == 0;
            return true;
        }
    complain(loading->complaints, node->place,
             "'%.*s' is neither %.*s nor %.*s", STR_ARG(node->text),
             STR_ARG(words[0]), STR_ARG(words[1]));
    return false;
}

static bool
set_text(struct loading *loading, const struct config_row *row,
         const struct yaml *node, struct str *at)
{
    struct str text = node->text;
    if ((int64_t)text.len < row->min || (int64_t)text.len > row->max) {
        complain(loading->complaints, node->place,
                 "%s must be %lld to %lld bytes long", row->name,
                 (long long)row->min, (long long)row->max);
        return false;
    }
    for (size_t i = 0; row->type == CONFIG_ID && i < text.len; i++) {
        char c = text.at[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
            (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-')
            continue;
        complain(loading->complaints, node->place,
                 "%s may have only a-z A-Z 0-9 . _ -", row->name);
        return false;
    }
    *at = loading_keep(loading, text);
    return true;
}

bool
loading_plain(struct loading *loading, const struct yaml *node)
{
    for (size_t i = 0; i < node->text.len; i++)
        if ((unsigned char)node->text.at[i] < ' ' || node->text.at[i] == 127) {
            complain(loading->complaints, node->place,
                     "control characters are not allowed here");
            return false;
        }
    return true;
}

static void
set_number(struct loading *loading, const struct config_row *row,
           const struct yaml *node, char *at)
{
    int64_t value;
    if (row->type == CONFIG_DURATION) {
        if (yaml_duration_ms(node, row->min, row->max, &value,
                             loading->complaints))
            memcpy(at, &value, sizeof value);
    } else if (yaml_i64(node, row->min, row->max, &value,
                        loading->complaints)) {
        int number = (int)value;
        memcpy(at, &number, sizeof number);
    }
}

static void
set_switch(struct loading *loading, const struct config_row *row,
           const struct yaml *node, char *at)
{
    const struct str onoff[4] = {STR("on"), STR("off"), STR("true"),
                                 STR("false")};
    const struct str language[4] = {STR("en"), STR("vi")};
    bool on;
    if (set_word(loading, node, row->type == CONFIG_SWITCH ? onoff : language,
                 &on))
        memcpy(at, &on, sizeof on);
}

static void
set_string(struct loading *loading, const struct config_row *row,
           const struct yaml *node, char *at)
{
    struct str text;
    const char *path = NULL;
    if (!loading_plain(loading, node))
        return;
    if (row->type == CONFIG_TEXT || row->type == CONFIG_ID) {
        if (set_text(loading, row, node, &text))
            memcpy(at, &text, sizeof text);
        return;
    }
    if (row->type == CONFIG_BROKERS && !set_brokers(loading, node, &path))
        return;
    if (row->type == CONFIG_REDIS && !set_redis(loading, node, &path))
        return;
    if (row->type == CONFIG_PATH && node->text.len > 0)
        path = loading_path(loading, node->text);
    if (path == NULL && row->preset != NULL) {
        complain(loading->complaints, node->place, "%s must not be empty",
                 row->name);
        return;
    }
    memcpy(at, &path, sizeof path);
}

void
config_set(struct loading *loading, const struct config_row *row,
           const struct yaml *node)
{
    char *at = (char *)loading->config + row->at;
    struct str text;
    switch (row->type) {
    case CONFIG_NUMBER:
    case CONFIG_DURATION:
        set_number(loading, row, node, at);
        break;
    case CONFIG_SWITCH:
    case CONFIG_LANGUAGE:
        if (yaml_str(node, &text, loading->complaints))
            set_switch(loading, row, node, at);
        break;
    case CONFIG_TEXT:
    case CONFIG_ID:
    case CONFIG_PATH:
    case CONFIG_BROKERS:
    case CONFIG_REDIS:
        if (yaml_str(node, &text, loading->complaints))
            set_string(loading, row, node, at);
        break;
    case CONFIG_SOURCES:
        break;
    }
}
