/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads back what feed.c wrote, for the terminal feed, the report's index and
 * the dead letter tools. Other programs may write on the topic too: a record
 * is ours when it is a Detection Finding with a time, an id and a position;
 * whatever else is missing or of another type reads as empty. */
#include "ingest/feed.h"

#include "base/times.h"

/* The text of a member that is a string, else NO_STR. */
static struct str
text_of(const struct json *object, struct str key)
{
    const struct json *node = object != NULL ? json_get(object, key) : NULL;

    return node != NULL && node->type == JSON_STRING ? node->text : NO_STR;
}

static bool
number_of(const struct json *object, struct str key, int64_t *n)
{
    const struct json *node = object != NULL ? json_get(object, key) : NULL;

    return node != NULL && node->type == JSON_NUMBER &&
           str_to_i64(node->text, n);
}

static const struct json *
object_of(const struct json *object, struct str key)
{
    return object != NULL ? json_get(object, key) : NULL;
}

static const struct json *
array_of(const struct json *object, struct str key)
{
    const struct json *node = object_of(object, key);

    return node != NULL && node->type == JSON_ARRAY ? node : NULL;
}

static bool
true_of(const struct json *object, struct str key)
{
    const struct json *node = object_of(object, key);

    return node != NULL && node->type == JSON_TRUE;
}

/* An endpoint's address, or the name that stands for it. */
static struct str
endpoint_of(const struct json *evidence, struct str key)
{
    const struct json *end = object_of(evidence, key);
    struct str ip = text_of(end, STR("ip"));

    return ip.len > 0 ? ip : text_of(end, STR("name"));
}

static void
read_unmapped(const struct json *unmapped, struct feed_line *line)
{
    int64_t level;

    line->source = text_of(unmapped, STR("source"));
    line->unit = text_of(unmapped, STR("unit"));
    line->system = text_of(unmapped, STR("system"));
    line->kind = text_of(unmapped, STR("kind"));
    line->vendor_severity = text_of(unmapped, STR("vendor_severity"));
    if (number_of(unmapped, STR("level"), &level) && level > 0 && level < 100)
        line->level = (int)level;
    line->late = true_of(unmapped, STR("late"));
    line->rules = array_of(unmapped, STR("rules"));
    line->windows = array_of(unmapped, STR("windows"));
    line->capped = array_of(unmapped, STR("capped")) != NULL;
}

static void
read_evidence(const struct json *root, struct feed_line *line)
{
    const struct json *evidences = json_get(root, STR("evidences"));
    const struct json *evidence;

    if (evidences == NULL || evidences->type != JSON_ARRAY ||
        evidences->n_children == 0)
        return;
    evidence = json_first(evidences);
    line->src_ip = endpoint_of(evidence, STR("src_endpoint"));
    line->dst_ip = endpoint_of(evidence, STR("dst_endpoint"));
    line->user = text_of(object_of(evidence, STR("user")), STR("name"));
}

bool
feed_read(const struct json *root, struct feed_line *line)
{
    const struct json *metadata = json_get(root, STR("metadata"));
    const struct json *device = json_get(root, STR("device"));
    const struct json *unmapped = json_get(root, STR("unmapped"));
    int64_t class_uid, activity = 1, severity = 0;
    struct feed_line read = {.arrival_ms = NO_TIME};

    if (!number_of(root, STR("class_uid"), &class_uid) || class_uid != 2004 ||
        !number_of(root, STR("time"), &read.event_ms))
        return false;
    read.alert_id = text_of(metadata, STR("uid"));
    read.position = text_of(unmapped, STR("position"));
    if (read.alert_id.len == 0 || read.position.len == 0)
        return false;
    number_of(metadata, STR("logged_time"), &read.arrival_ms);
    number_of(root, STR("activity_id"), &activity);
    number_of(root, STR("severity_id"), &severity);
    read.update = activity == 2;
    if (severity > 0 && severity < N_SEVERITIES)
        read.severity = (enum severity)severity;
    read.message = text_of(root, STR("message"));
    read.raw = text_of(root, STR("raw_data"));
    read.rule_name =
        text_of(object_of(root, STR("finding_info")), STR("title"));
    read.host = text_of(device, STR("hostname"));
    read.host_ip = text_of(device, STR("ip"));
    if (read.host.len == 0)
        read.host = read.host_ip;
    read_unmapped(unmapped, &read);
    read_evidence(root, &read);
    *line = read;
    return true;
}
