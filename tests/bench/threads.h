/* SPDX-License-Identifier: Apache-2.0
 *
 * For the benchmarks: the CPU that threads of this process have used, by their
 * names. The Kafka client names its own "rdk:…"; workers are named by
 * bench_pipeline. */
#ifndef TESTS_BENCH_THREADS_H
#define TESTS_BENCH_THREADS_H

#include <stdint.h>

/* User and system time of all living threads whose name begins so. */
int64_t threads_cpu_us(const char *name);

#endif
