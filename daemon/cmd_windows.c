/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh windows`: what the windows hold now, read from Redis. `list` prints
 * a line a window, those nearest to their condition first, then for each
 * partition how much it holds of what it may; `show` one window whole. A state
 * that is being written meanwhile is read as of each window's last commit. */
#include "base/commit.h"
#include "base/redis.h"
#include "base/table.h"
#include "base/times.h"
#include "commands.h"
#include "correlate/correlate.h"
#include "correlate/window_view.h"
#include "feed_screen.h"
#include "model/window_event.h"
#include "topics.h"
#include "window_words.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 512, MAX_SHOWN = 1 << 22 };

struct wish {
    const char *config;
    struct str rule, window; /* empty: all */
    int64_t n;               /* at most so many lines */
    bool show, json;
};

/* A line to be printed, and where it stands among the others. */
struct line {
    double near; /* 1 and above: the condition holds */
    int64_t last_ms;
    char *text;
};

struct looking {
    const struct wish *wish;
    struct config config;
    struct redis *redis;
    struct registry *registry;
    struct window_reader *reader;
    struct table *seen; /* windows: a scan may give one twice */
    struct str name;    /* "correlate/TOPIC/PARTITION" */
    struct line *lines;
    size_t n_lines, lines_room;
    struct buf text, totals;
    int64_t watermark_ms[MAX_LEVELS];
    uint64_t n_windows, n_bytes, n_unreadable, n_cut, n_refused;
    struct err *why;
    bool failed;
};

/* --- a window as text */

static void
put_time(struct buf *buf, int64_t ms)
{
    if (ms == NO_TIME)
        buf_char(buf, '-');
    else
        buf_iso(buf, ms, VIETNAM_MINUTES);
}

static void
put_json_time(struct buf *buf, const char *key, int64_t ms)
{
    buf_format(buf, ",\"%s\":", key);
    if (ms == NO_TIME) {
        buf_add(buf, STR("null"));
        return;
    }
    buf_char(buf, '"');
    buf_iso(buf, ms, VIETNAM_MINUTES);
    buf_char(buf, '"');
}

static void
put_json(struct buf *buf, const struct window_view *view, int64_t watermark_ms)
{
    struct buf words = {0};
    buf_add(buf, STR("{\"window\":"));
    buf_json(buf, view->id);
    buf_add(buf, STR(",\"rule\":"));
    buf_json(buf, view->rule->id);
    buf_add(buf, STR(",\"type\":"));
    buf_json(buf, correlation_type_id(view->rule->type));
    buf_add(buf, STR(",\"key\":"));
    buf_add(buf, view->key);
    buf_format(buf,
               ",\"have\":%" PRIu32 ",\"need\":%" PRIu32
               ",\"timespan_ms\":%" PRId64 ",\"events\":%" PRIu32
               ",\"cold\":%" PRIu32 ",\"bytes\":%zu,\"approximate\":%s",
               view->have, view->rule->threshold, view->rule->timespan_ms,
               view->n_events, view->n_cold, view->bytes,
               view->approximate ? "true" : "false");
    put_json_time(buf, "first", view->first_ms);
    put_json_time(buf, "last", view->last_ms);
    put_json_time(buf, "closes_after", view->close_ms);
    put_json_time(buf, "kept_until", view->sweep_ms);
    put_json_time(buf, "watermark", watermark_ms);
    window_words(&words, view, watermark_ms);
    buf_add(buf, STR(",\"why\":"));
    buf_json(buf, buf_str(&words));
    buf_free(&words);
    buf_add(buf, STR(",\"incidents\":["));
    for (size_t i = 0; i < view->n_incidents; i++) {
        if (i > 0)
            buf_char(buf, ',');
        incident_write(buf, &view->incidents[i]);
    }
    buf_add(buf, STR("]}\n"));
}

static void
put_line(struct buf *buf, const struct window_view *view)
{
    buf_add(buf, view->id);
    struct buf counted = {0};
    int64_t until_ms = view->n_open > 0 ? view->close_ms : view->sweep_ms;
    window_counted(&counted, view->rule);
    buf_format(buf, "  %4" PRIu32 "/%-4" PRIu32 " ", view->have,
               view->rule->threshold);
    screen_cell(buf, buf_str(&counted), 14);
    buf_format(buf, "  %zu open  %4" PRIu32 " of %d kept  ", view->n_open,
               view->n_events, MAX_WINDOW_ENTRIES);
    put_time(buf, view->last_ms);
    buf_add(buf, view->n_open > 0 ? STR("  closes ") : STR("  let go "));
    put_time(buf, until_ms);
    buf_free(&counted);
    buf_format(buf, "  %6zu B%s  %.*s  ", view->bytes,
               view->approximate ? " cut" : "", STR_ARG(view->rule->id));
    screen_text(buf, view->key); /* sensors' words */
    buf_char(buf, '\n');
}

static void
put_incident(struct buf *buf, const struct incident *incident)
{
    buf_format(buf, "incident %.*s  %.*s, revision %" PRIu32 ", %llu alerts, ",
               STR_ARG(incident->id),
               STR_ARG(incident_state_id(incident->state)), incident->revision,
               (unsigned long long)incident->count);
    put_time(buf, incident->first_ms);
    buf_add(buf, STR(" to "));
    put_time(buf, incident->last_ms);
    buf_char(buf, '\n');
    for (size_t i = 0; i < incident->n_evidence; i++) {
        const struct incident_evidence *e = &incident->evidence[i];
        buf_format(buf,
                   "  %.*s %.*s: %llu, first %.*s/%" PRId32 "/%" PRId64
                   ", last %.*s/%" PRId32 "/%" PRId64 "\n",
                   STR_ARG(kind_id(e->kind)), STR_ARG(e->rule),
                   (unsigned long long)e->count, STR_ARG(e->first.topic),
                   e->first.partition, e->first.offset, STR_ARG(e->last.topic),
                   e->last.partition, e->last.offset);
    }
}

static void
put_whole(struct buf *buf, const struct window_view *view, int64_t watermark_ms)
{
    const struct correlation *rule = view->rule;
    buf_format(buf, "window    %.*s\nrule      %.*s  %.*s\nkey       ",
               STR_ARG(view->id), STR_ARG(rule->id), STR_ARG(rule->title.en));
    for (size_t i = 0; i < rule->n_group_by; i++)
        buf_format(buf, "%.*s ", STR_ARG(rule->group_by[i]));
    buf_add(buf, STR("= "));
    screen_text(buf, view->key); /* sensors' words */
    buf_format(buf, "\ncondition %" PRIu32 " ", rule->threshold);
    window_counted(buf, rule);
    buf_format(buf, " within %" PRId64 " ms\nwhy       ", rule->timespan_ms);
    window_words(buf, view, watermark_ms);
    buf_format(buf,
               "\nholds     %" PRIu32 " events, %" PRIu32
               " of them in no incident; %zu bytes%s\nwatermark ",
               view->n_events, view->n_cold, view->bytes,
               view->approximate ? "; cut: counts may be low" : "");
    put_time(buf, watermark_ms);
    buf_add(buf, STR("\ncloses    when the watermark is past "));
    put_time(buf, view->close_ms);
    buf_add(buf, STR("\nkept      until the watermark is past "));
    put_time(buf, view->sweep_ms);
    buf_char(buf, '\n');
    for (size_t i = 0; i < view->n_incidents; i++)
        put_incident(buf, &view->incidents[i]);
}

/* --- reading */

static bool
keep_line(struct looking *l, const struct window_view *view)
{
    if (l->n_lines == l->lines_room) {
        size_t room = l->lines_room ? l->lines_room * 2 : 256;
        struct line *lines = realloc(l->lines, room * sizeof *lines);
        if (!lines)
            return false;
        l->lines = lines;
        l->lines_room = room;
    }
    char *text = strndup(l->text.at, l->text.len);
    l->lines[l->n_lines++] = (struct line){
        view->n_open > 0 ? 2.0
                         : (double)view->have / (double)view->rule->threshold,
        view->last_ms, text};
    return text != NULL;
}

static bool
take_window(void *context, struct str field, struct str value)
{
    struct looking *l = context;
    struct window_view view;
    bool is_new;
    if (table_add(l->seen, field, &is_new) == TABLE_NONE) {
        err_set(l->why, "more than %d windows", MAX_SHOWN);
        l->failed = true;
        return false;
    }
    if (!is_new)
        return true;
    if (!window_reader_read(l->reader, value, &view, l->why)) {
        l->n_unreadable++;
        return true;
    }
    l->n_windows++;
    l->n_bytes += view.bytes;
    l->n_cut += view.approximate;
    const struct wish *wish = l->wish;
    if ((wish->rule.len > 0 && !str_equal(wish->rule, view.rule->id) &&
         !str_equal(wish->rule, view.rule->name)) ||
        (wish->window.len > 0 && !str_equal(wish->window, view.id)))
        return true;
    buf_clear(&l->text);
    if (wish->json)
        put_json(&l->text, &view, l->watermark_ms[view.rule->level]);
    else if (wish->show)
        put_whole(&l->text, &view, l->watermark_ms[view.rule->level]);
    else
        put_line(&l->text, &view);
    if (keep_line(l, &view))
        return true;
    err_set(l->why, "out of memory");
    l->failed = true;
    return false;
}

static bool
take_rule(void *context, struct str field, struct str value)
{
    struct looking *l = context;
    struct err why;
    (void)field;
    registry_learn(l->registry, value, &why); /* or its windows say so */
    return true;
}

static bool
take_meta(void *context, struct str field, struct str value)
{
    struct looking *l = context;
    if (!window_clock_read(field, value, l->watermark_ms))
        window_refused_read(field, value, &l->n_refused);
    return true;
}

static bool
read_table(struct looking *l, const char *table,
           bool (*each)(void *context, struct str field, struct str value))
{
    struct buf key = {0};
    buf_state_key(&key, l->name, table);
    bool fine = redis_hash_each(l->redis, buf_str(&key), each, l, l->why) ==
                    REDIS_FINE &&
                !l->failed;
    buf_free(&key);
    return fine;
}

/* Levels above the partition's lowest wait for that one. */
static int64_t
newest_watermark(const struct looking *l)
{
    int64_t newest_ms = NO_TIME;
    for (int i = 0; i < MAX_LEVELS; i++)
        if (l->watermark_ms[i] > newest_ms)
            newest_ms = l->watermark_ms[i];
    return newest_ms;
}

static bool
read_partition(struct looking *l, struct str topic, int partition)
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "correlate/%.*s/%d", STR_ARG(topic), partition);
    l->name = str_of(name);
    for (int i = 0; i < MAX_LEVELS; i++)
        l->watermark_ms[i] = NO_TIME;
    l->n_windows = l->n_bytes = l->n_cut = l->n_refused = 0;
    table_clear(l->seen);
    bool fine = read_table(l, CORRELATE_META, take_meta) &&
                read_table(l, CORRELATE_RULES, take_rule) &&
                read_table(l, CORRELATE_WINDOWS, take_window);
    if (!fine || (l->n_windows == 0 && l->n_refused == 0))
        return fine;
    buf_format(&l->totals,
               "%.*s/%d: %" PRIu64 " windows of %d, %" PRIu64
               " bytes of %d, %" PRIu64 " cut, %" PRIu64
               " events refused; watermark ",
               STR_ARG(topic), partition, l->n_windows, MAX_WINDOWS, l->n_bytes,
               MAX_WINDOWS_BYTES, l->n_cut, l->n_refused);
    put_time(&l->totals, newest_watermark(l));
    buf_char(&l->totals, '\n');
    return true;
}

static int
by_nearness(const void *left, const void *right)
{
    const struct line *a = left, *b = right;
    if (a->near < b->near || a->near > b->near)
        return a->near > b->near ? -1 : 1;
    if (a->last_ms != b->last_ms)
        return a->last_ms > b->last_ms ? -1 : 1;
    return strcmp(a->text, b->text);
}

static int
print_all(struct looking *l)
{
    if (l->n_lines > 0)
        qsort(l->lines, l->n_lines, sizeof *l->lines, by_nearness);
    for (size_t i = 0; i < l->n_lines; i++)
        if ((int64_t)i < l->wish->n)
            fputs(l->lines[i].text, stdout);
    if ((int64_t)l->n_lines > l->wish->n)
        fprintf(stderr, "… and %" PRId64 " more (-n)\n",
                (int64_t)l->n_lines - l->wish->n);
    if (!l->wish->show)
        command_print(stderr, &l->totals);
    if (l->n_unreadable > 0)
        fprintf(stderr, "%" PRIu64 " windows could not be read: %s\n",
                l->n_unreadable, l->why->text);
    if (l->wish->show && l->n_lines == 0) {
        fprintf(stderr, "thapcanh windows: no window %.*s\n",
                STR_ARG(l->wish->window));
        return EXIT_CHECK;
    }
    return l->n_unreadable > 0 ? EXIT_CHECK : EXIT_OK;
}

/* --- the command */

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"rule", required_argument, NULL, 'r'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    static const struct str parts[] = {{"list", 4}, {"show", 4}};
    *wish = (struct wish){.n = 100};
    if (argc < 2)
        return false;
    wish->show = strcmp(argv[1], "show") == 0;
    if (!wish->show && strcmp(argv[1], "list") != 0) {
        struct str near = str_nearest(str_of(argv[1]), parts, 2);
        fprintf(stderr, "thapcanh windows: unknown part '%s'", argv[1]);
        if (near.len > 0)
            fprintf(stderr, " (did you mean '%.*s'?)", STR_ARG(near));
        fputc('\n', stderr);
        return false;
    }
    optind = 2;
    for (int c; (c = getopt_long(argc, argv, ":c:n:", options, NULL)) != -1;) {
        if (c == '?' || c == ':') {
            command_wrong_option("windows", options, c, argv[optind - 1]);
            return false;
        }
        if (c == 'c')
            wish->config = optarg;
        else if (c == 'r')
            wish->rule = str_of(optarg);
        else if (c == 'j')
            wish->json = true;
        else if (c != 'n' || !str_to_i64(str_of(optarg), &wish->n) ||
                 wish->n < 0) {
            if (c == 'n')
                fprintf(stderr,
                        "thapcanh windows: -n takes a number, not '%s'\n",
                        optarg);
            return false;
        }
    }
    if (wish->show && optind + 1 == argc)
        wish->window = str_of(argv[optind++]);
    return optind == argc && (!wish->show || wish->window.len > 0);
}

static bool
look(struct looking *l)
{
    l->registry = registry_new();
    l->reader = l->registry ? window_reader_new(l->registry) : NULL;
    l->seen = table_new(MAX_SHOWN);
    l->text.max_bytes = MAX_OUTPUT_BYTES;
    if (!l->reader || !l->seen || !l->redis) {
        err_set(l->why, "out of memory");
        return false;
    }
    const struct str topic[] = {l->config.topics.windows,
                                l->config.topics.chained};
    for (size_t t = 0; t < sizeof topic / sizeof *topic; t++)
        for (int i = 0; i < l->config.windows_partitions; i++)
            if (!read_partition(l, topic[t], i))
                return false;
    return true;
}

static int
run(const struct wish *wish)
{
    static struct looking l;
    struct redis_address address;
    struct err why = {""};
    l = (struct looking){.wish = wish, .why = &why};
    screen_start();
    if (!command_config(wish->config, &l.config))
        return EXIT_CHECK;
    int code = EXIT_UNREACHABLE;
    if (config_redis(&l.config, &address, &why))
        l.redis = redis_new(&address);
    if (l.redis && look(&l))
        code = print_all(&l);
    else
        fprintf(stderr, "thapcanh windows: %s\n", why.text);
    for (size_t i = 0; i < l.n_lines; i++)
        free(l.lines[i].text);
    free(l.lines);
    window_reader_free(l.reader);
    registry_free(l.registry);
    table_free(l.seen);
    redis_free(l.redis);
    buf_free(&l.text);
    buf_free(&l.totals);
    config_free(&l.config);
    return code;
}

int
cmd_windows(int argc, char **argv)
{
    struct wish wish;
    if (!read_wish(argc, argv, &wish))
        return command_usage("windows");
    return run(&wish);
}
