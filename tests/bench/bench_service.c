/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs the service as it is and watches its commits from outside.
 *
 *   bench_service CONFIG [NAME=PID]… -- PROGRAM ARGUMENT…
 *
 * PROGRAM is started, and ended by SIGTERM when everything on the input topics
 * is committed. One line says how fast that went, between the first commit
 * seen and the last, and what CPU it took: `service` is PROGRAM from its start
 * to the last commit, NAME other processes meanwhile. If CONFIG has rules, the
 * end is when all three stages are done: the windows have taken everything and
 * the responder every incident; `ingest_ms` is how long ingest alone took.
 *
 *   messages N ms N all N service_us N [NAME_us N]… rss_kb N
 *   [ingest_ms N incidents N tickets N] */
#include "cpu.h"
#include "through.h"
#include "watch.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 5, BEAT_MS = 9000, STUCK_MS = 60000 };

struct bench {
    struct watch watch;
    struct through through;
    bool has_rules;
    struct others others;
    char **program;
    pid_t pid;
    int64_t first, first_ms; /* at the first commit seen */
    int64_t last, last_ms, ingest_ms;
    int64_t moved;    /* records and incidents of the later stages … */
    int64_t moved_ms; /* … and when that last changed */
    int64_t service_us;
};

static bool
start(struct bench *bench, struct err *why)
{
    bench->pid = fork();
    if (bench->pid == 0) {
        execv(bench->program[0], bench->program);
        fprintf(stderr, "%s: %s\n", bench->program[0], strerror(errno));
        _exit(127);
    }
    if (bench->pid < 0)
        err_set(why, "%s", strerror(errno));
    return bench->pid > 0;
}

static bool
ended(const struct bench *bench)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)bench->pid, &info,
                  WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == bench->pid;
}

/* The later stages, when ingest is done. */
static bool
look_further(struct bench *bench, struct err *why)
{
    struct through *through = &bench->through;
    bool done = through_look(through, why) > 0;
    int64_t moved = through->n_computed + through->n_taken;
    bench->last_ms = wall_ms();
    if (moved != bench->moved)
        bench->moved_ms = bench->last_ms;
    bench->moved = moved;
    return done;
}

/* One look. True: everything is done. */
static bool
look(struct bench *bench, struct err *why)
{
    if (bench->ingest_ms > 0)
        return look_further(bench, why);
    int64_t n = watch_committed(&bench->watch, why), ms = wall_ms();
    if (n <= bench->last)
        return false;
    if (bench->first_ms == 0) {
        bench->first = n;
        bench->first_ms = ms;
    }
    bench->last = n;
    bench->last_ms = bench->moved_ms = ms;
    if (n < bench->watch.n_messages)
        return false;
    bench->ingest_ms = ms;
    return !bench->has_rules;
}

static bool
alive(const struct bench *bench, struct err *why)
{
    bool stuck = wall_ms() - bench->moved_ms > STUCK_MS;
    if (ended(bench))
        err_set(why, "the service has ended");
    else if (stuck)
        err_set(why, "nothing was committed for %d s; so far %lld of %lld",
                STUCK_MS / 1000, (long long)bench->last,
                (long long)bench->watch.n_messages);
    return !stuck && !ended(bench);
}

static bool
watch_it(struct bench *bench, struct err *why)
{
    int64_t told_ms = wall_ms();
    bench->last_ms = bench->moved_ms = told_ms;
    while (!look(bench, why)) {
        struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
        if (!alive(bench, why))
            return false;
        if (wall_ms() - told_ms >= BEAT_MS) {
            fprintf(stderr, "  … %" PRId64 " of %" PRId64 " counted\n",
                    bench->last, bench->watch.n_messages);
            told_ms = wall_ms();
        }
        nanosleep(&pause, NULL);
    }
    bench->service_us = cpu_us(bench->pid);
    others_stop(&bench->others);
    return true;
}

/* Ends the service; false when it did not end well. */
static bool
stop(struct bench *bench, struct rusage *usage, struct err *why)
{
    int status = 0;
    kill(bench->pid, SIGTERM);
    if (wait4(bench->pid, &status, 0, usage) == bench->pid && status == 0)
        return true;
    err_set(why, "the service ended with wait status %#x", (unsigned)status);
    return false;
}

static int
run(struct bench *bench, struct config *config, char **other, int n_others)
{
    struct err why = {""};
    struct rusage usage = {0};
    bench->has_rules = config->rules != NULL;
    bool fine = watch_open(&bench->watch, config, &why) &&
                through_open(&bench->through, config, bench->watch.redis) &&
                others_read(&bench->others, other, n_others, &why) &&
                start(bench, &why) && watch_it(bench, &why);
    if (bench->pid > 0) {
        struct err ending;
        if (!stop(bench, &usage, &ending) && fine) {
            why = ending;
            fine = false;
        }
    }
    if (fine) {
        printf("messages %" PRId64 " ms %" PRId64 " all %" PRId64
               " service_us %" PRId64,
               bench->last - bench->first, bench->last_ms - bench->first_ms,
               bench->last, bench->service_us);
        others_print(&bench->others);
        printf(" rss_kb %ld", usage.ru_maxrss);
        if (bench->has_rules)
            printf(" ingest_ms %" PRId64 " incidents %" PRId64
                   " tickets %" PRId64,
                   bench->ingest_ms - bench->first_ms, bench->through.n_opened,
                   bench->through.n_tickets);
        putchar('\n');
    } else {
        fprintf(stderr, "bench_service: %s\n", why.text);
    }
    through_close(&bench->through);
    watch_close(&bench->watch);
    return fine ? 0 : 1;
}

int
main(int argc, char **argv)
{
    static struct bench bench;
    static struct config config;
    struct complaints complaints = {0};
    int dashes = 2;
    while (dashes < argc && strcmp(argv[dashes], "--") != 0)
        dashes++;
    if (dashes + 1 >= argc) {
        fprintf(stderr, "usage: bench_service CONFIG [NAME=PID]… -- PROGRAM "
                        "ARGUMENT…\n");
        return 2;
    }
    bench.program = argv + dashes + 1;
    signal(SIGPIPE, SIG_IGN);
    int code = 1;
    if (config_load(argv[1], &config, &complaints))
        code = run(&bench, &config, argv + 2, dashes - 2);
    else
        fprintf(stderr, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    config_free(&config);
    return code;
}
