/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the CPU of the service goes, against a real Kafka and a real Redis:
 * the pipeline of CONFIG until everything on the input topics is committed
 * and, if it has rules, the windows have taken everything and the responder
 * every incident.
 *
 *   bench_pipeline CONFIG [reload]
 *
 * The linker puts the functions below around those of the product (--wrap, see
 * the Makefile); each notes which step its thread is at. A timer on the CPU
 * clock of each worker asks now and then which it is. So what runs is the
 * product's code, nearly undisturbed: a clock around each call would cost more
 * than the call. Prints
 *
 *   step STAGE STEP N   how often each step was met, in all workers of a stage
 *   cpu WHO US          of the workers of a stage; `client`: the Kafka
 *                       client's own threads; `other`: the rest
 *   messages N          all of them
 *   rated N, ms N       those after the first commit seen, and how long
 *
 * reload: when a quarter is committed, everything is loaded again, as SIGHUP
 * does it, and taken by the workers while they are at work. Prints
 *
 *   reload load_ms N load_cpu_ms N    reading the files, building the matcher
 *          pause_us N swap_us N       of ingest: from when it takes no more
 *                                     records until it goes on, the longest;
 *                                     within that the exchange itself
 *          left N rss_kb N peak_kb N  messages not committed when the last
 *                                     worker went on; resident size before the
 *                                     reload, and the largest */
#include "cpu.h"
#include "threads.h"
#include "through.h"
#include "watch.h"

#include "base/consumer.h"
#include "base/log.h"
#include "correlate/correlate.h"
#include "correlate/route.h"
#include "daemon/pipeline.h"
#include "ingest/feed.h"
#include "ingest/ingest.h"
#include "respond/respond.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 5, STUCK_MS = 60000, ASK_US = 1000, MAX_WORKERS = 64 };

#define STEPS(X)                                                               \
    X(REST, "rest")   /* the loop itself; choosing what comes next */          \
    X(READ, "read")   /* polling the group, taking records from queues */      \
    X(PARSE, "parse") /* bytes to alerts */                                    \
    X(NORMALISE, "normalise")                                                  \
    X(ENRICH, "enrich")                                                        \
    X(COUNT, "count") /* ids, duplicates, counts, watermark */                 \
    X(MATCH, "match") /* detections, keys and digests of correlations */       \
    X(WRITE_WINDOWS, "write_windows")                                          \
    X(WRITE_FEED, "write_feed")                                                \
    X(CORRELATE, "correlate") /* windows: events and progress */               \
    X(RESPOND, "respond")     /* tickets */                                    \
    X(PRODUCE, "produce")     /* to the client; acknowledgements */            \
    X(COMMIT, "commit")       /* saving the state; calls to Redis */

enum stage_step {
#define X(name, text) name,
    STEPS(X)
#undef X
        N_STEPS
};

struct worker {
    struct stage *stage;
    char name[16]; /* of the stage and of the thread */
    volatile uint64_t met[N_STEPS];
};

static struct worker worker[MAX_WORKERS]; /* made before any thread runs it */
static size_t n_workers;
static _Thread_local struct worker *mine;
static _Thread_local volatile sig_atomic_t at_work; /* an enum stage_step */

static void
ask(int signal)
{
    (void)signal;
    if (mine)
        mine->met[at_work]++;
}

static enum stage_step
enter(enum stage_step step)
{
    enum stage_step before = (enum stage_step)at_work;
    at_work = (sig_atomic_t)step;
    return before;
}

static void
leave(enum stage_step before)
{
    at_work = (sig_atomic_t)before;
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
WRAP_VOID(WRITE_WINDOWS, window_batch_flush,
          (struct window_batch * batch, const struct window_cause *cause,
           struct str topic, const struct sink *sink),
          (batch, cause, topic, sink))
WRAP(COMMIT, enum commit_says, commit_send,
     (struct redis * redis, const struct claim *claim,
      const struct commit *commit, struct commit_args *args, struct err *why),
     (redis, claim, commit, args, why))
WRAP(COMMIT, bool, redis_answered, (struct redis * redis), (redis))
WRAP(COMMIT, enum commit_says, commit_finish,
     (struct redis * redis, struct claim *claim, struct err *why),
     (redis, claim, why))

/* --- the rules are exchanged for newer ones */

static _Thread_local int64_t stopped_ns; /* since when it takes no more */
static _Atomic int64_t pause_ns, swap_ns;
static _Atomic int n_swapped;

static int64_t
monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void
raise_to(_Atomic int64_t *highest, int64_t ns)
{
    int64_t seen = atomic_load(highest);
    while (ns > seen && !atomic_compare_exchange_weak(highest, &seen, ns))
        ;
}

/* Only ingest reads the rules of a file. */
static void
note_exchange(int64_t from_ns)
{
    int64_t to_ns = monotonic_ns();
    if (!mine || strcmp(mine->name, "ingest") != 0)
        return;
    raise_to(&swap_ns, to_ns - from_ns);
    raise_to(&pause_ns, to_ns - stopped_ns);
    atomic_fetch_add(&n_swapped, 1);
}

/* --- the stages' own functions are in tables */

/* Around the table of a stage: `step` is what its apply is. */
#define WRAP_OPS(step, name)                                                   \
    const struct stage_ops *__real_##name(void);                               \
    const struct stage_ops *__wrap_##name(void);                               \
    static enum fate name##_apply(void *state, const struct record *record,    \
                                  uint32_t incarnation,                        \
                                  const struct sink *sink, struct err *why)    \
    {                                                                          \
        enum stage_step before = enter(step);                                  \
        enum fate fate =                                                       \
            __real_##name()->apply(state, record, incarnation, sink, why);     \
        leave(before);                                                         \
        return fate;                                                           \
    }                                                                          \
    static void name##_save(void *state, bool whole, const struct emit *emit)  \
    {                                                                          \
        enum stage_step before = enter(COMMIT);                                \
        __real_##name()->state_save(state, whole, emit);                       \
        leave(before);                                                         \
    }                                                                          \
    static void name##_act(void *state, int64_t now_ms,                        \
                           const struct sink *sink)                            \
    {                                                                          \
        enum stage_step before = enter(step);                                  \
        __real_##name()->act(state, now_ms, sink);                             \
        leave(before);                                                         \
    }                                                                          \
    static bool name##_changed(void *stage)                                    \
    {                                                                          \
        bool changed = __real_##name()->changed(stage);                        \
        if (changed)                                                           \
            stopped_ns = monotonic_ns();                                       \
        return changed;                                                        \
    }                                                                          \
    static void name##_swap(void *stage)                                       \
    {                                                                          \
        int64_t from_ns = monotonic_ns();                                      \
        __real_##name()->swap(stage);                                          \
        note_exchange(from_ns);                                                \
    }                                                                          \
    const struct stage_ops *__wrap_##name(void)                                \
    {                                                                          \
        static struct stage_ops ops;                                           \
        ops = *__real_##name();                                                \
        if (ops.changed) {                                                     \
            ops.changed = name##_changed;                                      \
            ops.swap = name##_swap;                                            \
        }                                                                      \
        ops.apply = name##_apply;                                              \
        ops.state_save = name##_save;                                          \
        if (ops.act)                                                           \
            ops.act = name##_act;                                              \
        return &ops;                                                           \
    }

WRAP_OPS(COUNT, ingest_ops)
WRAP_OPS(CORRELATE, correlate_ops)
WRAP_OPS(RESPOND, respond_ops)

const struct matcher_ops *__real_route_ops(void);
const struct matcher_ops *__wrap_route_ops(void);

static void
match(void *context, const struct alert *alert, struct arena *scratch,
      struct window_batch *windows, struct matched *out)
{
    enum stage_step before = enter(MATCH);
    __real_route_ops()->match(context, alert, scratch, windows, out);
    leave(before);
}

const struct matcher_ops *
__wrap_route_ops(void)
{
    static struct matcher_ops ops;
    ops = *__real_route_ops();
    ops.match = match;
    return &ops;
}

/* --- the workers: each gets a name and a timer */

struct stage *__real_stage_new(const struct stage_plan *plan, struct err *why);
struct stage *__wrap_stage_new(const struct stage_plan *plan, struct err *why);
enum fate __real_stage_run(struct stage *stage, struct err *why);
enum fate __wrap_stage_run(struct stage *stage, struct err *why);

/* Called by the one thread that starts them all. */
struct stage *
__wrap_stage_new(const struct stage_plan *plan, struct err *why)
{
    struct stage *stage = __real_stage_new(plan, why);
    if (stage && n_workers == MAX_WORKERS) {
        err_set(why, "more than %d workers", (int)MAX_WORKERS);
        return NULL;
    }
    if (stage) {
        struct worker *made = &worker[n_workers++];
        made->stage = stage;
        snprintf(made->name, sizeof made->name, "%.*s",
                 STR_ARG(plan->ops->name));
    }
    return stage;
}

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
    for (size_t i = 0; i < n_workers; i++)
        if (worker[i].stage == stage)
            mine = &worker[i];
    if (!start_timer()) {
        err_set(why, "no timer on the CPU of a thread");
        return FATAL;
    }
    pthread_setname_np(pthread_self(), mine->name);
    return __real_stage_run(stage, why);
}

/* --- the run */

static void
tell_stage(const char *stage)
{
    static const char *const name[N_STEPS] = {
#define X(name, text) text,
        STEPS(X)
#undef X
    };
    for (int step = 0; step < N_STEPS; step++) {
        uint64_t n = 0;
        for (size_t i = 0; i < n_workers; i++)
            if (strcmp(worker[i].name, stage) == 0)
                n += worker[i].met[step];
        if (n > 0)
            printf("step %s %s %" PRIu64 "\n", stage, name[step], n);
    }
}

static void
tell(int64_t process_us)
{
    static const char *const stage[] = {"ingest", "correlate", "respond"};
    int64_t client_us = threads_cpu_us("rdk:"), other_us;
    other_us = process_us - client_us;
    for (size_t i = 0; i < sizeof stage / sizeof *stage; i++) {
        int64_t us = threads_cpu_us(stage[i]);
        tell_stage(stage[i]);
        printf("cpu %s %" PRId64 "\n", stage[i], us);
        other_us -= us;
    }
    printf("cpu client %" PRId64 "\ncpu other %" PRId64 "\n", client_us,
           other_us);
}

struct reload {
    bool wanted, begun;
    int64_t load_us, load_cpu_us;
    int64_t left; /* not committed when the last worker went on; -1: not yet */
    long rss_kb;  /* before */
};

struct bench {
    struct reload reload;
    struct watch watch;
    struct through through;
    struct pipeline *pipeline;
    bool has_rules;
    int64_t first, first_ms; /* at the first commit seen */
    int64_t moved, moved_ms; /* how far all of it is, and since when */
};

/* 1: all is done. 0: not yet. -1 with the reason. */
static int
look(struct bench *bench, struct err *why)
{
    int64_t n = watch_committed(&bench->watch, why), moved = n, ms = wall_ms();
    int done = n >= bench->watch.n_messages;
    if (n < 0)
        return -1;
    if (n > 0 && bench->first_ms == 0) {
        bench->first = n;
        bench->first_ms = ms;
    }
    if (done && bench->has_rules) {
        done = through_look(&bench->through, why);
        moved += bench->through.n_computed + bench->through.n_taken;
    }
    if (moved != bench->moved || bench->moved_ms == 0)
        bench->moved_ms = ms;
    bench->moved = moved;
    if (done == 0 && ms - bench->moved_ms > STUCK_MS) {
        err_set(why, "nothing was committed for %d s", STUCK_MS / 1000);
        return -1;
    }
    return done;
}

static long
resident_kb(void)
{
    char line[128] = "", *end;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file && fgets(line, sizeof line, file) == NULL)
        line[0] = '\0';
    if (file)
        fclose(file);
    strtol(line, &end, 10); /* the whole size; behind it the resident one */
    return strtol(end, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Whether the workers have what was loaded again; loads it when it is time. */
static bool
look_at_reload(struct bench *bench)
{
    struct reload *reload = &bench->reload;
    int64_t n = bench->watch.n_messages, committed = bench->moved;
    if (!reload->wanted)
        return true;
    if (!reload->begun && committed >= n / 4) {
        int64_t from_ns = monotonic_ns(), from_cpu_ns = thread_cpu_ns();
        reload->begun = true;
        reload->left = -1;
        reload->rss_kb = resident_kb();
        pipeline_reload(bench->pipeline);
        reload->load_us = (monotonic_ns() - from_ns) / 1000;
        reload->load_cpu_us = (thread_cpu_ns() - from_cpu_ns) / 1000;
    }
    int n_ingest = 0;
    for (size_t i = 0; i < n_workers; i++)
        n_ingest += strcmp(worker[i].name, "ingest") == 0;
    if (!reload->begun || atomic_load(&n_swapped) < n_ingest)
        return false;
    if (reload->left < 0)
        reload->left = committed < n ? n - committed : 0;
    return true;
}

static bool
wait_for_all(struct bench *bench, struct err *why)
{
    int done;
    bool exchanged = false;
    while ((done = look(bench, why)) == 0 || (done > 0 && !exchanged)) {
        struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
        if (pipeline_failed(bench->pipeline, why))
            return false;
        exchanged = look_at_reload(bench);
        nanosleep(&pause, NULL);
    }
    return done > 0;
}

static void
tell_reload(const struct reload *reload)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    printf("reload load_ms %.1f load_cpu_ms %.1f pause_us %" PRId64
           " swap_us %" PRId64 " left %" PRId64 " rss_kb %ld peak_kb %ld\n",
           (double)reload->load_us / 1000, (double)reload->load_cpu_us / 1000,
           atomic_load(&pause_ns) / 1000, atomic_load(&swap_ns) / 1000,
           reload->left, reload->rss_kb, usage.ru_maxrss);
}

static bool
run(struct config *config, bool reload, struct complaints *complaints,
    struct err *why)
{
    static struct bench bench;
    bool unreachable;
    bench.reload.wanted = reload;
    bench.has_rules = config->rules != NULL;
    bool fine = watch_open(&bench.watch, config, why) &&
                through_open(&bench.through, config, bench.watch.redis);
    int64_t before_us = cpu_us(getpid());
    bench.pipeline =
        fine ? pipeline_start(config, complaints, &unreachable, why) : NULL;
    fine = bench.pipeline && wait_for_all(&bench, why);
    if (fine) {
        int64_t ms = wall_ms() - bench.first_ms;
        tell(cpu_us(getpid()) - before_us);
        printf("messages %" PRId64 "\nrated %" PRId64 "\nms %" PRId64 "\n",
               bench.watch.n_messages, bench.watch.n_messages - bench.first,
               ms);
        if (reload)
            tell_reload(&bench.reload);
    }
    if (bench.pipeline)
        pipeline_stop(bench.pipeline);
    through_close(&bench.through);
    watch_close(&bench.watch);
    return fine;
}

int
main(int argc, char **argv)
{
    static struct config config;
    struct complaints complaints = {0};
    struct err why = {""};
    bool reload = argc == 3 && strcmp(argv[2], "reload") == 0;
    if (argc != 2 && !reload) {
        fprintf(stderr, "usage: bench_pipeline CONFIG [reload]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    log_quiet();
    bool fine = config_load(argv[1], &config, &complaints) &&
                run(&config, reload, &complaints, &why);
    if (!fine)
        fprintf(stderr, "%.*sbench_pipeline: %s\n",
                STR_ARG(buf_str(&complaints.text)), why.text);
    complaints_free(&complaints);
    config_free(&config);
    return fine ? 0 : 1;
}
