/* SPDX-License-Identifier: Apache-2.0
 *
 * The loop's two connections to Redis: what one of them finds, the other must
 * not stumble over. */
#include <criterion/criterion.h>

#include "base/stage_priv.h"
#include "server.h"

static int64_t
now_ms(void)
{
    return 1000;
}

/* A commit is on its way when a claim, on the other connection, finds that
 * Redis is away; the next commit is sent again, and gets its own answer. */
Test(stage_redis, a_commit_whose_answer_is_given_up_is_sent_again,
     .timeout = 60)
{
    struct server server;
    server_start(&server);
    struct redis_address address = {.address = server.socket};
    struct stage_plan plan = {.now_ms = now_ms};
    struct stage stage = {.plan = &plan, .redis = redis_new(&address)};
    struct str first[] = {STR("ECHO"), STR("first")};
    struct str second[] = {STR("ECHO"), STR("second")};
    struct err why = {"the other connection was closed"};
    struct redis_reply *reply = NULL;

    cr_assert_eq(redis_send(stage.redis, first, 2, &why), REDIS_FINE);
    stage.sent = true;
    stage_redis_gone(&stage, &why);
    cr_assert_not(stage.sent);
    cr_assert_eq(redis_call(stage.redis, second, 2, &reply, &why), REDIS_FINE,
                 "%s", why.text);
    cr_assert(str_equal(reply_text(reply), STR("second")), "%.*s",
              STR_ARG(reply_text(reply)));
    redis_reply_free(reply);
    redis_free(stage.redis);
    server_stop(&server);
}
