/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets in files: the first line of one, and the key of acknowledge links. */
#ifndef DAEMON_SECRET_H
#define DAEMON_SECRET_H

#include "base/arena.h"
#include "base/err.h"

/* The first line of `path` (NULL: an empty one), without blanks around it.
 * False when it cannot be read or is empty. */
bool secret_line(const char *path, struct arena *arena, struct str *line,
                 struct err *why);
/* The key in `folder`/link.key, made at random (readable by us alone) when
 * there is none. Several processes at once get the same. False with the
 * reason; also when others may read the file. */
bool secret_link_key(const char *folder, struct arena *arena, struct str *key,
                     struct err *why);

#endif
