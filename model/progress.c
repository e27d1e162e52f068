/* SPDX-License-Identifier: Apache-2.0
 *
 * Progress records as text: short, readable in any Kafka tool, and written a
 * few times a second at most. */
#include "model/progress.h"

#include "base/times.h"

#include <inttypes.h>

#define HEADING "progress 2\n"

void
progress_write(struct buf *buf, const struct progress *at, size_t n)
{
    buf_add(buf, STR(HEADING));
    for (size_t i = 0; i < n; i++) {
        buf_format(buf, "%d ", at[i].level);
        buf_add(buf, at[i].topic);
        buf_format(buf, " %" PRId32 " %" PRIu32 " %" PRId64 " ",
                   at[i].partition, at[i].incarnation, at[i].offset);
        if (at[i].watermark_ms == NO_TIME)
            buf_char(buf, '-');
        else
            buf_i64(buf, at[i].watermark_ms);
        if (at[i].aside)
            buf_add(buf, STR(" aside"));
        buf_char(buf, '\n');
    }
}

bool
progress_is(struct str value)
{
    return str_starts(value, STR(HEADING));
}

/* A number with one spelling: no "007", no "-0". */
static bool
read_number(struct str text, int64_t min, int64_t max, int64_t *n)
{
    size_t sign = text.len > 0 && *text.at == '-';
    if (text.len > sign + 1 && text.at[sign] == '0')
        return false;
    return str_to_i64(text, n) && *n >= min && *n <= max && !(sign && *n == 0);
}

static bool
read_watermark(struct str text, int64_t *ms)
{
    *ms = NO_TIME;
    return str_equal(text, STR("-")) ||
           read_number(text, NO_TIME + 1, INT64_MAX, ms);
}

bool
progress_next(struct progress_lines *lines, struct progress *at)
{
    struct str line, level, topic, partition, incarnation, offset, watermark;
    int64_t n[3];
    if (!str_split(&lines->rest, '\n', &line) ||
        !str_split(&line, ' ', &level) || !str_split(&line, ' ', &topic) ||
        !str_split(&line, ' ', &partition) ||
        !str_split(&line, ' ', &incarnation) ||
        !str_split(&line, ' ', &offset) || !str_split(&line, ' ', &watermark))
        return false;
    *at = (struct progress){.topic = topic};
    at->aside = str_equal(line, STR("aside"));
    if (topic.len == 0 || topic.len > MAX_KEY_BYTES ||
        (line.len > 0 && !at->aside) ||
        !read_number(level, 0, MAX_LEVELS - 1, &n[2]) ||
        !read_number(partition, 0, INT32_MAX, &n[0]) ||
        !read_number(incarnation, 0, UINT32_MAX, &n[1]) ||
        !read_number(offset, 0, INT64_MAX, &at->offset) ||
        !read_watermark(watermark, &at->watermark_ms))
        return false;
    at->partition = (int32_t)n[0];
    at->incarnation = (uint32_t)n[1];
    at->level = (int)n[2];
    return true;
}

struct progress_lines
progress_lines(struct str value)
{
    return (struct progress_lines){
        str_cut(value, sizeof HEADING - 1, value.len)};
}

/* How many bytes a line has, with its end; strict, so that a record has one
 * spelling. */
static size_t
line_len(struct str rest)
{
    size_t len = 0;
    while (len < rest.len && rest.at[len] != '\n')
        len++;
    return len < rest.len ? len + 1 : 0; /* the last must end too */
}

bool
progress_check(struct str value)
{
    struct progress at;
    if (!progress_is(value))
        return false;
    struct str rest = progress_lines(value).rest;
    while (rest.len > 0) {
        size_t len = line_len(rest);
        struct progress_lines one = {str_cut(rest, 0, len)};
        bool blank_end = len >= 2 && rest.at[len - 2] == ' ';
        if (len == 0 || blank_end || !progress_next(&one, &at))
            return false;
        rest = str_cut(rest, len, rest.len);
    }
    return true;
}
