/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh notify test`: a real message by every channel a member has, and
 * what came of each. Needs no journal: nothing of it is remembered. */
#include "clock.h"
#include "commands.h"
#include "notify.h"
#include "team.h"

#include "base/hash.h"
#include "base/times.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 256 << 20 };

struct wish {
    const char *config;
    struct str to;
};

/* Of the file alone: who would be called first just now. */
static const struct member *
choose(const struct team *team, struct str to)
{
    struct duty duty[1];
    if (to.len > 0) {
        const struct member *member = roster_find(team->roster, to);
        struct str near = roster_near(team->roster, to);
        if (member == NULL)
            fprintf(stderr, "thapcanh notify: unknown member '%.*s'%s%.*s%s\n",
                    STR_ARG(to), near.len > 0 ? " (did you mean '" : "",
                    STR_ARG(near), near.len > 0 ? "'?)" : "");
        return member;
    }
    if (roster_on_duty(team->roster, (struct overrides){NULL, 0},
                       clock_wall_ms(), duty, 1) == 1)
        return duty[0].member;
    fprintf(stderr, "thapcanh notify: nobody is on duty: say --to MEMBER\n");
    return NULL;
}

static bool
send_one(struct courier *courier, const struct config *config,
         const struct member *member, const struct contact *contact)
{
    char id[MESSAGE_ID_LEN];
    uint64_t salt;
    hash_random(&salt, sizeof salt);
    const struct journal_send send = {.kind = MESSAGE_TEST,
                                      .channel = channel_id(contact->channel)};
    int64_t now_ms = clock_wall_ms();
    message_id_make(id, member->id, &send, now_ms ^ (int64_t)(salt >> 1));
    const struct message message = {
        .id = {id, sizeof id},
        .kind = MESSAGE_TEST,
        .language = member->english ? ENGLISH : VIETNAMESE,
        .drill = config->notify.drill,
        .at_ms = now_ms,
        .name = member->name,
        .site = config->site,
    };
    struct courier_result result;
    bool back =
        courier_send(courier, &message, member->id, contact) &&
        courier_result(courier, (int)(2 * config->notify.timeout_ms + 2000),
                       &result);
    if (!back)
        err_set(&result.detail, "no answer in time");
    bool fine = back && result.delivered;
    printf("%-8.*s %-30.*s %s: %s\n", STR_ARG(channel_id(contact->channel)),
           STR_ARG(contact->address), fine ? "delivered" : "FAILED",
           result.detail.text);
    return fine;
}

static int
test(const struct config *config, struct courier *courier,
     const struct member *member)
{
    bool usable[N_CHANNELS];
    size_t n = 0, n_failed = 0;
    courier_usable(courier, usable);
    printf("%.*s (%.*s)\n", STR_ARG(member->name), STR_ARG(member->id));
    for (size_t i = 0; i < member->n_contacts; i++) {
        const struct contact *contact = &member->contact[i];
        if (!usable[contact->channel]) {
            printf("%-8.*s %-30.*s no server is configured\n",
                   STR_ARG(channel_id(contact->channel)),
                   STR_ARG(contact->address));
            continue;
        }
        n++;
        n_failed += !send_one(courier, config, member, contact);
    }
    if (n == 0)
        fprintf(stderr, "thapcanh notify: no channel of %.*s is configured\n",
                STR_ARG(member->id));
    return n > 0 && n_failed == 0 ? EXIT_OK : EXIT_CHECK;
}

static int
run_test(struct config *config, struct arena *arena, struct str to)
{
    struct complaints complaints = {0};
    struct courier_plan plan;
    struct team team;
    struct err why = {""};
    bool fine = team_load(config, NULL, arena, &team, &complaints);
    fine = notify_plan(config, &plan, &complaints) && fine;
    command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    if (fine && team.roster == NULL)
        fprintf(stderr, "%s: names no roster\n", config->file);
    const struct member *member =
        fine && team.roster != NULL ? choose(&team, to) : NULL;
    if (member == NULL)
        return EXIT_CHECK;
    struct courier *courier = courier_start(&plan, &why);
    if (courier == NULL) {
        fprintf(stderr, "thapcanh notify: %s\n", why.text);
        return EXIT_CHECK;
    }
    int code = test(config, courier, member);
    courier_stop(courier);
    return code;
}

int
cmd_notify(int argc, char **argv)
{
    static const struct option options[] = {
        {"to", required_argument, NULL, 't'}, {NULL, 0, NULL, 0}};
    static struct config config;
    struct wish wish = {0};
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
        if (c == 'c')
            wish.config = optarg;
        else if (c == 't')
            wish.to = str_of(optarg);
        else
            return command_usage("notify");
    }
    if (optind + 1 != argc || strcmp(argv[optind], "test") != 0)
        return command_usage("notify");
    struct arena arena = arena_reserve(ARENA_BYTES);
    char *start = arena.at;
    int code = EXIT_CHECK;
    if (start != NULL && command_config(wish.config, &config))
        code = run_test(&config, &arena, wish.to);
    config_free(&config);
    if (start != NULL)
        arena_release(start, arena);
    return code;
}
