/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh reload`: SIGHUP to every process that answers on a status socket
 * of this data_dir, then waits until each says that it has read all again, and
 * what it found. */
#include "clock.h"
#include "commands.h"
#include "status_server.h"

#include "base/json.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_PROCESSES = 64,
    LIMIT_MS = 30000, /* a worker may first finish what it has begun */
    LOOK_MS = 100,
    ANSWER_BYTES = 64 << 20,
};

struct process {
    int64_t pid, n_before;
    bool done, fine;
};

struct reloading {
    struct json_reader *reader;
    struct arena arena;
    struct process process[MAX_PROCESSES];
    size_t n;
    bool told; /* the signals are sent: now they are waited for */
};

static int64_t
number(const struct json *root, const char *name)
{
    const struct json *node = json_get(root, str_of(name));
    int64_t n = 0;
    if (node)
        str_to_i64(node->text, &n);
    return n;
}

static struct process *
process_of(struct reloading *r, int64_t pid)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->process[i].pid == pid)
            return &r->process[i];
    if (r->told || r->n == MAX_PROCESSES)
        return NULL;
    r->process[r->n] = (struct process){.pid = pid};
    return &r->process[r->n++];
}

static void
say(struct process *process, struct str mistakes)
{
    process->done = true;
    process->fine = mistakes.len == 0;
    if (process->fine)
        printf("process %lld: all is read again\n", (long long)process->pid);
    else
        fprintf(stderr, "%.*sprocess %lld goes on as before\n",
                STR_ARG(mistakes), (long long)process->pid);
}

static void
hear(void *context, struct str json)
{
    struct reloading *r = context;
    struct arena arena = r->arena;
    const struct json *root;
    if (json_read(r->reader, json, &arena, &root) != JSON_FINE)
        return;
    struct process *process = process_of(r, number(root, "pid"));
    if (!process)
        return;
    int64_t n = number(root, "reloads");
    if (!r->told)
        process->n_before = n;
    else if (!process->done && n > process->n_before) {
        const struct json *said = json_get(root, STR("reload_mistakes"));
        say(process, said ? said->text : NO_STR);
    }
}

/* Those that could be told are waited for; the others have failed. */
static void
tell_all(struct reloading *r)
{
    r->told = true;
    for (size_t i = 0; i < r->n; i++) {
        struct process *process = &r->process[i];
        if (process->pid > 1 && kill((pid_t)process->pid, SIGHUP) == 0)
            continue;
        process->done = true;
        fprintf(stderr, "thapcanh reload: process %lld: %s\n",
                (long long)process->pid, strerror(errno));
    }
}

static bool
all_done(const struct reloading *r)
{
    for (size_t i = 0; i < r->n; i++)
        if (!r->process[i].done)
            return false;
    return true;
}

static int
verdict(const struct reloading *r)
{
    bool fine = true;
    for (size_t i = 0; i < r->n; i++) {
        fine = fine && r->process[i].fine;
        if (!r->process[i].done)
            fprintf(stderr,
                    "thapcanh reload: process %lld has not read it in %d s: "
                    "see its log\n",
                    (long long)r->process[i].pid, LIMIT_MS / 1000);
    }
    return fine ? EXIT_OK : EXIT_CHECK;
}

static int
reload(const struct config *config)
{
    struct reloading r = {.reader = json_reader_new_large(),
                          .arena = arena_reserve(ANSWER_BYTES)};
    char *start = r.arena.at;
    int code = EXIT_CHECK;
    if (r.reader && start) {
        status_ask(config->run_dir, hear, &r);
        tell_all(&r);
        int64_t until = clock_monotonic_ms() + LIMIT_MS;
        while (!all_done(&r) && clock_monotonic_ms() < until) {
            poll(NULL, 0, LOOK_MS);
            status_ask(config->run_dir, hear, &r);
        }
        code = r.n > 0 ? verdict(&r) : EXIT_UNREACHABLE;
        if (r.n == 0)
            fprintf(stderr, "thapcanh reload: no process answers in %s\n",
                    config->run_dir);
    }
    if (start)
        arena_release(start, r.arena);
    json_reader_free(r.reader);
    return code;
}

int
cmd_reload(int argc, char **argv)
{
    const char *path = NULL;
    for (int c; (c = getopt(argc, argv, "c:")) != -1;) {
        if (c != 'c')
            return command_usage("reload");
        path = optarg;
    }
    if (optind < argc)
        return command_usage("reload");
    static struct config config;
    struct complaints complaints = {0};
    int code = EXIT_CHECK;
    if (config_load(path, &config, &complaints))
        code = reload(&config);
    else
        command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    config_free(&config);
    return code;
}
