/* SPDX-License-Identifier: Apache-2.0
 *
 * An episode as an incident: what the window holds beside what its rule
 * says. */
#include "window_priv.h"

#include <inttypes.h>

struct str
episode_id(const struct episode *episode, struct arena *arena)
{
    return arena_format(arena, "%016" PRIx64 "%016" PRIx64, episode->id[0],
                        episode->id[1]);
}

/* Values by name. Several are a JSON array of texts or numbers; what is none is
 * shown as it is. */
static void
fill_values(const struct str *names, size_t n, struct str text,
            struct teller *teller, struct incident_key *key)
{
    const struct json *root, *node = NULL;
    struct str kept = arena_copy(&teller->scratch, text);
    if (json_read(teller->reader, kept, &teller->scratch, &root) == JSON_FINE &&
        root->type == JSON_ARRAY && root->n_children == n)
        node = json_first(root);
    for (size_t i = 0; i < n; i++) {
        key[i] = (struct incident_key){names[i], node ? node->text : kept};
        node = node ? json_next(node) : NULL;
    }
}

static void
add_key(struct incident *incident, const struct incident_key *key)
{
    for (size_t i = 0; i < incident->n_key; i++)
        if (str_equal(incident->key[i].name, key->name))
            return;
    if (incident->n_key < MAX_GROUP_FIELDS)
        incident->key[incident->n_key++] = *key;
}

/* Where each value is an incident, it is part of the key: past MAX_GROUP_FIELDS
 * the last ones are not shown. */
static void
fill_key(const struct window *window, const struct sighting *first,
         struct teller *teller, struct incident *incident)
{
    const struct correlation *rule = window->rule;
    size_t n = rule->n_group_by, n_values = rule->n_value_fields;
    struct str key = first->key.len > 0 ? first->key : blob_str(window->key);
    incident->n_key = n;
    fill_values(rule->group_by, n, key, teller, incident->key);
    if (!window_alone(rule))
        return;
    struct incident_key value[MAX_GROUP_FIELDS];
    if (n_values == 1)
        value[0] = (struct incident_key){
            rule->value_field[0], arena_copy(&teller->scratch, first->value)};
    else
        fill_values(rule->value_field, n_values, first->value, teller, value);
    for (size_t i = 0; i < n_values; i++)
        add_key(incident, &value[i]);
}

static void
fill_names(const struct name_set *set, struct incident_names *names)
{
    names->n = set->n;
    names->more = set->n_digests > set->n ? (uint32_t)(set->n_digests - set->n)
                                          : 0; /* two names with one digest */
    for (uint16_t i = 0; i < set->n; i++)
        names->at[i] = blob_str(set->names[i].text);
}

static void
fill_alert(const struct blob *blob, struct incident_alert *alert)
{
    struct sighting s = {0};
    if (!sighting_read(blob_str(blob), &s))
        return; /* never: it was checked when it was loaded */
    *alert = (struct incident_alert){
        .alert_id = s.brief.alert_id,
        .source = s.brief.source,
        .rule_name = s.brief.rule_name,
        .topic = s.topic,
        .partition = s.partition,
        .incarnation = s.brief.incarnation,
        .offset = s.brief.offset,
        .index = s.brief.index,
        .event_ms = s.brief.event_ms,
    };
}

static void
fill_evidence(const struct window *window, const struct episode *episode,
              struct incident *incident)
{
    uint32_t pairs = 0;
    incident->n_evidence = episode->n_proofs;
    for (uint16_t i = 0; i < episode->n_proofs; i++) {
        const struct proof *proof = &episode->proofs[i];
        struct incident_evidence *evidence = &incident->evidence[i];
        evidence->rule = window->rule->step[proof->step].rule;
        evidence->kind = (enum kind)proof->kind;
        evidence->count = proof->count;
        fill_alert(proof->first, &evidence->first);
        fill_alert(proof->last, &evidence->last);
    }
    for (size_t s = 0; s < MAX_CORRELATION_STEPS; s++)
        pairs += (uint32_t)__builtin_popcount(episode->seen[s]);
    incident->more_evidence = pairs - (uint32_t)episode->n_proofs;
}

void
window_incident(const struct window *window, const struct episode *episode,
                struct teller *teller, struct incident *incident)
{
    const struct correlation *rule = window->rule;
    char id[WINDOW_ID_LEN];
    struct sighting first = {.key = {"", 0}};
    window_id(id, window->id[0], window->id[1]);
    *incident = (struct incident){
        .id = episode_id(episode, &teller->scratch),
        .revision = episode->revision,
        .state = episode->closed ? INCIDENT_CLOSED : INCIDENT_OPEN,
        .into = STR(""),
        .rule = rule->id,
        .fingerprint = rule->fingerprint,
        .title = rule->title,
        .severity = rule->severity != SEVERITY_UNKNOWN
                        ? rule->severity
                        : (enum severity)episode->severity,
        .window = arena_copy(&teller->scratch, (struct str){id, WINDOW_ID_LEN}),
        .first_ms = episode->first_ms,
        .last_ms = episode->last_ms,
        .count = episode->count,
        .fired_ms = episode->fired_ms,
        .arrival_ms = episode->arrival_ms,
        .approximate = window->approximate,
        .floor = rule->is_floor,
        .options = rule->options,
        .level = episode->level,
        .kinds = episode->kinds,
    };
    sighting_read(blob_str(episode->first), &first);
    fill_key(window, &first, teller, incident);
#define X(member, key)                                                         \
    fill_names(&episode->names[NAMES_##member], &incident->member);
    INCIDENT_ENTITIES(X)
#undef X
    fill_evidence(window, episode, incident);
}
