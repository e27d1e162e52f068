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

static struct digest
get_digest(struct members *m, const char *key)
{
    struct str text = need(m, key);
    return (struct digest){
        {hex64(str_cut(text, 0, 16)), hex64(str_cut(text, 16, text.len))}};
}

/* Zeroed; a mistake when the arena is full. */
static void *
take(struct members *m, struct arena *arena, size_t n, size_t size)
{
    void *at = arena_take(arena, n, size);
    if (!at) {
        members_wrong(m, "steps", "no memory");
        m->object = NULL;
    }
    return at;
}

/* --- steps */

static void
get_step(struct members *m, const struct json *node,
         struct correlation_step *step)
{
    struct members in = members_of(node, m->why);
    size_t n;
    step->rule = need(&in, "rule");
    step->meaning = get_digest(&in, "meaning");
    get_texts(&in, "fields", step->field, &n);
    step->count =
        (uint32_t)members_i64(&in, "count", 0, UINT32_MAX, MEMBER_NEEDED);
    step->score =
        (uint32_t)members_i64(&in, "score", 0, UINT32_MAX, MEMBER_NEEDED);
    step->tactics =
        (uint32_t)members_i64(&in, "tactics", 0, UINT32_MAX, MEMBER_NEEDED);
    if (!members_end(&in))
        m->object = NULL;
}

static void
get_steps(struct members *m, struct arena *arena, struct correlation *c)
{
    const struct json *node =
        members_list(m, "steps", MAX_CORRELATION_STEPS, &c->n_steps);
    c->step = take(m, arena, c->n_steps + 1, sizeof *c->step);
    for (size_t i = 0; m->object && i < c->n_steps; i++, node = json_next(node))
        get_step(m, node, &c->step[i]);
}

static void
get_carried(struct members *m, struct correlation *c)
{
    size_t n, n_fields;
    const struct json *node =
        members_list(m, "carried", MAX_CORRELATION_STEPS, &n);
    for (size_t i = 0; m->object && i < n; i++, node = json_next(node)) {
        struct members in = members_of(node, m->why);
        members_i64(&in, "step", (int64_t)i, (int64_t)i, MEMBER_NEEDED);
        size_t at = i < c->n_steps ? i : c->n_steps; /* there is one more */
        const struct json *fields =
            members_list(&in, "fields", MAX_CARRIED, &n_fields);
        for (size_t k = 0; k < n_fields; k++, fields = json_next(fields))
            c->step[at].carried[k] = fields->text;
        if (!members_end(&in))
            m->object = NULL;
    }
}

/* --- conditions */

static void
get_bounds(struct members *m, struct correlation *c)
{
    const struct json *node = members_list(m, "bounds", 2, &c->n_bounds);
    for (size_t i = 0; m->object && i < c->n_bounds;
         i++, node = json_next(node)) {
        struct members in = members_of(node, m->why);
        if (!bound_op_from(need(&in, "op"), &c->bound[i].op) ||
            !amount_from(need(&in, "limit"), &c->bound[i].limit))
            members_wrong(&in, "op", "not a bound");
        if (!members_end(&in))
            m->object = NULL;
    }
}

static void
get_conjuncts(struct members *m, struct correlation *c)
{
    const struct json *node =
        members_list(m, "conjuncts", MAX_CONJUNCTS, &c->n_conjuncts);
    for (size_t i = 0; m->object && i < c->n_conjuncts;
         i++, node = json_next(node)) {
        struct members in = members_of(node, m->why);
        c->conjunct[i].all =
            (uint32_t)members_i64(&in, "all", 0, UINT32_MAX, MEMBER_NEEDED);
        c->conjunct[i].none =
            (uint32_t)members_i64(&in, "none", 0, UINT32_MAX, MEMBER_NEEDED);
        if (!members_end(&in))
            m->object = NULL;
    }
}

static void
get_condition(struct members *m, struct correlation *c)
{
    c->threshold =
        (uint32_t)members_i64(m, "threshold", 0, UINT32_MAX, MEMBER_NEEDED);
    get_bounds(m, c);
    get_conjuncts(m, c);
    c->until = (uint32_t)members_i64(m, "until", 0, UINT32_MAX, MEMBER_NEEDED);
    c->percentile =
        (int32_t)members_i64(m, "percentile", 0, 100000, MEMBER_NEEDED);
    c->never_negative = members_flag(m, "never_negative");
}

/* --- long memory */

static void
get_holidays(struct members *m, struct arena *arena, struct correlation *c)
{
    const struct json *node =
        members_list(m, "holidays", MAX_HOLIDAYS, &c->n_holidays);
    int32_t *days = take(m, arena, c->n_holidays + 1, sizeof *days);
    for (size_t i = 0; m->object && i < c->n_holidays;
         i++, node = json_next(node)) {
        int64_t day = 0;
        if (!str_to_i64(node->text, &day) || day < INT32_MIN || day > INT32_MAX)
            members_wrong(m, "holidays", "not a day");
        else
            days[i] = (int32_t)day;
    }
    c->holiday = days;
}

static void
get_memory(struct members *m, struct arena *arena, struct correlation *c)
{
    c->learn_ms = members_i64(m, "learn_ms", 0, INT64_MAX, MEMBER_NEEDED);
    c->bucket_ms = members_i64(m, "bucket_ms", 0, INT64_MAX, MEMBER_NEEDED);
    c->least = (uint32_t)members_i64(m, "least", 0, UINT32_MAX, MEMBER_NEEDED);
    c->n_rules =
        (uint32_t)members_i64(m, "n_rules", 0, UINT32_MAX, MEMBER_NEEDED);
    c->n_kinds =
        (uint32_t)members_i64(m, "n_kinds", 0, UINT32_MAX, MEMBER_NEEDED);
    c->n_tactics =
        (uint32_t)members_i64(m, "n_tactics", 0, UINT32_MAX, MEMBER_NEEDED);
    c->member = members_texts(m, "members", MAX_MEMBERS, MAX_KEY_TEXT_BYTES,
                              arena, &c->n_members);
    c->hours.given = members_flag(m, "hours");
    c->hours.outside = members_flag(m, "outside");
    c->hours.days = (uint8_t)members_i64(m, "days", 0, 255, MEMBER_NEEDED);
    c->hours.from_min =
        (int16_t)members_i64(m, "from_min", 0, 1440, MEMBER_NEEDED);
    c->hours.to_min = (int16_t)members_i64(m, "to_min", 0, 1440, MEMBER_NEEDED);
    get_holidays(m, arena, c);
}

/* --- what refers to it */

static void
get_numbers(struct members *m, const char *key, uint8_t *numbers, uint8_t *n)
{
    size_t len;
    int64_t number = 0;
    const struct json *node = members_list(m, key, MAX_GROUP_FIELDS, &len);
    for (size_t i = 0; i < len; i++, node = json_next(node)) {
        if (!str_to_i64(node->text, &number) || number < 0 || number > 255)
            members_wrong(m, key, "not a small number");
        numbers[i] = (uint8_t)number;
    }
    *n = (uint8_t)len;
}

static void
get_feeds(struct members *m, struct arena *arena, struct correlation *c)
{
    const struct json *node =
        members_list(m, "feeds", MAX_CHAIN_FEEDS, &c->n_feeds);
    struct chain_feed *feeds = take(m, arena, c->n_feeds + 1, sizeof *feeds);
    for (size_t i = 0; m->object && i < c->n_feeds;
         i++, node = json_next(node)) {
        struct members in = members_of(node, m->why);
        feeds[i].step = (uint32_t)members_i64(
            &in, "step", 0, MAX_CORRELATION_STEPS - 1, MEMBER_NEEDED);
        feeds[i].fingerprint = get_digest(&in, "to");
        get_numbers(&in, "key", feeds[i].key, &feeds[i].n_key);
        get_numbers(&in, "value", feeds[i].value, &feeds[i].n_values);
        get_numbers(&in, "carry", feeds[i].carry, &feeds[i].n_carry);
        feeds[i].number = members_flag(&in, "number");
        if (!members_end(&in))
            m->object = NULL;
    }
    c->feed = feeds;
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
    members_i64(&m, "v", 2, 2, MEMBER_NEEDED);
    c->id = need(&m, "id");
    get_words(&m, c);
    get_steps(&m, arena, c);
    get_texts(&m, "group_by", c->group_by, &c->n_group_by);
    get_texts(&m, "value_fields", c->value_field, &c->n_value_fields);
    c->timespan_ms =
        members_i64(&m, "timespan_ms", 0, INT64_MAX, MEMBER_NEEDED);
    get_condition(&m, c);
    get_memory(&m, arena, c);
    c->is_detection = members_flag(&m, "detection");
    c->is_floor = members_flag(&m, "floor");
    c->level = (int)members_i64(&m, "level", 0, INT32_MAX, MEMBER_NEEDED);
    c->options.group_ms =
        members_i64(&m, "group_ms", 0, INT64_MAX, MEMBER_NEEDED);
    c->silent = members_flag(&m, "silent");
    get_texts(&m, "carry", c->carry, &c->n_carried);
    if (m.object)
        get_carried(&m, c);
    get_feeds(&m, arena, c);
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
