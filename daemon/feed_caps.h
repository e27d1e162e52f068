/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of windows, said between the alerts of a feed that is followed. The
 * windows are fed after the record of the feed was written, so no record can
 * say it; the service of this machine is asked instead, over its status
 * socket. Where there is none, or it may not be read, that is said once. */
#ifndef DAEMON_FEED_CAPS_H
#define DAEMON_FEED_CAPS_H

#include <stdbool.h>

struct feed_caps;

/* Borrows `run_dir`. NULL: no memory; the feed does without. */
struct feed_caps *feed_caps_new(const char *run_dir, bool english);
void feed_caps_free(struct feed_caps *caps);
/* Asks now and then, and writes a line to stderr for each kind of limit that
 * was reached since. */
void feed_caps_poll(struct feed_caps *caps);

#endif
