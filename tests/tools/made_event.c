/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing made events. In the Windows shape the members that the event log's
 * own envelope has are under System, and an event id and a channel are found
 * for the rule's log source, so that the product's mapping gives that one. */
#include "made_event.h"

#include <string.h>

struct made_field *
made_find(struct made_event *made, uint32_t field)
{
    for (size_t i = 0; i < made->n; i++)
        if (made->at[i].field == field)
            return &made->at[i];
    return NULL;
}

bool
made_add(struct made_event *made, uint32_t field, enum json_type type,
         struct str text)
{
    struct made_field *of = made_find(made, field);
    if (!of) {
        if (made->n == MAX_MADE_FIELDS)
            return false;
        of = &made->at[made->n++];
        *of = (struct made_field){field, NULL, 0};
        of->value = arena_take(made->arena, MAX_MADE_VALUES, sizeof *of->value);
    }
    if (!of->value || of->n == MAX_MADE_VALUES)
        return false;
    of->value[of->n++] = (struct made_value){type, text};
    return true;
}

/* --- members */

static struct str
name_of(const struct made_event *made, uint32_t field)
{
    return field == KEYWORDS ? STR("made.words")
                             : made->rules->field[field].name;
}

static bool
is_decided(const struct made_event *made, uint32_t field)
{
    return field != KEYWORDS && made->rules->field[field].kind >= FIELD_KIND;
}

static void
print_value(const struct made_value *value, struct buf *out)
{
    if (value->type == JSON_STRING)
        buf_json(out, value->text);
    else if (value->type == JSON_NUMBER)
        buf_add(out, value->text);
    else
        buf_add(out, value->type == JSON_NULL   ? STR("null")
                     : value->type == JSON_TRUE ? STR("true")
                                                : STR("false"));
}

static void
print_values(const struct made_field *field, struct buf *out)
{
    bool is_list = field->n != 1;
    if (is_list)
        buf_char(out, '[');
    for (size_t i = 0; i < field->n; i++) {
        if (i > 0)
            buf_char(out, ',');
        print_value(&field->value[i], out);
    }
    if (is_list)
        buf_char(out, ']');
}

/* Whether another field begins with the same part of a name. */
static bool
part_is_shared(const struct made_event *made, const struct made_field *field)
{
    struct str rest = name_of(made, field->field), part, other;
    str_split(&rest, '.', &part);
    for (size_t i = 0; i < made->n; i++) {
        rest = name_of(made, made->at[i].field);
        if (&made->at[i] != field && str_split(&rest, '.', &other) &&
            str_equal(part, other))
            return true;
    }
    return false;
}

static void
print_member(const struct made_event *made, const struct made_field *field,
             bool nested, struct buf *out)
{
    struct str rest = name_of(made, field->field), part;
    size_t depth = 0;
    nested = nested && rest.len > 0 && memchr(rest.at, '.', rest.len) &&
             rest.at[0] != '.' && !part_is_shared(made, field);
    if (!nested) {
        buf_json(out, rest);
        buf_char(out, ':');
        print_values(field, out);
        return;
    }
    while (str_split(&rest, '.', &part)) {
        if (depth++ > 0)
            buf_char(out, '{');
        buf_json(out, part);
        buf_char(out, ':');
    }
    print_values(field, out);
    while (depth-- > 1)
        buf_char(out, '}');
}

/* --- the event log's envelope */

static const struct {
    const char *source, *channel;
    int id;
} envelopes[] = {
    {"process_creation", "Microsoft-Windows-Sysmon/Operational", 1},
    {"file_change", "Microsoft-Windows-Sysmon/Operational", 2},
    {"network_connection", "Microsoft-Windows-Sysmon/Operational", 3},
    {"driver_load", "Microsoft-Windows-Sysmon/Operational", 6},
    {"image_load", "Microsoft-Windows-Sysmon/Operational", 7},
    {"create_remote_thread", "Microsoft-Windows-Sysmon/Operational", 8},
    {"process_access", "Microsoft-Windows-Sysmon/Operational", 10},
    {"file_event", "Microsoft-Windows-Sysmon/Operational", 11},
    {"registry_event", "Microsoft-Windows-Sysmon/Operational", 12},
    {"registry_set", "Microsoft-Windows-Sysmon/Operational", 13},
    {"create_stream_hash", "Microsoft-Windows-Sysmon/Operational", 15},
    {"pipe_created", "Microsoft-Windows-Sysmon/Operational", 17},
    {"dns_query", "Microsoft-Windows-Sysmon/Operational", 22},
    {"file_delete", "Microsoft-Windows-Sysmon/Operational", 23},
    {"ps_script", "Microsoft-Windows-PowerShell/Operational", 4104},
    {"ps_module", "Microsoft-Windows-PowerShell/Operational", 4103},
    {"ps_classic_start", "Windows PowerShell", 400},
    {"security", "Security", 4624},
    {"system", "System", 7045},
    {"application", "Application", 1},
    {"windefend", "Microsoft-Windows-Windows Defender/Operational", 1116},
    {"bits-client", "Microsoft-Windows-Bits-Client/Operational", 3},
};

/* Members that stand under System, with the text before and after them. */
static const struct {
    const char *name, *before, *after;
} of_system[] = {
    {"EventID", "\"EventID\":", ""},
    {"Channel", "\"Channel\":", ""},
    {"Computer", "\"Computer\":", ""},
    {"Level", "\"Level\":", ""},
    {"Task", "\"Task\":", ""},
    {"Keywords", "\"Keywords\":", ""},
    {"Provider_Name", "\"Provider\":{\"#attributes\":{\"Name\":", "}}"},
};

static size_t
system_place(struct str name)
{
    size_t i = 0;
    while (i < sizeof of_system / sizeof *of_system &&
           !str_equal(name, str_of(of_system[i].name)))
        i++;
    return i;
}

static void
print_system(const struct made_event *made, const struct logsource *logsource,
             struct buf *out)
{
    size_t n = sizeof of_system / sizeof *of_system, e = 0;
    bool done[sizeof of_system / sizeof *of_system] = {false};
    buf_add(out, STR("\"System\":{\"Version\":5"));
    for (size_t i = 0; i < made->n; i++) {
        size_t at = system_place(name_of(made, made->at[i].field));
        if (at == n)
            continue;
        done[at] = true;
        buf_format(out, ",%s", of_system[at].before);
        print_values(&made->at[i], out);
        buf_add(out, str_of(of_system[at].after));
    }
    n = sizeof envelopes / sizeof *envelopes;
    while (e < n &&
           !str_equal(logsource->category, str_of(envelopes[e].source)) &&
           !(logsource->category.len == 0 &&
             str_equal(logsource->service, str_of(envelopes[e].source))))
        e++;
    if (e < n && !done[0])
        buf_format(out, ",\"EventID\":%d", envelopes[e].id);
    if (e < n && !done[1])
        buf_format(out, ",\"Channel\":\"%s\"", envelopes[e].channel);
    buf_add(out, STR("},"));
}

void
made_print(const struct made_event *made, enum made_shape shape,
           const struct logsource *logsource, struct buf *out)
{
    size_t n_printed = 0, n_system = sizeof of_system / sizeof *of_system;
    bool is_windows = shape == MADE_WINDOWS;
    buf_char(out, '{');
    if (is_windows) {
        buf_add(out, STR("\"Event\":{"));
        print_system(made, logsource, out);
        buf_add(out, STR("\"EventData\":{"));
    }
    for (size_t i = 0; i < made->n; i++) {
        struct str name = name_of(made, made->at[i].field);
        if (is_decided(made, made->at[i].field) ||
            (is_windows && system_place(name) < n_system))
            continue;
        if (n_printed++ > 0)
            buf_char(out, ',');
        print_member(made, &made->at[i], shape == MADE_NESTED, out);
    }
    buf_add(out, is_windows ? STR("}}}") : STR("}"));
}

/* --- what is decided */

static bool
decide(struct alert *alert, enum field_kind kind, struct str text)
{
    int64_t level = 0;
    struct severity_of_text {
        char lower[16];
    } word = {""};
    struct str folded = {word.lower, text.len};
    for (size_t i = 0; i < text.len && i < sizeof word.lower; i++)
        word.lower[i] =
            (char)(text.at[i] |
                   ('A' <= text.at[i] && text.at[i] <= 'Z' ? 0x20 : 0));
    bool is_word = text.len <= sizeof word.lower;
    if (kind == FIELD_KIND)
        return is_word && kind_from(folded, &alert->kind);
    if (kind == FIELD_SEVERITY)
        return is_word && severity_from(folded, &alert->severity);
    if (kind == FIELD_SOURCE)
        alert->source = text;
    else if (kind == FIELD_UNIT)
        alert->unit = text;
    else if (kind == FIELD_SYSTEM)
        alert->system = text;
    else if (kind == FIELD_WATCHLIST)
        alert->watchlist = text;
    else if (kind == FIELD_LATE)
        alert->flags |= str_equal(folded, STR("true")) ? ALERT_LATE : 0;
    else if (kind == FIELD_LEVEL && str_to_i64(text, &level) && level >= 0 &&
             level <= 5)
        alert->level = (int)level;
    return true;
}

bool
made_decide(const struct made_event *made, struct alert *alert)
{
    for (size_t i = 0; i < made->n; i++)
        if (is_decided(made, made->at[i].field) && made->at[i].n == 1 &&
            !decide(alert, made->rules->field[made->at[i].field].kind,
                    made->at[i].value[0].text))
            return false;
    return true;
}
