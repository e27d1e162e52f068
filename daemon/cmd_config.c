/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh config`: the settings in force, as a file that reads back;
 * `--markdown`: docs/config.md; `--list`: every setting there is;
 * `--metrics`: docs/metrics.md. */
#include "commands.h"
#include "config_table.h"
#include "metrics.h"

#include <getopt.h>
#include <stdio.h>

static void
metrics_markdown(struct buf *buf)
{
    struct metric_words words;
    buf_add(buf, STR("<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
                     "<!-- Written by `thapcanh config --metrics`. -->\n\n"
                     "# Metrics\n\n"
                     "What `/metrics` has, as Prometheus reads it. A dashboard "
                     "and alert rules for it: [operations.md](operations.md)."
                     "\n\n| name | type | labels | |\n|---|---|---|---|\n"));
    for (size_t i = 0; metrics_words(i, &words); i++)
        buf_format(buf, "| `thapcanh_%s` | %s | %s | %s |\n", words.name,
                   words.type, words.labels, words.help);
}

int
cmd_config(int argc, char **argv)
{
    static const struct option options[] = {
        {"markdown", no_argument, NULL, 'm'},
        {"list", no_argument, NULL, 'l'},
        {"metrics", no_argument, NULL, 'x'},
        {NULL, 0, NULL, 0},
    };
    const char *path = NULL;
    char form = 'y';
    bool fine = true;
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
        if (c == 'c')
            path = optarg;
        else if (c == 'm' || c == 'l' || c == 'x')
            form = (char)c;
        else
            fine = false;
    }
    if (!fine || optind < argc)
        return command_usage("config");
    struct buf buf = {0};
    struct config config;
    int code = EXIT_OK;
    if (form == 'm') {
        config_markdown(&buf);
    } else if (form == 'l') {
        config_help(&buf);
    } else if (form == 'x') {
        metrics_markdown(&buf);
    } else {
        if (command_config(path, &config))
            config_yaml(&config, &buf);
        else
            code = EXIT_CHECK;
        config_free(&config);
    }
    command_print(stdout, &buf);
    buf_free(&buf);
    return code;
}
