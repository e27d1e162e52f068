/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of a request body: application/x-www-form-urlencoded, or one flat
 * JSON object. */
#ifndef CONSOLE_FORM_H
#define CONSOLE_FORM_H

#include "base/arena.h"
#include "base/err.h"

/* The value of the first field `name`, in `arena`; NO_STR when there is none,
 * or when the body is not what `content_type` says. */
struct str form_field(struct str body, struct str content_type, struct str name,
                      struct arena *arena);

#endif
