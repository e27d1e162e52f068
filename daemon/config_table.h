/* SPDX-License-Identifier: Apache-2.0
 *
 * The one table of settings: what the parser, the range checks, `config
 * --help` and docs/config.md read. */
#ifndef DAEMON_CONFIG_TABLE_H
#define DAEMON_CONFIG_TABLE_H

#include "config.h"

/* X(name, words for docs) ; where it lands is said beside it */
#define CONFIG_TYPES(X)                                                        \
    X(CONFIG_NUMBER, "number")        /* int */                                \
    X(CONFIG_DURATION, "duration")    /* int64_t, milliseconds */              \
    X(CONFIG_SWITCH, "on or off")     /* bool */                               \
    X(CONFIG_LANGUAGE, "vi or en")    /* bool: en */                           \
    X(CONFIG_TEXT, "text")            /* struct str */                         \
    X(CONFIG_ID, "name")              /* struct str: a-z A-Z 0-9 . _ - */      \
    X(CONFIG_PATH, "path")            /* const char *, NULL: none */           \
    X(CONFIG_BROKERS, "host:port, …") /* const char * */                       \
    X(CONFIG_REDIS, "host:port, or a path") /* const char * */                 \
    X(CONFIG_SOURCES, "list")               /* config->source */

enum config_type {
#define X(name, words) name,
    CONFIG_TYPES(X)
#undef X
};

struct config_row {
    const char *name; /* with dots */
    enum config_type type;
    const char *preset; /* the default, as a file would say it; NULL: none */
    int64_t min, max;   /* of numbers, of durations in ms, of a text's bytes */
    size_t at;          /* where in struct config it lands */
    const char *says;   /* one sentence */
};

extern const struct config_row config_rows[];
extern const size_t config_n_rows;

/* docs/config.md, whole. */
void config_markdown(struct buf *buf);
/* The same for a terminal. */
void config_help(struct buf *buf);
/* The settings in force as a file that reads back; secrets left out. */
void config_yaml(const struct config *config, struct buf *buf);
/* Appends the names of the settings in which two configurations differ: "a, b,
 * c"; nothing when they are the same. */
void config_differences(const struct config *a, const struct config *b,
                        struct buf *names);

#endif
