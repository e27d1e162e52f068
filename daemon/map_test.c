/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh map test`: a file of alerts through one mapping. What became of
 * them, what the mapping leaves unread, which severities it does not know,
 * which sensor rules have no kind. */
#include "base/buf.h"
#include "base/table.h"
#include "base/times.h"
#include "ingest/source_tools.h"
#include "map.h"

#include <stdio.h>

enum { MAX_LINES_SHOWN = 40, MAX_FAULTS_SHOWN = 20 };

struct test {
    const struct source *source;
    FILE *talk; /* NULL: no report, JSON instead */
    struct buf json;
    uint64_t n_alerts, n_faults, n_no_time, n_cut, n_unknown, n_no_kind;
    uint64_t n_field[N_ALERT_FIELDS], n_techniques;
    uint64_t n_kind[N_KINDS], n_severity[N_SEVERITIES];
    int64_t first_ms, last_ms;
    struct names unknown, severities, no_kind, left, logsources, faults;
    struct buf word;
};

/* --- one alert --------------------------------------------------------------
 */

static void
print_json(struct test *test, const struct map_item *item)
{
    struct buf *json = &test->json;
    buf_clear(json);
    buf_format(json, "{\"line\":%zu,\"index\":%zu,", item->line, item->index);
    if (item->alert) {
        buf_add(json, STR("\"alert\":"));
        source_print(json, item->alert);
    } else {
        buf_add(json, STR("\"fault\":"));
        buf_json(json, split_fault_id(item->fault));
    }
    buf_add(json, STR("}\n"));
    fwrite(json->at, 1, json->len, stdout);
}

static void
count_left(void *context, struct str path)
{
    struct test *test = context;
    if (!source_reads(test->source, path))
        names_count(&test->left, path, 1);
}

static void
count_severity(struct test *test, const struct alert *alert)
{
    struct str written = alert->field[ALERT_VENDOR_SEVERITY];
    test->n_severity[alert->severity]++;
    buf_clear(&test->word);
    buf_add(&test->word, written.len > 0 ? written : STR("(none)"));
    if (alert->severity == SEVERITY_UNKNOWN) {
        test->n_unknown++;
        names_count(&test->unknown, buf_str(&test->word), 1);
    }
    buf_add(&test->word, STR(" → "));
    buf_add(&test->word, severity_id(alert->severity));
    if (!test->word.full)
        names_count(&test->severities, buf_str(&test->word), 1);
}

static void
count_rule(struct test *test, const struct alert *alert)
{
    const struct logsource *logsource = &alert->logsource;
    test->n_kind[alert->kind]++;
    if (alert->kind == KIND_NONE) {
        struct str name = alert->field[ALERT_RULE_NAME];
        test->n_no_kind++;
        names_count(&test->no_kind, name.len > 0 ? name : STR("(no name)"), 1);
    }
    buf_clear(&test->word);
    buf_format(&test->word, "%.*s / %.*s / %.*s", STR_ARG(logsource->product),
               STR_ARG(logsource->category), STR_ARG(logsource->service));
    names_count(&test->logsources, buf_str(&test->word), 1);
}

static void
count_alert(struct test *test, const struct alert *alert)
{
    test->n_alerts++;
    for (size_t i = 0; i < N_ALERT_FIELDS; i++)
        test->n_field[i] += alert->field[i].len > 0;
    test->n_techniques += alert->n_techniques > 0;
    test->n_cut += (alert->flags & ALERT_FIELD_CUT) != 0;
    if (alert->event_ms == NO_TIME) {
        test->n_no_time++;
    } else {
        if (test->first_ms == NO_TIME || alert->event_ms < test->first_ms)
            test->first_ms = alert->event_ms;
        if (test->last_ms == NO_TIME || alert->event_ms > test->last_ms)
            test->last_ms = alert->event_ms;
    }
    count_severity(test, alert);
    count_rule(test, alert);
    source_leaves(alert->event, count_left, test);
}

static void
take_item(void *context, const struct map_item *item)
{
    struct test *test = context;
    if (!test->talk)
        print_json(test, item);
    if (item->alert) {
        count_alert(test, item->alert);
        return;
    }
    test->n_faults++;
    buf_clear(&test->word);
    buf_format(&test->word, "%.*s, first in line %zu",
               STR_ARG(split_fault_words(item->fault)), item->line);
    if (test->n_faults <= MAX_FAULTS_SHOWN)
        names_count(&test->faults, buf_str(&test->word), 1);
}

/* --- the report -------------------------------------------------------------
 */

static void
print_share(const char *name, size_t len, uint64_t n, uint64_t all)
{
    printf("%10llu  %.*s%s\n", (unsigned long long)n, (int)len, name,
           n == all ? "" : " *");
}

static void
print_fields(const struct test *test)
{
    printf("fields filled (*: not in every alert)\n");
    for (size_t i = 0; i < N_ALERT_FIELDS; i++) {
        struct str key = alert_field_key((enum alert_field)i);
        if (test->n_field[i] > 0)
            print_share(key.at, key.len, test->n_field[i], test->n_alerts);
    }
    if (test->n_techniques > 0)
        print_share("techniques", 10, test->n_techniques, test->n_alerts);
    printf("fields never filled:");
    for (size_t i = 0; i < N_ALERT_FIELDS; i++) {
        struct str key = alert_field_key((enum alert_field)i);
        if (test->n_field[i] == 0)
            printf(" %.*s", STR_ARG(key));
    }
    printf("%s\n", test->n_techniques == 0 ? " techniques" : "");
}

static void
print_times(const struct test *test)
{
    struct buf times = {0};
    if (test->first_ms == NO_TIME)
        return;
    buf_iso(&times, test->first_ms, VIETNAM_MINUTES);
    buf_add(&times, STR(" to "));
    buf_iso(&times, test->last_ms, VIETNAM_MINUTES);
    printf("event times %.*s\n", STR_ARG(buf_str(&times)));
    buf_free(&times);
}

static void
print_names(const char *title, const struct names *names)
{
    if (table_len(names->table) == 0)
        return;
    printf("%s\n", title);
    names_print(names, MAX_LINES_SHOWN);
}

static void
print_report(const struct test *test)
{
    printf("%llu alerts through %.*s\n", (unsigned long long)test->n_alerts,
           STR_ARG(source_name(test->source)));
    print_times(test);
    print_names("faults", &test->faults);
    print_fields(test);
    print_names("severities, as written → ours", &test->severities);
    print_names("severities no table knows", &test->unknown);
    printf("kinds\n");
    for (size_t i = 0; i < N_KINDS; i++) {
        struct str id = kind_id((enum kind)i);
        if (test->n_kind[i] > 0)
            printf("%10llu  %.*s\n", (unsigned long long)test->n_kind[i],
                   STR_ARG(id));
    }
    print_names("sensor rules without a kind", &test->no_kind);
    print_names("logsource: product / category / service", &test->logsources);
    print_names("left unread: no path of the mapping leads there", &test->left);
}

static bool
test_open(struct test *test)
{
    return names_open(&test->unknown) && names_open(&test->severities) &&
           names_open(&test->no_kind) && names_open(&test->left) &&
           names_open(&test->logsources) && names_open(&test->faults);
}

static void
test_close(struct test *test)
{
    names_close(&test->unknown);
    names_close(&test->severities);
    names_close(&test->no_kind);
    names_close(&test->left);
    names_close(&test->logsources);
    names_close(&test->faults);
    buf_free(&test->json);
    buf_free(&test->word);
}

int
map_test(const struct source *source, const char *file, bool json)
{
    struct err why = {""};
    struct test test = {.source = source,
                        .talk = json ? NULL : stdout,
                        .first_ms = NO_TIME,
                        .last_ms = NO_TIME};
    bool fine =
        test_open(&test) && map_read(&source, 1, file, take_item, &test, &why);
    if (!fine)
        fprintf(stderr, "thapcanh map test: %s\n",
                why.text[0] ? why.text : "out of memory");
    else if (!json)
        print_report(&test);
    if (fine)
        fprintf(stderr,
                "%llu alerts, %llu faults, %llu without a time, %llu of "
                "unknown severity, %llu without a kind, %llu cut\n",
                (unsigned long long)test.n_alerts,
                (unsigned long long)test.n_faults,
                (unsigned long long)test.n_no_time,
                (unsigned long long)test.n_unknown,
                (unsigned long long)test.n_no_kind,
                (unsigned long long)test.n_cut);
    bool good = fine && test.n_faults + test.n_no_time + test.n_unknown == 0;
    test_close(&test);
    return good ? EXIT_OK : EXIT_CHECK;
}
