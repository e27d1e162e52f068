/* SPDX-License-Identifier: Apache-2.0
 *
 * Small servers for the courier's tests, on free ports of loopback: an HTTP
 * server that answers as told, and an SMTP server (RFC 5321) good enough to
 * take a mail, refuse one, hang or talk nonsense. One connection at a time, in
 * a thread; what came in is kept. */
#ifndef TESTS_UNIT_LOOPBACK_H
#define TESTS_UNIT_LOOPBACK_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct loopback {
    int listening, port;
    pthread_t thread;
    atomic_int stopping;
    atomic_int n_connections;
    /* HTTP: the whole answer; SMTP: the line that refuses, by its verb */
    const char *answer;
    const char *refuses; /* "RCPT", "DATA", … */
    int silent;          /* takes the connection and says nothing */
    int flood;           /* the answer never ends */
    char got[1 << 16];   /* of the last connection; NUL-terminated */
    size_t n_got;
    pthread_mutex_t lock;
};

static inline void
loopback_keep(struct loopback *server, const char *at, size_t n)
{
    pthread_mutex_lock(&server->lock);
    if (n > sizeof server->got - 1 - server->n_got)
        n = sizeof server->got - 1 - server->n_got;
    memcpy(server->got + server->n_got, at, n);
    server->n_got += n;
    server->got[server->n_got] = '\0';
    pthread_mutex_unlock(&server->lock);
}

/* Waits for bytes; 0: the peer is gone or the server stops. */
static inline ssize_t
loopback_read(struct loopback *server, int fd, char *at, size_t n)
{
    while (!atomic_load(&server->stopping)) {
        struct pollfd one = {.fd = fd, .events = POLLIN};
        if (poll(&one, 1, 20) > 0)
            return recv(fd, at, n, 0);
    }
    return 0;
}

static inline void
loopback_say(int fd, const char *text)
{
    send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static inline void
loopback_flood(struct loopback *server, int fd)
{
    static const char junk[4096];
    while (!atomic_load(&server->stopping) &&
           send(fd, junk, sizeof junk, MSG_NOSIGNAL) > 0)
        ;
}

static inline void
loopback_http(struct loopback *server, int fd)
{
    char piece[4096];
    ssize_t n;
    while ((n = loopback_read(server, fd, piece, sizeof piece)) > 0) {
        loopback_keep(server, piece, (size_t)n);
        char *head = strstr(server->got, "\r\n\r\n");
        const char *length = strcasestr(server->got, "content-length:");
        size_t body = length != NULL ? strtoul(length + 15, NULL, 10) : 0;
        if (head != NULL &&
            server->n_got >= (size_t)(head + 4 - server->got) + body)
            break;
    }
    if (server->silent)
        while (loopback_read(server, fd, piece, sizeof piece) > 0)
            ;
    else
        loopback_say(fd, server->answer);
    if (server->flood)
        loopback_flood(server, fd);
}

static inline void
loopback_smtp(struct loopback *server, int fd)
{
    char line[4096];
    size_t n = 0;
    int data = 0;
    if (server->silent) {
        while (loopback_read(server, fd, line, sizeof line) > 0)
            ;
        return;
    }
    loopback_say(fd, server->answer ? server->answer : "220 test ESMTP\r\n");
    while (n < sizeof line && loopback_read(server, fd, line + n, 1) == 1) {
        if (line[n++] != '\n')
            continue;
        loopback_keep(server, line, n);
        if (data && n == 3 && line[0] == '.') {
            data = 0;
            loopback_say(fd, "250 taken as 42\r\n");
        } else if (data) {
            /* a line of the mail */
        } else if (server->refuses && strncmp(line, server->refuses, 4) == 0) {
            loopback_say(fd, "550 no such person here\r\n");
        } else if (strncmp(line, "DATA", 4) == 0) {
            data = 1;
            loopback_say(fd, "354 go on\r\n");
        } else if (strncmp(line, "QUIT", 4) == 0) {
            loopback_say(fd, "221 bye\r\n");
            return;
        } else {
            loopback_say(fd, "250 fine\r\n");
        }
        n = 0;
    }
}

struct loopback_start {
    struct loopback *server;
    void (*talk)(struct loopback *server, int fd);
};

static inline void *
loopback_serve(void *context)
{
    struct loopback_start start = *(struct loopback_start *)context;
    struct loopback *server = start.server;
    free(context);
    while (!atomic_load(&server->stopping)) {
        struct pollfd one = {.fd = server->listening, .events = POLLIN};
        if (poll(&one, 1, 20) <= 0)
            continue;
        int fd = accept(server->listening, NULL, NULL);
        pthread_mutex_lock(&server->lock);
        server->n_got = 0;
        server->got[0] = '\0';
        pthread_mutex_unlock(&server->lock);
        atomic_fetch_add(&server->n_connections, 1);
        start.talk(server, fd);
        close(fd);
    }
    return NULL;
}

static inline void
loopback_begin(struct loopback *server,
               void (*talk)(struct loopback *server, int fd))
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listening = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(bind(server->listening, (struct sockaddr *)&at, len) == 0 &&
              listen(server->listening, 16) == 0 &&
              getsockname(server->listening, (struct sockaddr *)&at, &len) ==
                  0);
    server->port = ntohs(at.sin_port);
    pthread_mutex_init(&server->lock, NULL);
    struct loopback_start *start = malloc(sizeof *start);
    *start = (struct loopback_start){server, talk};
    cr_assert_eq(pthread_create(&server->thread, NULL, loopback_serve, start),
                 0);
}

static inline void
loopback_end(struct loopback *server)
{
    atomic_store(&server->stopping, 1);
    pthread_join(server->thread, NULL);
    close(server->listening);
}

/* A port at which nobody listens: bound, not listening. */
static inline int
loopback_closed_port(int *fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(bind(*fd, (struct sockaddr *)&at, len) == 0 &&
              getsockname(*fd, (struct sockaddr *)&at, &len) == 0);
    return ntohs(at.sin_port);
}

#endif
