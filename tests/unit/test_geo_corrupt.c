/* SPDX-License-Identifier: Apache-2.0
 *
 * Corrupt databases: cut, changed, and made to hurt. */
#include "mmdb.h"

TestSuite(geo_corrupt, .init = setup, .fini = teardown, .timeout = 120);

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

Test(geo_corrupt, a_file_cut_anywhere_is_survived)
{
    struct buf file = {0};

    sample_file(&file, 6, 28, "VN");
    for (size_t len = 0; len < file.len; len++)
        cr_expect(try_bytes(str_cut(buf_str(&file), 0, len)), "%zu bytes", len);
    buf_free(&file);
}

Test(geo_corrupt, a_file_with_any_byte_changed_is_survived)
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

Test(geo_corrupt, evil_data_is_refused)
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

Test(geo_corrupt, evil_metadata_is_refused)
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

Test(geo_corrupt, evil_trees_are_refused)
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
