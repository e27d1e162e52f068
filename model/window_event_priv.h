/* SPDX-License-Identifier: Apache-2.0
 *
 * How parts of a window record are written, shared by the file that gathers
 * them (window_event.c) and the one that reads them (window_event_read.c). */
#ifndef MODEL_WINDOW_EVENT_PRIV_H
#define MODEL_WINDOW_EVENT_PRIV_H

#include "model/window_event.h"

/* Heading, cause and running index. */
void window_record_begin(struct buf *buf, const struct window_cause *cause,
                         uint32_t running);

#endif
