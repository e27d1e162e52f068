/* SPDX-License-Identifier: Apache-2.0
 *
 * Hostile messages on real topics, and what became of them. Both are made from
 * the same seed, so that nothing has to be kept in between:
 *
 *   hostile put BROKERS SEED N     N messages, spread over a topic
 *                                  "hostile-MAPPING" for each shipped mapping
 *   hostile check BROKERS SEED N   reads soc.deadletter and soc.alerts to their
 *                                  ends: every letter has the bytes and key of
 *                                  its message, every record of the feed is
 *                                  read back, every message has its fate
 *
 * `check` prints "in IN letters DEAD alerts ALERTS silent SILENT": what the
 * books must say; `silent` messages left nothing, so they are duplicates. */
#include "base/json.h"
#include "base/kafka.h"
#include "ingest/feed.h"
#include "ingest/source.h"
#include "model/position.h"
#include "tests/hostile/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 30000
#define SCRATCH ((size_t)512 << 20)

/* One message that was put, and what was found of it. */
struct found {
    uint32_t n_alerts; /* in it; 0: cannot be split */
    uint32_t n_dead, n_fed;
};

struct world {
    const struct cases *cases;
    struct kafka_setting setting;
    struct kafka_settings settings;
    uint64_t seed;
    size_t each; /* messages of a mapping */
    struct found *fates;
    struct arena scratch;
    struct json_reader *reader;
    struct decoder *decoder;
    size_t n_wrong;
};

static void
wrong(struct world *w, struct str position, const char *what)
{
    if (w->n_wrong++ < 20)
        fprintf(stderr, "%.*s: %s\n", STR_ARG(position), what);
}

/* The message at an offset is a function of seed, mapping and offset. */
static void
make(struct world *w, size_t mapping, size_t offset, struct buf *text,
     struct output *output, struct hostile *hostile)
{
    struct dice dice = {w->seed * 1000003 + mapping * 100000007 + offset};
    dice_next(&dice);
    hostile_make(&dice, w->cases, mapping, text, hostile);
    *output = (struct output){
        .partition = 0,
        .no_key = dice_below(&dice, 4) == 0,
        .no_value = text->len == 0 && dice_below(&dice, 2) == 0,
        .value = buf_str(text),
    };
    if (!output->no_key)
        output->key = str_cut(buf_str(text), 0, dice_below(&dice, 300));
}

static struct str
topic_of(const struct world *w, size_t mapping, struct buf *text)
{
    buf_clear(text);
    buf_add(text, STR("hostile-"));
    buf_add(text, w->cases->mapping[mapping].name);
    return buf_str(text);
}

/* --- put */

static bool
put_one(struct producer *producer, const struct output *output,
        struct delivery *delivery, struct err *why)
{
    while (!producer_send(producer, output, delivery, why)) {
        if (why->text[0])
            return false;
        producer_poll(producer, 50);
    }
    return true;
}

static bool
put_mapping(struct world *w, struct producer *producer, size_t mapping,
            struct err *why)
{
    static const struct kafka_setting large = {"max.message.bytes", "4194304"};
    struct kafka_admin *admin = kafka_admin_open(&w->settings, why);
    struct buf text = {0}, name = {0};
    struct delivery delivery = {0};
    struct hostile hostile;
    struct output output;
    struct str topic = topic_of(w, mapping, &name);
    bool fine = admin && kafka_topic_ensure(admin, topic, 1,
                                            &(struct kafka_settings){&large, 1},
                                            WAIT_MS, why);
    for (size_t i = 0; fine && i < w->each; i++) {
        make(w, mapping, i, &text, &output, &hostile);
        output.topic = topic;
        fine = put_one(producer, &output, &delivery, why);
    }
    while (fine && delivery.waiting > 0)
        producer_poll(producer, 100);
    if (fine && delivery.failed > 0)
        *why = delivery.why;
    kafka_admin_close(admin);
    buf_free(&text);
    buf_free(&name);
    return fine && delivery.failed == 0;
}

static int
put(struct world *w)
{
    struct err why = {""};
    struct producer *producer = producer_open(&w->settings, 5, &why);
    bool fine = producer != NULL;
    for (size_t m = 0; fine && m < w->cases->n_mappings; m++)
        fine = put_mapping(w, producer, m, &why);
    producer_close(producer);
    if (!fine)
        fprintf(stderr, "hostile: %s\n", why.text);
    return fine ? 0 : 1;
}

/* --- check */

/* The message at a position; NULL: nobody put one there. */
static struct found *
fate_at(struct world *w, struct str text, struct position *position,
        size_t *mapping)
{
    struct buf name = {0};
    struct found *fate = NULL;
    for (size_t m = 0;
         position_from(text, position) && m < w->cases->n_mappings; m++)
        if (str_equal(position->topic, topic_of(w, m, &name)) &&
            position->partition == 0 && position->offset >= 0 &&
            (size_t)position->offset < w->each) {
            *mapping = m;
            fate = &w->fates[m * w->each + (size_t)position->offset];
        }
    buf_free(&name);
    if (!fate)
        wrong(w, text, "nobody put a message there");
    return fate;
}

static void
see_letter(struct world *w, const struct record *record)
{
    struct str text = record_header(record, STR("position")), part;
    struct str indexes = record_header(record, STR("indexes"));
    struct str reason = record_header(record, STR("reason"));
    struct position position;
    struct buf bytes = {0};
    struct output output;
    struct hostile hostile;
    size_t mapping;
    struct found *fate = fate_at(w, text, &position, &mapping);
    if (!fate)
        return;
    make(w, mapping, (size_t)position.offset, &bytes, &output, &hostile);
    if (fate->n_dead > 0)
        wrong(w, text, "two letters");
    if (!str_equal(record->value, output.value))
        wrong(w, text, "not the original bytes");
    if (record->null_key != output.no_key ||
        !str_equal(record->key, output.key))
        wrong(w, text, "not the original key");
    if (hostile.reason && !str_equal(reason, str_of(hostile.reason)))
        wrong(w, text, hostile.reason);
    fate->n_dead = indexes.len == 0;
    while (str_split(&indexes, ',', &part))
        fate->n_dead++;
    buf_free(&bytes);
}

static void
see_alert(struct world *w, const struct record *record)
{
    struct arena rest = w->scratch;
    const struct json *root;
    struct feed_line line;
    struct position position;
    size_t mapping;
    if (json_read(w->reader, record->value, &rest, &root) != JSON_FINE ||
        !feed_read(root, &line)) {
        wrong(w, str_cut(record->value, 0, 100), "no record of the feed");
        return;
    }
    struct found *fate = fate_at(w, line.position, &position, &mapping);
    if (fate)
        fate->n_fed++;
}

static bool
read_topic(struct world *w, struct str topic,
           void (*see)(struct world *w, const struct record *record))
{
    struct err why = {""};
    struct reader *reader =
        reader_open(&w->settings, topic, -1, READER_BEGINNING, WAIT_MS, &why);
    struct record record;
    enum reader_got got = READER_FAILED;
    while (reader &&
           (got = reader_next(reader, WAIT_MS, &record, &why)) == READER_RECORD)
        see(w, &record);
    reader_close(reader);
    if (got != READER_DONE)
        fprintf(stderr, "hostile: %.*s: %s\n", STR_ARG(topic),
                why.text[0] ? why.text : "no end");
    return got == READER_DONE;
}

/* Into how many alerts each message falls, and whether that is what it left. */
static void
sum_up(struct world *w)
{
    size_t in = 0, dead = 0, fed = 0, silent = 0;
    struct buf text = {0};
    for (size_t m = 0; m < w->cases->n_mappings; m++) {
        for (size_t i = 0; i < w->each; i++) {
            struct found *fate = &w->fates[m * w->each + i];
            struct arena rest = w->scratch;
            const struct element *elements;
            struct hostile hostile;
            struct output output;
            size_t n = 0;
            make(w, m, i, &text, &output, &hostile);
            enum split_fault fault = source_split(
                NULL, w->decoder, output.value, &rest, &elements, &n);
            n = fault == SPLIT_FINE ? n : 1;
            if (fault != SPLIT_FINE && (fate->n_dead != 1 || fate->n_fed != 0))
                wrong(w, w->cases->mapping[m].name, hostile_words(hostile.way));
            if (fate->n_dead + fate->n_fed > n)
                wrong(w, w->cases->mapping[m].name, "more than was in it");
            in += n;
            dead += fate->n_dead;
            fed += fate->n_fed;
            silent += n - fate->n_dead - fate->n_fed;
        }
    }
    printf("in %zu letters %zu alerts %zu silent %zu\n", in, dead, fed, silent);
    buf_free(&text);
}

static int
check(struct world *w)
{
    w->fates = calloc(w->each * w->cases->n_mappings, sizeof *w->fates);
    w->reader = json_reader_new_large();
    w->decoder = decoder_new();
    bool fine = w->fates && w->reader && w->decoder &&
                read_topic(w, STR("soc.deadletter"), see_letter) &&
                read_topic(w, STR("soc.alerts"), see_alert);
    if (fine)
        sum_up(w);
    free(w->fates);
    json_reader_free(w->reader);
    decoder_free(w->decoder);
    if (w->n_wrong > 0)
        fprintf(stderr, "hostile: %zu are not as they must be\n", w->n_wrong);
    return fine && w->n_wrong == 0 ? 0 : 1;
}

int
main(int argc, char **argv)
{
    struct world w = {.cases = cases_load()};
    int64_t seed, n;
    if (argc != 5 || !str_to_i64(str_of(argv[3]), &seed) ||
        !str_to_i64(str_of(argv[4]), &n) || n < 1) {
        fprintf(stderr, "usage: hostile put|check BROKERS SEED N\n");
        return 2;
    }
    w.setting = (struct kafka_setting){"bootstrap.servers", argv[2]};
    w.settings = (struct kafka_settings){&w.setting, 1};
    w.seed = (uint64_t)seed;
    w.each = (size_t)n / w.cases->n_mappings + 1;
    w.scratch = arena_reserve(SCRATCH);
    char *start = w.scratch.at;
    int code = strcmp(argv[1], "put") == 0 ? put(&w) : check(&w);
    arena_release(start, w.scratch);
    cases_free();
    return code;
}
