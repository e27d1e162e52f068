/* SPDX-License-Identifier: Apache-2.0
 *
 * What there is: the tickets that soc.journal adds up to, with what people
 * decided about them, the incidents in them, and who was written to. */
#ifndef DAEMON_WHATIF_THEN_H
#define DAEMON_WHATIF_THEN_H

#include "config.h"
#include "whatif_people.h"
#include "whatif_side.h"

struct whatif_then {
    struct tickets *tickets; /* owned by the caller */
    struct whatif_side *side;
    struct whatif_people *people;
    int64_t read_from_ms, read_until_ms; /* incidents outside are not kept */
};

/* Folds the whole journal into `then`, and closes its side. Messages count when
 * one of their tickets fired in the side's span. False with the reason. */
bool whatif_then_read(const struct config *config, struct whatif_then *then,
                      struct err *why);

#endif
