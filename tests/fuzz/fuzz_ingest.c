/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through the whole ingest stage with each shipped mapping: the
 * message, the same again, and as a retry of itself. The books balance after
 * each, what is written is JSON, and the state that is stored loads again.
 * seeds: tests/cases/sources */
#include "fuzz.h"
#include "ingest/ingest.h"

#include <glob.h>

enum { MAX_MAPPINGS = 32 };

struct world {
    struct site site;
    const struct source *source;
    struct ingest_plan plan;
    struct ingest *ingest;
};

static struct world worlds[MAX_MAPPINGS];
static size_t n_worlds;
static struct arena scratch;
static struct json_reader *reader;

static const struct source *
source_of(const struct site *site, struct str topic)
{
    (void)topic;
    return ((const struct world *)site->owner)->source;
}

static void
set_up(void)
{
    struct arena arena = fuzz_arena((size_t)256 << 20);
    struct complaints complaints = {0};
    glob_t found;
    scratch = fuzz_arena((size_t)256 << 20);
    reader = json_reader_new_large();
    assert(glob("deploy/sources/*.yml", 0, NULL, &found) == 0);
    assert(found.gl_pathc <= MAX_MAPPINGS);
    const struct inventory *inventory = inventory_load(
        "deploy/inventory/ninhthuan.yml", 19787, &arena, &complaints);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct world *w = &worlds[n_worlds++];
        w->source = source_load(found.gl_pathv[i], &arena, &complaints);
        w->site = (struct site){source_of, inventory, w};
        w->plan = (struct ingest_plan){
            .site = &w->site,
            .geo_database = "",
            .alerts_topic = STR("a"),
            .deadletter_topic = STR("d"),
            .windows_topic = STR("w"),
            .windows_partitions = 1,
            .feed = true,
            .version = STR("v"),
        };
        w->ingest = w->source ? ingest_new(&w->plan) : NULL;
        assert(w->ingest);
    }
    globfree(&found);
    complaints_free(&complaints);
}

struct outcome {
    size_t n_alerts, n_letters;
};

static void
take(void *context, const struct output *output, bool bulk)
{
    struct outcome *outcome = context;
    struct arena rest = scratch;
    const struct json *root;
    outcome->n_alerts += bulk;
    outcome->n_letters += !bulk;
    if (bulk)
        assert(json_read(reader, output->value, &rest, &root) == JSON_FINE);
}

static int64_t
book(const struct json *books, const char *name)
{
    int64_t n;
    assert(str_to_i64(json_get(books, str_of(name))->text, &n) && n >= 0);
    return n;
}

static void
check_books(void *state, size_t n_alerts)
{
    static struct buf text;
    struct arena rest = scratch;
    const struct json *root;
    buf_clear(&text);
    buf_char(&text, '{');
    ingest_ops()->status(state, &text);
    buf_char(&text, '}');
    assert(json_read(reader, buf_str(&text), &rest, &root) == JSON_FINE);
    const struct json *books = json_get(root, STR("books"));
    assert(book(books, "in") ==
           book(books, "counted") + book(books, "updates") +
               book(books, "duplicates") + book(books, "dead_letters"));
    assert(book(books, "counted") + book(books, "updates") ==
           (int64_t)n_alerts);
}

static void
load_again(void *context, size_t table, struct str field, struct str value)
{
    struct err why = {""};
    assert(ingest_ops()->state_load(context, table, field, value, &why));
}

static void
send(struct world *w, struct str text)
{
    const struct stage_ops *ops = ingest_ops();
    void *state = ops->state_new(w->ingest, STR("t"), 0);
    void *again = ops->state_new(w->ingest, STR("t"), 0);
    struct outcome outcome = {0, 0};
    struct sink sink = {take, &outcome};
    struct err why;
    assert(state && again);
    for (int i = 0; i < 3; i++) {
        struct record record = {
            .topic = STR("t"),
            .offset = i,
            .timestamp_ms = INT64_C(1709623500000) + i,
            .key = str_cut(text, 0, 20),
            .value = text,
        };
        record.header[0] =
            (struct header){STR("thapcanh-origin"), STR("t/0/1/0/0")};
        record.n_headers = i == 2;
        outcome.n_letters = 0;
        assert(ops->apply(state, &record, 1, &sink, &why) == DONE);
        assert(outcome.n_letters <= 1);
        check_books(state, outcome.n_alerts);
    }
    struct emit emit = {load_again, again};
    ops->state_save(state, true, &emit);
    ops->state_free(state);
    ops->state_free(again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (n_worlds == 0)
        set_up();
    char *copy = fuzz_copy(data, size);
    for (size_t i = 0; i < n_worlds; i++)
        send(&worlds[i], (struct str){copy, size});
    free(copy);
    return 0;
}
