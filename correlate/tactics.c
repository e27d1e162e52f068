/* SPDX-License-Identifier: Apache-2.0
 *
 * The tactics of ATT&CK (enterprise) in the tags of a rule. */
#include "correlate/rule_priv.h"

static const struct str tactics[N_TACTICS] = {
    {"reconnaissance", 14},  {"resource_development", 20},
    {"initial_access", 14},  {"execution", 9},
    {"persistence", 11},     {"privilege_escalation", 20},
    {"defense_evasion", 15}, {"credential_access", 17},
    {"discovery", 9},        {"lateral_movement", 16},
    {"collection", 10},      {"command_and_control", 19},
    {"exfiltration", 12},    {"impact", 6},
};

/* - and _ are one. */
static bool
is_tactic(struct str text, struct str tactic)
{
    if (text.len != tactic.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i] == '-' ? '_' : text.at[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != tactic.at[i])
            return false;
    }
    return true;
}

uint32_t
tactics_of(const struct yaml *tags)
{
    static const struct str prefix = {"attack.", 7};
    uint32_t bits = 0;
    const struct yaml *at =
        tags && tags->type == YAML_LIST ? tags->first : NULL;
    for (; at; at = at->next) {
        if (at->type != YAML_SCALAR || at->text.len <= prefix.len ||
            !str_equal_nocase(str_cut(at->text, 0, prefix.len), prefix))
            continue;
        struct str name = str_cut(at->text, prefix.len, at->text.len);
        for (size_t i = 0; i < N_TACTICS; i++)
            if (is_tactic(name, tactics[i]))
                bits |= UINT32_C(1) << i;
    }
    return bits;
}

void
tags_load(struct rule_loader *loader, const struct yaml *tags,
          struct rule_options *options)
{
    size_t n = tags && tags->type == YAML_LIST ? tags->n_children : 0;
    n = n < MAX_TAGS ? n : MAX_TAGS;
    struct str *tag = loader_take(loader, n + 1, sizeof *tag);
    const struct yaml *at = n > 0 ? tags->first : NULL;
    for (; tag && at && options->n_tags < n; at = at->next)
        if (at->type == YAML_SCALAR && at->text.len <= MAX_KEY_BYTES)
            tag[options->n_tags++] = loader_keep(loader, at->text);
    options->tag = tag;
}
