/* SPDX-License-Identifier: Apache-2.0
 *
 * The state: made, loaded, saved, asked, and the one way in (tickets_fold). */
#include "tickets_priv.h"

#include "base/times.h"
#include "model/limits.h"

#include <assert.h>
#include <stdlib.h>

static const uint32_t max_entries[N_TICKETS_TABLES] = {
    [TABLE_TICKETS] = MAX_TICKETS_KEPT, [TABLE_INCIDENTS] = MAX_TAKEN_INCIDENTS,
    [TABLE_HELD] = MAX_HELD_INCIDENTS,  [TABLE_MESSAGES] = 4 * MAX_MESSAGES,
    [TABLE_SILENCES] = MAX_SILENCES,    [TABLE_OVERRIDES] = MAX_OVERRIDES,
    [TABLE_ANSWERS] = 8 * MAX_ANSWERS,  [TABLE_META] = MAX_PARTITIONS + 16,
};

struct str
fold_outcome_id(enum fold_outcome outcome)
{
    static const struct str ids[] = {
#define X(name, id) {id, sizeof(id) - 1},
        FOLD_OUTCOMES(X)
#undef X
    };
    assert((unsigned)outcome < N_FOLD_OUTCOMES);
    return ids[outcome];
}

struct tickets *
tickets_new(void)
{
    struct tickets *tickets = calloc(1, sizeof *tickets);
    if (!tickets)
        return NULL;
    bool fine = true;
    for (size_t i = 0; i < N_TICKETS_TABLES; i++) {
        tickets->shelf[i] = shelf_new(max_entries[i]);
        fine = fine && tickets->shelf[i];
    }
    tickets->grouping = grouping_new();
    tickets->json = json_reader_new();
    tickets->json_incident = json_reader_new();
    tickets->scratch = arena_reserve(SCRATCH_BYTES);
    tickets->start = tickets->scratch.at;
    if (!fine || !tickets->grouping || !tickets->json ||
        !tickets->json_incident || !tickets->start) {
        tickets_free(tickets);
        return NULL;
    }
    return tickets;
}

void
tickets_free(struct tickets *tickets)
{
    if (!tickets)
        return;
    for (size_t i = 0; i < N_TICKETS_TABLES; i++)
        shelf_free(tickets->shelf[i]);
    grouping_free(tickets->grouping);
    json_reader_free(tickets->json);
    json_reader_free(tickets->json_incident);
    if (tickets->start)
        arena_release(tickets->start, tickets->scratch);
    free(tickets->brief);
    free(tickets->changed);
    buf_free(&tickets->text);
    free(tickets);
}

static bool
load_meta(struct tickets *tickets, struct str field, struct str value)
{
    int64_t n;
    if (!str_to_i64(value, &n) || n < 0)
        return false;
    if (str_equal(field, STR("basis")))
        tickets->basis = (uint64_t)n;
    else if (str_equal(field, STR("answers")))
        tickets->n_answers = (uint64_t)n;
    return true;
}

static bool
load_ticket(struct tickets *tickets, uint32_t number, struct err *why)
{
    struct arena arena = tickets->scratch;
    struct ticket ticket;
    const struct json *root;
    return json_read(tickets->json,
                     shelf_at(tickets->shelf[TABLE_TICKETS], number), &arena,
                     &root) == JSON_FINE &&
           ticket_read(root, &arena, &ticket, why) &&
           index_ticket(tickets, &ticket, number);
}

/* Keys and values are checked where they are used; those that everything
 * rests on, here. */
bool
tickets_load(struct tickets *tickets, size_t table, struct str field,
             struct str value, struct err *why)
{
    struct known known;
    if (table >= N_TICKETS_TABLES || value.len == 0 ||
        (table == TABLE_META && !load_meta(tickets, field, value)) ||
        (table == TABLE_INCIDENTS && !known_read(value, &known))) {
        err_set(why, "table %zu, field %.*s: not a state of this version",
                table, STR_ARG(field));
        return false;
    }
    uint32_t number = shelf_load(tickets->shelf[table], field, value);
    if (number == SHELF_NONE) {
        err_set(why, "table %zu: out of room", table);
        return false;
    }
    return table != TABLE_TICKETS || load_ticket(tickets, number, why);
}

void
tickets_save(struct tickets *tickets, bool whole, const struct emit *emit)
{
    for (size_t i = 0; i < N_TICKETS_TABLES; i++)
        shelf_save(tickets->shelf[i], i, whole, emit);
}

static void
put_number(struct fold *fold, struct str key, uint64_t n)
{
    struct str text = arena_format(&fold->arena, "%llu", (unsigned long long)n);
    put(fold, TABLE_META, key, text);
}

void
raise_basis(struct fold *fold)
{
    put_number(fold, STR("basis"), ++fold->tickets->basis);
}

/* Somebody waits for what becomes of it. */
static bool
is_asked(const struct journal_record *record)
{
    return record->request.len > 0 &&
           (record->type == JOURNAL_ACT || record->type == JOURNAL_SILENCE ||
            record->type == JOURNAL_OVERRIDE || record->type == JOURNAL_REVIEW);
}

/* The answer to who asked: kept until MAX_ANSWERS later ones. */
static void
answer(struct fold *fold, enum fold_outcome outcome)
{
    struct tickets *tickets = fold->tickets;
    const struct journal_record *record = fold->record;
    /* Of several tickets some may have been refused. */
    bool whole = outcome == FOLDED && fold->why->text[0] == '\0';
    struct shelf *answers = tickets->shelf[TABLE_ANSWERS];
    put_number(fold, STR("answers"), ++tickets->n_answers);
    put(fold, TABLE_ANSWERS, record->request,
        arena_format(&fold->arena, "%llu %s",
                     (unsigned long long)tickets->n_answers,
                     whole ? "ok" : fold->why->text));
    for (uint32_t i = 0;
         shelf_n(answers) > MAX_ANSWERS && i < shelf_len(answers); i++) {
        struct str value = shelf_at(answers, i), number;
        int64_t n;
        if (value.at && str_split(&value, ' ', &number) &&
            str_to_i64(number, &n) &&
            (uint64_t)n + MAX_ANSWERS <= tickets->n_answers)
            shelf_unset(answers, shelf_key(answers, i));
    }
}

static enum fold_outcome
fold_one(struct fold *fold)
{
    switch (fold->record->type) {
    case JOURNAL_TAKE:
        return fold_take(fold);
    case JOURNAL_ACT:
        return fold_act(fold);
    case JOURNAL_ESCALATE:
        return fold_escalate(fold);
    case JOURNAL_SEND:
        return fold_send(fold);
    case JOURNAL_RESULT:
        return fold_result(fold);
    case JOURNAL_LEASE:
        return fold_lease(fold);
    case JOURNAL_EVIDENCE:
        return fold_evidence(fold);
    case JOURNAL_SILENCE:
        return fold_silence(fold);
    case JOURNAL_OVERRIDE:
        return fold_override(fold);
    case JOURNAL_REVIEW:
        return FOLDED; /* stands on soc.reviews; nothing rests on it here */
    case N_JOURNAL_TYPES:
        break;
    }
    return FOLD_REPEAT;
}

enum fold_outcome
tickets_fold(struct tickets *tickets, const struct journal_record *record,
             struct err *why)
{
    struct fold fold = {tickets, tickets->scratch, record, why, false};
    why->text[0] = '\0';
    tickets->n_changed = 0;
    /* What is asked twice (by somebody who did not hear of the first one's
     * success) is done once. */
    bool asked = is_asked(record);
    if (asked && shelf_find(tickets->shelf[TABLE_ANSWERS], record->request) !=
                     SHELF_NONE)
        return FOLD_REPEAT;
    enum fold_outcome outcome = fold_one(&fold);
    if (asked)
        answer(&fold, outcome);
    if (fold.broken) {
        err_set(why, "no memory or no room for more tickets");
        return FOLD_BROKEN;
    }
    return outcome;
}

size_t
tickets_changed(const struct tickets *tickets)
{
    return tickets->n_changed;
}

struct str
tickets_changed_id(const struct tickets *tickets, size_t i)
{
    return shelf_key(tickets->shelf[TABLE_TICKETS], tickets->changed[i]);
}

uint64_t
tickets_basis(const struct tickets *tickets)
{
    return tickets->basis;
}

int64_t
tickets_position(const struct tickets *tickets, struct str topic,
                 int32_t partition)
{
    char room[300];
    struct buf key = {.at = room, .cap = sizeof room, .max_bytes = sizeof room};
    buf_add(&key, topic);
    buf_format(&key, "/%d", partition);
    int64_t n;
    struct str value = shelf_get(tickets->shelf[TABLE_META], buf_str(&key));
    return str_to_i64(value, &n) ? n : -1;
}

struct str
tickets_text(const struct tickets *tickets, struct str id)
{
    return shelf_get(tickets->shelf[TABLE_TICKETS], id);
}

bool
tickets_read(struct tickets *tickets, struct str id, struct arena *arena,
             struct ticket *ticket)
{
    struct err why;
    const struct json *root;
    /* A copy: what is read may be put back over it. */
    struct str text = tickets_text(tickets, id);
    text = text.at ? arena_copy(arena, text) : text;
    return text.at &&
           json_read(tickets->json, text, arena, &root) == JSON_FINE &&
           ticket_read(root, arena, ticket, &why);
}

bool
tickets_known(const struct tickets *tickets, struct str incident,
              struct known *known)
{
    struct str text = shelf_get(tickets->shelf[TABLE_INCIDENTS], incident);
    return text.at && known_read(text, known);
}

uint32_t
tickets_len(const struct tickets *tickets)
{
    return shelf_len(tickets->shelf[TABLE_TICKETS]);
}

struct str
tickets_id(const struct tickets *tickets, uint32_t number)
{
    return shelf_key(tickets->shelf[TABLE_TICKETS], number);
}

const struct ticket_brief *
tickets_brief(const struct tickets *tickets, uint32_t number)
{
    return &tickets->brief[number];
}

uint32_t
tickets_find(const struct tickets *tickets, struct str id)
{
    return shelf_find(tickets->shelf[TABLE_TICKETS], id);
}
