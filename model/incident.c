/* SPDX-License-Identifier: Apache-2.0
 *
 * Incidents as JSON: every member is always there, in one order, so that the
 * same incident gives the same bytes. */
#include "model/incident.h"

#include <inttypes.h>

struct str
incident_state_id(enum incident_state state)
{
    static const struct str ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
        INCIDENT_STATES(X)
#undef X
    };
    return ids[state];
}

struct str
ticket_origin_id(enum ticket_origin origin)
{
    static const struct str ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
        TICKET_ORIGINS(X)
#undef X
    };
    return ids[origin];
}

bool
ticket_origin_from(struct str id, enum ticket_origin *origin)
{
    for (int i = 0; i < N_TICKET_ORIGINS; i++)
        if (str_equal(id, ticket_origin_id((enum ticket_origin)i))) {
            *origin = (enum ticket_origin)i;
            return true;
        }
    return false;
}

/* `,"key":` */
static void
put_key(struct buf *buf, const char *key)
{
    buf_format(buf, ",\"%s\":", key);
}

static void
put_text(struct buf *buf, const char *key, struct str text)
{
    put_key(buf, key);
    buf_json(buf, text);
}

static void
put_i64(struct buf *buf, const char *key, int64_t n)
{
    put_key(buf, key);
    buf_i64(buf, n);
}

static void
put_flag(struct buf *buf, const char *key, bool flag)
{
    put_key(buf, key);
    buf_add(buf, flag ? STR("true") : STR("false"));
}

static void
put_both(struct buf *buf, const char *key, const struct both *both)
{
    put_key(buf, key);
    buf_add(buf, STR("{\"vi\":"));
    buf_json(buf, both->vi);
    buf_add(buf, STR(",\"en\":"));
    buf_json(buf, both->en);
    buf_char(buf, '}');
}

static void
put_keys(struct buf *buf, const struct incident *incident)
{
    put_key(buf, "key");
    buf_char(buf, '{');
    for (size_t i = 0; i < incident->n_key; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json(buf, incident->key[i].name);
        buf_char(buf, ':');
        buf_json(buf, incident->key[i].value);
    }
    buf_char(buf, '}');
}

static void
put_options(struct buf *buf, const struct ticket_options *options)
{
    put_key(buf, "options");
    buf_add(buf, STR("{\"incident\":"));
    buf_json(buf, ticket_origin_id(options->incident));
    put_both(buf, "first_step", &options->first_step);
    put_both(buf, "harmless", &options->harmless);
    put_i64(buf, "group_ms", options->group_ms);
    buf_char(buf, '}');
}

static void
put_names(struct buf *buf, const char *key, const struct incident_names *names)
{
    put_key(buf, key);
    buf_add(buf, STR("{\"names\":["));
    for (size_t i = 0; i < names->n; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json(buf, names->at[i]);
    }
    buf_format(buf, "],\"more\":%" PRIu32 "}", names->more);
}

static void
put_kinds(struct buf *buf, uint32_t kinds)
{
    bool any = false;
    put_key(buf, "kinds");
    buf_char(buf, '[');
    for (int i = 0; i < N_KINDS; i++) {
        if (!(kinds >> i & 1))
            continue;
        if (any)
            buf_char(buf, ',');
        any = true;
        buf_json(buf, kind_id((enum kind)i));
    }
    buf_char(buf, ']');
}

static void
put_alert(struct buf *buf, const char *key, const struct incident_alert *alert)
{
    put_key(buf, key);
    buf_add(buf, STR("{\"alert_id\":"));
    buf_json(buf, alert->alert_id);
    put_text(buf, "source", alert->source);
    put_text(buf, "rule_name", alert->rule_name);
    put_text(buf, "topic", alert->topic);
    put_i64(buf, "partition", alert->partition);
    put_i64(buf, "incarnation", alert->incarnation);
    put_i64(buf, "offset", alert->offset);
    put_i64(buf, "index", alert->index);
    put_i64(buf, "event_ms", alert->event_ms);
    buf_char(buf, '}');
}

static void
put_evidence(struct buf *buf, const struct incident *incident)
{
    put_key(buf, "evidence");
    buf_char(buf, '[');
    for (size_t i = 0; i < incident->n_evidence; i++) {
        const struct incident_evidence *evidence = &incident->evidence[i];
        buf_add(buf, i > 0 ? STR(",{\"rule\":") : STR("{\"rule\":"));
        buf_json(buf, evidence->rule);
        put_text(buf, "kind", kind_id(evidence->kind));
        put_i64(buf, "count", (int64_t)evidence->count);
        put_alert(buf, "first", &evidence->first);
        put_alert(buf, "last", &evidence->last);
        buf_char(buf, '}');
    }
    buf_char(buf, ']');
}

void
incident_write(struct buf *buf, const struct incident *incident)
{
    buf_add(buf, STR("{\"v\":1"));
    put_text(buf, "id", incident->id);
    put_i64(buf, "revision", incident->revision);
    put_text(buf, "state", incident_state_id(incident->state));
    put_text(buf, "into", incident->into);
    put_text(buf, "rule", incident->rule);
    put_key(buf, "fingerprint");
    buf_format(buf, "\"%016" PRIx64 "%016" PRIx64 "\"",
               incident->fingerprint.half[0], incident->fingerprint.half[1]);
    put_both(buf, "title", &incident->title);
    put_text(buf, "severity", severity_id(incident->severity));
    put_keys(buf, incident);
    put_text(buf, "window", incident->window);
    put_i64(buf, "first_ms", incident->first_ms);
    put_i64(buf, "last_ms", incident->last_ms);
    put_i64(buf, "count", (int64_t)incident->count);
    put_i64(buf, "fired_ms", incident->fired_ms);
    put_i64(buf, "arrival_ms", incident->arrival_ms);
    put_flag(buf, "approximate", incident->approximate);
    put_flag(buf, "floor", incident->floor);
    put_options(buf, &incident->options);
#define X(member, key) put_names(buf, key, &incident->member);
    INCIDENT_ENTITIES(X)
#undef X
    put_i64(buf, "level", incident->level);
    put_kinds(buf, incident->kinds);
    put_evidence(buf, incident);
    put_i64(buf, "more_evidence", incident->more_evidence);
    buf_char(buf, '}');
}
