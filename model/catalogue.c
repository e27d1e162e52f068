/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue (model/phrases.h) and the ways of writing numbers and dates:
 * 15.035, 11,8% and 30/9/2024 in Vietnamese; 15,035 and 11.8% in English.
 * Arithmetic is on integers; nothing here depends on a locale. */
#include "model/catalogue.h"

#include "base/times.h"

static const struct {
    struct str text[2]; /* by enum language */
} phrases[N_PHRASES] = {
#define X(name, vietnamese, english)                                           \
    [name] = {{{vietnamese, sizeof(vietnamese) - 1},                           \
               {english, sizeof(english) - 1}}},
    PHRASES(X)
#undef X
};

static const struct {
    struct str text[2];
} levels[N_SEVERITIES] = {
#define L(name, vietnamese, english)                                           \
    [name] = {{{vietnamese, sizeof(vietnamese) - 1},                           \
               {english, sizeof(english) - 1}}},
    L(SEVERITY_UNKNOWN, "chưa rõ", "unknown")
        L(SEVERITY_INFORMATIONAL, "thông tin", "informational")
            L(SEVERITY_LOW, "thấp", "low")
                L(SEVERITY_MEDIUM, "trung bình", "medium")
                    L(SEVERITY_HIGH, "cao", "high")
                        L(SEVERITY_CRITICAL, "nghiêm trọng", "critical")
                            L(SEVERITY_FATAL, "đặc biệt nghiêm trọng", "fatal")
#undef L
};

bool
language_from(struct str id, enum language *language)
{
    if (str_equal(id, STR("vi")))
        *language = VIETNAMESE;
    else if (str_equal(id, STR("en")))
        *language = ENGLISH;
    else
        return false;
    return true;
}

struct str
phrase(enum phrase phrase, enum language language)
{
    return phrases[phrase].text[language];
}

void
buf_phrase(struct buf *buf, enum language language, enum phrase name,
           const struct str *args, size_t n)
{
    struct str text = phrase(name, language);
    size_t from = 0;
    for (size_t i = 0; i + 2 < text.len; i++) {
        size_t place = (size_t)(unsigned char)text.at[i + 1] - '1';
        if (text.at[i] != '{' || text.at[i + 2] != '}' || place >= n)
            continue;
        buf_add(buf, str_cut(text, from, i));
        buf_add(buf, args[place]);
        from = i + 3;
        i += 2;
    }
    buf_add(buf, str_cut(text, from, text.len));
}

struct str
severity_word(enum severity severity, enum language language)
{
    return levels[severity].text[language];
}

bool
severity_from_word(struct str word, enum severity *severity)
{
    for (int i = 0; i < N_SEVERITIES; i++)
        if (str_equal_nocase(word, levels[i].text[VIETNAMESE]) ||
            str_equal_nocase(word, levels[i].text[ENGLISH])) {
            *severity = (enum severity)i;
            return true;
        }
    return severity_from(word, severity);
}

void
buf_number(struct buf *buf, enum language language, uint64_t n)
{
    char text[32];
    size_t at = sizeof text;
    for (int digits = 0;; digits++) {
        if (digits > 0 && digits % 3 == 0)
            text[--at] = language == VIETNAMESE ? '.' : ',';
        text[--at] = (char)('0' + n % 10);
        n /= 10;
        if (n == 0)
            break;
    }
    buf_add(buf, (struct str){text + at, sizeof text - at});
}

void
buf_change(struct buf *buf, enum language language, int64_t n)
{
    if (n != 0)
        buf_add(buf, n > 0 ? STR("+") : STR("−"));
    buf_number(buf, language, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void
buf_share(struct buf *buf, enum language language, int64_t permille, bool sign)
{
    uint64_t n = permille < 0 ? 0 - (uint64_t)permille : (uint64_t)permille;
    if (permille < 0 || (sign && permille > 0))
        buf_add(buf, permille > 0 ? STR("+") : STR("−"));
    buf_number(buf, language, n / 10);
    buf_char(buf, language == VIETNAMESE ? ',' : '.');
    buf_char(buf, (char)('0' + n % 10));
    buf_char(buf, '%');
}

void
buf_date(struct buf *buf, int32_t day)
{
    struct civil civil = civil_from_ms(day * MS_PER_DAY, 0);
    buf_format(buf, "%d/%d/%04d", civil.day, civil.month, civil.year);
}

int64_t
share_of(uint64_t part, uint64_t whole)
{
    /* Past 2^53 the lower bits make no tenth of a percent. */
    while (part > UINT64_MAX / 2001 || whole > UINT64_MAX / 2001) {
        part /= 2;
        whole /= 2;
    }
    if (whole == 0)
        return INT64_MAX;
    return (int64_t)((part * 2000 + whole) / (whole * 2));
}

int64_t
share_of_change(uint64_t now, uint64_t base)
{
    return now >= base ? share_of(now - base, base)
                       : -share_of(base - now, base);
}
