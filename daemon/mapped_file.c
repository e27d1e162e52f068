/* SPDX-License-Identifier: Apache-2.0
 *
 * A page behind the end that the file has now cannot be read: SIGBUS. The
 * handler puts empty pages in the place of all from there on, notes it, and
 * the reader goes on to find it. Any other SIGBUS ends the process, as it would
 * without us. mmap is a plain system call here, so it may stand in a handler
 * although POSIX does not list it. */
#include "mapped_file.h"

#include <assert.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the file that is open; the handler can be given nothing. */
static char *volatile first, *volatile last;
static volatile uintptr_t page_bytes;
static volatile sig_atomic_t torn;
static struct sigaction before;

static void
on_bus_error(int number, siginfo_t *info, void *context)
{
    char *at = info->si_addr;
    (void)context;
    if (at >= first && at < last) {
        char *page = at - (uintptr_t)at % page_bytes;
        if (mmap(page, (size_t)(last - page), PROT_READ,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                 0) != MAP_FAILED) {
            torn = 1;
            return;
        }
    }
    sigaction(number, &before, NULL); /* again, and to its end */
}

static void
watch(char *at, size_t len)
{
    struct sigaction action = {.sa_sigaction = on_bus_error,
                               .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    page_bytes = (uintptr_t)sysconf(_SC_PAGESIZE);
    first = at;
    last = at + len;
    torn = 0;
    sigaction(SIGBUS, &action, &before);
}

bool
mapped_file_open(const char *path, struct mapped_file *file)
{
    struct stat about;
    void *at = MAP_FAILED;
    assert(!last);
    *file = (struct mapped_file){.fd = -1};
    /* A pipe must not even be opened: its writer would see us go. */
    if (strcmp(path, "-") != 0 && stat(path, &about) == 0 &&
        S_ISREG(about.st_mode))
        file->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (file->fd >= 0 && fstat(file->fd, &about) == 0 &&
        S_ISREG(about.st_mode) && about.st_size > 0)
        at = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file->fd,
                  0);
    if (at == MAP_FAILED) {
        if (file->fd >= 0)
            close(file->fd);
        file->fd = -1;
        return false;
    }
    file->text = (struct str){at, (size_t)about.st_size};
    madvise(at, file->text.len, MADV_SEQUENTIAL);
    watch(at, file->text.len);
    return true;
}

void
mapped_file_close(struct mapped_file *file)
{
    if (!file->text.at)
        return;
    sigaction(SIGBUS, &before, NULL);
    munmap(first, file->text.len);
    first = last = NULL;
    close(file->fd);
    *file = (struct mapped_file){.fd = -1};
}

bool
mapped_file_torn(void)
{
    return torn != 0;
}

bool
mapped_file_cut(const struct mapped_file *file)
{
    struct stat about;
    return torn || fstat(file->fd, &about) != 0 ||
           about.st_size < (off_t)file->text.len;
}
