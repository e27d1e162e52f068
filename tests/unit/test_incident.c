/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents and sealed correlations as JSON: both are read by others than
 * wrote them, so both have one spelling and are read strictly. */
#include <criterion/criterion.h>

#include "correlate/correlation.h"

#include <stdlib.h>
#include <string.h>

static struct arena arena;
static char *start;
static struct json_reader *reader;

static void
begin(void)
{
    arena = arena_reserve((size_t)64 << 20);
    start = arena.at;
    reader = json_reader_new();
}

static void
end(void)
{
    json_reader_free(reader);
    arena_release(start, arena);
}

TestSuite(incident, .init = begin, .fini = end);
TestSuite(correlation, .init = begin, .fini = end);

static struct incident
full_incident(void)
{
    struct incident_alert first = {STR("a:1"),
                                   STR("ajiant"),
                                   STR("Luật \"1\""),
                                   STR("in"),
                                   3,
                                   1,
                                   INT64_C(42),
                                   7,
                                   1718000000000};
    struct incident_alert last = first;
    last.offset = 99;
    struct incident incident = {
        .id = STR("00112233445566778899aabbccddeeff"),
        .revision = 3,
        .state = INCIDENT_OPEN,
        .into = STR(""),
        .rule = STR("5638f7c0-ac70"),
        .fingerprint = {{UINT64_C(0xfedcba9876543210), 7}},
        .title = {STR("Dò mật khẩu"), STR("Guessing")},
        .severity = SEVERITY_HIGH,
        .key = {{STR("user"), STR("an\n\"x\"")}, {STR("port"), STR("445")}},
        .n_key = 2,
        .window = STR("0123456789abcdef"),
        .first_ms = 1718000000000,
        .last_ms = 1718000060000,
        .count = 12,
        .fired_ms = 1718000050000,
        .arrival_ms = 1718000061000,
        .approximate = true,
        .options = {.incident = INCIDENT_CORRELATION,
                    .first_step = {STR("Gọi"), STR("Call")},
                    .harmless = {STR("Thử"), STR("Test")},
                    .group_ms = 3600000},
        .hosts = {{STR("PC-1"), STR("PC-2")}, 2, 5},
        .users = {{STR("an")}, 1, 0},
        .level = 3,
        .kinds = 1u << KIND_SCAN | 1u << KIND_EXPLOIT,
        .evidence = {{STR("step"), KIND_SCAN, 11, first, last}},
        .n_evidence = 1,
        .more_evidence = 2,
    };
    return incident;
}

static struct str
written(const struct incident *incident)
{
    struct buf buf = {0};
    incident_write(&buf, incident);
    struct str text = arena_copy(&arena, buf_str(&buf));
    buf_free(&buf);
    return text;
}

Test(incident, what_was_written_is_read_back)
{
    struct incident incident = full_incident(), read;
    struct err why = {""};
    struct str text = written(&incident);
    cr_assert(incident_read(reader, text, &arena, &read, &why), "%s", why.text);
    cr_expect_eq(read.revision, 3u);
    cr_expect_eq(read.count, 12u);
    cr_expect_eq(read.fingerprint.half[0], UINT64_C(0xfedcba9876543210));
    cr_expect(str_equal(read.key[0].value, STR("an\n\"x\"")));
    cr_expect_eq(read.hosts.more, 5u);
    cr_expect_eq(read.evidence[0].last.offset, 99);
    cr_expect_eq(read.kinds, incident.kinds);
    cr_expect(str_equal(written(&read), text), "other bytes");
}

/* The text without its member number `skip`. */
static struct str
without(struct str text, uint32_t skip)
{
    const struct json *root;
    struct buf buf = {0};
    cr_assert_eq(json_read(reader, text, &arena, &root), JSON_FINE);
    const struct json *node = json_first(root);
    buf_char(&buf, '{');
    for (uint32_t i = 0; i < root->n_children; i++, node = json_next(node)) {
        if (i == skip)
            continue;
        if (buf.len > 1)
            buf_char(&buf, ',');
        buf_json(&buf, node->key);
        buf_char(&buf, ':');
        if (node->type == JSON_STRING)
            buf_json(&buf, node->text);
        else
            buf_add(&buf, node->text);
    }
    buf_char(&buf, '}');
    struct str copy = arena_copy(&arena, buf_str(&buf));
    buf_free(&buf);
    return copy;
}

Test(incident, a_missing_or_unknown_member_is_refused)
{
    struct incident incident = full_incident(), read;
    struct err why = {""};
    struct str text = written(&incident);
    for (uint32_t skip = 0; skip < 30; skip++) {
        struct str cut = without(text, skip);
        bool list = !str_contains(cut, STR("\"kinds\":")) ||
                    !str_contains(cut, STR("\"evidence\":"));
        if (cut.len == text.len)
            break;
        cr_expect_eq(incident_read(reader, cut, &arena, &read, &why), list,
                     "without member %u", skip);
    }
    struct str more = arena_format(&arena, "%.*s,\"x\":1}",
                                   STR_ARG(str_cut(text, 0, text.len - 1)));
    cr_expect_not(incident_read(reader, more, &arena, &read, &why));
    cr_expect_not(incident_read(reader, STR("{}"), &arena, &read, &why));
    cr_expect_not(incident_read(reader, STR(""), &arena, &read, &why));
}

Test(incident, words_are_read_back)
{
    enum ticket_origin origin;
    for (int i = 0; i < N_TICKET_ORIGINS; i++) {
        cr_assert(ticket_origin_from(ticket_origin_id((enum ticket_origin)i),
                                     &origin));
        cr_expect_eq(origin, (enum ticket_origin)i);
    }
    cr_expect_not(ticket_origin_from(STR("x"), &origin));
}

/* --- correlations */

static struct correlation
full_correlation(void)
{
    static struct correlation_step steps[2];
    steps[0] = (struct correlation_step){
        STR("a"), {{1, 2}}, {STR("Host"), STR("User")}, .count = 1};
    steps[1] = (struct correlation_step){
        STR("b"), {{3, 4}}, {STR("host"), STR("user")}, .count = 1};
    return (struct correlation){
        .id = STR("id"),
        .name = STR("name"),
        .title = {STR("vi"), STR("en")},
        .type = VALUE_COUNT,
        .step = steps,
        .n_steps = 2,
        .group_by = {STR("host"), STR("user")},
        .n_group_by = 2,
        .value_field = {STR("port")},
        .n_value_fields = 1,
        .timespan_ms = 60000,
        .threshold = 5,
        .severity = SEVERITY_HIGH,
        .options = {.incident = INCIDENT_CORRELATION, .group_ms = 5},
    };
}

static struct digest
sealed(struct correlation *c)
{
    struct err why = {""};
    cr_assert(correlation_seal(c, &arena, &why), "%s", why.text);
    return c->fingerprint;
}

Test(correlation, a_sealed_text_seals_to_itself)
{
    struct correlation c = full_correlation(), read;
    struct err why = {""};
    sealed(&c);
    cr_assert(correlation_parse(reader, c.text, &arena, &read, &why), "%s",
              why.text);
    cr_expect_eq(
        memcmp(&c.fingerprint, &read.fingerprint, sizeof c.fingerprint), 0);
    cr_expect(str_equal(c.text, read.text));
    cr_expect(str_equal(read.step[1].field[1], STR("user")));
    cr_expect(str_equal(read.title.vi, STR("vi")));
    correlation_floor(&c);
    sealed(&c);
    cr_assert(correlation_parse(reader, c.text, &arena, &read, &why));
    cr_expect(read.is_floor);
}

Test(correlation, the_fingerprint_covers_the_meaning_and_not_the_words)
{
    struct correlation base = full_correlation();
    struct digest fingerprint = sealed(&base);
    struct correlation words = full_correlation();
    words.name = STR("other");
    words.title.en = STR("other");
    words.options.first_step.vi = STR("other");
    words.generate = true;
    struct digest same = sealed(&words);
    cr_expect_eq(memcmp(&same, &fingerprint, sizeof same), 0);
    cr_expect_not(str_equal(words.text, base.text));
    for (int i = 0; i < 13; i++) {
        struct correlation c = full_correlation();
        switch (i) {
        case 0:
            c.id = STR("other");
            break;
        case 1:
            c.type = EVENT_COUNT;
            c.n_value_fields = 0;
            break;
        case 2:
            c.step[1].rule = STR("c");
            break;
        case 3:
            c.step[1].meaning.half[0]++;
            break;
        case 4:
            c.step[0].field[1] = STR("x");
            break;
        case 5:
            c.n_steps = 1;
            break;
        case 6:
            c.group_by[1] = STR("x");
            break;
        case 7:
            c.value_field[0] = STR("x");
            break;
        case 8:
            c.timespan_ms++;
            break;
        case 9:
            c.threshold++;
            break;
        case 10:
            c.severity = SEVERITY_CRITICAL;
            break;
        case 11:
            c.options.incident = INCIDENT_NONE;
            break;
        default:
            c.is_detection = true;
            break;
        }
        struct digest other = sealed(&c);
        cr_expect_neq(memcmp(&other, &fingerprint, sizeof other), 0, "row %d",
                      i);
    }
}

Test(correlation, what_windows_cannot_hold_is_refused_with_the_reason)
{
    for (int i = 0; i < 11; i++) {
        struct correlation c = full_correlation();
        struct err why = {""};
        switch (i) {
        case 0:
            c.threshold = 0;
            break;
        case 1:
            c.threshold = MAX_THRESHOLD + 1;
            break;
        case 2:
            c.timespan_ms = 0;
            break;
        case 3:
            c.timespan_ms = MAX_TIMESPAN_MS + 1;
            break;
        case 4:
            c.n_steps = 0;
            break;
        case 5:
            c.n_steps = MAX_CORRELATION_STEPS + 1;
            break;
        case 6:
            c.n_group_by = MAX_GROUP_FIELDS + 1;
            break;
        case 7:
            c.n_value_fields = 0;
            break;
        case 8:
            c.group_by[1] = c.group_by[0];
            break;
        case 9:
            c.type = TEMPORAL;
            c.n_value_fields = 0;
            c.threshold = 3;
            break;
        default:
            c.type = TEMPORAL_ORDERED;
            c.n_value_fields = 0;
            c.threshold = 1;
            break;
        }
        cr_expect_not(correlation_seal(&c, &arena, &why), "row %d", i);
        cr_expect_gt(strlen(why.text), 5u, "row %d", i);
    }
}

Test(correlation, a_text_that_was_changed_is_refused)
{
    struct correlation c = full_correlation(), read;
    struct err why = {""};
    sealed(&c);
    size_t n_read = 0;
    char *copy = malloc(c.text.len);
    for (size_t i = 0; i < c.text.len; i++) {
        struct arena mark = arena;
        memcpy(copy, c.text.at, c.text.len);
        copy[i] ^= 1;
        struct str text = {copy, c.text.len};
        bool fine = correlation_parse(reader, text, &arena, &read, &why);
        n_read += fine;
        cr_expect(!fine || str_equal(read.text, text), "byte %zu", i);
        arena = mark;
    }
    cr_expect_gt(n_read, 5u, "another name is another rule");
    cr_expect_lt(n_read, c.text.len / 2);
    free(copy);
}
