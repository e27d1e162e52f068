/* SPDX-License-Identifier: Apache-2.0
 *
 * The watermark: two short lists of the best values of distinct hosts. That a
 * list of three is enough follows from values only getting better: a host that
 * fell off the list comes back with a value better than the worst on it. */
#include "watermark.h"

#include "base/times.h"

#include <inttypes.h>

/* FNV-1a, 64 bit (http://www.isthe.com/chongo/tech/comp/fnv): kept in Redis,
 * so the same in every process. A collision only makes two hosts one. */
static uint64_t
host_digest(struct str host)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < host.len; i++)
        hash = (hash ^ (unsigned char)host.at[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static void
best_swap(struct best *best, unsigned a, unsigned b)
{
    uint64_t host = best->host[a];
    int64_t value = best->value[a];
    best->host[a] = best->host[b];
    best->value[a] = best->value[b];
    best->host[b] = host;
    best->value[b] = value;
}

/* Keeps the list sorted, best first, one entry a host. */
static void
best_see(struct best *best, uint64_t host, int64_t value)
{
    unsigned i = 0;
    while (i < best->n && best->host[i] != host)
        i++;
    if (i < best->n) {
        if (value <= best->value[i])
            return;
    } else if (best->n < WATERMARK_HOSTS) {
        best->n++;
    } else {
        i = WATERMARK_HOSTS - 1;
        if (value <= best->value[i])
            return;
    }
    best->host[i] = host;
    best->value[i] = value;
    for (; i > 0 && best->value[i] > best->value[i - 1]; i--)
        best_swap(best, i, i - 1);
}

/* The third best, or the worst known. */
static int64_t
best_third(const struct best *best)
{
    return best->value[best->n - 1];
}

void
watermark_clear(struct watermark *watermark)
{
    *watermark = (struct watermark){.now_ms = NO_TIME, .newest_ms = NO_TIME};
}

void
watermark_see(struct watermark *watermark, struct str host, int64_t arrival_ms,
              int64_t event_ms)
{
    uint64_t digest = host_digest(host);
    best_see(&watermark->arrival, digest, arrival_ms);
    best_see(&watermark->lead, digest, event_ms - arrival_ms);
}

static void
raise_from(struct watermark *watermark, int64_t newest_ms, int64_t lateness_ms)
{
    if (watermark->lead.n == 0)
        return;
    int64_t lead_ms = best_third(&watermark->lead);
    int64_t now_ms = newest_ms + (lead_ms < 0 ? lead_ms : 0) - lateness_ms;
    if (now_ms > watermark->now_ms)
        watermark->now_ms = now_ms;
}

void
watermark_raise(struct watermark *watermark, int64_t lateness_ms)
{
    if (watermark->arrival.n > 0)
        raise_from(watermark, best_third(&watermark->arrival), lateness_ms);
}

void
watermark_clock(struct watermark *watermark, int64_t kafka_ms,
                int64_t lateness_ms)
{
    raise_from(watermark, kafka_ms, lateness_ms);
}

static void
best_write(struct buf *buf, const struct best *best)
{
    buf_format(buf, " %u", best->n);
    for (unsigned i = 0; i < best->n; i++)
        buf_format(buf, " %016" PRIx64 " %" PRId64, best->host[i],
                   best->value[i]);
}

void
watermark_write(struct buf *buf, const struct watermark *watermark)
{
    buf_format(buf, "1 %" PRId64 " %" PRId64, watermark->now_ms,
               watermark->newest_ms);
    best_write(buf, &watermark->arrival);
    best_write(buf, &watermark->lead);
}

static bool
read_hex64(struct str text, uint64_t *n)
{
    static const char digits[] = "0123456789abcdef";
    *n = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = 0;
        while (digit < 16 && digits[digit] != text.at[i])
            digit++;
        if (digit == 16)
            return false;
        *n = *n << 4 | digit;
    }
    return text.len == 16;
}

static bool
next_i64(struct str *text, int64_t *n)
{
    struct str part;
    return str_split(text, ' ', &part) && str_to_i64(part, n);
}

static bool
best_read(struct str *text, struct best *best)
{
    int64_t n;
    if (!next_i64(text, &n) || n < 0 || n > WATERMARK_HOSTS)
        return false;
    best->n = (unsigned)n;
    for (unsigned i = 0; i < best->n; i++) {
        struct str host;
        if (!str_split(text, ' ', &host) || !read_hex64(host, &best->host[i]) ||
            !next_i64(text, &best->value[i]))
            return false;
    }
    return true;
}

bool
watermark_read(struct str text, struct watermark *watermark)
{
    int64_t version;
    struct watermark w;
    watermark_clear(&w);
    if (!next_i64(&text, &version) || version != 1 ||
        !next_i64(&text, &w.now_ms) || !next_i64(&text, &w.newest_ms) ||
        !best_read(&text, &w.arrival) || !best_read(&text, &w.lead) ||
        text.len > 0)
        return false;
    *watermark = w;
    return true;
}
