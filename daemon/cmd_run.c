/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh run`: the service in the foreground, until SIGTERM or SIGINT.
 * SIGHUP reads everything again that can be changed without a restart. */
#include "base/log.h"
#include "commands.h"
#include "listener.h"
#include "pipeline.h"
#include "status_server.h"
#include "version.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Blocked in every thread, so that only this one, asking, gets them. */
static void
block_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGHUP);
    sigprocmask(SIG_BLOCK, set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Until told to end or a worker fails. */
static int
serve(struct pipeline *pipeline, const sigset_t *set)
{
    for (;;) {
        struct timespec pause = {.tv_nsec = 200 * 1000 * 1000};
        int got = sigtimedwait(set, NULL, &pause);
        struct err why;
        if (got == SIGHUP)
            pipeline_reload(pipeline);
        else if (got == SIGTERM || got == SIGINT)
            return EXIT_OK;
        if (pipeline_failed(pipeline, &why)) {
            log_warn("run", "%s", why.text);
            return EXIT_CHECK;
        }
        pipeline_look(pipeline);
    }
}

static void
status_of(void *pipeline, struct buf *json)
{
    pipeline_status(pipeline, json);
}

/* False when it is wanted and cannot be. */
static bool
listen_too(struct config *config, struct pipeline *pipeline,
           struct listener **listener)
{
    struct err why = {""};
    bool responds = config->only == 0 || (config->only & ONLY_RESPOND) != 0;
    *listener = NULL;
    if (config->listen.address.len == 0 || !responds)
        return true;
    *listener = listener_start(config, status_of, pipeline, &why);
    if (*listener == NULL)
        log_warn("run", "listen.address: %s", why.text);
    return *listener != NULL;
}

static int
run(struct config *config, const sigset_t *set)
{
    struct complaints complaints = {0};
    struct err why = {""};
    bool unreachable;
    struct pipeline *pipeline =
        pipeline_start(config, &complaints, &unreachable, &why);
    if (complaints.text.len > 0)
        command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    if (!pipeline) {
        fprintf(stderr, "thapcanh: %s\n", why.text);
        return unreachable ? EXIT_UNREACHABLE : EXIT_CHECK;
    }
    struct status_server *server =
        status_server_start(config->run_dir, pipeline, &why);
    if (!server)
        log_warn("run", "no status: %s", why.text);
    log_info("run", "version %s, Kafka %s, Redis %s", THAPCANH_VERSION,
             config->kafka_brokers, config->redis_address);
    struct listener *listener;
    bool listens = listen_too(config, pipeline, &listener);
    int code = server && listens ? serve(pipeline, set) : EXIT_CHECK;
    log_info("run", "stopping");
    listener_stop(listener);
    status_server_stop(server);
    pipeline_stop(pipeline);
    return code;
}

/* "ingest" and so on; 0: no stage. */
static unsigned
stage_of(const char *name)
{
    static const char *const names[] = {"ingest", "correlate", "respond"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return 1U << i;
    fprintf(stderr,
            "thapcanh run: no stage '%s' (ingest, correlate, respond)\n", name);
    return 0;
}

int
cmd_run(int argc, char **argv)
{
    static const struct option options[] = {
        {"only", required_argument, NULL, 'o'},
        {NULL, 0, NULL, 0},
    };
    const char *path = NULL;
    unsigned only = 0, stage;
    for (int c; (c = getopt_long(argc, argv, "c:qv", options, NULL)) != -1;) {
        if (c == 'c')
            path = optarg;
        else if (c == 'o' && (stage = stage_of(optarg)) > 0)
            only |= stage;
        else if (c == 'q')
            log_quiet();
        else if (c == 'v')
            log_verbose();
        else
            return command_usage("run");
    }
    if (optind < argc)
        return command_usage("run");
    sigset_t set;
    block_signals(&set);
    static struct config config;
    struct complaints complaints = {0};
    int code = EXIT_CHECK;
    bool fine = config_load(path, &config, &complaints);
    config.only = only;
    if (fine)
        code = run(&config, &set);
    else
        command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    config_free(&config);
    return code;
}
