/* SPDX-License-Identifier: Apache-2.0
 *
 * The site in force, and a new one in its place: built and checked whole, then
 * one pointer is swapped; every worker takes it between two batches. */
#include "pipeline_priv.h"

#include "base/log.h"
#include "base/times.h"
#include "clock.h"
#include "config_table.h"

#include <stdlib.h>

const struct site *
newest_site(void *context)
{
    struct pipeline *pipeline = context;
    return atomic_load(&pipeline->newest);
}

const struct site *
hold_site(struct pipeline *pipeline, enum holder holder)
{
    const struct site *site;
    do { /* whoever frees looks at `held` after it has set `newest` */
        site = atomic_load(&pipeline->newest);
        atomic_store(&pipeline->held[holder], site);
    } while (site != atomic_load(&pipeline->newest));
    return site;
}

const struct site *
load_site(const struct config *config, struct complaints *complaints)
{
    int32_t today = day_of_ms(clock_wall_ms(), VIETNAM_MINUTES);
    return site_load(config, today, complaints);
}

bool
publish_rules(struct pipeline *pipeline, const struct site *site,
              struct err *why)
{
    const struct rules *rules = site_rules(site);
    if (!rules)
        return true;
    if (!pipeline->board)
        pipeline->board = rules_board_new(pipeline->config, why);
    return pipeline->board &&
           rules_board_publish(pipeline->board, rules, KAFKA_MS, why);
}

static bool
is_used(const struct pipeline *pipeline, const struct site *site)
{
    bool used = site == atomic_load(&pipeline->newest);
    const struct ingest *ingest;
    for (int i = 0; pipeline->ingesting &&
                    (ingest = crew_stage(pipeline->ingesting, i)) != NULL;
         i++)
        used = used || ingest_site(ingest) == site;
    for (int i = 0; i < N_HOLDERS; i++)
        used = used || atomic_load(&pipeline->held[i]) == site;
    return used;
}

/* Frees the sites that every worker has exchanged for a newer one. */
static void
forget_sites(struct pipeline *pipeline)
{
    size_t n = 0;
    for (size_t i = 0; i < pipeline->n_sites; i++) {
        const struct site *site = pipeline->sites[i];
        if (is_used(pipeline, site))
            pipeline->sites[n++] = site;
        else
            site_free(site);
    }
    pipeline->n_sites = n;
}

/* Said by `status`, and so by `thapcanh reload`. */
static void
say_reloaded(struct pipeline *pipeline, struct str mistakes)
{
    pthread_mutex_lock(&pipeline->said_lock);
    pipeline->n_reloads++;
    buf_clear(&pipeline->reload_said);
    buf_add(&pipeline->reload_said, mistakes);
    pthread_mutex_unlock(&pipeline->said_lock);
}

static void
keep_old(struct pipeline *pipeline, struct complaints *complaints,
         const char *why)
{
    struct buf said = {0};
    buf_add(&said, buf_str(&complaints->text));
    buf_format(&said, "nothing changed: %s\n", why);
    say_reloaded(pipeline, buf_str(&said));
    buf_free(&said);
    struct str lines = buf_str(&complaints->text), line;
    while (str_split(&lines, '\n', &line))
        if (line.len > 0)
            log_warn("run", "%.*s", STR_ARG(line));
    log_warn("run", "nothing changed: %s", why);
}

/* The configuration as it is written now: what of it is not as it was when the
 * service began is named. False: it has mistakes. */
static bool
look_at_config(const struct config *config, struct complaints *complaints)
{
    struct config *fresh = calloc(1, sizeof *fresh);
    bool fine = fresh && config_load(config->file, fresh, complaints);
    struct buf names = {0};
    if (fine)
        config_differences(config, fresh, &names);
    if (names.len > 0)
        log_warn("run", "changed, and in force only after a restart: %.*s",
                 STR_ARG(buf_str(&names)));
    buf_free(&names);
    if (fresh)
        config_free(fresh);
    free(fresh);
    return fine;
}

/* A new site is made only when every worker has the newest one: so a worker
 * uses that, or the one before. */
static bool
take_reload(struct pipeline *pipeline)
{
    struct complaints complaints = {0};
    struct err why = {""};
    forget_sites(pipeline);
    if (pipeline->n_sites > 1)
        return false;
    const struct site *site = NULL;
    if (look_at_config(pipeline->config, &complaints))
        site = load_site(pipeline->config, &complaints);
    if (!site) {
        keep_old(pipeline, &complaints,
                 "mappings, inventory, rules and team stay as they were");
    } else if (!site_rules(site) != !pipeline->board) {
        keep_old(pipeline, &complaints,
                 "rules where there were none, or none where "
                 "there were: that takes a restart");
    } else if (!publish_rules(pipeline, site, &why)) {
        keep_old(pipeline, &complaints, why.text);
    } else {
        pipeline->sites[pipeline->n_sites++] = site;
        atomic_store(&pipeline->newest, site);
        site = NULL;
        log_info("run", "mappings, inventory, rules and team read again");
        say_reloaded(pipeline, STR(""));
    }
    site_free(site);
    complaints_free(&complaints);
    return true;
}

void
pipeline_reload(struct pipeline *pipeline)
{
    pipeline->reload_wanted = !take_reload(pipeline);
}
