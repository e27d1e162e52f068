/* SPDX-License-Identifier: Apache-2.0
 *
 * Claims and commits: builds the calls of the one Redis function and reads
 * its answers. If Redis does not know the function (new, flushed, another
 * version's), it is loaded and the call is made again: nothing happened. */
#include "base/commit.h"

#include "base/hash.h"
#include "commit_lua.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
marker_write(struct buf *buf, const struct marker *marker)
{
    buf_format(buf, "1 %s %" PRIu32 " %" PRId64 " ",
               marker->cluster[0] ? marker->cluster : "-", marker->incarnation,
               marker->offset);
    if (marker->has_last)
        buf_format(buf, "%" PRId64 " %08" PRIx32, marker->last_ms,
                   marker->last_crc);
    else
        buf_add(buf, STR("- -"));
}

static bool
read_hex32(struct str s, uint32_t *n)
{
    uint32_t sum = 0;
    if (s.len != 8)
        return false;
    for (size_t i = 0; i < 8; i++) {
        char c = s.at[i];
        uint32_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else
            return false;
        sum = sum << 4 | digit;
    }
    *n = sum;
    return true;
}

bool
marker_read(struct str text, struct marker *marker)
{
    struct str part[6];
    for (size_t i = 0; i < 6; i++)
        if (!str_split(&text, ' ', &part[i]))
            return false;
    int64_t incarnation, offset;
    struct marker m = {0};
    if (!str_equal(part[0], STR("1")) || text.len > 0 ||
        part[1].len >= sizeof m.cluster || str_contains(part[1], STR("\0")) ||
        !str_to_i64(part[2], &incarnation) || incarnation < 0 ||
        incarnation > UINT32_MAX || !str_to_i64(part[3], &offset) || offset < 0)
        return false;
    if (!str_equal(part[1], STR("-")))
        memcpy(m.cluster, part[1].at, part[1].len);
    m.incarnation = (uint32_t)incarnation;
    m.offset = offset;
    m.has_last = !str_equal(part[4], STR("-"));
    if (m.has_last &&
        (!str_to_i64(part[4], &m.last_ms) || !read_hex32(part[5], &m.last_crc)))
        return false;
    *marker = m;
    return true;
}

int
marker_compare(const struct marker *a, const struct marker *b)
{
    if (a->incarnation != b->incarnation)
        return a->incarnation < b->incarnation ? -1 : 1;
    return (a->offset > b->offset) - (a->offset < b->offset);
}

void
buf_state_key(struct buf *buf, struct str name, const char *table)
{
    buf_add(buf, STR("tc:{"));
    buf_add(buf, name);
    buf_add(buf, STR("}:"));
    buf_add(buf, str_of(table));
}

static void
changes_put(struct changes *changes, struct change change, struct str field,
            struct str value)
{
    if (changes->n == changes->room) {
        size_t room = changes->room ? changes->room * 2 : 256;
        struct change *at = realloc(changes->at, room * sizeof *at);
        if (!at) {
            changes->full = true;
            return;
        }
        changes->at = at;
        changes->room = room;
    }
    if (changes->bytes.max_bytes == 0)
        changes->bytes.max_bytes = (size_t)1 << 30;
    change.field = changes->bytes.len;
    change.field_len = field.len;
    buf_add(&changes->bytes, field);
    change.value = changes->bytes.len;
    change.value_len = value.len;
    buf_add(&changes->bytes, value);
    changes->full |= changes->bytes.full;
    changes->at[changes->n++] = change;
}

void
changes_set(struct changes *changes, size_t table, struct str field,
            struct str value)
{
    changes_put(changes, (struct change){.table = (uint32_t)table}, field,
                value);
}

void
changes_unset(struct changes *changes, size_t table, struct str field)
{
    struct change change = {.table = (uint32_t)table, .unset = true};
    changes_put(changes, change, field, NO_STR);
}

void
changes_clear(struct changes *changes)
{
    buf_clear(&changes->bytes);
    changes->n = 0;
    changes->full = false;
}

void
changes_free(struct changes *changes)
{
    buf_free(&changes->bytes);
    free(changes->at);
    *changes = (struct changes){0};
}

/* The arguments are collected as offsets into args->text while that still
 * grows, and made into slices at the end. */
static void
arg_add(struct commit_args *args, struct str s)
{
    if (args->n == args->room) {
        size_t room = args->room ? args->room * 2 : 1024;
        struct str *at = realloc(args->at, room * sizeof *at);
        if (!at) {
            args->text.full = true;
            return;
        }
        args->at = at;
        args->room = room;
    }
    args->at[args->n++] = s;
}

static void
arg_text(struct commit_args *args, size_t from)
{
    arg_add(args, (struct str){NULL, args->text.len - from});
}

static void
arg_number(struct commit_args *args, uint64_t n)
{
    size_t from = args->text.len;
    buf_u64(&args->text, n);
    arg_text(args, from);
}

/* Slices without an address are the parts of args->text, in order. */
static void
args_settle(struct commit_args *args)
{
    size_t at = 0;
    for (size_t i = 0; i < args->n; i++) {
        if (args->at[i].at)
            continue;
        args->at[i].at = args->text.at + at;
        at += args->at[i].len;
    }
}

void
commit_args_free(struct commit_args *args)
{
    free(args->at);
    buf_free(&args->text);
    *args = (struct commit_args){0};
}

static const char *
function_name(void)
{
    static _Thread_local char name[32];
    if (!name[0]) {
        struct buf buf = {0};
        buf_format(&buf, "thapcanh_%08" PRIx32,
                   hash_crc32c(0, STR(COMMIT_LUA)));
        memcpy(name, buf.at, buf.len);
        buf_free(&buf);
    }
    return name;
}

static enum redis_says
function_load(struct redis *redis, struct err *why)
{
    struct buf code = {0};
    struct str rest = STR(COMMIT_LUA), part;
    for (bool first = true; str_split(&rest, '@', &part); first = false) {
        if (str_equal(part, STR("NAME")))
            buf_add(&code, str_of(function_name()));
        else
            buf_add(&code, part);
        (void)first;
    }
    struct str arg[] = {STR("FUNCTION"), STR("LOAD"), buf_str(&code)};
    struct redis_reply *reply;
    enum redis_says says = redis_call(redis, arg, 3, &reply, why);
    redis_reply_free(reply);
    buf_free(&code);
    /* Another worker was quicker: its text is ours, the name says so. */
    if (says == REDIS_REFUSED &&
        str_contains(str_of(why->text), STR("already exists")))
        return REDIS_FINE;
    return says;
}

static void
args_begin(struct commit_args *args, const struct claim *claim, bool tables)
{
    args->n = 0;
    buf_clear(&args->text);
    args->text.max_bytes = (size_t)1 << 28;
    arg_add(args, STR("FCALL"));
    arg_add(args, str_of(function_name()));
    arg_number(args, tables ? claim->tables->n + 1 : 1);
    size_t from = args->text.len;
    buf_state_key(&args->text, claim->name, "marker");
    arg_text(args, from);
    for (size_t i = 0; tables && i < claim->tables->n; i++) {
        from = args->text.len;
        buf_state_key(&args->text, claim->name, claim->tables->name[i]);
        arg_text(args, from);
    }
}

static void
args_changes(struct commit_args *args, const struct changes *changes,
             uint32_t table, bool unset)
{
    size_t n = 0;
    for (size_t i = 0; changes && i < changes->n; i++)
        n += changes->at[i].table == table && changes->at[i].unset == unset;
    arg_number(args, unset ? n : 2 * n);
    for (size_t i = 0; n > 0 && i < changes->n; i++) {
        const struct change *c = &changes->at[i];
        if (c->table != table || c->unset != unset)
            continue;
        const char *bytes = changes->bytes.at ? changes->bytes.at : "";
        arg_add(args, (struct str){bytes + c->field, c->field_len});
        if (!unset)
            arg_add(args, (struct str){bytes + c->value, c->value_len});
    }
}

static enum commit_says
verdict(enum redis_says says)
{
    return says == REDIS_FINE   ? COMMIT_DONE
           : says == REDIS_AWAY ? COMMIT_AWAY
                                : COMMIT_BROKEN;
}

static bool
function_missing(const struct err *why)
{
    return str_contains(str_of(why->text), STR("Function not found"));
}

enum commit_says
commit_claim(struct redis *redis, struct claim *claim, uint64_t number,
             struct buf *marker, struct err *why)
{
    struct commit_args args = {0};
    args_begin(&args, claim, false);
    arg_add(&args, STR("claim"));
    arg_number(&args, number);
    args_settle(&args);
    struct redis_reply *reply = NULL;
    enum redis_says says = redis_call(redis, args.at, args.n, &reply, why);
    if (says == REDIS_REFUSED && function_missing(why)) {
        says = function_load(redis, why);
        if (says == REDIS_FINE)
            says = redis_call(redis, args.at, args.n, &reply, why);
    }
    commit_args_free(&args);
    if (says != REDIS_FINE)
        return verdict(says);
    buf_clear(marker);
    buf_add(marker, reply_text(reply));
    redis_reply_free(reply);
    claim->number = number;
    claim->commit = 0;
    return COMMIT_DONE;
}

enum commit_says
commit_owner(struct redis *redis, const struct claim *claim, uint64_t *number,
             struct err *why)
{
    struct buf key = {0};
    buf_state_key(&key, claim->name, "marker");
    struct str arg[] = {STR("HGET"), buf_str(&key), STR("claim")};
    struct redis_reply *reply;
    enum redis_says says = redis_call(redis, arg, 3, &reply, why);
    buf_free(&key);
    if (says != REDIS_FINE)
        return verdict(says);
    int64_t n = 0;
    str_to_i64(reply_text(reply), &n);
    *number = (uint64_t)n;
    redis_reply_free(reply);
    return COMMIT_DONE;
}

enum commit_says
commit_send(struct redis *redis, const struct claim *claim,
            const struct commit *commit, struct commit_args *args,
            struct err *why)
{
    args_begin(args, claim, true);
    arg_add(args, STR("commit"));
    arg_number(args, claim->number);
    arg_number(args, claim->commit);
    arg_add(args, commit->expected ? str_of(commit->expected) : STR(""));
    arg_add(args, commit->marker ? str_of(commit->marker) : STR(""));
    arg_add(args, commit->drop_tables ? STR("1") : STR("0"));
    for (size_t i = 0; i < claim->tables->n; i++) {
        args_changes(args, commit->changes, (uint32_t)i, false);
        args_changes(args, commit->changes, (uint32_t)i, true);
    }
    if (args->text.full || (commit->changes && commit->changes->full)) {
        err_set(why, "out of memory for a commit");
        return COMMIT_BROKEN;
    }
    args_settle(args);
    return verdict(redis_send(redis, args->at, args->n, why));
}

enum commit_says
commit_finish(struct redis *redis, struct claim *claim, struct err *why)
{
    struct redis_reply *reply;
    enum redis_says says = redis_receive(redis, &reply, why);
    if (says == REDIS_REFUSED && function_missing(why)) {
        says = function_load(redis, why);
        return says == REDIS_FINE ? COMMIT_AWAY : verdict(says);
    }
    if (says != REDIS_FINE)
        return verdict(says);
    bool done = reply_number(reply) == 1;
    redis_reply_free(reply);
    if (!done)
        return COMMIT_REFUSED;
    claim->commit++;
    return COMMIT_DONE;
}

enum commit_says
commit_now(struct redis *redis, struct claim *claim,
           const struct commit *commit, struct commit_args *args,
           struct err *why)
{
    for (int tries = 0;; tries++) {
        enum commit_says says = commit_send(redis, claim, commit, args, why);
        if (says == COMMIT_DONE)
            says = commit_finish(redis, claim, why);
        if (says != COMMIT_AWAY || tries > 0 || !function_missing(why))
            return says;
    }
}
