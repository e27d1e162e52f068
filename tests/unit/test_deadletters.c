/* SPDX-License-Identifier: Apache-2.0
 *
 * Dead letters as they lie on the topic, and the list of them by position. */
#include "daemon/deadletters.h"

#include <criterion/criterion.h>

static struct record
a_record(void)
{
    return (struct record){
        .topic = STR("soc.deadletter"),
        .offset = 7,
        .timestamp_ms = 2000,
        .value = STR("{broken"),
        .header = {{STR("position"), STR("endpoint-alerts/2/1/99/0")},
                   {STR("timestamp"), STR("1000")},
                   {STR("stage"), STR("ingest")},
                   {STR("reason"), STR("syntax")},
                   {STR("detail"), STR("not valid JSON or CEF")},
                   {STR("version"), STR("0.1.0")}},
        .n_headers = 6,
    };
}

Test(deadletters, a_letter_is_read_from_its_headers)
{
    struct record record = a_record();
    struct deadletter letter;
    cr_assert(deadletter_read(&record, &letter));
    cr_assert(str_equal(letter.position, STR("endpoint-alerts/2/1/99/0")));
    cr_assert(str_equal(letter.reason, STR("syntax")));
    cr_assert_eq(letter.message_ms, 1000);
    cr_assert_eq(letter.letter_ms, 2000);
    cr_assert_eq(letter.size_bytes, 7);
    cr_assert_eq(letter.indexes.len, 0);
    cr_assert_eq(letter.n_seen, 1);
}

Test(deadletters, what_somebody_else_wrote_there_is_no_letter)
{
    static const struct {
        size_t header;
        const char *value;
    } rows[] = {
        {0, ""},         {0, "a/b"}, {0, "t/1/1/x/0"}, {0, "t/-1/1/1/0"},
        {1, "tomorrow"}, {1, ""},    {3, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct record record = a_record();
        struct deadletter letter;
        record.header[rows[i].header].value = str_of(rows[i].value);
        cr_assert_not(deadletter_read(&record, &letter), "row %zu", i);
    }
    struct record none = {.value = STR("x")};
    struct deadletter letter;
    cr_assert_not(deadletter_read(&none, &letter));
}

Test(deadletters, a_letter_seen_again_is_one_letter_and_the_newest_counts)
{
    struct deadletters letters;
    struct deadletter letter;
    struct record record = a_record();
    cr_assert(deadletters_start(&letters));
    cr_assert(deadletter_read(&record, &letter));
    deadletters_put(&letters, &letter);
    record.offset = 20;
    record.header[3].value = STR("foreign");
    cr_assert(deadletter_read(&record, &letter));
    deadletters_put(&letters, &letter);
    record.header[0].value = STR("endpoint-alerts/2/1/100/0");
    cr_assert(deadletter_read(&record, &letter));
    deadletters_put(&letters, &letter);
    cr_assert_eq(letters.n, 2);
    cr_assert_eq(letters.at[0].n_seen, 2);
    cr_assert_eq(letters.at[0].offset, 20);
    cr_assert(str_equal(letters.at[0].reason, STR("foreign")));
    cr_assert_eq(letters.at[1].n_seen, 1);
    deadletters_end(&letters);
}
