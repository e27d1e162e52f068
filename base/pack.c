/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs: a heading, then records behind their lengths. */
#include "base/pack.h"

#include "base/wire.h"

#define HEADING "pack 1\n"

enum { LEN_BYTES = 4 };

bool
pack_is(struct str value)
{
    return str_starts(value, STR(HEADING));
}

void
pack_add(struct buf *buf, struct str record)
{
    if (buf->len == 0)
        buf_add(buf, STR(HEADING));
    wire_put_text(buf, record, LEN_BYTES);
}

struct str
pack_records(struct str value)
{
    return str_cut(value, sizeof HEADING - 1, value.len);
}

bool
pack_next(struct str *rest, struct str *record)
{
    struct wire wire = {.rest = *rest};
    if (rest->len == 0)
        return false;
    *record = wire_get_text(&wire, LEN_BYTES);
    *rest = wire.rest;
    return !wire.wrong;
}

bool
pack_check(struct str value)
{
    struct wire wire = {.rest = pack_records(value)};
    if (!pack_is(value) || wire.rest.len == 0)
        return false;
    while (wire.rest.len > 0 && !wire.wrong)
        wire.wrong |= pack_is(wire_get_text(&wire, LEN_BYTES));
    return wire_end(&wire);
}
