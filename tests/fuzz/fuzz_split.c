/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a message: it falls into elements that lie in it, each an
 * object or a named fault; or it does not, for a named reason. As one line, it
 * is read behind a syslog header and as CEF too.
 * seeds: tests/cases/sources tests/fuzz/corpus/split */
#include "fuzz.h"
#include "ingest/split_priv.h"

static bool
lies_in(struct str part, struct str whole)
{
    return part.len == 0 ||
           (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

static void
check_elements(struct str text, const struct element *element, size_t n)
{
    assert(n > 0 && n <= MAX_ALERTS_PER_MESSAGE);
    for (size_t i = 0; i < n; i++) {
        assert(lies_in(element[i].raw, text));
        assert((element[i].fault == SPLIT_FINE) == (element[i].event != NULL));
        assert(!element[i].event || element[i].event->type == JSON_OBJECT);
        assert(element[i].fault < N_SPLIT_FAULTS);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder *decoder;
    static struct arena scratch;
    if (!decoder) {
        decoder = decoder_new();
        scratch = fuzz_arena((size_t)256 << 20);
    }
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct arena rest = scratch;
    const struct element *element = NULL;
    size_t n = 0;
    enum split_fault fault =
        source_split(NULL, decoder, text, &rest, &element, &n);
    assert(split_fault_words(fault).len > 0);
    if (fault == SPLIT_FINE)
        check_elements(text, element, n);
    else
        assert(n == 0);
    struct arena small = {scratch.at, scratch.at + size % 2048};
    source_split(NULL, decoder, text, &small, &element, &n);
    struct syslog_header header;
    const struct json *root = NULL;
    rest = scratch;
    assert(lies_in(syslog_strip(text, &header), text));
    if (cef_read(text, &rest, &root) == SPLIT_FINE)
        assert(root->type == JSON_OBJECT && root->n_children >= 7);
    free(copy);
    return 0;
}
