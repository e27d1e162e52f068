/* SPDX-License-Identifier: Apache-2.0
 *
 * One member of the roster file. An address is checked for its channel here,
 * so that nothing a mail header or a gateway's URL could trip over gets
 * further. */
#include "roster_priv.h"

static bool
is_phone(struct str text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c >= '0' && c <= '9')
            digits++;
        else if (!(c == '+' && i == 0) && c != ' ' && c != '-' && c != '.')
            return false;
    }
    return digits >= 3 && digits <= 15;
}

/* One address, nothing a header or a command could be made of (a subset of
 * RFC 5321, 4.1.2: no quoted local parts). */
static bool
is_mail(struct str text)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_+@";
    size_t at = 0, n_at = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!str_contains(str_of(fine), str_cut(text, i, i + 1)))
            return false;
        if (text.at[i] == '@') {
            at = i;
            n_at++;
        }
    }
    return n_at == 1 && at > 0 && at + 1 < text.len && text.len <= 254 &&
           text.at[0] != '-';
}

static bool
is_contact(enum channel channel, struct str text)
{
    switch (channel) {
    case CHANNEL_SMS:
        return is_phone(text);
    case CHANNEL_MAIL:
        return is_mail(text);
    case CHANNEL_WEBHOOK:
    case CHANNEL_KAFKA:
        break;
    case N_CHANNELS:
        return false;
    }
    bool fine = text.len > 0 && text.len <= 200;
    for (size_t i = 0; fine && i < text.len; i++)
        fine = (unsigned char)text.at[i] > ' ' && text.at[i] != 127;
    return fine;
}

static void
read_contacts(struct loading *loading, const struct yaml *map,
              struct member *member)
{
    static const char *const wants[] = {
        [CHANNEL_SMS] = "a phone number (\"+84 912 345 678\")",
        [CHANNEL_MAIL] = "a mail address",
        [CHANNEL_WEBHOOK] = "a name without blanks",
        [CHANNEL_KAFKA] = "a name without blanks",
        [N_CHANNELS] = "", /* there is none */
    };
    static const struct str names[] = {
#define X(name, id) NAME(id),
        CHANNELS(X)
#undef X
    };
    const struct yaml *contacts = yaml_get(map, "contacts");
    if (contacts == NULL || contacts->type != YAML_MAP ||
        contacts->n_children == 0) {
        complain(loading->complaints, contacts ? contacts->place : map->place,
                 "'contacts' is needed: a map such as {sms: …, mail: …}, in "
                 "the order they are tried");
        return;
    }
    for (const struct yaml *one = contacts->first; one; one = one->next) {
        enum channel channel;
        struct str address = NO_STR;
        if (!channel_from(one->key, &channel)) {
            complain_unknown(loading->complaints, one->key_place, "channel",
                             one->key, names, N_CHANNELS);
            continue;
        }
        if (!yaml_str(one, &address, loading->complaints))
            continue;
        if (!is_contact(channel, address))
            complain(loading->complaints, one->place, "'%.*s' is not %s",
                     STR_ARG(address), wants[channel]);
        else
            member->contact[member->n_contacts++] =
                (struct contact){channel, address};
    }
}

void
roster_read_member(struct loading *loading, const struct yaml *map)
{
    static const struct str keys[] = {
        NAME("id"),       NAME("name"),   NAME("unit"),
        NAME("role"),     NAME("skills"), NAME("systems"),
        NAME("contacts"), NAME("leader"), NAME("language"),
    };
    struct complaints *complaints = loading->complaints;
    struct roster *roster = loading->roster;
    yaml_only(map, keys, sizeof keys / sizeof *keys, complaints);
    struct member *member = &roster->member[roster->n_members];
    member->place = map->place;
    member->id = roster_id(loading, map);
    member->name = roster_text(loading, map, "name", 200);
    member->unit = roster_text(loading, map, "unit", 64);
    const struct yaml *node = yaml_get(map, "role");
    if (node != NULL)
        yaml_str(node, &member->role, complaints);
    static const struct roster_known nothing = {NULL, NULL, 0, 0};
    const struct roster_known *known =
        loading->known != NULL ? loading->known : &nothing;
    bool found = known->n_units == 0 || member->unit.len == 0;
    for (size_t i = 0; !found && i < known->n_units; i++)
        found = str_equal(known->unit[i], member->unit);
    if (!found)
        complain_unknown(complaints, yaml_get(map, "unit")->place, "unit",
                         member->unit, known->unit, known->n_units);
    member->skill =
        roster_ids(loading, map, "skills", (struct known_ids){"skill", NULL, 0},
                   &member->n_skills);
    member->system = roster_ids(
        loading, map, "systems",
        (struct known_ids){"system", known->system, known->n_systems},
        &member->n_systems);
    read_contacts(loading, map, member);
    node = yaml_get(map, "leader");
    if (node != NULL && !str_equal(node->text, STR("true")) &&
        !str_equal(node->text, STR("false")))
        complain(complaints, node->place, "leader is true or false");
    member->leader = node != NULL && str_equal(node->text, STR("true"));
    node = yaml_get(map, "language");
    enum language language = VIETNAMESE;
    if (node != NULL && !language_from(node->text, &language))
        complain(complaints, node->place, "language is vi or en");
    member->english = language == ENGLISH;
    const struct member *same = roster_find(roster, member->id);
    if (same != NULL && member->id.len > 0)
        complain(complaints, map->place, "'%.*s' is there twice (line %u)",
                 STR_ARG(member->id), same->place.line);
    roster->n_members++;
}
