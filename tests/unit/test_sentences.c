/* SPDX-License-Identifier: Apache-2.0
 *
 * Each sentence of docs/correlation.md has a test of its name, or several:
 * tests/cases/incidents/sentences.txt says which, in the order of the page. A
 * sentence that is not listed fails, and so does a list that the page does not
 * have word for word; so neither changes without the other. Headings and
 * drawings are not read. A name is a folder beside the list, a case that
 * test_replay.c plays, or `suite.test` of tests/unit. */
#include <criterion/criterion.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/table.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FOLDER "tests/cases/incidents"
#define PAGE "docs/correlation.md"

static struct arena arena;
static char *arena_start;

static void
begin(void)
{
    arena = arena_reserve((size_t)256 << 20);
    arena_start = arena.at;
    cr_assert(arena_start);
}

static void
end(void)
{
    arena_release(arena_start, arena);
}

TestSuite(sentences, .init = begin, .fini = end);

static struct str
read_all(const char *path)
{
    struct str all;
    struct err why = {""};
    cr_assert(file_read(path, (size_t)16 << 20, &arena, &all, &why), "%s",
              why.text);
    return all;
}

/* --- the page: one line, without headings, drawings and rulers */

static bool
is_ruler(struct str line)
{
    for (size_t i = 0; i < line.len; i++)
        if (!strchr("|-: ", line.at[i]))
            return false;
    return true;
}

static void
add_words(struct buf *page, struct str line)
{
    for (struct str word; str_split(&line, ' ', &word);)
        if (word.len > 0) {
            buf_add(page, word);
            buf_char(page, ' ');
        }
}

static void
read_page(struct buf *page)
{
    struct str all = read_all(PAGE), line;
    bool drawing = false;
    while (str_split(&all, '\n', &line)) {
        line = str_trim(line);
        if (str_starts(line, STR("```")))
            drawing = !drawing;
        else if (!drawing && !str_starts(line, STR("#")) &&
                 !str_starts(line, STR("<!--")) && !is_ruler(line))
            add_words(page, line);
    }
    cr_assert_not(drawing);
}

/* Where `text` stands in `in`, from `from` on; in.len: nowhere. */
static size_t
find(struct str in, size_t from, struct str text)
{
    const char *at = memmem(in.at + from, in.len - from, text.at, text.len);
    return at ? (size_t)(at - in.at) : in.len;
}

/* Between two sentences stand marks, no words. */
static bool
has_words(struct str gap)
{
    for (size_t i = 0; i < gap.len; i++)
        if (!strchr(" .,;:|*`()-", gap.at[i]))
            return true;
    return false;
}

/* --- the names that there are */

static void
learn(struct table *names, struct str name)
{
    bool is_new;
    cr_assert_neq(table_add(names, name, &is_new), TABLE_NONE);
}

static void
learn_cases(struct table *names)
{
    DIR *folder = opendir(FOLDER);
    char path[512];
    cr_assert(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        snprintf(path, sizeof path, FOLDER "/%s/expected.json", entry->d_name);
        if (access(path, R_OK) == 0)
            learn(names, arena_copy(&arena, str_of(entry->d_name)));
    }
    closedir(folder);
}

/* "Test(suite, name" as "suite.name", however the line is broken. */
static void
learn_tests_of(struct table *names, const char *path)
{
    struct str text = read_all(path), suite, name;
    for (size_t at = 0; (at = find(text, at, STR("\nTest("))) < text.len;) {
        at += 6;
        struct str rest = str_cut(text, at, text.len);
        cr_assert(str_split(&rest, ',', &suite));
        size_t n = 0;
        rest = str_trim(rest);
        while (n < rest.len && rest.at[n] != ',' && rest.at[n] != ')')
            n++;
        name = str_cut(rest, 0, n);
        learn(names, arena_format(&arena, "%.*s.%.*s", STR_ARG(str_trim(suite)),
                                  STR_ARG(str_trim(name))));
    }
}

static void
learn_tests(struct table *names)
{
    DIR *folder = opendir("tests/unit");
    char path[512];
    cr_assert(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        size_t len = strlen(entry->d_name);
        if (len < 2 || strcmp(entry->d_name + len - 2, ".c") != 0)
            continue;
        snprintf(path, sizeof path, "tests/unit/%s", entry->d_name);
        learn_tests_of(names, path);
    }
    closedir(folder);
}

/* --- the list: a sentence, then a line of names that begins with "=" */

static void
check_names(const struct table *names, struct str list, struct str sentence)
{
    size_t n = 0;
    for (struct str name; str_split(&list, ',', &name); n++)
        cr_expect_neq(table_find(names, str_trim(name)), TABLE_NONE,
                      "there is no case or test '%.*s' (%.*s)",
                      STR_ARG(str_trim(name)), STR_ARG(sentence));
    cr_expect_gt(n, 0);
}

Test(sentences, each_of_the_page_on_correlations_names_tests_that_there_are)
{
    struct table *names = table_new(16384);
    struct buf buf = {0};
    struct str all, line, sentence = NO_STR;
    size_t at = 0, n = 0, n_silent = 0;
    cr_assert(names);
    learn_cases(names);
    learn_tests(names);
    read_page(&buf);
    struct str page = buf_str(&buf);
    all = read_all(FOLDER "/sentences.txt");
    while (str_split(&all, '\n', &line)) {
        line = str_trim(line);
        if (line.len == 0 || line.at[0] == '#')
            continue;
        if (line.at[0] != '=') {
            cr_assert(sentence.len == 0, "no names: %.*s", STR_ARG(sentence));
            sentence = line;
            size_t next = find(page, at, sentence);
            cr_assert_lt(next, page.len, "not on the page from here on: %.*s",
                         STR_ARG(sentence));
            cr_expect_not(has_words(str_cut(page, at, next)),
                          "not in the list: %.*s",
                          STR_ARG(str_cut(page, at, next)));
            at = next + sentence.len;
            continue;
        }
        cr_assert_gt(sentence.len, 0u, "%.*s", STR_ARG(line));
        line = str_trim(str_cut(line, 1, line.len));
        if (str_equal(line, STR("nothing to test")))
            n_silent++;
        else
            check_names(names, line, sentence);
        sentence = NO_STR;
        n++;
    }
    cr_expect_not(has_words(str_cut(page, at, page.len)),
                  "not in the list: %.*s",
                  STR_ARG(str_cut(page, at, page.len)));
    cr_expect_geq(n, 100);
    cr_expect_leq(n_silent, 12);
    table_free(names);
    buf_free(&buf);
}
