/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading mappings again: once a worker has gone over to the new ones, the old
 * ones may be freed, which AddressSanitizer watches. */
#include "base/file.h"
#include "daemon/site.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TODAY = 19783 };

static char folder[] = "/tmp/thapcanh-test-XXXXXX";
static char mapping[64], conf[64];

static void
write_file(const char *path, const char *text)
{
    struct err why;
    cr_assert(file_replace(path, str_of(text), 0600, &why), "%s", why.text);
}

/* A mapping whose source is called `name`. */
static void
write_mapping(const char *name)
{
    char text[512];
    snprintf(text, sizeof text,
             "source: %s\nproduct: Probe\nrequires: [{path: id}]\n"
             "time: [{path: t, format: [epoch]}]\nzone: \"+07:00\"\n"
             "fields: {vendor_severity: s, rule_name: r, host: h}\n"
             "severity: [{version: \"1\", words: {HIGH: high}}]\n",
             name);
    write_file(mapping, text);
}

static void
begin(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(mapping, sizeof mapping, "%s/probe.yml", folder);
    snprintf(conf, sizeof conf, "%s/c.yml", folder);
    write_mapping("probe");
    write_file(conf, "sources_dir: .\n"
                     "sources: [{topics: probes, mapping: probe}]\n");
}

static void
clean(void)
{
    unlink(mapping);
    unlink(conf);
    rmdir(folder);
}

TestSuite(reload, .init = begin, .fini = clean);

static const struct site *
load(const struct config *config)
{
    struct complaints complaints = {0};
    const struct site *site = site_load(config, TODAY, &complaints);
    cr_assert_not_null(site, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    return site;
}

static void
read_config(struct config *config)
{
    struct complaints complaints = {0};
    cr_assert(config_load(conf, config, &complaints), "%.*s",
              STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
}

/* --- a worker's state after a swap */

static const struct site *
newest(void *context)
{
    const struct site **site = context;
    return *site;
}

static void
drop(void *context, const struct output *output, bool bulk)
{
    (void)context, (void)output, (void)bulk;
}

Test(reload, stream_rule_21_nothing_of_the_old_one_is_used_after_the_swap)
{
    struct config config;
    read_config(&config);
    const struct site *site = load(&config), *old = site;
    struct ingest_plan plan = {
        .site = site,
        .newest = newest,
        .context = &site,
        .geo_database = "",
        .alerts_topic = STR("a"),
        .deadletter_topic = STR("d"),
        .windows_topic = STR("w"),
        .windows_partitions = 1,
        .feed = true,
        .version = STR("1"),
    };
    const struct stage_ops *ops = ingest_ops();
    struct ingest *ingest = ingest_new(&plan);
    void *first = ops->state_new(ingest, STR("probes"), 0);
    void *second = ops->state_new(ingest, STR("probes"), 1);
    cr_assert(ingest && first && second);
    cr_assert(!ops->changed(ingest));
    write_mapping("later");
    site = load(&config);
    cr_assert(ops->changed(ingest));
    ops->state_free(first);
    ops->swap(ingest);
    cr_assert(!ops->changed(ingest));
    cr_assert_eq(ingest_site(ingest), site);
    site_free(old);

    const struct sink sink = {drop, NULL};
    struct record record = {
        .topic = STR("probes"),
        .partition = 1,
        .timestamp_ms = INT64_C(1709623400000),
        .value = STR("{\"id\":\"1\",\"t\":1709623400,\"s\":\"HIGH\","
                     "\"r\":\"R\",\"h\":\"x\"}"),
    };
    struct err why;
    struct buf status = {0};
    ops->clock(second, record.timestamp_ms);
    cr_assert_eq(ops->lateness_ms(second), 600000);
    cr_assert_eq(ops->apply(second, &record, 1, &sink, &why), DONE);
    ops->status(second, &status);
    cr_assert(str_contains(buf_str(&status), STR("\"source\":\"later\"")));
    cr_assert(str_contains(buf_str(&status), STR("\"counted\":1")));
    buf_free(&status);
    ops->state_free(second);
    ingest_free(ingest);
    site_free(site);
    config_free(&config);
}
