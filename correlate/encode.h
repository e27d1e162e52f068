/* SPDX-License-Identifier: Apache-2.0
 *
 * The encodings that Sigma's modifiers name: UTF-16 and Base64 (RFC 4648). */
#ifndef CORRELATE_ENCODE_H
#define CORRELATE_ENCODE_H

#include "base/arena.h"

enum utf16 { UTF16_LE, UTF16_BE, UTF16_BOM /* ff fe, then little endian */ };

/* All in `arena`; NO_STR when it is full. */
struct str encode_utf16(struct str text, enum utf16 form, struct arena *arena);
struct str encode_base64(struct str bytes, struct arena *arena);
/* What of the encoding of `bytes` is the same wherever in a longer text they
 * stand, when they begin `offset` (0 to 2) bytes into a group of three. */
struct str encode_base64_at(struct str bytes, unsigned offset,
                            struct arena *arena);

#endif
