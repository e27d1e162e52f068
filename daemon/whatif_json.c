/* SPDX-License-Identifier: Apache-2.0
 *
 * One JSON object: for a script that gates a change. Lists have the same bounds
 * as on the terminal, and how many there are in all. */
#include "whatif_rows.h"

#include "base/times.h"
#include "ticket_screen.h"

#include <inttypes.h>

static void
write_time(struct buf *buf, const char *key, int64_t ms)
{
    buf_format(buf, ",\"%s\":\"", key);
    buf_iso(buf, ms, VIETNAM_MINUTES);
    buf_char(buf, '"');
}

static void
write_read(struct buf *buf, const struct whatif *whatif)
{
    const struct {
        const char *key;
        uint64_t n;
    } counts[] = {
        {"span", whatif->n_span},
        {"beside", whatif->n_beside},
        {"unbound", whatif->engine.n_unbound},
        {"unreadable", whatif->engine.n_unreadable},
        {"refused", whatif->engine.windows.n_refused},
        {"windows_cut", whatif->engine.windows.n_approximate},
        {"foreign", whatif->recorded.n_foreign},
        {"updates", whatif->recorded.n_updates},
        {"repeats", whatif->recorded.n_repeats},
        {"lines_unreadable", whatif->files.n_unreadable},
    };
    buf_format(buf,
               ",\"before_ms\":%" PRId64 ",\"after_ms\":%" PRId64
               ",\"cut\":%s,\"alerts\":{",
               whatif->before_ms, whatif->after_ms,
               whatif->cut ? "true" : "false");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        buf_format(buf, "%s\"%s\":%" PRIu64, i > 0 ? "," : "", counts[i].key,
                   counts[i].n);
    buf_char(buf, '}');
}

static void
write_sum(struct buf *buf, const char *key, const struct whatif_side *side)
{
    struct whatif_sum sum = whatif_sum(side);
    buf_format(buf, "\"%s\":{\"n\":%" PRIu64, key, sum.n);
    for (int i = 0; i < N_PRIORITIES; i++)
        buf_format(buf, ",\"P%d\":%" PRIu64, i + 1, sum.by_priority[i]);
    buf_char(buf, '}');
}

static void
write_rules(struct buf *buf, const struct whatif *whatif, struct arena scratch)
{
    const struct whatif_change *changes;
    size_t n = whatif_changes(whatif, &scratch, &changes);
    buf_add(buf, STR(",\"rules\":["));
    for (size_t i = 0; i < n; i++) {
        buf_add(buf, i > 0 ? STR(",{\"rule\":") : STR("{\"rule\":"));
        buf_json(buf, changes[i].id);
        buf_add(buf, STR(",\"title\":"));
        buf_json(buf, changes[i].title);
        buf_format(buf, ",\"then\":%" PRIu64 ",\"now\":%" PRIu64 "}",
                   changes[i].then, changes[i].now);
    }
    buf_char(buf, ']');
}

struct listing {
    struct buf *buf;
    const struct whatif *whatif;
    bool any;
};

static void
write_instead(struct buf *buf, const struct whatif *whatif,
              const struct whatif_row *row)
{
    static const char *const places[] = {
#define X(name, id) id,
        PLACES(X)
#undef X
    };
    const struct whatif_incident *instead = row->instead;
    if (!instead || row->at->found)
        return;
    buf_format(buf, ",\"instead\":{\"place\":\"%s\",\"because\":",
               places[instead->place]);
    buf_json(buf, instead->because);
    buf_add(buf, STR(",\"title\":"));
    buf_json(buf, whatif->now->rule[instead->rule].title);
    buf_char(buf, '}');
}

static void
write_row(void *context, const struct whatif_row *row)
{
    struct listing *listing = context;
    struct buf *buf = listing->buf;
    const struct ticket *ticket = &row->ticket;
    buf_add(buf, listing->any ? STR(",{\"id\":") : STR("{\"id\":"));
    listing->any = true;
    buf_json(buf, ticket->id);
    buf_format(buf, ",\"priority\":\"P%d\",\"rule\":", ticket->priority);
    buf_json(buf, ticket->rule);
    buf_add(buf, STR(",\"title\":"));
    buf_json(buf, both_in(ticket->title, true));
    ticket_export_key(buf, ticket);
    buf_add(buf, STR(",\"verdict\":"));
    buf_json(buf, ticket_verdict_id(ticket->verdict));
    write_time(buf, "first", ticket->first_ms);
    if (row->at->found)
        buf_format(buf, ",\"now\":\"P%d\"", row->at->found_at);
    write_instead(buf, listing->whatif, row);
    buf_char(buf, '}');
}

static void
write_lists(struct buf *buf, const struct whatif *whatif, struct arena scratch)
{
    static const char *const keys[] = {
#define X(name, key, most) key,
        WHATIF_LISTS(X)
#undef X
    };
    for (int list = 0; list < N_WHATIF_LISTS; list++) {
        struct listing listing = {buf, whatif, false};
        buf_format(buf, ",\"%s\":[", keys[list]);
        uint64_t n = whatif_each(whatif, (enum whatif_list)list, scratch,
                                 write_row, &listing);
        buf_format(buf, "],\"n_%s\":%" PRIu64, keys[list], n);
    }
}

static void
write_people(struct buf *buf, const struct whatif *whatif)
{
    const struct whatif_person *person;
    size_t n = whatif_people_list(whatif->people, &person);
    buf_add(buf, STR(",\"people\":["));
    for (size_t i = 0; i < n; i++) {
        buf_add(buf, i > 0 ? STR(",{\"person\":") : STR("{\"person\":"));
        buf_json(buf, person[i].id);
        buf_format(buf,
                   ",\"sent\":%" PRIu64 ",\"calls_then\":%" PRIu64
                   ",\"calls_now\":%" PRIu64 "}",
                   person[i].n_sent, person[i].n_calls_then,
                   person[i].n_calls_now);
    }
    buf_char(buf, ']');
}

void
whatif_json(struct buf *buf, const struct whatif *whatif, struct arena scratch)
{
    buf_format(buf, "{\"days\":%" PRId64, whatif_n_days(whatif));
    write_time(buf, "from", whatif->plan->from_ms);
    write_time(buf, "until", whatif->plan->until_ms);
    write_read(buf, whatif);
    buf_add(buf, STR(",\"tickets\":{"));
    write_sum(buf, "then", whatif->then);
    buf_char(buf, ',');
    write_sum(buf, "now", whatif->now);
    buf_char(buf, '}');
    write_rules(buf, whatif, scratch);
    write_lists(buf, whatif, scratch);
    write_people(buf, whatif);
    buf_add(buf, STR("}\n"));
}
