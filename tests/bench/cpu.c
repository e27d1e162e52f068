/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel counts the CPU of a process in ticks of 10 ms here: enough for
 * runs of seconds, and it costs nothing of what is measured. */
#include "cpu.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* utime and stime are fields 14 and 15; the second, the name in brackets, may
 * hold anything. */
int64_t
cpu_us(pid_t pid)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    const char *at = strrchr(text, ')');
    struct str rest = str_of(at ? at + 2 : ""), part;
    int64_t ticks = 0, number;
    for (int field = 3; field <= 15 && str_split(&rest, ' ', &part); field++)
        if (field >= 14 && str_to_i64(part, &number))
            ticks += number;
    return ticks * 1000000 / sysconf(_SC_CLK_TCK);
}

bool
others_read(struct others *others, char **arg, int n, struct err *why)
{
    for (int i = 0; i < n; i++) {
        struct str rest = str_of(arg[i]);
        struct other other;
        int64_t pid;
        if (others->n == MAX_OTHERS || !str_split(&rest, '=', &other.name) ||
            !str_to_i64(rest, &pid)) {
            err_set(why, "'%s' is not NAME=PID", arg[i]);
            return false;
        }
        other.pid = (pid_t)pid;
        other.before_us = cpu_us(other.pid);
        if (other.before_us < 0) {
            err_set(why, "there is no process %s", arg[i]);
            return false;
        }
        others->at[others->n++] = other;
    }
    return true;
}

void
others_stop(struct others *others)
{
    for (size_t i = 0; i < others->n; i++)
        others->at[i].after_us = cpu_us(others->at[i].pid);
}

void
others_print(const struct others *others)
{
    for (size_t i = 0; i < others->n; i++) {
        const struct other *other = &others->at[i];
        printf(" %.*s_us %" PRId64, STR_ARG(other->name),
               other->after_us - other->before_us);
    }
}

int64_t
wall_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
thread_cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
