/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing needs the acknowledgement of the last one only: the producer is
 * idempotent and in order. */
#include "rules_board.h"

#include "base/log.h"
#include "follower.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { LINGER_MS = 5, POLL_MS = 50, KEY_LEN = 32 };

struct rules_board {
    const struct config *config;
    struct registry *registry;
    struct producer *producer;
    struct follower *follower;
    struct delivery delivery; /* outlives every acknowledgement */
    struct correlation floor;
    struct arena arena; /* of the floor's text */
    char *start;
};

enum { FLOOR_BYTES = 1 << 20 };

/* In the follower's thread. */
static void
learn(void *context, const struct record *record)
{
    struct rules_board *board = context;
    struct err why;
    if (record->value.at &&
        !registry_learn(board->registry, record->value, &why))
        log_warn("rules", "%.*s, offset %" PRId64 ": %s",
                 STR_ARG(record->topic), record->offset, why.text);
}

struct rules_board *
rules_board_new(const struct config *config, struct err *why)
{
    struct rules_board *board = calloc(1, sizeof *board);
    if (!board) {
        err_set(why, "out of memory");
        return NULL;
    }
    board->config = config;
    board->registry = registry_new();
    board->arena = arena_reserve(FLOOR_BYTES);
    board->start = board->arena.at;
    correlation_floor(&board->floor);
    if (!board->registry || !board->start)
        err_set(why, "out of memory");
    else if (correlation_seal(&board->floor, &board->arena, why))
        board->producer = producer_open(&config->kafka, LINGER_MS, why);
    if (board->producer)
        board->follower = follower_start(&config->kafka, config->topics.rules,
                                         learn, board, why);
    if (board->follower)
        return board;
    rules_board_free(board);
    return NULL;
}

void
rules_board_free(struct rules_board *board)
{
    if (!board)
        return;
    follower_stop(board->follower);
    if (board->producer)
        producer_close(board->producer);
    if (board->registry)
        registry_free(board->registry);
    if (board->start)
        arena_release(board->start, board->arena);
    free(board);
}

static bool
send_one(struct rules_board *board, const struct correlation *correlation,
         struct err *why)
{
    char key[KEY_LEN + 1];
    snprintf(key, sizeof key, "%016" PRIx64 "%016" PRIx64,
             correlation->fingerprint.half[0],
             correlation->fingerprint.half[1]);
    struct output output = {
        .topic = board->config->topics.rules,
        .partition = PARTITION_BY_KEY,
        .key = str_of(key),
        .value = correlation->text,
    };
    if (!registry_learn(board->registry, correlation->text, why))
        return false;
    while (!producer_send(board->producer, &output, &board->delivery, why)) {
        if (why->text[0] || producer_fatal(board->producer, why))
            return false;
        producer_poll(board->producer, POLL_MS);
    }
    return true;
}

bool
rules_board_publish(struct rules_board *board, const struct rules *rules,
                    int timeout_ms, struct err *why)
{
    int64_t failed = board->delivery.failed;
    bool fine = send_one(board, &board->floor, why);
    for (size_t i = 0; fine && i < rules_n_correlations(rules); i++)
        fine = send_one(board, rules_correlation(rules, i), why);
    for (int waited = 0; fine && board->delivery.waiting > 0;
         waited += POLL_MS) {
        if (waited > timeout_ms) {
            err_set(why, "topic %.*s: no acknowledgement in time",
                    STR_ARG(board->config->topics.rules));
            return false;
        }
        producer_poll(board->producer, POLL_MS);
    }
    if (fine && board->delivery.failed > failed) {
        *why = board->delivery.why;
        return false;
    }
    return fine;
}

struct registry *
rules_board_registry(struct rules_board *board)
{
    return board->registry;
}
