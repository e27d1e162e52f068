/* SPDX-License-Identifier: Apache-2.0
 *
 * Filters of the feed: what fits, what does not, and what is no filter. */
#include "daemon/feed_filter.h"

#include <criterion/criterion.h>
#include <string.h>

static struct feed_line
a_line(void)
{
    return (struct feed_line){
        .source = STR("ajiant"),
        .host = STR("STTTT-0042"),
        .host_ip = STR("192.168.7.8"),
        .user = STR("nguyen.van.a"),
        .src_ip = STR("203.113.128.7"),
        .dst_ip = STR("10.84.3.9"),
        .rule_name = STR("Mimikatz, đọc LSASS"),
        .unit = STR("so-tttt"),
        .system = STR("cong-dich-vu"),
        .kind = STR("privilege"),
        .message = STR("credential dump"),
        .raw = STR("{\"x\":\"Needle\"}"),
        .severity = SEVERITY_HIGH,
        .level = 3,
    };
}

Test(feed_filter, each_field_is_compared_in_its_own_way)
{
    static const struct {
        const char *filter;
        bool fits;
    } rows[] = {
        {"severity=high", true},
        {"severity=HIGH", true},
        {"severity>=high", true},
        {"severity>=critical", false},
        {"severity>high", false},
        {"severity<critical", true},
        {"severity<=medium", false},
        {"severity!=high", false},
        {"severity!=low", true},
        {"level>=3", true},
        {"level<3", false},
        {"host=STTTT-*", true},
        {"host=stttt-0042", true},
        {"host=STTTT-00?2", true},
        {"host=STTTT", false},
        {"host!=STTTT-*", false},
        {"host:STTTT-*", true},
        {"unit=so-tttt", true},
        {"system=cong*", true},
        {"source=ajiant", true},
        {"source=cycir", false},
        {"kind=privilege", true},
        {"rule=*mimikatz*", true},
        {"rule=Mimikatz, đọc LSASS", true},
        {"user=nguyen*", true},
        {"user=", false},
        {"ip=10.84.0.0/16", true},
        {"ip=203.113.128.7", true},
        {"ip=203.113.128.0/29", true},
        {"ip=203.113.128.8/29", false},
        {"ip=10.85.0.0/16", false},
        {"ip=192.168.0.0/16", true},
        {"src_ip=192.168.0.0/16", false},
        {"dst_ip=192.168.0.0/16", false},
        {"ip!=10.85.0.0/16", true},
        {"ip=0.0.0.0/0", true},
        {"ip=::/0", true},
        {"ip=::ffff:10.84.3.9", true},
        {"ip=2001:db8::/32", false},
        {"src_ip=10.84.0.0/16", false},
        {"dst_ip=10.84.0.0/16", true},
        {"text:needle", true},
        {"text=LSASS", true},
        {"text:dump", true},
        {"text:nothing", false},
        {"text!=nothing", true},
    };
    struct feed_line line = a_line();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct filters filters = {0};
        struct err why;
        cr_assert(filters_add(&filters, rows[i].filter, &why), "row %zu: %s", i,
                  why.text);
        cr_assert_eq(filters_match(&filters, &line), rows[i].fits,
                     "row %zu: %s", i, rows[i].filter);
    }
}

Test(feed_filter, fields_must_all_hold_and_values_of_one_are_alternatives)
{
    static const struct {
        const char *filter[4];
        bool fits;
    } rows[] = {
        {{NULL}, true},
        {{"severity=high", "source=ajiant"}, true},
        {{"severity=high", "source=cycir"}, false},
        {{"source=cycir", "source=ajiant"}, true},
        {{"source=cycir", "source=wazuh"}, false},
        {{"level>=2", "level<=3"}, true},
        {{"level>=2", "level<3"}, false},
        {{"host!=A*", "host!=STTTT-*"}, false},
        {{"host=STTTT-*", "host!=STTTT-0042"}, false},
    };
    struct feed_line line = a_line();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct filters filters = {0};
        struct err why;
        for (size_t k = 0; k < 4 && rows[i].filter[k] != NULL; k++)
            cr_assert(filters_add(&filters, rows[i].filter[k], &why));
        cr_assert_eq(filters_match(&filters, &line), rows[i].fits, "row %zu",
                     i);
    }
}

Test(feed_filter, an_address_that_is_none_and_lists_are_survived)
{
    struct filters filters = {0};
    struct err why;
    struct feed_line line = {.src_ip = STR("not an address"),
                             .dst_ip = STR("x, 10.1.2.3")};
    cr_assert(filters_add(&filters, "ip=10.0.0.0/8", &why));
    cr_assert(filters_match(&filters, &line));
    line.dst_ip = NO_STR;
    cr_assert_not(filters_match(&filters, &line));
}

Test(feed_filter, what_is_no_filter_is_refused_with_a_reason)
{
    static const struct {
        const char *filter, *says;
    } rows[] = {
        {"", "is no filter"},
        {"high", "'high' is no filter"},
        {"hots=x", "did you mean 'host'"},
        {"zzzzzz=x", "no field is called 'zzzzzz'"},
        {"severity=bad", "no severity is called 'bad'"},
        {"level=three", "'three' is not a number"},
        {"ip=10.84", "is neither an address nor a network"},
        {"ip=10.0.0.0/33", "is neither"},
        {"ip=10.0.0.0/", "is neither"},
        {"ip=::/129", "is neither"},
        {"ip=", "is neither"},
        {"host>=x", "has no order"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct filters filters = {0};
        struct err why = {""};
        cr_assert_not(filters_add(&filters, rows[i].filter, &why), "row %zu",
                      i);
        cr_assert_not_null(strstr(why.text, rows[i].says), "row %zu: %s", i,
                           why.text);
        cr_assert_eq(filters.n, 0);
    }
}

Test(feed_filter, there_is_a_maximum)
{
    struct filters filters = {0};
    struct err why;
    for (int i = 0; i < MAX_FILTERS; i++)
        cr_assert(filters_add(&filters, "host=a", &why));
    cr_assert_not(filters_add(&filters, "host=a", &why));
}
