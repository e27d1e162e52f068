/* SPDX-License-Identifier: Apache-2.0
 *
 * What went wrong, for people. A reason is written once, where it is known.
 * Mistakes in files that people write are collected, so that one run names
 * every mistake with file:line:column. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/buf.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The caller's next move. */
enum fate {
    DONE,   /* every effect is durable: the offset may advance */
    RETRY,  /* nothing happened: the same work again after a pause */
    REJECT, /* this message can never work: dead-letter it, then advance */
    FATAL,  /* this process can never work: say why and exit */
};

struct err {
    char text[256];
};

/* Fills `why` (cut to fit); NULL is allowed. */
void err_set(struct err *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Exit codes of every command. */
enum {
    EXIT_OK = 0,
    EXIT_CHECK = 1,       /* a check failed */
    EXIT_USAGE = 2,       /* the command line is wrong */
    EXIT_UNREACHABLE = 4, /* a service cannot be reached */
};

/* Where something stands in a file; line and column count from 1, 0: none. */
struct place {
    const char *file; /* borrows; lives as long as what was read */
    unsigned line, column;
};

/* The mistakes and warnings found so far, one to a line of `text`. Zeroed is
 * empty. At most 1,000 are kept, then one line says how many more. */
struct complaints {
    struct buf text;
    size_t n_errors, n_warnings;
    struct place from; /* where the file to be read next was named, if it was */
};

/* "file:line:column: message" ; warnings read "…: warning: message". */
void complain(struct complaints *complaints, struct place place,
              const char *format, ...) __attribute__((format(printf, 3, 4)));
void complain_warning(struct complaints *complaints, struct place place,
                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "unknown <what> 'word' (did you mean 'near'?)"; when none of `names` is near
 * and they are few: "(known: …)". */
void complain_unknown(struct complaints *complaints, struct place place,
                      const char *what, struct str word,
                      const struct str *names, size_t n);
void complaints_free(struct complaints *complaints);

#ifdef __cplusplus
}
#endif

#endif
