/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts and differences as `thapcanh counts` prints them: a table for people,
 * or one JSON document a line. */
#ifndef REPORT_LISTING_H
#define REPORT_LISTING_H

#include "model/catalogue.h"
#include "report/compare.h"
#include "report/sums.h"

struct listing_style {
    enum language language;
    bool json;
};

/* Both false when memory is exhausted; `arena` is for the work only. */
bool listing_sums(struct buf *out, const struct sums *sums, unsigned by,
                  const struct listing_style *style, struct arena arena);
bool listing_differences(struct buf *out, const struct compare_result *result,
                         const struct listing_style *style, struct arena arena);

#endif
