/* SPDX-License-Identifier: Apache-2.0
 *
 * Mistakes in mappings and kinds tables: each is named where it stands, with
 * the nearest known word, and all of a file in one run. */
#include "mapping.h"

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

TestSuite(source_mistakes, .init = setup, .fini = teardown);

struct mistake {
    const char *lines; /* from line 5 on, below what mapping_with writes */
    const char *said;  /* "line:column: message" */
};

static bool
is_said(const char *said)
{
    struct str text = buf_str(&m.complaints.text), line;
    char want[512];
    snprintf(want, sizeof want, "%s/m.yml:%s", m.folder, said);
    while (str_split(&text, '\n', &line))
        if (str_equal(line, str_of(want)))
            return true;
    return false;
}

static void
check_mistakes(const struct mistake *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        cr_expect_null(mapping_with(&m, rows[i].lines), "row %zu", i);
        cr_expect(is_said(rows[i].said), "row %zu: '%s' is not among\n%.*s", i,
                  rows[i].said, STR_ARG(buf_str(&m.complaints.text)));
        cr_expect_eq(m.complaints.n_errors, 1, "row %zu:\n%.*s", i,
                     STR_ARG(buf_str(&m.complaints.text)));
    }
}

#define CHECK(rows) check_mistakes(rows, sizeof rows / sizeof rows[0])

Test(source_mistakes, in_what_stands_at_the_top)
{
    static const struct mistake rows[] = {
        {"fields: {host: h}\nlatenes: 5m\n",
         "6:1: unknown field 'latenes' (did you mean 'lateness'?)"},
        {"fields: {host: h}\nlateness: soon\n",
         "6:11: expected a duration such as 250ms, 90s, 10m, 24h or 7d, found "
         "'soon'"},
        {"fields: {host: h}\nlateness: 8d\n",
         "6:11: 8d is out of range: from 0s to 7d"},
        {"fields: {host: h}\nzone: Hanoi\n",
         "6:7: expected a zone such as \"+07:00\" or \"UTC\""},
        {"fields: {host: h}\nignore: {a: b}\n",
         "6:9: expected a text, or a list of 1 to 16"},
        {"fields: {host: h}\nprefixes: {Data: [a]}\n",
         "6:12: a prefix's name is of a-z, 0-9, '-' and '_'"},
        {"fields: {host: h}\nrequires: 7\n",
         "6:11: requires is a list of at most 16 conditions"},
        {"fields: {host: h}\nrequires: [{is: x}]\n",
         "6:12: expected a path, or a map with path: and is:"},
        {"fields: {host: h}\nrequires: [{path: a, iss: x}]\n",
         "6:22: unknown field 'iss' (did you mean 'is'?)"},
        {"dedup: 24h\nfields: {host: h}\n",
         "5:8: dedup needs fields: vendor_id"},
        {"fields: {vendor_id: i}\ndedup: 1h\nchanges: [statu]\n",
         "7:11: unknown field 'statu' (did you mean 'status'?)"},
        {"fields: {host: h}\nlogsource: {produkt: a}\n",
         "6:13: unknown field 'produkt' (did you mean 'product'?)"},
        {"fields: {host: h}\nlogsource: a\n",
         "6:12: logsource is a map with product, category, service"},
        {"fields: {host: h}\nfields: {user: u}\n",
         "6:1: key 'fields' stands here again (first in line 5)"},
    };
    CHECK(rows);
}

Test(source_mistakes, in_fields_paths_and_values)
{
    static const struct mistake rows[] = {
        {"fields: {hosst: h}\n",
         "5:10: unknown field 'hosst' (did you mean 'host'?)"},
        {"fields: [host]\n",
         "5:9: fields: is a map from field names to values"},
        {"fields: {host: a..b}\n", "5:16: a name of the path is empty"},
        {"fields: {host: .a}\n", "5:16: a name of the path is empty"},
        {"fields: {host: a.b.c.d.e.f.g.h.i}\n",
         "5:16: a path has at most 8 names"},
        {"fields: {host: \"a[x]\"}\n",
         "5:16: after '[' a path has a number or '*', and ']'"},
        {"fields: {host: \"a[0\"}\n",
         "5:16: after '[' a path has a number or '*', and ']'"},
        {"fields: {host: \"a[0]b\"}\n",
         "5:16: after ']' a path has '.' or '['"},
        {"fields: {host: $dat.a}\n", "5:16: unknown prefix 'dat'"},
        {"prefixes: {data: [a]}\nfields: {host: $dat.a}\n",
         "6:16: unknown prefix 'dat' (did you mean 'data'?)"},
        {"prefixes: {data: [a]}\nfields: {host: $data}\n",
         "6:16: after a prefix comes '.' and a path"},
        {"fields: {host: []}\n", "5:16: expected a list of 1 to 32 values"},
        {"fields: {host: {join: a}}\n",
         "5:23: expected a list of 1 to 32 values"},
        {"fields: {host: {path: a, const: b}}\n",
         "5:16: a value has exactly one of path, const, join, first"},
        {"fields: {host: {as: ip}}\n",
         "5:16: a value has exactly one of path, const, join, first"},
        {"fields: {host: {path: a, as: ipp}}\n",
         "5:30: unknown shape 'ipp' (did you mean 'ip'?)"},
        {"fields: {host: {path: a, as: address}}\n",
         "5:30: unknown shape 'address' (known: text, ip, port, lower, "
         "filename, md5, sha1, sha256)"},
        {"fields: {host: {path: a, afer: b}}\n",
         "5:26: unknown field 'afer' (did you mean 'after'?)"},
        {"fields: {host: {path: a, after: \"\"}}\n", "5:33: the text is empty"},
        {"fields: {host: {path: a, table: {X: b, x: c}}}\n",
         "5:40: 'x' stands in the table twice"},
        {"fields: {host: {path: a, table: []}}\n",
         "5:33: a table maps texts to texts, at most 4096"},
        {"fields: {host: [[[[[[[a]]]]]]]}\n",
         "5:22: values nested deeper than 6"},
    };
    CHECK(rows);
}

Test(source_mistakes, in_time_and_severity)
{
    static const struct {
        const char *time, *severity, *said;
    } rows[] = {
        {"{path: t, format: isoo}", "{version: \"1\", missing: low}",
         "3:25: unknown time format 'isoo' (did you mean 'iso'?)"},
        {"{path: t}", "{version: \"1\", missing: low}",
         "3:7: the time has no format"},
        {"{pth: t, format: iso}", "{version: \"1\", missing: low}",
         "3:8: unknown field 'pth' (did you mean 'path'?)"},
        {"t", "{version: \"1\", missing: low}",
         "3:7: time is a map, or a list of 1 to 8"},
        {"{path: t, format: iso, zone: 7}", "{version: \"1\", missing: low}",
         "3:36: expected a zone such as \"+07:00\" or \"UTC\""},
        {"{path: t, format: iso}", "{missing: low}",
         "5:12: the severity table has no version"},
        {"{path: t, format: iso}", "{version: \"1\"}",
         "5:12: the severity table needs words, ranges or missing"},
        {"{path: t, format: iso}", "{version: \"1\", words: {a: hihg}}",
         "5:38: unknown severity 'hihg' (did you mean 'high'?)"},
        {"{path: t, format: iso}", "{version: \"1\", words: {A: low, a: low}}",
         "5:43: 'a' is already there in another writing"},
        {"{path: t, format: iso}",
         "{version: \"1\", ranges: {0..3: low, 3..4: low}}",
         "5:47: the range overlaps one above it"},
        {"{path: t, format: iso}", "{version: \"1\", ranges: {3..0: low}}",
         "5:36: '3..0' is no range such as 0..3 or 7"},
        {"{path: t, format: iso}",
         "{version: \"1\", missing: low, from: 2024-02-30}",
         "5:47: there is no day 2024-02-30"},
        {"{path: t, format: iso}",
         "{version: \"1\", missing: low, from: 2024-02-02, to: 2024-02-01}",
         "5:63: the version ends before it begins"},
        {"{path: t, format: iso}",
         "{version: \"1\", missing: low}, {version: \"1\", missing: low, from: "
         "2024-01-01}",
         "5:42: version '1' stands here twice"},
        {"{path: t, format: iso}",
         "{version: a, missing: low, to: 2024-01-01}, {version: b, missing: "
         "low, from: 2024-01-01}",
         "5:56: versions 'a' and 'b' hold on the same day"},
        {"{path: t, format: iso}", "{version: \"1\", mising: low}",
         "5:27: unknown field 'mising' (did you mean 'missing'?)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "source: probe\nproduct: Probe\ntime: %s\n"
                 "fields: {vendor_severity: s}\nseverity: [%s]\n",
                 rows[i].time, rows[i].severity);
        cr_expect_null(mapping_load(&m, text), "row %zu", i);
        cr_expect(is_said(rows[i].said), "row %zu: '%s' is not among\n%.*s", i,
                  rows[i].said, STR_ARG(buf_str(&m.complaints.text)));
    }
}

Test(source_mistakes, what_is_missing_is_asked_for)
{
    cr_expect_null(mapping_load(&m, "zone: UTC\n"));
    cr_expect(is_said("1:1: the mapping has no source:"));
    cr_expect(is_said("1:1: the mapping has no product: (its name for "
                      "people)"));
    cr_expect(is_said("1:1: the mapping has no time:"));
    cr_expect(is_said("1:1: fields: is a map from field names to values"));
    cr_expect(is_said("1:1: the mapping has no severity:"));
    cr_expect_eq(m.complaints.n_errors, 5);
    cr_expect_null(mapping_load(&m, "- a\n"));
    cr_expect(is_said("1:1: a mapping is a map"));
    cr_expect_null(mapping_load(&m, "source: [\n"));
    cr_expect_eq(m.complaints.n_errors, 1);
}

Test(source_mistakes, words_without_anything_to_look_up)
{
    cr_expect_null(mapping_load(
        &m,
        "source: p\nproduct: P\ntime: {path: t, format: iso}\n"
        "fields: {host: h}\nseverity: [{version: \"1\", words: {a: low}}]\n"));
    cr_expect(is_said("5:12: nothing to look up: give fields: vendor_severity, "
                      "or value: here"));
}

Test(source_mistakes, a_file_that_is_not_there_is_named_where_it_is_asked_for)
{
    cr_expect_null(mapping_with(&m, "fields: {host: h}\nkinds: nowhere.yml\n"));
    char want[256];
    snprintf(want, sizeof want,
             "%s/m.yml:6:8: %s/nowhere.yml: cannot open: No such file or "
             "directory\n",
             m.folder, m.folder);
    cr_expect(str_equal(buf_str(&m.complaints.text), str_of(want)), "%.*s",
              STR_ARG(buf_str(&m.complaints.text)));
}

Test(source_mistakes, in_a_kinds_table)
{
    static const struct {
        const char *entry, *said;
    } rows[] = {
        {"{rule: a, kind: scann}",
         "unknown kind 'scann' (did you mean 'scan'?)"},
        {"{rule: a, rule_id: b, kind: scan}",
         "an entry has exactly one of rule, rule_id, technique, category"},
        {"{kind: scan}",
         "an entry has exactly one of rule, rule_id, technique, category"},
        {"{rule: a}", "the entry has no kind"},
        {"{rul: a, kind: scan}", "unknown field 'rul' (did you mean 'rule'?)"},
        {"{technique: T12, kind: scan}",
         "'T12' is no ATT&CK technique (T1059 or T1059.001)"},
        {"{rule: \"\", kind: scan}", "expected 1 to 512 bytes"},
        {"{rule: ONE, kind: scan}", "'ONE' has a kind already"},
        {"scan", "expected a map such as {kind: scan, rule: \"ET SCAN*\"}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "version: 1\nkinds:\n  - {rule: one, kind: other}\n  - %s\n",
                 rows[i].entry);
        mapping_file(&m, "k.yml", text);
        cr_expect_null(mapping_with(&m, "fields: {host: h}\nkinds: k.yml\n"),
                       "row %zu", i);
        cr_expect(
            str_contains(buf_str(&m.complaints.text), str_of(rows[i].said)) &&
                str_contains(buf_str(&m.complaints.text), STR("/k.yml:4:")),
            "row %zu:\n%.*s", i, STR_ARG(buf_str(&m.complaints.text)));
    }
}

Test(source_mistakes, every_shipped_mapping_has_none)
{
    static const char *const names[] = {"ajiant",      "aminer",      "cycir",
                                        "suricata",    "wazuh",       "windows",
                                        "generic-cef", "generic-json"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "deploy/sources/%s.yml", names[i]);
        const struct source *source =
            source_load(path, &m.arena, &m.complaints);
        cr_assert_not_null(source, "%.*s",
                           STR_ARG(buf_str(&m.complaints.text)));
        cr_expect(str_equal(source_name(source), str_of(names[i])));
    }
    cr_expect_eq(m.complaints.n_warnings, 0);
}
