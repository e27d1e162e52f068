/* SPDX-License-Identifier: Apache-2.0
 *
 * Countries and networks, from files written here: good ones, missing ones,
 * replaced ones. Where the shared MaxMind files or a real database (GEO_DB) are
 * at hand, those too. */
#include "mmdb.h"

#include <dirent.h>
#include <sys/stat.h>

TestSuite(geo, .init = setup, .fini = teardown, .timeout = 120);

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
