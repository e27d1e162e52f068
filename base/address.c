/* SPDX-License-Identifier: Apache-2.0
 *
 * IP addresses and prefixes: reading, writing, and which of them are public.
 * IPv4 is read by hand, since nearly every alert has some of it; IPv6 by
 * inet_pton. */
#include "base/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define V4_MAPPED UINT64_C(0x0000ffff00000000)

/* Exactly four octets, 0 to 255, without leading zeros. */
static bool
v4_from(struct str text, uint32_t *v4)
{
    uint32_t value = 0;
    unsigned octet = 0, n_digits = 0, n_dots = 0;

    if (text.len < 7 || text.len > 15)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned digit = (unsigned char)text.at[i] - (unsigned)'0';

        if (digit <= 9) {
            if (n_digits > 0 && octet == 0)
                return false;
            octet = octet * 10 + digit;
            if (octet > 255)
                return false;
            n_digits++;
        } else if (text.at[i] == '.' && n_digits > 0 && n_dots < 3) {
            value = value << 8 | octet;
            octet = n_digits = 0;
            n_dots++;
        } else {
            return false;
        }
    }
    if (n_dots != 3 || n_digits == 0)
        return false;
    *v4 = value << 8 | octet;
    return true;
}

static uint64_t
load_be64(const unsigned char *at)
{
    uint64_t value = 0;

    for (int i = 0; i < 8; i++)
        value = value << 8 | at[i];
    return value;
}

static void
store_be64(unsigned char *at, uint64_t value)
{
    for (int i = 7; i >= 0; i--) {
        at[i] = (unsigned char)(value & 0xff);
        value >>= 8;
    }
}

static bool
v6_from(struct str text, struct address *address)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    const char *zone = text.len > 0 ? memchr(text.at, '%', text.len) : NULL;

    if (zone != NULL)
        text.len = (size_t)(zone - text.at);
    if (text.len < 2 || text.len >= sizeof copy ||
        memchr(text.at, 0, text.len) != NULL)
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET6, copy, bytes) != 1)
        return false;
    address->high = load_be64(bytes);
    address->low = load_be64(bytes + 8);
    return true;
}

bool
address_from(struct str text, struct address *address)
{
    uint32_t v4;

    if (v4_from(text, &v4)) {
        *address = (struct address){0, V4_MAPPED | v4};
        return true;
    }
    return v6_from(text, address);
}

bool
address_equal(struct address a, struct address b)
{
    return a.high == b.high && a.low == b.low;
}

bool
address_is_v4(struct address address)
{
    return address.high == 0 && address.low >> 32 == V4_MAPPED >> 32;
}

/* RFC 6890 and the IANA IPv4 special-purpose registry. */
static bool
v4_public(uint32_t v4)
{
    static const struct {
        uint32_t net, mask;
    } special[] = {
        {0x00000000, 0xff000000}, /* 0.0.0.0/8 this network */
        {0x0a000000, 0xff000000}, /* 10.0.0.0/8 private */
        {0x64400000, 0xffc00000}, /* 100.64.0.0/10 shared */
        {0x7f000000, 0xff000000}, /* 127.0.0.0/8 loopback */
        {0xa9fe0000, 0xffff0000}, /* 169.254.0.0/16 link-local */
        {0xac100000, 0xfff00000}, /* 172.16.0.0/12 private */
        {0xc0000000, 0xffffff00}, /* 192.0.0.0/24 protocol assignments */
        {0xc0000200, 0xffffff00}, /* 192.0.2.0/24 documentation */
        {0xc0a80000, 0xffff0000}, /* 192.168.0.0/16 private */
        {0xc6120000, 0xfffe0000}, /* 198.18.0.0/15 benchmarking */
        {0xc6336400, 0xffffff00}, /* 198.51.100.0/24 documentation */
        {0xcb007100, 0xffffff00}, /* 203.0.113.0/24 documentation */
        {0xe0000000, 0xe0000000}, /* 224.0.0.0/3 multicast, reserved */
    };

    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if ((v4 & special[i].mask) == special[i].net)
            return false;
    return true;
}

bool
address_public(struct address address)
{
    uint64_t high = address.high;

    if (address_is_v4(address))
        return v4_public((uint32_t)address.low);
    if (high >> 61 == 1) /* 2000::/3 global unicast, but for documentation */
        return high >> 32 != 0x20010db8 && high >> 44 != 0x3fff0;
    /* 64:ff9b::/96 carries an IPv4 address (RFC 6052) */
    return high == UINT64_C(0x0064ff9b00000000) && address.low >> 32 == 0 &&
           v4_public((uint32_t)address.low);
}

struct address
address_cut(struct address address, unsigned bits)
{
    if (bits < 64) {
        address.high &= bits == 0 ? 0 : UINT64_MAX << (64 - bits);
        address.low = 0;
    } else if (bits < 128) {
        address.low &= bits == 64 ? 0 : UINT64_MAX << (128 - bits);
    }
    return address;
}

bool
prefix_from(struct str text, struct prefix *prefix, struct err *why)
{
    struct str left = text, address_part;
    struct prefix read = {.bits = 128};
    char cut[PREFIX_TEXT];
    int64_t bits;

    if (!str_split(&left, '/', &address_part) ||
        !address_from(address_part, &read.address) ||
        memchr(text.at, '%', text.len) != NULL) {
        err_set(why,
                "'%.*s' is no address or prefix (as 10.84.10.0/24 or "
                "2001:db8::/32)",
                STR_ARG(text));
        return false;
    }
    if (address_part.len < text.len) {
        /* An IPv4 address spelled ::ffff:a.b.c.d counts its bits as IPv6. */
        bool v4 = memchr(address_part.at, ':', address_part.len) == NULL;

        if (!str_to_i64(left, &bits) || bits < 0 || bits > (v4 ? 32 : 128)) {
            err_set(why, "'%.*s': the prefix length must be 0 to %d",
                    STR_ARG(text), v4 ? 32 : 128);
            return false;
        }
        read.bits = (unsigned)bits + (v4 ? 96 : 0);
    }
    prefix->bits = read.bits;
    prefix->address = address_cut(read.address, read.bits);
    if (!address_equal(prefix->address, read.address)) {
        prefix_text(prefix, cut);
        err_set(why,
                "'%.*s': bits are set behind the prefix (did you mean "
                "'%s'?)",
                STR_ARG(text), cut);
        return false;
    }
    return true;
}

size_t
prefix_text(const struct prefix *prefix, char text[PREFIX_TEXT])
{
    uint32_t v4 = (uint32_t)prefix->address.low;
    unsigned char bytes[16];
    char address[INET6_ADDRSTRLEN] = "";
    int len;

    if (address_is_v4(prefix->address) && prefix->bits >= 96) {
        len = snprintf(text, PREFIX_TEXT, "%u.%u.%u.%u/%u", v4 >> 24,
                       v4 >> 16 & 255, v4 >> 8 & 255, v4 & 255,
                       prefix->bits - 96);
        return len > 0 ? (size_t)len : 0;
    }
    store_be64(bytes, prefix->address.high);
    store_be64(bytes + 8, prefix->address.low);
    if (inet_ntop(AF_INET6, bytes, address, sizeof address) == NULL)
        return 0;
    len = snprintf(text, PREFIX_TEXT, "%s/%u", address, prefix->bits);
    return len > 0 ? (size_t)len : 0;
}
