/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading in step between the workers of one process (STREAM 17). Workers of
 * other processes are heard of through Redis, in milliseconds; a replay of
 * months asks for the others' watermarks every few records, so workers side by
 * side tell each other in memory. It only paces reading: nothing exact
 * depends on it. */
#ifndef BASE_STEP_H
#define BASE_STEP_H

#include <stdint.h>

struct step;

/* `id`: drawn by this process. NULL: no memory. */
struct step *step_new(int n_workers, uint64_t id);
void step_free(struct step *step);
int64_t step_id(const struct step *step); /* not negative */

/* The lowest watermark of the worker's partitions that have unread messages;
 * INT64_MAX: none has. Wakes those who wait for it. */
void step_tell(struct step *step, int worker, int64_t floor_ms);
/* The least that the other workers have told. */
int64_t step_others(const struct step *step, int worker);
/* Returns when the others are at `wanted_ms`, or after `timeout_ms`. */
void step_wait(struct step *step, int worker, int64_t wanted_ms,
               int timeout_ms);

#endif
