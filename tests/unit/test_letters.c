/* SPDX-License-Identifier: Apache-2.0
 *
 * Open dead letters (STREAM 29). */
#include <criterion/criterion.h>

#include "fields.h"
#include "ingest/letters.h"

static struct letter
letter_at(int64_t offset, const char *indexes)
{
    return (struct letter){
        .incarnation = 1,
        .offset = offset,
        .day = 19800,
        .indexes = str_of(indexes),
        .n = 2,
        .bytes = {{1, UINT64_C(0xfedcba9876543210)}},
    };
}

Test(letters, stream_rule_29_a_letter_is_found_once)
{
    struct letters *letters = letters_new(10);
    struct letter letter = letter_at(5, "0,7"), found;
    cr_assert(letters_open(letters, &letter));
    cr_assert(letters_find(letters, 1, 5, &found));
    cr_assert(str_equal(found.indexes, STR("0,7")));
    cr_assert_eq(found.day, 19800);
    cr_assert_eq(found.n, 2u);
    cr_assert_eq(found.bytes.half[0], 1u);
    cr_assert_eq(found.bytes.half[1], UINT64_C(0xfedcba9876543210));
    cr_assert_not(found.any_bytes);
    cr_assert_not(letters_find(letters, 2, 5, &found), "other incarnation");
    letters_close(letters, 1, 5);
    cr_assert_not(letters_find(letters, 1, 5, &found));
    cr_assert_eq(letters_len(letters), 0u);
    cr_assert(letters_open(letters, &letter), "it may fail again");
    cr_assert(letters_find(letters, 1, 5, &found));
    letters_free(letters);
}

Test(letters, of_a_version_before_their_bytes_were_noted_are_read)
{
    static const struct {
        const char *value, *indexes;
        bool fine, any;
    } rows[] = {
        {"19800 2 0,7", "0,7", true, true},
        {"19800 1 ", "", true, true},
        {"19800 1 00000000000000010000000000000002 ", "", true, false},
        {"19800 1 00000000000000010000000000000002 4", "4", true, false},
        {"19800 1 0000000000000001 4", "", false, false},
        {"19800 1 0000000000000001000000000000000X 4", "", false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct letters *letters = letters_new(10);
        struct letter found;
        cr_assert_eq(letters_load(letters, STR("1/5"), str_of(rows[i].value)),
                     rows[i].fine, "row %zu", i);
        if (rows[i].fine) {
            cr_assert(letters_find(letters, 1, 5, &found), "row %zu", i);
            cr_expect_eq(found.any_bytes, rows[i].any, "row %zu", i);
            cr_expect(str_equal(found.indexes, str_of(rows[i].indexes)),
                      "row %zu", i);
        }
        letters_free(letters);
    }
}

Test(letters, stream_rule_29_is_bounded_and_says_so)
{
    struct letters *letters = letters_new(2);
    for (int64_t i = 0; i < 3; i++) {
        struct letter letter = letter_at(i, "");
        cr_assert_eq(letters_open(letters, &letter), i < 2);
    }
    cr_assert_eq(letters_lost(letters), 1u);
    letters_free(letters);
}

Test(letters, are_the_same_after_saving_and_loading)
{
    struct letters *letters = letters_new(100);
    struct fields fields = {NULL, 0};
    struct emit emit = {fields_put, &fields};
    for (int64_t i = 0; i < 50; i++) {
        struct letter letter = letter_at(i, i % 2 ? "" : "3");
        letters_open(letters, &letter);
        if (i % 3 == 0)
            letters_close(letters, 1, i);
        if (i % 10 == 0)
            letters_save(letters, 5, false, &emit);
    }
    letters_save(letters, 5, false, &emit);
    struct letters *back = letters_new(100);
    for (size_t i = 0; i < fields.n; i++)
        cr_assert(letters_load(back, field_name_of(&fields.at[i]),
                               field_value_of(&fields.at[i])));
    cr_assert_eq(letters_len(back), letters_len(letters));
    struct letter found;
    cr_assert(letters_find(back, 1, 4, &found));
    cr_assert(str_equal(found.indexes, STR("3")));
    cr_assert_not(letters_find(back, 1, 3, &found));
    letters_free(back);
    letters_free(letters);
    fields_free(&fields);
}
