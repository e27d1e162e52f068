/* SPDX-License-Identifier: Apache-2.0
 *
 * Families → rules. The combinations of a family are shuffled by the seed and
 * weigh 1/(place + 4): a few common names, then a long tail. */
#include "catalog.h"

#include <assert.h>
#include <string.h>

const struct class_facts class_facts[N_ALERT_CLASSES] = {
#define X(name, file, word, id, n) {file, word, id, n},
    ALERT_CLASSES(X)
#undef X
};

static size_t
n_of(const struct words *words)
{
    return words ? words->n : 1;
}

static size_t
family_n_rules(const struct family *family)
{
    return n_of(family->first) * n_of(family->second);
}

/* `pattern` with {1} and {2} filled in; NO_STR when `arena` is full. */
static struct str
name_of(struct arena *arena, const struct sample_rule *rule)
{
    char text[256];
    size_t n = 0;
    for (const char *at = rule->family->name; *at; at++) {
        const char *piece = at;
        size_t len = 1;
        if (*at == '{') {
            piece = at[1] == '1' ? rule->first : rule->second;
            len = strlen(piece);
            at += 2;
        }
        assert(n + len < sizeof text);
        memcpy(text + n, piece, len);
        n += len;
    }
    return arena_copy(arena, (struct str){text, n});
}

/* The family's rules into `rules`, in an order the seed decides. */
static bool
family_expand(const struct family *family, struct rng *rng, struct arena *arena,
              struct sample_rule *rules)
{
    size_t n = family_n_rules(family), n_second = n_of(family->second);
    for (size_t i = 0; i < n; i++) {
        struct sample_rule *rule = &rules[i];
        rule->family = family;
        if (family->first)
            rule->first = family->first->at[i / n_second];
        if (family->second)
            rule->second = family->second->at[i % n_second];
        rule->name = name_of(arena, rule);
        if (!rule->name.at)
            return false;
    }
    for (size_t i = n; i > 1; i--) {
        size_t j = rng_below(rng, (uint32_t)i);
        struct sample_rule kept = rules[i - 1];
        rules[i - 1] = rules[j];
        rules[j] = kept;
    }
    return true;
}

/* Gives the family's rules their share of the class. */
static void
family_weigh(const struct family *family, struct wheel *wheel, uint32_t begin)
{
    uint64_t sum = 0;
    uint32_t n = (uint32_t)family_n_rules(family);
    for (uint32_t i = 0; i < n; i++)
        sum += 1000000 / (i + 4);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t part = 1000000 / (i + 4);
        wheel_set(wheel, begin + i, 1 + part * family->share * 100000 / sum);
    }
}

/* One class: counts its rules, expands them, weighs them. */
static bool
class_build(enum alert_class class, const struct families *families,
            struct rng *rng, struct arena *arena, struct catalog *catalog)
{
    uint32_t begin = catalog->n_rules, n = 0;
    for (size_t i = 0; i < families->n; i++)
        if (families->at[i].class == class)
            n += (uint32_t)family_n_rules(&families->at[i]);
    struct wheel *wheel = &catalog->wheel[class];
    *wheel = wheel_new(arena, n);
    if (!wheel->sums)
        return false;
    uint32_t at = 0;
    for (size_t i = 0; i < families->n; i++) {
        const struct family *family = &families->at[i];
        if (family->class != class)
            continue;
        if (!family_expand(family, rng, arena, catalog->rules + begin + at))
            return false;
        family_weigh(family, wheel, at);
        at += (uint32_t)family_n_rules(family);
    }
    catalog->begin[class] = begin;
    catalog->n_rules += n;
    catalog->begin[class + 1] = catalog->n_rules;
    return true;
}

bool
catalog_build(uint64_t seed, struct arena *arena, struct catalog *catalog)
{
    const struct families *families[] = {&families_endpoint, &families_server};
    size_t n = 0;
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < families[s]->n; i++)
            n += family_n_rules(&families[s]->at[i]);
    *catalog = (struct catalog){0};
    catalog->rules = arena_take(arena, n, sizeof *catalog->rules);
    if (!catalog->rules)
        return false;
    struct rng rng = rng_of(seed, RNG_CATALOG, 0);
    for (int class = 0; class < N_ALERT_CLASSES; class ++) {
        bool server = class_facts[class].file == SERVER_FILE;
        if (!class_build((enum alert_class) class, families[server], &rng,
                         arena, catalog))
            return false;
    }
    uint32_t number[N_SAMPLE_FILES] = {1000, 100};
    for (uint32_t i = 0; i < catalog->n_rules; i++) {
        struct sample_rule *rule = &catalog->rules[i];
        enum sample_file file = class_facts[rule->family->class].file;
        rule->id = file == ENDPOINT_FILE
                       ? arena_format(arena, "AJR-%05u", number[file]++)
                       : arena_format(arena, "CYR-%04u", number[file]++);
        if (!rule->id.at)
            return false;
    }
    return true;
}

uint32_t
catalog_find(const struct catalog *catalog, const char *name)
{
    struct str wanted = str_of(name);
    uint32_t i = 0;
    while (i < catalog->n_rules && !str_equal(catalog->rules[i].name, wanted))
        i++;
    return i;
}
