/* SPDX-License-Identifier: Apache-2.0
 *
 * The rule set. Files are read one after the other, each into a scratch of its
 * own. Detections are complete at once, but for those with placeholders, which
 * wait, as filters do; correlations are drafts. When every file is read, what
 * waited is loaded, filters are put on detections (filter_apply.c),
 * correlations are linked (chain_link.c), detections that open incidents by
 * themselves get their implicit correlation, and every detection learns which
 * correlations it feeds. */
#include "base/table.h"
#include "correlate/collection.h"
#include "correlate/filter.h"
#include "correlate/matcher_make.h"
#include "correlate/placeholder.h"
#include "correlate/rule_files.h"
#include "correlate/rule_priv.h"

#include <stdlib.h>
#include <string.h>

/* Of one file, and of the documents that wait. */
#define FILE_ARENA_BYTES ((size_t)1 << 30)

/* --- loading */

/* A document that is read when every file is. */
struct waiting {
    const struct yaml *document;
    const char *file;
};

struct load {
    struct rule_loader loader;
    struct rules *rules;
    struct rule_index index;
    struct draft **draft, **order;
    size_t n_drafts;
    struct waiting *waiting; /* in the scratch of their files */
    size_t n_waiting;
    struct filter **filter;
    size_t n_filters;
    size_t n_refused;
};

/* Where its name, and what it is known by, are given. */
static void
place_names(const struct yaml *document, struct rule_head *head)
{
    const struct yaml *id = yaml_get(document, "id");
    const struct yaml *name = yaml_get(document, "name");
    head->name_place = name ? name->place : head->place;
    head->id_place = id ? id->place : head->name_place;
}

static bool
load_detection(struct load *load, const struct yaml *document)
{
    struct detection *detection = detection_load(&load->loader, document);
    if (!detection)
        return false;
    struct rule_head head = {.id = detection->id,
                             .name = detection->name,
                             .place = detection->place};
    place_names(document, &head);
    if (!rule_index_enter(&load->index, &load->loader, &head, detection, NULL))
        return false;
    load->rules->detection[load->rules->n_detections++] = detection;
    return true;
}

static bool
load_draft(struct load *load, const struct yaml *document)
{
    struct draft *draft = draft_load(&load->loader, document);
    if (!draft)
        return false;
    struct rule_head head = {.id = draft->correlation->id,
                             .name = draft->correlation->name,
                             .place = draft->place};
    place_names(document, &head);
    if (!rule_index_enter(&load->index, &load->loader, &head, NULL, draft))
        return false;
    load->draft[load->n_drafts++] = draft;
    return true;
}

static bool
load_filter(struct load *load, const struct yaml *document)
{
    struct filter *filter = filter_load(&load->loader, document);
    if (!filter)
        return false;
    if (load->n_filters == MAX_FILTERS) {
        complain(load->loader.complaints, document->place,
                 "more than %d filters", (int)MAX_FILTERS);
        return false;
    }
    load->filter[load->n_filters++] = filter;
    return true;
}

/* What asks for placeholders is read when all of them are known. */
static bool
must_wait(const struct yaml *document)
{
    return yaml_get(document, "filter") ||
           placeholders_wanted(yaml_get(document, "detection"));
}

static bool
load_document(struct load *load, const struct yaml *document, bool is_last)
{
    if (document->type != YAML_MAP) {
        complain(load->loader.complaints, document->place, "a rule is a map");
        return false;
    }
    if (yaml_get(document, "placeholders"))
        return placeholders_load(&load->loader, document);
    if (yaml_get(document, "correlation") ||
        yaml_get(yaml_get(document, "thapcanh"), "correlation"))
        return load_draft(load, document);
    if (!is_last && must_wait(document) && load->n_waiting < MAX_RULES) {
        load->waiting[load->n_waiting++] =
            (struct waiting){document, load->loader.file};
        return true;
    }
    if (yaml_get(document, "filter"))
        return load_filter(load, document);
    if (yaml_get(document, "detection"))
        return load_detection(load, document);
    complain_missing(&load->loader, document, "detection");
    return false;
}

static void
refuse(struct load *load, const struct yaml *document)
{
    rule_index_note_refused(&load->index, &load->loader, document);
    load->n_refused++;
}

static void
load_or_refuse(struct load *load, const struct yaml *document, bool is_last)
{
    struct rule_loader *loader = &load->loader;
    struct arena own, *outer = loader_begin(loader, &own);
    bool good = load_document(load, document, is_last);
    if (!loader_end(loader, outer, document->place) || !good)
        refuse(load, document);
}

/* A file whose YAML is wrong somewhere (a key twice) is refused whole: who
 * knows what was meant. Of `scratch` only what waits stays taken. */
static void
load_file(struct load *load, const char *path, struct arena *scratch)
{
    struct rule_loader *loader = &load->loader;
    struct arena here = *scratch;
    size_t n_errors = loader->complaints->n_errors;
    const struct yaml *document = yaml_load(path, &here, loader->complaints);
    bool is_wrong = loader->complaints->n_errors > n_errors;
    struct collection collection = {.complaints = loader->complaints,
                                    .arena = &here};
    size_t n_waiting = load->n_waiting;
    loader->scratch = &here;
    loader->file = arena_copy(loader->arena, str_of(path)).at;
    if (!document || !loader->file)
        load->n_refused++;
    for (; document && loader->file && !loader->full;
         document = document->next) {
        const struct yaml *rule = document;
        if (document->type == YAML_SCALAR && yaml_kind(document) == YAML_NULL)
            continue;
        if (is_wrong || !collection_next(&collection, &rule))
            refuse(load, document);
        else if (rule)
            load_or_refuse(load, rule, false);
    }
    loader->scratch = NULL;
    if (load->n_waiting > n_waiting)
        *scratch = here;
}

static void
load_waiting(struct load *load, struct arena scratch)
{
    struct rule_loader *loader = &load->loader;
    loader->scratch = &scratch;
    for (size_t i = 0; i < load->n_waiting && !loader->full; i++) {
        loader->file = load->waiting[i].file;
        load_or_refuse(load, load->waiting[i].document, true);
    }
    loader->scratch = NULL;
}

/* --- when every file is read */

static int
by_detection_id(const void *a, const void *b)
{
    return str_compare((*(struct detection *const *)a)->id,
                       (*(struct detection *const *)b)->id);
}

static int
by_draft_id(const void *a, const void *b)
{
    return str_compare((*(struct draft *const *)a)->correlation->id,
                       (*(struct draft *const *)b)->correlation->id);
}

static void
link_drafts(struct load *load, struct arena scratch)
{
    struct rules *rules = load->rules;
    load->loader.scratch = &scratch;
    if (load->n_drafts > 1)
        qsort(load->draft, load->n_drafts, sizeof(struct draft *), by_draft_id);
    drafts_link(&load->loader, &load->index, load->draft, load->order,
                load->n_drafts);
    for (size_t i = 0; i < load->n_drafts; i++) {
        struct draft *draft = load->draft[i];
        if (draft->refused) {
            load->n_refused++;
            continue;
        }
        rules->options[rules->n_correlations] = draft->options;
        rules->correlation[rules->n_correlations++] = draft->correlation;
    }
    load->loader.scratch = NULL;
}

static bool
opens_incidents(const struct detection *detection)
{
    const struct rule_options *options = &detection->options;
    if (options->ticket.incident == INCIDENT_NONE)
        return false;
    return options->has_incident ||
           (detection->level >= SEVERITY_HIGH && !detection->referred);
}

/* event_count >= 1 of one detection. */
static bool
add_implicit(struct load *load, const struct detection *detection)
{
    struct rules *rules = load->rules;
    const struct rule_options *options = &detection->options;
    struct err why = {""};
    struct correlation *correlation =
        loader_take(&load->loader, 1, sizeof *correlation);
    struct correlation_step *step = loader_take(&load->loader, 1, sizeof *step);
    if (!correlation || !step)
        return false;
    *step = (struct correlation_step){
        .rule = detection->id, .meaning = detection->meaning, .count = 1};
    *correlation = (struct correlation){
        .id = detection->id,
        .name = detection->name,
        .title = options_title(options, detection->title),
        .type = EVENT_COUNT,
        .step = step,
        .n_steps = 1,
        .n_group_by = options->n_group_by,
        .timespan_ms = options->timespan_ms,
        .threshold = 1,
        .severity = detection->level,
        .is_detection = true,
        .options = options->ticket,
    };
    for (size_t i = 0; i < options->n_group_by; i++)
        correlation->group_by[i] = correlation->step[0].field[i] =
            options->group_by[i];
    if (!correlation_seal(correlation, load->loader.arena, &why)) {
        complain(load->loader.complaints, detection->place, "%s", why.text);
        return false;
    }
    rules->options[rules->n_correlations] = NULL;
    rules->correlation[rules->n_correlations++] = correlation;
    return true;
}

/* The fields that a step groups by, counts and carries, as numbers. */
static const uint32_t *
step_fields(struct load *load, const struct correlation *c, size_t step)
{
    size_t n_group = c->n_group_by, n_key = n_group + c->n_value_fields;
    size_t n = n_key + c->n_carried;
    uint32_t *fields = loader_take(&load->loader, n + 1, sizeof *fields);
    for (size_t i = 0; fields && i < n; i++)
        fields[i] = loader_field(
            &load->loader, i < n_group ? c->step[step].field[i]
                           : i < n_key ? c->value_field[i - n_group]
                                       : c->step[step].carried[i - n_key]);
    return fields;
}

/* NULL: it is a correlation, which feeds by firing. */
static struct detection *
detection_by_id(struct load *load, struct str id)
{
    return load->index.by_id[table_find(load->index.ids, id)];
}

/* How much feeds a step that is every detection, or every alert; NULL: it is
 * one rule. */
static size_t *
n_any_of(struct rules *rules, struct str rule, struct feeds **feeds)
{
    bool alerts = str_equal(rule, STR(ANY_ALERT));
    if (!alerts && !str_equal(rule, STR(ANY_DETECTION)))
        return NULL;
    *feeds = alerts ? rules->any_alert : rules->any;
    return alerts ? &rules->n_any_alert : &rules->n_any;
}

/* Where what feeds a step is listed; NULL: it is a correlation. */
static size_t *
feeds_of(struct load *load, struct str rule, struct feeds **feeds)
{
    size_t *n = n_any_of(load->rules, rule, feeds);
    if (n)
        return n;
    struct detection *detection = detection_by_id(load, rule);
    if (!detection)
        return NULL;
    *feeds = detection->feeds;
    return &detection->n_feeds;
}

static void
count_feeds(struct load *load, const struct correlation *correlation)
{
    struct feeds *feeds;
    for (size_t i = 0; i < correlation->n_steps; i++) {
        size_t *n = feeds_of(load, correlation->step[i].rule, &feeds);
        if (n)
            ++*n;
    }
}

static void
put_feeds(struct load *load, uint32_t number)
{
    const struct correlation *correlation = load->rules->correlation[number];
    struct feeds *feeds;
    for (uint32_t i = 0; i < correlation->n_steps; i++) {
        size_t *n = feeds_of(load, correlation->step[i].rule, &feeds);
        if (n)
            feeds[(*n)++] =
                (struct feeds){number, i, step_fields(load, correlation, i),
                               NULL, SEVERITY_UNKNOWN};
    }
}

static bool
any_open(struct load *load)
{
    struct rules *rules = load->rules;
    rules->any =
        loader_take(&load->loader, rules->n_any + 1, sizeof *rules->any);
    rules->any_alert = loader_take(&load->loader, rules->n_any_alert + 1,
                                   sizeof *rules->any_alert);
    rules->n_any = rules->n_any_alert = 0;
    return rules->any && rules->any_alert;
}

/* Which correlations each detection feeds, in their order. */
static void
add_feeds(struct load *load)
{
    struct rules *rules = load->rules;
    for (size_t i = 0; i < rules->n_correlations; i++)
        count_feeds(load, rules->correlation[i]);
    for (size_t i = 0; i < rules->n_detections; i++) {
        struct detection *detection = rules->detection[i];
        if (detection->n_feeds == 0)
            continue;
        detection->feeds = loader_take(&load->loader, detection->n_feeds,
                                       sizeof *detection->feeds);
        detection->n_feeds = 0;
        if (!detection->feeds)
            return;
    }
    if (!any_open(load))
        return;
    for (uint32_t i = 0; i < rules->n_correlations; i++)
        put_feeds(load, i);
}

/* The keys that must speak, found by digest. */
static void
members_index(struct load *load)
{
    struct rules *rules = load->rules;
    for (size_t i = 0; i < rules->n_correlations; i++) {
        const struct correlation *correlation = rules->correlation[i];
        rules->member[i] = NULL;
        if (correlation->n_members > 0)
            rules->member[i] = rule_members_new(&load->loader, correlation);
    }
}

static void
put_filters(struct load *load, struct arena scratch)
{
    struct filters filters = {load->filter, load->n_filters};
    load->rules->n_filters = load->n_filters;
    load->loader.scratch = &scratch;
    load->n_refused +=
        filters_apply(&load->loader, &load->index, load->rules, &filters);
    load->loader.scratch = NULL;
}

static void
finish(struct load *load, struct arena scratch)
{
    struct rules *rules = load->rules;
    load_waiting(load, scratch);
    if (rules->n_detections > 1)
        qsort(rules->detection, rules->n_detections, sizeof(struct detection *),
              by_detection_id);
    put_filters(load, scratch);
    link_drafts(load, scratch);
    for (size_t i = 0; i < rules->n_detections; i++)
        if (opens_incidents(rules->detection[i]) &&
            !add_implicit(load, rules->detection[i]))
            load->n_refused++;
    add_feeds(load);
    members_index(load);
    rules->field = load->loader.field;
    rules->n_fields = load->loader.n_fields;
    rules->n_refused = load->n_refused;
    if (!load->loader.full)
        rules->matcher = matcher_make(rules, load->loader.arena);
    load->loader.full |= !rules->matcher;
}

/* Room for as many as there can be: touched only where it is used. */
static void *
take_raw(struct rule_loader *loader, size_t n, size_t size)
{
    void *memory = arena_take_raw(loader->arena, n, size);
    loader->full |= !memory;
    return memory;
}

static bool
load_open(struct load *load)
{
    struct rule_loader *loader = &load->loader;
    struct rules *rules = load->rules = loader_take(loader, 1, sizeof *rules);
    if (!rules)
        return false;
    rules->detection = take_raw(loader, MAX_RULES, sizeof(struct detection *));
    rules->correlation =
        take_raw(loader, 2 * MAX_RULES, sizeof(struct correlation *));
    rules->options =
        take_raw(loader, 2 * MAX_RULES, sizeof(const struct rule_options *));
    rules->member =
        take_raw(loader, 2 * MAX_RULES, sizeof(struct rule_member *));
    load->draft = take_raw(loader, MAX_RULES, sizeof(struct draft *));
    load->order = take_raw(loader, MAX_RULES, sizeof(struct draft *));
    loader->field =
        take_raw(loader, MAX_RULE_FIELD_NAMES, sizeof *loader->field);
    load->waiting = take_raw(loader, MAX_RULES, sizeof *load->waiting);
    load->filter = take_raw(loader, MAX_FILTERS, sizeof(struct filter *));
    loader->names = table_new(MAX_RULE_FIELD_NAMES);
    return rule_index_open(&load->index, loader) && !loader->full &&
           loader->names && placeholders_open(loader);
}

static void
load_close(struct load *load)
{
    table_free(load->loader.names);
    placeholders_close(&load->loader);
    rule_index_close(&load->index);
}

const struct rules *
rules_load_dated(const char *const *paths, size_t n_paths, bool examples,
                 const struct calendar *calendar, struct arena *arena,
                 struct complaints *complaints)
{
    struct load load = {.loader = {.arena = arena,
                                   .complaints = complaints,
                                   .calendar = calendar,
                                   .keep_examples = examples}};
    struct arena scratch = arena_reserve(FILE_ARENA_BYTES);
    char *start = scratch.at;
    const char **files;
    bool good = start && load_open(&load);
    if (good) {
        size_t n = rule_files_find(paths, n_paths, arena, &files, complaints);
        for (size_t i = 0; i < n; i++)
            load_file(&load, files[i], &scratch);
        finish(&load, scratch);
    }
    load_close(&load);
    if (start)
        arena_release(start, scratch);
    if (good && !load.loader.full)
        return load.rules;
    complain(complaints, (struct place){NULL, 0, 0}, "out of memory for rules");
    return NULL;
}

/* --- reading */

size_t
rules_n_detections(const struct rules *rules)
{
    return rules->n_detections;
}

const struct detection *
rules_detection(const struct rules *rules, size_t i)
{
    return rules->detection[i];
}

size_t
rules_n_correlations(const struct rules *rules)
{
    return rules->n_correlations;
}

const struct correlation *
rules_correlation(const struct rules *rules, size_t i)
{
    return rules->correlation[i];
}

const struct rule_options *
rules_options(const struct rules *rules, size_t i)
{
    return rules->options[i];
}

const struct matcher *
rules_matcher(const struct rules *rules)
{
    return rules->matcher;
}

size_t
rules_n_filters(const struct rules *rules)
{
    return rules->n_filters;
}

size_t
rules_n_refused(const struct rules *rules)
{
    return rules->n_refused;
}
