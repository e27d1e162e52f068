/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets of a replay are what the service would have made of the same
 * incidents: here, folded by hand. */
#include "responder.h"

#include "daemon/replay_tickets.h"
#include "daemon/ticket_screen.h"

#include <criterion/redirect.h>

Test(replay_tickets, are_those_of_the_service, .init = cr_redirect_stdout)
{
    struct desk desk = desk_open();
    const struct triage *triage = desk_triage(&desk);
    struct replay_tickets *replay = replay_tickets_new(triage);
    struct buf wanted = {0};
    struct err why;
    desk.now_ms = DESK_MS + 400 * MS_PER_DAY; /* all is old */
    for (int i = 1; i <= 30; i++) {
        char host[16];
        snprintf(host, sizeof host, "SRV-%d", i % 4);
        struct incident incident = incident_of(i, host, i * 13 * MINUTE_MS);
        incident.floor = i % 3 == 0;
        for (uint32_t revision = 1; revision <= 2; revision++) {
            incident.revision = revision;
            incident.count = 4u * revision;
            cr_assert_eq(desk_take(&desk, triage, &incident, NULL), FOLDED);
            replay_tickets_take(replay, &incident);
        }
    }
    cr_assert_eq(replay_tickets_print(replay, &why),
                 (int64_t)tickets_len(desk.tickets));
    fflush(stdout);
    /* The oldest first: they were opened in that order. */
    for (uint32_t i = 0; i < tickets_len(desk.tickets); i++) {
        struct ticket ticket = desk_ticket(&desk, tickets_id(desk.tickets, i));
        ticket_export(&wanted, &ticket);
    }
    buf_char(&wanted, '\0');
    cr_assert_stdout_eq_str(wanted.at);
    buf_free(&wanted);
    replay_tickets_free(replay);
    desk_close(&desk);
}
