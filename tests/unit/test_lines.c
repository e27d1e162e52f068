/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of a file, whatever their ends and lengths. */
#include "daemon/lines.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file with these bytes; the path lasts until the next call. */
static const char *
file_of(const char *bytes, size_t n)
{
    static char path[64];
    snprintf(path, sizeof path, "/tmp/thapcanh-lines-XXXXXX");
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    return path;
}

Test(lines, line_ends_are_taken_off_and_the_last_line_needs_none)
{
    static const struct {
        const char *text, *lines[5];
    } rows[] = {
        {"a\nb\n", {"a", "b"}},
        {"a\nb", {"a", "b"}},
        {"a\r\nb\r\n", {"a", "b"}},
        {"\n\na\n", {"", "", "a"}},
        {"", {NULL}},
        {"\n", {""}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lines lines;
        struct str line;
        struct err why;
        const char *path = file_of(rows[i].text, strlen(rows[i].text));
        cr_assert(lines_open(&lines, path, 100, &why), "%s", why.text);
        for (size_t k = 0; rows[i].lines[k] != NULL; k++) {
            cr_assert_eq(lines_next(&lines, &line, &why), LINES_ONE, "row %zu",
                         i);
            cr_assert(str_equal(line, str_of(rows[i].lines[k])), "row %zu", i);
        }
        cr_assert_eq(lines_next(&lines, &line, &why), LINES_END, "row %zu", i);
        cr_assert_eq(lines.n_bytes, strlen(rows[i].text));
        lines_close(&lines);
        unlink(path);
    }
}

Test(lines, a_line_longer_than_a_block_is_whole_and_one_too_long_is_skipped)
{
    size_t sizes[] = {3 << 20, 5 << 20, 10}, n = 0;
    char *bytes = malloc(9 << 20);
    for (size_t i = 0; i < 3; i++) {
        memset(bytes + n, 'a' + (int)i, sizes[i]);
        n += sizes[i];
        bytes[n++] = '\n';
    }
    const char *path = file_of(bytes, n);
    struct lines lines;
    struct str line;
    struct err why;
    cr_assert(lines_open(&lines, path, 4 << 20, &why));
    cr_assert_eq(lines_next(&lines, &line, &why), LINES_ONE);
    cr_assert_eq(line.len, sizes[0]);
    cr_assert_eq(lines_next(&lines, &line, &why), LINES_ONE);
    cr_assert(str_equal(line, STR("cccccccccc")));
    cr_assert_eq(lines.n_too_long, 1);
    cr_assert_eq(lines.number, 3, "the one that was skipped has its number");
    cr_assert_eq(lines_next(&lines, &line, &why), LINES_END);
    lines_close(&lines);
    unlink(path);
    free(bytes);
}

Test(lines, a_last_line_that_is_too_long_is_skipped_too)
{
    char bytes[300];
    memset(bytes, 'x', sizeof bytes);
    const char *path = file_of(bytes, sizeof bytes);
    struct lines lines;
    struct str line;
    struct err why;
    cr_assert(lines_open(&lines, path, 100, &why));
    cr_assert_eq(lines_next(&lines, &line, &why), LINES_END);
    cr_assert_eq(lines.n_too_long, 1);
    lines_close(&lines);
    unlink(path);
}

Test(lines, what_cannot_be_read_is_said_with_its_name)
{
    struct lines lines;
    struct str line;
    struct err why = {""};
    cr_assert_not(lines_open(&lines, "/nonexistent/x", 100, &why));
    cr_assert_not_null(strstr(why.text, "/nonexistent/x"));
    cr_assert(lines_open(&lines, "/tmp", 100, &why));
    cr_assert_eq(lines_next(&lines, &line, &why), LINES_FAILED);
    cr_assert_not_null(strstr(why.text, "/tmp: "));
    lines_close(&lines);
}
