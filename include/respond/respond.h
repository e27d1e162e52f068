/* SPDX-License-Identifier: Apache-2.0
 *
 * The respond stage: the stage loop on soc.journal. Folding a record makes the
 * tickets (apply); acting reads new incidents, decides, escalates, sends and
 * fetches evidence, by appending records that take effect when they are read
 * back (act). What lies outside (incidents, original messages, people) is
 * reached through interfaces that daemon/ plugs in. */
#ifndef RESPOND_RESPOND_H
#define RESPOND_RESPOND_H

#include "base/stage.h"
#include "respond/courier.h"
#include "respond/escalation.h"
#include "respond/triage.h"

/* New revisions on soc.incidents. Never waits. One thread. */
struct incident_feed {
    /* Read on: from the offset that `from` says of each partition (-1: from
     * its beginning). Called before the first poll, and again whenever the
     * state has been loaded anew. False: cannot yet; asked again. */
    bool (*seek)(void *context,
                 int64_t (*from)(void *asked, struct str topic,
                                 int32_t partition),
                 void *asked);
    /* The next record; it is borrowed until the next call. False: none now. */
    bool (*poll)(void *context, struct record *record);
    void *context;
};

enum evidence_says {
    EVIDENCE_FOUND,   /* `bytes` has the alert as it came */
    EVIDENCE_PENDING, /* on its way, or the log cannot be reached: ask again */
    EVIDENCE_LOST,    /* the log no longer has it; `why` says */
};

/* Original bytes by position. Never waits. One thread. */
struct evidence_source {
    enum evidence_says (*fetch)(void *context, const struct position *position,
                                struct buf *bytes, struct err *why);
    void *context;
};

/* Who is told, and what carries it to them. */
struct people_desk {
    /* Roster, policy and usable channels in force; overrides are filled in by
     * the stage. */
    void (*people)(void *context, struct people *people);
    /* Copies; false: no room now, offered again (courier_send). */
    bool (*send)(void *context, const struct message *message,
                 struct str person, const struct contact *contact);
    /* The next result; false: none now (courier_result). */
    bool (*result)(void *context, struct courier_result *result);
    void *context;
    struct str site;      /* name of the site; may be empty */
    struct str link_base; /* a link is this and a token; empty: no links */
    struct str link_key;
    int64_t link_ms; /* how long a link is good */
};

struct respond_plan {
    /* In force now; may change between two turns. */
    const struct triage *(*triage)(void *context);
    void *context;
    struct incident_feed incidents;
    struct evidence_source evidence;
    /* Who is told and how; NULL: nobody, tickets only. */
    const struct people_desk *people;
    struct str journal_topic, tickets_topic, evidence_topic, reviews_topic;
};

const struct stage_ops *respond_ops(void);

/* Borrows `plan` for life. NULL: out of memory. */
struct respond *respond_new(const struct respond_plan *plan);
void respond_free(struct respond *respond);

#endif
