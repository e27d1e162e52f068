/* SPDX-License-Identifier: Apache-2.0
 *
 * For people. What would be missed stands first, and again in the last line.
 * Names from outside can do nothing to the terminal (screen_text). */
#include "whatif_rows.h"

#include "base/table.h"
#include "base/times.h"
#include "feed_screen.h"
#include "model/catalogue.h"

#include <inttypes.h>

static void
number(struct buf *buf, uint64_t n)
{
    char text[32];
    struct buf digits = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_number(&digits, ENGLISH, n);
    buf_add(buf, buf_str(&digits));
}

static void
cell(struct buf *buf, uint64_t n)
{
    char text[32];
    struct buf digits = {
        .at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_number(&digits, ENGLISH, n);
    buf_format(buf, " %10.*s", STR_ARG(buf_str(&digits)));
}

static void
counts_row(struct buf *buf, const char *name, uint64_t then, uint64_t now)
{
    buf_format(buf, "%-28s", name);
    cell(buf, then);
    cell(buf, now);
    if (then != now)
        buf_format(buf, " %+10" PRId64, (int64_t)(now - then));
    buf_char(buf, '\n');
}

/* --- what was read */

static void
span(struct buf *buf, int64_t ms)
{
    if (ms % MS_PER_DAY == 0)
        buf_format(buf, "%" PRId64 " d", ms / MS_PER_DAY);
    else
        buf_format(buf, "%" PRId64 " h", (ms + 3599999) / 3600000);
}

static void
trouble(struct buf *buf, uint64_t n, const char *what)
{
    if (n == 0)
        return;
    buf_add(buf, STR("  "));
    number(buf, n);
    buf_format(buf, " %s\n", what);
}

static void
print_read(struct buf *buf, const struct whatif *whatif)
{
    const struct whatif_engine_counts *engine = &whatif->engine;
    number(buf, whatif->n_span);
    buf_add(buf, STR(" alerts read, and "));
    number(buf, whatif->n_beside);
    buf_add(buf, STR(" of the "));
    span(buf, whatif->before_ms);
    buf_add(buf, STR(" before and the "));
    span(buf, whatif->after_ms);
    buf_add(buf, STR(" after, for the windows\n"));
    if (whatif->cut)
        buf_add(buf, STR("  some rule looks back further than 31 d: it has "
                         "less to go on than it had\n"));
    trouble(buf, whatif->files.n_unreadable,
            "lines of the files that cannot be read, or are no alerts");
    trouble(buf, engine->n_unbound,
            "of them of topics that no mapping is bound to now: left out");
    trouble(buf, engine->n_unreadable,
            "of them that their mapping cannot read now: left out");
    trouble(buf, engine->windows.n_refused,
            "window events refused: a limit was reached");
    trouble(buf, engine->windows.n_approximate,
            "windows cut: their counts may be low");
    trouble(buf, whatif->recorded.n_foreign, "records that are no alerts");
}

/* --- tickets, rules */

static void
print_tickets(struct buf *buf, const struct whatif *whatif)
{
    struct whatif_sum then = whatif_sum(whatif->then);
    struct whatif_sum now = whatif_sum(whatif->now);
    double n_days = (double)whatif_n_days(whatif);
    buf_format(buf, "\n%-28s %10s %10s\n", "", "then", "now");
    counts_row(buf, "tickets", then.n, now.n);
    buf_format(buf, "%-28s %10.2f %10.2f\n", "  a day", (double)then.n / n_days,
               (double)now.n / n_days);
    for (int i = 0; i < N_PRIORITIES; i++) {
        char name[] = "  P1";
        name[3] = (char)('1' + i);
        counts_row(buf, name, then.by_priority[i], now.by_priority[i]);
    }
}

static void
print_rules(struct buf *buf, const struct whatif *whatif, struct arena scratch)
{
    const struct whatif_change *changes;
    size_t n = whatif_changes(whatif, &scratch, &changes);
    if (n == 0) {
        buf_add(buf, STR("\nEvery rule fires as often as it did.\n"));
        return;
    }
    buf_format(buf,
               "\n %10s %10s %10s  rules that fire more or less often "
               "(incidents)\n",
               "then", "now", "");
    for (size_t i = 0; i < n; i++) {
        cell(buf, changes[i].then);
        cell(buf, changes[i].now);
        buf_format(buf, " %+10" PRId64 "  ",
                   (int64_t)(changes[i].now - changes[i].then));
        screen_text(buf, changes[i].title.len > 0 ? changes[i].title
                                                  : changes[i].id);
        buf_char(buf, '\n');
    }
}

/* --- lists */

struct listing {
    struct buf *buf;
    const struct whatif *whatif;
    enum whatif_list list;
};

/* Why nothing is heard of it now. */
static void
print_instead(struct buf *buf, const struct whatif *whatif,
              const struct whatif_row *row)
{
    static const char *const words[N_PLACES] = {
        [PLACE_TICKET] = "",
        [PLACE_SUPPRESSED] = "silenced by",
        [PLACE_INHIBITED] = "explained away by",
        [PLACE_HELD] = "held back",
        [PLACE_RECORDED] = "opens no tickets",
    };
    const struct whatif_incident *instead = row->instead;
    if (!instead) {
        buf_add(buf, STR("            no rule puts its alerts together now\n"));
        return;
    }
    const struct whatif_rule *rule = &whatif->now->rule[instead->rule];
    buf_add(buf, STR("            "));
    screen_text(buf, rule->title.len > 0
                         ? rule->title
                         : table_key(whatif->now->rules, instead->rule));
    buf_format(buf, ": %s ", words[instead->place]);
    screen_text(buf, instead->because);
    buf_char(buf, '\n');
}

static void
print_row(void *context, const struct whatif_row *row)
{
    struct listing *listing = context;
    struct buf *buf = listing->buf;
    const struct ticket *ticket = &row->ticket;
    struct civil at = civil_from_ms(ticket->first_ms, VIETNAM_MINUTES);
    buf_format(buf, "  %-9.*s P%d %04d-%02d-%02d %02d:%02d  ",
               STR_ARG(ticket->id), ticket->priority, at.year, at.month, at.day,
               at.hour, at.minute);
    screen_text(buf, both_in(ticket->title, true));
    for (size_t i = 0; i < ticket->n_key; i++) {
        buf_add(buf, i == 0 ? STR("  ") : STR(" "));
        screen_text(buf, ticket->key[i].name);
        buf_char(buf, '=');
        screen_text(buf, ticket->key[i].value);
    }
    if (listing->list == WHATIF_LOWER)
        buf_format(buf, "  now P%d", row->at->found_at);
    if (listing->list == WHATIF_VANISHED && ticket->verdict != VERDICT_NONE) {
        buf_add(buf, STR("  ("));
        buf_add(buf, ticket_verdict_id(ticket->verdict));
        buf_char(buf, ')');
    }
    buf_char(buf, '\n');
    if (listing->list == WHATIF_MISSED)
        print_instead(buf, listing->whatif, row);
}

static void
print_list(struct buf *buf, const struct whatif *whatif, enum whatif_list list,
           struct arena scratch)
{
    static const char *const heads[N_WHATIF_LISTS] = {
        [WHATIF_MISSED] = "TRUE ONES THAT WOULD BE MISSED",
        [WHATIF_UNCLEAR] =
            "TRUE ONES OF WHICH NO ALERT IS LEFT ON THE FEED: NOBODY CAN SAY",
        [WHATIF_LOWER] = "True ones that would be less urgent",
        [WHATIF_NEW] = "New tickets",
        [WHATIF_VANISHED] = "Tickets that would be gone",
        [WHATIF_EXPIRED] =
            "Tickets of which no alert is left on the feed: not compared",
    };
    struct buf rows = {0};
    struct listing listing = {&rows, whatif, list};
    uint64_t n = whatif_each(whatif, list, scratch, print_row, &listing);
    if (n > 0) {
        buf_format(buf, "\n%s: ", heads[list]);
        number(buf, n);
        buf_char(buf, '\n');
        buf_add(buf, buf_str(&rows));
        if (rows.full)
            buf_add(buf, STR("  … and more\n"));
    }
    buf_free(&rows);
}

/* --- people */

static void
print_people(struct buf *buf, const struct whatif *whatif)
{
    const struct whatif_person *person;
    size_t n = whatif_people_list(whatif->people, &person);
    bool roster = site_team(whatif->plan->site)->roster != NULL;
    if (!roster)
        buf_add(buf, STR("\nNo roster is configured: nobody would be told.\n"));
    if (n == 0)
        return;
    buf_format(buf, "\n%-28s %10s %10s %10s\n", "messages", "sent", "first",
               "now");
    for (size_t i = 0; i < n; i++) {
        struct buf id = {0};
        screen_cell(&id, person[i].id, 28);
        buf_add(buf, buf_str(&id));
        buf_free(&id);
        cell(buf, person[i].n_sent);
        cell(buf, person[i].n_calls_then);
        cell(buf, person[i].n_calls_now);
        buf_char(buf, '\n');
    }
    buf_add(buf,
            whatif->plan->files
                ? STR("  of files nothing is known to be sent; first, now: the "
                      "first calls\n")
                : STR("  sent then; first: of those, the calls of a first "
                      "step; now: the first calls\n"));
}

void
whatif_print(struct buf *buf, const struct whatif *whatif, struct arena scratch)
{
    print_read(buf, whatif);
    for (int list = 0; list < WHATIF_LOWER; list++)
        print_list(buf, whatif, (enum whatif_list)list, scratch);
    print_tickets(buf, whatif);
    print_rules(buf, whatif, scratch);
    for (int list = WHATIF_LOWER; list < N_WHATIF_LISTS; list++)
        print_list(buf, whatif, (enum whatif_list)list, scratch);
    print_people(buf, whatif);
    uint64_t n = whatif_n_missed(whatif);
    if (n > 0)
        buf_format(buf,
                   "\n%" PRIu64 " TRUE ONE%s WOULD BE MISSED, OR CANNOT BE "
                   "LOOKED FOR\n",
                   n, n == 1 ? "" : "S");
    else if (whatif->plan->files && !whatif->plan->true_ones)
        buf_add(buf, STR("\nFiles do not say what was true (--true FILE): look "
                         "at what would be gone.\n"));
    else
        buf_add(buf,
                STR("\nNothing that people found true would be missed.\n"));
}
