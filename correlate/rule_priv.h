/* SPDX-License-Identifier: Apache-2.0
 *
 * A detection as compiled, and what the parts of loading and matching offer
 * one another. The written rule (YAML) is gone once it is loaded; what is kept
 * of it for people are texts and places. Everything here is read-only after
 * loading; what a match needs lies in the scratch of one alert (facts.h). */
#ifndef CORRELATE_RULE_PRIV_H
#define CORRELATE_RULE_PRIV_H

#include "base/address.h"
#include "base/yaml.h"
#include "correlate/calendar.h"
#include "correlate/decimal.h"
#include "correlate/pattern.h"
#include "correlate/regex.h"
#include "correlate/rules.h"

/* Instead of a rule's id: a step that is every detection, or every alert. */
#define ANY_DETECTION "*"
#define ANY_ALERT "**"

enum {
    N_TACTICS = 14,
    MAX_RULES = 65536,
    MAX_RULE_FIELD_NAMES = 65536, /* distinct, of a rule set */
    MAX_RULE_VALUES = 50000,      /* of one rule */
    MAX_SEARCHES = 1024,          /* search identifiers of one rule */
    MAX_VALUE_BYTES = 65536,
    MAX_TAGS = 256,             /* of one rule */
    MAX_FIELD_KEY_BYTES = 1024, /* a field and its modifiers */
    MAX_CONDITION_NODES = 4096,
    MAX_CONDITION_DEPTH = 64, /* parentheses and `not`, one in the other */
};

/* --- fields */

enum field_kind {
    FIELD_EVENT, /* the event's own */
    FIELD_ALERT, /* normalised; the event's own where that is empty */
    FIELD_TECHNIQUE,
    FIELD_SRC_COUNTRY,
    FIELD_DST_COUNTRY,
    FIELD_KIND, /* from here on decided, never from the event */
    FIELD_SEVERITY,
    FIELD_SOURCE,
    FIELD_UNIT,
    FIELD_SYSTEM,
    FIELD_LEVEL,
    FIELD_WATCHLIST,
    FIELD_LATE,
};

struct field {
    struct str name;
    enum field_kind kind;
    enum alert_field alert; /* FIELD_ALERT */
};

/* What a name in a rule means; `field.name` borrows. */
struct field field_of(struct str name);

#define KEYWORDS UINT32_MAX /* instead of a field's number: all values */

/* --- values */

enum compare { COMPARE_EQ, COMPARE_LT, COMPARE_LTE, COMPARE_GT, COMPARE_GTE };
enum time_part {
    TIME_MINUTE,
    TIME_HOUR,
    TIME_DAY,
    TIME_WEEK, /* ISO 8601 */
    TIME_MONTH,
    TIME_YEAR
};

enum test_type {
    TEST_NULL, /* null or absent */
    TEST_PATTERN,
    TEST_REGEX,
    TEST_CIDR,
    TEST_COMPARE,
    TEST_EXISTS,
    TEST_FIELDREF,
    TEST_TIME,
};

struct test {
    enum test_type type;
    enum compare compare; /* TEST_COMPARE, TEST_TIME */
    union {
        struct {
            struct pattern plain;
            struct pattern composed; /* for fields that hold names */
        } pattern;
        const struct regex *regex;
        struct prefix prefix;
        struct decimal number; /* TEST_COMPARE, TEST_TIME */
        bool exists;
        struct {
            uint32_t field;
            enum wrap wrap;
            bool cased;
        } other;
    } is;
    enum time_part part; /* TEST_TIME */
};

/* One value as written; any of its tests will do (several: base64offset). */
struct value {
    struct str written;
    struct place place;
    const struct test *test;
    size_t n_tests;
};

/* field|modifiers: values */
struct item {
    struct str written; /* the key */
    struct place place;
    uint32_t field; /* number, or KEYWORDS */
    const struct value *value;
    size_t n_values;
    bool all;     /* every value, else any */
    bool negated; /* neq */
};

/* Whether the key has this modifier (item_words.c). */
bool item_has(const struct item *item, const char *modifier);

/* A map: every item. */
struct group {
    const struct item *item;
    size_t n_items;
};

/* A search identifier: any group. */
struct search {
    struct str name;
    struct place place;
    const struct group *group;
    size_t n_groups;
};

/* --- conditions */

enum condition_type {
    CONDITION_SEARCH,
    CONDITION_NOT, /* of the only child */
    CONDITION_AND,
    CONDITION_OR,
    CONDITION_OF, /* at least `need` of `n_searches` */
};

struct condition {
    enum condition_type type;
    const struct condition *first, *next; /* child, sibling */
    const uint32_t *search;
    uint32_t n_searches; /* 1 for CONDITION_SEARCH */
    uint32_t need;
};

struct logic {
    const struct search *search;
    size_t n_searches;
    struct str written; /* the condition, joined by " or " where a list */
    const struct condition *condition;
};

/* --- the rule set */

struct rule_member {
    struct digest key_id;
    struct str text; /* as written */
};

struct rules {
    struct detection **detection; /* by id */
    size_t n_detections;
    struct correlation **correlation;    /* by id; implicit ones behind */
    const struct rule_options **options; /* of correlations, or NULL */
    size_t n_correlations;
    /* What every detection that holds feeds, and every alert. */
    struct feeds *any, *any_alert;
    size_t n_any, n_any_alert;
    /* By number of a correlation: the keys that must speak, or NULL. */
    const struct rule_member **member;
    const struct field *field;
    size_t n_fields;
    size_t n_filters, n_refused;
    const struct matcher *matcher; /* of the detections */
};

/* --- loading */

struct table;

struct rule_loader {
    struct arena *arena;   /* of the rule set: what is kept */
    struct arena *scratch; /* of one file: its YAML */
    struct complaints *complaints;
    struct table *names; /* of fields */
    struct field *field;
    size_t n_fields;
    size_t n_values; /* of the rule being loaded */
    const char *file;
    struct table *placeholder_names;
    struct placeholder *placeholder; /* by number (placeholder.h) */
    bool has_expanded;      /* of the rule being loaded: placeholders, */
    struct digest expanded; /* and what they stand for */
    const struct calendar *calendar; /* NULL: no holidays */
    bool keep_examples;
    bool full; /* the arena: nothing more can be loaded */
};

/* A copy in the rule set's arena. */
struct str loader_keep(struct rule_loader *loader, struct str s);
/* Zeroed; NULL (and loader->full) when the arena is. */
void *loader_take(struct rule_loader *loader, size_t n, size_t size);
/* The same place, with a file name that lasts. */
struct place loader_place(const struct rule_loader *loader, struct place place);
/* From here on what is taken comes from `own`, a part of `outer`, which is at
 * most 64 MiB of the rule set's arena: one rule cannot take what others need.
 */
struct arena *loader_begin(struct rule_loader *loader, struct arena *own);
/* The end of it; false, having complained at `place`: it was not enough. */
bool loader_end(struct rule_loader *loader, struct arena *outer,
                struct place place);
/* The number of a field, new or known; KEYWORDS when there are too many. */
uint32_t loader_field(struct rule_loader *loader, struct str name);

/* detection: or filter: → logic; NULL with complaints. `other`: a key that is
 * no search identifier; NULL: none. */
const struct logic *logic_load(struct rule_loader *loader,
                               const struct yaml *detection, const char *other);
/* condition: over the searches that are known. NULL with complaints. */
const struct condition *condition_load(struct rule_loader *loader,
                                       const struct yaml *node,
                                       struct logic *logic);
/* One `field|modifiers: values`; `key` may be empty: keywords, whose values
 * `node` is. False with complaints. */
bool item_load(struct rule_loader *loader, struct str key, struct place place,
               const struct yaml *node, struct item *item);
/* A detection or the draft of a correlation from one document; NULL with
 * complaints. */
struct detection *detection_load(struct rule_loader *loader,
                                 const struct yaml *document);

/* The members of a silence, sorted by digest; NULL: no memory. */
const struct rule_member *rule_members_new(struct rule_loader *loader,
                                           const struct correlation *of);
/* The member that a key is; NULL: it is none. */
const struct rule_member *rule_members_find(const struct rule_member *members,
                                            size_t n, struct digest key_id);

/* Bits of the tactics among a rule's tags. */
uint32_t tactics_of(const struct yaml *tags);
/* The tags themselves. */
void tags_load(struct rule_loader *loader, const struct yaml *tags,
               struct rule_options *options);

/* A correlation before what it refers to is known. */
struct reference {
    struct str name; /* name or id of a rule */
    struct place place;
};
struct alias {
    struct str name;
    struct place place;
    struct reference rule[MAX_CORRELATION_STEPS];
    struct str field[MAX_CORRELATION_STEPS];
    size_t step[MAX_CORRELATION_STEPS]; /* set by linking */
    size_t n;
    bool used;
};
/* A number for each of some rules. */
struct rule_numbers {
    struct place place;
    struct reference rule[MAX_CORRELATION_STEPS];
    uint32_t number[MAX_CORRELATION_STEPS];
    size_t n;
};
/* A text that is read when the rules are known. */
struct written {
    struct str text; /* empty: there is none */
    struct place place;
    struct yaml node; /* that text, for places in it */
};
struct draft {
    struct correlation *correlation;
    struct rule_options *options;
    struct place place;
    struct reference rule[MAX_CORRELATION_STEPS];
    bool any;       /* every detection or alert: no rule is referred to */
    size_t n_until; /* the last so many of the rules end a row */
    struct rule_numbers counts, score;
    struct written words; /* the condition; its place in any case */
    bool wants_all;       /* temporal types: no condition */
    struct alias *alias;
    size_t n_aliases;

    /* Set by linking: what each step is … */
    struct detection *detection[MAX_CORRELATION_STEPS];
    struct draft *inner[MAX_CORRELATION_STEPS]; /* … of the two, one */
    bool refused;
    /* … and on the way through what refers to what (chain_link.c). */
    enum draft_visit { VISIT_NEW, VISIT_ON_PATH, VISIT_DONE } visit;
    size_t visit_step;
    struct draft *visit_from;
    struct chain_feed *feed;
};
struct draft *draft_load(struct rule_loader *loader,
                         const struct yaml *document);
/* What both have in common. False with complaints. */
struct rule_head {
    struct str id, name, title;
    struct place place;
    struct place id_place, name_place; /* of what gives them */
    enum severity level;
};
bool head_load(struct rule_loader *loader, const struct yaml *document,
               struct rule_head *head);
/* Warns of what a rule says of itself in another form than Sigma's. */
void rule_meta_check(struct rule_loader *loader, const struct yaml *document);
bool logsource_load(struct rule_loader *loader, const struct yaml *document,
                    struct logsource *logsource);
/* What a logsource and a detection (or filter) mean: equal for equal ones, with
 * what their placeholders stand for. */
struct digest meaning_of(struct rule_loader *loader,
                         const struct logsource *logsource,
                         const struct yaml *detection);
/* "the rule has no <key>:", with a suggestion among its keys. */
void complain_missing(struct rule_loader *loader, const struct yaml *map,
                      const char *key);

/* Detections and correlations by id and name. */
struct rule_index {
    struct table *ids;        /* of detections and correlations */
    struct table *names;      /* the same */
    struct place *id_place;   /* by number: where it stands */
    struct str *name_id;      /* by number of a name: the rule's id */
    struct detection **by_id; /* by number; NULL: a correlation */
    struct detection **by_name;
    struct draft **draft_by_id; /* by number; NULL: a detection */
    struct draft **draft_by_name;
    struct table *refused; /* ids and names of what was not loaded */
    struct place *refused_place;
};
bool rule_index_open(struct rule_index *index, struct rule_loader *loader);
void rule_index_close(struct rule_index *index);
/* Remembers a rule: a detection or the draft of a correlation. False with
 * complaints: its id or name is that of another. */
bool rule_index_enter(struct rule_index *index, struct rule_loader *loader,
                      const struct rule_head *head, struct detection *detection,
                      struct draft *draft);
/* What refers to a document that was not loaded can say so. */
void rule_index_note_refused(struct rule_index *index,
                             const struct rule_loader *loader,
                             const struct yaml *document);
/* The id of the rule that an id or a name means; empty: there is none. */
struct str rule_index_id(const struct rule_index *index, struct str name);
/* Finds what the draft's references and aliases mean: its steps, but for the
 * meaning of correlations among them. False with complaints. */
bool draft_link(struct rule_loader *loader, const struct rule_index *index,
                struct draft *draft);
/* The field that a name (of group-by, or one that others need) means in the
 * events of a step. NO_STR: it is an alias, and has none for that step. */
struct str draft_field(const struct draft *draft, struct str name, size_t step);
/* Links all drafts, sorted by id: refuses cycles and what refers to something
 * refused, seals the others, marks detections as referred. Those that cannot
 * be are `refused`, with complaints. `order` has room for as many. */
void drafts_link(struct rule_loader *loader, const struct rule_index *index,
                 struct draft **drafts, struct draft **order, size_t n);

/* The steps (bits) of the rule that a name or id means; 0: it is no step. Call
 * when the ids of the steps are known. */
uint32_t draft_steps_of(const struct rule_index *index,
                        const struct draft *draft, struct str name);
/* What is said of single rules, and the condition, of a draft whose steps have
 * their ids: fills counts, scores, `until`, threshold and conjuncts. False
 * with complaints. */
bool draft_conditions_link(struct rule_loader *loader,
                           const struct rule_index *index, struct draft *draft);
/* The draft's condition of words → conjuncts. */
bool words_link(struct rule_loader *loader, const struct rule_index *index,
                struct draft *draft);

/* A list of field names or one, at most MAX_GROUP_FIELDS, appended. */
bool fields_list_load(struct rule_loader *loader, const struct yaml *node,
                      struct str *fields, size_t *n);
/* JSON of a node; numbers that JSON does not know become texts. */
void buf_yaml(struct buf *buf, const struct yaml *node);

/* thapcanh: of a detection or correlation; false with complaints. */
bool options_load(struct rule_loader *loader, const struct yaml *node,
                  bool is_correlation, struct rule_options *options);
/* The title for people; Sigma's own where a language is not given. */
struct both options_title(const struct rule_options *options, struct str title);

#endif
