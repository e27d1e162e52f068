/* SPDX-License-Identifier: Apache-2.0
 *
 * The sample as a stream of lines: the same options, the same lines. */
#ifndef DEPLOY_SAMPLE_SAMPLE_H
#define DEPLOY_SAMPLE_SAMPLE_H

#include "message.h"

struct sample_options {
    uint64_t seed;
    int64_t scale_ppm; /* millionths; 1000000: the nine months as they were */
    const char *inventory;
};

/* Below, no room for the attacks; above, no memory for the plan. */
enum { SCALE_MIN_PPM = 10000, SCALE_MAX_PPM = 10000000 };

/* "0.25" → 250000: digits and at most six decimals, within the range. */
bool sample_scale_from(const char *text, int64_t *ppm);

/* What one line is. */
struct sample_line {
    enum sample_file file;
    uint32_t number;           /* in its file, from 1 */
    struct str text;           /* without a line end; borrowed */
    const struct entry *entry; /* NULL: broken */
    enum extra_kind kind;      /* EXTRA_ALERT: a counted alert */
};

/* Takes one line; false stops the writing. */
struct sample_sink {
    bool (*line)(void *to, const struct sample_line *line);
    void *to;
};

/* Plans everything; what is kept lies in `arena`. False: the reasons are
 * among `complaints`. */
bool sample_plan(const struct sample_options *options, struct arena *arena,
                 struct sample *sample, struct complaints *complaints);
/* How many messages a file has. */
uint32_t sample_n_messages(const struct sample *sample, enum sample_file file);
/* Writes one file to `sink`; false when the sink stopped it or memory is
 * short. `broken_line` gets the line number of each broken message. */
bool sample_write(const struct sample *sample, enum sample_file file,
                  struct sample_sink sink, uint32_t broken_line[N_BROKEN]);
extern const char *const sample_file_names[N_SAMPLE_FILES];

#endif
