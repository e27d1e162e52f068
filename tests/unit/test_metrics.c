/* SPDX-License-Identifier: Apache-2.0
 *
 * What Prometheus is told, line by line; and nothing when status makes no
 * sense. */
#include <criterion/criterion.h>

#include "daemon/metrics.h"

static void
expect(const char *status, const char *const *lines, size_t n)
{
    struct arena arena = arena_reserve(1 << 24);
    char *start = arena.at;
    struct json_reader *reader = json_reader_new();
    struct buf out = {0};
    cr_assert(metrics_write(&out, str_of(status), reader, &arena));
    for (size_t i = 0; i < n; i++)
        cr_assert(str_contains(buf_str(&out), str_of(lines[i])),
                  "row %zu: no '%s' in\n%.*s", i, lines[i],
                  STR_ARG(buf_str(&out)));
    buf_free(&out);
    json_reader_free(reader);
    arena_release(start, arena);
}

static const char status[] =
    "{\"version\":\"1\",\"workers\":[{\"stage\":\"ingest\",\"worker\":0,"
    "\"redis\":{\"away\":true,\"why\":\"x\"},\"kafka\":{\"away\":false},"
    "\"partitions\":[{\"topic\":\"a\\\"b\",\"partition\":3,"
    "\"phase\":\"running\",\"lag\":7,\"committed\":9,\"source\":\"ajiant\","
    "\"books\":{\"in\":5,\"counted\":4},\"figures\":{\"windows\":12}},"
    "{\"topic\":\"c\",\"partition\":0,\"phase\":\"stopped\",\"lag\":0,"
    "\"aside\":\"stopped\"}]}]}";

Test(metrics, say_what_status_says)
{
    static const char *const lines[] = {
        "thapcanh_redis_up{stage=\"ingest\",worker=\"0\"} 0\n",
        "thapcanh_kafka_up{stage=\"ingest\",worker=\"0\"} 1\n",
        "thapcanh_lag_records{stage=\"ingest\",topic=\"a\\\"b\","
        "partition=\"3\"} 7\n",
        "thapcanh_partition_running{stage=\"ingest\",topic=\"c\","
        "partition=\"0\"} 0\n",
        "thapcanh_partition_aside{stage=\"ingest\",topic=\"c\","
        "partition=\"0\"} 1\n",
        "thapcanh_alerts_total{source=\"ajiant\",topic=\"a\\\"b\","
        "partition=\"3\",book=\"counted\"} 4\n",
        "thapcanh_figure{stage=\"ingest\",topic=\"a\\\"b\",partition=\"3\","
        "name=\"windows\"} 12\n",
    };
    expect(status, lines, sizeof lines / sizeof *lines);
}

Test(metrics, of_something_unreadable_there_are_none)
{
    struct arena arena = arena_reserve(1 << 20);
    char *start = arena.at;
    struct json_reader *reader = json_reader_new();
    struct buf out = {0};
    cr_assert_not(metrics_write(&out, STR("{\"workers\":"), reader, &arena));
    cr_assert_not(metrics_write(&out, STR("{}"), reader, &arena));
    cr_assert_eq(out.len, 0);
    json_reader_free(reader);
    arena_release(start, arena);
}
