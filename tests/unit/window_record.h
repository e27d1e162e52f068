/* SPDX-License-Identifier: Apache-2.0
 *
 * A window record written again from what was read of it, for tests. */
#ifndef TESTS_UNIT_WINDOW_RECORD_H
#define TESTS_UNIT_WINDOW_RECORD_H

#include "base/wire.h"
#include "model/window_event_priv.h"

static inline void
window_record_write(struct buf *buf, const struct window_record *record)
{
    window_record_begin(buf, &record->cause, record->running);
    wire_put(buf, record->n_briefs, 4);
    for (size_t i = 0; i < record->n_briefs; i++)
        brief_write(buf, &record->briefs[i]);
    wire_put(buf, record->n_entries, 4);
    for (size_t i = 0; i < record->n_entries; i++) {
        const struct window_entry *entry = &record->entries[i];
        wire_put_digest(buf, entry->fingerprint);
        wire_put_digest(buf, entry->key_id);
        wire_put(buf, entry->steps, 4);
        wire_put(buf, entry->weight, 4);
        wire_put(buf, entry->brief, 4);
        wire_put_text(buf, entry->key, 2);
        wire_put_text(buf, entry->value, 2);
        wire_put_text(buf, entry->carry, 2);
        wire_put_text(buf, entry->names, 2);
    }
}

#endif
