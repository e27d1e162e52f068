/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a source mapping and as a kinds table: loaded, or every mistake
 * named. A mapping that loads takes a message.
 * seeds: deploy/sources */
#include "fuzz.h"
#include "ingest/source_priv.h"
#include "ingest/source_tools.h"

static const char message[] =
    "{\"alert_id\":\"1\",\"case_id\":\"2\",\"a\":[{\"b\":[1,\"T1059\"]}],"
    "\"rule\":{\"name\":\"n\",\"level\":7,\"id\":\"5\"},\"time\":"
    "1709623351,"
    "\"severity\":\"HIGH\",\"agent\":{\"hostname\":\"h\",\"ip\":\"10.0.0."
    "1\"}}";

static void
map(const struct source *source, struct arena rest)
{
    static struct decoder *decoder;
    static struct buf buf;
    const struct element *element;
    struct alert alert = {.source = NO_STR};
    size_t n;
    if (!decoder)
        decoder = decoder_new();
    assert(source_split(source, decoder, STR(""), &rest, &element, &n) ==
           SPLIT_EMPTY);
    assert(source_split(source, decoder, str_of(message), &rest, &element,
                        &n) == SPLIT_FINE);
    source_map(source, element, 0, &rest, &alert);
    buf_clear(&buf);
    source_print(&buf, &alert);
    source_changes_digest(source, &alert);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    if (!arena.at)
        arena = fuzz_arena((size_t)512 << 20);
    const char *path = fuzz_file(0, data, size);
    struct arena rest = arena;
    struct complaints complaints = {0};
    const struct source *source = source_load(path, &rest, &complaints);
    assert((source != NULL) == (complaints.n_errors == 0));
    if (source)
        map(source, rest);
    complaints_free(&complaints);
    rest = arena;
    const struct kinds *kinds = kinds_load(path, &rest, &complaints);
    assert(kinds || complaints.n_errors > 0);
    struct alert alert = {.field[ALERT_RULE_NAME] = STR("ET SCAN x")};
    if (kinds)
        assert(kinds_find(kinds, &alert) < N_KINDS);
    complaints_free(&complaints);
    return 0;
}
