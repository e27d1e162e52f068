/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a piece of a snapshot of an input partition's state, as a
 * restore takes it: refused, or a state that takes a message, tells its
 * status, and is stored and loaded again.
 * seeds: tests/fuzz/corpus/snapshot */
#include "base/snapshot_priv.h"
#include "fuzz.h"
#include "ingest/ingest.h"

static struct site site;
static const struct source *source;
static struct ingest_plan plan;
static struct ingest *ingest;

static const struct source *
source_of(const struct site *where, struct str topic)
{
    (void)where, (void)topic;
    return source;
}

static void
set_up(void)
{
    struct arena arena = fuzz_arena((size_t)64 << 20);
    struct complaints complaints = {0};
    source = source_load("deploy/sources/ajiant.yml", &arena, &complaints);
    site.source_of = source_of;
    plan = (struct ingest_plan){
        .site = &site,
        .geo_database = "",
        .alerts_topic = STR("a"),
        .deadletter_topic = STR("d"),
        .windows_topic = STR("w"),
        .windows_partitions = 1,
        .version = STR("v"),
    };
    ingest = ingest_new(&plan);
    assert(source && ingest);
}

static void
drop(void *context, const struct output *output, bool bulk)
{
    (void)context, (void)output, (void)bulk;
}

/* The state that was read, used: one message and its status. */
static void
use(void *state)
{
    const struct stage_ops *ops = ingest_ops();
    static struct buf status;
    struct sink sink = {drop, NULL};
    struct err why;
    struct record record = {
        .topic = STR("t"),
        .offset = 7,
        .timestamp_ms = INT64_C(1709623500000),
        .value = STR("{\"alert_id\":\"AJ-1\",\"rule\":{\"id\":\"R\"},"
                     "\"agent\":{\"id\":\"A\"}}"),
    };
    assert(ops->apply(state, &record, 1, &sink, &why) == DONE);
    buf_clear(&status);
    ops->status(state, &status);
    ops->watermark_ms(state);
}

static void
put_field(void *context, size_t table, struct str field, struct str value)
{
    if (value.at)
        snapshot_piece_field(context, table, field, value);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buf piece;
    if (!ingest)
        set_up();
    const struct stage_ops *ops = ingest_ops();
    char *copy = fuzz_copy(data, size);
    struct str text = {copy, size};
    struct err why = {""};
    uint64_t id, number, n_fields = 0;
    void *state = ops->state_new(ingest, STR("t"), 0);
    void *again = ops->state_new(ingest, STR("t"), 0);
    struct emit emit = {put_field, &piece};
    assert(state && again);
    bool fine =
        snapshot_piece_number(text, &id, &number) &&
        snapshot_piece_read(text, ops->state_load, state, &n_fields, &why);
    if (fine) {
        use(state);
        snapshot_piece_begin(&piece, 1, 0);
        ops->state_save(state, true, &emit);
        assert(snapshot_piece_read(buf_str(&piece), ops->state_load, again,
                                   &n_fields, &why));
    }
    ops->state_free(state);
    ops->state_free(again);
    free(copy);
    return 0;
}
