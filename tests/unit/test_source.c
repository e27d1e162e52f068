/* SPDX-License-Identifier: Apache-2.0
 *
 * What the mapping language does with a message: paths, alternatives, joins,
 * tables, shapes, times, dated severity tables, conditions. Each row is one
 * sentence of docs/sources.md. */
#include "base/times.h"
#include "mapping.h"

/* 2024-03-05T14:22:31.250+07:00 */
#define EVENT_MS INT64_C(1709623351250)
#define ARRIVAL_MS (EVENT_MS + 60000)

static struct mapping m;

static void
setup(void)
{
    mapping_begin(&m);
}

static void
teardown(void)
{
    mapping_end(&m);
}

TestSuite(source, .init = setup, .fini = teardown);

struct value_row {
    const char *value, *message, *text;
};

static void
check_values(const struct value_row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char lines[2048];
        snprintf(lines, sizeof lines,
                 "prefixes: {p: [a.b, c, \"\"]}\nignore: [\"-\", none]\n"
                 "fields:\n  host: %s\n",
                 rows[i].value);
        cr_assert_not_null(mapping_with(&m, lines), "row %zu: %.*s", i,
                           STR_ARG(buf_str(&m.complaints.text)));
        cr_assert_eq(mapping_read(&m, rows[i].message, ARRIVAL_MS), SPLIT_FINE,
                     "row %zu", i);
        cr_expect(str_equal(m.alert.field[ALERT_HOST], str_of(rows[i].text)),
                  "row %zu: '%.*s' where '%s' was expected", i,
                  STR_ARG(m.alert.field[ALERT_HOST]), rows[i].text);
    }
}

#define CHECK(rows) check_values(rows, sizeof rows / sizeof rows[0])

Test(source, a_path_leads_through_names_brackets_and_prefixes)
{
    static const struct value_row rows[] = {
        {"a", "{\"a\":\"x\"}", "x"},
        {"a.b", "{\"a\":{\"b\":\"x\"}}", "x"},
        {"a.b", "{\"a\":{\"b\":\"x\"},\"a.b\":\"flat\"}", "flat"},
        {"a.b.c", "{\"a.b\":{\"c\":\"x\"}}", "x"},
        {"\"a[0].b\"", "{\"a\":[{\"b\":\"x\"},{\"b\":\"y\"}]}", "x"},
        {"\"a[1].b\"", "{\"a\":[{\"b\":\"x\"},{\"b\":\"y\"}]}", "y"},
        {"\"a[*].b\"", "{\"a\":[{\"b\":\"x\"},{},{\"b\":\"y\"}]}", "x,y"},
        {"\"a[*].b\"", "{\"a\":{\"b\":\"one\"}}", "one"},
        {"\"a[1].b\"", "{\"a\":{\"b\":\"one\"}}", ""},
        {"a", "{\"a\":[\"x\",1,true,null,\"y\"]}", "x,1,true,y"},
        {"a", "{\"a\":{\"b\":1}}", ""},
        {"a", "{\"a\":null}", ""},
        {"a", "{\"a\":-12.5e3}", "-12.5e3"},
        {"a", "{\"A\":\"x\"}", ""},
        {"$p.d", "{\"c\":{\"d\":\"second\"},\"d\":\"last\"}", "second"},
        {"$p.d", "{\"a\":{\"b\":{\"d\":\"first\"}},\"d\":\"last\"}", "first"},
        {"$p.d", "{\"d\":\"last\"}", "last"},
    };
    CHECK(rows);
}

Test(source, the_first_alternative_that_has_anything_counts)
{
    static const struct value_row rows[] = {
        {"[a, b]", "{\"a\":\"\",\"b\":\"x\"}", "x"},
        {"[a, b]", "{\"a\":\"-\",\"b\":\"x\"}", "x"},
        {"[a, b]", "{\"a\":\"NONE\",\"b\":\"x\"}", "x"},
        {"[a, b]", "{\"a\":null,\"b\":\"x\"}", "x"},
        {"[a, {const: k}]", "{\"b\":\"x\"}", "k"},
        {"{path: [a, b], as: lower}", "{\"b\":\"X-Á\"}", "x-Á"},
        {"{first: [{join: [a, b]}, b], default: none at all}", "{}",
         "none at all"},
    };
    CHECK(rows);
}

Test(source, a_join_needs_all_its_parts)
{
    static const struct value_row rows[] = {
        {"{join: [a, {const: \"/\"}, b]}", "{\"a\":\"x\",\"b\":7}", "x/7"},
        {"{join: [a, {const: \"/\"}, b]}", "{\"a\":\"x\"}", ""},
        {"[{join: [a, {const: \"/\"}, b]}, a]", "{\"a\":\"x\"}", "x"},
    };
    CHECK(rows);
}

Test(source, a_table_looks_up_without_regard_to_letter_case)
{
    static const struct value_row rows[] = {
        {"{path: a, table: {\"1\": one, X: ex}}", "{\"a\":1}", "one"},
        {"{path: a, table: {\"1\": one, X: ex}}", "{\"a\":\"x\"}", "ex"},
        {"{path: a, table: {\"1\": one}}", "{\"a\":\"2\"}", ""},
        {"{path: a, table: {\"1\": one}, default: d}", "{\"a\":\"2\"}", "d"},
        {"{path: a, table: {\"W*\": w, \"Win??\": no}}", "{\"a\":\"win10\"}",
         "w"},
        {"{path: a, table: {\"W*\": w, \"Win10\": yes}}", "{\"a\":\"win10\"}",
         "yes"},
        {"{path: a, table: {CAO: cao}}", "{\"a\":\"Cao\"}", "cao"},
        {"{path: a, table: {\"TRUNG BÌNH\": tb}}",
         "{\"a\":\"trung bi\\u0300nh\"}", "tb"},
    };
    CHECK(rows);
}

Test(source, parts_are_taken_out_and_shapes_recognised)
{
    static const struct value_row rows[] = {
        {"{path: a, after: \"MD5=\", until: \",\"}",
         "{\"a\":\"SHA1=1,MD5=2,X=3\"}", "2"},
        {"{path: a, after: \"MD5=\"}", "{\"a\":\"SHA1=1\"}", ""},
        {"{path: a, until: \",\"}", "{\"a\":\"whole\"}", "whole"},
        {"{path: a, as: ip}", "{\"a\":\"10.0.0.1:443\"}", "10.0.0.1"},
        {"{path: a, as: ip}", "{\"a\":\"::ffff:10.0.0.1\"}", "10.0.0.1"},
        {"{path: a, as: ip}", "{\"a\":\"[2001:db8::1]:80\"}", "2001:db8::1"},
        {"{path: a, as: ip}", "{\"a\":\"fe80::1%eth0\"}", "fe80::1"},
        {"{path: a, as: ip}", "{\"a\":\"host\"}", ""},
        {"{path: a, as: port}", "{\"a\":\"10.0.0.1:443\"}", "443"},
        {"{path: a, as: port}", "{\"a\":65535}", "65535"},
        {"{path: a, as: port}", "{\"a\":65536}", ""},
        {"{path: a, as: filename}", "{\"a\":\"C:\\\\x\\\\y.exe\"}", "y.exe"},
        {"{path: a, as: filename}", "{\"a\":\"/bin/sh\"}", "sh"},
        {"{path: a, as: md5}", "{\"a\":\"D41D8CD98F00B204E9800998ECF8427E\"}",
         "d41d8cd98f00b204e9800998ecf8427e"},
        {"{path: a, as: sha1}", "{\"a\":\"d41d8cd98f00b204e9800998ecf8427e\"}",
         ""},
    };
    CHECK(rows);
}

Test(source, a_field_that_is_too_long_is_cut_between_characters_and_flagged)
{
    static char message[4 * MAX_FIELD_BYTES];
    size_t len = (size_t)snprintf(message, sizeof message, "{\"a\":\"x");
    for (size_t i = 0; i < MAX_FIELD_BYTES; i++)
        len += (size_t)snprintf(message + len, sizeof message - len, "ế");
    snprintf(message + len, sizeof message - len, "\"}");
    mapping_with(&m, "fields: {host: a}\n");
    cr_assert_eq(mapping_read(&m, message, ARRIVAL_MS), SPLIT_FINE);
    cr_expect_eq(m.alert.field[ALERT_HOST].len, MAX_FIELD_BYTES - 1);
    cr_expect(m.alert.flags & ALERT_FIELD_CUT);
}

Test(source, times_are_read_in_every_format)
{
    static const struct {
        const char *rule, *text;
        int64_t ms;
    } rows[] = {
        {"format: iso", "\"2024-03-05T07:22:31.250Z\"", EVENT_MS},
        {"format: iso", "\"2024-03-05T14:22:31.250999+07:00\"", EVENT_MS},
        {"format: iso", "\"2024-03-05T14:22:31,250+0700\"", EVENT_MS},
        {"format: iso", "\"2024-03-05 14:22:31.250\"", EVENT_MS},
        {"format: iso, zone: UTC", "\"2024-03-05 07:22:31.250\"", EVENT_MS},
        {"format: iso, zone: \"-05:00\"", "\"2024-03-05 02:22:31.250\"",
         EVENT_MS},
        {"format: iso, zone: UTC", "\"2024-03-05 14:22:31.25+07\"", EVENT_MS},
        {"format: dmy", "\"05/03/2024 14:22:31\"", EVENT_MS - 250},
        {"format: dmy", "\"05/03/2024 14:22\"", EVENT_MS - 31250},
        {"format: [dmy, iso]", "\"2024-03-05T07:22:31.250Z\"", EVENT_MS},
        {"format: epoch", "1709623351", EVENT_MS - 250},
        {"format: epoch", "\"1709623351.25\"", EVENT_MS},
        {"format: epoch", "1709623351250", EVENT_MS},
        {"format: epoch", "1709623351250000", EVENT_MS},
        {"format: epoch", "\"1709623351250000000\"", EVENT_MS},
        {"format: epoch_s", "1709623351", EVENT_MS - 250},
        {"format: epoch_ms", "\"1709623351250\"", EVENT_MS},
        {"format: epoch_us", "1709623351250999", EVENT_MS},
        {"format: epoch_ns", "1709623351250999999", EVENT_MS},
        {"format: month", "\"Mar 05 2024 14:22:31.250 ICT\"", EVENT_MS},
        {"format: month", "\"Mar  5 14:22:31.250\"", EVENT_MS},
        {"format: month", "\"Tue Mar 5 07:22:31.250 UTC 2024\"", EVENT_MS},
        {"format: iso", "\"05/03/2024 14:22:31\"", NO_TIME},
        {"format: iso", "\"2024-02-30T00:00:00Z\"", NO_TIME},
        {"format: epoch_ms", "true", NO_TIME},
        {"format: epoch", "-5", NO_TIME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char lines[1024], message[256];
        snprintf(lines, sizeof lines,
                 "source: probe\nproduct: Probe\nzone: \"+07:00\"\n"
                 "time: [{path: t, %s}]\nfields: {host: h}\n"
                 "severity: [{version: \"1\", missing: low}]\n",
                 rows[i].rule);
        snprintf(message, sizeof message, "{\"t\":%s}", rows[i].text);
        cr_assert_not_null(mapping_load(&m, lines), "row %zu: %.*s", i,
                           STR_ARG(buf_str(&m.complaints.text)));
        cr_assert_eq(mapping_read(&m, message, ARRIVAL_MS), SPLIT_FINE);
        cr_expect_eq(m.alert.event_ms, rows[i].ms, "row %zu: %lld", i,
                     (long long)m.alert.event_ms);
    }
}

Test(source, a_month_without_a_year_lies_nearest_to_the_arrival)
{
    mapping_load(&m, "source: probe\nproduct: P\n"
                     "time: [{path: t, format: month}]\nfields: {host: h}\n"
                     "severity: [{version: \"1\", missing: low}]\n");
    int64_t new_year = ms_from_civil(
        (struct civil){.year = 2025, .month = 1, .day = 1, .second = 5}, 0);
    mapping_read(&m, "{\"t\":\"Dec 31 23:59:58\"}", new_year);
    cr_expect_eq(m.alert.event_ms, new_year - 7000);
    mapping_read(&m, "{\"t\":\"Jan  1 00:00:09\"}", new_year);
    cr_expect_eq(m.alert.event_ms, new_year + 4000);
}

Test(source, the_day_of_the_event_chooses_the_severity_table)
{
    static const struct {
        const char *message, *version;
        enum severity severity;
    } rows[] = {
        {"{\"t\":\"2024-12-31T23:59:59\",\"s\":\"H\"}", "old", SEVERITY_HIGH},
        {"{\"t\":\"2025-01-01T00:00:00\",\"s\":\"H\"}", "new", SEVERITY_MEDIUM},
        {"{\"t\":\"2024-12-31T17:00:00Z\",\"s\":\"H\"}", "new",
         SEVERITY_MEDIUM},
        {"{\"t\":\"2023-12-31T23:59:59\",\"s\":\"H\"}", "", SEVERITY_UNKNOWN},
        {"{\"s\":\"H\"}", "new", SEVERITY_MEDIUM}, /* the arrival's day */
        /* a time that is not believed decides nothing */
        {"{\"t\":\"2099-01-01T00:00:00\",\"s\":\"H\"}", "new", SEVERITY_MEDIUM},
    };
    mapping_load(&m,
                 "source: probe\nproduct: P\nzone: \"+07:00\"\n"
                 "time: [{path: t, format: iso}]\n"
                 "fields: {vendor_severity: s}\nseverity:\n"
                 "  - {version: new, from: 2025-01-01, words: {h: medium}}\n"
                 "  - {version: old, from: 2024-01-01, to: 2024-12-31, "
                 "words: {H: high}}\n");
    int64_t arrival_ms = ms_from_civil(
        (struct civil){.year = 2025, .month = 6, .day = 1}, VIETNAM_MINUTES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mapping_read(&m, rows[i].message, arrival_ms);
        cr_expect_eq(m.alert.severity, rows[i].severity, "row %zu", i);
        cr_expect(str_equal(m.alert.severity_version, str_of(rows[i].version)),
                  "row %zu", i);
    }
}

Test(source, words_go_before_ranges_and_what_neither_knows_is_unknown)
{
    static const struct {
        const char *s;
        enum severity severity;
    } rows[] = {
        {"\"7\"", SEVERITY_CRITICAL},
        {"3", SEVERITY_LOW},
        {"0", SEVERITY_LOW},
        {"3.5", SEVERITY_MEDIUM},
        {"6.9", SEVERITY_MEDIUM},
        {"6.95", SEVERITY_UNKNOWN},
        {"-1", SEVERITY_UNKNOWN},
        {"\"high-ish\"", SEVERITY_UNKNOWN},
        {"\" cao \"", SEVERITY_HIGH},
        {"\"CAO\"", SEVERITY_HIGH},
        {"\"Nghiêm trọng\"", SEVERITY_FATAL},
        {"1e1", SEVERITY_UNKNOWN},
        {"null", SEVERITY_INFORMATIONAL},
        {"\"\"", SEVERITY_INFORMATIONAL},
    };
    mapping_load(&m, "source: probe\nproduct: P\n"
                     "time: [{path: t, format: iso}]\n"
                     "fields: {vendor_severity: s}\n"
                     "severity:\n  - version: \"1\"\n"
                     "    words: {\"7\": critical, Cao: high, "
                     "NGHIÊM TRỌNG: fatal}\n"
                     "    ranges: {0..3: low, 3.5..6.9: medium, 7..9: high}\n"
                     "    missing: informational\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char message[128];
        snprintf(message, sizeof message, "{\"s\":%s}", rows[i].s);
        mapping_read(&m, message, ARRIVAL_MS);
        cr_expect_eq(m.alert.severity, rows[i].severity, "%s: %d", rows[i].s,
                     (int)m.alert.severity);
    }
    cr_expect(source_has_severity(m.source, SEVERITY_FATAL));
    cr_expect_not(source_has_severity(m.source, SEVERITY_UNKNOWN));
}

Test(source, a_message_without_what_the_mapping_requires_is_foreign)
{
    static const struct {
        const char *message;
        enum split_fault fault;
    } rows[] = {
        {"{\"id\":1,\"b\":1,\"type\":\"alert\"}", SPLIT_FINE},
        {"{\"id\":1,\"c\":[{\"d\":1}],\"type\":\"alert\"}", SPLIT_FINE},
        {"{\"id\":1,\"type\":\"alert\"}", SPLIT_FOREIGN},
        {"{\"id\":null,\"b\":1,\"type\":\"alert\"}", SPLIT_FOREIGN},
        {"{\"id\":\"\",\"b\":1,\"type\":\"alert\"}", SPLIT_FOREIGN},
        {"{\"id\":1,\"b\":1,\"type\":\"flow\"}", SPLIT_FOREIGN},
        {"{\"id\":1,\"b\":1,\"type\":{\"x\":\"alert\"}}", SPLIT_FOREIGN},
        {"{\"id\":{},\"b\":1,\"type\":\"drop\"}", SPLIT_FINE},
    };
    mapping_with(&m, "fields: {host: h}\nrequires:\n  - id\n"
                     "  - path: [b, \"c[*].d\"]\n"
                     "  - {path: type, is: [alert, drop]}\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(mapping_read(&m, rows[i].message, ARRIVAL_MS),
                     rows[i].fault, "row %zu", i);
}

Test(source, a_kind_is_found_by_id_name_technique_and_category_in_this_order)
{
    static const struct {
        const char *message;
        enum kind kind;
    } rows[] = {
        {"{\"i\":\"r-1\",\"r\":\"ET SCAN x\"}", KIND_MALWARE},
        {"{\"i\":\"r-2\",\"r\":\"ET SCAN x\"}", KIND_SCAN},
        {"{\"r\":\"et scan y\"}", KIND_SCAN},
        {"{\"r\":\"ET SCAN exact\"}", KIND_POLICY},
        {"{\"r\":\"other\",\"m\":\"T1110.003\"}", KIND_LATERAL},
        {"{\"r\":\"other\",\"m\":\"attack.t1110.001\"}", KIND_BRUTEFORCE},
        {"{\"r\":\"other\",\"c\":\"Web Trojan!\"}", KIND_WEBSHELL},
        {"{\"r\":\"other\",\"c\":\"a\",\"m\":\"T9999\"}", KIND_NONE},
        {"{}", KIND_NONE},
    };
    mapping_file(&m, "k.yml",
                 "version: 1\nkinds:\n"
                 "  - {category: \"*trojan*\", kind: webshell}\n"
                 "  - {technique: T1110, kind: bruteforce}\n"
                 "  - {technique: T1110.003, kind: lateral}\n"
                 "  - {rule: \"ET SCAN*\", kind: scan}\n"
                 "  - {rule: \"ET*\", kind: other}\n"
                 "  - {rule: \"ET SCAN exact\", kind: policy}\n"
                 "  - {rule_id: R-1, kind: malware}\n");
    mapping_with(&m, "fields: {rule_name: r, rule_id: i, category: c}\n"
                     "techniques: m\nkinds: k.yml\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        mapping_read(&m, rows[i].message, ARRIVAL_MS);
        cr_expect_eq(m.alert.kind, rows[i].kind, "row %zu", i);
    }
}

Test(source, only_the_fields_under_changes_change_the_digest)
{
    mapping_with(&m, "dedup: 24h\nchanges: [status, severity]\n"
                     "fields: {vendor_id: id, vendor_severity: s, status: st, "
                     "message: m}\n");
    static const char *const messages[] = {
        "{\"id\":1,\"s\":\"H\",\"st\":\"new\",\"m\":\"a\"}",
        "{\"id\":1,\"s\":\"H\",\"st\":\"new\",\"m\":\"b\"}",
        "{\"id\":1,\"s\":\"H\",\"st\":\"closed\",\"m\":\"a\"}",
        "{\"id\":1,\"s\":\"M\",\"st\":\"new\",\"m\":\"a\"}",
    };
    uint64_t digest[4];
    for (size_t i = 0; i < 4; i++) {
        mapping_read(&m, messages[i], ARRIVAL_MS);
        digest[i] = source_changes_digest(m.source, &m.alert);
    }
    cr_expect_eq(digest[0], digest[1]);
    cr_expect_neq(digest[0], digest[2]);
    cr_expect_neq(digest[0], digest[3]);
}

/* One process creation, written by three shippers. */
Test(source, three_shapes_of_a_windows_event_give_the_same_fields)
{
    static const char *const shapes[] = {
        "{\"Event\":{\"System\":{\"Provider\":{\"#attributes\":{\"Name\":"
        "\"Microsoft-Windows-Sysmon\"}},\"EventID\":{\"#text\":1},\"Level\":4,"
        "\"TimeCreated\":{\"#attributes\":{\"SystemTime\":"
        "\"2024-03-05T07:22:31.250Z\"}},\"EventRecordID\":77,\"Channel\":"
        "\"Microsoft-Windows-Sysmon/Operational\",\"Computer\":\"PC-1\"},"
        "\"EventData\":{\"RuleName\":\"technique_id=T1059.001\",\"Image\":"
        "\"C:\\\\a\\\\ps.exe\",\"ProcessId\":42,\"CommandLine\":\"ps -enc x\","
        "\"User\":\"D\\\\u\",\"ParentImage\":\"C:\\\\w.exe\",\"Hashes\":"
        "\"MD5=D41D8CD98F00B204E9800998ECF8427E,IMPHASH=0\"}}}",
        "{\"EventID\":1,\"Channel\":\"Microsoft-Windows-Sysmon/Operational\","
        "\"Hostname\":\"PC-1\",\"EventTime\":\"2024-03-05 14:22:31.250\","
        "\"Level\":4,\"RecordNumber\":77,\"RuleName\":\"technique_id=T1059."
        "001\","
        "\"Image\":\"C:\\\\a\\\\ps.exe\",\"ProcessId\":\"42\",\"CommandLine\":"
        "\"ps -enc x\",\"User\":\"D\\\\u\",\"ParentImage\":\"C:\\\\w.exe\","
        "\"Hashes\":\"MD5=D41D8CD98F00B204E9800998ECF8427E,IMPHASH=0\"}",
        "{\"@timestamp\":\"2024-03-05T07:22:31.250Z\",\"log\":{\"level\":"
        "\"information\"},\"winlog\":{\"channel\":"
        "\"Microsoft-Windows-Sysmon/Operational\",\"event_id\":1,\"record_id\":"
        "77,\"computer_name\":\"PC-1\",\"event_data\":{\"RuleName\":"
        "\"technique_id=T1059.001\",\"Image\":\"C:\\\\a\\\\ps.exe\","
        "\"ProcessId\":\"42\",\"CommandLine\":\"ps -enc x\",\"User\":"
        "\"D\\\\u\",\"ParentImage\":\"C:\\\\w.exe\",\"Hashes\":"
        "\"MD5=D41D8CD98F00B204E9800998ECF8427E,IMPHASH=0\"}}}",
    };
    struct alert first = {0};
    m.source =
        source_load("deploy/sources/windows.yml", &m.arena, &m.complaints);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(mapping_read(&m, shapes[i], ARRIVAL_MS), SPLIT_FINE);
        if (i == 0)
            first = m.alert;
        for (size_t f = 0; f < N_ALERT_FIELDS; f++)
            cr_expect(str_equal(m.alert.field[f], first.field[f]),
                      "shape %zu, %.*s: '%.*s', not '%.*s'", i,
                      STR_ARG(alert_field_key((enum alert_field)f)),
                      STR_ARG(m.alert.field[f]), STR_ARG(first.field[f]));
        cr_expect_eq(m.alert.event_ms, EVENT_MS, "shape %zu", i);
        cr_expect_eq(m.alert.kind, KIND_COMMAND, "shape %zu", i);
        cr_expect_eq(m.alert.severity, first.severity, "shape %zu", i);
        cr_expect_eq(m.alert.n_techniques, 1);
        cr_expect(str_equal(m.alert.technique[0], STR("T1059.001")));
        const struct logsource *log = &m.alert.logsource;
        cr_expect(str_equal(log->product, STR("windows")) &&
                      str_equal(log->category, STR("process_creation")) &&
                      str_equal(log->service, STR("sysmon")),
                  "shape %zu", i);
    }
    cr_expect(str_equal(first.field[ALERT_MD5],
                        STR("d41d8cd98f00b204e9800998ecf8427e")));
    cr_expect(str_equal(first.field[ALERT_RULE_NAME],
                        STR("Sysmon: process created")));
}

Test(source, the_events_own_fields_stay_reachable)
{
    mapping_with(&m, "fields: {host: h}\n");
    mapping_read(&m, "{\"h\":\"x\",\"deep\":{\"er\":7}}", ARRIVAL_MS);
    const struct json *deep = json_get(m.alert.event, STR("deep"));
    cr_assert_not_null(deep);
    cr_expect(str_equal(json_get(deep, STR("er"))->text, STR("7")));
}
