/* SPDX-License-Identifier: Apache-2.0
 *
 * Window records and progress records: gathered, written, read back, and every
 * way in which one can be damaged. */
#include <criterion/criterion.h>

#include "base/times.h"
#include "model/progress.h"
#include "model/window_event.h"
#include "window_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTITIONS = 4, MAX_SENT = 64 };

static struct arena arena, scratch;
static char *arena_start, *scratch_start;
static struct window_batch *batch;
static struct str sent[MAX_SENT];
static int32_t sent_to[MAX_SENT];
static size_t n_sent;

static void
begin(void)
{
    arena = arena_reserve((size_t)256 << 20);
    arena_start = arena.at;
    scratch = arena_reserve((size_t)256 << 20);
    scratch_start = scratch.at;
    batch = window_batch_new(PARTITIONS);
    n_sent = 0;
}

static void
end(void)
{
    window_batch_free(batch);
    arena_release(arena_start, arena);
    arena_release(scratch_start, scratch);
}

TestSuite(window_event, .init = begin, .fini = end);

static void
take(void *context, const struct output *output, bool bulk)
{
    (void)context;
    cr_assert(!bulk && output->no_key && n_sent < MAX_SENT);
    cr_assert(str_equal(output->topic, STR("w")));
    sent_to[n_sent] = output->partition;
    sent[n_sent++] = arena_copy(&arena, output->value);
}

static const struct window_cause cause = {{"in", 2}, 3, 2, 77, 0};

static void
flush(void)
{
    struct sink sink = {take, NULL};
    window_batch_flush(batch, &cause, STR("w"), &sink);
}

static struct alert
alert_of(uint32_t index)
{
    struct alert alert = {
        .position = {STR("in"), 3, 2, 77, index},
        .source = STR("ajiant"),
        .alert_id = STR("ajiant:1"),
        .event_ms = 1000 + index,
        .arrival_ms = 2000,
        .severity = SEVERITY_HIGH,
        .kind = KIND_MALWARE,
        .level = 3,
        .flags = ALERT_RETRIED,
        .unit = STR("so-yte"),
    };
    alert.field[ALERT_HOST] = STR("PC-1");
    alert.field[ALERT_SHA256] = STR("abcd");
    alert.field[ALERT_MD5] = STR("ffff");
    return alert;
}

static struct window_entry
entry_of(uint64_t key, uint32_t brief)
{
    return (struct window_entry){
        .fingerprint = {{5, 6}},
        .key_id = {{key, key}},
        .steps = 1,
        .brief = brief,
        .key = STR("[\"PC-1\"]"),
        .value = STR("v"),
    };
}

static struct window_record
read_sent(size_t i)
{
    struct window_record record;
    struct err why = {""};
    cr_assert(window_record_read(sent[i], &scratch, &record, &why), "%s",
              why.text);
    return record;
}

Test(window_event, stream_rule_09_one_record_for_each_partition)
{
    static int32_t partition_of_key[150];
    size_t n = 0;
    for (uint32_t i = 0; i < 100; i++) {
        struct alert alert = alert_of(i);
        uint32_t brief = window_batch_brief(batch, &alert);
        for (uint64_t key = 0; key < 3; key++) {
            struct window_entry entry = entry_of((i * 3 + key) % 150, brief);
            cr_assert(window_batch_add(batch, &entry));
        }
    }
    flush();
    cr_assert_eq(n_sent, (size_t)PARTITIONS);
    for (size_t i = 0; i < n_sent; i++) {
        struct window_record record = read_sent(i);
        n += record.n_entries;
        cr_expect_eq(sent_to[i], (int32_t)i);
        cr_expect_eq(record.running, 0u);
        cr_expect_eq(record.cause.offset, 77);
        cr_expect_eq(record.cause.incarnation, 2u);
        for (size_t e = 0; e < record.n_entries; e++) {
            int32_t *to = &partition_of_key[record.entries[e].key_id.half[0]];
            cr_expect(*to == 0 || *to == sent_to[i] + 1,
                      "one key, two partitions");
            *to = sent_to[i] + 1;
        }
    }
    cr_expect_eq(n, 300u);
    n_sent = 0;
    flush();
    cr_expect_eq(n_sent, 0u, "what was sent is gone");
}

Test(window_event, an_alert_is_told_in_short)
{
    struct alert alert = alert_of(4);
    struct window_entry entry = entry_of(1, window_batch_brief(batch, &alert));
    cr_assert(window_batch_add(batch, &entry));
    flush();
    struct window_record record = read_sent(0);
    const struct brief *brief = &record.briefs[record.entries[0].brief];
    cr_expect_eq(brief->event_ms, 1004);
    cr_expect_eq(brief->index, 4u);
    cr_expect_eq(brief->kind, KIND_MALWARE);
    cr_expect_eq(brief->severity, SEVERITY_HIGH);
    cr_expect_eq(brief->level, 3);
    cr_expect_eq(brief->flags, (unsigned)ALERT_RETRIED);
    cr_expect(str_equal(brief->host, STR("PC-1")));
    cr_expect(str_equal(brief->hash, STR("abcd")), "the strongest");
    cr_expect(str_equal(brief->unit, STR("so-yte")));
    cr_expect(str_equal(record.entries[0].key, STR("[\"PC-1\"]")));
}

Test(window_event, a_record_past_its_size_goes_on_in_further_ones)
{
    static char long_key[MAX_KEY_TEXT_BYTES];
    memset(long_key, 'k', sizeof long_key);
    struct alert alert = alert_of(0);
    uint32_t brief = window_batch_brief(batch, &alert);
    for (uint64_t i = 0; i < 20000; i++) {
        struct window_entry entry = entry_of(i * 4, brief);
        entry.key_id.half[1] = 5 ^ (i * 4); /* all to partition 0 */
        entry.key = (struct str){long_key, sizeof long_key};
        cr_assert(window_batch_add(batch, &entry));
    }
    flush();
    size_t n = 0;
    cr_assert_gt(n_sent, 5u);
    for (size_t i = 0; i < n_sent; i++) {
        struct window_record record = read_sent(i);
        cr_expect_eq(record.running, (uint32_t)i);
        cr_expect_eq(record.n_briefs, 1u);
        cr_expect_lt(sent[i].len, (size_t)MAX_OUTPUT_BYTES);
        n += record.n_entries;
    }
    cr_expect_eq(n, 20000u);
}

Test(window_event, what_does_not_fit_is_refused_and_counted)
{
    static char text[10000];
    memset(text, 'x', sizeof text);
    struct alert alert = alert_of(0);
    alert.field[ALERT_HOST] = (struct str){text, sizeof text};
    uint32_t brief = window_batch_brief(batch, &alert);
    struct window_entry entry = entry_of(1, brief);
    entry.key = (struct str){text, MAX_KEY_TEXT_BYTES + 1};
    cr_expect_not(window_batch_add(batch, &entry));
    entry = entry_of(1, brief + 1);
    cr_expect_not(window_batch_add(batch, &entry), "an alert not told of");
    entry = entry_of(1, brief);
    entry.steps = 0;
    cr_expect_not(window_batch_add(batch, &entry));
    cr_expect_eq(window_batch_refused(batch), 3u);
    entry = entry_of(1, brief);
    entry.value = (struct str){text, sizeof text};
    cr_assert(window_batch_add(batch, &entry));
    flush();
    struct window_record record = read_sent(0);
    cr_expect_eq(record.briefs[0].host.len, (size_t)MAX_KEY_BYTES);
    cr_expect_eq(record.entries[0].value.len, 33u, "by its digest");
}

Test(window_event, texts_are_cut_between_characters)
{
    static char text[MAX_KEY_BYTES + 2];
    struct alert alert = alert_of(0);
    memset(text, 'x', sizeof text);
    memcpy(text + MAX_KEY_BYTES - 2, "\xe1\xba\xad", 3);
    alert.field[ALERT_USER] = (struct str){text, MAX_KEY_BYTES + 1};
    struct window_entry entry = entry_of(1, window_batch_brief(batch, &alert));
    cr_assert(window_batch_add(batch, &entry));
    flush();
    cr_expect_eq(read_sent(0).briefs[0].user.len, (size_t)MAX_KEY_BYTES - 2);
}

Test(window_event, what_is_read_is_written_again_byte_for_byte)
{
    struct buf again = {0};
    for (uint32_t i = 0; i < 10; i++) {
        struct alert alert = alert_of(i);
        struct window_entry entry =
            entry_of(i % 3, window_batch_brief(batch, &alert));
        cr_assert(window_batch_add(batch, &entry));
    }
    flush();
    for (size_t i = 0; i < n_sent; i++) {
        struct window_record record = read_sent(i);
        buf_clear(&again);
        window_record_write(&again, &record);
        cr_expect(str_equal(buf_str(&again), sent[i]));
    }
    buf_free(&again);
}

Test(window_event, a_record_that_is_cut_anywhere_is_refused)
{
    struct alert alert = alert_of(0);
    struct window_entry entry = entry_of(1, window_batch_brief(batch, &alert));
    struct window_record record;
    struct err why = {""};
    cr_assert(window_batch_add(batch, &entry));
    flush();
    for (size_t len = 0; len < sent[0].len; len++) {
        struct arena rest = scratch;
        char *copy = malloc(len + 1);
        memcpy(copy, sent[0].at, len);
        cr_expect_not(
            window_record_read((struct str){copy, len}, &rest, &record, &why),
            "%zu bytes", len);
        free(copy);
    }
}

Test(window_event, the_id_of_a_window_is_the_same_everywhere)
{
    char id[WINDOW_ID_LEN];
    window_id(id, (struct digest){{1, 2}}, (struct digest){{3, 4}});
    char other[WINDOW_ID_LEN];
    window_id(other, (struct digest){{1, 2}}, (struct digest){{4, 3}});
    cr_expect_neq(memcmp(id, other, sizeof id), 0);
    window_id(other, (struct digest){{1, 2}}, (struct digest){{3, 4}});
    cr_expect_eq(memcmp(id, other, sizeof id), 0);
}

/* --- progress */

Test(progress, lines_are_read_back)
{
    const struct progress at[] = {
        {STR("a"), 0, 1, 0, NO_TIME, false, 0},
        {STR("b.c"), 7, 4, INT64_MAX, -5, true, 0},
        {STR("d"), 1, UINT32_MAX, 9, 1718000000000, false, MAX_LEVELS - 1},
    };
    struct buf buf = {0};
    struct progress got;
    progress_write(&buf, at, 3);
    cr_assert(progress_check(buf_str(&buf)));
    struct progress_lines lines = progress_lines(buf_str(&buf));
    for (size_t i = 0; i < 3; i++) {
        cr_assert(progress_next(&lines, &got));
        cr_expect(str_equal(got.topic, at[i].topic));
        cr_expect_eq(got.partition, at[i].partition);
        cr_expect_eq(got.incarnation, at[i].incarnation);
        cr_expect_eq(got.offset, at[i].offset);
        cr_expect_eq(got.watermark_ms, at[i].watermark_ms);
        cr_expect_eq(got.level, at[i].level);
        cr_expect_eq(got.aside, at[i].aside);
    }
    cr_expect_not(progress_next(&lines, &got));
    buf_free(&buf);
}

Test(progress, anything_else_is_refused)
{
    static const char *const rows[] = {
        "",
        "progress 3\n",
        "progress 1\na 0 1 2 3\n",
        "progress 2\na 0 1 2 3\n",
        "progress 2\n8 a 0 1 2 3\n",
        "progress 2\n-1 a 0 1 2 3\n",
        "progress 2\n01 a 0 1 2 3\n",
        "progress 2\n0 a 0 1 2",
        "progress 2\n0 a 0 1 2\n",
        "progress 2\n0 a 0 1 2 3 aside \n",
        "progress 2\n0 a 0 1 2 3 \n",
        "progress 2\n0 a 0 1 2 3 asides\n",
        "progress 2\n0  0 1 2 3\n",
        "progress 2\n0 a -1 1 2 3\n",
        "progress 2\n0 a 0 1 -2 3\n",
        "progress 2\n0 a 00 1 2 3\n",
        "progress 2\n0 a 0 1 2 -0\n",
        "progress 2\n0 a 0 1 2 9223372036854775808\n",
        "progress 2\n0 a 0 4294967296 2 3\n",
        "progress 2\n0 a  0 1 2 3\n",
        "progress 2\n\n",
    };
    cr_expect(progress_check(STR("progress 2\n")), "nobody is one too");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_not(progress_check(str_of(rows[i])), "row %zu", i);
}
