/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh check`: reads everything the service would read and names every
 * mistake of all of it in one run; when there is none, says what was found. It
 * needs neither Kafka nor Redis. */
#include "clock.h"
#include "commands.h"
#include "correlate/calendar.h"
#include "correlate/rules.h"
#include "ingest/geo.h"
#include "ingest/inventory.h"
#include "ingest/source.h"
#include "notify.h"
#include "respond/triage.h"
#include "team.h"

#include "base/times.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { ARENA = 512 << 20 }; /* reserved, touched only when used */

struct checked {
    const struct config *config;
    struct complaints *complaints;
    struct arena arena;
    const struct source *source[MAX_SOURCES]; /* NULL: did not load */
    const struct inventory *inventory;
    struct err geo;
    const struct rules *rules; /* NULL: none are configured */
    struct team team;
    const struct triage *triage;
};

/* A mapping that several entries name is read, and complained of, once. */
static void
check_sources(struct checked *checked)
{
    const struct config *config = checked->config;
    for (size_t i = 0; i < config->n_sources; i++) {
        size_t k = 0;
        while (k < i && strcmp(config->source[i].mapping,
                               config->source[k].mapping) != 0)
            k++;
        checked->complaints->from = config->source[i].mapping_place;
        checked->source[i] =
            k < i ? checked->source[k]
                  : source_load(config->source[i].mapping, &checked->arena,
                                checked->complaints);
    }
    if (config->n_sources == 0 && checked->complaints->n_errors == 0)
        complain_warning(checked->complaints,
                         (struct place){.file = config->file},
                         "there are no sources: nothing would be read");
}

static void
check_geo(struct checked *checked)
{
    const char *path = checked->config->geo_database;
    if (path == NULL)
        return;
    struct geo_db *db = geo_open(path);
    if (db == NULL || !geo_state(db, &checked->geo))
        complain(checked->complaints, checked->config->geo_place, "%s",
                 db == NULL ? "out of memory" : checked->geo.text);
    geo_close(db);
}

static void
check_rules(struct checked *checked)
{
    const char *path = checked->config->rules;
    struct calendar calendar = {NULL, 0};
    checked->complaints->from = checked->config->calendar_place;
    if (checked->config->calendar != NULL)
        calendar_load(checked->config->calendar, &checked->arena, &calendar,
                      checked->complaints);
    checked->complaints->from = (struct place){NULL, 0, 0};
    if (path != NULL)
        checked->rules = rules_load_dated(&path, 1, true, &calendar,
                                          &checked->arena, checked->complaints);
}

static void
check_password(struct checked *checked, struct config *config)
{
    struct str password;
    struct err why;
    if (!config_password(config, &password, &why))
        complain(checked->complaints, config->password_place, "%s", why.text);
}

static void
check_people(struct checked *checked, struct config *config, int32_t today)
{
    struct courier_plan plan;
    team_load(config, checked->inventory, &checked->arena, &checked->team,
              checked->complaints);
    if (checked->team.roster != NULL)
        roster_check(checked->team.roster, today, checked->arena,
                     checked->complaints);
    notify_plan(config, &plan, checked->complaints);
}

static void
check_triage(struct checked *checked)
{
    const struct config *config = checked->config;
    checked->triage =
        triage_load(config->tickets, config->suppressions, clock_wall_ms(),
                    &checked->arena, checked->complaints);
}

static void
tell_rules(const struct checked *checked)
{
    if (checked->rules != NULL)
        printf("  rules: %zu detections, %zu correlations\n",
               rules_n_detections(checked->rules),
               rules_n_correlations(checked->rules));
    else
        printf("  no rules: there are no incidents and no tickets\n");
}

static void
tell_people(const struct checked *checked)
{
    if (checked->triage != NULL)
        printf("  tickets: %zu suppressions, %zu inhibitions\n",
               checked->triage->n_suppressions, checked->triage->n_inhibitions);
    if (checked->team.roster != NULL)
        printf("  roster: %zu members; escalation: %zu steps\n",
               roster_len(checked->team.roster), checked->team.policy.n_steps);
    else
        printf("  no roster: nobody is told of tickets\n");
}

static void
tell_source(const struct checked *checked, size_t i)
{
    const struct config_source *entry = &checked->config->source[i];
    const struct source *source = checked->source[i];
    struct str product = source_product(source), name = source_name(source);
    printf("  topics %.*s: mapping %.*s (%.*s), lateness %lld s",
           STR_ARG(entry->topics), STR_ARG(name), STR_ARG(product),
           (long long)(source_lateness_ms(source) / 1000));
    if (source_dedup_ms(source) > 0)
        printf(", repeats known for %lld h",
               (long long)(source_dedup_ms(source) / 3600000));
    printf("\n");
}

static void
tell(const struct checked *checked)
{
    const struct config *config = checked->config;
    printf("%s: fine\n", config->file);
    printf("  Kafka %s, Redis %s, data in %s\n", config->kafka_brokers,
           config->redis_address, config->data_dir);
    for (size_t i = 0; i < config->n_sources; i++)
        tell_source(checked, i);
    if (checked->inventory != NULL)
        printf("  inventory: %zu units, %zu systems\n",
               inventory_n_units(checked->inventory),
               inventory_n_systems(checked->inventory));
    else
        printf("  no inventory: alerts have no unit, system or level\n");
    if (config->geo_database != NULL)
        printf("  addresses: %s\n", checked->geo.text);
    else
        printf("  no database of addresses: alerts have no country\n");
    tell_rules(checked);
    tell_people(checked);
}

static int
check(const char *path)
{
    struct config config;
    struct complaints complaints = {0};
    struct checked checked = {.config = &config, .complaints = &complaints};
    checked.arena = arena_reserve(ARENA);
    char *start = checked.arena.at;
    config_load(path, &config, &complaints);
    int32_t today = day_of_ms(clock_wall_ms(), VIETNAM_MINUTES);
    if (start == NULL) {
        complain(&complaints, (struct place){.file = config.file},
                 "out of memory");
    } else if (config.arena_start != NULL) {
        check_sources(&checked);
        complaints.from = config.inventory_place;
        if (config.inventory != NULL)
            checked.inventory = inventory_load(config.inventory, today,
                                               &checked.arena, &complaints);
        check_geo(&checked);
        check_rules(&checked);
        check_password(&checked, &config);
        check_triage(&checked);
        check_people(&checked, &config, today);
    }
    command_print(stderr, &complaints.text);
    int code = complaints.n_errors > 0 ? EXIT_CHECK : EXIT_OK;
    if (code == EXIT_OK)
        tell(&checked);
    else
        fprintf(stderr, "%zu mistake%s\n", complaints.n_errors,
                complaints.n_errors == 1 ? "" : "s");
    if (start != NULL)
        arena_release(start, checked.arena);
    config_free(&config);
    complaints_free(&complaints);
    return code;
}

int
cmd_check(int argc, char **argv)
{
    const char *path = NULL;
    bool fine = true;
    for (int c; (c = getopt(argc, argv, "c:")) != -1;) {
        if (c == 'c')
            path = optarg;
        else
            fine = false;
    }
    if (!fine || optind < argc)
        return command_usage("check");
    return check(path);
}
