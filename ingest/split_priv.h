/* SPDX-License-Identifier: Apache-2.0
 *
 * What splitting a message is made of: the header syslog puts before a
 * message, and CEF. */
#ifndef INGEST_SPLIT_PRIV_H
#define INGEST_SPLIT_PRIV_H

#include "ingest/source.h"

enum { MAX_CEF_KEYS = 512 };

/* X(member of struct syslog_header, name in the event) */
#define SYSLOG_FIELDS(X)                                                       \
    X(priority, "syslog.priority")                                             \
    X(time, "syslog.time")                                                     \
    X(host, "syslog.host")                                                     \
    X(app, "syslog.app")                                                       \
    X(pid, "syslog.pid")                                                       \
    X(msgid, "syslog.msgid")

/* Borrowed from the line; what the header does not have is empty. */
struct syslog_header {
#define X(name, key) struct str name;
    SYSLOG_FIELDS(X)
#undef X
};

/* What follows the header of RFC 3164 or RFC 5424, or `line` itself when it
 * begins with JSON or CEF or has no header that JSON or CEF follows. */
struct str syslog_strip(struct str line, struct syslog_header *header);

/* Reads one line of CEF into an object as JSON would be: the seven parts of
 * its header under cefVersion, deviceVendor, deviceProduct, deviceVersion,
 * deviceEventClassId, name and severity, then the extension's own keys. */
enum split_fault cef_read(struct str line, struct arena *scratch,
                          const struct json **root);

#endif
