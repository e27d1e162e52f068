/* SPDX-License-Identifier: Apache-2.0
 *
 * The ids of the limits, from their one list. */
#include "model/window_cap.h"

struct str
window_cap_id(enum window_cap cap)
{
    static const char *const ids[] = {
#define X(name, id) id,
        WINDOW_CAPS(X)
#undef X
    };
    return str_of(ids[cap]);
}
