/* SPDX-License-Identifier: Apache-2.0
 *
 * One pass over all partitions for each metric, because Prometheus wants the
 * samples of a metric together. Whatever number a stage adds to the status of
 * its partitions is a metric of its own: thapcanh_STAGE_NAME; the books are
 * counters by column. */
#include "metrics.h"

#include "base/times.h"

#include <string.h>

/* A partition of a worker. */
struct seen {
    const struct json *worker, *part;
};

enum { MAX_SEEN = 4096 };

struct writing {
    struct buf *out;
    struct seen *seen;
    size_t n;
};

static struct str
text(const struct json *node, const char *key)
{
    const struct json *value = node ? json_get(node, str_of(key)) : NULL;
    return value ? value->text : NO_STR;
}

/* A label's value: backslash, quote and line end are escaped (Prometheus,
 * exposition formats). */
static void
write_label(struct buf *out, const char *name, struct str value, char after)
{
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
    buf_char(out, after);
}

static void
write_head(struct buf *out, const char *name, const char *type,
           const char *help)
{
    buf_format(out, "# HELP thapcanh_%s %s\n# TYPE thapcanh_%s %s\n", name,
               help, name, type);
}

static void
write_part_labels(struct buf *out, const struct seen *seen)
{
    buf_char(out, '{');
    write_label(out, "stage", text(seen->worker, "stage"), ',');
    write_label(out, "topic", text(seen->part, "topic"), ',');
    write_label(out, "partition", text(seen->part, "partition"), '}');
}

/* A number of every partition that has it. */
static void
write_gauge(struct writing *w, const char *name, const char *key,
            const char *help)
{
    bool begun = false;
    for (size_t i = 0; i < w->n; i++) {
        struct str value = text(w->seen[i].part, key);
        if (value.len == 0)
            continue;
        if (!begun)
            write_head(w->out, name, "gauge", help);
        begun = true;
        buf_format(w->out, "thapcanh_%s", name);
        write_part_labels(w->out, &w->seen[i]);
        buf_format(w->out, " %.*s\n", STR_ARG(value));
    }
}

static void
write_phases(struct writing *w)
{
    write_head(w->out, "partition_running", "gauge",
               "1: taken and read; 0: waiting, stopped or being restored.");
    for (size_t i = 0; i < w->n; i++) {
        bool running =
            str_equal(text(w->seen[i].part, "phase"), STR("running"));
        buf_add(w->out, STR("thapcanh_partition_running"));
        write_part_labels(w->out, &w->seen[i]);
        buf_format(w->out, " %d\n", running);
    }
    write_head(w->out, "partition_aside", "gauge",
               "1: set aside, holds no window back.");
    for (size_t i = 0; i < w->n; i++) {
        buf_add(w->out, STR("thapcanh_partition_aside"));
        write_part_labels(w->out, &w->seen[i]);
        buf_format(w->out, " %d\n", text(w->seen[i].part, "aside").len > 0);
    }
}

static void
write_books(struct writing *w)
{
    write_head(w->out, "alerts_total", "counter",
               "Alerts by what became of them; in = counted + updates + "
               "duplicates + dead_letters.");
    for (size_t i = 0; i < w->n; i++) {
        const struct json *books = json_get(w->seen[i].part, STR("books"));
        const struct json *one = books ? json_first(books) : NULL;
        for (uint32_t k = 0; one && k < books->n_children;
             k++, one = json_next(one)) {
            buf_add(w->out, STR("thapcanh_alerts_total{"));
            write_label(w->out, "source", text(w->seen[i].part, "source"), ',');
            write_label(w->out, "topic", text(w->seen[i].part, "topic"), ',');
            write_label(w->out, "partition", text(w->seen[i].part, "partition"),
                        ',');
            write_label(w->out, "book", one->key, '}');
            buf_format(w->out, " %.*s\n", STR_ARG(one->text));
        }
    }
}

/* Numbers that a stage says of its partitions under "figures". */
static void
write_figures(struct writing *w)
{
    write_head(w->out, "figure", "gauge",
               "What a stage says of a partition of its own.");
    for (size_t i = 0; i < w->n; i++) {
        const struct json *all = json_get(w->seen[i].part, STR("figures"));
        const struct json *one = all ? json_first(all) : NULL;
        for (uint32_t k = 0; one && k < all->n_children;
             k++, one = json_next(one)) {
            if (one->type != JSON_NUMBER)
                continue;
            buf_add(w->out, STR("thapcanh_figure{"));
            write_label(w->out, "stage", text(w->seen[i].worker, "stage"), ',');
            write_label(w->out, "topic", text(w->seen[i].part, "topic"), ',');
            write_label(w->out, "partition", text(w->seen[i].part, "partition"),
                        ',');
            write_label(w->out, "name", one->key, '}');
            buf_format(w->out, " %.*s\n", STR_ARG(one->text));
        }
    }
}

static void
write_workers(struct buf *out, const struct json *workers)
{
    static const char *const services[] = {"redis", "kafka"};
    for (size_t s = 0; s < 2; s++) {
        buf_format(out,
                   "# HELP thapcanh_%s_up Whether the worker reaches it.\n"
                   "# TYPE thapcanh_%s_up gauge\n",
                   services[s], services[s]);
        const struct json *worker = json_first(workers);
        for (uint32_t i = 0; worker && i < workers->n_children;
             i++, worker = json_next(worker)) {
            const struct json *one = json_get(worker, str_of(services[s]));
            buf_format(out, "thapcanh_%s_up{", services[s]);
            write_label(out, "stage", text(worker, "stage"), ',');
            write_label(out, "worker", text(worker, "worker"), '}');
            buf_format(out, " %d\n",
                       !str_equal(text(one, "away"), STR("true")));
        }
    }
}

static size_t
gather(const struct json *workers, struct seen *seen)
{
    size_t n = 0;
    const struct json *worker = json_first(workers);
    for (uint32_t i = 0; worker && i < workers->n_children;
         i++, worker = json_next(worker)) {
        const struct json *parts = json_get(worker, STR("partitions"));
        const struct json *part = parts ? json_first(parts) : NULL;
        for (uint32_t k = 0; part && k < parts->n_children && n < MAX_SEEN;
             k++, part = json_next(part))
            seen[n++] = (struct seen){worker, part};
    }
    return n;
}

bool
metrics_write(struct buf *out, struct str status, struct json_reader *reader,
              struct arena *scratch)
{
    const struct json *root;
    if (json_read(reader, str_trim(status), scratch, &root) != JSON_FINE)
        return false;
    const struct json *workers = json_get(root, STR("workers"));
    struct writing w = {
        .out = out,
        .seen = arena_take(scratch, MAX_SEEN, sizeof(struct seen)),
    };
    if (!workers || !w.seen)
        return false;
    w.n = gather(workers, w.seen);
    write_head(out, "info", "gauge", "Which version runs.");
    buf_add(out, STR("thapcanh_info{"));
    write_label(out, "version", text(root, "version"), '}');
    buf_add(out, STR(" 1\n"));
    write_workers(out, workers);
    write_phases(&w);
    write_books(&w);
    write_gauge(&w, "lag_records", "lag", "Records not read yet.");
    write_gauge(&w, "offset", "committed", "Read and committed up to here.");
    write_gauge(&w, "watermark_milliseconds", "watermark_ms",
                "Event time that is complete, since 1970.");
    write_figures(&w);
    return true;
}
