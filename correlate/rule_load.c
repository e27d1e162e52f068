/* SPDX-License-Identifier: Apache-2.0
 *
 * A document with `detection:` becomes a detection. Keys that Sigma does not
 * know are allowed (its own text says so); a key that is missing is named,
 * with the one that may have been meant. */
#include "correlate/rule_priv.h"

#include <string.h>

void
complain_missing(struct rule_loader *loader, const struct yaml *map,
                 const char *key)
{
    struct str near = NO_STR;
    for (const struct yaml *at = map->first; at && near.len == 0; at = at->next)
        if (str_nearest(str_of(key), &at->key, 1).len > 0)
            near = at->key;
    if (near.len > 0)
        complain(loader->complaints, map->place,
                 "no '%s' (is it meant by '%.*s'?)", key, STR_ARG(near));
    else
        complain(loader->complaints, map->place, "no '%s'", key);
}

static bool
level_load(struct rule_loader *loader, const struct yaml *node,
           enum severity *level)
{
    static const struct str ids[] = {{"informational", 13},
                                     {"low", 3},
                                     {"medium", 6},
                                     {"high", 4},
                                     {"critical", 8}};
    struct str text;
    *level = SEVERITY_UNKNOWN;
    if (!node)
        return true;
    if (!yaml_str(node, &text, loader->complaints))
        return false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (str_equal(ids[i], text))
            return severity_from(text, level);
    complain_unknown(loader->complaints, node->place, "level", text, ids,
                     sizeof ids / sizeof *ids);
    return false;
}

static bool
status_check(struct rule_loader *loader, const struct yaml *node)
{
    static const struct str ids[] = {{"stable", 6},
                                     {"test", 4},
                                     {"experimental", 12},
                                     {"deprecated", 10},
                                     {"unsupported", 11}};
    struct str text;
    if (!node)
        return true;
    if (!yaml_str(node, &text, loader->complaints))
        return false;
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
        if (str_equal(ids[i], text)) {
            if (i == 4)
                complain_warning(loader->complaints, node->place,
                                 "the rule calls itself unsupported");
            return true;
        }
    complain_unknown(loader->complaints, node->place, "status", text, ids,
                     sizeof ids / sizeof *ids);
    return false;
}

/* A name that other rules, the feed and tickets use. */
static bool
key_load(struct rule_loader *loader, const struct yaml *node, struct str *key)
{
    struct str text;
    if (!node)
        return true;
    if (!yaml_str(node, &text, loader->complaints))
        return false;
    bool good = text.len > 0 && text.len <= MAX_KEY_BYTES;
    for (size_t i = 0; i < text.len; i++)
        good = good && (unsigned char)text.at[i] >= 0x20;
    if (!good)
        complain(loader->complaints, node->place,
                 "expected 1 to %d bytes without control characters",
                 (int)MAX_KEY_BYTES);
    if (str_equal(text, STR(ANY_DETECTION)) ||
        str_equal(text, STR(ANY_ALERT))) {
        complain(loader->complaints, node->place,
                 "'%.*s' stands for any rule, it is none", STR_ARG(text));
        good = false;
    }
    *key = loader_keep(loader, text);
    return good;
}

static size_t
n_characters(struct str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += ((unsigned char)text.at[i] & 0xc0) != 0x80;
    return n;
}

bool
head_load(struct rule_loader *loader, const struct yaml *document,
          struct rule_head *head)
{
    const struct yaml *title = yaml_get(document, "title");
    struct str text = NO_STR;
    bool good = true;
    *head = (struct rule_head){.place = loader_place(loader, document->place)};
    if (!title) {
        complain_missing(loader, document, "title");
        good = false;
    } else if (!yaml_str(title, &text, loader->complaints)) {
        good = false;
    } else if (text.len == 0) {
        complain(loader->complaints, title->place, "the title is empty");
        good = false;
    } else if (n_characters(text) > 256) {
        complain_warning(loader->complaints, title->place,
                         "a title has at most 256 characters");
    }
    head->title = loader_keep(loader, text);
    good &= key_load(loader, yaml_get(document, "id"), &head->id);
    good &= key_load(loader, yaml_get(document, "name"), &head->name);
    good &= level_load(loader, yaml_get(document, "level"), &head->level);
    good &= status_check(loader, yaml_get(document, "status"));
    rule_meta_check(loader, document);
    if (head->id.len == 0)
        head->id = head->name.len > 0 ? head->name
                                      : str_cut(head->title, 0, MAX_KEY_BYTES);
    return good;
}

/* --- logsource */

static bool
part_load(struct rule_loader *loader, const struct yaml *node, struct str *part)
{
    struct str text;
    if (!node)
        return true;
    if (!yaml_str(node, &text, loader->complaints))
        return false;
    if (text.len == 0 || text.len > MAX_KEY_BYTES) {
        complain(loader->complaints, node->place, "expected a name");
        return false;
    }
    *part = loader_keep(loader, text);
    return true;
}

bool
logsource_load(struct rule_loader *loader, const struct yaml *document,
               struct logsource *logsource)
{
    static const struct str keys[] = {
        {"product", 7}, {"category", 8}, {"service", 7}};
    const struct yaml *node = yaml_get(document, "logsource");
    bool good = true;
    if (!node) {
        complain_missing(loader, document, "logsource");
        return false;
    }
    if (node->type != YAML_MAP) {
        complain(loader->complaints, node->place,
                 "logsource is a map with product, category, service");
        return false;
    }
    good &= part_load(loader, yaml_get(node, "product"), &logsource->product);
    good &= part_load(loader, yaml_get(node, "category"), &logsource->category);
    good &= part_load(loader, yaml_get(node, "service"), &logsource->service);
    for (const struct yaml *at = node->first; at; at = at->next) {
        struct str near = str_nearest(at->key, keys, 3);
        if (near.len > 0 && !str_equal(near, at->key)) {
            complain(loader->complaints, at->key_place,
                     "unknown part '%.*s' of the logsource (did you mean "
                     "'%.*s'?)",
                     STR_ARG(at->key), STR_ARG(near));
            good = false;
        }
    }
    return good;
}

/* --- the whole */

struct digest
meaning_of(struct rule_loader *loader, const struct logsource *logsource,
           const struct yaml *detection)
{
    struct buf json = {0};
    buf_yaml(&json, detection);
    loader->full |= json.full;
    const struct str parts[] = {
        logsource->product,
        logsource->category,
        logsource->service,
        buf_str(&json),
        {(const char *)&loader->expanded, sizeof loader->expanded}};
    struct digest digest = hash_digest_of(parts, loader->has_expanded ? 5 : 4);
    buf_free(&json);
    return digest;
}

struct detection *
detection_load(struct rule_loader *loader, const struct yaml *document)
{
    const struct yaml *node = yaml_get(document, "detection");
    struct detection *detection = loader_take(loader, 1, sizeof *detection);
    struct rule_head head;
    if (!detection)
        return NULL;
    loader->n_values = 0;
    loader->has_expanded = false;
    bool good = head_load(loader, document, &head);
    good &= logsource_load(loader, document, &detection->logsource);
    good &= options_load(loader, yaml_get(document, "thapcanh"), false,
                         &detection->options);
    detection->id = head.id;
    detection->name = head.name;
    detection->title = head.title;
    detection->place = detection->options.place = head.place;
    detection->level = head.level;
    detection->tactics = tactics_of(yaml_get(document, "tags"));
    tags_load(loader, yaml_get(document, "tags"), &detection->options);
    detection->logic = logic_load(loader, node, NULL);
    if (!good || !detection->logic || loader->full)
        return NULL;
    detection->meaning = meaning_of(loader, &detection->logsource, node);
    return detection;
}
