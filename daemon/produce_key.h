/* SPDX-License-Identifier: Apache-2.0
 *
 * The key of a message: the value at a dotted path of its JSON. */
#ifndef DAEMON_PRODUCE_KEY_H
#define DAEMON_PRODUCE_KEY_H

#include "base/json.h"

/* The text of the string, number or boolean at `path` ("host.name"; a member
 * whose own name has dots is found too). Borrows from `line` or `scratch`.
 * False when there is none, or the line is no JSON object. */
bool produce_key_find(struct json_reader *reader, struct str line,
                      struct str path, struct arena *scratch, struct str *key);

#endif
