/* SPDX-License-Identifier: Apache-2.0
 *
 * The fold of the journal: what people may do in which state, what is stale,
 * what is taken twice, and that the journal alone gives the state. */
#include "responder.h"

static struct desk desk;

static void
setup(void)
{
    desk = desk_open();
}

static void
teardown(void)
{
    desk_close(&desk);
}

TestSuite(tickets, .init = setup, .fini = teardown);

/* --- states */

/* Where each verb leads from each state; N_TICKET_STATES: refused. */
static const enum ticket_state leads[N_ACT_VERBS][N_TICKET_STATES] = {
#define NO N_TICKET_STATES
#define NEW TICKET_NEW
#define ACK TICKET_ACKNOWLEDGED
#define WRK TICKET_IN_PROGRESS
#define HLD TICKET_ON_HOLD
#define RES TICKET_RESOLVED
#define CLO TICKET_CLOSED
    /*                new  ack  work held res  clo */
    [ACT_ACK] = {ACK, ACK, WRK, HLD, NO, NO},
    [ACT_ASSIGN] = {NEW, ACK, WRK, HLD, NO, NO},
    [ACT_NOTE] = {NEW, ACK, WRK, HLD, RES, CLO},
    [ACT_START] = {WRK, WRK, NO, WRK, NO, NO},
    [ACT_HOLD] = {NO, HLD, HLD, HLD, NO, NO},
    [ACT_RESOLVE] = {RES, RES, RES, RES, NO, NO},
    [ACT_CLOSE] = {NO, NO, NO, NO, CLO, NO},
    [ACT_REOPEN] = {NO, NO, NO, NO, ACK, ACK},
    [ACT_EDIT] = {NEW, ACK, WRK, HLD, RES, CLO},
};

Test(tickets, every_verb_in_every_state)
{
    int n = 1;
    for (unsigned verb = 0; verb < N_ACT_VERBS; verb++) {
        for (unsigned state = 0; state < N_TICKET_STATES; state++) {
            char host[32];
            if (verb == ACT_MERGE)
                continue;
            snprintf(host, sizeof host, "SRV-%d", n);
            struct str id = desk_open_ticket(&desk, n++, host);
            desk_bring_to(&desk, id, (enum ticket_state)state);
            struct ticket before = desk_ticket(&desk, id);
            enum fold_outcome outcome = desk_act(
                &desk, id, "an", desk_an_act((enum act_verb)verb, &before));
            struct ticket after = desk_ticket(&desk, id);
            enum ticket_state wanted = leads[verb][state];
            cr_expect_eq(outcome, wanted == NO ? FOLD_REFUSED : FOLDED,
                         "verb %u in state %u: %s", verb, state, desk.why.text);
            cr_expect_eq(after.state, wanted == NO ? before.state : wanted,
                         "verb %u in state %u", verb, state);
            if (wanted == NO) {
                cr_expect_eq(after.revision, before.revision);
                cr_expect(str_starts(str_of(desk.why.text), id),
                          "names the ticket: %s", desk.why.text);
            }
        }
    }
}

Test(tickets, an_act_needs_what_it_speaks_of)
{
    static const struct {
        struct journal_act act;
        const char *why;
    } rows[] = {
        {{.verb = ACT_ASSIGN}, "say to whom"},
        {{.verb = ACT_NOTE}, "a note needs a text"},
        {{.verb = ACT_RESOLVE}, "say what it was found to be"},
        {{.verb = ACT_MERGE}, "say into which ticket"},
        {{.verb = ACT_MERGE, .to = {"T00000000", 9}},
         "there is no such ticket"},
        {{.verb = ACT_EDIT}, "nothing to change"},
    };
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect_eq(desk_act(&desk, id, "an", rows[i].act), FOLD_REFUSED,
                     "row %zu", i);
        cr_expect(str_contains(str_of(desk.why.text), str_of(rows[i].why)),
                  "row %zu: %s", i, desk.why.text);
    }
    cr_expect_eq(desk_act(&desk, STR("T00000000"), "an",
                          (struct journal_act){.verb = ACT_ACK}),
                 FOLD_REFUSED);
}

Test(tickets, who_acknowledges_has_it_and_work_renews_the_lease)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    desk.now_ms += 5000;
    cr_assert_eq(
        desk_act(&desk, id, "an", (struct journal_act){.verb = ACT_ACK}),
        FOLDED);
    struct ticket ticket = desk_ticket(&desk, id);
    cr_expect(str_equal(ticket.assignee, STR("an")));
    cr_expect(str_equal(ticket.acked_by, STR("an")));
    cr_expect_eq(ticket.acked_ms, DESK_MS + 5000);
    cr_expect_eq(ticket.worked_ms, DESK_MS + 5000);
    desk.now_ms += HOUR_MS;
    struct journal_act note = {.verb = ACT_NOTE, .text = STR("đang xem")};
    cr_assert_eq(desk_act(&desk, id, "binh", note), FOLDED);
    cr_expect_eq(desk_ticket(&desk, id).worked_ms, DESK_MS + 5000,
                 "another's note is no work");
    cr_assert_eq(desk_act(&desk, id, "an", note), FOLDED);
    ticket = desk_ticket(&desk, id);
    cr_expect_eq(ticket.worked_ms, DESK_MS + 5000 + HOUR_MS);
    cr_expect_eq(ticket.acked_ms, DESK_MS + 5000, "the first one stays");
}

Test(tickets, a_lease_that_ran_out_makes_it_new_unless_work_was_done_since)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    cr_assert_eq(
        desk_act(&desk, id, "an", (struct journal_act){.verb = ACT_ACK}),
        FOLDED);
    struct journal_record lease = {
        .type = JOURNAL_LEASE, .lease = {id, desk_ticket(&desk, id).worked_ms}};
    desk.now_ms += HOUR_MS;
    cr_assert_eq(
        desk_act(&desk, id, "an", (struct journal_act){.verb = ACT_START}),
        FOLDED);
    cr_expect_eq(desk_fold(&desk, &lease), FOLD_STALE);
    lease.lease.worked_ms = desk.now_ms;
    cr_expect_eq(desk_fold(&desk, &lease), FOLDED);
    struct ticket ticket = desk_ticket(&desk, id);
    cr_expect_eq(ticket.state, TICKET_NEW);
    cr_expect_eq(ticket.assignee.len, 0);
    cr_expect_eq(ticket.timeline[ticket.n_timeline - 1].kind,
                 EVENT_LEASE_EXPIRED);
}

Test(tickets, merging_moves_what_it_is_made_of_and_what_is_done_to_it)
{
    struct str a = desk_open_ticket(&desk, 1, "SRV-1");
    struct str b = desk_open_ticket(&desk, 2, "SRV-2");
    struct journal_act merge = {.verb = ACT_MERGE, .to = a};
    cr_assert_eq(desk_act(&desk, b, "an", merge), FOLDED);
    struct ticket into = desk_ticket(&desk, a), from = desk_ticket(&desk, b);
    cr_expect_eq(into.n_incidents, 2);
    cr_expect_eq(into.count, 8);
    cr_expect_eq(into.hosts.n, 2);
    cr_expect_eq(from.state, TICKET_CLOSED);
    cr_expect(str_equal(from.merged_into, a));
    cr_expect(str_equal(into.merged[0], b));
    cr_expect(str_equal(tickets_root(desk.tickets, b), a));
    cr_expect_eq(
        desk_act(&desk, b, "an", (struct journal_act){.verb = ACT_ACK}), FOLDED,
        "an answer to the old one takes the new one");
    cr_expect_eq(desk_ticket(&desk, a).state, TICKET_ACKNOWLEDGED);
    cr_expect_eq(desk_act(&desk, a, "an", merge), FOLD_REFUSED,
                 "not into itself");
}

Test(tickets, what_goes_on_in_a_merged_ticket_is_of_the_one_it_went_into)
{
    const struct triage *triage = desk_triage(&desk);
    struct str a = desk_open_ticket(&desk, 1, "SRV-1");
    struct str b = desk_open_ticket(&desk, 2, "SRV-2");
    struct journal_act merge = {.verb = ACT_MERGE, .to = a};
    cr_assert_eq(desk_act(&desk, b, "an", merge), FOLDED);
    struct incident more = incident_of(2, "SRV-2", 0);
    struct journal_take out = {.decision = N_DECISIONS};
    more.revision = 2;
    more.count += 5;
    more.hosts.at[1] = STR("SRV-9");
    more.hosts.n = 2;
    cr_assert_eq(desk_take(&desk, triage, &more, &out), FOLDED);
    cr_expect_eq(out.decision, DECIDED_GROUP);
    cr_expect(str_equal(out.into, a));
    struct ticket into = desk_ticket(&desk, a);
    cr_expect_eq(into.count, 13);
    cr_assert_eq(into.hosts.n, 3);
    cr_expect(str_equal(into.hosts.at[2], STR("SRV-9")));
    cr_expect_eq(desk_ticket(&desk, b).hosts.n, 1, "the old one stays");
}

/* --- replays */

Test(tickets, a_replayed_firing_changes_nothing_a_person_did)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    desk_bring_to(&desk, id, TICKET_CLOSED);
    struct ticket before = desk_ticket(&desk, id);
    /* More of its alerts are found, all older than its resolution. */
    struct incident more = incident_of(1, "SRV-1", 0);
    more.revision = 2;
    more.count = 400;
    more.severity = SEVERITY_CRITICAL;
    more.last_ms = before.resolved_ms - 1;
    cr_assert_eq(desk_take(&desk, desk_triage(&desk), &more, NULL), FOLDED);
    struct ticket after = desk_ticket(&desk, id);
    cr_expect_eq(after.state, TICKET_CLOSED);
    cr_expect_eq(after.count, 400, "but it is counted");
    cr_expect_eq(after.priority, before.priority);
    cr_expect(str_equal(after.assignee, before.assignee));
    cr_expect_eq(after.verdict, before.verdict);
}

Test(tickets, an_incident_that_goes_on_opens_its_ticket_again)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    desk_bring_to(&desk, id, TICKET_RESOLVED);
    struct incident more = incident_of(1, "SRV-1", 0);
    more.revision = 2;
    more.count = 8;
    more.last_ms = desk_ticket(&desk, id).resolved_ms + MINUTE_MS;
    desk.now_ms += 2 * MINUTE_MS;
    cr_assert_eq(desk_take(&desk, desk_triage(&desk), &more, NULL), FOLDED);
    struct ticket ticket = desk_ticket(&desk, id);
    cr_expect_eq(ticket.state, TICKET_NEW);
    cr_expect_eq(ticket.verdict, VERDICT_NONE);
    cr_expect_eq(ticket.assignee.len, 0, "whoever is on duty now is told");
    /* Past the time in which it may be opened again it is another ticket. */
    desk_bring_to(&desk, id, TICKET_RESOLVED);
    more.revision = 3;
    more.count = 16;
    more.last_ms =
        desk_ticket(&desk, id).resolved_ms + TICKET_REOPEN_MS + MINUTE_MS;
    desk.now_ms = more.last_ms;
    cr_assert_eq(desk_take(&desk, desk_triage(&desk), &more, NULL), FOLDED);
    cr_assert_eq(tickets_changed(desk.tickets), 1);
    struct ticket other =
        desk_ticket(&desk, tickets_changed_id(desk.tickets, 0));
    cr_expect(!str_equal(other.id, id));
    cr_expect_eq(desk_ticket(&desk, id).state, TICKET_RESOLVED);
}

Test(tickets, people_may_reopen_within_a_set_time)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    desk_bring_to(&desk, id, TICKET_CLOSED);
    struct journal_act reopen = {.verb = ACT_REOPEN, .text = STR("chưa xong")};
    desk.now_ms += TICKET_REOPEN_MS + 1;
    cr_expect_eq(desk_act(&desk, id, "an", reopen), FOLD_REFUSED);
    desk.now_ms -= 1;
    cr_expect_eq(desk_act(&desk, id, "an", reopen), FOLDED);
}

/* --- incidents that turn out to be one */

Test(tickets, when_incidents_merge_the_younger_ticket_goes_into_the_elder)
{
    for (int elder_first = 0; elder_first < 2; elder_first++) {
        struct desk own = desk_open();
        struct incident elder = incident_of(1, "SRV-1", 0);
        struct incident younger = incident_of(2, "SRV-2", MINUTE_MS);
        const struct triage *triage = desk_triage(&own);
        struct incident *order[2] = {elder_first ? &elder : &younger,
                                     elder_first ? &younger : &elder};
        for (size_t i = 0; i < 2; i++)
            cr_assert_eq(desk_take(&own, triage, order[i], NULL), FOLDED);
        younger.revision = 2;
        younger.state = INCIDENT_MERGED;
        younger.into = elder.id;
        cr_assert_eq(desk_take(&own, triage, &younger, NULL), FOLDED);
        char id[TICKET_ID_LEN], gone[TICKET_ID_LEN];
        ticket_id_make(id, elder.id, 0);
        ticket_id_make(gone, younger.id, 0);
        struct ticket into = desk_ticket(&own, (struct str){id, sizeof id});
        struct ticket from = desk_ticket(&own, (struct str){gone, sizeof gone});
        cr_expect_eq(into.state, TICKET_NEW);
        cr_expect_eq(into.merged_into.len, 0);
        cr_expect(str_equal(from.merged_into, into.id));
        cr_expect_eq(into.count, 4, "its alerts are the other one's now");
        desk_close(&own);
    }
}

/* STREAM 28: compaction may have dropped all but the last revision. */
Test(tickets, stream_rule_28_the_last_revision_alone_gives_the_same_ticket)
{
    struct desk other = desk_open();
    struct incident incident = incident_of(1, "SRV-1", 0);
    const struct triage *triage = desk_triage(&desk);
    for (uint32_t revision = 1; revision <= 3; revision++) {
        incident.revision = revision;
        incident.count = 4u << revision;
        incident.severity = revision == 3 ? SEVERITY_CRITICAL : SEVERITY_HIGH;
        cr_assert_eq(desk_take(&desk, triage, &incident, NULL), FOLDED);
    }
    cr_assert_eq(desk_take(&other, triage, &incident, NULL), FOLDED);
    struct str id = tickets_changed_id(other.tickets, 0);
    struct ticket a = desk_ticket(&desk, id), b = desk_ticket(&other, id);
    cr_expect_eq(a.count, b.count);
    cr_expect_eq(a.severity, b.severity);
    cr_expect_eq(a.priority, b.priority);
    cr_expect_eq(a.n_incidents, b.n_incidents);
    cr_expect_eq(a.n_evidence, b.n_evidence);
    cr_expect(str_equal(a.title.vi, b.title.vi));
    desk_close(&other);
}

/* --- bounds */

Test(tickets, a_timeline_is_bounded_and_keeps_its_ends)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    char words[64];
    for (int i = 0; i < 2 * TICKET_MAX_TIMELINE; i++) {
        int len = snprintf(words, sizeof words, "ghi chú %d", i);
        struct journal_act note = {.verb = ACT_NOTE,
                                   .text = {words, (size_t)len}};
        struct arena arena = desk.arena;
        cr_assert_eq(desk_act(&desk, id, "an", note), FOLDED);
        desk.arena = arena;
    }
    struct ticket ticket = desk_ticket(&desk, id);
    cr_expect_leq(ticket.n_timeline, TICKET_MAX_TIMELINE);
    cr_expect_eq(ticket.timeline[0].kind, EVENT_OPENED);
    cr_expect(str_equal(ticket.timeline[ticket.n_timeline - 1].detail,
                        STR("ghi chú 799")));
    uint64_t left_out = 0;
    for (size_t i = 0; i < ticket.n_timeline; i++)
        if (ticket.timeline[i].kind == EVENT_LEFT_OUT)
            left_out += ticket.timeline[i].n;
    cr_expect_eq(ticket.n_timeline - 1 + left_out, 2 * TICKET_MAX_TIMELINE + 1);
}

Test(tickets, the_largest_ticket_can_still_be_read)
{
    char text[TICKET_MAX_TEXT];
    memset(text, 1, sizeof text); /* six bytes each, escaped */
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct journal_act edit = {.verb = ACT_EDIT};
    for (int i = 0; i < 60; i++) {
        edit.seen = desk_ticket(&desk, id).revision;
        for (unsigned f = 0; f < N_TICKET_FIELDS; f++)
            edit.field[f] = (struct str){text, sizeof text};
        cr_assert_eq(desk_act(&desk, id, "an", edit), FOLDED);
    }
    struct ticket ticket = desk_ticket(&desk, id);
    cr_expect_eq(ticket.field[0].len, sizeof text);
}

/* --- silences */

Test(tickets, a_silence_can_be_ended_and_needs_a_reason)
{
    struct journal_record silence = {
        .type = JOURNAL_SILENCE,
        .by = STR("an"),
        .request = STR("s-1"),
        .silence = {.id = STR("S1"),
                    .matcher = STR("host=SRV-1"),
                    .owner = STR("an"),
                    .from_ms = DESK_MS,
                    .until_ms = DESK_MS + HOUR_MS}};
    cr_expect_eq(desk_fold(&desk, &silence), FOLD_REFUSED, "no reason");
    silence.silence.reason = STR("bảo trì");
    silence.request = STR("s-2");
    cr_expect_eq(desk_fold(&desk, &silence), FOLDED);
    silence.request = STR("s-3");
    cr_expect_eq(desk_fold(&desk, &silence), FOLD_REFUSED, "twice");
    struct incident incident = incident_of(1, "SRV-1", MINUTE_MS);
    struct journal_take take;
    cr_assert_eq(desk_take(&desk, desk_triage(&desk), &incident, &take),
                 FOLDED);
    cr_expect_eq(take.decision, DECIDED_SUPPRESS);
    cr_expect(str_equal(take.because, STR("S1")));
    struct journal_record end = {.type = JOURNAL_SILENCE,
                                 .at_ms = DESK_MS + 2 * MINUTE_MS,
                                 .by = STR("an"),
                                 .request = STR("s-4"),
                                 .silence = {.id = STR("S1"), .expire = true}};
    cr_expect_eq(desk_fold(&desk, &end), FOLDED);
    end.request = STR("s-5");
    cr_expect_eq(desk_fold(&desk, &end), FOLD_REFUSED, "it has ended");
    struct incident later = incident_of(2, "SRV-1", 3 * MINUTE_MS);
    cr_assert_eq(desk_take(&desk, desk_triage(&desk), &later, &take), FOLDED);
    cr_expect_eq(take.decision, DECIDED_NEW);
}
