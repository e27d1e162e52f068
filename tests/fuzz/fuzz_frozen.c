/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the document of a published month: what is read is written
 * again and reads the same; any bytes as the name of a period too.
 * seeds: tests/fuzz/corpus/frozen */
#include "fuzz.h"
#include "report/frozen.h"
#include "report/period.h"

static void
check_period(struct str text)
{
    struct period period, again;
    struct buf buf = {0};
    struct err why = {""};
    if (!period_from(text, &period, &why)) {
        assert(why.text[0]);
        return;
    }
    buf_period(&buf, &period);
    assert(period.from <= period.to);
    assert(period_from(buf_str(&buf), &again, &why));
    assert(again.from == period.from && again.to == period.to);
    period_before(&period);
    period_year_before(&period);
    buf_free(&buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static struct buf first, second;
    if (!arena.at)
        arena = fuzz_arena((size_t)512 << 20);
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct arena rest = arena;
    struct frozen frozen;
    struct err why = {""};
    check_period(text);
    if (frozen_read(text, &rest, &frozen, &why)) {
        buf_clear(&first);
        buf_clear(&second);
        frozen_write(&first, &frozen);
        assert(frozen_read(buf_str(&first), &rest, &frozen, &why));
        frozen_write(&second, &frozen);
        assert(str_equal(buf_str(&first), buf_str(&second)));
    } else {
        assert(why.text[0]);
    }
    free(copy);
    return 0;
}
