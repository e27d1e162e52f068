/* SPDX-License-Identifier: Apache-2.0
 *
 * Country and network of public addresses. The one idea: the file on disk is
 * copied into memory that nobody else can reach before anything is read from
 * it (a mapped file that is cut in place kills the process), and the copy is
 * used only when its metadata and a sample of its tree can be read to their
 * end. A file that cannot be used is tried once, until it changes.
 *
 * The library walks the search tree; the data is read by geo_data.c. */
#include "ingest/geo.h"

#include "base/address.h"
#include "geo_data.h"

#include "base/times.h"

#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_FILE_BYTES = 1 << 30,
    N_CACHED = 1024,  /* addresses; a power of two */
    N_SAMPLES = 1000, /* ways down the tree that are tried at opening */
    COPY_BYTES = 64 << 10,
    HASH_SHIFT = 54,
};

/* Which file a path led to, and in which state. */
struct identity {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

_Static_assert(N_CACHED == 1 << (64 - HASH_SHIFT), "the cache's index");

struct cached {
    struct address address;
    bool used;
    char country[2]; /* 0: none */
    uint8_t network_len;
    char network[PREFIX_TEXT];
};

struct geo_db {
    char *path;
    bool open, has_next, has_tried;
    MMDB_s mmdb, next;
    struct identity used, next_identity, tried;
    struct err why; /* what is wrong with the file on disk; empty: nothing */
    struct cached cached[N_CACHED];
};

static struct identity
identity_of(const struct stat *status)
{
    return (struct identity){status->st_dev, status->st_ino, status->st_size,
                             status->st_mtim};
}

static bool
identity_equal(const struct identity *a, const struct identity *b)
{
    return a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* --- opening */

static bool
write_all(int file, const char *at, size_t len)
{
    while (len > 0) {
        ssize_t n = write(file, at, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

/* The bytes of `from` to `to`; at most `max` of them. */
static bool
copy_bytes(int from, int to, off_t max)
{
    char piece[COPY_BYTES];
    off_t copied = 0;

    for (;;) {
        ssize_t n = read(from, piece, sizeof piece);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        copied += n;
        if (copied > max) {
            errno = EFBIG;
            return false;
        }
        if (!write_all(to, piece, (size_t)n))
            return false;
    }
}

/* A private copy of the file at `path`, or -1. A file that is written to in
 * the meantime is not taken; it will have changed by the next time. */
static int
copy_file(const char *path, struct identity *identity, struct err *why)
{
    int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), to = -1;
    struct stat before, after;
    struct identity then;

    if (from < 0 || fstat(from, &before) != 0) {
        err_set(why, "cannot open '%s': %s", path, strerror(errno));
        goto out;
    }
    *identity = identity_of(&before);
    if (!S_ISREG(before.st_mode) || before.st_size > MAX_FILE_BYTES) {
        err_set(why, "'%s' is no file of at most 1 GiB", path);
        goto out;
    }
    to = memfd_create("geo", MFD_CLOEXEC);
    if (to < 0 || !copy_bytes(from, to, before.st_size) ||
        fstat(from, &after) != 0) {
        err_set(why, "cannot copy '%s': %s", path, strerror(errno));
        goto bad;
    }
    then = identity_of(&after);
    if (identity_equal(identity, &then))
        goto out;
    err_set(why, "'%s' is being written to", path);
bad:
    if (to >= 0)
        close(to);
    to = -1;
out:
    if (from >= 0)
        close(from);
    return to;
}

/* Before the library reads it: it recurses as deep as the metadata nests. */
static bool
check_metadata(int file, struct err *why)
{
    struct stat status;
    struct geo_data bytes;
    void *at;
    bool good;

    if (fstat(file, &status) != 0 || status.st_size <= 0) {
        err_set(why, "it is empty");
        return false;
    }
    bytes.len = (size_t)status.st_size;
    at = mmap(NULL, bytes.len, PROT_READ, MAP_PRIVATE, file, 0);
    if (at == MAP_FAILED) {
        err_set(why, "%s", strerror(errno));
        return false;
    }
    bytes.at = at;
    good = geo_data_file(bytes, why);
    munmap(at, bytes.len);
    return good;
}

static struct geo_data
data_of(const MMDB_s *mmdb)
{
    return (struct geo_data){mmdb->data_section, mmdb->data_section_size};
}

/* One way down from `node`, by the bits of `turns`, round every empty record
 * that can be avoided. False when the tree or the data at its end is corrupt.
 */
static bool
sample(const MMDB_s *mmdb, uint32_t node, uint64_t turns)
{
    struct geo_data data = data_of(mmdb);

    for (unsigned depth = 0; depth < mmdb->depth; depth++) {
        MMDB_search_node_s both;
        bool right = turns >> depth % 64 & 1;
        uint8_t type;

        if (MMDB_read_node(mmdb, node, &both) != MMDB_SUCCESS)
            return false;
        if (right ? both.right_record_type == MMDB_RECORD_TYPE_EMPTY
                  : both.left_record_type == MMDB_RECORD_TYPE_EMPTY)
            right = !right;
        type = right ? both.right_record_type : both.left_record_type;
        if (type == MMDB_RECORD_TYPE_EMPTY)
            return true;
        if (type == MMDB_RECORD_TYPE_DATA)
            return geo_data_sound(&data, right ? both.right_record_entry.offset
                                               : both.left_record_entry.offset);
        if (type != MMDB_RECORD_TYPE_SEARCH_NODE)
            return false;
        node = (uint32_t)(right ? both.right_record : both.left_record);
    }
    return false; /* deeper than an address is long */
}

static bool
check_tree(const MMDB_s *mmdb, struct err *why)
{
    uint32_t v4 = mmdb->ipv4_start_node.node_value;
    uint64_t turns = 1;

    for (unsigned i = 0; i < N_SAMPLES; i++) {
        bool half = i % 2 == 1 && mmdb->metadata.ip_version == 6 &&
                    v4 < mmdb->metadata.node_count;

        turns = turns * UINT64_C(6364136223846793005) + 1442695040888963407;
        if (!sample(mmdb, half ? v4 : 0, turns ^ turns >> 33)) {
            err_set(why, "its tree or its data is corrupt");
            return false;
        }
    }
    return true;
}

/* Opens the file on disk. `*identity` is what it was, also when it fails. */
static bool
open_file(const char *path, MMDB_s *mmdb, struct identity *identity,
          struct err *why)
{
    int file = copy_file(path, identity, why), status;
    char copy[64];
    struct err reason;

    if (file < 0)
        return false;
    if (!check_metadata(file, &reason))
        goto bad;
    snprintf(copy, sizeof copy, "/proc/self/fd/%d", file);
    status = MMDB_open(copy, MMDB_MODE_MMAP, mmdb);
    if (status != MMDB_SUCCESS) {
        err_set(&reason, "%s", MMDB_strerror(status));
        goto bad;
    }
    if (!check_tree(mmdb, &reason)) {
        MMDB_close(mmdb);
        goto bad;
    }
    close(file);
    return true;
bad:
    err_set(why, "cannot use '%.100s': %.120s", path, reason.text);
    close(file);
    return false;
}

/* Tries the file that is there now; true when it is ready as `next`. */
static bool
try_next(struct geo_db *db)
{
    db->has_next = open_file(db->path, &db->next, &db->next_identity, &db->why);
    if (db->has_next) {
        db->why.text[0] = '\0';
        return true;
    }
    db->tried = db->next_identity;
    db->has_tried = true;
    return false;
}

struct geo_db *
geo_open(const char *path)
{
    struct geo_db *db = calloc(1, sizeof *db);

    if (db == NULL)
        return NULL;
    db->path = strdup(path != NULL ? path : "");
    if (db->path == NULL) {
        free(db);
        return NULL;
    }
    if (*db->path == '\0')
        err_set(&db->why, "no database is configured");
    else if (try_next(db))
        geo_swap(db);
    return db;
}

void
geo_close(struct geo_db *db)
{
    if (db == NULL)
        return;
    if (db->has_next)
        MMDB_close(&db->next);
    if (db->open)
        MMDB_close(&db->mmdb);
    free(db->path);
    free(db);
}

bool
geo_changed(struct geo_db *db)
{
    struct stat status;
    struct identity now;

    if (*db->path == '\0' || stat(db->path, &status) != 0)
        return db->has_next;
    now = identity_of(&status);
    if (db->has_next && identity_equal(&now, &db->next_identity))
        return true;
    if (db->has_next) {
        MMDB_close(&db->next);
        db->has_next = false;
    }
    if (db->open && identity_equal(&now, &db->used)) {
        db->why.text[0] = '\0';
        return false;
    }
    if (db->has_tried && identity_equal(&now, &db->tried))
        return false;
    return try_next(db);
}

void
geo_swap(struct geo_db *db)
{
    if (!db->has_next)
        return;
    if (db->open)
        MMDB_close(&db->mmdb);
    db->mmdb = db->next;
    db->used = db->next_identity;
    db->open = true;
    db->has_next = db->has_tried = false;
    memset(db->cached, 0, sizeof db->cached);
}

bool
geo_state(const struct geo_db *db, struct err *why)
{
    struct buf day = {.max_bytes = 64};
    uint64_t epoch;

    if (why == NULL)
        return db->open;
    if (!db->open) {
        *why = db->why;
        return false;
    }
    epoch = db->mmdb.metadata.build_epoch;
    if (epoch < UINT64_C(253402300800)) /* the year 10000 */
        buf_day(&day, day_of_ms((int64_t)epoch * 1000, 0));
    else
        buf_add(&day, STR("an unknown day"));
    err_set(why, "%.60s of %.*s%s%.150s", db->mmdb.metadata.database_type,
            STR_ARG(buf_str(&day)), db->why.text[0] ? "; " : "", db->why.text);
    buf_free(&day);
    return true;
}

/* --- looking up */

/* The address as the library takes it. 64:ff9b::/96 carries an IPv4 address
 * (RFC 6052): that one is asked for. */
static struct address
unwrap(struct address address)
{
    if (address.high == UINT64_C(0x0064ff9b00000000) && address.low >> 32 == 0)
        return (struct address){0, UINT64_C(0xffff00000000) | address.low};
    return address;
}

/* The entry of the tree, and how many of the 128 bits its network has. */
static bool
look_up(const MMDB_s *mmdb, struct address address, size_t *offset,
        unsigned *bits)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    bool is_v4 = address_is_v4(address);
    MMDB_lookup_result_s result;
    int status;

    if (is_v4) {
        v4.sin_addr.s_addr = htonl((uint32_t)address.low);
        result =
            MMDB_lookup_sockaddr(mmdb, (const struct sockaddr *)&v4, &status);
    } else {
        for (unsigned i = 0; i < 16; i++)
            v6.sin6_addr.s6_addr[i] =
                (uint8_t)((i < 8 ? address.high >> (56 - 8 * i)
                                 : address.low >> (120 - 8 * i)) &
                          255);
        result =
            MMDB_lookup_sockaddr(mmdb, (const struct sockaddr *)&v6, &status);
    }
    if (status != MMDB_SUCCESS || !result.found_entry)
        return false;
    *offset = result.entry.offset;
    *bits = result.netmask;
    if (is_v4 && mmdb->metadata.ip_version == 4)
        *bits += 96;
    return *bits <= 128;
}

static void
fill(struct geo_db *db, struct cached *cached, struct address address)
{
    struct geo_data data = data_of(&db->mmdb);
    struct prefix prefix;
    size_t offset;
    unsigned bits;

    *cached = (struct cached){.address = address, .used = true};
    address = unwrap(address);
    if (!look_up(&db->mmdb, address, &offset, &bits) ||
        !geo_data_country(&data, offset, cached->country))
        return;
    if (address_is_v4(address) && bits < 96)
        return; /* a network wider than all of IPv4 says nothing */
    prefix = (struct prefix){address_cut(address, bits), bits};
    cached->network_len = (uint8_t)prefix_text(&prefix, cached->network);
}

void
geo_find(struct geo_db *db, struct str address, struct arena *scratch,
         struct geo *geo)
{
    struct address value;
    struct cached *cached;
    uint64_t hash;

    *geo = (struct geo){NO_STR, NO_STR};
    if (!db->open || !address_from(address, &value) || !address_public(value))
        return;
    hash = (value.high * 31 + value.low) * UINT64_C(0x9e3779b97f4a7c15);
    cached = &db->cached[hash >> HASH_SHIFT];
    if (!cached->used || !address_equal(cached->address, value))
        fill(db, cached, value);
    if (cached->country[0] == '\0')
        return;
    geo->country = arena_copy(scratch, (struct str){cached->country, 2});
    geo->network =
        arena_copy(scratch, (struct str){cached->network, cached->network_len});
}
