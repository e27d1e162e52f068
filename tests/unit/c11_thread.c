/* SPDX-License-Identifier: Apache-2.0
 *
 * Lets librdkafka run under ThreadSanitizer; linked into tests in that build
 * only. librdkafka makes its threads and locks by <threads.h>, whose functions
 * gcc 12's ThreadSanitizer does not know: it crashes in a thread that it has
 * not seen begin, and takes what passes through a queue for a race. These stand
 * before glibc's and say the same by pthreads, which it knows. glibc's types
 * are pthreads' own under another name. */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <threads.h>

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "mtx_t");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "cnd_t");
_Static_assert(sizeof(thrd_t) == sizeof(pthread_t), "thrd_t");
_Static_assert(sizeof(once_flag) == sizeof(pthread_once_t), "once_flag");

struct start {
    thrd_start_t run;
    void *arg;
};

static int
said(int code)
{
    return code == 0           ? thrd_success
           : code == EBUSY     ? thrd_busy
           : code == ENOMEM    ? thrd_nomem
           : code == ETIMEDOUT ? thrd_timedout
                               : thrd_error;
}

static void *
begin(void *arg)
{
    struct start start = *(struct start *)arg;
    free(arg);
    return (void *)(intptr_t)start.run(start.arg);
}

int
thrd_create(thrd_t *thread, thrd_start_t run, void *arg)
{
    struct start *start = malloc(sizeof *start);
    if (!start)
        return thrd_nomem;
    *start = (struct start){run, arg};
    int code = pthread_create(thread, NULL, begin, start);
    if (code != 0)
        free(start);
    return said(code);
}

int
thrd_join(thrd_t thread, int *result)
{
    void *value = NULL;
    int code = pthread_join(thread, &value);
    if (result)
        *result = (int)(intptr_t)value;
    return said(code);
}

int
mtx_init(mtx_t *lock, int type)
{
    pthread_mutexattr_t how;
    pthread_mutexattr_init(&how);
    if (type & mtx_recursive)
        pthread_mutexattr_settype(&how, PTHREAD_MUTEX_RECURSIVE);
    int code = pthread_mutex_init((pthread_mutex_t *)lock, &how);
    pthread_mutexattr_destroy(&how);
    return said(code);
}

void
mtx_destroy(mtx_t *lock)
{
    pthread_mutex_destroy((pthread_mutex_t *)lock);
}

int
mtx_lock(mtx_t *lock)
{
    return said(pthread_mutex_lock((pthread_mutex_t *)lock));
}

int
mtx_unlock(mtx_t *lock)
{
    return said(pthread_mutex_unlock((pthread_mutex_t *)lock));
}

int
cnd_init(cnd_t *cond)
{
    return said(pthread_cond_init((pthread_cond_t *)cond, NULL));
}

void
cnd_destroy(cnd_t *cond)
{
    pthread_cond_destroy((pthread_cond_t *)cond);
}

int
cnd_signal(cnd_t *cond)
{
    return said(pthread_cond_signal((pthread_cond_t *)cond));
}

int
cnd_broadcast(cnd_t *cond)
{
    return said(pthread_cond_broadcast((pthread_cond_t *)cond));
}

int
cnd_wait(cnd_t *cond, mtx_t *lock)
{
    return said(
        pthread_cond_wait((pthread_cond_t *)cond, (pthread_mutex_t *)lock));
}

int
cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict lock,
              const struct timespec *restrict until)
{
    return said(pthread_cond_timedwait((pthread_cond_t *)cond,
                                       (pthread_mutex_t *)lock, until));
}

void
call_once(once_flag *flag, void (*run)(void))
{
    pthread_once((pthread_once_t *)flag, run);
}
