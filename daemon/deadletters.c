/* SPDX-License-Identifier: Apache-2.0
 *
 * Only what lists and retries need is kept of a letter, not its bytes: those
 * are read from the topic again when they are wanted. */
#include "deadletters.h"
#include "interrupt.h"
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>

enum { REACH_MS = 10000, WAIT_MS = 200 };

static const size_t arena_bytes = (size_t)2 << 30; /* touched when used */

bool
deadletters_start(struct deadletters *letters)
{
    *letters = (struct deadletters){0};
    letters->arena = arena_reserve(arena_bytes);
    letters->start = letters->arena.at;
    letters->positions = table_new(MAX_DEADLETTERS);
    if (letters->start != NULL && letters->positions != NULL)
        letters->at = arena_take_raw(&letters->arena, MAX_DEADLETTERS,
                                     sizeof *letters->at);
    if (letters->at != NULL)
        return true;
    fprintf(stderr, "thapcanh deadletter: out of memory\n");
    deadletters_end(letters);
    return false;
}

void
deadletters_end(struct deadletters *letters)
{
    if (letters->start != NULL)
        arena_release(letters->start, letters->arena);
    if (letters->positions != NULL)
        table_free(letters->positions);
    *letters = (struct deadletters){0};
}

static void
keep(struct arena *arena, struct str *text)
{
    struct str kept = arena_copy(arena, *text);
    *text = kept.at != NULL ? kept : STR("");
}

void
deadletters_put(struct deadletters *letters, const struct deadletter *letter)
{
    bool is_new;
    struct str name = letter->position;
    struct arena scratch = letters->arena;
    if (letter->of_output) /* beside the letter of the message itself */
        name = arena_format(&scratch, "%.*s output", STR_ARG(name));
    if (name.at == NULL) {
        letters->n_left_out++;
        return;
    }
    uint32_t number = table_add(letters->positions, name, &is_new);
    if (number == TABLE_NONE) {
        letters->n_left_out++;
        return;
    }
    uint32_t n_seen = is_new ? 0 : letters->at[number].n_seen;
    struct deadletter kept = *letter;
    kept.n_seen = n_seen + 1;
    keep(&letters->arena, &kept.position);
    keep(&letters->arena, &kept.stage);
    keep(&letters->arena, &kept.reason);
    keep(&letters->arena, &kept.detail);
    keep(&letters->arena, &kept.indexes);
    keep(&letters->arena, &kept.version);
    letters->at[number] = kept;
    letters->n = table_len(letters->positions);
}

/* The topic's reader; NULL: `*code` says what to exit with. */
static struct reader *
open_letters(const struct config *config, int *code)
{
    struct err why;
    struct str topic = config->topics.deadletter;
    struct reader *reader = NULL;
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, &why);
    int n = admin == NULL
                ? -1
                : kafka_topic_partitions(admin, topic, REACH_MS, &why);
    kafka_admin_close(admin);
    if (n > 0)
        reader = reader_open(&config->kafka, topic, -1, READER_BEGINNING,
                             REACH_MS, &why);
    *code = n == 0 || reader != NULL ? EXIT_OK : EXIT_UNREACHABLE;
    if (*code != EXIT_OK)
        fprintf(stderr, "thapcanh deadletter: %s\n", why.text);
    return reader;
}

int
deadletters_scan(const struct config *config,
                 bool (*each)(void *context, const struct record *record,
                              const struct deadletter *letter),
                 void *context, uint64_t *n_foreign)
{
    int code;
    struct reader *reader = open_letters(config, &code);
    struct progress progress;
    int64_t n, n_all;
    bool going = reader != NULL;
    progress_begin(&progress, "reading");
    while (going) {
        struct record record;
        struct deadletter letter;
        struct err why;
        enum reader_got got = reader_next(reader, WAIT_MS, &record, &why);
        going = got != READER_DONE && !interrupted();
        if (got == READER_FAILED) {
            fprintf(stderr, "thapcanh deadletter: %s\n", why.text);
            code = EXIT_CHECK;
            break;
        }
        if (got == READER_RECORD && !deadletter_read(&record, &letter))
            ++*n_foreign;
        else if (got == READER_RECORD)
            going = going && each(context, &record, &letter);
        reader_progress(reader, &n, &n_all);
        if (n % 256 == 0)
            progress_tell(&progress, (uint64_t)n, (uint64_t)n_all, (uint64_t)n,
                          "");
    }
    progress_end(&progress);
    reader_close(reader);
    if (interrupted() && code == EXIT_OK)
        code = EXIT_CHECK;
    return code;
}
