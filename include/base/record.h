/* SPDX-License-Identifier: Apache-2.0
 *
 * One record of a log, as read, and one to be written. Plain records that
 * borrow; nothing of the client library shows through. */
#ifndef BASE_RECORD_H
#define BASE_RECORD_H

#include "base/str.h"

struct header {
    struct str name, value;
};

#define MAX_HEADERS 16

struct record {
    struct str topic;
    int32_t partition;
    int64_t offset;
    int64_t timestamp_ms; /* of the record: create or append time */
    bool null_key;
    struct str key, value;
    struct header header[MAX_HEADERS]; /* the first MAX_HEADERS */
    size_t n_headers;
};

#define PARTITION_BY_KEY (-1)

struct output {
    struct str topic;
    int32_t partition; /* or PARTITION_BY_KEY */
    bool no_key;       /* a null key: spread over partitions */
    bool no_value;     /* a tombstone */
    bool packed; /* may travel in a pack (base/pack.h); no key, no headers */
    struct str key, value;
    const struct header *header; /* n_headers of them */
    size_t n_headers;
};

/* The value of a header, or NO_STR. */
struct str record_header(const struct record *record, struct str name);

#endif
