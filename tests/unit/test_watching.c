/* SPDX-License-Identifier: Apache-2.0
 *
 * The dashboard and the alert rules speak of metrics that the program has, and
 * only of those; what they point to in the documentation is there; each alert
 * says in both languages what is the matter. */
#include <criterion/criterion.h>

#include "base/file.h"
#include "base/json.h"
#include "base/table.h"
#include "base/yaml.h"
#include "daemon/metrics.h"

#include <stdio.h>
#include <string.h>

#define DASHBOARD "deploy/grafana/thapcanh.json"
#define ALERTS "deploy/prometheus/thapcanh.rules.yml"
#define PAGE "docs/operations.md"

static struct arena arena;
static char *start;

static void
begin(void)
{
    arena = arena_reserve((size_t)64 << 20);
    start = arena.at;
}

static void
end(void)
{
    arena_release(start, arena);
}

TestSuite(watching, .init = begin, .fini = end);

static struct str
read_file(const char *path)
{
    struct str text;
    struct err why = {""};
    cr_assert(file_read(path, (size_t)16 << 20, &arena, &text, &why), "%s",
              why.text);
    return text;
}

/* Every name that a series of the page may have. */
static struct table *
series(void)
{
    static const char *const parts[] = {"_bucket", "_sum", "_count"};
    struct table *names = table_new(1000);
    struct metric_words words;
    for (size_t i = 0; metrics_words(i, &words); i++) {
        bool histogram = strcmp(words.type, "histogram") == 0;
        for (size_t k = 0; k < (histogram ? 3 : 1); k++) {
            char name[160];
            snprintf(name, sizeof name, "thapcanh_%s%s", words.name,
                     histogram ? parts[k] : "");
            table_add(names, str_of(name), NULL);
        }
    }
    return names;
}

static bool
in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == ':';
}

/* How many metrics an expression names; each must be one of ours, and between
 * its braces only labels that it has. */
static size_t
check_expression(const char *where, struct str text, struct table *names)
{
    const struct str head = STR("thapcanh_");
    size_t n = 0;
    for (size_t i = 0; i + head.len < text.len; i++) {
        size_t to = i;
        if (!str_starts(str_cut(text, i, SIZE_MAX), head) ||
            (i > 0 && in_name(text.at[i - 1])))
            continue;
        while (to < text.len && in_name(text.at[to]))
            to++;
        struct str name = str_cut(text, i, to);
        cr_expect(table_find(names, name) != TABLE_NONE, "%s: there is no %.*s",
                  where, STR_ARG(name));
        n++;
    }
    return n;
}

/* --- the dashboard */

static size_t
check_node(const struct json *node, struct table *names)
{
    const struct json *child =
        node->type == JSON_OBJECT || node->type == JSON_ARRAY ? json_first(node)
                                                              : NULL;
    size_t n = 0;
    if (node->type == JSON_STRING && (str_equal(node->key, STR("expr")) ||
                                      str_equal(node->key, STR("query")) ||
                                      str_equal(node->key, STR("definition"))))
        n = check_expression(DASHBOARD, node->text, names);
    if (str_equal(node->key, STR("expr")))
        cr_expect_gt(n, 0u, "no metric in %.*s", STR_ARG(node->text));
    for (uint32_t i = 0; child && i < node->n_children;
         i++, child = json_next(child))
        n += check_node(child, names);
    return n;
}

Test(watching, the_dashboard_shows_metrics_that_there_are)
{
    struct json_reader *reader = json_reader_new_large();
    struct table *names = series();
    const struct json *root;
    cr_assert_eq(
        json_read(reader, str_trim(read_file(DASHBOARD)), &arena, &root),
        JSON_FINE);
    cr_expect_gt(check_node(root, names), 40u);
    const struct json *panels = json_get(root, STR("panels"));
    cr_assert(panels != NULL && panels->type == JSON_ARRAY);
    size_t rows = 0;
    const struct json *panel = json_first(panels);
    for (uint32_t i = 0; i < panels->n_children; i++, panel = json_next(panel))
        rows += str_equal(json_get(panel, STR("type"))->text, STR("row"));
    cr_expect_eq(rows, 4u, "intake, windows, tickets, services");
    table_free(names);
    json_reader_free(reader);
}

/* --- the alert rules */

/* A heading as a link names it: small letters, blanks as hyphens. */
static bool
has_heading(struct str page, struct str anchor)
{
    struct str line;
    while (str_split(&page, '\n', &line)) {
        char name[256];
        size_t n = 0;
        struct str rest = line;
        if (!str_starts(line, STR("## ")) && !str_starts(line, STR("### ")))
            continue;
        while (rest.len > 0 && (rest.at[0] == '#' || rest.at[0] == ' '))
            rest = str_cut(rest, 1, SIZE_MAX);
        for (size_t i = 0; i < rest.len && n < sizeof name; i++) {
            char c = rest.at[i];
            if (c >= 'A' && c <= 'Z')
                name[n++] = (char)(c - 'A' + 'a');
            else if (in_name(c) || c == '-')
                name[n++] = c;
            else if (c == ' ')
                name[n++] = '-';
        }
        if (str_equal((struct str){name, n}, anchor))
            return true;
    }
    return false;
}

static struct str
text_at(const struct yaml *map, const char *key)
{
    struct complaints complaints = {0};
    struct str text = NO_STR;
    const struct yaml *node = yaml_get(map, key);
    cr_assert(node != NULL, "no %s", key);
    cr_assert(yaml_str(node, &text, &complaints));
    complaints_free(&complaints);
    return text;
}

static bool
has_marks(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return true;
    return false;
}

static void
check_alert(const struct yaml *rule, struct str page, struct table *names)
{
    static const char *const words[] = {"summary", "description"};
    struct str name = text_at(rule, "alert");
    char where[200];
    snprintf(where, sizeof where, "%.*s", STR_ARG(name));
    const struct yaml *notes = yaml_get(rule, "annotations");
    cr_assert(notes != NULL, "%s", where);
    struct str expr = text_at(rule, "expr");
    cr_expect(check_expression(where, expr, names) > 0 ||
                  str_contains(expr, STR("up{job=\"thapcanh\"}")),
              "%s: no metric", where);
    struct str severity = text_at(yaml_get(rule, "labels"), "severity");
    cr_expect(str_equal(severity, STR("page")) ||
                  str_equal(severity, STR("ticket")),
              "%s: severity %.*s", where, STR_ARG(severity));
    for (size_t i = 0; i < 2; i++) {
        char vietnamese[32];
        snprintf(vietnamese, sizeof vietnamese, "%s_vi", words[i]);
        cr_expect_gt(text_at(notes, words[i]).len, 10u, "%s", where);
        cr_expect(has_marks(text_at(notes, vietnamese)), "%s", where);
    }
    struct str runbook = text_at(notes, "runbook"), file;
    cr_assert(str_split(&runbook, '#', &file), "%s", where);
    cr_expect(str_equal(file, STR(PAGE)), "%s: %.*s", where, STR_ARG(file));
    cr_expect(has_heading(page, runbook), "%s: no heading %.*s in %s", where,
              STR_ARG(runbook), PAGE);
}

Test(watching, alert_rules_speak_of_metrics_and_headings_that_there_are)
{
    struct complaints complaints = {0};
    struct table *names = series();
    struct str page = read_file(PAGE);
    const struct yaml *root = yaml_load(ALERTS, &arena, &complaints);
    size_t n = 0;
    cr_assert(root != NULL, "%.*s", STR_ARG(buf_str(&complaints.text)));
    for (const struct yaml *group = yaml_get(root, "groups")->first; group;
         group = group->next)
        for (const struct yaml *rule = yaml_get(group, "rules")->first; rule;
             rule = rule->next, n++)
            check_alert(rule, page, names);
    cr_expect_geq(n, 10u);
    complaints_free(&complaints);
    table_free(names);
}
