/* SPDX-License-Identifier: Apache-2.0
 *
 * A sealed correlation back from its text. Everything it keeps, the text too,
 * lies in the arena. That it seals to the same text again is checked, so a
 * reader need not be told what a member means to know that it was kept. */
#include "correlate/correlation.h"

#include "model/members.h"

enum { TEXT_BYTES = MAX_CORRELATION_BYTES };

static struct str
need(struct members *m, const char *key)
{
    return members_text(m, key, TEXT_BYTES, true);
}

static void
get_texts(struct members *m, const char *key, struct str *texts, size_t *n)
{
    const struct json *node = members_list(m, key, MAX_GROUP_FIELDS, n);
    for (size_t i = 0; i < *n; i++, node = json_next(node)) {
        if (node->type != JSON_STRING)
            members_wrong(m, key, "holds what is no text");
        texts[i] = node->text;
    }
}

static void
get_both(struct members *m, const char *key, struct both *both)
{
    const struct json *node = members_get(m, key);
    if (!m->object)
        return;
    struct members in = members_of(node, m->why);
    both->vi = need(&in, "vi");
    both->en = need(&in, "en");
    if (!members_end(&in))
        m->object = NULL;
}

static uint64_t
hex64(struct str text)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.len && i < 16; i++) {
        unsigned char c = (unsigned char)text.at[i];
        n = n << 4 | (uint64_t)((c <= '9' ? c - '0' : c - 'a' + 10) & 15);
    }
    return n; /* what was no digit does not seal to itself */
}

static void
get_step(struct members *m, const struct json *node,
         struct correlation_step *step)
{
    struct members in = members_of(node, m->why);
    size_t n;
    step->rule = need(&in, "rule");
    struct str meaning = need(&in, "meaning");
    step->meaning.half[0] = hex64(str_cut(meaning, 0, 16));
    step->meaning.half[1] = hex64(str_cut(meaning, 16, meaning.len));
    get_texts(&in, "fields", step->field, &n);
    if (!members_end(&in))
        m->object = NULL;
}

static void
get_steps(struct members *m, struct correlation *c)
{
    const struct json *node =
        members_list(m, "steps", MAX_CORRELATION_STEPS, &c->n_steps);
    for (size_t i = 0; m->object && i < c->n_steps; i++, node = json_next(node))
        get_step(m, node, &c->step[i]);
}

static void
get_words(struct members *m, struct correlation *c)
{
    if (!correlation_type_from(need(m, "type"), &c->type))
        members_wrong(m, "type", "not a type there is");
    if (!severity_from(need(m, "severity"), &c->severity))
        members_wrong(m, "severity", "not a severity");
    if (!ticket_origin_from(need(m, "incident"), &c->options.incident))
        members_wrong(m, "incident", "not a known word");
}

bool
correlation_parse(struct json_reader *reader, struct str text,
                  struct arena *arena, struct correlation *correlation,
                  struct err *why)
{
    struct correlation *c = correlation;
    const struct json *root;
    struct str kept = arena_copy(arena, text);
    *c = (struct correlation){0};
    if (!kept.at || text.len > MAX_CORRELATION_BYTES ||
        json_read(reader, kept, arena, &root) != JSON_FINE) {
        err_set(why, "not the text of a correlation");
        return false;
    }
    struct members m = members_of(root, why);
    members_i64(&m, "v", 1, 1, MEMBER_NEEDED);
    c->id = need(&m, "id");
    get_words(&m, c);
    get_steps(&m, c);
    get_texts(&m, "group_by", c->group_by, &c->n_group_by);
    get_texts(&m, "value_fields", c->value_field, &c->n_value_fields);
    c->timespan_ms =
        members_i64(&m, "timespan_ms", 0, INT64_MAX, MEMBER_NEEDED);
    c->threshold =
        (uint32_t)members_i64(&m, "threshold", 0, UINT32_MAX, MEMBER_NEEDED);
    c->is_detection = members_flag(&m, "detection");
    c->is_floor = members_flag(&m, "floor");
    c->options.group_ms =
        members_i64(&m, "group_ms", 0, INT64_MAX, MEMBER_NEEDED);
    c->name = need(&m, "name");
    c->generate = members_flag(&m, "generate");
    get_both(&m, "title", &c->title);
    get_both(&m, "first_step", &c->options.first_step);
    get_both(&m, "harmless", &c->options.harmless);
    if (!members_end(&m) || !correlation_seal(c, arena, why))
        return false;
    if (str_equal(c->text, text))
        return true;
    err_set(why, "the text of a correlation of another version");
    return false;
}
