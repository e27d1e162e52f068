/* SPDX-License-Identifier: Apache-2.0
 *
 * Plan, then write: the alerts that are in order, merged with what stands
 * elsewhere (plan.h). */
#include "sample.h"

#include <string.h>

const char *const sample_file_names[N_SAMPLE_FILES] = {"endpoint-alerts.ndjson",
                                                       "server-alerts.ndjson"};

bool
sample_scale_from(const char *text, int64_t *ppm)
{
    struct str rest = str_of(text), whole, part = STR("0");
    int64_t n, millionths;
    if (!str_split(&rest, '.', &whole) || !str_to_i64(whole, &n) || n < 0 ||
        n > SCALE_MAX_PPM)
        return false;
    if (memchr(text, '.', strlen(text)))
        part = rest;
    if (part.len < 1 || part.len > 6 || part.at[0] == '-' ||
        !str_to_i64(part, &millionths))
        return false;
    for (size_t i = part.len; i < 6; i++)
        millionths *= 10;
    *ppm = n * 1000000 + millionths;
    return *ppm >= SCALE_MIN_PPM && *ppm <= SCALE_MAX_PPM;
}

bool
sample_plan(const struct sample_options *options, struct arena *arena,
            struct sample *sample, struct complaints *complaints)
{
    struct place place = {options->inventory, 0, 0};
    struct err why;
    *sample = (struct sample){.seed = options->seed,
                              .scale_ppm = options->scale_ppm,
                              .id_year = 2024,
                              .first_id = 1};
    if (!site_load(options->inventory, options->seed, arena, &sample->site,
                   complaints))
        return false;
    if (!catalog_build(options->seed, arena, &sample->catalog) ||
        !calendar_build(options->seed, arena, &sample->calendar) ||
        !addresses_build(options->seed, arena, sample)) {
        complain(complaints, place, "out of memory");
        return false;
    }
    if (!plan_build(sample, arena, &why)) {
        complain(complaints, place, "%s", why.text);
        return false;
    }
    return true;
}

uint32_t
sample_n_messages(const struct sample *sample, enum sample_file file)
{
    const struct file_plan *plan = &sample->plan.file[file];
    return plan->n_entries + plan->n_extras - plan->n_of[EXTRA_ALERT];
}

struct writing {
    const struct sample *sample;
    struct sample_sink sink;
    struct sample_line line;
    struct buf text, scratch;
};

static bool
write_line(struct writing *writing, uint32_t place, enum extra_kind kind)
{
    struct sample_line *line = &writing->line;
    struct buf *text = &writing->text;
    int revision = kind == EXTRA_ASSIGNED ? 2 : kind == EXTRA_RESOLVED ? 3 : 1;
    buf_clear(text);
    line->entry = NULL;
    line->kind = kind;
    line->number++;
    if (kind == EXTRA_BROKEN) {
        message_broken(writing->sample, place, text, &writing->scratch);
    } else {
        line->entry = &writing->sample->plan.file[line->file].entries[place];
        if (line->file == ENDPOINT_FILE)
            message_endpoint(writing->sample, place, text, &writing->scratch);
        else
            message_server(writing->sample, place, revision, text,
                           &writing->scratch);
    }
    line->text = buf_str(text);
    return !text->full && writing->sink.line(writing->sink.to, line);
}

bool
sample_write(const struct sample *sample, enum sample_file file,
             struct sample_sink sink, uint32_t broken_line[N_BROKEN])
{
    const struct file_plan *plan = &sample->plan.file[file];
    struct writing writing = {
        .sample = sample, .sink = sink, .line = {.file = file}};
    uint32_t entry = 0, extra = 0;
    bool fine = true;
    while (fine && (entry < plan->n_entries || extra < plan->n_extras)) {
        int64_t until =
            entry < plan->n_entries ? plan->entries[entry].time_ms : INT64_MAX;
        if (extra < plan->n_extras && plan->extras[extra].send_ms < until) {
            const struct extra *next = &plan->extras[extra++];
            fine = write_line(&writing, next->entry, next->kind);
            if (next->kind == EXTRA_BROKEN)
                broken_line[next->entry] = writing.line.number;
            continue;
        }
        uint8_t standing = plan->entries[entry].standing;
        if (standing == STANDS_IN_ORDER || standing == STANDS_FIXED)
            fine = write_line(&writing, entry, EXTRA_ALERT);
        entry++;
    }
    buf_free(&writing.text);
    buf_free(&writing.scratch);
    return fine;
}
