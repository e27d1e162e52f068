/* SPDX-License-Identifier: Apache-2.0
 *
 * The same fold as the responder's, into memory, without acting on it. */
#include "whatif_then.h"

#include "model/limits.h"
#include "whatif_log.h"

struct folding {
    struct whatif_then *then;
    struct json_reader *json, *json_incident;
    struct arena scratch;
    char *start;
};

static bool
add_incident(struct folding *folding, const struct journal_take *take,
             struct arena scratch, struct err *why)
{
    struct whatif_then *then = folding->then;
    struct incident incident;
    if (!incident_read(folding->json_incident, take->incident, &scratch,
                       &incident, why))
        return false;
    if (incident.last_ms < then->read_from_ms ||
        incident.first_ms >= then->read_until_ms)
        return true;
    if (!whatif_side_add(then->side, &incident))
        err_set(why, "more than %d incidents, or no memory for them",
                (int)WHATIF_MAX_INCIDENTS);
    else
        return true;
    return false;
}

static bool
fired_in_span(const struct whatif_then *then, const struct journal_send *send)
{
    for (size_t i = 0; i < send->n_tickets; i++) {
        uint32_t number = tickets_find(
            then->tickets, tickets_root(then->tickets, send->ticket[i]));
        if (number >= tickets_len(then->tickets))
            continue;
        int64_t fired_ms = tickets_brief(then->tickets, number)->fired_ms;
        if (fired_ms >= then->side->from_ms && fired_ms < then->side->until_ms)
            return true;
    }
    return false;
}

static bool
add_send(struct whatif_then *then, const struct journal_send *send,
         struct err *why)
{
    if (send->again || send->kind == MESSAGE_TEST || !fired_in_span(then, send))
        return true;
    if (whatif_people_sent(then->people, send))
        return true;
    err_set(why, "more people than can be told apart");
    return false;
}

/* What cannot be read, or is of no effect, the responder leaves out, too. */
static bool
take(void *context, const struct record *record, struct err *why)
{
    struct folding *folding = context;
    struct whatif_then *then = folding->then;
    struct arena scratch = folding->scratch;
    struct journal_record journal;
    const struct json *root;
    struct err wrong;
    if (json_read(folding->json, record->value, &scratch, &root) != JSON_FINE ||
        !journal_read(root, &scratch, &journal, &wrong))
        return true;
    enum fold_outcome outcome = tickets_fold(then->tickets, &journal, why);
    if (outcome == FOLD_BROKEN)
        return false;
    if (outcome != FOLDED)
        return true;
    if (journal.type == JOURNAL_TAKE)
        return add_incident(folding, &journal.take, scratch, why);
    if (journal.type == JOURNAL_SEND)
        return add_send(then, &journal.send, why);
    return true;
}

bool
whatif_then_read(const struct config *config, struct whatif_then *then,
                 struct err *why)
{
    struct folding folding = {.then = then};
    folding.json = json_reader_new();
    folding.json_incident = json_reader_new();
    folding.scratch = arena_reserve(SCRATCH_BYTES);
    folding.start = folding.scratch.at;
    err_set(why, "out of memory");
    bool fine = folding.json && folding.json_incident && folding.start &&
                whatif_log_read(config, config->topics.journal,
                                "reading the journal", take, &folding, why);
    if (fine && !whatif_side_close(then->side, then->tickets)) {
        err_set(why, "out of memory");
        fine = false;
    }
    json_reader_free(folding.json);
    json_reader_free(folding.json_incident);
    if (folding.start)
        arena_release(folding.start, folding.scratch);
    return fine;
}
