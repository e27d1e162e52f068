/* SPDX-License-Identifier: Apache-2.0
 *
 * thapcanh-sample: nine months of a province's alerts, invented, with exactly
 * the counts of its plan, as two sensors would send them. The same seed gives
 * the same bytes. The plan is made first, then the text streams: the alerts in
 * order of their time, with what stands elsewhere (disorder, updates,
 * duplicates, broken messages) at its place. */
#include "message.h"

#include "base/file.h"
#include "truth.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLE_BYTES = 512 << 20, FLUSH_BYTES = 1 << 20, BAR = 40 };

static const char *const file_names[N_SAMPLE_FILES] = {"endpoint-alerts.ndjson",
                                                       "server-alerts.ndjson"};

struct wish {
    uint64_t seed;
    int64_t scale_ppm;
    const char *inventory, *out;
};

struct writer {
    const struct sample *sample;
    enum sample_file file;
    FILE *out;
    struct buf text, scratch;
    uint64_t n, n_all;
    time_t told;
};

/* A bar on a terminal, a plain line now and then otherwise. */
static void
tell(struct writer *w, bool end)
{
    time_t now = time(NULL);
    int percent = (int)(w->n_all ? w->n * 100 / w->n_all : 100);
    bool terminal = isatty(STDERR_FILENO) != 0;
    if (!end && now - w->told < (terminal ? 1 : 5))
        return;
    w->told = now;
    if (!terminal) {
        fprintf(stderr, "sample: %s %d %%\n", file_names[w->file], percent);
        return;
    }
    char bar[BAR + 1];
    memset(bar, '.', BAR);
    memset(bar, '#', (size_t)(BAR * percent / 100));
    bar[BAR] = '\0';
    fprintf(stderr, "\rsample: %-22s [%s] %3d %%%s", file_names[w->file], bar,
            percent, end ? "\n" : "");
}

static bool
flush(struct writer *w)
{
    bool fine = fwrite(w->text.at, 1, w->text.len, w->out) == w->text.len;
    buf_clear(&w->text);
    return fine;
}

static bool
write_one(struct writer *w, enum extra_kind kind, uint32_t place)
{
    if (kind == EXTRA_BROKEN)
        message_broken(w->sample, place, &w->text, &w->scratch);
    else if (w->file == ENDPOINT_FILE)
        message_endpoint(w->sample, place, &w->text, &w->scratch);
    else
        message_server(w->sample, place,
                       kind == EXTRA_ASSIGNED   ? 2
                       : kind == EXTRA_RESOLVED ? 3
                                                : 1,
                       &w->text, &w->scratch);
    buf_char(&w->text, '\n');
    w->n++;
    if (w->text.len < FLUSH_BYTES)
        return true;
    tell(w, false);
    return flush(w);
}

/* All entries by time, each extra after the entries up to its time. */
static bool
write_messages(struct writer *w)
{
    const struct file_plan *plan = &w->sample->plan.file[w->file];
    uint32_t extra = 0;
    bool fine = true;
    for (uint32_t i = 0; fine && i <= plan->n_entries; i++) {
        int64_t until =
            i < plan->n_entries ? plan->entries[i].time_ms : INT64_MAX;
        for (; fine && extra < plan->n_extras &&
               plan->extras[extra].send_ms < until;
             extra++)
            fine = write_one(w, plan->extras[extra].kind,
                             plan->extras[extra].entry);
        if (fine && i < plan->n_entries &&
            plan->entries[i].standing != STANDS_SHIFTED &&
            plan->entries[i].standing != STANDS_LATE)
            fine = write_one(w, EXTRA_ALERT, i);
    }
    return fine && flush(w);
}

static bool
write_file(const struct sample *sample, enum sample_file file,
           const char *folder, struct err *why)
{
    struct writer w = {.sample = sample, .file = file};
    const struct file_plan *plan = &sample->plan.file[file];
    w.n_all = plan->n_entries + plan->n_extras - plan->n_of[EXTRA_ALERT];
    struct buf path = {0};
    buf_format(&path, "%s/%s", folder, file_names[file]);
    buf_char(&path, '\0');
    w.out = fopen(path.at, "we");
    bool fine = w.out && write_messages(&w);
    if (w.out && fclose(w.out) != 0)
        fine = false;
    if (!fine)
        err_set(why, "%s: %s", path.at, strerror(errno));
    tell(&w, true);
    buf_free(&path);
    buf_free(&w.text);
    buf_free(&w.scratch);
    return fine;
}

static bool
write_truth(const struct sample *sample, const char *folder, struct err *why)
{
    struct buf path = {0}, text = {0};
    buf_format(&path, "%s/truth.json", folder);
    buf_char(&path, '\0');
    truth_write(&text, sample);
    bool fine = file_replace(path.at, buf_str(&text), 0644, why);
    buf_free(&path);
    buf_free(&text);
    return fine;
}

static bool
make(const struct wish *wish, struct sample *sample, struct arena *arena,
     struct err *why)
{
    struct complaints complaints = {0};
    sample->seed = wish->seed;
    sample->scale_ppm = wish->scale_ppm;
    if (!site_load(wish->inventory, wish->seed, arena, &sample->site,
                   &complaints)) {
        fprintf(stderr, "%.*s", STR_ARG(buf_str(&complaints.text)));
        err_set(why, "%s cannot be used", wish->inventory);
        complaints_free(&complaints);
        return false;
    }
    complaints_free(&complaints);
    if (!catalog_build(wish->seed, arena, &sample->catalog) ||
        !calendar_build(wish->seed, arena, &sample->calendar) ||
        !addresses_build(wish->seed, arena, sample)) {
        err_set(why, "out of memory");
        return false;
    }
    if (!plan_build(sample, arena, why))
        return false;
    mkdir(wish->out, 0755);
    for (int f = 0; f < N_SAMPLE_FILES; f++)
        if (!write_file(sample, (enum sample_file)f, wish->out, why))
            return false;
    return write_truth(sample, wish->out, why);
}

/* "0.25" → 250000; at most 1. */
static bool
read_scale(const char *text, int64_t *ppm)
{
    char *end;
    double scale = strtod(text, &end);
    if (*end || !(scale > 0 && scale <= 1))
        return false;
    *ppm = (int64_t)(scale * 1e6 + 0.5);
    return *ppm > 0;
}

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"seed", required_argument, NULL, 's'},
        {"inventory", required_argument, NULL, 'i'},
        {"out", required_argument, NULL, 'o'},
        {"scale", required_argument, NULL, 'x'},
        {NULL, 0, NULL, 0},
    };
    int64_t seed = 2024;
    *wish = (struct wish){.scale_ppm = 1000000};
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 's' && str_to_i64(str_of(optarg), &seed))
            continue;
        if (c == 'x' && read_scale(optarg, &wish->scale_ppm))
            continue;
        if (c == 'i')
            wish->inventory = optarg;
        else if (c == 'o')
            wish->out = optarg;
        else
            return false;
    }
    wish->seed = (uint64_t)seed;
    return optind == argc && wish->inventory && wish->out;
}

int
main(int argc, char **argv)
{
    struct wish wish;
    if (!read_wish(argc, argv, &wish)) {
        fprintf(stderr, "usage: thapcanh-sample [--seed N] [--scale 0.25] "
                        "--inventory FILE --out DIR\n");
        return EXIT_USAGE;
    }
    static struct sample sample;
    struct arena arena = arena_reserve(SAMPLE_BYTES);
    struct err why = {"out of memory"};
    if (!arena.at || !make(&wish, &sample, &arena, &why)) {
        fprintf(stderr, "thapcanh-sample: %s\n", why.text);
        return EXIT_CHECK;
    }
    return EXIT_OK;
}
