/* SPDX-License-Identifier: Apache-2.0
 *
 * The report of a period: made once from exact counts into a document of
 * headings, sentences, tables and charts, then written in any of the formats.
 * A pure function of its input: the same input gives the same bytes, and no
 * date in it comes from a clock. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "model/catalogue.h"
#include "model/counts.h"
#include "model/ticket.h"
#include "report/frozen.h"
#include "report/period.h"

/* A source as the report prints it; the order given is the order printed. */
struct report_source {
    struct str name;     /* "ajiant" */
    struct str product;  /* in tables and in English: "Viettel Ajiant" */
    struct str label;    /* in the sentence; empty: the product */
    unsigned severities; /* bit (1 << enum severity): the source can give it;
                            the others print as "–"; 0: not known, what the
                            counts show */
};

/* One line of a "most alerts" table, most first. */
struct report_top {
    struct str source, name;
    uint64_t n;
};
struct report_tops {
    const struct report_top *at;
    size_t n;
};

/* Names of units and systems by id, for people; may give the id back. */
struct report_names {
    const void *context;
    struct str (*unit)(const void *context, struct str id);
    struct str (*system)(const void *context, struct str id);
};

/* A ticket, as far as the report speaks of it. */
struct report_ticket {
    enum ticket_state state;
    int priority;
    bool quiet;             /* called nobody */
    const struct str *unit; /* ids; n_units of them, may be none */
    size_t n_units;
    int64_t fired_ms;  /* event time: what period it is of */
    int64_t opened_ms; /* the clock … */
    int64_t acked_ms;  /* … and when somebody took it, or NO_TIME */
};

/* Where alerts went: each is in the first of these that it is in.
 * X(name, id, phrase) */
#define REPORT_PLACES(X)                                                       \
    X(IN_TICKET, "ticket", P_R_IN_TICKET)                                      \
    X(IN_SUPPRESSED, "suppressed", P_R_SUPPRESSED)                             \
    X(IN_INHIBITED, "inhibited", P_R_INHIBITED)                                \
    X(IN_REVIEWED, "reviewed", P_R_REVIEWED)                                   \
    X(IN_OPEN, "open", P_R_OPEN)

enum report_place {
#define X(name, id, phrase) name,
    REPORT_PLACES(X)
#undef X
        N_REPORT_PLACES
};

struct report_tickets {
    const struct report_ticket *at; /* merged ones left out */
    size_t n;
    uint64_t place[N_REPORT_PLACES]; /* alerts of the period */
    bool has_places;                 /* the feed was read */
};

/* All borrowed, and for as long as the report lives. */
struct report_input {
    struct period period;
    enum language language;
    struct str site; /* the body that issues the report */

    const struct counts *counts; /* of report_span, more does no harm */
    const struct report_source *sources;
    size_t n_sources;
    const struct report_names *names; /* NULL: ids */
    /* Every published or imported month of report_span, newest revision. */
    const struct frozen *months;
    size_t n_months;
    struct report_tops rules, hosts;
    struct report_tops dead_letters;      /* name: the reason */
    const struct report_tickets *tickets; /* NULL: no section of them */
};

/* Days of counts a report of `period` reads: the period, the one before, the
 * same one last year, both from 1 January where it prints them so, and 28 days
 * before and after the period, to tell what is a gap. */
void report_span(const struct period *period, int32_t *from, int32_t *to);

struct report;

/* Everything in `arena`. NULL with the reason when the period is longer than
 * five years or memory is exhausted. */
const struct report *report_make(const struct report_input *input,
                                 struct arena *arena, struct err *why);

/* The plan's sentence (DESIGN 1), in one line. */
struct str report_sentence(const struct report *report);
/* False when in ≠ counted + updates + duplicates + dead letters, or the cells
 * do not add up to what the books say was counted. */
bool report_balances(const struct report *report);

/* X(name, id) */
#define REPORT_FORMATS(X)                                                      \
    X(REPORT_TEXT, "text")                                                     \
    X(REPORT_HTML, "html")                                                     \
    X(REPORT_CSV, "csv")                                                       \
    X(REPORT_JSON, "json")

enum report_format {
#define X(name, id) name,
    REPORT_FORMATS(X)
#undef X
        N_REPORT_FORMATS
};

bool report_format_from(struct str id, enum report_format *format);
/* Writes the whole document; `out->full` tells when it did not fit. */
void report_write(const struct report *report, enum report_format format,
                  struct buf *out);

#endif
