/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that lies in memory, and what becomes of it meanwhile. */
#include "daemon/mapped_file.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BYTES = 1 << 20, CUT = 100000 };

static char path[64];

static void
make_file(void)
{
    static char text[BYTES];
    snprintf(path, sizeof path, "/tmp/thapcanh-mapped-XXXXXX");
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    memset(text, 'x', sizeof text);
    cr_assert_eq(write(fd, text, sizeof text), (ssize_t)sizeof text);
    close(fd);
}

static size_t
count(const struct mapped_file *file)
{
    size_t n = 0;
    for (size_t i = 0; i < file->text.len; i++)
        n += file->text.at[i] == 'x';
    return n;
}

Test(mapped_file, a_file_left_alone_is_whole)
{
    struct mapped_file file;
    make_file();
    cr_assert(mapped_file_open(path, &file));
    cr_assert_eq(file.text.len, BYTES);
    cr_assert_eq(count(&file), BYTES);
    cr_assert_not(mapped_file_torn());
    cr_assert_not(mapped_file_cut(&file));
    mapped_file_close(&file);
    unlink(path);
}

Test(mapped_file, what_is_cut_off_reads_as_zeros_and_is_told)
{
    struct mapped_file file;
    make_file();
    for (int i = 0; i < 2; i++) { /* the second has nothing of the first */
        cr_assert(mapped_file_open(path, &file));
        cr_assert_not(mapped_file_torn());
        cr_assert_eq(truncate(path, CUT), 0);
        cr_assert_eq(count(&file), CUT);
        cr_assert_eq(mapped_file_torn(), i == 0, "time %d", i);
        cr_assert_eq(mapped_file_cut(&file), i == 0, "time %d", i);
        mapped_file_close(&file);
    }
    unlink(path);
}

Test(mapped_file, a_cut_within_the_last_page_is_told_too)
{
    struct mapped_file file;
    make_file();
    cr_assert(mapped_file_open(path, &file));
    cr_assert_eq(truncate(path, BYTES - 10), 0);
    cr_assert_eq(count(&file), BYTES - 10);
    cr_assert_not(mapped_file_torn());
    cr_assert(mapped_file_cut(&file));
    mapped_file_close(&file);
    unlink(path);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* Sanitizers have a handler of their own for it. */
Test(mapped_file, another_memory_fault_still_ends_the_process, .signal = SIGBUS)
{
    struct mapped_file file;
    char other[] = "/tmp/thapcanh-mapped-XXXXXX";
    int fd = mkstemp(other);
    unlink(other);
    make_file();
    cr_assert(mapped_file_open(path, &file));
    unlink(path);
    volatile char *at = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
    cr_assert_neq((void *)(uintptr_t)at, MAP_FAILED);
    fputc(*at, stderr);
}
#endif

Test(mapped_file, what_cannot_lie_in_memory_is_left_to_others)
{
    struct mapped_file file;
    char folder[] = "/tmp/thapcanh-mapped-XXXXXX", pipe[64], empty[64];
    cr_assert_not_null(mkdtemp(folder));
    snprintf(pipe, sizeof pipe, "%s/pipe", folder);
    snprintf(empty, sizeof empty, "%s/empty", folder);
    cr_assert_eq(mkfifo(pipe, 0600), 0);
    fclose(fopen(empty, "w"));
    const char *paths[] = {folder, pipe, empty, "-", "/nowhere/at/all"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        cr_assert_not(mapped_file_open(paths[i], &file), "row %zu", i);
        cr_assert_null(file.text.at);
        mapped_file_close(&file);
    }
    unlink(pipe);
    unlink(empty);
    rmdir(folder);
}
