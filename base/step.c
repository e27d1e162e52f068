/* SPDX-License-Identifier: Apache-2.0
 *
 * A place for each worker, on a cache line of its own: what it has told, and
 * what it waits for. Who waits says so before it looks once more; who tells
 * looks at who waits after it has told: so one of the two sees the other. */
#include "base/step.h"

#include <poll.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { LINE = 64 };

struct place {
    alignas(LINE) _Atomic int64_t floor_ms;
    _Atomic int64_t wanted_ms; /* INT64_MAX: waits for nothing */
    int wake;                  /* an eventfd */
};

struct step {
    int64_t id;
    int n;
    struct place *place;
};

struct step *
step_new(int n_workers, uint64_t id)
{
    struct step *step = calloc(1, sizeof *step);
    if (!step)
        return NULL;
    step->id = (int64_t)(id >> 1); /* written as a decimal number */
    step->place = aligned_alloc(LINE, (size_t)n_workers * sizeof *step->place);
    for (; step->place && step->n < n_workers; step->n++) {
        struct place *place = &step->place[step->n];
        atomic_init(&place->floor_ms, INT64_MAX);
        atomic_init(&place->wanted_ms, INT64_MAX);
        place->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (place->wake < 0)
            break;
    }
    if (step->n == n_workers)
        return step;
    step_free(step);
    return NULL;
}

void
step_free(struct step *step)
{
    if (!step)
        return;
    for (int i = 0; i < step->n; i++)
        close(step->place[i].wake);
    free(step->place);
    free(step);
}

int64_t
step_id(const struct step *step)
{
    return step->id;
}

void
step_tell(struct step *step, int worker, int64_t floor_ms)
{
    struct place *own = &step->place[worker];
    if (atomic_load_explicit(&own->floor_ms, memory_order_relaxed) == floor_ms)
        return;
    atomic_store(&own->floor_ms, floor_ms);
    for (int i = 0; i < step->n; i++) {
        struct place *place = &step->place[i];
        int64_t wanted_ms = atomic_load(&place->wanted_ms);
        uint64_t one = 1;
        if (i == worker || wanted_ms == INT64_MAX || floor_ms < wanted_ms ||
            !atomic_compare_exchange_strong(&place->wanted_ms, &wanted_ms,
                                            INT64_MAX))
            continue;
        if (write(place->wake, &one, sizeof one) < 0)
            continue; /* it is awake already, or will be after its time-out */
    }
}

int64_t
step_others(const struct step *step, int worker)
{
    int64_t least = INT64_MAX;
    for (int i = 0; i < step->n; i++) {
        int64_t floor_ms = atomic_load(&step->place[i].floor_ms);
        if (i != worker && floor_ms < least)
            least = floor_ms;
    }
    return least;
}

void
step_wait(struct step *step, int worker, int64_t wanted_ms, int timeout_ms)
{
    struct place *own = &step->place[worker];
    uint64_t count;
    atomic_store(&own->wanted_ms, wanted_ms);
    if (step_others(step, worker) < wanted_ms) {
        struct pollfd fd = {.fd = own->wake, .events = POLLIN};
        poll(&fd, 1, timeout_ms);
    }
    atomic_store(&own->wanted_ms, INT64_MAX);
    while (read(own->wake, &count, sizeof count) > 0)
        continue;
}
