/* SPDX-License-Identifier: Apache-2.0
 *
 * libcurl, easy interface: blocking, in the courier's threads. What a server
 * says is a stranger's text: kept to a maximum, and shown on one visible line.
 * An address or a header is never made here: whoever calls has escaped it. */
#include "curl.h"

#include "base/visible.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANSWER_KEPT = 8 << 10,
    ANSWER_MOST = 1 << 20, /* past it the transfer is broken off */
    ANSWER_SHOWN = 120,
};

struct curl_client {
    const struct curl_plan *plan;
    CURL *easy;
    struct buf answer;
    size_t n_received;
    char error[CURL_ERROR_SIZE];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void
start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct curl_client *
curl_client_new(const struct curl_plan *plan)
{
    pthread_once(&curl_once, start_curl);
    struct curl_client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return NULL;
    client->plan = plan;
    client->answer.max_bytes = ANSWER_KEPT;
    client->easy = curl_easy_init();
    if (client->easy != NULL)
        return client;
    free(client);
    return NULL;
}

void
curl_client_free(struct curl_client *client)
{
    if (client == NULL)
        return;
    curl_easy_cleanup(client->easy);
    buf_free(&client->answer);
    free(client);
}

static size_t
keep_answer(char *at, size_t size, size_t n, void *context)
{
    struct curl_client *client = context;
    struct str bytes = {at, size * n};
    client->n_received += bytes.len;
    if (client->n_received > ANSWER_MOST)
        return 0; /* breaks off */
    size_t left = ANSWER_KEPT - client->answer.len;
    buf_add(&client->answer, str_cut(bytes, 0, left));
    return bytes.len;
}

struct reading {
    struct str rest;
};

static size_t
give_mail(char *at, size_t size, size_t n, void *context)
{
    struct reading *reading = context;
    size_t len = reading->rest.len < size * n ? reading->rest.len : size * n;
    if (len > 0)
        memcpy(at, reading->rest.at, len);
    reading->rest = str_cut(reading->rest, len, reading->rest.len);
    return len;
}

/* What every transfer has in common; connections are kept for the next. */
static void
prepare(struct curl_client *client, const char *url, const char *protocols)
{
    const struct curl_plan *plan = client->plan;
    CURL *easy = client->easy;
    curl_easy_reset(easy);
    buf_clear(&client->answer);
    client->n_received = 0;
    client->error[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, plan->proxy ? plan->proxy : "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)plan->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)plan->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, client->error);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "thapcanh");
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, plan->unverified ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, plan->unverified ? 0L : 2L);
    if (plan->ca_file != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, plan->ca_file);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
}

static bool
perform(struct curl_client *client, long *code, struct err *why)
{
    CURLcode result = curl_easy_perform(client->easy);
    *code = 0;
    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, code);
    if (result == CURLE_OK)
        return true;
    struct buf says = {0};
    if (client->n_received > ANSWER_MOST)
        buf_add(&says, STR("the answer is too long"));
    else
        buf_visible(&says,
                    str_of(client->error[0] != '\0'
                               ? client->error
                               : curl_easy_strerror(result)),
                    sizeof why->text - 1);
    err_set(why, "%.*s", STR_ARG(buf_str(&says)));
    buf_free(&says);
    return false;
}

static struct curl_slist *
list_of(const char *const *line, size_t n, bool *full)
{
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < n; i++) {
        struct curl_slist *longer = curl_slist_append(list, line[i]);
        *full |= longer == NULL;
        list = longer != NULL ? longer : list;
    }
    return list;
}

static bool
judge(struct curl_client *client, const struct curl_http *request, long code,
      struct err *why)
{
    struct buf shown = {0};
    struct str answer = buf_str(&client->answer);
    buf_visible(&shown, answer, ANSWER_SHOWN);
    bool fine = code >= 200 && code < 300;
    bool success =
        request->success.len == 0 || str_contains(answer, request->success);
    err_set(why, "%sHTTP %ld%s%.*s",
            fine && !success ? "not what success looks like: " : "", code,
            shown.len > 0 ? ": " : "", STR_ARG(buf_str(&shown)));
    buf_free(&shown);
    return fine && success;
}

bool
curl_http(struct curl_client *client, const struct curl_http *request,
          struct err *why)
{
    bool full = false;
    struct curl_slist *headers =
        list_of(request->header, request->n_headers, &full);
    prepare(client, request->url, "http,https");
    curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, headers);
    if (request->post) {
        curl_easy_setopt(client->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)request->body.len);
        curl_easy_setopt(client->easy, CURLOPT_POSTFIELDS,
                         request->body.len > 0 ? request->body.at : "");
    } else {
        curl_easy_setopt(client->easy, CURLOPT_HTTPGET, 1L);
    }
    long code = 0;
    bool fine = false;
    if (full)
        err_set(why, "out of memory");
    else
        fine = perform(client, &code, why) && judge(client, request, code, why);
    curl_slist_free_all(headers);
    return fine;
}

bool
curl_mail(struct curl_client *client, const struct curl_mail *request,
          struct err *why)
{
    bool full = false;
    struct curl_slist *to = list_of(&request->to, 1, &full);
    struct reading reading = {request->mail};
    prepare(client, request->url, "smtp,smtps");
    CURL *easy = client->easy;
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     request->plain ? (long)CURLUSESSL_NONE
                                    : (long)CURLUSESSL_ALL);
    if (request->user != NULL) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, request->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD,
                         request->password ? request->password : "");
    }
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, request->from);
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_mail);
    curl_easy_setopt(easy, CURLOPT_READDATA, &reading);
    long code = 0;
    bool fine = false;
    if (full)
        err_set(why, "out of memory");
    else
        fine = perform(client, &code, why);
    if (fine)
        err_set(why, "SMTP %ld", code);
    curl_slist_free_all(to);
    return fine;
}
