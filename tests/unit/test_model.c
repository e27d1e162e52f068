/* SPDX-License-Identifier: Apache-2.0
 *
 * The records' names: severities, kinds, fields, book columns. */
#include <criterion/criterion.h>

#include "model/alert.h"
#include "model/counts.h"

Test(severity, every_id_reads_back_in_any_letter_case)
{
    for (enum severity i = SEVERITY_UNKNOWN; i < N_SEVERITIES; i++) {
        enum severity back = N_SEVERITIES;
        cr_expect(severity_from(severity_id(i), &back));
        cr_expect_eq(back, i);
        back = N_SEVERITIES;
        cr_expect(severity_from(severity_caption(i), &back));
        cr_expect_eq(back, i);
    }
}

Test(severity, ids_are_those_of_ocsf)
{
    cr_expect_eq(SEVERITY_UNKNOWN, 0);
    cr_expect_eq(SEVERITY_LOW, 2);
    cr_expect_eq(SEVERITY_CRITICAL, 5);
    cr_expect_eq(SEVERITY_FATAL, 6);
    cr_expect(str_equal(severity_id(SEVERITY_HIGH), STR("high")));
    cr_expect(str_equal(severity_caption(SEVERITY_HIGH), STR("High")));
}

Test(severity, another_word_is_none_and_changes_nothing)
{
    enum severity severity = SEVERITY_HIGH;
    cr_expect_not(severity_from(STR("hig"), &severity));
    cr_expect_not(severity_from(STR("highest"), &severity));
    cr_expect_not(severity_from(NO_STR, &severity));
    cr_expect_eq(severity, SEVERITY_HIGH);
}

Test(kind, every_id_reads_back_exactly)
{
    enum kind back = N_KINDS;
    for (enum kind i = KIND_NONE; i < N_KINDS; i++) {
        cr_expect(kind_from(kind_id(i), &back));
        cr_expect_eq(back, i);
    }
    cr_expect_not(kind_from(STR("Scan"), &back));
    cr_expect_not(kind_from(NO_STR, &back));
    cr_expect(str_equal(kind_id(KIND_BRUTEFORCE), STR("bruteforce")));
}

Test(alert, every_field_key_reads_back)
{
    enum alert_field back = N_ALERT_FIELDS;
    for (enum alert_field i = ALERT_VENDOR_ID; i < N_ALERT_FIELDS; i++) {
        cr_expect(alert_field_from(alert_field_key(i), &back));
        cr_expect_eq(back, i);
    }
    cr_expect_not(alert_field_from(STR("src_pi"), &back));
    cr_expect_not(alert_field_from(NO_STR, &back));
    cr_expect(str_equal(alert_field_key(ALERT_SRC_IP), STR("src_ip")));
}

Test(counts, book_columns_have_their_names)
{
    cr_expect(str_equal(book_column_id(BOOK_IN), STR("in")));
    cr_expect(
        str_equal(book_column_id(BOOK_DEAD_LETTERS), STR("dead_letters")));
    cr_expect(str_equal(book_column_id(BOOK_NULL_KEY), STR("null_key")));
}
