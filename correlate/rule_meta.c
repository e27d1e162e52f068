/* SPDX-License-Identifier: Apache-2.0
 *
 * What a rule says of itself and nothing here reads: dates, tags, related
 * rules, its taxonomy. Where it is not as Sigma's page has it that is a
 * warning: other programs may not read it, this one loads it. */
#include "correlate/rule_priv.h"

#include <string.h>

enum { MAX_DESCRIPTION = 65535 };

static void
warn_text(struct rule_loader *loader, const struct yaml *node, const char *what)
{
    struct str text = str_cut(node->text, 0, 80);
    complain_warning(loader->complaints, node->place, "'%.*s': %s",
                     STR_ARG(text), what);
}

/* YYYY-MM-DD */
static bool
is_date(struct str text)
{
    bool good = text.len == 10;
    for (size_t i = 0; good && i < text.len; i++)
        good = i == 4 || i == 7 ? text.at[i] == '-'
                                : text.at[i] >= '0' && text.at[i] <= '9';
    if (!good)
        return false;
    int month = (text.at[5] - '0') * 10 + text.at[6] - '0';
    int day = (text.at[8] - '0') * 10 + text.at[9] - '0';
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static void
dates_check(struct rule_loader *loader, const struct yaml *document)
{
    static const char *const keys[] = {"date", "modified"};
    for (size_t i = 0; i < 2; i++) {
        const struct yaml *node = yaml_get(document, keys[i]);
        if (node && (node->type != YAML_SCALAR || !is_date(node->text)))
            warn_text(loader, node, "dates are written YYYY-MM-DD");
    }
}

static bool
is_tag(struct str text)
{
    bool good = text.len > 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        good = good && c != '\0' &&
               ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                strchr("_-.", c) != NULL);
    }
    return good && memchr(text.at, '.', text.len) != NULL;
}

static void
tags_check(struct rule_loader *loader, const struct yaml *tags)
{
    const struct yaml *at =
        tags && tags->type == YAML_LIST ? tags->first : NULL;
    for (; at; at = at->next)
        if (at->type != YAML_SCALAR || !is_tag(at->text))
            warn_text(loader, at,
                      "a tag is namespace.name, of a-z, 0-9, '_', '-', '.'");
}

static void
related_check(struct rule_loader *loader, const struct yaml *related)
{
    static const struct str types[] = {{"derived", 7},
                                       {"obsolete", 8},
                                       {"merged", 6},
                                       {"renamed", 7},
                                       {"similar", 7}};
    const struct yaml *at =
        related && related->type == YAML_LIST ? related->first : NULL;
    for (; at; at = at->next) {
        const struct yaml *type = yaml_get(at, "type");
        const struct yaml *id = yaml_get(at, "id");
        bool known = false;
        for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
            known |= str_equal(type->text, types[i]);
        if (!known || !id || id->type != YAML_SCALAR)
            warn_text(loader, type ? type : at,
                      "a related rule has an id and a type: derived, obsolete, "
                      "merged, renamed or similar");
    }
}

/* Names of fields mean what the source's table says, whatever the rule calls
 * its vocabulary (docs/rules.md, "Fields"). */
static void
taxonomy_check(struct rule_loader *loader, const struct yaml *taxonomy)
{
    if (taxonomy && !str_equal_nocase(taxonomy->text, STR("sigma")) &&
        !str_equal_nocase(taxonomy->text, STR("ecs")))
        warn_text(loader, taxonomy,
                  "this taxonomy is not known: its names are looked up as they "
                  "stand");
}

void
rule_meta_check(struct rule_loader *loader, const struct yaml *document)
{
    const struct yaml *description = yaml_get(document, "description");
    if (description && description->text.len > MAX_DESCRIPTION)
        complain_warning(loader->complaints, description->place,
                         "a description has at most %d characters",
                         (int)MAX_DESCRIPTION);
    dates_check(loader, document);
    tags_check(loader, yaml_get(document, "tags"));
    related_check(loader, yaml_get(document, "related"));
    taxonomy_check(loader, yaml_get(document, "taxonomy"));
}
