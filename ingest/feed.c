/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes an alert as OCSF 1.8.0 Detection Finding (class 2004). The one idea:
 * every member is written with its comma in front, and an object's first comma
 * becomes its brace when the object is closed; an object in which nothing was
 * written disappears. So only what an alert has is written, and what every
 * alert has is appended as one constant run.
 *
 * What must stay true: the same alert gives the same bytes; nothing stands
 * outside the schema but under `unmapped`; every object meets the schema's
 * at_least_one. docs/feed.md says where each field of an alert goes. */
#include "ingest/feed.h"

#include "address.h"

#include <string.h>

/* STR for what is initialized before the program runs. */
#define RUN(literal)                                                           \
    {                                                                          \
        "" literal, sizeof(literal) - 1                                        \
    }

static const struct str create_head =
    RUN("{\"activity_id\":1,\"activity_name\":\"Create\",\"category_uid\":2,"
        "\"category_name\":\"Findings\",\"class_uid\":2004,"
        "\"class_name\":\"Detection Finding\",\"type_uid\":200401,"
        "\"type_name\":\"Detection Finding: Create\",\"is_alert\":true,"
        "\"time\":");
static const struct str update_head =
    RUN("{\"activity_id\":2,\"activity_name\":\"Update\",\"category_uid\":2,"
        "\"category_name\":\"Findings\",\"class_uid\":2004,"
        "\"class_name\":\"Detection Finding\",\"type_uid\":200402,"
        "\"type_name\":\"Detection Finding: Update\",\"is_alert\":true,"
        "\"time\":");

/* `,"key":"value"`, or nothing when there is no value. */
static void
member(struct buf *buf, struct str lead, struct str value)
{
    if (value.len == 0)
        return;
    buf_add(buf, lead);
    buf_json(buf, value);
}

/* An object under way: where its lead began, and where its members begin. */
struct object {
    size_t before, start;
};

static struct object
object_open(struct buf *buf, struct str lead)
{
    struct object object = {.before = buf->len};

    buf_add(buf, lead);
    object.start = buf->len;
    return object;
}

/* False when it was empty and is gone. A buffer that is full stays as it is:
 * the caller drops it whole. */
static bool
object_close(struct buf *buf, struct object object)
{
    if (buf->full)
        return false;
    if (buf->len == object.start) {
        buf->len = object.before;
        return false;
    }
    buf->at[object.start] = '{';
    buf_char(buf, '}');
    return true;
}

/* Decimal digits alone, no larger than `max`: what a JSON integer may be. */
static bool
is_count(struct str text, uint64_t max)
{
    uint64_t n = 0;

    if (text.len == 0 || text.len > 10 || (text.len > 1 && *text.at == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        n = n * 10 + (uint64_t)(text.at[i] - '0');
    }
    return n <= max;
}

/* What is no address is a name; of several, the first is the address. */
static void
write_address(struct buf *buf, struct str text)
{
    struct address address;
    struct str rest = text, first;

    if (str_split(&rest, ',', &first) && address_from(first, &address))
        member(buf, STR(",\"ip\":"), first);
    else
        first.len = 0;
    if (first.len < text.len)
        member(buf, STR(",\"name\":"), text);
}

static void
write_severity(struct buf *buf, enum severity severity)
{
    static const struct str words[N_SEVERITIES] = {
#define X(name, id, caption) RUN(",\"severity\":\"" caption "\""),
        SEVERITIES(X)
#undef X
    };
    unsigned at = (unsigned)severity < N_SEVERITIES ? (unsigned)severity : 0;

    buf_add(buf, STR(",\"severity_id\":"));
    buf_char(buf, (char)('0' + at));
    buf_add(buf, words[at]);
}

/* A product is "Vendor Name" when it has more than one word. */
static void
write_metadata(struct buf *buf, const struct alert *alert)
{
    struct str product = alert->product.len ? alert->product : alert->source;
    const char *blank =
        product.len > 0 ? memchr(product.at, ' ', product.len) : NULL;

    if (product.len == 0)
        product = STR("unknown");
    buf_add(buf, STR(",\"metadata\":{\"version\":\"1.8.0\",\"product\":"
                     "{\"name\":"));
    buf_json(buf, product);
    if (blank != NULL)
        member(buf, STR(",\"vendor_name\":"),
               str_cut(product, 0, (size_t)(blank - product.at)));
    buf_add(buf, STR("},\"uid\":"));
    buf_json(buf, alert->alert_id);
    member(buf, STR(",\"log_name\":"), alert->position.topic);
    buf_add(buf, STR(",\"logged_time\":"));
    buf_i64(buf, alert->arrival_ms);
    buf_char(buf, '}');
}

/* "T1059.001" is sub-technique T1059.001 of technique T1059. */
static void
write_attacks(struct buf *buf, const struct alert *alert)
{
    bool first = true;

    for (size_t i = 0; i < alert->n_techniques && i < MAX_TECHNIQUES; i++) {
        struct str id = alert->technique[i];
        const char *dot = id.len > 0 ? memchr(id.at, '.', id.len) : NULL;
        size_t parent = dot != NULL ? (size_t)(dot - id.at) : id.len;

        if (parent == 0)
            continue;
        buf_add(buf, first ? STR(",\"attacks\":[{\"technique\":{\"uid\":")
                           : STR(",{\"technique\":{\"uid\":"));
        first = false;
        buf_json(buf, str_cut(id, 0, parent));
        if (dot != NULL) {
            buf_add(buf, STR("},\"sub_technique\":{\"uid\":"));
            buf_json(buf, id);
        }
        buf_add(buf, STR("}}"));
    }
    if (!first)
        buf_char(buf, ']');
}

static void
write_finding(struct buf *buf, const struct alert *alert)
{
    struct str name = alert->field[ALERT_RULE_NAME];
    struct str id = alert->field[ALERT_RULE_ID];

    buf_add(buf, STR(",\"finding_info\":{\"uid\":"));
    buf_json(buf, alert->alert_id);
    member(buf, STR(",\"title\":"), name);
    if (alert->kind != KIND_NONE) {
        buf_add(buf, STR(",\"types\":["));
        buf_json(buf, kind_id(alert->kind));
        buf_char(buf, ']');
    }
    if (name.len > 0 || id.len > 0) {
        buf_add(buf, STR(",\"analytic\":{\"type_id\":1,\"type\":\"Rule\""));
        member(buf, STR(",\"name\":"), name);
        member(buf, STR(",\"uid\":"), id);
        member(buf, STR(",\"category\":"), alert->field[ALERT_CATEGORY]);
        buf_char(buf, '}');
    }
    write_attacks(buf, alert);
    buf_char(buf, '}');
}

static void
write_device(struct buf *buf, const struct alert *alert)
{
    struct str host = alert->field[ALERT_HOST];
    struct str ip = alert->field[ALERT_HOST_IP];

    if (host.len == 0 && ip.len == 0)
        return;
    buf_add(buf, STR(",\"device\":{\"type_id\":0"));
    member(buf, STR(",\"hostname\":"), host);
    write_address(buf, ip);
    if (alert->unit.len > 0) {
        buf_add(buf, STR(",\"org\":{\"uid\":"));
        buf_json(buf, alert->unit);
        member(buf, STR(",\"name\":"), alert->unit_name);
        buf_char(buf, '}');
    }
    buf_char(buf, '}');
}

/* A process object must have an id; without one its texts stand as data. */
static void
write_process(struct buf *buf, const struct alert *alert)
{
    struct str pid = alert->field[ALERT_PROCESS_ID];
    struct object data;

    if (pid.len > 0) {
        if (is_count(pid, INT32_MAX)) {
            buf_add(buf, STR(",\"process\":{\"pid\":"));
            buf_add(buf, pid);
        } else {
            buf_add(buf, STR(",\"process\":{\"uid\":"));
            buf_json(buf, pid);
        }
        member(buf, STR(",\"name\":"), alert->field[ALERT_PROCESS]);
        member(buf, STR(",\"cmd_line\":"), alert->field[ALERT_COMMAND_LINE]);
        buf_char(buf, '}');
    }
    data = object_open(buf, STR(",\"data\":"));
    if (pid.len == 0) {
        member(buf, STR(",\"process\":"), alert->field[ALERT_PROCESS]);
        member(buf, STR(",\"command_line\":"),
               alert->field[ALERT_COMMAND_LINE]);
    }
    member(buf, STR(",\"parent_process\":"),
           alert->field[ALERT_PARENT_PROCESS]);
    member(buf, STR(",\"parent_command_line\":"),
           alert->field[ALERT_PARENT_COMMAND_LINE]);
    object_close(buf, data);
}

/* What follows the last slash of either kind; all of it when nothing does. */
static struct str
base_name(struct str path)
{
    size_t from = path.len;

    while (from > 0 && path.at[from - 1] != '/' && path.at[from - 1] != '\\')
        from--;
    return from < path.len ? str_cut(path, from, path.len) : path;
}

/* A file must have a name: hashes without a file are the process's image, and
 * without that the file is named by its hash. */
static void
write_file(struct buf *buf, const struct alert *alert)
{
    static const struct {
        enum alert_field field;
        struct str lead;
    } hashes[] = {
        {ALERT_SHA256, RUN(",{\"algorithm_id\":3,\"algorithm\":\"SHA-256\","
                           "\"value\":")},
        {ALERT_SHA1, RUN(",{\"algorithm_id\":2,\"algorithm\":\"SHA-1\","
                         "\"value\":")},
        {ALERT_MD5, RUN(",{\"algorithm_id\":1,\"algorithm\":\"MD5\","
                        "\"value\":")},
    };
    struct str path = alert->field[ALERT_FILE], name = base_name(path);
    size_t start = 0;

    if (path.len == 0)
        name = base_name(alert->field[ALERT_PROCESS]);
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        struct str value = alert->field[hashes[i].field];

        if (value.len == 0)
            continue;
        if (start == 0) {
            buf_add(buf, STR(",\"file\":{\"type_id\":0,\"name\":"));
            buf_json(buf, name.len > 0 ? name : value);
            if (path.len > name.len)
                member(buf, STR(",\"path\":"), path);
            buf_add(buf, STR(",\"hashes\":"));
            start = buf->len;
        }
        buf_add(buf, hashes[i].lead);
        buf_json(buf, value);
        buf_char(buf, '}');
    }
    if (start > 0 && !buf->full) {
        buf->at[start] = '[';
        buf_add(buf, STR("]}"));
    } else if (path.len > 0) {
        buf_add(buf, STR(",\"file\":{\"type_id\":0,\"name\":"));
        buf_json(buf, name);
        if (path.len > name.len)
            member(buf, STR(",\"path\":"), path);
        buf_char(buf, '}');
    }
}

/* One end of a connection; what is no address is a name. */
struct end {
    struct str lead, ip, port, hostname, country;
};

static void
write_endpoint(struct buf *buf, const struct end *end)
{
    struct object object;

    if (end->ip.len == 0 && end->hostname.len == 0)
        return;
    object = object_open(buf, end->lead);
    write_address(buf, end->ip);
    member(buf, STR(",\"hostname\":"), end->hostname);
    if (is_count(end->port, 65535)) {
        buf_add(buf, STR(",\"port\":"));
        buf_add(buf, end->port);
    }
    if (end->country.len > 0) {
        buf_add(buf, STR(",\"location\":{\"country\":"));
        buf_json(buf, end->country);
        buf_char(buf, '}');
    }
    object_close(buf, object);
}

static void
write_evidence(struct buf *buf, const struct alert *alert)
{
    const struct str *field = alert->field;
    struct end src = {STR(",\"src_endpoint\":"), field[ALERT_SRC_IP],
                      field[ALERT_SRC_PORT], NO_STR, alert->src_geo.country};
    struct end dst = {STR(",\"dst_endpoint\":"), field[ALERT_DST_IP],
                      field[ALERT_DST_PORT], field[ALERT_DOMAIN],
                      alert->dst_geo.country};
    struct object object = object_open(buf, STR(",\"evidences\":["));

    write_process(buf, alert);
    write_file(buf, alert);
    write_endpoint(buf, &src);
    write_endpoint(buf, &dst);
    if (field[ALERT_PROTOCOL].len > 0) {
        buf_add(buf, STR(",\"connection_info\":{\"direction_id\":0"));
        member(buf, STR(",\"protocol_name\":"), field[ALERT_PROTOCOL]);
        buf_char(buf, '}');
    }
    if (field[ALERT_USER].len > 0) {
        buf_add(buf, STR(",\"user\":{\"name\":"));
        buf_json(buf, field[ALERT_USER]);
        buf_char(buf, '}');
    }
    if (field[ALERT_URL].len > 0) {
        buf_add(buf, STR(",\"url\":{\"url_string\":"));
        buf_json(buf, field[ALERT_URL]);
        buf_char(buf, '}');
    }
    if (object_close(buf, object))
        buf_char(buf, ']');
}

static void
write_flags(struct buf *buf, unsigned flags)
{
    static const struct {
        unsigned flag;
        struct str member;
    } words[] = {
        {ALERT_TIME_FROM_ARRIVAL, RUN(",\"time_from_arrival\":true")},
        {ALERT_LATE, RUN(",\"late\":true")},
        {ALERT_UPDATE, RUN(",\"update\":true")},
        {ALERT_FIELD_CUT, RUN(",\"field_cut\":true")},
        {ALERT_RETRIED, RUN(",\"retried\":true")},
        {ALERT_WATCHED, RUN(",\"watched\":true")},
    };

    if (flags == 0)
        return;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (flags & words[i].flag)
            buf_add(buf, words[i].member);
}

static void
write_unmapped(struct buf *buf, const struct alert *alert)
{
    struct object object;

    buf_add(buf, STR(",\"unmapped\":{\"position\":\""));
    buf_position(buf, &alert->position);
    buf_add(buf, STR("\",\"source\":"));
    buf_json(buf, alert->source);
    buf_add(buf, STR(",\"kind\":"));
    buf_json(buf, kind_id(alert->kind));
    member(buf, STR(",\"vendor_severity\":"),
           alert->field[ALERT_VENDOR_SEVERITY]);
    member(buf, STR(",\"severity_version\":"), alert->severity_version);
    member(buf, STR(",\"vendor_id\":"), alert->field[ALERT_VENDOR_ID]);
    member(buf, STR(",\"verdict\":"), alert->field[ALERT_VERDICT]);
    member(buf, STR(",\"unit\":"), alert->unit);
    member(buf, STR(",\"unit_name\":"), alert->unit_name);
    member(buf, STR(",\"system\":"), alert->system);
    member(buf, STR(",\"system_name\":"), alert->system_name);
    if (alert->level != 0) {
        buf_add(buf, STR(",\"level\":"));
        buf_i64(buf, alert->level);
    }
    member(buf, STR(",\"watchlist\":"), alert->watchlist);
    member(buf, STR(",\"src_network\":"), alert->src_geo.network);
    member(buf, STR(",\"dst_network\":"), alert->dst_geo.network);
    write_flags(buf, alert->flags);
    object = object_open(buf, STR(",\"logsource\":"));
    member(buf, STR(",\"product\":"), alert->logsource.product);
    member(buf, STR(",\"category\":"), alert->logsource.category);
    member(buf, STR(",\"service\":"), alert->logsource.service);
    object_close(buf, object);
    buf_char(buf, '}');
}

void
feed_write(struct buf *buf, const struct alert *alert)
{
    buf_add(buf, alert->flags & ALERT_UPDATE ? update_head : create_head);
    buf_i64(buf, alert->event_ms);
    write_severity(buf, alert->severity);
    member(buf, STR(",\"message\":"), alert->field[ALERT_MESSAGE]);
    member(buf, STR(",\"status_id\":99,\"status\":"),
           alert->field[ALERT_STATUS]);
    write_metadata(buf, alert);
    write_finding(buf, alert);
    write_device(buf, alert);
    write_evidence(buf, alert);
    write_unmapped(buf, alert);
    buf_add(buf, STR(",\"raw_data_size\":"));
    buf_u64(buf, alert->raw.len);
    buf_add(buf, STR(",\"raw_data\":"));
    buf_json(buf, alert->raw);
    buf_char(buf, '}');
}
