/* SPDX-License-Identifier: Apache-2.0
 *
 * What the sample is made of: names, texts, addresses, scales, inventories. */
#include "sample_world.h"

#include <stdlib.h>
#include <string.h>

Test(sample_words, any_seed_fits_the_smallest_scale)
{
    static struct world w;
    for (uint64_t seed = 0; seed < 20; seed++) {
        world_begin(&w, seed, SCALE_MIN_PPM);
        for (size_t a = 0; a < N_ATTACKS; a++)
            cr_expect_gt(w.sample.plan.cast[a].n_alerts, 0, "seed %d",
                         (int)seed);
        world_end(&w);
    }
}

Test(sample_words, a_scale_has_six_decimals_and_a_range)
{
    static const struct {
        const char *text;
        int64_t ppm; /* 0: refused */
    } rows[] = {
        {"1", 1000000},   {"0.25", 250000},   {"0.01", 10000}, {"10", 10000000},
        {"0.009", 0},     {"10.000001", 0},   {"-1", 0},       {"0.-5", 0},
        {"1.", 0},        {"1.0000001", 0},   {"", 0},         {".5", 0},
        {"1e1", 0},       {"0.25x", 0},       {"nan", 0},      {"1.2.3", 0},
        {"2.5", 2500000}, {"99999999999", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ppm = 0;
        bool fine = sample_scale_from(rows[i].text, &ppm);
        cr_expect_eq(fine, rows[i].ppm != 0, "row %zu", i);
        if (fine)
            cr_expect_eq(ppm, rows[i].ppm, "row %zu", i);
    }
}

/* --- words, machines, addresses */

static int
compare_names(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

Test(sample_words, no_two_rules_and_no_two_machines_share_a_name)
{
    static struct world w;
    world_begin(&w, 2024, SCALE_MIN_PPM);
    const struct catalog *catalog = &w.sample.catalog;
    size_t max = catalog->n_rules + SITE_ENDPOINTS + SITE_SERVERS, n = 0;
    struct str *names = arena_take(&w.arena, max, sizeof *names);
    for (uint32_t c = 0; c < catalog->n_rules; c++)
        names[n++] = catalog->rules[c].name;
    for (int f = 0; f < N_SAMPLE_FILES; f++)
        for (uint32_t i = 0; i < w.sample.site.of[f].n; i++)
            names[n++] = w.sample.site.of[f].at[i].name;
    cr_expect_eq(n, max);
    qsort(names, n, sizeof *names, compare_names);
    for (size_t i = 1; i < n; i++)
        cr_expect_not(str_equal(names[i - 1], names[i]), "%.*s",
                      STR_ARG(names[i]));
    world_end(&w);
}

/* Every {name} in a text is one that is filled in. */
static void
check_text(const char *text, const struct family *family)
{
    static const char *const names[] = {
        "1", "2",   "host",     "ip",   "user",    "login",  "remote", "port",
        "n", "pid", "document", "file", "process", "domain", "hex",    "code"};
    struct str rest = str_of(text), before, name;
    while (memchr(rest.at, '{', rest.len)) {
        cr_assert(str_split(&rest, '{', &before));
        cr_assert(str_split(&rest, '}', &name));
        size_t i = 0;
        while (i < sizeof names / sizeof names[0] &&
               !str_equal(name, str_of(names[i])))
            i++;
        cr_expect_lt(i, sizeof names / sizeof names[0], "%s", text);
        if (family && str_equal(name, STR("1")))
            cr_expect(family->first, "%s", text);
        if (family && str_equal(name, STR("2")))
            cr_expect(family->second, "%s", text);
        if (!rest.at)
            break;
    }
}

Test(sample_words, every_placeholder_of_a_text_has_something_to_say)
{
    const struct families *all[] = {&families_endpoint, &families_server};
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < all[f]->n; i++) {
            const struct family *family = &all[f]->at[i];
            check_text(family->text, family);
            check_text(family->name, family);
            cr_expect_eq(class_facts[family->class].file, f, "%s",
                         family->name);
        }
    for (size_t g = 0; g < N_STORY_GROUPS; g++)
        for (uint32_t i = 0; i < stories[g].n; i++) {
            const struct story *story = &stories[g].at[i];
            check_text(story->process, NULL);
            check_text(story->path, NULL);
            check_text(story->command, NULL);
            check_text(story->parent, NULL);
            check_text(story->parent_command, NULL);
        }
}

Test(sample_words, the_addresses_of_the_internet_are_public)
{
    static const struct {
        uint32_t first, last;
    } own[] = {
        {0x0a000000, 0x0affffff}, {0xac100000, 0xac1fffff},
        {0xc0a80000, 0xc0a8ffff}, {0x7f000000, 0x7fffffff},
        {0x64400000, 0x647fffff}, {0xa9fe0000, 0xa9feffff},
        {0x00000000, 0x00ffffff}, {0xe0000000, 0xffffffff},
        {0xc6336400, 0xc63364ff}, {0xcb007100, 0xcb0071ff},
    };
    static struct world w;
    world_begin(&w, 5, SCALE_MIN_PPM);
    for (uint32_t i = 0; i < N_ADDRESSES; i++)
        for (size_t b = 0; b < sizeof own / sizeof own[0]; b++)
            cr_expect(w.sample.addresses[i] < own[b].first ||
                      w.sample.addresses[i] > own[b].last);
    world_end(&w);
}

/* --- inventories that will not do */

Test(sample_words, an_inventory_that_will_not_do_is_refused_with_a_reason)
{
    struct complaints complaints = {0};
    struct arena arena = arena_reserve((size_t)512 << 20);
    char *start = arena.at;
    static struct sample sample;
    struct sample_options options = {1, ALL_PPM, "no/such/inventory.yml"};
    cr_expect_not(sample_plan(&options, &arena, &sample, &complaints));
    cr_expect_gt(complaints.n_errors, 0);
    complaints_free(&complaints);
    complaints = (struct complaints){0};
    options.inventory = "deploy/sources/kinds/cycir.yml"; /* no units in it */
    cr_expect_not(sample_plan(&options, &arena, &sample, &complaints));
    cr_expect(str_contains(buf_str(&complaints.text), STR("at least 3 units")),
              "%.*s", STR_ARG(buf_str(&complaints.text)));
    complaints_free(&complaints);
    arena_release(start, arena);
}
