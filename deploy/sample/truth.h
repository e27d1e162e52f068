/* SPDX-License-Identifier: Apache-2.0
 *
 * What is true of a sample, for whoever checks what was made of it. */
#ifndef DEPLOY_SAMPLE_TRUTH_H
#define DEPLOY_SAMPLE_TRUTH_H

#include "message.h"

/* What only the writing of the lines tells. */
struct written {
    uint64_t bytes[N_SAMPLE_FILES];
    uint32_t broken_line[N_BROKEN]; /* in its file, from 1 */
};

/* One JSON document: seed, totals, disorder, extras, the broken messages, the
 * ten attacks with the ids of their alerts. */
void truth_write(struct buf *buf, const struct sample *sample,
                 const struct written *written);

#endif
