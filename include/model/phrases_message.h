/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages that wake a person, and the page behind their link: X(name,
 * Vietnamese, English); a part of the table in model/phrases.h. */
#ifndef MODEL_PHRASES_MESSAGE_H
#define MODEL_PHRASES_MESSAGE_H

/* One phrase, one row. */
/* clang-format off */
#define PHRASES_MESSAGE(X)
/* clang-format on */

#endif
