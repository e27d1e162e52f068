/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of conditions: which incidents they mean. That mistakes are named with
 * their column is in test_triage.c. */
#include "respond/match.h"

#include <criterion/criterion.h>

/* Hosts SRV-1 and SRV-2, one address, no user. */
static struct incident
an_incident(void)
{
    return (struct incident){
        .rule = STR("0e95725d"),
        .title = {STR("Dò mật khẩu"), STR("Password guessing")},
        .severity = SEVERITY_HIGH,
        .level = 3,
        .kinds = 1u << KIND_SCAN | 1u << KIND_BRUTEFORCE,
        .hosts = {{STR("SRV-1"), STR("srv-2")}, 2, 0},
        .addresses = {{STR("10.84.9.7")}, 1, 0},
        .units = {{STR("so-y-te")}, 1, 5},
        .key = {{STR("rule_name"), STR("EICAR test")}},
        .n_key = 1,
    };
}

Test(match, conditions)
{
    static const struct {
        const char *line;
        bool fits;
    } rows[] = {
        {"host=SRV-1,SRV-2", true},
        {"host=srv-*", true},
        {"host=SRV-1", false}, /* it names another one too */
        {"host=SRV-?,x", true},
        {"host!=SRV-1", false},
        {"host!=SRV-3", true},
        {"user=*", false}, /* it has none */
        {"user!=an", true},
        {"address=10.84.0.0/16", true},
        {"address=10.85.0.0/16,10.84.9.7", true},
        {"address=10.85.0.0/16", false},
        {"address=10.84.*", true},
        {"unit=so-y-te", false}, /* five more are not listed */
        {"unit!=so-xay-dung", false},
        {"rule=0e95725d", true},
        {"rule=\"password guessing\"", true},
        {"rule=\"Dò mật khẩu\"", true},
        {"rule!=0e95725d", false},
        {"kind=scan,bruteforce", true},
        {"kind=scan", false},
        {"kind!=malware", true},
        {"severity=high", true},
        {"severity<=medium", false},
        {"severity>medium", true},
        {"severity!=low", true},
        {"level>=3", true},
        {"level<3", false},
        {"key.rule_name=\"EICAR test\"", true},
        {"key.rule_name=EICAR*", true},
        {"key.host=x", false},
        {"key.host!=x", true},
        {"host=srv-* severity>=high level=3", true},
        {"host=srv-* severity>=critical", false},
        {"  host=srv-*\t level=3  ", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct incident incident = an_incident();
        struct complaints complaints = {0};
        struct matcher matcher;
        cr_assert(matcher_read(str_of(rows[i].line),
                               (struct place){.file = "line"}, &matcher,
                               &complaints),
                  "row %zu: %.*s", i, STR_ARG(buf_str(&complaints.text)));
        cr_expect_eq(matcher_fits(&matcher, &incident), rows[i].fits,
                     "row %zu: %s", i, rows[i].line);
    }
}
