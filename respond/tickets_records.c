/* SPDX-License-Identifier: Apache-2.0
 *
 * Silences and roster overrides: kept as the records that made them, so that
 * whoever reads them reads one format. Evidence: what became of its bytes. */
#include "tickets_priv.h"

#include "model/limits.h"

/* --- evidence */

static bool
note_evidence(struct fold *fold, struct ticket *ticket,
              const struct position *position, enum evidence_state state)
{
    bool changed = false;
    for (size_t i = 0; i < ticket->n_evidence; i++) {
        struct ticket_evidence *evidence = &ticket->evidence[i];
        if (evidence->state != EVIDENCE_WANTED ||
            position_compare(&evidence->position, position) != 0)
            continue;
        evidence->state = state;
        changed = true;
    }
    if (!changed || state != EVIDENCE_GONE)
        return changed;
    struct buf text = {0};
    buf_position(&text, position);
    add_event(fold, ticket, EVENT_EVIDENCE_GONE,
              arena_copy(&fold->arena, buf_str(&text)),
              fold->record->evidence.detail, 0);
    buf_free(&text);
    return true;
}

enum fold_outcome
fold_evidence(struct fold *fold)
{
    const struct journal_evidence *evidence = &fold->record->evidence;
    struct ticket ticket;
    bool changed = false;
    if (!fold_ticket(fold, evidence->ticket, &ticket))
        return FOLD_STALE;
    for (size_t i = 0; i < evidence->n; i++)
        changed |= note_evidence(fold, &ticket, &evidence->position[i],
                                 evidence->state[i]);
    if (!changed)
        return FOLD_REPEAT;
    put_ticket(fold, &ticket);
    return FOLDED;
}

/* --- silences and roster overrides: kept as the record that made them */

static void
put_record(struct fold *fold, enum tickets_table table, struct str key,
           const struct journal_record *record)
{
    struct buf *text = &fold->tickets->text;
    buf_clear(text);
    journal_write(text, record);
    fold->broken |= text->full;
    put(fold, table, key, buf_str(text));
}

bool
tickets_record(struct tickets *tickets, enum tickets_table table,
               uint32_t number, struct arena *arena,
               struct journal_record *record)
{
    struct err why;
    const struct json *root;
    struct str text = shelf_at(tickets->shelf[table], number);
    text = text.at ? arena_copy(arena, text) : text;
    return text.at &&
           json_read(tickets->json, text, arena, &root) == JSON_FINE &&
           journal_read(root, arena, record, &why);
}

uint32_t
tickets_find_record(const struct tickets *tickets, enum tickets_table table,
                    struct str key)
{
    return shelf_find(tickets->shelf[table], key);
}

uint32_t
tickets_n_records(const struct tickets *tickets, enum tickets_table table)
{
    return shelf_len(tickets->shelf[table]);
}

static enum fold_outcome
expire_silence(struct fold *fold)
{
    const struct journal_silence *silence = &fold->record->silence;
    struct tickets *tickets = fold->tickets;
    struct journal_record begun;
    uint32_t number = shelf_find(tickets->shelf[TABLE_SILENCES], silence->id);
    if (!tickets_record(tickets, TABLE_SILENCES, number, &fold->arena,
                        &begun)) {
        err_set(fold->why, "there is no silence %.*s", STR_ARG(silence->id));
        return FOLD_REFUSED;
    }
    if (begun.silence.until_ms <= fold->record->at_ms) {
        err_set(fold->why, "silence %.*s has ended already",
                STR_ARG(silence->id));
        return FOLD_REFUSED;
    }
    begun.silence.until_ms = fold->record->at_ms;
    put_record(fold, TABLE_SILENCES, silence->id, &begun);
    raise_basis(fold);
    return FOLDED;
}

enum fold_outcome
fold_silence(struct fold *fold)
{
    const struct journal_silence *silence = &fold->record->silence;
    struct shelf *silences = fold->tickets->shelf[TABLE_SILENCES];
    if (silence->expire)
        return expire_silence(fold);
    if (shelf_find(silences, silence->id) != SHELF_NONE) {
        err_set(fold->why, "there is a silence %.*s already",
                STR_ARG(silence->id));
        return FOLD_REFUSED;
    }
    if (silence->reason.len == 0 || silence->until_ms <= silence->from_ms) {
        err_set(fold->why, "a silence needs a reason and an end after its "
                           "beginning");
        return FOLD_REFUSED;
    }
    if (shelf_n(silences) >= MAX_SILENCES) {
        err_set(fold->why, "there are %d silences, no more are taken",
                MAX_SILENCES);
        return FOLD_REFUSED;
    }
    put_record(fold, TABLE_SILENCES, silence->id, fold->record);
    raise_basis(fold);
    return FOLDED;
}

enum fold_outcome
fold_override(struct fold *fold)
{
    const struct journal_override *roster = &fold->record->roster;
    struct shelf *overrides = fold->tickets->shelf[TABLE_OVERRIDES];
    bool known = shelf_find(overrides, roster->id) != SHELF_NONE;
    if (roster->cancel != known) {
        err_set(fold->why,
                known ? "there is an override %.*s already"
                      : "there is no override %.*s",
                STR_ARG(roster->id));
        return FOLD_REFUSED;
    }
    if (roster->cancel) {
        shelf_unset(overrides, roster->id);
        return FOLDED;
    }
    if (shelf_n(overrides) >= MAX_OVERRIDES) {
        err_set(fold->why, "there are %d overrides, no more are taken",
                MAX_OVERRIDES);
        return FOLD_REFUSED;
    }
    put_record(fold, TABLE_OVERRIDES, roster->id, fold->record);
    return FOLDED;
}
