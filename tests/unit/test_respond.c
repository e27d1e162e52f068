/* SPDX-License-Identifier: Apache-2.0
 *
 * The stage as a whole: what act appends comes back through apply, as from
 * soc.journal; incidents and evidence come from a feed and a log in memory. */
#include "respond/respond.h"
#include "responder.h"

enum { MAX_RECORDS = 4096, MAX_FEED = 2048 };

struct kept {
    struct str topic, key, value, bytes;
};

/* Kafka, as far as this stage sees it. */
struct log {
    struct arena arena;
    char *start;
    struct kept journal[MAX_RECORDS];
    size_t n_journal;
    struct kept other[MAX_RECORDS]; /* tickets, evidence, reviews */
    size_t n_other;
    struct str feed[MAX_FEED];
    size_t n_feed, at;
    bool cannot_seek;
    int n_fetches;
    enum evidence_says fetch;
    const struct triage *triage;
};

static struct log *kafka;
static struct respond_plan plan;
static struct respond *respond;
static const struct stage_ops *ops;

static void
send(void *context, const struct output *output, bool bulk)
{
    struct log *log = context;
    struct kept kept = {arena_copy(&log->arena, output->topic),
                        arena_copy(&log->arena, output->key),
                        arena_copy(&log->arena, output->value), NO_STR};
    cr_expect_not(bulk);
    for (size_t i = 0; i < output->n_headers; i++)
        kept.bytes = arena_copy(&log->arena, output->header[i].value);
    bool journal = str_equal(output->topic, STR("soc.journal"));
    cr_assert_lt(journal ? log->n_journal : log->n_other, MAX_RECORDS);
    if (journal)
        log->journal[log->n_journal++] = kept;
    else
        log->other[log->n_other++] = kept;
}

static bool
seek(void *context, int64_t (*from)(void *, struct str, int32_t), void *asked)
{
    struct log *log = context;
    int64_t at = from(asked, STR("soc.incidents"), 0);
    log->at = at < 0 ? 0 : (size_t)at;
    return !log->cannot_seek;
}

static bool
poll(void *context, struct record *record)
{
    struct log *log = context;
    if (log->at == log->n_feed)
        return false;
    *record = (struct record){.topic = STR("soc.incidents"),
                              .offset = (int64_t)log->at,
                              .value = log->feed[log->at]};
    log->at++;
    return true;
}

static enum evidence_says
fetch(void *context, const struct position *position, struct buf *bytes,
      struct err *why)
{
    struct log *log = context;
    log->n_fetches++;
    buf_format(bytes, "alert %lld", (long long)position->offset);
    err_set(why, "deleted by retention");
    return log->fetch;
}

static const struct triage *
triage(void *context)
{
    return ((struct log *)context)->triage;
}

static void
setup(void)
{
    kafka = calloc(1, sizeof *kafka);
    kafka->arena = arena_reserve((size_t)1 << 30);
    kafka->start = kafka->arena.at;
    struct complaints complaints = {0};
    kafka->triage =
        triage_load(NULL, NULL, DESK_MS, &kafka->arena, &complaints);
    plan = (struct respond_plan){
        .triage = triage,
        .context = kafka,
        .incidents = {seek, poll, kafka},
        .evidence = {fetch, kafka},
        .journal_topic = STR("soc.journal"),
        .tickets_topic = STR("soc.tickets"),
        .evidence_topic = STR("soc.evidence"),
        .reviews_topic = STR("soc.reviews"),
    };
    respond = respond_new(&plan);
    ops = respond_ops();
}

static void
teardown(void)
{
    respond_free(respond);
    arena_release(kafka->start, kafka->arena);
    free(kafka);
}

TestSuite(respond, .init = setup, .fini = teardown);

static void
happens(const struct incident *incident)
{
    struct buf text = {0};
    incident_write(&text, incident);
    kafka->feed[kafka->n_feed++] = arena_copy(&kafka->arena, buf_str(&text));
    buf_free(&text);
}

/* Folds records from `*at` on, as many as `max`. */
static void
fold(void *state, size_t *at, size_t max)
{
    struct sink sink = {send, kafka};
    struct err why;
    for (size_t n = 0; *at < kafka->n_journal && n < max; n++, ++*at) {
        const struct kept *kept = &kafka->journal[*at];
        struct record record = {.topic = STR("soc.journal"),
                                .offset = (int64_t)*at,
                                .value = kept->value,
                                .n_headers = kept->bytes.at ? 1 : 0};
        record.header[0] = (struct header){STR("bytes"), kept->bytes};
        cr_assert_eq(ops->apply(state, &record, 0, &sink, &why), DONE);
    }
}

/* Turns until nothing has been done in three of them. */
static void
settle(void *state, size_t *at, int64_t now_ms)
{
    struct sink sink = {send, kafka};
    for (int quiet = 0; quiet < 3; quiet++) {
        size_t before = kafka->n_journal;
        ops->act(state, now_ms, &sink);
        fold(state, at, SIZE_MAX);
        if (before != kafka->n_journal)
            quiet = -1;
    }
}

static size_t
n_of(const char *topic)
{
    size_t n = 0;
    for (size_t i = 0; i < kafka->n_other; i++)
        n += str_equal(kafka->other[i].topic, str_of(topic));
    return n;
}

static void
dump(void *state, struct buf *out)
{
    struct desk_fields *fields = calloc(1, sizeof *fields);
    struct emit emit = {desk_field, fields};
    ops->state_save(state, true, &emit);
    qsort(fields->line, fields->n, sizeof *fields->line, desk_compare);
    buf_clear(out);
    for (size_t i = 0; i < fields->n; i++) {
        buf_add(out, buf_str(&fields->line[i]));
        buf_char(out, '\n');
        buf_free(&fields->line[i]);
    }
    free(fields);
}

Test(respond, an_incident_becomes_a_ticket_with_its_evidence)
{
    void *state = ops->state_new(respond, STR("soc.journal"), 0);
    struct incident incident = incident_of(1, "SRV-1", 0);
    size_t at = 0;
    happens(&incident);
    kafka->fetch = EVIDENCE_FOUND;
    settle(state, &at, DESK_MS);
    cr_expect_eq(n_of("soc.evidence"), 2);
    cr_expect_eq(n_of("soc.tickets"), 3, "opened, and two of evidence");
    for (size_t i = 0; i < kafka->n_other; i++)
        if (str_equal(kafka->other[i].topic, STR("soc.evidence"))) {
            cr_expect(str_starts(kafka->other[i].key,
                                 STR("endpoint-alerts/1/0/100")));
            cr_expect(str_starts(kafka->other[i].value, STR("alert 100")));
        }
    ops->state_free(state);
}

Test(respond, evidence_that_cannot_be_had_now_is_asked_for_again)
{
    void *state = ops->state_new(respond, STR("soc.journal"), 0);
    struct incident incident = incident_of(1, "SRV-1", 0);
    size_t at = 0;
    happens(&incident);
    kafka->fetch = EVIDENCE_PENDING;
    settle(state, &at, DESK_MS);
    cr_expect_eq(kafka->n_journal, 1);
    cr_expect_gt(kafka->n_fetches, 1);
    kafka->fetch = EVIDENCE_LOST;
    settle(state, &at, DESK_MS);
    cr_expect_eq(n_of("soc.evidence"), 0);
    struct str last = kafka->other[kafka->n_other - 1].value;
    cr_expect(str_contains(last, STR("evidence_gone")));
    cr_expect(str_contains(last, STR("deleted by retention")));
    int n = kafka->n_fetches;
    settle(state, &at, DESK_MS);
    cr_expect_eq(kafka->n_fetches, n, "what is gone is not asked for");
    ops->state_free(state);
}

Test(respond, nothing_is_decided_while_something_is_under_way)
{
    void *state = ops->state_new(respond, STR("soc.journal"), 0);
    struct sink sink = {send, kafka};
    struct incident a = incident_of(1, "SRV-1", 0);
    struct incident b = incident_of(2, "SRV-1", 0);
    size_t at = 0;
    happens(&a);
    ops->act(state, DESK_MS, &sink);
    cr_expect_eq(kafka->n_journal, 1);
    happens(&b);
    ops->act(state, DESK_MS, &sink);
    cr_expect_eq(kafka->n_journal, 1);
    fold(state, &at, 1);
    ops->act(state, DESK_MS, &sink);
    cr_expect_gt(kafka->n_journal, 1);
    settle(state, &at, DESK_MS);
    cr_expect(str_contains(kafka->journal[1].value, STR("\"group\"")));
    ops->state_free(state);
}

Test(respond, incidents_wait_until_they_can_be_read_from_their_place)
{
    void *state = ops->state_new(respond, STR("soc.journal"), 0);
    struct incident a = incident_of(1, "SRV-1", 0);
    size_t at = 0;
    happens(&a);
    kafka->cannot_seek = true;
    settle(state, &at, DESK_MS);
    cr_expect_eq(kafka->n_journal, 0);
    kafka->cannot_seek = false;
    settle(state, &at, DESK_MS);
    cr_expect_gt(kafka->n_journal, 0);
    ops->state_free(state);
}

/* A history with takings, feedings, holds and people, made by a responder
 * that is never disturbed. */
static void
make_history(void)
{
    uint64_t seed = 20240501;
    static char hosts[300][16];
    for (int i = 0; i < 300; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int n = 1 + (int)(seed >> 33) % 60;
        snprintf(hosts[i], sizeof hosts[i], "SRV-%d", n % 9);
        struct incident incident = incident_of(n, hosts[i], n * 11 * MINUTE_MS);
        incident.revision = (uint32_t)(1 + i / 60);
        incident.count += (uint64_t)i;
        incident.floor = n % 5 == 0;
        if (i % 17 == 0)
            incident.state = INCIDENT_CLOSED;
        happens(&incident);
    }
    kafka->fetch = EVIDENCE_FOUND;
}

/* STREAM 24, 25: a responder that dies after any record, with what it had
 * appended but not folded still in the log, is followed by another that loads
 * what was saved, or folds the journal from its beginning; what comes out is
 * the same, but for the clock. */
Test(respond, stream_rule_24_a_take_over_at_any_record_gives_the_same_tickets)
{
    void *state = ops->state_new(respond, STR("soc.journal"), 0);
    struct buf undisturbed = {0}, disturbed = {0}, from_nothing = {0};
    size_t at = 0;
    make_history();
    settle(state, &at, DESK_MS);
    settle(state, &at, DESK_MS + HOUR_MS);
    dump(state, &undisturbed);
    ops->state_free(state);
    size_t n_records = kafka->n_journal;
    cr_assert_gt(n_records, 200);
    for (size_t cut = 1; cut < n_records; cut += 1 + n_records / 23) {
        kafka->n_journal = kafka->n_other = at = 0;
        kafka->at = 0;
        struct sink sink = {send, kafka};
        state = ops->state_new(respond, STR("soc.journal"), 0);
        /* The last records were written when the holds were over. */
        for (int i = 0; i < 1000 && kafka->n_journal < cut; i++) {
            ops->act(state, DESK_MS, &sink);
            fold(state, &at, 7);
        }
        ops->state_free(state);
        state = ops->state_new(respond, STR("soc.journal"), 0);
        at = 0;
        fold(state, &at, SIZE_MAX);
        settle(state, &at, DESK_MS);
        settle(state, &at, DESK_MS + HOUR_MS);
        dump(state, &disturbed);
        cr_expect(str_equal(buf_str(&undisturbed), buf_str(&disturbed)),
                  "cut at %zu", cut);
        void *fresh = ops->state_new(respond, STR("soc.journal"), 0);
        at = 0;
        fold(fresh, &at, SIZE_MAX);
        dump(fresh, &from_nothing);
        cr_expect(str_equal(buf_str(&disturbed), buf_str(&from_nothing)),
                  "restored from nothing, cut at %zu", cut);
        ops->state_free(fresh);
        ops->state_free(state);
    }
    buf_free(&undisturbed);
    buf_free(&disturbed);
    buf_free(&from_nothing);
}

/* Two owners at once: the zombie appends what it decides, the journal has
 * both, and each incident is taken once. */
Test(respond, stream_rule_24_a_zombie_takes_nothing_twice)
{
    void *owner = ops->state_new(respond, STR("soc.journal"), 0);
    void *zombie = ops->state_new(respond, STR("soc.journal"), 0);
    struct sink sink = {send, kafka};
    size_t at_owner = 0, at_zombie = 0;
    make_history();
    kafka->fetch = EVIDENCE_PENDING;
    for (int i = 0; i < 400; i++) {
        kafka->at = 0; /* each reads the whole feed */
        ops->act(owner, DESK_MS, &sink);
        fold(owner, &at_owner, SIZE_MAX);
        kafka->at = 0;
        ops->act(zombie, DESK_MS, &sink);
        fold(zombie, &at_zombie, SIZE_MAX);
    }
    struct buf a = {0}, b = {0};
    fold(owner, &at_owner, SIZE_MAX);
    fold(zombie, &at_zombie, SIZE_MAX);
    dump(owner, &a);
    dump(zombie, &b);
    cr_expect(str_equal(buf_str(&a), buf_str(&b)), "one journal, one state");
    struct buf status = {0};
    ops->status(owner, &status);
    cr_expect(str_contains(buf_str(&status), STR("\"repeat\":")));
    ops->state_free(owner);
    ops->state_free(zombie);
    buf_free(&a);
    buf_free(&b);
    buf_free(&status);
}

Test(respond, incidents_that_can_never_be_taken_are_dropped_and_counted)
{
    void *state = ops->state_new(respond, STR("soc.journal"), 0);
    struct incident good = incident_of(1, "SRV-1", 0), bad = good;
    size_t at = 0;
    bad.window = STR("two words");
    kafka->feed[kafka->n_feed++] = STR("{}");
    happens(&bad);
    happens(&good);
    kafka->fetch = EVIDENCE_PENDING;
    settle(state, &at, DESK_MS);
    struct buf status = {0};
    ops->status(state, &status);
    cr_expect(str_contains(buf_str(&status), STR("\"unreadable_incidents\":2")),
              "%.*s", STR_ARG(buf_str(&status)));
    cr_expect_eq(kafka->n_journal, 1);
    buf_free(&status);
    ops->state_free(state);
}

Test(respond, foreign_records_are_counted_and_change_nothing)
{
    void *state = ops->state_new(respond, STR("soc.journal"), 0);
    static const char *const rows[] = {"", "x", "{}", "{\"v\":1}",
                                       "{\"v\":9,\"type\":\"act\"}"};
    size_t at = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        kafka->journal[kafka->n_journal++].value = str_of(rows[i]);
    fold(state, &at, SIZE_MAX);
    struct buf status = {0};
    ops->status(state, &status);
    cr_expect(str_contains(buf_str(&status), STR("\"foreign\":5")));
    buf_free(&status);
    ops->state_free(state);
}
