/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and values of window entries, made alike from an alert's fields
 * (route.c) and from what another correlation fired with (correlate_chain.c):
 * equal values give equal digests on both ways.
 *
 * A firing knows its values only as they were written in a key, where long
 * ones are cut. So a key that others are made from marks what it cuts,
 * "begin…#DIGEST", and correlations that are fed by others know a long value
 * by its digest, whoever brings it. */
#ifndef CORRELATE_GROUP_KEY_H
#define CORRELATE_GROUP_KEY_H

#include "base/json.h"
#include "correlate/correlation.h"
#include "model/kind.h"

struct group_value {
    struct str text;   /* as written; without its mark */
    struct str folded; /* as it is compared; a marked one by its digest; NO_STR:
                          there is none (null) */
    bool is_text;      /* else a number, true or false */
    bool is_marked;
};

/* A value of a field: numbers compare as plain decimals, texts folded, so 445
 * and "445" are alike. `plain`: decimal_plain of a number, if that is another
 * text. False: null or empty, which is no value; or no memory. */
bool group_value_of(enum json_type type, struct str text, struct str plain,
                    struct arena *scratch, struct group_value *value);
/* The values of a key or of what is carried, up to `max`; those that are not
 * there have `folded.len` 0. Gives how many there are. */
size_t group_values_read(struct json_reader *reader, struct str key,
                         struct arena *scratch, struct group_value *values,
                         size_t max);

struct digest group_key_id(const struct correlation *correlation,
                           const struct group_value *values,
                           struct arena *scratch);
/* Values as written, as a JSON array of at most MAX_KEY_TEXT_BYTES. */
struct str group_key_text(const struct correlation *correlation,
                          const struct group_value *values,
                          struct arena *scratch);
/* What is carried for others; a value without text is null. */
struct str group_carry_text(const struct group_value *values, size_t n,
                            struct arena *scratch);
/* The same of an event that scores: "POINTS TACTICS RULE". */
struct str group_score(const struct correlation_step *of,
                       enum severity severity, struct arena *scratch);
/* window_entry.value of an event of `step`. False: it takes no part, what is
 * measured is no number. */
bool group_counted(const struct correlation *correlation, size_t step,
                   const struct group_value *values, enum severity severity,
                   struct arena *scratch, struct str *value);

#endif
