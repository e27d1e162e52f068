/* SPDX-License-Identifier: Apache-2.0
 *
 * The service learns from soc.rules (rules_board.c); what runs without Kafka
 * learns from the files it has loaded. */
#include "rules_learn.h"

bool
rules_learn(struct registry *registry, const struct rules *rules,
            struct arena arena, struct err *why)
{
    struct correlation floor;
    correlation_floor(&floor);
    bool fine = correlation_seal(&floor, &arena, why) &&
                registry_learn(registry, floor.text, why);
    for (size_t i = 0; fine && i < rules_n_correlations(rules); i++)
        fine = registry_learn(registry, rules_correlation(rules, i)->text, why);
    return fine;
}
