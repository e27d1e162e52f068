/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener. An act is answered "recorded" only when Kafka has acknowledged
 * its journal record; everything else is shown as it is known here, which may
 * be a moment old. */
#include "listener.h"

#include "clock.h"
#include "console/http.h"
#include "follower.h"
#include "metrics.h"
#include "respond/journal.h"
#include "respond/message.h"
#include "secret.h"
#include "team.h"
#include "ticket_view.h"

#include "base/log.h"
#include "base/visible.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    ARENA_BYTES = 128 << 20,
    SCRATCH = 64 << 20,
    JOURNAL_MS = 5000, /* who presses the button waits no longer */
    TURN_MS = 20,
    PENDING = 64,
    IDLE_MS = 10000,
    LIFE_MS = 60000,
};

struct listener {
    struct config *config;
    void (*status)(void *context, struct buf *json);
    void *context;
    struct arena arena;
    char *arena_start;
    struct team team;
    struct http_ops ops;
    struct http_plan plan;
    struct http *http;
    struct ticket_view *view;
    struct follower *follower;

    pthread_mutex_t lock; /* one act at a time: of the producer */
    struct producer *producer;
    struct delivery delivery[PENDING];
};

/* --- the journal */

/* Those that Kafka did not acknowledge in time keep their counter. */
static struct delivery *
free_delivery(struct listener *listener)
{
    for (size_t i = 0; i < PENDING; i++)
        if (listener->delivery[i].waiting == 0) {
            listener->delivery[i] = (struct delivery){.append_ms = 0};
            return &listener->delivery[i];
        }
    return NULL;
}

static bool
produce(struct listener *listener, struct str value)
{
    struct err why = {""};
    producer_poll(listener->producer, 0);
    struct delivery *delivery = free_delivery(listener);
    const struct output output = {.topic = listener->config->topics.journal,
                                  .no_key = true,
                                  .value = value};
    if (delivery == NULL ||
        !producer_send(listener->producer, &output, delivery, &why))
        return false;
    int64_t until_ms = clock_monotonic_ms() + JOURNAL_MS;
    while (delivery->waiting > 0 && clock_monotonic_ms() < until_ms)
        producer_poll(listener->producer, TURN_MS);
    if (delivery->failed > 0)
        log_warn("listen", "journal: %s", delivery->why.text);
    return delivery->waiting == 0 && delivery->failed == 0;
}

static bool
append(struct listener *listener, struct journal_record *record)
{
    struct buf text = {.max_bytes = JOURNAL_MAX_BYTES};
    record->at_ms = clock_wall_ms();
    journal_write(&text, record);
    pthread_mutex_lock(&listener->lock);
    bool fine = !text.full && produce(listener, buf_str(&text));
    pthread_mutex_unlock(&listener->lock);
    buf_free(&text);
    return fine;
}

/* --- what console/http.h asks */

static bool
healthy(void *context, struct buf *words)
{
    struct listener *listener = context;
    bool well = follower_through(listener->follower);
    buf_add(words, well ? STR("well") : STR("tickets are still being read"));
    return well;
}

static bool
metrics(void *context, struct buf *text)
{
    struct listener *listener = context;
    struct buf status = {0};
    struct json_reader *reader = json_reader_new_large();
    struct arena scratch = arena_reserve(SCRATCH);
    char *start = scratch.at;
    listener->status(listener->context, &status);
    bool fine = reader != NULL && start != NULL && !status.full &&
                metrics_write(text, buf_str(&status), reader, &scratch);
    json_reader_free(reader);
    if (start != NULL)
        arena_release(start, scratch);
    buf_free(&status);
    return fine;
}

static bool
person(void *context, struct str id, struct arena *arena, struct str *name,
       enum language *language)
{
    const struct listener *listener = context;
    const struct member *member =
        listener->team.roster ? roster_find(listener->team.roster, id) : NULL;
    (void)arena; /* the roster lives as long as the listener */
    if (member == NULL)
        return false;
    *name = member->name;
    *language = member->english ? ENGLISH : VIETNAMESE;
    return true;
}

static void
ticket(void *context, const struct link *link, struct arena *arena,
       struct http_ticket *shown)
{
    struct listener *listener = context;
    if (!ticket_view_get(listener->view, link, arena, shown))
        return;
    const struct member *member =
        shown->has.len > 0 && listener->team.roster
            ? roster_find(listener->team.roster, shown->has)
            : NULL;
    if (member != NULL)
        shown->has = member->name;
}

static bool
acknowledge(void *context, const struct link *link)
{
    struct listener *listener = context;
    struct journal_record record = {
        .type = JOURNAL_ACT,
        .by = link->person,
        .act = {.verb = ACT_ACK,
                .ticket = link->ticket,
                .n_tickets = link->n_tickets,
                .how = STR("link")},
    };
    bool fine = append(listener, &record);
    log_info("listen", "%.*s acknowledges by link: %s", STR_ARG(link->person),
             fine ? "recorded" : "not recorded");
    return fine;
}

static enum phrase
take_answer(struct listener *listener, const struct member *member,
            struct str text)
{
    char code[REPLY_CODE_LEN];
    if (member == NULL)
        return P_REPLY_STRANGER;
    switch (reply_read(text, code)) {
    case REPLY_ACK:
        break;
    case REPLY_REFUSES:
        return P_REPLY_REFUSED;
    case REPLY_UNCLEAR:
        return P_REPLY_UNCLEAR;
    }
    struct journal_record record = {
        .type = JOURNAL_ACT,
        .by = member->id,
        .act = {.verb = ACT_ACK,
                .code = {code, sizeof code},
                .how = STR("sms")},
    };
    return append(listener, &record) ? P_REPLY_TAKEN : P_REPLY_LATER;
}

static void
sms(void *context, struct str from, struct str text, struct buf *answer)
{
    struct listener *listener = context;
    const struct member *member =
        listener->team.roster ? roster_find_phone(listener->team.roster, from)
                              : NULL;
    enum phrase says = take_answer(listener, member, text);
    enum language language =
        member != NULL && member->english ? ENGLISH : VIETNAMESE;
    buf_unmarked(answer, phrase(says, language));
    log_info("listen", "answer by SMS of %.*s: %.*s",
             STR_ARG(member != NULL ? member->id : STR("a stranger")),
             STR_ARG(phrase(says, ENGLISH)));
}

/* --- starting and stopping */

static void
on_ticket(void *context, const struct record *record)
{
    ticket_view_put(context, record);
}

/* Everything the listener answers from; false with the reason. */
static bool
prepare(struct listener *listener, struct err *why)
{
    struct config *config = listener->config;
    struct complaints complaints = {0};
    struct plan_texts {
        struct str key, secret;
    } texts;
    bool fine =
        team_load(config, NULL, &listener->arena, &listener->team, &complaints);
    if (!fine)
        err_set(why, "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    fine = fine &&
           secret_link_key(config->data_dir, &config->arena, &texts.key, why) &&
           secret_line(config->listen.sms_secret_file, &config->arena,
                       &texts.secret, why);
    if (!fine)
        return false;
    listener->plan.link_key = texts.key;
    listener->plan.sms_secret = texts.secret;
    listener->view = ticket_view_new();
    listener->producer = producer_open(&config->kafka, 0, why);
    if (listener->view == NULL)
        err_set(why, "out of memory");
    if (listener->view == NULL || listener->producer == NULL)
        return false;
    listener->follower = follower_start(&config->kafka, config->topics.tickets,
                                        on_ticket, listener->view, why);
    return listener->follower != NULL;
}

struct listener *
listener_start(struct config *config,
               void (*status)(void *context, struct buf *json), void *context,
               struct err *why)
{
    struct listener *listener = calloc(1, sizeof *listener);
    struct arena arena = arena_reserve(ARENA_BYTES);
    if (listener == NULL || arena.at == NULL) {
        free(listener);
        err_set(why, "out of memory");
        return NULL;
    }
    *listener = (struct listener){
        .config = config,
        .status = status,
        .context = context,
        .arena = arena,
        .arena_start = arena.at,
        .ops = {.context = listener,
                .now_ms = clock_wall_ms,
                .monotonic_ms = clock_monotonic_ms,
                .healthy = healthy,
                .metrics = metrics,
                .person = person,
                .ticket = ticket,
                .acknowledge = acknowledge,
                .sms = sms},
        .plan = {.address = config->listen.address,
                 .timeout_ms = IDLE_MS,
                 .life_ms = LIFE_MS,
                 .ops = &listener->ops},
    };
    pthread_mutex_init(&listener->lock, NULL);
    if (prepare(listener, why))
        listener->http = http_start(&listener->plan, why);
    if (listener->http != NULL) {
        log_info("listen", "port %d", http_port(listener->http));
        return listener;
    }
    listener_stop(listener);
    return NULL;
}

void
listener_stop(struct listener *listener)
{
    if (listener == NULL)
        return;
    http_stop(listener->http);
    follower_stop(listener->follower);
    ticket_view_free(listener->view);
    if (listener->producer != NULL)
        producer_close(listener->producer);
    pthread_mutex_destroy(&listener->lock);
    arena_release(listener->arena_start, listener->arena);
    free(listener);
}
