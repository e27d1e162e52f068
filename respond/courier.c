/* SPDX-License-Identifier: Apache-2.0
 *
 * The courier: a bounded queue, threads that take from it, and a bounded queue
 * of results. A message is written out when it is handed over, so a job is
 * plain bytes and nothing is borrowed; what the time of sending is needed for
 * (a signature) is made when it goes. */
#include "courier_priv.h"

#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the plan, copied */

static struct str
keep(struct courier *courier, struct str text)
{
    struct str kept = arena_copy(&courier->arena, text);
    return kept.at != NULL ? kept : STR("");
}

static void
keep_plan(struct courier *courier, const struct courier_plan *plan)
{
    struct courier_plan *own = &courier->plan;
    *own = *plan;
    enum { N_TEXTS = 12, N_PATHS = 3 };
    struct str *const texts[N_TEXTS] = {
        &own->mail.url,      &own->mail.from,   &own->mail.user,
        &own->mail.password, &own->webhook.url, &own->webhook.secret,
        &own->sms.url,       &own->sms.body,    &own->sms.type,
        &own->sms.header,    &own->sms.success, &own->kafka.topic,
    };
    for (size_t i = 0; i < N_TEXTS; i++)
        *texts[i] = keep(courier, *texts[i]);
    const char **const paths[N_PATHS] = {&own->outbox, &own->ca_file,
                                         &own->proxy};
    for (size_t i = 0; i < N_PATHS; i++)
        if (*paths[i] != NULL)
            *paths[i] = keep(courier, str_of(*paths[i])).at;
    courier->curl = (struct curl_plan){.ca_file = own->ca_file,
                                       .proxy = own->proxy,
                                       .unverified = own->unverified,
                                       .timeout_ms = own->timeout_ms};
}

static bool
has_server(const struct courier *courier, enum channel channel)
{
    const struct courier_plan *plan = &courier->plan;
    switch (channel) {
    case CHANNEL_SMS:
        return plan->sms.url.len > 0;
    case CHANNEL_MAIL:
        return plan->mail.url.len > 0;
    case CHANNEL_WEBHOOK:
        return plan->webhook.url.len > 0;
    case CHANNEL_KAFKA:
        return plan->kafka.topic.len > 0;
    case N_CHANNELS:
        break;
    }
    return false;
}

void
courier_usable(const struct courier *courier, bool usable[N_CHANNELS])
{
    for (int i = 0; i < N_CHANNELS; i++)
        usable[i] = has_server(courier, (enum channel)i) ||
                    courier->plan.outbox != NULL;
}

/* --- what the threads do */

static bool
deliver(struct courier *courier, struct curl_client *client,
        const struct job *job, struct err *why)
{
    if (!has_server(courier, job->channel))
        return deliver_outbox(courier, job, why);
    switch (job->channel) {
    case CHANNEL_SMS:
        return deliver_sms(courier, client, job, why);
    case CHANNEL_MAIL:
        return deliver_mail(courier, client, job, why);
    case CHANNEL_WEBHOOK:
        return deliver_webhook(courier, client, job, why);
    case CHANNEL_KAFKA:
        return deliver_kafka(courier, job, why);
    case N_CHANNELS:
        break;
    }
    return false;
}

/* The next job; false: it is over. */
static bool
take_job(struct courier *courier, struct job *job)
{
    pthread_mutex_lock(&courier->lock);
    while (courier->n_jobs == 0 && !courier->stopping)
        pthread_cond_wait(&courier->has_job, &courier->lock);
    bool over = courier->stopping;
    if (!over) {
        *job = courier->job[courier->first_job];
        courier->first_job = (courier->first_job + 1) % courier->max_jobs;
        courier->n_jobs--;
    }
    pthread_mutex_unlock(&courier->lock);
    return !over;
}

/* Waits for room: nobody's result is dropped while the courier lives. */
static void
put_result(struct courier *courier, const struct courier_result *result)
{
    pthread_mutex_lock(&courier->lock);
    while (courier->n_results == courier->max_jobs && !courier->stopping)
        pthread_cond_wait(&courier->has_room, &courier->lock);
    if (courier->n_results < courier->max_jobs) {
        size_t at =
            (courier->first_result + courier->n_results) % courier->max_jobs;
        courier->result[at] = *result;
        courier->n_results++;
        eventfd_write(courier->has_result, 1);
    }
    pthread_mutex_unlock(&courier->lock);
}

static void
copy_text(char *to, size_t size, struct str text)
{
    size_t len = text.len < size ? text.len : size - 1;
    if (len > 0)
        memcpy(to, text.at, len);
    to[len] = '\0';
}

static void *
work(void *context)
{
    struct courier *courier = context;
    struct curl_client *client = curl_client_new(&courier->curl);
    struct job job;
    while (take_job(courier, &job)) {
        struct courier_result result = {.channel = job.channel};
        copy_text(result.message, sizeof result.message, job.id);
        copy_text(result.person, sizeof result.person, job.person);
        if (client == NULL)
            err_set(&result.detail, "out of memory");
        else
            result.delivered = deliver(courier, client, &job, &result.detail);
        free(job.bytes);
        put_result(courier, &result);
    }
    curl_client_free(client);
    return NULL;
}

/* --- starting and stopping */

static bool
start_workers(struct courier *courier, struct err *why)
{
    for (int i = 0; i < courier->plan.workers && i < COURIER_MAX_WORKERS; i++) {
        if (pthread_create(&courier->thread[i], NULL, work, courier) != 0) {
            err_set(why, "cannot start a thread");
            return false;
        }
        courier->n_threads = i + 1;
    }
    return true;
}

static bool
prepare(struct courier *courier, struct err *why)
{
    courier->job = calloc(courier->max_jobs, sizeof *courier->job);
    courier->result = calloc(courier->max_jobs, sizeof *courier->result);
    if (courier->job == NULL || courier->result == NULL ||
        courier->has_result < 0) {
        err_set(why, "out of memory");
        return false;
    }
    const char *outbox = courier->plan.outbox;
    if (outbox != NULL && mkdir(outbox, 0700) != 0 && errno != EEXIST) {
        err_set(why, "%s: %s", outbox, strerror(errno));
        return false;
    }
    if (courier->plan.kafka.topic.len == 0)
        return true;
    courier->producer =
        producer_open(courier->plan.kafka.settings, KAFKA_LINGER_MS, why);
    return courier->producer != NULL;
}

struct courier *
courier_start(const struct courier_plan *plan, struct err *why)
{
    enum { TEXTS = 4 << 20 };
    struct courier *courier = calloc(1, sizeof *courier);
    struct arena arena = arena_reserve(TEXTS);
    if (courier == NULL || arena.at == NULL) {
        free(courier);
        err_set(why, "out of memory");
        return NULL;
    }
    courier->arena = arena;
    courier->arena_start = arena.at;
    courier->max_jobs = plan->max_queued > 0 ? (size_t)plan->max_queued : 1;
    pthread_mutex_init(&courier->lock, NULL);
    pthread_mutex_init(&courier->kafka_lock, NULL);
    pthread_cond_init(&courier->has_job, NULL);
    pthread_cond_init(&courier->has_room, NULL);
    courier->has_result = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    keep_plan(courier, plan);
    if (prepare(courier, why) && start_workers(courier, why))
        return courier;
    courier_stop(courier);
    return NULL;
}

void
courier_stop(struct courier *courier)
{
    if (courier == NULL)
        return;
    pthread_mutex_lock(&courier->lock);
    courier->stopping = true;
    pthread_cond_broadcast(&courier->has_job);
    pthread_cond_broadcast(&courier->has_room);
    pthread_mutex_unlock(&courier->lock);
    for (int i = 0; i < courier->n_threads; i++)
        pthread_join(courier->thread[i], NULL);
    for (size_t i = 0; i < courier->n_jobs; i++)
        free(courier->job[(courier->first_job + i) % courier->max_jobs].bytes);
    if (courier->producer != NULL)
        producer_close(courier->producer);
    pthread_cond_destroy(&courier->has_job);
    pthread_cond_destroy(&courier->has_room);
    if (courier->has_result >= 0)
        close(courier->has_result);
    pthread_mutex_destroy(&courier->lock);
    pthread_mutex_destroy(&courier->kafka_lock);
    free(courier->job);
    free(courier->result);
    arena_release(courier->arena_start, courier->arena);
    free(courier);
}

/* --- handing over, and hearing back */

static void
write_out(const struct courier *courier, const struct message *message,
          struct str person, const struct contact *contact, struct buf *buf)
{
    switch (contact->channel) {
    case CHANNEL_SMS:
        message_sms(buf, message);
        break;
    case CHANNEL_MAIL:
        message_mail(
            buf, message,
            (struct mail_head){courier->plan.mail.from, contact->address});
        break;
    case CHANNEL_WEBHOOK:
    case CHANNEL_KAFKA:
        message_json(buf, message, person);
        break;
    case N_CHANNELS:
        break;
    }
}

/* One block: id, person, address (each with a NUL behind) and the payload. */
static bool
make_job(const struct courier *courier, const struct message *message,
         struct str person, const struct contact *contact, struct job *job)
{
    struct buf all = {.max_bytes = JOB_MAX_BYTES};
    size_t at[3];
    const struct str parts[3] = {message->id, person, contact->address};
    for (size_t i = 0; i < 3; i++) {
        at[i] = all.len;
        buf_add(&all, parts[i]);
        buf_char(&all, '\0');
    }
    size_t payload = all.len;
    write_out(courier, message, person, contact, &all);
    if (all.full) {
        buf_free(&all);
        return false;
    }
    *job = (struct job){.bytes = all.at, .channel = contact->channel};
    job->id = (struct str){all.at + at[0], parts[0].len};
    job->person = (struct str){all.at + at[1], parts[1].len};
    job->address = (struct str){all.at + at[2], parts[2].len};
    job->payload = str_cut(buf_str(&all), payload, all.len);
    return true;
}

bool
courier_send(struct courier *courier, const struct message *message,
             struct str person, const struct contact *contact)
{
    struct job job;
    if (!make_job(courier, message, person, contact, &job))
        return false;
    pthread_mutex_lock(&courier->lock);
    bool room = courier->n_jobs < courier->max_jobs;
    if (room) {
        size_t at = (courier->first_job + courier->n_jobs) % courier->max_jobs;
        courier->job[at] = job;
        courier->n_jobs++;
        pthread_cond_signal(&courier->has_job);
    }
    pthread_mutex_unlock(&courier->lock);
    if (!room)
        free(job.bytes);
    return room;
}

static bool
take_result(struct courier *courier, struct courier_result *result)
{
    eventfd_t ignored;
    pthread_mutex_lock(&courier->lock);
    bool any = courier->n_results > 0;
    if (any) {
        *result = courier->result[courier->first_result];
        courier->first_result = (courier->first_result + 1) % courier->max_jobs;
        courier->n_results--;
        pthread_cond_signal(&courier->has_room);
    }
    if (courier->n_results == 0) /* readable as long as there is one */
        eventfd_read(courier->has_result, &ignored);
    pthread_mutex_unlock(&courier->lock);
    return any;
}

bool
courier_result(struct courier *courier, int timeout_ms,
               struct courier_result *result)
{
    struct pollfd one = {.fd = courier->has_result, .events = POLLIN};
    if (take_result(courier, result))
        return true;
    return timeout_ms > 0 && poll(&one, 1, timeout_ms) > 0 &&
           take_result(courier, result);
}
