/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules of equal logsource are one class: they are routed alike. There are
 * some hundred classes to thousands of rules, and few kinds of alerts, so a
 * worker remembers which rules an alert with such a logsource goes to. */
#include "logclass.h"

#include "correlate/route.h"

#include <stdlib.h>
#include <string.h>

enum { N_KEPT = 64, MAX_PART_BYTES = 48, N_PARTS = 3 };

struct kept {
    bool used;
    unsigned says;
    size_t len[N_PARTS];
    char text[N_PARTS][MAX_PART_BYTES];
    struct routed routed;
};

struct logclasses {
    const struct matcher *matcher;
    struct kept kept[N_KEPT];
    struct routed other; /* of what is too long to be kept */
    uint64_t *words;
};

struct logclasses *
logclasses_new(const struct matcher *matcher)
{
    struct logclasses *classes = calloc(1, sizeof *classes);
    size_t n = matcher->n_rule_words + matcher->n_class_words;
    uint64_t *at = classes ? calloc((N_KEPT + 1) * n, sizeof *at) : NULL;
    if (!at) {
        free(classes);
        return NULL;
    }
    classes->matcher = matcher;
    classes->words = at;
    for (size_t i = 0; i <= N_KEPT; i++, at += n) {
        struct routed *routed =
            i < N_KEPT ? &classes->kept[i].routed : &classes->other;
        *routed = (struct routed){at, at + matcher->n_rule_words, 0};
    }
    return classes;
}

void
logclasses_free(struct logclasses *classes)
{
    if (classes)
        free(classes->words);
    free(classes);
}

static void
fill(const struct matcher *matcher, const struct alert *alert,
     struct routed *routed)
{
    memset(routed->rules, 0, matcher->n_rule_words * sizeof *routed->rules);
    memset(routed->classes, 0,
           matcher->n_class_words * sizeof *routed->classes);
    for (uint32_t i = 0; i < matcher->n_classes; i++)
        if (detection_routed(matcher->class_rule[i], alert))
            routed->classes[i / 64] |= UINT64_C(1) << i % 64;
    routed->parts = 0;
    for (uint32_t i = 0; i < matcher->n_rules; i++) {
        uint32_t class = matcher->class_of[i];
        if (!(routed->classes[class / 64] >> class % 64 & 1))
            continue;
        routed->rules[i / 64] |= UINT64_C(1) << i % 64;
        routed->parts |= matcher->parts[i];
    }
}

static bool
is_kept(const struct kept *kept, const struct str *part, unsigned says)
{
    bool same = kept->used && kept->says == says;
    for (size_t i = 0; same && i < N_PARTS; i++)
        same = kept->len[i] == part[i].len &&
               (part[i].len == 0 ||
                memcmp(kept->text[i], part[i].at, part[i].len) == 0);
    return same;
}

/* Few texts, and where two fall together one is worked out again. */
static size_t
slot_of(const struct str *part, unsigned says)
{
    size_t hash = says;
    for (size_t i = 0; i < N_PARTS; i++) {
        hash = hash * 31 + part[i].len;
        if (part[i].len > 0)
            hash = hash * 31 + (unsigned char)part[i].at[0] * 7u +
                   (unsigned char)part[i].at[part[i].len - 1] * 3u +
                   (unsigned char)part[i].at[part[i].len / 2];
    }
    return (hash ^ hash >> 6 ^ hash >> 12) % N_KEPT;
}

const struct routed *
logclasses_routed(struct logclasses *classes, const struct alert *alert)
{
    const struct rule_view *view = alert->view;
    const struct str part[N_PARTS] = {alert->logsource.product,
                                      alert->logsource.category,
                                      alert->logsource.service};
    unsigned says = view ? (unsigned)view->says_product |
                               (unsigned)view->says_category << 1 |
                               (unsigned)view->says_service << 2
                         : 0;
    struct kept *kept = &classes->kept[slot_of(part, says)];
    if (is_kept(kept, part, says))
        return &kept->routed;
    for (size_t i = 0; i < N_PARTS; i++)
        if (part[i].len > MAX_PART_BYTES) {
            fill(classes->matcher, alert, &classes->other);
            return &classes->other;
        }
    kept->used = true;
    kept->says = says;
    for (size_t i = 0; i < N_PARTS; i++) {
        kept->len[i] = part[i].len;
        if (part[i].len > 0)
            memcpy(kept->text[i], part[i].at, part[i].len);
    }
    fill(classes->matcher, alert, &kept->routed);
    return &kept->routed;
}
