/* SPDX-License-Identifier: Apache-2.0
 *
 * Reasons and collected mistakes. A message may quote the text of a stranger:
 * control characters in it are made harmless, so a complaint is one line. */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MAX_KEPT = 1000, MAX_LINE = 4096, MAX_LISTED = 10 };

/* A cut may fall inside a UTF-8 character: takes its beginning off too. */
static size_t
whole_characters(const char *text, size_t len)
{
    size_t at = len;
    while (at > 0 && len - at < 3 && (text[at - 1] & 0xc0) == 0x80) {
        at--;
    }
    if (at == 0) {
        return len;
    }
    unsigned char first = (unsigned char)text[at - 1];
    size_t wants = first >= 0xf0   ? 4
                   : first >= 0xe0 ? 3
                   : first >= 0xc0 ? 2
                                   : 1;
    return wants > len - at + 1 ? at - 1 : len;
}

/* Formats into `size` bytes, cut to fit. */
static void format_cut(char *text, size_t size, const char *format,
                       va_list args) __attribute__((format(printf, 3, 0)));

static void
format_cut(char *text, size_t size, const char *format, va_list args)
{
    int len = vsnprintf(text, size, format, args);
    if (len < 0) {
        text[0] = '\0';
    } else if ((size_t)len >= size) {
        text[whole_characters(text, size - 1)] = '\0';
    }
}

/* Through a text of its own, so that a reason may quote the one it replaces. */
void
err_set(struct err *why, const char *format, ...)
{
    if (!why) {
        return;
    }
    struct err fresh;
    va_list args;
    va_start(args, format);
    format_cut(fresh.text, sizeof fresh.text, format, args);
    va_end(args);
    memcpy(why->text, fresh.text, strlen(fresh.text) + 1);
}

static void
add_place(struct buf *text, struct place place)
{
    if (!place.file) {
        return;
    }
    buf_add(text, str_of(place.file));
    if (place.line > 0) {
        buf_format(text, ":%u", place.line);
        if (place.column > 0) {
            buf_format(text, ":%u", place.column);
        }
    }
    buf_add(text, STR(": "));
}

/* The last line of a full list tells how many are not in it. */
static void
add_more(struct complaints *complaints, size_t n_more)
{
    struct buf *text = &complaints->text;
    if (n_more > 1) {
        text->len--; /* the end of the line that said so before */
        while (text->len > 0 && text->at[text->len - 1] != '\n') {
            text->len--;
        }
    }
    buf_format(text, "… and %zu more\n", n_more);
}

static void
add_complaint(struct complaints *complaints, struct place place,
              const char *kind, const char *message)
{
    struct buf *text = &complaints->text;
    size_t n = complaints->n_errors + complaints->n_warnings;
    if (n > MAX_KEPT) {
        add_more(complaints, n - MAX_KEPT);
        return;
    }
    size_t start = text->len;
    add_place(text, place);
    buf_add(text, str_of(kind));
    buf_add(text, str_of(message));
    for (size_t i = start; i < text->len; i++) {
        unsigned char c = (unsigned char)text->at[i];
        if (c < 0x20 || c == 0x7f) {
            text->at[i] = '?';
        }
    }
    buf_char(text, '\n');
}

void
complain(struct complaints *complaints, struct place place, const char *format,
         ...)
{
    char message[MAX_LINE];
    va_list args;
    va_start(args, format);
    format_cut(message, sizeof message, format, args);
    va_end(args);
    complaints->n_errors++;
    add_complaint(complaints, place, "", message);
}

void
complain_warning(struct complaints *complaints, struct place place,
                 const char *format, ...)
{
    char message[MAX_LINE];
    va_list args;
    va_start(args, format);
    format_cut(message, sizeof message, format, args);
    va_end(args);
    complaints->n_warnings++;
    add_complaint(complaints, place, "warning: ", message);
}

void
complain_unknown(struct complaints *complaints, struct place place,
                 const char *what, struct str word, const struct str *names,
                 size_t n)
{
    /* What will not be kept is not worth a search. */
    bool is_kept = complaints->n_errors + complaints->n_warnings < MAX_KEPT;
    struct str near = is_kept ? str_nearest(word, names, n) : NO_STR;
    if (near.len > 0) {
        complain(complaints, place, "unknown %s '%.*s' (did you mean '%.*s'?)",
                 what, STR_ARG(word), STR_ARG(near));
    } else {
        struct buf known = {0};
        for (size_t i = 0; i < n && n <= MAX_LISTED; i++)
            buf_format(&known, "%s%.*s", i > 0 ? ", " : "", STR_ARG(names[i]));
        complain(complaints, place, "unknown %s '%.*s'%s%.*s%s", what,
                 STR_ARG(word), known.len > 0 ? " (known: " : "",
                 STR_ARG(buf_str(&known)), known.len > 0 ? ")" : "");
        buf_free(&known);
    }
}

void
complaints_free(struct complaints *complaints)
{
    buf_free(&complaints->text);
    *complaints = (struct complaints){0};
}
