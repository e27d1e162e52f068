/* SPDX-License-Identifier: Apache-2.0
 *
 * The subcommands. Each gets its own name as argv[0] and answers with an exit
 * code of base/err.h. Data goes to stdout, talk to stderr. One table
 * (commands.c) dispatches them and makes every help text. */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

#include "config.h"

#include <stdio.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;  /* one line */
    const char *usage; /* what follows "thapcanh NAME " */
    const char *more;  /* whole lines, or "" */
};
extern const struct command commands[];
extern const size_t n_commands;

/* "usage: …" of one command to stderr; EXIT_USAGE. */
int command_usage(const char *name);
/* Says what getopt_long stumbled over, with the name that may be meant: `c` is
 * '?' or ':' (the short options begin with ':'), `word` the argument. */
struct option;
void command_wrong_option(const char *name, const struct option *options, int c,
                          const char *word);
/* The user's name, also behind sudo; NULL: nobody knows. */
const char *command_user(void);
/* The whole of it, which may be nothing. */
void command_print(FILE *out, const struct buf *buf);
/* config_load for a command: what is wrong goes to stderr, line by line. */
bool command_config(const char *path, struct config *config);

int cmd_run(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_rebuild(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_produce(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_windows(int argc, char **argv);
int cmd_incidents(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_whatif(int argc, char **argv);
int cmd_feed(int argc, char **argv);
int cmd_deadletter(int argc, char **argv);
int cmd_counts(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_tickets(int argc, char **argv);
int cmd_silence(int argc, char **argv);
int cmd_oncall(int argc, char **argv);
int cmd_notify(int argc, char **argv);

#endif
