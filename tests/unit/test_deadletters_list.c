/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of dead letters is bounded, keeps copies, and takes positions
 * literally. */
#include "daemon/deadletters.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct record
record_of(const char *position, const char *timestamp, const char *reason)
{
    struct record record = {
        .topic = STR("soc.deadletter"),
        .partition = 3,
        .offset = 7,
        .timestamp_ms = 1709623500000,
        .value = STR("{broken"),
    };
    const struct header headers[] = {
        {STR("position"), str_of(position)},
        {STR("timestamp"), str_of(timestamp)},
        {STR("reason"), str_of(reason)},
        {STR("stage"), STR("ingest")},
        {STR("detail"), STR("not valid JSON")},
        {STR("indexes"), STR("0,2")},
        {STR("version"), STR("1.0")},
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (headers[i].value.at != NULL)
            record.header[record.n_headers++] = headers[i];
    return record;
}

Test(deadletters_list, a_letter_that_came_again_is_the_same_one_as_it_is_now)
{
    static const struct {
        const char *position, *reason;
    } rows[] = {
        {"a/0/1/5/0", "syntax"},
        {"b/0/1/5/0", "foreign"},
        {"a/0/1/5/0", "foreign"},
        {"a/0/2/5/0", "syntax"}, /* another incarnation: another message */
        {"a/0/1/5/0", "not_utf8"},
    };
    static const struct {
        const char *position, *reason;
        uint32_t n_seen;
        int64_t offset;
    } expected[] = {
        {"a/0/1/5/0", "not_utf8", 3, 4},
        {"b/0/1/5/0", "foreign", 1, 1},
        {"a/0/2/5/0", "syntax", 1, 3},
    };
    struct deadletters letters;
    cr_assert(deadletters_start(&letters));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct deadletter letter;
        struct record record =
            record_of(rows[i].position, "1709623400123", rows[i].reason);
        record.offset = (int64_t)i;
        cr_assert(deadletter_read(&record, &letter), "row %zu", i);
        deadletters_put(&letters, &letter);
    }
    cr_assert_eq(letters.n, sizeof expected / sizeof *expected);
    cr_assert_eq(letters.n_left_out, 0);
    for (size_t i = 0; i < letters.n; i++) {
        const struct deadletter *letter = &letters.at[i];
        cr_assert(str_equal(letter->position, str_of(expected[i].position)),
                  "row %zu", i);
        cr_assert(str_equal(letter->reason, str_of(expected[i].reason)),
                  "row %zu", i);
        cr_assert_eq(letter->n_seen, expected[i].n_seen, "row %zu", i);
        cr_assert_eq(letter->offset, expected[i].offset, "row %zu", i);
    }
    deadletters_end(&letters);
}

Test(deadletters_list, what_is_kept_does_not_lean_on_the_record)
{
    char position[] = "a/0/1/5/0", reason[] = "syntax";
    struct deadletters letters;
    struct deadletter letter;
    cr_assert(deadletters_start(&letters));
    struct record record = record_of(position, "1709623400123", reason);
    cr_assert(deadletter_read(&record, &letter));
    deadletters_put(&letters, &letter);
    memset(position, 'x', strlen(position));
    memset(reason, 'x', strlen(reason));
    cr_assert(str_equal(letters.at[0].position, STR("a/0/1/5/0")));
    cr_assert(str_equal(letters.at[0].reason, STR("syntax")));
    deadletters_end(&letters);
}

Test(deadletters_list,
     past_the_most_the_rest_is_counted_and_old_ones_still_change)
{
    struct deadletters letters;
    struct deadletter letter = {.reason = STR("syntax"), .n_seen = 1};
    char text[48];
    cr_assert(deadletters_start(&letters));
    for (int i = 0; i < MAX_DEADLETTERS + 2; i++) {
        snprintf(text, sizeof text, "a/0/1/%d/0", i);
        letter.position = str_of(text);
        deadletters_put(&letters, &letter);
    }
    letter.position = STR("a/0/1/0/0");
    deadletters_put(&letters, &letter);
    cr_assert_eq(letters.n, MAX_DEADLETTERS);
    cr_assert_eq(letters.n_left_out, 2);
    cr_assert_eq(letters.at[0].n_seen, 2);
    deadletters_end(&letters);
}
