/* SPDX-License-Identifier: Apache-2.0
 *
 * Who counts for those that come after (STREAM 15, 16). A partition joins by
 * an announcement without watermark, acknowledged before its first record is
 * computed, and writes its name into the hash tc:joined. As long as a bound
 * partition that has messages is not there, owned by us or not, nobody reads
 * or announces a watermark: else windows would close before it spoke. A
 * partition that cannot go on, or is far behind for long, is set aside: it
 * holds nobody back until it has caught up, and status says so. */
#include "stage_priv.h"

#include "base/log.h"
#include "base/table.h"

#include <stdlib.h>

enum {
    ENDS_MS = 2000,
    MAX_JOINING = 512,
    CHECK_MS = 250,      /* while somebody is awaited */
    CHECK_ALL_MS = 5000, /* for topics that appear later */
    UNCLAIMED_MS = 60000,
    MAX_PARTS = 4096,
    STUCK_MS = 600000,
    BEHIND_MS = 3600000,
};

static const struct str joined_key = {"tc:joined", 9};

bool
part_may_read(const struct stage *stage, const struct part *part)
{
    return !stage->plan->ops->announce ||
           (part->join == JOIN_DONE && stage->all_joined);
}

/* --- joining */

static bool
note_joined(struct stage *stage, const struct part *part)
{
    struct str arg[] = {STR("HSET"), joined_key, buf_str(&part->name),
                        STR("1")};
    struct redis_reply *reply;
    struct err why;
    if (redis_call(stage->side, arg, 4, &reply, &why) != REDIS_FINE)
        return false;
    redis_reply_free(reply);
    stage_fault(stage, FAULT_joined);
    return true;
}

/* The last announcement of joins has been answered. */
static void
joins_answered(struct stage *stage)
{
    bool fine = stage->joins->failed == 0;
    for (struct part *part = stage->parts; part; part = part->next)
        if (part->join == JOIN_SENT)
            part->join =
                fine && note_joined(stage, part) ? JOIN_DONE : JOIN_NOT;
}

/* One that is stopped joins too, set aside, so that nobody waits for it. */
static void
send_joins(struct stage *stage)
{
    struct progress at[MAX_JOINING];
    size_t n = 0;
    for (struct part *part = stage->parts; part && n < MAX_JOINING;
         part = part->next) {
        bool stopped = part->phase == PART_STOPPED;
        if ((part->phase != PART_RUNNING && !stopped) || part->join != JOIN_NOT)
            continue;
        part->join = JOIN_SENT;
        at[n++] = (struct progress){
            .topic = buf_str(&part->topic),
            .partition = part->partition,
            .incarnation = part->read.incarnation,
            .offset = part->done.offset,
            .watermark_ms = NO_TIME,
            .aside = stopped,
        };
    }
    if (n == 0)
        return;
    *stage->joins = (struct delivery){0};
    stage->computing = stage->joins;
    struct sink sink = stage_sink(stage);
    stage->plan->ops->announce(stage->plan->stage, at, n, &sink);
    stage_fault(stage, FAULT_joining);
}

/* --- who has not joined */

struct checking {
    struct stage *stage;
    struct table *joined;
    size_t n_missing;
    struct buf name; /* of the first that is missing */
};

static bool
read_joined(void *context, struct str field, struct str value)
{
    struct checking *c = context;
    (void)value;
    return table_add(c->joined, field, NULL) != TABLE_NONE;
}

static void
check_partition(struct checking *c, struct str topic, int32_t partition)
{
    struct stage *stage = c->stage;
    struct buf name = {0};
    struct kafka_ends ends;
    struct err why;
    buf_add(&name, stage->plan->ops->name);
    buf_char(&name, '/');
    buf_add(&name, topic);
    buf_char(&name, '/');
    buf_i64(&name, partition);
    if (table_find(c->joined, buf_str(&name)) == TABLE_NONE &&
        (!kafka_ask_ends(stage->admin, topic, partition, ENDS_MS, &ends,
                         &why) ||
         ends.high > ends.low)) {
        if (c->n_missing++ == 0)
            buf_add(&c->name, buf_str(&name));
    }
    buf_free(&name);
}

static void
check_topic(void *context, struct str topic, int n)
{
    struct checking *c = context;
    const struct stage_plan *plan = c->stage->plan;
    if (!plan->bound(plan->bound_context, topic))
        return;
    for (int i = 0; i < n && c->n_missing == 0; i++)
        check_partition(c, topic, i);
}

/* A partition that nobody has taken for a minute is announced as set aside by
 * whoever waits for it; the name lies in `stage->awaited`. */
static void
put_aside_awaited(struct stage *stage)
{
    struct str name = buf_str(&stage->awaited), part;
    int64_t partition = -1;
    str_split(&name, '/', &part); /* the stage */
    size_t slash = name.len;
    while (slash > 0 && name.at[slash - 1] != '/')
        slash--;
    if (slash == 0 || !str_to_i64(str_cut(name, slash, name.len), &partition))
        return;
    struct str topic = str_cut(name, 0, slash - 1);
    struct progress at = {
        .topic = topic,
        .partition = (int32_t)partition,
        .incarnation = 1,
        .watermark_ms = NO_TIME,
        .aside = true,
    };
    *stage->joins = (struct delivery){0};
    stage->computing = stage->joins;
    struct sink sink = stage_sink(stage);
    stage->plan->ops->announce(stage->plan->stage, &at, 1, &sink);
    struct str arg[] = {STR("HSET"), joined_key, buf_str(&stage->awaited),
                        STR("aside")};
    struct redis_reply *reply = NULL;
    struct err why;
    redis_call(stage->side, arg, 4, &reply, &why);
    redis_reply_free(reply);
    log_warn("stage", "%.*s has messages and no owner: set aside",
             STR_ARG(buf_str(&stage->awaited)));
}

static void
missing(struct stage *stage, const struct checking *c, int64_t now)
{
    if (!str_equal(buf_str(&c->name), buf_str(&stage->awaited))) {
        buf_clear(&stage->awaited);
        buf_add(&stage->awaited, buf_str(&c->name));
        stage->awaited_since_ms = now;
    } else if (now - stage->awaited_since_ms > UNCLAIMED_MS &&
               stage->joins->waiting == 0) {
        put_aside_awaited(stage);
        stage->awaited_since_ms = now;
    }
    stage->all_joined = false;
}

static void
check_all(struct stage *stage, int64_t now)
{
    struct err why = {""};
    struct checking c = {.stage = stage, .joined = table_new(MAX_PARTS * 4)};
    if (!stage->admin)
        stage->admin = kafka_admin_open(stage->plan->kafka, &why);
    if (stage->admin && c.joined &&
        redis_hash_each(stage->side, joined_key, read_joined, &c, &why) ==
            REDIS_FINE &&
        kafka_topics(stage->admin, ENDS_MS, check_topic, &c, &why)) {
        if (c.n_missing > 0) {
            missing(stage, &c, now);
        } else {
            if (!stage->all_joined)
                stage_ask_others(stage);
            stage->all_joined = true;
            buf_clear(&stage->awaited);
        }
    }
    buf_free(&c.name);
    if (c.joined)
        table_free(c.joined);
}

/* --- setting aside */

/* Why a partition of ours should hold nobody back; NULL: it should. */
static const char *
why_aside(const struct stage *stage, const struct part *part)
{
    const struct stage_ops *ops = stage->plan->ops;
    int64_t kafka_ms = stage->kafka_ms;
    if (part->phase == PART_STOPPED)
        return "stopped";
    if (kafka_ms == 0 || part->phase != PART_RUNNING)
        return NULL;
    bool unread = part->end > part->done.offset;
    if (unread)
        return kafka_ms - part->moved_kafka_ms >= STUCK_MS
                   ? "has not moved for 10 minutes"
                   : NULL;
    if (part->done_watermark_ms == NO_TIME)
        return "has sent nothing yet";
    if (part->done.has_last &&
        kafka_ms - part->done.last_ms > ops->lateness_ms(part->state))
        return "silent";
    if (stage->best_caught_up_ms != NO_TIME &&
        stage->best_caught_up_ms - part->done_watermark_ms > BEHIND_MS)
        return kafka_ms - part->level_kafka_ms >= STUCK_MS
                   ? "over an hour behind the others"
                   : NULL;
    return NULL;
}

void
stage_look_aside(struct stage *stage)
{
    for (struct part *part = stage->parts; part; part = part->next) {
        if (part->moved_offset != part->done.offset ||
            part->moved_kafka_ms == 0) {
            part->moved_offset = part->done.offset;
            part->moved_kafka_ms = stage->kafka_ms;
        }
        if (part->level_kafka_ms == 0 || stage->best_caught_up_ms == NO_TIME ||
            part->done_watermark_ms == NO_TIME ||
            stage->best_caught_up_ms - part->done_watermark_ms <= BEHIND_MS)
            part->level_kafka_ms = stage->kafka_ms;
        const char *why = why_aside(stage, part);
        if ((why != NULL) != (part->aside != NULL))
            part->unannounced = true;
        part->aside = why;
    }
}

void
stage_join(struct stage *stage, int64_t now)
{
    if (!stage->plan->ops->announce)
        return;
    if (!stage->joins && !(stage->joins = calloc(1, sizeof *stage->joins)))
        return;
    if (stage->joins->waiting > 0)
        return;
    joins_answered(stage);
    send_joins(stage);
    if (!stage->plan->bound) {
        stage->all_joined = true;
        return;
    }
    if (now - stage->joins_checked_ms <
        (stage->all_joined ? CHECK_ALL_MS : CHECK_MS))
        return;
    stage->joins_checked_ms = now;
    if (!stage->redis_away && consumer_connected(stage->consumer, NULL))
        check_all(stage, now);
}
