/* SPDX-License-Identifier: Apache-2.0
 *
 * The responder without journal, clock and people: deciding and folding are
 * the same functions. */
#include "replay_tickets.h"

#include "commands.h"
#include "model/limits.h"
#include "ticket_screen.h"

#include <stdlib.h>

struct replay_tickets {
    const struct triage *triage;
    struct tickets *tickets;
    struct triage_round *round;
    struct arena arena;
    char *start;
    struct buf text;
    int64_t n_taken;
    bool failed;
    struct err why;
};

struct replay_tickets *
replay_tickets_new(const struct triage *triage)
{
    struct replay_tickets *replay = calloc(1, sizeof *replay);
    if (!replay)
        return NULL;
    replay->triage = triage;
    replay->tickets = tickets_new();
    replay->round = replay->tickets ? triage_round_new(replay->tickets) : NULL;
    replay->arena = arena_reserve(SCRATCH_BYTES);
    replay->start = replay->arena.at;
    if (replay->round && replay->start)
        return replay;
    replay_tickets_free(replay);
    return NULL;
}

void
replay_tickets_free(struct replay_tickets *replay)
{
    if (!replay)
        return;
    triage_round_free(replay->round);
    tickets_free(replay->tickets);
    if (replay->start)
        arena_release(replay->start, replay->arena);
    buf_free(&replay->text);
    free(replay);
}

void
replay_tickets_take(struct replay_tickets *replay,
                    const struct incident *incident)
{
    struct arena scratch = replay->arena;
    int64_t now_ms = incident->last_ms + replay->triage->quiet_ms + 1;
    struct journal_record record = {.type = JOURNAL_TAKE, .at_ms = now_ms};
    triage_round_begin(replay->round);
    enum triage_says says =
        triage_decide(replay->round, replay->triage, incident, now_ms, &scratch,
                      &record.take);
    triage_round_end(replay->round);
    if (says != TRIAGE_TAKE)
        return;
    buf_clear(&replay->text);
    incident_write(&replay->text, incident);
    record.take.incident = buf_str(&replay->text);
    record.take.topic = STR("replay");
    record.take.offset = replay->n_taken++;
    if (tickets_fold(replay->tickets, &record, &replay->why) != FOLDED)
        replay->failed = true;
}

struct tickets *
replay_tickets_state(struct replay_tickets *replay)
{
    return replay->tickets;
}

bool
replay_tickets_whole(const struct replay_tickets *replay, struct err *why)
{
    if (replay->failed)
        err_set(why, "not all incidents could be taken: %s", replay->why.text);
    return !replay->failed;
}

static int
by_first(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    if (a->first_ms != b->first_ms)
        return a->first_ms < b->first_ms ? -1 : 1;
    return str_compare(a->id, b->id);
}

int64_t
replay_tickets_print(struct replay_tickets *replay, struct err *why)
{
    uint32_t len = tickets_len(replay->tickets);
    struct arena arena = replay->arena;
    struct ticket *all = arena_take(&arena, (size_t)len + 1, sizeof *all);
    int64_t n = 0;
    if (!all)
        err_set(why, "out of memory");
    if (!all || !replay_tickets_whole(replay, why))
        return -1;
    for (uint32_t i = 0; i < len; i++)
        if (!tickets_brief(replay->tickets, i)->merged &&
            tickets_read(replay->tickets, tickets_id(replay->tickets, i),
                         &arena, &all[n]))
            n++;
    qsort(all, (size_t)n, sizeof *all, by_first);
    for (int64_t i = 0; i < n; i++) {
        buf_clear(&replay->text);
        ticket_export(&replay->text, &all[i]);
        command_print(stdout, &replay->text);
    }
    return n;
}
