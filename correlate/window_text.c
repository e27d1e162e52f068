/* SPDX-License-Identifier: Apache-2.0
 *
 * A window as a binary record, version 2, little endian: what it is (rule,
 * key), entries, runs, episodes; each list behind its length. What is derived
 * (where the newest entries have come to) is not written. Reading checks
 * everything that the code relies on. */
#include "window_priv.h"

#include "base/wire.h"

enum {
    VERSION = 2,
    APPROXIMATE = 1, /* flags of a window */
    CLOSED = 1,      /* flags of an episode */
    TOLD_APPROXIMATE = 2,
    WAITS = 4, /* and what it has apart stands at its end */
    MAX_LEVEL = 5,
    MAX_DIGESTS = MAX_INCIDENT_NAMES + MAX_INCIDENT_MORE,
};

/* --- writing */

void
entries_put(struct buf *buf, const struct entry *entries, uint32_t n)
{
    wire_put(buf, n, 4);
    for (uint32_t i = 0; i < n; i++) {
        const struct entry *entry = &entries[i];
        wire_put_i64(buf, entry->event_ms);
        amount_put(buf, entry->number);
        wire_put(buf, entry->value, 8);
        wire_put(buf, entry->steps, 4);
        wire_put(buf, entry->weight, 4);
        wire_put_text(buf, blob_str(entry->sighting), 2);
    }
}

static void
put_runs(struct buf *buf, const struct window *window)
{
    wire_put(buf, window->n_runs, 4);
    for (uint32_t i = 0; i < window->n_runs; i++) {
        wire_put_i64(buf, window->runs[i].from_ms);
        wire_put_i64(buf, window->runs[i].to_ms);
    }
}

static void
put_names(struct buf *buf, const struct name_set *set)
{
    wire_put(buf, set->n, 2);
    for (uint16_t i = 0; i < set->n; i++) {
        wire_put_i64(buf, set->names[i].first_ms);
        wire_put_text(buf, blob_str(set->names[i].text), 2);
    }
    wire_put(buf, set->n_digests, 2);
    for (uint16_t i = 0; i < set->n_digests; i++)
        wire_put(buf, set->digests[i], 4);
}

static void
put_proofs(struct buf *buf, const struct episode *episode)
{
    wire_put(buf, episode->n_proofs, 2);
    for (uint16_t i = 0; i < episode->n_proofs; i++) {
        const struct proof *proof = &episode->proofs[i];
        wire_put(buf, proof->step, 1);
        wire_put(buf, proof->kind, 1);
        wire_put(buf, proof->count, 8);
        wire_put_text(buf, blob_str(proof->first), 2);
        wire_put_text(buf, blob_str(proof->last), 2);
    }
}

void
episode_put(struct buf *buf, const struct window *window,
            const struct episode *episode)
{
    wire_put(buf, episode->number, 4);
    wire_put(buf, episode->revision, 4);
    wire_put(buf,
             (episode->closed ? CLOSED : 0u) |
                 (episode->told_approximate ? TOLD_APPROXIMATE : 0u) |
                 (episode->waits ? WAITS : 0u),
             1);
    wire_put(buf, episode->id[0], 8);
    wire_put(buf, episode->id[1], 8);
    wire_put_i64(buf, episode->first_ms);
    wire_put_i64(buf, episode->last_ms);
    wire_put_i64(buf, episode->fired_ms);
    wire_put_i64(buf, episode->arrival_ms);
    wire_put(buf, episode->count, 8);
    wire_put(buf, episode->told_count, 8);
    wire_put_i64(buf, episode->told_first_ms);
    wire_put(buf, episode->told_severity, 1);
    wire_put(buf, episode->severity, 1);
    wire_put(buf, episode->level, 1);
    wire_put(buf, episode->kinds, 4);
    wire_put_text(buf, blob_str(episode->first), 2);
    wire_put_text(buf, blob_str(episode->newest), 2);
    for (size_t i = 0; i < window->rule->n_steps; i++)
        wire_put(buf, episode->seen[i], 2);
    for (int i = 0; i < N_NAME_SETS; i++)
        put_names(buf, &episode->names[i]);
    put_proofs(buf, episode);
    if (!episode->waits)
        return;
    wire_put(buf, (episode->at ? 1u : 0u) | (episode->after ? 2u : 0u), 1);
    if (episode->at)
        episode_put(buf, window, episode->at);
    if (episode->after)
        episode_put(buf, window, episode->after);
}

void
window_save(struct buf *buf, const struct window *window)
{
    uint32_t n_waiting, n = 0;
    const struct entry *waiting = window_waiting(window, &n_waiting);
    wire_put(buf, VERSION, 1);
    wire_put_digest(buf, window->id[0]);
    wire_put_digest(buf, window->id[1]);
    wire_put_text(buf, blob_str(window->key), 2);
    wire_put(buf, window->approximate ? APPROXIMATE : 0, 1);
    wire_put(buf, window->last_number, 4);
    wire_put(buf, window->fold_at, 4);
    wire_put_i64(buf, window->passed_ms);
    entries_put(buf, window->entries, window->n);
    entries_put(buf, waiting, n_waiting);
    put_runs(buf, window);
    const struct family *family = family_of(window->rule);
    if (family->save)
        family->save(buf, window);
    for (const struct episode *e = window->episodes; e; e = e->next)
        n++;
    wire_put(buf, n, 4);
    for (const struct episode *e = window->episodes; e; e = e->next)
        episode_put(buf, window, e);
}

/* --- reading */

void
reading_check(struct reading *r, bool fine)
{
    r->wire.wrong |= !fine;
}

int64_t
reading_time(struct reading *r)
{
    int64_t ms = wire_get_i64(&r->wire);
    reading_check(r, ms >= -MAX_EVENT_MS && ms <= MAX_EVENT_MS);
    return r->wire.wrong ? 0 : ms;
}

struct blob *
reading_sighting(struct reading *r, int64_t *event_ms)
{
    struct sighting sighting;
    struct str bytes = wire_get_text(&r->wire, 2);
    if (bytes.len == 0)
        return NULL;
    reading_check(r, sighting_read(bytes, &sighting));
    if (r->wire.wrong)
        return NULL;
    *event_ms = sighting.brief.event_ms;
    return blob_new(r->pool, r->window, bytes);
}

static bool
steps_fit(const struct window *window, uint32_t steps)
{
    size_t n = window->rule->n_steps;
    return steps != 0 && (n == 32 || steps >> n == 0);
}

void
entries_get(struct reading *r, struct entry **entries, uint32_t *n,
            uint32_t *room)
{
    uint32_t count = (uint32_t)wire_get_max(&r->wire, 4, MAX_WINDOW_ENTRIES);
    for (uint32_t i = 0; i < count && !r->wire.wrong; i++) {
        size_t wide = *room;
        *entries = array_room(r->pool, *entries, *n, &wide, sizeof **entries);
        *room = (uint32_t)wide;
        struct entry *entry = &(*entries)[(*n)++];
        entry->event_ms = reading_time(r);
        entry->number = amount_get(&r->wire);
        entry->value = wire_get(&r->wire, 8);
        entry->steps = (uint32_t)wire_get(&r->wire, 4);
        entry->weight = (uint32_t)wire_get(&r->wire, 4);
        int64_t ms = entry->event_ms;
        entry->sighting = reading_sighting(r, &ms);
        reading_check(
            r, ms == entry->event_ms && steps_fit(r->window, entry->steps) &&
                   entry->weight > 0 && (i == 0 || ms >= entry[-1].event_ms));
    }
}

static void
get_pending(struct reading *r)
{
    struct window *window = r->window;
    entries_get(r, &window->pending, &window->n_pending, &window->pending_room);
    for (uint32_t i = 0; i < window->n_pending && !r->wire.wrong; i++)
        reading_check(r, window->pending[i].sighting != NULL &&
                             !correlation_at_once(window->rule));
}

static void
get_runs(struct reading *r)
{
    struct window *window = r->window;
    uint32_t n = (uint32_t)wire_get(&r->wire, 4);
    reading_check(r, n <= r->wire.rest.len / 16);
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        size_t room = window->runs_room;
        window->runs = array_room(r->pool, window->runs, window->n_runs, &room,
                                  sizeof *window->runs);
        window->runs_room = (uint32_t)room;
        struct run *run = &window->runs[window->n_runs++];
        run->from_ms = reading_time(r);
        run->to_ms = reading_time(r);
        reading_check(r,
                      run->from_ms <= run->to_ms &&
                          (i == 0 || window->runs[i - 1].to_ms < run->from_ms));
    }
}

static void
get_names(struct reading *r, struct name_set *set)
{
    uint16_t n = (uint16_t)wire_get_max(&r->wire, 2, MAX_INCIDENT_NAMES);
    for (uint16_t i = 0; i < n && !r->wire.wrong; i++) {
        size_t room = set->room;
        int64_t first_ms = reading_time(r);
        struct str text = wire_get_text(&r->wire, 2);
        reading_check(r, text.len > 0 && text.len <= MAX_KEY_BYTES);
        if (r->wire.wrong)
            return;
        set->names =
            array_room(r->pool, set->names, set->n, &room, sizeof *set->names);
        set->room = (uint16_t)room;
        set->names[set->n++] =
            (struct name){first_ms, blob_new(r->pool, r->window, text)};
        reading_check(r, i == 0 || set->names[i - 1].first_ms <= first_ms);
    }
    n = (uint16_t)wire_get_max(&r->wire, 2, MAX_DIGESTS);
    for (uint16_t i = 0; i < n && !r->wire.wrong; i++) {
        size_t room = set->digests_room;
        set->digests = array_room(r->pool, set->digests, set->n_digests, &room,
                                  sizeof *set->digests);
        set->digests_room = (uint16_t)room;
        set->digests[set->n_digests++] = (uint32_t)wire_get(&r->wire, 4);
        reading_check(r, i == 0 || set->digests[i - 1] < set->digests[i]);
    }
}

static void
get_proofs(struct reading *r, struct episode *episode)
{
    uint16_t n = (uint16_t)wire_get_max(&r->wire, 2, MAX_EVIDENCE);
    for (uint16_t i = 0; i < n && !r->wire.wrong; i++) {
        size_t room = episode->proofs_room;
        int64_t ms;
        episode->proofs =
            array_room(r->pool, episode->proofs, episode->n_proofs, &room,
                       sizeof *episode->proofs);
        episode->proofs_room = (uint16_t)room;
        struct proof *proof = &episode->proofs[episode->n_proofs++];
        proof->step =
            (uint8_t)wire_get_max(&r->wire, 1, r->window->rule->n_steps - 1);
        proof->kind = (uint8_t)wire_get_max(&r->wire, 1, N_KINDS - 1);
        proof->count = wire_get(&r->wire, 8);
        proof->first = reading_sighting(r, &ms);
        proof->last = reading_sighting(r, &ms);
        reading_check(r, proof->first && proof->last);
        if (i > 0)
            reading_check(r, proof[-1].step < proof->step ||
                                 (proof[-1].step == proof->step &&
                                  proof[-1].kind < proof->kind));
        uint16_t seen = episode->seen[proof->step];
        reading_check(r, (seen >> proof->kind & 1) != 0);
    }
}

static void get_episode(struct reading *r, struct episode *episode,
                        uint64_t flags);

void
episode_get(struct reading *r, struct episode *episode)
{
    get_episode(r, episode, CLOSED | TOLD_APPROXIMATE);
}

/* What an episode that waits has apart. */
static void
get_waiting(struct reading *r, struct episode *episode)
{
    unsigned parts = (unsigned)wire_get_max(&r->wire, 1, 3);
    struct episode **part[] = {&episode->at, &episode->after};
    reading_check(r, correlation_found_early(r->window->rule) &&
                         !episode->closed && episode->revision == 0);
    for (int i = 0; i < 2 && !r->wire.wrong; i++) {
        if ((parts >> i & 1) == 0)
            continue;
        *part[i] = episode_new(r->pool);
        episode_get(r, *part[i]);
    }
    reading_check(r, early_whole(r->window, episode));
}

/* It may have these flags. */
static void
get_episode(struct reading *r, struct episode *episode, uint64_t may)
{
    struct wire *wire = &r->wire;
    int64_t ms;
    episode->number = (uint32_t)wire_get_max(wire, 4, r->window->last_number);
    episode->revision = (uint32_t)wire_get(wire, 4);
    uint64_t flags = wire_get_max(wire, 1, may);
    episode->closed = (flags & CLOSED) != 0;
    episode->told_approximate = (flags & TOLD_APPROXIMATE) != 0;
    episode->waits = (flags & WAITS) != 0;
    episode->id[0] = wire_get(wire, 8);
    episode->id[1] = wire_get(wire, 8);
    episode->first_ms = reading_time(r);
    episode->last_ms = reading_time(r);
    episode->fired_ms = reading_time(r);
    episode->arrival_ms = reading_time(r);
    episode->count = wire_get(wire, 8);
    episode->told_count = wire_get(wire, 8);
    episode->told_first_ms = reading_time(r);
    episode->told_severity = (uint8_t)wire_get_max(wire, 1, N_SEVERITIES - 1);
    episode->severity = (uint8_t)wire_get_max(wire, 1, N_SEVERITIES - 1);
    episode->level = (uint8_t)wire_get_max(wire, 1, MAX_LEVEL);
    episode->kinds = (uint32_t)wire_get_max(wire, 4, (1u << N_KINDS) - 1);
    episode->first = reading_sighting(r, &ms);
    episode->newest = reading_sighting(r, &ms);
    reading_check(r, (episode->first != NULL) != episode->waits &&
                         episode->first_ms <= episode->last_ms);
    for (size_t i = 0; i < r->window->rule->n_steps; i++)
        episode->seen[i] = (uint16_t)wire_get_max(wire, 2, (1u << N_KINDS) - 1);
    for (int i = 0; i < N_NAME_SETS; i++)
        get_names(r, &episode->names[i]);
    get_proofs(r, episode);
    if (episode->waits && !r->wire.wrong)
        get_waiting(r, episode);
}

static void
get_episodes(struct reading *r)
{
    uint32_t n =
        (uint32_t)wire_get_max(&r->wire, 4, MAX_EPISODES + MAX_WINDOW_ENTRIES);
    struct episode **link = &r->window->episodes;
    const struct correlation *rule = r->window->rule;
    bool apart = !window_alone(rule) && rule->type != SILENCE;
    int64_t last_ms = INT64_MIN;
    for (uint32_t i = 0; i < n && !r->wire.wrong; i++) {
        struct episode *episode = episode_new(r->pool);
        *link = episode;
        link = &episode->next;
        get_episode(r, episode, CLOSED | TOLD_APPROXIMATE | WAITS);
        reading_check(r, episode->number > 0);
        reading_check(r, apart ? episode->first_ms > last_ms
                               : episode->first_ms >= last_ms);
        last_ms = episode->last_ms;
    }
}

struct window *
window_load(struct pool *pool, struct str bytes,
            const struct correlation *(*rule_of)(void *context,
                                                 struct digest fingerprint),
            void *context, struct err *why)
{
    struct wire wire = {bytes, false};
    bool known = wire_get(&wire, 1) == VERSION;
    struct digest fingerprint = wire_get_digest(&wire);
    struct digest key_id = wire_get_digest(&wire);
    struct str key = wire_get_text(&wire, 2);
    const struct correlation *rule =
        known && !wire.wrong && key.len <= MAX_KEY_TEXT_BYTES
            ? rule_of(context, fingerprint)
            : NULL;
    if (!rule) {
        err_set(why, "a window of another version, or of an unknown rule");
        return NULL;
    }
    if (pool_left(pool) < WINDOW_ROOM_BYTES + 4 * bytes.len) {
        err_set(why, "no memory for a window of %zu bytes", bytes.len);
        return NULL;
    }
    struct window *window = window_new(pool, rule, key_id, key);
    struct reading reading = {pool, window, wire};
    window->approximate = wire_get_max(&reading.wire, 1, APPROXIMATE) != 0;
    window->last_number = (uint32_t)wire_get(&reading.wire, 4);
    window->fold_at =
        (uint32_t)wire_get_max(&reading.wire, 4, MAX_WINDOW_ENTRIES);
    window->passed_ms = wire_get_i64(&reading.wire);
    entries_get(&reading, &window->entries, &window->n, &window->room);
    get_pending(&reading);
    get_runs(&reading);
    if (family_of(rule)->load)
        family_of(rule)->load(&reading);
    get_episodes(&reading);
    if (wire_end(&reading.wire))
        return window;
    err_set(why, "a window record that is cut or damaged");
    window_free(pool, window);
    return NULL;
}
