/* SPDX-License-Identifier: Apache-2.0
 *
 * The listener, on libmicrohttpd: a thread for each connection, and few of
 * them. A client that sends a byte now and then would keep its connection for
 * ever, so every connection has a life, after which a reaper shuts it down. */
#include "console/http.h"

#include "form.h"
#include "page.h"

#include "base/hash.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MAX_CONNECTIONS = 64,
    MAX_HEAD_BYTES = 16 << 10,
    MAX_BODY_BYTES = 16 << 10,
    REQUEST_BYTES = 1 << 20, /* scratch of one request */
    REAP_MS = 250,
    STACK_BYTES = 512 << 10,
};

struct connection {
    int fd; /* -1: free */
    int64_t since_ms;
};

struct http {
    const struct http_plan *plan;
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock; /* of connection[] */
    struct connection connection[MAX_CONNECTIONS];
    int stop; /* an eventfd: ends the reaper */
    bool reaping;
    pthread_t reaper;
};

/* One request, from its head to its answer. */
struct request {
    struct http *http;
    struct MHD_Connection *connection;
    struct buf body;
    bool too_long;
};

/* --- the life of connections */

static void
note_connection(void *context, struct MHD_Connection *connection,
                void **socket_context, enum MHD_ConnectionNotificationCode code)
{
    struct http *http = context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    (void)socket_context;
    if (info == NULL)
        return;
    int fd = (int)info->connect_fd;
    bool begins = code == MHD_CONNECTION_NOTIFY_STARTED;
    pthread_mutex_lock(&http->lock);
    for (size_t i = 0; i < MAX_CONNECTIONS; i++)
        if (http->connection[i].fd == (begins ? -1 : fd)) {
            http->connection[i] = (struct connection){
                begins ? fd : -1, begins ? http->plan->ops->monotonic_ms() : 0};
            break;
        }
    pthread_mutex_unlock(&http->lock);
}

/* A descriptor in the list is open: it leaves the list before it is closed,
 * under the same lock. */
static void *
reap(void *context)
{
    struct http *http = context;
    struct pollfd stop = {.fd = http->stop, .events = POLLIN};
    while (poll(&stop, 1, REAP_MS) <= 0) {
        int64_t now_ms = http->plan->ops->monotonic_ms();
        pthread_mutex_lock(&http->lock);
        for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
            struct connection *one = &http->connection[i];
            if (one->fd >= 0 && now_ms - one->since_ms > http->plan->life_ms)
                shutdown(one->fd, SHUT_RDWR);
        }
        pthread_mutex_unlock(&http->lock);
    }
    return NULL;
}

/* --- answers */

static enum MHD_Result
answer(struct request *request, unsigned code, const char *type,
       const struct buf *text)
{
    static const char *const headers[][2] = {
        {"Cache-Control", "no-store"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"X-Robots-Tag", "noindex, nofollow"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Content-Security-Policy",
         "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
         "frame-ancestors 'none'; base-uri 'none'"},
    };
    char *copy = malloc(text->len + 1);
    if (copy == NULL || text->full) {
        free(copy);
        return MHD_NO;
    }
    if (text->len > 0)
        memcpy(copy, text->at, text->len);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(text->len, copy, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        free(copy);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", type);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD, POST");
    enum MHD_Result queued =
        MHD_queue_response(request->connection, code, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result
answer_line(struct request *request, unsigned code, const char *line)
{
    struct buf text = {0};
    buf_add(&text, str_of(line));
    buf_char(&text, '\n');
    enum MHD_Result result =
        answer(request, code, "text/plain; charset=utf-8", &text);
    buf_free(&text);
    return result;
}

static struct str
head_value(const struct request *request, const char *name)
{
    return str_of(MHD_lookup_connection_value(request->connection,
                                              MHD_HEADER_KIND, name));
}

/* --- the acknowledge page */

static enum MHD_Result
answer_page(struct request *request, unsigned code, const struct page *page)
{
    struct buf html = {0};
    page_write(&html, page);
    enum MHD_Result result =
        answer(request, code, "text/html; charset=utf-8", &html);
    buf_free(&html);
    return result;
}

/* What the page shows of each ticket; true when there is nothing left that the
 * reader could take: he has. */
static bool
look_up(const struct http_ops *ops, const struct link *link,
        struct arena *arena, struct http_ticket *ticket)
{
    bool all = true;
    for (size_t i = 0; i < link->n_tickets; i++) {
        ticket[i] = (struct http_ticket){.id = link->ticket[i], .priority = 4};
        ops->ticket(ops->context, link, arena, &ticket[i]);
        all &= ticket[i].mine;
    }
    return all;
}

/* A page of another site cannot know the token, so a POST with one is meant;
 * browsers that say it comes from elsewhere are refused all the same. */
static bool
comes_from_elsewhere(const struct request *request)
{
    struct str site = head_value(request, "Sec-Fetch-Site");
    return str_equal(site, STR("cross-site")) ||
           str_equal(site, STR("same-site"));
}

static enum MHD_Result
serve_link(struct request *request, struct str path, bool post,
           struct arena *arena)
{
    const struct http_plan *plan = request->http->plan;
    const struct http_ops *ops = plan->ops;
    struct str token = str_cut(path, sizeof "/a/" - 1, path.len);
    struct link link;
    struct http_ticket ticket[LINK_MAX_TICKETS];
    struct page page = {.language = VIETNAMESE, .state = PAGE_WRONG};
    enum link_state state =
        link_read(token, plan->link_key, ops->now_ms(), &link);
    if (state == LINK_WRONG || !ops->person(ops->context, link.person, arena,
                                            &page.name, &page.language))
        return answer_page(request, MHD_HTTP_NOT_FOUND, &page);
    bool taken = look_up(ops, &link, arena, ticket);
    page.ticket = ticket;
    page.n_tickets = link.n_tickets;
    page.path = path;
    if (taken) {
        page.state = PAGE_DONE;
        return answer_page(request, MHD_HTTP_OK, &page);
    }
    if (state == LINK_EXPIRED) {
        page.state = PAGE_EXPIRED;
        return answer_page(request, MHD_HTTP_GONE, &page);
    }
    page.state = PAGE_ASKS;
    if (!post)
        return answer_page(request, MHD_HTTP_OK, &page);
    if (comes_from_elsewhere(request))
        return answer_page(request, MHD_HTTP_FORBIDDEN, &page);
    if (!ops->acknowledge(ops->context, &link)) {
        page.state = PAGE_LATER;
        return answer_page(request, MHD_HTTP_SERVICE_UNAVAILABLE, &page);
    }
    page.state = PAGE_DONE;
    for (size_t i = 0; i < page.n_tickets; i++)
        ticket[i].has = page.name;
    return answer_page(request, MHD_HTTP_OK, &page);
}

/* --- answers by SMS */

/* From the query or the body. */
static struct str
field(struct request *request, const char *name, struct arena *arena)
{
    struct str value = str_of(MHD_lookup_connection_value(
        request->connection, MHD_GET_ARGUMENT_KIND, name));
    if (value.len > 0)
        return value;
    return form_field(buf_str(&request->body),
                      head_value(request, "Content-Type"), str_of(name), arena);
}

static bool
has_secret(struct request *request, struct arena *arena)
{
    struct str secret = request->http->plan->sms_secret;
    struct str bearer = head_value(request, "Authorization");
    if (str_starts(bearer, STR("Bearer ")))
        return hash_same(str_cut(bearer, 7, bearer.len), secret);
    return hash_same(field(request, "secret", arena), secret);
}

static enum MHD_Result
serve_sms(struct request *request, struct arena *arena)
{
    const struct http_ops *ops = request->http->plan->ops;
    if (!has_secret(request, arena))
        return answer_line(request, MHD_HTTP_FORBIDDEN, "wrong secret");
    struct str from = field(request, "from", arena);
    struct str text = field(request, "text", arena);
    if (from.len == 0 || text.len == 0)
        return answer_line(request, MHD_HTTP_BAD_REQUEST,
                           "the fields 'from' and 'text' are needed");
    struct buf says = {0};
    ops->sms(ops->context, from, text, &says);
    buf_char(&says, '\n');
    enum MHD_Result result =
        answer(request, MHD_HTTP_OK, "text/plain; charset=utf-8", &says);
    buf_free(&says);
    return result;
}

/* --- for machines */

static enum MHD_Result
serve_health(struct request *request)
{
    const struct http_ops *ops = request->http->plan->ops;
    struct buf words = {0};
    bool well = ops->healthy(ops->context, &words);
    buf_char(&words, '\n');
    enum MHD_Result result =
        answer(request, well ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
               "text/plain; charset=utf-8", &words);
    buf_free(&words);
    return result;
}

static enum MHD_Result
serve_metrics(struct request *request)
{
    const struct http_ops *ops = request->http->plan->ops;
    struct buf text = {0};
    bool fine = ops->metrics(ops->context, &text);
    if (!fine) {
        buf_clear(&text);
        buf_add(&text, STR("no metrics just now\n"));
    }
    enum MHD_Result result =
        answer(request, fine ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE,
               "text/plain; version=0.0.4; charset=utf-8", &text);
    buf_free(&text);
    return result;
}

/* --- the way in */

static enum MHD_Result
serve(struct request *request, struct str path, bool post, struct arena *arena)
{
    bool link = str_starts(path, STR("/a/"));
    bool sms =
        str_equal(path, STR("/sms")) && request->http->plan->sms_secret.len > 0;
    if (request->too_long)
        return answer_line(request, MHD_HTTP_CONTENT_TOO_LARGE, "too long");
    if (link)
        return serve_link(request, path, post, arena);
    if (sms)
        return serve_sms(request, arena);
    if (post)
        return answer_line(request, MHD_HTTP_METHOD_NOT_ALLOWED,
                           "only GET here");
    if (str_equal(path, STR("/healthz")))
        return serve_health(request);
    if (str_equal(path, STR("/metrics")))
        return serve_metrics(request);
    return answer_line(request, MHD_HTTP_NOT_FOUND, "nothing here");
}

static enum MHD_Result
handle(void *context, struct MHD_Connection *connection, const char *url,
       const char *method, const char *version, const char *upload,
       size_t *upload_len, void **request_context)
{
    struct request *request = *request_context;
    (void)version;
    if (request == NULL) { /* only the head is there */
        request = calloc(1, sizeof *request);
        if (request == NULL)
            return MHD_NO;
        request->http = context;
        request->connection = connection;
        request->body.max_bytes = MAX_BODY_BYTES;
        *request_context = request;
        return MHD_YES;
    }
    if (*upload_len > 0) {
        buf_add(&request->body, (struct str){upload, *upload_len});
        request->too_long |= request->body.full;
        *upload_len = 0;
        return MHD_YES;
    }
    bool post = strcmp(method, "POST") == 0;
    if (!post && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        return answer_line(request, MHD_HTTP_METHOD_NOT_ALLOWED,
                           "no such method here");
    struct arena arena = arena_reserve(REQUEST_BYTES);
    if (arena.at == NULL)
        return MHD_NO;
    char *start = arena.at;
    enum MHD_Result result = serve(request, str_of(url), post, &arena);
    arena_release(start, arena);
    return result;
}

static void
forget(void *context, struct MHD_Connection *connection, void **request_context,
       enum MHD_RequestTerminationCode code)
{
    struct request *request = *request_context;
    (void)context;
    (void)connection;
    (void)code;
    if (request != NULL)
        buf_free(&request->body);
    free(request);
    *request_context = NULL;
}

/* What libmicrohttpd would print to stderr; who connects decides it. */
static void
say_nothing(void *context, const char *format, va_list args)
{
    (void)context;
    (void)format;
    (void)args;
}

/* --- starting and stopping */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* "127.0.0.1:9464", "[::1]:9464". */
static bool
read_address(struct str text, union address *address)
{
    char host[64];
    size_t colon = text.len;
    int64_t port;
    while (colon > 0 && text.at[colon - 1] != ':')
        colon--;
    struct str name = str_cut(text, 0, colon > 0 ? colon - 1 : 0);
    bool v6 = str_starts(name, STR("[")) && str_ends(name, STR("]"));
    if (v6)
        name = str_cut(name, 1, name.len - 1);
    if (name.len == 0 || name.len >= sizeof host ||
        !str_to_i64(str_cut(text, colon, text.len), &port) || port < 0 ||
        port > 65535)
        return false;
    memcpy(host, name.at, name.len);
    host[name.len] = '\0';
    *address = (union address){.v6 = {0}};
    if (v6) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons((uint16_t)port);
        return inet_pton(AF_INET6, host, &address->v6.sin6_addr) == 1;
    }
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons((uint16_t)port);
    return inet_pton(AF_INET, host, &address->v4.sin_addr) == 1;
}

static bool
listen_at(struct http *http, const union address *address)
{
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION |
                     MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
                     MHD_USE_ERROR_LOG;
    if (address->any.sa_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    unsigned seconds = (unsigned)(http->plan->timeout_ms / 1000);
    http->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, http, MHD_OPTION_EXTERNAL_LOGGER,
        say_nothing, NULL, MHD_OPTION_SOCK_ADDR, &address->any,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, seconds > 0 ? seconds : 1U,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MAX_HEAD_BYTES,
        MHD_OPTION_THREAD_STACK_SIZE, (size_t)STACK_BYTES,
        MHD_OPTION_NOTIFY_COMPLETED, forget, NULL, MHD_OPTION_NOTIFY_CONNECTION,
        note_connection, http, MHD_OPTION_END);
    return http->daemon != NULL;
}

struct http *
http_start(const struct http_plan *plan, struct err *why)
{
    union address address;
    struct http *http = calloc(1, sizeof *http);
    if (http == NULL || !read_address(plan->address, &address)) {
        err_set(why,
                http == NULL ? "out of memory"
                             : "'%.*s' is no address to listen at "
                               "(127.0.0.1:9464, [::1]:9464)",
                STR_ARG(plan->address));
        free(http);
        return NULL;
    }
    http->plan = plan;
    pthread_mutex_init(&http->lock, NULL);
    http->stop = eventfd(0, EFD_CLOEXEC);
    for (size_t i = 0; i < MAX_CONNECTIONS; i++)
        http->connection[i].fd = -1;
    http->reaping =
        http->stop >= 0 && pthread_create(&http->reaper, NULL, reap, http) == 0;
    if (http->reaping && listen_at(http, &address))
        return http;
    err_set(why, "cannot listen at %.*s", STR_ARG(plan->address));
    http_stop(http);
    return NULL;
}

int
http_port(const struct http *http)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info != NULL ? info->port : 0;
}

void
http_stop(struct http *http)
{
    if (http == NULL)
        return;
    if (http->daemon != NULL)
        MHD_stop_daemon(http->daemon);
    if (http->stop >= 0)
        eventfd_write(http->stop, 1);
    if (http->reaping)
        pthread_join(http->reaper, NULL);
    if (http->stop >= 0)
        close(http->stop);
    pthread_mutex_destroy(&http->lock);
    free(http);
}
