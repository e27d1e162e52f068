/* SPDX-License-Identifier: Apache-2.0
 *
 * An episode takes the hot events: count, first and last, names, evidence. All
 * of it is a minimum, a maximum, a sum or a set, so the order of arrival does
 * not show. Evidence is kept for the MAX_EVIDENCE lowest pairs of (step,
 * kind); a pair that belongs there in the end was never put out. */
#include "window_priv.h"

#include "model/firing.h"

#include <assert.h>
#include <string.h>

struct episode *
episode_new(struct pool *pool)
{
    size_t bytes = sizeof(struct episode);
    struct episode *episode = pool_take(pool, &bytes);
    assert(episode);
    *episode = (struct episode){
        .first_ms = INT64_MAX,
        .last_ms = INT64_MIN,
        .fired_ms = INT64_MAX,
        .arrival_ms = INT64_MIN,
    };
    return episode;
}

static void
proof_free(struct pool *pool, struct window *window, struct proof *proof)
{
    blob_free(pool, window, proof->first);
    blob_free(pool, window, proof->last);
}

void
episode_free(struct pool *pool, struct window *window, struct episode *episode)
{
    for (int i = 0; i < N_NAME_SETS; i++)
        names_free(pool, window, &episode->names[i]);
    for (uint16_t i = 0; i < episode->n_proofs; i++)
        proof_free(pool, window, &episode->proofs[i]);
    pool_give(pool, episode->proofs,
              episode->proofs_room * sizeof *episode->proofs);
    blob_free(pool, window, episode->first);
    blob_free(pool, window, episode->newest);
    if (episode->at)
        episode_free(pool, window, episode->at);
    if (episode->after)
        episode_free(pool, window, episode->after);
    pool_give(pool, episode, sizeof *episode);
}

size_t
episode_bytes(const struct episode *episode)
{
    size_t bytes =
        sizeof *episode + episode->n_proofs * sizeof *episode->proofs;
    for (int i = 0; i < N_NAME_SETS; i++)
        bytes += episode->names[i].n * sizeof(struct name) +
                 episode->names[i].n_digests * sizeof(uint32_t);
    bytes += episode->at ? episode_bytes(episode->at) : 0;
    bytes += episode->after ? episode_bytes(episode->after) : 0;
    return bytes;
}

/* --- evidence */

/* Puts `bytes` into `*blob` if that sighting stands before (`sign` -1) or
 * after (1) the one there. */
static void
keep_extreme(struct pool *pool, struct window *window, struct blob **blob,
             const struct hot_event *event, int sign)
{
    struct sighting there;
    if (*blob && (!sighting_read(blob_str(*blob), &there) ||
                  sighting_compare(event->sighting, &there) * sign <= 0))
        return;
    blob_free(pool, window, *blob);
    *blob = blob_new(pool, window, event->bytes);
}

static struct proof *
proof_of(struct pool *pool, struct window *window, struct episode *episode,
         uint8_t step, uint8_t kind)
{
    uint16_t i = 0;
    while (i < episode->n_proofs && (episode->proofs[i].step < step ||
                                     (episode->proofs[i].step == step &&
                                      episode->proofs[i].kind < kind)))
        i++;
    if (i < episode->n_proofs && episode->proofs[i].step == step &&
        episode->proofs[i].kind == kind)
        return &episode->proofs[i];
    if (i == MAX_EVIDENCE)
        return NULL;
    if (episode->n_proofs == MAX_EVIDENCE)
        proof_free(pool, window, &episode->proofs[--episode->n_proofs]);
    size_t room = episode->proofs_room;
    episode->proofs = array_room(pool, episode->proofs, episode->n_proofs,
                                 &room, sizeof *episode->proofs);
    episode->proofs_room = (uint16_t)room;
    memmove(&episode->proofs[i + 1], &episode->proofs[i],
            (size_t)(episode->n_proofs - i) * sizeof *episode->proofs);
    episode->n_proofs++;
    episode->proofs[i] = (struct proof){.step = step, .kind = kind};
    return &episode->proofs[i];
}

static void
add_proofs(struct pool *pool, struct window *window, struct episode *episode,
           const struct hot_event *event)
{
    uint8_t kind = (uint8_t)event->sighting->brief.kind;
    for (uint32_t left = event->steps; left != 0; left &= left - 1) {
        uint8_t step = (uint8_t)__builtin_ctz(left);
        episode->seen[step] = (uint16_t)(episode->seen[step] | 1u << kind);
        struct proof *proof = proof_of(pool, window, episode, step, kind);
        if (!proof)
            continue;
        proof->count += event->weight;
        keep_extreme(pool, window, &proof->first, event, -1);
        keep_extreme(pool, window, &proof->last, event, 1);
    }
}

/* --- names */

/* A field may name several addresses, joined by commas. */
static void
add_addresses(struct pool *pool, struct window *window, struct name_set *set,
              int64_t event_ms, struct str text)
{
    struct str rest = text, part;
    while (str_split(&rest, ',', &part))
        names_add(pool, window, set, event_ms, str_trim(part));
}

static void
add_names(struct pool *pool, struct window *window, struct episode *episode,
          const struct sighting *sighting)
{
    static _Thread_local struct firing firing;
    const struct brief *brief = &sighting->brief;
    struct name_set *names = episode->names;
    if (sighting->names.len > 0 && firing_read(sighting->names, &firing)) {
        episode->kinds |= firing.kinds;
        for (size_t i = 0; i < firing.n_names; i++)
            names_add(pool, window, &names[firing.name[i].set],
                      firing.name[i].first_ms, firing.name[i].text);
    }
    int64_t at = brief->event_ms;
    names_add(pool, window, &names[NAMES_hosts], at, brief->host);
    names_add(pool, window, &names[NAMES_users], at, brief->user);
    add_addresses(pool, window, &names[NAMES_addresses], at, brief->src_ip);
    add_addresses(pool, window, &names[NAMES_addresses], at, brief->dst_ip);
    names_add(pool, window, &names[NAMES_hashes], at, brief->hash);
    names_add(pool, window, &names[NAMES_units], at, brief->unit);
    names_add(pool, window, &names[NAMES_systems], at, brief->system);
}

void
episode_add(struct pool *pool, struct window *window, struct episode *episode,
            const struct hot_event *event)
{
    const struct brief *brief = &event->sighting->brief;
    episode->count += event->weight;
    if (brief->event_ms < episode->first_ms)
        episode->first_ms = brief->event_ms;
    if (brief->event_ms > episode->last_ms)
        episode->last_ms = brief->event_ms;
    if (brief->arrival_ms > episode->arrival_ms)
        episode->arrival_ms = brief->arrival_ms;
    if (brief->severity > episode->severity)
        episode->severity = (uint8_t)brief->severity;
    if (brief->level > episode->level)
        episode->level = (uint8_t)brief->level;
    episode->kinds |= UINT32_C(1) << brief->kind;
    keep_extreme(pool, window, &episode->first, event, -1);
    if (window->rule->n_feeds > 0)
        keep_extreme(pool, window, &episode->newest, event, 1);
    add_names(pool, window, episode, event->sighting);
    add_proofs(pool, window, episode, event);
}

static void
absorb_proofs(struct pool *pool, struct window *window, struct episode *episode,
              const struct episode *other)
{
    for (uint16_t i = 0; i < other->n_proofs; i++) {
        const struct proof *from = &other->proofs[i];
        struct proof *proof =
            proof_of(pool, window, episode, from->step, from->kind);
        struct sighting first, last;
        if (!proof || !sighting_read(blob_str(from->first), &first) ||
            !sighting_read(blob_str(from->last), &last))
            continue;
        struct hot_event event = {&first, blob_str(from->first), 0, 0};
        proof->count += from->count;
        keep_extreme(pool, window, &proof->first, &event, -1);
        event = (struct hot_event){&last, blob_str(from->last), 0, 0};
        keep_extreme(pool, window, &proof->last, &event, 1);
    }
    for (int i = 0; i < MAX_CORRELATION_STEPS; i++)
        episode->seen[i] = (uint16_t)(episode->seen[i] | other->seen[i]);
}

void
episode_absorb(struct pool *pool, struct window *window,
               struct episode *episode, struct episode *other)
{
    struct sighting first;
    episode->count += other->count;
    if (other->first_ms < episode->first_ms)
        episode->first_ms = other->first_ms;
    if (other->last_ms > episode->last_ms)
        episode->last_ms = other->last_ms;
    if (other->fired_ms < episode->fired_ms)
        episode->fired_ms = other->fired_ms;
    if (other->arrival_ms > episode->arrival_ms)
        episode->arrival_ms = other->arrival_ms;
    if (other->severity > episode->severity)
        episode->severity = other->severity;
    if (other->level > episode->level)
        episode->level = other->level;
    episode->kinds |= other->kinds;
    if (sighting_read(blob_str(other->first), &first)) {
        struct hot_event event = {&first, blob_str(other->first), 0, 0};
        keep_extreme(pool, window, &episode->first, &event, -1);
    }
    if (other->newest && sighting_read(blob_str(other->newest), &first)) {
        struct hot_event event = {&first, blob_str(other->newest), 0, 0};
        keep_extreme(pool, window, &episode->newest, &event, 1);
    }
    for (int i = 0; i < N_NAME_SETS; i++)
        names_absorb(pool, window, &episode->names[i], &other->names[i]);
    absorb_proofs(pool, window, episode, other);
    early_absorb(pool, window, episode, other);
}
