/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets of the period by state, priority and unit; how soon somebody took
 * them; where every alert went. A ticket is of the period in which its first
 * incident fired. */
#include "report/sections_priv.h"

#include "base/times.h"

#include <stdlib.h>

enum { N_PRIORITIES = 4 };

/* The tickets of the period. */
struct picked {
    const struct report_ticket **at;
    size_t n;
};

static struct picked
pick(struct sections *sections)
{
    const struct report_tickets *tickets = sections->input->tickets;
    struct picked picked = {document_take(sections->document, tickets->n + 1,
                                          sizeof(struct report_ticket *)),
                            0};
    for (size_t i = 0; picked.at != NULL && i < tickets->n; i++) {
        int32_t day = day_of_ms(tickets->at[i].fired_ms, VIETNAM_MINUTES);
        if (day >= sections->period.from && day <= sections->period.to)
            picked.at[picked.n++] = &tickets->at[i];
    }
    return picked;
}

static size_t
priority_of(const struct report_ticket *ticket)
{
    return ticket->priority < 1              ? 0
           : ticket->priority > N_PRIORITIES ? N_PRIORITIES - 1
                                             : (size_t)ticket->priority - 1;
}

static const struct str priorities[N_PRIORITIES] = {
    {"P1", 2}, {"P2", 2}, {"P3", 2}, {"P4", 2}};

/* --- by state and priority */

static void
count_row(struct grid *grid, struct cell name, const uint64_t *n, bool total)
{
    struct row *row = grid_row(grid);
    uint64_t sum = 0;
    row->total = total;
    row->cell[0] = name;
    for (size_t i = 0; i < N_PRIORITIES; i++) {
        row->cell[i + 1] = cell_count(n[i]);
        sum += n[i];
    }
    row->cell[N_PRIORITIES + 1] = cell_count(sum);
}

static void
add_states(struct sections *sections, const struct picked *picked)
{
    uint64_t n[N_TICKET_STATES + 1][N_PRIORITIES] = {{0}};
    struct document *document = sections->document;
    struct grid *grid =
        grid_new(document, "tickets_by_state",
                 phrase(P_R_BY_STATE, sections->language), FOR_ALL);
    grid_key(grid, "state", P_TK_STATE);
    for (size_t i = 0; i < N_PRIORITIES; i++) {
        struct column *column = grid_column(grid, priorities[i], priorities[i]);
        column->number = true;
        column->key_id = STR("priority");
        column->key_value = priorities[i];
    }
    grid_number(grid, "total", P_TOTAL)->derived = true;
    for (size_t i = 0; i < picked->n; i++) {
        n[picked->at[i]->state][priority_of(picked->at[i])]++;
        n[N_TICKET_STATES][priority_of(picked->at[i])]++;
    }
    for (unsigned state = 0; state < N_TICKET_STATES; state++)
        count_row(grid,
                  cell_text(phrase((enum phrase)(P_TS_NEW + state),
                                   sections->language),
                            ticket_state_id((enum ticket_state)state)),
                  n[state], false);
    count_row(grid,
              cell_text(phrase(P_TOTAL, sections->language), STR("total")),
              n[N_TICKET_STATES], true);
}

/* --- by unit */

struct unit {
    struct str id;
    uint64_t n;
};

static int
most_first(const void *left, const void *right)
{
    const struct unit *a = left, *b = right;
    if (a->n != b->n)
        return a->n < b->n ? 1 : -1;
    return str_compare(a->id, b->id);
}

static void
count_unit(struct unit *units, size_t *n, struct str id)
{
    size_t i = 0;
    while (i < *n && !str_equal(units[i].id, id))
        i++;
    if (i == *n)
        units[(*n)++] = (struct unit){id, 0};
    units[i].n++;
}

static struct str
unit_name(const struct sections *sections, struct str id)
{
    const struct report_names *names = sections->input->names;
    if (id.len == 0)
        return phrase(P_R_NO_UNIT, sections->language);
    return names != NULL ? names->unit(names->context, id) : id;
}

static void
add_units(struct sections *sections, const struct picked *picked)
{
    struct document *document = sections->document;
    size_t max = 1, n = 0;
    for (size_t i = 0; i < picked->n; i++)
        max += picked->at[i]->n_units;
    struct unit *units = document_take(document, max, sizeof *units);
    if (units == NULL)
        return;
    for (size_t i = 0; i < picked->n; i++) {
        const struct report_ticket *ticket = picked->at[i];
        for (size_t k = 0; k < ticket->n_units; k++)
            count_unit(units, &n, ticket->unit[k]);
        if (ticket->n_units == 0)
            count_unit(units, &n, STR(""));
    }
    qsort(units, n, sizeof *units, most_first);
    struct grid *grid =
        grid_new(document, "tickets_by_unit",
                 phrase(P_R_BY_UNIT, sections->language), FOR_ALL);
    grid_key(grid, "unit", P_UNIT);
    grid_number(grid, "tickets", P_R_TICKETS);
    for (size_t i = 0; i < n; i++) {
        struct row *row = grid_row(grid);
        struct str id = units[i].id.len > 0 ? units[i].id : STR("none");
        row->cell[0] = cell_text(unit_name(sections, units[i].id), id);
        row->cell[1] = cell_count(units[i].n);
    }
    document_add(document, BLOCK_NOTE,
                 phrase(P_R_UNITS_NOTE, sections->language));
}

/* --- time to acknowledge */

static int
shortest_first(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* The smallest that at least `percent` of the `n` are no greater than (nearest
 * rank), in whole seconds. */
static struct cell
rank(const int64_t *ms, size_t n, size_t percent)
{
    if (n == 0)
        return cell_value(CELL_NONE, 0);
    size_t at = (n * percent + 99) / 100;
    return cell_count((uint64_t)(ms[at - 1] + 500) / 1000);
}

static void
ack_row(struct sections *sections, struct grid *grid,
        const struct picked *picked, size_t priority)
{
    struct document *document = sections->document;
    int64_t *ms = document_take(document, picked->n + 1, sizeof *ms);
    size_t n = 0, n_acked = 0;
    bool all = priority == N_PRIORITIES;
    for (size_t i = 0; ms != NULL && i < picked->n; i++) {
        const struct report_ticket *ticket = picked->at[i];
        if (ticket->quiet || (!all && priority_of(ticket) != priority))
            continue;
        n++;
        if (ticket->acked_ms != NO_TIME)
            ms[n_acked++] = ticket->acked_ms > ticket->opened_ms
                                ? ticket->acked_ms - ticket->opened_ms
                                : 0;
    }
    if (n_acked > 0)
        qsort(ms, n_acked, sizeof *ms, shortest_first);
    struct row *row = grid_row(grid);
    row->total = all;
    row->cell[0] =
        all ? cell_text(phrase(P_TOTAL, sections->language), STR("total"))
            : cell_text(priorities[priority], NO_STR);
    row->cell[1] = cell_count(n);
    row->cell[2] = cell_count(n_acked);
    row->cell[3] = rank(ms, n_acked, 50);
    row->cell[4] = rank(ms, n_acked, 90);
}

static void
add_acknowledged(struct sections *sections, const struct picked *picked)
{
    struct grid *grid = grid_new(sections->document, "time_to_acknowledge",
                                 phrase(P_R_ACK, sections->language), FOR_ALL);
    grid_key(grid, "priority", P_TK_PRIORITY);
    grid_number(grid, "tickets", P_R_TICKETS);
    grid_number(grid, "acknowledged", P_R_ACKED);
    grid_number(grid, "median_s", P_R_MEDIAN)->derived = true;
    grid_number(grid, "p90_s", P_R_P90)->derived = true;
    for (size_t i = 0; i <= N_PRIORITIES; i++)
        ack_row(sections, grid, picked, i);
    document_add(sections->document, BLOCK_NOTE,
                 phrase(P_R_ACK_NOTE, sections->language));
}

/* --- where every alert went */

static void
check_sum(struct sections *sections, uint64_t sum)
{
    struct document *document = sections->document;
    struct buf text[2] = {{0}, {0}};
    if (sum == sections->counted_cells) {
        document_add(document, BLOCK_NOTE,
                     phrase(P_R_WHERE_NOTE, sections->language));
        return;
    }
    buf_number(&text[0], sections->language, sum);
    buf_number(&text[1], sections->language, sections->counted_cells);
    struct str args[] = {buf_str(&text[0]), buf_str(&text[1])};
    document_add(document, BLOCK_WARNING,
                 document_phrase(document, P_R_WHERE_WRONG, args, 2));
    buf_free(&text[0]);
    buf_free(&text[1]);
}

static void
add_places(struct sections *sections)
{
    static const struct {
        struct str id;
        enum phrase name;
    } places[] = {
#define X(name, id, phrase) {{id, sizeof(id) - 1}, phrase},
        REPORT_PLACES(X)
#undef X
    };
    const uint64_t *n = sections->input->tickets->place;
    uint64_t sum = 0;
    for (size_t i = 0; i < N_REPORT_PLACES; i++)
        sum += n[i];
    struct grid *grid =
        grid_new(sections->document, "where_alerts_went",
                 phrase(P_R_WHERE, sections->language), FOR_ALL);
    grid_key(grid, "place", P_R_PLACE);
    grid_number(grid, "alerts", P_TK_ALERTS);
    grid_number(grid, "share", P_R_SHARE)->derived = true;
    for (size_t i = 0; i <= N_REPORT_PLACES; i++) {
        struct row *row = grid_row(grid);
        bool total = i == N_REPORT_PLACES;
        row->total = total;
        row->cell[0] =
            total ? cell_text(phrase(P_TOTAL, sections->language), STR("total"))
                  : cell_text(phrase(places[i].name, sections->language),
                              places[i].id);
        row->cell[1] = cell_count(total ? sum : n[i]);
        row->cell[2] = cell_share(total ? sum : n[i], sum);
    }
    check_sum(sections, sum);
}

void
section_tickets(struct sections *sections)
{
    if (sections->input->tickets == NULL)
        return;
    document_heading(sections->document, P_H_TICKETS);
    struct picked picked = pick(sections);
    if (picked.n == 0) {
        document_add(sections->document, BLOCK_TEXT,
                     phrase(P_R_NO_TICKETS, sections->language));
    } else {
        add_states(sections, &picked);
        add_units(sections, &picked);
        add_acknowledged(sections, &picked);
    }
    if (sections->input->tickets->has_places)
        add_places(sections);
}
