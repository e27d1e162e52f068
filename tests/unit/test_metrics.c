/* SPDX-License-Identifier: Apache-2.0
 *
 * What Prometheus is told, line by line and the page as a whole; and nothing
 * when status makes no sense. */
#include "exposition.h"

#include "daemon/metrics.h"

#include <stdio.h>

/* The page of this status; to be freed. */
static struct buf
page_of(struct str status)
{
    struct arena arena = arena_reserve((size_t)64 << 20);
    char *start = arena.at;
    struct json_reader *reader = json_reader_new_large();
    struct buf out = {0};
    cr_assert(metrics_write(&out, status, reader, &arena));
    json_reader_free(reader);
    arena_release(start, arena);
    return out;
}

static void
expect(const char *status, const char *const *lines, size_t n)
{
    struct buf out = page_of(str_of(status));
    for (size_t i = 0; i < n; i++)
        cr_assert(str_contains(buf_str(&out), str_of(lines[i])),
                  "row %zu: no '%s' in\n%.*s", i, lines[i],
                  STR_ARG(buf_str(&out)));
    exposition_check(buf_str(&out));
    buf_free(&out);
}

#define NO_BUCKETS "0,0,0,0,0,0,0,0,0,0,0,0"

static const char status[] =
    "{\"version\":\"1\",\"now_ms\":5000,\"up_ms\":61500,\"reloads\":2,"
    "\"reload_mistakes\":\"rules/x.yml:1:1: no\",\"workers\":["
    "{\"stage\":\"ingest\",\"worker\":0,\"at_ms\":4750,"
    "\"redis\":{\"away\":true,\"why\":\"x\"},\"kafka\":{\"away\":false},"
    "\"commit_times\":{\"sum_us\":1700500,\"n\":[3,0,1," NO_BUCKETS "]},"
    "\"acknowledge_times\":{\"sum_us\":0,\"n\":[0,0,0," NO_BUCKETS "]},"
    "\"own\":{\"no_key\":3,\"rules\":[{\"rule\":\"a\\\\b\\\"c\\nd\",\"keys\":"
    "2,\"batch\":1}]},\"in_flight\":1,"
    "\"partitions\":[{\"topic\":\"a\\\"b\",\"partition\":3,"
    "\"phase\":\"running\",\"lag\":7,\"committed\":9,\"source\":\"ajiant\","
    "\"watermark_ms\":-1500,\"cells_full\":true,"
    "\"books\":{\"in\":5,\"counted\":4,\"dead_letters\":1,\"late\":2}},"
    "{\"topic\":\"c\",\"partition\":0,\"phase\":\"stopped\",\"lag\":0,"
    "\"aside\":\"stopped\"},"
    "{\"topic\":\"d\",\"partition\":0,\"phase\":\"running\",\"lag\":0,"
    "\"aside\":\"silent\"}]},"
    "{\"stage\":\"ingest\",\"worker\":1,\"at_ms\":4000,\"partitions\":["
    "{\"topic\":\"c\",\"partition\":0,\"phase\":\"waiting\",\"lag\":99}]},"
    "{\"stage\":\"correlate\",\"worker\":0,\"at_ms\":6000,"
    "\"own\":{\"rules\":[{\"rule\":\"r\",\"fired\":12},{\"rule\":\"other\","
    "\"fired\":1,\"cut\":4}]},\"partitions\":[{\"topic\":\"w\","
    "\"partition\":1,\"phase\":\"running\",\"lag\":0,\"windows\":12,"
    "\"bytes\":4096,\"counters\":{\"applied\":20,\"late\":1,\"refused\":2,"
    "\"repeats\":3,\"fired\":5,\"approximate\":6}}]},"
    "{\"stage\":\"respond\",\"worker\":0,\"at_ms\":5000,\"partitions\":["
    "{\"topic\":\"j\",\"partition\":0,\"phase\":\"running\",\"tickets\":8,"
    "\"open\":2,\"messages\":[{\"channel\":\"mail\",\"delivered\":4,"
    "\"failed\":1}],\"folded\":77,\"foreign\":0}]}]}";

Test(metrics, say_what_status_says)
{
    static const char *const lines[] = {
        "thapcanh_info{version=\"1\"} 1\n",
        "thapcanh_uptime_seconds 61.500\n",
        "thapcanh_reload_refused 1\n",
        "thapcanh_redis_up{stage=\"ingest\",worker=\"0\"} 0\n",
        "thapcanh_kafka_up{stage=\"ingest\",worker=\"0\"} 1\n",
        "thapcanh_worker_report_age_seconds{stage=\"ingest\",worker=\"0\"} "
        "0.250\n",
        "thapcanh_lag_records{stage=\"ingest\",topic=\"a\\\"b\","
        "partition=\"3\"} 7\n",
        "thapcanh_partition_running{stage=\"ingest\",topic=\"c\","
        "partition=\"0\"} 0\n",
        "thapcanh_partition_aside{stage=\"ingest\",topic=\"c\","
        "partition=\"0\"} 1\n",
        "thapcanh_partition_aside{stage=\"ingest\",topic=\"d\","
        "partition=\"0\"} 0\n",
        "thapcanh_partition_silent{stage=\"ingest\",topic=\"d\","
        "partition=\"0\"} 1\n",
        "thapcanh_watermark_timestamp_seconds{stage=\"ingest\",topic=\"a\\\""
        "b\",partition=\"3\"} -1.500\n",
        "thapcanh_count_cells_full{stage=\"ingest\",topic=\"a\\\"b\","
        "partition=\"3\"} 1\n",
        "thapcanh_alerts_total{source=\"ajiant\",topic=\"a\\\"b\","
        "partition=\"3\",fate=\"counted\"} 4\n",
        "thapcanh_alert_facts_total{source=\"ajiant\",topic=\"a\\\"b\","
        "partition=\"3\",fact=\"late\"} 2\n",
        "thapcanh_rule_caps_total{stage=\"ingest\",worker=\"0\","
        "rule=\"a\\\\b\\\"c\\nd\",cap=\"keys\"} 2\n",
        "thapcanh_rule_firings_total{stage=\"correlate\",worker=\"0\","
        "rule=\"r\"} 12\n",
        "thapcanh_windows_bytes{stage=\"correlate\",topic=\"w\","
        "partition=\"1\"} 4096\n",
        "thapcanh_window_events_total{stage=\"correlate\",topic=\"w\","
        "partition=\"1\",result=\"refused\"} 2\n",
        "thapcanh_messages_total{channel=\"mail\",result=\"failed\"} 1\n",
        "thapcanh_journal_records_total{stage=\"respond\",topic=\"j\","
        "partition=\"0\",outcome=\"folded\"} 77\n",
    };
    expect(status, lines, sizeof lines / sizeof *lines);
}

Test(metrics, times_are_cumulative_histograms_in_seconds)
{
    static const char *const lines[] = {
        "# TYPE thapcanh_commit_duration_seconds histogram\n"
        "thapcanh_commit_duration_seconds_bucket{stage=\"ingest\","
        "worker=\"0\",le=\"0.0005\"} 3\n"
        "thapcanh_commit_duration_seconds_bucket{stage=\"ingest\","
        "worker=\"0\",le=\"0.001\"} 3\n"
        "thapcanh_commit_duration_seconds_bucket{stage=\"ingest\","
        "worker=\"0\",le=\"0.0025\"} 4\n",
        "worker=\"0\",le=\"+Inf\"} 4\n"
        "thapcanh_commit_duration_seconds_sum{stage=\"ingest\","
        "worker=\"0\"} 1.700500\n"
        "thapcanh_commit_duration_seconds_count{stage=\"ingest\","
        "worker=\"0\"} 4\n",
    };
    expect(status, lines, sizeof lines / sizeof *lines);
}

Test(metrics, a_partition_that_two_workers_name_stands_once)
{
    struct buf out = page_of(str_of(status));
    cr_expect(str_contains(buf_str(&out), STR("topic=\"c\"")));
    cr_expect_not(str_contains(buf_str(&out), STR(" 99\n")));
    cr_expect_gt(exposition_check(buf_str(&out)), 50u);
    buf_free(&out);
}

/* What an attacker can name: topics no, rules by file, vendor words yes. */
Test(metrics, four_thousand_rules_fit)
{
    struct buf many = {0};
    buf_add(&many, STR("{\"version\":\"1\",\"workers\":[{\"stage\":\"c\","
                       "\"worker\":0,\"own\":{\"rules\":["));
    for (int i = 0; i < 4097; i++)
        buf_format(&many, "%s{\"rule\":\"%d\\n\",\"fired\":%d,\"cut\":1}",
                   i > 0 ? "," : "", i, i + 1);
    buf_add(&many, STR("]},\"partitions\":[]}]}"));
    struct buf out = page_of(buf_str(&many));
    cr_expect_gt(exposition_check(buf_str(&out)), 2u * 4097);
    buf_free(&many);
    buf_free(&out);
}

Test(metrics, of_something_unreadable_there_are_none)
{
    static const char *const texts[] = {
        "{\"workers\":", "{}", "{\"workers\":3}", "[]", "",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct arena arena = arena_reserve(1 << 22);
        char *start = arena.at;
        struct json_reader *reader = json_reader_new();
        struct buf out = {0};
        cr_assert_not(metrics_write(&out, str_of(texts[i]), reader, &arena),
                      "row %zu", i);
        cr_assert_eq(out.len, 0);
        json_reader_free(reader);
        arena_release(start, arena);
    }
}

Test(metrics, every_name_is_documented_once_and_well_formed)
{
    struct table *names = table_new(1000);
    struct metric_words words;
    size_t n = 0;
    for (; metrics_words(n, &words); n++) {
        char name[128];
        bool is_new = false;
        snprintf(name, sizeof name, "thapcanh_%s", words.name);
        exposition_check_name(str_of(name), str_of(words.type));
        table_add(names, str_of(name), &is_new);
        cr_expect(is_new, "%s stands twice", name);
        cr_expect(str_ends(str_of(words.help), STR(".")), "%s", name);
    }
    cr_expect_gt(n, 40u);
    table_free(names);
}
