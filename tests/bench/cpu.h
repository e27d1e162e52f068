/* SPDX-License-Identifier: Apache-2.0
 *
 * For the benchmarks: the CPU that processes have used, user and system, as
 * proc(5) tells it. Other processes are named on the command line, NAME=PID:
 * the broker and Redis, whose share of the work would otherwise go unseen. */
#ifndef TESTS_BENCH_CPU_H
#define TESTS_BENCH_CPU_H

#include "base/err.h"

#include <sys/types.h>

enum { MAX_OTHERS = 8 };

struct other {
    struct str name;
    pid_t pid;
    int64_t before_us, after_us;
};

struct others {
    struct other at[MAX_OTHERS];
    size_t n;
};

/* Reads `n` arguments NAME=PID and how much each has used so far. False, with
 * the reason, when one is none or there is no such process. */
bool others_read(struct others *others, char **arg, int n, struct err *why);
void others_stop(struct others *others); /* how much until now */
/* " NAME_us N" for each. */
void others_print(const struct others *others);

int64_t cpu_us(pid_t pid); /* -1: no such process */
int64_t wall_ms(void);     /* a monotonic clock */
int64_t thread_cpu_ns(void);

#endif
