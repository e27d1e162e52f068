/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes an alert as OCSF 1.8.0 Detection Finding (class 2004). The one idea:
 * only what an alert has is written, and what every alert has is appended as
 * constant runs. Where any member of an object may be missing, the first one
 * that is there opens the object (`begin`).
 *
 * What must stay true: the same alert gives the same bytes; nothing stands
 * outside the schema but under `unmapped`; every object meets the schema's
 * at_least_one. docs/feed.md says where each field of an alert goes. */
#include "ingest/feed.h"

#include "base/address.h"
#include "feed_pen.h"
#include "model/matcher.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/* `,"key":"value"`, or nothing when there is no value. Inlined, so that the
 * lead is a constant run. */
INLINE void
member(struct pen *pen, struct str lead, struct str value)
{
    if (value.len == 0)
        return;
    pen_bytes(pen, lead.at, lead.len);
    pen_json(pen, value);
}

/* Before each member of an object that may have none: opens it, or a comma. */
INLINE void
begin(struct pen *pen, bool *any, struct str opening)
{
    if (*any)
        pen_run(pen, ",");
    else
        pen_bytes(pen, opening.at, opening.len);
    *any = true;
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
write_address(struct pen *pen, struct str text)
{
    struct address address;
    struct str rest = text, first;

    if (!str_split(&rest, ',', &first))
        return;
    if (address_from(first, &address))
        member(pen, STR(",\"ip\":"), first);
    else
        first.len = 0;
    if (first.len < text.len)
        member(pen, STR(",\"name\":"), text);
}

static void
write_severity(struct pen *pen, enum severity severity)
{
    if ((unsigned)severity >= N_SEVERITIES)
        severity = SEVERITY_UNKNOWN;
    pen_run(pen, ",\"severity_id\":");
    pen_i64(pen, (int64_t)severity);
    member(pen, STR(",\"severity\":"), severity_caption(severity));
}

/* A product is "Vendor Name" when it has more than one word. */
static void
write_metadata(struct pen *pen, const struct alert *alert)
{
    struct str product = alert->product.len ? alert->product : alert->source;
    const char *blank =
        product.len > 0 ? memchr(product.at, ' ', product.len) : NULL;

    if (product.len == 0)
        product = STR("unknown");
    pen_run(pen, ",\"metadata\":{\"version\":\"1.8.0\",\"product\":"
                 "{\"name\":");
    pen_json(pen, product);
    if (blank != NULL)
        member(pen, STR(",\"vendor_name\":"),
               str_cut(product, 0, (size_t)(blank - product.at)));
    pen_run(pen, "},\"uid\":");
    pen_json(pen, alert->alert_id);
    member(pen, STR(",\"log_name\":"), alert->position.topic);
    pen_run(pen, ",\"logged_time\":");
    pen_i64(pen, alert->arrival_ms);
    pen_run(pen, "}");
}

/* "T1059.001" is sub-technique T1059.001 of technique T1059. */
static void
write_attacks(struct pen *pen, const struct alert *alert)
{
    bool any = false;

    for (size_t i = 0; i < alert->n_techniques && i < MAX_TECHNIQUES; i++) {
        struct str id = alert->technique[i];
        const char *dot = id.len > 0 ? memchr(id.at, '.', id.len) : NULL;
        size_t parent = dot != NULL ? (size_t)(dot - id.at) : id.len;

        if (parent == 0)
            continue;
        begin(pen, &any, STR(",\"attacks\":["));
        pen_run(pen, "{\"technique\":{\"uid\":");
        pen_json(pen, str_cut(id, 0, parent));
        if (dot != NULL) {
            pen_run(pen, "},\"sub_technique\":{\"uid\":");
            pen_json(pen, id);
        }
        pen_run(pen, "}}");
    }
    if (any)
        pen_run(pen, "]");
}

static void
write_finding(struct pen *pen, const struct alert *alert)
{
    struct str name = alert->field[ALERT_RULE_NAME];
    struct str id = alert->field[ALERT_RULE_ID];

    pen_run(pen, ",\"finding_info\":{\"uid\":");
    pen_json(pen, alert->alert_id);
    member(pen, STR(",\"title\":"), name);
    if (alert->kind != KIND_NONE) {
        pen_run(pen, ",\"types\":[");
        pen_json(pen, kind_id(alert->kind));
        pen_run(pen, "]");
    }
    if (name.len > 0 || id.len > 0) {
        pen_run(pen, ",\"analytic\":{\"type_id\":1,\"type\":\"Rule\"");
        member(pen, STR(",\"name\":"), name);
        member(pen, STR(",\"uid\":"), id);
        member(pen, STR(",\"category\":"), alert->field[ALERT_CATEGORY]);
        pen_run(pen, "}");
    }
    write_attacks(pen, alert);
    pen_run(pen, "}");
}

static void
write_device(struct pen *pen, const struct alert *alert)
{
    struct str host = alert->field[ALERT_HOST];
    struct str ip = alert->field[ALERT_HOST_IP];

    if (host.len == 0 && ip.len == 0)
        return;
    pen_run(pen, ",\"device\":{\"type_id\":0");
    member(pen, STR(",\"hostname\":"), host);
    write_address(pen, ip);
    if (alert->unit.len > 0) {
        pen_run(pen, ",\"org\":{\"uid\":");
        pen_json(pen, alert->unit);
        member(pen, STR(",\"name\":"), alert->unit_name);
        pen_run(pen, "}");
    }
    pen_run(pen, "}");
}

#define EVIDENCES STR(",\"evidences\":[{")

/* A process object must have an id; without one its texts stand as data. */
static void
write_process(struct pen *pen, const struct alert *alert, bool *any)
{
    const struct str *field = alert->field;
    struct str pid = field[ALERT_PROCESS_ID], process = field[ALERT_PROCESS];
    struct str command = field[ALERT_COMMAND_LINE];
    struct str parent = field[ALERT_PARENT_PROCESS];
    struct str parent_command = field[ALERT_PARENT_COMMAND_LINE];

    if (pid.len > 0) {
        begin(pen, any, EVIDENCES);
        if (is_count(pid, INT32_MAX)) {
            pen_run(pen, "\"process\":{\"pid\":");
            pen_bytes(pen, pid.at, pid.len);
        } else {
            pen_run(pen, "\"process\":{\"uid\":");
            pen_json(pen, pid);
        }
        member(pen, STR(",\"name\":"), process);
        member(pen, STR(",\"cmd_line\":"), command);
        pen_run(pen, "}");
        process = command = NO_STR;
    }
    if (process.len + command.len + parent.len + parent_command.len == 0)
        return;
    begin(pen, any, EVIDENCES);
    pen_run(pen, "\"data\":{\"about\":\"process\"");
    member(pen, STR(",\"name\":"), process);
    member(pen, STR(",\"cmd_line\":"), command);
    member(pen, STR(",\"parent_name\":"), parent);
    member(pen, STR(",\"parent_cmd_line\":"), parent_command);
    pen_run(pen, "}");
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

static void
write_hash(struct pen *pen, bool *any, unsigned id, struct str value)
{
    static const char *const names[] = {"", "MD5", "SHA-1", "SHA-256"};

    if (value.len == 0)
        return;
    begin(pen, any, STR(",\"hashes\":["));
    pen_run(pen, "{\"algorithm_id\":");
    pen_i64(pen, id);
    member(pen, STR(",\"algorithm\":"), str_of(names[id]));
    member(pen, STR(",\"value\":"), value);
    pen_run(pen, "}");
}

/* A file must have a name: hashes without a file are of the process's image,
 * and without that the file is named by its hash. */
static void
write_file(struct pen *pen, const struct alert *alert, bool *any)
{
    struct str path = alert->field[ALERT_FILE], name = base_name(path);
    struct str sha256 = alert->field[ALERT_SHA256];
    struct str sha1 = alert->field[ALERT_SHA1];
    struct str md5 = alert->field[ALERT_MD5];
    bool any_hash = false;

    if (path.len + sha256.len + sha1.len + md5.len == 0)
        return;
    if (name.len == 0)
        name = base_name(alert->field[ALERT_PROCESS]);
    if (name.len == 0)
        name = sha256.len > 0 ? sha256 : sha1.len > 0 ? sha1 : md5;
    begin(pen, any, EVIDENCES);
    pen_run(pen, "\"file\":{\"type_id\":0,\"name\":");
    pen_json(pen, name);
    if (path.len > name.len)
        member(pen, STR(",\"path\":"), path);
    write_hash(pen, &any_hash, 3, sha256);
    write_hash(pen, &any_hash, 2, sha1);
    write_hash(pen, &any_hash, 1, md5);
    if (any_hash)
        pen_run(pen, "]");
    pen_run(pen, "}");
}

/* One end of a connection. */
struct end {
    struct str ip, port, hostname, country;
};

static bool
end_known(const struct end *end)
{
    return end->ip.len > 0 || end->hostname.len > 0;
}

/* The rest of an endpoint's object. */
static void
write_end(struct pen *pen, const struct end *end)
{
    write_address(pen, end->ip);
    member(pen, STR(",\"hostname\":"), end->hostname);
    if (is_count(end->port, 65535)) {
        pen_run(pen, ",\"port\":");
        pen_bytes(pen, end->port.at, end->port.len);
    }
    if (end->country.len > 0) {
        pen_run(pen, ",\"location\":{\"country\":");
        pen_json(pen, end->country);
        pen_run(pen, "}");
    }
    pen_run(pen, "}");
}

static void
write_network(struct pen *pen, const struct alert *alert, bool *any)
{
    const struct str *field = alert->field;
    struct end src = {field[ALERT_SRC_IP], field[ALERT_SRC_PORT], NO_STR,
                      alert->src_geo.country};
    struct end dst = {field[ALERT_DST_IP], field[ALERT_DST_PORT],
                      field[ALERT_DOMAIN], alert->dst_geo.country};

    if (end_known(&src)) {
        begin(pen, any, EVIDENCES);
        pen_run(pen, "\"src_endpoint\":{\"type_id\":0");
        write_end(pen, &src);
    }
    if (end_known(&dst)) {
        begin(pen, any, EVIDENCES);
        pen_run(pen, "\"dst_endpoint\":{\"type_id\":0");
        write_end(pen, &dst);
    }
    if (field[ALERT_PROTOCOL].len > 0) {
        begin(pen, any, EVIDENCES);
        pen_run(pen, "\"connection_info\":{\"direction_id\":0,"
                     "\"protocol_name\":");
        pen_json(pen, field[ALERT_PROTOCOL]);
        pen_run(pen, "}");
    }
}

static void
write_evidence(struct pen *pen, const struct alert *alert)
{
    struct str user = alert->field[ALERT_USER], url = alert->field[ALERT_URL];
    bool any = false;

    write_process(pen, alert, &any);
    write_file(pen, alert, &any);
    write_network(pen, alert, &any);
    if (user.len > 0) {
        begin(pen, &any, EVIDENCES);
        pen_run(pen, "\"user\":{\"name\":");
        pen_json(pen, user);
        pen_run(pen, "}");
    }
    if (url.len > 0) {
        begin(pen, &any, EVIDENCES);
        pen_run(pen, "\"url\":{\"url_string\":");
        pen_json(pen, url);
        pen_run(pen, "}");
    }
    if (any)
        pen_run(pen, "}]");
}

static void
write_flags(struct pen *pen, unsigned flags)
{
    if (flags & ALERT_TIME_FROM_ARRIVAL)
        pen_run(pen, ",\"time_from_arrival\":true");
    if (flags & ALERT_LATE)
        pen_run(pen, ",\"late\":true");
    if (flags & ALERT_UPDATE)
        pen_run(pen, ",\"update\":true");
    if (flags & ALERT_FIELD_CUT)
        pen_run(pen, ",\"field_cut\":true");
    if (flags & ALERT_RETRIED)
        pen_run(pen, ",\"retried\":true");
    if (flags & ALERT_WATCHED)
        pen_run(pen, ",\"watched\":true");
}

/* As buf_position writes it, in quotes. */
static void
write_position(struct pen *pen, const struct position *position)
{
    pen_json(pen, position->topic);
    pen->at--; /* the text goes on */
    pen_run(pen, "/");
    pen_i64(pen, position->partition);
    pen_run(pen, "/");
    pen_i64(pen, position->incarnation);
    pen_run(pen, "/");
    pen_i64(pen, position->offset);
    pen_run(pen, "/");
    pen_i64(pen, position->index);
    pen_run(pen, "\"");
}

static void
write_logsource(struct pen *pen, const struct logsource *logsource)
{
    bool any = false;

    if (logsource->product.len > 0) {
        begin(pen, &any, STR(",\"logsource\":{"));
        member(pen, STR("\"product\":"), logsource->product);
    }
    if (logsource->category.len > 0) {
        begin(pen, &any, STR(",\"logsource\":{"));
        member(pen, STR("\"category\":"), logsource->category);
    }
    if (logsource->service.len > 0) {
        begin(pen, &any, STR(",\"logsource\":{"));
        member(pen, STR("\"service\":"), logsource->service);
    }
    if (any)
        pen_run(pen, "}");
}

static void
write_ids(struct pen *pen, struct str lead, const struct str *ids, size_t n)
{
    if (n == 0)
        return;
    pen_bytes(pen, lead.at, lead.len);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            pen_run(pen, ",");
        pen_json(pen, ids[i]);
    }
    pen_run(pen, "]");
}

/* Windows that should have it and do not, by rule and key. */
static void
write_capped(struct pen *pen, const struct matched *matched)
{
    if (matched->n_capped == 0)
        return;
    pen_run(pen, ",\"capped\":[");
    for (size_t i = 0; i < matched->n_capped; i++) {
        const struct capped *capped = &matched->capped[i];
        struct str cap = window_cap_id(capped->cap);
        if (i > 0)
            pen_run(pen, ",");
        pen_run(pen, "{\"cap\":\"");
        pen_bytes(pen, cap.at, cap.len);
        pen_run(pen, "\",\"rule\":");
        pen_json(pen, capped->rule);
        pen_run(pen, ",\"key\":");
        pen_bytes(pen, capped->key.at, capped->key.len); /* JSON as it is */
        pen_run(pen, "}");
    }
    pen_run(pen, "]");
}

static void
write_unmapped(struct pen *pen, const struct alert *alert,
               const struct matched *matched)
{
    pen_run(pen, ",\"unmapped\":{\"position\":");
    write_position(pen, &alert->position);
    pen_run(pen, ",\"source\":");
    pen_json(pen, alert->source);
    pen_run(pen, ",\"kind\":");
    pen_json(pen, kind_id(alert->kind));
    member(pen, STR(",\"vendor_severity\":"),
           alert->field[ALERT_VENDOR_SEVERITY]);
    member(pen, STR(",\"severity_version\":"), alert->severity_version);
    member(pen, STR(",\"vendor_id\":"), alert->field[ALERT_VENDOR_ID]);
    member(pen, STR(",\"verdict\":"), alert->field[ALERT_VERDICT]);
    member(pen, STR(",\"unit\":"), alert->unit);
    member(pen, STR(",\"unit_name\":"), alert->unit_name);
    member(pen, STR(",\"system\":"), alert->system);
    member(pen, STR(",\"system_name\":"), alert->system_name);
    if (alert->level != 0) {
        pen_run(pen, ",\"level\":");
        pen_i64(pen, alert->level);
    }
    member(pen, STR(",\"watchlist\":"), alert->watchlist);
    member(pen, STR(",\"src_network\":"), alert->src_geo.network);
    member(pen, STR(",\"dst_network\":"), alert->dst_geo.network);
    if (alert->flags != 0)
        write_flags(pen, alert->flags);
    write_logsource(pen, &alert->logsource);
    if (matched) {
        write_ids(pen, STR(",\"rules\":["), matched->rules, matched->n_rules);
        write_ids(pen, STR(",\"windows\":["), matched->windows,
                  matched->n_windows);
        write_capped(pen, matched);
    }
    pen_run(pen, "}");
}

#define FINDING_HEAD(activity_id, activity)                                    \
    "{\"activity_id\":" activity_id ",\"activity_name\":\"" activity           \
    "\",\"category_uid\":2,\"category_name\":\"Findings\","                    \
    "\"class_uid\":2004,\"class_name\":\"Detection Finding\","                 \
    "\"type_uid\":20040" activity_id                                           \
    ",\"type_name\":\"Detection Finding: " activity                            \
    "\",\"is_alert\":true,\"time\":"

void
feed_write(struct buf *buf, const struct alert *alert,
           const struct matched *matched)
{
    struct pen pen;

    pen_start(&pen, buf);
    if (alert->flags & ALERT_UPDATE)
        pen_run(&pen, FINDING_HEAD("2", "Update"));
    else
        pen_run(&pen, FINDING_HEAD("1", "Create"));
    pen_i64(&pen, alert->event_ms);
    write_severity(&pen, alert->severity);
    member(&pen, STR(",\"message\":"), alert->field[ALERT_MESSAGE]);
    member(&pen, STR(",\"status_id\":99,\"status\":"),
           alert->field[ALERT_STATUS]);
    write_metadata(&pen, alert);
    write_finding(&pen, alert);
    write_device(&pen, alert);
    write_evidence(&pen, alert);
    write_unmapped(&pen, alert, matched);
    pen_run(&pen, ",\"raw_data_size\":");
    pen_i64(&pen, (int64_t)alert->raw.len);
    pen_run(&pen, ",\"raw_data\":");
    pen_json(&pen, alert->raw);
    pen_run(&pen, "}");
    pen_flush(&pen);
}
