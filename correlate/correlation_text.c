/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the text of a correlation; correlation_parse.c reads it. */
#include "correlation_text.h"

#include <inttypes.h>

static void
put_text(struct buf *buf, const char *key, struct str text)
{
    buf_format(buf, ",\"%s\":", key);
    buf_json(buf, text);
}

static void
put_i64(struct buf *buf, const char *key, int64_t n)
{
    buf_format(buf, ",\"%s\":%" PRId64, key, n);
}

static void
put_flag(struct buf *buf, const char *key, bool flag)
{
    buf_format(buf, ",\"%s\":%s", key, flag ? "true" : "false");
}

static void
put_digest(struct buf *buf, const char *key, struct digest digest)
{
    buf_format(buf, ",\"%s\":\"%016" PRIx64 "%016" PRIx64 "\"", key,
               digest.half[0], digest.half[1]);
}

static void
put_texts(struct buf *buf, const char *key, const struct str *texts, size_t n)
{
    buf_format(buf, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json(buf, texts[i]);
    }
    buf_char(buf, ']');
}

static void
put_bytes(struct buf *buf, const char *key, const uint8_t *numbers, size_t n)
{
    buf_format(buf, ",\"%s\":[", key);
    for (size_t i = 0; i < n; i++)
        buf_format(buf, i > 0 ? ",%d" : "%d", numbers[i]);
    buf_char(buf, ']');
}

static void
put_both(struct buf *buf, const char *key, const struct both *both)
{
    buf_format(buf, ",\"%s\":{\"vi\":", key);
    buf_json(buf, both->vi);
    put_text(buf, "en", both->en);
    buf_char(buf, '}');
}

static void
put_steps(struct buf *buf, const struct correlation *c)
{
    buf_add(buf, STR(",\"steps\":["));
    for (size_t i = 0; i < c->n_steps; i++) {
        const struct correlation_step *step = &c->step[i];
        buf_add(buf, i > 0 ? STR(",{\"rule\":") : STR("{\"rule\":"));
        buf_json(buf, step->rule);
        put_digest(buf, "meaning", step->meaning);
        put_texts(buf, "fields", step->field, c->n_group_by);
        put_i64(buf, "count", step->count);
        put_i64(buf, "score", step->score);
        put_i64(buf, "tactics", step->tactics);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

static void
put_condition(struct buf *buf, const struct correlation *c)
{
    put_i64(buf, "threshold", c->threshold);
    buf_add(buf, STR(",\"bounds\":["));
    for (size_t i = 0; i < c->n_bounds; i++) {
        buf_add(buf, i > 0 ? STR(",{\"op\":") : STR("{\"op\":"));
        buf_json(buf, bound_op_id(c->bound[i].op));
        buf_add(buf, STR(",\"limit\":\""));
        amount_write(buf, c->bound[i].limit);
        buf_add(buf, STR("\"}"));
    }
    buf_add(buf, STR("],\"conjuncts\":["));
    for (size_t i = 0; i < c->n_conjuncts; i++)
        buf_format(buf, "%s{\"all\":%" PRIu32 ",\"none\":%" PRIu32 "}",
                   i > 0 ? "," : "", c->conjunct[i].all, c->conjunct[i].none);
    buf_char(buf, ']');
    put_i64(buf, "until", c->until);
    put_i64(buf, "percentile", c->percentile);
    put_flag(buf, "never_negative", c->never_negative);
}

static void
put_memory(struct buf *buf, const struct correlation *c)
{
    put_i64(buf, "learn_ms", c->learn_ms);
    put_i64(buf, "bucket_ms", c->bucket_ms);
    put_i64(buf, "least", c->least);
    put_i64(buf, "n_rules", c->n_rules);
    put_i64(buf, "n_kinds", c->n_kinds);
    put_i64(buf, "n_tactics", c->n_tactics);
    put_texts(buf, "members", c->member, c->n_members);
    put_flag(buf, "hours", c->hours.given);
    put_flag(buf, "outside", c->hours.outside);
    put_i64(buf, "days", c->hours.days);
    put_i64(buf, "from_min", c->hours.from_min);
    put_i64(buf, "to_min", c->hours.to_min);
    buf_add(buf, STR(",\"holidays\":["));
    for (size_t i = 0; i < c->n_holidays; i++)
        buf_format(buf, i > 0 ? ",%" PRId32 : "%" PRId32, c->holiday[i]);
    buf_char(buf, ']');
}

void
correlation_put_meaning(struct buf *buf, const struct correlation *c)
{
    buf_add(buf, STR("{\"v\":2"));
    put_text(buf, "id", c->id);
    put_text(buf, "type", correlation_type_id(c->type));
    put_steps(buf, c);
    put_texts(buf, "group_by", c->group_by, c->n_group_by);
    put_texts(buf, "value_fields", c->value_field, c->n_value_fields);
    put_i64(buf, "timespan_ms", c->timespan_ms);
    put_condition(buf, c);
    put_memory(buf, c);
    put_text(buf, "severity", severity_id(c->severity));
    put_flag(buf, "detection", c->is_detection);
    put_flag(buf, "floor", c->is_floor);
    put_i64(buf, "level", c->level);
    put_text(buf, "incident", ticket_origin_id(c->options.incident));
    put_i64(buf, "group_ms", c->options.group_ms);
}

void
correlation_put_feeds(struct buf *buf, const struct correlation *c)
{
    put_flag(buf, "silent", c->silent);
    put_texts(buf, "carry", c->carry, c->n_carried);
    buf_add(buf, STR(",\"carried\":["));
    for (size_t i = 0; c->n_carried > 0 && i < c->n_steps; i++) {
        buf_add(buf, i > 0 ? STR(",{\"step\":") : STR("{\"step\":"));
        buf_u64(buf, i);
        put_texts(buf, "fields", c->step[i].carried, c->n_carried);
        buf_char(buf, '}');
    }
    buf_add(buf, STR("],\"feeds\":["));
    for (size_t i = 0; i < c->n_feeds; i++) {
        const struct chain_feed *feed = &c->feed[i];
        buf_add(buf, i > 0 ? STR(",{\"step\":") : STR("{\"step\":"));
        buf_u64(buf, feed->step);
        put_digest(buf, "to", feed->fingerprint);
        put_bytes(buf, "key", feed->key, feed->n_key);
        put_bytes(buf, "value", feed->value, feed->n_values);
        put_bytes(buf, "carry", feed->carry, feed->n_carry);
        put_flag(buf, "number", feed->number);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

void
correlation_put_words(struct buf *buf, const struct correlation *c)
{
    put_text(buf, "name", c->name);
    put_flag(buf, "generate", c->generate);
    put_both(buf, "title", &c->title);
    put_both(buf, "first_step", &c->options.first_step);
    put_both(buf, "harmless", &c->options.harmless);
    buf_char(buf, '}');
}
