/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the samples of a metric are found: one pass over the process, its
 * workers or their partitions for each metric, because Prometheus wants the
 * samples of a metric together. */
#include "metrics_priv.h"

#include "base/histogram.h"
#include "model/counts.h"
#include "model/window_cap.h"

static struct str
text(const struct json *node, const char *path)
{
    const struct json *value = member_at(node, path);
    return value ? value->text : NO_STR;
}

static int64_t
number(const struct json *node, const char *path)
{
    int64_t n = 0;
    str_to_i64(text(node, path), &n);
    return n;
}

const struct json *
member_at(const struct json *node, const char *path)
{
    struct str rest = str_of(path), part;
    while (node && str_split(&rest, '/', &part))
        node = node->type == JSON_OBJECT ? json_get(node, part) : NULL;
    return node;
}

/* --- plain members */

static bool
is_value(const struct json *node)
{
    return node && (node->type == JSON_NUMBER || node->type == JSON_TRUE ||
                    node->type == JSON_FALSE);
}

static void
end_value(struct page *page, const struct json *node)
{
    sample_end(page, node->type == JSON_NUMBER ? node->text
                     : node->type == JSON_TRUE ? STR("1")
                                               : STR("0"));
}

void
write_process(struct page *page, const struct metric *metric)
{
    const struct json *node = member_at(page->root, metric->path);
    if (!is_value(node))
        return;
    sample_begin(page, metric, "");
    end_value(page, node);
}

void
write_process_seconds(struct page *page, const struct metric *metric)
{
    if (!is_value(member_at(page->root, metric->path)))
        return;
    sample_begin(page, metric, "");
    sample_seconds(page, number(page->root, metric->path), 3);
}

void
write_workers(struct page *page, const struct metric *metric)
{
    for (size_t i = 0; i < page->n_workers; i++) {
        const struct json *node = member_at(page->workers[i], metric->path);
        if (!is_value(node))
            continue;
        sample_begin(page, metric, "");
        sample_worker(page, page->workers[i]);
        end_value(page, node);
    }
}

void
write_parts(struct page *page, const struct metric *metric)
{
    for (size_t i = 0; i < page->n_seen; i++) {
        const struct json *node = member_at(page->seen[i].part, metric->path);
        if (!is_value(node))
            continue;
        sample_begin(page, metric, "");
        sample_part(page, &page->seen[i]);
        end_value(page, node);
    }
}

void
write_parts_seconds(struct page *page, const struct metric *metric)
{
    for (size_t i = 0; i < page->n_seen; i++) {
        if (!is_value(member_at(page->seen[i].part, metric->path)))
            continue;
        sample_begin(page, metric, "");
        sample_part(page, &page->seen[i]);
        sample_seconds(page, number(page->seen[i].part, metric->path), 3);
    }
}

/* --- the process and its workers */

void
write_info(struct page *page, const struct metric *metric)
{
    sample_begin(page, metric, "");
    sample_label(page, "version", text(page->root, metric->path));
    sample_number(page, 1);
}

void
write_reload(struct page *page, const struct metric *metric)
{
    sample_begin(page, metric, "");
    sample_number(page, text(page->root, metric->path).len > 0);
}

void
write_reached(struct page *page, const struct metric *metric)
{
    for (size_t i = 0; i < page->n_workers; i++) {
        const struct json *away = member_at(page->workers[i], metric->path);
        if (!away)
            continue;
        sample_begin(page, metric, "");
        sample_worker(page, page->workers[i]);
        sample_number(page, away->type != JSON_TRUE);
    }
}

void
write_age(struct page *page, const struct metric *metric)
{
    int64_t now_ms = number(page->root, "now_ms");
    for (size_t i = 0; i < page->n_workers; i++) {
        int64_t age_ms = now_ms - number(page->workers[i], metric->path);
        sample_begin(page, metric, "");
        sample_worker(page, page->workers[i]);
        sample_seconds(page, age_ms > 0 ? age_ms : 0, 3);
    }
}

static uint64_t
put_buckets(struct page *page, const struct metric *metric,
            const struct json *worker, const struct json *counts)
{
    const struct json *count = json_first(counts);
    uint64_t sum = 0;
    for (size_t b = 0; b <= HISTOGRAM_BOUNDS; b++, count = json_next(count)) {
        char bound[32];
        struct buf le = {bound, 0, sizeof bound, sizeof bound, false};
        int64_t n = 0;
        str_to_i64(count->text, &n);
        sum += (uint64_t)n;
        if (b == HISTOGRAM_BOUNDS)
            buf_add(&le, STR("+Inf"));
        else
            buf_format(&le, "%g", (double)histogram_bound_us(b) / 1e6);
        sample_begin(page, metric, "_bucket");
        sample_worker(page, worker);
        sample_label(page, "le", buf_str(&le));
        sample_number(page, sum);
    }
    return sum;
}

void
write_histogram(struct page *page, const struct metric *metric)
{
    for (size_t i = 0; i < page->n_workers; i++) {
        const struct json *worker = page->workers[i];
        const struct json *all = member_at(worker, metric->path);
        const struct json *counts = all ? member_at(all, "n") : NULL;
        if (!counts || counts->type != JSON_ARRAY ||
            counts->n_children != HISTOGRAM_BOUNDS + 1)
            continue;
        uint64_t n = put_buckets(page, metric, worker, counts);
        sample_begin(page, metric, "_sum");
        sample_worker(page, worker);
        sample_seconds(page, number(all, "sum_us"), 6);
        sample_begin(page, metric, "_count");
        sample_worker(page, worker);
        sample_number(page, n);
    }
}

/* --- partitions */

void
write_running(struct page *page, const struct metric *metric)
{
    for (size_t i = 0; i < page->n_seen; i++) {
        struct str phase = text(page->seen[i].part, metric->path);
        sample_begin(page, metric, "");
        sample_part(page, &page->seen[i]);
        sample_number(page, str_equal(phase, STR("running")));
    }
}

/* A source that is only quiet needs nobody, so it is told apart; path
 * "quiet": those, else the others. */
void
write_aside(struct page *page, const struct metric *metric)
{
    bool for_quiet = str_equal(str_of(metric->path), STR("quiet"));
    for (size_t i = 0; i < page->n_seen; i++) {
        struct str why = text(page->seen[i].part, "aside");
        bool quiet = str_equal(why, STR("silent")) ||
                     str_equal(why, STR("has sent nothing yet"));
        sample_begin(page, metric, "");
        sample_part(page, &page->seen[i]);
        sample_number(page, why.len > 0 && quiet == for_quiet);
    }
}

static void
put_books(struct page *page, const struct metric *metric, int from, int to)
{
    for (size_t i = 0; i < page->n_seen; i++) {
        const struct json *part = page->seen[i].part;
        const struct json *books = member_at(part, "books");
        for (int c = from; books && c < to; c++) {
            struct str id = book_column_id((enum book_column)c);
            const struct json *n = json_get(books, id);
            if (!is_value(n))
                continue;
            sample_begin(page, metric, "");
            sample_label(page, "source", text(part, "source"));
            sample_label(page, "topic", text(part, "topic"));
            sample_label(page, "partition", text(part, "partition"));
            sample_label(page, metric->path, id);
            end_value(page, n);
        }
    }
}

void
write_fates(struct page *page, const struct metric *metric)
{
    put_books(page, metric, BOOK_IN + 1, BOOK_LATE);
}

void
write_facts(struct page *page, const struct metric *metric)
{
    put_books(page, metric, BOOK_LATE, N_BOOK_COLUMNS);
}

/* Those of a partition's members that are named, one sample each. */
static void
put_named(struct page *page, const struct metric *metric, const char *label,
          const char *const *names, size_t n)
{
    for (size_t i = 0; i < page->n_seen; i++) {
        const struct json *all =
            metric->path ? member_at(page->seen[i].part, metric->path)
                         : page->seen[i].part;
        for (size_t k = 0; all && k < n; k++) {
            const struct json *value = member_at(all, names[k]);
            if (!is_value(value))
                continue;
            sample_begin(page, metric, "");
            sample_part(page, &page->seen[i]);
            sample_label(page, label, str_of(names[k]));
            end_value(page, value);
        }
    }
}

void
write_events(struct page *page, const struct metric *metric)
{
    static const char *const names[] = {"applied", "late", "refused"};
    put_named(page, metric, "result", names, sizeof names / sizeof *names);
}

void
write_outcomes(struct page *page, const struct metric *metric)
{
    static const char *const names[] = {"folded", "repeat", "stale", "refused",
                                        "foreign"};
    put_named(page, metric, "outcome", names, sizeof names / sizeof *names);
}

void
write_messages(struct page *page, const struct metric *metric)
{
    static const char *const results[] = {"delivered", "failed"};
    for (size_t i = 0; i < page->n_seen; i++) {
        const struct json *all = member_at(page->seen[i].part, metric->path);
        const struct json *one = all ? json_first(all) : NULL;
        for (uint32_t k = 0; one && k < all->n_children;
             k++, one = json_next(one))
            for (size_t r = 0; r < 2; r++) {
                sample_begin(page, metric, "");
                sample_label(page, "channel", text(one, "channel"));
                sample_label(page, "result", str_of(results[r]));
                sample_number(page, (uint64_t)number(one, results[r]));
            }
    }
}

/* --- by rule */

/* A sample for each rule of each worker that has this number. */
static void
put_rules(struct page *page, const struct metric *metric, const char *member,
          bool is_cap)
{
    for (size_t i = 0; i < page->n_workers; i++) {
        const struct json *all = member_at(page->workers[i], metric->path);
        const struct json *one = all ? json_first(all) : NULL;
        for (uint32_t k = 0; one && k < all->n_children;
             k++, one = json_next(one)) {
            const struct json *n = member_at(one, member);
            if (!is_value(n))
                continue;
            sample_begin(page, metric, "");
            sample_worker(page, page->workers[i]);
            sample_label(page, "rule", text(one, "rule"));
            if (is_cap)
                sample_label(page, "cap", str_of(member));
            end_value(page, n);
        }
    }
}

void
write_firings(struct page *page, const struct metric *metric)
{
    put_rules(page, metric, "fired", false);
}

void
write_caps(struct page *page, const struct metric *metric)
{
    static const char *const caps[] = {
#define X(name, id) id,
        WINDOW_CAPS(X)
#undef X
    };
    for (size_t cap = 0; cap < N_WINDOW_CAPS; cap++)
        put_rules(page, metric, caps[cap], true);
}
