/* SPDX-License-Identifier: Apache-2.0
 *
 * Text as characters, for what is written to people: one by one, visible, or
 * without the marks of Vietnamese. */
#ifndef BASE_VISIBLE_H
#define BASE_VISIBLE_H

#include "base/buf.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VISIBLE_INVALID 0xfffdU

/* Takes the first character off `*rest`, which is not empty; a sequence that is
 * no UTF-8 reads as VISIBLE_INVALID. */
uint32_t visible_next(struct str *rest);
/* On one line, and only what can be seen: line ends, tabs and other controls
 * become blanks; marks that reorder or hide text (bidirectional controls, zero
 * width) are left out; invalid UTF-8 becomes U+FFFD. At most `max` bytes, cut
 * between characters with "…" behind. */
void buf_visible(struct buf *buf, struct str text, size_t max);
/* Latin letters without their marks (Vietnamese, and all of Latin-1), so that
 * what comes out is ASCII: quotes and dashes become theirs, everything else
 * beyond ASCII '?', controls blanks. */
void buf_unmarked(struct buf *buf, struct str text);
/* RFC 4648, section 4, padded, without line ends. */
void buf_base64(struct buf *buf, struct str bytes);

#ifdef __cplusplus
}
#endif

#endif
