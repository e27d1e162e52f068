/* SPDX-License-Identifier: Apache-2.0
 *
 * The examples of a rule (`thapcanh: examples:`, docs/rules.md), made alerts
 * again. */
#ifndef DAEMON_RULES_EXAMPLE_H
#define DAEMON_RULES_EXAMPLE_H

#include "base/err.h"
#include "ingest/source.h"

struct examples; /* readers and mappings, kept over many examples */

/* `sources`: folder of mappings. NULL: out of memory. */
struct examples *examples_new(const char *sources);
void examples_free(struct examples *examples);

/* One example: alerts in order of their times, and how far the watermark is
 * moved past the last of them (`tick`), so that what is decided later is
 * decided; 0: it is not. */
struct example {
    struct alert *alerts;
    size_t n;
    int64_t tick_ms;
};

/* An alert or a list of them, the last of which may be `tick: 2h` alone; in
 * `scratch`. False with the reason. */
bool examples_read(struct examples *examples, const struct json *node,
                   struct arena *scratch, struct example *example,
                   struct err *why);
/* The cases of `text` (a JSON array), each one node. */
bool examples_cases(struct examples *examples, struct str text,
                    struct arena *scratch, const struct json **list,
                    struct err *why);

#endif
