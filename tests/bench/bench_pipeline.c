/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the CPU of the service goes, against a real Kafka and a real Redis:
 * the pipeline of CONFIG, with one worker, until everything on the input
 * topics is committed.
 *
 *   bench_pipeline CONFIG
 *
 * The linker puts the functions below around those of the product (--wrap, see
 * the Makefile); each notes which step is at work. A timer on the CPU clock of
 * the worker's thread asks now and then which it is. So what runs is the
 * product's code, nearly undisturbed: a clock around each call would cost more
 * than the call. Prints how often each step was met, the CPU of the worker and
 * of the other threads (the Kafka client's: network and compression) in
 * microseconds, and the number of messages. */
#include "cpu.h"
#include "watch.h"

#include "base/consumer.h"
#include "base/log.h"
#include "daemon/pipeline.h"
#include "ingest/feed.h"
#include "ingest/ingest.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 5, STUCK_MS = 60000, ASK_US = 1000 };

#define STEPS(X)                                                               \
    X(REST, "rest")   /* the loop itself; choosing what comes next */          \
    X(READ, "read")   /* polling the group, taking records from queues */      \
    X(PARSE, "parse") /* bytes to alerts */                                    \
    X(NORMALISE, "normalise")                                                  \
    X(ENRICH, "enrich")                                                        \
    X(COUNT, "count") /* ids, duplicates, counts, watermark */                 \
    X(WRITE_FEED, "write_feed")                                                \
    X(PRODUCE, "produce") /* to the client; acknowledgements */                \
    X(COMMIT, "commit")   /* saving the state; calls to Redis */

enum stage_step {
#define X(name, text) name,
    STEPS(X)
#undef X
        N_STEPS
};

static volatile sig_atomic_t at_work; /* an enum stage_step, of the worker */
static volatile uint64_t met[N_STEPS];
static pthread_t worker;
static atomic_bool running;

static void
ask(int signal)
{
    (void)signal;
    met[at_work]++;
}

static enum stage_step
enter(enum stage_step step)
{
    enum stage_step before = (enum stage_step)at_work;
    at_work = step;
    return before;
}

static void
leave(enum stage_step before)
{
    at_work = before;
}

/* WRAP(which, result, name, (parameters), (arguments)) */
#define WRAP(which, result, name, parameters, arguments)                       \
    result __real_##name parameters;                                           \
    result __wrap_##name parameters;                                           \
    result __wrap_##name parameters                                            \
    {                                                                          \
        enum stage_step before = enter(which);                                 \
        result value = __real_##name arguments;                                \
        leave(before);                                                         \
        return value;                                                          \
    }

#define WRAP_VOID(which, name, parameters, arguments)                          \
    void __real_##name parameters;                                             \
    void __wrap_##name parameters;                                             \
    void __wrap_##name parameters                                              \
    {                                                                          \
        enum stage_step before = enter(which);                                 \
        __real_##name arguments;                                               \
        leave(before);                                                         \
    }

WRAP_VOID(READ, consumer_poll, (struct consumer * consumer), (consumer))
WRAP(READ, enum lane_got, lane_peek,
     (struct lane * lane, const struct record **record), (lane, record))
WRAP_VOID(READ, lane_take, (struct lane * lane), (lane))
WRAP(PARSE, enum split_fault, source_split,
     (const struct source *source, struct decoder *decoder, struct str text,
      struct arena *scratch, const struct element **elements, size_t *n),
     (source, decoder, text, scratch, elements, n))
WRAP(NORMALISE, enum split_fault, source_map,
     (const struct source *source, const struct element *element,
      int64_t arrival_ms, struct arena *scratch, struct alert *alert),
     (source, element, arrival_ms, scratch, alert))
WRAP_VOID(ENRICH, inventory_apply,
          (const struct inventory *inventory, struct alert *alert),
          (inventory, alert))
WRAP_VOID(ENRICH, geo_find,
          (struct geo_db * db, struct str address, struct arena *scratch,
           struct geo *geo),
          (db, address, scratch, geo))
WRAP_VOID(WRITE_FEED, feed_write, (struct buf * buf, const struct alert *alert),
          (buf, alert))
WRAP(PRODUCE, bool, producer_send,
     (struct producer * producer, const struct output *output,
      struct delivery *delivery, struct err *why),
     (producer, output, delivery, why))
WRAP_VOID(PRODUCE, producer_poll, (struct producer * producer, int timeout_ms),
          (producer, timeout_ms))
WRAP(COMMIT, enum commit_says, commit_send,
     (struct redis * redis, const struct claim *claim,
      const struct commit *commit, struct commit_args *args, struct err *why),
     (redis, claim, commit, args, why))
WRAP(COMMIT, bool, redis_answered, (struct redis * redis), (redis))
WRAP(COMMIT, enum commit_says, commit_finish,
     (struct redis * redis, struct claim *claim, struct err *why),
     (redis, claim, why))

/* --- the stage's own functions are in a table */

const struct stage_ops *__real_ingest_ops(void);
const struct stage_ops *__wrap_ingest_ops(void);

static enum fate
apply(void *state, const struct record *record, uint32_t incarnation,
      const struct sink *sink, struct err *why)
{
    enum stage_step before = enter(COUNT);
    enum fate fate =
        __real_ingest_ops()->apply(state, record, incarnation, sink, why);
    leave(before);
    return fate;
}

static void
save(void *state, bool whole, const struct emit *emit)
{
    enum stage_step before = enter(COMMIT);
    __real_ingest_ops()->state_save(state, whole, emit);
    leave(before);
}

const struct stage_ops *
__wrap_ingest_ops(void)
{
    static struct stage_ops ops;
    ops = *__real_ingest_ops();
    ops.apply = apply;
    ops.state_save = save;
    return &ops;
}

/* --- the worker: it gets the timer */

enum fate __real_stage_run(struct stage *stage, struct err *why);
enum fate __wrap_stage_run(struct stage *stage, struct err *why);

static bool
start_timer(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
                             .sigev_signo = SIGPROF};
    struct sigaction action = {.sa_handler = ask, .sa_flags = SA_RESTART};
    struct itimerspec every = {.it_interval.tv_nsec = ASK_US * 1000,
                               .it_value.tv_nsec = ASK_US * 1000};
    timer_t timer;
    event._sigev_un._tid = gettid();
    return sigaction(SIGPROF, &action, NULL) == 0 &&
           timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer) == 0 &&
           timer_settime(timer, 0, &every, NULL) == 0;
}

enum fate
__wrap_stage_run(struct stage *stage, struct err *why)
{
    if (!start_timer()) {
        err_set(why, "no timer on the CPU of a thread");
        return FATAL;
    }
    worker = pthread_self();
    atomic_store(&running, true);
    return __real_stage_run(stage, why);
}

static int64_t
worker_us(void)
{
    clockid_t clock;
    struct timespec t = {0};
    if (atomic_load(&running) && pthread_getcpuclockid(worker, &clock) == 0)
        clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* --- the run */

static void
tell(int64_t messages, int64_t worker_cpu_us, int64_t process_us)
{
    static const char *const name[N_STEPS] = {
#define X(name, text) text,
        STEPS(X)
#undef X
    };
    for (int i = 0; i < N_STEPS; i++)
        printf("%s %" PRIu64 "\n", name[i], met[i]);
    printf("worker_us %" PRId64 "\nclient_us %" PRId64 "\nmessages %" PRId64
           "\n",
           worker_cpu_us, process_us - worker_cpu_us, messages);
}

static bool
wait_for_all(struct watch *watch, struct pipeline *pipeline, struct err *why)
{
    int64_t last = 0, moved_ms = wall_ms(), n;
    while ((n = watch_committed(watch, why)) < watch->n_messages) {
        struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
        if (pipeline_failed(pipeline, why))
            return false;
        if (n > last)
            moved_ms = wall_ms();
        last = n > last ? n : last;
        if (wall_ms() - moved_ms > STUCK_MS) {
            err_set(why, "nothing was committed for %d s", STUCK_MS / 1000);
            return false;
        }
        nanosleep(&pause, NULL);
    }
    return true;
}

static bool
run(struct config *config, struct complaints *complaints, struct err *why)
{
    static struct watch watch;
    bool unreachable;
    if (config->workers != 1) {
        err_set(why, "ingest.workers must be 1");
        return false;
    }
    if (!watch_open(&watch, config, why))
        return false;
    int64_t before_us = cpu_us(getpid());
    struct pipeline *pipeline =
        pipeline_start(config, complaints, &unreachable, why);
    bool fine = pipeline && wait_for_all(&watch, pipeline, why);
    if (fine)
        tell(watch.n_messages, worker_us(), cpu_us(getpid()) - before_us);
    if (pipeline)
        pipeline_stop(pipeline);
    watch_close(&watch);
    return fine;
}

int
main(int argc, char **argv)
{
    static struct config config;
    struct complaints complaints = {0};
    struct err why = {""};
    if (argc != 2) {
        fprintf(stderr, "usage: bench_pipeline CONFIG\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    log_quiet();
    bool fine = config_load(argv[1], &config, &complaints) &&
                run(&config, &complaints, &why);
    if (!fine)
        fprintf(stderr, "%.*sbench_pipeline: %s\n",
                STR_ARG(buf_str(&complaints.text)), why.text);
    complaints_free(&complaints);
    config_free(&config);
    return fine ? 0 : 1;
}
