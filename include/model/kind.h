/* SPDX-License-Identifier: Apache-2.0
 *
 * What a sensor's alert is about, in the words shipped rules speak (DESIGN 7).
 * `none`: no kinds table names this sensor rule yet. */
#ifndef MODEL_KIND_H
#define MODEL_KIND_H

#include "base/str.h"

#define KINDS(X)                                                               \
    X(KIND_NONE, "none")                                                       \
    X(KIND_SCAN, "scan")                                                       \
    X(KIND_BRUTEFORCE, "bruteforce")                                           \
    X(KIND_EXPLOIT, "exploit")                                                 \
    X(KIND_MALWARE, "malware")                                                 \
    X(KIND_WEBSHELL, "webshell")                                               \
    X(KIND_PERSISTENCE, "persistence")                                         \
    X(KIND_PRIVILEGE, "privilege")                                             \
    X(KIND_LATERAL, "lateral")                                                 \
    X(KIND_COMMAND, "command")                                                 \
    X(KIND_EXFILTRATION, "exfiltration")                                       \
    X(KIND_POLICY, "policy")                                                   \
    X(KIND_HEALTH, "health")                                                   \
    X(KIND_OTHER, "other")

enum kind {
#define X(name, id) name,
    KINDS(X)
#undef X
        N_KINDS
};

struct str kind_id(enum kind kind);
bool kind_from(struct str id, enum kind *kind);

#endif
