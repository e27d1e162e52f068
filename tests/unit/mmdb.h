/* SPDX-License-Identifier: Apache-2.0
 *
 * For the tests of geo: a folder with one database in it, and a writer of small
 * MaxMind databases (format 2.0). */
#ifndef TESTS_UNIT_MMDB_H
#define TESTS_UNIT_MMDB_H

#include "ingest/geo.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena scratch;
static char folder[] = "/tmp/test_geo_XXXXXX";
static char path[64];

static inline void
setup(void)
{
    scratch = arena_reserve(64 << 20);
    cr_assert_not_null(scratch.at);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/geo.mmdb", folder);
}

static inline void
teardown(void)
{
    unlink(path);
    rmdir(folder);
}

/* --- a writer of small databases (MaxMind DB format 2.0) */

enum { EMPTY = 0xffffffff, DATA = 0x80000000, MAX_NODES = 4096 };

struct writer {
    uint32_t node[MAX_NODES][2];
    uint32_t n_nodes;
    struct buf data;
    unsigned record_bits, ip_version;
    struct buf extra; /* one more key and value of the metadata */
};

static struct writer writer;

static inline void
writer_start(unsigned ip_version, unsigned record_bits)
{
    buf_free(&writer.data);
    buf_free(&writer.extra);
    memset(&writer, 0, sizeof writer);
    writer.node[0][0] = writer.node[0][1] = EMPTY;
    writer.n_nodes = 1;
    writer.record_bits = record_bits;
    writer.ip_version = ip_version;
}

/* An IPv4 network lies at ::/96 of a version 6 tree. */
static inline void
writer_add(const unsigned char *bytes, unsigned bits, bool v4, uint32_t data)
{
    unsigned char address[16] = {0};
    uint32_t node = 0;

    if (v4 && writer.ip_version == 6) {
        memcpy(address + 12, bytes, 4);
        bits += 96;
    } else {
        memcpy(address, bytes, v4 ? 4 : 16);
    }
    for (unsigned i = 0; i < bits; i++) {
        unsigned bit = address[i / 8] >> (7 - i % 8) & 1;

        if (i == bits - 1) {
            writer.node[node][bit] = DATA | data;
            return;
        }
        if (writer.node[node][bit] == EMPTY) {
            uint32_t n = writer.n_nodes++;

            cr_assert_lt(n, MAX_NODES);
            writer.node[n][0] = writer.node[n][1] = EMPTY;
            writer.node[node][bit] = n;
        }
        node = writer.node[node][bit];
    }
}

static inline void
writer_v4(unsigned a, unsigned b, unsigned c, unsigned bits, uint32_t data)
{
    unsigned char bytes[4] = {(unsigned char)a, (unsigned char)b,
                              (unsigned char)c, 0};

    writer_add(bytes, bits, true, data);
}

static inline void
put(struct buf *buf, unsigned byte)
{
    buf_char(buf, (char)byte);
}

static inline void
put_text(struct buf *buf, const char *text)
{
    put(buf, 2U << 5 | (unsigned)strlen(text)); /* shorter than 29 */
    buf_add(buf, str_of(text));
}

static inline void
put_map(struct buf *buf, unsigned n)
{
    put(buf, 7U << 5 | n);
}

static inline void
put_number(struct buf *buf, unsigned type, unsigned size, uint64_t n)
{
    put(buf, type < 8 ? type << 5 | size : size);
    if (type >= 8)
        put(buf, type - 7);
    while (size-- > 0)
        put(buf, (unsigned)(n >> 8 * size & 255));
}

static inline void
put_pointer(struct buf *buf, uint32_t to) /* below 2048 */
{
    put(buf, 1U << 5 | to >> 8);
    put(buf, to & 255);
}

static inline uint32_t
data_flat(const char *code)
{
    uint32_t at = (uint32_t)writer.data.len;

    put_map(&writer.data, 1);
    put_text(&writer.data, "country_code");
    put_text(&writer.data, code);
    return at;
}

/* {"city":{…},key:{"geoname_id":7,"iso_code":code}} */
static inline uint32_t
data_nested(const char *key, const char *code)
{
    struct buf *data = &writer.data;
    uint32_t at = (uint32_t)data->len;

    put_map(data, 2);
    put_text(data, "city");
    put_map(data, 1);
    put_text(data, "iso_code");
    put_text(data, "XX");
    put_text(data, key);
    put_map(data, 2);
    put_text(data, "geoname_id");
    put_number(data, 6, 4, 7);
    put_text(data, "iso_code");
    put_text(data, code);
    return at;
}

static inline void
put_record(struct buf *file, uint32_t left, uint32_t right)
{
    unsigned bits = writer.record_bits;

    if (bits == 28) {
        put(file, left >> 16 & 255);
        put(file, left >> 8 & 255);
        put(file, left & 255);
        put(file, (left >> 24 & 15) << 4 | (right >> 24 & 15));
        put(file, right >> 16 & 255);
        put(file, right >> 8 & 255);
        put(file, right & 255);
        return;
    }
    for (unsigned i = bits; i > 0; i -= 8)
        put(file, left >> (i - 8) & 255);
    for (unsigned i = bits; i > 0; i -= 8)
        put(file, right >> (i - 8) & 255);
}

static inline uint32_t
record_value(uint32_t child)
{
    if (child == EMPTY)
        return writer.n_nodes;
    if (child & DATA)
        return writer.n_nodes + 16 + (child & ~(uint32_t)DATA);
    return child;
}

static inline void
put_metadata(struct buf *file)
{
    buf_add(file, STR("\xab\xcd\xefMaxMind.com"));
    put_map(file, writer.extra.len > 0 ? 10 : 9);
    if (writer.extra.len > 0)
        buf_add(file, buf_str(&writer.extra));
    put_text(file, "binary_format_major_version");
    put_number(file, 5, 2, 2);
    put_text(file, "binary_format_minor_version");
    put_number(file, 5, 2, 0);
    put_text(file, "build_epoch");
    put_number(file, 9, 8, 1714521600);
    put_text(file, "database_type");
    put_text(file, "Test-Country");
    put_text(file, "description");
    put_map(file, 1);
    put_text(file, "en");
    put_text(file, "a test");
    put_text(file, "ip_version");
    put_number(file, 5, 2, writer.ip_version);
    put_text(file, "languages");
    put(file, 1); /* an array of one, extended type */
    put(file, 4);
    put_text(file, "en");
    put_text(file, "node_count");
    put_number(file, 6, 4, writer.n_nodes);
    put_text(file, "record_size");
    put_number(file, 5, 2, writer.record_bits);
}

static inline void
writer_finish(struct buf *file)
{
    buf_clear(file);
    for (uint32_t i = 0; i < writer.n_nodes; i++)
        put_record(file, record_value(writer.node[i][0]),
                   record_value(writer.node[i][1]));
    for (unsigned i = 0; i < 16; i++)
        put(file, 0);
    buf_add(file, buf_str(&writer.data));
    put_metadata(file);
    cr_assert_not(file->full);
}

static inline void
write_file(const char *name, struct str bytes)
{
    FILE *file = fopen(name, "wb");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    fclose(file);
}

/* As a new version arrives: written beside it, then renamed. */
static inline void
replace_file(struct str bytes)
{
    char beside[80];

    snprintf(beside, sizeof beside, "%s.new", path);
    write_file(beside, bytes);
    cr_assert_eq(rename(beside, path), 0);
}

/* Two networks of Vietnam, one of each way to say so. */
static inline void
sample_file(struct buf *file, unsigned ip_version, unsigned record_bits,
            const char *code)
{
    static const unsigned char v6[16] = {0x20, 0x01, 0x0e, 0xe0};

    writer_start(ip_version, record_bits);
    writer_v4(203, 113, 128, 18, data_flat(code));
    writer_v4(81, 2, 69, 24, data_nested("country", "GB"));
    writer_v4(5, 0, 0, 8, data_nested("registered_country", "FR"));
    writer_v4(6, 0, 0, 8, data_nested("continent", "EU"));
    writer_v4(7, 0, 0, 8, data_flat("Vietnam"));
    writer_v4(8, 8, 8, 32 - 8, data_flat("us"));
    if (ip_version == 6)
        writer_add(v6, 32, false, data_flat(code));
    writer_finish(file);
}

static inline void
ask_around(struct geo_db *db)
{
    struct arena before = scratch;
    struct geo geo;
    char address[48];

    for (unsigned i = 1; i < 224; i += 3) {
        snprintf(address, sizeof address, "%u.2.69.160", i);
        geo_find(db, str_of(address), &scratch, &geo);
        snprintf(address, sizeof address, "203.113.%u.7", i);
        geo_find(db, str_of(address), &scratch, &geo);
        snprintf(address, sizeof address, "2%03x:ee0:%x::1", i, i);
        geo_find(db, str_of(address), &scratch, &geo);
        cr_assert(geo.country.len == 0 || geo.country.len == 2);
        scratch = before;
    }
}

/* --- looking up */

static inline void
expect_geo(struct geo_db *db, const char *address, const char *country,
           const char *network)
{
    /* The second time out of the cache. */
    for (int i = 0; i < 2; i++) {
        struct geo geo;

        geo_find(db, str_of(address), &scratch, &geo);
        cr_expect(str_equal(geo.country, str_of(country)) &&
                      str_equal(geo.network, str_of(network)),
                  "%s: got '%.*s' '%.*s'", address, STR_ARG(geo.country),
                  STR_ARG(geo.network));
    }
}

static inline struct geo_db *
open_good(struct str bytes)
{
    struct geo_db *db;
    struct err why;

    write_file(path, bytes);
    db = geo_open(path);
    cr_assert_not_null(db);
    cr_assert(geo_state(db, &why), "%s", why.text);
    cr_expect_str_eq(why.text, "Test-Country of 2024-05-01");
    return db;
}

#endif
