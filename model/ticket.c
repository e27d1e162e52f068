/* SPDX-License-Identifier: Apache-2.0
 *
 * The names of what a ticket can be, from the lists in the header, and its
 * id: short enough to be said over a telephone, in an alphabet without I, L,
 * O and U (Crockford's base 32). */
#include "model/ticket.h"

#include <assert.h>
#include <string.h>

#include "base/hash.h"

static bool
find(struct str id, const struct str *ids, size_t n, size_t *found)
{
    for (size_t i = 0; i < n; i++) {
        if (str_equal(id, ids[i])) {
            *found = i;
            return true;
        }
    }
    return false;
}

#define NAME2(name, id) {id, sizeof(id) - 1},
#define NAME4(name, id, ocsf, caption) {id, sizeof(id) - 1},
static const struct str states[] = {TICKET_STATES(NAME4)};
static const struct str verdicts[] = {TICKET_VERDICTS(NAME4)};
static const struct str fields[] = {TICKET_FIELDS(NAME2)};
static const struct str events[] = {TICKET_EVENTS(NAME2)};
static const struct str evidences[] = {EVIDENCE_STATES(NAME2)};

/* The two directions of one list. */
#define BOTH_WAYS(prefix, type, ids)                                           \
    struct str prefix##_id(type value)                                         \
    {                                                                          \
        assert((size_t)value < sizeof ids / sizeof *ids);                      \
        return ids[value];                                                     \
    }                                                                          \
    bool prefix##_from(struct str id, type *value)                             \
    {                                                                          \
        size_t i;                                                              \
        if (!find(id, ids, sizeof ids / sizeof *ids, &i))                      \
            return false;                                                      \
        *value = (type)i;                                                      \
        return true;                                                           \
    }

BOTH_WAYS(ticket_state, enum ticket_state, states)
BOTH_WAYS(ticket_verdict, enum ticket_verdict, verdicts)
BOTH_WAYS(ticket_field, enum ticket_field, fields)
BOTH_WAYS(ticket_event, enum ticket_event_kind, events)
BOTH_WAYS(evidence_state, enum evidence_state, evidences)

static const char DIGITS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
ticket_id_make(char id[TICKET_ID_LEN], struct str incident, uint64_t turn)
{
    char number[24];
    struct buf text = {.at = number, .cap = sizeof number, .max_bytes = 24};
    buf_u64(&text, turn);
    struct str parts[] = {incident, buf_str(&text)};
    uint64_t bits = hash_digest_of(parts, turn > 0 ? 2 : 1).half[0];
    id[0] = 'T';
    for (int i = 1; i < TICKET_ID_LEN; i++, bits >>= 5)
        id[i] = DIGITS[bits & 31];
}

bool
ticket_id_from(struct str text, char id[TICKET_ID_LEN])
{
    if (text.len != TICKET_ID_LEN || (text.at[0] != 'T' && text.at[0] != 't'))
        return false;
    id[0] = 'T';
    for (size_t i = 1; i < TICKET_ID_LEN; i++) {
        char c = text.at[i];
        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        c = c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
        if (!memchr(DIGITS, c, sizeof DIGITS - 1))
            return false;
        id[i] = c;
    }
    return true;
}
