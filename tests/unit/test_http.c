/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener, spoken to over loopback as a browser, a gateway, a scanner and
 * an attacker would. */
#include "console/http.h"

#include "loopback.h"

#include <time.h>

static struct buf token;
static struct http *http;
static struct http_plan plan;
static struct http_ops ops;
static char got[1 << 16];

static struct {
    int n_acks, n_sms;
    bool mine, refuse, unwell;
    char from[64], text[256];
    int64_t now_ms;
} world;

static int64_t
now(void)
{
    return world.now_ms;
}

static int64_t
monotonic(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

static bool
healthy(void *context, struct buf *words)
{
    (void)context;
    buf_add(words, world.unwell ? STR("unwell") : STR("well"));
    return !world.unwell;
}

static bool
metrics(void *context, struct buf *text)
{
    (void)context;
    buf_add(text, STR("thapcanh_up 1\n"));
    return true;
}

static bool
person(void *context, struct str id, struct arena *arena, struct str *name,
       enum language *language)
{
    (void)context;
    (void)arena;
    *name = STR("Nguyễn <b>An</b>");
    *language = VIETNAMESE;
    return str_equal(id, STR("an"));
}

static void
ticket(void *context, const struct link *link, struct arena *arena,
       struct http_ticket *shown)
{
    (void)context;
    (void)link;
    (void)arena;
    shown->known = true;
    shown->priority = 1;
    shown->title.vi = STR("Tiêu đề <script>alert(1)</script>");
    shown->mine = world.mine;
}

static bool
acknowledge(void *context, const struct link *link)
{
    (void)context;
    if (world.refuse)
        return false;
    cr_assert(str_equal(link->person, STR("an")));
    world.n_acks++;
    world.mine = true;
    return true;
}

static void
sms(void *context, struct str from, struct str text, struct buf *answer)
{
    (void)context;
    world.n_sms++;
    snprintf(world.from, sizeof world.from, "%.*s", STR_ARG(from));
    snprintf(world.text, sizeof world.text, "%.*s", STR_ARG(text));
    buf_add(answer, STR("noted"));
}

static void
setup(void)
{
    struct err why = {""};
    memset(&world, 0, sizeof world);
    world.now_ms = INT64_C(1500000);
    ops = (struct http_ops){.now_ms = now,
                            .monotonic_ms = monotonic,
                            .healthy = healthy,
                            .metrics = metrics,
                            .person = person,
                            .ticket = ticket,
                            .acknowledge = acknowledge,
                            .sms = sms};
    plan = (struct http_plan){.address = STR("127.0.0.1:0"),
                              .link_key = STR("0123456789abcdef0123456789abcd"
                                              "ef"),
                              .sms_secret = STR("s3cret"),
                              .timeout_ms = 10000,
                              .life_ms = 10000,
                              .ops = &ops};
    http = http_start(&plan, &why);
    cr_assert(http != NULL, "%s", why.text);
    struct link link = {.person = STR("an"),
                        .message = STR("m"),
                        .issued_ms = 1000000,
                        .expires_ms = 2000000,
                        .ticket = {STR("T7K3Q9ZAB")},
                        .n_tickets = 1};
    token = (struct buf){0};
    link_write(&token, plan.link_key, &link);
    buf_char(&token, '\0');
}

static void
teardown(void)
{
    http_stop(http);
    buf_free(&token);
}

TestSuite(http, .init = setup, .fini = teardown);

static int
connected(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)http_port(http))};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

/* Sends and reads to the end; the status. */
static int
ask_raw(const char *text, size_t len)
{
    int fd = connected();
    size_t n = 0;
    ssize_t more;
    send(fd, text, len, MSG_NOSIGNAL);
    while (n + 1 < sizeof got &&
           (more = recv(fd, got + n, sizeof got - 1 - n, 0)) > 0)
        n += (size_t)more;
    got[n] = '\0';
    close(fd);
    return n > 12 ? (int)strtol(got + 9, NULL, 10) : 0;
}

static int
ask(const char *method, const char *path, const char *more, const char *body)
{
    static char text[1 << 16];
    int len = snprintf(text, sizeof text,
                       "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                       "%sContent-Length: %zu\r\n\r\n%s",
                       method, path, more, strlen(body), body);
    return ask_raw(text, (size_t)len);
}

static const char *
link_path(void)
{
    static char path[1200];
    snprintf(path, sizeof path, "/a/%s", token.at);
    return path;
}

Test(http, looking_at_a_link_uses_nothing_up)
{
    for (int i = 0; i < 3; i++)
        cr_expect_eq(ask("GET", link_path(), "", ""), 200);
    cr_expect_eq(ask("HEAD", link_path(), "", ""), 200);
    cr_expect_eq(world.n_acks, 0);
    cr_expect_eq(ask("GET", link_path(), "", ""), 200);
    cr_expect(strstr(got, "<form method=\"post\" action=\"/a/1.") != NULL);
    cr_expect(strstr(got, "<script") == NULL, "%s", got);
    cr_expect(strstr(got, "<b>An</b>") == NULL);
    cr_expect(strstr(got, "Nhận xử lý") != NULL);
    static const char *const headers[] = {
        "Cache-Control: no-store\r\n", "Referrer-Policy: no-referrer\r\n",
        "Content-Security-Policy: default-src 'none'",
        "X-Content-Type-Options: nosniff\r\n", "frame-ancestors 'none'"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        cr_expect(strstr(got, headers[i]) != NULL, "row %zu", i);
}

Test(http, pressing_the_button_acts_once_however_often_it_is_pressed)
{
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(ask("POST", link_path(), "", ""), 200);
        cr_expect(strstr(got, "Bạn đã nhận xử lý") != NULL, "%s", got);
    }
    cr_expect_eq(world.n_acks, 1);
}

Test(http, an_expired_link_does_nothing)
{
    world.now_ms = 2000000;
    cr_expect_eq(ask("POST", link_path(), "", ""), 410);
    cr_expect_eq(ask("GET", link_path(), "", ""), 410);
    cr_expect_eq(world.n_acks, 0);
}

Test(http, an_altered_link_does_nothing_and_tells_nothing)
{
    token.at[token.len - 3] = token.at[token.len - 3] == '0' ? '1' : '0';
    cr_expect_eq(ask("POST", link_path(), "", ""), 404);
    cr_expect(strstr(got, "Tiêu đề") == NULL);
    cr_expect_eq(world.n_acks, 0);
}

Test(http, a_form_of_another_site_is_refused)
{
    cr_expect_eq(ask("POST", link_path(), "Sec-Fetch-Site: cross-site\r\n", ""),
                 403);
    cr_expect_eq(world.n_acks, 0);
    cr_expect_eq(
        ask("POST", link_path(), "Sec-Fetch-Site: same-origin\r\n", ""), 200);
    cr_expect_eq(world.n_acks, 1);
}

Test(http, what_could_not_be_recorded_is_not_called_done)
{
    world.refuse = true;
    cr_expect_eq(ask("POST", link_path(), "", ""), 503);
    cr_expect(strstr(got, "Chưa ghi nhận được") != NULL, "%s", got);
}

Test(http, machines_get_health_and_metrics)
{
    cr_expect_eq(ask("GET", "/healthz", "", ""), 200);
    world.unwell = true;
    cr_expect_eq(ask("GET", "/healthz", "", ""), 503);
    cr_expect_eq(ask("GET", "/metrics", "", ""), 200);
    cr_expect(strstr(got, "text/plain; version=0.0.4") != NULL);
    cr_expect(strstr(got, "thapcanh_up 1\n") != NULL);
    cr_expect_eq(ask("POST", "/metrics", "", ""), 405);
    cr_expect_eq(ask("DELETE", "/metrics", "", ""), 405);
    cr_expect_eq(ask("GET", "/../etc/passwd", "", ""), 404);
}

Test(http, a_gateway_hands_over_answers_in_its_own_way)
{
    static const struct {
        const char *method, *path, *headers, *body;
    } rows[] = {
        {"POST", "/sms", "Content-Type: application/x-www-form-urlencoded\r\n",
         "secret=s3cret&from=%2B84912345678&text=OK+482913"},
        {"POST", "/sms",
         "Content-Type: application/json\r\nAuthorization: Bearer s3cret\r\n",
         "{\"from\":\"+84912345678\",\"text\":\"OK 482913\",\"x\":[1]}"},
        {"GET", "/sms?secret=s3cret&from=%2B84912345678&text=OK%20482913", "",
         ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect_eq(
            ask(rows[i].method, rows[i].path, rows[i].headers, rows[i].body),
            200, "row %zu: %s", i, got);
        cr_expect_eq(world.n_sms, i + 1);
        cr_expect_str_eq(world.from, "+84912345678");
        cr_expect_str_eq(world.text, "OK 482913");
        cr_expect(strstr(got, "\r\n\r\nnoted\n") != NULL);
    }
}

Test(http, answers_without_the_secret_are_refused)
{
    static const char *const bodies[] = {"from=1&text=482913",
                                         "secret=&from=1&text=482913",
                                         "secret=s3cre&from=1&text=482913",
                                         "secret=s3cret0&from=1&text=482913",
                                         "%00=s3cret",
                                         "{\"secret\":\"s3cret\"}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        cr_expect_eq(ask("POST", "/sms", "", bodies[i]), 403, "row %zu", i);
    cr_expect_eq(
        ask("POST", "/sms", "Authorization: Bearer wrong\r\n", "secret=s3cret"),
        403);
    cr_expect_eq(world.n_sms, 0);
    cr_expect_eq(ask("POST", "/sms", "", "secret=s3cret&from=1"), 400);
}

Test(http, too_long_is_refused_not_kept)
{
    static char text[1 << 15];
    memset(text, 'a', sizeof text - 1);
    cr_expect_eq(ask("POST", "/sms", "", text), 413);
    memcpy(text, "/a/", 3);
    int status = ask("GET", text, "", "");
    cr_expect(status == 414 || status == 431 || status == 404 || status == 0,
              "%d", status);
    cr_expect_eq(ask("GET", "/healthz", "", ""), 200);
}

Test(http, nonsense_does_not_disturb_it)
{
    static const char *const texts[] = {
        "\r\n\r\n",
        "GET\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01",
        "POST /sms HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "GET /a/%00%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        "POST /sms HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        "Connection: close\r\n\r\nzz\r\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int fd = connected();
        send(fd, texts[i], strlen(texts[i]), MSG_NOSIGNAL);
        shutdown(fd, SHUT_WR);
        while (recv(fd, got, sizeof got, 0) > 0)
            ;
        close(fd);
    }
    cr_expect_eq(ask("GET", "/healthz", "", ""), 200);
}

Test(http, a_client_that_drips_is_shut_out_after_its_life)
{
    http_stop(http);
    struct err why;
    plan.life_ms = 300;
    http = http_start(&plan, &why);
    int fd = connected();
    char byte;
    send(fd, "GET /healthz HTTP/1.1\r\nX: ", 26, MSG_NOSIGNAL);
    for (;;) {
        struct pollfd one = {.fd = fd, .events = POLLIN};
        if (poll(&one, 1, 20) > 0 && recv(fd, &byte, 1, 0) <= 0)
            break; /* else this would run into the test's own time-out */
        send(fd, "a", 1, MSG_NOSIGNAL);
    }
    close(fd);
    cr_expect_eq(ask("GET", "/healthz", "", ""), 200);
}

Test(http, many_idle_connections_do_not_stay)
{
    enum { MANY = 80 };
    int fd[MANY];
    http_stop(http);
    struct err why;
    plan.life_ms = 300;
    http = http_start(&plan, &why);
    for (int i = 0; i < MANY; i++)
        fd[i] = connected();
    for (int i = 0; i < MANY; i++) {
        char byte;
        cr_expect_leq(recv(fd[i], &byte, 1, 0), 0);
        close(fd[i]);
    }
    cr_expect_eq(ask("GET", "/healthz", "", ""), 200);
}

Test(http, an_address_that_cannot_be_is_named)
{
    static const char *const rows[] = {
        "",           "9464",    "localhost:9464", "127.0.0.1:99999",
        "127.0.0.1:", "::1:9464"};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct err why = {""};
        struct http_plan other = plan;
        other.address = str_of(rows[i]);
        cr_expect(http_start(&other, &why) == NULL, "row %zu", i);
        cr_expect(strstr(why.text, "no address") != NULL, "row %zu", i);
    }
}
