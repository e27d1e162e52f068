/* SPDX-License-Identifier: Apache-2.0
 *
 * The severity scale as text, from the one list in the header. */
#include "model/severity.h"

#include <assert.h>

struct str
severity_id(enum severity severity)
{
    static const struct str ids[] = {
#define X(name, id, caption) {id, sizeof(id) - 1},
        SEVERITIES(X)
#undef X
    };
    assert((unsigned)severity < N_SEVERITIES);
    return ids[severity];
}

struct str
severity_caption(enum severity severity)
{
    static const struct str captions[] = {
#define X(name, id, caption) {caption, sizeof(caption) - 1},
        SEVERITIES(X)
#undef X
    };
    assert((unsigned)severity < N_SEVERITIES);
    return captions[severity];
}

bool
severity_from(struct str id, enum severity *severity)
{
    for (enum severity i = SEVERITY_UNKNOWN; i < N_SEVERITIES; i++) {
        if (str_equal_nocase(id, severity_id(i))) {
            *severity = i;
            return true;
        }
    }
    return false;
}
