/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole files, in and out. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

static char folder[] = "/tmp/test_file.XXXXXX";
static char path[sizeof folder + 8];
static struct arena arena;
static char *start;

static void
setup(void)
{
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    arena = arena_reserve(1 << 20);
    start = arena.at;
}

static void
teardown(void)
{
    unlink(path);
    rmdir(folder);
    arena_release(start, arena);
}

TestSuite(file, .init = setup, .fini = teardown);

Test(file, what_is_written_is_read_back_byte_for_byte)
{
    static const struct str texts[] = {
        {"a\0b\xff\n", 5}, {"", 0}, {"longer than before, no line end", 31}};
    for (size_t i = 0; i < 3; i++) {
        struct err why = {""};
        struct str text;
        cr_assert(file_replace(path, texts[i], 0600, &why), "%s", why.text);
        cr_assert(file_read(path, 100, &arena, &text, &why), "%s", why.text);
        cr_expect(str_equal(text, texts[i]), "row %zu", i);
    }
}

Test(file, the_new_file_has_the_mode_asked_for_and_nothing_lies_beside_it)
{
    cr_assert(file_replace(path, STR("x"), 0640, NULL));
    cr_assert(file_replace(path, STR("y"), 0600, NULL));
    struct stat about;
    cr_assert_eq(stat(path, &about), 0);
    cr_expect_eq(about.st_mode & 0777, 0600);
    int n = 0;
    DIR *dir = opendir(folder);
    while (readdir(dir)) {
        n++;
    }
    closedir(dir);
    cr_expect_eq(n, 3, "., .. and the file");
}

Test(file, a_leftover_of_a_killed_process_is_no_obstacle)
{
    char beside[sizeof path + 32];
    snprintf(beside, sizeof beside, "%s.%d.tmp", path, gettid());
    fclose(fopen(beside, "w"));
    cr_expect(file_replace(path, STR("x"), 0600, NULL));
    cr_expect_neq(access(beside, F_OK), 0);
}

Test(file, one_larger_than_allowed_is_refused_by_name)
{
    struct err why = {""};
    struct str text = STR("untouched");
    cr_assert(file_replace(path, STR("12345"), 0600, NULL));
    cr_expect(file_read(path, 5, &arena, &text, &why));
    char *before = arena.at;
    text = STR("untouched");
    cr_expect_not(file_read(path, 4, &arena, &text, &why));
    cr_expect(str_equal(text, STR("untouched")));
    cr_expect_eq(arena.at, before);
    cr_expect(str_starts(str_of(why.text), str_of(path)));
    cr_expect(str_contains(str_of(why.text), STR("larger than 4 bytes")));
}

Test(file, one_larger_than_the_arena_is_refused)
{
    struct err why = {""};
    struct str text;
    struct arena small = arena;
    small.end = small.at + 5;
    cr_assert(file_replace(path, STR("12345"), 0600, NULL));
    cr_expect_not(file_read(path, 100, &small, &text, &why));
    cr_expect(str_contains(str_of(why.text), STR("no memory")));
    small.end++;
    cr_expect(file_read(path, 100, &small, &text, &why), "%s", why.text);
    cr_expect(file_read(path, SIZE_MAX, &arena, &text, &why), "%s", why.text);
}

Test(file, what_cannot_be_read_or_written_says_why)
{
    struct err why = {""};
    struct str text;
    cr_expect_not(file_read(path, 100, &arena, &text, &why));
    cr_expect(str_contains(str_of(why.text), STR("No such file")));
    cr_expect_not(file_read(folder, 100, &arena, &text, &why));
    cr_expect(str_contains(str_of(why.text), STR("directory")));
    cr_expect_not(file_replace("/nowhere/at/all", STR("x"), 0600, &why));
    cr_expect(str_contains(str_of(why.text), STR("No such file")));
    cr_expect_not(file_replace(folder, STR("x"), 0600, &why));
    cr_expect(str_contains(str_of(why.text), str_of(folder)));
    static char longer[10000];
    memset(longer, 'x', sizeof longer - 1);
    cr_expect_not(file_replace(longer, STR("x"), 0600, &why));
}
