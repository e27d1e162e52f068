/* SPDX-License-Identifier: Apache-2.0
 *
 * Files in memory for harnesses of what reads files: nothing touches a disk. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

const char *
fuzz_file(int number, const void *bytes, size_t size)
{
    static int file[2] = {-1, -1};
    static char path[2][40];
    if (file[number] < 0)
        file[number] = memfd_create("fuzz", MFD_CLOEXEC);
    assert(file[number] >= 0 && ftruncate(file[number], 0) == 0);
    assert(size == 0 || pwrite(file[number], bytes, size, 0) == (ssize_t)size);
    snprintf(path[number], sizeof path[number], "/proc/self/fd/%d",
             file[number]);
    return path[number];
}
