/* SPDX-License-Identifier: Apache-2.0
 *
 * thapcanh-sample: nine months of a province's alerts, invented, with exactly
 * the counts of its plan, as two sensors would send them. The same seed gives
 * the same bytes. A file gets its name when it is whole; truth.json is
 * the last: where it lies, the others are complete. */
#include "sample.h"
#include "tonight.h"
#include "truth.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum { BAR = 40, FLUSH_BYTES = 1 << 20 };

/* The plan takes 24 bytes an alert, sorted in memory of the same size. */
#define ARENA_BYTES ((size_t)2 << 30)

struct wish {
    struct sample_options sample;
    const char *out;
    bool last_day;  /* the last 24 hours, not the nine months */
    int64_t live_s; /* 0, or one attack now, in so many seconds */
};

struct writer {
    enum sample_file file;
    int fd;
    int error;       /* errno of a failed write */
    struct buf text; /* what is not written yet */
    uint64_t n, n_all, bytes;
    int told; /* percent */
    bool terminal;
};

/* A bar on a terminal, every tenth as a plain line otherwise. */
static void
tell(struct writer *writer)
{
    int percent = (int)(writer->n_all ? writer->n * 100 / writer->n_all : 100);
    if (percent == writer->told || (!writer->terminal && percent % 10 != 0))
        return;
    writer->told = percent;
    const char *name = sample_file_names[writer->file];
    if (!writer->terminal) {
        fprintf(stderr, "sample: %s %d %%\n", name, percent);
        return;
    }
    char bar[BAR + 1];
    memset(bar, '.', BAR);
    memset(bar, '#', (size_t)(BAR * percent / 100));
    bar[BAR] = '\0';
    fprintf(stderr, "\rsample: %-22s [%s] %3d %%%s", name, bar, percent,
            percent == 100 ? "\n" : "");
}

static bool
flush(struct writer *writer)
{
    struct str rest = buf_str(&writer->text);
    while (rest.len > 0) {
        ssize_t n = write(writer->fd, rest.at, rest.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            writer->error = errno;
            return false;
        }
        rest = str_cut(rest, (size_t)n, rest.len);
    }
    writer->bytes += writer->text.len;
    buf_clear(&writer->text);
    return true;
}

static bool
take_line(void *to, const struct sample_line *line)
{
    struct writer *writer = to;
    buf_add(&writer->text, line->text);
    buf_char(&writer->text, '\n');
    writer->n++;
    tell(writer);
    return writer->text.len < FLUSH_BYTES || flush(writer);
}

/* "<folder>/<name><end>" with a NUL. */
static const char *
path_of(struct buf *path, const char *folder, const char *name, const char *end)
{
    buf_clear(path);
    buf_format(path, "%s/%s%s", folder, name, end);
    buf_char(path, '\0');
    return path->full ? NULL : path->at;
}

static bool
write_to(struct writer *writer, const struct sample *sample, const char *path,
         uint32_t *broken_line, struct err *why)
{
    writer->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (writer->fd < 0) {
        err_set(why, "%s: %s", path, strerror(errno));
        return false;
    }
    struct sample_sink sink = {take_line, writer};
    bool fine =
        sample_write(sample, writer->file, sink, broken_line) && flush(writer);
    if (close(writer->fd) != 0 && fine) {
        writer->error = errno;
        fine = false;
    }
    if (!fine)
        err_set(why, "%s: %s", path,
                writer->error ? strerror(writer->error) : "out of memory");
    return fine;
}

static bool
write_file(const struct sample *sample, enum sample_file file,
           const char *folder, struct written *written, struct err *why)
{
    struct writer writer = {.file = file,
                            .n_all = sample_n_messages(sample, file),
                            .told = -1,
                            .terminal = isatty(STDERR_FILENO) != 0};
    struct buf path = {0}, part = {0};
    const char *name = sample_file_names[file];
    const char *whole = path_of(&path, folder, name, "");
    const char *partial = path_of(&part, folder, name, ".part");
    bool fine = false;
    if (!whole || !partial) {
        err_set(why, "out of memory");
    } else if (!write_to(&writer, sample, partial, written->broken_line, why)) {
        unlink(partial);
    } else if (rename(partial, whole) != 0) {
        err_set(why, "%s: %s", whole, strerror(errno));
    } else {
        fine = true;
    }
    written->bytes[file] = writer.bytes;
    buf_free(&path);
    buf_free(&part);
    buf_free(&writer.text);
    return fine;
}

/* Every folder of the path that is not there yet. */
static bool
make_folder(const char *folder, struct err *why)
{
    char path[4096];
    size_t n = strlen(folder);
    if (n == 0 || n >= sizeof path) {
        err_set(why, "--out: a folder's name has 1 to %zu bytes",
                sizeof path - 1);
        return false;
    }
    for (size_t i = 1; i <= n; i++) {
        if (folder[i] != '/' && folder[i] != '\0')
            continue;
        memcpy(path, folder, i);
        path[i] = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST) {
            err_set(why, "%s: %s", path, strerror(errno));
            return false;
        }
    }
    return true;
}

/* Without the truth: the nine months alone have one. */
static bool
write_day(struct sample *sample, const char *folder, int64_t now_ms,
          struct err *why)
{
    struct written written = {0};
    tonight_day(sample, now_ms);
    bool fine = make_folder(folder, why);
    for (int f = 0; fine && f < N_SAMPLE_FILES; f++)
        fine = write_file(sample, (enum sample_file)f, folder, &written, why);
    return fine;
}

static bool
play_attack(struct sample *sample, int64_t now_ms, int64_t live_s,
            struct err *why)
{
    struct str host = tonight_attack(sample, now_ms, live_s * 1000);
    if (host.len == 0) {
        err_set(why, "no attack is on one server alone");
        return false;
    }
    fprintf(stderr, "%.*s\n", STR_ARG(host));
    if (tonight_play(sample, SERVER_FILE, stdout, stderr))
        return true;
    err_set(why, "standard output: %s", strerror(errno));
    return false;
}

static bool
write_all(const struct sample *sample, const char *folder, struct err *why)
{
    struct written written = {0};
    struct buf path = {0}, text = {0};
    const char *truth = path_of(&path, folder, "truth.json", "");
    bool fine = truth && make_folder(folder, why);
    if (!truth)
        err_set(why, "out of memory");
    if (fine && unlink(truth) != 0 && errno != ENOENT) {
        err_set(why, "%s: %s", truth, strerror(errno));
        fine = false;
    }
    for (int f = 0; fine && f < N_SAMPLE_FILES; f++)
        fine = write_file(sample, (enum sample_file)f, folder, &written, why);
    if (fine) {
        truth_write(&text, sample, &written);
        fine = file_replace(truth, buf_str(&text), 0644, why);
    }
    buf_free(&path);
    buf_free(&text);
    return fine;
}

static bool
carry_out(struct sample *sample, const struct wish *wish, struct err *why)
{
    int64_t now_ms = tonight_clock_ms();
    if (wish->live_s > 0)
        return play_attack(sample, now_ms, wish->live_s, why);
    if (wish->last_day)
        return write_day(sample, wish->out, now_ms, why);
    return write_all(sample, wish->out, why);
}

static const char usage[] =
    "usage: thapcanh-sample --inventory FILE --out DIR [--seed N] [--scale F]\n"
    "                       [--last-day]\n"
    "       thapcanh-sample --inventory FILE --live SECONDS [--seed N]\n"
    "Writes nine months of invented alerts, as two sensors would send them:\n"
    "DIR/endpoint-alerts.ndjson, DIR/server-alerts.ndjson, DIR/truth.json.\n"
    "  --inventory FILE  whose machines they are\n"
    "  --seed N          the same number, the same bytes (default 2024)\n"
    "  --scale F         how many, 0.01 to 10 (default 1: 588.271 alerts)\n"
    "  --last-day        the 24 hours until now instead; no truth.json\n"
    "  --live SECONDS    one attack on one server, from now on, in 1 to 3600\n"
    "                    seconds: its messages on the standard output when\n"
    "                    their time comes; the machine and the sensors' rules "
    "on\n"
    "                    standard error\n";

/* What is wrong with the command line, or NULL. */
static const char *
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"inventory", required_argument, NULL, 'i'},
        {"out", required_argument, NULL, 'o'},
        {"scale", required_argument, NULL, 'x'},
        {"last-day", no_argument, NULL, 'd'},
        {"live", required_argument, NULL, 'l'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int64_t seed = 2024;
    *wish = (struct wish){.sample.scale_ppm = 1000000};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'h') {
            fputs(usage, stdout);
            _exit(fflush(stdout) == 0 ? EXIT_OK : EXIT_CHECK);
        }
        if (c == 's' && (!str_to_i64(str_of(optarg), &seed) || seed < 0))
            return "--seed: a whole number from 0";
        if (c == 'x' && !sample_scale_from(optarg, &wish->sample.scale_ppm))
            return "--scale: a number from 0.01 to 10, like 0.25";
        if (c == 'l' && (!str_to_i64(str_of(optarg), &wish->live_s) ||
                         wish->live_s < 1 || wish->live_s > 3600))
            return "--live: 1 to 3600 seconds";
        if (c == 'd')
            wish->last_day = true;
        if (c == 'i')
            wish->sample.inventory = optarg;
        if (c == 'o')
            wish->out = optarg;
        if (c == '?')
            return ""; /* getopt has said it */
    }
    wish->sample.seed = (uint64_t)seed;
    if (optind < argc)
        return "an argument too many";
    return !wish->sample.inventory ? "--inventory is missing"
           : wish->live_s > 0 && (wish->out || wish->last_day)
               ? "--live writes no files"
           : !wish->out && wish->live_s == 0 ? "--out is missing"
                                             : NULL;
}

int
main(int argc, char **argv)
{
    static struct sample sample;
    struct wish wish;
    struct complaints complaints = {0};
    struct err why;
    const char *wrong = read_wish(argc, argv, &wish);
    if (wrong) {
        if (*wrong)
            fprintf(stderr, "thapcanh-sample: %s\n", wrong);
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    struct arena arena = arena_reserve(ARENA_BYTES);
    if (!arena.at)
        log_fatal("sample", "no address space for the plan");
    char *start = arena.at;
    bool fine = sample_plan(&wish.sample, &arena, &sample, &complaints);
    if (complaints.text.len > 0)
        fwrite(complaints.text.at, 1, complaints.text.len, stderr);
    complaints_free(&complaints);
    if (fine && !carry_out(&sample, &wish, &why)) {
        fprintf(stderr, "thapcanh-sample: %s\n", why.text);
        fine = false;
    }
    arena_release(start, arena);
    return fine ? EXIT_OK : EXIT_CHECK;
}
