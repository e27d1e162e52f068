/* SPDX-License-Identifier: Apache-2.0
 *
 * What belongs together in the end does not depend on the order in which
 * incidents came. */
#include "responder.h"

enum { N_MIXED = 150 };

/* Hosts, addresses, floors of some systems, over four days, of rules with and
 * without a reach of their own. */
static void
mixed(struct incident incident[N_MIXED])
{
    static const int64_t reach_ms[] = {0, MINUTE_MS / 2, HOUR_MS, 9 * HOUR_MS,
                                       15 * MINUTE_MS};
    static char names[3][N_MIXED][16];
    uint64_t seed = 11;
    for (int i = 0; i < N_MIXED; i++) {
        int drawn[4];
        for (int k = 0; k < 4; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            drawn[k] = (int)(seed >> 40);
        }
        snprintf(names[0][i], 16, "SRV-%d", drawn[0] % 60);
        snprintf(names[1][i], 16, "10.0.0.%d", drawn[1] % 90);
        snprintf(names[2][i], 16, "system-%d", drawn[2] % 20);
        incident[i] = incident_of(i + 1, names[0][i],
                                  (int64_t)(drawn[3] % 4320) * MINUTE_MS);
        incident[i].addresses =
            (struct incident_names){{str_of(names[1][i])}, 1, 0};
        incident[i].systems =
            (struct incident_names){{str_of(names[2][i])}, 1, 0};
        incident[i].floor = i % 3 > 0;
        incident[i].options.group_ms = reach_ms[i % 5];
    }
}

/* Of each incident the first one of the same ticket. */
static void
together_in(struct desk *own, const struct incident incident[N_MIXED],
            int first[N_MIXED])
{
    struct str root[N_MIXED];
    for (int i = 0; i < N_MIXED; i++) {
        struct known known;
        cr_assert(tickets_known(own->tickets, incident[i].id, &known));
        root[i] =
            arena_copy(&own->arena, tickets_root(own->tickets, known.ticket));
        for (first[i] = 0; !str_equal(root[first[i]], root[i]); first[i]++)
            continue;
    }
}

Test(triage_link, in_any_order_the_same_incidents_are_one_ticket)
{
    static struct incident incident[N_MIXED];
    int wanted[N_MIXED], n_tickets = 0, n_merged = 0;
    uint64_t seed = 5;
    mixed(incident);
    for (int order = 0; order < 12; order++) {
        struct desk own = desk_open();
        struct triage triage = *desk_triage(&own);
        int at[N_MIXED], got[N_MIXED];
        triage.group_ms = 4 * HOUR_MS;
        own.now_ms += 200 * HOUR_MS;
        for (int i = 0; i < N_MIXED; i++)
            at[i] = i;
        for (int i = N_MIXED - 1; order > 0 && i > 0; i--) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            int k = (int)((seed >> 33) % (uint64_t)(i + 1)), swap = at[i];
            at[i] = at[k];
            at[k] = swap;
        }
        for (int i = 0; i < N_MIXED; i++) {
            struct journal_take out = {.decision = N_DECISIONS};
            cr_assert_eq(desk_take(&own, &triage, &incident[at[i]], &out),
                         FOLDED);
            n_merged += out.n_merged > 0;
        }
        together_in(&own, incident, order > 0 ? got : wanted);
        for (int i = 0; i < N_MIXED; i++) {
            if (order > 0)
                cr_assert_eq(got[i], wanted[i], "order %d, incident %d", order,
                             i);
            n_tickets += order == 0 && wanted[i] == i;
        }
        desk_close(&own);
    }
    cr_expect_gt(n_merged, 10, "nothing was merged: nothing was tested");
    cr_expect(n_tickets > 10 && n_tickets < N_MIXED - 30, "%d tickets",
              n_tickets);
}
