/* SPDX-License-Identifier: Apache-2.0
 *
 * Every metric is a row of one table: name, type, labels, what it means, and
 * where it stands in the status. The page, docs/metrics.md, and the test of the
 * dashboard and the alert rules all read the table. Names are in base units
 * (seconds, bytes); counters end in _total. Counters that the state of a
 * partition keeps go on over restarts; the others begin anew, which Prometheus
 * takes for what it is. */
#include "metrics_priv.h"

#include "base/table.h"

enum { MAX_SEEN = 4096 };

/* clang-format off */
static const struct metric metrics[] = {
    /* the process */
    {"info", "gauge", "version",
     "Which version runs; always 1.", write_info, "version"},
    {"uptime_seconds", "gauge", "",
     "How long the process has run.", write_process_seconds, "up_ms"},
    {"reloads_total", "counter", "",
     "How often rules, mappings and team were read again.", write_process, "reloads"},
    {"reload_refused", "gauge", "",
     "1: the last reload had mistakes and changed nothing.", write_reload, "reload_mistakes"},

    /* workers */
    {"redis_up", "gauge", WORKER_LABELS,
     "1: the worker reaches Redis.", write_reached, "redis/away"},
    {"kafka_up", "gauge", WORKER_LABELS,
     "1: the worker reaches Kafka.", write_reached, "kafka/away"},
    {"worker_report_age_seconds", "gauge", WORKER_LABELS,
     "Since the worker last said how it does; normally under a second.", write_age, "at_ms"},
    {"batches_in_flight", "gauge", WORKER_LABELS,
     "Batches that wait for Kafka's acknowledgement or for Redis.", write_workers, "in_flight"},
    {"commit_duration_seconds", "histogram", WORKER_LABELS,
     "From sending a commit to Redis until the worker has its answer.", write_histogram, "commit_times"},
    {"acknowledge_duration_seconds", "histogram", WORKER_LABELS,
     "From closing a batch until Kafka has acknowledged all its outputs, linger included.",
     write_histogram, "acknowledge_times"},

    /* partitions */
    {"partition_running", "gauge", PART_LABELS,
     "1: taken and read; 0: waiting, stopped or being restored.", write_running, "phase"},
    {"partition_aside", "gauge", PART_LABELS,
     "1: set aside because it cannot go on or is far behind; windows no longer wait for it.",
     write_aside, "loud"},
    {"partition_silent", "gauge", PART_LABELS,
     "1: caught up and quiet, so windows do not wait for it.", write_aside, "quiet"},
    {"records_total", "counter", PART_LABELS,
     "Records read since the process took the partition.", write_parts, "read"},
    {"lag_records", "gauge", PART_LABELS,
     "Records not read yet.", write_parts, "lag"},
    {"committed_offset", "gauge", PART_LABELS,
     "Read and committed up to here.", write_parts, "committed"},
    {"watermark_timestamp_seconds", "gauge", PART_LABELS,
     "Event time that is complete, since 1970.", write_parts_seconds, "watermark_ms"},
    {"refused_outputs_total", "counter", PART_LABELS,
     "Records with an output too large for its topic.", write_parts, "refused_outputs"},

    /* intake */
    {"alerts_total", "counter", "source, topic, partition, fate",
     "Alerts by what became of them (counted, updates, duplicates, dead_letters); their sum is all that came in.",
     write_fates, "fate"},
    {"alert_facts_total", "counter", "source, topic, partition, fact",
     "Of the counted alerts, those that are late, have no kind and so on.", write_facts, "fact"},
    {"dead_letters_open", "gauge", PART_LABELS,
     "Dead letters that can be retried.", write_parts, "open_letters"},
    {"dead_letters_lost_total", "counter", PART_LABELS,
     "Dead letters past the limit: kept on the topic, no retry.", write_parts, "letters_lost"},
    {"count_cells", "gauge", PART_LABELS,
     "Cells of the exact counts.", write_parts, "cells"},
    {"count_cells_full", "gauge", PART_LABELS,
     "1: no more cells, counts are merged.", write_parts, "cells_full"},
    {"vendor_ids", "gauge", PART_LABELS,
     "Vendor ids kept to recognise repeats.", write_parts, "ids"},
    {"vendor_ids_full", "gauge", PART_LABELS,
     "1: no more ids, repeats may be counted.", write_parts, "ids_full"},

    /* rules */
    {"rules_detections", "gauge", WORKER_LABELS,
     "Detections in force.", write_workers, "own/detections"},
    {"rules_correlations", "gauge", WORKER_LABELS,
     "Correlations in force.", write_workers, "own/correlations"},
    {"rule_firings_total", "counter", "stage, worker, rule",
     "Incidents opened by rule since the process began; past 4096 rules the rest as other.",
     write_firings, "own/rules"},
    {"rule_caps_total", "counter", "stage, worker, rule, cap",
     "A limit was reached by rule: cut (a window lost events), refused (partition full), keys (one alert has too many), batch (one message makes too many).",
     write_caps, "own/rules"},
    {"rule_missing_keys_total", "counter", WORKER_LABELS,
     "Alerts that took no part in a correlation because a group-by field is missing.", write_workers, "own/no_key"},
    {"rule_limited_total", "counter", WORKER_LABELS,
     "Values and regular expressions that rules gave up on.", write_workers, "own/limited"},

    /* windows */
    {"windows", "gauge", PART_LABELS,
     "Windows held: one for each rule and key.", write_parts, "windows"},
    {"windows_limit", "gauge", PART_LABELS,
     "How many may be held.", write_parts, "max_windows"},
    {"windows_bytes", "gauge", PART_LABELS,
     "What they hold.", write_parts, "bytes"},
    {"windows_limit_bytes", "gauge", PART_LABELS,
     "What they may hold.", write_parts, "max_bytes"},
    {"windows_memory_bytes", "gauge", PART_LABELS,
     "Memory taken for them.", write_parts, "held_bytes"},
    {"windows_cut", "gauge", PART_LABELS,
     "Windows that are approximate now.", write_parts, "cut_windows"},
    {"windows_cut_total", "counter", PART_LABELS,
     "Windows that became approximate.", write_parts, "counters/approximate"},
    {"windows_swept_total", "counter", PART_LABELS,
     "Windows that were over and let go.", write_parts, "counters/swept"},
    {"window_events_total", "counter", PART_LABELS ", result",
     "Window events by what became of them: applied, late, refused.", write_events, "counters"},
    {"window_repeats_total", "counter", PART_LABELS,
     "Records on the windows topics that had been read before.", write_parts, "counters/repeats"},
    {"window_unreadable_total", "counter", PART_LABELS,
     "Records on the windows topics that are none of ours.", write_parts, "counters/unreadable"},
    {"incidents_total", "counter", PART_LABELS,
     "Incidents opened.", write_parts, "counters/fired"},

    /* tickets */
    {"tickets", "gauge", PART_LABELS,
     "All tickets.", write_parts, "tickets"},
    {"tickets_open", "gauge", PART_LABELS,
     "Tickets not resolved.", write_parts, "open"},
    {"incidents_queued", "gauge", PART_LABELS,
     "Incidents that wait to be taken.", write_parts, "queued"},
    {"incidents_unreadable_total", "counter", PART_LABELS,
     "Incidents that could not be read.", write_parts, "unreadable_incidents"},
    {"journal_records_total", "counter", PART_LABELS ", outcome",
     "Records of the journal by what became of them.", write_outcomes, NULL},
    {"messages_total", "counter", "channel, result",
     "Messages to people: delivered, failed.", write_messages, "messages"},
};
/* clang-format on */

enum { N_METRICS = sizeof metrics / sizeof *metrics };

bool
metrics_words(size_t i, struct metric_words *words)
{
    if (i >= N_METRICS)
        return false;
    *words = (struct metric_words){
        metrics[i].name,
        metrics[i].type,
        metrics[i].labels,
        metrics[i].help,
    };
    return true;
}

/* While a partition changes hands two workers may name it; one sample may
 * stand on the page. */
static bool
is_new(struct table *table, const struct seen *seen)
{
    char at[600];
    struct buf name = {at, 0, sizeof at, sizeof at, false};
    bool fresh = false;
    buf_add(&name, member_at(seen->worker, "stage")->text);
    buf_char(&name, '/');
    buf_add(&name, member_at(seen->part, "topic")->text);
    buf_char(&name, '/');
    buf_add(&name, member_at(seen->part, "partition")->text);
    return !name.full &&
           table_add(table, buf_str(&name), &fresh) != TABLE_NONE && fresh;
}

static bool
is_whole(const struct seen *seen)
{
    return member_at(seen->worker, "stage") && member_at(seen->part, "topic") &&
           member_at(seen->part, "partition");
}

static void
gather(struct page *page, const struct json *workers, struct table *table)
{
    const struct json *worker = json_first(workers);
    for (uint32_t i = 0; worker && i < workers->n_children;
         i++, worker = json_next(worker)) {
        const struct json *parts = member_at(worker, "partitions");
        const struct json *part = parts ? json_first(parts) : NULL;
        page->workers[page->n_workers++] = worker;
        for (uint32_t k = 0;
             part && k < parts->n_children && page->n_seen < MAX_SEEN;
             k++, part = json_next(part)) {
            struct seen seen = {worker, part};
            if (is_whole(&seen) && is_new(table, &seen))
                page->seen[page->n_seen++] = seen;
        }
    }
}

bool
metrics_write(struct buf *out, struct str status, struct json_reader *reader,
              struct arena *scratch)
{
    struct page page = {.out = out};
    if (json_read(reader, str_trim(status), scratch, &page.root) != JSON_FINE)
        return false;
    const struct json *workers = member_at(page.root, "workers");
    if (!workers || workers->type != JSON_ARRAY)
        return false;
    struct table *table = table_new(MAX_SEEN);
    page.seen = arena_take(scratch, MAX_SEEN, sizeof(struct seen));
    page.workers = arena_take(scratch, (size_t)workers->n_children + 1,
                              sizeof(const struct json *));
    bool fine = table && page.seen && page.workers;
    if (fine)
        gather(&page, workers, table);
    table_free(table);
    for (size_t i = 0; fine && i < N_METRICS; i++) {
        page.begun = false;
        metrics[i].write(&page, &metrics[i]);
    }
    return fine && !out->full;
}
