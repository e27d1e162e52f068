/* SPDX-License-Identifier: Apache-2.0
 *
 * The inventory file: every mistake with its place, and the one that is
 * shipped. */
#include "inventory_text.h"

TestSuite(inventory, .init = setup, .fini = teardown);

/* --- mistakes */

static const struct {
    const char *yaml, *complaint;
} mistakes[] = {
    {"", "empty"},
    {"[1]", ":1:1: an inventory has 'units'"},
    {"units: []\n---\nunits: []", "a second one"},
    {"unit: []", "unknown"},
    {"unit: []", "(did you mean 'units'?)"},
    {"units: 7", "'units' must be a list"},
    {"units: [7]", "an entry of 'units' is written as"},
    {"units: [{name: A, from: 2020-01-01}]", "'id' is missing"},
    {"units: [{id: a, from: 2020-01-01}]", "'name' is missing"},
    {"units: [{id: a, name: '', from: 2020-01-01}]", "'name' is empty"},
    {"units: [{id: a, name: A}]", "'from' is missing"},
    {"units: [{id: 'a|b', name: A, from: 2020-01-01}]", "is made of a-z"},
    {"units: [{id: -a, name: A, from: 2020-01-01}]", "is made of a-z"},
    {"units: [{id: Sở, name: A, from: 2020-01-01}]", "is made of a-z"},
    {"units: [{id: a, name: A, from: 2020-02-30}]", "2020-02-30"},
    {"units: [{id: a, name: A, from: 1/2/2020}]", "1/2/2020"},
    {UNIT ", to: 2019-12-31}]", "'to' (the last day) is before 'from'"},
    {UNIT ", adresses: []}]", "(did you mean 'addresses'?)"},
    {UNIT ", addresses: 10.1.0.0/16}]", "'addresses' must be a list"},
    {UNIT ", addresses: [10.1.0.1/16]}]", "(did you mean '10.1.0.0/16'?)"},
    {UNIT ", addresses: [10.1.0.0/33]}]", "must be 0 to 32"},
    {UNIT ", addresses: [10.1.0]}]", "is no address or prefix"},
    {UNIT ", addresses: [010.1.0.0/16]}]", "is no address or prefix"},
    {UNIT ", addresses: [10.1.0.0/]}]", "must be 0 to 32"},
    {UNIT ", addresses: [{}]}]", ":1:"},
    {UNIT ", hosts: ['*']}]", "would take every host"},
    {UNIT ", hosts: ['']}]", "a host name has 1 to"},
    {UNIT ", hosts: ['a b']}]", "has no blanks"},
    {UNIT ", hosts: [x, X]}]", "the same as in line 1"},
    {UNIT ", contacts: [a]}]", "a contact is written as"},
    {UNIT ", contacts: [{phone: '0259 1'}]}]", "'name' is missing"},
    {UNIT ", contacts: [{name: N}]}]", "needs 'phone' or 'email'"},
    {UNIT ", contacts: [{name: N, phone: call me}]}]", "no telephone number"},
    {UNIT ", contacts: [{name: N, email: me}]}]", "no e-mail address"},
    {UNIT ", contacts: [{name: N, email: a@b@c}]}]", "no e-mail address"},
    {UNIT ", contacts: [{name: N, mail: a@b}]}]", "(did you mean 'email'?)"},
    {UNIT "},\n {id: a, name: B, from: 2024-01-01}]",
     ":2:7: 'a' is already there at the same time (line 1)"},
    {UNIT ", addresses: [10.1.0.0/16]},\n"
          " {id: b, name: B, from: 2024-01-01, addresses: [10.1.0.0/16]}]",
     ":2:49: '10.1.0.0/16' belongs to 'a' at the same time (line 1)"},
    {UNIT ", addresses: ['10.1.0.0/16']},\n"
          " {id: b, name: B, from: 2024-01-01, addresses: "
          "['::ffff:10.1.0.0/112']}]",
     "'10.1.0.0/16' belongs to 'a'"},
    {UNIT ", hosts: [PC-1]},\n"
          " {id: b, name: B, from: 2024-01-01, hosts: [pc-1]}]",
     ":2:45: 'pc-1' belongs to 'a' at the same time (line 1)"},
    {UNIT ", hosts: [PC-*]},\n"
          " {id: b, name: B, from: 2024-01-01, hosts: [pc-*]}]",
     "'pc-*' belongs to 'a'"},
    {SYSTEM "}]", "'unit' is missing"},
    {SYSTEM ", unit: aa}]", "unknown unit 'aa' (did you mean 'a'?)"},
    {SYSTEM ", unit: a, levels: [3]}]", "a level is written as"},
    {SYSTEM ", unit: a, levels: [{level: 6, decision: D, from: 2020-01-01}]}]",
     "6"},
    {SYSTEM ", unit: a, levels: [{decision: D, from: 2020-01-01}]}]",
     "'level' is missing"},
    {SYSTEM ", unit: a, levels: [{level: 3, from: 2020-01-01}]}]",
     "'decision' is missing"},
    {SYSTEM ", unit: a, levels: [{level: 3, decision: D, from: 2020-01-01, "
            "to: 2022-01-01},\n {level: 2, decision: E, from: 2022-01-01}]}]",
     ":3:2: two levels at the same time (the other: line 2)"},
    {SYSTEM ", unit: a, hosts: [h]},\n"
            "{id: t, name: T, unit: a, from: 2020-01-01, hosts: [h]}]",
     "'h' belongs to 's' at the same time (line 2), not only to 't'"},
    {"units: [{id: a, name: A, from: 2020-01-01},\n"
     "{id: b, name: B, from: 2020-01-01, addresses: [10.1.0.0/16]}]\n"
     "systems: [{id: s, name: S, unit: a, from: 2020-01-01,\n"
     "addresses: [10.1.0.0/16]}]",
     ":4:13: '10.1.0.0/16' belongs to 'b' at the same time (line 2)"},
    {"watchlists: [{name: w, from: 2020-01-01, hosts: [a]}]",
     "'reason' is missing"},
    {LIST ", hashes: [abc]}]", "is no MD5"},
    {LIST ", domains: ['*.a.vn']}]", "write the domain alone"},
    {LIST ", domains: [.a.vn]}]", "write the domain alone"},
    {LIST ", domains: [a.example/x]}]", "write the domain alone"},
    {LIST ", users: ['']}]", "an entry has 1 to"},
    {LIST ", user: [a]}]", "(did you mean 'users'?)"},
};

Test(inventory, each_mistake_is_named_with_its_place)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        struct complaints none = {0};
        const struct inventory *inventory;

        complaints_free(&complaints);
        complaints = none;
        inventory = load_text(str_of(mistakes[i].yaml), day(2024, 9, 30));
        cr_expect_null(inventory, "row %zu: %s", i, mistakes[i].yaml);
        cr_expect(str_contains(buf_str(&complaints.text),
                               str_of(mistakes[i].complaint)),
                  "row %zu: want %s, got %.*s", i, mistakes[i].complaint,
                  STR_ARG(buf_str(&complaints.text)));
    }
}

Test(inventory, all_mistakes_are_found_in_one_run)
{
    cr_expect_null(load_text(STR("unts: []\n"
                                 "units:\n"
                                 "  - {id: A, name: '', from: x}\n"
                                 "  - {id: b, name: B, from: 2020-01-01, "
                                 "addresses: [1, 2], hosts: ['*']}\n"
                                 "systems:\n"
                                 "  - {id: s, unit: c, from: 2020-01-01}\n"
                                 "watchlists:\n"
                                 "  - {name: w, reason: r, from: 2020-01-01, "
                                 "hashes: [z]}\n"),
                             0));
    cr_expect_eq(complaints.n_errors, 10, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
}

Test(inventory, a_file_that_is_not_there_is_named)
{
    cr_expect_null(
        inventory_load("/nonexistent/inventory.yml", 0, &arena, &complaints));
    cr_expect(str_contains(buf_str(&complaints.text),
                           STR("/nonexistent/inventory.yml")));
    cr_expect_gt(complaints.n_errors, 0);
}

Test(inventory, a_system_without_a_level_today_is_warned_of)
{
    static const char text[] =
        SYSTEM ", unit: a, levels: [{level: 3, decision: D, "
               "from: 2020-01-01, to: 2024-09-29}]}]";

    cr_expect_not_null(load_text(str_of(text), day(2024, 9, 29)));
    cr_expect_eq(complaints.n_warnings, 0);
    cr_expect_not_null(load_text(str_of(text), day(2024, 9, 30)));
    cr_expect_eq(complaints.n_warnings, 1);
    cr_expect(str_contains(buf_str(&complaints.text),
                           STR(":2:11: warning: the system 's' has no "
                               "approved level today")));
}

Test(inventory, claims_at_different_times_do_not_clash)
{
    load_good("units:\n"
              "  - {id: a, name: A, from: 2020-01-01, to: 2023-12-31, "
              "addresses: [10.1.0.0/16], hosts: [h, 'p-*']}\n"
              "  - {id: b, name: B, from: 2024-01-01, "
              "addresses: [10.1.0.0/16], hosts: [h, 'p-*']}\n");
}

Test(inventory, a_list_without_entries_is_warned_of)
{
    cr_expect_not_null(load_text(STR(LIST "}]"), 0));
    cr_expect_eq(complaints.n_warnings, 1);
}

/* --- the file that is shipped */

Test(inventory, the_shipped_inventory_is_without_fault)
{
    const struct inventory *inventory =
        inventory_load("deploy/inventory/ninhthuan.yml", day(2024, 9, 30),
                       &arena, &complaints);
    struct alert alert = {.event_ms = noon(2024, 5, 1),
                          .field[ALERT_HOST] = STR("SRV-DVC-01")};

    cr_assert_not_null(inventory, "%.*s", STR_ARG(buf_str(&complaints.text)));
    cr_expect_eq(complaints.n_warnings, 0, "%.*s",
                 STR_ARG(buf_str(&complaints.text)));
    cr_expect_eq(inventory_n_units(inventory), 26 + 8 + 7 + 65);
    cr_expect_eq(inventory_n_systems(inventory), 28);
    inventory_apply(inventory, &alert);
    expect_text(alert.unit, "so-tttt");
    expect_text(alert.system, "cong-dich-vu-cong");
    cr_expect_eq(alert.level, 3);
}
