/* SPDX-License-Identifier: Apache-2.0
 *
 * The subcommands. Each gets its own name as argv[0] and answers with an exit
 * code of base/err.h. Data goes to stdout, talk to stderr. The table that
 * dispatches them and makes `--help` is in main.c. */
#ifndef DAEMON_COMMANDS_H
#define DAEMON_COMMANDS_H

int
cmd_run(int argc, char **argv);
int
cmd_status(int argc, char **argv);
int
cmd_rebuild(int argc, char **argv);
int
cmd_check(int argc, char **argv);
int
cmd_config(int argc, char **argv);
int
cmd_produce(int argc, char **argv);
int
cmd_map(int argc, char **argv);
int
cmd_feed(int argc, char **argv);
int
cmd_deadletter(int argc, char **argv);
int
cmd_counts(int argc, char **argv);
int
cmd_report(int argc, char **argv);

#endif
