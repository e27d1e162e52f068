/* SPDX-License-Identifier: Apache-2.0
 *
 * IP addresses and prefixes as values. The one idea: IPv4 is kept in its
 * mapped form (::ffff:a.b.c.d, RFC 4291, 2.5.5.2), so that every address is
 * 128 bits and every prefix has 0 to 128 of them; an IPv4 prefix /24 has 120.
 * Two spellings of one address are equal values. */
#ifndef BASE_ADDRESS_H
#define BASE_ADDRESS_H

#include "base/err.h"

struct address {
    uint64_t high, low; /* the first and the last 64 bits */
};

struct prefix {
    struct address address; /* no bits set past `bits` */
    unsigned bits;          /* 0 to 128 */
};

enum { PREFIX_TEXT = 64 }; /* room for any prefix as text, NUL included */

/* Reads "10.84.1.2", "2001:db8::1", "::ffff:10.84.1.2"; a zone ("%eth0") is
 * dropped. False on anything else, also on octets with leading zeros, which
 * some programs read as octal. */
bool address_from(struct str text, struct address *address);
bool address_equal(struct address a, struct address b);
bool address_is_v4(struct address address);
/* Neither private, loopback, link-local, shared (RFC 6598), multicast,
 * reserved nor for documentation (the IANA special-purpose registries). */
bool address_public(struct address address);
/* The first `bits` bits, the others 0. */
struct address address_cut(struct address address, unsigned bits);

/* "10.84.10.0/24", "2001:db8::/32"; an address alone is a prefix of that one
 * address. False with a reason, and a suggestion when bits are set behind the
 * prefix. */
bool prefix_from(struct str text, struct prefix *prefix, struct err *why);
/* Writes it as prefix_from reads it; returns the length without the NUL. */
size_t prefix_text(const struct prefix *prefix, char text[PREFIX_TEXT]);

#endif
