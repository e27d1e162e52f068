/* SPDX-License-Identifier: Apache-2.0
 *
 * Somebody else's monthly figures against ours, cell by cell. */
#ifndef REPORT_COMPARE_H
#define REPORT_COMPARE_H

#include "report/sheet.h"

struct compare_row {
    int32_t month; /* its first day */
    struct str source;
    enum severity severity;
    bool absent; /* they have no such figure */
    uint64_t theirs, ours;
};

struct compare_result {
    const struct compare_row *rows; /* only where they differ; sorted */
    size_t n;
    size_t n_equal;
};

/* Compares every (month, source) the sheet speaks of, in all severities: a
 * figure of ours that they do not have is a difference too. `counts` holds
 * the days of the sheet. False when memory is exhausted. */
bool compare_sheet(const struct sheet *sheet, const struct counts *counts,
                   struct arena *arena, struct compare_result *result);

#endif
