/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of keys. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/table.h"

Test(table, keys_are_numbered_in_order_of_first_appearance)
{
    static const struct {
        const char *key;
        uint32_t number;
        bool is_new;
    } rows[] = {
        {"b", 0, true},  {"a", 1, true}, {"b", 0, false}, {"", 2, true},
        {"ab", 3, true}, {"", 2, false}, {"a", 1, false},
    };
    struct table *table = table_new(10);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_new;
        cr_expect_eq(table_add(table, str_of(rows[i].key), &is_new),
                     rows[i].number, "row %zu", i);
        cr_expect_eq(is_new, rows[i].is_new, "row %zu", i);
    }
    cr_expect_eq(table_len(table), 4);
    cr_expect_eq(table_find(table, STR("ab")), 3);
    cr_expect_eq(table_find(table, STR("ba")), TABLE_NONE);
    cr_expect_eq(table_find(table, NO_STR), 2);
    cr_expect(str_equal(table_key(table, 3), STR("ab")));
    cr_expect_eq(table_key(table, 2).len, 0);
    cr_expect_null(table_key(table, 4).at);
    cr_expect_null(table_key(table, TABLE_NONE).at);
    table_free(table);
}

Test(table, a_key_may_hold_any_byte)
{
    struct table *table = table_new(10);
    table_add(table, STR("a\0b"), NULL);
    cr_expect_eq(table_find(table, STR("a\0c")), TABLE_NONE);
    cr_expect_eq(table_find(table, STR("a")), TABLE_NONE);
    cr_expect_eq(table_find(table, STR("a\0b")), 0);
    table_free(table);
}

Test(table, past_its_maximum_only_old_keys_are_known)
{
    struct table *table = table_new(2);
    bool is_new = true;
    table_add(table, STR("a"), NULL);
    table_add(table, STR("b"), NULL);
    cr_expect_eq(table_add(table, STR("c"), &is_new), TABLE_NONE);
    cr_expect_not(is_new);
    cr_expect_eq(table_add(table, STR("b"), NULL), 1);
    cr_expect_eq(table_find(table, STR("c")), TABLE_NONE);
    cr_expect_eq(table_len(table), 2);
    table_free(table);
    table = table_new(0);
    cr_expect_eq(table_add(table, STR("a"), NULL), TABLE_NONE);
    table_free(table);
    table_free(NULL);
}

/* Of many lengths, so that every tail of the hash is met. */
static struct str
nth_key(char text[64], unsigned n)
{
    int len = snprintf(text, 64, "%u/%0*u", n, (int)(n % 40) + 1, n);
    return (struct str){text, (size_t)len};
}

static void
expect_many(struct table *table, unsigned n)
{
    char text[64];
    for (unsigned i = 0; i < n; i++) {
        cr_assert_eq(table_add(table, nth_key(text, i), NULL), i);
    }
    for (unsigned i = 0; i < n; i++) {
        struct str key = nth_key(text, i);
        cr_assert_eq(table_find(table, key), i);
        cr_assert(str_equal(table_key(table, i), key));
        cr_assert_eq(table_find(table, nth_key(text, n + i)), TABLE_NONE);
    }
    cr_expect_eq(table_len(table), n);
}

Test(table, it_grows_and_loses_nothing)
{
    struct table *table = table_new(UINT32_MAX);
    expect_many(table, 100000);
    table_free(table);
}

Test(table, cleared_it_is_as_new)
{
    struct table *table = table_new(5000);
    expect_many(table, 5000);
    table_clear(table);
    cr_expect_eq(table_len(table), 0);
    cr_expect_eq(table_find(table, STR("0/0")), TABLE_NONE);
    expect_many(table, 5000);
    table_free(table);
}
