/* SPDX-License-Identifier: Apache-2.0
 *
 * The correlations of all processes: soc.rules holds each under the
 * fingerprint of its meaning, written before the first window record that
 * names it (STREAM 20); what others write there is learned, so that windows
 * run the rule a record names, whatever file is loaded here. */
#ifndef DAEMON_RULES_BOARD_H
#define DAEMON_RULES_BOARD_H

#include "config.h"
#include "correlate/registry.h"
#include "correlate/rules.h"

struct rules_board;

/* Follows the topic from now on. Borrows `config` for life. NULL with the
 * reason. */
struct rules_board *rules_board_new(const struct config *config,
                                    struct err *why);
void rules_board_free(struct rules_board *board); /* NULL: nothing */
/* Writes every correlation of `rules`, and the floor, and waits until Kafka
 * has them. False with the reason: the rules must not come into force. */
bool rules_board_publish(struct rules_board *board, const struct rules *rules,
                         int timeout_ms, struct err *why);
struct registry *rules_board_registry(struct rules_board *board);

#endif
