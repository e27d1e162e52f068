/* SPDX-License-Identifier: Apache-2.0
 *
 * One binary, many commands. `thapcanh help`, `thapcanh help COMMAND` and
 * `thapcanh COMMAND --help` print what the table says of them. */
#include "commands.h"
#include "version.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command *
find(const char *name)
{
    for (size_t i = 0; i < n_commands; i++)
        if (strcmp(name, commands[i].name) == 0)
            return &commands[i];
    return NULL;
}

static void
help(FILE *out)
{
    fprintf(out,
            "thapcanh %s: alert aggregation for a security operations "
            "centre\n\nusage: thapcanh COMMAND …\n\n",
            THAPCANH_VERSION);
    for (size_t i = 0; i < n_commands; i++)
        fprintf(out, "  %-12s%s\n", commands[i].name, commands[i].what);
    fprintf(out,
            "\n`thapcanh help COMMAND` says more. The configuration is the "
            "file after -c, else\ndeploy/thapcanh.yml, else "
            "/etc/thapcanh/thapcanh.yml. Exit codes: 0 fine, 1 a\ncheck "
            "failed, 2 the command line is wrong, 4 a service cannot be "
            "reached.\n");
}

static int
help_of(const struct command *command)
{
    printf("thapcanh %s: %s\n\nusage: thapcanh %s %s\n", command->name,
           command->what, command->name, command->usage);
    if (*command->more)
        printf("\n%s", command->more);
    return EXIT_OK;
}

static int
unknown(const char *name)
{
    struct str names[64];
    size_t n = 0;
    for (; n < n_commands && n < 64; n++)
        names[n] = str_of(commands[n].name);
    struct str near = str_nearest(str_of(name), names, n);
    fprintf(stderr, "thapcanh: unknown command '%s'", name);
    if (near.len > 0)
        fprintf(stderr, " (did you mean '%.*s'?)", STR_ARG(near));
    fprintf(stderr, "; `thapcanh help` lists them\n");
    return EXIT_USAGE;
}

/* --help among the arguments, before a "--". */
static bool
wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int
dispatch(int argc, char **argv)
{
    const struct command *command = find(argv[0]);
    bool help_wanted = strcmp(argv[0], "help") == 0 ||
                       strcmp(argv[0], "--help") == 0 ||
                       strcmp(argv[0], "-h") == 0;
    if (help_wanted && argc < 2) {
        help(stdout);
        return EXIT_OK;
    }
    if (help_wanted) {
        command = find(argv[1]);
        return command != NULL ? help_of(command) : unknown(argv[1]);
    }
    if (strcmp(argv[0], "version") == 0 || strcmp(argv[0], "--version") == 0) {
        printf("thapcanh %s\n", THAPCANH_VERSION);
        return EXIT_OK;
    }
    if (command == NULL)
        return unknown(argv[0]);
    return wants_help(argc, argv) ? help_of(command) : command->run(argc, argv);
}

int
main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    int code = dispatch(argc - 1, argv + 1);
    /* What did not get out was not said. */
    bool out = fflush(stdout) == 0 && ferror(stdout) == 0;
    return code == EXIT_OK && !out ? EXIT_CHECK : code;
}
