/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration: what a file says is what lands, and every mistake in it
 * is named where it stands, all in one run. */
#include "base/file.h"
#include "daemon/config.h"
#include "daemon/config_table.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/thapcanh-test-XXXXXX";

/* A configuration file with this text; its path is static. */
static const char *
file_with(const char *text)
{
    static char path[64];
    struct err why;
    static bool made;
    if (!made)
        cr_assert_not_null(mkdtemp(folder));
    made = true;
    snprintf(path, sizeof path, "%s/c.yml", folder);
    cr_assert(file_replace(path, str_of(text), 0600, &why), "%s", why.text);
    return path;
}

static void
clean(void)
{
    char path[64];
    snprintf(path, sizeof path, "%s/c.yml", folder);
    unlink(path);
    rmdir(folder);
}

static void
no_environment(void)
{
    unsetenv("KAFKA");
    unsetenv("REDIS");
}

TestSuite(config, .init = no_environment, .fini = clean);

static struct str
load(const char *text, struct config *config, struct complaints *complaints)
{
    config_load(file_with(text), config, complaints);
    return buf_str(&complaints->text);
}

Test(config, what_a_file_does_not_say_has_its_default)
{
    static const char *const texts[] = {"{}\n", "# nothing\n{}\n", "site: x\n"};
    for (size_t i = 0; i < 3; i++) {
        struct config config;
        struct complaints complaints = {0};
        struct str said = load(texts[i], &config, &complaints);
        cr_assert_eq(complaints.n_errors, 0, "row %zu: %.*s", i, STR_ARG(said));
        cr_assert_str_eq(config.kafka_brokers, "127.0.0.1:9092");
        cr_assert_eq(config.kafka.n, 1);
        cr_assert_str_eq(config.kafka.at[0].name, "bootstrap.servers");
        cr_assert_str_eq(config.kafka.at[0].value, "127.0.0.1:9092");
        cr_assert_eq(config.workers, 1);
        cr_assert_eq(config.batch_records, 4096);
        cr_assert_eq(config.batch_ms, 5);
        cr_assert_eq(config.step_ahead_ms, 60000);
        cr_assert_eq(config.snapshot_ms, 3600000);
        cr_assert_eq(config.session_timeout_ms, 6000);
        cr_assert_eq(config.windows_partitions, 16);
        cr_assert(config.feed);
        cr_assert_not(config.english);
        cr_assert(str_equal(config.topics.alerts, STR("soc.alerts")));
        cr_assert(str_equal(config.group, STR("thapcanh-ingest")));
        cr_assert_eq(config.instance.len, 0);
        cr_assert_null(config.inventory);
        cr_assert_null(config.redis_password_file);
        config_free(&config);
        complaints_free(&complaints);
    }
}

Test(config, maps_and_dots_say_the_same)
{
    static const char *const texts[] = {
        "kafka.brokers: a:1,b:2\n"
        "kafka.security.protocol: ssl\n"
        "kafka.ssl.ca.location: ca.pem\n"
        "topics.keep.alerts: 30d\n"
        "ingest.workers: 8\nfeed: off\nlanguage: en\n",
        "kafka:\n  brokers: a:1,b:2\n  security: {protocol: ssl}\n"
        "  ssl:\n    ca.location: ca.pem\n"
        "topics: {keep: {alerts: 30d}}\n"
        "ingest:\n  workers: 8\nfeed: false\nlanguage: en\n",
    };
    for (size_t i = 0; i < 2; i++) {
        struct config config;
        struct complaints complaints = {0};
        char path[64];
        struct str said = load(texts[i], &config, &complaints);
        cr_assert_eq(complaints.n_errors, 0, "row %zu: %.*s", i, STR_ARG(said));
        cr_assert_str_eq(config.kafka_brokers, "a:1,b:2");
        cr_assert_eq(config.kafka.n, 3, "row %zu", i);
        cr_assert_str_eq(config.kafka.at[1].name, "security.protocol");
        cr_assert_str_eq(config.kafka.at[1].value, "ssl");
        snprintf(path, sizeof path, "%s/ca.pem", folder);
        cr_assert_str_eq(config.kafka.at[2].value, path);
        cr_assert_eq(config.topics.alerts_keep_ms, INT64_C(30) * 86400000);
        cr_assert_eq(config.workers, 8);
        cr_assert_not(config.feed);
        cr_assert(config.english);
        config_free(&config);
        complaints_free(&complaints);
    }
}

Test(config, paths_are_relative_to_the_folder_of_the_file)
{
    struct config config;
    struct complaints complaints = {0};
    char want[96];
    struct str said = load("data_dir: ../data\n"
                           "inventory: inventory.yml\n"
                           "geo.database: /usr/share/geo.mmdb\n"
                           "redis.address: run/redis.sock\n"
                           "sources_dir: maps\n"
                           "sources:\n"
                           "  - {topics: a, mapping: ajiant}\n"
                           "  - {topics: b, mapping: own/b.yml}\n",
                           &config, &complaints);
    cr_assert_eq(complaints.n_errors, 0, "%.*s", STR_ARG(said));
    const struct {
        const char *got, *want;
    } rows[] = {
        {config.data_dir, "%s/../data"},
        {config.run_dir, "%s/../data/run"},
        {config.inventory, "%s/inventory.yml"},
        {config.redis_address, "%s/run/redis.sock"},
        {config.source[0].mapping, "%s/maps/ajiant.yml"},
        {config.source[1].mapping, "%s/own/b.yml"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(want, sizeof want, "%s%s", folder, rows[i].want + 2);
        cr_assert_str_eq(rows[i].got, want, "row %zu", i);
    }
    cr_assert_str_eq(config.geo_database, "/usr/share/geo.mmdb");
    config_free(&config);
    complaints_free(&complaints);
}

Test(config, the_environment_goes_before_the_file)
{
    struct config config;
    struct complaints complaints = {0};
    setenv("KAFKA", "k:7", 1);
    setenv("REDIS", "run/r.sock", 1);
    load("kafka.brokers: a:1\nredis.address: b:2\n", &config, &complaints);
    cr_assert_eq(complaints.n_errors, 0);
    cr_assert_str_eq(config.kafka_brokers, "k:7");
    cr_assert_str_eq(config.kafka.at[0].value, "k:7");
    cr_assert_str_eq(config.redis_address, "run/r.sock");
    config_free(&config);
    setenv("KAFKA", "nonsense:port", 1);
    struct str said = load("{}\n", &config, &complaints);
    cr_assert(str_contains(said, STR("KAFKA")), "%.*s", STR_ARG(said));
    config_free(&config);
    complaints_free(&complaints);
}

Test(config, every_mistake_is_named_where_it_stands)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"ingest.workrs: 1\n",
         "c.yml:1:1: unknown setting 'ingest.workrs' (did you mean "
         "'ingest.workers'?)"},
        {"ingest:\n  workrs: 1\n",
         "c.yml:2:3: unknown setting 'ingest.workrs' (did you mean "
         "'ingest.workers'?)"},
        {"zzzzzz: 1\n", "c.yml:1:1: unknown setting 'zzzzzz'\n"},
        {"\n\ningest.workers: 65\n", "c.yml:3:17: "},
        {"ingest.workers: 0\n", "c.yml:1:17: "},
        {"ingest.workers: many\n", "c.yml:1:17: "},
        {"ingest.workers: [1]\n", "c.yml:1:17: "},
        {"ingest.workers:\n  deep: 1\n", "c.yml:2:3: "},
        {"ingest: 5\n", "c.yml:1:9: 'ingest' must be a map of settings"},
        {"kafka: 5\n", "c.yml:1:8: 'kafka' must be a map of settings"},
        {"feed: maybe\n", "c.yml:1:7: 'maybe' is neither on nor off"},
        {"language: fr\n", "c.yml:1:11: 'fr' is neither en nor vi"},
        {"step.ahead: 1\n", "c.yml:1:13: "},
        {"step.ahead: 10ms\n", "c.yml:1:13: "},
        {"session.timeout: 1s\n", "c.yml:1:18: "},
        {"topics.alerts: 'soc alerts'\n", "c.yml:1:16: topics.alerts may have "
                                          "only"},
        {"topics.alerts: soc.state\n",
         "two of our topics are called 'soc.state'"},
        {"data_dir: ''\n", "c.yml:1:11: data_dir must not be empty"},
        {"data_dir: \"a\\0b\"\n", "c.yml:1:11: control characters"},
        {"kafka.brokers: ''\n", "c.yml:1:16: '' is no list of broker"},
        {"kafka.brokers: 'a:1, b c'\n", "c.yml:1:16: "},
        {"kafka.brokers: a:0\n", "c.yml:1:16: "},
        {"redis.address: redis\n", "c.yml:1:16: 'redis' is neither host:port"},
        {"redis.address: redis:99999\n", "c.yml:1:16: "},
        {"kafka.acks: 1\n", "c.yml:1:1: kafka.acks is decided"},
        {"kafka:\n  fetch.wait.max.m: 1\n",
         "c.yml:2:3: unknown setting 'kafka.fetch.wait.max.m' (did you mean "
         "'kafka.fetch.wait.max.ms'?)"},
        {"kafka.fetch.wait.max.ms: soon\n", "c.yml:1:1: kafka.fetch.wait"},
        {"kafka.client.id: a\nkafka: {client.id: b}\n",
         "c.yml:2:9: 'kafka.client.id' is given twice"},
        {"feed: on\nlanguage: vi\ningest.workers: 1\ningest: {workers: 2}\n",
         "c.yml:4:10: 'ingest.workers' is given twice (first in line 3)"},
        {"sources: {a: b}\n", "c.yml:1:10: sources must be a list"},
        {"sources:\n  - ajiant\n", "c.yml:2:5: a source is a map"},
        {"sources:\n  - topics: a\n", "c.yml:2:5: a source needs 'mapping'"},
        {"sources:\n  - mapping: a\n", "c.yml:2:5: a source needs 'topics'"},
        {"sources:\n  - {topics: a, mapping: m, raport: x}\n",
         "c.yml:2:29: unknown field 'raport'"},
        {"sources:\n  - {topics: 'a b', mapping: m}\n",
         "c.yml:2:14: 'a b' is no topic's name"},
        {"sources:\n  - {topics: a, mapping: m}\n  - {topics: a, mapping: n}\n",
         "c.yml:3:5: topics 'a' are bound twice (first in line 2)"},
        {"sources:\n  - {topics: 'soc.*', mapping: m}\n",
         "c.yml:2:5: topics 'soc.*' also fit our own topic soc.alerts"},
        {"- a\n", "c.yml:1:1: a configuration is a map"},
        {"feed: on\n---\nfeed: off\n", "a configuration is one document"},
        {"feed: [\n", "c.yml:"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config config;
        struct complaints complaints = {0};
        struct str said = load(rows[i].text, &config, &complaints);
        cr_assert_gt(complaints.n_errors, 0, "row %zu", i);
        cr_assert(str_contains(said, str_of(rows[i].says)),
                  "row %zu: wanted '%s' in: %.*s", i, rows[i].says,
                  STR_ARG(said));
        config_free(&config);
        complaints_free(&complaints);
    }
}

Test(config, all_mistakes_are_named_in_one_run)
{
    struct config config;
    struct complaints complaints = {0};
    struct str said = load("ingest.workrs: 1\nfeed: maybe\n"
                           "kafka.acks: 1\nstep.ahead: x\n"
                           "sources:\n  - {topics: '!', mapping: m}\n"
                           "  - {topics: x}\n",
                           &config, &complaints);
    cr_assert_eq(complaints.n_errors, 6, "%.*s", STR_ARG(said));
    config_free(&config);
    complaints_free(&complaints);
}

Test(config, a_file_that_is_not_there_is_a_mistake)
{
    struct config config;
    struct complaints complaints = {0};
    cr_assert_not(config_load("/nonexistent/c.yml", &config, &complaints));
    cr_assert(
        str_contains(buf_str(&complaints.text), STR("/nonexistent/c.yml")));
    config_free(&config);
    complaints_free(&complaints);
}

Test(config, an_exact_topic_goes_before_a_pattern)
{
    struct config config;
    struct complaints complaints = {0};
    load("sources:\n"
         "  - {topics: '*-alerts', mapping: a}\n"
         "  - {topics: 'server-*', mapping: b}\n"
         "  - {topics: server-alerts, mapping: c}\n",
         &config, &complaints);
    cr_assert_eq(complaints.n_errors, 0);
    cr_assert_eq(config_source_of(&config, STR("server-alerts")),
                 &config.source[2]);
    cr_assert_eq(config_source_of(&config, STR("server-x")), &config.source[1]);
    cr_assert_eq(config_source_of(&config, STR("endpoint-alerts")),
                 &config.source[0]);
    cr_assert_null(config_source_of(&config, STR("other")));
    config_free(&config);
    complaints_free(&complaints);
}

Test(config, what_is_printed_reads_back_the_same)
{
    struct config config;
    struct complaints complaints = {0};
    struct buf first = {0}, second = {0};
    load("site: \"Trung tâm \\\"SOC\\\"\"\nfeed: off\nstep.ahead: 90s\n"
         "kafka.client.id: x\nkafka.sasl.password: hidden\n"
         "sources:\n  - {topics: a, mapping: m, report: 'hệ thống: một'}\n",
         &config, &complaints);
    config_yaml(&config, &first);
    cr_assert_not(str_contains(buf_str(&first), STR("hidden")));
    cr_assert(str_contains(buf_str(&first), STR("step.ahead: 90s")));
    config_free(&config);
    buf_char(&first, '\0');
    struct str said = load(first.at, &config, &complaints);
    cr_assert_eq(complaints.n_errors, 0, "%.*s", STR_ARG(said));
    config_yaml(&config, &second);
    struct str before = str_cut(buf_str(&first), 0, first.len - 1);
    cr_assert(str_starts(before, buf_str(&second)) ||
                  str_contains(before, STR("not shown")),
              "%.*s", STR_ARG(before));
    cr_assert_not(config.feed);
    cr_assert_eq(config.step_ahead_ms, 90000);
    cr_assert(str_equal(config.site, STR("Trung tâm \"SOC\"")));
    cr_assert(str_equal(config.source[0].report, STR("hệ thống: một")));
    config_free(&config);
    complaints_free(&complaints);
    buf_free(&first);
    buf_free(&second);
}

Test(config, every_setting_is_in_the_documentation_and_in_the_help)
{
    struct buf page = {0}, help = {0};
    config_markdown(&page);
    config_help(&help);
    for (size_t i = 0; i < config_n_rows; i++) {
        char name[80];
        snprintf(name, sizeof name, "| `%s` |", config_rows[i].name);
        cr_assert(str_contains(buf_str(&page), str_of(name)), "%s", name);
        snprintf(name, sizeof name, "%s (", config_rows[i].name);
        cr_assert(str_contains(buf_str(&help), str_of(name)), "%s", name);
    }
    buf_free(&page);
    buf_free(&help);
}

Test(config, the_password_is_the_first_line_of_its_file)
{
    struct config config;
    struct complaints complaints = {0};
    struct str password;
    struct err why;
    load("redis.password_file: c.yml\n", &config, &complaints);
    cr_assert(config_password(&config, &password, &why), "%s", why.text);
    cr_assert(str_equal(password, STR("redis.password_file: c.yml")));
    config_free(&config);
    load("redis.password_file: none\n", &config, &complaints);
    cr_assert_not(config_password(&config, &password, &why));
    config_free(&config);
    load("{}\n", &config, &complaints);
    cr_assert(config_password(&config, &password, &why));
    cr_assert_eq(password.len, 0);
    config_free(&config);
    complaints_free(&complaints);
}

Test(config, what_differs_between_two_is_named)
{
    static const struct {
        const char *text, *names;
    } rows[] = {
        {"site: x\n", ""},
        {"site: y\n", "site"},
        {"site: x\nbatch.ms: 6\ntopics: {alerts: other}\n",
         "batch.ms, topics.alerts"},
        {"site: x\ninventory: a.yml\n", "inventory"},
        {"site: x\nkafka.sasl.password: secret\n", "kafka.*"},
        {"site: x\nsources: [{topics: t, mapping: m}]\n", "sources"},
        {"site: x\nkafka.brokers: h:1\n", "kafka.brokers"},
    };
    struct config config;
    struct complaints complaints = {0};
    load("site: x\n", &config, &complaints);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config other;
        struct buf names = {0};
        load(rows[i].text, &other, &complaints);
        config_differences(&config, &other, &names);
        cr_assert(str_equal(buf_str(&names), str_of(rows[i].names)),
                  "row %zu: %.*s", i, STR_ARG(buf_str(&names)));
        buf_free(&names);
        config_free(&other);
    }
    config_free(&config);
    complaints_free(&complaints);
}
