/* SPDX-License-Identifier: Apache-2.0
 *
 * A case of the model tests: it is run in a process of its own, so that an
 * assertion of the engine is a finding like any other; what fails is made
 * small before it is told. Whoever uses it says what a case is:
 *   make    the case of a seed
 *   fails   plays it; the reason, or NULL
 *   drop    the case without its i-th part; false: it has no such part
 *   print   for people */
#ifndef TESTS_UNIT_MODEL_CASE_H
#define TESTS_UNIT_MODEL_CASE_H

#include "model_dice.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

struct model_ops {
    const char *name;
    const char *cases; /* the variable: how many */
    size_t case_bytes;
    void *(*world_new)(void);
    void (*make)(void *world, void *at, uint64_t seed);
    const char *(*fails)(void *world, void *at, uint64_t *n_incidents);
    bool (*drop)(void *at, size_t part);
    void (*print)(const void *at, FILE *to);
};

/* What the process that plays tells the one that waits. */
struct model_board {
    uint64_t seed, n_incidents;
    char why[512];
};

/* The small case is being played: every turn of it may be told. */
static bool model_aloud;

/* Does this one fail? `show`: what it says is seen. */
static inline bool
model_fails(const struct model_ops *ops, const void *at, bool show)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        uint64_t n = 0;
        if (!show && (!freopen("/dev/null", "w", stderr) ||
                      !freopen("/dev/null", "w", stdout)))
            _exit(1);
        model_aloud = show;
        void *copy = malloc(ops->case_bytes);
        memcpy(copy, at, ops->case_bytes);
        const char *why = ops->fails(ops->world_new(), copy, &n);
        if (why)
            fprintf(stderr, "%s\n", why);
        _exit(why != NULL);
    }
    cr_assert_eq(waitpid(child, &status, 0), child);
    return status != 0;
}

/* Leaves out one part after the other, as long as it fails. */
static inline void
model_shrink(const struct model_ops *ops, void *at)
{
    void *less = malloc(ops->case_bytes);
    for (bool smaller = true; smaller;) {
        smaller = false;
        memcpy(less, at, ops->case_bytes);
        for (size_t part = 0; ops->drop(less, part); part++) {
            if (model_fails(ops, less, false)) {
                memcpy(at, less, ops->case_bytes);
                smaller = true;
                part--;
            }
            memcpy(less, at, ops->case_bytes);
        }
    }
    free(less);
}

static inline void
model_tell(const struct model_ops *ops, const struct model_board *board)
{
    void *at = calloc(1, ops->case_bytes);
    ops->make(ops->world_new(), at, board->seed);
    if (model_fails(ops, at, false))
        model_shrink(ops, at);
    fprintf(stderr, "%s: seed %llu fails: %s\nmade small:\n", ops->name,
            (unsigned long long)board->seed, board->why);
    ops->print(at, stderr);
    model_fails(ops, at, true);
    fprintf(stderr, "again: SEED=%llu %s=1 build/tests/test_%s\n",
            (unsigned long long)board->seed, ops->cases, ops->name);
    free(at);
}

static inline void
model_play(const struct model_ops *ops, struct model_board *board,
           uint64_t first, uint64_t n_cases)
{
    void *world = ops->world_new(), *at = malloc(ops->case_bytes);
    for (uint64_t i = 0; i < n_cases; i++) {
        board->seed = first + i;
        memset(at, 0, ops->case_bytes);
        ops->make(world, at, board->seed);
        const char *why = ops->fails(world, at, &board->n_incidents);
        if (why) {
            snprintf(board->why, sizeof board->why, "%s", why);
            _exit(1);
        }
    }
    _exit(0);
}

/* From seed 1 on, unless SEED says otherwise; so many, unless the variable
 * says otherwise. */
static inline void
model_run(const struct model_ops *ops, uint64_t n_cases)
{
    uint64_t first = number_from("SEED", 1);
    int status = 0;
    struct model_board *board =
        mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    cr_assert(board != MAP_FAILED);
    n_cases = number_from(ops->cases, n_cases);
    fflush(NULL);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0)
        model_play(ops, board, first, n_cases);
    cr_assert_eq(waitpid(child, &status, 0), child);
    if (status != 0)
        model_tell(ops, board);
    fprintf(stderr, "%s: %llu cases from seed %llu, %llu incidents\n",
            ops->name,
            (unsigned long long)(board->seed + (status == 0) - first),
            (unsigned long long)first, (unsigned long long)board->n_incidents);
    cr_assert_eq(status, 0, "seed %llu", (unsigned long long)board->seed);
    cr_assert(n_cases < 1000 || board->n_incidents > n_cases / 4,
              "the cases say little");
    munmap(board, sizeof *board);
}

#endif
