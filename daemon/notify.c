/* SPDX-License-Identifier: Apache-2.0
 *
 * The notify.* settings as a plan of the courier. What cannot work together is
 * found here, before anybody has to be woken. */
#include "notify.h"

#include "clock.h"
#include "secret.h"

struct planning {
    struct config *config;
    struct complaints *complaints;
};

static void
wrong(const struct planning *planning, const char *setting, const char *words)
{
    complain(planning->complaints,
             (struct place){.file = planning->config->file}, "%s: %s", setting,
             words);
}

static struct str
secret(const struct planning *planning, const char *setting, const char *path)
{
    struct err why = {""};
    struct str line;
    if (!secret_line(path, &planning->config->arena, &line, &why))
        wrong(planning, setting, why.text);
    return line;
}

static bool
has_scheme(struct str url, const char *one, const char *other)
{
    return str_starts(url, str_of(one)) || str_starts(url, str_of(other));
}

static void
plan_mail(const struct planning *planning, struct courier_plan *plan)
{
    const struct config *config = planning->config;
    plan->mail.url = config->notify.mail.url;
    plan->mail.from = config->notify.mail.from;
    plan->mail.user = config->notify.mail.user;
    plan->mail.plain = config->notify.mail.plain;
    plan->mail.password = secret(planning, "notify.mail.password_file",
                                 config->notify.mail.password_file);
    struct str url = plan->mail.url;
    if (url.len > 0 && !has_scheme(url, "smtp://", "smtps://"))
        wrong(planning, "notify.mail.url",
              "must begin with smtp:// or smtps://");
    bool one_at = false;
    for (size_t i = 0; i < plan->mail.from.len; i++) {
        char c = plan->mail.from.at[i];
        one_at |= c == '@' && i > 0;
        if (c <= ' ' || c >= 127 || c == '<' || c == '>' || c == ',') {
            one_at = false;
            break;
        }
    }
    if ((url.len > 0 || config->notify.outbox) && plan->mail.from.len > 0 &&
        !one_at)
        wrong(planning, "notify.mail.from", "must be an address");
    if (url.len > 0 && plan->mail.from.len == 0)
        wrong(planning, "notify.mail.from", "is needed with notify.mail.url");
    if (plan->mail.user.len > 0 && plan->mail.password.len == 0)
        wrong(planning, "notify.mail.password_file",
              "is needed with notify.mail.user");
    if (plan->mail.user.len > 0 && plan->mail.plain)
        wrong(planning, "notify.mail.plain",
              "a password would go over the network unprotected");
}

static void
plan_webhook(const struct planning *planning, struct courier_plan *plan)
{
    const struct config *config = planning->config;
    plan->webhook.url = config->notify.webhook.url;
    plan->webhook.secret = secret(planning, "notify.webhook.secret_file",
                                  config->notify.webhook.secret_file);
    if (plan->webhook.url.len > 0 &&
        !has_scheme(plan->webhook.url, "https://", "http://"))
        wrong(planning, "notify.webhook.url",
              "must begin with https:// or http://");
    if (plan->webhook.url.len > 0 && plan->webhook.secret.len == 0)
        wrong(planning, "notify.webhook.secret_file",
              "is needed with notify.webhook.url");
}

static void
check_template(const struct planning *planning, const char *setting,
               struct str text)
{
    struct err why;
    if (!sms_template_check(text, &why))
        wrong(planning, setting, why.text);
}

static void
plan_sms(const struct planning *planning, struct courier_plan *plan)
{
    const struct config *config = planning->config;
    plan->sms.url = config->notify.sms.url;
    plan->sms.body = config->notify.sms.body;
    plan->sms.type = config->notify.sms.type;
    plan->sms.success = config->notify.sms.success;
    plan->sms.header = secret(planning, "notify.sms.header_file",
                              config->notify.sms.header_file);
    if (plan->sms.header.len > 0 && !str_contains(plan->sms.header, STR(": ")))
        wrong(planning, "notify.sms.header_file",
              "its first line must be a header (Name: value)");
    if (plan->sms.url.len == 0)
        return;
    if (!has_scheme(plan->sms.url, "https://", "http://"))
        wrong(planning, "notify.sms.url",
              "must begin with https:// or http://");
    check_template(planning, "notify.sms.url", plan->sms.url);
    check_template(planning, "notify.sms.body", plan->sms.body);
    if (!str_contains(plan->sms.url, STR("{text}")) &&
        !str_contains(plan->sms.body, STR("{text}")))
        wrong(planning, "notify.sms.url",
              "neither it nor notify.sms.body has a place for {text}");
}

static void
plan_link(const struct planning *planning)
{
    const struct config *config = planning->config;
    if (config->notify.link_url.len == 0)
        return;
    if (!has_scheme(config->notify.link_url, "https://", "http://"))
        wrong(planning, "notify.link.url",
              "must begin with https:// or http://");
    if (str_ends(config->notify.link_url, STR("/")))
        wrong(planning, "notify.link.url", "must not end with a slash");
}

bool
notify_plan(struct config *config, struct courier_plan *plan,
            struct complaints *complaints)
{
    struct planning planning = {config, complaints};
    size_t errors = complaints->n_errors;
    *plan = (struct courier_plan){
        .kafka = {.topic = config->notify.kafka_topic,
                  .settings = &config->kafka},
        .outbox = config->notify.outbox,
        .ca_file = config->notify.ca_file,
        .proxy = config->notify.proxy.len > 0 ? config->notify.proxy.at : NULL,
        .unverified = !config->notify.verify,
        .timeout_ms = config->notify.timeout_ms,
        .workers = config->notify.workers,
        .max_queued = config->notify.queue,
        .now_ms = clock_wall_ms,
    };
    plan_mail(&planning, plan);
    plan_webhook(&planning, plan);
    plan_sms(&planning, plan);
    plan_link(&planning);
    return complaints->n_errors == errors;
}
