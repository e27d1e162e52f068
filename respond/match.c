/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the line of conditions, every mistake with its column, and asking
 * whether an incident fits. */
#include "respond/match.h"

#include "base/address.h"

static const struct str fields[] = {
#define X(name, id) {id, sizeof(id) - 1},
    MATCH_FIELDS(X)
#undef X
};

/* --- reading */

struct line {
    struct str text;
    size_t at;
    struct place place;
    struct complaints *complaints;
    bool fine;
};

static struct place
place_at(const struct line *line, size_t at)
{
    struct place place = line->place;
    if (place.column > 0)
        place.column += (unsigned)at;
    return place;
}

static char
peek(const struct line *line)
{
    return line->at < line->text.len ? line->text.at[line->at] : '\0';
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct str
read_name(struct line *line)
{
    size_t from = line->at;
    while (line->at < line->text.len && !is_blank(peek(line)) &&
           peek(line) != '=' && peek(line) != '!' && peek(line) != '<' &&
           peek(line) != '>')
        line->at++;
    return str_cut(line->text, from, line->at);
}

static bool
read_operator(struct line *line, enum match_operator *how)
{
    static const struct {
        const char *text;
        enum match_operator how;
    } operators[] = {{"!=", MATCH_NE}, {"<=", MATCH_LE}, {">=", MATCH_GE},
                     {"<", MATCH_LT},  {">", MATCH_GT},  {"=", MATCH_EQ}};
    struct str rest = str_cut(line->text, line->at, line->text.len);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        struct str text = str_of(operators[i].text);
        if (str_starts(rest, text)) {
            *how = operators[i].how;
            line->at += text.len;
            return true;
        }
    }
    return false;
}

static void
wrong(struct line *line, size_t at, const char *words, struct str what)
{
    complain(line->complaints, place_at(line, at), "%s%s%.*s%s", words,
             what.len > 0 ? " '" : "", STR_ARG(str_cut(what, 0, 80)),
             what.len > 0 ? "'" : "");
    line->fine = false;
}

/* One value: as it stands up to a comma or a blank, or in quotes. */
static struct str
read_value(struct line *line)
{
    size_t from = line->at;
    if (peek(line) != '"') {
        while (line->at < line->text.len && !is_blank(peek(line)) &&
               peek(line) != ',')
            line->at++;
        return str_cut(line->text, from, line->at);
    }
    line->at++;
    while (line->at < line->text.len && peek(line) != '"')
        line->at++;
    struct str value = str_cut(line->text, from + 1, line->at);
    if (peek(line) != '"')
        wrong(line, from, "a quote that does not end", STR(""));
    line->at++;
    return value;
}

static void
check_value(struct line *line, struct match_condition *condition,
            struct str value, size_t at)
{
    static const struct str severities[N_SEVERITIES] = {
#define X(name, id, caption) {id, sizeof(id) - 1},
        SEVERITIES(X)
#undef X
    };
    static const struct str kinds[N_KINDS] = {
#define X(name, id) {id, sizeof(id) - 1},
        KINDS(X)
#undef X
    };
    enum severity severity;
    enum kind kind;
    bool pattern =
        str_contains(value, STR("*")) || str_contains(value, STR("?"));
    if (value.len == 0) {
        wrong(line, at, "a value is missing", STR(""));
    } else if (condition->field == MATCH_SEVERITY) {
        if (severity_from(value, &severity))
            condition->number = severity;
        else
            complain_unknown(line->complaints, place_at(line, at), "severity",
                             value, severities, N_SEVERITIES);
        line->fine = line->fine && severity_from(value, &severity);
    } else if (condition->field == MATCH_LEVEL) {
        if (!str_to_i64(value, &condition->number) || condition->number < 0 ||
            condition->number > 5)
            wrong(line, at, "no level from 0 to 5:", value);
    } else if (condition->field == MATCH_KIND && !pattern &&
               !kind_from(value, &kind)) {
        complain_unknown(line->complaints, place_at(line, at), "kind", value,
                         kinds, N_KINDS);
        line->fine = false;
    } else if (condition->field == MATCH_ADDRESS && !pattern) {
        struct prefix prefix;
        struct err why;
        if (!prefix_from(value, &prefix, &why))
            wrong(line, at, why.text, STR(""));
    }
}

static bool
is_number(enum match_field field)
{
    return field == MATCH_SEVERITY || field == MATCH_LEVEL;
}

static void
read_values(struct line *line, struct match_condition *condition)
{
    for (;;) {
        size_t at = line->at;
        struct str value = read_value(line);
        check_value(line, condition, value, at);
        if (condition->n_values == MATCH_MAX_VALUES)
            wrong(line, at, "more values than one condition takes", STR(""));
        else
            condition->value[condition->n_values++] = value;
        if (peek(line) != ',')
            break;
        line->at++;
    }
    if (is_number(condition->field) && condition->n_values > 1)
        wrong(line, line->at, "one value is compared with", STR(""));
}

static bool
field_from(struct line *line, struct str name, size_t at,
           struct match_condition *condition)
{
    if (str_starts(name, STR("key.")) && name.len > 4) {
        condition->field = MATCH_KEY;
        condition->key = str_cut(name, 4, name.len);
        return true;
    }
    for (unsigned i = 0; i < MATCH_KEY; i++) {
        if (str_equal(name, fields[i])) {
            condition->field = (enum match_field)i;
            return true;
        }
    }
    if (str_equal(name, STR("key")))
        wrong(line, at, "which field of the key? key.NAME", STR(""));
    else
        complain_unknown(line->complaints, place_at(line, at), "field", name,
                         fields, N_MATCH_FIELDS);
    line->fine = false;
    return false;
}

static void
skip_condition(struct line *line)
{
    while (line->at < line->text.len && !is_blank(peek(line)))
        line->at++;
}

static void
read_condition(struct line *line, struct match_condition *condition)
{
    size_t at = line->at;
    struct str name = read_name(line);
    size_t at_operator = line->at;
    if (!field_from(line, name, at, condition)) {
        skip_condition(line);
        return;
    }
    if (!read_operator(line, &condition->how)) {
        wrong(line, at_operator, "expected = or != behind", name);
        skip_condition(line);
        return;
    }
    if (condition->how > MATCH_NE && !is_number(condition->field))
        wrong(line, at_operator, "only severity and level have an order, not",
              name);
    read_values(line, condition);
}

bool
matcher_read(struct str text, struct place place, struct matcher *matcher,
             struct complaints *complaints)
{
    struct line line = {text, 0, place, complaints, true};
    matcher->n = 0;
    for (;;) {
        while (is_blank(peek(&line)))
            line.at++;
        if (line.at >= text.len)
            break;
        struct match_condition condition = {0};
        size_t at = line.at;
        read_condition(&line, &condition);
        if (matcher->n == MATCH_MAX_CONDITIONS) {
            wrong(&line, at, "more conditions than a matcher takes", STR(""));
            break;
        }
        matcher->condition[matcher->n++] = condition;
    }
    if (matcher->n == 0)
        wrong(&line, 0, "a matcher needs a condition", STR(""));
    return line.fine;
}

/* --- fitting */

static bool
value_fits(const struct match_condition *condition, struct str value)
{
    struct address address;
    struct prefix prefix;
    bool is_address =
        condition->field == MATCH_ADDRESS && address_from(value, &address);
    for (size_t i = 0; i < condition->n_values; i++) {
        struct str wanted = condition->value[i];
        if (str_matches_glob(value, wanted))
            return true;
        if (is_address && prefix_from(wanted, &prefix, NULL) &&
            address_equal(address_cut(address, prefix.bits), prefix.address))
            return true;
    }
    return false;
}

/* All fit (of which there are more than none), or with != none does. What is
 * not listed is not known to fit. */
static bool
names_fit(const struct match_condition *condition, const struct str *at,
          size_t n, uint64_t more)
{
    bool none = condition->how == MATCH_NE;
    for (size_t i = 0; i < n; i++)
        if (value_fits(condition, at[i]) == none)
            return false;
    return none ? more == 0 : n > 0 && more == 0;
}

static bool
kinds_fit(const struct match_condition *condition, uint32_t kinds)
{
    struct str names[N_KINDS];
    size_t n = 0;
    for (unsigned i = 0; i < N_KINDS; i++)
        if (kinds & 1u << i)
            names[n++] = kind_id((enum kind)i);
    return names_fit(condition, names, n, 0);
}

static bool
number_fits(const struct match_condition *condition, int64_t n)
{
    switch (condition->how) {
    case MATCH_EQ:
        return n == condition->number;
    case MATCH_NE:
        return n != condition->number;
    case MATCH_LT:
        return n < condition->number;
    case MATCH_LE:
        return n <= condition->number;
    case MATCH_GT:
        return n > condition->number;
    case MATCH_GE:
        return n >= condition->number;
    }
    return false;
}

static bool
key_fits(const struct match_condition *condition,
         const struct incident *incident)
{
    for (size_t i = 0; i < incident->n_key; i++)
        if (str_equal_nocase(incident->key[i].name, condition->key))
            return names_fit(condition, &incident->key[i].value, 1, 0);
    return condition->how == MATCH_NE;
}

/* By its id or by its title in either language. */
static bool
rule_fits(const struct match_condition *condition,
          const struct incident *incident)
{
    bool fits = value_fits(condition, incident->rule) ||
                value_fits(condition, incident->title.vi) ||
                value_fits(condition, incident->title.en);
    return fits == (condition->how == MATCH_EQ);
}

static bool
condition_fits(const struct match_condition *condition,
               const struct incident *incident)
{
    const struct incident_names *names = NULL;
    switch (condition->field) {
    case MATCH_RULE:
        return rule_fits(condition, incident);
    case MATCH_HOST:
        names = &incident->hosts;
        break;
    case MATCH_USER:
        names = &incident->users;
        break;
    case MATCH_ADDRESS:
        names = &incident->addresses;
        break;
    case MATCH_HASH:
        names = &incident->hashes;
        break;
    case MATCH_UNIT:
        names = &incident->units;
        break;
    case MATCH_SYSTEM:
        names = &incident->systems;
        break;
    case MATCH_KIND:
        return kinds_fit(condition, incident->kinds);
    case MATCH_SEVERITY:
        return number_fits(condition, incident->severity);
    case MATCH_LEVEL:
        return number_fits(condition, incident->level);
    case MATCH_KEY:
        return key_fits(condition, incident);
    case N_MATCH_FIELDS:
        return false;
    }
    return names_fit(condition, names->at, names->n, names->more);
}

bool
matcher_fits(const struct matcher *matcher, const struct incident *incident)
{
    for (size_t i = 0; i < matcher->n; i++)
        if (!condition_fits(&matcher->condition[i], incident))
            return false;
    return matcher->n > 0;
}
