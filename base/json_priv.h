/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the JSON reader that need no library, for json.cc alone. */
#ifndef BASE_JSON_PRIV_H
#define BASE_JSON_PRIV_H

#include "base/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Unescapes what stands between the quotes of a string (RFC 8259, section 7)
 * to `to`, which has room for as many bytes. One past the last byte written,
 * or NULL when an escape is wrong or names half a surrogate pair. */
char *json_unescape(char *to, const char *at, const char *end);

/* JSON_DUPLICATE_KEY when two members of `object` have the same key, else
 * JSON_FINE; JSON_TOO_MANY when the `n_slots` numbers at `slot`, which are
 * written over, are fewer than twice its members rounded up to a power of two
 * (an object of few members needs none). Time is linear in the size of the
 * object for whoever does not know `secret`, 2 <= secret < 2^61 - 1. */
enum json_fault json_check_keys(const struct json *object, uint64_t secret,
                                uint32_t *slot, size_t n_slots);

#ifdef __cplusplus
}
#endif

#endif
