/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets in files, the key of links, and settings of channels that cannot
 * work together. */
#include "daemon/notify.h"
#include "daemon/secret.h"
#include "daemon/team.h"
#include "model/link.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct arena arena;
static char *start;
static char folder[64], path[128];
static struct complaints complaints;
static struct config config;

static void
setup(void)
{
    arena = arena_reserve(64 << 20);
    start = arena.at;
    complaints = (struct complaints){0};
    memset(&config, 0, sizeof config);
    snprintf(folder, sizeof folder, "/tmp/tc-notify-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
}

static void
teardown(void)
{
    config_free(&config);
    complaints_free(&complaints);
    arena_release(start, arena);
    static const char *const names[] = {"link.key", "secret", "conf.yml"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

TestSuite(notify, .init = setup, .fini = teardown);

static const char *
put(const char *name, const char *text)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    return path;
}

Test(notify, the_link_key_is_made_once_for_us_alone)
{
    struct str one, other;
    struct err why = {""};
    struct stat status;
    cr_assert(secret_link_key(folder, &arena, &one, &why), "%s", why.text);
    cr_assert(secret_link_key(folder, &arena, &other, &why), "%s", why.text);
    cr_expect(str_equal(one, other));
    cr_expect_eq(one.len, 64);
    snprintf(path, sizeof path, "%s/link.key", folder);
    cr_expect(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600);
}

static void *
ask_key(void *key)
{
    struct arena own = arena_reserve(1 << 20);
    struct err why;
    return secret_link_key(folder, &own, key, &why) ? key : NULL;
}

Test(notify, those_who_start_together_get_one_key)
{
    enum { MANY = 8 };
    pthread_t thread[MANY];
    struct str key[MANY];
    for (int i = 0; i < MANY; i++)
        cr_assert_eq(pthread_create(&thread[i], NULL, ask_key, &key[i]), 0);
    for (int i = 0; i < MANY; i++) {
        void *got;
        pthread_join(thread[i], &got);
        cr_assert(got != NULL, "thread %d", i);
        cr_expect(str_equal(key[i], key[0]), "thread %d", i);
    }
}

Test(notify, a_key_that_others_may_read_is_refused)
{
    struct str key;
    struct err why;
    put("link.key", "0123456789abcdef0123456789abcdef\n");
    chmod(path, 0644);
    cr_expect(!secret_link_key(folder, &arena, &key, &why));
    cr_expect(strstr(why.text, "chmod 600") != NULL, "%s", why.text);
    chmod(path, 0600);
    cr_expect(secret_link_key(folder, &arena, &key, &why));
    put("link.key", "short\n");
    cr_expect(!secret_link_key(folder, &arena, &key, &why));
}

Test(notify, a_secret_is_the_first_line_and_never_empty)
{
    struct str line;
    struct err why;
    cr_assert(
        secret_line(put("secret", " s3cret \nmore\n"), &arena, &line, &why));
    cr_expect(str_equal(line, STR("s3cret")));
    cr_expect(!secret_line(put("secret", "\nmore\n"), &arena, &line, &why));
    cr_expect(!secret_line("/nowhere/at/all", &arena, &line, &why));
    cr_expect(secret_line(NULL, &arena, &line, &why) && line.len == 0);
}

Test(notify, settings_that_cannot_work_together_are_all_named)
{
    struct courier_plan plan;
    put("conf.yml", "notify.mail.url: https://mail.example"
                    "\n"
                    "notify.mail.user: soc\n"
                    "notify.mail.plain: on\n"
                    "notify.webhook.url: ftp://x.example"
                    "\n"
                    "notify.sms.url: https://sms.example/?to={too}\n"
                    "notify.sms.header_file: gone\n"
                    "notify.link.url: soc.example/\n");
    cr_assert(config_load(path, &config, &complaints), "%.*s",
              STR_ARG(buf_str(&complaints.text)));
    cr_expect(!notify_plan(&config, &plan, &complaints));
    static const char *const wanted[] = {
        "notify.mail.url: must begin with smtp:// or smtps://",
        "notify.mail.from: is needed with notify.mail.url",
        "notify.mail.password_file: is needed with notify.mail.user",
        "notify.webhook.url: must begin with https:// or http://",
        "notify.webhook.secret_file: is needed with notify.webhook.url",
        "notify.sms.url: unknown place '{too}' (did you mean '{to}'?)",
        "notify.sms.url: neither it nor notify.sms.body has a place for "
        "{text}",
        "notify.sms.header_file: ",
        "notify.link.url: must begin with https:// or http://",
        "notify.link.url: must not end with a slash",
    };
    struct str said = buf_str(&complaints.text);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect(str_contains(said, str_of(wanted[i])), "row %zu: %s\n%.*s", i,
                  wanted[i], STR_ARG(said));
}

Test(notify, a_password_in_the_clear_is_a_mistake)
{
    struct courier_plan plan;
    put("secret", "pw\n");
    put("conf.yml", "notify.mail.url: smtp://mail.example\n"
                    "notify.mail.from: soc@a.example\n"
                    "notify.mail.user: soc\n"
                    "notify.mail.password_file: secret\n"
                    "notify.mail.plain: on\n");
    cr_assert(config_load(path, &config, &complaints));
    cr_expect(!notify_plan(&config, &plan, &complaints));
    cr_expect_eq(complaints.n_errors, 1);
    cr_expect(str_contains(buf_str(&complaints.text), STR("unprotected")));
}

Test(notify, a_roster_without_a_policy_is_a_mistake)
{
    struct team team;
    put("conf.yml", "roster: roster.yml\n");
    cr_assert(config_load(path, &config, &complaints));
    cr_expect(!team_load(&config, NULL, &arena, &team, &complaints));
    cr_expect(str_contains(buf_str(&complaints.text),
                           STR("roster and escalation need each other")));
}
