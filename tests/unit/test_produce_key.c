/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of messages: the quick way and the strict way give one answer. */
#include "daemon/produce_key.h"

#include <criterion/criterion.h>
#include <string.h>

Test(produce_key, the_value_at_the_path_is_found_in_any_valid_line)
{
    static const struct {
        const char *line, *path, *key; /* NULL: none */
    } rows[] = {
        {"{\"host\":\"a\"}", "host", "a"},
        {" { \"x\" : [ 1 , {\"host\":\"no\"} ] , \"host\" : \"a\" } ", "host",
         "a"},
        {"{\"a\":{\"b\":{\"c\":\"d\"}}}", "a.b.c", "d"},
        {"{\"a\":{\"x\":\"}{\\\"\"},\"b\":\"y\"}", "b", "y"},
        {"{\"a\":{\"x\":1},\"a.b\":\"flat\"}", "a.b", "flat"},
        {"{\"a.b\":{\"c\":\"half\"}}", "a.b.c", "half"},
        {"{\"a\":\"x\",\"a.b\":\"flat\"}", "a.b", "flat"},
        {"{\"n\":42}", "n", "42"},
        {"{\"n\":-1.5e3}", "n", "-1.5e3"},
        {"{\"n\":true}", "n", "true"},
        {"{\"h\":\"a\\u0062\\n\"}", "h", "ab\n"},
        {"{\"\\u0068\":\"x\"}", "h", "x"},
        {"{\"h\":\"Sở Y tế\"}", "h", "Sở Y tế"},
        {"{\"x\":\"\\\\\",\"h\":\"y\"}", "h", "y"},
        {"{\"h\":\"\"}", "h", NULL},
        {"{\"h\":null}", "h", NULL},
        {"{\"h\":{}}", "h", NULL},
        {"{\"h\":[\"a\"]}", "h", NULL},
        {"{\"x\":{\"h\":\"a\"}}", "h", NULL},
        {"{\"x\":1}", "h", NULL},
        {"{}", "h", NULL},
        {"[{\"h\":\"a\"}]", "h", NULL},
        {"\"h\"", "h", NULL},
        {"", "h", NULL},
        {"{\"h\"", "h", NULL},
        {"{\"h\":\"a", "h", NULL},
        {"{\"h\":\"a\\", "h", NULL},
        {"not json", "h", NULL},
    };
    struct json_reader *reader = json_reader_new();
    struct arena arena = arena_reserve(16 << 20);
    char *start = arena.at;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena scratch = arena;
        struct str key = NO_STR;
        bool found = produce_key_find(reader, str_of(rows[i].line),
                                      str_of(rows[i].path), &scratch, &key);
        cr_assert_eq(found, rows[i].key != NULL, "row %zu", i);
        if (found)
            cr_assert(str_equal(key, str_of(rows[i].key)), "row %zu: '%.*s'", i,
                      STR_ARG(key));
    }
    arena_release(start, arena);
    json_reader_free(reader);
}

Test(produce_key, every_cut_of_a_line_is_survived)
{
    static const char line[] =
        "{\"a\":[1,2,{\"b\":\"c\\\"d\"}],\"e\":{\"f\":\"g\"},\"h\":\"i\"}";
    struct json_reader *reader = json_reader_new();
    struct arena arena = arena_reserve(16 << 20);
    char *start = arena.at;
    for (size_t n = 0; n < sizeof line - 1; n++) {
        /* In memory of its own, so that a step too far is seen. */
        char *copy = malloc(n + 1);
        memcpy(copy, line, n);
        struct arena scratch = arena;
        struct str key;
        cr_assert_not(produce_key_find(reader, (struct str){copy, n}, STR("z"),
                                       &scratch, &key),
                      "cut at %zu", n);
        free(copy);
    }
    arena_release(start, arena);
    json_reader_free(reader);
}
