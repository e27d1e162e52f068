/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of commands: what there is, how each is used, and what is worth
 * knowing of it. */
#include "commands.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 32 };

const struct command commands[] = {
    {"run", cmd_run, "the service, until SIGTERM",
     "[-c FILE] [--only STAGE]… [-q | -v]",
     "SIGHUP is what `thapcanh reload` sends: mappings, inventory, rules and "
     "team are read\nagain; a mistake keeps the old ones.\n"
     "  --only STAGE   ingest, correlate or respond run here, the others "
     "elsewhere; links\n                 and metrics are served where respond "
     "runs\n"
     "  -q   logs only warnings and worse\n"
     "  -v   logs also what the Kafka client says of itself\n"},
    {"check", cmd_check, "every mistake in what the service would read",
     "[-c FILE]",
     "Configuration, mappings with their kinds, inventory, rules, address "
     "database, "
     "roster with\nits gaps and clashes, escalation, ways of notifying: all "
     "mistakes of all of them\nin one run, as file:line:column. Exit 1 if "
     "there is any.\nNeeds neither Kafka nor Redis.\n"},
    {"status", cmd_status, "how the service does", "[-c FILE] [--json]",
     "Per partition and per source: in, counted, updates, duplicates, dead "
     "letters, late,\nlag and watermark; below it, what is not well. Asks the "
     "processes of this machine\nover their sockets, so it works while Kafka "
     "or Redis is away. --json prints what\neach answers, and then "
     "{\"well\":…,\"troubles\":[…]}. Exit 1 when not well, 4 when\nnobody "
     "answers.\n"},
    {"reload", cmd_reload, "what has been changed holds from now on",
     "[-c FILE]",
     "Every process of this machine reads mappings, kinds, inventory, rules, "
     "tickets.yml,\nsuppressions, roster and escalation again. All is built "
     "and checked first; a mistake is\nnamed as file:line:column and changes "
     "nothing (exit 1). Exit 4 when nobody answers.\n"},
    {"produce", cmd_produce, "lines of JSON on to a topic",
     "[-c FILE] --topic T [--key PATH] [--rate N]\n"
     "                        [--partition N] [--create PARTITIONS] [--json] "
     "FILE…|-",
     "One message a line; - is the standard input. Ends when every message "
     "is\nacknowledged.\n"
     "  --key PATH      the message's key: the value at this path "
     "(host.name); a line\n                  without it goes without a key "
     "and is counted\n"
     "  --rate N        at most N messages a second\n"
     "  --partition N   all to this partition\n"
     "  --create N      make the topic with N partitions if it is missing\n"},
    {"feed", cmd_feed, "the alert feed on a terminal",
     "[-c FILE] [--follow] [--last N|all] [--json]\n"
     "                     [--language vi|en] [FILTER…]",
     "The newest 100 alerts; with --follow the newest 10 and then those that "
     "come, until\nCtrl-C. Times are UTC+7. --json prints the records "
     "themselves, one a line.\n\nFilters: severity>=high, level>=3, "
     "host=STTTT-*, unit=…, system=…, source=…,\nkind=…, rule=…, user=…, "
     "ip=10.84.0.0/16 (host, source or destination; also src_ip, dst_ip), "
     "text:word. Also !=;\n* and ? "
     "stand for any text and any byte. Different fields must all hold; "
     "several =\nof one field are alternatives.\n"},
    {"windows", cmd_windows, "what the windows hold, why, and until when",
     "list [-c FILE] [--rule RULE] [-n N] [--json]\n"
     "       thapcanh windows show [-c FILE] [--json] WINDOW",
     "list: open incidents first, then the windows nearest to their "
     "condition; at most 100\nunless -n; then how much each partition holds of "
     "what it may.\nshow: one window, by the id that the feed shows under "
     "unmapped.windows.\nTimes are UTC+7. Exit 4 when Redis does not "
     "answer.\n"},
    {"incidents", cmd_incidents, "what the rules found", "[-c FILE] [--json]",
     "Of each incident its newest revision, by the time of its first alert "
     "(UTC+7).\n--json prints the records themselves, one a line. Exit 4 when "
     "Kafka does not answer.\n"},
    {"replay", cmd_replay, "what rules would have made of files of alerts",
     "--rules PATH [--rules PATH…] [--sources DIR]\n"
     "                       [--inventory FILE] [--calendar FILE]\n"
     "                       [--as incidents|tickets]\n"
     "                       [--tickets FILE] [--suppressions FILE] "
     "SOURCE=FILE…",
     "The service's own code on event time, with windows in memory: each file "
     "is read\nthrough the mapping SOURCE, in its order of lines, files in "
     "step "
     "with each other.\nOne line of JSON for each incident as it ended: rule, "
     "kind (detection or\ncorrelation), key, first, last, count, and the lines "
     "that stand as evidence.\n--as tickets: what `tickets export` would "
     "print; --tickets and --suppressions as in\nthe configuration.\n"},
    {"whatif", cmd_whatif, "what other rules would have made of what happened",
     "[-c FILE] [--config NEW] [--rules PATH]… [--from DAY] [--to DAY] "
     "[--true FILE]\n                       [--json] [SOURCE=FILE]…",
     "The alerts of those days (event time, UTC+7; the last 30 unless said), "
     "as soc.alerts\nhas them, through the mappings, inventory, rules, "
     "tickets.yml, suppressions, roster\nand escalation of NEW (those in force "
     "unless said; --rules PATH: these rules\ninstead), beside the tickets "
     "there are: how many there would be, which rules fire\nmore or less "
     "often, "
     "what is new, what is gone, messages to each person. Exit 1 when "
     "a\nticket "
     "that people resolved as true_positive would be missed, or none of its "
     "alerts is\nleft on soc.alerts to tell.\nWith SOURCE=FILE, as for "
     "`replay`, the alerts are those of the files, in place of\nKafka's: then "
     "is "
     "what the configuration in force makes of them, nobody having\nworked on "
     "it. "
     "SOURCE is a mapping that it names. Without --from and --to: all their\n"
     "days. --true FILE: vendor ids of alerts that are true, one a line; a "
     "ticket with\none of them is true.\nTouches nothing: joins no group, "
     "commits, sends and stores nothing. Alerts are sorted\nin files without a "
     "name in TMPDIR (/var/tmp).\n\n"
     "Tickets are the same when they share an alert. Those count whose first "
     "incident\nfired within the days; so that windows are full, alerts before "
     "and after are read\ntoo, as far as the rules look, at most 31 days.\n"
     "Assumed: an alert's time, and whether it was late, stay as recorded; "
     "silences held as\nthey did; nobody works on a ticket of now, so what "
     "belongs together is one.\nMessages: sent are those on the journal; now "
     "is "
     "the first call of each ticket, as if\nnobody had answered yet: by the "
     "roster and its overrides at the time the ticket\nfired, every contact of "
     "a "
     "person works, calls within `bundle` of each other are one.\n"},
    {"tickets", cmd_tickets, "tickets: look at them, work on them",
     "list [-c FILE] [--all] [--state S] [--priority P1] [--unit U] "
     "[--json]\n"
     "       thapcanh tickets show|explain [-c FILE] [--json] TICKET…\n"
     "       thapcanh tickets ack|start|close [--by NAME] [-m TEXT] TICKET…\n"
     "       thapcanh tickets assign --to NAME | note -m TEXT | hold --for "
     "PARTY\n"
     "                        [-m TEXT] | resolve --verdict V [-m TEXT] | "
     "reopen -m TEXT\n"
     "                        | merge --into TICKET | edit --seen REVISION\n"
     "                        --field NAME=VALUE…  [--by NAME] TICKET…\n"
     "       thapcanh tickets export [-c FILE]",
     "list: the open ones, the most urgent first; --all those that are done "
     "too.\nshow: what to do first, what is known, what has happened. explain: "
     "why it is one\nticket and has its priority; also of an incident's id: "
     "where that one is.\nexport: every ticket, one JSON object a line.\n"
     "Whatever changes a ticket is a record on the journal; the command ends "
     "when it is in\nforce (0), refused with the reason (1), or nobody answers "
     "(4).\n"
     "  --by NAME    who does it; the user's name unless given\n"
     "  --verdict V  true_positive, false_positive, benign, test, duplicate, "
     "insufficient_data\n"
     "  --field F=V  incident_type, cause_group, how_found, told_to, "
     "helped_by,\n               estimated_damage, discovered_at\n"
     "  --seen N     the revision shown by `show`: an edit of what somebody "
     "has changed since\n               is refused\n"
     "  --lang vi|en\n"},
    {"silence", cmd_silence, "what makes no ticket for a while",
     "add [-c FILE] --reason TEXT --for 2h|--until TIME [--from TIME]\n"
     "                            [--by NAME] [--dry-run] MATCHER…\n"
     "       thapcanh silence list [-c FILE] [--all] [--json]\n"
     "       thapcanh silence expire [-c FILE] [--by NAME] ID…",
     "An incident that fired within the time and fits every condition opens "
     "no ticket;\n`tickets explain` and the report say so. --dry-run only "
     "counts.\n\nConditions: rule=, host=, user=, address=10.84.0.0/21, hash=, "
     "unit=, system=, kind=,\nkey.NAME=, severity<=medium, level<3; also !=; "
     "* and ? stand for any text and any byte,\na comma parts alternatives. "
     "All names of an incident must fit: what silences one host\ndoes not "
     "silence an incident that touches another.\n"},
    {"counts", cmd_counts, "exact counts",
     "[-c FILE] --from 2024-01 --to 2024-09 [--by …] [--json]",
     "Also `counts import` and `counts compare`; `thapcanh counts` alone "
     "says how.\n"},
    {"report", cmd_report, "the report of a period",
     "[-c FILE] --period 2024-9m [--format text|html|csv|json]\n"
     "                       [-o FILE]",
     "`thapcanh report` alone says what else there is.\n"},
    {"deadletter", cmd_deadletter, "what could not be read, and trying again",
     "list [-c FILE] [--reason R] [--topic T] [--json]\n"
     "       thapcanh deadletter show [-c FILE] [--raw] POSITION\n"
     "       thapcanh deadletter retry [-c FILE] [--reason R] [--topic T]\n"
     "                                 POSITION…|--all",
     "list: each letter once, with how often it was seen; whether it has been "
     "mended\nsince is in the counts of `thapcanh status`.\nshow: the "
     "original bytes, as text if they are, else in hexadecimal; --raw as they "
     "are.\nretry: sends the original bytes back to the partition they came "
     "from; a letter that\nis no longer open counts as a duplicate. --topic "
     "is the topic they came from.\n"},
    {"oncall", cmd_oncall, "who is on duty, and who stands in",
     "who [-c FILE] [--at TIME] [--system S] [--unit U] [--skill K] [--json]\n"
     "       thapcanh oncall schedule [-c FILE] [--from TIME] [--to TIME] "
     "[--json]\n"
     "       thapcanh oncall override add [-c FILE] --person A [--instead B] "
     "[--shift S]\n"
     "                           --from TIME --to TIME --reason TEXT [--by "
     "MEMBER]\n"
     "       thapcanh oncall override list [-c FILE]\n"
     "       thapcanh oncall override expire [-c FILE] [--by MEMBER] ID",
     "Times are UTC+7: 2024-10-05, \"2024-10-05 07:00\".\n"
     "who: those on duty, in the order in which they are called for that "
     "system, unit\nand skill; exit 1 when there is nobody.\nschedule: every "
     "turn; the next 7 days unless said otherwise.\noverride add: A is away "
     "and B does A's turns (nobody without --instead); with\n--instead alone, "
     "B is on duty in addition. It counts from the moment it is on\n"
     "the journal; when Kafka cannot be reached the roster file alone answers, "
     "exit 4.\n"},
    {"notify", cmd_notify, "tries the channels to people",
     "test [-c FILE] [--to MEMBER]",
     "Sends a real test message by each channel of the member (who is on duty "
     "first,\nunless --to) and prints what came of each; exit 1 if one "
     "failed.\n"},
    {"map", cmd_map, "source mappings: check them, try them, fit them",
     "check [--sources DIR] [MAPPING…]\n"
     "       thapcanh map test [--sources DIR] [--json] --source NAME FILE\n"
     "       thapcanh map kinds [--sources DIR] [--source NAME] FILE…",
     "check: every mistake of mappings and their kinds, as file:line:column.\n"
     "test: what a file of alerts becomes: fields filled, what is left unread, "
     "severities\nand sensor rules not known; --json prints each alert. Exit 1 "
     "on a fault, a missing\ntime or an unknown severity.\nkinds: sensor rules "
     "without a kind, those with most alerts first; without --source\neach "
     "alert is read by the first mapping that takes it.\n"
     "  --sources DIR   where mappings lie; deploy/sources or "
     "/etc/thapcanh/sources\n                  unless given\n"
     "  FILE            an alert on each line; - is the standard input\n"},
    {"rules", cmd_rules, "rules: check them, try them, see what they do",
     "check [--strict] PATH…\n"
     "       thapcanh rules list [--json] [PATH…]\n"
     "       thapcanh rules test [--rules PATH] [--source NAME] PATH…\n"
     "       thapcanh rules explain --source NAME [--rules PATH] [--line N]\n"
     "                              RULE FILE\n"
     "       thapcanh rules eval --rules PATH --source NAME [--any-logsource]\n"
     "                           [--repeat N] FILE\n"
     "       thapcanh rules stats --rules PATH --source NAME "
     "[--any-logsource]\n"
     "                            [--top N] [--json] FILE\n"
     "       thapcanh rules tune --source NAME --false FILE --true FILE\n"
     "                           [--rules PATH] [--any-logsource] RULE",
     "A PATH is a rule file, or a folder with all *.yml below it. RULE is a "
     "rule file, or\nwith --rules the id, name or title of a rule in there. "
     "FILE has an event on each\nline; - is the standard input.\n\n"
     "check: every mistake as file:line:column, and warnings of what is "
     "hardly meant so;\nexit 1 if there is a mistake, with --strict also if "
     "there is a warning.\n"
     "list: what there is; of the shipped rules/ unless paths are given. "
     "--json: one object\na line, with tags, log source, what it feeds, and "
     "the fields it reads.\n"
     "test: runs the examples of each rule, and the files of events that have "
     "an expectation\n(NAME.expect beside NAME.ndjson, docs/rules.md); exit 1 "
     "if one does not hold.\n"
     "explain: why each event of FILE matches RULE or not: what decides it, "
     "value by value,\nand what nearly matched (~).\n"
     "eval: {\"line\":7,\"rules\":[ids]} for each line of FILE that some "
     "detection matches;\na refused rule is named and the others go on.\n"
     "stats: which rules fire most on FILE and which cost most, as if each "
     "were alone.\n"
     "tune: a Sigma filter that takes away the events of --false and leaves "
     "those of --true,\nchecked before it is printed; exit 1, with the "
     "reason, if there is none.\n"
     "  --source NAME     the mapping that FILE's lines are read by\n"
     "  --sources DIR     where mappings lie; deploy/sources unless given\n"
     "  --any-logsource   also rules for other log sources\n"
     "  --line N          only this line of FILE\n"
     "  --top N           so many rules; 20 unless given\n"
     "  --repeat N        goes through FILE N times, to be timed; prints what "
     "the first\n                    finds\n"
     "  --calendar FILE   public holidays; deploy/calendar.yml unless given, "
     "if it is there\n"},
    {"config", cmd_config, "the settings in force",
     "[-c FILE] [--list | --markdown]",
     "Prints a file that reads back; passwords are left out.\n"
     "  --list       every setting there is, with type, range and default\n"
     "  --markdown   the same as docs/config.md\n"
     "  --metrics    docs/metrics.md: what /metrics has\n"},
    {"rebuild", cmd_rebuild, "start a partition that has stopped",
     "[-c FILE] --topic T --partition N\n"
     "                        --from beginning|end|OFFSET",
     "For a partition that stopped because its log is another one or has lost "
     "records.\nThe counts stay; what is read from there on is not taken for "
     "a repeat.\n"},
};
const size_t n_commands = sizeof commands / sizeof *commands;

int
command_usage(const char *name)
{
    for (size_t i = 0; i < n_commands; i++)
        if (strcmp(commands[i].name, name) == 0)
            fprintf(stderr, "usage: thapcanh %s %s\n", name, commands[i].usage);
    return EXIT_USAGE;
}

void
command_wrong_option(const char *name, const struct option *options, int c,
                     const char *word)
{
    struct str names[MAX_OPTIONS], near;
    size_t n = 0;
    if (c == ':') {
        fprintf(stderr, "thapcanh %s: %s needs a value\n", name, word);
        return;
    }
    for (; options[n].name && n < MAX_OPTIONS; n++)
        names[n] = str_of(options[n].name);
    near = str_nearest(str_of(strncmp(word, "--", 2) == 0 ? word + 2 : word),
                       names, n);
    fprintf(stderr, "thapcanh %s: unknown option '%s'", name, word);
    if (near.len > 0)
        fprintf(stderr, " (did you mean '--%.*s'?)", STR_ARG(near));
    fputc('\n', stderr);
}

const char *
command_user(void)
{
    const char *name = getenv("SUDO_USER");
    return name ? name : getenv("USER");
}

void
command_print(FILE *out, const struct buf *buf)
{
    if (buf->len > 0)
        fwrite(buf->at, 1, buf->len, out);
}

bool
command_config(const char *path, struct config *config)
{
    struct complaints complaints = {0};
    bool fine = config_load(path, config, &complaints);
    command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    return fine;
}
