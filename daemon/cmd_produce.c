/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh produce`: one message a line, on to a topic. It goes as fast as
 * Kafka takes it, waits when Kafka is away, and ends when every message is
 * acknowledged; what was produced is data and goes to stdout. */
#include "base/json.h"
#include "clock.h"
#include "commands.h"
#include "config.h"
#include "interrupt.h"
#include "lines.h"
#include "produce_key.h"
#include "progress.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    REACH_MS = 10000,
    LINGER_MS = 20,
    LOOK_EVERY = 256, /* messages between looks at the clock */
    SCRATCH = 64 << 20,
};

struct wish {
    const char *config, *topic, *key;
    int64_t rate, partition, create; /* -1: not given */
    bool json;
    char **files;
    int n_files;
};

struct work {
    const struct wish *wish;
    struct producer *producer;
    struct delivery delivery;
    struct json_reader *reader;
    struct arena scratch;
    struct progress progress;
    struct lines lines;
    struct err why;     /* what ended it */
    struct err refusal; /* why the first one was refused */
    uint64_t n_sent, n_bytes, n_keyless, n_blank, n_refused, n_too_long;
    uint64_t whole, before; /* bytes of all files; of those already read */
};

static bool
read_count(const char *text, int64_t min, int64_t max, int64_t *n)
{
    if (str_to_i64(str_of(text), n) && *n >= min && *n <= max)
        return true;
    fprintf(stderr,
            "thapcanh produce: '%s' is not a number from %lld to %lld\n", text,
            (long long)min, (long long)max);
    return false;
}

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"topic", required_argument, NULL, 't'},
        {"key", required_argument, NULL, 'k'},
        {"rate", required_argument, NULL, 'r'},
        {"partition", required_argument, NULL, 'p'},
        {"create", required_argument, NULL, 'n'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    bool fine = true;
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
        if (c == 'c')
            wish->config = optarg;
        else if (c == 't')
            wish->topic = optarg;
        else if (c == 'k')
            wish->key = optarg;
        else if (c == 'r')
            fine = read_count(optarg, 1, 100000000, &wish->rate) && fine;
        else if (c == 'p')
            fine =
                read_count(optarg, 0, MAX_PARTITIONS - 1, &wish->partition) &&
                fine;
        else if (c == 'n')
            fine = read_count(optarg, 1, MAX_PARTITIONS, &wish->create) && fine;
        else if (c == 'j')
            wish->json = true;
        else
            fine = false;
    }
    wish->files = argv + optind;
    wish->n_files = argc - optind;
    return fine && wish->topic != NULL && wish->n_files > 0;
}

/* The topic, there or made; EXIT_OK, or what to exit with. */
static int
prepare_topic(const struct config *config, const struct wish *wish)
{
    struct err why;
    char copies[16];
    snprintf(copies, sizeof copies, "%d", config->topics.replication);
    const struct kafka_setting setting = {"replication.factor", copies};
    const struct kafka_settings settings = {&setting, 1};
    struct str topic = str_of(wish->topic);
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, &why);
    int code = EXIT_OK;
    int n = admin == NULL
                ? -1
                : kafka_topic_partitions(admin, topic, REACH_MS, &why);
    if (n == 0 && wish->create > 0 &&
        kafka_topic_ensure(admin, topic, (int)wish->create, &settings, REACH_MS,
                           &why))
        n = (int)wish->create;
    else if (n == 0 && wish->create > 0)
        n = -1;
    kafka_admin_close(admin);
    if (n < 0) {
        fprintf(stderr, "thapcanh produce: %s\n", why.text);
        code = EXIT_UNREACHABLE;
    } else if (n == 0) {
        fprintf(stderr,
                "thapcanh produce: there is no topic %s (--create "
                "PARTITIONS makes it)\n",
                wish->topic);
        code = EXIT_CHECK;
    } else if (wish->partition >= n) {
        fprintf(stderr, "thapcanh produce: topic %s has only %d partitions\n",
                wish->topic, n);
        code = EXIT_USAGE;
    }
    return code;
}

/* Looks at acknowledgements, the clock and the pace; false: broken off. */
static bool
look(struct work *work, int wait_ms)
{
    producer_poll(work->producer, wait_ms);
    const char *note =
        wait_ms > 0 && work->lines.ended ? "waiting for Kafka" : "";
    progress_tell(&work->progress, work->before + work->lines.n_bytes,
                  work->whole, work->n_sent, note);
    return !interrupted() && !producer_fatal(work->producer, &work->why);
}

/* Holds to --rate. */
static bool
keep_pace(struct work *work)
{
    int64_t rate = work->wish->rate;
    while (rate > 0) {
        int64_t ms = clock_monotonic_ms() - work->progress.began_ms;
        int64_t due_ms = (int64_t)work->n_sent * 1000 / rate;
        if (due_ms <= ms)
            break;
        if (!look(work, due_ms - ms < 100 ? (int)(due_ms - ms) : 100))
            return false;
    }
    return true;
}

/* Queues one message, waiting for room; false: broken off. */
static bool
send_line(struct work *work, struct str line)
{
    const struct wish *wish = work->wish;
    struct arena scratch = work->scratch;
    struct output output = {
        .topic = str_of(wish->topic),
        .partition =
            wish->partition >= 0 ? (int32_t)wish->partition : PARTITION_BY_KEY,
        .value = line,
    };
    output.no_key = wish->key == NULL ||
                    !produce_key_find(work->reader, line, str_of(wish->key),
                                      &scratch, &output.key);
    work->n_keyless += output.no_key;
    struct err why;
    while (!producer_send(work->producer, &output, &work->delivery, &why)) {
        if (why.text[0] != '\0') {
            if (work->n_refused++ == 0)
                work->refusal = why;
            return !producer_fatal(work->producer, &work->why);
        }
        if (!look(work, 50))
            return false;
    }
    work->n_sent++;
    work->n_bytes += line.len;
    if ((work->n_sent % LOOK_EVERY == 0 || wish->rate > 0) && !look(work, 0))
        return false;
    return keep_pace(work);
}

static bool
send_file(struct work *work, const char *path)
{
    struct str line;
    struct lines *lines = &work->lines;
    if (!lines_open(lines, path, MAX_OUTPUT_BYTES, &work->why))
        return false;
    enum lines_got got = LINES_END;
    bool going = true;
    while (going && (got = lines_next(lines, &line, &work->why)) == LINES_ONE) {
        if (line.len == 0)
            work->n_blank++;
        else
            going = send_line(work, line);
    }
    work->before += lines->n_bytes;
    work->n_too_long += lines->n_too_long;
    lines_close(lines);
    return going && got == LINES_END && !interrupted();
}

/* Waits until nothing is under way. */
static void
finish(struct work *work)
{
    work->lines = (struct lines){.fd = -1, .ended = true};
    while (work->delivery.waiting > 0 && look(work, 50))
        ;
    progress_end(&work->progress);
}

static void
tell_count(uint64_t n, const char *what)
{
    struct buf text = {0};
    buf_thousands(&text, n);
    if (n > 0)
        fprintf(stderr, "thapcanh produce: %.*s %s\n", STR_ARG(buf_str(&text)),
                what);
    buf_free(&text);
}

static void
tell(const struct work *work)
{
    const struct wish *wish = work->wish;
    uint64_t done = work->n_sent - (uint64_t)work->delivery.waiting -
                    (uint64_t)work->delivery.failed;
    int64_t ms = clock_monotonic_ms() - work->progress.began_ms;
    uint64_t rate = ms > 0 ? done * 1000 / (uint64_t)ms : 0;
    struct buf text = {0};
    if (wish->json) {
        buf_add(&text, STR("{\"topic\":"));
        buf_json(&text, str_of(wish->topic));
        buf_format(&text,
                   ",\"produced\":%" PRIu64 ",\"bytes\":%" PRIu64
                   ",\"without_key\":%" PRIu64 ",\"refused\":%" PRIu64
                   ",\"too_long\":%" PRIu64 ",\"unacknowledged\":%" PRId64
                   ",\"ms\":%" PRId64 ",\"rate\":%" PRIu64 "}",
                   done, work->n_bytes, work->n_keyless,
                   work->n_refused + (uint64_t)work->delivery.failed,
                   work->n_too_long, work->delivery.waiting, ms, rate);
    } else {
        buf_format(&text, "%s: ", wish->topic);
        buf_thousands(&text, done);
        buf_add(&text, STR(" messages produced in "));
        buf_format(&text, "%" PRId64 ".%" PRId64 " s (", ms / 1000,
                   ms % 1000 / 100);
        buf_thousands(&text, rate);
        buf_format(&text, "/s, %" PRIu64 " MB)", work->n_bytes / 1000000);
    }
    printf("%.*s\n", STR_ARG(buf_str(&text)));
    buf_free(&text);
    if (wish->key != NULL)
        tell_count(work->n_keyless, "lines have no such key and went without");
    tell_count(work->n_too_long, "lines are longer than 8 MiB and were left "
                                 "out");
    tell_count(work->n_refused, "messages were refused");
    tell_count((uint64_t)work->delivery.failed, "messages were refused by "
                                                "Kafka");
    tell_count((uint64_t)work->delivery.waiting,
               "messages are not acknowledged: produced or not, nobody knows");
    if (work->n_refused > 0)
        fprintf(stderr, "thapcanh produce: %s\n", work->refusal.text);
    if (work->delivery.failed > 0)
        fprintf(stderr, "thapcanh produce: %s\n", work->delivery.why.text);
}

static int
produce(struct work *work)
{
    const struct wish *wish = work->wish;
    bool fine = true;
    progress_begin(&work->progress, wish->topic);
    for (int i = 0; fine && i < wish->n_files; i++)
        fine = send_file(work, wish->files[i]);
    finish(work);
    tell(work);
    if (interrupted())
        fprintf(stderr, "thapcanh produce: broken off\n");
    else if (work->why.text[0] != '\0')
        fprintf(stderr, "thapcanh produce: %s\n", work->why.text);
    return fine && work->n_refused + work->n_too_long == 0 &&
                   work->delivery.failed + work->delivery.waiting == 0
               ? EXIT_OK
               : EXIT_CHECK;
}

/* All files can be opened, and their size, if it is known of all. */
static bool
measure(struct work *work)
{
    const struct wish *wish = work->wish;
    bool known = true;
    for (int i = 0; i < wish->n_files; i++) {
        struct stat about = {0};
        struct lines lines;
        if (!lines_open(&lines, wish->files[i], MAX_OUTPUT_BYTES, &work->why)) {
            fprintf(stderr, "thapcanh produce: %s\n", work->why.text);
            return false;
        }
        known = known && fstat(lines.fd, &about) == 0 && S_ISREG(about.st_mode);
        work->whole += known ? (uint64_t)about.st_size : 0;
        lines_close(&lines);
    }
    if (!known)
        work->whole = 0;
    return true;
}

static int
run(const struct config *config, const struct wish *wish)
{
    struct work work = {.wish = wish};
    if (!measure(&work))
        return EXIT_CHECK;
    int code = prepare_topic(config, wish);
    if (code != EXIT_OK)
        return code;
    work.reader = json_reader_new();
    work.scratch = arena_reserve(SCRATCH);
    char *start = work.scratch.at;
    work.producer = producer_open(&config->kafka, LINGER_MS, &work.why);
    if (work.reader == NULL || start == NULL || work.producer == NULL) {
        fprintf(stderr, "thapcanh produce: %s\n",
                work.producer == NULL ? work.why.text : "out of memory");
        code = EXIT_CHECK;
    } else {
        interrupt_catch();
        code = produce(&work);
    }
    producer_close(work.producer);
    json_reader_free(work.reader);
    if (start != NULL)
        arena_release(start, work.scratch);
    return code;
}

int
cmd_produce(int argc, char **argv)
{
    struct wish wish = {.rate = -1, .partition = -1, .create = -1};
    struct config config;
    if (!read_wish(argc, argv, &wish))
        return command_usage("produce");
    int code = EXIT_CHECK;
    if (command_config(wish.config, &config))
        code = run(&config, &wish);
    config_free(&config);
    return code;
}
