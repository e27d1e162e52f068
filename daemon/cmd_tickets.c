/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh tickets`: look at tickets, and work on them. Looking reads the
 * responder's state; working appends a record to the journal and waits until
 * it is in force, or says why it was refused. */
#include "base/times.h"
#include "clock.h"
#include "commands.h"
#include "feed_screen.h"
#include "responder.h"
#include "ticket_screen.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ARENA = 1 << 30, MIN_WIDTH = 80, MAX_WIDTH = 120, PIPE_WIDTH = 100 };

struct wish {
    const char *config;
    const char *language;
    bool json, all;
    struct str by, to, text, verdict, state, unit, priority;
    int64_t seen;
    struct str field[N_TICKET_FIELDS];
    char **ids;
    size_t n_ids;
};

struct desk {
    const struct wish *wish;
    struct config config;
    struct responder *responder;
    struct arena arena;
    char *start;
    struct ticket_screen screen;
    struct buf out;
    struct ticket *ticket; /* for lists */
    size_t n_tickets, room;
    struct json_reader *json;
    bool wrong; /* some ticket is not of this version */
};

static int
complain_id(const char *typed)
{
    fprintf(stderr,
            "thapcanh tickets: '%s' is no ticket: T and 8 letters or digits\n",
            typed);
    return EXIT_USAGE;
}

/* --- options */

/* "cause_group=phishing" */
static bool
take_field(struct wish *wish, const char *text)
{
    struct str rest = str_of(text), name;
    enum ticket_field field;
    const char *equals = strchr(text, '=');
    static const struct str names[] = {
#define X(name, id) {id, sizeof(id) - 1},
        TICKET_FIELDS(X)
#undef X
    };
    name = str_cut(rest, 0, equals ? (size_t)(equals - text) : rest.len);
    if (equals && ticket_field_from(name, &field)) {
        wish->field[field] = str_cut(rest, name.len + 1, rest.len);
        return true;
    }
    struct str near = str_nearest(name, names, N_TICKET_FIELDS);
    fprintf(stderr, "thapcanh tickets: no field '%.*s'%s%.*s%s\n",
            STR_ARG(name), near.len ? " (did you mean '" : "", STR_ARG(near),
            near.len ? "'?)" : "");
    return false;
}

static bool
take_option(int c, struct wish *wish)
{
    enum { N_TEXTS = 'z' + 1 };
    struct str *const texts[N_TEXTS] = {
        ['b'] = &wish->by,       ['t'] = &wish->to,    ['m'] = &wish->text,
        ['v'] = &wish->verdict,  ['s'] = &wish->state, ['u'] = &wish->unit,
        ['p'] = &wish->priority,
    };
    if (c == 'c')
        wish->config = optarg;
    else if (c == 'l')
        wish->language = optarg;
    else if (c == 'j')
        wish->json = true;
    else if (c == 'a')
        wish->all = true;
    else if (c == 'r')
        return str_to_i64(str_of(optarg), &wish->seen) && wish->seen > 0;
    else if (c == 'f')
        return take_field(wish, optarg);
    else if (c > 0 && c < N_TEXTS && texts[c])
        *texts[c] = str_of(optarg);
    else
        return false;
    return true;
}

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"lang", required_argument, NULL, 'l'},
        {"language", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {"all", no_argument, NULL, 'a'},
        {"by", required_argument, NULL, 'b'},
        {"to", required_argument, NULL, 't'},
        {"for", required_argument, NULL, 't'},
        {"into", required_argument, NULL, 't'},
        {"text", required_argument, NULL, 'm'},
        {"why", required_argument, NULL, 'm'},
        {"verdict", required_argument, NULL, 'v'},
        {"state", required_argument, NULL, 's'},
        {"unit", required_argument, NULL, 'u'},
        {"priority", required_argument, NULL, 'p'},
        {"seen", required_argument, NULL, 'r'},
        {"field", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:m:", options, NULL)) != -1;)
        if (!take_option(c, wish))
            return false;
    wish->ids = argv + optind;
    wish->n_ids = (size_t)(argc - optind);
    return !wish->language || strcmp(wish->language, "vi") == 0 ||
           strcmp(wish->language, "en") == 0;
}

/* --- the desk */

static int
screen_width(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return PIPE_WIDTH;
    return size.ws_col < MIN_WIDTH   ? MIN_WIDTH
           : size.ws_col > MAX_WIDTH ? MAX_WIDTH
                                     : size.ws_col;
}

static int
fail(enum responder_says says, const struct err *why)
{
    fprintf(stderr, "thapcanh tickets: %s\n", why->text);
    return says == RESPONDER_AWAY ? EXIT_UNREACHABLE : EXIT_CHECK;
}

static int
open_desk(struct desk *desk, const struct wish *wish)
{
    struct err why = {""};
    const char *no_color = getenv("NO_COLOR");
    desk->wish = wish;
    if (!command_config(wish->config, &desk->config))
        return EXIT_CHECK;
    desk->arena = arena_reserve(ARENA);
    desk->start = desk->arena.at;
    desk->json = json_reader_new();
    bool english = wish->language ? strcmp(wish->language, "en") == 0
                                  : desk->config.english;
    desk->screen = (struct ticket_screen){
        .language = english ? ENGLISH : VIETNAMESE,
        .width = screen_width(),
        .color = isatty(STDOUT_FILENO) && !(no_color && *no_color),
    };
    screen_start();
    desk->responder = responder_open(&desk->config, &why);
    if (desk->start && desk->json && desk->responder)
        return EXIT_OK;
    fprintf(stderr, "thapcanh tickets: %s\n",
            why.text[0] ? why.text : "out of memory");
    return EXIT_CHECK;
}

static void
close_desk(struct desk *desk)
{
    responder_close(desk->responder);
    json_reader_free(desk->json);
    if (desk->start)
        arena_release(desk->start, desk->arena);
    buf_free(&desk->out);
    free(desk->ticket);
    config_free(&desk->config);
}

static void
flush(struct desk *desk)
{
    command_print(stdout, &desk->out);
    buf_clear(&desk->out);
}

/* --- list, export */

static bool
is_listed(const struct desk *desk, const struct ticket *ticket)
{
    const struct wish *wish = desk->wish;
    bool open = ticket_is_open(ticket) && ticket->merged_into.len == 0;
    if (wish->state.len > 0) {
        if (!str_equal(ticket_state_id(ticket->state), wish->state))
            return false;
    } else if (!open && !wish->all) {
        return false;
    }
    if (wish->priority.len > 0 &&
        (wish->priority.len != 2 ||
         wish->priority.at[1] - '0' != ticket->priority))
        return false;
    bool in_unit = wish->unit.len == 0;
    for (size_t i = 0; i < ticket->units.n; i++)
        in_unit = in_unit || str_equal(ticket->units.at[i], wish->unit);
    return in_unit;
}

static bool
take_ticket(void *context, struct str field, struct str value)
{
    struct desk *desk = context;
    struct arena kept = desk->arena;
    struct err why;
    const struct json *root;
    struct ticket ticket;
    (void)field;
    struct str text = arena_copy(&kept, value);
    if (json_read(desk->json, text, &kept, &root) != JSON_FINE ||
        !ticket_read(root, &kept, &ticket, &why)) {
        desk->wrong = true;
        return true;
    }
    if (!is_listed(desk, &ticket))
        return true; /* what it took of the arena is given back */
    if (desk->n_tickets == desk->room) {
        size_t room = desk->room ? desk->room * 2 : 256;
        struct ticket *at = realloc(desk->ticket, room * sizeof *at);
        if (!at)
            return false;
        desk->ticket = at;
        desk->room = room;
    }
    desk->ticket[desk->n_tickets++] = ticket;
    desk->arena = kept;
    return true;
}

/* The most urgent first; then the youngest. */
static int
compare_urgency(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    bool x = ticket_is_open(a), y = ticket_is_open(b);
    if (x != y)
        return x ? -1 : 1;
    if (a->priority != b->priority)
        return a->priority - b->priority;
    if (a->fired_ms != b->fired_ms)
        return a->fired_ms > b->fired_ms ? -1 : 1;
    return str_compare(a->id, b->id);
}

static int
compare_age(const void *left, const void *right)
{
    const struct ticket *a = left, *b = right;
    if (a->first_ms != b->first_ms)
        return a->first_ms < b->first_ms ? -1 : 1;
    return str_compare(a->id, b->id);
}

static int
load_list(struct desk *desk, int (*compare)(const void *, const void *))
{
    struct err why;
    enum responder_says says =
        responder_each(desk->responder, TABLE_TICKETS, take_ticket, desk, &why);
    if (says != RESPONDER_FINE)
        return fail(says, &why);
    if (desk->n_tickets > 0)
        qsort(desk->ticket, desk->n_tickets, sizeof *desk->ticket, compare);
    if (!desk->wrong)
        return EXIT_OK;
    fprintf(stderr, "thapcanh tickets: some are not of this version\n");
    return EXIT_CHECK;
}

static int
list(struct desk *desk)
{
    int code = load_list(desk, compare_urgency);
    if (code == EXIT_UNREACHABLE)
        return code;
    if (!desk->wish->json && desk->n_tickets > 0)
        ticket_screen_head(&desk->out, &desk->screen);
    for (size_t i = 0; i < desk->n_tickets; i++) {
        if (desk->wish->json)
            ticket_export(&desk->out, &desk->ticket[i]);
        else
            ticket_screen_line(&desk->out, &desk->screen, &desk->ticket[i]);
        flush(desk);
    }
    struct buf number = {0};
    buf_number(&number, desk->screen.language, desk->n_tickets);
    struct str arg = buf_str(&number);
    buf_phrase(&desk->out, desk->screen.language, P_TK_N_TICKETS, &arg, 1);
    fprintf(stderr, "%.*s\n", STR_ARG(buf_str(&desk->out)));
    buf_free(&number);
    return code;
}

/* Every ticket, the oldest first; those merged into others are left out: what
 * they were made of is in those. */
static int export(struct desk *desk)
{
    int code = load_list(desk, compare_age);
    if (code == EXIT_UNREACHABLE)
        return code;
    for (size_t i = 0; i < desk->n_tickets; i++) {
        if (desk->ticket[i].merged_into.len == 0)
            ticket_export(&desk->out, &desk->ticket[i]);
        flush(desk);
    }
    return code;
}

/* --- show, explain */

static int
show_one(struct desk *desk, const char *typed)
{
    char id[TICKET_ID_LEN];
    struct err why;
    struct ticket ticket;
    struct arena arena = desk->arena;
    if (!ticket_id_from(str_of(typed), id))
        return complain_id(typed);
    struct str text = {id, sizeof id};
    enum responder_says says;
    if (desk->wish->json) {
        struct buf json = {0};
        says = responder_get(desk->responder, TABLE_TICKETS, text, &json, &why);
        screen_json(&desk->out, buf_str(&json));
        buf_char(&desk->out, '\n');
        buf_free(&json);
        if (says == RESPONDER_NONE)
            err_set(&why, "%s: there is no such ticket", typed);
    } else {
        says = responder_ticket(desk->responder, text, &arena, &ticket, &why);
        if (says == RESPONDER_FINE)
            ticket_screen_page(&desk->out, &desk->screen, &ticket);
    }
    if (says != RESPONDER_FINE)
        return fail(says, &why);
    flush(desk);
    return EXIT_OK;
}

/* Where an incident is, by its id. */
static int
explain_incident(struct desk *desk, const char *typed)
{
    static const enum phrase words[N_PLACES] = {
        [PLACE_TICKET] = P_TK_IS_IN,
        [PLACE_SUPPRESSED] = P_TK_IS_SUPPRESSED,
        [PLACE_INHIBITED] = P_TK_IS_INHIBITED,
        [PLACE_HELD] = P_TK_IS_HELD,
        [PLACE_RECORDED] = P_TK_IS_RECORDED,
    };
    struct buf text = {0};
    struct err why;
    struct known known;
    enum responder_says says = responder_get(desk->responder, TABLE_INCIDENTS,
                                             str_of(typed), &text, &why);
    if (says == RESPONDER_NONE)
        err_set(&why, "%s: no incident of this id has been taken", typed);
    if (says != RESPONDER_FINE || !known_read(buf_str(&text), &known)) {
        buf_free(&text);
        return fail(says, &why);
    }
    bool by = known.place == PLACE_SUPPRESSED;
    struct str args[] = {str_of(typed), by ? known.because : known.ticket,
                         known.because};
    buf_phrase(&desk->out, desk->screen.language, words[known.place], args, 3);
    if (known.place == PLACE_TICKET && known.because.len > 0) {
        buf_char(&desk->out, ' ');
        buf_phrase(&desk->out, desk->screen.language, P_TK_DRY_RUN,
                   &known.because, 1);
    }
    buf_char(&desk->out, '\n');
    flush(desk);
    buf_free(&text);
    return EXIT_OK;
}

static int
explain_one(struct desk *desk, const char *typed)
{
    char id[TICKET_ID_LEN];
    struct err why;
    struct ticket ticket;
    struct arena arena = desk->arena;
    if (strlen(typed) == 32)
        return explain_incident(desk, typed);
    if (!ticket_id_from(str_of(typed), id))
        return complain_id(typed);
    enum responder_says says = responder_ticket(
        desk->responder, (struct str){id, sizeof id}, &arena, &ticket, &why);
    if (says != RESPONDER_FINE)
        return fail(says, &why);
    ticket_screen_why(&desk->out, &desk->screen, &ticket);
    flush(desk);
    return EXIT_OK;
}

static int
each_id(struct desk *desk, int (*one)(struct desk *desk, const char *typed))
{
    int worst = EXIT_OK;
    for (size_t i = 0; i < desk->wish->n_ids; i++) {
        int code = one(desk, desk->wish->ids[i]);
        if (code > worst)
            worst = code;
    }
    return worst;
}

static int
show(struct desk *desk)
{
    return each_id(desk, show_one);
}

static int
explain(struct desk *desk)
{
    return each_id(desk, explain_one);
}

/* --- working on them */

/* Who does it: --by, else the user's name. */
static struct str
name_of(const struct wish *wish)
{
    return wish->by.len > 0 ? wish->by : str_of(command_user());
}

static int
act(struct desk *desk, enum act_verb verb)
{
    const struct wish *wish = desk->wish;
    char(*ids)[TICKET_ID_LEN] =
        arena_take(&desk->arena, wish->n_ids + 1, sizeof *ids);
    struct str *texts =
        arena_take(&desk->arena, wish->n_ids + 1, sizeof *texts);
    struct err why;
    struct journal_record record = {
        .type = JOURNAL_ACT,
        .by = name_of(wish),
        .act = {.verb = verb,
                .ticket = texts,
                .n_tickets = wish->n_ids,
                .how = STR("cli"),
                .seen = (uint64_t)wish->seen,
                .to = wish->to,
                .text = wish->text},
    };
    for (size_t i = 0; i < wish->n_ids; i++) {
        if (!ticket_id_from(str_of(wish->ids[i]), ids[i]))
            return complain_id(wish->ids[i]);
        texts[i] = (struct str){ids[i], TICKET_ID_LEN};
    }
    memcpy(record.act.field, wish->field, sizeof wish->field);
    if (record.by.len == 0) {
        fprintf(stderr, "thapcanh tickets: who? give --by NAME\n");
        return EXIT_USAGE;
    }
    if (wish->verdict.len > 0 &&
        !ticket_verdict_from(wish->verdict, &record.act.verdict)) {
        fprintf(stderr, "thapcanh tickets: '%.*s' is no verdict\n",
                STR_ARG(wish->verdict));
        return EXIT_USAGE;
    }
    enum responder_says says = responder_ask(desk->responder, &record, &why);
    if (says != RESPONDER_FINE)
        return fail(says, &why);
    for (size_t i = 0; i < wish->n_ids; i++) {
        struct ticket ticket;
        struct arena arena = desk->arena;
        if (responder_ticket(desk->responder, texts[i], &arena, &ticket,
                             &why) == RESPONDER_FINE)
            ticket_screen_line(&desk->out, &desk->screen, &ticket);
    }
    flush(desk);
    return EXIT_OK;
}

/* --- the command */

static const struct {
    const char *name;
    int (*run)(struct desk *desk); /* NULL: an act */
    enum act_verb verb;
    bool wants_ids;
} subcommands[] = {
    {"list", list, ACT_ACK, false},      {"show", show, ACT_ACK, true},
    {"explain", explain, ACT_ACK, true}, {"export", export, ACT_ACK, false},
    {"ack", NULL, ACT_ACK, true},        {"assign", NULL, ACT_ASSIGN, true},
    {"note", NULL, ACT_NOTE, true},      {"start", NULL, ACT_START, true},
    {"hold", NULL, ACT_HOLD, true},      {"resolve", NULL, ACT_RESOLVE, true},
    {"close", NULL, ACT_CLOSE, true},    {"reopen", NULL, ACT_REOPEN, true},
    {"merge", NULL, ACT_MERGE, true},    {"edit", NULL, ACT_EDIT, true},
};

int
cmd_tickets(int argc, char **argv)
{
    static struct wish wish;
    static struct desk desk;
    size_t i = 0, n = sizeof subcommands / sizeof *subcommands;
    while (argc > 1 && i < n && strcmp(argv[1], subcommands[i].name) != 0)
        i++;
    if (argc < 2 || i == n || !read_wish(argc - 1, argv + 1, &wish) ||
        (wish.n_ids > 0) != subcommands[i].wants_ids ||
        wish.n_ids > JOURNAL_MAX_TICKETS)
        return command_usage("tickets");
    if (subcommands[i].run == export)
        wish.all = true;
    int code = open_desk(&desk, &wish);
    if (code == EXIT_OK)
        code = subcommands[i].run ? subcommands[i].run(&desk)
                                  : act(&desk, subcommands[i].verb);
    close_desk(&desk);
    return code;
}
