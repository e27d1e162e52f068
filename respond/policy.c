/* SPDX-License-Identifier: Apache-2.0
 *
 * The escalation policy: a YAML file of steps and times by priority
 * (docs/people.md). Every mistake is named in one run. */
#include "respond/escalation.h"

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (INT64_C(1440) * MINUTE_MS)
#define NAME(literal)                                                          \
    {                                                                          \
        "" literal, sizeof(literal) - 1                                        \
    }

static const struct str priorities[N_PRIORITIES] = {NAME("P1"), NAME("P2"),
                                                    NAME("P3"), NAME("P4")};
static const struct str targets[N_STEP_TARGETS] = {
#define X(name, id) NAME(id),
    STEP_TARGETS(X)
#undef X
};

/* One time for every priority: {P1: 5m, …}, or one for all. */
static void
read_times(const struct yaml *map, const char *key, int64_t times[N_PRIORITIES],
           struct complaints *complaints)
{
    const struct yaml *node = yaml_get(map, key);
    if (node == NULL) {
        complain(complaints, map->place, "'%s' is missing", key);
        return;
    }
    if (node->type == YAML_SCALAR) {
        if (yaml_duration_ms(node, 1000, 30 * DAY_MS, &times[0], complaints))
            for (int i = 1; i < N_PRIORITIES; i++)
                times[i] = times[0];
        return;
    }
    yaml_only(node, priorities, N_PRIORITIES, complaints);
    for (int i = 0; i < N_PRIORITIES; i++) {
        const struct yaml *one = yaml_get(node, priorities[i].at);
        if (one == NULL)
            complain(complaints, node->place, "%s has no time for %s", key,
                     priorities[i].at);
        else
            yaml_duration_ms(one, 1000, 30 * DAY_MS, &times[i], complaints);
    }
}

static void
read_step(struct policy *policy, const struct yaml *map,
          struct complaints *complaints)
{
    static const struct str keys[] = {NAME("tell"), NAME("wait")};
    struct policy_step *step = &policy->step[policy->n_steps++];
    const struct yaml *tell = yaml_get(map, "tell");
    if (map->type != YAML_MAP || tell == NULL) {
        complain(complaints, map->place,
                 "a step is a map: {tell: on-duty, wait: {P1: 5m, …}}");
        return;
    }
    yaml_only(map, keys, 2, complaints);
    int i = 0;
    while (i < N_STEP_TARGETS && !str_equal(targets[i], tell->text))
        i++;
    if (i < N_STEP_TARGETS)
        step->tell = (enum step_target)i;
    else
        complain_unknown(complaints, tell->place, "target", tell->text, targets,
                         N_STEP_TARGETS);
    read_times(map, "wait", step->wait_ms, complaints);
}

static void
read_steps(struct policy *policy, const struct yaml *root,
           struct complaints *complaints)
{
    const struct yaml *list = yaml_get(root, "steps");
    if (list == NULL || list->type != YAML_LIST || list->n_children == 0 ||
        list->n_children > POLICY_MAX_STEPS) {
        complain(complaints, list ? list->place : root->place,
                 "'steps' is a list of 1 to %d steps", (int)POLICY_MAX_STEPS);
        return;
    }
    for (const struct yaml *one = list->first; one; one = one->next)
        read_step(policy, one, complaints);
    if (policy->step[policy->n_steps - 1].tell != TELL_EVERYONE)
        complain(complaints, list->place,
                 "the last step must tell everyone: a ticket reaches a "
                 "person");
}

bool
policy_load(const char *path, struct policy *policy, struct arena *arena,
            struct complaints *complaints)
{
    static const struct str keys[] = {NAME("steps"), NAME("lease"),
                                      NAME("bundle"), NAME("backlog"),
                                      NAME("settle")};
    size_t errors = complaints->n_errors;
    *policy = (struct policy){.bundle_ms = MINUTE_MS,
                              .backlog_ms = 15 * MINUTE_MS,
                              .settle_ms = MINUTE_MS};
    const struct yaml *root = yaml_load(path, arena, complaints);
    if (root == NULL)
        return false;
    if (root->type != YAML_MAP || root->next != NULL) {
        complain(complaints, root->place,
                 "a policy is one document: a map of steps, lease, …");
        return false;
    }
    yaml_only(root, keys, sizeof keys / sizeof *keys, complaints);
    read_steps(policy, root, complaints);
    read_times(root, "lease", policy->lease_ms, complaints);
    yaml_duration_ms(yaml_get(root, "bundle"), 1000, DAY_MS, &policy->bundle_ms,
                     complaints);
    yaml_duration_ms(yaml_get(root, "backlog"), MINUTE_MS, 30 * DAY_MS,
                     &policy->backlog_ms, complaints);
    yaml_duration_ms(yaml_get(root, "settle"), 1000, DAY_MS / 24,
                     &policy->settle_ms, complaints);
    return complaints->n_errors == errors;
}
