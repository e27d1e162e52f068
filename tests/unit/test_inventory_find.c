/* SPDX-License-Identifier: Apache-2.0
 *
 * Whose an alert is, and on which day; what is watched; the tables against a
 * search that looks at everything. */
#include "inventory_text.h"

TestSuite(inventory_find, .init = setup, .fini = teardown);

/* --- whose it is */

static const char site[] =
    "units:\n"
    "  - {id: tttt, name: Sở TTTT, from: 2010-01-01, to: 2024-06-30,\n"
    "     addresses: [10.84.10.0/24, 10.84.0.0/21, '2001:ee0:1::/48'],\n"
    "     hosts: ['TTTT-*', 'SRV-*']}\n"
    "  - {id: tttt, name: Sở KHCN, from: 2024-07-01,\n"
    "     addresses: [10.84.10.0/24, 10.84.0.0/21],\n"
    "     hosts: ['TTTT-*', 'SRV-*', kiosk-7]}\n"
    "  - {id: yte, name: Sở Y tế, from: 2010-01-01,\n"
    "     addresses: [10.84.20.0/24, 10.84.2.16/28],\n"
    "     hosts: ['YTE-?\?', '*-clinic', 'TTTT-LENT-*']}\n"
    "systems:\n"
    "  - {id: dvc, name: Cổng, unit: tttt, from: 2019-01-01,\n"
    "     levels: [{level: 2, decision: D1, from: 2019-01-01, to: "
    "2022-02-28},\n"
    "              {level: 3, decision: D2, from: 2022-03-01}],\n"
    "     addresses: [10.84.2.8/29], hosts: ['SRV-DVC-*', SRV-OLD]}\n"
    "  - {id: hssk, name: Hồ sơ, unit: yte, from: 2019-01-01,\n"
    "     addresses: [10.84.2.16/28], hosts: ['SRV-*-HSSK']}\n";

Test(inventory_find, an_alert_gets_its_owner)
{
    static const struct {
        const char *host, *host_ip, *dst_ip, *src_ip;
        const char *unit, *system;
        int level;
    } rows[] = {
        {"TTTT-PC-1", "", "", "", "tttt", "", 0},
        {"tttt-pc-1", "", "", "", "tttt", "", 0},
        {"TTTT-PC-1.ninhthuan.local", "", "", "", "tttt", "", 0},
        {"TTTT-", "", "", "", "tttt", "", 0},
        {"TTTT", "", "", "", "", "", 0},
        {"XTTTT-1", "", "", "", "", "", 0},
        {"SRV-DVC-01", "", "", "", "tttt", "dvc", 3},
        {"srv-old", "", "", "", "tttt", "dvc", 3},
        {"srv-old.example.vn", "", "", "", "tttt", "dvc", 3},
        {"srv-old2", "", "", "", "tttt", "", 0},
        {"SRV-1-HSSK", "", "", "", "yte", "hssk", 0},
        {"TTTT-LENT-3", "", "", "", "yte", "", 0},
        {"YTE-01", "", "", "", "yte", "", 0},
        {"YTE-01.example.vn", "", "", "", "yte", "", 0},
        {"YTE-001", "", "", "", "", "", 0},
        {"east-clinic", "", "", "", "yte", "", 0},
        {"-clinic", "", "", "", "yte", "", 0},
        {"x,TTTT-1", "", "", "", "tttt", "", 0},
        /* a name counts more than an address */
        {"YTE-01", "10.84.10.7", "", "", "yte", "", 0},
        {"unknown", "10.84.10.7", "", "", "tttt", "", 0},
        /* the longest prefix; a system before its unit */
        {"", "10.84.2.7", "", "", "tttt", "", 0},
        {"", "10.84.2.8", "", "", "tttt", "dvc", 3},
        {"", "10.84.2.15", "", "", "tttt", "dvc", 3},
        {"", "10.84.2.16", "", "", "yte", "hssk", 0},
        {"", "::ffff:10.84.2.16", "", "", "yte", "hssk", 0},
        {"", "10.84.2.32", "", "", "tttt", "", 0},
        {"", "10.84.8.0", "", "", "", "", 0},
        {"", "8.8.8.8,10.84.20.1", "", "", "yte", "", 0},
        /* host, destination, source */
        {"", "10.84.20.1", "10.84.10.1", "10.84.2.8", "yte", "", 0},
        {"", "", "10.84.10.1", "10.84.2.8", "tttt", "", 0},
        {"", "192.0.2.1", "10.84.10.1", "", "tttt", "", 0},
        {"", "", "8.8.8.8", "10.84.20.9", "yte", "", 0},
        /* a sensor that knows no name */
        {"10.84.20.9", "", "10.84.10.1", "", "yte", "", 0},
        {"", "nonsense", ",,", "10.84.20", "", "", 0},
        {"", "", "", "", "", "", 0},
    };
    const struct inventory *inventory = load_good(site);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct alert alert = {
            .event_ms = noon(2024, 5, 1),
            .field[ALERT_HOST] = str_of(rows[i].host),
            .field[ALERT_HOST_IP] = str_of(rows[i].host_ip),
            .field[ALERT_DST_IP] = str_of(rows[i].dst_ip),
            .field[ALERT_SRC_IP] = str_of(rows[i].src_ip),
        };

        inventory_apply(inventory, &alert);
        cr_expect(str_equal(alert.unit, str_of(rows[i].unit)) &&
                      str_equal(alert.system, str_of(rows[i].system)) &&
                      alert.level == rows[i].level,
                  "row %zu (%s): got '%.*s' '%.*s' %d", i, rows[i].host,
                  STR_ARG(alert.unit), STR_ARG(alert.system), alert.level);
        cr_expect_eq(alert.flags, 0);
    }
}

Test(inventory_find, the_day_of_the_event_decides)
{
    static const struct {
        const char *time; /* with its zone */
        const char *host, *unit_name, *system;
        int level;
    } rows[] = {
        {"2009-12-31T23:59:59+07:00", "TTTT-1", "", "", 0},
        {"2010-01-01T00:00:00+07:00", "TTTT-1", "Sở TTTT", "", 0},
        {"2024-06-30T16:59:59Z", "TTTT-1", "Sở TTTT", "", 0},
        {"2024-06-30T17:00:00Z", "TTTT-1", "Sở KHCN", "", 0},
        {"2024-06-30T23:59:59+07:00", "kiosk-7", "", "", 0},
        {"2024-07-01T00:00:00+07:00", "kiosk-7", "Sở KHCN", "", 0},
        {"2018-12-31", "SRV-DVC-1", "Sở TTTT", "", 0},
        {"2019-01-01", "SRV-DVC-1", "Sở TTTT", "dvc", 2},
        {"2022-02-28T23:59:59.999", "SRV-DVC-1", "Sở TTTT", "dvc", 2},
        {"2022-03-01", "SRV-DVC-1", "Sở TTTT", "dvc", 3},
        {"2031-01-01", "SRV-DVC-1", "Sở KHCN", "dvc", 3},
    };
    const struct inventory *inventory = load_good(site);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct alert alert = {.field[ALERT_HOST] = str_of(rows[i].host)};

        cr_assert(time_from_iso(str_of(rows[i].time), VIETNAM_MINUTES,
                                &alert.event_ms));
        inventory_apply(inventory, &alert);
        cr_expect(str_equal(alert.unit_name, str_of(rows[i].unit_name)) &&
                      str_equal(alert.system, str_of(rows[i].system)) &&
                      alert.level == rows[i].level,
                  "row %zu: got '%.*s' '%.*s' %d", i, STR_ARG(alert.unit_name),
                  STR_ARG(alert.system), alert.level);
    }
}

Test(inventory_find, the_newest_name_of_an_id_is_told)
{
    const struct inventory *inventory = load_good(site);

    expect_text(inventory_unit_name(inventory, STR("tttt")), "Sở KHCN");
    expect_text(inventory_unit_name(inventory, STR("nobody")), "nobody");
    expect_text(inventory_unit_name(inventory, STR("dvc")), "dvc");
    expect_text(inventory_system_name(inventory, STR("dvc")), "Cổng");
    expect_text(inventory_system_name(inventory, NO_STR), "");
    cr_expect_eq(inventory_n_units(inventory), 2);
    cr_expect_eq(inventory_n_systems(inventory), 2);
}

/* Every byte at every place, capital or not; bytes beyond ASCII are no
 * letters. */
Test(inventory_find, only_ascii_letters_lose_their_case)
{
    const struct inventory *inventory =
        load_good(UNIT ", hosts: [abcdefghijklmnopqrstuvwxyz, '@[`{-0azaz']}]");
    static const char *const rows[][2] = {
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a"},
        {"aBcDeFgHiJkLmNoPqRsTuVwXyZ", "a"},
        {"@[`{-0AZaz", "a"},
        {"`[`{-0azaz", ""},
        {"@{`{-0azaz", ""},
        {"\xe1"
         "bcdefghijklmnopqrstuvwxyz",
         ""},
        {"@[`{-0\xc1zaz", ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct alert alert = {.event_ms = noon(2024, 5, 1),
                              .field[ALERT_HOST] = str_of(rows[i][0])};

        inventory_apply(inventory, &alert);
        cr_expect(str_equal(alert.unit, str_of(rows[i][1])), "row %zu", i);
    }
}

Test(inventory_find, an_empty_inventory_owns_nothing)
{
    const struct inventory *inventory = load_good("units: []");
    struct alert alert = {.field[ALERT_HOST] = STR("a"),
                          .field[ALERT_HOST_IP] = STR("10.1.1.1")};

    inventory_apply(inventory, &alert);
    cr_expect_eq(alert.unit.len + alert.system.len + alert.watchlist.len, 0);
}

Test(inventory_find, hostile_names_are_looked_up_in_peace)
{
    const struct inventory *inventory = load_good(site);
    static char text[MAX_FIELD_BYTES];
    static const char fill[] = {'a', ',', '.', '*', '\0', '\xff', '\\', '@'};

    for (size_t i = 0; i < sizeof fill; i++) {
        struct alert alert = {.event_ms = INT64_MAX};

        memset(text, fill[i], sizeof text);
        for (size_t k = 0; k < N_ALERT_FIELDS; k++)
            alert.field[k] = (struct str){text, sizeof text};
        inventory_apply(inventory, &alert);
        cr_expect_eq(alert.unit.len, 0);
        alert.event_ms = INT64_MIN + 1;
        inventory_apply(inventory, &alert);
    }
}

/* --- watch-lists */

Test(inventory_find, what_is_watched_is_marked)
{
    static const char lists[] =
        "watchlists:\n"
        "  - {name: first, reason: r, from: 2024-01-01, to: 2024-06-30,\n"
        "     hosts: ['SRV-*', PC-7], users: [oldadmin],\n"
        "     addresses: [198.51.100.0/24], domains: [c2.example]}\n"
        "  - {name: second, reason: r, from: 2024-01-01,\n"
        "     hosts: ['SRV-DB-*'], users: ['NT\\admin'],\n"
        "     addresses: [198.51.100.7, '2001:db8::/32'],\n"
        "     hashes: [44D88612FEA8A8F36DE82E1278ABB02F],\n"
        "     domains: [b.c2.example]}\n";
    static const struct {
        enum alert_field field;
        const char *value, *may, *july; /* the list in May and in July */
    } rows[] = {
        {ALERT_HOST, "srv-1", "first", ""},
        {ALERT_HOST, "SRV-DB-1", "first", "second"},
        {ALERT_HOST, "pc-7", "first", ""},
        {ALERT_HOST, "pc-7.example.vn", "first", ""},
        {ALERT_HOST, "pc-77", "", ""},
        {ALERT_HOST, "oldadmin", "", ""},
        {ALERT_USER, "OldAdmin", "first", ""},
        {ALERT_USER, "NT\\oldadmin", "first", ""},
        {ALERT_USER, "oldadmin@example.vn", "first", ""},
        {ALERT_USER, "x,oldadmin", "first", ""},
        {ALERT_USER, "nt\\admin", "second", "second"},
        {ALERT_USER, "admin", "", ""},
        {ALERT_SRC_IP, "198.51.100.7", "first", "second"},
        {ALERT_DST_IP, "198.51.100.8", "first", ""},
        {ALERT_HOST_IP, "2001:DB8::1", "second", "second"},
        {ALERT_HOST, "198.51.100.9", "first", ""},
        {ALERT_MD5, "44d88612fea8a8f36de82e1278abb02f", "second", "second"},
        {ALERT_SHA1, "44d88612fea8a8f36de82e1278abb02e", "", ""},
        {ALERT_DOMAIN, "c2.example", "first", ""},
        {ALERT_DOMAIN, "C2.Example.", "first", ""},
        {ALERT_DOMAIN, "a.b.c2.example", "first", "second"},
        {ALERT_DOMAIN, "xc2.example", "", ""},
        {ALERT_DOMAIN, "1.2.3.4.5.6.7.8.9.10.11.12.c2.example", "first", ""},
        {ALERT_DOMAIN, "example", "", ""},
        {ALERT_MESSAGE, "c2.example", "", ""},
    };
    const struct inventory *inventory = load_good(lists);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int month = 5; month <= 7; month += 2) {
            struct alert alert = {.event_ms = noon(2024, month, 1)};
            const char *want = month == 5 ? rows[i].may : rows[i].july;

            alert.field[rows[i].field] = str_of(rows[i].value);
            inventory_apply(inventory, &alert);
            cr_expect(str_equal(alert.watchlist, str_of(want)),
                      "row %zu, month %d: got '%.*s'", i, month,
                      STR_ARG(alert.watchlist));
            cr_expect_eq(alert.flags, *want ? ALERT_WATCHED : 0, "row %zu", i);
        }
    }
}

/* --- against a search that looks at everything */

static uint32_t random_state;

static uint32_t
random_below(uint32_t n)
{
    random_state = random_state * 1664525 + 1013904223;
    return (random_state >> 8) % n;
}

enum { N_RANDOM = 300 };

struct random_range {
    uint32_t net;
    unsigned bits;
};

Test(inventory_find, ranges_agree_with_a_plain_search)
{
    static struct random_range range[N_RANDOM];
    struct buf text = {0};
    const struct inventory *inventory;

    random_state = 7;
    buf_add(&text, STR("units:\n"));
    for (uint32_t i = 0; i < N_RANDOM;) {
        unsigned bits = 8 + random_below(25);
        uint32_t mask = UINT32_MAX << (32 - bits);
        uint32_t net = (10U << 24 | random_below(1 << 16)) & mask;
        bool seen = false;

        for (uint32_t k = 0; k < i; k++)
            seen |= range[k].net == net && range[k].bits == bits;
        if (seen)
            continue;
        range[i++] = (struct random_range){net, bits};
        buf_format(&text,
                   "  - {id: u%u, name: n, from: 2020-01-01, addresses: "
                   "[%u.%u.%u.%u/%u]}\n",
                   i - 1, net >> 24, net >> 16 & 255, net >> 8 & 255, net & 255,
                   bits);
    }
    inventory = load_text(buf_str(&text), 0);
    cr_assert_not_null(inventory, "%.*s", STR_ARG(buf_str(&complaints.text)));
    for (size_t n = 0; n < 20000; n++) {
        uint32_t address = 10U << 24 | random_below(1 << 16);
        struct alert alert = {.event_ms = noon(2024, 1, 1)};
        char host[16], want[16] = "";
        unsigned best = 0;

        for (size_t i = 0; i < N_RANDOM; i++)
            if ((address ^ range[i].net) >> (32 - range[i].bits) == 0 &&
                range[i].bits > best) {
                best = range[i].bits;
                snprintf(want, sizeof want, "u%zu", i);
            }
        snprintf(host, sizeof host, "%u.%u.%u.%u", address >> 24,
                 address >> 16 & 255, address >> 8 & 255, address & 255);
        alert.field[ALERT_SRC_IP] = str_of(host);
        inventory_apply(inventory, &alert);
        cr_assert(str_equal(alert.unit, str_of(want)), "%s: got %.*s, want %s",
                  host, STR_ARG(alert.unit), want);
    }
    buf_free(&text);
}

/* The longest literal beginning, then the most literal bytes, then the file's
 * order. */
static size_t
plain_pattern(char (*pattern)[8], struct str host)
{
    size_t best = N_RANDOM, best_literal = 0, best_bytes = 0;

    for (size_t i = 0; i < N_RANDOM; i++) {
        size_t literal = strcspn(pattern[i], "*?"), bytes = 0;

        for (const char *at = pattern[i]; *at; at++)
            bytes += *at != '*' && *at != '?';
        if (!str_matches_glob(host, str_of(pattern[i])))
            continue;
        if (best < N_RANDOM &&
            (literal < best_literal ||
             (literal == best_literal && bytes <= best_bytes)))
            continue;
        best = i;
        best_literal = literal;
        best_bytes = bytes;
    }
    return best;
}

Test(inventory_find, patterns_agree_with_a_plain_search)
{
    static char pattern[N_RANDOM][8];
    struct buf text = {0};
    const struct inventory *inventory;

    random_state = 11;
    buf_add(&text, STR("units:\n"));
    for (size_t i = 0; i < N_RANDOM;) {
        size_t len = 2 + random_below(5), n_wild = 0;
        bool bad = false;

        memset(pattern[i], 0, sizeof pattern[i]);
        for (size_t k = 0; k < len; k++) {
            pattern[i][k] = "abbc*?"[random_below(6)];
            n_wild += pattern[i][k] == '*' || pattern[i][k] == '?';
        }
        for (size_t k = 0; k < i; k++)
            bad |= strcmp(pattern[k], pattern[i]) == 0;
        if (bad || n_wild == 0 || n_wild == len)
            continue;
        buf_format(&text,
                   "  - {id: u%zu, name: n, from: 2020-01-01, hosts: "
                   "['%s']}\n",
                   i, pattern[i]);
        i++;
    }
    inventory = load_text(buf_str(&text), 0);
    cr_assert_not_null(inventory, "%.*s", STR_ARG(buf_str(&complaints.text)));
    for (size_t n = 0; n < 20000; n++) {
        struct alert alert = {.event_ms = noon(2024, 1, 1)};
        char host[8] = "", want[16] = "";
        size_t len = 1 + random_below(7), best;

        for (size_t k = 0; k < len; k++)
            host[k] = "abcd"[random_below(4)];
        best = plain_pattern(pattern, str_of(host));
        if (best < N_RANDOM)
            snprintf(want, sizeof want, "u%zu", best);
        alert.field[ALERT_HOST] = str_of(host);
        inventory_apply(inventory, &alert);
        cr_assert(str_equal(alert.unit, str_of(want)), "%s: got %.*s, want %s",
                  host, STR_ARG(alert.unit), want);
    }
    buf_free(&text);
}
