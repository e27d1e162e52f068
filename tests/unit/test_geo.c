/* SPDX-License-Identifier: Apache-2.0
 *
 * Countries and networks, from files written here: good ones, replaced ones,
 * corrupt ones. Where the shared MaxMind files or a real database (GEO_DB) are
 * at hand, those too. */
#include "ingest/geo.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena scratch;
static char folder[] = "/tmp/test_geo_XXXXXX";
static char path[64];

static void
setup(void)
{
    scratch = arena_reserve(64 << 20);
    cr_assert_not_null(scratch.at);
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/geo.mmdb", folder);
}

static void
teardown(void)
{
    unlink(path);
    rmdir(folder);
}

TestSuite(geo, .init = setup, .fini = teardown, .timeout = 120);

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

static void
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
static void
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

static void
writer_v4(unsigned a, unsigned b, unsigned c, unsigned bits, uint32_t data)
{
    unsigned char bytes[4] = {(unsigned char)a, (unsigned char)b,
                              (unsigned char)c, 0};

    writer_add(bytes, bits, true, data);
}

static void
put(struct buf *buf, unsigned byte)
{
    buf_char(buf, (char)byte);
}

static void
put_text(struct buf *buf, const char *text)
{
    put(buf, 2U << 5 | (unsigned)strlen(text)); /* shorter than 29 */
    buf_add(buf, str_of(text));
}

static void
put_map(struct buf *buf, unsigned n)
{
    put(buf, 7U << 5 | n);
}

static void
put_number(struct buf *buf, unsigned type, unsigned size, uint64_t n)
{
    put(buf, type < 8 ? type << 5 | size : size);
    if (type >= 8)
        put(buf, type - 7);
    while (size-- > 0)
        put(buf, (unsigned)(n >> 8 * size & 255));
}

static void
put_pointer(struct buf *buf, uint32_t to) /* below 2048 */
{
    put(buf, 1U << 5 | to >> 8);
    put(buf, to & 255);
}

static uint32_t
data_flat(const char *code)
{
    uint32_t at = (uint32_t)writer.data.len;

    put_map(&writer.data, 1);
    put_text(&writer.data, "country_code");
    put_text(&writer.data, code);
    return at;
}

/* {"city":{…},key:{"geoname_id":7,"iso_code":code}} */
static uint32_t
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

static void
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

static uint32_t
record_value(uint32_t child)
{
    if (child == EMPTY)
        return writer.n_nodes;
    if (child & DATA)
        return writer.n_nodes + 16 + (child & ~(uint32_t)DATA);
    return child;
}

static void
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

static void
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

static void
write_file(const char *name, struct str bytes)
{
    FILE *file = fopen(name, "wb");

    cr_assert_not_null(file);
    cr_assert_eq(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    fclose(file);
}

/* As a new version arrives: written beside it, then renamed. */
static void
replace_file(struct str bytes)
{
    char beside[80];

    snprintf(beside, sizeof beside, "%s.new", path);
    write_file(beside, bytes);
    cr_assert_eq(rename(beside, path), 0);
}

/* Two networks of Vietnam, one of each way to say so. */
static void
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

/* --- looking up */

static void
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

static struct geo_db *
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

Test(geo, a_public_address_has_a_country_and_a_network)
{
    static const unsigned sizes[] = {24, 28, 32};
    struct buf file = {0};

    for (unsigned i = 0; i < 6; i++) {
        unsigned ip_version = i < 3 ? 4 : 6;
        struct geo_db *db;

        sample_file(&file, ip_version, sizes[i % 3], "VN");
        db = open_good(buf_str(&file));
        expect_geo(db, "203.113.131.9", "VN", "203.113.128.0/18");
        expect_geo(db, "203.113.191.255", "VN", "203.113.128.0/18");
        expect_geo(db, "203.113.192.0", "", "");
        expect_geo(db, "::ffff:203.113.131.9", "VN", "203.113.128.0/18");
        expect_geo(db, "64:ff9b::203.113.131.9", "VN", "203.113.128.0/18");
        expect_geo(db, "81.2.69.160", "GB", "81.2.69.0/24");
        expect_geo(db, "5.1.1.1", "FR", "5.0.0.0/8");
        expect_geo(db, "6.1.1.1", "", "");
        expect_geo(db, "7.1.1.1", "", "");
        expect_geo(db, "8.8.8.8", "", "");
        expect_geo(db, "9.9.9.9", "", "");
        expect_geo(db, "2001:ee0::1", ip_version == 6 ? "VN" : "",
                   ip_version == 6 ? "2001:ee0::/32" : "");
        expect_geo(db, "2001:ee1::1", "", "");
        geo_close(db);
    }
    buf_free(&file);
}

Test(geo, private_and_malformed_addresses_answer_nothing)
{
    static const char *const rows[] = {
        "",       "10.1.1.1", "127.0.0.1",     "169.254.1.1", "224.0.0.1",
        "fe80::", "::1",      "192.168.1.1",   "100.64.0.1",  "2001:db8::1",
        "x",      "1.2.3",    "203.113.131",   "1.2.3.4,5.6", "203.0.113.1",
        "fd00::", "::",       "203.113.131.9 "};
    struct buf file = {0};
    struct geo_db *db;

    writer_start(4, 24); /* all the world is one country */
    writer.node[0][0] = writer.node[0][1] = DATA | data_flat("VN");
    writer_finish(&file);
    db = open_good(buf_str(&file));
    expect_geo(db, "9.9.9.9", "VN", "0.0.0.0/1");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        expect_geo(db, rows[i], "", "");
    geo_close(db);
    buf_free(&file);
}

Test(geo, addresses_that_share_a_place_in_the_cache_keep_apart)
{
    struct buf file = {0};
    struct geo_db *db;
    char address[32];

    writer_start(4, 24);
    writer.node[0][0] = DATA | data_flat("AA"); /* 0.0.0.0/1 */
    writer.node[0][1] = DATA | data_flat("BB");
    writer_finish(&file);
    db = open_good(buf_str(&file));
    for (unsigned i = 0; i < 40000; i++) {
        bool high = i % 3 == 0;
        struct arena before = scratch;
        struct geo geo;

        snprintf(address, sizeof address, "%d.%u.%u.7", high ? 150 : 40,
                 i / 200 % 200, i % 200);
        geo_find(db, str_of(address), &scratch, &geo);
        cr_assert(str_equal(geo.country, high ? STR("BB") : STR("AA")), "%s",
                  address);
        scratch = before;
    }
    geo_close(db);
    buf_free(&file);
}

Test(geo, answers_fit_or_are_left_out)
{
    struct buf file = {0};
    struct geo_db *db;
    char room[64];
    struct geo geo;

    sample_file(&file, 4, 24, "VN");
    db = open_good(buf_str(&file));
    for (size_t n = 0; n < sizeof room; n++) {
        struct arena small = {room, room + n};

        geo_find(db, STR("203.113.131.9"), &small, &geo);
        cr_expect(geo.country.len == 0 || geo.country.len == 2);
        cr_expect(geo.network.len == 0 || geo.network.len == 16);
    }
    geo_close(db);
    buf_free(&file);
}

/* --- without, replaced, cut */

Test(geo, without_a_database_it_says_why)
{
    static const struct {
        const char *path, *why;
    } rows[] = {
        {"", "no database is configured"},
        {NULL, "no database is configured"},
        {"/nonexistent/geo.mmdb", "cannot open '/nonexistent/geo.mmdb': No"},
        {"/tmp", "'/tmp' is no file"},
        {"/dev/zero", "'/dev/zero' is no file"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct geo_db *db = geo_open(rows[i].path);
        struct err why;

        cr_assert_not_null(db);
        cr_expect_not(geo_state(db, &why));
        cr_expect_not(geo_state(db, NULL));
        cr_expect(str_starts(str_of(why.text), str_of(rows[i].why)),
                  "row %zu: %s", i, why.text);
        cr_expect_not(geo_changed(db));
        geo_swap(db);
        expect_geo(db, "8.8.8.8", "", "");
        geo_close(db);
    }
    geo_close(NULL);
}

Test(geo, a_file_that_appears_is_taken)
{
    struct geo_db *db = geo_open(path);
    struct buf file = {0};

    cr_expect_not(geo_changed(db));
    sample_file(&file, 6, 28, "VN");
    replace_file(buf_str(&file));
    cr_expect(geo_changed(db));
    expect_geo(db, "203.113.131.9", "", "");
    geo_swap(db);
    expect_geo(db, "203.113.131.9", "VN", "203.113.128.0/18");
    cr_expect_not(geo_changed(db));
    geo_close(db);
    buf_free(&file);
}

Test(geo, a_file_that_is_replaced_is_taken_when_asked)
{
    struct buf file = {0};
    struct geo_db *db;

    sample_file(&file, 4, 24, "VN");
    db = open_good(buf_str(&file));
    expect_geo(db, "203.113.131.9", "VN", "203.113.128.0/18");
    cr_expect_not(geo_changed(db));
    sample_file(&file, 6, 32, "LA");
    replace_file(buf_str(&file));
    cr_expect(geo_changed(db));
    cr_expect(geo_changed(db));
    expect_geo(db, "203.113.131.9", "VN", "203.113.128.0/18");
    sample_file(&file, 6, 32, "KH"); /* again, before it was taken */
    replace_file(buf_str(&file));
    cr_expect(geo_changed(db));
    geo_swap(db);
    expect_geo(db, "203.113.131.9", "KH", "203.113.128.0/18");
    cr_expect_not(geo_changed(db));
    unlink(path);
    cr_expect_not(geo_changed(db));
    expect_geo(db, "203.113.131.9", "KH", "203.113.128.0/18");
    geo_close(db);
    buf_free(&file);
}

Test(geo, a_corrupt_replacement_is_named_and_the_old_one_kept)
{
    struct buf file = {0};
    struct geo_db *db;
    struct err why;

    sample_file(&file, 4, 24, "VN");
    db = open_good(buf_str(&file));
    replace_file(str_cut(buf_str(&file), 0, file.len / 2));
    cr_expect_not(geo_changed(db));
    cr_expect_not(geo_changed(db));
    cr_expect(geo_state(db, &why));
    cr_expect(str_contains(str_of(why.text), STR("cannot use '")), "%s",
              why.text);
    geo_swap(db);
    expect_geo(db, "203.113.131.9", "VN", "203.113.128.0/18");
    sample_file(&file, 4, 24, "LA");
    replace_file(buf_str(&file));
    cr_expect(geo_changed(db));
    geo_swap(db);
    expect_geo(db, "203.113.131.9", "LA", "203.113.128.0/18");
    cr_expect(geo_state(db, &why));
    cr_expect_str_eq(why.text, "Test-Country of 2024-05-01");
    geo_close(db);
    buf_free(&file);
}

Test(geo, a_file_that_is_cut_in_place_kills_nobody)
{
    struct buf file = {0};
    struct geo_db *db;

    sample_file(&file, 6, 28, "VN");
    db = open_good(buf_str(&file));
    cr_assert_eq(truncate(path, 0), 0);
    expect_geo(db, "203.113.131.9", "VN", "203.113.128.0/18");
    expect_geo(db, "81.2.69.160", "GB", "81.2.69.0/24");
    cr_expect_not(geo_changed(db));
    expect_geo(db, "5.1.1.1", "FR", "5.0.0.0/8");
    geo_close(db);
    buf_free(&file);
}

/* --- corrupt files */

static void
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

/* True when it was refused. */
static bool
try_bytes(struct str bytes)
{
    struct geo_db *db;
    bool refused;

    write_file(path, bytes);
    db = geo_open(path);
    cr_assert_not_null(db);
    refused = !geo_state(db, NULL);
    ask_around(db);
    geo_close(db);
    return refused;
}

Test(geo, a_file_cut_anywhere_is_survived)
{
    struct buf file = {0};

    sample_file(&file, 6, 28, "VN");
    for (size_t len = 0; len < file.len; len++)
        cr_expect(try_bytes(str_cut(buf_str(&file), 0, len)), "%zu bytes", len);
    buf_free(&file);
}

Test(geo, a_file_with_any_byte_changed_is_survived)
{
    static const unsigned char masks[] = {0xff, 0x80, 0x20, 0x01};
    struct buf file = {0};
    size_t n_refused = 0;

    sample_file(&file, 6, 24, "VN");
    for (size_t i = 0; i < file.len; i++)
        for (size_t k = 0; k < sizeof masks; k++) {
            file.at[i] = (char)(file.at[i] ^ masks[k]);
            n_refused += try_bytes(buf_str(&file));
            file.at[i] = (char)(file.at[i] ^ masks[k]);
        }
    cr_expect_gt(n_refused, file.len, "%zu of %zu", n_refused, 4 * file.len);
    buf_free(&file);
}

static void
put_nest(struct buf *buf, unsigned depth, bool maps)
{
    for (unsigned i = 0; i < depth; i++) {
        put(buf, maps ? 7U << 5 | 1 : 1);
        if (maps)
            put_text(buf, "a");
        else
            put(buf, 4);
    }
    put_text(buf, "end");
}

/* Each makes the data of the one record, or one more value of the metadata. */
static void
put_evil(struct buf *buf, unsigned which)
{
    switch (which) {
    case 0: /* deep maps */
        put_nest(buf, 20000, true);
        break;
    case 1: /* deep arrays */
        put_nest(buf, 30000, false);
        break;
    case 2: /* a map of 16 million entries */
        buf_add(buf, STR("\xff\xff\xff\xff"));
        break;
    case 3: /* an array of as many */
        buf_add(buf, STR("\x1f\x04\xff\xff\xff"));
        break;
    case 4: /* a pointer to itself */
        put_pointer(buf, 0);
        break;
    case 5: /* a map that holds itself */
        put_map(buf, 1);
        put_text(buf, "a");
        put_pointer(buf, 0);
        break;
    case 6: /* a string longer than the file */
        buf_add(buf, STR("\x5f\xff\xff\xff"));
        break;
    case 7: /* a key that is no string */
        put_map(buf, 1);
        put_number(buf, 6, 4, 1);
        put_text(buf, "x");
        break;
    case 8: /* a pointer past the end */
        buf_add(buf, STR("\x38\xff\xff\xff\xff"));
        break;
    case 9: /* a type that does not exist */
        buf_add(buf, STR("\x01\xff"));
        break;
    case 10: /* a container, which stands in no record */
        buf_add(buf, STR("\x01\x05"));
        break;
    case 11: /* a number of 31 bytes */
        buf_add(buf, STR("\xdd\x02"));
        break;
    case 12: /* values that double at each level: 2^20 of them */
        for (unsigned i = 0; i < 15; i++) {
            uint32_t next = (uint32_t)buf->len + 6;

            buf_add(buf, STR("\x02\x04"));
            put_pointer(buf, next);
            put_pointer(buf, next);
        }
        put_text(buf, "end");
        break;
    default:
        cr_assert_fail("no such evil");
    }
}

enum { N_EVILS = 13 };

Test(geo, evil_data_is_refused)
{
    struct buf file = {0};

    for (unsigned i = 0; i < N_EVILS; i++) {
        writer_start(4, 24);
        put_evil(&writer.data, i);
        writer_v4(81, 2, 69, 24, 0);
        writer_finish(&file);
        cr_expect(try_bytes(buf_str(&file)), "evil %u", i);
    }
    buf_free(&file);
}

Test(geo, evil_metadata_is_refused)
{
    struct buf file = {0};

    for (unsigned i = 0; i < N_EVILS; i++) {
        if (i == 4 || i == 5 || i == 12)
            continue; /* point to the start, which is sound here */
        writer_start(4, 24);
        writer_v4(81, 2, 69, 24, data_flat("VN"));
        put_text(&writer.extra, "evil");
        put_evil(&writer.extra, i);
        writer_finish(&file);
        cr_expect(try_bytes(buf_str(&file)), "evil %u", i);
    }
    buf_free(&file);
}

Test(geo, evil_trees_are_refused)
{
    static const uint32_t evils[] = {
        0,               /* back to the top */
        DATA | 0x7fffff, /* past the end */
    };
    struct buf file = {0};

    for (size_t i = 0; i < sizeof evils / sizeof *evils; i++) {
        writer_start(6, 32);
        writer_v4(81, 2, 69, 24, data_flat("VN"));
        writer.node[0][1] = evils[i];
        writer_finish(&file);
        cr_expect(try_bytes(buf_str(&file)), "evil %zu", i);
    }
    writer_start(4, 32);
    writer.node[0][0] = writer.node[0][1] = DATA | data_flat("VN");
    writer_finish(&file);
    cr_expect_not(try_bytes(buf_str(&file)));
    file.at[3] = 1 + 5; /* into the separator between tree and data */
    cr_expect(try_bytes(buf_str(&file)));
    buf_free(&file);
}

/* --- files of others */

static void
each_file(const char *where, void (*what)(const char *file), size_t *n)
{
    DIR *dir = opendir(where);
    struct dirent *entry;
    char file[1024];

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        struct stat status;

        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof file, "%s/%s", where, entry->d_name);
        if (stat(file, &status) == 0 && S_ISDIR(status.st_mode)) {
            each_file(file, what, n);
            continue;
        }
        what(file);
        ++*n;
    }
    closedir(dir);
}

static void
survive(const char *file)
{
    struct geo_db *db = geo_open(file);
    struct err why;

    cr_assert_not_null(db);
    geo_state(db, &why);
    ask_around(db);
    geo_close(db);
}

static const char *
shared_folder(void)
{
    const char *shared = getenv("SHARED");
    static char at[512];

    snprintf(at, sizeof at, "%s/mmdb", shared != NULL ? shared : "../shared");
    if (access(at, R_OK) != 0)
        cr_skip_test("no MaxMind test files at %s (set SHARED)", at);
    return at;
}

Test(geo, the_files_of_maxmind_are_survived)
{
    size_t n = 0;

    each_file(shared_folder(), survive, &n);
    cr_expect_gt(n, 40, "%zu files", n);
}

Test(geo, the_good_files_of_maxmind_answer)
{
    static const struct {
        const char *file, *address, *country, *network;
    } rows[] = {
        {"GeoIP2-Country-Test", "81.2.69.160", "GB", "81.2.69.160/27"},
        {"GeoLite2-Country-Test", "81.2.69.160", "GB", "81.2.69.160/27"},
        {"GeoIP2-City-Test", "81.2.69.160", "GB", "81.2.69.160/27"},
        {"GeoIP2-City-Test", "2001:218::1", "JP", "2001:218::/32"},
        {"GeoIP2-Enterprise-Test", "74.209.24.1", "US", "74.209.16.0/20"},
        {"GeoLite2-ASN-Test", "1.128.0.1", "", ""},
    };
    const char *where = shared_folder();
    char file[640];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct geo_db *db;
        struct err why;

        snprintf(file, sizeof file, "%s/test-data/%s.mmdb", where,
                 rows[i].file);
        db = geo_open(file);
        cr_expect(geo_state(db, &why), "%s: %s", rows[i].file, why.text);
        expect_geo(db, rows[i].address, rows[i].country, rows[i].network);
        geo_close(db);
    }
}

Test(geo, a_real_database_answers)
{
    const char *real = getenv("GEO_DB");
    struct geo_db *db;
    struct err why;
    struct geo geo;

    if (real == NULL)
        cr_skip_test("no real database (set GEO_DB to one)");
    db = geo_open(real);
    cr_assert(geo_state(db, &why), "%s", why.text);
    geo_find(db, STR("203.113.131.9"), &scratch, &geo);
    cr_expect(str_equal(geo.country, STR("VN")), "got '%.*s'",
              STR_ARG(geo.country));
    geo_find(db, STR("8.8.8.8"), &scratch, &geo);
    cr_expect(str_equal(geo.country, STR("US")), "got '%.*s'",
              STR_ARG(geo.country));
    ask_around(db);
    geo_close(db);
}
