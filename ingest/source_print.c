/* SPDX-License-Identifier: Apache-2.0
 *
 * What a mapping makes of an event, for people and for tests: only what the
 * mapping decides, nothing of position, inventory or arrival. */
#include "ingest/source_priv.h"

#include "base/times.h"
#include "ingest/source_tools.h"

#include <string.h>

static void
print_text(struct buf *buf, struct str key, struct str text)
{
    if (text.len == 0)
        return;
    if (buf->at[buf->len - 1] != '{')
        buf_char(buf, ',');
    buf_json(buf, key);
    buf_char(buf, ':');
    buf_json(buf, text);
}

static void
print_techniques(struct buf *buf, const struct alert *alert)
{
    for (size_t i = 0; i < alert->n_techniques; i++) {
        buf_add(buf, i == 0 ? STR(",\"techniques\":[") : STR(","));
        buf_json(buf, alert->technique[i]);
    }
    if (alert->n_techniques > 0)
        buf_char(buf, ']');
}

static void
print_logsource(struct buf *buf, const struct logsource *logsource)
{
    if (logsource->product.len + logsource->category.len +
            logsource->service.len ==
        0)
        return;
    buf_add(buf, STR(",\"logsource\":{"));
    print_text(buf, STR("product"), logsource->product);
    print_text(buf, STR("category"), logsource->category);
    print_text(buf, STR("service"), logsource->service);
    buf_char(buf, '}');
}

void
source_print(struct buf *buf, const struct alert *alert)
{
    buf_char(buf, '{');
    if (buf->full)
        return;
    print_text(buf, STR("source"), alert->source);
    if (alert->event_ms != NO_TIME) {
        buf_add(buf, STR(",\"time\":\""));
        buf_iso(buf, alert->event_ms, 0);
        buf_char(buf, '"');
    }
    print_text(buf, STR("severity"), severity_id(alert->severity));
    print_text(buf, STR("severity_version"), alert->severity_version);
    print_text(buf, STR("kind"), kind_id(alert->kind));
    for (size_t i = 0; i < N_ALERT_FIELDS; i++)
        print_text(buf, alert_field_key((enum alert_field)i), alert->field[i]);
    print_techniques(buf, alert);
    print_logsource(buf, &alert->logsource);
    if (alert->flags & ALERT_FIELD_CUT)
        buf_add(buf, STR(",\"cut\":true"));
    buf_char(buf, '}');
}

bool
source_reads(const struct source *source, struct str path)
{
    const char *open = path.len > 0 ? memchr(path.at, '[', path.len) : NULL;
    if (open)
        path.len = (size_t)(open - path.at);
    for (uint32_t slot = 0; slot < source->trie.n_slots; slot++)
        if (str_equal(source->trie.slot_path[slot], path))
            return true;
    return false;
}

struct leaves {
    void (*each)(void *context, struct str path);
    void *context;
    char path[MAX_PATH_BYTES + 1];
};

static size_t
path_add(struct leaves *leaves, size_t len, struct str text)
{
    size_t room = MAX_PATH_BYTES - len;
    size_t n = text.len < room ? text.len : room;
    if (n > 0)
        memcpy(leaves->path + len, text.at, n);
    return len + n;
}

/* The depth is that of JSON: at most MAX_JSON_DEPTH. */
static void
walk_leaves(struct leaves *leaves, const struct json *node, size_t len)
{
    if (node->type != JSON_OBJECT && node->type != JSON_ARRAY) {
        if (node->type != JSON_NULL)
            leaves->each(leaves->context, (struct str){leaves->path, len});
        return;
    }
    const struct json *child = json_first(node);
    for (uint32_t i = 0; i < node->n_children; i++, child = json_next(child)) {
        size_t end = len;
        if (node->type == JSON_ARRAY)
            end = path_add(leaves, end, STR("[*]"));
        else if (len > 0)
            end = path_add(leaves, end, STR("."));
        walk_leaves(leaves, child, path_add(leaves, end, child->key));
    }
}

void
source_leaves(const struct json *event,
              void (*each)(void *context, struct str path), void *context)
{
    struct leaves leaves = {.each = each, .context = context};
    walk_leaves(&leaves, event, 0);
}
