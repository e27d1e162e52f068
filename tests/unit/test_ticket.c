/* SPDX-License-Identifier: Apache-2.0
 *
 * A ticket as text: valid OCSF, read back the same, and nothing but that read;
 * the same for records of the journal and for lines of incidents taken. */
#include "ocsf.h"
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

TestSuite(ticket, .init = setup, .fini = teardown);

/* A ticket on which much has happened. */
static struct str
busy_ticket(void)
{
    struct incident incident = incident_of(1, "SRV-1", 0);
    incident.users = (struct incident_names){{STR("an\x01\"<b>")}, 1, 7};
    incident.units = (struct incident_names){{STR("so-y-te")}, 1, 0};
    const struct triage *triage = desk_triage(&desk);
    cr_assert_eq(desk_take(&desk, triage, &incident, NULL), FOLDED);
    struct str id =
        arena_copy(&desk.arena, tickets_changed_id(desk.tickets, 0));
    struct journal_record step = {
        .type = JOURNAL_ESCALATE,
        .escalate = {id, 1, (struct str[]){STR("an"), STR("binh")}, 2,
                     STR("opened")}};
    cr_assert_eq(desk_fold(&desk, &step), FOLDED);
    cr_assert_eq(
        desk_act(&desk, id, "an",
                 (struct journal_act){.verb = ACT_ACK, .how = STR("cli")}),
        FOLDED);
    struct journal_act edit = {.verb = ACT_EDIT, .seen = 3};
    edit.field[TICKET_ESTIMATED_DAMAGE] = STR("0 đồng");
    cr_assert_eq(desk_act(&desk, id, "an", edit), FOLDED);
    return id;
}

Test(ticket, every_state_is_valid_ocsf)
{
    struct str id = busy_ticket();
    struct ticket ticket = desk_ticket(&desk, id);
    struct ocsf ocsf = ocsf_open();
    for (unsigned state = 0; state < N_TICKET_STATES; state++) {
        struct buf text = {0};
        ticket.state = (enum ticket_state)state;
        ticket.verdict = (enum ticket_verdict)state;
        ticket.severity = (enum severity)(state % N_SEVERITIES);
        ticket.priority = 1 + (int)state % 4;
        ticket.revision = state + 1;
        if (state == TICKET_CLOSED)
            ticket.n_listed = 0;
        if (state == TICKET_NEW)
            ticket.assignee = STR("");
        ticket_write(&text, &ticket);
        ocsf_check(&ocsf, "incident_finding", buf_str(&text));
        buf_free(&text);
    }
    ocsf_close(&ocsf);
}

Test(ticket, what_is_written_is_read_and_written_the_same)
{
    struct str text = tickets_text(desk.tickets, busy_ticket());
    struct arena scratch = desk.arena;
    struct ticket ticket;
    struct err why;
    const struct json *root;
    struct buf again = {0};
    cr_assert_eq(json_read(desk.json, text, &scratch, &root), JSON_FINE);
    cr_assert(ticket_read(root, &scratch, &ticket, &why), "%s", why.text);
    ticket_write(&again, &ticket);
    cr_expect(str_equal(buf_str(&again), text));
    buf_free(&again);
}

Test(ticket, ids_are_said_over_a_telephone)
{
    char id[TICKET_ID_LEN], back[TICKET_ID_LEN];
    ticket_id_make(id, STR("0123456789abcdef0123456789abcdef"), 0);
    cr_expect_eq(id[0], 'T');
    cr_assert(ticket_id_from((struct str){id, sizeof id}, back));
    cr_expect_eq(memcmp(id, back, sizeof id), 0);
    static const struct {
        const char *typed, *means;
    } rows[] = {{"t0123abcd", "T0123ABCD"}, {"TO1L3ABCI", "T0113ABC1"},
                {"T0123ABC", NULL},         {"X0123ABCD", NULL},
                {"T0123ABCU", NULL},        {"T0123ABC*", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool fine = ticket_id_from(str_of(rows[i].typed), back);
        cr_expect_eq(fine, rows[i].means != NULL, "row %zu", i);
        if (fine && rows[i].means)
            cr_expect_eq(memcmp(back, rows[i].means, sizeof back), 0, "row %zu",
                         i);
    }
    char other[TICKET_ID_LEN];
    ticket_id_make(other, STR("0123456789abcdef0123456789abcdef"), 1);
    cr_expect_neq(memcmp(id, other, sizeof id), 0);
}

/* --- the journal */

static const struct position positions[2] = {
    {{"endpoint-alerts", 15}, 3, 1, 77, 0},
    {{"server-alerts", 13}, 0, 0, INT64_MAX, UINT32_MAX}};
static const enum evidence_state states[2] = {EVIDENCE_KEPT, EVIDENCE_GONE};

static size_t
records(struct journal_record *at)
{
    static const struct str ids[2] = {{"T0123ABCD", 9}, {"TZZZZZZZZ", 9}};
    struct journal_record all[] = {
        {.type = JOURNAL_TAKE,
         .take = {STR("{\"a\":1}"), DECIDED_HOLD, 7, .because = STR("x"),
                  .priority = 2, .quiet = true, .skill = STR("web"),
                  .hold_until_ms = 99, .topic = STR("soc.incidents"),
                  .partition = 3, .offset = 12}},
        {.type = JOURNAL_TAKE,
         .take = {STR("{}"), DECIDED_GROUP, .into = ids[0], .priority = 4,
                  .topic = STR("t")}},
        {.type = JOURNAL_ACT,
         .by = STR("an"),
         .act = {ACT_EDIT, ids, 2, .how = STR("cli"), .seen = 4,
                 .text = STR("a\nb"), .verdict = VERDICT_BENIGN,
                 .field = {STR("x"), STR("")}}},
        {.type = JOURNAL_ACT,
         .by = STR("an"),
         .act = {ACT_ACK, .code = STR("123456")}},
        {.type = JOURNAL_ESCALATE, .escalate = {ids[0], 3, ids, 2, STR("y")}},
        {.type = JOURNAL_SEND,
         .send = {STR("m"), MESSAGE_TAKEN, STR("an"), STR("sms"), STR("+84"),
                  ids, 2, STR("1"), 2, true}},
        {.type = JOURNAL_RESULT, .result = {STR("m"), true, STR("ok")}},
        {.type = JOURNAL_LEASE, .lease = {ids[0], 5}},
        {.type = JOURNAL_EVIDENCE,
         .evidence = {ids[0], positions, states, 2, STR("gone")}},
        {.type = JOURNAL_SILENCE,
         .by = STR("an"),
         .silence = {STR("S1"), false, STR("host=x"), STR("r"), STR("an"), -5,
                     5, true}},
        {.type = JOURNAL_SILENCE, .silence = {STR("S1"), true}},
        {.type = JOURNAL_OVERRIDE,
         .roster = {STR("o1"), false, STR("an"), STR("binh"), STR("night"),
                    STR("ốm"), 1, 2}},
        {.type = JOURNAL_OVERRIDE, .roster = {STR("o1"), true}},
        {.type = JOURNAL_REVIEW,
         .review = {positions, 2, VERDICT_FALSE, STR("x"), STR("Viettel")}},
    };
    memcpy(at, all, sizeof all);
    return sizeof all / sizeof *all;
}

Test(ticket, journal_records_are_read_as_they_were_written)
{
    struct journal_record all[32];
    size_t n = records(all);
    bool seen[N_JOURNAL_TYPES] = {0};
    for (size_t i = 0; i < n; i++) {
        struct arena scratch = desk.arena;
        struct journal_record back;
        struct err why;
        const struct json *root;
        struct buf text = {0}, again = {0};
        all[i].at_ms = DESK_MS;
        all[i].request = STR("r");
        journal_write(&text, &all[i]);
        cr_assert_eq(json_read(desk.json, buf_str(&text), &scratch, &root),
                     JSON_FINE, "row %zu", i);
        cr_assert(journal_read(root, &scratch, &back, &why), "row %zu: %s", i,
                  why.text);
        journal_write(&again, &back);
        cr_expect(str_equal(buf_str(&text), buf_str(&again)), "row %zu", i);
        seen[all[i].type] = true;
        buf_free(&text);
        buf_free(&again);
    }
    for (unsigned i = 0; i < N_JOURNAL_TYPES; i++)
        cr_expect(seen[i], "no row of type %u", i);
}

Test(ticket, what_is_no_journal_record_is_refused_by_name)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"[]", "not an object"},
        {"{\"v\":2,\"type\":\"act\",\"at_ms\":1}", "v: "},
        {"{\"v\":1,\"type\":\"fly\",\"at_ms\":1}", "type: "},
        {"{\"v\":1,\"type\":\"lease\",\"at_ms\":1,\"ticket\":\"T0123ABCD\"}",
         "worked_ms: missing"},
        {"{\"v\":1,\"type\":\"lease\",\"at_ms\":1,\"ticket\":\"nope\","
         "\"worked_ms\":1}",
         "ticket: no ticket id"},
        {"{\"v\":1,\"type\":\"lease\",\"at_ms\":1,\"ticket\":\"T0123ABCD\","
         "\"worked_ms\":1,\"more\":1}",
         "not known"},
        {"{\"v\":1,\"type\":\"act\",\"at_ms\":1,\"verb\":\"ack\"}",
         "tickets: name them"},
        {"{\"v\":1,\"type\":\"act\",\"at_ms\":1,\"verb\":\"close\","
         "\"code\":\"1\"}",
         "code: "},
        {"{\"v\":1,\"type\":\"silence\",\"at_ms\":1,\"id\":\"a b\","
         "\"expire\":true}",
         "id: holds a blank"},
        {"{\"v\":1,\"type\":\"act\",\"at_ms\":\"1\"}", "at_ms: "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena scratch = desk.arena;
        struct journal_record back;
        struct err why = {""};
        const struct json *root;
        cr_assert_eq(
            json_read(desk.json, str_of(rows[i].text), &scratch, &root),
            JSON_FINE, "row %zu", i);
        cr_expect_not(journal_read(root, &scratch, &back, &why), "row %zu", i);
        cr_expect(str_contains(str_of(why.text), str_of(rows[i].why)),
                  "row %zu: %s", i, why.text);
    }
}

/* --- lines of incidents taken */

Test(ticket, lines_of_incidents_taken_have_one_spelling)
{
    static const char *const good[] = {
        "1 ticket T0123ABCD 00000000000000aa 1 2 3 4 -",
        "9 suppressed - 00000000000000aa -1 2 3 0 scanner",
    };
    static const char *const bad[] = {
        "",
        "0 ticket T0123ABCD 00aa 1 2 3 4 -",
        "1 lost T0123ABCD 00aa 1 2 3 4 -",
        "1 ticket T0123ABCD 00aa 1 2 3 4 - -",
        "1 ticket T0123ABCD 00aa 1 2 3 4",
        "1 ticket  00aa 1 2 3 4 -",
        "1 ticket T0123ABCD 00aa 1 2 3 -4 -",
        "x ticket T0123ABCD 00aa 1 2 3 4 -",
    };
    struct known known;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct buf text = {0};
        cr_assert(known_read(str_of(good[i]), &known), "row %zu", i);
        known_write(&text, &known);
        cr_expect(str_equal(buf_str(&text), str_of(good[i])), "row %zu", i);
        buf_free(&text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(known_read(str_of(bad[i]), &known), "row %zu", i);
}

/* Cut anywhere, with any byte changed: read or refused, never worse. What is
 * read is written and read again. */
Test(ticket, damaged_texts_are_refused_or_mean_something)
{
    struct journal_record all[32];
    size_t n = records(all), n_read = 0;
    uint64_t seed = 4711;
    struct buf text = {0}, again = {0};
    for (size_t i = 0; i < 200 * (n + 1); i++) {
        struct arena scratch = desk.arena;
        struct journal_record back;
        struct ticket ticket;
        struct err why;
        const struct json *root;
        bool of_ticket = i % (n + 1) == n;
        buf_clear(&text);
        if (of_ticket && tickets_len(desk.tickets) == 0)
            busy_ticket();
        if (of_ticket)
            buf_add(&text,
                    tickets_text(desk.tickets, tickets_id(desk.tickets, 0)));
        else
            journal_write(&text, &all[i % (n + 1)]);
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)(seed >> 33) % text.len;
        text.at[at] = "\"0,:{}[]x-"[(seed >> 20) % 10];
        if (json_read(desk.json, buf_str(&text), &scratch, &root) != JSON_FINE)
            continue;
        bool read = of_ticket ? ticket_read(root, &scratch, &ticket, &why)
                              : journal_read(root, &scratch, &back, &why);
        if (!read)
            continue;
        n_read++;
        buf_clear(&again);
        if (of_ticket)
            ticket_write(&again, &ticket);
        else
            journal_write(&again, &back);
        cr_assert_eq(json_read(desk.json, buf_str(&again), &scratch, &root),
                     JSON_FINE);
        cr_assert(of_ticket ? ticket_read(root, &scratch, &ticket, &why)
                            : journal_read(root, &scratch, &back, &why));
    }
    cr_expect_gt(n_read, 0);
    buf_free(&text);
    buf_free(&again);
}
