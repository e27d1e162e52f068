/* SPDX-License-Identifier: Apache-2.0
 *
 * Text is compared without regard to the case of ASCII letters, with * and ?;
 * addresses by prefix, IPv4 and IPv6 alike. */
#include "feed_filter.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* X(name, id, kind of value) */
#define FIELDS(X)                                                              \
    X(FIELD_SEVERITY, "severity", VALUE_SEVERITY)                              \
    X(FIELD_LEVEL, "level", VALUE_NUMBER)                                      \
    X(FIELD_HOST, "host", VALUE_TEXT)                                          \
    X(FIELD_UNIT, "unit", VALUE_TEXT)                                          \
    X(FIELD_SYSTEM, "system", VALUE_TEXT)                                      \
    X(FIELD_SOURCE, "source", VALUE_TEXT)                                      \
    X(FIELD_KIND, "kind", VALUE_TEXT)                                          \
    X(FIELD_RULE, "rule", VALUE_TEXT)                                          \
    X(FIELD_USER, "user", VALUE_TEXT)                                          \
    X(FIELD_IP, "ip", VALUE_ADDRESS)                                           \
    X(FIELD_SRC_IP, "src_ip", VALUE_ADDRESS)                                   \
    X(FIELD_DST_IP, "dst_ip", VALUE_ADDRESS)                                   \
    X(FIELD_TEXT, "text", VALUE_WORDS)

enum field {
#define X(name, id, value) name,
    FIELDS(X)
#undef X
        N_FIELDS
};

enum value {
    VALUE_TEXT,
    VALUE_WORDS,
    VALUE_SEVERITY,
    VALUE_NUMBER,
    VALUE_ADDRESS,
};

enum op { OP_IS, OP_NOT, OP_LEAST, OP_MOST, OP_ABOVE, OP_BELOW };

static enum value
value_of(int field)
{
    static const enum value values[] = {
#define X(name, id, value) value,
        FIELDS(X)
#undef X
    };
    return values[field];
}

static bool
find_field(struct str id, int *field, struct err *why)
{
    struct str ids[N_FIELDS] = {
#define X(name, id, value) STR(id),
        FIELDS(X)
#undef X
    };
    for (int i = 0; i < N_FIELDS; i++)
        if (str_equal(id, ids[i])) {
            *field = i;
            return true;
        }
    struct str near = str_nearest(id, ids, N_FIELDS);
    if (near.len > 0)
        err_set(why, "no field is called '%.*s' (did you mean '%.*s'?)",
                STR_ARG(id), STR_ARG(near));
    else
        err_set(why, "no field is called '%.*s'", STR_ARG(id));
    return false;
}

/* The operator at the front of `text`, taken off it. */
static bool
take_op(struct str *text, enum op *op)
{
    static const struct {
        const char *sign;
        enum op op;
    } ops[] = {{">=", OP_LEAST}, {"<=", OP_MOST}, {"!=", OP_NOT},
               {">", OP_ABOVE},  {"<", OP_BELOW}, {"=", OP_IS},
               {":", OP_IS}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        struct str sign = str_of(ops[i].sign);
        if (!str_starts(*text, sign))
            continue;
        *op = ops[i].op;
        *text = str_cut(*text, sign.len, text->len);
        return true;
    }
    return false;
}

/* An address as 16 bytes; `*is_v4` is the form it was written in. */
static bool
read_address(struct str text, unsigned char address[16], bool *is_v4)
{
    char name[INET6_ADDRSTRLEN + 1];
    if (text.len == 0 || text.len >= sizeof name)
        return false;
    memcpy(name, text.at, text.len);
    name[text.len] = '\0';
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    *is_v4 = inet_pton(AF_INET, name, address + 12) == 1;
    if (*is_v4)
        memcpy(address, mapped, sizeof mapped);
    return *is_v4 || inet_pton(AF_INET6, name, address) == 1;
}

static bool
read_prefix(struct filter *filter)
{
    struct str rest = filter->text, text;
    int64_t bits;
    bool is_v4;
    if (!str_split(&rest, '/', &text) ||
        !read_address(text, filter->address, &is_v4))
        return false;
    int whole = is_v4 ? 32 : 128;
    bits = whole;
    if (text.len < filter->text.len &&
        (!str_to_i64(rest, &bits) || bits < 0 || bits > whole))
        return false;
    filter->bits = (int)bits + (is_v4 ? 96 : 0);
    return true;
}

static bool
read_value(struct filter *filter, struct err *why)
{
    enum severity severity;
    switch (value_of(filter->field)) {
    case VALUE_SEVERITY:
        if (!severity_from(filter->text, &severity)) {
            err_set(why,
                    "no severity is called '%.*s' (low, medium, high, "
                    "critical, …)",
                    STR_ARG(filter->text));
            return false;
        }
        filter->number = (int64_t)severity;
        return true;
    case VALUE_NUMBER:
        if (str_to_i64(filter->text, &filter->number))
            return true;
        err_set(why, "'%.*s' is not a number", STR_ARG(filter->text));
        return false;
    case VALUE_ADDRESS:
        if (read_prefix(filter))
            return true;
        err_set(why,
                "'%.*s' is neither an address nor a network such as "
                "10.84.0.0/16",
                STR_ARG(filter->text));
        return false;
    case VALUE_TEXT:
    case VALUE_WORDS:
        break;
    }
    return true;
}

bool
filters_add(struct filters *filters, const char *text, struct err *why)
{
    struct str rest = str_of(text);
    size_t n = strcspn(text, "<>=!:");
    struct filter filter = {0};
    enum op op;
    if (filters->n == MAX_FILTERS) {
        err_set(why, "more than %d filters", MAX_FILTERS);
        return false;
    }
    struct str id = str_cut(rest, 0, n);
    rest = str_cut(rest, n, rest.len);
    if (!take_op(&rest, &op)) {
        err_set(why,
                "'%s' is no filter (severity>=high, host=STTTT-*, "
                "ip=10.0.0.0/8, text:word)",
                text);
        return false;
    }
    if (!find_field(id, &filter.field, why))
        return false;
    enum value value = value_of(filter.field);
    if (op >= OP_LEAST && value != VALUE_SEVERITY && value != VALUE_NUMBER) {
        err_set(why, "'%s': %.*s has no order; = and != only", text,
                STR_ARG(id));
        return false;
    }
    filter.op = (int)op;
    filter.text = rest;
    if (!read_value(&filter, why))
        return false;
    filters->at[filters->n++] = filter;
    return true;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
contains_nocase(struct str text, struct str part)
{
    if (part.len == 0)
        return true;
    char first = lower(part.at[0]);
    for (size_t i = 0; i + part.len <= text.len; i++)
        if (lower(text.at[i]) == first &&
            str_equal_nocase(str_cut(text, i, i + part.len), part))
            return true;
    return false;
}

static bool
any_contains(const struct feed_line *line, struct str part)
{
    const struct str texts[] = {
        line->rule_name, line->message, line->host,     line->user,
        line->unit,      line->system,  line->alert_id, line->raw,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (contains_nocase(texts[i], part))
            return true;
    return false;
}

/* Any of the addresses in a list with commas. */
static bool
in_network(struct str list, const struct filter *filter)
{
    struct str one;
    while (str_split(&list, ',', &one)) {
        unsigned char address[16];
        bool is_v4;
        if (!read_address(str_trim(one), address, &is_v4))
            continue;
        int bytes = filter->bits / 8, bits = filter->bits % 8;
        if (memcmp(address, filter->address, (size_t)bytes) == 0 &&
            (bits == 0 ||
             (address[bytes] ^ filter->address[bytes]) >> (8 - bits) == 0))
            return true;
    }
    return false;
}

static struct str
text_of(const struct feed_line *line, int field)
{
    switch ((enum field)field) {
    case FIELD_HOST:
        return line->host;
    case FIELD_UNIT:
        return line->unit;
    case FIELD_SYSTEM:
        return line->system;
    case FIELD_SOURCE:
        return line->source;
    case FIELD_KIND:
        return line->kind;
    case FIELD_RULE:
        return line->rule_name;
    case FIELD_USER:
        return line->user;
    case FIELD_SEVERITY:
    case FIELD_LEVEL:
    case FIELD_IP:
    case FIELD_SRC_IP:
    case FIELD_DST_IP:
    case FIELD_TEXT:
    case N_FIELDS:
        break;
    }
    return NO_STR;
}

static bool
compares(int64_t n, const struct filter *filter)
{
    switch ((enum op)filter->op) {
    case OP_IS:
    case OP_NOT:
        return n == filter->number;
    case OP_LEAST:
        return n >= filter->number;
    case OP_MOST:
        return n <= filter->number;
    case OP_ABOVE:
        return n > filter->number;
    case OP_BELOW:
        return n < filter->number;
    }
    return false;
}

/* Without regard to a "!". */
static bool
holds(const struct filter *filter, const struct feed_line *line)
{
    switch (value_of(filter->field)) {
    case VALUE_SEVERITY:
        return compares((int64_t)line->severity, filter);
    case VALUE_NUMBER:
        return compares(line->level, filter);
    case VALUE_ADDRESS:
        return (filter->field != FIELD_DST_IP &&
                in_network(line->src_ip, filter)) ||
               (filter->field == FIELD_IP &&
                in_network(line->host_ip, filter)) ||
               (filter->field != FIELD_SRC_IP &&
                in_network(line->dst_ip, filter));
    case VALUE_WORDS:
        return any_contains(line, filter->text);
    case VALUE_TEXT:
        break;
    }
    return str_matches_glob(text_of(line, filter->field), filter->text);
}

bool
filters_match(const struct filters *filters, const struct feed_line *line)
{
    bool wanted[N_FIELDS] = {false}, found[N_FIELDS] = {false};
    for (size_t i = 0; i < filters->n; i++) {
        const struct filter *filter = &filters->at[i];
        bool match = holds(filter, line);
        if (filter->op == OP_IS) {
            wanted[filter->field] = true;
            found[filter->field] = found[filter->field] || match;
        } else if (match == (filter->op == OP_NOT)) {
            return false;
        }
    }
    for (int i = 0; i < N_FIELDS; i++)
        if (wanted[i] && !found[i])
            return false;
    return true;
}
