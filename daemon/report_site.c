/* SPDX-License-Identifier: Apache-2.0
 *
 * The site for reports. Sources are printed in the order of the configuration;
 * a mapping bound to several topics is one source. */
#include "report_site.h"

#include "base/file.h"
#include "base/times.h"
#include "clock.h"
#include "counts_load.h"

#include <stdio.h>

#define ARENA_BYTES ((size_t)16 << 30) /* reserved, touched only when used */

static struct str
unit_name(const void *context, struct str id)
{
    return inventory_unit_name(context, id);
}

static struct str
system_name(const void *context, struct str id)
{
    return inventory_system_name(context, id);
}

static void
add_source(struct report_site *at, size_t i)
{
    const struct source *source = site_source(at->site, i);
    struct report_source one = {
        .name = source_name(source),
        .product = source_product(source),
        .label = at->config.source[i].report,
    };
    for (int s = SEVERITY_INFORMATIONAL; s < N_SEVERITIES; s++)
        if (source_has_severity(source, (enum severity)s))
            one.severities |= 1u << s;
    for (size_t k = 0; k < at->n_sources; k++)
        if (str_equal(at->source[k].name, one.name))
            return;
    at->source[at->n_sources++] = one;
}

bool
report_open(struct report_site *at, const char *config, const char *language)
{
    struct complaints complaints = {0};
    *at = (struct report_site){0};
    at->today = day_of_ms(clock_wall_ms(), VIETNAM_MINUTES);
    at->arena = arena_reserve(ARENA_BYTES);
    at->arena_start = at->arena.at;
    if (config_load(config, &at->config, &complaints))
        at->site = site_load(&at->config, at->today, &complaints);
    bool fine = at->site != NULL && at->arena_start != NULL;
    if (!fine)
        fprintf(stderr, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    at->language = at->config.english ? ENGLISH : VIETNAMESE;
    if (language && !language_from(str_of(language), &at->language)) {
        fprintf(stderr, "no language '%s': there are vi and en\n", language);
        return false;
    }
    for (size_t i = 0; fine && i < at->config.n_sources; i++)
        add_source(at, i);
    if (fine && at->site->inventory)
        at->names =
            (struct report_names){at->site->inventory, unit_name, system_name};
    return fine;
}

void
report_close(struct report_site *at)
{
    site_free(at->site);
    config_free(&at->config);
    if (at->arena_start)
        arena_release(at->arena_start, at->arena);
}

bool
report_counts(struct report_site *at, int32_t from, int32_t to,
              struct counts *counts)
{
    struct err why = {""};
    *counts = (struct counts){0};
    if (counts_load(&at->config, from, to, &at->arena, counts, &why))
        return true;
    fprintf(stderr, "%s\n", why.text);
    return false;
}

bool
report_output(const char *file, struct str text)
{
    struct err why = {""};
    if (!file) {
        if (fwrite(text.at, 1, text.len, stdout) == text.len &&
            fflush(stdout) == 0)
            return true;
        fprintf(stderr, "cannot write to the standard output\n");
        return false;
    }
    if (file_replace(file, text, 0644, &why))
        return true;
    fprintf(stderr, "%s\n", why.text);
    return false;
}
