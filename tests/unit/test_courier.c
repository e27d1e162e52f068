/* SPDX-License-Identifier: Apache-2.0
 *
 * The courier against servers that are good, refuse, hang or are hostile. The
 * only waiting is for its own time-out, which is set short. */
#include "respond/courier.h"

#include "base/hash.h"
#include "loopback.h"

#include <dirent.h>
#include <sys/stat.h>

enum { SHORT_MS = 400, LONG_MS = 20000 };

static struct loopback server;
static struct courier *courier;
static struct courier_plan plan;
static char url[200], body[200];

static int64_t
now(void)
{
    return INT64_C(1728096000000);
}

static struct message_ticket ticket = {
    .id = STR("T7K3Q9ZAB"),
    .priority = 1,
    .severity = SEVERITY_CRITICAL,
    .title = {STR("Tiêu đề \"&=<x>{to}"), STR("Title")},
    .host = STR("SRV-01"),
};
static struct message message;

static void
setup(void)
{
    memset(&server, 0, sizeof server);
    courier = NULL;
    plan = (struct courier_plan){
        .timeout_ms = SHORT_MS, .workers = 1, .max_queued = 4, .now_ms = now};
    plan.mail.from = STR("soc@a.example");
    plan.mail.plain = true;
    plan.webhook.secret = STR("secret");
    plan.sms.type = STR("application/x-www-form-urlencoded");
    message = (struct message){
        .id = STR("0123456789abcdef"),
        .kind = MESSAGE_PAGE,
        .at_ms = now(),
        .name = STR("An"),
        .ticket = &ticket,
        .n_tickets = 1,
        .code = STR("482913"),
    };
}

static void
teardown(void)
{
    courier_stop(courier);
    if (server.port != 0)
        loopback_end(&server);
}

TestSuite(courier, .init = setup, .fini = teardown);

static void
http(const char *answer)
{
    server.answer = answer;
    loopback_begin(&server, loopback_http);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/hook", server.port);
}

static void
smtp(void)
{
    loopback_begin(&server, loopback_smtp);
    snprintf(url, sizeof url, "smtp://127.0.0.1:%d", server.port);
    plan.mail.url = str_of(url);
}

static struct courier_result
deliver(enum channel channel, const char *address)
{
    struct err why = {""};
    struct contact contact = {channel, str_of(address)};
    struct courier_result result = {.delivered = false};
    if (courier == NULL)
        courier = courier_start(&plan, &why);
    cr_assert(courier != NULL, "%s", why.text);
    cr_assert(courier_send(courier, &message, STR("an"), &contact));
    cr_assert(courier_result(courier, LONG_MS, &result), "no result");
    cr_expect_str_eq(result.message, "0123456789abcdef");
    cr_expect_str_eq(result.person, "an");
    return result;
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Test(courier, a_webhook_is_signed_over_time_and_body)
{
    http(OK_ANSWER);
    plan.webhook.url = str_of(url);
    struct courier_result result = deliver(CHANNEL_WEBHOOK, "team");
    cr_assert(result.delivered, "%s", result.detail.text);
    char *json = strstr(server.got, "\r\n\r\n");
    cr_assert(json != NULL);
    char signed_text[8192], line[200] = "X-Thapcanh-Signature: sha256=";
    snprintf(signed_text, sizeof signed_text, "1728096000.%s", json + 4);
    struct mac mac = hash_mac(STR("secret"), str_of(signed_text));
    for (size_t i = 0; i < sizeof mac.byte; i++)
        snprintf(line + strlen(line), 3, "%02x", mac.byte[i]);
    cr_expect(strstr(server.got, line) != NULL, "%s\n%s", line, server.got);
    cr_expect(strstr(server.got, "X-Thapcanh-Timestamp: 1728096000\r\n"));
    cr_expect(strstr(server.got, "X-Thapcanh-Message: 0123456789abcdef\r\n"));
}

Test(courier, what_a_refusing_server_says_is_kept_in_short)
{
    http(
        "HTTP/1.1 503 Away\r\nContent-Length: 15\r\n\r\nfull\r\n\x1b[31mnow\n");
    plan.webhook.url = str_of(url);
    struct courier_result result = deliver(CHANNEL_WEBHOOK, "team");
    cr_expect(!result.delivered);
    cr_expect_str_eq(result.detail.text, "HTTP 503: full   [31mnow ");
}

Test(courier, a_redirect_is_not_followed)
{
    http("HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
         "Content-Length: 0\r\n\r\n");
    plan.webhook.url = str_of(url);
    struct courier_result result = deliver(CHANNEL_WEBHOOK, "team");
    cr_expect(!result.delivered);
    cr_expect_str_eq(result.detail.text, "HTTP 302");
}

Test(courier, a_server_that_hangs_fails_within_the_time)
{
    server.silent = 1;
    http("");
    plan.webhook.url = str_of(url);
    struct courier_result result = deliver(CHANNEL_WEBHOOK, "team");
    cr_expect(!result.delivered);
    cr_expect(strstr(result.detail.text, "timed out") != NULL, "%s",
              result.detail.text);
}

Test(courier, an_answer_without_end_is_broken_off)
{
    server.flood = 1;
    plan.timeout_ms = LONG_MS;
    http("HTTP/1.1 200 OK\r\n\r\n");
    plan.webhook.url = str_of(url);
    struct courier_result result = deliver(CHANNEL_WEBHOOK, "team");
    cr_expect(!result.delivered);
    cr_expect_str_eq(result.detail.text, "the answer is too long");
}

Test(courier, nonsense_is_no_answer)
{
    http("220 I speak something else\r\n");
    plan.webhook.url = str_of(url);
    cr_expect(!deliver(CHANNEL_WEBHOOK, "team").delivered);
}

Test(courier, nobody_there_is_said)
{
    int fd;
    snprintf(url, sizeof url, "http://127.0.0.1:%d/",
             loopback_closed_port(&fd));
    plan.webhook.url = str_of(url);
    struct courier_result result = deliver(CHANNEL_WEBHOOK, "team");
    cr_expect(!result.delivered);
    cr_expect(strstr(result.detail.text, "refused") != NULL ||
                  strstr(result.detail.text, "connect") != NULL,
              "%s", result.detail.text);
    close(fd);
}

Test(courier, other_protocols_are_not_spoken)
{
    plan.webhook.url = STR("file:///etc/hostname");
    struct courier_result result = deliver(CHANNEL_WEBHOOK, "team");
    cr_expect(!result.delivered);
    cr_expect(strstr(result.detail.text, "not supported") != NULL ||
                  strstr(result.detail.text, "disabled") != NULL,
              "%s", result.detail.text);
}

Test(courier, the_proxy_of_the_environment_is_not_used)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    http(OK_ANSWER);
    plan.webhook.url = str_of(url);
    cr_expect(deliver(CHANNEL_WEBHOOK, "team").delivered);
}

Test(courier, a_mail_arrives_whole)
{
    smtp();
    struct courier_result result = deliver(CHANNEL_MAIL, "an@a.example");
    cr_expect(result.delivered, "%s", result.detail.text);
    cr_expect(strstr(server.got, "MAIL FROM:<soc@a.example>") != NULL, "%s",
              server.got);
    cr_expect(strstr(server.got, "RCPT TO:<an@a.example>\r\n") != NULL);
    cr_expect(strstr(server.got, "\r\nSubject: =?UTF-8?B?") != NULL);
    cr_expect(strstr(server.got, "\r\n--=0123456789abcdef--\r\n.\r\n") != NULL);
}

Test(courier, a_refused_mail_is_failed_with_the_server_s_words)
{
    static const char *const verbs[] = {"MAIL", "RCPT", "DATA"};
    for (size_t i = 0; i < 3; i++) {
        memset(&server, 0, sizeof server);
        server.refuses = verbs[i];
        smtp();
        struct courier_result result = deliver(CHANNEL_MAIL, "an@a.example");
        cr_expect(!result.delivered, "row %zu", i);
        cr_expect(strstr(result.detail.text, "550") != NULL, "row %zu: %s", i,
                  result.detail.text);
        courier_stop(courier);
        courier = NULL;
        loopback_end(&server);
        server.port = 0;
    }
}

Test(courier, mail_is_not_sent_in_the_clear_unless_told)
{
    plan.mail.plain = false;
    smtp();
    struct courier_result result = deliver(CHANNEL_MAIL, "an@a.example");
    cr_expect(!result.delivered);
    cr_expect(strstr(server.got, "MAIL FROM") == NULL, "%s", server.got);
}

Test(courier, a_mail_server_that_hangs_fails_within_the_time)
{
    server.silent = 1;
    smtp();
    cr_expect(!deliver(CHANNEL_MAIL, "an@a.example").delivered);
}

Test(courier, an_sms_is_escaped_for_the_place_it_stands_in)
{
    static const struct {
        const char *path, *body, *type;
        const char *wanted; /* in what the gateway got */
    } rows[] = {
        {"/send?to={to}&text={text}", "", "",
         "GET /send?to=%2B84912345678&text="
         "P1%20T7K3Q9ZAB%20SRV-01%3A%20Tieu"
         "%20de%20%22%26%3D%3Cx%3E%28to%29"
         ".%20Nhan"},
        {"/send", "to={digits}&m={text}&r={id}",
         "application/x-www-form-urlencoded",
         "\r\n\r\nto=84912345678&m=P1%20T7K3Q9ZAB"},
        {"/send", "{\"to\":\"{digits}\",\"m\":\"{text}\"}", "application/json",
         "{\"to\":\"84912345678\",\"m\":\"P1 T7K3Q9ZAB SRV-01: Tieu de "
         "\\\"&=<x>(to). Nhan"},
        {"/send", "<m>{text}</m>", "text/xml",
         "<m>P1 T7K3Q9ZAB SRV-01: Tieu de &quot;&amp;=&lt;x&gt;(to). Nhan"},
    };
    http(OK_ANSWER);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(url, sizeof url, "http://127.0.0.1:%d%s", server.port,
                 rows[i].path);
        snprintf(body, sizeof body, "%s", rows[i].body);
        plan.sms.url = str_of(url);
        plan.sms.body = str_of(body);
        plan.sms.type = str_of(rows[i].type);
        plan.sms.header = STR("Authorization: Bearer x");
        struct courier_result result = deliver(CHANNEL_SMS, "+84 912 345 678");
        cr_expect(result.delivered, "row %zu: %s", i, result.detail.text);
        cr_expect(strstr(server.got, rows[i].wanted) != NULL, "row %zu: %s", i,
                  server.got);
        cr_expect(strstr(server.got, "Authorization: Bearer x\r\n") != NULL);
        courier_stop(courier);
        courier = NULL;
    }
}

Test(courier, a_gateway_that_says_error_with_200_has_failed)
{
    http("HTTP/1.1 200 OK\r\nContent-Length: "
         "20\r\n\r\n{\"CodeResult\":\"104\"}");
    plan.sms.url = str_of(url);
    plan.sms.success = STR("\"CodeResult\":\"100\"");
    struct courier_result result = deliver(CHANNEL_SMS, "0912345678");
    cr_expect(!result.delivered);
    cr_expect_str_eq(result.detail.text,
                     "not what success looks like: HTTP 200: "
                     "{\"CodeResult\":\"104\"}");
}

Test(courier, an_unknown_place_is_a_mistake)
{
    struct err why;
    cr_expect(sms_template_check(STR("{\"to\":\"{to}\",{x1},{ text }"), &why));
    cr_expect(!sms_template_check(STR("a={txt}"), &why));
    cr_expect_str_eq(why.text,
                     "unknown place '{txt}' (did you mean '{text}'?)");
}

Test(courier, the_queue_has_an_end_and_nothing_taken_is_lost)
{
    struct contact contact = {CHANNEL_WEBHOOK, STR("team")};
    struct courier_result result;
    struct err why;
    size_t taken = 0, back = 0;
    http(OK_ANSWER);
    plan.webhook.url = str_of(url);
    plan.timeout_ms = LONG_MS;
    plan.workers = 3;
    courier = courier_start(&plan, &why);
    for (int i = 0; i < 100; i++)
        taken += courier_send(courier, &message, STR("an"), &contact);
    while (back < taken && courier_result(courier, LONG_MS, &result)) {
        cr_expect(result.delivered, "%s", result.detail.text);
        back++;
    }
    cr_expect_eq(back, taken);
    cr_expect_geq(taken, 4);
    cr_expect(!courier_result(courier, 0, &result));
}

Test(courier, it_stops_with_messages_waiting)
{
    struct contact contact = {CHANNEL_WEBHOOK, STR("team")};
    struct err why;
    server.silent = 1;
    http("");
    plan.webhook.url = str_of(url);
    courier = courier_start(&plan, &why);
    while (courier_send(courier, &message, STR("an"), &contact))
        ;
    courier_stop(courier);
    courier = NULL;
}

Test(courier, the_outbox_stands_in_for_channels_without_a_server)
{
    char folder[] = "/tmp/tc-outbox-XXXXXX";
    bool usable[N_CHANNELS];
    cr_assert(mkdtemp(folder) != NULL);
    plan.outbox = folder;
    struct courier_result result = deliver(CHANNEL_SMS, "+84912345678");
    cr_expect(result.delivered, "%s", result.detail.text);
    courier_usable(courier, usable);
    for (int i = 0; i < N_CHANNELS; i++)
        cr_expect(usable[i]);
    DIR *dir = opendir(folder);
    size_t n = 0;
    for (struct dirent *one; (one = readdir(dir)) != NULL;) {
        char path[400];
        struct stat status;
        if (one->d_name[0] == '.')
            continue;
        n++;
        cr_expect_str_eq(one->d_name,
                         "20241005-094000-an-sms-0123456789abcdef.txt");
        snprintf(path, sizeof path, "%s/%s", folder, one->d_name);
        cr_expect(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600);
        unlink(path);
    }
    cr_expect_eq(n, 1);
    closedir(dir);
    rmdir(folder);
}
