/* SPDX-License-Identifier: Apache-2.0
 *
 * What is true of a sample, for whoever checks what was made of it. */
#ifndef DEPLOY_SAMPLE_TRUTH_H
#define DEPLOY_SAMPLE_TRUTH_H

#include "message.h"

/* One JSON document: seed, totals, disorder, extras, the ten attacks with the
 * ids of their alerts. */
void truth_write(struct buf *buf, const struct sample *sample);

#endif
