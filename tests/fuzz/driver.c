/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a harness without libFuzzer: over every seed as it is, then over
 * mutations of them. The seed of the dice is printed and gives the run again;
 * an input that ends the process is written to a file first.
 *
 *   HARNESS [-n MUTATIONS] [-o FILE] SEED-FILE-OR-FOLDER… */
#include "fuzz.h"
#include "tests/hostile/mutate.h"

#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_SEEDS = 20000, LONGEST_S = 60 };
#define SEED_BYTES ((size_t)1 << 20)

/* Only where there is a sanitizer. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*died)(void));

static struct str seeds[MAX_SEEDS];
static size_t n_seeds;
static struct str current;
static const char *crash_file = "crash";

/* What may be called from a handler only. */
static void
save_current(void)
{
    int file = open(crash_file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    bool fine = file >= 0 &&
                write(file, current.at, current.len) == (ssize_t)current.len;
    static const char text[] = "the input that did it is in the crash file\n";
    if (fine && write(STDERR_FILENO, text, sizeof text - 1) < 0)
        fine = false;
    close(file);
}

static void
on_signal(int number)
{
    save_current();
    signal(number == SIGALRM ? SIGABRT : number, SIG_DFL);
    raise(number == SIGALRM ? SIGABRT : number);
}

static void
add_seed(struct str text)
{
    char *copy = malloc(text.len + 1);
    assert(copy && n_seeds < MAX_SEEDS);
    memcpy(copy, text.at, text.len);
    seeds[n_seeds++] = (struct str){copy, text.len};
}

static void
read_seed(const char *path)
{
    struct str name = str_of(path), line;
    char *bytes = malloc(SEED_BYTES);
    FILE *file = fopen(path, "rb");
    assert(bytes && file);
    struct str text = {bytes, fread(bytes, 1, SEED_BYTES, file)};
    fclose(file);
    if (!str_ends(name, STR(".ndjson")) && !str_ends(name, STR(".cef")))
        add_seed(text);
    else
        while (str_split(&text, '\n', &line))
            add_seed(line);
    free(bytes);
}

static void
read_seeds(const char *path)
{
    struct dirent **entries = NULL;
    struct stat what;
    char below[1024];
    if (stat(path, &what) == 0 && S_ISREG(what.st_mode)) {
        read_seed(path);
        return;
    }
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0) {
        fprintf(stderr, "no seeds in %s\n", path);
        exit(2);
    }
    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
            read_seeds(below);
        }
        free(entries[i]);
    }
    free(entries);
}

static void
try(struct str text)
{
    current = text;
    alarm(LONGEST_S);
    LLVMFuzzerTestOneInput((const uint8_t *)text.at, text.len);
    alarm(0);
}

int
main(int argc, char **argv)
{
    int64_t n = 1000;
    for (int c; (c = getopt(argc, argv, "n:o:")) != -1;)
        if (c == 'o')
            crash_file = optarg;
        else if (c != 'n' || !str_to_i64(str_of(optarg), &n) || n < 0)
            return 2;
    for (int i = optind; i < argc; i++)
        read_seeds(argv[i]);
    signal(SIGABRT, on_signal);
    signal(SIGALRM, on_signal);
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(save_current);
    else
        signal(SIGSEGV, on_signal);
    unsetenv("KAFKA");
    unsetenv("REDIS");
    struct dice dice = {dice_seed("FUZZ_SEED")};
    struct buf text = {0};
    try(STR(""));
    for (size_t i = 0; i < n_seeds; i++)
        try(seeds[i]);
    for (int64_t i = 0; i < n; i++) {
        mutate(&dice, &(struct seeds){seeds, n_seeds}, &text);
        try(buf_str(&text));
    }
    printf("%zu seeds, %" PRId64 " mutations\n", n_seeds, n);
    buf_free(&text);
    for (size_t i = 0; i < n_seeds; i++) {
        union {
            const char *in;
            char *out;
        } u = {.in = seeds[i].at};
        free(u.out);
    }
    return 0;
}
