/* SPDX-License-Identifier: Apache-2.0
 *
 * The handler sets a flag; it is in force for one signal only. */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t noted;

static void
on_signal(int number)
{
    (void)number;
    noted = 1;
}

void
interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal,
                               .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool
interrupted(void)
{
    return noted != 0;
}
