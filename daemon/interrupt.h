/* SPDX-License-Identifier: Apache-2.0
 *
 * Ctrl-C (and SIGTERM) for commands that end in order: the first is noted and
 * breaks off what waits, a second one kills. */
#ifndef DAEMON_INTERRUPT_H
#define DAEMON_INTERRUPT_H

#include <stdbool.h>

void interrupt_catch(void);
bool interrupted(void);

#endif
