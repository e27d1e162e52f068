/* SPDX-License-Identifier: Apache-2.0
 *
 * A strict reader of Prometheus' text format 0.0.4, with the rules that
 * `promtool check metrics` has for names. It stops at the first mistake and
 * names the line. For tests. */
#ifndef TESTS_UNIT_EXPOSITION_H
#define TESTS_UNIT_EXPOSITION_H

#include <criterion/criterion.h>

#include "base/buf.h"
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

struct exposition {
    struct table *families, *samples;
    struct str name, type; /* of the family at work */
    bool has_help, has_type;
    /* of the histogram at work: one set of labels */
    struct buf labels;
    double le, bucket, count;
    bool has_inf, has_sum;
    size_t n_samples;
};

static inline bool
exposition_is_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        if (!((c >= 'a' && c <= 'z') || c == '_' ||
              (i > 0 && c >= '0' && c <= '9')))
            return false;
    }
    return s.len > 0;
}

static inline bool
exposition_ends(struct str name, const char *end)
{
    return str_ends(name, str_of(end));
}

/* Counters end in _total and nothing else does; base units, as the suffix. */
static inline void
exposition_check_name(struct str name, struct str type)
{
    static const char *const banned[] = {
        "milliseconds", "_ms",       "_us",     "minutes",   "hours",
        "kilobytes",    "_kb",       "_mb",     "megabytes", "gauge",
        "counter",      "histogram", "_bucket",
    };
    static const char *const units[] = {"seconds", "bytes"};
    bool counter = str_equal(type, STR("counter"));
    struct str bare = name;
    cr_assert(exposition_is_name(name), "%.*s", STR_ARG(name));
    cr_assert(str_starts(name, STR("thapcanh_")), "%.*s", STR_ARG(name));
    cr_assert_eq(exposition_ends(name, "_total"), counter, "%.*s: %.*s",
                 STR_ARG(name), STR_ARG(type));
    cr_assert(counter || str_equal(type, STR("gauge")) ||
                  str_equal(type, STR("histogram")),
              "%.*s", STR_ARG(type));
    for (size_t i = 0; i < sizeof banned / sizeof *banned; i++)
        cr_assert_not(str_contains(name, str_of(banned[i])), "%.*s has %s",
                      STR_ARG(name), banned[i]);
    cr_assert_not(exposition_ends(name, "_sum") ||
                      exposition_ends(name, "_count"),
                  "%.*s", STR_ARG(name));
    if (counter)
        bare = str_cut(name, 0, name.len - 6);
    for (size_t i = 0; i < 2; i++)
        if (str_contains(name, str_of(units[i])))
            cr_assert(exposition_ends(bare, units[i]), "%.*s", STR_ARG(name));
    if (str_equal(type, STR("histogram")))
        cr_assert(exposition_ends(name, "_seconds"), "%.*s", STR_ARG(name));
}

static inline void
exposition_end_family(struct exposition *e)
{
    if (str_equal(e->type, STR("histogram")) && e->labels.len > 0)
        cr_assert(e->has_inf && e->has_sum && e->count >= 0,
                  "%.*s: a histogram is not whole", STR_ARG(e->name));
    e->labels.len = 0;
    e->has_inf = e->has_sum = false;
    e->count = -1;
}

static inline void
exposition_comment(struct exposition *e, struct str line)
{
    struct str word, rest = line, name;
    cr_assert(str_split(&rest, ' ', &word) && str_equal(word, STR("#")));
    cr_assert(str_split(&rest, ' ', &word) && str_split(&rest, ' ', &name));
    if (str_equal(word, STR("HELP"))) {
        bool is_new = false;
        exposition_end_family(e);
        cr_assert(table_add(e->families, name, &is_new) != TABLE_NONE);
        cr_assert(is_new, "%.*s stands twice", STR_ARG(name));
        cr_assert_gt(rest.len, 0u, "%.*s: no help", STR_ARG(name));
        e->name = name;
        e->type = NO_STR;
        return;
    }
    cr_assert(str_equal(word, STR("TYPE")), "%.*s", STR_ARG(line));
    cr_assert(str_equal(name, e->name), "TYPE without HELP: %.*s",
              STR_ARG(line));
    cr_assert_eq(e->type.len, 0u, "TYPE twice: %.*s", STR_ARG(line));
    e->type = rest;
    exposition_check_name(name, rest);
}

/* One label at the start of `rest`; returns what is left. */
static inline struct str
exposition_label(struct str rest, struct str *name, struct str *value)
{
    size_t n = 0, from;
    while (n < rest.len && rest.at[n] != '=')
        n++;
    *name = str_cut(rest, 0, n);
    cr_assert(exposition_is_name(*name), "label %.*s", STR_ARG(rest));
    cr_assert(n + 1 < rest.len && rest.at[n + 1] == '"', "%.*s", STR_ARG(rest));
    for (from = n += 2; n < rest.len && rest.at[n] != '"'; n++)
        if (rest.at[n] == '\\') {
            n++;
            cr_assert(n < rest.len && strchr("\\\"n", rest.at[n]) != NULL,
                      "escape in %.*s", STR_ARG(rest));
        }
    cr_assert_lt(n, rest.len, "unclosed: %.*s", STR_ARG(rest));
    *value = str_cut(rest, from, n);
    return str_cut(rest, n + 1, SIZE_MAX);
}

/* `labels`: all but le. */
static inline struct str
exposition_labels(struct str rest, struct buf *labels, struct str *le)
{
    struct str name, value, names[16];
    size_t n = 0;
    *le = NO_STR;
    for (bool more = true; more;) {
        rest = exposition_label(str_cut(rest, 1, SIZE_MAX), &name, &value);
        cr_assert_lt(n, 16u);
        for (size_t i = 0; i < n; i++)
            cr_assert_not(str_equal(names[i], name), "label twice: %.*s",
                          STR_ARG(name));
        names[n++] = name;
        if (str_equal(name, STR("le")))
            *le = value;
        else
            buf_format(labels, "%.*s=%.*s;", STR_ARG(name), STR_ARG(value));
        cr_assert(rest.len > 0 && (rest.at[0] == ',' || rest.at[0] == '}'),
                  "%.*s", STR_ARG(rest));
        more = rest.at[0] == ',';
    }
    return str_cut(rest, 1, SIZE_MAX);
}

static inline void
exposition_bucket(struct exposition *e, struct str end, struct str labels,
                  struct str le, double value)
{
    if (!str_equal(buf_str(&e->labels), labels)) {
        exposition_end_family(e);
        buf_clear(&e->labels);
        buf_add(&e->labels, labels);
        e->le = e->bucket = -1;
    }
    if (str_equal(end, STR("_bucket"))) {
        double bound = str_equal(le, STR("+Inf")) ? 1e300 : strtod(le.at, NULL);
        cr_assert(le.len > 0 && bound > e->le && value >= e->bucket &&
                      !e->has_inf,
                  "%.*s: buckets out of order", STR_ARG(e->name));
        e->le = bound;
        e->bucket = value;
        e->has_inf = str_equal(le, STR("+Inf"));
    } else if (str_equal(end, STR("_sum"))) {
        e->has_sum = true;
    } else {
        cr_assert(str_equal(end, STR("_count")) && e->has_inf);
        cr_assert(value >= e->bucket && value <= e->bucket,
                  "%.*s: count is not the last bucket", STR_ARG(e->name));
        e->count = value;
    }
}

static inline void
exposition_sample(struct exposition *e, struct str line)
{
    struct buf labels = {0}, whole = {0};
    struct str le = NO_STR, rest = line, end;
    size_t n = 0;
    char *stop;
    bool is_new = false, histogram = str_equal(e->type, STR("histogram"));
    while (n < line.len && line.at[n] != '{' && line.at[n] != ' ')
        n++;
    struct str name = str_cut(line, 0, n);
    cr_assert(e->type.len > 0 && str_starts(name, e->name),
              "no HELP and TYPE before %.*s", STR_ARG(line));
    end = str_cut(name, e->name.len, SIZE_MAX);
    cr_assert(histogram || end.len == 0, "%.*s among those of %.*s",
              STR_ARG(name), STR_ARG(e->name));
    rest = str_cut(line, n, SIZE_MAX);
    if (rest.len > 0 && rest.at[0] == '{')
        rest = exposition_labels(rest, &labels, &le);
    cr_assert(rest.len > 1 && rest.at[0] == ' ', "%.*s", STR_ARG(line));
    char number[64] = "";
    cr_assert_lt(rest.len, sizeof number);
    memcpy(number, rest.at + 1, rest.len - 1);
    double value = strtod(number, &stop);
    cr_assert(*stop == '\0' && strchr("-0123456789", number[0]) != NULL,
              "value of %.*s", STR_ARG(line));
    if (!str_equal(e->type, STR("gauge")))
        cr_assert_geq(value, 0, "%.*s", STR_ARG(line));
    cr_assert(histogram || le.len == 0, "le in %.*s", STR_ARG(line));
    if (histogram)
        exposition_bucket(e, end, buf_str(&labels), le, value);
    buf_format(&whole, "%.*s{%.*s%.*s", STR_ARG(name), STR_ARG(le),
               STR_ARG(buf_str(&labels)));
    table_add(e->samples, buf_str(&whole), &is_new);
    cr_assert(is_new, "twice: %.*s", STR_ARG(line));
    e->n_samples++;
    buf_free(&labels);
    buf_free(&whole);
}

/* Returns how many samples there are. */
static inline size_t
exposition_check(struct str page)
{
    struct exposition e = {.count = -1};
    struct str line;
    e.families = table_new(4096);
    e.samples = table_new(1 << 20);
    cr_assert(page.len > 0 && page.at[page.len - 1] == '\n');
    page.len--;
    while (str_split(&page, '\n', &line)) {
        cr_assert_gt(line.len, 0u, "an empty line");
        if (line.at[0] == '#')
            exposition_comment(&e, line);
        else
            exposition_sample(&e, line);
    }
    exposition_end_family(&e);
    table_free(e.families);
    table_free(e.samples);
    buf_free(&e.labels);
    return e.n_samples;
}

#endif
