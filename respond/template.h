/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts with places for what is sent through a gateway: {to} {digits} {text}
 * {id}. What is put in is escaped for where it stands, so that no text can add
 * a parameter, a member or an element. */
#ifndef RESPOND_TEMPLATE_H
#define RESPOND_TEMPLATE_H

#include "respond/courier.h"

enum escaping {
    ESCAPE_URL,  /* percent, RFC 3986 */
    ESCAPE_FORM, /* the same: application/x-www-form-urlencoded */
    ESCAPE_JSON, /* inside quotes that the template has */
    ESCAPE_XML,
    ESCAPE_NOTHING,
};
enum escaping escaping_of(struct str content_type);

/* In the order of {to} {digits} {text} {id}. */
enum { TEMPLATE_PLACES = 4 };
struct template_values {
    struct str value[TEMPLATE_PLACES];
};

void template_fill(struct buf *buf, struct str text, enum escaping escaping,
                   const struct template_values *values);

#endif
