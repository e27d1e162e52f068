/* SPDX-License-Identifier: Apache-2.0
 *
 * The sensor rules of the sample: about 4,900 names, made of some 100
 * families. A family is a pattern such as "Trojan.Win32.{1}.{2}" with one or
 * two lists of words; each combination is a rule of one class (source and
 * level) with a weight: within a family few names are common and most are
 * rare. */
#ifndef DEPLOY_SAMPLE_CATALOG_H
#define DEPLOY_SAMPLE_CATALOG_H

#include "rng.h"
#include "words.h"

/* The two files, which are the two sources. */
enum sample_file { ENDPOINT_FILE, SERVER_FILE, N_SAMPLE_FILES };

/* Source and level. X(name, file, vendor's word, our id, alerts in the nine
 * months) : DESIGN 1 */
#define ALERT_CLASSES(X)                                                       \
    X(ENDPOINT_LOW, ENDPOINT_FILE, "LOW", "low", 43288)                        \
    X(ENDPOINT_MEDIUM, ENDPOINT_FILE, "MEDIUM", "medium", 377993)              \
    X(ENDPOINT_HIGH, ENDPOINT_FILE, "HIGH", "high", 142807)                    \
    X(SERVER_MEDIUM, SERVER_FILE, "Trung bình", "medium", 15035)               \
    X(SERVER_HIGH, SERVER_FILE, "Cao", "high", 6592)                           \
    X(SERVER_CRITICAL, SERVER_FILE, "Nghiêm trọng", "critical", 2556)

enum alert_class {
#define X(name, file, word, id, n) name,
    ALERT_CLASSES(X)
#undef X
        N_ALERT_CLASSES
};

struct class_facts {
    enum sample_file file;
    const char *word, *id;
    int64_t n;
};
extern const struct class_facts class_facts[N_ALERT_CLASSES];

/* What an alert of the rule carries beside its description. */
enum part {
    PART_PROCESS = 1 << 0,
    PART_FILE = 1 << 1,
    PART_OUT = 1 << 2,    /* a connection to a public address */
    PART_URL = 1 << 3,    /* with a domain and an address of a page */
    PART_IN = 1 << 4,     /* a connection from another machine of the site */
    PART_SWEEP = 1 << 5,  /* connections to machines of the site */
    PART_FROM = 1 << 6,   /* server: a public source address */
    PART_LOGIN = 1 << 7,  /* server: the account that was tried */
    PART_WEB = 1 << 8,    /* server: a request for a page */
    PART_FLEET = 1 << 9,  /* hits many machines of a unit at once */
    PART_CHATTY = 1 << 10 /* repeats itself for hours */
};

/* Which processes make such an alert; see stories.c. */
enum story_group {
    STORY_APP,
    STORY_SCRIPT,
    STORY_TOOL,
    STORY_PERSIST,
    STORY_CREDENTIAL,
    STORY_REMOTE,
    STORY_IMPACT,
    STORY_UPDATER,
    STORY_OFFICE,
    N_STORY_GROUPS
};

struct family {
    const char *name;
    const struct words *first, *second; /* NULL: none */
    enum alert_class class;
    uint32_t share;        /* of its class, against the other families */
    const char *technique; /* NULL: none */
    unsigned parts;
    enum story_group story;
    const char *text; /* the description, with {…}: see facts.h */
};

struct sample_rule {
    struct str name;
    struct str id;
    const struct family *family;
    const char *first, *second; /* the words in its name, or NULL */
};

struct catalog {
    struct sample_rule *rules;
    uint32_t n_rules;
    uint32_t begin[N_ALERT_CLASSES + 1]; /* rules stand class by class */
    struct wheel wheel[N_ALERT_CLASSES]; /* over the rules of the class */
};

/* In `arena`; false when it is full. */
bool catalog_build(uint64_t seed, struct arena *arena, struct catalog *catalog);
/* The number of the rule of that name; n_rules when there is none. */
uint32_t catalog_find(const struct catalog *catalog, const char *name);

/* The families of one source; class by class, as the enum has them. */
struct families {
    const struct family *at;
    size_t n;
};
extern const struct families families_endpoint;
extern const struct families families_server;

#endif
