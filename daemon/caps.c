/* SPDX-License-Identifier: Apache-2.0
 *
 * Every worker names its last few; those of all workers are put in one order
 * and cut to the same number again. */
#include "caps.h"

#include "base/times.h"
#include "feed_screen.h"
#include "model/limits.h"

#include <inttypes.h>
#include <stdlib.h>

static struct str
text(const struct json *object, const char *key)
{
    const struct json *node = json_get(object, str_of(key));
    return node ? node->text : NO_STR;
}

static int64_t
number(const struct json *object, struct str key)
{
    const struct json *node = json_get(object, key);
    int64_t n = 0;
    if (node)
        str_to_i64(node->text, &n);
    return n;
}

static bool
cap_from(struct str id, enum window_cap *cap)
{
    for (int i = 0; i < N_WINDOW_CAPS; i++)
        if (str_equal(id, window_cap_id((enum window_cap)i))) {
            *cap = (enum window_cap)i;
            return true;
        }
    return false;
}

static void
add_totals(struct caps *caps, const struct json *rules)
{
    const struct json *rule = rules ? json_first(rules) : NULL;
    for (uint32_t i = 0; rule && i < rules->n_children;
         i++, rule = json_next(rule))
        for (int c = 0; c < N_WINDOW_CAPS; c++) {
            enum window_cap cap = (enum window_cap)c;
            caps->total[c] += (uint64_t)number(rule, window_cap_id(cap));
        }
}

void
caps_add(struct caps *caps, const struct json *worker)
{
    const struct json *own = json_get(worker, STR("own"));
    if (!own || own->type != JSON_OBJECT)
        return;
    add_totals(caps, json_get(own, STR("rules")));
    const struct json *all = json_get(own, STR("caps"));
    const struct json *one = all ? json_first(all) : NULL;
    for (uint32_t i = 0; one && i < all->n_children && caps->n < MAX_CAP_LINES;
         i++, one = json_next(one)) {
        struct cap_line *line = &caps->line[caps->n];
        if (!cap_from(text(one, "cap"), &line->cap))
            continue;
        line->rule = text(one, "rule");
        line->key = text(one, "key");
        line->n = (uint64_t)number(one, STR("n"));
        line->last_ms = number(one, STR("last_ms"));
        caps->n++;
    }
}

static int
compare_lines(const void *left, const void *right)
{
    const struct cap_line *a = left, *b = right;
    if (a->cap != b->cap)
        return a->cap < b->cap ? -1 : 1;
    if (a->last_ms != b->last_ms)
        return a->last_ms > b->last_ms ? -1 : 1;
    int by = str_compare(a->rule, b->rule);
    return by ? by : str_compare(a->key, b->key);
}

void
caps_sort(struct caps *caps)
{
    size_t n = 0, of_kind = 0;
    if (caps->n > 0)
        qsort(caps->line, caps->n, sizeof *caps->line, compare_lines);
    for (size_t i = 0; i < caps->n; i++) {
        of_kind = n > 0 && caps->line[n - 1].cap == caps->line[i].cap
                      ? of_kind + 1
                      : 1;
        if (of_kind <= MAX_CAPS_KEPT)
            caps->line[n++] = caps->line[i];
    }
    caps->n = n;
}

const struct cap_line *
caps_last(const struct caps *caps, enum window_cap cap)
{
    for (size_t i = 0; i < caps->n; i++)
        if (caps->line[i].cap == cap)
            return &caps->line[i];
    return NULL;
}

static const char *
words_of(enum window_cap cap)
{
    switch (cap) {
    case CAP_CUT:
        return "window cut";
    case CAP_REFUSED:
        return "no room";
    case CAP_KEYS:
        return "too many keys";
    case CAP_BATCH:
        return "message too big";
    case N_WINDOW_CAPS:
        break;
    }
    return "";
}

void
caps_table(const struct caps *caps, struct buf *out)
{
    struct buf time = {0};
    if (caps->n == 0)
        return;
    buf_format(out, "\n%-24s %-36s %-40s %8s  %s\n", "limits reached", "rule",
               "key", "times", "last event (UTC+7)");
    for (size_t i = 0; i < caps->n; i++) {
        const struct cap_line *line = &caps->line[i];
        buf_clear(&time);
        buf_iso(&time, line->last_ms, VIETNAM_MINUTES);
        buf_format(out, "%-24s ", words_of(line->cap));
        screen_cell(out, line->rule, 36);
        buf_char(out, ' ');
        screen_cell(out, line->key, 40);
        buf_format(out, " %8" PRIu64 "  %.*s\n", line->n,
                   STR_ARG(str_cut(buf_str(&time), 0, 19)));
    }
    buf_free(&time);
}
