/* SPDX-License-Identifier: Apache-2.0
 *
 * What the two files that read the configuration share: config_value.c knows
 * what one value may be, config.c where values stand. */
#ifndef DAEMON_CONFIG_PRIV_H
#define DAEMON_CONFIG_PRIV_H

#include "base/yaml.h"
#include "config_table.h"

enum { MAX_CONFIG_ROWS = 96 };

/* One reading. */
struct loading {
    struct config *config;
    struct complaints *complaints;
    struct str folder; /* of the file; empty: the present one */
    struct place given[MAX_CONFIG_ROWS]; /* where a row was set; line 0: not */
    struct kafka_setting *kafka;
    size_t n_kafka;
};

/* A copy in the configuration's arena, NUL-terminated. */
struct str loading_keep(struct loading *loading, struct str text);
/* The same of a path, relative to the file's folder. */
const char *loading_path(struct loading *loading, struct str path);
/* False, with a complaint, when there are control characters in it. */
bool loading_plain(struct loading *loading, const struct yaml *node);

/* Puts the value where the row says; a wrong one is complained of and what was
 * there stays. Not for CONFIG_SOURCES. */
void config_set(struct loading *loading, const struct config_row *row,
                const struct yaml *node);

#endif
