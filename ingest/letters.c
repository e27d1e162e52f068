/* SPDX-License-Identifier: Apache-2.0
 *
 * Open dead letters: few, so each is a small allocation of its own. The field
 * in the table is "INCARNATION/OFFSET", the value "DAY N BYTES INDEXES". A
 * closed letter keeps its number (the table of keys removes nothing) and is
 * opened again under it; what is closed is forgotten when the state is loaded.
 */
#include "letters.h"

#include "base/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { DIGEST_LEN = 32 }; /* in hexadecimal */

struct entry {
    char *value; /* NULL: closed */
    size_t len;
    bool changed;
};

struct letters {
    struct table *keys;
    struct entry *at;
    uint32_t room, n_open, max;
    uint64_t lost;
    struct buf text;
};

struct letters *
letters_new(uint32_t max)
{
    struct letters *letters = calloc(1, sizeof *letters);
    if (!letters)
        return NULL;
    letters->max = max;
    letters->keys = table_new(2 * max);
    if (!letters->keys) {
        free(letters);
        return NULL;
    }
    return letters;
}

void
letters_free(struct letters *letters)
{
    if (!letters)
        return;
    for (uint32_t i = 0; i < letters->room; i++)
        free(letters->at[i].value);
    free(letters->at);
    table_free(letters->keys);
    buf_free(&letters->text);
    free(letters);
}

uint32_t
letters_len(const struct letters *letters)
{
    return letters->n_open;
}

uint64_t
letters_lost(const struct letters *letters)
{
    return letters->lost;
}

static struct entry *
entry_of(struct letters *letters, struct str key)
{
    uint32_t number = table_add(letters->keys, key, NULL);
    if (number == TABLE_NONE)
        return NULL;
    if (number >= letters->room) {
        uint32_t room = letters->room ? letters->room * 2 : 64;
        while (room <= number)
            room *= 2;
        struct entry *at = realloc(letters->at, room * sizeof *at);
        if (!at)
            return NULL;
        for (uint32_t i = letters->room; i < room; i++)
            at[i] = (struct entry){0};
        letters->at = at;
        letters->room = room;
    }
    return &letters->at[number];
}

static bool
put(struct letters *letters, struct str key, struct str value, bool changed)
{
    struct entry *entry =
        letters->n_open < letters->max ? entry_of(letters, key) : NULL;
    char *copy = entry ? malloc(value.len + 1) : NULL;
    if (!copy) {
        letters->lost++;
        return false;
    }
    for (size_t i = 0; i < value.len; i++)
        copy[i] = value.at[i];
    letters->n_open += !entry->value;
    free(entry->value);
    *entry = (struct entry){copy, value.len, changed};
    return true;
}

static struct str
key_text(char *text, size_t size, uint32_t incarnation, int64_t offset)
{
    struct buf buf = {.at = text, .cap = size, .max_bytes = size};
    buf_format(&buf, "%" PRIu32 "/%" PRId64, incarnation, offset);
    return buf_str(&buf);
}

bool
letters_open(struct letters *letters, const struct letter *letter)
{
    char key[48];
    buf_clear(&letters->text);
    buf_format(
        &letters->text, "%" PRId32 " %" PRIu32 " %016" PRIx64 "%016" PRIx64 " ",
        letter->day, letter->n, letter->bytes.half[0], letter->bytes.half[1]);
    buf_add(&letters->text, letter->indexes);
    return put(letters,
               key_text(key, sizeof key, letter->incarnation, letter->offset),
               buf_str(&letters->text), true);
}

static bool
half_read(struct str text, uint64_t *half)
{
    *half = 0;
    for (size_t i = 0; i < text.len; i++) {
        const char *digits = "0123456789abcdef";
        const char *at = memchr(digits, text.at[i], 16);
        if (!at)
            return false;
        *half = *half << 4 | (uint64_t)(at - digits);
    }
    return true;
}

/* What is left of a value: the digest and the indexes, or the indexes alone,
 * which have no space, as older versions wrote it. */
static bool
rest_read(struct str rest, struct letter *letter)
{
    struct str bytes;
    letter->any_bytes = rest.len == 0 || memchr(rest.at, ' ', rest.len) == NULL;
    if (!letter->any_bytes &&
        (!str_split(&rest, ' ', &bytes) || bytes.len != DIGEST_LEN ||
         !half_read(str_cut(bytes, 0, DIGEST_LEN / 2),
                    &letter->bytes.half[0]) ||
         !half_read(str_cut(bytes, DIGEST_LEN / 2, DIGEST_LEN),
                    &letter->bytes.half[1])))
        return false;
    letter->indexes = rest;
    return true;
}

static bool
value_read(struct str value, struct letter *letter)
{
    struct str day, n;
    int64_t day_number, count;
    if (!str_split(&value, ' ', &day) || !str_to_i64(day, &day_number) ||
        !str_split(&value, ' ', &n) || !str_to_i64(n, &count) || count < 0 ||
        count > UINT32_MAX || day_number < INT32_MIN || day_number > INT32_MAX)
        return false;
    letter->day = (int32_t)day_number;
    letter->n = (uint32_t)count;
    return rest_read(value, letter);
}

bool
letters_find(const struct letters *letters, uint32_t incarnation,
             int64_t offset, struct letter *letter)
{
    char key[48];
    uint32_t number = table_find(
        letters->keys, key_text(key, sizeof key, incarnation, offset));
    if (number == TABLE_NONE || !letters->at[number].value)
        return false;
    const struct entry *entry = &letters->at[number];
    letter->incarnation = incarnation;
    letter->offset = offset;
    return value_read((struct str){entry->value, entry->len}, letter);
}

void
letters_close(struct letters *letters, uint32_t incarnation, int64_t offset)
{
    char key[48];
    uint32_t number = table_find(
        letters->keys, key_text(key, sizeof key, incarnation, offset));
    if (number == TABLE_NONE || !letters->at[number].value)
        return;
    free(letters->at[number].value);
    letters->at[number] = (struct entry){.changed = true};
    letters->n_open--;
}

void
letters_save(struct letters *letters, size_t table, bool whole,
             const struct emit *emit)
{
    for (uint32_t i = 0; i < table_len(letters->keys) && i < letters->room;
         i++) {
        struct entry *entry = &letters->at[i];
        struct str value = {entry->value, entry->len};
        if (whole ? entry->value != NULL : entry->changed)
            emit->field(emit->context, table, table_key(letters->keys, i),
                        value);
        if (!whole)
            entry->changed = false;
    }
}

bool
letters_load(struct letters *letters, struct str field, struct str value)
{
    struct letter letter;
    return value_read(value, &letter) && put(letters, field, value, false);
}
