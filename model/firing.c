/* SPDX-License-Identifier: Apache-2.0
 *
 * Names as bytes. Sorted before they are written, so that what does not fit is
 * what was seen last, and the same firing gives the same bytes. */
#include "model/firing.h"

#include "base/times.h"
#include "base/wire.h"
#include "model/window_event.h"

#include <stdlib.h>

enum { VERSION = 1, NAME_BYTES = 1 + 8 + 2 };

static int
name_compare(const struct firing_name *a, const struct firing_name *b)
{
    if (a->first_ms != b->first_ms)
        return a->first_ms < b->first_ms ? -1 : 1;
    if (a->set != b->set)
        return a->set < b->set ? -1 : 1;
    return str_compare(a->text, b->text);
}

static int
by_time(const void *a, const void *b)
{
    return name_compare(a, b);
}

void
firing_write(struct buf *buf, struct firing *firing)
{
    size_t n = 0;
    if (firing->n_names > 1)
        qsort(firing->name, firing->n_names, sizeof *firing->name, by_time);
    size_t len = 1 + 4 + 2 + firing->topic.len + 4 + 2;
    while (n < firing->n_names && len + NAME_BYTES + firing->name[n].text.len <=
                                      MAX_FIRING_NAMES_BYTES)
        len += NAME_BYTES + firing->name[n++].text.len;
    buf_clear(buf);
    wire_put(buf, VERSION, 1);
    wire_put(buf, (uint64_t)firing->partition, 4);
    wire_put_text(buf, firing->topic, 2);
    wire_put(buf, firing->kinds, 4);
    wire_put(buf, n, 2);
    for (size_t i = 0; i < n; i++) {
        wire_put(buf, firing->name[i].set, 1);
        wire_put_i64(buf, firing->name[i].first_ms);
        wire_put_text(buf, firing->name[i].text, 2);
    }
}

static bool
read_name(struct wire *wire, struct firing_name *name)
{
    name->set = (uint8_t)wire_get_max(wire, 1, N_FIRING_SETS - 1);
    name->first_ms = wire_get_i64(wire);
    name->text = wire_get_text(wire, 2);
    return !wire->wrong && name->text.len > 0 &&
           name->text.len <= MAX_KEY_BYTES && name->first_ms >= -MAX_EVENT_MS &&
           name->first_ms <= MAX_EVENT_MS;
}

bool
firing_read(struct str bytes, struct firing *firing)
{
    struct wire wire = {bytes, bytes.len > MAX_FIRING_NAMES_BYTES};
    uint64_t version = wire_get(&wire, 1);
    firing->partition = (int32_t)wire_get_max(&wire, 4, INT32_MAX);
    firing->topic = wire_get_text(&wire, 2);
    firing->kinds =
        (uint32_t)wire_get_max(&wire, 4, (UINT64_C(1) << N_KINDS) - 1);
    firing->n_names = (size_t)wire_get_max(&wire, 2, MAX_FIRING_NAMES);
    if (wire.wrong || version != VERSION || firing->topic.len > MAX_KEY_BYTES)
        return false;
    for (size_t i = 0; i < firing->n_names; i++)
        if (!read_name(&wire, &firing->name[i]) ||
            (i > 0 &&
             name_compare(&firing->name[i - 1], &firing->name[i]) >= 0))
            return false;
    return wire_end(&wire);
}
