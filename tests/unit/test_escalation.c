/* SPDX-License-Identifier: Apache-2.0
 *
 * The escalation, played against a clock of our own: a small world does with
 * each decision what the fold of the journal does, and every message sent is
 * written down as "minute:second person kind tickets". Nobody waits. */
#include "respond/escalation.h"

#include "base/times.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define T0 INT64_C(1728100000000) /* some Saturday */
enum { SECOND = 1000, MINUTE = 60 * SECOND, MAX_TICKETS = 200 };

static struct arena arena;
static char *start;
static struct complaints complaints;
static struct policy policy;
static struct people people;

static struct {
    struct ticket ticket[MAX_TICKETS];
    struct ticket_told told[MAX_TICKETS][TICKET_MAX_TOLD];
    char id[MAX_TICKETS][8];
    size_t n;
    int64_t now_ms;
    const char *fails; /* who cannot be reached by SMS */
    bool mute;         /* nobody can be reached by mail either */
    char log[1 << 17];
    size_t len, n_messages;
} world;

static const char *
file(const char *text)
{
    char path[] = "/tmp/tc-people-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 &&
              write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    return arena_copy(&arena, str_of(path)).at;
}

#define MEMBER(id, more)                                                       \
    "  - {id: " id ", name: " id ", unit: u" more                              \
    ", contacts: {sms: \"0912000001\", mail: a@b.example}}\n"

static void
setup(void)
{
    arena = arena_reserve((size_t)1 << 30);
    start = arena.at;
    complaints = (struct complaints){0};
    const char *path = file(
        "members:\n" MEMBER("an", "") MEMBER("binh", ", systems: [portal]")
            MEMBER("chi", "") MEMBER("lead", ", leader: true")
                MEMBER("off", "") "shifts:\n"
                                  "  - {id: s, from: \"00:00\", to: \"24:00\", "
                                  "members: [an, binh, chi]}\n");
    people.roster = roster_load(path, NULL, &arena, &complaints);
    unlink(path);
    cr_assert(people.roster, "%.*s", STR_ARG(buf_str(&complaints.text)));
    path = file("steps:\n"
                "  - {tell: on-duty, wait: 5m}\n"
                "  - {tell: next, wait: 5m}\n"
                "  - {tell: leader, wait: {P1: 10m, P2: 20m, P3: 1h, P4: 1d}}\n"
                "  - {tell: everyone, wait: 30m}\n"
                "lease: 30m\n");
    cr_assert(policy_load(path, &policy, &arena, &complaints), "%.*s",
              STR_ARG(buf_str(&complaints.text)));
    unlink(path);
    people.policy = &policy;
    people.usable[CHANNEL_SMS] = people.usable[CHANNEL_MAIL] = true;
    people.overrides = (struct overrides){NULL, 0};
    memset(&world, 0, sizeof world);
    world.now_ms = T0;
}

static void
teardown(void)
{
    arena_release(start, arena);
    complaints_free(&complaints);
}

TestSuite(escalation, .init = setup, .fini = teardown);

static struct ticket *
open_ticket(int priority)
{
    struct ticket *ticket = &world.ticket[world.n];
    snprintf(world.id[world.n], sizeof world.id[0], "T%zu", world.n + 1);
    *ticket = (struct ticket){
        .id = str_of(world.id[world.n]),
        .priority = priority,
        .opened_ms = world.now_ms,
        .arrival_ms = world.now_ms,
        .acked_ms = NO_TIME,
        .worked_ms = NO_TIME,
        .step_since_ms = NO_TIME,
        .told = world.told[world.n],
    };
    world.n++;
    return ticket;
}

static struct ticket_told *
told_of(struct ticket *ticket, struct str person)
{
    for (size_t i = 0; i < ticket->n_told; i++)
        if (str_equal(ticket->told[i].person, person))
            return &ticket->told[i];
    ticket->told[ticket->n_told].person = person;
    return &ticket->told[ticket->n_told++];
}

static void
take(struct ticket *ticket, const char *who)
{
    ticket->state = TICKET_ACKNOWLEDGED;
    ticket->assignee = ticket->acked_by = str_of(who);
    ticket->acked_ms = ticket->worked_ms = world.now_ms;
}

static void
fold_escalation(struct ticket *ticket, struct escalation next)
{
    if (next.need == ESCALATION_LEASE) {
        ticket->state = TICKET_NEW;
        ticket->assignee = NO_STR;
        ticket->worked_ms = NO_TIME;
    }
    if (next.need != ESCALATION_STEP)
        return;
    ticket->step = next.step;
    ticket->step_since_ms = world.now_ms;
    for (size_t i = 0; i < next.n_people; i++) {
        struct str person = next.person[i];
        *told_of(ticket, person) =
            (struct ticket_told){.person = person, .step = next.step};
    }
}

static bool
delivered(const struct post *post)
{
    bool sms = post->contact->channel == CHANNEL_SMS;
    return sms ? world.fails == NULL ||
                     !str_contains(str_of(world.fails), post->member->id)
               : !world.mute;
}

static void
write_down(const struct post *post)
{
    int64_t s = (world.now_ms - T0) / SECOND;
    cr_assert_lt(world.len + 256, sizeof world.log);
    world.n_messages++;
    world.len += (size_t)snprintf(
        world.log + world.len, sizeof world.log - world.len,
        "%02d:%02d %.*s %.*s %.*s", (int)(s / 60), (int)(s % 60),
        STR_ARG(post->member->id), STR_ARG(channel_id(post->contact->channel)),
        STR_ARG(message_kind_id(post->kind)));
    for (size_t i = 0; i < post->n_tickets && world.len + 64 < sizeof world.log;
         i++)
        world.len += (size_t)snprintf(world.log + world.len,
                                      sizeof world.log - world.len, " %.*s",
                                      STR_ARG(post->ticket[i]));
    world.log[world.len++] = '\n';
}

static void
send_post(const struct post *post)
{
    write_down(post);
    for (size_t i = 0; i < post->n_tickets; i++)
        for (size_t k = 0; k < world.n; k++) {
            struct ticket *ticket = &world.ticket[k];
            if (!str_equal(ticket->id, post->ticket[i]))
                continue;
            struct ticket_told *told = told_of(ticket, post->member->id);
            if (post->kind == MESSAGE_TAKEN) {
                told->released = true;
                continue;
            }
            told->message = STR("m");
            told->channel = channel_id(post->contact->channel);
            told->at_ms = world.now_ms;
            told->delivered = delivered(post);
            told->failed = !told->delivered;
        }
}

static int64_t
soonest(int64_t a, int64_t b)
{
    return a == NO_TIME ? b : b == NO_TIME || a < b ? a : b;
}

/* One turn; when there is more to do by time alone. */
static int64_t
turn(void)
{
    int64_t due_ms = NO_TIME, posts_ms;
    struct arena scratch = arena;
    for (size_t i = 0; i < world.n; i++) {
        struct escalation next =
            escalation_next(&world.ticket[i], &people, world.now_ms, &scratch);
        if (next.need != ESCALATION_NOTHING)
            due_ms = world.now_ms;
        fold_escalation(&world.ticket[i], next);
        due_ms = soonest(due_ms, next.due_ms);
    }
    struct postings *postings = postings_new(&people, world.now_ms, &scratch);
    for (size_t i = 0; i < world.n; i++)
        cr_assert(postings_add(postings, &world.ticket[i]));
    size_t n;
    const struct post *post = postings_due(postings, &n, &posts_ms);
    for (size_t i = 0; i < n; i++)
        send_post(&post[i]);
    return n > 0 ? world.now_ms : soonest(due_ms, posts_ms);
}

/* Jumps from one moment at which something is due to the next, as the stage
 * does: so a due time that is told wrongly shows. */
static void
play(int64_t for_ms)
{
    int64_t until_ms = world.now_ms + for_ms;
    for (int turns = 0;; turns++) {
        int64_t due_ms = turn();
        cr_assert_lt(turns, 100000, "it never comes to rest");
        if (due_ms == NO_TIME || due_ms > until_ms)
            break;
        world.now_ms = due_ms > world.now_ms ? due_ms : world.now_ms;
    }
    world.now_ms = until_ms;
}

#define EXPECT_LOG(text)                                                       \
    cr_expect_str_eq(world.log, text, "was:\n%sexpected:\n%s", world.log, text)

Test(escalation, silence_is_answered_step_by_step_until_everyone_is_told)
{
    open_ticket(1);
    play(21 * MINUTE);
    EXPECT_LOG("00:00 an sms page T1\n"
               "05:00 binh sms page T1\n"
               "10:00 lead sms page T1\n"
               "20:00 an sms page T1\n20:00 binh sms page T1\n"
               "20:00 chi sms page T1\n20:00 lead sms page T1\n"
               "20:00 off sms page T1\n");
}

Test(escalation, everyone_is_told_again_until_somebody_answers)
{
    open_ticket(1);
    play(81 * MINUTE);
    cr_expect_eq(world.n_messages, 3 + 3 * 5, "%s", world.log);
}

Test(escalation, who_answers_for_the_system_is_told_first)
{
    struct str portal = STR("portal");
    struct ticket *ticket = open_ticket(1);
    ticket->systems = (struct ticket_names){&portal, 1, 0};
    play(6 * MINUTE);
    EXPECT_LOG("00:00 binh sms page T1\n05:00 an sms page T1\n");
}

Test(escalation, a_failed_delivery_moves_on_at_once_and_is_tried_otherwise)
{
    world.fails = "an";
    open_ticket(1);
    play(4 * MINUTE);
    EXPECT_LOG("00:00 an sms page T1\n"
               "00:00 an mail page T1\n00:00 binh sms page T1\n");
}

Test(escalation, when_nothing_can_be_delivered_all_steps_pass_at_once)
{
    world.fails = "an binh chi lead off";
    world.mute = true;
    open_ticket(1);
    play(1 * MINUTE);
    cr_expect(strstr(world.log, "00:00 off mail page") != NULL, "%s",
              world.log);
    cr_expect_lt(world.n_messages, 20, "%s", world.log);
}

Test(escalation, who_was_told_hears_once_that_somebody_took_it)
{
    struct ticket *ticket = open_ticket(1);
    play(6 * MINUTE);
    take(ticket, "binh");
    play(20 * MINUTE);
    EXPECT_LOG("00:00 an sms page T1\n"
               "05:00 binh sms page T1\n"
               "06:00 an sms taken T1\n");
}

Test(escalation, a_lease_that_runs_out_goes_on_with_the_next_and_work_renews_it)
{
    struct ticket *ticket = open_ticket(1);
    play(MINUTE);
    take(ticket, "an");
    play(20 * MINUTE);
    ticket->worked_ms = world.now_ms; /* 21:00 */
    play(29 * MINUTE);
    cr_expect_eq(world.n_messages, 1, "%s", world.log);
    play(2 * MINUTE);
    EXPECT_LOG("00:00 an sms page T1\n51:00 binh sms page T1\n");
}

Test(escalation, on_hold_and_resolved_tickets_wake_nobody)
{
    struct ticket *hold = open_ticket(1), *done = open_ticket(1);
    take(hold, "an");
    hold->state = TICKET_ON_HOLD;
    done->state = TICKET_RESOLVED;
    play(600 * MINUTE);
    EXPECT_LOG("");
}

Test(escalation, a_storm_is_one_message_a_minute_that_names_all)
{
    open_ticket(3);
    play(10 * SECOND);
    for (int i = 0; i < 9; i++) {
        open_ticket(i == 5 ? 1 : 3);
        play(SECOND);
    }
    play(2 * MINUTE);
    EXPECT_LOG("00:00 an sms page T1\n"
               "01:00 an sms page T7 T2 T3 T4 T5 T6 T8 T9 T10\n");
}

Test(escalation, more_tickets_than_a_message_names_follow_in_the_next)
{
    for (int i = 0; i < 100; i++)
        open_ticket(i < 90 ? 4 : 1);
    play(3 * MINUTE);
    cr_expect_eq(world.n_messages, 2, "%s", world.log);
    cr_expect(strstr(world.log, "00:00 an sms page T91 ") == world.log, "%s",
              world.log);
    for (int i = 0; i < 100; i++)
        cr_expect_eq(world.ticket[i].told[0].message.len, 1, "T%d", i + 1);
}

Test(escalation, nobody_gets_two_messages_in_a_minute_whatever_happens)
{
    for (int i = 0; i < 150; i++) {
        open_ticket(1 + i % 4);
        play(7 * SECOND);
        if (i % 5 == 4)
            take(&world.ticket[i - 2], i % 2 ? "an" : "chi");
    }
    play(60 * MINUTE);
    /* by person: the minute and second of the last message */
    int last[5] = {-60, -60, -60, -60, -60};
    static const char *const who[5] = {"an", "binh", "chi", "lead", "off"};
    char *rest = world.log, *line;
    while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        int at = (int)(60 * strtol(line, NULL, 10) +
                       strtol(strchr(line, ':') + 1, NULL, 10));
        for (int i = 0; i < 5; i++)
            if (strncmp(strchr(line, ' ') + 1, who[i], strlen(who[i])) == 0) {
                cr_expect_geq(at - last[i], 60, "%s", line);
                last[i] = at;
            }
    }
}

Test(escalation, quiet_and_merged_tickets_wake_nobody)
{
    open_ticket(1)->quiet = true;
    open_ticket(1)->merged_into = STR("T9");
    play(600 * MINUTE);
    EXPECT_LOG("");
}

Test(escalation, a_backlog_is_one_message_when_it_has_come_in)
{
    for (int i = 0; i < 20; i++) {
        open_ticket(3)->arrival_ms = world.now_ms - 60 * MINUTE;
        play(5 * SECOND);
    }
    play(3 * MINUTE);
    cr_expect_eq(world.n_messages, 1, "%s", world.log);
    cr_expect(strstr(world.log, "02:35 an sms backlog T1 T2") == world.log,
              "%s", world.log);
}

Test(escalation, a_backlog_that_never_ends_is_not_held_for_ever)
{
    for (int i = 0; i < 150; i++) {
        open_ticket(3)->arrival_ms = world.now_ms - 60 * MINUTE;
        play(5 * SECOND);
    }
    cr_expect(strncmp(world.log, "10:00 an sms backlog T1 ", 24) == 0, "%s",
              world.log);
}

Test(escalation, a_new_ticket_does_not_wait_for_the_backlog)
{
    open_ticket(3)->arrival_ms = world.now_ms - 60 * MINUTE;
    open_ticket(1);
    play(90 * SECOND);
    EXPECT_LOG("00:00 an sms page T2\n01:00 an sms backlog T1\n");
}

Test(escalation, who_is_away_is_passed_over)
{
    struct journal_override away[] = {
        {.person = STR("an"), .from_ms = 0, .until_ms = INT64_MAX},
        {.person = STR("lead"), .from_ms = 0, .until_ms = INT64_MAX}};
    people.overrides = (struct overrides){away, 2};
    open_ticket(1);
    play(12 * MINUTE);
    EXPECT_LOG("00:00 binh sms page T1\n"
               "05:00 chi sms page T1\n"
               "10:00 binh sms page T1\n10:00 chi sms page T1\n"
               "10:00 off sms page T1\n");
}

Test(escalation, without_any_channel_it_waits_and_tries_again)
{
    people.usable[CHANNEL_SMS] = people.usable[CHANNEL_MAIL] = false;
    open_ticket(1);
    play(4 * MINUTE);
    EXPECT_LOG("");
    people.usable[CHANNEL_SMS] = true;
    play(3 * MINUTE);
    cr_expect(strncmp(world.log, "05:00 an sms page T1", 20) == 0 ||
                  strncmp(world.log, "05:00 binh sms page T1", 22) == 0,
              "%s", world.log);
}

TestSuite(policy, .init = setup, .fini = teardown);

Test(policy, every_mistake_is_named_in_one_run)
{
    const char *path = file("steps:\n"
                            "  - {tell: on-dty, wait: 5m}\n"
                            "  - {tell: next, wait: {P1: 5m, P5: 1m}}\n"
                            "lase: 3m\n"
                            "bundle: soon\n");
    struct policy other;
    cr_expect(!policy_load(path, &other, &arena, &complaints));
    unlink(path);
    struct str said = buf_str(&complaints.text);
    static const char *const wanted[] = {
        ":2:12: unknown target 'on-dty' (did you mean 'on-duty'?)",
        "unknown field 'P5'",
        "wait has no time for P2",
        "the last step must tell everyone",
        "unknown field 'lase' (did you mean 'lease'?)",
        "'lease' is missing",
        ":5:9: ",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(str_contains(said, str_of(wanted[i])), "row %zu: %s\n%.*s", i,
                  wanted[i], STR_ARG(said));
}

Test(policy, the_example_is_fine)
{
    struct policy other;
    cr_expect(policy_load("deploy/escalation.yml", &other, &arena, &complaints),
              "%.*s", STR_ARG(buf_str(&complaints.text)));
}
