/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets: states, priorities, what a timeline says: X(name, Vietnamese,
 * English); a part of the table in model/phrases.h. */
#ifndef MODEL_PHRASES_TICKET_H
#define MODEL_PHRASES_TICKET_H

/* One phrase, one row. */
/* clang-format off */
#define PHRASES_TICKET(X)
/* clang-format on */

#endif
