/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict reading of a JSON object that we wrote ourselves: every member is
 * asked for by name and has one type; a member nobody asked for is a mistake.
 * The first mistake is kept with its name, and everything after it answers
 * with nothing, so that the caller looks once, at the end (members_end). */
#ifndef MODEL_MEMBERS_H
#define MODEL_MEMBERS_H

#include "base/err.h"
#include "base/json.h"

struct members {
    const struct json *object; /* NULL after a mistake */
    struct err *why;           /* gets the first mistake */
    uint32_t n_asked;          /* members found so far */
};

/* Anything but an object is a mistake. */
struct members members_of(const struct json *object, struct err *why);
/* The member, or NULL when it is not there. Ask for each once. */
const struct json *members_get(struct members *members, const char *key);
/* Nothing was wrong and nothing is left. */
bool members_end(struct members *members);
/* A mistake the caller found: "KEY: words". */
void members_wrong(struct members *members, const char *key, const char *words);

/* Each gives `preset` (an empty text, false) when the member is not there;
 * `need`: that is a mistake. */
struct str members_text(struct members *members, const char *key,
                        size_t max_bytes, bool need);
int64_t members_i64(struct members *members, const char *key, int64_t min,
                    int64_t max, int64_t preset);
bool members_flag(struct members *members, const char *key);
/* The array; NULL when it is not there or empty. `*n` of them. */
const struct json *members_list(struct members *members, const char *key,
                                size_t max, size_t *n);
/* An array of texts, copied as slices into `arena`. */
struct str *members_texts(struct members *members, const char *key, size_t max,
                          size_t max_bytes, struct arena *arena, size_t *n);

/* A number where a mistake is one of `preset` too. */
#define MEMBER_NEEDED (INT64_MIN + 1)

#endif
