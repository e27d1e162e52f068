/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents from JSON, strictly: what incident_write writes and nothing else
 * (members may stand in another order). */
#include "model/incident.h"

#include "base/times.h"
#include "model/members.h"

enum { TEXT_BYTES = 64 * 1024, ID_BYTES = 64 };

static const struct str no_text = {"", 0};

static struct str
need_text(struct members *m, const char *key, size_t max_bytes)
{
    return members_text(m, key, max_bytes, true);
}

static int64_t
need_i64(struct members *m, const char *key, int64_t min, int64_t max)
{
    return members_i64(m, key, min, max, MEMBER_NEEDED);
}

static bool
need_flag(struct members *m, const char *key)
{
    uint32_t before = m->n_asked;
    bool flag = members_flag(m, key);
    if (m->n_asked == before)
        members_wrong(m, key, "missing");
    return flag;
}

/* The members of an object inside; a mistake in it is one of `m` too. */
static struct members
inside(struct members *m, const char *key)
{
    const struct json *node = members_get(m, key);
    if (!node || node->type != JSON_OBJECT)
        members_wrong(m, key, node ? "of the wrong type" : "missing");
    return (struct members){m->object ? node : NULL, m->why, 0};
}

static void
leave(struct members *m, struct members *in)
{
    if (!members_end(in))
        m->object = NULL; /* `why` says */
}

static void
get_both(struct members *m, const char *key, struct both *both)
{
    struct members in = inside(m, key);
    both->vi = need_text(&in, "vi", TEXT_BYTES);
    both->en = need_text(&in, "en", TEXT_BYTES);
    leave(m, &in);
}

static uint64_t
hex64(struct str text, bool *wrong)
{
    static const struct str digits = {"0123456789abcdef", 16};
    uint64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        size_t digit = 0;
        while (digit < digits.len && digits.at[digit] != text.at[i])
            digit++;
        *wrong |= digit == digits.len;
        n = n << 4 | (digit & 15);
    }
    *wrong |= text.len != 16;
    return n;
}

static void
get_fingerprint(struct members *m, struct digest *digest)
{
    bool wrong = false;
    struct str text = need_text(m, "fingerprint", ID_BYTES);
    digest->half[0] = hex64(str_cut(text, 0, 16), &wrong);
    digest->half[1] = hex64(str_cut(text, 16, text.len), &wrong);
    if (wrong)
        members_wrong(m, "fingerprint", "not 32 hexadecimal digits");
}

static void
get_key(struct members *m, struct incident *incident)
{
    const struct json *node = members_get(m, "key");
    if (!node || node->type != JSON_OBJECT ||
        node->n_children > MAX_GROUP_FIELDS) {
        members_wrong(m, "key", "missing, no object, or too many");
        return;
    }
    incident->n_key = node->n_children;
    const struct json *child = json_first(node);
    for (size_t i = 0; i < incident->n_key; i++, child = json_next(child)) {
        if (child->type != JSON_STRING || child->text.len > TEXT_BYTES)
            members_wrong(m, "key", "a value that is no text, or too long");
        incident->key[i] = (struct incident_key){child->key, child->text};
    }
}

static void
get_options(struct members *m, struct ticket_options *options)
{
    struct members in = inside(m, "options");
    if (!ticket_origin_from(need_text(&in, "incident", ID_BYTES),
                            &options->incident))
        members_wrong(&in, "incident", "not a known word");
    get_both(&in, "first_step", &options->first_step);
    get_both(&in, "harmless", &options->harmless);
    options->group_ms = need_i64(&in, "group_ms", 0, INT64_MAX);
    leave(m, &in);
}

static void
get_names(struct members *m, const char *key, struct incident_names *names)
{
    struct members in = inside(m, key);
    const struct json *list = members_get(&in, "names");
    if (!list || list->type != JSON_ARRAY ||
        list->n_children > MAX_INCIDENT_NAMES) {
        members_wrong(&in, "names", "missing, no list, or too long");
        leave(m, &in);
        return;
    }
    names->n = list->n_children;
    const struct json *node = json_first(list);
    for (size_t i = 0; i < names->n; i++, node = json_next(node)) {
        if (node->type != JSON_STRING || node->text.len > TEXT_BYTES)
            members_wrong(&in, key, "a name that is no text, or too long");
        names->at[i] = node->text;
    }
    names->more = (uint32_t)need_i64(&in, "more", 0, UINT32_MAX);
    leave(m, &in);
}

static void
get_kinds(struct members *m, uint32_t *kinds)
{
    size_t n;
    const struct json *node = members_list(m, "kinds", N_KINDS, &n);
    *kinds = 0;
    for (size_t i = 0; i < n; i++, node = json_next(node)) {
        enum kind kind = KIND_NONE;
        if (node->type != JSON_STRING || !kind_from(node->text, &kind))
            members_wrong(m, "kinds", "not a known kind");
        *kinds |= UINT32_C(1) << kind;
    }
}

static void
get_alert(struct members *m, const char *key, struct incident_alert *alert)
{
    struct members in = inside(m, key);
    alert->alert_id = need_text(&in, "alert_id", TEXT_BYTES);
    alert->source = need_text(&in, "source", TEXT_BYTES);
    alert->rule_name = need_text(&in, "rule_name", TEXT_BYTES);
    alert->topic = need_text(&in, "topic", TEXT_BYTES);
    alert->partition = (int32_t)need_i64(&in, "partition", 0, INT32_MAX);
    alert->incarnation = (uint32_t)need_i64(&in, "incarnation", 0, UINT32_MAX);
    alert->offset = need_i64(&in, "offset", 0, INT64_MAX);
    alert->index = (uint32_t)need_i64(&in, "index", 0, UINT32_MAX);
    alert->event_ms = need_i64(&in, "event_ms", NO_TIME + 2, INT64_MAX);
    leave(m, &in);
}

static void
get_evidence(struct members *m, struct incident *incident)
{
    const struct json *node =
        members_list(m, "evidence", MAX_EVIDENCE, &incident->n_evidence);
    for (size_t i = 0; i < incident->n_evidence; i++, node = json_next(node)) {
        struct incident_evidence *evidence = &incident->evidence[i];
        if (node->type != JSON_OBJECT)
            members_wrong(m, "evidence", "holds what is no object");
        struct members in = {m->object ? node : NULL, m->why, 0};
        evidence->rule = need_text(&in, "rule", TEXT_BYTES);
        if (!kind_from(need_text(&in, "kind", ID_BYTES), &evidence->kind))
            members_wrong(&in, "kind", "not a known kind");
        evidence->count = (uint64_t)need_i64(&in, "count", 0, INT64_MAX);
        get_alert(&in, "first", &evidence->first);
        get_alert(&in, "last", &evidence->last);
        leave(m, &in);
    }
}

static void
get_state(struct members *m, struct incident *incident)
{
    struct str id = need_text(m, "state", ID_BYTES);
    int state = 0;
    while (state < N_INCIDENT_STATES &&
           !str_equal(id, incident_state_id((enum incident_state)state)))
        state++;
    if (state == N_INCIDENT_STATES)
        members_wrong(m, "state", "not a known word");
    else
        incident->state = (enum incident_state)state;
    incident->into = need_text(m, "into", ID_BYTES);
}

static void
get_times(struct members *m, struct incident *incident)
{
    const int64_t least = NO_TIME + 2; /* NO_TIME + 1 means "needed" */
    incident->first_ms = need_i64(m, "first_ms", least, INT64_MAX);
    incident->last_ms = need_i64(m, "last_ms", least, INT64_MAX);
    incident->fired_ms = need_i64(m, "fired_ms", least, INT64_MAX);
    incident->arrival_ms = need_i64(m, "arrival_ms", least, INT64_MAX);
    incident->count = (uint64_t)need_i64(m, "count", 0, INT64_MAX);
}

bool
incident_read(struct json_reader *reader, struct str text,
              struct arena *scratch, struct incident *incident, struct err *why)
{
    const struct json *root;
    enum json_fault fault = json_read(reader, text, scratch, &root);
    if (fault != JSON_FINE) {
        err_set(why, "incident: %s", json_fault_words(fault));
        return false;
    }
    *incident = (struct incident){.into = no_text};
    struct members m = members_of(root, why);
    need_i64(&m, "v", 1, 1);
    incident->id = need_text(&m, "id", ID_BYTES);
    incident->revision = (uint32_t)need_i64(&m, "revision", 1, UINT32_MAX);
    get_state(&m, incident);
    incident->rule = need_text(&m, "rule", TEXT_BYTES);
    get_fingerprint(&m, &incident->fingerprint);
    get_both(&m, "title", &incident->title);
    if (!severity_from(need_text(&m, "severity", ID_BYTES),
                       &incident->severity))
        members_wrong(&m, "severity", "not a known word");
    get_key(&m, incident);
    incident->window = need_text(&m, "window", ID_BYTES);
    get_times(&m, incident);
    incident->approximate = need_flag(&m, "approximate");
    incident->floor = need_flag(&m, "floor");
    get_options(&m, &incident->options);
#define X(member, key) get_names(&m, key, &incident->member);
    INCIDENT_ENTITIES(X)
#undef X
    incident->level = (int)need_i64(&m, "level", 0, 5);
    get_kinds(&m, &incident->kinds);
    get_evidence(&m, incident);
    incident->more_evidence =
        (uint32_t)need_i64(&m, "more_evidence", 0, UINT32_MAX);
    return members_end(&m);
}
