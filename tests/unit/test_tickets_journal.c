/* SPDX-License-Identifier: Apache-2.0
 *
 * STREAM 24 to 26: what is taken once, what is stale, what is sent once, and
 * that the journal alone gives the state, wherever it is cut. */
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

TestSuite(tickets_journal, .init = setup, .fini = teardown);

/* --- STREAM 24 */

Test(tickets_journal, stream_rule_24_a_revision_is_taken_once)
{
    const struct triage *triage = desk_triage(&desk);
    struct incident incident = incident_of(1, "SRV-1", 0);
    struct journal_record record = {.type = JOURNAL_TAKE};
    struct buf text = {0}, before = {0}, after = {0};
    cr_assert_eq(desk_take(&desk, triage, &incident, &record.take), FOLDED);
    desk_dump(desk.tickets, &before);
    /* Decided once more by another responder, whatever it rests on. */
    incident_write(&text, &incident);
    record.take.incident = buf_str(&text);
    for (uint64_t basis = 0; basis < 3; basis++) {
        record.take.basis = basis;
        cr_expect_eq(desk_fold(&desk, &record), FOLD_REPEAT);
    }
    desk_dump(desk.tickets, &after);
    cr_expect(str_equal(buf_str(&before), buf_str(&after)));
    buf_free(&text);
    buf_free(&before);
    buf_free(&after);
}

Test(tickets_journal, stream_rule_24_a_stale_decision_is_made_again)
{
    const struct triage *triage = desk_triage(&desk);
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct incident incident = incident_of(2, "SRV-1", MINUTE_MS);
    struct triage_round *round = triage_round_new(desk.tickets);
    struct journal_record record = {.type = JOURNAL_TAKE};
    struct buf text = {0};
    incident_write(&text, &incident);
    triage_round_begin(round);
    cr_assert_eq(triage_decide(round, triage, &incident, desk.now_ms,
                               &desk.arena, &record.take),
                 TRIAGE_TAKE);
    triage_round_end(round);
    cr_assert_eq(record.take.decision, DECIDED_GROUP);
    record.take.incident = buf_str(&text);
    record.take.topic = STR("soc.incidents");
    /* Meanwhile somebody resolves the ticket it was to join. */
    desk_bring_to(&desk, id, TICKET_RESOLVED);
    cr_expect_eq(desk_fold(&desk, &record), FOLD_STALE);
    cr_expect_eq(desk_ticket(&desk, id).n_incidents, 1);
    cr_expect_eq(tickets_position(desk.tickets, STR("soc.incidents"), 0), 1,
                 "it is not behind us");
    struct journal_take take;
    cr_expect_eq(desk_take(&desk, triage, &incident, &take), FOLDED);
    cr_expect_eq(take.decision, DECIDED_NEW);
    triage_round_free(round);
    buf_free(&text);
}

Test(tickets_journal, stream_rule_24_and_25_the_journal_alone_gives_the_state)
{
    const struct triage *triage = desk_triage(&desk);
    struct buf journal = {0}, whole = {0}, again = {0}, part = {0};
    size_t end[256], n = 0;
    /* A history of all sorts; every record is kept. */
    for (int i = 0; i < 40; i++) {
        char host[16];
        snprintf(host, sizeof host, "SRV-%d", i % 7);
        struct incident incident = incident_of(i / 2 + 1, host, i * MINUTE_MS);
        incident.fired_ms = DESK_MS + (i / 2) * MINUTE_MS;
        incident.revision = (uint32_t)(1 + i % 2);
        incident.count += (uint64_t)(i % 2) * 4;
        desk.now_ms += 1000;
        desk_take(&desk, triage, &incident, NULL);
        buf_add(&journal, buf_str(&desk.text));
        end[n++] = journal.len;
        if (i % 3 == 0 && tickets_changed(desk.tickets) > 0) {
            struct str id =
                arena_copy(&desk.arena, tickets_changed_id(desk.tickets, 0));
            struct ticket ticket = desk_ticket(&desk, id);
            desk_act(&desk, id, "an",
                     desk_an_act((enum act_verb)(i % N_ACT_VERBS), &ticket));
            buf_add(&journal, buf_str(&desk.text));
            end[n++] = journal.len;
        }
    }
    desk_dump(desk.tickets, &whole);
    for (size_t cut = 0; cut <= n; cut += 5) {
        /* Folded up to `cut`, saved, loaded by another, folded on. */
        struct tickets *first = tickets_new(), *second = tickets_new();
        for (size_t i = 0; i < n; i++) {
            struct arena scratch = desk.arena;
            struct journal_record record;
            const struct json *root;
            struct err why;
            struct str text =
                str_cut(buf_str(&journal), i ? end[i - 1] : 0, end[i]);
            if (i == cut) {
                desk_dump(first, &part);
                struct desk_fields *fields = calloc(1, sizeof *fields);
                struct emit emit = {desk_field, fields};
                tickets_save(first, true, &emit);
                for (size_t f = fields->n; f-- > 0;) {
                    struct str line = buf_str(&fields->line[f]), head;
                    int64_t table;
                    struct str number;
                    cr_assert(str_split(&line, '\n', &head));
                    cr_assert(str_split(&head, ' ', &number));
                    cr_assert(str_to_i64(number, &table));
                    cr_assert(
                        tickets_load(second, (size_t)table, head, line, &why),
                        "%s", why.text);
                    buf_free(&fields->line[f]);
                }
                free(fields);
            }
            cr_assert_eq(json_read(desk.json, text, &scratch, &root),
                         JSON_FINE);
            cr_assert(journal_read(root, &scratch, &record, &why));
            tickets_fold(i < cut ? first : second, &record, &why);
        }
        desk_dump(cut < n ? second : first, &again);
        cr_expect(str_equal(buf_str(&whole), buf_str(&again)), "cut at %zu",
                  cut);
        tickets_free(first);
        tickets_free(second);
    }
    buf_free(&journal);
    buf_free(&whole);
    buf_free(&again);
    buf_free(&part);
}

/* --- STREAM 25, 26 */

Test(tickets_journal, stream_rule_26_only_edits_can_be_stale)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct journal_act edit = {.verb = ACT_EDIT, .seen = 1};
    edit.field[TICKET_CAUSE_GROUP] = STR("phishing");
    cr_assert_eq(desk_act(&desk, id, "an", edit), FOLDED);
    edit.field[TICKET_CAUSE_GROUP] = STR("khác");
    cr_expect_eq(desk_act(&desk, id, "binh", edit), FOLD_REFUSED);
    cr_expect(str_contains(str_of(desk.why.text), STR("look again")));
    struct ticket ticket = desk_ticket(&desk, id);
    cr_expect(str_equal(ticket.field[TICKET_CAUSE_GROUP], STR("phishing")));
    /* An acknowledgement that saw an old revision is none the worse. */
    struct journal_act ack = {.verb = ACT_ACK, .seen = 1};
    cr_expect_eq(desk_act(&desk, id, "binh", ack), FOLDED);
    edit.seen = desk_ticket(&desk, id).revision;
    cr_expect_eq(desk_act(&desk, id, "binh", edit), FOLDED);
    edit.seen += 100;
    cr_expect_eq(desk_act(&desk, id, "binh", edit), FOLD_REFUSED,
                 "a revision nobody can have seen");
}

Test(tickets_journal, stream_rule_26_a_firing_between_two_edits_is_no_conflict)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct journal_act edit = {.verb = ACT_EDIT, .seen = 1};
    edit.field[TICKET_HOW_FOUND] = STR("cảnh báo");
    struct incident more = incident_of(1, "SRV-1", 0);
    more.revision = 2;
    more.count = 8;
    cr_assert_eq(desk_take(&desk, desk_triage(&desk), &more, NULL), FOLDED);
    cr_expect_eq(desk_act(&desk, id, "an", edit), FOLDED);
}

static struct journal_record
a_send(const char *message, const struct str *id, bool again)
{
    return (struct journal_record){
        .type = JOURNAL_SEND,
        .send = {.message = str_of(message),
                 .kind = MESSAGE_PAGE,
                 .person = STR("an"),
                 .channel = STR("sms"),
                 .address = STR("+84912345678"),
                 .ticket = id,
                 .n_tickets = 1,
                 .code = STR("482913"),
                 .step = 1,
                 .again = again},
    };
}

/* It is the turn of an. */
static struct journal_record
a_step(struct str id)
{
    static const struct str an = {"an", 2};
    return (struct journal_record){
        .type = JOURNAL_ESCALATE,
        .escalate = {id, 1, &an, 1, STR("opened")},
    };
}

Test(tickets_journal, stream_rule_26_a_message_is_sent_again_only_under_its_id)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct journal_record step = a_step(id);
    cr_assert_eq(desk_fold(&desk, &step), FOLDED);
    struct journal_record send = a_send("m1", &id, false);
    cr_assert_eq(desk_fold(&desk, &send), FOLDED);
    cr_expect_eq(desk_fold(&desk, &send), FOLD_REPEAT, "no second intent");
    send.send.again = true;
    cr_expect_eq(desk_fold(&desk, &send), FOLDED, "a try after a take-over");
    struct journal_record result = {.type = JOURNAL_RESULT,
                                    .result = {STR("m1"), true, STR("250 OK")}};
    cr_assert_eq(desk_fold(&desk, &result), FOLDED);
    cr_expect_eq(desk_fold(&desk, &result), FOLD_REPEAT);
    cr_expect_eq(desk_fold(&desk, &send), FOLD_REPEAT, "it has its result");
    struct journal_record other = a_send("m2", &id, true);
    cr_expect_eq(desk_fold(&desk, &other), FOLD_STALE, "never sent before");
    struct ticket ticket = desk_ticket(&desk, id);
    cr_assert_eq(ticket.n_told, 1);
    cr_expect(ticket.told[0].delivered);
}

Test(tickets_journal,
     stream_rule_25_a_page_that_is_overtaken_by_an_ack_is_not_sent)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct journal_record step = a_step(id);
    cr_assert_eq(desk_fold(&desk, &step), FOLDED);
    cr_expect_eq(desk_fold(&desk, &step), FOLD_STALE, "begun once");
    cr_assert_eq(
        desk_act(&desk, id, "binh", (struct journal_act){.verb = ACT_ACK}),
        FOLDED);
    struct journal_record send = a_send("m1", &id, false);
    cr_expect_eq(desk_fold(&desk, &send), FOLD_STALE);
    step.escalate.step = 2;
    cr_expect_eq(desk_fold(&desk, &step), FOLD_STALE);
    cr_expect_eq(desk_ticket(&desk, id).step, 1);
}

/* A responder that was stopped, and replaced meanwhile, goes on with what it
 * had decided: its record comes behind that of the new one. */
Test(tickets_journal, stream_rule_25_a_second_page_of_the_same_step_is_stale)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct journal_record step = a_step(id);
    struct journal_record first = a_send("m1", &id, false);
    struct journal_record second = a_send("m2", &id, false);
    cr_expect_eq(desk_fold(&desk, &first), FOLD_STALE, "nobody's turn yet");
    cr_assert_eq(desk_fold(&desk, &step), FOLDED);
    cr_assert_eq(desk_fold(&desk, &first), FOLDED);
    cr_expect_eq(desk_fold(&desk, &second), FOLD_STALE);
    struct journal_record result = {.type = JOURNAL_RESULT,
                                    .result = {STR("m1"), false, STR("550")}};
    cr_assert_eq(desk_fold(&desk, &result), FOLDED);
    cr_expect_eq(desk_fold(&desk, &second), FOLDED, "the first did not arrive");
}

Test(tickets_journal, stream_rule_25_who_stands_down_is_told_once)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct journal_record step = a_step(id);
    struct journal_record page = a_send("m1", &id, false);
    struct journal_record first = a_send("m2", &id, false);
    struct journal_record second = a_send("m3", &id, false);
    first.send.kind = second.send.kind = MESSAGE_TAKEN;
    cr_assert_eq(desk_fold(&desk, &step), FOLDED);
    cr_assert_eq(desk_fold(&desk, &page), FOLDED);
    cr_expect_eq(desk_fold(&desk, &first), FOLD_STALE, "nobody has it");
    cr_assert_eq(
        desk_act(&desk, id, "binh", (struct journal_act){.verb = ACT_ACK}),
        FOLDED);
    cr_expect_eq(desk_fold(&desk, &first), FOLDED);
    cr_expect_eq(desk_fold(&desk, &second), FOLD_STALE);
}

Test(tickets_journal, a_reply_code_acknowledges_what_its_message_named)
{
    struct str ids[2] = {desk_open_ticket(&desk, 1, "SRV-1"),
                         desk_open_ticket(&desk, 2, "SRV-2")};
    struct journal_record send = a_send("m1", ids, false);
    send.send.n_tickets = 2;
    for (size_t i = 0; i < 2; i++) {
        struct journal_record step = a_step(ids[i]);
        cr_assert_eq(desk_fold(&desk, &step), FOLDED);
    }
    cr_assert_eq(desk_fold(&desk, &send), FOLDED);
    struct journal_record reply = {
        .type = JOURNAL_ACT,
        .by = STR("an"),
        .request = STR("x"),
        .act = {.verb = ACT_ACK, .code = STR("482913"), .how = STR("sms")}};
    struct journal_record stranger = reply;
    stranger.by = STR("binh");
    stranger.request = STR("y");
    cr_expect_eq(desk_fold(&desk, &stranger), FOLD_REFUSED,
                 "a code is its reader's");
    cr_expect_eq(desk_fold(&desk, &reply), FOLDED);
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(desk_ticket(&desk, ids[i]).state, TICKET_ACKNOWLEDGED);
}

Test(tickets_journal, what_is_asked_twice_is_done_once)
{
    struct str id = desk_open_ticket(&desk, 1, "SRV-1");
    struct journal_record note = {
        .type = JOURNAL_ACT,
        .by = STR("an"),
        .request = STR("r-1"),
        .act = {
            .verb = ACT_NOTE, .text = STR("x"), .ticket = &id, .n_tickets = 1}};
    cr_assert_eq(desk_fold(&desk, &note), FOLDED);
    cr_expect_eq(desk_fold(&desk, &note), FOLD_REPEAT);
    cr_expect_eq(desk_ticket(&desk, id).n_timeline, 2);
}
