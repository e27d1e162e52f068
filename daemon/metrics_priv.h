/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of /metrics, shared by metrics.c (the table of all metrics, the
 * page), metrics_text.c (the text format) and metrics_rows.c (where the
 * samples of a metric are found in a process's status). */
#ifndef DAEMON_METRICS_PRIV_H
#define DAEMON_METRICS_PRIV_H

#include "metrics.h"

/* A partition of a worker. */
struct seen {
    const struct json *worker, *part;
};

struct page {
    struct buf *out;
    const struct json *root;
    const struct json **workers;
    size_t n_workers;
    struct seen *seen; /* each (stage, topic, partition) once */
    size_t n_seen;
    bool begun; /* the metric at work has its HELP and TYPE */
};

struct metric {
    const char *name, *type, *labels, *help;
    void (*write)(struct page *page, const struct metric *metric);
    const char *path; /* of the value, in what `write` looks at */
};

/* "stage, worker" and so on, as docs/metrics.md names them. */
#define WORKER_LABELS "stage, worker"
#define PART_LABELS "stage, topic, partition"

/* --- metrics_text.c: a sample is a line: name, labels, value */

/* HELP and TYPE, if they are not there yet, then the name with `suffix`. */
void sample_begin(struct page *page, const struct metric *metric,
                  const char *suffix);
/* A label; the first one opens the braces. */
void sample_label(struct page *page, const char *name, struct str value);
void sample_worker(struct page *page, const struct json *worker);
void sample_part(struct page *page, const struct seen *seen);
/* Closes the braces, if any are open, and ends the line. */
void sample_end(struct page *page, struct str value);
void sample_number(struct page *page, uint64_t n);
/* A number of 1/1,000 (10^-3) or 1/1,000,000 (10^-6) seconds, as seconds. */
void sample_seconds(struct page *page, int64_t n, int digits);

/* --- metrics_rows.c: each writes all samples of a metric */

/* The member at "a/b/c" below `node`, or NULL. */
const struct json *member_at(const struct json *node, const char *path);
/* Numbers, and true or false as 1 or 0: of the process, of each worker, of
 * each partition; those that have the member. */
void write_process(struct page *page, const struct metric *metric);
void write_workers(struct page *page, const struct metric *metric);
void write_parts(struct page *page, const struct metric *metric);
/* The same of a member in milliseconds, as seconds. */
void write_process_seconds(struct page *page, const struct metric *metric);
void write_parts_seconds(struct page *page, const struct metric *metric);
/* Particular ones; path says which. */
void write_info(struct page *page, const struct metric *metric);
void write_reload(struct page *page, const struct metric *metric);
void write_reached(struct page *page, const struct metric *metric);
void write_age(struct page *page, const struct metric *metric);
void write_histogram(struct page *page, const struct metric *metric);
void write_running(struct page *page, const struct metric *metric);
void write_aside(struct page *page, const struct metric *metric);
void write_fates(struct page *page, const struct metric *metric);
void write_facts(struct page *page, const struct metric *metric);
void write_events(struct page *page, const struct metric *metric);
void write_firings(struct page *page, const struct metric *metric);
void write_caps(struct page *page, const struct metric *metric);
void write_outcomes(struct page *page, const struct metric *metric);
void write_messages(struct page *page, const struct metric *metric);

#endif
