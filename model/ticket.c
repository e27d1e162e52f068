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

/* The name at a place of a list. */
static struct str
name_at(const struct str *ids, size_t n, unsigned place)
{
    assert(place < n);
    return ids[place];
}

#define N(list) (sizeof(list) / sizeof *(list))

struct str
ticket_state_id(enum ticket_state value)
{
    return name_at(states, N(states), value);
}

bool
ticket_state_from(struct str id, enum ticket_state *value)
{
    size_t place;
    bool found = find(id, states, N(states), &place);
    if (found)
        *value = (enum ticket_state)place;
    return found;
}

struct str
ticket_verdict_id(enum ticket_verdict value)
{
    return name_at(verdicts, N(verdicts), value);
}

bool
ticket_verdict_from(struct str id, enum ticket_verdict *value)
{
    size_t place;
    bool found = find(id, verdicts, N(verdicts), &place);
    if (found)
        *value = (enum ticket_verdict)place;
    return found;
}

struct str
ticket_field_id(enum ticket_field value)
{
    return name_at(fields, N(fields), value);
}

bool
ticket_field_from(struct str id, enum ticket_field *value)
{
    size_t place;
    bool found = find(id, fields, N(fields), &place);
    if (found)
        *value = (enum ticket_field)place;
    return found;
}

struct str
ticket_event_id(enum ticket_event_kind value)
{
    return name_at(events, N(events), value);
}

bool
ticket_event_from(struct str id, enum ticket_event_kind *value)
{
    size_t place;
    bool found = find(id, events, N(events), &place);
    if (found)
        *value = (enum ticket_event_kind)place;
    return found;
}

struct str
evidence_state_id(enum evidence_state value)
{
    return name_at(evidences, N(evidences), value);
}

bool
evidence_state_from(struct str id, enum evidence_state *value)
{
    size_t place;
    bool found = find(id, evidences, N(evidences), &place);
    if (found)
        *value = (enum evidence_state)place;
    return found;
}

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
