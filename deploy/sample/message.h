/* SPDX-License-Identifier: Apache-2.0
 *
 * From a place in the plan to the bytes a sensor would send. A message is a
 * pure function of (seed, file, place, revision). */
#ifndef DEPLOY_SAMPLE_MESSAGE_H
#define DEPLOY_SAMPLE_MESSAGE_H

#include "base/buf.h"

#include "plan.h"

/* One process as a sensor sees it; texts with {…}, see facts_fill. */
struct story {
    const char *process, *path, *command, *parent, *parent_command;
};
struct stories {
    const struct story *at;
    uint32_t n;
};
extern const struct stories stories[N_STORY_GROUPS];

/* What the texts of one alert speak of. */
struct facts {
    const struct sample_rule *rule;
    const struct host *host;
    const struct story *story;
    const char *document; /* name of a file, without its ending */
    const char *folder;   /* with {…} */
    struct str user;      /* "STTTT\nguyenvana", "root" */
    struct str login;     /* the part after the backslash */
    uint32_t remote;      /* the other address, IPv4 */
    uint16_t local_port, remote_port;
    uint32_t pid;
    uint32_t n;         /* a number for the text */
    uint64_t file_seed; /* equal: the same file, the same domain */
    uint64_t story_seed;
};

struct facts facts_of(const struct sample *sample, enum sample_file file,
                      uint32_t place);
/* Appends `text` with {1} {2} {host} {ip} {user} {login} {remote} {port} {n}
 * {pid} {document} {file} {process} {domain} {hex} {code} filled in. */
void facts_fill(struct buf *buf, const char *text, const struct facts *facts);
void buf_ip(struct buf *buf, uint32_t ip);
/* `n_words` × 16 hexadecimal digits that depend on `seed` only. */
void buf_hash(struct buf *buf, uint64_t seed, int n_words);

/* The vendor's id of the alert: "AJ-24-00012345", "CC-2024-001234". */
void message_id(const struct sample *sample, struct buf *buf,
                enum sample_file file, uint32_t place);
/* Appends one message without a line end; revision 1 to 3 (endpoints: 1).
 * `scratch` is overwritten. */
void message_endpoint(const struct sample *sample, uint32_t place,
                      struct buf *buf, struct buf *scratch);
void message_server(const struct sample *sample, uint32_t place, int revision,
                    struct buf *buf, struct buf *scratch);

enum { N_BROKEN = 12 };

struct broken_kind {
    const char *id;    /* "cut_json" */
    const char *fault; /* what the service should call it (ingest/source.h) */
    enum sample_file file;
};
extern const struct broken_kind broken_kinds[N_BROKEN];
/* Appends broken message `i`. */
void message_broken(const struct sample *sample, uint32_t i, struct buf *buf,
                    struct buf *scratch);

#endif
