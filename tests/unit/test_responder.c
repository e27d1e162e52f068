/* SPDX-License-Identifier: Apache-2.0
 *
 * The responder as it runs: the stage loop on a journal, incidents and
 * original alerts read from topics, its state in Redis, and commands that ask
 * it. On librdkafka's mock broker and a private Redis. */
#include "responder.h"

#include "base/stage.h"
#include "daemon/clock.h"
#include "daemon/evidence_log.h"
#include "daemon/incident_feed.h"
#include "daemon/responder.h"
#include "respond/respond.h"
#include "server.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>

struct world {
    struct server server;
    struct redis_address address;
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *cluster;
    struct kafka_setting setting[1];
    struct kafka_settings settings;
    struct producer *producer;
    struct delivery delivery;
    struct arena arena;
    char *start;
    const struct triage *triage;
    const struct source *mapping;
    struct respond_plan respond_plan;
    struct respond *respond;
    struct incident_reader *feed;
    struct evidence_log *evidence;
    struct str journal;
    struct stage_plan plan;
    struct stage *stage;
    atomic_bool stopping;
    pthread_t thread;
    struct config config;
};

static struct world *w;

static const struct triage *
triage(void *context)
{
    return ((struct world *)context)->triage;
}

static const struct source *
source_of(void *context, struct str topic)
{
    struct world *world = context;
    return str_equal(topic, STR("endpoint-alerts")) ? world->mapping : NULL;
}

static void
settings_begin(void)
{
    static const char *const topics[] = {"soc.journal",   "soc.tickets",
                                         "soc.evidence",  "soc.reviews",
                                         "soc.incidents", "endpoint-alerts"};
    char text[200];
    w->rk =
        rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    w->cluster = rd_kafka_mock_cluster_new(w->rk, 1);
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        rd_kafka_mock_topic_create(w->cluster, topics[i], 1, 1);
    rd_kafka_mock_topic_create(w->cluster, "soc.state", 2, 1);
    w->setting[0] = (struct kafka_setting){
        "bootstrap.servers", rd_kafka_mock_cluster_bootstraps(w->cluster)};
    w->settings = (struct kafka_settings){w->setting, 1};
    w->config.kafka = w->settings;
    w->config.kafka_brokers = w->setting[0].value;
    w->config.redis_address = w->server.socket;
    w->config.topics.journal = STR("soc.journal");
}

static void
world_begin(void)
{
    struct err why = {""};
    struct complaints complaints = {0};
    w = calloc(1, sizeof *w);
    server_start(&w->server);
    w->address.address = w->server.socket;
    settings_begin();
    w->arena = arena_reserve((size_t)512 << 20);
    w->start = w->arena.at;
    w->triage = triage_load(NULL, NULL, 0, &w->arena, &complaints);
    w->mapping =
        source_load("deploy/sources/ajiant.yml", &w->arena, &complaints);
    cr_assert(w->triage && w->mapping, "%.*s",
              STR_ARG(buf_str(&complaints.text)));
    w->producer = producer_open(&w->settings, 1, &why);
    w->feed = incident_reader_start(&w->settings, STR("soc.incidents"), &why);
    w->evidence = evidence_log_start(&w->settings, source_of, w, &why);
    cr_assert(w->producer && w->feed && w->evidence, "%s", why.text);
    w->respond_plan = (struct respond_plan){
        .triage = triage,
        .context = w,
        .incidents = incident_reader_feed(w->feed),
        .evidence = evidence_log_source(w->evidence),
        .journal_topic = STR("soc.journal"),
        .tickets_topic = STR("soc.tickets"),
        .evidence_topic = STR("soc.evidence"),
        .reviews_topic = STR("soc.reviews"),
    };
    w->respond = respond_new(&w->respond_plan);
    w->journal = STR("soc.journal");
    w->plan = (struct stage_plan){
        .ops = respond_ops(),
        .stage = w->respond,
        .kafka = &w->settings,
        .redis = &w->address,
        .consumer = {.settings = &w->settings,
                     .group = STR("respond"),
                     .session_ms = 6000,
                     .topic = &w->journal,
                     .n_topics = 1},
        .state_topic = STR("soc.state"),
        .state_partitions = 2,
        .batch_records = 256,
        .batch_ms = 5,
        .snapshot_ms = 3600000,
        .now_ms = clock_monotonic_ms,
        .wall_ms = clock_wall_ms,
        .random = clock_random,
        .stopping = &w->stopping,
    };
}

static void *
run(void *context)
{
    struct world *world = context;
    struct err why = {""};
    if (stage_run(world->stage, &why) == FATAL)
        fprintf(stderr, "stage: %s\n", why.text);
    return NULL;
}

static void
stage_begin(void)
{
    struct err why;
    atomic_store(&w->stopping, false);
    w->stage = stage_new(&w->plan, &why);
    cr_assert_not_null(w->stage, "%s", why.text);
    cr_assert_eq(pthread_create(&w->thread, NULL, run, w), 0);
}

static void
stage_end(void)
{
    atomic_store(&w->stopping, true);
    pthread_join(w->thread, NULL);
    stage_free(w->stage);
}

static void
world_end(void)
{
    incident_reader_stop(w->feed);
    evidence_log_stop(w->evidence);
    respond_free(w->respond);
    producer_close(w->producer);
    rd_kafka_mock_cluster_destroy(w->cluster);
    rd_kafka_destroy(w->rk);
    server_stop(&w->server);
    arena_release(w->start, w->arena);
    free(w);
}

TestSuite(responder, .init = world_begin, .fini = world_end, .timeout = 120);

static void
produce(struct str topic, struct str value)
{
    struct err why = {""};
    struct output output = {
        .topic = topic, .partition = 0, .no_key = true, .value = value};
    cr_assert(producer_send(w->producer, &output, &w->delivery, &why), "%s",
              why.text);
    while (w->delivery.waiting > 0)
        producer_poll(w->producer, 10);
    cr_assert_eq(w->delivery.failed, 0);
}

static void
happens(struct incident *incident)
{
    struct buf text = {0};
    incident_write(&text, incident);
    produce(STR("soc.incidents"), buf_str(&text));
    buf_free(&text);
}

/* Looks until the ticket of incident `n` is there in a revision and state, as
 * Redis has it. */
static struct ticket
wait_for(struct responder *responder, int n,
         bool (*fits)(const struct ticket *))
{
    struct incident incident = incident_of(n, "SRV-1", 0);
    char id[TICKET_ID_LEN];
    struct ticket ticket;
    struct err why = {""};
    ticket_id_make(id, incident.id, 0);
    for (int tries = 0;; tries++) {
        struct arena arena = w->arena;
        if (responder_ticket(responder, (struct str){id, sizeof id}, &arena,
                             &ticket, &why) == RESPONDER_FINE &&
            (!fits || fits(&ticket))) {
            w->arena = arena;
            return ticket;
        }
        cr_assert_lt(tries, 3000, "no such ticket: %s", why.text);
        poll(NULL, 0, 10);
    }
}

static bool
has_evidence(const struct ticket *ticket)
{
    for (size_t i = 0; i < ticket->n_evidence; i++)
        if (ticket->evidence[i].state == EVIDENCE_WANTED)
            return false;
    return true;
}

/* The last value under a key of a topic. */
static struct str
last_of(struct str topic, struct str key)
{
    struct err why;
    struct str last = NO_STR;
    struct record record;
    struct reader *reader =
        reader_open(&w->settings, topic, -1, READER_BEGINNING, 10000, &why);
    cr_assert_not_null(reader, "%s", why.text);
    while (reader_next(reader, 10000, &record, &why) == READER_RECORD)
        if (str_equal(record.key, key))
            last = arena_copy(&w->arena, record.value);
    reader_close(reader);
    return last;
}

Test(responder, from_incident_to_ticket_evidence_and_an_act)
{
    struct err why = {""};
    struct responder *responder = responder_open(&w->config, &why);
    struct ticket ticket;
    cr_assert_eq(
        responder_ticket(responder, STR("T00000000"), &w->arena, &ticket, &why),
        RESPONDER_AWAY, "nothing has run yet");
    /* Two alerts in one message: the evidence is the second of them; and one
     * that never was. */
    produce(STR("endpoint-alerts"), STR("[{\"a\":1},{\"agent\": \"second\"}]"));
    struct incident incident = incident_of(7, "SRV-1", 0);
    incident.evidence[0].first.partition = 0;
    incident.evidence[0].first.offset = 0;
    incident.evidence[0].first.index = 1;
    incident.evidence[0].last.partition = 0;
    incident.evidence[0].last.offset = 99;
    happens(&incident);
    stage_begin();
    ticket = wait_for(responder, 7, has_evidence);
    cr_expect_eq(ticket.evidence[0].state, EVIDENCE_KEPT);
    cr_expect_eq(ticket.evidence[1].state, EVIDENCE_GONE);
    cr_expect(ticket.quiet, "its alerts are of 2024");
    cr_expect(
        str_equal(last_of(STR("soc.evidence"), STR("endpoint-alerts/0/0/0/1")),
                  STR("{\"agent\": \"second\"}")));
    /* Asked, answered; refused with the reason. */
    struct journal_record act = {.type = JOURNAL_ACT,
                                 .by = STR("an"),
                                 .act = {.verb = ACT_ACK,
                                         .ticket = &ticket.id,
                                         .n_tickets = 1,
                                         .how = STR("cli")}};
    cr_expect_eq(responder_ask(responder, &act, &why), RESPONDER_FINE, "%s",
                 why.text);
    struct str on_topic = last_of(STR("soc.tickets"), ticket.id);
    cr_expect(str_contains(on_topic, STR("\"assignee\":{\"uid\":\"an\"}")),
              "what has been answered is on soc.tickets");
    act.act.verb = ACT_CLOSE;
    cr_expect_eq(responder_ask(responder, &act, &why), RESPONDER_NONE);
    cr_expect(str_contains(str_of(why.text), STR("resolve it first")));
    stage_end();
    responder_close(responder);
}

static bool
is_acknowledged(const struct ticket *ticket)
{
    return ticket->state == TICKET_ACKNOWLEDGED;
}

static bool
has_grown(const struct ticket *ticket)
{
    return ticket->count == 8;
}

/* STREAM 24, 25: Redis loses everything; what people did is there again, and
 * what was taken is not taken twice. */
Test(responder, stream_rule_24_tickets_outlive_the_loss_of_redis)
{
    struct err why = {""};
    struct responder *responder = responder_open(&w->config, &why);
    for (int i = 1; i <= 5; i++) {
        char host[16];
        snprintf(host, sizeof host, "SRV-%d", i);
        struct incident incident = incident_of(i, host, 0);
        happens(&incident);
    }
    stage_begin();
    struct ticket ticket = wait_for(responder, 3, NULL);
    wait_for(responder, 5, NULL);
    struct journal_record act = {
        .type = JOURNAL_ACT,
        .by = STR("an"),
        .act = {.verb = ACT_ACK, .ticket = &ticket.id, .n_tickets = 1}};
    cr_assert_eq(responder_ask(responder, &act, &why), RESPONDER_FINE);
    stage_end();
    server_kill(&w->server);
    server_start_again(&w->server);
    responder_close(responder);
    responder = responder_open(&w->config, &why);
    stage_begin();
    wait_for(responder, 3, is_acknowledged);
    struct incident more = incident_of(3, "SRV-3", 0);
    happens(&more); /* the revision that was taken */
    more.revision = 2;
    more.count = 8;
    happens(&more);
    ticket = wait_for(responder, 3, has_grown);
    cr_expect_eq(ticket.state, TICKET_ACKNOWLEDGED);
    cr_expect_eq(ticket.n_incidents, 1);
    stage_end();
    responder_close(responder);
}
