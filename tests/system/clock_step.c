/* SPDX-License-Identifier: Apache-2.0
 *
 * A wall clock that a test may step, for whatever runs with this library in
 * LD_PRELOAD: CLOCK_STEP names a file of 8 bytes, the number of seconds by
 * which the clock is off, which may change at any moment. What measures
 * durations (CLOCK_MONOTONIC) goes on as it does when a real clock is stepped.
 * Without that file the clock is as it was. */
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

typedef int (*clock_gettime_fn)(clockid_t id, struct timespec *t);

static struct {
    clock_gettime_fn clock_gettime;
    const _Atomic int64_t *seconds;
} real;

static void
find_all(void)
{
    const char *path = getenv("CLOCK_STEP");
    *(void **)&real.clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *at = mmap(NULL, sizeof *real.seconds, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (at != MAP_FAILED)
        real.seconds = at;
}

static int
stepped(clockid_t id, struct timespec *t)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, find_all);
    int status = real.clock_gettime(id, t);
    if (real.seconds && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        t->tv_sec += atomic_load(real.seconds);
    return status;
}

int
clock_gettime(clockid_t id, struct timespec *t)
{
    return stepped(id, t);
}

int
gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    int status = stepped(CLOCK_REALTIME, &now);
    *t = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return status;
}

time_t
time(time_t *t)
{
    struct timespec now;
    stepped(CLOCK_REALTIME, &now);
    if (t)
        *t = now.tv_sec;
    return now.tv_sec;
}
