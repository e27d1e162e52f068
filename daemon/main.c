/* SPDX-License-Identifier: Apache-2.0
 *
 * One binary, many commands: the table that dispatches them and makes the
 * help. */
#include "base/err.h"
#include "commands.h"
#include "version.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *what;
};

static const struct command commands[] = {
    {"run", cmd_run, "[-c FILE]", "the service, until SIGTERM"},
    {"status", cmd_status, "[-c FILE] [--json]",
     "how it does: per partition in, counted, dead, late, lag"},
    {"counts", cmd_counts, "--from 2024-01 --to 2024-09 [--by …] [--json]",
     "exact counts; also counts import, counts compare"},
    {"report", cmd_report, "--period 2024-9m --format text|html|csv|json",
     "the report of a period"},
    {"rebuild", cmd_rebuild, "--topic T --partition N --from WHERE",
     "start a partition that has stopped"},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands };

static int
help(FILE *out)
{
    fprintf(out,
            "thapcanh %s: alert aggregation for a security operations "
            "centre\n\nusage: thapcanh COMMAND …\n\n",
            THAPCANH_VERSION);
    for (size_t i = 0; i < N_COMMANDS; i++)
        fprintf(out, "  %-10s %s\n             %s\n", commands[i].name,
                commands[i].what, commands[i].usage);
    return EXIT_OK;
}

static int
unknown(const char *name)
{
    struct str names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++)
        names[i] = str_of(commands[i].name);
    struct str near = str_nearest(str_of(name), names, N_COMMANDS);
    fprintf(stderr, "thapcanh: unknown command '%s'", name);
    if (near.len > 0)
        fprintf(stderr, " (did you mean '%.*s'?)", STR_ARG(near));
    fprintf(stderr, "; `thapcanh help` lists them\n");
    return EXIT_USAGE;
}

int
main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
        !strcmp(argv[1], "-h"))
        return help(stdout);
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].run(argc - 1, argv + 1);
    return unknown(argv[1]);
}
