/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ingest stage makes of a log, without Kafka and Redis: outputs and
 * stored fields are compared for the same log cut into batches of every size,
 * with a restart between any two, and the books are checked after each
 * record. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "fields.h"
#include "ingest/ingest.h"

#include <stdio.h>

enum { ARRIVAL_MS = 1709623400 };

struct world {
    struct arena arena;
    char *start;
    struct site site;
    const struct source *source;
    struct ingest_plan plan;
    struct ingest *ingest;
    struct buf out; /* every output, one after the other */
    size_t n_alerts, n_letters;
};

static const struct source *
source_of(const struct site *site, struct str topic)
{
    (void)topic;
    return ((const struct world *)site->owner)->source;
}

static void
world_begin(struct world *w, const char *mapping)
{
    *w = (struct world){0};
    w->arena = arena_reserve((size_t)64 << 20);
    w->start = w->arena.at;
    w->out.max_bytes = (size_t)1 << 30;
    struct complaints complaints = {0};
    w->source = source_load(mapping, &w->arena, &complaints);
    cr_assert(w->source != NULL, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    w->site = (struct site){.source_of = source_of, .owner = w};
    w->plan = (struct ingest_plan){
        .site = &w->site,
        .geo_database = "",
        .alerts_topic = STR("soc.alerts"),
        .deadletter_topic = STR("soc.deadletter"),
        .windows_topic = STR("soc.windows"),
        .windows_partitions = 2,
        .feed = true,
        .version = STR("test"),
    };
    w->ingest = ingest_new(&w->plan);
    cr_assert(w->ingest != NULL);
}

static void
world_end(struct world *w)
{
    ingest_free(w->ingest);
    arena_release(w->start, w->arena);
    buf_free(&w->out);
}

static void
collect(void *context, const struct output *output, bool bulk)
{
    struct world *w = context;
    w->n_alerts += bulk;
    w->n_letters += !bulk;
    buf_add(&w->out, output->topic);
    buf_char(&w->out, '\n');
    buf_add(&w->out, output->key);
    buf_char(&w->out, '\n');
    for (size_t i = 0; i < output->n_headers; i++) {
        buf_add(&w->out, output->header[i].value);
        buf_char(&w->out, '\n');
    }
    buf_add(&w->out, output->value);
    buf_char(&w->out, '\n');
}

static void
apply(struct world *w, void *state, struct record *record)
{
    struct sink sink = {collect, w};
    struct err why = {""};
    cr_assert_eq(ingest_ops()->apply(state, record, 1, &sink, &why), DONE, "%s",
                 why.text);
}

static int64_t
book(const void *state, const char *name)
{
    struct buf json = {0};
    buf_char(&json, '{');
    ingest_ops()->status(state, &json);
    buf_char(&json, '}');
    struct json_reader *reader = json_reader_new();
    struct arena arena = arena_reserve(1 << 20);
    char *start = arena.at;
    const struct json *root;
    int64_t n = -1;
    cr_assert_eq(json_read(reader, buf_str(&json), &arena, &root), JSON_FINE);
    const struct json *node =
        json_get(json_get(root, STR("books")), str_of(name));
    cr_assert(node && str_to_i64(node->text, &n), "%s", name);
    json_reader_free(reader);
    arena_release(start, arena);
    buf_free(&json);
    return n;
}

static void
check_books(const void *state)
{
    cr_assert_eq(book(state, "in"),
                 book(state, "counted") + book(state, "updates") +
                     book(state, "duplicates") + book(state, "dead_letters"));
}

/* A log of good, repeated, changed, late and broken messages. */
static struct record
record_at(int64_t offset, char *text, size_t size)
{
    static const char *const status[] = {"NEW", "NEW", "CLOSED"};
    uint64_t x = (uint64_t)(offset + 1) * UINT64_C(0x9e3779b97f4a7c15);
    x ^= x >> 29;
    int second = (int)(offset % 60), minute = (int)(offset / 60 % 60);
    int hour = (int)(offset / 3600 % 24);
    int id = (int)(x % 11 == 0 ? offset / 2 : offset);
    int n =
        snprintf(text, size,
                 "{\"alert_id\":\"AJ-%d\",\"detect_time\":\"2024-03-0%d "
                 "%02d:%02d:%02d\",\"severity\":\"%s\",\"status\":\"%s\","
                 "\"rule\":{\"id\":\"R-%d\",\"name\":\"Lu\xe1\xba\xadt %d\"},"
                 "\"agent\":{\"hostname\":\"PC-%d\",\"ip\":\"10.84.10.%d\"}}",
                 id, x % 53 == 0 ? 2 : 5, hour, minute, second,
                 x % 31 == 0 ? "weird" : "HIGH", status[x % 3], (int)(x % 40),
                 (int)(x % 40), (int)(x % 9), (int)(x % 9));
    cr_assert_lt((size_t)n, size);
    struct record record = {
        .topic = STR("endpoint-alerts"),
        .partition = 0,
        .offset = offset,
        .timestamp_ms = (ARRIVAL_MS + offset) * INT64_C(1000),
        .key = STR("PC"),
        .value = {text, (size_t)n},
    };
    if (x % 17 == 0)
        record.value.len = (size_t)n / 2; /* cut */
    if (x % 19 == 0)
        record.value = STR("[{\"alert_id\":\"A\"},5,{\"alert_id\":\"B\"}]");
    return record;
}

/* Runs the log, saving after every `batch` records; with `restart`, the state
 * is loaded anew from the fields each time. */
static void
run_log(struct world *w, struct fields *fields, int n, int batch, bool restart)
{
    const struct stage_ops *ops = ingest_ops();
    struct emit emit = {fields_put, fields};
    struct err why = {""};
    void *state = ops->state_new(w->ingest, STR("endpoint-alerts"), 0);
    char text[1024];
    for (int i = 0; i < n; i++) {
        struct record record = record_at(i, text, sizeof text);
        apply(w, state, &record);
        if (i % 50 == 0)
            check_books(state);
        if ((i + 1) % batch != 0 && i + 1 < n)
            continue;
        ops->state_save(state, false, &emit);
        if (!restart)
            continue;
        ops->state_free(state);
        state = ops->state_new(w->ingest, STR("endpoint-alerts"), 0);
        for (size_t f = 0; f < fields->n; f++)
            cr_assert(ops->state_load(state, fields->at[f].table,
                                      field_name_of(&fields->at[f]),
                                      field_value_of(&fields->at[f]), &why),
                      "%s", why.text);
    }
    check_books(state);
    ops->state_free(state);
}

static int
by_name(const void *left, const void *right)
{
    const struct field *a = left, *b = right;
    if (a->table != b->table)
        return a->table < b->table ? -1 : 1;
    return str_compare(field_name_of(a), field_name_of(b));
}

/* All but the vendor ids, whose fields are named by batch. */
static void
fields_text(struct fields *fields, struct buf *text)
{
    qsort(fields->at, fields->n, sizeof *fields->at, by_name);
    for (size_t i = 0; i < fields->n; i++) {
        if (fields->at[i].table == 3)
            continue;
        buf_format(text, "%zu ", fields->at[i].table);
        buf_add(text, field_name_of(&fields->at[i]));
        buf_char(text, ' ');
        buf_add(text, field_value_of(&fields->at[i]));
        buf_char(text, '\n');
    }
}

static void
expect_same(int batch, bool restart, const struct buf *out,
            const struct buf *stored)
{
    struct world w;
    struct fields fields = {NULL, 0};
    struct buf text = {0};
    world_begin(&w, "deploy/sources/ajiant.yml");
    run_log(&w, &fields, 5000, batch, restart);
    fields_text(&fields, &text);
    cr_assert(str_equal(buf_str(out), buf_str(&w.out)),
              "batch %d: other outputs", batch);
    cr_assert(str_equal(buf_str(stored), buf_str(&text)),
              "batch %d: other state", batch);
    buf_free(&text);
    fields_free(&fields);
    world_end(&w);
}

Test(ingest, stream_rule_01_batches_and_restarts_change_nothing, .timeout = 60)
{
    struct world w;
    struct fields fields = {NULL, 0};
    struct buf stored = {0};
    world_begin(&w, "deploy/sources/ajiant.yml");
    run_log(&w, &fields, 5000, 1, false);
    fields_text(&fields, &stored);
    cr_assert_gt(w.n_alerts, 4000u);
    cr_assert_gt(w.n_letters, 400u);
    expect_same(7, false, &w.out, &stored);
    expect_same(4096, false, &w.out, &stored);
    expect_same(97, true, &w.out, &stored);
    buf_free(&stored);
    fields_free(&fields);
    world_end(&w);
}

struct single {
    struct world w;
    void *state;
};

static void
single_begin(struct single *s)
{
    world_begin(&s->w, "deploy/sources/ajiant.yml");
    s->state = ingest_ops()->state_new(s->w.ingest, STR("endpoint-alerts"), 0);
}

static void
single_end(struct single *s)
{
    ingest_ops()->state_free(s->state);
    world_end(&s->w);
}

static void
send(struct single *s, int64_t offset, const char *value, const char *origin)
{
    struct record record = {
        .topic = STR("endpoint-alerts"),
        .offset = offset,
        .timestamp_ms = ARRIVAL_MS * INT64_C(1000) + offset,
        .key = STR("k"),
        .value = str_of(value),
    };
    if (origin) {
        record.header[0] =
            (struct header){STR("thapcanh-origin"), str_of(origin)};
        record.n_headers = 1;
    }
    apply(&s->w, s->state, &record);
    check_books(s->state);
}

/* From now on the topic is read by this mapping. */
static void
mend(struct single *s, const char *mapping)
{
    struct fields fields = {NULL, 0};
    struct emit emit = {fields_put, &fields};
    struct complaints complaints = {0};
    struct err why = {""};
    const struct stage_ops *ops = ingest_ops();
    s->w.source = source_load(mapping, &s->w.arena, &complaints);
    cr_assert(s->w.source != NULL);
    ops->state_save(s->state, true, &emit);
    ops->state_free(s->state);
    s->state = ops->state_new(s->w.ingest, STR("endpoint-alerts"), 0);
    for (size_t i = 0; i < fields.n; i++)
        cr_assert(ops->state_load(s->state, fields.at[i].table,
                                  field_name_of(&fields.at[i]),
                                  field_value_of(&fields.at[i]), &why),
                  "%s", why.text);
    fields_free(&fields);
    complaints_free(&complaints);
}

#define CASE(id)                                                               \
    "{\"case_id\":\"" id "\",\"occurred_at\":1709623351000,"                   \
    "\"severity\":\"Cao\",\"rule_id\":\"R\",\"server\":{\"name\":\"S-1\"}}"

#define ALERT(id)                                                              \
    "{\"alert_id\":\"" id "\",\"detect_time\":\"2024-03-05 14:22:31\","        \
    "\"severity\":\"HIGH\",\"status\":\"NEW\",\"rule\":{\"id\":\"R\","         \
    "\"name\":\"N\"},\"agent\":{\"hostname\":\"PC-1\"}}"

Test(ingest, stream_rule_29_a_retry_takes_the_place_of_its_origin)
{
    struct single s;
    single_begin(&s);
    mend(&s, "deploy/sources/cycir.yml");
    send(&s, 0, ALERT("a"), NULL);
    cr_assert_eq(book(s.state, "dead_letters"), 1);
    mend(&s, "deploy/sources/ajiant.yml");
    send(&s, 1, ALERT("a"), "endpoint-alerts/0/1/0/0");
    cr_assert_eq(book(s.state, "dead_letters"), 0);
    cr_assert_eq(book(s.state, "counted"), 1);
    cr_assert_eq(book(s.state, "in"), 1, "a retry is not a new arrival");
    cr_assert(str_contains(buf_str(&s.w.out),
                           STR("\"position\":\"endpoint-alerts/0/1/0/0\"")));
    send(&s, 2, ALERT("a"), "endpoint-alerts/0/1/0/0");
    cr_assert_eq(book(s.state, "duplicates"), 1, "retried twice");
    send(&s, 3, ALERT("b"), "endpoint-alerts/0/1/77/0");
    cr_assert_eq(book(s.state, "duplicates"), 2, "never a dead letter");
    cr_assert_eq(book(s.state, "counted"), 1);
    single_end(&s);
}

Test(ingest, stream_rule_29_only_the_bad_elements_are_taken_up_again)
{
    struct single s;
    single_begin(&s);
    send(&s, 0, "[" ALERT("a") "," CASE("c") "," ALERT("b") "]", NULL);
    cr_assert_eq(book(s.state, "in"), 3);
    cr_assert_eq(book(s.state, "counted"), 2);
    cr_assert_eq(book(s.state, "dead_letters"), 1);
    cr_assert_eq(s.w.n_letters, 1u);
    mend(&s, "deploy/sources/cycir.yml");
    send(&s, 1, "[" ALERT("a") "," CASE("c") "," ALERT("b") "]",
         "endpoint-alerts/0/1/0/0");
    cr_assert_eq(book(s.state, "in"), 3);
    cr_assert_eq(book(s.state, "counted"), 3);
    cr_assert_eq(book(s.state, "dead_letters"), 0);
    send(&s, 2, "[{\"x\":1}]", NULL);
    send(&s, 3, "[{\"x\":1}]", "endpoint-alerts/0/1/2/0");
    cr_assert_eq(book(s.state, "dead_letters"), 1, "it failed again");
    single_end(&s);
}

Test(ingest, stream_rule_29_a_forged_origin_replaces_no_letter)
{
    struct single s;
    single_begin(&s);
    mend(&s, "deploy/sources/cycir.yml");
    send(&s, 0, ALERT("a"), NULL);
    mend(&s, "deploy/sources/ajiant.yml");
    send(&s, 1, ALERT("forged"), "endpoint-alerts/0/1/0/0");
    cr_assert_eq(book(s.state, "dead_letters"), 1, "the letter stays open");
    cr_assert_eq(book(s.state, "counted"), 1, "the forgery is what it is");
    cr_assert(str_contains(buf_str(&s.w.out),
                           STR("\"position\":\"endpoint-alerts/0/1/1/0\"")));
    send(&s, 2, "{", "endpoint-alerts/0/1/0/0");
    cr_assert_eq(book(s.state, "dead_letters"), 2, "a letter of its own");
    send(&s, 3, ALERT("a"), "endpoint-alerts/0/1/0/0");
    cr_assert_eq(book(s.state, "dead_letters"), 1, "the true retry is taken");
    cr_assert_eq(book(s.state, "counted"), 2);
    cr_assert_eq(book(s.state, "in"), 3);
    single_end(&s);
}

Test(ingest, stream_rule_29_an_origin_elsewhere_is_none_of_ours)
{
    static const char *const origins[] = {
        "other-alerts/0/1/0/0", "endpoint-alerts/1/1/0/0",
        "endpoint-alerts/0/2/0/0", "endpoint-alerts/0/1/7/0"};
    struct single s;
    single_begin(&s);
    mend(&s, "deploy/sources/cycir.yml");
    send(&s, 0, ALERT("a"), NULL);
    mend(&s, "deploy/sources/ajiant.yml");
    for (int i = 0; i < 4; i++) {
        send(&s, 1 + i, ALERT("a"), origins[i]);
        cr_assert_eq(book(s.state, "dead_letters"), 1, "row %d: it is open", i);
        cr_assert_eq(book(s.state, "duplicates"), 1 + i, "row %d", i);
    }
    cr_assert_eq(book(s.state, "counted"), 0);
    single_end(&s);
}

Test(ingest, a_vendor_id_again_is_a_duplicate_or_an_update)
{
    struct single s;
    single_begin(&s);
    send(&s, 0, ALERT("a"), NULL);
    send(&s, 1, ALERT("a"), NULL);
    cr_assert_eq(book(s.state, "duplicates"), 1);
    cr_assert_eq(s.w.n_alerts, 1u, "a duplicate is not on the feed");
    send(&s, 2,
         "{\"alert_id\":\"a\",\"detect_time\":\"2024-03-05 14:22:31\","
         "\"severity\":\"HIGH\",\"status\":\"CLOSED\",\"rule\":{\"id\":\"R\"},"
         "\"agent\":{\"hostname\":\"PC-1\"}}",
         NULL);
    cr_assert_eq(book(s.state, "updates"), 1);
    cr_assert_eq(book(s.state, "counted"), 1);
    cr_assert_eq(s.w.n_alerts, 2u, "an update is");
    single_end(&s);
}

Test(ingest, an_event_time_that_cannot_be_believed_is_the_arrival)
{
    struct single s;
    single_begin(&s);
    send(&s, 0,
         "{\"alert_id\":\"a\",\"detect_time\":\"2031-03-05 14:22:31\","
         "\"severity\":\"HIGH\",\"rule\":{\"id\":\"R\"},"
         "\"agent\":{\"hostname\":\"PC-1\"}}",
         NULL);
    send(&s, 1,
         "{\"alert_id\":\"b\",\"detect_time\":\"yesterday\","
         "\"severity\":\"HIGH\",\"rule\":{\"id\":\"R\"},"
         "\"agent\":{\"hostname\":\"PC-1\"}}",
         NULL);
    cr_assert_eq(book(s.state, "time_from_arrival"), 2);
    cr_assert_eq(ingest_ops()->watermark_ms(s.state), NO_TIME,
                 "it does not count for the watermark");
    single_end(&s);
}

Test(ingest, stream_rule_13_an_event_below_the_watermark_is_late)
{
    struct single s;
    single_begin(&s);
    send(&s, 0, ALERT("a"), NULL);
    send(&s, 1,
         "{\"alert_id\":\"b\",\"detect_time\":\"2024-03-05 14:12:30\","
         "\"severity\":\"HIGH\",\"rule\":{\"id\":\"R\"},"
         "\"agent\":{\"hostname\":\"PC-1\"}}",
         NULL);
    cr_assert_eq(book(s.state, "late"), 1);
    cr_assert_eq(book(s.state, "counted"), 2, "late is counted all the same");
    single_end(&s);
}

static size_t
letters_table(void)
{
    const struct tables *tables = &ingest_ops()->tables;
    size_t i = 0;
    while (i < tables->n && strcmp(tables->name[i], "letters") != 0)
        i++;
    cr_assert_lt(i, tables->n);
    return i;
}

Test(ingest, a_retry_that_lacks_elements_leaves_them_dead)
{
    struct single s;
    single_begin(&s);
    /* As another version split it: 0 and 2 were counted, 1 and 3 are bad. */
    const struct str bytes[] = {STR("k"),
                                STR("[" ALERT("a") "," ALERT("c") "]")};
    struct digest digest = hash_digest_of(bytes, 2);
    char value[64];
    struct err why;
    snprintf(value, sizeof value, "19787 2 %016llx%016llx 1,3",
             (unsigned long long)digest.half[0],
             (unsigned long long)digest.half[1]);
    cr_assert(ingest_ops()->state_load(s.state, letters_table(), STR("1/0"),
                                       str_of(value), &why));
    struct record record = {
        .topic = STR("endpoint-alerts"),
        .offset = 1,
        .timestamp_ms = ARRIVAL_MS,
        .key = bytes[0],
        .value = bytes[1],
        .header = {{STR("thapcanh-origin"), STR("endpoint-alerts/0/1/0/0")}},
        .n_headers = 1};
    apply(&s.w, s.state, &record); /* of no books: they do not know it */
    struct fields fields = {NULL, 0};
    struct emit emit = {fields_put, &fields};
    struct buf left = {0};
    ingest_ops()->state_save(s.state, true, &emit);
    for (size_t i = 0; i < fields.n; i++)
        if (fields.at[i].table == letters_table())
            buf_add(&left, field_value_of(&fields.at[i]));
    cr_assert(str_ends(buf_str(&left), STR(" 3")), "it is not there: %.*s",
              STR_ARG(buf_str(&left)));
    cr_assert_eq(s.w.n_alerts, 1u, "and the other of the two is an alert");
    buf_free(&left);
    fields_free(&fields);
    single_end(&s);
}

Test(ingest, a_record_without_a_time_arrives_with_the_newest_before)
{
    static const int64_t none[] = {-1, INT64_MIN, INT64_MAX};
    struct single s;
    single_begin(&s);
    send(&s, 0, ALERT("a"), NULL);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct record record = {
            .topic = STR("endpoint-alerts"),
            .offset = (int64_t)i + 1,
            .timestamp_ms = none[i],
            .value = STR("{\"alert_id\":\"b\",\"severity\":\"HIGH\",\"rule\":"
                         "{\"id\":\"R\"},\"agent\":{\"hostname\":\"H\"}}"),
        };
        buf_clear(&s.w.out);
        apply(&s.w, s.state, &record);
        check_books(s.state);
        cr_expect(i > 0 || str_contains(buf_str(&s.w.out),
                                        STR("\"time\":1709623400000,")),
                  "%.*s", STR_ARG(buf_str(&s.w.out)));
    }
    cr_assert_eq(book(s.state, "duplicates"), 2, "dedup knows no other time");
    single_end(&s);
}

static void
measure(void *context, const struct output *output, bool bulk)
{
    size_t *most = context;
    (void)bulk;
    if (output->key.len + output->value.len > *most)
        *most = output->key.len + output->value.len;
}

Test(ingest, what_no_topic_takes_is_cut_and_stays_dead)
{
    static char large[(9 << 20) + 1];
    struct single s;
    size_t most = 0;
    struct err why = {""};
    struct sink sink = {measure, &most};
    single_begin(&s);
    memset(large, ' ', sizeof large);
    memcpy(large, ALERT("a"), sizeof(ALERT("a")) - 1);
    struct record record = {.topic = STR("endpoint-alerts"),
                            .timestamp_ms = ARRIVAL_MS,
                            .key = STR("k"),
                            .value = {large, sizeof large}};
    cr_assert_eq(ingest_ops()->apply(s.state, &record, 1, &sink, &why), DONE);
    cr_assert_eq(most, (size_t)MAX_MESSAGE_BYTES + 2);
    cr_assert_eq(book(s.state, "dead_letters"), 1);
    /* What is on the topic, sent back. */
    record.value.len = MAX_MESSAGE_BYTES + 1;
    record.header[0] =
        (struct header){STR("thapcanh-origin"), STR("endpoint-alerts/0/1/0/0")};
    record.n_headers = 1;
    record.offset = 1;
    cr_assert_eq(ingest_ops()->apply(s.state, &record, 1, &sink, &why), DONE);
    cr_assert_eq(book(s.state, "dead_letters"), 1, "it counts for nothing");
    record = (struct record){.topic = STR("endpoint-alerts"),
                             .offset = 2,
                             .timestamp_ms = ARRIVAL_MS,
                             .key = {large, sizeof large},
                             .value = STR("{")};
    cr_assert_eq(ingest_ops()->apply(s.state, &record, 1, &sink, &why), DONE);
    cr_assert_leq(most, (size_t)MAX_OUTPUT_BYTES, "a key may be large too");
    cr_assert_eq(book(s.state, "dead_letters"), 2);
    single_end(&s);
}
