/* SPDX-License-Identifier: Apache-2.0
 *
 * Every setting, once: its name, type, default, range, where it lands, and
 * one sentence. Everything that is printed about settings is made here, from
 * the same rows the parser reads, so that none of it can be out of date. */
#include "config_table.h"

#include <string.h>

#define AT(member) offsetof(struct config, member)
#define MS_S INT64_C(1000)
#define MS_D INT64_C(86400000)

const struct config_row config_rows[] = {
    {"kafka.brokers", CONFIG_BROKERS, "127.0.0.1:9092", 0, 0, AT(kafka_brokers),
     "Addresses of Kafka brokers, separated by commas; KAFKA in the "
     "environment goes before it."},
    {"redis.address", CONFIG_REDIS, "127.0.0.1:6379", 0, 0, AT(redis_address),
     "Address of Redis, or the path of its socket; REDIS in the environment "
     "goes before it."},
    {"redis.password_file", CONFIG_PATH, NULL, 0, 0, AT(redis_password_file),
     "File whose first line is the password of Redis."},
    {"redis.database", CONFIG_NUMBER, "0", 0, 1023, AT(redis_database),
     "Number of the Redis database."},
    {"data_dir", CONFIG_PATH, "var/lib", 0, 0, AT(data_dir),
     "Folder of what the service keeps; its sockets are in run/ below it."},
    {"site", CONFIG_TEXT, "", 0, 200, AT(site),
     "Name of the site, for the heads of reports."},
    {"language", CONFIG_LANGUAGE, "vi", 0, 0, AT(english),
     "Language of reports and of the feed."},
    {"sources", CONFIG_SOURCES, NULL, 0, MAX_SOURCES, AT(source),
     "Which topics are read, and with which mapping (see below)."},
    {"sources_dir", CONFIG_PATH, "sources", 0, 0, AT(sources_dir),
     "Folder of the mappings, for those given by name."},
    {"inventory", CONFIG_PATH, NULL, 0, 0, AT(inventory),
     "File of units, systems, address ranges, hosts and watch-lists."},
    {"geo.database", CONFIG_PATH, NULL, 0, 0, AT(geo_database),
     "MaxMind DB with the countries of addresses; the service runs without."},
    {"rules", CONFIG_PATH, NULL, 0, 0, AT(rules),
     "Folder of the rules (Sigma), or one file; none: alerts are counted, no "
     "tickets are made."},
    {"calendar", CONFIG_PATH, NULL, 0, 0, AT(calendar),
     "File of public holidays, for rules with hours and for spikes."},
    {"tickets", CONFIG_PATH, NULL, 0, 0, AT(tickets),
     "File of priorities, grouping and what explains what (docs/tickets.md)."},
    {"suppressions", CONFIG_PATH, NULL, 0, 0, AT(suppressions),
     "File of what shall open no ticket."},
    {"roster", CONFIG_PATH, NULL, 0, 0, AT(roster),
     "File of the response team: members, shifts, who stands in for whom."},
    {"escalation", CONFIG_PATH, NULL, 0, 0, AT(escalation),
     "File of who is told of a ticket, and who after him."},
    {"notify.mail.url", CONFIG_TEXT, "", 0, 500, AT(notify.mail.url),
     "Mail server (smtp://host:25, smtps://host:465); empty: no mail."},
    {"notify.mail.from", CONFIG_TEXT, "", 0, 254, AT(notify.mail.from),
     "Address that mail comes from."},
    {"notify.mail.user", CONFIG_TEXT, "", 0, 200, AT(notify.mail.user),
     "Name to log in with at the mail server; empty: no log-in."},
    {"notify.mail.password_file", CONFIG_PATH, NULL, 0, 0,
     AT(notify.mail.password_file),
     "File whose first line is the password for it."},
    {"notify.mail.plain", CONFIG_SWITCH, "off", 0, 0, AT(notify.mail.plain),
     "Mail goes without TLS (a relay on this machine); off: smtp:// must offer "
     "STARTTLS."},
    {"notify.webhook.url", CONFIG_TEXT, "", 0, 500, AT(notify.webhook.url),
     "Where JSON is posted to; empty: nowhere."},
    {"notify.webhook.secret_file", CONFIG_PATH, NULL, 0, 0,
     AT(notify.webhook.secret_file),
     "File whose first line signs it (HMAC-SHA-256)."},
    {"notify.sms.url", CONFIG_TEXT, "", 0, 1000, AT(notify.sms.url),
     "Interface of the SMS gateway; {to} {digits} {text} {id} are filled in; "
     "empty: no SMS."},
    {"notify.sms.body", CONFIG_TEXT, "", 0, 4000, AT(notify.sms.body),
     "Body to POST, filled in likewise; empty: GET."},
    {"notify.sms.type", CONFIG_TEXT, "application/x-www-form-urlencoded", 1,
     100, AT(notify.sms.type),
     "Content-Type of the body; it decides how what is filled in is escaped."},
    {"notify.sms.header_file", CONFIG_PATH, NULL, 0, 0,
     AT(notify.sms.header_file),
     "File whose first line is a header to send along (Authorization: …)."},
    {"notify.sms.success", CONFIG_TEXT, "", 0, 200, AT(notify.sms.success),
     "What the gateway's answer must contain; empty: any with status 2xx will "
     "do."},
    {"notify.kafka.topic", CONFIG_ID, "", 0, 249, AT(notify.kafka_topic),
     "Topic that messages are written to; empty: none."},
    {"notify.outbox", CONFIG_PATH, NULL, 0, 0, AT(notify.outbox),
     "Folder that stands in for every channel without a server: one file a "
     "message."},
    {"notify.ca_file", CONFIG_PATH, NULL, 0, 0, AT(notify.ca_file),
     "Certificates that servers are verified with; none: the system's."},
    {"notify.proxy", CONFIG_TEXT, "", 0, 500, AT(notify.proxy),
     "Proxy for all deliveries (http://proxy.example:3128); empty: none."},
    {"notify.verify", CONFIG_SWITCH, "on", 0, 0, AT(notify.verify),
     "Whether certificates of servers are verified."},
    {"notify.timeout", CONFIG_DURATION, "10s", MS_S, 120 * MS_S,
     AT(notify.timeout_ms), "A delivery that takes longer has failed."},
    {"notify.workers", CONFIG_NUMBER, "4", 1, 16, AT(notify.workers),
     "Deliveries at the same time."},
    {"notify.queue", CONFIG_NUMBER, "1000", 1, 100000, AT(notify.queue),
     "Messages that may wait for delivery."},
    {"notify.drill", CONFIG_SWITCH, "off", 0, 0, AT(notify.drill),
     "Marks every message as part of an exercise."},
    {"notify.link.url", CONFIG_TEXT, "", 0, 200, AT(notify.link_url),
     "How members reach listen.address (https://soc.example); empty: messages "
     "have no link."},
    {"notify.link.life", CONFIG_DURATION, "24h", 60 * MS_S, 30 * MS_D,
     AT(notify.link_life_ms), "How long a link is good."},
    {"listen.address", CONFIG_TEXT, "", 0, 100, AT(listen.address),
     "Where /metrics, /healthz, acknowledge links and answers by SMS are "
     "served "
     "(127.0.0.1:9464); empty: nowhere."},
    {"listen.sms_secret_file", CONFIG_PATH, NULL, 0, 0,
     AT(listen.sms_secret_file),
     "File whose first line the SMS gateway must send with an answer; none: no "
     "answers by SMS."},
    {"ingest.workers", CONFIG_NUMBER, "1", 1, 64, AT(workers),
     "Threads that read; each owns some of the partitions."},
    {"ingest.group", CONFIG_ID, "thapcanh-ingest", 1, 200, AT(group),
     "Consumer group of the readers, the same in every process."},
    {"correlate.workers", CONFIG_NUMBER, "1", 1, 64, AT(correlate_workers),
     "Threads that keep windows; each owns some partitions of "
     "topics.windows and topics.chained."},
    {"correlate.group", CONFIG_ID, "thapcanh-correlate", 1, 200,
     AT(correlate_group), "Their consumer group, the same in every process."},
    {"respond.group", CONFIG_ID, "thapcanh-respond", 1, 200, AT(respond_group),
     "Consumer group of topics.journal: who owns its one partition opens "
     "tickets and sends messages."},
    {"instance", CONFIG_ID, "", 0, 200, AT(instance),
     "Name of this process for static membership, so that a restart within "
     "session.timeout moves no partition; empty: none."},
    {"batch.records", CONFIG_NUMBER, "4096", 1, MAX_BATCH_RECORDS,
     AT(batch_records), "A batch closes at this many messages."},
    {"batch.ms", CONFIG_NUMBER, "5", 0, 1000, AT(batch_ms),
     "A batch closes after this many milliseconds."},
    {"step.ahead", CONFIG_DURATION, "1m", MS_S, MS_D, AT(step_ahead_ms),
     "No partition is read further than this (or the lateness, if longer) "
     "ahead of the slowest that still has messages."},
    {"snapshot.every", CONFIG_DURATION, "1h", 10 * MS_S, 7 * MS_D,
     AT(snapshot_ms), "How often the state of a partition is saved on Kafka."},
    {"session.timeout", CONFIG_DURATION, "6s", 6 * MS_S, 1800 * MS_S,
     AT(session_timeout_ms),
     "A process not heard of for this long loses its partitions."},
    {"feed", CONFIG_SWITCH, "on", 0, 0, AT(feed),
     "Whether normalised alerts are written to topics.alerts."},
    {"windows.partitions", CONFIG_NUMBER, "16", 1, 1024, AT(windows_partitions),
     "Partitions of topics.windows and of topics.chained, fixed when they are "
     "created."},
    {"topics.alerts", CONFIG_ID, "soc.alerts", 1, 249, AT(topics.alerts),
     "Topic of the feed."},
    {"topics.windows", CONFIG_ID, "soc.windows", 1, 249, AT(topics.windows),
     "Topic of window events and progress."},
    {"topics.chained", CONFIG_ID, "soc.chained", 1, 249, AT(topics.chained),
     "The same for correlations of correlations."},
    {"topics.deadletter", CONFIG_ID, "soc.deadletter", 1, 249,
     AT(topics.deadletter), "Topic of messages that could not be read."},
    {"topics.state", CONFIG_ID, "soc.state", 1, 249, AT(topics.state),
     "Topic of snapshots."},
    {"topics.reports", CONFIG_ID, "soc.reports", 1, 249, AT(topics.reports),
     "Topic of frozen months and imported counts."},
    {"topics.rules", CONFIG_ID, "soc.rules", 1, 249, AT(topics.rules),
     "Topic of correlation rules, under the fingerprint of their meaning."},
    {"topics.incidents", CONFIG_ID, "soc.incidents", 1, 249,
     AT(topics.incidents), "Topic of incidents."},
    {"topics.journal", CONFIG_ID, "soc.journal", 1, 249, AT(topics.journal),
     "Topic of all that is decided, done and sent; kept for ever: tickets are "
     "made of it."},
    {"topics.tickets", CONFIG_ID, "soc.tickets", 1, 249, AT(topics.tickets),
     "Topic of tickets, for others to read."},
    {"topics.evidence", CONFIG_ID, "soc.evidence", 1, 249, AT(topics.evidence),
     "Topic of the original bytes of alerts that tickets name."},
    {"topics.reviews", CONFIG_ID, "soc.reviews", 1, 249, AT(topics.reviews),
     "Topic of what people said of alerts without a ticket."},
    {"topics.partitions.alerts", CONFIG_NUMBER, "4", 1, 1024,
     AT(topics.partitions), "Partitions of topics.alerts when it is created."},
    {"topics.partitions.deadletter", CONFIG_NUMBER, "1", 1, 1024,
     AT(topics.deadletter_partitions), "The same of topics.deadletter."},
    {"topics.partitions.state", CONFIG_NUMBER, "4", 2, 1024,
     AT(topics.state_partitions), "The same of topics.state."},
    {"topics.partitions.reports", CONFIG_NUMBER, "1", 1, 1024,
     AT(topics.reports_partitions), "The same of topics.reports."},
    {"topics.partitions.incidents", CONFIG_NUMBER, "4", 1, 1024,
     AT(topics.incidents_partitions), "The same of topics.incidents."},
    {"topics.partitions.evidence", CONFIG_NUMBER, "1", 1, 1024,
     AT(topics.evidence_partitions), "The same of topics.evidence."},
    {"topics.replication", CONFIG_NUMBER, "1", 1, 32, AT(topics.replication),
     "Copies of our topics when they are created; 3 where there are three "
     "brokers."},
    {"topics.keep.alerts", CONFIG_DURATION, "400d", MS_D, 36500 * MS_D,
     AT(topics.alerts_keep_ms), "How long topics.alerts keeps a record."},
    {"topics.keep.windows", CONFIG_DURATION, "35d", MS_D, 36500 * MS_D,
     AT(topics.windows_keep_ms),
     "The same of topics.windows and topics.chained."},
    {"topics.keep.deadletter", CONFIG_DURATION, "90d", MS_D, 36500 * MS_D,
     AT(topics.deadletter_keep_ms), "The same of topics.deadletter."},
};
const size_t config_n_rows = sizeof config_rows / sizeof *config_rows;

static const char *
type_words(enum config_type type)
{
    static const char *const words[] = {
#define X(name, words) words,
        CONFIG_TYPES(X)
#undef X
    };
    return words[type];
}

/* A duration as a file says it: the largest unit that divides it. */
static void
buf_duration(struct buf *buf, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{MS_D, "d"},
                 {3600 * MS_S, "h"},
                 {60 * MS_S, "m"},
                 {MS_S, "s"},
                 {1, "ms"}};
    size_t i = 0;
    while (ms % units[i].ms != 0)
        i++;
    buf_i64(buf, ms / units[i].ms);
    buf_add(buf, str_of(units[i].unit));
}

/* "1 to 64", "1s to 1d"; nothing for types without a range. */
static void
buf_range(struct buf *buf, const struct config_row *row)
{
    if (row->type == CONFIG_NUMBER) {
        buf_format(buf, ", %lld to %lld", (long long)row->min,
                   (long long)row->max);
    } else if (row->type == CONFIG_DURATION) {
        buf_add(buf, STR(", "));
        buf_duration(buf, row->min);
        buf_add(buf, STR(" to "));
        buf_duration(buf, row->max);
    }
}

static const char *
preset_words(const struct config_row *row)
{
    return row->preset == NULL ? "none" : *row->preset ? row->preset : "empty";
}

void
config_markdown(struct buf *buf)
{
    buf_add(
        buf,
        STR("<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
            "<!-- Made by `thapcanh config --markdown`: change "
            "daemon/config_table.c instead. -->\n\n"
            "# Settings\n\n"
            "One YAML file: the one named with `-c`, else "
            "`deploy/thapcanh.yml`, else `/etc/thapcanh/thapcanh.yml`.\n"
            "Settings may be written with dots or as maps inside maps. Paths "
            "are relative to the folder of the file.\n"
            "A setting that is not below is a mistake. `thapcanh check` names "
            "every mistake; `thapcanh config` prints\n"
            "what is in force.\n\n"
            "| setting | type | default | |\n|---|---|---|---|\n"));
    for (size_t i = 0; i < config_n_rows; i++) {
        const struct config_row *row = &config_rows[i];
        buf_format(buf, "| `%s` | %s", row->name, type_words(row->type));
        buf_range(buf, row);
        if (row->preset != NULL && *row->preset)
            buf_format(buf, " | `%s`", row->preset);
        else
            buf_format(buf, " | %s", preset_words(row));
        buf_format(buf, " | %s |\n", row->says);
    }
    buf_add(
        buf,
        STR("\nDurations: `250ms`, `90s`, `10m`, `24h`, `7d`.\n\n"
            "Any other `kafka.` setting goes to the client library under the "
            "rest of its name, for example\n"
            "`kafka.security.protocol: sasl_ssl` (librdkafka's CONFIGURATION.md"
            " lists them); those that exactly-once\n"
            "rests on are refused.\n\n"
            "## sources\n\n"
            "```yaml\n"
            "sources:\n"
            "  - topics: endpoint-alerts  # a name, or a pattern with * and ?\n"
            "    mapping: ajiant          # sources_dir/ajiant.yml, or a path\n"
            "    report: hệ thống giám sát máy khách SOC (Viettel Ajiant)\n"
            "```\n\n"
            "`report` is what reports call the source; without it, the "
            "product's name in the mapping. A topic that several\n"
            "entries fit is read with the one that names it exactly, else with "
            "the first.\n"));
}

void
config_help(struct buf *buf)
{
    for (size_t i = 0; i < config_n_rows; i++) {
        const struct config_row *row = &config_rows[i];
        buf_format(buf, "%s (%s", row->name, type_words(row->type));
        buf_range(buf, row);
        buf_format(buf, "; default: %s)\n    %s\n", preset_words(row),
                   row->says);
    }
    buf_add(buf, STR("kafka.* (text)\n    Any other setting of librdkafka.\n"));
}

static void
print_row(const struct config *config, const struct config_row *row,
          struct buf *buf)
{
    const char *at = (const char *)config + row->at;
    int number;
    int64_t ms;
    bool on;
    struct str text;
    const char *path;
    switch (row->type) {
    case CONFIG_NUMBER:
        memcpy(&number, at, sizeof number);
        buf_i64(buf, number);
        break;
    case CONFIG_DURATION:
        memcpy(&ms, at, sizeof ms);
        buf_duration(buf, ms);
        break;
    case CONFIG_SWITCH:
    case CONFIG_LANGUAGE:
        memcpy(&on, at, sizeof on);
        if (row->type == CONFIG_SWITCH)
            buf_add(buf, on ? STR("on") : STR("off"));
        else
            buf_add(buf, on ? STR("en") : STR("vi"));
        break;
    case CONFIG_TEXT:
    case CONFIG_ID:
        memcpy(&text, at, sizeof text);
        buf_json(buf, text);
        break;
    case CONFIG_PATH:
    case CONFIG_BROKERS:
    case CONFIG_REDIS:
        memcpy(&path, at, sizeof path);
        buf_json(buf, str_of(path));
        break;
    case CONFIG_SOURCES:
        break;
    }
}

/* Only a path may be missing. */
static bool
is_set(const struct config *config, const struct config_row *row)
{
    const char *path;
    if (row->type != CONFIG_PATH)
        return true;
    memcpy(&path, (const char *)config + row->at, sizeof path);
    return path != NULL;
}

static bool
is_secret(struct str name)
{
    return str_contains(name, STR("password")) ||
           str_contains(name, STR("secret")) ||
           str_contains(name, STR(".pem")) ||
           str_contains(name, STR("oauthbearer.config"));
}

static void
print_kafka(const struct config *config, struct buf *buf, bool secrets)
{
    for (size_t i = 1; i < config->kafka.n; i++) {
        const struct kafka_setting *setting = &config->kafka.at[i];
        if (!secrets && is_secret(str_of(setting->name))) {
            buf_format(buf, "# kafka.%s: (not shown)\n", setting->name);
            continue;
        }
        buf_format(buf, "kafka.%s: ", setting->name);
        buf_json(buf, str_of(setting->value));
        buf_char(buf, '\n');
    }
}

static void
print_sources(const struct config *config, struct buf *buf)
{
    buf_add(buf, config->n_sources ? STR("sources:\n") : STR("sources: []\n"));
    for (size_t i = 0; i < config->n_sources; i++) {
        const struct config_source *source = &config->source[i];
        buf_add(buf, STR("  - topics: "));
        buf_json(buf, source->topics);
        buf_add(buf, STR("\n    mapping: "));
        buf_json(buf, str_of(source->mapping));
        if (source->report.len > 0) {
            buf_add(buf, STR("\n    report: "));
            buf_json(buf, source->report);
        }
        buf_char(buf, '\n');
    }
}

void
config_yaml(const struct config *config, struct buf *buf)
{
    buf_format(buf, "# in force: %s\n", config->file);
    for (size_t i = 0; i < config_n_rows; i++) {
        const struct config_row *row = &config_rows[i];
        if (row->type == CONFIG_SOURCES || !is_set(config, row))
            continue;
        buf_format(buf, "%s: ", row->name);
        print_row(config, row, buf);
        buf_char(buf, '\n');
    }
    print_kafka(config, buf, false);
    print_sources(config, buf);
}

/* What is compared: a row as it would be printed. */
static void
print_for_comparison(const struct config *config, const struct config_row *row,
                     struct buf *buf)
{
    buf_clear(buf);
    if (row == NULL)
        print_kafka(config, buf, true);
    else if (row->type == CONFIG_SOURCES)
        print_sources(config, buf);
    else if (is_set(config, row))
        print_row(config, row, buf);
}

void
config_differences(const struct config *a, const struct config *b,
                   struct buf *names)
{
    struct buf of_a = {0}, of_b = {0};
    for (size_t i = 0; i <= config_n_rows; i++) {
        const struct config_row *row =
            i < config_n_rows ? &config_rows[i] : NULL;
        print_for_comparison(a, row, &of_a);
        print_for_comparison(b, row, &of_b);
        if (str_equal(buf_str(&of_a), buf_str(&of_b)))
            continue;
        if (names->len > 0)
            buf_add(names, STR(", "));
        buf_add(names, row ? str_of(row->name) : STR("kafka.*"));
    }
    buf_free(&of_a);
    buf_free(&of_b);
}
