/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a time: what is read lies in the years 0000 to 9999 and reads
 * back the same when it is written; what is refused leaves its target alone.
 * seeds: tests/fuzz/corpus/times */
#include "base/times.h"
#include "fuzz.h"

static const int zones[] = {0, VIETNAM_MINUTES, -210, 1439, -1439};
static const int64_t units[] = {0, 1, 1000, 1000000, 1000000000};

static void
check(bool read, int64_t ms, struct buf *buf)
{
    if (!read) {
        assert(ms == NO_TIME);
        return;
    }
    int64_t back;
    buf_clear(buf);
    buf_iso(buf, ms, 0);
    assert(time_from_iso(buf_str(buf), 99, &back) && back == ms);
    assert(civil_valid(civil_from_ms(ms, 0)));
    assert(ms_from_civil(civil_from_ms(ms, 0), 0) == ms);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf buf;
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        int64_t ms = NO_TIME;
        bool read = time_from_iso(text, zones[i], &ms);
        check(read, ms, &buf);
        ms = NO_TIME;
        read = time_from_dmy(text, zones[i], &ms);
        check(read, ms, &buf);
        ms = NO_TIME;
        read = time_from_epoch(text, units[i], &ms);
        check(read, ms, &buf);
    }
    int64_t any = 0;
    memcpy(&any, copy, size < sizeof any ? size : sizeof any);
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        buf_clear(&buf);
        buf_iso(&buf, any, zones[i]);
        buf_day(&buf, day_of_ms(any, zones[i]));
        assert(!buf.full && buf.len < 80);
    }
    free(copy);
    return 0;
}
