/* SPDX-License-Identifier: Apache-2.0
 *
 * Every correlation this process knows, by fingerprint (STREAM 20): those of
 * the loaded rules, and those found on soc.rules or in a partition's state.
 * Nothing is ever removed, so what it gives lives as long as it does. Any
 * thread may ask and add. */
#ifndef CORRELATE_REGISTRY_H
#define CORRELATE_REGISTRY_H

#include "correlate/correlation.h"

struct registry;

struct registry *registry_new(void); /* NULL: no memory */
void registry_free(struct registry *registry);
/* Correlations that are learnt from now on open incidents although another one
 * speaks for them: for trying their examples. */
void registry_aloud(struct registry *registry);

/* The correlation, or NULL. */
const struct correlation *registry_find(struct registry *registry,
                                        struct digest fingerprint);
/* Learns a sealed text. One that is known under other words (titles) takes the
 * new words for whoever asks from now on. NULL with the reason: not a sealed
 * text of this version, or MAX_CORRELATIONS are known. */
const struct correlation *registry_learn(struct registry *registry,
                                         struct str text, struct err *why);
/* The highest level of those that are known (STREAM 19). */
int registry_highest_level(const struct registry *registry);

#endif
