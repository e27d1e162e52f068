/* SPDX-License-Identifier: Apache-2.0
 *
 * The end is what it was at opening, so a log that grows is read once. */
#include "whatif_log.h"

#include "interrupt.h"
#include "progress.h"

enum {
    REACH_MS = 10000,
    WAIT_MS = 200,
    MOST_WAITS = 150, /* half a minute without a record */
    TELL_EVERY = 256, /* records: it looks at the clock */
};

static void
tell(struct progress *progress, const struct reader *reader)
{
    int64_t n, n_all;
    reader_progress(reader, &n, &n_all);
    progress_tell(progress, (uint64_t)n, (uint64_t)n_all, (uint64_t)n, "");
}

bool
whatif_log_read(const struct config *config, struct str topic, const char *what,
                bool (*each)(void *context, const struct record *record,
                             struct err *why),
                void *context, struct err *why)
{
    struct progress progress;
    struct record record;
    struct reader *reader =
        reader_open(&config->kafka, topic, -1, READER_BEGINNING, REACH_MS, why);
    if (!reader)
        return false;
    progress_begin(&progress, what);
    enum reader_got got = READER_RECORD;
    bool fine = true;
    int waits = 0;
    for (uint64_t n = 0; fine && got != READER_DONE; n++) {
        got = reader_next(reader, WAIT_MS, &record, why);
        waits = got == READER_NOTHING ? waits + 1 : 0;
        fine = got != READER_FAILED && !interrupted() && waits < MOST_WAITS;
        if (!fine && got != READER_FAILED)
            err_set(why,
                    interrupted() ? "interrupted" : "Kafka does not answer");
        if (fine && got == READER_RECORD)
            fine = each(context, &record, why);
        if (n % TELL_EVERY == 0)
            tell(&progress, reader);
    }
    progress_end(&progress);
    reader_close(reader);
    return fine;
}
