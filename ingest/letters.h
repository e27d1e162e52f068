/* SPDX-License-Identifier: Apache-2.0
 *
 * The open dead letters of one partition (STREAM 29): which messages, by the
 * position they were first read at, lie on the dead-letter topic and have not
 * come back. A retry is taken only if its origin is here and it has the bytes
 * of the letter, and is then removed: retrying twice cannot count twice, and
 * who can only write to the input cannot put something else in its place. */
#ifndef INGEST_LETTERS_H
#define INGEST_LETTERS_H

#include "base/hash.h"
#include "base/stage.h"

struct letters;

struct letter {
    uint32_t incarnation;
    int64_t offset;
    int32_t day;         /* of arrival, where the books have it */
    struct str indexes;  /* "0,5,7"; empty: the whole message */
    uint32_t n;          /* how many dead letters the books count for it */
    struct digest bytes; /* of the key and the value on the letter */
    bool any_bytes;      /* opened by a version that did not note them */
};

struct letters *letters_new(uint32_t max);
void letters_free(struct letters *letters);
/* False when there is no room: the letter cannot be retried then. */
bool letters_open(struct letters *letters, const struct letter *letter);
/* Finds; `letter->indexes` borrows until the next change. */
bool letters_find(const struct letters *letters, uint32_t incarnation,
                  int64_t offset, struct letter *letter);
void letters_close(struct letters *letters, uint32_t incarnation,
                   int64_t offset);
uint32_t letters_len(const struct letters *letters);
/* How often there was no room. */
uint64_t letters_lost(const struct letters *letters);

void letters_save(struct letters *letters, size_t table, bool whole,
                  const struct emit *emit);
bool letters_load(struct letters *letters, struct str field, struct str value);

#endif
