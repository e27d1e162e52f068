/* SPDX-License-Identifier: Apache-2.0
 *
 * A Redis private to one test: on a socket in a folder of its own. */
#ifndef TESTS_UNIT_SERVER_H
#define TESTS_UNIT_SERVER_H

#include <criterion/criterion.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct server {
    char folder[64], socket[96];
    pid_t pid;
};

static inline bool
server_answers(const struct server *server)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    memcpy(at.sun_path, server->socket, strlen(server->socket));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    bool fine = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    char reply[8] = "";
    fine = fine && send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
           recv(fd, reply, 5, MSG_WAITALL) == 5 && reply[0] == '+';
    close(fd);
    return fine;
}

/* One binary is all of Redis, told apart by the name it is run under; on a
 * machine with redis-tools alone it is there as redis-check-rdb. */
static inline void
run_redis(const struct server *server, const char *program)
{
    execlp(program, "redis-server", "--port", "0", "--unixsocket",
           server->socket, "--dir", server->folder, "--save", "", "--loglevel",
           "warning", "--logfile", "redis.log", (char *)NULL);
}

static inline void
server_start_again(struct server *server)
{
    server->pid = fork();
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that crashes leaves none */
        run_redis(server, "redis-server");
        run_redis(server, "redis-check-rdb");
        _exit(127);
    }
    for (int tries = 0; !server_answers(server); tries++) {
        cr_assert_lt(tries, 1000, "redis-server does not answer");
        poll(NULL, 0, 10);
    }
}

static inline void
server_start(struct server *server)
{
    signal(SIGPIPE, SIG_IGN); /* as the program does, see base/redis.h */
    const char *tmp = getenv("TMPDIR");
    snprintf(server->folder, sizeof server->folder, "%.40s/tc-XXXXXX",
             tmp ? tmp : "/tmp");
    cr_assert(mkdtemp(server->folder) != NULL);
    snprintf(server->socket, sizeof server->socket, "%s/redis.sock",
             server->folder);
    server_start_again(server);
}

static inline void
server_kill(struct server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}

static inline void
server_stop(struct server *server)
{
    server_kill(server);
    char path[128];
    unlink(server->socket);
    snprintf(path, sizeof path, "%s/redis.log", server->folder);
    unlink(path);
    rmdir(server->folder);
}

#endif
