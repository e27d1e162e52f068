/* SPDX-License-Identifier: Apache-2.0
 *
 * Dies where it is told to. Nothing of it is in the product. What is asked for
 * is read once; a mistake in it ends the process at once, so that no test can
 * pass because its fault never came. */
#include "base/fault.h"

#ifdef THAPCANH_FAULTS

#include "base/log.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    struct str stage;
    bool fails;
    int64_t point, nth;
    atomic_bool begun; /* a stage is at work */
    atomic_int_least64_t passed;
} wanted = {.point = -1};

static const struct str points[] = {
#define X(point, stages) {#point, sizeof #point - 1},
    FAULT_POINTS(X)
#undef X
};

static const struct str kinds[] = {
#define X(kind) {#kind, sizeof #kind - 1},
    FAULT_KINDS(X)
#undef X
};

static int64_t
number_of(const struct str *names, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_equal(names[i], name))
            return (int64_t)i;
    return -1;
}

static void
read_wanted(void)
{
    const char *text = getenv("THAPCANH_FAULT");
    struct str rest = str_of(text ? text : ""), point = NO_STR;
    if (rest.len == 0)
        return;
    str_split(&rest, ':', &wanted.stage);
    str_split(&rest, ':', &point);
    wanted.fails = str_equal(wanted.stage, STR("fails"));
    wanted.point =
        wanted.fails ? number_of(kinds, sizeof kinds / sizeof *kinds, point)
                     : number_of(points, sizeof points / sizeof *points, point);
    if (wanted.point < 0 || !str_to_i64(rest, &wanted.nth) || wanted.nth < 1)
        log_fatal("fault",
                  "THAPCANH_FAULT=%s is neither STAGE:POINT:N nor "
                  "fails:KIND:N",
                  text);
}

/* Whether this is the one. */
static bool
is_wanted(bool fails, int64_t point, struct str stage)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_wanted);
    return wanted.point == point && wanted.fails == fails &&
           (fails || str_equal(wanted.stage, stage)) &&
           atomic_fetch_add(&wanted.passed, 1) + 1 == wanted.nth;
}

bool
fault_fails(enum fault_kind kind)
{
    if (!atomic_load(&wanted.begun) || !is_wanted(true, (int64_t)kind, NO_STR))
        return false;
    log_warn("fault", "fails: %.*s number %lld", STR_ARG(kinds[kind]),
             (long long)wanted.nth);
    return true;
}

void
fault_here(struct str stage, enum fault_point point)
{
    atomic_store(&wanted.begun, true);
    if (!is_wanted(false, (int64_t)point, stage))
        return;
    log_warn("fault", "%.*s: killed at %.*s, passed %lld times", STR_ARG(stage),
             STR_ARG(points[point]), (long long)wanted.nth);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

#endif
