/* SPDX-License-Identifier: Apache-2.0
 *
 * How long an alert takes to become a ticket, under a given load: a producer
 * puts alerts on the first input topic of CONFIG at RATE a second, and now and
 * then a probe, an alert that certainly opens a ticket of its own; a consumer
 * reads soc.tickets. A probe's latency is from handing it to the producer to
 * reading the first revision of its ticket, by one clock.
 *
 *   bench_latency CONFIG FILE RATE
 *
 * FILE: alerts of one sensor, one a line, in order of time, keyed by hostname;
 * it is sent once, and that is the length of the run. A probe takes the
 * newest detect_time of the lines before it. The service must be running; the
 * clock starts when the ticket of a first probe has been read. One line:
 *
 *   rate N sent N ms N behind N probes N lost N p50_us N p99_us N max_us N
 *
 * `behind`: alerts not committed when the last one was sent. */
#include "cpu.h"
#include "watch.h"

#include "base/file.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAX_PROBES = 20000,
    PROBE_MS = 50,
    TICK_US = 2000,
    LINGER_MS = 2,
    READY_S = 60,  /* for the service to show the first ticket */
    LATEST_S = 30, /* for the last tickets, after the last alert */
    KAFKA_MS = 10000,
    DIGITS = 6,
    LINE_BYTES = 512,
};

#define PROBE "bench-probe-"
#define FILE_BYTES ((size_t)2 << 30)

struct bench {
    struct config config;
    struct watch watch;
    struct producer *producer;
    struct delivery delivery;
    struct str topic, lines;
    struct str time; /* newest detect_time sent */
    int64_t rate;
    int64_t n_sent, sending_us, behind;
    pthread_t reading;
    atomic_bool over;
    /* Written by who sends and by who reads, in us; 0: not yet. */
    _Atomic int64_t sent_us[MAX_PROBES], seen_us[MAX_PROBES];
    int n_probes; /* the first is to see that the service is there */
    struct err why;
};

static int64_t
now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void
pause_us(int64_t us)
{
    struct timespec pause = {.tv_sec = us / 1000000,
                             .tv_nsec = us % 1000000 * 1000};
    nanosleep(&pause, NULL);
}

/* --- reading tickets */

static void
note_ticket(struct bench *bench, struct str text)
{
    const char *at = memmem(text.at, text.len, PROBE, strlen(PROBE));
    if (!at)
        return;
    struct str rest =
        str_cut(text, (size_t)(at - text.at) + strlen(PROBE), text.len);
    int64_t probe;
    if (!str_to_i64(str_cut(rest, 0, DIGITS), &probe) || probe < 0 ||
        probe >= MAX_PROBES || atomic_load(&bench->seen_us[probe]) != 0)
        return;
    atomic_store(&bench->seen_us[probe], now_us());
}

static void *
read_tickets(void *context)
{
    struct bench *bench = context;
    struct reader *reader = NULL;
    struct record record;
    struct err why;
    while (!reader && !atomic_load(&bench->over)) {
        reader = reader_open(&bench->config.kafka, bench->config.topics.tickets,
                             -1, READER_BEGINNING, KAFKA_MS, &why);
        if (!reader)
            pause_us(100000); /* the service has not made it yet */
    }
    while (reader && !atomic_load(&bench->over))
        if (reader_next(reader, 10, &record, &why) == READER_RECORD)
            note_ticket(bench, record.value);
    if (reader)
        reader_close(reader);
    return NULL;
}

/* --- sending alerts */

/* What stands in quotes behind `mark`. */
static struct str
quoted(struct str line, struct str mark)
{
    const char *at = memmem(line.at, line.len, mark.at, mark.len);
    struct str part = NO_STR;
    if (!at)
        return part;
    struct str rest =
        str_cut(line, (size_t)(at - line.at) + mark.len, line.len);
    str_split(&rest, '"', &part);
    return part;
}

static bool
send_alert(struct bench *bench, struct str key, struct str value)
{
    const struct output output = {.topic = bench->topic,
                                  .partition = PARTITION_BY_KEY,
                                  .key = key,
                                  .value = value};
    while (!producer_send(bench->producer, &output, &bench->delivery,
                          &bench->why)) {
        if (bench->why.text[0])
            return false;
        producer_poll(bench->producer, 1);
    }
    return true;
}

/* The newest so far: some lines are late, and a late probe opens no ticket. */
static void
note_time(struct bench *bench, struct str time)
{
    if (time.len == bench->time.len && str_compare(time, bench->time) > 0)
        bench->time = time;
}

static bool
send_line(struct bench *bench)
{
    struct str line;
    if (!str_split(&bench->lines, '\n', &line) || line.len == 0)
        return false;
    note_time(bench, quoted(line, STR("\"detect_time\":\"")));
    bench->n_sent++;
    return send_alert(bench, quoted(line, STR("\"hostname\":\"")), line);
}

static bool
send_probe(struct bench *bench)
{
    char line[LINE_BYTES], host[64];
    if (bench->n_probes == MAX_PROBES)
        return true;
    int probe = bench->n_probes++;
    snprintf(host, sizeof host, PROBE "%0*d", DIGITS, probe);
    snprintf(line, sizeof line,
             "{\"alert_id\":\"%s\",\"detect_time\":\"%.*s\",\"severity\":"
             "\"HIGH\",\"status\":\"NEW\",\"rule\":{\"id\":\"BENCH\",\"name\":"
             "\"Bench probe\"},\"agent\":{\"hostname\":\"%s\"}}",
             host, STR_ARG(bench->time), host);
    atomic_store(&bench->sent_us[probe], now_us());
    return send_alert(bench, str_of(host), str_of(line));
}

/* All lines at the rate, a probe every PROBE_MS. */
static bool
send_all(struct bench *bench)
{
    int64_t began_us = now_us(), next_probe_us = began_us, us = began_us;
    while (bench->lines.len > 0) {
        int64_t due = (us - began_us) * bench->rate / 1000000;
        while (bench->n_sent < due && bench->lines.len > 0)
            if (!send_line(bench))
                return false;
        if (us >= next_probe_us && !send_probe(bench))
            return false;
        if (us >= next_probe_us)
            next_probe_us += PROBE_MS * 1000;
        producer_poll(bench->producer, 0);
        pause_us(TICK_US);
        us = now_us();
    }
    bench->sending_us = us - began_us;
    return true;
}

static bool
all_seen(struct bench *bench)
{
    for (int i = 0; i < bench->n_probes; i++)
        if (atomic_load(&bench->seen_us[i]) == 0)
            return false;
    return true;
}

static bool
wait_for_tickets(struct bench *bench, int seconds)
{
    int64_t until_us = now_us() + (int64_t)seconds * 1000000;
    while (!all_seen(bench) && now_us() < until_us)
        producer_poll(bench->producer, 10);
    return all_seen(bench);
}

/* --- what it prints */

static int
by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void
tell(struct bench *bench)
{
    static int64_t us[MAX_PROBES];
    int n = 0, all = bench->n_probes - 1;
    for (int i = 1; i < bench->n_probes; i++) {
        int64_t seen_us = atomic_load(&bench->seen_us[i]);
        if (seen_us != 0)
            us[n++] = seen_us - atomic_load(&bench->sent_us[i]);
    }
    qsort(us, (size_t)n, sizeof *us, by_value);
    /* nearest rank; one that never came is slower than all that did */
    int p50 = (all * 50 + 99) / 100 - 1, p99 = (all * 99 + 99) / 100 - 1;
    printf("rate %" PRId64 " sent %" PRId64 " ms %" PRId64 " behind %" PRId64
           " probes %d lost %d p50_us %" PRId64 " p99_us %" PRId64
           " max_us %" PRId64 "\n",
           bench->rate, bench->n_sent, bench->sending_us / 1000, bench->behind,
           all, all - n, p50 < n ? us[p50] : INT64_MAX,
           p99 < n ? us[p99] : INT64_MAX, n > 0 ? us[n - 1] : INT64_MAX);
}

static bool
measure(struct bench *bench)
{
    struct str lines = bench->lines, line;
    str_split(&lines, '\n', &line);
    bench->time = quoted(line, STR("\"detect_time\":\""));
    if (!send_probe(bench))
        return false;
    if (!wait_for_tickets(bench, READY_S)) {
        err_set(&bench->why, "no ticket of the first probe in %d s", READY_S);
        return false;
    }
    if (!send_all(bench))
        return false;
    int64_t committed = watch_committed(&bench->watch, &bench->why);
    bench->behind = bench->n_sent + bench->n_probes - committed;
    wait_for_tickets(bench, LATEST_S);
    return committed >= 0 && bench->n_probes > 1;
}

static bool
run(struct bench *bench)
{
    bench->topic = bench->config.source[0].topics;
    bench->producer =
        producer_open(&bench->config.kafka, LINGER_MS, &bench->why);
    if (!bench->producer ||
        !watch_open(&bench->watch, &bench->config, &bench->why))
        return false;
    if (pthread_create(&bench->reading, NULL, read_tickets, bench) != 0) {
        err_set(&bench->why, "cannot start a thread");
        return false;
    }
    bool fine = measure(bench);
    atomic_store(&bench->over, true);
    pthread_join(bench->reading, NULL);
    if (fine)
        tell(bench);
    watch_close(&bench->watch);
    producer_close(bench->producer);
    return fine;
}

int
main(int argc, char **argv)
{
    static struct bench bench;
    struct complaints complaints = {0};
    struct arena arena = arena_reserve(FILE_BYTES);
    if (argc != 4 || !str_to_i64(str_of(argv[3]), &bench.rate) ||
        bench.rate < 1) {
        fprintf(stderr, "usage: bench_latency CONFIG FILE RATE\n");
        return 2;
    }
    bool fine =
        config_load(argv[1], &bench.config, &complaints) &&
        file_read(argv[2], FILE_BYTES / 2, &arena, &bench.lines, &bench.why) &&
        run(&bench);
    if (!fine)
        fprintf(stderr, "%.*sbench_latency: %s\n",
                STR_ARG(buf_str(&complaints.text)), bench.why.text);
    complaints_free(&complaints);
    config_free(&bench.config);
    return fine ? 0 : 1;
}
