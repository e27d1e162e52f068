/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens of acknowledge links. The signature is looked at before anything
 * else, in constant time; only what we have signed is taken apart. */
#include "model/link.h"

#include "base/hash.h"

enum { MAC_BYTES = 16, MAC_DIGITS = 2 * MAC_BYTES };

/* The purpose is signed too: a MAC of this key made for something else is no
 * link. */
static void
write_mac(char digits[MAC_DIGITS], struct str key, struct str payload)
{
    static const char hex[] = "0123456789abcdef";
    char text[LINK_MAX_BYTES + 32];
    struct buf buf = {.at = text, .cap = sizeof text, .max_bytes = sizeof text};
    buf_add(&buf, STR("thapcanh link\n"));
    buf_add(&buf, payload);
    struct mac mac = hash_mac(key, buf_str(&buf));
    for (size_t i = 0; i < MAC_BYTES; i++) {
        digits[2 * i] = hex[mac.byte[i] >> 4];
        digits[2 * i + 1] = hex[mac.byte[i] & 15];
    }
}

void
link_write(struct buf *buf, struct str key, const struct link *link)
{
    size_t begin = buf->len;
    buf_format(buf, "1.%lld.%lld.", (long long)(link->issued_ms / 1000),
               (long long)(link->expires_ms / 1000));
    buf_add(buf, link->person);
    buf_char(buf, '.');
    buf_add(buf, link->message);
    buf_char(buf, '.');
    for (size_t i = 0; i < link->n_tickets; i++) {
        if (i > 0)
            buf_char(buf, '-');
        buf_add(buf, link->ticket[i]);
    }
    char digits[MAC_DIGITS];
    write_mac(digits, key, str_cut(buf_str(buf), begin, buf->len));
    buf_char(buf, '.');
    buf_add(buf, (struct str){digits, MAC_DIGITS});
}

/* What lies before the last dot, if the MAC behind it is right. */
static bool
is_signed(struct str token, struct str key, struct str *payload)
{
    char digits[MAC_DIGITS];
    if (token.len > LINK_MAX_BYTES || token.len < MAC_DIGITS + 2 ||
        key.len < LINK_MIN_KEY_BYTES)
        return false;
    *payload = str_cut(token, 0, token.len - MAC_DIGITS - 1);
    if (token.at[payload->len] != '.')
        return false;
    write_mac(digits, key, *payload);
    return hash_same((struct str){digits, MAC_DIGITS},
                     str_cut(token, payload->len + 1, token.len));
}

static bool
read_seconds(struct str *rest, int64_t *ms)
{
    struct str part;
    int64_t seconds;
    if (!str_split(rest, '.', &part) || !str_to_i64(part, &seconds) ||
        seconds < 0 || seconds > INT64_MAX / 1000)
        return false;
    *ms = seconds * 1000;
    return true;
}

enum link_state
link_read(struct str token, struct str key, int64_t now_ms, struct link *link)
{
    struct str rest, part;
    struct link read = {.n_tickets = 0};
    if (!is_signed(token, key, &rest) || !str_split(&rest, '.', &part) ||
        !str_equal(part, STR("1")) || !read_seconds(&rest, &read.issued_ms) ||
        !read_seconds(&rest, &read.expires_ms) ||
        !str_split(&rest, '.', &read.person) ||
        !str_split(&rest, '.', &read.message))
        return LINK_WRONG;
    while (str_split(&rest, '-', &part)) {
        if (part.len == 0 || read.n_tickets == LINK_MAX_TICKETS)
            return LINK_WRONG;
        read.ticket[read.n_tickets++] = part;
    }
    if (read.n_tickets == 0 || read.person.len == 0)
        return LINK_WRONG;
    *link = read;
    return now_ms < read.expires_ms ? LINK_GOOD : LINK_EXPIRED;
}
