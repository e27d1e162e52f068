/* SPDX-License-Identifier: Apache-2.0
 *
 * The feed record: what it says (small expectations of our own), that it is
 * OCSF (against the schema, where it is at hand), that it can be read back. */
#include "ingest/feed.h"
#include "model/matcher.h"
#include "ocsf.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena scratch;
static struct json_reader *reader;

static void
setup(void)
{
    scratch = arena_reserve(512 << 20);
    reader = json_reader_new();
    cr_assert(scratch.at != NULL && reader != NULL);
}

TestSuite(feed, .init = setup);

/* --- alerts to write */

static struct alert
small_alert(void)
{
    return (struct alert){
        .position = {STR("endpoint-alerts"), 3, 1, 42, 0},
        .source = STR("ajiant"),
        .product = STR("Viettel Ajiant"),
        .alert_id = STR("ajiant:A-1"),
        .field[ALERT_RULE_NAME] = STR("M\xc3\xa3 \xc4\x91\xe1\xbb\x99\x63"),
        .field[ALERT_VENDOR_SEVERITY] = STR("HIGH"),
        .field[ALERT_HOST] = STR("STTTT-PC-001"),
        .severity = SEVERITY_HIGH,
        .severity_version = STR("2024-01"),
        .kind = KIND_MALWARE,
        .arrival_ms = 1714547731000,
        .event_ms = 1714547730123,
        .raw = STR("{\"id\":\"A-1\"}"),
    };
}

static struct alert
full_alert(void)
{
    struct alert alert = small_alert();

#define X(name, key)                                                           \
    if (alert.field[name].len == 0)                                            \
        alert.field[name] = STR("a \"" key "\"");
    ALERT_FIELDS(X)
#undef X
    alert.field[ALERT_HOST_IP] = STR("10.84.10.7");
    alert.field[ALERT_SRC_IP] = STR("203.113.131.9");
    alert.field[ALERT_SRC_PORT] = STR("51000");
    alert.field[ALERT_DST_IP] = STR("2001:db8::7");
    alert.field[ALERT_DST_PORT] = STR("443");
    alert.field[ALERT_PROCESS_ID] = STR("4312");
    alert.field[ALERT_FILE] = STR("C:\\Users\\a\\mimikatz.exe");
    alert.technique[0] = STR("T1059.001");
    alert.technique[1] = STR("T1110");
    alert.n_techniques = 2;
    alert.logsource =
        (struct logsource){STR("windows"), STR("process_creation"), NO_STR};
    alert.flags = ALERT_LATE | ALERT_WATCHED | ALERT_FIELD_CUT | ALERT_RETRIED |
                  ALERT_TIME_FROM_ARRIVAL | ALERT_UPDATE;
    alert.unit = STR("so-tttt");
    alert.unit_name = STR("S\xe1\xbb\x9f TTTT");
    alert.system = STR("cong-dich-vu-cong");
    alert.system_name = STR("C\xe1\xbb\x95ng");
    alert.level = 3;
    alert.watchlist = STR("c2");
    alert.src_geo = (struct geo){STR("VN"), STR("203.113.128.0/18")};
    alert.dst_geo = (struct geo){STR("US"), STR("2001:db8::/32")};
    return alert;
}

static struct str
written(const struct alert *alert)
{
    struct buf buf = {0};
    struct str copy;

    feed_write(&buf, alert, NULL);
    cr_assert_not(buf.full);
    copy = arena_copy(&scratch, buf_str(&buf));
    buf_free(&buf);
    return copy;
}

static const struct json *
parsed(struct str text)
{
    const struct json *root = NULL;
    enum json_fault fault = json_read(reader, text, &scratch, &root);

    cr_assert_eq(fault, JSON_FINE, "%s: %.*s", json_fault_words(fault),
                 STR_ARG(text));
    return root;
}

#define expect_text(got, want)                                                 \
    cr_expect(str_equal(got, want), "got  %.*s\nwant %.*s", STR_ARG(got),      \
              STR_ARG(want))

/* --- what it says */

Test(feed, a_small_alert_is_written_to_the_byte)
{
    struct alert alert = small_alert();

    expect_text(written(&alert),
                STR("{\"activity_id\":1,\"activity_name\":\"Create\","
                    "\"category_uid\":2,\"category_name\":\"Findings\","
                    "\"class_uid\":2004,\"class_name\":\"Detection Finding\","
                    "\"type_uid\":200401,"
                    "\"type_name\":\"Detection Finding: Create\","
                    "\"is_alert\":true,\"time\":1714547730123,"
                    "\"severity_id\":4,\"severity\":\"High\","
                    "\"metadata\":{\"version\":\"1.8.0\","
                    "\"product\":{\"name\":\"Viettel Ajiant\","
                    "\"vendor_name\":\"Viettel\"},\"uid\":\"ajiant:A-1\","
                    "\"log_name\":\"endpoint-alerts\","
                    "\"logged_time\":1714547731000},"
                    "\"finding_info\":{\"uid\":\"ajiant:A-1\","
                    "\"title\":\"M\xc3\xa3 \xc4\x91\xe1\xbb\x99\x63\","
                    "\"types\":[\"malware\"],"
                    "\"analytic\":{\"type_id\":1,\"type\":\"Rule\","
                    "\"name\":\"M\xc3\xa3 \xc4\x91\xe1\xbb\x99\x63\"}},"
                    "\"device\":{\"type_id\":0,\"hostname\":\"STTTT-PC-001\"},"
                    "\"unmapped\":{"
                    "\"position\":\"endpoint-alerts/3/1/42/0\","
                    "\"source\":\"ajiant\",\"kind\":\"malware\","
                    "\"vendor_severity\":\"HIGH\","
                    "\"severity_version\":\"2024-01\"},"
                    "\"raw_data_size\":12,"
                    "\"raw_data\":\"{\\\"id\\\":\\\"A-1\\\"}\"}"));
}

Test(feed, an_alert_with_nothing_in_it_is_still_valid)
{
    struct alert alert = {.position.topic = STR("t"), .alert_id = STR("x")};
    const struct json *root = parsed(written(&alert));

    cr_expect_null(json_get(root, STR("evidences")));
    cr_expect_null(json_get(root, STR("device")));
    cr_expect_null(json_get(root, STR("message")));
    cr_expect_null(json_get(json_get(root, STR("unmapped")), STR("logsource")));
}

Test(feed, an_update_says_so)
{
    struct alert alert = small_alert();
    const struct json *root;

    alert.flags = ALERT_UPDATE;
    root = parsed(written(&alert));
    expect_text(json_get(root, STR("activity_id"))->text, STR("2"));
    expect_text(json_get(root, STR("type_uid"))->text, STR("200402"));
}

Test(feed, rules_that_did_not_get_it_are_named)
{
    static const struct capped capped[] = {
        {CAP_KEYS, {"a\"b", 3}, {"[\"h\",1]", 7}},
        {CAP_BATCH, {"c", 1}, {"[]", 2}},
    };
    struct matched matched = {.capped = capped, .n_capped = 2};
    struct alert alert = small_alert();
    struct feed_line line;
    struct buf buf = {0};

    feed_write(&buf, &alert, &matched);
    const struct json *root = parsed(buf_str(&buf));
    expect_text(json_get(json_get(root, STR("unmapped")), STR("capped"))->text,
                STR("[{\"cap\":\"keys\",\"rule\":\"a\\\"b\",\"key\":[\"h\",1]},"
                    "{\"cap\":\"batch\",\"rule\":\"c\",\"key\":[]}]"));
    cr_assert(feed_read(root, &line));
    cr_expect(line.capped);
    cr_assert(feed_read(parsed(written(&alert)), &line));
    cr_expect_not(line.capped);
    buf_free(&buf);
}

static const struct json *
evidence_of(const struct alert *alert)
{
    const struct json *all = json_get(parsed(written(alert)), STR("evidences"));

    cr_assert_not_null(all);
    cr_assert_eq(all->type, JSON_ARRAY);
    cr_assert_eq(all->n_children, 1);
    return json_first(all);
}

Test(feed, evidence_depends_on_what_the_alert_has)
{
    static const struct {
        enum alert_field field;
        const char *value, *evidence; /* the evidence object's raw text */
    } rows[] = {
        {ALERT_SRC_IP, "10.1.1.1",
         "{\"src_endpoint\":{\"type_id\":0,\"ip\":\"10.1.1.1\"}}"},
        {ALERT_SRC_IP, "gateway",
         "{\"src_endpoint\":{\"type_id\":0,\"name\":\"gateway\"}}"},
        {ALERT_SRC_IP, "10.1.1.1,::1",
         "{\"src_endpoint\":{\"type_id\":0,\"ip\":\"10.1.1.1\",\"name\":"
         "\"10.1.1.1,::1\"}}"},
        {ALERT_DOMAIN, "a.vn",
         "{\"dst_endpoint\":{\"type_id\":0,\"hostname\":\"a.vn\"}}"},
        {ALERT_USER, "lan", "{\"user\":{\"name\":\"lan\"}}"},
        {ALERT_URL, "/a", "{\"url\":{\"url_string\":\"/a\"}}"},
        {ALERT_PROTOCOL, "tcp",
         "{\"connection_info\":{\"direction_id\":0,"
         "\"protocol_name\":\"tcp\"}}"},
        {ALERT_PROCESS, "a.exe",
         "{\"data\":{\"about\":\"process\",\"name\":\"a.exe\"}}"},
        {ALERT_PROCESS_ID, "7", "{\"process\":{\"pid\":7}}"},
        {ALERT_PROCESS_ID, "0x7", "{\"process\":{\"uid\":\"0x7\"}}"},
        {ALERT_PROCESS_ID, "4294967296",
         "{\"process\":{\"uid\":\"4294967296\"}}"},
        {ALERT_FILE, "/tmp/a",
         "{\"file\":{\"type_id\":0,\"name\":\"a\",\"path\":\"/tmp/a\"}}"},
        {ALERT_FILE, "a", "{\"file\":{\"type_id\":0,\"name\":\"a\"}}"},
        {ALERT_FILE, "/tmp/", "{\"file\":{\"type_id\":0,\"name\":\"/tmp/\"}}"},
        {ALERT_MD5, "d41d",
         "{\"file\":{\"type_id\":0,\"name\":\"d41d\",\"hashes\":["
         "{\"algorithm_id\":1,\"algorithm\":\"MD5\","
         "\"value\":\"d41d\"}]}}"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct alert alert = small_alert();
        struct str got;

        alert.field[rows[i].field] = str_of(rows[i].value);
        got = evidence_of(&alert)->text;
        cr_expect(str_equal(got, str_of(rows[i].evidence)), "row %zu: got %.*s",
                  i, STR_ARG(got));
    }
}

Test(feed, a_port_that_is_no_port_is_left_out)
{
    static const char *const ports[] = {"",    "65536", "-1",         "0x50",
                                        "1e3", "007",   "99999999999"};
    struct alert alert = small_alert();

    alert.field[ALERT_SRC_IP] = STR("10.1.1.1");
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        alert.field[ALERT_SRC_PORT] = str_of(ports[i]);
        expect_text(
            evidence_of(&alert)->text,
            STR("{\"src_endpoint\":{\"type_id\":0,\"ip\":\"10.1.1.1\"}}"));
    }
    alert.field[ALERT_SRC_PORT] = STR("65535");
    expect_text(evidence_of(&alert)->text,
                STR("{\"src_endpoint\":{\"type_id\":0,\"ip\":\"10.1.1.1\","
                    "\"port\":65535}}"));
}

Test(feed, hostile_bytes_stay_inside_their_string)
{
    static const char bytes[] = "\"}\\\x01\xff\xfe\xc3\x28\xed\xa0\x80\x00\x7f"
                                "\xf4\x90\x80\x80\xe2\x80";
    struct str hostile = {bytes, sizeof bytes - 1};
    struct alert alert = full_alert();

    for (size_t i = 0; i < N_ALERT_FIELDS; i++)
        alert.field[i] = hostile;
    alert.technique[0] = hostile;
    alert.raw = alert.alert_id = alert.source = alert.product = hostile;
    alert.unit = alert.unit_name = alert.system = alert.watchlist = hostile;
    alert.severity = (enum severity)99;
    alert.position.topic = STR("t");
    cr_expect_not_null(json_get(parsed(written(&alert)), STR("raw_data")));
}

/* Whatever the run of characters before, and wherever a page ends. */
Test(feed, every_byte_of_the_original_comes_back)
{
    static const char *const alphabet[] = {"a",
                                           "\"",
                                           "\\",
                                           "\n",
                                           "\xe1\xbb\x99",
                                           "\x01",
                                           "\xc2\x85",
                                           "\xf0\x9f\x98\x80"};
    struct buf raw = {0};
    uint32_t state = 1;

    for (size_t len = 0; len < 600; len++) {
        struct alert alert = small_alert();
        struct arena before = scratch;
        struct feed_line line;

        buf_clear(&raw);
        for (size_t i = 0; i < len * (len % 7 == 0 ? 20 : 1); i++) {
            state = state * 1664525 + 1013904223;
            buf_add(&raw, str_of(alphabet[state >> 29 & (len % 3 ? 7 : 1)]));
        }
        alert.raw = buf_str(&raw);
        alert.field[ALERT_MESSAGE] = str_cut(buf_str(&raw), 0, len / 8);
        cr_assert(feed_read(parsed(written(&alert)), &line));
        cr_assert(str_equal(line.raw, alert.raw), "length %zu", len);
        scratch = before;
    }
    buf_free(&raw);
}

/* The short ways through a string must see what the long way sees. */
Test(feed, every_character_is_itself_at_every_place)
{
    char text[40];

    for (int c = 0; c < 0x80; c++)
        for (size_t len = 1; len <= sizeof text; len++) {
            struct alert alert = small_alert();
            struct arena before = scratch;
            struct feed_line line;

            memset(text, 'a', sizeof text);
            text[(size_t)c % len] = (char)c;
            text[len / 2] = (char)c;
            alert.raw = (struct str){text, len};
            cr_assert(feed_read(parsed(written(&alert)), &line));
            cr_assert(str_equal(line.raw, alert.raw), "%d, %zu", c, len);
            scratch = before;
        }
}

Test(feed, a_buffer_that_is_full_is_not_overrun)
{
    struct alert alert = full_alert();
    size_t whole = written(&alert).len;

    for (size_t max = 1; max < whole; max += 7) {
        struct buf buf = {.max_bytes = max};

        feed_write(&buf, &alert, NULL);
        cr_expect(buf.full, "%zu bytes", max);
        cr_expect_leq(buf.len, max);
        buf_free(&buf);
    }
}

/* --- reading it back */

Test(feed, what_was_written_is_read_back)
{
    struct alert alert = full_alert();
    struct feed_line line;

    cr_assert(feed_read(parsed(written(&alert)), &line));
    expect_text(line.alert_id, alert.alert_id);
    expect_text(line.source, alert.source);
    expect_text(line.position, STR("endpoint-alerts/3/1/42/0"));
    expect_text(line.host, alert.field[ALERT_HOST]);
    expect_text(line.user, alert.field[ALERT_USER]);
    expect_text(line.src_ip, alert.field[ALERT_SRC_IP]);
    expect_text(line.dst_ip, alert.field[ALERT_DST_IP]);
    expect_text(line.rule_name, alert.field[ALERT_RULE_NAME]);
    expect_text(line.unit, alert.unit);
    expect_text(line.system, alert.system);
    expect_text(line.message, alert.field[ALERT_MESSAGE]);
    expect_text(line.kind, STR("malware"));
    expect_text(line.vendor_severity, STR("HIGH"));
    expect_text(line.raw, alert.raw);
    cr_expect_eq(line.severity, SEVERITY_HIGH);
    cr_expect_eq(line.level, 3);
    cr_expect_eq(line.event_ms, alert.event_ms);
    cr_expect_eq(line.arrival_ms, alert.arrival_ms);
    cr_expect(line.late && line.update);
}

Test(feed, an_alert_without_host_is_read_back_with_its_address)
{
    struct alert alert = small_alert();
    struct feed_line line;

    alert.field[ALERT_HOST] = NO_STR;
    alert.field[ALERT_HOST_IP] = STR("10.84.1.1");
    alert.field[ALERT_SRC_IP] = STR("not an address");
    cr_assert(feed_read(parsed(written(&alert)), &line));
    expect_text(line.host, STR("10.84.1.1"));
    expect_text(line.src_ip, STR("not an address"));
    cr_expect_not(line.late || line.update);
}

Test(feed, what_is_no_such_record_is_refused)
{
    static const char *const rows[] = {
        "{}",
        "[]",
        "7",
        "{\"class_uid\":2004}",
        "{\"class_uid\":2005,\"time\":1,\"metadata\":{\"uid\":\"a\"},"
        "\"unmapped\":{\"position\":\"t/0/0/0/0\"}}",
        "{\"class_uid\":2004,\"time\":\"1\",\"metadata\":{\"uid\":\"a\"},"
        "\"unmapped\":{\"position\":\"t/0/0/0/0\"}}",
        "{\"class_uid\":2004,\"time\":1,\"metadata\":[],"
        "\"unmapped\":{\"position\":\"t/0/0/0/0\"}}",
        "{\"class_uid\":2004,\"time\":1,\"metadata\":{\"uid\":\"a\"},"
        "\"unmapped\":{}}",
    };
    struct feed_line line = {.level = 7};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_not(feed_read(parsed(str_of(rows[i])), &line), "row %zu", i);
    cr_expect_eq(line.level, 7, "the line is left alone");
}

Test(feed, members_of_another_type_read_as_empty)
{
    struct feed_line line;

    cr_assert(feed_read(
        parsed(STR("{\"class_uid\":2004,\"time\":1,\"metadata\":{\"uid\":"
                   "\"a\"},\"unmapped\":{\"position\":\"t/0/0/0/0\","
                   "\"level\":\"3\",\"unit\":[1],\"late\":\"true\"},"
                   "\"evidences\":[[]],\"device\":\"x\","
                   "\"finding_info\":null,\"severity_id\":99}")),
        &line));
    cr_expect_eq(line.level, 0);
    cr_expect_eq(line.unit.len, 0);
    cr_expect_eq(line.host.len, 0);
    cr_expect_eq(line.severity, SEVERITY_UNKNOWN);
    cr_expect_not(line.late);
}

/* --- against the schema */

Test(feed, every_record_is_valid_ocsf)
{
    struct ocsf ocsf = ocsf_open();
    struct alert alert = small_alert();

    ocsf_check(&ocsf, "detection_finding", written(&alert));
    alert = full_alert();
    ocsf_check(&ocsf, "detection_finding", written(&alert));
    alert = (struct alert){.position.topic = STR("t"), .alert_id = STR("x")};
    ocsf_check(&ocsf, "detection_finding", written(&alert));
    for (size_t i = 0; i < N_ALERT_FIELDS; i++) {
        /* each field alone, and all but each */
        alert =
            (struct alert){.position.topic = STR("t"), .alert_id = STR("x")};
        alert.field[i] = STR("a/7");
        ocsf_check(&ocsf, "detection_finding", written(&alert));
        alert = full_alert();
        alert.field[i] = NO_STR;
        alert.flags = 0;
        ocsf_check(&ocsf, "detection_finding", written(&alert));
    }
    for (size_t i = 0; i < N_SEVERITIES; i++) {
        alert = small_alert();
        alert.severity = (enum severity)i;
        ocsf_check(&ocsf, "detection_finding", written(&alert));
    }
    ocsf_close(&ocsf);
}
