/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealing a correlation: its meaning as canonical JSON, whose digest is the
 * fingerprint, and the whole of it as canonical JSON for soc.rules. Members
 * stand in one order and are always there, so one correlation has one text. */
#include "correlate/correlation.h"

#include <inttypes.h>

struct str
correlation_type_id(enum correlation_type type)
{
    static const struct str ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
        CORRELATION_TYPES(X)
#undef X
    };
    return ids[type];
}

bool
correlation_type_from(struct str id, enum correlation_type *type)
{
    for (int i = 0; i < N_CORRELATION_TYPES; i++)
        if (str_equal(id, correlation_type_id((enum correlation_type)i))) {
            *type = (enum correlation_type)i;
            return true;
        }
    return false;
}

/* --- text */

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
put_both(struct buf *buf, const char *key, const struct both *both)
{
    buf_format(buf, ",\"%s\":{\"vi\":", key);
    buf_json(buf, both->vi);
    put_text(buf, "en", both->en);
    buf_char(buf, '}');
}

static void
put_steps(struct buf *buf, const struct correlation *correlation)
{
    buf_add(buf, STR(",\"steps\":["));
    for (size_t i = 0; i < correlation->n_steps; i++) {
        const struct correlation_step *step = &correlation->step[i];
        buf_add(buf, i > 0 ? STR(",{\"rule\":") : STR("{\"rule\":"));
        buf_json(buf, step->rule);
        buf_format(buf, ",\"meaning\":\"%016" PRIx64 "%016" PRIx64 "\"",
                   step->meaning.half[0], step->meaning.half[1]);
        put_texts(buf, "fields", step->field, correlation->n_group_by);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

/* All that a window or what follows it depends on. */
static void
put_meaning(struct buf *buf, const struct correlation *correlation)
{
    buf_add(buf, STR("{\"v\":1"));
    put_text(buf, "id", correlation->id);
    put_text(buf, "type", correlation_type_id(correlation->type));
    put_steps(buf, correlation);
    put_texts(buf, "group_by", correlation->group_by, correlation->n_group_by);
    put_texts(buf, "value_fields", correlation->value_field,
              correlation->n_value_fields);
    put_i64(buf, "timespan_ms", correlation->timespan_ms);
    put_i64(buf, "threshold", correlation->threshold);
    put_text(buf, "severity", severity_id(correlation->severity));
    put_flag(buf, "detection", correlation->is_detection);
    put_flag(buf, "floor", correlation->is_floor);
    put_text(buf, "incident", ticket_origin_id(correlation->options.incident));
    put_i64(buf, "group_ms", correlation->options.group_ms);
}

static void
put_words(struct buf *buf, const struct correlation *correlation)
{
    put_text(buf, "name", correlation->name);
    put_flag(buf, "generate", correlation->generate);
    put_both(buf, "title", &correlation->title);
    put_both(buf, "first_step", &correlation->options.first_step);
    put_both(buf, "harmless", &correlation->options.harmless);
}

/* --- sealing */

static bool
check_sizes(const struct correlation *c, struct err *why)
{
    if (c->id.len == 0 || c->id.len > MAX_KEY_BYTES)
        err_set(why, "no id, or one longer than %d bytes", MAX_KEY_BYTES);
    else if (c->n_steps == 0 || c->n_steps > MAX_CORRELATION_STEPS)
        err_set(why, "%zu rules: 1 to %d can be correlated", c->n_steps,
                MAX_CORRELATION_STEPS);
    else if (c->n_group_by > MAX_GROUP_FIELDS)
        err_set(why, "%zu group-by fields: at most %d", c->n_group_by,
                MAX_GROUP_FIELDS);
    else if (c->n_value_fields > MAX_GROUP_FIELDS)
        err_set(why, "%zu value fields: at most %d", c->n_value_fields,
                MAX_GROUP_FIELDS);
    else if ((c->type == VALUE_COUNT) != (c->n_value_fields > 0))
        err_set(why, "value_count counts the values of a field, others none");
    else if (c->timespan_ms < 1 || c->timespan_ms > MAX_TIMESPAN_MS)
        err_set(why, "a timespan of 1 ms to 400 days is needed");
    else
        return true;
    return false;
}

static bool
check_threshold(const struct correlation *c, struct err *why)
{
    bool temporal = c->type == TEMPORAL || c->type == TEMPORAL_ORDERED;
    if (c->threshold < 1 || c->threshold > MAX_THRESHOLD)
        err_set(why, "a condition of 1 to %d can be counted, not %" PRIu32,
                MAX_THRESHOLD, c->threshold);
    else if (temporal && c->threshold > c->n_steps)
        err_set(why, "the condition asks for %" PRIu32 " of %zu rules",
                c->threshold, c->n_steps);
    else if (c->type == TEMPORAL_ORDERED && c->threshold != c->n_steps)
        err_set(why, "temporal_ordered with fewer than all its rules: "
                     "not there yet");
    else
        return true;
    return false;
}

static bool
check_names(const struct correlation *c, struct err *why)
{
    for (size_t i = 0; i < c->n_group_by; i++)
        for (size_t j = 0; j < i; j++)
            if (str_equal(c->group_by[i], c->group_by[j])) {
                err_set(why, "group-by names %.*s twice",
                        STR_ARG(c->group_by[i]));
                return false;
            }
    return true;
}

bool
correlation_seal(struct correlation *correlation, struct arena *arena,
                 struct err *why)
{
    if (!check_sizes(correlation, why) || !check_threshold(correlation, why) ||
        !check_names(correlation, why))
        return false;
    struct buf buf = {.max_bytes = MAX_CORRELATION_BYTES};
    put_meaning(&buf, correlation);
    correlation->fingerprint = hash_digest(buf_str(&buf));
    put_words(&buf, correlation);
    buf_char(&buf, '}');
    correlation->text = buf.full ? NO_STR : arena_copy(arena, buf_str(&buf));
    if (!correlation->text.at)
        err_set(why, "its text does not fit");
    buf_free(&buf);
    return correlation->text.at != NULL;
}

void
correlation_floor(struct correlation *correlation)
{
    *correlation = (struct correlation){
        .id = STR("floor"),
        .name = STR("floor"),
        .title = {STR("Cảnh báo không được bỏ qua"),
                  STR("An alert that must not be missed")},
        .type = EVENT_COUNT,
        .step = {{.rule = STR("floor"),
                  .field = {STR("rule_name"), STR("host")}}},
        .n_steps = 1,
        .group_by = {STR("rule_name"), STR("host")},
        .n_group_by = 2,
        .timespan_ms = 3600000,
        .threshold = 1,
        .severity = SEVERITY_UNKNOWN,
        .is_floor = true,
        .options = {.incident = INCIDENT_CORRELATION},
    };
}
