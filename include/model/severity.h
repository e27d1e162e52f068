/* SPDX-License-Identifier: Apache-2.0
 *
 * One scale: the severity ids of OCSF 1.8 (attribute severity_id). A value
 * nobody has mapped is unknown, never silently medium. */
#ifndef MODEL_SEVERITY_H
#define MODEL_SEVERITY_H

#include "base/str.h"

/* X(name, id as printed in files and on the command line, OCSF caption) */
#define SEVERITIES(X)                                                          \
    X(SEVERITY_UNKNOWN, "unknown", "Unknown")                                  \
    X(SEVERITY_INFORMATIONAL, "informational", "Informational")                \
    X(SEVERITY_LOW, "low", "Low")                                              \
    X(SEVERITY_MEDIUM, "medium", "Medium")                                     \
    X(SEVERITY_HIGH, "high", "High")                                           \
    X(SEVERITY_CRITICAL, "critical", "Critical")                               \
    X(SEVERITY_FATAL, "fatal", "Fatal")

enum severity {
#define X(name, id, caption) name,
    SEVERITIES(X)
#undef X
        N_SEVERITIES
};

struct str severity_id(enum severity severity);      /* "high" */
struct str severity_caption(enum severity severity); /* "High" */
/* Reads the id, in any letter case; false when it is none. */
bool severity_from(struct str id, enum severity *severity);

#endif
