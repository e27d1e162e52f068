/* SPDX-License-Identifier: Apache-2.0
 *
 * What somebody answered by SMS. A code of six digits means "I take it",
 * whatever politeness stands around it, unless a word says no; two different
 * codes, or digits that are no code, mean nothing: the escalation goes on,
 * which is the safe side. */
#include "respond/message.h"

#include "base/visible.h"

#include <string.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "không", "ko", "no": in Vietnamese without marks, and in English. */
static bool
says_no(struct str word)
{
    static const char *const words[] = {"khong", "ko",   "kg",   "k",   "no",
                                        "not",   "chua", "cant", "busy"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_equal_nocase(word, str_of(words[i])))
            return true;
    return false;
}

enum reply
reply_read(struct str text, char code[REPLY_CODE_LEN])
{
    enum { MOST = 1024 };
    struct buf plain = {.max_bytes = 4 * MOST};
    bool refuses = false;
    size_t n_codes = 0;
    buf_unmarked(&plain, str_cut(text, 0, MOST));
    struct str all = buf_str(&plain);
    for (size_t i = 0, end; i < all.len; i = end) {
        end = i + 1;
        if (!is_digit(all.at[i]) && !is_letter(all.at[i]))
            continue;
        while (end < all.len &&
               (is_digit(all.at[end]) || is_letter(all.at[end])))
            end++;
        struct str word = str_cut(all, i, end);
        size_t digits = 0;
        while (digits < word.len && is_digit(word.at[digits]))
            digits++;
        refuses |= says_no(word);
        if (word.len != REPLY_CODE_LEN || digits != word.len)
            continue;
        bool same = n_codes > 0 && memcmp(code, word.at, word.len) == 0;
        memcpy(code, word.at, word.len);
        n_codes += !same;
    }
    buf_free(&plain);
    if (n_codes != 1)
        return REPLY_UNCLEAR;
    return refuses ? REPLY_REFUSES : REPLY_ACK;
}
