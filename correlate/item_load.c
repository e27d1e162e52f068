/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of a selection, `field|modifier|modifier: values`, into tests. The
 * modifiers are read into one set first, in which their order and company are
 * checked; every value then becomes what the set says (docs/rules.md,
 * "Modifiers"). */
#include "correlate/encode.h"
#include "correlate/item_priv.h"

#include "base/unicode.h"

#include <string.h>

static const struct str modifier_ids[] = {
#define X(name, id) {(id), sizeof(id) - 1},
    MODIFIERS(X)
#undef X
};

#define HAS(mods, name) (((mods)->set & BIT(name)) != 0)

/* --- reading modifiers */

static bool
wrong(struct rule_loader *loader, const struct modifiers *mods,
      const char *what)
{
    complain(loader->complaints, mods->place, "'%.*s': %s",
             STR_ARG(mods->written), what);
    return false;
}

static bool
modifier_from(struct str id, enum modifier *modifier)
{
    for (size_t i = 0; i < N_MODIFIERS; i++)
        if (str_equal(modifier_ids[i], id)) {
            *modifier = (enum modifier)i;
            return true;
        }
    return false;
}

/* What must hold when `modifier` comes after those in `mods`. */
static const char *
order_fault(const struct modifiers *mods, enum modifier modifier)
{
    unsigned bit = BIT(modifier);
    if (mods->set & bit)
        return "the same modifier twice";
    if ((bit & WRAPS) && (mods->set & WRAPS))
        return "only one of contains, startswith, endswith";
    if ((bit & REGEX_PARTS) && !HAS(mods, MOD_RE))
        return "i, m and s come after re";
    if ((bit & UTF16S) && (mods->set & (UTF16S | BASE64S)))
        return "one of utf16le, utf16be, utf16, wide, and before base64";
    if ((bit & BASE64S) && (mods->set & BASE64S))
        return "only one of base64 and base64offset";
    if ((bit & BASE64S) && (mods->set & WRAPS))
        return "contains, startswith and endswith come after base64";
    if ((bit & COMPARES) && (mods->set & COMPARES))
        return "only one of lt, lte, gt, gte";
    if ((bit & TIMES) && (mods->set & TIMES))
        return "only one of minute, hour, day, week, month, year";
    if ((bit & TIMES) && (mods->set & COMPARES))
        return "lt, lte, gt and gte come after the part of the time";
    return NULL;
}

/* What must hold for all of them together. */
static const char *
company_fault(const struct modifiers *mods)
{
    unsigned set = mods->set, kind = set & KINDS_OF_TEST;
    unsigned rest = set & ~(BIT(MOD_ALL) | BIT(MOD_NEQ) | BIT(MOD_EXPAND));
    if (HAS(mods, MOD_EXPAND) && HAS(mods, MOD_EXISTS))
        return "exists takes true or false, no placeholder";
    if ((set & UTF16S) && !(set & BASE64S))
        return "utf16le, utf16be, utf16 and wide stand only before base64 or "
               "base64offset";
    if (HAS(mods, MOD_BASE64OFFSET) &&
        (set & (BIT(MOD_STARTSWITH) | BIT(MOD_ENDSWITH))))
        return "base64offset finds a value anywhere: contains, not startswith "
               "or endswith";
    if ((kind & (kind - 1)) != 0 && !((kind & TIMES) && (kind & COMPARES)))
        return "these modifiers exclude one another";
    if (HAS(mods, MOD_RE) && (rest & ~(BIT(MOD_RE) | REGEX_PARTS)))
        return "re goes with i, m, s, all and neq only";
    if ((kind & (BIT(MOD_CIDR) | BIT(MOD_EXISTS) | COMPARES | TIMES)) &&
        (rest & ~kind))
        return "this test takes no other modifier but all and neq";
    if (HAS(mods, MOD_FIELDREF) &&
        (rest & ~(BIT(MOD_FIELDREF) | BIT(MOD_CASED) | WRAPS)))
        return "fieldref goes with cased, neq, all, contains, startswith, "
               "endswith only";
    if (mods->keywords && (kind & ~(BIT(MOD_RE) | BASE64S | UTF16S)))
        return "keywords take text values only";
    return NULL;
}

/* "field|a|b" → field and set. */
static bool
modifiers_load(struct rule_loader *loader, struct str key,
               struct modifiers *mods, struct str *field)
{
    struct str rest = key, id;
    *field = NO_STR;
    if (!str_split(&rest, '|', field) || key.len == 0)
        *field = STR("");
    mods->keywords = field->len == 0;
    bool good = true;
    if (key.len > MAX_FIELD_KEY_BYTES) {
        complain(loader->complaints, mods->place,
                 "a field and its modifiers have at most %d bytes",
                 (int)MAX_FIELD_KEY_BYTES);
        return false;
    }
    if (key.len > 0 && key.at[key.len - 1] == '|')
        good = wrong(loader, mods, "a modifier is missing after '|'");
    while (good && str_split(&rest, '|', &id)) {
        enum modifier modifier;
        if (!modifier_from(id, &modifier)) {
            complain_unknown(loader->complaints, mods->place, "modifier", id,
                             modifier_ids, N_MODIFIERS);
            good = false;
            continue;
        }
        const char *fault = order_fault(mods, modifier);
        if (fault)
            good = wrong(loader, mods, fault);
        mods->set |= BIT(modifier);
    }
    const char *fault = good ? company_fault(mods) : NULL;
    if (fault)
        good = wrong(loader, mods, fault);
    return good;
}

/* --- the item */

static bool
values_fit(struct rule_loader *loader, const struct modifiers *mods,
           const struct yaml *node)
{
    struct complaints *complaints = loader->complaints;
    if (node->type == YAML_MAP) {
        complain(complaints, node->place,
                 "the value of '%.*s' is a map: expected a text, a number, a "
                 "boolean, null or a list of them",
                 STR_ARG(mods->written));
        return false;
    }
    size_t n = node->type == YAML_LIST ? node->n_children : 1;
    loader->n_values += n;
    if (n == 0)
        complain(complaints, node->place, "the list is empty");
    else if (HAS(mods, MOD_ALL) && n == 1)
        complain(complaints, node->place,
                 "'all' needs a list of two values or more");
    else if (loader->n_values > MAX_RULE_VALUES)
        complain(complaints, node->place,
                 "more than %d values in one rule: use a watch-list",
                 (int)MAX_RULE_VALUES);
    else if (HAS(mods, MOD_EXISTS) && n > 1)
        complain(complaints, node->place,
                 "'exists' takes one value, true or false");
    else
        return true;
    return false;
}

static bool
values_load(struct rule_loader *loader, const struct modifiers *mods,
            const struct yaml *node, struct item *item)
{
    bool is_list = node->type == YAML_LIST, good = true;
    size_t n = is_list ? node->n_children : 1;
    struct value *values = loader_take(loader, n, sizeof *values);
    if (!values)
        return false;
    item->value = values;
    const struct yaml *at = is_list ? node->first : node;
    for (; at && item->n_values < n; at = is_list ? at->next : NULL) {
        if (at->type != YAML_SCALAR) {
            complain(loader->complaints, at->place,
                     "a value is a text, a number, a boolean or null");
            good = false;
        } else if (is_list && yaml_kind(at) == YAML_NULL) {
            complain(loader->complaints, at->place,
                     "null cannot stand in a list: make it a selection of its "
                     "own");
            good = false;
        } else {
            good &=
                item_value_load(loader, mods, at, &values[item->n_values++]);
        }
    }
    return good;
}

bool
item_load(struct rule_loader *loader, struct str key, struct place place,
          const struct yaml *node, struct item *item)
{
    struct modifiers mods = {
        .written = key,
        .place = place,
    };
    struct str field;
    *item = (struct item){.written = loader_keep(loader, key),
                          .place = loader_place(loader, place)};
    bool good = modifiers_load(loader, key, &mods, &field);
    if (!good || !values_fit(loader, &mods, node))
        return false;
    item->field = mods.keywords ? KEYWORDS : loader_field(loader, field);
    item->all = HAS(&mods, MOD_ALL);
    item->negated = HAS(&mods, MOD_NEQ);
    if (HAS(&mods, MOD_BASE64OFFSET) && !HAS(&mods, MOD_CONTAINS))
        complain_warning(loader->complaints, place,
                         "'%.*s': base64offset means contains; write it",
                         STR_ARG(key));
    return values_load(loader, &mods, node, item) && !loader->full;
}
