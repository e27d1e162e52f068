/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists and pages of tickets. Words come from the catalogue, texts of sensors
 * and people go through screen_cell and screen_text. Long texts are broken at
 * blanks, by cells, with what follows set in. */
#include "ticket_screen.h"

#include "base/times.h"
#include "feed_screen.h"

enum { INDENT = 2, LABEL = 16 };

/* The lists of model/ticket.h and of the catalogue are in one order. */
static struct str
ticket_state_word(enum ticket_state state, enum language language)
{
    return phrase((enum phrase)(P_TS_NEW + state), language);
}

static struct str
ticket_verdict_word(enum ticket_verdict verdict, enum language language)
{
    return phrase((enum phrase)(P_TV_NONE + verdict), language);
}

void
buf_short_time(struct buf *buf, int64_t ms)
{
    struct civil at = civil_from_ms(ms, VIETNAM_MINUTES);
    buf_format(buf, "%02d/%02d %02d:%02d", at.day, at.month, at.hour,
               at.minute);
}

static void
full_time(struct buf *buf, int64_t ms)
{
    struct civil at = civil_from_ms(ms, VIETNAM_MINUTES);
    buf_format(buf, "%02d/%02d/%04d %02d:%02d:%02d", at.day, at.month, at.year,
               at.hour, at.minute, at.second);
}

static void
cell(struct buf *buf, struct str text, int width)
{
    screen_cell(buf, text, width);
    buf_add(buf, STR("  "));
}

static struct str
word(const struct ticket_screen *screen, enum phrase name)
{
    return phrase(name, screen->language);
}

/* --- the list */

enum { W_ID = 9, W_PRIORITY = 2, W_STATE = 12, W_TIME = 11, W_COUNT = 7 };

struct columns {
    int host, has, title;
};

static struct columns
share_out(const struct ticket_screen *screen)
{
    int fixed = W_ID + W_PRIORITY + W_STATE + W_TIME + W_COUNT + 7 * 2;
    int rest = screen->width - fixed;
    struct columns columns = {.host = rest / 4, .has = rest / 5};
    if (columns.host > 20)
        columns.host = 20;
    if (columns.has > 14)
        columns.has = 14;
    columns.title = rest - columns.host - columns.has;
    return columns;
}

void
ticket_screen_head(struct buf *buf, const struct ticket_screen *screen)
{
    struct columns columns = share_out(screen);
    cell(buf, word(screen, P_TK_TICKET), W_ID);
    cell(buf, STR("P"), W_PRIORITY);
    cell(buf, word(screen, P_TK_STATE), W_STATE);
    cell(buf, word(screen, P_TK_OPENED), W_TIME);
    cell(buf, word(screen, P_TK_ALERTS), W_COUNT);
    cell(buf, word(screen, P_TK_HOST), columns.host);
    cell(buf, word(screen, P_TK_HAS), columns.has);
    screen_cell(buf, word(screen, P_TK_TITLE), columns.title);
    buf_char(buf, '\n');
}

/* Bold red for P1, bold for P2. */
static void
begin_color(struct buf *buf, const struct ticket_screen *screen, int priority)
{
    if (screen->color && priority <= 2)
        buf_add(buf, priority == 1 ? STR("\x1b[1;31m") : STR("\x1b[1m"));
}

static void
end_color(struct buf *buf, const struct ticket_screen *screen, int priority)
{
    if (screen->color && priority <= 2)
        buf_add(buf, STR("\x1b[0m"));
}

static struct str
first_of(const struct ticket_names *names)
{
    return names->n > 0 ? names->at[0] : STR("");
}

void
ticket_screen_line(struct buf *buf, const struct ticket_screen *screen,
                   const struct ticket *ticket)
{
    struct columns columns = share_out(screen);
    struct buf text = {0};
    begin_color(buf, screen, ticket->priority);
    cell(buf, ticket->id, W_ID);
    buf_format(&text, "P%d", ticket->priority);
    cell(buf, buf_str(&text), W_PRIORITY);
    end_color(buf, screen, ticket->priority);
    cell(buf, ticket_state_word(ticket->state, screen->language), W_STATE);
    buf_clear(&text);
    buf_short_time(&text, ticket->fired_ms);
    cell(buf, buf_str(&text), W_TIME);
    buf_clear(&text);
    buf_number(&text, screen->language, ticket->count);
    cell(buf, buf_str(&text), W_COUNT);
    cell(buf, first_of(&ticket->hosts), columns.host);
    cell(buf, ticket->assignee, columns.has);
    screen_cell(buf, both_in(ticket->title, screen->language == ENGLISH),
                columns.title);
    buf_char(buf, '\n');
    buf_free(&text);
}

/* --- the page */

/* Cells that `text` takes up to the next blank. */
static int
word_cells(struct str text, size_t *len)
{
    size_t n = 0;
    while (n < text.len && text.at[n] != ' ' && text.at[n] != '\n')
        n++;
    *len = n;
    return screen_cells(str_cut(text, 0, n));
}

/* Text broken at blanks; further lines begin `indent` cells in, as the first
 * one does already. Line ends of the text stay. */
static void
paragraph(struct buf *buf, const struct ticket_screen *screen, int indent,
          struct str text)
{
    int at = indent;
    bool begun = false;
    while (text.len > 0) {
        size_t len;
        int cells = word_cells(text, &len);
        bool breaks = begun && at + 1 + cells > screen->width;
        if (breaks) {
            buf_format(buf, "\n%*s", indent, "");
            at = indent;
        } else if (begun && at > indent) {
            buf_char(buf, ' ');
            at++;
        }
        screen_text(buf, str_cut(text, 0, len));
        at += cells;
        begun = true;
        if (len < text.len && text.at[len] == '\n') {
            buf_format(buf, "\n%*s", indent, "");
            at = indent;
            begun = false;
        }
        text = str_cut(text, len + 1, text.len);
    }
    buf_char(buf, '\n');
}

static void
row(struct buf *buf, const struct ticket_screen *screen, enum phrase label,
    struct str text)
{
    if (text.len == 0)
        return;
    screen_cell(buf, word(screen, label), LABEL);
    paragraph(buf, screen, LABEL, text);
}

static void
names_row(struct buf *buf, const struct ticket_screen *screen,
          enum phrase label, const struct ticket_names *names)
{
    struct buf text = {0};
    for (size_t i = 0; i < names->n; i++) {
        buf_add(&text, i > 0 ? STR(", ") : STR(""));
        buf_add(&text, names->at[i]);
    }
    if (names->n_more > 0) {
        struct buf number = {0};
        buf_number(&number, screen->language, names->n_more);
        struct str arg = buf_str(&number);
        buf_add(&text, STR(", "));
        buf_phrase(&text, screen->language, P_TK_MORE, &arg, 1);
        buf_free(&number);
    }
    row(buf, screen, label, buf_str(&text));
    buf_free(&text);
}

static void
section(struct buf *buf, const struct ticket_screen *screen, enum phrase title,
        struct str text)
{
    if (text.len == 0)
        return;
    buf_char(buf, '\n');
    buf_add(buf, word(screen, title));
    buf_format(buf, "\n%*s", INDENT, "");
    paragraph(buf, screen, INDENT, text);
}

static void
head(struct buf *buf, const struct ticket_screen *screen,
     const struct ticket *ticket)
{
    struct buf text = {0};
    begin_color(buf, screen, ticket->priority);
    buf_format(buf, "%.*s  P%d  ", STR_ARG(ticket->id), ticket->priority);
    buf_add(buf, ticket_state_word(ticket->state, screen->language));
    end_color(buf, screen, ticket->priority);
    buf_add(buf, STR("  "));
    buf_add(buf, severity_word(ticket->severity, screen->language));
    buf_add(buf, STR("  "));
    buf_add(buf, word(screen, P_TK_REVISION));
    buf_format(buf, " %llu\n", (unsigned long long)ticket->revision);
    buf_add(&text, both_in(ticket->title, screen->language == ENGLISH));
    paragraph(buf, screen, 0, buf_str(&text));
    if (ticket->quiet) {
        buf_add(buf, word(screen, P_TK_QUIET));
        buf_char(buf, '\n');
    }
    section(buf, screen, P_TK_FIRST_STEP,
            both_in(ticket->first_step, screen->language == ENGLISH));
    section(buf, screen, P_TK_HARMLESS,
            both_in(ticket->harmless, screen->language == ENGLISH));
    buf_char(buf, '\n');
    buf_free(&text);
}

static void
key_row(struct buf *buf, const struct ticket_screen *screen,
        const struct ticket *ticket)
{
    struct buf text = {0};
    for (size_t i = 0; i < ticket->n_key; i++) {
        buf_add(&text, i > 0 ? STR(", ") : STR(""));
        buf_add(&text, ticket->key[i].name);
        buf_add(&text, STR(" = "));
        buf_add(&text, ticket->key[i].value);
    }
    row(buf, screen, P_TK_KEY, buf_str(&text));
    buf_free(&text);
}

static void
facts(struct buf *buf, const struct ticket_screen *screen,
      const struct ticket *ticket)
{
    struct buf text = {0};
    row(buf, screen, P_TK_HAS,
        ticket->assignee.len > 0 ? ticket->assignee
                                 : word(screen, P_TK_NOBODY));
    row(buf, screen, P_TK_WAITS_FOR, ticket->waiting_for);
    row(buf, screen, P_TK_MERGED_INTO, ticket->merged_into);
    if (ticket->verdict != VERDICT_NONE)
        row(buf, screen, P_TK_VERDICT,
            ticket_verdict_word(ticket->verdict, screen->language));
    names_row(buf, screen, P_TK_HOST, &ticket->hosts);
    names_row(buf, screen, P_TK_USERS, &ticket->users);
    names_row(buf, screen, P_TK_ADDRESSES, &ticket->addresses);
    names_row(buf, screen, P_TK_HASHES, &ticket->hashes);
    names_row(buf, screen, P_TK_UNITS, &ticket->units);
    names_row(buf, screen, P_TK_SYSTEMS, &ticket->systems);
    if (ticket->level > 0) {
        buf_i64(&text, ticket->level);
        row(buf, screen, P_TK_LEVEL, buf_str(&text));
    }
    key_row(buf, screen, ticket);
    buf_clear(&text);
    buf_number(&text, screen->language, ticket->count);
    row(buf, screen, P_TK_ALERTS, buf_str(&text));
    buf_clear(&text);
    full_time(&text, ticket->first_ms);
    buf_char(&text, ' ');
    buf_add(&text, word(screen, P_TK_UNTIL));
    buf_char(&text, ' ');
    full_time(&text, ticket->last_ms);
    row(buf, screen, P_TK_SPAN, buf_str(&text));
    for (unsigned i = 0; i < N_TICKET_FIELDS; i++)
        row(buf, screen, (enum phrase)(P_TF_INCIDENT_TYPE + i),
            ticket->field[i]);
    buf_free(&text);
}

static void
evidence(struct buf *buf, const struct ticket_screen *screen,
         const struct ticket *ticket)
{
    static const enum phrase states[N_EVIDENCE_STATES] = {
        [EVIDENCE_WANTED] = P_TK_WANTED,
        [EVIDENCE_KEPT] = P_TK_KEPT,
        [EVIDENCE_GONE] = P_TK_GONE,
    };
    if (ticket->n_evidence == 0)
        return;
    buf_char(buf, '\n');
    buf_add(buf, word(screen, P_TK_EVIDENCE));
    buf_char(buf, '\n');
    for (size_t i = 0; i < ticket->n_evidence; i++) {
        const struct ticket_evidence *at = &ticket->evidence[i];
        struct buf text = {0};
        buf_format(buf, "%*s", INDENT, "");
        full_time(&text, at->event_ms);
        buf_add(&text, STR("  "));
        buf_add(&text, kind_id(at->kind));
        buf_add(&text, STR("  "));
        buf_add(&text, at->rule_name);
        buf_add(&text, STR("  "));
        buf_position(&text, &at->position);
        buf_add(&text, STR("  ("));
        buf_add(&text, word(screen, states[at->state]));
        buf_char(&text, ')');
        paragraph(buf, screen, 2 * INDENT, buf_str(&text));
        buf_free(&text);
    }
}

/* Words of the catalogue for what the record says by its id. */
static struct str
event_to(const struct ticket_screen *screen, const struct ticket_event *event)
{
    enum severity severity;
    enum ticket_verdict verdict;
    enum ticket_field field;
    if (event->kind == EVENT_MORE_SEVERE && severity_from(event->to, &severity))
        return severity_word(severity, screen->language);
    if (event->kind == EVENT_RESOLVED &&
        ticket_verdict_from(event->to, &verdict))
        return ticket_verdict_word(verdict, screen->language);
    if (event->kind == EVENT_EDITED && ticket_field_from(event->to, &field))
        return phrase((enum phrase)(P_TF_INCIDENT_TYPE + field),
                      screen->language);
    /* The whole of an incident's id helps nobody who reads. */
    bool incident = event->kind <= EVENT_GREW || event->kind == EVENT_INHIBITED;
    return incident ? str_cut(event->to, 0, 8) : event->to;
}

static void
timeline(struct buf *buf, const struct ticket_screen *screen,
         const struct ticket *ticket)
{
    enum { WHEN = 14, WHO = 12 };
    buf_char(buf, '\n');
    buf_add(buf, word(screen, P_TK_TIMELINE));
    buf_add(buf, STR("  ("));
    buf_add(buf, word(screen, P_TK_ALL_TIMES));
    buf_add(buf, STR(")\n"));
    for (size_t i = 0; i < ticket->n_timeline; i++) {
        const struct ticket_event *event = &ticket->timeline[i];
        struct buf text = {0}, number = {0};
        buf_number(&number, screen->language, event->n);
        struct str args[] = {event_to(screen, event), event->detail,
                             buf_str(&number)};
        buf_format(buf, "%*s", INDENT, "");
        buf_short_time(&text, event->at_ms);
        screen_cell(buf, buf_str(&text), WHEN - INDENT);
        buf_clear(&text);
        screen_cell(buf, event->by.len > 0 ? event->by : STR("·"), WHO);
        buf_phrase(&text, screen->language,
                   (enum phrase)(P_TE_OPENED + event->kind), args, 3);
        paragraph(buf, screen, WHEN + WHO, buf_str(&text));
        buf_free(&text);
        buf_free(&number);
    }
}

void
ticket_screen_page(struct buf *buf, const struct ticket_screen *screen,
                   const struct ticket *ticket)
{
    head(buf, screen, ticket);
    facts(buf, screen, ticket);
    evidence(buf, screen, ticket);
    timeline(buf, screen, ticket);
}

/* --- why */

void
ticket_screen_why(struct buf *buf, const struct ticket_screen *screen,
                  const struct ticket *ticket)
{
    struct buf text = {0}, numbers[2] = {{0}, {0}};
    buf_i64(&numbers[0], ticket->priority);
    buf_i64(&numbers[1], ticket->level);
    struct str args[] = {buf_str(&numbers[0]),
                         severity_word(ticket->severity, screen->language),
                         buf_str(&numbers[1])};
    head(buf, screen, ticket);
    buf_phrase(&text, screen->language, P_TK_WHY_PRIORITY, args, 3);
    paragraph(buf, screen, 0, buf_str(&text));
    buf_char(buf, '\n');
    buf_add(buf, word(screen, P_TK_INCIDENTS));
    buf_char(buf, '\n');
    for (size_t i = 0; i < ticket->n_listed; i++) {
        const struct ticket_incident *at = &ticket->incident[i];
        buf_clear(&text);
        buf_format(&text, "%.*s  %s  ", STR_ARG(at->id),
                   at->floor ? "floor" : "");
        buf_add(&text, at->rule);
        buf_add(&text, STR("  "));
        buf_add(&text, severity_word(at->severity, screen->language));
        buf_add(&text, STR("  "));
        buf_number(&text, screen->language, at->count);
        buf_char(&text, ' ');
        buf_add(&text, word(screen, P_TK_ALERTS));
        buf_add(&text, STR("  "));
        full_time(&text, at->first_ms);
        buf_add(&text, STR(" – "));
        full_time(&text, at->last_ms);
        buf_format(buf, "%*s", INDENT, "");
        paragraph(buf, screen, 2 * INDENT, buf_str(&text));
    }
    if (ticket->n_inhibited > 0) {
        buf_clear(&numbers[0]);
        buf_clear(&text);
        buf_number(&numbers[0], screen->language, ticket->n_inhibited);
        struct str arg = buf_str(&numbers[0]);
        buf_phrase(&text, screen->language, P_TK_WHY_INHIBITED, &arg, 1);
        paragraph(buf, screen, 0, buf_str(&text));
    }
    buf_free(&text);
    buf_free(&numbers[0]);
    buf_free(&numbers[1]);
}

/* --- export */

/* The vendor's own id: alert_id without the "SOURCE:" before it. */
static struct str
vendor_id(const struct ticket_evidence *evidence)
{
    struct str id = evidence->alert_id, source = evidence->source;
    return source.len > 0 && str_starts(id, source) && id.len > source.len &&
                   id.at[source.len] == ':'
               ? str_cut(id, source.len + 1, id.len)
               : id;
}

static void
iso_member(struct buf *buf, const char *key, int64_t ms)
{
    buf_format(buf, ",\"%s\":\"", key);
    buf_iso(buf, ms, 0);
    buf_char(buf, '"');
}

void
ticket_export_key(struct buf *buf, const struct ticket *ticket)
{
    buf_add(buf, STR(",\"key\":{"));
    for (size_t i = 0; i < ticket->n_key; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_json(buf, ticket->key[i].name);
        buf_char(buf, ':');
        buf_json(buf, ticket->key[i].value);
    }
    buf_char(buf, '}');
}

void
ticket_export(struct buf *buf, const struct ticket *ticket)
{
    buf_add(buf, STR("{\"id\":"));
    buf_json(buf, ticket->id);
    buf_add(buf, STR(",\"severity\":"));
    buf_json(buf, severity_id(ticket->severity));
    buf_format(buf, ",\"priority\":\"P%d\",\"rule\":", ticket->priority);
    buf_json(buf, ticket->rule);
    ticket_export_key(buf, ticket);
    buf_add(buf, STR(",\"state\":"));
    buf_json(buf, ticket_state_id(ticket->state));
    iso_member(buf, "first", ticket->first_ms);
    iso_member(buf, "last", ticket->last_ms);
    buf_format(buf, ",\"count\":%llu,\"evidence\":[",
               (unsigned long long)ticket->count);
    for (size_t i = 0; i < ticket->n_evidence; i++) {
        const struct ticket_evidence *at = &ticket->evidence[i];
        buf_add(buf, i > 0 ? STR(",{\"kind\":") : STR("{\"kind\":"));
        buf_json(buf, kind_id(at->kind));
        buf_add(buf, STR(",\"alert_id\":"));
        buf_json(buf, vendor_id(at));
        buf_add(buf, STR(",\"topic\":"));
        buf_json(buf, at->position.topic);
        buf_format(buf, ",\"partition\":%d,\"offset\":%lld,\"index\":%u}",
                   at->position.partition, (long long)at->position.offset,
                   at->position.index);
    }
    buf_add(buf, STR("]}\n"));
}
