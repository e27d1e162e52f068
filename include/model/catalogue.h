/* SPDX-License-Identifier: Apache-2.0
 *
 * Every word, number and date that people read in a report, a message or a
 * page, in both languages. The words stand in one table, model/phrases.h, and
 * nowhere else. {1}, {2}, … in a
 * phrase are places for arguments. */
#ifndef MODEL_CATALOGUE_H
#define MODEL_CATALOGUE_H

#include "base/buf.h"
#include "model/phrases.h"
#include "model/severity.h"

enum language { VIETNAMESE, ENGLISH };

/* "vi", "en"; false when it is neither. */
bool language_from(struct str id, enum language *language);

enum phrase {
#define X(name, vietnamese, english) name,
    PHRASES(X)
#undef X
        N_PHRASES
};

struct str phrase(enum phrase phrase, enum language language);
/* Copies the phrase with {1} … {9} replaced by `args`; a place without an
 * argument stays as it is. */
void buf_phrase(struct buf *buf, enum language language, enum phrase phrase,
                const struct str *args, size_t n);

/* "trung bình", "medium". */
struct str severity_word(enum severity severity, enum language language);
/* Reads a level as people write it in either language, or its id. */
bool severity_from_word(struct str word, enum severity *severity);

/* 15.035 / 15,035 */
void buf_number(struct buf *buf, enum language language, uint64_t n);
/* +1.234, −56, 0 */
void buf_change(struct buf *buf, enum language language, int64_t n);
/* Tenths of a percent: 118 prints as 11,8% / 11.8%; `sign` adds the +. */
void buf_share(struct buf *buf, enum language language, int64_t permille,
               bool sign);
/* 30/9/2024, in both languages. */
void buf_date(struct buf *buf, int32_t day);

/* part / whole in tenths of a percent, rounded half away from zero; `whole` is
 * not 0. */
int64_t share_of(uint64_t part, uint64_t whole);
/* The change from `base` to `now` likewise. */
int64_t share_of_change(uint64_t now, uint64_t base);

#endif
