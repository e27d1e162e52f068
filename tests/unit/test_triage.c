/* SPDX-License-Identifier: Apache-2.0
 *
 * Where incidents go: suppression before inhibition before grouping, what is
 * shared within which time, floor, priority, and that a round decides as if
 * each decision had been folded before the next. */
#include "responder.h"

#include <unistd.h>

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

TestSuite(triage, .init = setup, .fini = teardown);

static const struct triage *
load(const char *settings, const char *suppressions)
{
    struct complaints complaints = {0};
    char paths[2][64];
    const char *texts[2] = {settings, suppressions};
    const char *path[2] = {NULL, NULL};
    for (int i = 0; i < 2; i++) {
        if (!texts[i])
            continue;
        snprintf(paths[i], sizeof paths[i], "/tmp/triage-%d-%d.yml", getpid(),
                 i);
        FILE *file = fopen(paths[i], "w");
        cr_assert_not_null(file);
        fputs(texts[i], file);
        fclose(file);
        path[i] = paths[i];
    }
    const struct triage *triage =
        triage_load(path[0], path[1], DESK_MS, &desk.arena, &complaints);
    cr_assert_not_null(triage, "%.*s", STR_ARG(buf_str(&complaints.text)));
    for (int i = 0; i < 2; i++)
        if (path[i])
            remove(path[i]);
    complaints_free(&complaints);
    return triage;
}

static struct journal_take
take(const struct triage *triage, const struct incident *incident)
{
    struct journal_take out = {.decision = N_DECISIONS};
    cr_assert_eq(desk_take(&desk, triage, incident, &out), FOLDED, "%s",
                 desk.why.text);
    return out;
}

/* --- grouping */

struct grouping_row {
    const char *host, *user, *address; /* of the second incident */
    int64_t after_ms;
    enum decision wanted;
};

Test(triage, shared_host_user_or_address_within_the_time)
{
    static const struct grouping_row rows[] = {
        {"SRV-1", "", "", HOUR_MS, DECIDED_GROUP},
        {"srv-1", "", "", HOUR_MS, DECIDED_GROUP},
        {"SRV-1", "", "", HOUR_MS + 1, DECIDED_NEW},
        {"SRV-1", "", "", -HOUR_MS, DECIDED_GROUP},
        {"SRV-1", "", "", -HOUR_MS - 1, DECIDED_NEW},
        {"SRV-2", "an.nguyen", "", MINUTE_MS, DECIDED_GROUP},
        {"SRV-2", "", "203.0.113.7", MINUTE_MS, DECIDED_GROUP},
        {"SRV-2", "binh", "203.0.113.8", MINUTE_MS, DECIDED_NEW},
        {"", "", "", 0, DECIDED_NEW},
        {"an.nguyen", "SRV-1", "", 0, DECIDED_NEW}, /* sorts are apart */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk own = desk_open();
        const struct triage *triage = desk_triage(&own);
        struct incident first = incident_of(1, "SRV-1", 0);
        first.users = (struct incident_names){{STR("an.nguyen")}, 1, 0};
        first.addresses = (struct incident_names){{STR("203.0.113.7")}, 1, 0};
        struct incident second = incident_of(2, rows[i].host, rows[i].after_ms);
        if (*rows[i].user)
            second.users =
                (struct incident_names){{str_of(rows[i].user)}, 1, 0};
        if (*rows[i].address)
            second.addresses =
                (struct incident_names){{str_of(rows[i].address)}, 1, 0};
        struct journal_take out = {.decision = N_DECISIONS};
        cr_assert_eq(desk_take(&own, triage, &first, NULL), FOLDED);
        cr_assert_eq(desk_take(&own, triage, &second, &out), FOLDED);
        cr_expect_eq(out.decision, rows[i].wanted, "row %zu", i);
        desk_close(&own);
    }
}

Test(triage, a_ticket_does_not_grow_for_ever)
{
    const struct triage *triage = desk_triage(&desk);
    enum decision last = DECIDED_NEW;
    int n = 0;
    for (; n < 40; n++) {
        struct incident incident = incident_of(n + 1, "SRV-1", n * HOUR_MS);
        last = take(triage, &incident).decision;
        if (n > 0 && last == DECIDED_NEW)
            break;
    }
    cr_expect_eq(n, 14, "at midnight the next stretch begins: %d", n);
}

Test(triage, of_two_tickets_that_fit_the_elder_is_joined)
{
    const struct triage *triage = desk_triage(&desk);
    for (int order = 0; order < 2; order++) {
        struct desk own = desk_open();
        struct incident a = incident_of(1, "SRV-1", 0);
        struct incident b = incident_of(2, "SRV-2", MINUTE_MS);
        struct incident both = incident_of(3, "SRV-1", 2 * MINUTE_MS);
        both.hosts.at[1] = STR("SRV-2");
        both.hosts.n = 2;
        char id[TICKET_ID_LEN];
        ticket_id_make(id, a.id, 0);
        struct journal_take out = {.decision = N_DECISIONS};
        desk_take(&own, triage, order ? &b : &a, NULL);
        desk_take(&own, triage, order ? &a : &b, NULL);
        cr_assert_eq(desk_take(&own, triage, &both, &out), FOLDED);
        cr_expect_eq(out.decision, DECIDED_GROUP);
        cr_expect(str_equal(out.into, (struct str){id, sizeof id}), "order %d",
                  order);
        desk_close(&own);
    }
}

Test(triage, a_round_decides_as_if_each_had_been_folded)
{
    const struct triage *triage = desk_triage(&desk);
    enum { N = 200 };
    uint64_t seed = 7;
    struct incident incident[N];
    static char hosts[N][16];
    for (int i = 0; i < N; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        snprintf(hosts[i], sizeof hosts[i], "SRV-%d", (int)(seed >> 33) % 40);
        incident[i] = incident_of(i + 1, hosts[i], i * 7 * MINUTE_MS);
        if (i % 3 == 0)
            continue;
        /* more of the one before, which has got another host */
        incident[i] = incident[i - 1];
        incident[i].revision++;
        incident[i].count += 3;
        incident[i].last_ms += MINUTE_MS;
        incident[i].hosts.at[i % 3] = str_of(hosts[i]);
        incident[i].hosts.n++;
    }
    /* One by one … */
    struct desk one = desk_open();
    for (int i = 0; i < N; i++)
        cr_assert_eq(desk_take(&one, triage, &incident[i], NULL), FOLDED);
    /* … and as many at once as a round takes. */
    struct triage_round *round = triage_round_new(desk.tickets);
    static struct journal_record record[N];
    static struct buf text[N];
    int n_rounds = 0, n_merging = 0;
    for (int from = 0; from < N; n_rounds++) {
        int n = 0;
        triage_round_begin(round);
        for (int i = from; i < N; i++, n++) {
            record[n] = (struct journal_record){.type = JOURNAL_TAKE};
            if (triage_decide(round, triage, &incident[i], desk.now_ms,
                              &desk.arena, &record[n].take) != TRIAGE_TAKE)
                break;
            buf_clear(&text[n]);
            incident_write(&text[n], &incident[i]);
            record[n].take.incident = buf_str(&text[n]);
            record[n].take.topic = STR("soc.incidents");
            record[n].take.offset = i;
            n_merging += record[n].take.n_merged > 0;
        }
        triage_round_end(round);
        for (int i = 0; i < n; i++)
            cr_assert_eq(desk_fold(&desk, &record[i]), FOLDED, "%d of %d", i,
                         n);
        from += n;
        cr_assert_gt(n, 0);
    }
    struct buf a = {0}, b = {0};
    desk_dump(one.tickets, &a);
    desk_dump(desk.tickets, &b);
    cr_expect(str_equal(buf_str(&a), buf_str(&b)));
    cr_expect_leq(n_rounds, n_merging + 3,
                  "%d rounds, %d of them end with a "
                  "merger",
                  n_rounds, n_merging);
    for (int i = 0; i < N; i++)
        buf_free(&text[i]);
    buf_free(&a);
    buf_free(&b);
    triage_round_free(round);
    desk_close(&one);
}

/* --- suppression, inhibition */

static const char silent[] = "suppressions:\n"
                             "  - name: scanner\n"
                             "    match: host=SCAN-*\n"
                             "    reason: máy quét nội bộ\n"
                             "    owner: an\n"
                             "    from: 2024-05-01T09:00\n"
                             "    until: 2024-05-01T11:00\n"
                             "  - name: trial\n"
                             "    match: host=SRV-*\n"
                             "    reason: thử\n"
                             "    owner: an\n"
                             "    from: 2024-01-01\n"
                             "    until: 2030-01-01\n"
                             "    dry_run: true\n";

Test(triage, stream_rule_27_suppression_goes_by_the_time_it_fired)
{
    static const struct {
        const char *host, *second;
        int64_t after_ms;
        enum decision wanted;
        const char *because;
    } rows[] = {
        {"SCAN-1", NULL, 0, DECIDED_SUPPRESS, "scanner"},
        {"SCAN-1", NULL, -HOUR_MS, DECIDED_SUPPRESS, "scanner"},
        {"SCAN-1", NULL, -HOUR_MS - 1, DECIDED_NEW, ""},
        {"SCAN-1", NULL, HOUR_MS, DECIDED_NEW, ""},
        {"SCAN-1", "SCAN-2", 0, DECIDED_SUPPRESS, "scanner"},
        /* it touches a host nobody spoke of */
        {"SCAN-1", "SRV-1", 0, DECIDED_NEW, ""},
        {"SRV-1", NULL, 0, DECIDED_NEW, "trial"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk own = desk_open();
        const struct triage *triage = load(NULL, silent);
        struct incident incident =
            incident_of(1, rows[i].host, rows[i].after_ms);
        if (rows[i].second)
            incident.hosts.at[incident.hosts.n++] = str_of(rows[i].second);
        struct journal_take out = {.decision = N_DECISIONS};
        /* However late it is read. */
        own.now_ms += 90 * INT64_C(86400000);
        cr_assert_eq(desk_take(&own, triage, &incident, &out), FOLDED);
        cr_expect_eq(out.decision, rows[i].wanted, "row %zu", i);
        cr_expect(str_equal(out.because, str_of(rows[i].because)),
                  "row %zu: %.*s", i, STR_ARG(out.because));
        struct known known;
        cr_assert(tickets_known(own.tickets, incident.id, &known));
        cr_expect(str_equal(known.because, str_of(rows[i].because)));
        desk_close(&own);
    }
}

Test(triage, what_a_graver_ticket_explains_is_inhibited)
{
    const struct triage *triage =
        load("grouping: {within: 1h}\n"
             "inhibit:\n"
             "  - {name: outbreak, when: 'rule=outbreak severity=critical', "
             "mute: 'kind=malware', same: [host], within: 2h}\n",
             NULL);
    struct incident cause = incident_of(1, "SRV-1", 0);
    cause.rule = STR("outbreak");
    cause.severity = SEVERITY_CRITICAL;
    struct incident small = incident_of(2, "SRV-1", MINUTE_MS);
    small.kinds = 1u << KIND_MALWARE;
    struct incident elsewhere = incident_of(3, "SRV-2", MINUTE_MS);
    elsewhere.kinds = 1u << KIND_MALWARE;
    struct incident late = incident_of(4, "SRV-1", 2 * HOUR_MS + 1);
    late.kinds = 1u << KIND_MALWARE;
    take(triage, &cause);
    struct journal_take out = take(triage, &small);
    cr_expect_eq(out.decision, DECIDED_INHIBIT);
    cr_expect(str_equal(out.because, STR("outbreak")));
    cr_expect_eq(desk_ticket(&desk, out.into).n_inhibited, 1);
    cr_expect_eq(take(triage, &elsewhere).decision, DECIDED_NEW);
    cr_expect_eq(take(triage, &late).decision, DECIDED_NEW);
    small.revision = 2;
    small.count = 8;
    cr_expect_eq(take(triage, &small).decision, DECIDED_INHIBIT);
    cr_expect_eq(desk_ticket(&desk, out.into).n_inhibited, 1, "counted once");
}

/* --- floor */

Test(triage, floor_joins_what_names_its_host)
{
    static const struct {
        const char *host;
        int64_t after_ms;
        enum decision wanted;
    } rows[] = {
        {"SRV-1", HOUR_MS, DECIDED_GROUP},
        {"SRV-1", HOUR_MS + 1, DECIDED_HOLD},
        {"SRV-2", 0, DECIDED_HOLD},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk own = desk_open();
        const struct triage *triage = desk_triage(&own);
        struct incident known = incident_of(1, "SRV-1", 0);
        struct incident floor = incident_of(2, rows[i].host, rows[i].after_ms);
        floor.floor = true;
        struct journal_take out = {.decision = N_DECISIONS};
        cr_assert_eq(desk_take(&own, triage, &known, NULL), FOLDED);
        cr_assert_eq(desk_take(&own, triage, &floor, &out), FOLDED);
        cr_expect_eq(out.decision, rows[i].wanted, "row %zu", i);
        desk_close(&own);
    }
}

Test(triage, floor_waits_five_minutes_then_opens_a_ticket)
{
    const struct triage *triage = desk_triage(&desk);
    struct incident floor = incident_of(1, "SRV-1", 0);
    floor.floor = true;
    cr_expect_eq(take(triage, &floor).decision, DECIDED_HOLD);
    desk.now_ms += 5 * MINUTE_MS - 1;
    cr_expect_eq(desk_take(&desk, triage, &floor, NULL), FOLD_REPEAT);
    floor.revision = 2;
    cr_expect_eq(take(triage, &floor).hold_until_ms, DESK_MS + 5 * MINUTE_MS,
                 "more of it does not begin the wait anew");
    desk.now_ms += 1;
    cr_expect_eq(take(triage, &floor).decision, DECIDED_NEW);
    cr_expect_eq(tickets_find_record(desk.tickets, TABLE_HELD, floor.id),
                 UINT32_MAX);
}

Test(triage, a_held_one_joins_what_came_meanwhile)
{
    const struct triage *triage = desk_triage(&desk);
    struct incident floor = incident_of(1, "SRV-1", 0);
    struct incident real = incident_of(2, "SRV-1", MINUTE_MS);
    floor.floor = true;
    take(triage, &floor);
    take(triage, &real);
    desk.now_ms += 5 * MINUTE_MS;
    cr_expect_eq(take(triage, &floor).decision, DECIDED_GROUP);
    cr_expect_eq(tickets_len(desk.tickets), 1);
}

Test(triage, what_is_old_waits_for_nothing_and_wakes_nobody)
{
    const struct triage *triage = desk_triage(&desk);
    struct incident floor = incident_of(1, "SRV-1", 0);
    floor.floor = true;
    desk.now_ms += 24 * HOUR_MS + 1;
    struct journal_take out = take(triage, &floor);
    cr_expect_eq(out.decision, DECIDED_NEW);
    cr_expect(out.quiet);
    struct incident real = incident_of(2, "SRV-1", MINUTE_MS);
    real.title.vi = STR("Tên của quy tắc");
    struct str id =
        arena_copy(&desk.arena, tickets_changed_id(desk.tickets, 0));
    take(triage, &real);
    struct ticket ticket = desk_ticket(&desk, id);
    cr_expect(str_equal(ticket.title.vi, real.title.vi),
              "a rule's name is better than floor's");
    cr_expect(!ticket.quiet, "this one is a minute younger");
}

/* An incident of floor that is too old to wait for a rule's. */
static struct incident
old_floor(int number, const char *host, const char *system, int64_t after_ms)
{
    struct incident floor = incident_of(number, host, after_ms);
    floor.floor = true;
    floor.systems = (struct incident_names){{str_of(system)}, 1, 0};
    return floor;
}

Test(triage, what_floor_took_belongs_together_by_system)
{
    static const struct {
        const char *host, *system;
        int64_t after_ms;
        enum decision wanted;
    } rows[] = {
        {"SRV-2", "mail", HOUR_MS, DECIDED_GROUP},
        {"SRV-2", "mail", HOUR_MS + 1, DECIDED_NEW},
        {"SRV-2", "portal", HOUR_MS, DECIDED_NEW},
        {"SRV-2", "", HOUR_MS, DECIDED_NEW},
        {"SRV-1", "", HOUR_MS, DECIDED_GROUP}, /* the host itself */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct desk own = desk_open();
        const struct triage *triage = desk_triage(&own);
        own.now_ms += 72 * HOUR_MS;
        struct incident first = old_floor(1, "SRV-1", "mail", 0);
        struct incident second =
            old_floor(2, rows[i].host, rows[i].system, rows[i].after_ms);
        struct journal_take out = {.decision = N_DECISIONS};
        cr_assert_eq(desk_take(&own, triage, &first, NULL), FOLDED);
        cr_assert_eq(desk_take(&own, triage, &second, &out), FOLDED);
        cr_expect_eq(out.decision, rows[i].wanted, "row %zu", i);
        desk_close(&own);
    }
}

Test(triage, a_system_links_only_what_floor_took)
{
    const struct triage *triage = desk_triage(&desk);
    desk.now_ms += 72 * HOUR_MS;
    struct incident first = old_floor(1, "SRV-1", "mail", 0);
    struct incident real = incident_of(2, "SRV-1", MINUTE_MS);
    struct incident second = old_floor(3, "SRV-2", "mail", 2 * MINUTE_MS);
    struct incident other = incident_of(4, "SRV-3", 3 * MINUTE_MS);
    other.systems = second.systems;
    struct str id = NO_STR;
    cr_expect_eq(take(triage, &first).decision, DECIDED_NEW);
    struct journal_take out = take(triage, &real);
    cr_expect_eq(out.decision, DECIDED_GROUP);
    id = arena_copy(&desk.arena, out.into);
    cr_expect(str_equal(desk_ticket(&desk, id).rule, real.rule),
              "a rule's name is better than floor's");
    cr_expect(str_equal(take(triage, &second).into, id));
    cr_expect_eq(take(triage, &other).decision, DECIDED_NEW);
}

/* --- priority */

Test(triage, priority_is_read_from_one_table)
{
    const struct triage *preset = desk_triage(&desk);
    static const struct {
        enum severity severity;
        int level, wanted;
    } rows[] = {
        {SEVERITY_CRITICAL, 0, 2}, {SEVERITY_CRITICAL, 3, 1},
        {SEVERITY_CRITICAL, 5, 1}, {SEVERITY_HIGH, 0, 3},
        {SEVERITY_HIGH, 3, 2},     {SEVERITY_HIGH, 5, 1},
        {SEVERITY_MEDIUM, 2, 3},   {SEVERITY_LOW, 1, 4},
        {SEVERITY_CRITICAL, 9, 1}, {SEVERITY_CRITICAL, -1, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(triage_priority(preset, rows[i].severity, rows[i].level),
                     rows[i].wanted, "row %zu", i);
    const struct triage *own =
        load("priority:\n  low: P1\n"
             "  high: {none: P4, 1: P4, 2: P3, 3: P2, 4: P1, 5: P1}\n",
             NULL);
    cr_expect_eq(triage_priority(own, SEVERITY_LOW, 0), 1);
    cr_expect_eq(triage_priority(own, SEVERITY_HIGH, 2), 3);
    cr_expect_eq(triage_priority(own, SEVERITY_CRITICAL, 3), 1, "as preset");
}

Test(triage, a_graver_incident_raises_its_ticket)
{
    const struct triage *triage = desk_triage(&desk);
    struct incident first = incident_of(1, "SRV-1", 0);
    first.level = 1;
    struct incident second = incident_of(2, "SRV-1", MINUTE_MS);
    second.severity = SEVERITY_CRITICAL;
    second.level = 0;
    take(triage, &first);
    struct journal_take out = take(triage, &second);
    struct ticket ticket = desk_ticket(&desk, out.into);
    cr_expect_eq(ticket.severity, SEVERITY_CRITICAL);
    cr_expect_eq(ticket.level, 1);
    cr_expect_eq(ticket.priority, 2);
    cr_expect_eq(ticket.n_incidents, 2);
}

/* What the file that is shipped says is what holds without one. */
Test(triage, the_shipped_settings_are_the_preset)
{
    struct complaints complaints = {0};
    const struct triage *preset = desk_preset(&desk);
    const struct triage *shipped =
        triage_load("deploy/tickets.yml", "deploy/suppressions.yml", DESK_MS,
                    &desk.arena, &complaints);
    cr_assert_not_null(shipped, "%.*s", STR_ARG(buf_str(&complaints.text)));
    cr_expect_eq(
        memcmp(preset->priority, shipped->priority, sizeof preset->priority),
        0);
    cr_expect_eq(preset->group_by, shipped->group_by);
    cr_expect_eq(preset->group_ms, shipped->group_ms);
    cr_expect_eq(preset->group_longest_ms, shipped->group_longest_ms);
    cr_expect_eq(preset->floor_hold_ms, shipped->floor_hold_ms);
    cr_expect_eq(preset->floor_by_system, shipped->floor_by_system);
    cr_expect_eq(preset->quiet_ms, shipped->quiet_ms);
    complaints_free(&complaints);
}

/* --- mistakes */

Test(triage, every_mistake_of_both_files_in_one_run)
{
    static const char settings[] =
        "priority:\n"
        "  hihg: P1\n"
        "  low: P9\n"
        "  high: {none: P1, 1: P1, 2: P1, 3: P1, 4: P1}\n"
        "grouping: {by: [hosts], within: soon}\n"
        "inhibit:\n"
        "  - {name: 'a b', when: 'host=x', mute: '', same: [user]}\n"
        "skills: nothing\n"
        "flor: {}\n";
    static const char suppressions[] =
        "suppressions:\n"
        "  - name: a\n"
        "    match: 'hots=x severity<=hihg key=3 level>7 rule<x'\n"
        "    reason: x\n"
        "    from: yesterday\n"
        "    until: 2024-01-01\n"
        "  - name: a\n"
        "    match: address=10.0.0.1/24\n"
        "    reason: x\n"
        "    owner: x\n"
        "    from: 2024-02-01\n"
        "    until: 2024-01-01\n";
    static const char *const wanted[] = {
        "s.yml:2:3: unknown field 'hihg' (did you mean 'high'?)",
        "s.yml:3:8: expected P1, P2, P3 or P4, found 'P9'",
        "s.yml:4:9: level '5' has no priority",
        "s.yml:5:17: unknown entity 'hosts' (did you mean 'host'?)",
        "s.yml:5:33: expected a duration",
        "s.yml:7:12: a name is 1 to 64 letters",
        "s.yml:7:25: 'when' speaks of rule and severity only",
        "a matcher needs a condition",
        "s.yml:8:9: expected a list",
        "s.yml:9:1: unknown field 'flor' (did you mean 'floor'?)",
        "u.yml:3:13: unknown field 'hots' (did you mean 'host'?)",
        "u.yml:3:30: unknown severity 'hihg' (did you mean 'high'?)",
        "u.yml:3:35: which field of the key? key.NAME",
        "u.yml:3:47: no level from 0 to 5: '7'",
        "u.yml:3:53: only severity and level have an order, not 'rule'",
        "'owner' is missing",
        "u.yml:5:11: expected a day",
        "bits",
        "u.yml:12:12: it ends before it begins",
        "u.yml:7:5: the name 'a' is taken by line 2",
    };
    struct complaints complaints = {0};
    char path[2][64];
    snprintf(path[0], sizeof path[0], "/tmp/triage-%d-s.yml", getpid());
    snprintf(path[1], sizeof path[1], "/tmp/triage-%d-u.yml", getpid());
    FILE *file = fopen(path[0], "w");
    fputs(settings, file);
    fclose(file);
    file = fopen(path[1], "w");
    fputs(suppressions, file);
    fclose(file);
    cr_expect_null(
        triage_load(path[0], path[1], DESK_MS, &desk.arena, &complaints));
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(str_contains(buf_str(&complaints.text), str_of(wanted[i])),
                  "row %zu: %s\n%.*s", i, wanted[i],
                  STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    remove(path[0]);
    remove(path[1]);
}
