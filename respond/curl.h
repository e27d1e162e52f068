/* SPDX-License-Identifier: Apache-2.0
 *
 * One HTTP request or one mail, sent and answered within a time, by libcurl.
 * A client belongs to one thread. Servers are verified unless told otherwise;
 * redirects are not followed, the environment (proxies, .netrc) is not read,
 * and only http and https, smtp and smtps are spoken. */
#ifndef RESPOND_CURL_H
#define RESPOND_CURL_H

#include "base/err.h"

struct curl_plan {
    const char *ca_file; /* NULL: the system's */
    const char *proxy;   /* NULL: none */
    bool unverified;
    int64_t timeout_ms;
};

struct curl_client;

/* Borrows `plan` for life. NULL: out of memory. */
struct curl_client *curl_client_new(const struct curl_plan *plan);
void curl_client_free(struct curl_client *client);

struct curl_http {
    const char *url;
    bool post;
    struct str body;           /* of a POST */
    const char *const *header; /* whole lines, n_headers of them */
    size_t n_headers;
    struct str success; /* what the answer must hold; empty: anything */
};
/* True when the server answered with 2xx and `success`. `why` gets its answer
 * in short either way. */
bool curl_http(struct curl_client *client, const struct curl_http *request,
               struct err *why);

struct curl_mail {
    const char *url;
    const char *user, *password; /* NULL: none */
    const char *from, *to;       /* addresses */
    bool plain;                  /* STARTTLS is not asked for */
    struct str mail;
};
bool curl_mail(struct curl_client *client, const struct curl_mail *request,
               struct err *why);

#endif
