/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of periods in both languages, from the catalogue. */
#ifndef REPORT_PERIOD_WORDS_H
#define REPORT_PERIOD_WORDS_H

#include "model/catalogue.h"
#include "report/period.h"

/* "9 tháng đầu năm 2024", "tháng 9/2024", "từ ngày … đến ngày …". */
void buf_period_title(struct buf *buf, enum language language,
                      const struct period *period);
/* "Trong 9 tháng đầu năm 2024", the beginning of the sentence; with the two
 * dates in brackets when they are not those of the name. */
void buf_period_in(struct buf *buf, enum language language,
                   const struct period *period);
/* For the head of a column: "9 tháng 2024", "T9/2024", "Quý III/2024". */
void buf_period_short(struct buf *buf, enum language language,
                      const struct period *period);

#endif
