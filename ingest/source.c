/* SPDX-License-Identifier: Apache-2.0
 *
 * One event becomes one alert: read by a compiled mapping in a single pass.
 * The order matters only where one thing decides another: the time chooses
 * the severity table, the fields are what kinds and severity look at. */
#include "ingest/source_priv.h"
#include "ingest/source_tools.h"

#include "base/hash.h"
#include "base/times.h"

#include <string.h>

struct str
source_name(const struct source *source)
{
    return source->name;
}

struct str
source_product(const struct source *source)
{
    return source->product;
}

int64_t
source_lateness_ms(const struct source *source)
{
    return source->lateness_ms;
}

int64_t
source_dedup_ms(const struct source *source)
{
    return source->dedup_ms;
}

int64_t
source_ahead_ms(const struct source *source)
{
    return source->ahead_ms;
}

int64_t
source_too_old_ms(const struct source *source)
{
    return source->too_old_ms;
}

bool
source_has_severity(const struct source *source, enum severity severity)
{
    return source->has_severity[severity];
}

/* --- what an event must have to be this source's ----------------------------
 */

struct require_look {
    const struct require *require;
    struct reading *reading;
    bool met;
};

static bool
require_node(void *context, const struct json *node)
{
    struct require_look *look = context;
    const struct require *require = look->require;
    look->met = require->n_is == 0;
    for (size_t i = 0; i < require->n_is && !look->met; i++)
        look->met = node->type != JSON_OBJECT && node->type != JSON_ARRAY &&
                    str_equal(node->text, require->is[i]);
    return !look->met;
}

static bool
requires_met(const struct source *source, struct reading *reading)
{
    for (size_t i = 0; i < source->n_requires; i++) {
        struct require_look look = {.require = &source->require[i],
                                    .reading = reading};
        for (size_t j = 0; j < look.require->n_paths && !look.met; j++)
            path_walk(&look.require->path[j], reading->slots, require_node,
                      &look);
        if (!look.met)
            return false;
    }
    return true;
}

/* --- severity
 * ------------------------------------------------------------------ */

/* The day that chooses the severity table: of the event, unless its time is
 * none or one that is not believed. */
static int32_t
deciding_day(const struct source *source, int64_t event_ms, int64_t arrival_ms)
{
    bool believed = event_ms != NO_TIME;
    if (believed && event_ms > arrival_ms)
        believed = event_ms - arrival_ms <= source->ahead_ms;
    else if (believed && source->too_old_ms > 0)
        believed = arrival_ms - event_ms <= source->too_old_ms;
    return day_of_ms(believed ? event_ms : arrival_ms, VIETNAM_MINUTES);
}

static void
map_severity(const struct source *source, int64_t arrival_ms,
             struct reading *reading, struct alert *alert)
{
    alert->severity = SEVERITY_UNKNOWN;
    alert->severity_version = NO_STR;
    const struct severity_table *table = severity_table_on(
        source, deciding_day(source, alert->event_ms, arrival_ms));
    if (!table)
        return;
    struct str text = table->value.type == VALUE_NONE
                          ? alert->field[ALERT_VENDOR_SEVERITY]
                          : value_read(&table->value, reading);
    alert->severity = severity_table_find(table, text);
    alert->severity_version = table->version;
}

/* --- the whole
 * ------------------------------------------------------------------- */

#define ALL_PARTS UINT64_MAX

static void
map_fields(const struct source *source, uint64_t parts, struct reading *reading,
           struct alert *alert)
{
    memset(alert->field, 0, sizeof alert->field);
    for (size_t i = 0; i < source->n_fields; i++)
        if (parts & ALERT_BIT(source->field[i].field))
            alert->field[source->field[i].field] =
                value_read(&source->field[i].value, reading);
    alert->n_techniques = 0;
    for (size_t i = 0; i < source->n_techniques; i++)
        if (parts & ALERT_BIT(ALERT_PART_TECHNIQUES))
            technique_scan(value_read(&source->technique[i], reading), alert,
                           reading->scratch);
    alert->logsource = (struct logsource){.product = NO_STR};
    if (parts & ALERT_BIT(ALERT_PART_LOGSOURCE))
        alert->logsource = (struct logsource){
            .product = value_read(&source->product_log, reading),
            .category = value_read(&source->category_log, reading),
            .service = value_read(&source->service_log, reading),
        };
}

static void
map_head(const struct source *source, const struct element *element,
         struct alert *alert)
{
    alert->source = source->name;
    alert->product = source->product;
    alert->raw = element->raw;
    alert->event = element->event;
    alert->view = &source->view;
}

static void
map_event(const struct source *source, const struct element *element,
          int64_t arrival_ms, struct reading *reading, struct alert *alert)
{
    map_head(source, element, alert);
    map_fields(source, ALL_PARTS, reading, alert);
    alert->event_ms =
        time_rule_read(source->time, source->n_times, reading, arrival_ms);
    map_severity(source, arrival_ms, reading, alert);
    alert->kind = source->kinds ? kinds_find(source->kinds, alert) : KIND_NONE;
    alert->flags &= ~(unsigned)ALERT_FIELD_CUT;
    if (reading->cut)
        alert->flags |= ALERT_FIELD_CUT;
}

enum split_fault
source_map(const struct source *source, const struct element *element,
           int64_t arrival_ms, struct arena *scratch, struct alert *alert)
{
    struct slots slots;
    struct reading reading = {
        .source = source, .slots = &slots, .scratch = scratch};
    path_collect(&source->trie, element->event, &slots);
    if (!requires_met(source, &reading))
        return SPLIT_FOREIGN;
    map_event(source, element, arrival_ms, &reading, alert);
    return SPLIT_FINE;
}

void
source_map_any(const struct source *source, const struct element *element,
               int64_t arrival_ms, struct arena *scratch, struct alert *alert)
{
    struct slots slots;
    struct reading reading = {
        .source = source, .slots = &slots, .scratch = scratch};
    path_collect(&source->trie, element->event, &slots);
    map_event(source, element, arrival_ms, &reading, alert);
}

uint64_t
source_parts(const struct source *source)
{
    uint64_t parts = ALERT_BIT(ALERT_PART_JUDGED);
    for (size_t i = 0; i < source->n_fields; i++)
        parts |= ALERT_BIT(source->field[i].field);
    if (source->n_techniques > 0)
        parts |= ALERT_BIT(ALERT_PART_TECHNIQUES);
    if (source->product_log.type != VALUE_NONE ||
        source->category_log.type != VALUE_NONE ||
        source->service_log.type != VALUE_NONE)
        parts |= ALERT_BIT(ALERT_PART_LOGSOURCE);
    return parts;
}

void
source_map_parts(const struct source *source, const struct element *element,
                 int64_t arrival_ms, uint64_t parts, struct arena *scratch,
                 struct alert *alert)
{
    struct slots slots;
    struct reading reading = {
        .source = source, .slots = &slots, .scratch = scratch};
    if (parts & ALERT_BIT(ALERT_PART_JUDGED)) {
        source_map_any(source, element, arrival_ms, scratch, alert);
        return;
    }
    map_head(source, element, alert);
    if (parts == 0)
        return;
    path_collect(&source->trie, element->event, &slots);
    map_fields(source, parts, &reading, alert);
}

uint64_t
source_changes_digest(const struct source *source, const struct alert *alert)
{
    struct str parts[N_ALERT_FIELDS];
    for (size_t i = 0; i < source->n_changes; i++)
        parts[i] = alert->field[source->change[i]];
    return hash_digest_of(parts, source->n_changes).half[0];
}
