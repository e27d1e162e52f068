/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh rebuild`: an operator starts a partition that has stopped: on
 * another log under the same name, or after records were deleted unread. The
 * counts stay; the incarnation rises, so that what is read from here on is not
 * taken for a repeat (STREAM 7). The worker that holds the partition sees the
 * new claim and takes the partition again. */
#include "base/commit.h"
#include "base/kafka.h"
#include "base/snapshot.h"
#include "clock.h"
#include "commands.h"
#include "config.h"
#include "ingest/ingest.h"
#include "topics.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { KAFKA_MS = 10000 };

struct wish {
    const char *config;
    struct str topic, from;
    int64_t partition;
};

static int
usage(void)
{
    fprintf(stderr, "usage: thapcanh rebuild [-c FILE] --topic T --partition N "
                    "--from beginning|end|OFFSET\n");
    return EXIT_USAGE;
}

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"topic", required_argument, NULL, 't'},
        {"partition", required_argument, NULL, 'p'},
        {"from", required_argument, NULL, 'f'},
        {NULL, 0, NULL, 0},
    };
    wish->partition = -1;
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
        if (c == 'c')
            wish->config = optarg;
        else if (c == 't')
            wish->topic = str_of(optarg);
        else if (c == 'f')
            wish->from = str_of(optarg);
        else if (c != 'p' || !str_to_i64(str_of(optarg), &wish->partition))
            return false;
    }
    return optind == argc && wish->topic.len > 0 && wish->from.len > 0 &&
           wish->partition >= 0 && wish->partition < MAX_PARTITIONS;
}

/* Where to begin, as an offset of the log that is there now. */
static bool
decide_offset(struct kafka_admin *admin, const struct wish *wish,
              int64_t *offset, struct err *why)
{
    struct kafka_ends ends;
    if (!kafka_ask_ends(admin, wish->topic, (int32_t)wish->partition, KAFKA_MS,
                        &ends, why))
        return false;
    if (str_equal(wish->from, STR("beginning")))
        *offset = ends.low;
    else if (str_equal(wish->from, STR("end")))
        *offset = ends.high;
    else if (!str_to_i64(wish->from, offset) || *offset < ends.low ||
             *offset > ends.high)
        err_set(why, "--from %.*s: the log has offsets %lld to %lld",
                STR_ARG(wish->from), (long long)ends.low, (long long)ends.high);
    return why->text[0] == '\0';
}

static bool
take_nothing(void *context, size_t table, struct str field, struct str value,
             struct err *why)
{
    (void)context, (void)table, (void)field, (void)value, (void)why;
    return true;
}

/* Redis holds nothing of the partition: what the snapshots know of it. A whole
 * one must not be passed over: the service restores it, with the counts. */
static bool
ask_snapshots(const struct config *config, struct str name,
              struct marker *marker, struct err *why)
{
    const struct snapshot_place place = {
        .kafka = &config->kafka,
        .topic = config->topics.state,
        .n_partitions = config->topics.state_partitions,
        .name = name,
    };
    struct snapshot found[2];
    size_t n;
    if (snapshot_find(&place, found, &n, why) == SNAPSHOT_AWAY)
        return false;
    for (size_t i = 0; i < n; i++) {
        enum snapshot_says says =
            snapshot_read(&place, &found[i], take_nothing, NULL, why);
        if (says == SNAPSHOT_AWAY)
            return false;
        if (says == SNAPSHOT_FOUND) {
            err_set(why,
                    "Redis has no state of this partition but %.*s has: run "
                    "the service, which restores it, and then this again",
                    STR_ARG(place.topic));
            return false;
        }
        if (found[i].marker.incarnation >= marker->incarnation)
            marker->incarnation = found[i].marker.incarnation + 1;
    }
    return true;
}

static bool
write_marker(const struct config *config, struct redis *redis,
             struct claim *claim, struct marker *marker, struct err *why)
{
    struct buf old = {0}, text = {0};
    struct commit_args args = {0};
    struct marker before = {0};
    bool fine = commit_claim(redis, claim, clock_random() >> 2, &old, why) ==
                COMMIT_DONE;
    bool had = fine && marker_read(buf_str(&old), &before);
    marker->incarnation = before.incarnation + 1;
    fine = fine && (had || ask_snapshots(config, claim->name, marker, why));
    if (fine) {
        bool found = old.len > 0; /* also one that cannot be read */
        buf_char(&old, '\0');
        marker_write(&text, marker);
        buf_char(&text, '\0');
        struct commit commit = {
            .expected = found ? old.at : NULL,
            .marker = text.at,
            .drop_tables = !had,
        };
        fine = commit_now(redis, claim, &commit, &args, why) == COMMIT_DONE;
    }
    commit_args_free(&args);
    buf_free(&old);
    buf_free(&text);
    return fine;
}

static int
rebuild(struct config *config, const struct wish *wish)
{
    struct err why = {""};
    struct marker marker = {0};
    struct buf cluster = {0}, name = {0};
    struct kafka_admin *admin = kafka_admin_open(&config->kafka, &why);
    bool fine = admin && kafka_cluster_id(admin, KAFKA_MS, &cluster, &why);
    int code = fine ? EXIT_CHECK : EXIT_UNREACHABLE;
    fine = fine && decide_offset(admin, wish, &marker.offset, &why);
    if (fine && cluster.len < sizeof marker.cluster)
        memcpy(marker.cluster, cluster.at, cluster.len);
    buf_add(&name, ingest_ops()->name);
    buf_char(&name, '/');
    buf_add(&name, wish->topic);
    buf_char(&name, '/');
    buf_i64(&name, wish->partition);
    struct claim claim = {.name = buf_str(&name),
                          .tables = &ingest_ops()->tables};
    struct redis_address address;
    fine = fine && config_redis(config, &address, &why);
    struct redis *redis = fine ? redis_new(&address) : NULL;
    if (redis && write_marker(config, redis, &claim, &marker, &why)) {
        printf("%.*s starts at offset %lld, incarnation %u\n",
               STR_ARG(buf_str(&name)), (long long)marker.offset,
               marker.incarnation);
        code = EXIT_OK;
    } else {
        fprintf(stderr, "thapcanh rebuild: %s\n", why.text);
    }
    redis_free(redis);
    if (admin)
        kafka_admin_close(admin);
    buf_free(&cluster);
    buf_free(&name);
    return code;
}

int
cmd_rebuild(int argc, char **argv)
{
    struct wish wish = {0};
    if (!read_wish(argc, argv, &wish))
        return usage();
    static struct config config;
    struct complaints complaints = {0};
    int code = EXIT_CHECK;
    if (config_load(wish.config, &config, &complaints))
        code = rebuild(&config, &wish);
    else
        command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    config_free(&config);
    return code;
}
