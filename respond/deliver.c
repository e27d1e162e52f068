/* SPDX-License-Identifier: Apache-2.0
 *
 * One delivery by each channel. A webhook is signed over its time stamp and
 * body, so that a recorded one cannot be played again later; every delivery
 * carries the message's id, by which a receiver knows a repeat. */
#include "courier_priv.h"
#include "template.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/times.h"

#include <poll.h>

/* --- SMS, through a gateway's own interface */

/* "+84 912 345 678" → to "+84912345678", digits "84912345678"; "0912…" is a
 * number in Vietnam. */
static void
number_of(struct str address, struct buf *to, struct buf *digits)
{
    for (size_t i = 0; i < address.len; i++) {
        char c = address.at[i];
        if ((c >= '0' && c <= '9') || (c == '+' && i == 0))
            buf_char(to, c);
    }
    struct str plain = buf_str(to);
    if (str_starts(plain, STR("+")))
        plain = str_cut(plain, 1, plain.len);
    else if (str_starts(plain, STR("00")))
        plain = str_cut(plain, 2, plain.len);
    else if (str_starts(plain, STR("0"))) {
        buf_add(digits, STR("84"));
        plain = str_cut(plain, 1, plain.len);
    }
    buf_add(digits, plain);
}

bool
deliver_sms(struct courier *courier, struct curl_client *client,
            const struct job *job, struct err *why)
{
    const struct courier_plan *plan = &courier->plan;
    struct buf to = {0}, digits = {0}, url = {0}, body = {0}, type = {0};
    number_of(job->address, &to, &digits);
    const struct template_values values = {
        {buf_str(&to), buf_str(&digits), job->payload, job->id}};
    template_fill(&url, plan->sms.url, ESCAPE_URL, &values);
    buf_char(&url, '\0');
    template_fill(&body, plan->sms.body, escaping_of(plan->sms.type), &values);
    buf_add(&type, STR("Content-Type: "));
    buf_add(&type, plan->sms.type);
    buf_char(&type, '\0');
    const char *header[2];
    size_t n = 0;
    if (plan->sms.body.len > 0)
        header[n++] = type.at;
    if (plan->sms.header.len > 0)
        header[n++] = plan->sms.header.at;
    bool fine = false;
    if (url.full || body.full || type.full)
        err_set(why, "out of memory");
    else
        fine = curl_http(client,
                         &(struct curl_http){.url = url.at,
                                             .post = plan->sms.body.len > 0,
                                             .body = buf_str(&body),
                                             .header = header,
                                             .n_headers = n,
                                             .success = plan->sms.success},
                         why);
    buf_free(&to);
    buf_free(&digits);
    buf_free(&url);
    buf_free(&body);
    buf_free(&type);
    return fine;
}

/* --- mail */

bool
deliver_mail(struct courier *courier, struct curl_client *client,
             const struct job *job, struct err *why)
{
    const struct courier_plan *plan = &courier->plan;
    return curl_mail(
        client,
        &(struct curl_mail){
            .url = plan->mail.url.at,
            .user = plan->mail.user.len > 0 ? plan->mail.user.at : NULL,
            .password = plan->mail.password.at,
            .from = plan->mail.from.at,
            .to = job->address.at,
            .plain = plan->mail.plain,
            .mail = job->payload,
        },
        why);
}

/* --- webhook */

static void
sign(const struct courier *courier, const struct job *job, int64_t now_ms,
     struct buf *header)
{
    static const char hex[] = "0123456789abcdef";
    struct buf text = {0};
    buf_i64(&text, now_ms / 1000);
    buf_char(&text, '.');
    buf_add(&text, job->payload);
    struct mac mac = hash_mac(courier->plan.webhook.secret, buf_str(&text));
    buf_add(header, STR("X-Thapcanh-Signature: sha256="));
    for (size_t i = 0; i < sizeof mac.byte; i++) {
        buf_char(header, hex[mac.byte[i] >> 4]);
        buf_char(header, hex[mac.byte[i] & 15]);
    }
    buf_char(header, '\0');
    buf_free(&text);
}

bool
deliver_webhook(struct courier *courier, struct curl_client *client,
                const struct job *job, struct err *why)
{
    int64_t now_ms = courier->plan.now_ms();
    struct buf time = {0}, signature = {0}, id = {0};
    buf_format(&time, "X-Thapcanh-Timestamp: %lld", (long long)(now_ms / 1000));
    buf_char(&time, '\0');
    sign(courier, job, now_ms, &signature);
    buf_add(&id, STR("X-Thapcanh-Message: "));
    buf_add(&id, job->id);
    buf_char(&id, '\0');
    bool fine = false;
    if (time.full || signature.full || id.full) {
        err_set(why, "out of memory");
    } else {
        const char *header[] = {"Content-Type: application/json", time.at,
                                signature.at, id.at};
        fine =
            curl_http(client,
                      &(struct curl_http){.url = courier->plan.webhook.url.at,
                                          .post = true,
                                          .body = job->payload,
                                          .header = header,
                                          .n_headers = 4},
                      why);
    }
    buf_free(&time);
    buf_free(&signature);
    buf_free(&id);
    return fine;
}

/* --- Kafka */

/* Kafka's client keeps what it could not deliver for ever, and with it the
 * counter: those still out are left alone until they come back. */
static struct delivery *
free_delivery(struct courier *courier)
{
    for (size_t i = 0; i < KAFKA_PENDING; i++)
        if (courier->delivery[i].waiting == 0) {
            courier->delivery[i] = (struct delivery){.append_ms = NO_TIME};
            return &courier->delivery[i];
        }
    return NULL;
}

static bool
produce(struct courier *courier, const struct job *job, struct err *why)
{
    enum { TURN_MS = 20 };
    producer_poll(courier->producer, 0);
    struct delivery *delivery = free_delivery(courier);
    const struct header header = {STR("message"), job->id};
    const struct output output = {.topic = courier->plan.kafka.topic,
                                  .partition = PARTITION_BY_KEY,
                                  .key = job->person,
                                  .value = job->payload,
                                  .header = &header,
                                  .n_headers = 1};
    if (delivery == NULL) {
        err_set(why, "Kafka has not acknowledged the last %d messages",
                (int)KAFKA_PENDING);
        return false;
    }
    if (!producer_send(courier->producer, &output, delivery, why)) {
        if (why->text[0] == '\0')
            err_set(why, "the queue to Kafka is full");
        return false;
    }
    for (int64_t ms = 0; delivery->waiting > 0 && ms < courier->plan.timeout_ms;
         ms += TURN_MS)
        producer_poll(courier->producer, TURN_MS);
    if (delivery->waiting > 0)
        err_set(why, "Kafka does not answer");
    else if (delivery->failed > 0)
        *why = delivery->why;
    else
        err_set(why, "acknowledged");
    return delivery->waiting == 0 && delivery->failed == 0;
}

/* The producer is one thread's at a time; behind one that waits for a broker
 * that does not answer, nobody waits longer than for the broker itself. */
static bool
lock_producer(struct courier *courier)
{
    enum { TURN_MS = 20 };
    for (int64_t ms = 0; ms <= courier->plan.timeout_ms; ms += TURN_MS) {
        if (pthread_mutex_trylock(&courier->kafka_lock) == 0)
            return true;
        poll(NULL, 0, TURN_MS);
    }
    return false;
}

bool
deliver_kafka(struct courier *courier, const struct job *job, struct err *why)
{
    if (!lock_producer(courier)) {
        err_set(why, "Kafka does not answer");
        return false;
    }
    bool fine = produce(courier, job, why);
    pthread_mutex_unlock(&courier->kafka_lock);
    return fine;
}

/* --- the outbox: a file instead of a server */

/* 20241005-081530-PERSON-sms-ID.txt, so that a listing is in order of time. */
static void
name_file(const struct courier *courier, const struct job *job,
          struct buf *path)
{
    static const char *const ends[] = {[CHANNEL_SMS] = "txt",
                                       [CHANNEL_MAIL] = "eml",
                                       [CHANNEL_WEBHOOK] = "json",
                                       [CHANNEL_KAFKA] = "json"};
    struct civil at = civil_from_ms(courier->plan.now_ms(), VIETNAM_MINUTES);
    buf_format(path, "%s/%04d%02d%02d-%02d%02d%02d-", courier->plan.outbox,
               at.year, at.month, at.day, at.hour, at.minute, at.second);
    for (size_t i = 0; i < job->person.len; i++) {
        char c = job->person.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        buf_char(path, plain ? c : '-');
    }
    buf_format(path, "-%.*s-%.*s.%s", STR_ARG(channel_id(job->channel)),
               STR_ARG(job->id), ends[job->channel]);
    buf_char(path, '\0');
}

bool
deliver_outbox(struct courier *courier, const struct job *job, struct err *why)
{
    struct buf path = {0}, text = {0};
    name_file(courier, job, &path);
    if (job->channel == CHANNEL_SMS) {
        buf_add(&text, STR("To: "));
        buf_add(&text, job->address);
        buf_add(&text, STR("\n\n"));
    }
    buf_add(&text, job->payload);
    if (job->channel != CHANNEL_MAIL)
        buf_char(&text, '\n');
    bool fine = !path.full && !text.full &&
                file_replace(path.at, buf_str(&text), 0600, why);
    if (path.full || text.full)
        err_set(why, "out of memory");
    else if (fine)
        err_set(why, "outbox");
    buf_free(&path);
    buf_free(&text);
    return fine;
}
