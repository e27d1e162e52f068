/* SPDX-License-Identifier: Apache-2.0
 *
 * Modifiers as a set, between reading them (item_load.c) and making tests of
 * the values they stand for (item_value.c). */
#ifndef CORRELATE_ITEM_PRIV_H
#define CORRELATE_ITEM_PRIV_H

#include "correlate/rule_priv.h"

/* All modifiers of Sigma 2.1. X(name, as written) */
#define MODIFIERS(X)                                                           \
    X(MOD_ALL, "all")                                                          \
    X(MOD_STARTSWITH, "startswith")                                            \
    X(MOD_ENDSWITH, "endswith")                                                \
    X(MOD_CONTAINS, "contains")                                                \
    X(MOD_EXISTS, "exists")                                                    \
    X(MOD_CASED, "cased")                                                      \
    X(MOD_NEQ, "neq")                                                          \
    X(MOD_WINDASH, "windash")                                                  \
    X(MOD_RE, "re")                                                            \
    X(MOD_I, "i")                                                              \
    X(MOD_M, "m")                                                              \
    X(MOD_S, "s")                                                              \
    X(MOD_BASE64, "base64")                                                    \
    X(MOD_BASE64OFFSET, "base64offset")                                        \
    X(MOD_UTF16LE, "utf16le")                                                  \
    X(MOD_UTF16BE, "utf16be")                                                  \
    X(MOD_UTF16, "utf16")                                                      \
    X(MOD_WIDE, "wide")                                                        \
    X(MOD_LT, "lt")                                                            \
    X(MOD_LTE, "lte")                                                          \
    X(MOD_GT, "gt")                                                            \
    X(MOD_GTE, "gte")                                                          \
    X(MOD_MINUTE, "minute")                                                    \
    X(MOD_HOUR, "hour")                                                        \
    X(MOD_DAY, "day")                                                          \
    X(MOD_WEEK, "week")                                                        \
    X(MOD_MONTH, "month")                                                      \
    X(MOD_YEAR, "year")                                                        \
    X(MOD_CIDR, "cidr")                                                        \
    X(MOD_EXPAND, "expand")                                                    \
    X(MOD_FIELDREF, "fieldref")

enum modifier {
#define X(name, id) name,
    MODIFIERS(X)
#undef X
        N_MODIFIERS
};

#define BIT(modifier) (1u << (modifier))
#define WRAPS (BIT(MOD_STARTSWITH) | BIT(MOD_ENDSWITH) | BIT(MOD_CONTAINS))
#define REGEX_PARTS (BIT(MOD_I) | BIT(MOD_M) | BIT(MOD_S))
#define BASE64S (BIT(MOD_BASE64) | BIT(MOD_BASE64OFFSET))
#define UTF16S                                                                 \
    (BIT(MOD_UTF16LE) | BIT(MOD_UTF16BE) | BIT(MOD_UTF16) | BIT(MOD_WIDE))
#define COMPARES (BIT(MOD_LT) | BIT(MOD_LTE) | BIT(MOD_GT) | BIT(MOD_GTE))
#define TIMES                                                                  \
    (BIT(MOD_MINUTE) | BIT(MOD_HOUR) | BIT(MOD_DAY) | BIT(MOD_WEEK) |          \
     BIT(MOD_MONTH) | BIT(MOD_YEAR))
/* Which say what a test is; none: a text. */
#define KINDS_OF_TEST                                                          \
    (BIT(MOD_EXISTS) | BIT(MOD_RE) | BASE64S | COMPARES | TIMES |              \
     BIT(MOD_CIDR) | BIT(MOD_FIELDREF))

struct modifiers {
    struct str written;
    struct place place;
    unsigned set;
    bool keywords;
};

bool item_refuse(struct rule_loader *loader, const struct yaml *node,
                 const char *why);
/* `n` tests for `value`, zeroed but for their type. */
struct test *item_tests(struct rule_loader *loader, struct value *value,
                        size_t n, enum test_type type);
enum wrap item_wrap(const struct modifiers *mods);
/* The two patterns of a TEST_PATTERN. */
bool item_patterns(struct rule_loader *loader, struct test *test,
                   struct str text, enum wrap wrap, unsigned flags);
/* A value with `base64` or `base64offset`. False with complaints. */
bool item_encode(struct rule_loader *loader, const struct modifiers *mods,
                 const struct yaml *node, struct value *value);
/* A value with `expand`: placeholders replaced. False with complaints. */
bool item_expand(struct rule_loader *loader, const struct modifiers *mods,
                 const struct yaml *node, struct value *value);
/* Makes the tests of one scalar. False with complaints. */
bool item_value_load(struct rule_loader *loader, const struct modifiers *mods,
                     const struct yaml *node, struct value *value);

#endif
