/* SPDX-License-Identifier: Apache-2.0
 *
 * The status socket: mode 0600, one thread, one answer a connection. */
#include "status_server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_SECONDS = 5 };

struct status_server {
    struct pipeline *pipeline;
    struct sockaddr_un at;
    int fd, wake[2];
    pthread_t thread;
};

static void
make_folders(const char *path)
{
    char part[sizeof((struct sockaddr_un *)0)->sun_path];
    size_t n = strlen(path);
    if (n >= sizeof part)
        return;
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        mkdir(part, 0700);
    }
}

static void
answer(struct status_server *server, int fd)
{
    struct buf json = {0};
    pipeline_status(server->pipeline, &json);
    buf_char(&json, '\n');
    struct timeval limit = {.tv_sec = ANSWER_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    for (size_t at = 0; at < json.len;) {
        ssize_t n = send(fd, json.at + at, json.len - at, MSG_NOSIGNAL);
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    buf_free(&json);
    close(fd);
}

static void *
serve(void *context)
{
    struct status_server *server = context;
    struct pollfd fds[] = {{.fd = server->fd, .events = POLLIN},
                           {.fd = server->wake[0], .events = POLLIN}};
    while (poll(fds, 2, -1) >= 0 || errno == EINTR) {
        if (fds[1].revents)
            break;
        if (!(fds[0].revents & POLLIN))
            continue;
        int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            answer(server, fd);
    }
    return NULL;
}

static bool
listen_at(struct status_server *server, const char *run_dir, struct err *why)
{
    make_folders(run_dir);
    server->at.sun_family = AF_UNIX;
    int n = snprintf(server->at.sun_path, sizeof server->at.sun_path,
                     "%s/status-%ld.sock", run_dir, (long)getpid());
    if (n < 0 || (size_t)n >= sizeof server->at.sun_path) {
        err_set(why, "%s: too long a path for a socket (data_dir)", run_dir);
        return false;
    }
    unlink(server->at.sun_path);
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t old = umask(0177);
    bool fine = server->fd >= 0 &&
                bind(server->fd, (const struct sockaddr *)&server->at,
                     sizeof server->at) == 0 &&
                listen(server->fd, 16) == 0;
    umask(old);
    if (!fine)
        err_set(why, "%s: %s", server->at.sun_path, strerror(errno));
    return fine;
}

struct status_server *
status_server_start(const char *run_dir, struct pipeline *pipeline,
                    struct err *why)
{
    struct status_server *server = calloc(1, sizeof *server);
    if (!server) {
        err_set(why, "out of memory");
        return NULL;
    }
    server->pipeline = pipeline;
    server->fd = -1;
    if (listen_at(server, run_dir, why) &&
        pipe2(server->wake, O_CLOEXEC) == 0 &&
        pthread_create(&server->thread, NULL, serve, server) == 0)
        return server;
    if (server->fd >= 0)
        close(server->fd);
    free(server);
    return NULL;
}

void
status_server_stop(struct status_server *server)
{
    if (!server)
        return;
    (void)!write(server->wake[1], "x", 1);
    pthread_join(server->thread, NULL);
    unlink(server->at.sun_path);
    close(server->fd);
    close(server->wake[0]);
    close(server->wake[1]);
    free(server);
}

static bool
ask_one(const char *path, struct buf *json)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n >= sizeof at.sun_path)
        return false;
    memcpy(at.sun_path, path, n + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    struct timeval limit = {.tv_sec = ANSWER_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    bool fine = connect(fd, (const struct sockaddr *)&at, sizeof at) == 0;
    if (!fine && errno == ECONNREFUSED)
        unlink(path); /* its process is gone */
    char part[4096];
    for (ssize_t got; fine && (got = recv(fd, part, sizeof part, 0)) > 0;)
        buf_add(json, (struct str){part, (size_t)got});
    close(fd);
    return fine && json->len > 0;
}

int
status_ask(const char *run_dir, void (*each)(void *context, struct str json),
           void *context)
{
    DIR *dir = opendir(run_dir);
    int n = 0;
    struct buf json = {0};
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        struct str name = str_of(entry->d_name);
        if (!str_starts(name, STR("status-")) || !str_ends(name, STR(".sock")))
            continue;
        char path[sizeof((struct sockaddr_un *)0)->sun_path + 1];
        int len = snprintf(path, sizeof path, "%s/%s", run_dir, entry->d_name);
        buf_clear(&json);
        if (len < 0 || (size_t)len >= sizeof path || !ask_one(path, &json))
            continue;
        each(context, buf_str(&json));
        n++;
    }
    buf_free(&json);
    if (dir)
        closedir(dir);
    return n;
}
