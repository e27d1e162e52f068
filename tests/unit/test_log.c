/* SPDX-License-Identifier: Apache-2.0
 *
 * The four verbs: what reaches stderr. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/times.h"

static int end;

static void
setup(void)
{
    int ends[2];
    cr_assert_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    end = ends[0];
}

TestSuite(log, .init = setup);

/* What was logged, without the time that each line begins with. */
static struct str
logged(void)
{
    static char text[16384];
    fflush(stderr);
    close(STDERR_FILENO);
    size_t len = 0;
    for (ssize_t got = 1; got > 0; len += (size_t)got) {
        got = read(end, text + len, sizeof text - len);
    }
    struct str rest = {text, len}, line;
    size_t out = 0;
    int64_t ms;
    while (str_split(&rest, '\n', &line)) {
        cr_expect(time_from_iso(str_cut(line, 0, 20), 0, &ms));
        line = str_cut(line, 21, line.len);
        memmove(text + out, line.at, line.len);
        out += line.len;
        text[out++] = '\n';
    }
    return (struct str){text, out};
}

static void
expect_logged(const char *want)
{
    struct str got = logged();
    cr_expect(str_equal(got, str_of(want)), "got '%.*s'", STR_ARG(got));
}

static void
log_all(void)
{
    log_debug("a", "%d", 1);
    log_info("a", "%d", 2);
    log_warn("a", "%d", 3);
}

Test(log, debug_lines_are_silent_unless_asked_for)
{
    log_all();
    expect_logged("info a: 2\nwarn a: 3\n");
}

Test(log, verbose_shows_all)
{
    log_verbose();
    log_all();
    expect_logged("debug a: 1\ninfo a: 2\nwarn a: 3\n");
}

Test(log, quiet_keeps_warnings)
{
    log_quiet();
    log_all();
    expect_logged("warn a: 3\n");
}

Test(log, hostile_text_cannot_steer_a_terminal_or_forge_a_line)
{
    log_info("ingest", "%s",
             "x\ny\x1b[2J\x7f\xc2\x9b"
             "31m\x9b\tC\xe1\xba\xa3nh \xf0\x9f\x98\x80"
             "\xc2\xa0z");
    expect_logged("info ingest: x?y?[2J???31m??C\xe1\xba\xa3nh "
                  "\xf0\x9f\x98\x80\xc2\xa0z\n");
}

Test(log, a_line_that_is_too_long_is_cut)
{
    static char longer[10000];
    memset(longer, 'x', sizeof longer - 1);
    log_info("ingest", "%s", longer);
    struct str got = logged();
    cr_expect_gt(got.len, 4000);
    cr_expect_lt(got.len, 4096);
    cr_expect(str_ends(got, STR("xxx\n")));
}

Test(log, fatal_ends_the_process_with_1, .exit_code = 1)
{
    log_fatal("a", "cannot go on");
}
