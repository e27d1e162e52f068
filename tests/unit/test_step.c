/* SPDX-License-Identifier: Apache-2.0
 *
 * Workers of one process reading in step: what they tell each other, and that
 * who waits is woken. */
#include <criterion/criterion.h>

#include "base/step.h"

#include <pthread.h>
#include <time.h>

Test(step, a_worker_hears_the_least_of_the_others)
{
    struct step *step = step_new(3, 7);
    cr_assert_not_null(step);
    cr_expect_eq(step_others(step, 0), INT64_MAX);
    step_tell(step, 0, 5);
    step_tell(step, 1, 20);
    step_tell(step, 2, 10);
    cr_expect_eq(step_others(step, 0), 10);
    cr_expect_eq(step_others(step, 1), 5);
    cr_expect_eq(step_others(step, 2), 5);
    step_tell(step, 2, INT64_MAX);
    cr_expect_eq(step_others(step, 0), 20);
    step_free(step);
}

Test(step, an_id_is_no_negative_number)
{
    struct step *step = step_new(1, UINT64_MAX);
    cr_assert_geq(step_id(step), 0);
    step_free(step);
}

Test(step, who_need_not_wait_does_not)
{
    struct step *step = step_new(2, 7);
    step_tell(step, 1, 10);
    step_wait(step, 0, 10, -1); /* for ever, if it waited */
    step_wait(step, 0, 3, -1);
    step_free(step);
}

enum { STEPS = 20000 };

struct walker {
    struct step *step;
    int number;
};

/* Goes on only when the other is as far: a wake that is lost would never come,
 * as nobody gives up waiting. */
static void *
walk(void *context)
{
    struct walker *walker = context;
    for (int64_t at = 1; at <= STEPS; at++) {
        step_tell(walker->step, walker->number, at);
        while (step_others(walker->step, walker->number) < at)
            step_wait(walker->step, walker->number, at, -1);
    }
    return NULL;
}

Test(step, no_wake_is_lost, .timeout = 120)
{
    struct step *step = step_new(2, 7);
    struct walker walker[2] = {{step, 0}, {step, 1}};
    pthread_t thread[2];
    for (int i = 0; i < 2; i++)
        step_tell(step, i, 0);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&thread[i], NULL, walk, &walker[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(thread[i], NULL);
    cr_expect_eq(step_others(step, 0), STEPS);
    cr_expect_eq(step_others(step, 1), STEPS);
    step_free(step);
}
