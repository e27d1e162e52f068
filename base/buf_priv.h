/* SPDX-License-Identifier: Apache-2.0
 *
 * Room in a buffer, for the files that write its bytes themselves. */
#ifndef BASE_BUF_PRIV_H
#define BASE_BUF_PRIV_H

#include "base/buf.h"

/* Makes room for `more` bytes after `used` ones, which are kept though `len`
 * may not count them yet. False, and `full` set, when the maximum or memory
 * forbids. */
bool buf_room(struct buf *buf, size_t used, size_t more);

#endif
