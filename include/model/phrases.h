/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of all words that people read: X(name, Vietnamese, English). One
 * table, so that a wording is changed in one place and a missing translation
 * cannot compile; its parts are kept apart by who says them. */
#ifndef MODEL_PHRASES_H
#define MODEL_PHRASES_H

#include "model/phrases_feed.h"
#include "model/phrases_message.h"
#include "model/phrases_report.h"
#include "model/phrases_ticket.h"

#define PHRASES(X)                                                             \
    PHRASES_REPORT(X)                                                          \
    PHRASES_TICKET(X)                                                          \
    PHRASES_MESSAGE(X)                                                         \
    PHRASES_FEED(X)

#endif
