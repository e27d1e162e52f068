/* SPDX-License-Identifier: Apache-2.0
 *
 * A compiled mapping, and what its parts offer one another. The idea: all
 * paths of a mapping are one trie over member names, so that a single pass
 * over an event finds every value a mapping asks for (`struct slots`); the
 * fields are then read out of that table. Paths with array steps keep what
 * comes after the first bracket as a tail, which is walked only when the
 * value is needed. Everything here is read-only once loaded. */
#ifndef INGEST_SOURCE_PRIV_H
#define INGEST_SOURCE_PRIV_H

#include "ingest/source.h"

enum {
    MAX_SLOTS = 512,    /* distinct paths of one mapping */
    MAX_PATH_NAMES = 8, /* names in one path before its first bracket */
    MAX_PATH_BYTES = 255,
    MAX_TRIE_NODES = 16384,
    MAX_VALUE_PARTS = 32, /* of one join or list of alternatives */
    MAX_VALUE_DEPTH = 6,
    MAX_TABLE_ENTRIES = 4096,
    MAX_IGNORED = 16,
    MAX_PREFIXES = 8,
    MAX_TIMES = 8,
    MAX_VERSIONS = 32,
    MAX_SEVERITY_WORDS = 256,
    MAX_REQUIRES = 16,
    MAX_KINDS = 20000,
    MAX_WORD_BYTES = 64, /* of a severity word, folded */
};

/* --- words (word.c) ---------------------------------------------------- */

/* `text` without regard to letter case, composed or decomposed writing, and
 * blanks around it: the same bytes for "TRUNG BÌNH" and "trung bình". Returns
 * the length, never more than text.len; 0 when it is over `max`. Covers ASCII
 * and the letters of Vietnamese; other letters stay as they are. */
size_t word_fold(struct str text, char *folded, size_t max);

/* Folded words, numbered from 1 in the order they were added. */
struct word_set {
    struct str *word;
    uint32_t *bucket; /* numbers; 0: empty; mask + 1 of them */
    uint64_t mask;
    uint32_t n;
};
/* Room for `n` words; false when out of memory. */
bool word_set_take(struct word_set *set, size_t n, struct arena *arena);
/* The number of a new word; 0 when it is there already. */
uint32_t word_set_add(struct word_set *set, struct str text,
                      struct arena *arena);
uint32_t word_set_find(const struct word_set *set, struct str folded);

/* --- paths (source_path.c) ------------------------------------------- */

enum step_type { STEP_NAME, STEP_INDEX, STEP_EACH };

/* After the first bracket of a path: "[*]", "[3]", or names ("a.b"). */
struct step {
    enum step_type type;
    uint32_t index;
    struct str names;
};

struct path {
    uint32_t slot;
    struct step *tail;
    size_t n_tail;
};

/* While a mapping is loaded: every node knows its children. */
struct trie_node {
    struct str key;
    struct trie_node *first, *next;
    uint32_t number;
    uint32_t slot; /* the path that ends here, or NO_SLOT */
    uint8_t rank;  /* among the ways to split that path: the least wins */
};

#define NO_SLOT UINT32_MAX

struct trie_entry {
    struct str key;
    uint32_t parent, child; /* child 0: empty */
};

struct trie_end {
    uint32_t slot;
    uint8_t rank;
    bool has_children;
};

struct trie {
    struct trie_node *root;
    uint32_t n_nodes;
    struct trie_entry *entry; /* open addressing; mask + 1 of them */
    uint64_t mask;
    struct trie_end *end; /* by node number */
    struct str slot_path[MAX_SLOTS];
    uint32_t n_slots;
};

/* What one pass over an event found. */
struct slots {
    const struct json *node[MAX_SLOTS];
    uint8_t rank[MAX_SLOTS];
};

/* Adds `text` to the trie and fills `path`; false with complaints. */
bool path_load(struct trie *trie, struct str text, struct place place,
               struct path *path, struct arena *arena,
               struct complaints *complaints);
/* Makes the trie ready for path_collect; false when out of memory. */
bool path_compile(struct trie *trie, struct arena *arena);
void path_collect(const struct trie *trie, const struct json *event,
                  struct slots *slots);
/* Calls `each` with every node the path leads to, until it answers false. */
void path_walk(const struct path *path, const struct slots *slots,
               bool (*each)(void *context, const struct json *node),
               void *context);

/* --- values (source_value.c, source_value_load.c) --------------------- */

enum value_type {
    VALUE_NONE,
    VALUE_PATH,
    VALUE_CONST,
    VALUE_JOIN,
    VALUE_FIRST
};
enum value_shape {
    AS_TEXT,
    AS_IP,
    AS_PORT,
    AS_LOWER,
    AS_FILENAME,
    AS_MD5,
    AS_SHA1,
    AS_SHA256,
    N_SHAPES
};

/* From texts to texts, without regard to letter case (word_fold). */
struct value_table {
    struct word_set from;
    struct str *to;     /* by number of the word */
    struct str *folded; /* of those with a wildcard, in file order */
    uint32_t *glob;     /* their numbers */
    size_t n_globs;
};

struct value {
    enum value_type type;
    enum value_shape shape;
    bool plain; /* a path without tail and without any change to its text */
    struct path path;
    struct str text; /* the constant */
    struct value *part;
    size_t n_parts;
    struct str after, until;
    const struct value_table *table;
    struct str otherwise; /* `default:` */
};

/* What reading a value needs, for one event. */
struct reading {
    const struct source *source;
    const struct slots *slots;
    struct arena *scratch;
    bool cut; /* something was longer than MAX_FIELD_BYTES */
};

/* The text of a value, at most MAX_FIELD_BYTES and whole UTF-8; empty: the
 * event has none. Borrows from event, mapping or scratch. */
struct str value_read(const struct value *value, struct reading *reading);

struct path_prefix;
struct loader {
    struct source *source;
    struct arena *arena;
    struct complaints *complaints;
};
/* Reads a value as written in a mapping: a path, a list of alternatives, or
 * a map. False with complaints; a NULL node leaves VALUE_NONE. */
bool value_load(struct loader *loader, const struct yaml *node,
                struct value *value);
/* The paths `node` stands for: one, or with a "$prefix" one for each. NULL
 * with complaints. */
struct path *value_paths(struct loader *loader, const struct yaml *node,
                         size_t *n);

/* The prefix called `name`, or NULL with a complaint at `node`. */
const struct path_prefix *
value_prefix(struct loader *loader, const struct yaml *node, struct str name);

/* --- times (source_time.c) -------------------------------------------- */

#define TIME_FORMATS(X)                                                        \
    X(TIME_ISO, "iso")                                                         \
    X(TIME_DMY, "dmy")                                                         \
    X(TIME_EPOCH, "epoch")                                                     \
    X(TIME_EPOCH_S, "epoch_s")                                                 \
    X(TIME_EPOCH_MS, "epoch_ms")                                               \
    X(TIME_EPOCH_US, "epoch_us")                                               \
    X(TIME_EPOCH_NS, "epoch_ns")                                               \
    X(TIME_MONTH, "month")

enum time_format {
#define X(name, id) name,
    TIME_FORMATS(X)
#undef X
        N_TIME_FORMATS
};

struct time_rule {
    struct value value;
    enum time_format format[N_TIME_FORMATS];
    size_t n_formats;
    int zone_minutes;
};

bool time_rule_load(struct loader *loader, const struct yaml *node,
                    int zone_minutes, struct time_rule *rule);
bool time_zone_load(const struct yaml *node, int *minutes,
                    struct complaints *complaints);
/* NO_TIME when the event has no readable time. */
int64_t time_rule_read(const struct time_rule *rules, size_t n,
                       struct reading *reading, int64_t arrival_ms);

/* --- severity (severity_table.c) --------------------------------------- */

struct severity_word {
    struct str folded;
    enum severity severity;
};

struct severity_range {
    int64_t min, max; /* millionths, both ends belong to it */
    enum severity severity;
};

struct severity_table {
    struct str version;
    int32_t from, to;   /* days in UTC+7, both belong to it */
    struct value value; /* what is looked up; none: vendor_severity */
    struct severity_word *word;
    size_t n_words;
    struct severity_range *range;
    size_t n_ranges;
    bool has_missing;
    enum severity missing; /* of an alert that carries no severity */
    struct place place;
};

bool severity_tables_load(struct loader *loader, const struct yaml *node);
/* The table valid on `day`, or NULL. */
const struct severity_table *severity_table_on(const struct source *source,
                                               int32_t day);
enum severity severity_table_find(const struct severity_table *table,
                                  struct str text);

/* --- kinds (kinds.c) ---------------------------------------------------- */

struct kinds;

const struct kinds *kinds_load(const char *path, struct arena *arena,
                               struct complaints *complaints);
enum kind kinds_find(const struct kinds *kinds, const struct alert *alert);

/* --- rules (source_view.c) ---------------------------------------------- */

/* Fills source->view from rule_fields:, rule_roots:, rule_names:. */
void view_load(struct loader *loader, const struct yaml *root);

/* --- ATT&CK ids (technique.c) -------------------------------------------- */

/* Adds every ATT&CK technique id in `text` that `alert` does not have yet. */
void technique_scan(struct str text, struct alert *alert,
                    struct arena *scratch);

/* --- the mapping --------------------------------------------------------- */

struct field_rule {
    enum alert_field field;
    struct value value;
};

/* One of the paths must lead to something, and its text be one of `is`. */
struct require {
    struct path *path;
    size_t n_paths;
    struct str *is; /* none: anything but null and empty text will do */
    size_t n_is;
};

struct path_prefix {
    struct str name;
    struct str *path; /* "" for the alert itself */
    size_t n_paths;
};

struct source {
    struct str name, product;
    int64_t lateness_ms, dedup_ms, ahead_ms, too_old_ms;

    struct trie trie;
    struct path_prefix prefix[MAX_PREFIXES];
    size_t n_prefixes;
    struct str ignored[MAX_IGNORED];
    size_t n_ignored, max_ignored_len;

    struct require require[MAX_REQUIRES];
    size_t n_requires;
    struct field_rule field[N_ALERT_FIELDS];
    size_t n_fields;
    struct value *technique;
    size_t n_techniques;
    struct value product_log, category_log, service_log;
    struct time_rule time[MAX_TIMES];
    size_t n_times;
    struct severity_table severity[MAX_VERSIONS]; /* by from */
    size_t n_severities;
    bool has_severity[N_SEVERITIES];
    enum alert_field change[N_ALERT_FIELDS];
    size_t n_changes;
    const struct kinds *kinds; /* NULL: none */
    struct rule_view view;
};

#endif
