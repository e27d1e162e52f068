/* SPDX-License-Identifier: Apache-2.0
 *
 * Everything is measured in cells of the terminal, sign by sign, as it is
 * written. A sign that might take more or fewer cells than we think (a
 * terminal may join a flag, a skin tone, a Hangul syllable) is replaced: one
 * shifted column hides the next. Combining marks stay with the letter before
 * them, a few each, so that Vietnamese in either form reads as it should. */
#include "feed_screen.h"
#include "base/times.h"
#include "model/catalogue.h"

#include <locale.h>
#include <wchar.h>

enum {
    MAX_MARKS = 4, /* combining marks on one letter */
    REPLACEMENT = 0xfffd,
    GAP = 2, /* blanks between columns */
};

void
screen_start(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
}

/* The sign at the front of `text`; `*n` bytes. REPLACEMENT and one byte when
 * it is no UTF-8 (RFC 3629: no overlong forms, no surrogates). */
static uint32_t
next_sign(struct str text, size_t *n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text.at[0];
    size_t len = first < 0x80             ? 1
                 : (first & 0xe0) == 0xc0 ? 2
                 : (first & 0xf0) == 0xe0 ? 3
                 : (first & 0xf8) == 0xf0 ? 4
                                          : 0;
    *n = 1;
    if (len == 1)
        return first;
    if (len == 0 || len > text.len)
        return REPLACEMENT;
    uint32_t sign = first & (0xffU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if ((c & 0xc0) != 0x80)
            return REPLACEMENT;
        sign = sign << 6 | (c & 0x3f);
    }
    if (sign < least[len] || sign > 0x10ffff ||
        (sign >= 0xd800 && sign <= 0xdfff))
        return REPLACEMENT;
    *n = len;
    return sign;
}

static void
buf_sign(struct buf *buf, uint32_t sign)
{
    char text[4];
    size_t n = 0;
    if (sign < 0x80) {
        text[n++] = (char)sign;
    } else if (sign < 0x800) {
        text[n++] = (char)(0xc0 | sign >> 6);
    } else if (sign < 0x10000) {
        text[n++] = (char)(0xe0 | sign >> 12);
        text[n++] = (char)(0x80 | (sign >> 6 & 0x3f));
    } else {
        text[n++] = (char)(0xf0 | sign >> 18);
        text[n++] = (char)(0x80 | (sign >> 12 & 0x3f));
        text[n++] = (char)(0x80 | (sign >> 6 & 0x3f));
    }
    if (sign >= 0x80)
        text[n++] = (char)(0x80 | (sign & 0x3f));
    buf_add(buf, (struct str){text, n});
}

/* What cannot be seen, turns the writing direction, or joins its neighbours
 * in ways terminals do not agree on. */
static bool
is_treacherous(uint32_t sign)
{
    static const uint32_t ranges[][2] = {
        {0x80, 0x9f},        {0xad, 0xad},       {0x34f, 0x34f},
        {0x61c, 0x61c},      {0x115f, 0x11ff},   {0x17b4, 0x17b5},
        {0x180b, 0x180f},    {0x200b, 0x200f},   {0x2028, 0x202e},
        {0x2060, 0x206f},    {0x3164, 0x3164},   {0xd7b0, 0xd7ff},
        {0xe000, 0xf8ff},    {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
        {0xffa0, 0xffa0},    {0xfff0, 0xffff},   {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a},  {0x1f1e6, 0x1f1ff}, {0x1f3fb, 0x1f3ff},
        {0xe0000, 0x10ffff},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (sign >= ranges[i][0] && sign <= ranges[i][1])
            return sign != REPLACEMENT;
    return false;
}

/* What is shown for `sign`, and how many cells it takes. */
static uint32_t
shown(uint32_t sign, int *cells)
{
    *cells = 1;
    if (sign < 0x20)
        return 0x2400 + sign; /* ␛ and its like */
    if (sign == 0x7f)
        return 0x2421;
    if (sign < 0x7f)
        return sign;
    if (is_treacherous(sign))
        return REPLACEMENT;
    *cells = wcwidth((wchar_t)sign);
    if (*cells >= 0 && *cells <= 2)
        return sign;
    *cells = 1;
    return REPLACEMENT;
}

/* Writes (to `buf`, if there is one) what fits into `limit` cells; returns the
 * cells taken; `*all`: it was all of it. */
static int
put(struct buf *buf, struct str text, int limit, bool *all)
{
    int taken = 0, marks = MAX_MARKS; /* a mark needs a letter before it */
    *all = true;
    while (text.len > 0) {
        size_t n;
        int cells;
        uint32_t sign = shown(next_sign(text, &n), &cells);
        text = str_cut(text, n, text.len);
        if (cells == 0 && taken > 0 && marks >= MAX_MARKS)
            continue;
        if (cells == 0 && taken == 0) {
            sign = REPLACEMENT;
            cells = 1;
        }
        if (cells > limit - taken) {
            *all = false;
            return taken;
        }
        marks = cells == 0 ? marks + 1 : 0;
        taken += cells;
        if (buf != NULL)
            buf_sign(buf, sign);
    }
    return taken;
}

static void
buf_blanks(struct buf *buf, int n)
{
    for (int i = 0; i < n; i++)
        buf_char(buf, ' ');
}

void
screen_cell(struct buf *buf, struct str text, int width)
{
    bool all;
    int taken = put(NULL, text, width, &all);
    if (all || width < 1) {
        put(buf, text, width, &all);
    } else {
        taken = put(buf, text, width - 1, &all) + 1;
        buf_add(buf, STR("…"));
    }
    buf_blanks(buf, width - taken);
}

void
screen_text(struct buf *buf, struct str text)
{
    bool all;
    put(buf, text, INT32_MAX, &all);
}

int
screen_cells(struct str text)
{
    bool all;
    return put(NULL, text, INT32_MAX, &all);
}

/* How many plain ASCII signs `text` begins with: most of it. */
static size_t
plain_run(struct str text)
{
    size_t n = 0;
    while (n < text.len && text.at[n] >= ' ' && text.at[n] < 0x7f)
        n++;
    return n;
}

void
screen_json(struct buf *buf, struct str json)
{
    while (json.len > 0) {
        int cells;
        size_t n = plain_run(json);
        if (n > 0) {
            buf_add(buf, str_cut(json, 0, n));
            json = str_cut(json, n, json.len);
            continue;
        }
        uint32_t sign = next_sign(json, &n);
        if (sign == '\n' || sign == '\r' || sign == '\t')
            buf_char(buf, ' '); /* between values: inside they are escaped */
        else if (shown(sign, &cells) == sign && cells > 0)
            buf_sign(buf, sign);
        else if (sign < 0x10000)
            buf_format(buf, "\\u%04x", sign);
        else
            buf_format(buf, "\\u%04x\\u%04x", 0xd800 + ((sign - 0x10000) >> 10),
                       0xdc00 + ((sign - 0x10000) & 0x3ff));
        json = str_cut(json, n, json.len);
    }
}

static int
between(int n, int least, int most)
{
    return n < least ? least : n > most ? most : n;
}

/* Time, severity and address are as wide as they must be; host and unit get a
 * share; the rule gets what is left. When it is too narrow, units go first,
 * then addresses, then tickets, then the date. */
void
screen_layout(struct screen *screen, int cells)
{
    int *width = screen->width;
    width[SCREEN_TIME] = cells < 72 ? 8 : 19;
    width[SCREEN_SEVERITY] = screen->english ? 8 : 12;
    width[SCREEN_HOST] = between(cells * 16 / 100, 10, 30);
    int for_units = screen->tickets ? 110 : 100;
    width[SCREEN_UNIT] =
        cells < for_units ? 0 : between(cells * 14 / 100, 10, 28);
    width[SCREEN_SOURCE] = cells < 88 ? 0 : cells < 220 ? 15 : 39;
    width[SCREEN_TAKEN] = !screen->tickets || cells < 80 ? 0
                          : cells < 160                  ? 9
                                                         : cells * 22 / 100;
    int rest = cells;
    for (int i = 0; i < N_SCREEN_COLUMNS; i++)
        if (i != SCREEN_RULE && width[i] > 0)
            rest -= width[i] + GAP;
    width[SCREEN_RULE] = rest > 8 ? rest : 8;
}

static const char *
severity_words(const struct screen *screen, enum severity severity)
{
    static const char *const vi[N_SEVERITIES] = {
        "chưa rõ", "thông tin",    "thấp",     "trung bình",
        "cao",     "nghiêm trọng", "tối khẩn",
    };
    static const char *const en[N_SEVERITIES] = {
        "unknown", "info", "low", "medium", "high", "critical", "fatal",
    };
    return screen->english ? en[severity] : vi[severity];
}

static const char *
severity_color(enum severity severity)
{
    switch (severity) {
    case SEVERITY_FATAL:
    case SEVERITY_CRITICAL:
        return "\033[1;37;41m";
    case SEVERITY_HIGH:
        return "\033[1;31m";
    case SEVERITY_MEDIUM:
        return "\033[33m";
    case SEVERITY_LOW:
        return "\033[32m";
    case SEVERITY_UNKNOWN:
        return "\033[35m";
    case SEVERITY_INFORMATIONAL:
    case N_SEVERITIES:
        break;
    }
    return "\033[2m";
}

static void
write_time(struct buf *buf, const struct screen *screen, int64_t ms)
{
    struct buf text = {0};
    buf_iso(&text, ms, VIETNAM_MINUTES);
    struct str time = str_cut(buf_str(&text), 0, 19);
    if (time.len == 19)
        text.at[10] = ' ';
    if (screen->width[SCREEN_TIME] == 8)
        time = str_cut(time, 11, 19);
    screen_cell(buf, time, screen->width[SCREEN_TIME]);
    buf_free(&text);
}

static void
write_severity(struct buf *buf, const struct screen *screen,
               enum severity severity)
{
    struct str words = str_of(severity_words(screen, severity));
    bool all;
    int width = screen->width[SCREEN_SEVERITY];
    int taken = put(NULL, words, width, &all);
    if (screen->color)
        buf_add(buf, str_of(severity_color(severity)));
    put(buf, words, width, &all);
    if (screen->color)
        buf_add(buf, STR("\033[0m"));
    buf_blanks(buf, width - taken);
}

static void
write_rule(struct buf *buf, const struct screen *screen,
           const struct feed_line *line)
{
    struct buf text = {0};
    if (line->update)
        buf_add(&text, screen->english ? STR("(update) ") : STR("(cập nhật) "));
    if (line->late)
        buf_add(&text, screen->english ? STR("(late) ") : STR("(trễ) "));
    if (line->capped)
        buf_add(&text,
                phrase(P_FEED_CAPPED, screen->english ? ENGLISH : VIETNAMESE));
    buf_add(&text, line->rule_name.len > 0 ? line->rule_name : line->message);
    screen_cell(buf, buf_str(&text), screen->width[SCREEN_RULE]);
    buf_free(&text);
}

/* What a line does not say itself. */
struct names {
    struct str unit, taken;
};

static void
write_column(struct buf *buf, const struct screen *screen,
             enum screen_column column, const struct feed_line *line,
             const struct names *names)
{
    int width = screen->width[column];
    switch (column) {
    case SCREEN_TIME:
        write_time(buf, screen, line->event_ms);
        break;
    case SCREEN_SEVERITY:
        write_severity(buf, screen, line->severity);
        break;
    case SCREEN_HOST:
        screen_cell(buf, line->host.len > 0 ? line->host : STR("–"), width);
        break;
    case SCREEN_UNIT:
        screen_cell(buf, names->unit.len > 0 ? names->unit : STR("–"), width);
        break;
    case SCREEN_RULE:
        write_rule(buf, screen, line);
        break;
    case SCREEN_SOURCE:
        screen_cell(buf, line->src_ip.len > 0 ? line->src_ip : STR("–"), width);
        break;
    case SCREEN_TAKEN:
        screen_cell(buf, str_cut(names->taken, 0, width == 9 ? 9 : SIZE_MAX),
                    width);
        break;
    case N_SCREEN_COLUMNS:
        break;
    }
}

void
screen_line(struct buf *buf, const struct screen *screen,
            const struct feed_line *line, struct str unit, struct str taken)
{
    const struct names names = {unit, taken};
    bool first = true;
    for (int i = 0; i < N_SCREEN_COLUMNS; i++) {
        if (screen->width[i] == 0)
            continue;
        if (!first)
            buf_blanks(buf, GAP);
        first = false;
        write_column(buf, screen, (enum screen_column)i, line, &names);
    }
    buf_char(buf, '\n');
}

void
screen_head(struct buf *buf, const struct screen *screen)
{
    static const char *const names[][2] = {
#define X(name, en, vi) {en, vi},
        SCREEN_COLUMNS(X)
#undef X
    };
    bool first = true;
    for (int i = 0; i < N_SCREEN_COLUMNS; i++) {
        if (screen->width[i] == 0)
            continue;
        if (!first)
            buf_blanks(buf, GAP);
        first = false;
        screen_cell(buf, str_of(names[i][screen->english ? 0 : 1]),
                    screen->width[i]);
    }
    buf_char(buf, '\n');
}
