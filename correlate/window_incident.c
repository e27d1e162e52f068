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

/* The values of the key, by name. A key is a JSON array of texts or numbers;
 * one that is none is shown as it is. */
static void
fill_key(const struct window *window, struct str key, struct teller *teller,
         struct incident *incident)
{
    const struct correlation *rule = window->rule;
    const struct json *root;
    incident->n_key = rule->n_group_by;
    struct str kept = arena_copy(&teller->scratch, key);
    if (json_read(teller->reader, kept, &teller->scratch, &root) != JSON_FINE ||
        root->type != JSON_ARRAY || root->n_children != rule->n_group_by) {
        for (size_t i = 0; i < rule->n_group_by; i++)
            incident->key[i] = (struct incident_key){rule->group_by[i], kept};
        return;
    }
    const struct json *node = json_first(root);
    for (size_t i = 0; i < rule->n_group_by; i++, node = json_next(node))
        incident->key[i] = (struct incident_key){rule->group_by[i], node->text};
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
    fill_key(window, first.key.len > 0 ? first.key : blob_str(window->key),
             teller, incident);
#define X(member, key)                                                         \
    fill_names(&episode->names[NAMES_##member], &incident->member);
    INCIDENT_ENTITIES(X)
#undef X
    fill_evidence(window, episode, incident);
}
