/* SPDX-License-Identifier: Apache-2.0
 *
 * The roster: who is on duty when, who stands in, and what is wrong with a
 * file. Times are UTC+7; 2024-10-05 is a Saturday. */
#include "respond/roster.h"

#include "base/times.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;
static char *start;
static struct complaints complaints;

static void
setup(void)
{
    arena = arena_reserve(64 << 20);
    start = arena.at;
    complaints = (struct complaints){0};
}

static void
teardown(void)
{
    arena_release(start, arena);
    complaints_free(&complaints);
}

TestSuite(roster, .init = setup, .fini = teardown);

static int64_t
at(const char *text)
{
    int64_t ms = 0;
    cr_assert(time_from_iso(str_of(text), VIETNAM_MINUTES, &ms), "%s", text);
    return ms;
}

/* Through a file, as people write it. */
static const struct roster *
load(const char *text)
{
    char path[] = "/tmp/tc-roster-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 &&
              write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    struct str kept = arena_copy(&arena, str_of(path));
    const struct roster *roster =
        roster_load(kept.at, NULL, &arena, &complaints);
    unlink(path);
    return roster;
}

#define MEMBER(id, more)                                                       \
    "  - {id: " id ", name: " id ", unit: u" more                              \
    ", contacts: {sms: \"0912000001\"}}\n"

static const char team[] =
    "members:\n" MEMBER("an", "") MEMBER("binh", ", systems: [portal]")
        MEMBER("chi", ", skills: [malware]") MEMBER("dung", ", leader: true")
            MEMBER("em", "") "crews:\n"
                             "  - {id: k1, members: [an, binh]}\n"
                             "  - {id: k2, members: [chi]}\n"
                             "shifts:\n"
                             "  - {id: day, from: \"06:00\", to: \"18:00\", "
                             "since: 2024-10-05, crews: [k1, k2]}\n"
                             "  - {id: night, from: \"18:00\", to: \"06:00\", "
                             "since: 2024-10-05, crews: [k2, k1]}\n"
                             "  - {id: lead, from: \"00:00\", to: \"24:00\", "
                             "days: [mon, tue, wed, thu, fri, sat, sun], "
                             "members: [dung]}\n";

static void
expect_duty(const struct roster *roster, struct overrides overrides,
            const char *when, const char *who)
{
    struct duty duty[16];
    char text[200] = "";
    size_t n = roster_on_duty(roster, overrides, at(when), duty, 16), len = 0;
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%.*s",
                                i > 0 ? " " : "", STR_ARG(duty[i].member->id));
    cr_expect_str_eq(text, who, "%s: %s, not %s", when, text, who);
}

Test(roster, crews_take_turns_and_a_night_belongs_to_the_day_it_begins)
{
    const struct roster *roster = load(team);
    cr_assert(roster != NULL, "%.*s", STR_ARG(buf_str(&complaints.text)));
    static const struct {
        const char *when, *who;
    } rows[] = {
        {"2024-10-05T06:00", "an binh dung"},
        {"2024-10-05T17:59", "an binh dung"},
        {"2024-10-05T18:00", "chi dung"},
        {"2024-10-06T05:59", "chi dung"},
        {"2024-10-06T06:00", "chi dung"},
        {"2024-10-06T18:00", "an binh dung"},
        {"2024-10-07T05:59", "an binh dung"},
        {"2024-10-04T12:00", "dung"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_duty(roster, (struct overrides){NULL, 0}, rows[i].when,
                    rows[i].who);
}

Test(roster, overrides_replace_a_turn_or_add_one_and_the_last_counts)
{
    const struct roster *roster = load(team);
    cr_assert(roster != NULL);
    struct journal_override some[] = {
        {.person = STR("an"),
         .instead = STR("em"),
         .from_ms = at("2024-10-05T08:00"),
         .until_ms = at("2024-10-05T10:00")},
        {.person = STR("em"),
         .instead = STR("dung"),
         .from_ms = at("2024-10-05T09:00"),
         .until_ms = at("2024-10-05T10:00")},
        {.person = STR("chi"),
         .shift = STR("night"),
         .from_ms = at("2024-10-05T00:00"),
         .until_ms = at("2024-10-07T00:00")},
        {.instead = STR("em"),
         .from_ms = at("2024-10-05T20:00"),
         .until_ms = at("2024-10-05T21:00")},
        {.person = STR("dung"),
         .cancel = true,
         .from_ms = at("2024-10-05T00:00"),
         .until_ms = at("2024-10-07T00:00")},
    };
    struct overrides overrides = {some, 5};
    static const struct {
        const char *when, *who;
    } rows[] = {
        {"2024-10-05T07:59", "an binh dung"},
        {"2024-10-05T08:00", "em binh dung"},
        {"2024-10-05T09:30", "dung binh"},
        {"2024-10-05T10:00", "an binh dung"},
        {"2024-10-05T19:00", "dung"},
        {"2024-10-05T20:30", "dung em"},
        {"2024-10-06T07:00", "chi dung"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_duty(roster, overrides, rows[i].when, rows[i].who);
    struct duty duty[32];
    size_t n = roster_schedule(roster, overrides, at("2024-10-05T06:00"),
                               at("2024-10-05T18:00"), duty, 32);
    size_t cut = 0;
    for (size_t i = 0; i < n; i++)
        cut += str_equal(duty[i].member->id, STR("em")) &&
               duty[i].from_ms == at("2024-10-05T08:00") &&
               duty[i].until_ms == at("2024-10-05T09:00") &&
               str_equal(duty[i].instead_of->id, STR("an"));
    cr_expect_eq(cut, 1, "the stand-in's turn is cut where it ends");
}

Test(roster, of_two_overrides_the_one_made_last_counts)
{
    const struct roster *roster = load(team);
    struct journal_override two[] = {
        {.person = STR("an"),
         .instead = STR("em"),
         .from_ms = 0,
         .until_ms = INT64_MAX},
        {.person = STR("an"),
         .instead = STR("chi"),
         .from_ms = 0,
         .until_ms = INT64_MAX},
    };
    expect_duty(roster, (struct overrides){two, 2}, "2024-10-05T07:00",
                "chi binh dung");
}

Test(roster, a_ring_of_stand_ins_ends_with_nobody)
{
    const struct roster *roster = load(team);
    struct journal_override ring[] = {
        {.person = STR("an"),
         .instead = STR("em"),
         .from_ms = 0,
         .until_ms = INT64_MAX},
        {.person = STR("em"),
         .instead = STR("an"),
         .from_ms = 0,
         .until_ms = INT64_MAX},
    };
    expect_duty(roster, (struct overrides){ring, 2}, "2024-10-05T07:00",
                "binh dung");
}

Test(roster, who_answers_for_the_system_comes_first_and_leaders_last)
{
    const struct roster *roster = load(team);
    struct str portal = STR("portal"), other = STR("other");
    struct wanted wanted[] = {
        {.system = &portal, .n_systems = 1},
        {.system = &other, .n_systems = 1},
    };
    static const char *const first[] = {"binh", "an"};
    for (size_t i = 0; i < 2; i++) {
        const struct member *out[8];
        size_t n = roster_rank(roster, (struct overrides){NULL, 0},
                               at("2024-10-05T07:00"), &wanted[i], out, 8);
        cr_assert_eq(n, 3, "row %zu", i);
        cr_expect(str_equal(out[0]->id, str_of(first[i])), "row %zu", i);
        cr_expect(str_equal(out[2]->id, STR("dung")), "row %zu", i);
    }
}

Test(roster, a_phone_number_is_known_however_it_is_written)
{
    const struct roster *roster =
        load("members:\n"
             "  - {id: an, name: An, unit: u, contacts: {sms: \"+84 912 345 "
             "678\"}}\n"
             "  - {id: b, name: B, unit: u, contacts: {sms: \"+1 555 0100\"}}\n"
             "shifts: [{id: s, from: \"00:00\", to: \"24:00\", members: "
             "[an]}]\n");
    cr_assert(roster != NULL, "%.*s", STR_ARG(buf_str(&complaints.text)));
    static const struct {
        const char *number, *who;
    } rows[] = {
        {"0912345678", "an"},       {"+84912345678", "an"},
        {"84 912.345.678", "an"},   {"0084912345678", "an"},
        {"15550100", "b"},          {"912345678", "an"},
        {"0912345679", NULL},       {"", NULL},
        {"+84 912 345 678x", NULL}, {"0", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct member *member =
            roster_find_phone(roster, str_of(rows[i].number));
        cr_expect((member == NULL) == (rows[i].who == NULL), "row %zu", i);
        if (member != NULL && rows[i].who != NULL)
            cr_expect(str_equal(member->id, str_of(rows[i].who)), "row %zu", i);
    }
}

Test(roster, gaps_and_clashes_are_named_once_where_they_stand)
{
    const struct roster *roster = load("members:\n" MEMBER("an", "") MEMBER(
        "binh",
        "") "shifts:\n"
            "  - {id: day, from: \"06:00\", to: \"18:00\", members: [an]}\n"
            "  - {id: night, from: \"18:00\", to: \"06:00\", days: [mon, tue, "
            "wed, thu, fri, sat], members: [binh]}\n"
            "  - {id: help, from: \"17:00\", to: \"19:00\", days: [mon], "
            "members: [binh]}\n");
    cr_assert(roster != NULL, "%.*s", STR_ARG(buf_str(&complaints.text)));
    roster_check(roster, day_from_civil(2024, 10, 1), arena, &complaints);
    struct str said = buf_str(&complaints.text);
    cr_expect_eq(complaints.n_errors, 2, "%.*s", STR_ARG(said));
    cr_expect(str_contains(said, STR(":4:1: nobody is on duty from Sunday "
                                     "18:00 to Monday 06:00 (first on "
                                     "2024-10-06)")),
              "%.*s", STR_ARG(said));
    cr_expect(
        str_contains(said, STR("'binh' is on duty in 'help' (line 7) at the "
                               "same time, from Monday 18:00 to Monday 19:00 "
                               "(first on 2024-10-07)")),
        "%.*s", STR_ARG(said));
}

Test(roster, the_rotation_is_looked_at_for_its_whole_cycle)
{
    const struct roster *roster = load("members:\n" MEMBER("an", "") MEMBER(
        "binh",
        "") "crews:\n"
            "  - {id: a, members: [an]}\n"
            "  - {id: b, members: [binh]}\n"
            "shifts:\n"
            "  - {id: s, from: \"00:00\", to: \"24:00\", since: 2024-10-01, "
            "crews: [a, a, a, a, a, a, a, a, a, a, b]}\n"
            "  - {id: t, from: \"08:00\", to: \"09:00\", days: [sun], "
            "members: [binh]}\n");
    cr_assert(roster != NULL, "%.*s", STR_ARG(buf_str(&complaints.text)));
    roster_check(roster, day_from_civil(2024, 10, 1), arena, &complaints);
    cr_expect(str_contains(buf_str(&complaints.text), STR("first on ")), "%.*s",
              STR_ARG(buf_str(&complaints.text)));
    cr_expect_eq(complaints.n_errors, 1);
}

Test(roster, every_mistake_is_named_in_one_run_with_a_suggestion)
{
    const struct roster *roster =
        load("cover: most\n"
             "members:\n"
             "  - {id: an, name: An, unit: u, contacts: {sms: \"x1\"}}\n"
             "  - {id: an, name: An, unit: u, contacts: {mal: a@b.example}}\n"
             "  - {id: Bad Id, nam: X, unit: u, contacts: {mail: "
             "\"a@b.example, c@d.example\"}}\n"
             "  - {id: hung, name: Hung, unit: u, contacts: {mail: "
             "\"-odd@b.example\"}}\n"
             "crews:\n"
             "  - {id: k, members: [huang]}\n"
             "shifts:\n"
             "  - {id: s, from: \"25:00\", to: \"18:00\", days: [moon], crews: "
             "[kk]}\n"
             "overrides:\n"
             "  - {person: anh, from: \"2024-10-02\", to: \"2024-10-01\"}\n");
    struct str said = buf_str(&complaints.text);
    cr_expect(roster == NULL);
    static const char *const wanted[] = {
        ":1:8: cover is full",
        ":3:49: 'x1' is not a phone number",
        ":4:5: 'an' is there twice (line 3)",
        ":4:44: unknown channel 'mal' (did you mean 'mail'?)",
        ":5:10: an id has only a-z, 0-9 and -",
        ":5:18: unknown ",
        "'name' is missing",
        "'a@b.example, c@d.example' is not a mail address",
        "'-odd@b.example' is not a mail address",
        ":8:23: unknown member 'huang' (did you mean 'hung'?)",
        "'from' is a time of day",
        "unknown day 'moon' (did you mean 'mon'?)",
        "unknown crew 'kk' (did you mean 'k'?)",
        "unknown member 'anh' (did you mean 'an'?)",
        "'to' is not after 'from'",
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(str_contains(said, str_of(wanted[i])), "row %zu: %s\n%.*s", i,
                  wanted[i], STR_ARG(said));
}

Test(roster, the_example_has_thirty_members_and_covers_every_hour)
{
    const struct roster *roster =
        roster_load("deploy/roster.yml", NULL, &arena, &complaints);
    cr_assert(roster != NULL, "%.*s", STR_ARG(buf_str(&complaints.text)));
    cr_expect_eq(roster_len(roster), 30);
    roster_check(roster, day_from_civil(2024, 10, 1), arena, &complaints);
    cr_expect_eq(complaints.n_errors, 0, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
}
