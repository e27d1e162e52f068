/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh oncall`: who is on duty, the schedule, and overrides. An override
 * is a record on soc.journal; without Kafka the roster file alone answers, and
 * the exit code says so. */
#include "clock.h"
#include "commands.h"
#include "journal_io.h"
#include "team.h"

#include "base/hash.h"
#include "base/times.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 256 << 20, MAX_DUTIES = 20000, ID_LEN = 9 };

struct wish {
    const char *config;
    struct str at, from, to; /* as typed */
    struct str system, unit, skill;
    struct str person, instead, shift, reason, by;
    bool json;
};

struct desk {
    struct config config;
    struct team team;
    struct overrides overrides;
    struct arena arena;
    char *arena_start;
};

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"at", required_argument, NULL, 'a'},
        {"from", required_argument, NULL, 'f'},
        {"to", required_argument, NULL, 't'},
        {"system", required_argument, NULL, 's'},
        {"unit", required_argument, NULL, 'u'},
        {"skill", required_argument, NULL, 'k'},
        {"person", required_argument, NULL, 'p'},
        {"instead", required_argument, NULL, 'i'},
        {"shift", required_argument, NULL, 'h'},
        {"reason", required_argument, NULL, 'r'},
        {"by", required_argument, NULL, 'b'},
        {"json", no_argument, NULL, 'j'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
        enum { N_PLACES = 'z' + 1 };
        struct str *const places[N_PLACES] = {
            ['a'] = &wish->at,     ['f'] = &wish->from,    ['t'] = &wish->to,
            ['s'] = &wish->system, ['u'] = &wish->unit,    ['k'] = &wish->skill,
            ['p'] = &wish->person, ['i'] = &wish->instead, ['h'] = &wish->shift,
            ['r'] = &wish->reason, ['b'] = &wish->by,
        };
        if (c == 'c')
            wish->config = optarg;
        else if (c == 'j')
            wish->json = true;
        else if (c > 0 && c < N_PLACES && places[c] != NULL)
            *places[c] = str_of(optarg);
        else
            return false;
    }
    return true;
}

static bool
read_time(struct str text, int64_t preset, const char *what, int64_t *ms)
{
    *ms = preset;
    if (text.len == 0 || time_from_iso(text, VIETNAM_MINUTES, ms))
        return true;
    fprintf(stderr,
            "thapcanh oncall: %s '%.*s' is no time (2024-10-05, \"2024-10-05 "
            "07:00\"; UTC+7)\n",
            what, STR_ARG(text));
    return false;
}

/* Configuration, inventory and roster; EXIT_OK or what is wrong. */
static int
open_desk(struct desk *desk, const char *path)
{
    struct complaints complaints = {0};
    const struct inventory *inventory = NULL;
    desk->arena = arena_reserve(ARENA_BYTES);
    desk->arena_start = desk->arena.at;
    bool fine = desk->arena_start != NULL &&
                config_load(path, &desk->config, &complaints);
    if (fine && desk->config.inventory != NULL)
        inventory = inventory_load(desk->config.inventory,
                                   day_of_ms(clock_wall_ms(), VIETNAM_MINUTES),
                                   &desk->arena, &complaints);
    fine = fine && team_load(&desk->config, inventory, &desk->arena,
                             &desk->team, &complaints);
    command_print(stderr, &complaints.text);
    if (fine && desk->team.roster == NULL) {
        fprintf(stderr, "%s: names no roster\n", desk->config.file);
        fine = false;
    }
    complaints_free(&complaints);
    return fine ? EXIT_OK : EXIT_CHECK;
}

/* EXIT_UNREACHABLE when there is only the file to go by. */
static int
add_overrides(struct desk *desk)
{
    struct journal_override *at;
    struct err why;
    if (journal_overrides(&desk->config, &desk->arena, &at, &desk->overrides.n,
                          &why)) {
        desk->overrides.at = at;
        return EXIT_OK;
    }
    fprintf(stderr,
            "thapcanh oncall: the roster file alone, without overrides: %s\n",
            why.text);
    return EXIT_UNREACHABLE;
}

static void
close_desk(struct desk *desk)
{
    config_free(&desk->config);
    if (desk->arena_start != NULL)
        arena_release(desk->arena_start, desk->arena);
}

/* --- who */

static void
add_moment(struct buf *buf, int64_t ms)
{
    struct civil civil = civil_from_ms(ms, VIETNAM_MINUTES);
    buf_day(buf, day_of_ms(ms, VIETNAM_MINUTES));
    buf_format(buf, " %02d:%02d", civil.hour, civil.minute);
}

static void
json_member(struct buf *out, const char *key, struct str text)
{
    buf_format(out, ",\"%s\":", key);
    buf_json(out, text);
}

static void
json_duty(struct buf *out, const struct duty *duty)
{
    buf_add(out, STR("{\"member\":"));
    buf_json(out, duty->member->id);
    json_member(out, "name", duty->member->name);
    json_member(out, "shift", duty->shift);
    if (duty->instead_of != NULL)
        json_member(out, "instead_of", duty->instead_of->id);
    buf_add(out, STR(",\"from\":\""));
    buf_iso(out, duty->from_ms, VIETNAM_MINUTES);
    buf_add(out, STR("\",\"to\":\""));
    buf_iso(out, duty->until_ms, VIETNAM_MINUTES);
    buf_add(out, STR("\"}\n"));
}

static void
text_duty(struct buf *out, const struct duty *duty)
{
    add_moment(out, duty->from_ms);
    buf_add(out, STR("  "));
    add_moment(out, duty->until_ms);
    buf_format(out, "  %-12.*s %-20.*s %.*s", STR_ARG(duty->shift),
               STR_ARG(duty->member->id), STR_ARG(duty->member->name));
    if (duty->instead_of != NULL)
        buf_format(out, " (for %.*s)", STR_ARG(duty->instead_of->id));
    buf_char(out, '\n');
}

static const struct duty *
duty_of(const struct duty *duty, size_t n, const struct member *member)
{
    for (size_t i = 0; i < n; i++)
        if (duty[i].member == member)
            return &duty[i];
    return NULL;
}

static int
who(struct desk *desk, const struct wish *wish)
{
    int64_t at_ms;
    struct buf out = {0};
    struct duty duty[ROSTER_MAX_MEMBERS];
    const struct member *order[ROSTER_MAX_MEMBERS];
    if (!read_time(wish->at, clock_wall_ms(), "--at", &at_ms))
        return EXIT_USAGE;
    int code = add_overrides(desk);
    const struct wanted wanted = {
        .system = &wish->system,
        .n_systems = wish->system.len > 0,
        .unit = &wish->unit,
        .n_units = wish->unit.len > 0,
        .skill = wish->skill,
    };
    size_t n_duty = roster_on_duty(desk->team.roster, desk->overrides, at_ms,
                                   duty, ROSTER_MAX_MEMBERS);
    size_t n = roster_rank(desk->team.roster, desk->overrides, at_ms, &wanted,
                           order, ROSTER_MAX_MEMBERS);
    for (size_t i = 0; i < n; i++) {
        const struct duty *one = duty_of(duty, n_duty, order[i]);
        if (one != NULL && wish->json)
            json_duty(&out, one);
        else if (one != NULL)
            text_duty(&out, one);
    }
    command_print(stdout, &out);
    buf_free(&out);
    if (n == 0)
        fprintf(stderr, "nobody is on duty then\n");
    return code != EXIT_OK ? code : n > 0 ? EXIT_OK : EXIT_CHECK;
}

static int
schedule(struct desk *desk, const struct wish *wish)
{
    int64_t now_ms = clock_wall_ms(), from_ms, to_ms;
    struct buf out = {0};
    if (!read_time(wish->from, now_ms, "--from", &from_ms) ||
        !read_time(wish->to, from_ms + 7 * MS_PER_DAY, "--to", &to_ms))
        return EXIT_USAGE;
    if (to_ms <= from_ms || to_ms - from_ms > 400 * MS_PER_DAY) {
        fprintf(stderr,
                "thapcanh oncall: --to is after --from, by 400 days at most\n");
        return EXIT_USAGE;
    }
    int code = add_overrides(desk);
    struct duty *duty = arena_take(&desk->arena, MAX_DUTIES, sizeof *duty);
    size_t n = duty == NULL
                   ? 0
                   : roster_schedule(desk->team.roster, desk->overrides,
                                     from_ms, to_ms, duty, MAX_DUTIES);
    for (size_t i = 0; i < n; i++)
        (wish->json ? json_duty : text_duty)(&out, &duty[i]);
    command_print(stdout, &out);
    buf_free(&out);
    if (n == MAX_DUTIES) {
        fprintf(stderr, "only the first %d turns: ask for fewer days\n",
                MAX_DUTIES);
        return EXIT_CHECK;
    }
    return code;
}

/* --- override */

static int
say(const char *what, struct str text, struct str near)
{
    fprintf(stderr, "thapcanh oncall: %s '%.*s'", what, STR_ARG(text));
    if (near.len > 0)
        fprintf(stderr, " (did you mean '%.*s'?)", STR_ARG(near));
    fprintf(stderr, "\n");
    return EXIT_USAGE;
}

static int
check_override(const struct desk *desk, const struct wish *wish)
{
    const struct roster *roster = desk->team.roster;
    const struct str people[] = {wish->person, wish->instead, wish->by};
    for (size_t i = 0; i < 3; i++)
        if (people[i].len > 0 && roster_find(roster, people[i]) == NULL)
            return say("unknown member", people[i],
                       roster_near(roster, people[i]));
    if (wish->shift.len > 0 && !roster_has_shift(roster, wish->shift))
        return say("unknown shift", wish->shift, NO_STR);
    if ((wish->person.len == 0 && wish->instead.len == 0) ||
        wish->from.len == 0 || wish->to.len == 0 || wish->reason.len == 0)
        return command_usage("oncall");
    return EXIT_OK;
}

static void
draw_id(char id[ID_LEN])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char bytes[ID_LEN];
    hash_random(bytes, sizeof bytes);
    id[0] = 'O';
    for (size_t i = 1; i < ID_LEN; i++)
        id[i] = digits[bytes[i] & 31];
}

static int
append(const struct desk *desk, struct journal_record *record)
{
    struct err why;
    record->type = JOURNAL_OVERRIDE;
    record->at_ms = clock_wall_ms();
    if (journal_append(&desk->config, record, &why)) {
        printf("%.*s\n", STR_ARG(record->roster.id));
        return EXIT_OK;
    }
    fprintf(stderr, "thapcanh oncall: %s\n", why.text);
    return EXIT_UNREACHABLE;
}

static int
override_add(struct desk *desk, const struct wish *wish)
{
    char id[ID_LEN];
    struct journal_record record = {
        .by = wish->by,
        .roster = {.id = {id, ID_LEN},
                   .person = wish->person,
                   .instead = wish->instead,
                   .shift = wish->shift,
                   .reason = wish->reason},
    };
    int code = check_override(desk, wish);
    if (code != EXIT_OK)
        return code;
    if (!read_time(wish->from, 0, "--from", &record.roster.from_ms) ||
        !read_time(wish->to, 0, "--to", &record.roster.until_ms))
        return EXIT_USAGE;
    if (record.roster.until_ms <= record.roster.from_ms) {
        fprintf(stderr, "thapcanh oncall: --to is not after --from\n");
        return EXIT_USAGE;
    }
    draw_id(id);
    return append(desk, &record);
}

static int
override_list(struct desk *desk)
{
    struct buf out = {0};
    int code = add_overrides(desk);
    int64_t now_ms = clock_wall_ms();
    for (size_t i = 0; i < desk->overrides.n; i++) {
        const struct journal_override *one = &desk->overrides.at[i];
        if (one->until_ms <= now_ms)
            continue;
        buf_format(&out, "%.*s  ", STR_ARG(one->id));
        add_moment(&out, one->from_ms);
        buf_add(&out, STR("  "));
        add_moment(&out, one->until_ms);
        buf_format(
            &out, "  %.*s",
            STR_ARG(one->person.len > 0 ? one->person : STR("(additional)")));
        if (one->instead.len > 0)
            buf_format(&out, " -> %.*s", STR_ARG(one->instead));
        if (one->shift.len > 0)
            buf_format(&out, " in %.*s", STR_ARG(one->shift));
        buf_format(&out, "  %.*s\n", STR_ARG(one->reason));
    }
    command_print(stdout, &out);
    buf_free(&out);
    return code;
}

static int
override_expire(struct desk *desk, const struct wish *wish, struct str id)
{
    int code = add_overrides(desk);
    if (code != EXIT_OK)
        return code;
    struct journal_record record = {.by = wish->by,
                                    .roster = {.id = id, .cancel = true}};
    for (size_t i = 0; i < desk->overrides.n; i++)
        if (str_equal(desk->overrides.at[i].id, id)) {
            struct journal_override one = desk->overrides.at[i];
            one.cancel = true;
            record.roster = one;
            return append(desk, &record);
        }
    fprintf(stderr, "thapcanh oncall: there is no override '%.*s'\n",
            STR_ARG(id));
    return EXIT_CHECK;
}

static int
override_verb(struct desk *desk, const struct wish *wish, int argc, char **argv)
{
    if (argc == 1 && strcmp(argv[0], "add") == 0)
        return override_add(desk, wish);
    if (argc == 1 && strcmp(argv[0], "list") == 0)
        return override_list(desk);
    if (argc == 2 && strcmp(argv[0], "expire") == 0)
        return override_expire(desk, wish, str_of(argv[1]));
    return command_usage("oncall");
}

int
cmd_oncall(int argc, char **argv)
{
    static struct desk desk;
    struct wish wish = {0};
    if (!read_wish(argc, argv, &wish) || optind == argc)
        return command_usage("oncall");
    const char *verb = argv[optind++];
    int rest = argc - optind;
    bool known = strcmp(verb, "override") == 0 ||
                 (rest == 0 &&
                  (strcmp(verb, "who") == 0 || strcmp(verb, "schedule") == 0));
    if (!known)
        return command_usage("oncall");
    int code = open_desk(&desk, wish.config);
    if (code == EXIT_OK && strcmp(verb, "who") == 0)
        code = who(&desk, &wish);
    else if (code == EXIT_OK && strcmp(verb, "schedule") == 0)
        code = schedule(&desk, &wish);
    else if (code == EXIT_OK)
        code = override_verb(&desk, &wish, rest, argv + optind);
    close_desk(&desk);
    return code;
}
