/* SPDX-License-Identifier: Apache-2.0
 *
 * Prometheus' text format 0.0.4, and nothing of ours: HELP and TYPE once,
 * before the first sample of a metric; labels with backslash, quote and line
 * end escaped; times in seconds. */
#include "metrics_priv.h"

#include <inttypes.h>

void
sample_begin(struct page *page, const struct metric *metric, const char *suffix)
{
    if (!page->begun)
        buf_format(page->out, "# HELP thapcanh_%s %s\n# TYPE thapcanh_%s %s\n",
                   metric->name, metric->help, metric->name, metric->type);
    page->begun = true;
    buf_format(page->out, "thapcanh_%s%s", metric->name, suffix);
}

static bool
is_open(const struct page *page)
{
    const struct buf *out = page->out;
    return out->len > 0 && out->at[out->len - 1] == '"';
}

void
sample_label(struct page *page, const char *name, struct str value)
{
    struct buf *out = page->out;
    buf_char(out, is_open(page) ? ',' : '{');
    buf_add(out, str_of(name));
    buf_add(out, STR("=\""));
    for (size_t i = 0; i < value.len; i++) {
        char c = value.at[i];
        if (c == '\\' || c == '"')
            buf_char(out, '\\');
        if (c == '\n')
            buf_add(out, STR("\\n"));
        else
            buf_char(out, c);
    }
    buf_char(out, '"');
}

static struct str
text(const struct json *node, const char *key)
{
    const struct json *value = json_get(node, str_of(key));
    return value ? value->text : NO_STR;
}

void
sample_worker(struct page *page, const struct json *worker)
{
    sample_label(page, "stage", text(worker, "stage"));
    sample_label(page, "worker", text(worker, "worker"));
}

void
sample_part(struct page *page, const struct seen *seen)
{
    sample_label(page, "stage", text(seen->worker, "stage"));
    sample_label(page, "topic", text(seen->part, "topic"));
    sample_label(page, "partition", text(seen->part, "partition"));
}

void
sample_end(struct page *page, struct str value)
{
    if (is_open(page))
        buf_char(page->out, '}');
    buf_char(page->out, ' ');
    buf_add(page->out, value);
    buf_char(page->out, '\n');
}

void
sample_number(struct page *page, uint64_t n)
{
    char digits[24];
    struct buf value = {digits, 0, sizeof digits, sizeof digits, false};
    buf_u64(&value, n);
    sample_end(page, buf_str(&value));
}

void
sample_seconds(struct page *page, int64_t n, int digits)
{
    char at[48];
    struct buf value = {at, 0, sizeof at, sizeof at, false};
    uint64_t size = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    uint64_t unit = digits == 3 ? 1000 : 1000000;
    buf_format(&value, "%s%" PRIu64 ".%0*" PRIu64, n < 0 ? "-" : "",
               size / unit, digits, size % unit);
    sample_end(page, buf_str(&value));
}
