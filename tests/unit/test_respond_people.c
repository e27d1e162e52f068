/* SPDX-License-Identifier: Apache-2.0
 *
 * A ticket reaches a person: the stage with a roster, a policy and a courier
 * in memory, the clock moved by hand. What was handed to the courier is what a
 * person would have got. */
#include "respond/respond.h"
#include "responder.h"

#include <unistd.h>

enum { MAX_RECORDS = 2048, SECOND = 1000 };

struct given {
    char id[MESSAGE_ID_LEN + 1], person[16], code[REPLY_CODE_LEN + 1],
        link[900];
    enum message_kind kind;
    enum channel channel;
    size_t n_tickets;
    bool answered;
};

struct play {
    struct arena arena;
    char *start;
    const struct triage *triage;
    const struct roster *roster;
    struct policy policy;
    struct respond_plan plan;
    struct people_desk desk;
    struct respond *respond;
    void *state;
    struct str journal[MAX_RECORDS];
    size_t n_journal, at;
    struct str feed[64];
    size_t n_feed, feed_at;
    struct given given[256];
    size_t n_given;
    const char *fails; /* who cannot be reached by SMS */
    bool no_answers;   /* the courier hangs */
    int64_t now_ms;
};

static struct play *play;

static const struct triage *
triage(void *context)
{
    return ((struct play *)context)->triage;
}

static bool
seek(void *context, int64_t (*from)(void *, struct str, int32_t), void *asked)
{
    int64_t at = from(asked, STR("soc.incidents"), 0);
    ((struct play *)context)->feed_at = at < 0 ? 0 : (size_t)at;
    return true;
}

static bool
poll_feed(void *context, struct record *record)
{
    struct play *p = context;
    if (p->feed_at == p->n_feed)
        return false;
    *record = (struct record){.topic = STR("soc.incidents"),
                              .offset = (int64_t)p->feed_at,
                              .value = p->feed[p->feed_at]};
    p->feed_at++;
    return true;
}

static enum evidence_says
fetch(void *context, const struct position *position, struct buf *bytes,
      struct err *why)
{
    (void)context, (void)position, (void)bytes, (void)why;
    return EVIDENCE_PENDING;
}

static void
people_of(void *context, struct people *people)
{
    struct play *p = context;
    people->roster = p->roster;
    people->policy = &p->policy;
    people->usable[CHANNEL_SMS] = people->usable[CHANNEL_MAIL] = true;
}

static bool
take_message(void *context, const struct message *message, struct str person,
             const struct contact *contact)
{
    struct play *p = context;
    struct given *given = &p->given[p->n_given++];
    snprintf(given->id, sizeof given->id, "%.*s", STR_ARG(message->id));
    snprintf(given->person, sizeof given->person, "%.*s", STR_ARG(person));
    snprintf(given->code, sizeof given->code, "%.*s", STR_ARG(message->code));
    snprintf(given->link, sizeof given->link, "%.*s", STR_ARG(message->link));
    given->kind = message->kind;
    given->channel = contact->channel;
    given->n_tickets = message->n_tickets;
    return true;
}

static bool
give_result(void *context, struct courier_result *result)
{
    struct play *p = context;
    for (size_t i = 0; !p->no_answers && i < p->n_given; i++) {
        struct given *given = &p->given[i];
        if (given->answered)
            continue;
        given->answered = true;
        *result = (struct courier_result){.channel = given->channel};
        memcpy(result->message, given->id, sizeof result->message);
        result->delivered = !p->fails || strcmp(p->fails, given->person) != 0 ||
                            given->channel != CHANNEL_SMS;
        err_set(&result->detail, result->delivered ? "ok" : "no such number");
        return true;
    }
    return false;
}

static void
send(void *context, const struct output *output, bool bulk)
{
    struct play *p = context;
    (void)bulk;
    if (!str_equal(output->topic, STR("soc.journal")))
        return;
    cr_assert_lt(p->n_journal, MAX_RECORDS);
    p->journal[p->n_journal++] = arena_copy(&p->arena, output->value);
}

static const char *
file(const char *text)
{
    char path[] = "/tmp/tc-respond-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 &&
              write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return arena_copy(&play->arena, str_of(path)).at;
}

static void
begin_life(void)
{
    play->state =
        respond_ops()->state_new(play->respond, STR("soc.journal"), 0);
    play->at = 0;
}

#define MEMBER(id, more)                                                       \
    "  - {id: " id ", name: " id ", unit: u" more                              \
    ", contacts: {sms: \"0912000001\", mail: a@b.example}}\n"

static void
setup(void)
{
    struct complaints complaints = {0};
    play = calloc(1, sizeof *play);
    play->arena = arena_reserve((size_t)1 << 30);
    play->start = play->arena.at;
    play->now_ms = DESK_MS + MINUTE_MS;
    const char *path =
        file("members:\n" MEMBER("an", "") MEMBER("binh", "") MEMBER(
            "lead", ", leader: true") "shifts:\n"
                                      "  - {id: s, from: \"00:00\", to: "
                                      "\"24:00\", members: [an, binh]}\n");
    play->roster = roster_load(path, NULL, &play->arena, &complaints);
    unlink(path);
    path = file("steps:\n  - {tell: on-duty, wait: 5m}\n"
                "  - {tell: next, wait: 5m}\n"
                "  - {tell: everyone, wait: 10m}\nlease: 30m\n");
    cr_assert(play->roster &&
                  policy_load(path, &play->policy, &play->arena, &complaints),
              "%.*s", STR_ARG(buf_str(&complaints.text)));
    unlink(path);
    play->triage = triage_load(NULL, NULL, DESK_MS, &play->arena, &complaints);
    play->desk = (struct people_desk){
        .people = people_of,
        .send = take_message,
        .result = give_result,
        .context = play,
        .link_base = STR("https://soc.example/a/"),
        .link_key = STR("0123456789abcdef0123456789abcdef"),
        .link_ms = HOUR_MS,
    };
    play->plan = (struct respond_plan){
        .triage = triage,
        .context = play,
        .incidents = {seek, poll_feed, play},
        .evidence = {fetch, play},
        .people = &play->desk,
        .journal_topic = STR("soc.journal"),
        .tickets_topic = STR("soc.tickets"),
        .evidence_topic = STR("soc.evidence"),
        .reviews_topic = STR("soc.reviews"),
    };
    play->respond = respond_new(&play->plan);
    begin_life();
}

static void
teardown(void)
{
    respond_ops()->state_free(play->state);
    respond_free(play->respond);
    arena_release(play->start, play->arena);
    free(play);
}

TestSuite(respond_people, .init = setup, .fini = teardown);

static void
fold_all(void)
{
    struct sink sink = {send, play};
    struct err why;
    for (; play->at < play->n_journal; play->at++) {
        struct record record = {.value = play->journal[play->at]};
        cr_assert_eq(respond_ops()->apply(play->state, &record, 0, &sink, &why),
                     DONE);
    }
}

/* Turns until nothing has happened in three of them. */
static void
settle(void)
{
    struct sink sink = {send, play};
    for (int quiet = 0; quiet < 3; quiet++) {
        size_t before = play->n_journal, given = play->n_given;
        respond_ops()->act(play->state, play->now_ms, &sink);
        fold_all();
        if (before != play->n_journal || given != play->n_given)
            quiet = -1;
    }
}

static void
later(int64_t ms)
{
    play->now_ms += ms;
    settle();
}

static void
happens(int n, const char *host, int64_t fired_ms)
{
    struct incident incident = incident_of(n, host, fired_ms - DESK_MS);
    struct buf text = {0};
    incident_write(&text, &incident);
    play->feed[play->n_feed++] = arena_copy(&play->arena, buf_str(&text));
    buf_free(&text);
    settle();
}

static void
acts(const char *by, int n, enum act_verb verb)
{
    struct incident incident = incident_of(n, "", 0);
    char id[TICKET_ID_LEN];
    ticket_id_make(id, incident.id, 0);
    struct str text = {id, sizeof id};
    struct journal_record record = {.type = JOURNAL_ACT,
                                    .at_ms = play->now_ms,
                                    .by = str_of(by),
                                    .act = {.verb = verb,
                                            .ticket = &text,
                                            .n_tickets = 1,
                                            .verdict = VERDICT_TRUE}};
    struct buf json = {0};
    journal_write(&json, &record);
    play->journal[play->n_journal++] = arena_copy(&play->arena, buf_str(&json));
    buf_free(&json);
    fold_all();
    settle();
}

/* "an binh lead", with + for mail, ! for "somebody has it", ? for a backlog */
static const char *
told(void)
{
    static char text[512];
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < play->n_given; i++) {
        const struct given *given = &play->given[i];
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s%s%s%s",
                                i ? " " : "", given->person,
                                given->channel == CHANNEL_MAIL ? "+" : "",
                                given->kind == MESSAGE_TAKEN ? "!" : "",
                                given->kind == MESSAGE_BACKLOG ? "?" : "");
    }
    return text;
}

Test(respond_people, the_next_is_told_when_the_first_is_silent)
{
    happens(1, "SRV-1", play->now_ms);
    cr_expect_str_eq(told(), "an");
    cr_expect_eq(strlen(play->given[0].code), REPLY_CODE_LEN);
    cr_expect(str_starts(str_of(play->given[0].link),
                         STR("https://soc.example/a/1.")));
    later(5 * MINUTE_MS - 1);
    cr_expect_str_eq(told(), "an");
    later(1);
    cr_expect_str_eq(told(), "an binh");
    acts("binh", 1, ACT_ACK);
    cr_expect_str_eq(told(), "an binh an!");
    later(29 * MINUTE_MS);
    cr_expect_str_eq(told(), "an binh an!", "somebody works on it");
}

Test(respond_people, a_failed_delivery_moves_on_at_once)
{
    play->fails = "an";
    happens(1, "SRV-1", play->now_ms);
    cr_expect_str_eq(told(), "an an+ binh",
                     "by his other channel, and the next: nobody waits");
}

Test(respond_people, work_renews_the_lease_and_its_end_begins_anew)
{
    happens(1, "SRV-1", play->now_ms);
    acts("an", 1, ACT_ACK);
    later(25 * MINUTE_MS);
    acts("an", 1, ACT_START);
    later(25 * MINUTE_MS);
    cr_expect_str_eq(told(), "an");
    later(5 * MINUTE_MS);
    cr_expect_str_eq(told(), "an an");
}

Test(respond_people, a_storm_is_one_message_a_minute)
{
    for (int i = 1; i <= 20; i++) {
        char host[16];
        snprintf(host, sizeof host, "SRV-%d", i);
        happens(i, host, play->now_ms);
    }
    cr_expect_str_eq(told(), "an");
    later(MINUTE_MS);
    cr_expect_str_eq(told(), "an an");
    cr_expect_eq(play->given[1].n_tickets, 19);
}

Test(respond_people, old_alerts_wake_nobody)
{
    happens(1, "SRV-1", play->now_ms - 25 * HOUR_MS);
    later(60 * MINUTE_MS);
    cr_expect_str_eq(told(), "");
}

/* STREAM 25, 26 */
Test(respond_people, stream_rule_26_after_a_take_over_the_same_message_again)
{
    play->no_answers = true;
    happens(1, "SRV-1", play->now_ms);
    cr_assert_str_eq(told(), "an");
    char id[MESSAGE_ID_LEN + 1];
    memcpy(id, play->given[0].id, sizeof id);
    respond_ops()->state_free(play->state);
    begin_life();
    fold_all();
    cr_expect_str_eq(told(), "an", "nothing is sent on half a history");
    settle();
    cr_expect_str_eq(told(), "an an");
    cr_expect_str_eq(play->given[1].id, id);
    play->no_answers = false;
    settle();
    respond_ops()->state_free(play->state);
    begin_life();
    fold_all();
    settle();
    cr_expect_str_eq(told(), "an an", "it has its result: never again");
}

Test(respond_people, an_intent_that_is_not_read_back_is_not_sent)
{
    struct sink sink = {send, play};
    struct incident incident = incident_of(1, "SRV-1", MINUTE_MS);
    struct buf text = {0};
    incident_write(&text, &incident);
    play->feed[play->n_feed++] = arena_copy(&play->arena, buf_str(&text));
    for (int i = 0; i < 3; i++) { /* take, step, send: each read back */
        respond_ops()->act(play->state, play->now_ms, &sink);
        if (i < 2)
            fold_all();
    }
    cr_assert(str_contains(play->journal[play->n_journal - 1],
                           STR("\"type\":\"send\"")));
    for (int i = 0; i < 10; i++)
        respond_ops()->act(play->state, play->now_ms, &sink);
    cr_expect_str_eq(told(), "");
    fold_all();
    respond_ops()->act(play->state, play->now_ms, &sink);
    cr_expect_str_eq(told(), "an");
    buf_free(&text);
}
