/* SPDX-License-Identifier: Apache-2.0
 *
 * A kinds table: what a sensor's rules are about, by rule id, rule name,
 * ATT&CK technique or category. What counts first: an exact rule id, an exact
 * rule name, the patterns on either in the order of the file, a technique (a
 * sub-technique before the technique it belongs to), an exact category, the
 * patterns on it. Letter case makes no difference. Patterns are sifted by the
 * pairs of letters they need: all but a few are passed over in a nanosecond or
 * two, so a table may have hundreds. */
#include "ingest/source_priv.h"

#include <string.h>

enum { MAX_KIND_PATTERN_BYTES = 512, PAIR_WORDS = 4 };

enum kind_by { BY_RULE_ID, BY_RULE, BY_TECHNIQUE, BY_CATEGORY, N_KIND_BY };

static const struct str entry_keys[] = {
    [BY_RULE_ID] = {"rule_id", 7},     [BY_RULE] = {"rule", 4},
    [BY_TECHNIQUE] = {"technique", 9}, [BY_CATEGORY] = {"category", 8},
    [N_KIND_BY] = {"kind", 4},
};

/* Which pairs of neighbouring bytes a text holds, as 256 bits. */
struct pairs {
    uint64_t word[PAIR_WORDS];
};

struct pattern {
    struct pairs needs;
    struct str folded;
    enum kind_by by;
    enum kind kind;
};

struct kinds {
    struct word_set exact[N_KIND_BY];
    enum kind *kind[N_KIND_BY]; /* by number of the word */
    struct pattern *pattern;    /* on rule ids, names and categories */
    size_t n_patterns;
};

/* --- looking up -------------------------------------------------------------
 */

static void
pairs_add(struct pairs *pairs, char a, char b)
{
    unsigned bit = ((unsigned char)a * 37u + (unsigned char)b * 101u) & 255u;
    pairs->word[bit / 64] |= UINT64_C(1) << bit % 64;
}

static struct pairs
pairs_of(struct str text, bool is_pattern)
{
    struct pairs pairs = {0};
    for (size_t i = 1; i < text.len; i++) {
        char a = text.at[i - 1], b = text.at[i];
        if (!is_pattern || (a != '*' && a != '?' && b != '*' && b != '?'))
            pairs_add(&pairs, a, b);
    }
    return pairs;
}

static bool
pairs_cover(const struct pairs *has, const struct pairs *needs)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < PAIR_WORDS; i++)
        missing |= needs->word[i] & ~has->word[i];
    return missing == 0;
}

/* A text of the alert, folded. */
struct folded {
    struct str text;
    struct pairs pairs;
    char at[MAX_FIELD_BYTES];
};

static void
fold(struct folded *folded, struct str text)
{
    size_t len = word_fold(text, folded->at, sizeof folded->at);
    folded->text = (struct str){.at = folded->at, .len = len};
    folded->pairs = (struct pairs){0};
}

static bool
find_exact(const struct kinds *kinds, enum kind_by by, struct str folded,
           enum kind *kind)
{
    uint32_t number = word_set_find(&kinds->exact[by], folded);
    if (number == 0)
        return false;
    *kind = kinds->kind[by][number];
    return true;
}

static bool
pattern_fits(const struct pattern *pattern, const struct folded *folded)
{
    return pairs_cover(&folded->pairs, &pattern->needs) &&
           str_matches_glob(folded->text, pattern->folded);
}

static bool
find_rule_pattern(const struct kinds *kinds, struct folded *id,
                  struct folded *name, enum kind *kind)
{
    id->pairs = pairs_of(id->text, false);
    name->pairs = pairs_of(name->text, false);
    for (size_t i = 0; i < kinds->n_patterns; i++) {
        const struct pattern *pattern = &kinds->pattern[i];
        const struct folded *folded = pattern->by == BY_RULE_ID ? id : name;
        if (pattern->by != BY_CATEGORY && folded->text.len > 0 &&
            pattern_fits(pattern, folded)) {
            *kind = pattern->kind;
            return true;
        }
    }
    return false;
}

static bool
find_technique(const struct kinds *kinds, const struct alert *alert,
               enum kind *kind)
{
    char at[16];
    if (kinds->exact[BY_TECHNIQUE].n == 0)
        return false;
    for (size_t i = 0; i < alert->n_techniques; i++) {
        struct str id = {at, word_fold(alert->technique[i], at, sizeof at)};
        if (find_exact(kinds, BY_TECHNIQUE, id, kind) ||
            find_exact(kinds, BY_TECHNIQUE, str_cut(id, 0, 5), kind))
            return true;
    }
    return false;
}

static bool
find_category(const struct kinds *kinds, struct folded *category,
              enum kind *kind)
{
    if (category->text.len == 0)
        return false;
    if (find_exact(kinds, BY_CATEGORY, category->text, kind))
        return true;
    category->pairs = pairs_of(category->text, false);
    for (size_t i = 0; i < kinds->n_patterns; i++)
        if (kinds->pattern[i].by == BY_CATEGORY &&
            pattern_fits(&kinds->pattern[i], category)) {
            *kind = kinds->pattern[i].kind;
            return true;
        }
    return false;
}

enum kind
kinds_find(const struct kinds *kinds, const struct alert *alert)
{
    struct folded id, name;
    enum kind kind = KIND_NONE;
    fold(&id, alert->field[ALERT_RULE_ID]);
    if (id.text.len > 0 && find_exact(kinds, BY_RULE_ID, id.text, &kind))
        return kind;
    fold(&name, alert->field[ALERT_RULE_NAME]);
    if (name.text.len > 0 && find_exact(kinds, BY_RULE, name.text, &kind))
        return kind;
    if (kinds->n_patterns > 0 && find_rule_pattern(kinds, &id, &name, &kind))
        return kind;
    if (find_technique(kinds, alert, &kind))
        return kind;
    fold(&name, alert->field[ALERT_CATEGORY]);
    return find_category(kinds, &name, &kind) ? kind : KIND_NONE;
}

/* --- loading
 * ------------------------------------------------------------------ */

static bool
kind_load(const struct yaml *node, enum kind *kind,
          struct complaints *complaints)
{
    struct str id, ids[N_KINDS];
    if (!yaml_str(node, &id, complaints))
        return false;
    if (kind_from(id, kind))
        return true;
    for (size_t i = 0; i < N_KINDS; i++)
        ids[i] = kind_id((enum kind)i);
    complain_unknown(complaints, node->place, "kind", id, ids, N_KINDS);
    return false;
}

static bool
is_technique(struct str text)
{
    if (text.len != 5 && text.len != 9)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool good = i == 0   ? c == 'T' || c == 't'
                    : i == 5 ? c == '.'
                             : c >= '0' && c <= '9';
        if (!good)
            return false;
    }
    return true;
}

static void
pattern_enter(struct kinds *kinds, enum kind_by by, struct str text,
              enum kind kind, struct arena *arena)
{
    char at[MAX_KIND_PATTERN_BYTES];
    struct str folded = {at, word_fold(text, at, sizeof at)};
    kinds->pattern[kinds->n_patterns++] = (struct pattern){
        .needs = pairs_of(folded, true),
        .folded = arena_copy(arena, folded),
        .by = by,
        .kind = kind,
    };
}

static void
entry_enter(struct kinds *kinds, enum kind_by by, const struct yaml *node,
            enum kind kind, struct arena *arena, struct complaints *complaints)
{
    struct str text = str_trim(node->text);
    if (text.len == 0 || text.len > MAX_KIND_PATTERN_BYTES) {
        complain(complaints, node->place, "expected 1 to %d bytes",
                 (int)MAX_KIND_PATTERN_BYTES);
        return;
    }
    if (by == BY_TECHNIQUE && !is_technique(text)) {
        complain(complaints, node->place,
                 "'%.*s' is no ATT&CK technique (T1059 or T1059.001)",
                 STR_ARG(text));
        return;
    }
    if (memchr(text.at, '*', text.len) || memchr(text.at, '?', text.len)) {
        pattern_enter(kinds, by, text, kind, arena);
        return;
    }
    uint32_t number = word_set_add(&kinds->exact[by], text, arena);
    if (number == 0)
        complain(complaints, node->place, "'%.*s' has a kind already",
                 STR_ARG(text));
    else
        kinds->kind[by][number] = kind;
}

static void
entry_load(struct kinds *kinds, const struct yaml *node, struct arena *arena,
           struct complaints *complaints)
{
    const struct yaml *given = NULL;
    enum kind_by by = N_KIND_BY;
    enum kind kind = KIND_NONE;
    size_t n = 0;
    if (node->type != YAML_MAP) {
        complain(complaints, node->place,
                 "expected a map such as {kind: scan, "
                 "rule: \"ET SCAN*\"}");
        return;
    }
    yaml_only(node, entry_keys, sizeof entry_keys / sizeof entry_keys[0],
              complaints);
    for (enum kind_by i = BY_RULE_ID; i < N_KIND_BY; i++) {
        const struct yaml *found = yaml_get(node, entry_keys[i].at);
        if (found) {
            given = found;
            by = i;
            n++;
        }
    }
    if (n != 1)
        complain(complaints, node->place,
                 "an entry has exactly one of rule, rule_id, technique, "
                 "category");
    const struct yaml *kind_node = yaml_get(node, "kind");
    if (!kind_node)
        complain(complaints, node->place, "the entry has no kind");
    struct str text;
    if (!kind_load(kind_node, &kind, complaints) || n != 1 ||
        !yaml_str(given, &text, complaints))
        return;
    entry_enter(kinds, by, given, kind, arena, complaints);
}

static struct kinds *
kinds_take(size_t n, struct arena *arena)
{
    struct kinds *kinds = arena_take(arena, 1, sizeof *kinds);
    if (!kinds)
        return NULL;
    kinds->pattern = arena_take(arena, n, sizeof *kinds->pattern);
    bool good = kinds->pattern != NULL;
    for (size_t by = 0; by < N_KIND_BY; by++) {
        kinds->kind[by] = arena_take(arena, n + 1, sizeof *kinds->kind[by]);
        good = good && kinds->kind[by] &&
               word_set_take(&kinds->exact[by], n, arena);
    }
    return good ? kinds : NULL;
}

const struct kinds *
kinds_load(const char *path, struct arena *arena, struct complaints *complaints)
{
    static const struct str keys[] = {{"version", 7}, {"kinds", 5}};
    size_t n_errors = complaints->n_errors;
    const struct yaml *root = yaml_load(path, arena, complaints);
    if (!root)
        return NULL;
    yaml_only(root, keys, sizeof keys / sizeof keys[0], complaints);
    const struct yaml *version = yaml_get(root, "version");
    const struct yaml *list = yaml_get(root, "kinds");
    int64_t n;
    if (!version)
        complain(complaints, root->place, "expected version: 1");
    else
        yaml_i64(version, 1, 1, &n, complaints);
    if (!list || list->type != YAML_LIST || list->n_children > MAX_KINDS) {
        complain(complaints, list ? list->place : root->place,
                 "kinds: is a list of at most %d entries", (int)MAX_KINDS);
        return NULL;
    }
    struct kinds *kinds = kinds_take(list->n_children + 1, arena);
    if (!kinds) {
        complain(complaints, list->place, "out of memory");
        return NULL;
    }
    for (const struct yaml *node = list->first; node; node = node->next)
        entry_load(kinds, node, arena, complaints);
    return complaints->n_errors == n_errors ? kinds : NULL;
}
