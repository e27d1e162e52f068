/* SPDX-License-Identifier: Apache-2.0
 *
 * The header a syslog relay puts before a sensor's message (RFC 5424, and RFC
 * 3164 as it is found: with or without priority, with the old or an ISO time,
 * with or without host and tag). A header counts as one only when JSON or CEF
 * comes after it. */
#include "ingest/split_priv.h"

#include <string.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_body(struct str text)
{
    return text.len > 0 && (text.at[0] == '{' || text.at[0] == '[' ||
                            str_starts(text, STR("CEF:")));
}

/* The word up to the next blank; blanks after it are taken too. */
static struct str
take_word(struct str *rest)
{
    size_t end = 0;
    while (end < rest->len && rest->at[end] != ' ')
        end++;
    struct str word = str_cut(*rest, 0, end);
    while (end < rest->len && rest->at[end] == ' ')
        end++;
    *rest = str_cut(*rest, end, rest->len);
    return word;
}

/* "-" stands for nothing (RFC 5424, 6). */
static struct str
take_nilable(struct str *rest)
{
    struct str word = take_word(rest);
    return str_equal(word, STR("-")) ? NO_STR : word;
}

/* "<134>", one to three digits. */
static struct str
take_priority(struct str *rest)
{
    size_t i = 1;
    if (rest->len == 0 || rest->at[0] != '<')
        return NO_STR;
    while (i < rest->len && i < 4 && is_digit(rest->at[i]))
        i++;
    if (i == 1 || i == rest->len || rest->at[i] != '>')
        return NO_STR;
    struct str priority = str_cut(*rest, 1, i);
    *rest = str_cut(*rest, i + 1, rest->len);
    return priority;
}

/* Structured data: "-" or elements in brackets, in which a quoted value may
 * hold a bracket, and a backslash escapes (RFC 5424, 6.3). */
static bool
skip_structured(struct str *rest)
{
    size_t i = 0;
    bool quoted = false;
    if (rest->len > 0 && rest->at[0] == '-') {
        take_word(rest);
        return true;
    }
    while (i < rest->len && rest->at[i] == '[') {
        for (i++; i < rest->len && (quoted || rest->at[i] != ']'); i++) {
            if (quoted && rest->at[i] == '\\')
                i++;
            else if (rest->at[i] == '"')
                quoted = !quoted;
        }
        if (i >= rest->len)
            return false;
        i++;
    }
    if (i == 0)
        return false;
    *rest = str_cut(*rest, i, rest->len);
    while (rest->len > 0 && rest->at[0] == ' ')
        *rest = str_cut(*rest, 1, rest->len);
    return true;
}

static bool
strip_5424(struct str *rest, struct syslog_header *header)
{
    if (!str_starts(*rest, STR("1 ")))
        return false;
    *rest = str_cut(*rest, 2, rest->len);
    header->time = take_nilable(rest);
    header->host = take_nilable(rest);
    header->app = take_nilable(rest);
    header->pid = take_nilable(rest);
    header->msgid = take_nilable(rest);
    if (!skip_structured(rest))
        return false;
    if (str_starts(*rest, STR("\xef\xbb\xbf")))
        *rest = str_cut(*rest, 3, rest->len);
    return is_body(*rest);
}

/* "Mar  5 14:22:31 " or "2024-03-05T14:22:31+07:00 " */
static bool
take_old_time(struct str *rest, struct str *time)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (rest->len > 16 && rest->at[3] == ' ' && rest->at[6] == ' ' &&
        rest->at[9] == ':' && rest->at[15] == ' ') {
        for (size_t i = 0; i < 36; i += 3)
            if (memcmp(rest->at, months + i, 3) == 0) {
                *time = str_cut(*rest, 0, 15);
                *rest = str_cut(*rest, 16, rest->len);
                return true;
            }
    }
    if (rest->len > 10 && is_digit(rest->at[0]) && rest->at[4] == '-' &&
        rest->at[7] == '-') {
        *time = take_word(rest);
        return true;
    }
    return false;
}

/* "suricata[1234]:" */
static void
read_tag(struct str tag, struct syslog_header *header)
{
    if (tag.len > 0 && tag.at[tag.len - 1] == ':')
        tag.len--;
    const char *open = tag.len > 0 ? memchr(tag.at, '[', tag.len) : NULL;
    size_t at = open ? (size_t)(open - tag.at) : tag.len;
    header->app = str_cut(tag, 0, at);
    if (open && tag.at[tag.len - 1] == ']')
        header->pid = str_cut(tag, at + 1, tag.len - 1);
}

/* The first '{' or "CEF:", wherever it stands. */
static bool
find_body(struct str *rest)
{
    const char *brace = rest->len > 0 ? memchr(rest->at, '{', rest->len) : NULL;
    const char *cef =
        rest->len > 0 ? memmem(rest->at, rest->len, "CEF:", 4) : NULL;
    const char *body = !brace || (cef && cef < brace) ? cef : brace;
    if (!body)
        return false;
    *rest = str_cut(*rest, (size_t)(body - rest->at), rest->len);
    return true;
}

static bool
strip_3164(struct str *rest, struct syslog_header *header)
{
    bool timed = take_old_time(rest, &header->time);
    if (!timed && header->priority.len == 0)
        return false;
    if (is_body(*rest))
        return true;
    if (timed) {
        struct str after = *rest;
        struct str host = take_word(&after);
        if (host.len > 0 && host.at[host.len - 1] != ':') {
            header->host = host;
            *rest = after;
        }
        if (is_body(*rest))
            return true;
    }
    struct str after = *rest;
    struct str tag = take_word(&after);
    if (is_body(after)) {
        read_tag(tag, header);
        *rest = after;
        return true;
    }
    return find_body(rest);
}

struct str
syslog_strip(struct str line, struct syslog_header *header)
{
    *header = (struct syslog_header){.priority = NO_STR};
    if (is_body(line))
        return line;
    struct str rest = line;
    struct str priority = take_priority(&rest);
    struct str after = rest;
    header->priority = priority;
    if (priority.len > 0 && strip_5424(&after, header))
        return after;
    *header = (struct syslog_header){.priority = priority};
    after = rest;
    if (strip_3164(&after, header))
        return after;
    *header = (struct syslog_header){.priority = NO_STR};
    return line;
}
