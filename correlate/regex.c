/* SPDX-License-Identifier: Apache-2.0
 *
 * PCRE2 behind limits: a rule writer's mistake or a sender's text must not
 * hold up the alerts behind it. No heap: the library takes its memory from an
 * arena, and what it frees goes with the arena. */
#include "correlate/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    MAX_PATTERN_BYTES = 16384,
    MAX_PARENTHESES = 100,  /* one inside the other */
    MATCH_LIMIT = 1000000,  /* steps of one match */
    DEPTH_LIMIT = 10000,    /* of backtracking */
    HEAP_LIMIT_KIB = 16384, /* of one match */
};

struct regex {
    pcre2_code *code;
    struct str text;
    uint32_t options;
};

static void *
take(PCRE2_SIZE size, void *arena)
{
    return arena_take_raw(arena, size, 1);
}

static void
give_back(void *memory, void *arena)
{
    (void)memory;
    (void)arena;
}

const struct regex *
regex_make(struct str text, unsigned flags, struct arena *arena, size_t *where,
           struct err *why)
{
    int code = 0;
    uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C;
    options |= flags & REGEX_NOCASE ? PCRE2_CASELESS : 0;
    options |= flags & REGEX_LINES ? PCRE2_MULTILINE : 0;
    options |= flags & REGEX_DOT_LINES ? PCRE2_DOTALL : 0;
    *where = 0;
    struct regex *regex = arena_take(arena, 1, sizeof *regex);
    pcre2_general_context *memory =
        pcre2_general_context_create(take, give_back, arena);
    pcre2_compile_context *context =
        memory ? pcre2_compile_context_create(memory) : NULL;
    if (!regex || !context) {
        err_set(why, "out of memory");
        return NULL;
    }
    regex->text = arena_copy(arena, text);
    regex->options = options;
    pcre2_set_max_pattern_length(context, MAX_PATTERN_BYTES);
    pcre2_set_parens_nest_limit(context, MAX_PARENTHESES);
    regex->code = pcre2_compile((PCRE2_SPTR)(text.at ? text.at : ""), text.len,
                                options, &code, where, context);
    if (!regex->code) {
        PCRE2_UCHAR words[120];
        pcre2_get_error_message(code, words, sizeof words);
        err_set(why, "%s", (const char *)words);
        return NULL;
    }
    return regex;
}

struct str
regex_text(const struct regex *regex)
{
    return regex->text;
}

uint32_t
regex_options(const struct regex *regex)
{
    return regex->options;
}

enum regex_says
regex_match(const struct regex *regex, struct str text, struct arena scratch)
{
    pcre2_general_context *memory =
        pcre2_general_context_create(take, give_back, &scratch);
    pcre2_match_context *context =
        memory ? pcre2_match_context_create(memory) : NULL;
    pcre2_match_data *data =
        context ? pcre2_match_data_create(1, memory) : NULL;
    if (!data)
        return REGEX_LIMIT;
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_depth_limit(context, DEPTH_LIMIT);
    pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
    int says = pcre2_match(regex->code, (PCRE2_SPTR)(text.at ? text.at : ""),
                           text.len, 0, 0, data, context);
    if (says >= 0)
        return REGEX_YES;
    return says == PCRE2_ERROR_NOMATCH ? REGEX_NO : REGEX_LIMIT;
}
