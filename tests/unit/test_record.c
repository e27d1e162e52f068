/* SPDX-License-Identifier: Apache-2.0
 *
 * Headers of a record. */
#include <criterion/criterion.h>

#include "base/record.h"

Test(record, the_first_header_of_a_name_counts)
{
    struct record record = {
        .header = {{STR("origin"), STR("a/0")},
                   {STR("empty"), STR("")},
                   {STR("origin"), STR("forged")},
                   {STR("unread"), STR("x")}},
        .n_headers = 3,
    };
    cr_expect(str_equal(record_header(&record, STR("origin")), STR("a/0")));
    cr_expect_not_null(record_header(&record, STR("empty")).at);
    cr_expect_null(record_header(&record, STR("unread")).at);
    cr_expect_null(record_header(&record, STR("Origin")).at);
}
