/* SPDX-License-Identifier: Apache-2.0
 *
 * The comparison of `whatif`: tickets of then and of now are about the same
 * when they share an alert. Incidents are made by hand, tickets of them as in
 * the service; an alert is a time and the windows it went into. */
#include "responder.h"

#include "daemon/whatif.h"
#include "daemon/whatif_compare.h"

#include <unistd.h>

static struct desk then_desk, now_desk;
static struct whatif_side *then, *now;
static struct whatif_compare *compare;

static void
setup(void)
{
    then_desk = desk_open();
    now_desk = desk_open();
    then = whatif_side_new(DESK_MS, DESK_MS + 24 * HOUR_MS);
    now = whatif_side_new(DESK_MS, DESK_MS + 24 * HOUR_MS);
    cr_assert(then && now);
}

static void
teardown(void)
{
    whatif_compare_free(compare);
    compare = NULL;
    whatif_side_free(then);
    whatif_side_free(now);
    desk_close(&then_desk);
    desk_close(&now_desk);
}

TestSuite(whatif, .init = setup, .fini = teardown);

/* Takes a revision on one side. */
static void
take(struct desk *desk, struct whatif_side *side,
     const struct incident *incident)
{
    cr_assert_eq(desk_take(desk, desk_triage(desk), incident, NULL), FOLDED);
    cr_assert(whatif_side_add(side, incident));
}

/* An incident from minute `first` to `last`, that fired at `last`. */
static struct incident
spell(int n, const char *host, int first, int last)
{
    struct incident incident = incident_of(n, host, last * MINUTE_MS);
    incident.first_ms = DESK_MS + first * MINUTE_MS;
    return incident;
}

static void
begin(void)
{
    cr_assert(whatif_side_close(then, then_desk.tickets));
    compare = whatif_compare_new(then, now);
    cr_assert(compare);
}

/* An alert at minute `at` in these windows; 0: in none. */
static void
alert(int at, int then_window, int now_window)
{
    char a[17], b[17];
    snprintf(a, sizeof a, "%016x", (unsigned)then_window);
    snprintf(b, sizeof b, "%016x", (unsigned)now_window);
    struct str x = str_of(a), y = str_of(b);
    cr_assert(whatif_compare_alert(compare, DESK_MS + at * MINUTE_MS, &x,
                                   then_window > 0, &y, now_window > 0));
}

static void
finish(void)
{
    cr_assert(whatif_side_close(now, now_desk.tickets));
    whatif_compare_finish(compare);
}

Test(whatif, tickets_that_share_an_alert_are_one_whatever_their_ids)
{
    struct incident a = spell(1, "SRV-1", 5, 10), b = spell(2, "SRV-1", 8, 12);
    take(&then_desk, then, &a);
    take(&now_desk, now, &b);
    cr_assert(
        !str_equal(tickets_id(then_desk.tickets, 0), /* another id, even */
                   tickets_id(now_desk.tickets, 0)));
    begin();
    alert(5, 1, 2); /* before the incident of now begins */
    alert(9, 1, 2);
    finish();
    cr_expect_eq(whatif_fate(&then->ticket[0]), WHATIF_STAYS);
    cr_expect(now->ticket[0].found);
    cr_expect_eq(then->ticket[0].n_seen, 2);
}

/* A lower threshold takes more alerts, so the first and last of each kind, all
 * that stands as evidence, are others. */
Test(whatif, more_of_the_same_attack_is_the_same_ticket)
{
    struct incident a = spell(1, "SRV-1", 20, 30), b = spell(2, "SRV-1", 1, 60);
    take(&then_desk, then, &a);
    take(&now_desk, now, &b);
    begin();
    for (int minute = 1; minute <= 60; minute++)
        alert(minute, 1, 2);
    finish();
    cr_expect_eq(whatif_fate(&then->ticket[0]), WHATIF_STAYS);
    cr_expect_eq(then->ticket[0].n_seen, 11);
}

Test(whatif, another_time_of_the_same_window_is_not_the_same)
{
    struct incident a = spell(1, "SRV-1", 5, 10),
                    b = spell(2, "SRV-1", 100, 110);
    take(&then_desk, then, &a);
    take(&now_desk, now, &b);
    begin();
    alert(7, 1, 2);
    alert(105, 1, 2); /* into the window of then, but after its incident */
    finish();
    cr_expect_eq(whatif_fate(&then->ticket[0]), WHATIF_GONE);
    cr_expect(!now->ticket[0].found, "it is new");
    cr_expect_eq(then->ticket[0].instead, -1);
}

Test(whatif, several_incidents_of_one_window_are_told_apart)
{
    struct incident a[] = {spell(1, "A", 0, 10), spell(2, "B", 60, 70),
                           spell(3, "C", 120, 130)};
    struct incident b = spell(9, "B", 60, 70);
    for (size_t i = 0; i < 3; i++) {
        a[i].window = a[0].window;
        take(&then_desk, then, &a[i]);
    }
    take(&now_desk, now, &b);
    begin();
    for (int minute = 0; minute <= 130; minute++)
        alert(minute, 1, 9);
    finish();
    cr_expect_eq(whatif_fate(&then->ticket[0]), WHATIF_GONE);
    cr_expect_eq(whatif_fate(&then->ticket[1]), WHATIF_STAYS);
    cr_expect_eq(whatif_fate(&then->ticket[2]), WHATIF_GONE);
    cr_expect_eq(then->ticket[2].n_seen, 11);
}

/* The long one begins first and ends last: a search by beginning alone would
 * not see it. */
Test(whatif, an_incident_around_another_is_found)
{
    struct incident a = spell(1, "A", 0, 100), b = spell(2, "B", 40, 50);
    b.window = a.window;
    take(&then_desk, then, &a);
    take(&then_desk, then, &b);
    begin();
    alert(90, 1, 0);
    finish();
    cr_expect_eq(then->ticket[0].n_seen, 1);
    cr_expect_eq(then->ticket[1].n_seen, 0);
}

Test(whatif, what_is_silenced_now_is_gone_and_it_is_said_by_what)
{
    struct incident a = spell(1, "SRV-1", 5, 10), b = spell(2, "SRV-1", 5, 10);
    struct journal_record silence = {
        .type = JOURNAL_SILENCE,
        .silence = {.id = STR("SABCDEFGH"),
                    .matcher = STR("host=SRV-*"),
                    .reason = STR("x"),
                    .owner = STR("an"),
                    .from_ms = DESK_MS,
                    .until_ms = DESK_MS + 24 * HOUR_MS},
    };
    take(&then_desk, then, &a);
    cr_assert_eq(desk_fold(&now_desk, &silence), FOLDED);
    take(&now_desk, now, &b);
    begin();
    alert(7, 1, 2);
    finish();
    cr_expect_eq(now->n_tickets, 0);
    cr_expect_eq(whatif_fate(&then->ticket[0]), WHATIF_GONE);
    cr_assert_geq(then->ticket[0].instead, 0);
    const struct whatif_incident *instead =
        &now->incident[then->ticket[0].instead];
    cr_expect_eq(instead->place, PLACE_SUPPRESSED);
    cr_expect(str_equal(instead->because, STR("SABCDEFGH")));
}

/* Nobody can say of it that it would be missed, nor that it would not. */
Test(whatif, a_ticket_without_an_alert_on_the_feed_is_not_compared)
{
    struct incident a = spell(1, "SRV-1", 5, 10);
    take(&then_desk, then, &a);
    begin();
    finish();
    cr_expect_eq(whatif_fate(&then->ticket[0]), WHATIF_UNKNOWN);
}

Test(whatif, only_tickets_that_fired_in_the_span_count)
{
    struct incident a = spell(1, "A", -20, -1), b = spell(2, "B", -20, 0),
                    c = spell(3, "C", 0, 24 * 60 - 1),
                    d = spell(4, "D", 0, 24 * 60);
    take(&then_desk, then, &a);
    take(&then_desk, then, &b);
    take(&then_desk, then, &c);
    take(&then_desk, then, &d);
    begin();
    const bool counts[] = {false, true, true, false};
    for (size_t i = 0; i < 4; i++)
        cr_expect_eq(then->ticket[i].counts, counts[i], "row %zu", i);
    cr_expect_eq(then->rule[0].n_fired, 2);
}

/* It fired a little earlier under a lower threshold: that is no new ticket, and
 * the old one is not gone. */
Test(whatif, a_ticket_of_just_outside_the_span_is_found)
{
    struct incident a = spell(1, "A", -20, 1), b = spell(2, "A", -20, -1);
    b.last_ms = a.last_ms;
    take(&then_desk, then, &a);
    take(&now_desk, now, &b);
    begin();
    alert(-10, 1, 2);
    finish();
    cr_expect(!now->ticket[0].counts);
    cr_expect_eq(whatif_fate(&then->ticket[0]), WHATIF_STAYS);
}

Test(whatif, of_several_tickets_now_the_most_urgent_says_how_urgent_it_is)
{
    struct incident a = spell(1, "A", 0, 10), b = spell(2, "A", 0, 4),
                    c = spell(3, "B", 5, 10);
    a.severity = SEVERITY_CRITICAL;
    b.severity = SEVERITY_LOW;
    take(&then_desk, then, &a);
    take(&now_desk, now, &b);
    take(&now_desk, now, &c);
    begin();
    alert(6, 1, 3);
    alert(2, 1, 2);
    finish();
    cr_expect_eq(now->n_tickets, 2);
    cr_expect_lt(then->ticket[0].priority, then->ticket[0].found_at);
    cr_expect_eq(then->ticket[0].found_at, now->ticket[1].priority);
    cr_expect_lt(now->ticket[1].priority, now->ticket[0].priority);
}

/* The newest revision says where an incident ends, and what was merged into
 * another fires nothing. */
Test(whatif, an_incident_is_as_its_last_revision_has_it)
{
    struct incident a = spell(1, "A", 0, 10), b = spell(2, "B", 0, 10);
    take(&then_desk, then, &a);
    take(&then_desk, then, &b);
    a.revision = 2;
    a.last_ms += 30 * MINUTE_MS;
    a.count = 9;
    take(&then_desk, then, &a);
    b.revision = 2;
    b.state = INCIDENT_MERGED;
    b.into = a.id;
    take(&then_desk, then, &b);
    begin();
    alert(35, 1, 0);
    alert(5, 2, 0);
    cr_expect_eq(then->ticket[0].n_seen, 1);
    cr_expect_eq(then->rule[0].n_fired, 1);
}

/* --- messages */

static const char *
file(struct arena *arena, const char *text)
{
    char path[] = "/tmp/tc-whatif-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 &&
              write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return arena_copy(arena, str_of(path)).at;
}

#define MEMBER(id)                                                             \
    "  - {id: " id ", name: " id ", unit: u, contacts: {sms: "                 \
    "\"0912000001\"}}\n"

static void
load_team(struct team *team, struct arena *arena)
{
    struct complaints complaints = {0};
    const char *roster = file(
        arena, "members:\n" MEMBER("an")
                   MEMBER("binh") "shifts:\n"
                                  "  - {id: d, from: \"06:00\", to: \"12:00\", "
                                  "members: [an]}\n"
                                  "  - {id: n, from: \"12:00\", to: \"06:00\", "
                                  "members: [binh]}\n");
    const char *policy = file(arena, "steps:\n"
                                     "  - {tell: on-duty, wait: 5m}\n"
                                     "  - {tell: everyone, wait: 5m}\n"
                                     "lease: 30m\nbundle: 10m\n");
    team->roster = roster_load(roster, NULL, arena, &complaints);
    cr_assert(team->roster &&
                  policy_load(policy, &team->policy, arena, &complaints),
              "%.*s", STR_ARG(buf_str(&complaints.text)));
    unlink(roster);
    unlink(policy);
    complaints_free(&complaints);
}

static const struct whatif_person *
person_of(struct whatif_people *people, const char *id)
{
    static const struct whatif_person nobody = {.n_sent = 99};
    const struct whatif_person *list;
    size_t n = whatif_people_list(people, &list);
    for (size_t i = 0; i < n; i++)
        if (str_equal(list[i].id, str_of(id)))
            return &list[i];
    return &nobody;
}

/* Fired at 10:00 and after (DESK_MS), so `an` is on duty; `binh` from noon. */
Test(whatif, the_first_call_of_each_ticket_goes_to_who_was_on_duty)
{
    struct team team = {0};
    struct whatif_people *people = whatif_people_new();
    struct whatif_calls calls = {.team = &team,
                                 .overrides = then_desk.tickets,
                                 .floor_hold_ms = 5 * MINUTE_MS};
    /* Bundled by 10 minutes: 0 at once; 3 and 10 at 10; 11 at 20; 21 at 30. */
    static const int minutes[] = {0, 3, 10, 11, 21, 120};
    load_team(&team, &now_desk.arena);
    for (int i = 0; i < 6; i++) {
        char host[8];
        snprintf(host, sizeof host, "H%d", i);
        struct incident a = spell(i + 1, host, minutes[i] - 1, minutes[i]);
        take(&now_desk, now, &a);
    }
    struct incident outside = spell(9, "OUT", -65, -60);
    take(&now_desk, now, &outside);
    cr_assert(whatif_side_close(now, now_desk.tickets));
    cr_assert(whatif_people_call(people, &calls, now));
    cr_expect_eq(person_of(people, "an")->n_calls_now, 4);
    cr_expect_eq(person_of(people, "binh")->n_calls_now, 1, "at noon");
    whatif_people_free(people);
}

Test(whatif, floor_calls_when_its_hold_is_over_and_overrides_hold)
{
    struct team team = {0};
    struct whatif_people *people = whatif_people_new();
    struct whatif_calls calls = {.team = &team,
                                 .overrides = then_desk.tickets,
                                 .floor_hold_ms = 5 * MINUTE_MS};
    struct journal_record override = {
        .type = JOURNAL_OVERRIDE,
        .by = STR("an"),
        .request = STR("r1"),
        .roster = {.id = STR("OABCDEFGH"),
                   .person = STR("an"),
                   .instead = STR("binh"),
                   .reason = STR("x"),
                   .from_ms = DESK_MS + 4 * MINUTE_MS,
                   .until_ms = DESK_MS + 9 * MINUTE_MS},
    };
    load_team(&team, &now_desk.arena);
    cr_assert_eq(desk_fold(&then_desk, &override), FOLDED);
    struct incident a = spell(1, "A", -1, 0);
    a.rule = STR("floor");
    a.floor = true;
    then_desk.now_ms = now_desk.now_ms = DESK_MS + 400 * MS_PER_DAY;
    take(&now_desk, now, &a);
    cr_assert(whatif_side_close(now, now_desk.tickets));
    cr_assert(whatif_people_call(people, &calls, now));
    cr_expect_eq(person_of(people, "an")->n_calls_now, 0);
    cr_expect_eq(person_of(people, "binh")->n_calls_now, 1);
    whatif_people_free(people);
}

/* A first step's calls are told from the rest; a stand-down is no call. */
Test(whatif, what_was_sent_is_counted_by_person_and_step)
{
    static const struct {
        const char *person;
        enum message_kind kind;
        int step;
    } sent[] = {
        {"an", MESSAGE_PAGE, 1},   {"an", MESSAGE_PAGE, 2},
        {"an", MESSAGE_TAKEN, 1},  {"binh", MESSAGE_BACKLOG, 1},
        {"binh", MESSAGE_PAGE, 1}, {"an", MESSAGE_PAGE, 1},
    };
    struct whatif_people *people = whatif_people_new();
    for (size_t i = 0; i < sizeof sent / sizeof *sent; i++) {
        struct journal_send send = {.person = str_of(sent[i].person),
                                    .kind = sent[i].kind,
                                    .step = sent[i].step};
        cr_assert(whatif_people_sent(people, &send));
    }
    cr_expect_eq(person_of(people, "an")->n_sent, 4);
    cr_expect_eq(person_of(people, "an")->n_calls_then, 2);
    cr_expect_eq(person_of(people, "binh")->n_sent, 2);
    cr_expect_eq(person_of(people, "binh")->n_calls_then, 2);
    whatif_people_free(people);
}
