/* SPDX-License-Identifier: Apache-2.0
 *
 * One line for each incident taken. There are many of them and they are read
 * on every take, so this is blanks and words, not JSON; ids hold no blanks. */
#include "respond/known.h"

#include <assert.h>

static const struct str places[] = {
#define X(name, id) {id, sizeof(id) - 1},
    PLACES(X)
#undef X
};

static void
word(struct buf *buf, struct str text)
{
    buf_char(buf, ' ');
    buf_add(buf, text.len > 0 ? text : STR("-"));
}

static void
number(struct buf *buf, int64_t n)
{
    buf_char(buf, ' ');
    buf_i64(buf, n);
}

void
known_write(struct buf *buf, const struct known *known)
{
    assert(known->place < N_PLACES);
    buf_u64(buf, known->revision);
    word(buf, places[known->place]);
    word(buf, known->ticket);
    word(buf, known->window);
    number(buf, known->first_ms);
    number(buf, known->last_ms);
    number(buf, known->fired_ms);
    number(buf, (int64_t)known->count);
    word(buf, known->because);
}

static bool
take_number(struct str *rest, int64_t min, int64_t *n)
{
    struct str part;
    return str_split(rest, ' ', &part) && str_to_i64(part, n) && *n >= min;
}

static bool
take_word(struct str *rest, struct str *word)
{
    if (!str_split(rest, ' ', word) || word->len == 0)
        return false;
    if (str_equal(*word, STR("-")))
        *word = STR("");
    return true;
}

static bool
place_from(struct str id, enum place_taken *place)
{
    for (unsigned i = 0; i < N_PLACES; i++) {
        if (str_equal(id, places[i])) {
            *place = (enum place_taken)i;
            return true;
        }
    }
    return false;
}

bool
known_read(struct str text, struct known *known)
{
    struct known read = {0};
    struct str place;
    int64_t revision, count;
    if (!take_number(&text, 1, &revision) || !take_word(&text, &place) ||
        !place_from(place, &read.place) || !take_word(&text, &read.ticket) ||
        !take_word(&text, &read.window) ||
        !take_number(&text, INT64_MIN, &read.first_ms) ||
        !take_number(&text, INT64_MIN, &read.last_ms) ||
        !take_number(&text, INT64_MIN, &read.fired_ms) ||
        !take_number(&text, 0, &count) || !take_word(&text, &read.because) ||
        text.len > 0)
        return false;
    read.revision = (uint64_t)revision;
    read.count = (uint64_t)count;
    *known = read;
    return true;
}
