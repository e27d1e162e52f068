/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh incidents`: what the windows found, from soc.incidents: of each
 * incident its newest revision, in order of their first alert. */
#include "base/table.h"
#include "base/times.h"
#include "commands.h"
#include "feed_screen.h"
#include "model/incident.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>

enum { KAFKA_MS = 10000, MAX_INCIDENTS = 1 << 22 };
#define KEPT_BYTES ((size_t)8 << 30) /* reserved, touched only when used */

/* The newest revision of one incident. */
struct newest {
    uint32_t revision;
    int64_t first_ms;
    struct str text, id;
};

struct gathering {
    struct table *ids;
    struct newest *newest;
    size_t room;
    struct json_reader *reader;
    struct arena kept, scratch;
    uint64_t n_unreadable;
};

static bool
make_room(struct gathering *g, uint32_t number)
{
    if (number < g->room)
        return true;
    size_t room = g->room ? g->room * 2 : 1024;
    struct newest *newest = realloc(g->newest, room * sizeof *newest);
    if (!newest)
        return false;
    for (size_t i = g->room; i < room; i++)
        newest[i] = (struct newest){0};
    g->newest = newest;
    g->room = room;
    return true;
}

static void
take(struct gathering *g, const struct record *record)
{
    struct arena scratch = g->scratch;
    struct incident incident;
    struct err why;
    if (record->value.len == 0)
        return;
    if (!incident_read(g->reader, record->value, &scratch, &incident, &why)) {
        g->n_unreadable++;
        return;
    }
    bool is_new = false;
    uint32_t number = table_add(g->ids, incident.id, &is_new);
    if (number == TABLE_NONE || !make_room(g, number))
        return;
    struct newest *newest = &g->newest[number];
    if (!is_new && newest->revision >= incident.revision)
        return;
    newest->revision = incident.revision;
    newest->first_ms = incident.first_ms;
    newest->text = arena_copy(&g->kept, record->value);
    newest->id = table_key(g->ids, number);
}

static int
compare_newest(const void *left, const void *right)
{
    const struct newest *a = left, *b = right;
    int by_time = (a->first_ms > b->first_ms) - (a->first_ms < b->first_ms);
    return by_time ? by_time : str_compare(a->id, b->id);
}

static void
print_line(struct gathering *g, const struct newest *newest, bool json,
           bool english)
{
    if (json) { /* whole, however long it is */
        fwrite(newest->text.at, 1, newest->text.len, stdout);
        putchar('\n');
        return;
    }
    struct arena scratch = g->scratch;
    struct incident incident;
    struct err why;
    struct buf line = {0};
    if (!incident_read(g->reader, newest->text, &scratch, &incident, &why))
        return;
    struct str title = english || incident.title.vi.len == 0
                           ? incident.title.en
                           : incident.title.vi;
    buf_iso(&line, incident.first_ms, VIETNAM_MINUTES);
    line.len = line.len > 19 ? 19 : line.len;
    buf_format(&line, "  %-8.*s %-6.*s %8" PRIu64 "  ",
               STR_ARG(severity_id(incident.severity)),
               STR_ARG(incident_state_id(incident.state)), incident.count);
    screen_text(&line, title);
    for (size_t i = 0; i < incident.n_key; i++) {
        buf_add(&line, i > 0 ? STR(", ") : STR("  "));
        screen_text(&line, incident.key[i].name);
        buf_char(&line, '=');
        screen_text(&line, incident.key[i].value);
    }
    printf("%.*s\n", STR_ARG(buf_str(&line)));
    buf_free(&line);
}

static bool
gather(const struct config *config, struct gathering *g, struct err *why)
{
    struct reader *reader =
        reader_open(&config->kafka, config->topics.incidents, -1,
                    READER_BEGINNING, KAFKA_MS, why);
    if (!reader)
        return false;
    enum reader_got got;
    do {
        struct record record;
        got = reader_next(reader, KAFKA_MS, &record, why);
        if (got == READER_RECORD)
            take(g, &record);
    } while (got == READER_RECORD);
    reader_close(reader);
    if (got == READER_NOTHING)
        err_set(why, "Kafka does not answer (%s)", config->kafka_brokers);
    return got == READER_DONE;
}

static int
print_all(const struct config *config, bool json)
{
    screen_start();
    struct gathering g = {
        .ids = table_new(MAX_INCIDENTS),
        .reader = json_reader_new_large(),
        .kept = arena_reserve(KEPT_BYTES),
        .scratch = arena_reserve(SCRATCH_BYTES),
    };
    struct err why = {"out of memory"};
    int code = EXIT_UNREACHABLE;
    if (g.ids && g.reader && g.kept.at && g.scratch.at &&
        gather(config, &g, &why)) {
        uint32_t n = g.newest ? table_len(g.ids) : 0;
        if (n > 0)
            qsort(g.newest, n, sizeof *g.newest, compare_newest);
        for (uint32_t i = 0; i < n; i++)
            print_line(&g, &g.newest[i], json, config->english);
        code = g.n_unreadable > 0 ? EXIT_CHECK : EXIT_OK;
        if (g.n_unreadable > 0)
            fprintf(stderr, "thapcanh incidents: %" PRIu64 " unreadable\n",
                    g.n_unreadable);
    } else {
        fprintf(stderr, "thapcanh incidents: %s\n", why.text);
    }
    free(g.newest);
    table_free(g.ids);
    json_reader_free(g.reader);
    return code; /* the process ends: its arenas with it */
}

int
cmd_incidents(int argc, char **argv)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    const char *path = NULL;
    bool json = false;
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
        if (c == 'c')
            path = optarg;
        else if (c == 'j')
            json = true;
        else
            return EXIT_USAGE;
    }
    static struct config config;
    struct complaints complaints = {0};
    int code = EXIT_CHECK;
    if (optind < argc)
        code = EXIT_USAGE;
    else if (config_load(path, &config, &complaints))
        code = print_all(&config, json);
    else
        command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    config_free(&config);
    return code;
}
