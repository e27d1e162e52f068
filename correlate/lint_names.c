/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of fields that are nearly those that others use: names are exact, so
 * such a line never finds its field. Either a name that every source has, or
 * one that the other rules of the log source write in other letter case. */
#include "correlate/lint_priv.h"

#include "base/table.h"
#include "base/unicode.h"

#include <stdlib.h>
#include <string.h>

/* So often must another spelling be the usual one. */
enum { MAX_SPELLINGS = 1 << 16, USUAL = 5 };

/* Of one log source: how many rules write a name so, how most write it. */
struct spelling {
    uint32_t n;      /* rules, by "log source, Name" */
    uint32_t usual;  /* number of the usual spelling, by "log source, name" */
    uint32_t folded; /* number of the folded one */
};

struct lint_names {
    struct table *table;
    struct spelling *spelling;
};

static uint32_t
number_of(struct lint_names *names, const struct logsource *of, struct str name,
          struct arena scratch, bool add)
{
    struct str key = arena_format(&scratch, "%.*s\n%.*s\n%.*s\n%.*s",
                                  STR_ARG(of->product), STR_ARG(of->category),
                                  STR_ARG(of->service), STR_ARG(name));
    if (!key.at)
        return TABLE_NONE;
    return add ? table_add(names->table, key, NULL)
               : table_find(names->table, key);
}

static void
count(struct lint_names *names, const struct logsource *of, struct str name,
      struct arena scratch)
{
    struct arena rest = scratch;
    struct str folded = str_fold(name, &rest);
    /* Folded names stand apart from those that are written so. */
    folded = arena_format(&rest, "\n%.*s", STR_ARG(folded));
    uint32_t n = number_of(names, of, name, rest, true);
    uint32_t f = number_of(names, of, folded, rest, true);
    if (n == TABLE_NONE || f == TABLE_NONE)
        return;
    struct spelling *spelling = names->spelling;
    bool is_first = spelling[f].n == 0;
    spelling[n].n++;
    spelling[n].folded = f;
    spelling[f].n++;
    if (is_first || spelling[n].n > spelling[spelling[f].usual].n)
        spelling[f].usual = n;
}

struct lint_names *
lint_names_new(const struct rules *rules, struct arena *arena)
{
    struct lint_names *names = arena_take(arena, 1, sizeof *names);
    if (!names)
        return NULL;
    names->spelling = arena_take(arena, MAX_SPELLINGS, sizeof *names->spelling);
    names->table = names->spelling ? table_new(MAX_SPELLINGS) : NULL;
    if (!names->table)
        return NULL;
    for (size_t i = 0; i < rules->n_detections; i++) {
        struct arena scratch = *arena;
        const struct detection *detection = rules->detection[i];
        bool keywords;
        size_t n;
        const struct str *fields =
            detection_fields(rules, detection, &scratch, &n, &keywords);
        for (size_t j = 0; fields && j < n; j++)
            count(names, &detection->logsource, fields[j], scratch);
    }
    return names;
}

void
lint_names_free(struct lint_names *names)
{
    if (names)
        table_free(names->table);
}

static void
of_every_source(struct linting *linting, const struct item *item,
                struct str name)
{
    struct str names[N_ALERT_FIELDS];
    if (!str_equal(linting->detection->logsource.product, STR("thapcanh")))
        return;
    for (unsigned i = 0; i < N_ALERT_FIELDS; i++)
        names[i] = alert_field_key((enum alert_field)i);
    struct str near = str_nearest(name, names, N_ALERT_FIELDS);
    if (near.len > 0)
        lint_warn(linting, item->place,
                  "'%.*s' is no field that every source has (did you mean "
                  "'%.*s'?)",
                  STR_ARG(lint_shown(linting, name)), STR_ARG(near));
}

static void
of_other_rules(struct linting *linting, const struct item *item,
               struct str name)
{
    struct lint_names *names = linting->names;
    uint32_t n = number_of(names, &linting->detection->logsource, name,
                           *linting->scratch, false);
    if (n == TABLE_NONE)
        return;
    const struct spelling *mine = &names->spelling[n];
    const struct spelling *usual =
        &names->spelling[names->spelling[mine->folded].usual];
    if (usual == mine || usual->n < USUAL * mine->n)
        return;
    struct str written =
        table_key(names->table, names->spelling[mine->folded].usual);
    for (size_t at = written.len; at > 0; at--)
        if (written.at[at - 1] == '\n') {
            written = str_cut(written, at, written.len);
            break;
        }
    lint_warn(linting, item->place,
              "'%.*s' is '%.*s' in %u other rules for the log source: "
              "names are exact in case",
              STR_ARG(lint_shown(linting, name)),
              STR_ARG(lint_shown(linting, written)), usual->n);
}

void
lint_name(struct linting *linting, const struct item *item)
{
    if (item->field == KEYWORDS ||
        linting->rules->field[item->field].kind != FIELD_EVENT)
        return;
    struct str name = linting->rules->field[item->field].name;
    of_every_source(linting, item, name);
    of_other_rules(linting, item, name);
}
