/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims and commits on a real Redis, private to each test. */
#include <criterion/criterion.h>

#include "base/commit.h"
#include "server.h"

static const struct tables tables = {{"one", "two"}, 2};

struct trial {
    struct server server;
    struct redis_address address;
    struct redis *redis;
    struct claim claim;
    struct commit_args args;
    struct changes changes;
    struct buf marker;
    struct err why;
};

static void
setup(struct trial *t)
{
    *t = (struct trial){0};
    server_start(&t->server);
    t->address.address = t->server.socket;
    t->redis = redis_new(&t->address);
    t->claim = (struct claim){.name = STR("ingest/t/0"), .tables = &tables};
}

static void
teardown(struct trial *t)
{
    redis_free(t->redis);
    commit_args_free(&t->args);
    changes_free(&t->changes);
    buf_free(&t->marker);
    server_stop(&t->server);
}

static enum commit_says
claim(struct trial *t, uint64_t number)
{
    return commit_claim(t->redis, &t->claim, number, &t->marker, &t->why);
}

static enum commit_says
commit(struct trial *t, const char *expected, const char *marker)
{
    struct commit commit = {expected, marker, false, &t->changes};
    return commit_now(t->redis, &t->claim, &commit, &t->args, &t->why);
}

static struct str
get(struct trial *t, struct redis_reply **reply, const char *key,
    const char *field)
{
    struct str arg[] = {STR("HGET"), str_of(key), str_of(field)};
    redis_call(t->redis, arg, 3, reply, &t->why);
    return reply_text(*reply);
}

Test(commit, stream_rule_03_writes_all_or_nothing)
{
    struct trial t;
    setup(&t);
    cr_assert_eq(claim(&t, 1), COMMIT_DONE, "%s", t.why.text);
    cr_assert_eq(t.marker.len, 0u, "there is no marker yet");
    changes_set(&t.changes, 0, STR("a"), STR("1"));
    changes_set(&t.changes, 1, STR("b"), STR("2"));
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_DONE, "%s", t.why.text);
    changes_clear(&t.changes);
    changes_set(&t.changes, 0, STR("a"), STR("3"));
    changes_unset(&t.changes, 1, STR("b"));
    cr_assert_eq(commit(&t, "wrong", "m2"), COMMIT_REFUSED);
    struct redis_reply *reply;
    cr_assert(str_equal(get(&t, &reply, "tc:{ingest/t/0}:one", "a"), STR("1")));
    redis_reply_free(reply);
    cr_assert_eq(commit(&t, "m1", "m2"), COMMIT_DONE);
    cr_assert(str_equal(get(&t, &reply, "tc:{ingest/t/0}:one", "a"), STR("3")));
    redis_reply_free(reply);
    cr_assert_eq(get(&t, &reply, "tc:{ingest/t/0}:two", "b").len, 0u);
    redis_reply_free(reply);
    teardown(&t);
}

Test(commit, stream_rule_02_a_zombie_is_refused_also_at_the_same_marker)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_DONE);
    struct claim zombie = t.claim;
    cr_assert_eq(claim(&t, 2), COMMIT_DONE);
    cr_assert(str_equal(buf_str(&t.marker), STR("m1")));
    struct claim owner = t.claim;
    t.claim = zombie;
    cr_assert_eq(commit(&t, "m1", "m2"), COMMIT_REFUSED);
    t.claim = owner;
    cr_assert_eq(commit(&t, "m1", "m2"), COMMIT_DONE);
    teardown(&t);
}

Test(commit, stream_rule_02_also_one_that_has_not_committed_yet)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    struct claim zombie = t.claim;
    cr_assert_eq(claim(&t, 2), COMMIT_DONE);
    struct claim owner = t.claim;
    t.claim = zombie; /* of the same commit number, at the same marker */
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_REFUSED);
    t.claim = owner;
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_DONE);
    teardown(&t);
}

Test(commit, stream_rule_02_a_commit_number_is_used_once)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_DONE);
    struct claim before = t.claim;
    cr_assert_eq(commit(&t, "m1", "m1"), COMMIT_DONE, "the offset may stay");
    t.claim = before; /* the answer was lost: send it again */
    cr_assert_eq(commit(&t, "m1", "m1"), COMMIT_REFUSED);
    teardown(&t);
}

Test(commit, stream_rule_05_a_lost_redis_is_noticed)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    commit(&t, NULL, "m1");
    struct str flush = STR("FLUSHALL");
    struct redis_reply *reply;
    redis_call(t.redis, &flush, 1, &reply, &t.why);
    redis_reply_free(reply);
    cr_assert_eq(commit(&t, "m1", "m1"), COMMIT_REFUSED);
    teardown(&t);
}

Test(commit, the_function_is_loaded_again_when_it_is_gone)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    struct str flush[] = {STR("FUNCTION"), STR("FLUSH")};
    struct redis_reply *reply;
    redis_call(t.redis, flush, 2, &reply, &t.why);
    redis_reply_free(reply);
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_DONE, "%s", t.why.text);
    teardown(&t);
}

Test(commit, a_wrong_type_under_a_key_writes_nothing)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    struct str set[] = {STR("SET"), STR("tc:{ingest/t/0}:two"), STR("x")};
    struct redis_reply *reply;
    redis_call(t.redis, set, 3, &reply, &t.why);
    redis_reply_free(reply);
    changes_set(&t.changes, 0, STR("a"), STR("1"));
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_BROKEN);
    cr_assert_eq(get(&t, &reply, "tc:{ingest/t/0}:one", "a").len, 0u);
    redis_reply_free(reply);
    teardown(&t);
}

Test(commit, a_whole_state_takes_the_place_of_a_wrong_type)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    struct str set[] = {STR("SET"), STR("tc:{ingest/t/0}:two"), STR("x")};
    struct redis_reply *reply;
    redis_call(t.redis, set, 3, &reply, &t.why);
    redis_reply_free(reply);
    changes_set(&t.changes, 1, STR("a"), STR("1"));
    struct commit whole = {NULL, "m1", true, &t.changes};
    cr_assert_eq(commit_now(t.redis, &t.claim, &whole, &t.args, &t.why),
                 COMMIT_DONE, "%s", t.why.text);
    cr_assert(str_equal(get(&t, &reply, "tc:{ingest/t/0}:two", "a"), STR("1")));
    redis_reply_free(reply);
    teardown(&t);
}

Test(commit, a_torn_transaction_that_comes_back_is_noticed)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_DONE);
    cr_assert_eq(commit(&t, "m1", "m2"), COMMIT_DONE);
    cr_assert_eq(claim(&t, 2), COMMIT_DONE);
    cr_assert(str_equal(buf_str(&t.marker), STR("m2")), "nothing is torn");
    cr_assert_eq(commit(&t, "m2", "m3"), COMMIT_DONE);
    /* what Redis 7.0 carries out late of a commit that was cut off */
    struct str torn[] = {STR("HSET"), STR("tc:{ingest/t/0}:marker"),
                         STR("begun:1:3"), STR("1")};
    struct redis_reply *reply;
    redis_call(t.redis, torn, 4, &reply, &t.why);
    redis_reply_free(reply);
    cr_assert_eq(claim(&t, 3), COMMIT_DONE);
    cr_assert_eq(t.marker.len, 0u, "the state is restored instead");
    teardown(&t);
}

Test(commit, a_large_one_is_written_whole)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    char field[16];
    for (int i = 0; i < 30000; i++) {
        snprintf(field, sizeof field, "f%d", i);
        changes_set(&t.changes, 0, str_of(field), STR("v"));
    }
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_DONE, "%s", t.why.text);
    struct str len[] = {STR("HLEN"), STR("tc:{ingest/t/0}:one")};
    struct redis_reply *reply;
    redis_call(t.redis, len, 2, &reply, &t.why);
    cr_assert_eq(reply_number(reply), 30000);
    redis_reply_free(reply);
    changes_clear(&t.changes);
    for (int i = 0; i < 30000; i++) {
        snprintf(field, sizeof field, "f%d", i);
        changes_unset(&t.changes, 0, str_of(field));
    }
    cr_assert_eq(commit(&t, "m1", "m2"), COMMIT_DONE);
    redis_call(t.redis, len, 2, &reply, &t.why);
    cr_assert_eq(reply_number(reply), 0);
    redis_reply_free(reply);
    teardown(&t);
}

Test(commit, without_redis_it_is_away_and_comes_back)
{
    struct trial t;
    setup(&t);
    claim(&t, 1);
    server_kill(&t.server);
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_AWAY);
    server_start_again(&t.server);
    cr_assert_eq(commit(&t, NULL, "m1"), COMMIT_REFUSED, "it lost the claim");
    teardown(&t);
}

Test(marker, is_the_same_after_writing_and_reading)
{
    static const struct marker row[] = {
        {"abc-DEF_1", 1, 0, false, 0, 0},
        {"x", 4000000000u, INT64_MAX, true, 1709623351250, 0xdeadbeef},
        {"", 7, 42, true, -1, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct buf text = {0}, again = {0};
        struct marker back;
        marker_write(&text, &row[i]);
        cr_assert(marker_read(buf_str(&text), &back), "row %zu", i);
        marker_write(&again, &back);
        cr_assert(str_equal(buf_str(&text), buf_str(&again)), "row %zu", i);
        cr_assert_eq(marker_compare(&row[i], &back), 0);
        buf_free(&text);
        buf_free(&again);
    }
    struct marker marker;
    static const char *const bad[] = {"",
                                      "1 c 1 0 -",
                                      "2 c 1 0 - -",
                                      "1 c -1 0 - -",
                                      "1 c 1 -5 - -",
                                      "1 c 1 0 5 zzzzzzzz",
                                      "1 c 1 0 - - x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(marker_read(str_of(bad[i]), &marker), "row %zu", i);
}

Test(commit, a_marker_of_a_cluster_with_a_nul_is_none)
{
    struct marker marker;
    cr_assert(marker_read(STR("1 c 0 3 17 deadbeef"), &marker));
    cr_assert(!marker_read(STR("1 -\0 0 3 17 deadbeef"), &marker));
    cr_assert(!marker_read(STR("1 c\0d 0 3 17 deadbeef"), &marker));
}
