/* SPDX-License-Identifier: Apache-2.0
 *
 * What `counts` and `report` need of the site: the configuration, the sources
 * as reports print them, the names of units and systems. */
#ifndef DAEMON_REPORT_SITE_H
#define DAEMON_REPORT_SITE_H

#include "config.h"
#include "report/report.h"
#include "site.h"

struct report_site {
    struct config config;
    const struct site *site;
    struct report_source source[MAX_SOURCES];
    size_t n_sources;
    struct report_names names;
    enum language language;
    int32_t today;      /* UTC+7 */
    struct arena arena; /* for what is loaded and made */
    char *arena_start;
};

/* Loads configuration, mappings and inventory; what is wrong with them goes to
 * stderr. `language`: "vi", "en" or NULL for the configured one. report_close
 * in either case. */
bool report_open(struct report_site *at, const char *config,
                 const char *language);
void report_close(struct report_site *at);

/* The counts of some days; false, and said on stderr, when Redis is away. */
bool report_counts(struct report_site *at, int32_t from, int32_t to,
                   struct counts *counts);
/* Writes `text` to the file, or to stdout when it is NULL. */
bool report_output(const char *file, struct str text);

#endif
