/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh feed`: the newest alerts on a terminal, and with --follow those
 * that come. The newest of the whole topic are found by reading a little from
 * the end of every partition, and more while too few fit the filters. What
 * the service wrote twice after a crash is shown once: by position. The column
 * of tickets tells which one holds the alert, if one did when it was shown. */
#include "base/json.h"
#include "base/table.h"
#include "commands.h"
#include "feed_caps.h"
#include "feed_filter.h"
#include "feed_screen.h"
#include "feed_taken.h"
#include "interrupt.h"
#include "progress.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    REACH_MS = 10000,
    WAIT_MS = 200,
    SCRATCH = 256 << 20,
    SEEN = 1 << 18,   /* positions remembered, twice */
    MOST = 100000,    /* --last */
    PIPE_CELLS = 160, /* when it is no terminal */
};

struct wish {
    const char *config, *language;
    int64_t last; /* -1: all there is */
    bool follow, json;
    struct filters filters;
};

/* One line to be shown. */
struct kept {
    int64_t ms, offset;
    int32_t partition;
    char *text; /* owned */
    size_t len;
};

struct feed {
    const struct config *config;
    const struct wish *wish;
    struct reader *reader;
    struct taken *taken; /* NULL: not known */
    struct feed_caps *caps;
    struct json_reader *json;
    struct arena scratch;
    struct table *seen, *seen_before;
    struct screen screen;
    struct kept *kept; /* 2 * last of them */
    size_t n_kept;
    uint64_t n_foreign;
    struct buf line;
    struct progress progress;
};

static bool
read_last(const char *text, int64_t *last)
{
    if (strcmp(text, "all") == 0) {
        *last = -1;
        return true;
    }
    if (str_to_i64(str_of(text), last) && *last >= 0 && *last <= MOST)
        return true;
    fprintf(stderr, "thapcanh feed: --last takes 0 to %d, or all\n", MOST);
    return false;
}

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"follow", no_argument, NULL, 'f'},
        {"last", required_argument, NULL, 'n'},
        {"json", no_argument, NULL, 'j'},
        {"language", required_argument, NULL, 'l'},
        {NULL, 0, NULL, 0},
    };
    bool fine = true, given = false;
    struct err why;
    for (int c; (c = getopt_long(argc, argv, "c:fn:", options, NULL)) != -1;) {
        if (c == 'c')
            wish->config = optarg;
        else if (c == 'f')
            wish->follow = true;
        else if (c == 'n')
            fine = (given = read_last(optarg, &wish->last)) && fine;
        else if (c == 'j')
            wish->json = true;
        else if (c == 'l')
            wish->language = optarg;
        else
            fine = false;
    }
    if (!given)
        wish->last = wish->follow ? 10 : 100;
    if (fine && wish->language && strcmp(wish->language, "vi") != 0 &&
        strcmp(wish->language, "en") != 0)
        fine = false;
    for (int i = optind; fine && i < argc; i++)
        if (!filters_add(&wish->filters, argv[i], &why)) {
            fprintf(stderr, "thapcanh feed: %s\n", why.text);
            return false;
        }
    return fine;
}

/* The terminal may have been resized since. */
static void
measure(struct feed *feed)
{
    struct winsize size = {0};
    int cells = PIPE_CELLS;
    if (isatty(STDOUT_FILENO) == 1 &&
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        cells = size.ws_col;
    screen_layout(&feed->screen, cells);
}

static bool
wants_color(void)
{
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && (none == NULL || *none == '\0') &&
           term != NULL && strcmp(term, "dumb") != 0;
}

/* Whether this position has not been had. Two tables take turns, so that the
 * memory is bounded and the newest are always known. */
static bool
is_new(struct feed *feed, struct str position)
{
    bool fresh = false;
    if (table_find(feed->seen_before, position) != TABLE_NONE)
        return false;
    if (table_add(feed->seen, position, &fresh) != TABLE_NONE)
        return fresh;
    struct table *full = feed->seen;
    feed->seen = feed->seen_before;
    feed->seen_before = full;
    table_clear(feed->seen);
    if (table_find(full, position) != TABLE_NONE)
        return false;
    table_add(feed->seen, position, &fresh);
    return true;
}

static void
write_line(struct feed *feed, const struct record *record,
           const struct json *root, const struct feed_line *line)
{
    buf_clear(&feed->line);
    if (feed->wish->json) {
        screen_json(&feed->line, record->value);
        buf_char(&feed->line, '\n');
        return;
    }
    const struct json *name =
        json_get(json_get(root, STR("unmapped")), STR("unit_name"));
    bool named = name != NULL && name->type == JSON_STRING;
    screen_line(&feed->line, &feed->screen, line,
                named ? name->text : line->unit, taken_by(feed->taken, line));
}

/* Fills feed->line; false when the record is not to be shown. */
static bool
render(struct feed *feed, const struct record *record)
{
    struct arena scratch = feed->scratch;
    const struct json *root;
    struct feed_line line;
    if (json_read(feed->json, record->value, &scratch, &root) != JSON_FINE ||
        !feed_read(root, &line)) {
        feed->n_foreign++;
        return false;
    }
    if (!filters_match(&feed->wish->filters, &line) ||
        !is_new(feed, line.position))
        return false;
    write_line(feed, record, root, &line);
    return true;
}

/* False when nobody listens any more. */
static bool
show(const char *text, size_t len)
{
    return fwrite(text, 1, len, stdout) == len;
}

static int
compare_kept(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    if (x->partition != y->partition)
        return x->partition < y->partition ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Of those kept, only the newest `last`, in order. */
static void
trim(struct feed *feed)
{
    size_t last = (size_t)feed->wish->last;
    if (feed->n_kept > 0)
        qsort(feed->kept, feed->n_kept, sizeof *feed->kept, compare_kept);
    if (feed->n_kept <= last)
        return;
    size_t old = feed->n_kept - last;
    for (size_t i = 0; i < old; i++)
        free(feed->kept[i].text);
    memmove(feed->kept, feed->kept + old, last * sizeof *feed->kept);
    feed->n_kept = last;
}

static void
forget(struct feed *feed)
{
    for (size_t i = 0; i < feed->n_kept; i++)
        free(feed->kept[i].text);
    feed->n_kept = 0;
    feed->n_foreign = 0;
    table_clear(feed->seen);
    table_clear(feed->seen_before);
}

static void
keep(struct feed *feed, const struct record *record)
{
    if (feed->wish->last == 0)
        return;
    if (feed->n_kept == 2 * (size_t)feed->wish->last)
        trim(feed);
    struct kept kept = {
        .ms = record->timestamp_ms,
        .offset = record->offset,
        .partition = record->partition,
        .text = malloc(feed->line.len + 1),
        .len = feed->line.len,
    };
    if (kept.text == NULL)
        return;
    memcpy(kept.text, feed->line.at, kept.len);
    feed->kept[feed->n_kept++] = kept;
}

static int
fail(const struct err *why)
{
    fprintf(stderr, "thapcanh feed: %s\n", why->text);
    return EXIT_CHECK;
}

/* Reads to the end of opening time; what fits is kept, or shown at once when
 * all is wanted. EXIT_OK, or what to exit with. */
static int
read_back(struct feed *feed)
{
    struct record record;
    struct err why;
    int64_t n, n_all;
    for (uint64_t i = 0; !interrupted(); i++) {
        enum reader_got got = reader_next(feed->reader, WAIT_MS, &record, &why);
        if (got == READER_FAILED)
            return fail(&why);
        if (got == READER_DONE)
            break;
        if (got == READER_RECORD && render(feed, &record)) {
            if (feed->wish->last >= 0)
                keep(feed, &record);
            else if (!show(feed->line.at, feed->line.len))
                return EXIT_OK;
        }
        if (i % 256 == 0 && feed->wish->last >= 0) {
            reader_progress(feed->reader, &n, &n_all);
            progress_tell(&feed->progress, (uint64_t)n, (uint64_t)n_all,
                          (uint64_t)n, "");
        }
    }
    return EXIT_OK;
}

/* Opens the feed `n` records before the end of each partition (-1: at the
 * beginning); `*all`: that is everything there is. */
static bool
open_back(struct feed *feed, int64_t n, bool *all, struct err *why)
{
    int64_t none, before, after;
    feed->reader =
        reader_open(&feed->config->kafka, feed->config->topics.alerts, -1,
                    READER_BEGINNING, REACH_MS, why);
    if (feed->reader == NULL)
        return false;
    reader_progress(feed->reader, &none, &before);
    if (n >= 0)
        reader_last(feed->reader, n);
    reader_progress(feed->reader, &none, &after);
    *all = before == after;
    return true;
}

/* The newest that fit, however far back they are. */
static int
find_last(struct feed *feed)
{
    const struct wish *wish = feed->wish;
    struct err why;
    int64_t n = wish->last;
    if (wish->filters.n > 0 && n > 0)
        n = n * 16 < 4096 ? 4096 : n * 16;
    for (bool all = false;; n *= 16) {
        if (!open_back(feed, n, &all, &why)) {
            fail(&why);
            return EXIT_UNREACHABLE;
        }
        int code = read_back(feed);
        bool enough = wish->last < 0 || feed->n_kept >= (size_t)wish->last;
        if (code != EXIT_OK || all || enough || interrupted())
            return code;
        forget(feed);
        reader_close(feed->reader);
        feed->reader = NULL;
    }
}

static int
follow(struct feed *feed)
{
    struct record record;
    struct err why;
    while (!interrupted()) {
        enum reader_got got = reader_next(feed->reader, WAIT_MS, &record, &why);
        if (got == READER_FAILED)
            return fail(&why);
        if (got != READER_RECORD) {
            fflush(stdout);
            measure(feed);
            taken_poll(feed->taken);
        } else if (render(feed, &record)) {
            show(feed->line.at, feed->line.len);
        }
        feed_caps_poll(feed->caps);
        if (ferror(stdout))
            break;
    }
    return EXIT_OK;
}

static int
run_feed(struct feed *feed)
{
    bool head = !feed->wish->json && isatty(STDOUT_FILENO) == 1;
    measure(feed);
    progress_begin(&feed->progress, "reading back");
    if (head) {
        screen_head(&feed->line, &feed->screen);
        show(feed->line.at, feed->line.len);
        fflush(stdout);
    }
    int code = find_last(feed);
    progress_end(&feed->progress);
    if (feed->wish->last > 0)
        trim(feed);
    for (size_t i = 0; i < feed->n_kept; i++)
        show(feed->kept[i].text, feed->kept[i].len);
    fflush(stdout);
    if (code == EXIT_OK && feed->wish->follow && !ferror(stdout))
        code = follow(feed);
    if (feed->n_foreign > 0)
        fprintf(stderr,
                "thapcanh feed: %llu records are no alerts of ours, or too "
                "large to be shown\n",
                (unsigned long long)feed->n_foreign);
    return code;
}

/* The topic is there; EXIT_OK, or what to exit with. */
static int
check_topic(const struct config *config)
{
    struct err why;
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, &why);
    int n = admin == NULL ? -1
                          : kafka_topic_partitions(admin, config->topics.alerts,
                                                   REACH_MS, &why);
    kafka_admin_close(admin);
    if (n > 0)
        return EXIT_OK;
    if (n == 0)
        err_set(&why, "there is no topic %.*s yet: has the service run?",
                STR_ARG(config->topics.alerts));
    fail(&why);
    return n == 0 ? EXIT_CHECK : EXIT_UNREACHABLE;
}

static int
run(const struct config *config, const struct wish *wish)
{
    struct feed feed = {.config = config, .wish = wish};
    feed.json = json_reader_new_large();
    feed.scratch = arena_reserve(SCRATCH);
    char *start = feed.scratch.at;
    feed.seen = table_new(SEEN);
    feed.seen_before = table_new(SEEN);
    feed.kept = wish->last > 0
                    ? calloc(2 * (size_t)wish->last, sizeof *feed.kept)
                    : NULL;
    feed.screen.color = wants_color();
    feed.screen.english = wish->language != NULL
                              ? strcmp(wish->language, "en") == 0
                              : config->english;
    screen_start();
    int code = check_topic(config);
    if (code == EXIT_OK &&
        (feed.json == NULL || start == NULL || feed.seen == NULL ||
         feed.seen_before == NULL || (wish->last > 0 && feed.kept == NULL))) {
        fprintf(stderr, "thapcanh feed: out of memory\n");
        code = EXIT_CHECK;
    }
    if (code == EXIT_OK) {
        interrupt_catch();
        if (!wish->json)
            feed.taken = taken_open(config, feed.screen.english);
        feed.screen.tickets = feed.taken != NULL;
        if (wish->follow)
            feed.caps = feed_caps_new(config->run_dir, feed.screen.english);
        code = run_feed(&feed);
        forget(&feed);
    }
    reader_close(feed.reader);
    taken_close(feed.taken);
    feed_caps_free(feed.caps);
    table_free(feed.seen);
    table_free(feed.seen_before);
    json_reader_free(feed.json);
    if (start != NULL)
        arena_release(start, feed.scratch);
    free(feed.kept);
    buf_free(&feed.line);
    return code;
}

int
cmd_feed(int argc, char **argv)
{
    static struct wish wish;
    struct config config;
    if (!read_wish(argc, argv, &wish))
        return command_usage("feed");
    int code = EXIT_CHECK;
    if (command_config(wish.config, &config))
        code = run(&config, &wish);
    config_free(&config);
    return code;
}
