/* SPDX-License-Identifier: Apache-2.0
 *
 * Alerts on a terminal: columns that never shift, and nothing in them that a
 * sensor, or who writes to its log, could use against the terminal. */
#ifndef DAEMON_FEED_SCREEN_H
#define DAEMON_FEED_SCREEN_H

#include "ingest/feed.h"

#define SCREEN_COLUMNS(X)                                                      \
    X(SCREEN_TIME, "time", "thời gian")                                        \
    X(SCREEN_SEVERITY, "severity", "mức độ")                                   \
    X(SCREEN_HOST, "host", "máy")                                              \
    X(SCREEN_UNIT, "unit", "đơn vị")                                           \
    X(SCREEN_RULE, "rule", "quy tắc")                                          \
    X(SCREEN_SOURCE, "source address", "địa chỉ nguồn")                        \
    X(SCREEN_TAKEN, "ticket", "phiếu")

enum screen_column {
#define X(name, en, vi) name,
    SCREEN_COLUMNS(X)
#undef X
        N_SCREEN_COLUMNS
};

struct screen {
    int width[N_SCREEN_COLUMNS]; /* in cells; 0: not shown */
    bool color, english;
    bool tickets; /* which ticket took an alert is known */
};

/* Once per process, before anything else here: how wide characters are. */
void screen_start(void);
/* Shares `cells` out among the columns. */
void screen_layout(struct screen *screen, int cells);

/* One line with its line end; `unit` is the name of line->unit, or its id;
 * `taken` the ticket's id and name. */
void screen_line(struct buf *buf, const struct screen *screen,
                 const struct feed_line *line, struct str unit,
                 struct str taken);
void screen_head(struct buf *buf, const struct screen *screen);

/* `text` in exactly `width` cells: cut with "…", filled with blanks. Escape
 * sequences, control characters, what turns the writing direction, what cannot
 * be seen, and invalid UTF-8 become visible signs. */
void screen_cell(struct buf *buf, struct str text, int width);
/* The same, whole, as wide as it is. */
void screen_text(struct buf *buf, struct str text);
/* How many cells screen_text takes. */
int screen_cells(struct str text);
/* A JSON text with the same characters written \uXXXX: equal JSON, harmless on
 * a terminal, on one line. */
void screen_json(struct buf *buf, struct str json);

#endif
