/* SPDX-License-Identifier: Apache-2.0
 *
 * A value that is cut in a key whose values others use carries its digest.
 * Values of at most SHORT_BYTES are never cut: so many of them fit any key,
 * whatever has to be escaped in them. */
#include "group_key.h"

#include "base/unicode.h"
#include "decimal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    SHORT_BYTES = 31,
    MAX_BARE_BYTES = 64, /* of a number in a key; a longer one is a text */
    HEX_LEN = 32,
    DIGEST_LEN = 1 + HEX_LEN, /* "#…" */
};

static const struct str mark = {"…", sizeof "…" - 1};

/* "#" and the digest of a folded text. */
static struct str
digest_text(struct str folded, struct arena *scratch)
{
    struct digest digest = hash_digest_of(&folded, 1);
    return arena_format(scratch, "#%016" PRIx64 "%016" PRIx64, digest.half[0],
                        digest.half[1]);
}

/* Where the mark of a text begins; its length: there is none. */
static size_t
mark_at(struct str text)
{
    size_t len = mark.len + DIGEST_LEN;
    if (text.len < len)
        return text.len;
    struct str end = str_cut(text, text.len - len, text.len);
    if (!str_starts(end, mark) || end.at[mark.len] != '#')
        return text.len;
    for (size_t i = mark.len + 1; i < len; i++)
        if (!((end.at[i] >= '0' && end.at[i] <= '9') ||
              (end.at[i] >= 'a' && end.at[i] <= 'f')))
            return text.len;
    return text.len - len;
}

bool
group_value_of(enum json_type type, struct str text, struct str plain,
               struct arena *scratch, struct group_value *value)
{
    *value = (struct group_value){
        .text = text,
        .is_text = type == JSON_STRING,
    };
    if (type == JSON_NULL)
        return false;
    value->folded = STR("");
    if (text.len == 0)
        return false;
    value->folded = str_fold(plain.at ? plain : text, scratch);
    return value->folded.len > 0;
}

size_t
group_values_read(struct json_reader *reader, struct str key,
                  struct arena *scratch, struct group_value *values, size_t max)
{
    const struct json *root;
    if (json_read(reader, key, scratch, &root) != JSON_FINE ||
        root->type != JSON_ARRAY)
        return 0;
    size_t n = root->n_children < max ? root->n_children : max;
    const struct json *node = json_first(root);
    for (size_t i = 0; i < n; i++, node = json_next(node)) {
        struct str text = node->text.at ? node->text : STR("");
        struct str plain = NO_STR;
        if (node->type == JSON_NUMBER)
            plain = decimal_plain(text, scratch);
        size_t at = node->type == JSON_STRING ? mark_at(text) : text.len;
        if (at < text.len)
            values[i] = (struct group_value){
                .text = str_cut(text, 0, at),
                .folded = str_cut(text, at + mark.len, text.len),
                .is_text = true,
                .is_marked = true,
            };
        else
            group_value_of(node->type, text, plain, scratch, &values[i]);
    }
    return n;
}

/* --- digests */

/* As a correlation that is fed by others compares it. */
static struct str
short_text(const struct group_value *value, struct arena *scratch)
{
    return value->is_marked || value->folded.len <= SHORT_BYTES
               ? value->folded
               : digest_text(value->folded, scratch);
}

static struct str
compared(const struct correlation *correlation, const struct group_value *value,
         struct arena *scratch)
{
    return correlation->level > 0 ? short_text(value, scratch) : value->folded;
}

struct digest
group_key_id(const struct correlation *correlation,
             const struct group_value *values, struct arena *scratch)
{
    struct str parts[MAX_GROUP_FIELDS] = {NO_STR};
    for (size_t i = 0; i < correlation->n_group_by; i++)
        parts[i] = compared(correlation, &values[i], scratch);
    return hash_digest_of(parts, correlation->n_group_by);
}

/* --- as written */

/* At most `max` bytes, never within a character. */
static struct str
cut_text(struct str text, size_t max)
{
    while (text.len > max &&
           (max > 0 && ((unsigned char)text.at[max] & 0xc0) == 0x80))
        max--;
    return str_cut(text, 0, max);
}

static void
put_marked(struct buf *buf, const struct group_value *value, size_t most,
           struct arena scratch)
{
    char bytes[MAX_KEY_BYTES + sizeof "…" + DIGEST_LEN];
    struct buf text = {bytes, 0, sizeof bytes, sizeof bytes, false};
    if (!value->is_marked && value->folded.len <= SHORT_BYTES) {
        buf_json(buf, value->folded);
        return;
    }
    buf_add(&text, cut_text(value->text, most));
    buf_add(&text, mark);
    buf_add(&text, short_text(value, &scratch));
    buf_json(buf, buf_str(&text));
}

static void
put_value(struct buf *buf, const struct group_value *value, size_t most,
          bool marks, struct arena *scratch)
{
    bool bare = !value->is_text && value->text.len <= MAX_BARE_BYTES;
    if (!value->folded.at)
        buf_add(buf, STR("null"));
    else if (bare)
        buf_add(buf, value->text);
    else if (marks &&
             (value->is_marked || !value->is_text || value->text.len > most ||
              mark_at(value->text) < value->text.len))
        put_marked(buf, value, most, *scratch);
    else
        buf_json(buf, cut_text(value->text, most));
}

/* Each value is cut until the whole fits. */
static struct str
array_text(const struct group_value *values, size_t n, bool marks,
           struct arena *scratch)
{
    char *at = arena_take_raw(scratch, MAX_KEY_TEXT_BYTES, 1);
    struct buf buf = {
        .at = at, .cap = MAX_KEY_TEXT_BYTES, .max_bytes = MAX_KEY_TEXT_BYTES};
    for (size_t most = MAX_KEY_BYTES; at && most > 0; most /= 2) {
        buf_clear(&buf);
        buf_char(&buf, '[');
        for (size_t i = 0; i < n; i++) {
            if (i > 0)
                buf_char(&buf, ',');
            put_value(&buf, &values[i], most, marks, scratch);
        }
        buf_char(&buf, ']');
        if (!buf.full)
            return buf_str(&buf);
    }
    return STR("[]");
}

struct str
group_key_text(const struct correlation *correlation,
               const struct group_value *values, struct arena *scratch)
{
    return array_text(values, correlation->n_group_by, correlation->n_feeds > 0,
                      scratch);
}

struct str
group_carry_text(const struct group_value *values, size_t n,
                 struct arena *scratch)
{
    return array_text(values, n, true, scratch);
}

/* --- what is counted */

/* A number of digits is enough: it is read with amount_from. */
static bool
measured(const struct correlation *correlation, const struct group_value *value,
         struct arena *scratch, struct str *out)
{
    amount n;
    if (value->is_marked || !amount_from(value->folded, &n) ||
        (correlation->never_negative && n < 0))
        return false;
    char *at = arena_take_raw(scratch, MAX_BARE_BYTES, 1);
    struct buf buf = {
        .at = at, .cap = MAX_BARE_BYTES, .max_bytes = MAX_BARE_BYTES};
    if (!at)
        return false;
    amount_write(&buf, n);
    *out = buf_str(&buf);
    return !buf.full;
}

static uint32_t
points(const struct correlation_step *step, enum severity severity)
{
    static const uint32_t by_severity[N_SEVERITIES] = {
        [SEVERITY_INFORMATIONAL] = 1, [SEVERITY_LOW] = 5,
        [SEVERITY_MEDIUM] = 20,       [SEVERITY_HIGH] = 50,
        [SEVERITY_CRITICAL] = 100,    [SEVERITY_FATAL] = 100,
    };
    return step->score > 0 ? step->score : by_severity[severity];
}

struct str
group_score(const struct correlation_step *of, enum severity severity,
            struct arena *scratch)
{
    enum { NUMBERS = 22 }; /* two of 32 bits, and blanks */
    struct str rule = str_cut(of->rule, 0, MAX_KEY_BYTES - NUMBERS);
    return arena_format(scratch, "%" PRIu32 " %" PRIu32 " %.*s",
                        points(of, severity), of->tactics, STR_ARG(rule));
}

/* A tuple that an incident names is a JSON array of its values. False: it is
 * none, or too long for that. */
static bool
shown(const struct correlation *correlation, const struct str *parts,
      struct arena *scratch, struct str *value)
{
    char *at = arena_take_raw(scratch, MAX_KEY_BYTES, 1);
    struct buf buf = {
        .at = at, .cap = MAX_KEY_BYTES, .max_bytes = MAX_KEY_BYTES};
    if (!at || !correlation_alone(correlation))
        return false;
    for (size_t i = 0; i < correlation->n_value_fields; i++) {
        buf_char(&buf, i == 0 ? '[' : ',');
        buf_json(&buf, parts[i]);
    }
    buf_char(&buf, ']');
    *value = buf_str(&buf);
    return !buf.full;
}

bool
group_counted(const struct correlation *correlation, size_t step,
              const struct group_value *values, enum severity severity,
              struct arena *scratch, struct str *value)
{
    const struct correlation_step *of = &correlation->step[step];
    size_t n = correlation->n_value_fields;
    struct str parts[MAX_GROUP_FIELDS];
    *value = STR("");
    if (correlation->type == RISK) {
        *value = group_score(of, severity, scratch);
        return value->at != NULL;
    }
    if (n == 0)
        return true;
    if (correlation_measures(correlation))
        return measured(correlation, &values[0], scratch, value);
    for (size_t i = 0; i < n; i++)
        parts[i] = compared(correlation, &values[i], scratch);
    if (n == 1 && parts[0].len <= MAX_KEY_BYTES) {
        *value = parts[0];
        return true;
    }
    if (n > 1 && shown(correlation, parts, scratch, value))
        return true;
    struct digest digest = hash_digest_of(parts, n);
    *value = arena_format(scratch, "#%016" PRIx64 "%016" PRIx64, digest.half[0],
                          digest.half[1]);
    return value->at != NULL;
}
