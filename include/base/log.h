/* SPDX-License-Identifier: Apache-2.0
 *
 * Four verbs, one line each, to stderr: "2024-05-01T08:15:30Z warn ingest:
 * text". Whoever decides, logs; a function that returns a reason does not.
 * Safe from any thread. Control characters in the text are made harmless. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

void log_quiet(void);   /* only warnings and worse */
void log_verbose(void); /* debug lines too */

void log_debug(const char *who, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_info(const char *who, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void log_warn(const char *who, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Logs and exits with 1: this process can never work. */
void log_fatal(const char *who, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

#endif
