/* SPDX-License-Identifier: Apache-2.0
 *
 * ATT&CK technique ids, found wherever a sensor writes them: alone, in lists
 * ("T1059, T1110.003"), in Sigma tags ("attack.t1059.001"), in addresses
 * (".../techniques/T1059/001") or in running text. An id is 'T' and four
 * digits, with three more behind a point for a sub-technique; what only looks
 * like a part of a longer word or number is none. */
#include "ingest/source_priv.h"

#include <string.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_word(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_' || (c & 0x80) != 0;
}

static size_t
n_digits(struct str text, size_t from)
{
    size_t n = 0;
    while (from + n < text.len && is_digit(text.at[from + n]))
        n++;
    return n;
}

/* The length of the id at `at`, 5 or 9; 0: none. */
static size_t
id_len(struct str text, size_t at)
{
    char c = text.at[at];
    if ((c != 'T' && c != 't') || (at > 0 && is_word(text.at[at - 1])) ||
        n_digits(text, at + 1) != 4)
        return 0;
    size_t end = at + 5;
    if (end == text.len)
        return 5;
    if ((text.at[end] == '.' || text.at[end] == '/') &&
        n_digits(text, end + 1) == 3 &&
        (end + 4 == text.len || !is_word(text.at[end + 4])))
        return 9;
    return is_word(text.at[end]) ? 0 : 5;
}

static void
technique_add(struct str id, struct alert *alert, struct arena *scratch)
{
    char text[9];
    memcpy(text, id.at, id.len);
    text[0] = 'T';
    if (id.len == 9)
        text[5] = '.';
    struct str clean = {.at = text, .len = id.len};
    for (size_t i = 0; i < alert->n_techniques; i++)
        if (str_equal(alert->technique[i], clean))
            return;
    if (alert->n_techniques == MAX_TECHNIQUES)
        return;
    if (!str_equal(id, clean))
        id = arena_copy(scratch, clean);
    if (id.len > 0)
        alert->technique[alert->n_techniques++] = id;
}

void
technique_scan(struct str text, struct alert *alert, struct arena *scratch)
{
    for (size_t at = 0; at + 5 <= text.len;) {
        size_t len = id_len(text, at);
        if (len > 0)
            technique_add(str_cut(text, at, at + len), alert, scratch);
        at += len > 0 ? len : 1;
    }
}
