/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an incident, and as the text of a correlation: what is read has
 * one text, and that text is read back to itself.
 * seeds: tests/fuzz/corpus/incident */
#include "correlate/correlation.h"
#include "fuzz.h"

static void
try_incident(struct json_reader *reader, struct str text, struct arena scratch)
{
    static struct buf first, second;
    struct incident incident;
    struct err why;
    if (!incident_read(reader, text, &scratch, &incident, &why))
        return;
    buf_clear(&first);
    buf_clear(&second);
    incident_write(&first, &incident);
    assert(incident_read(reader, buf_str(&first), &scratch, &incident, &why));
    incident_write(&second, &incident);
    assert(str_equal(buf_str(&first), buf_str(&second)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static struct json_reader *reader;
    if (!reader) {
        arena = arena_reserve((size_t)256 << 20);
        reader = json_reader_new();
    }
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct arena scratch = arena;
    struct correlation correlation;
    struct err why;
    try_incident(reader, text, arena);
    if (correlation_parse(reader, text, &scratch, &correlation, &why))
        assert(str_equal(correlation.text, text));
    free(copy);
    return 0;
}
