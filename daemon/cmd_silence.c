/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh silence`: what makes no ticket for a while, with the reason and
 * who wanted it. A dry run only counts. Which time counts is that at which an
 * incident fired. */
#include "base/hash.h"
#include "base/times.h"
#include "clock.h"
#include "commands.h"
#include "feed_screen.h"
#include "respond/match.h"
#include "responder.h"
#include "ticket_screen.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA = 256 << 20, MAX_SHOWN = 10000, SILENCE_ID_LEN = 9 };

struct wish {
    const char *config, *language;
    bool json, all, dry_run;
    struct str by, reason, from, until, length;
    char **words;
    size_t n_words;
};

struct shown {
    struct journal_record record;
    uint64_t n; /* incidents it took, or would have taken */
};

struct desk {
    const struct wish *wish;
    struct config config;
    struct responder *responder;
    struct arena arena;
    char *start;
    struct json_reader *json;
    enum language language;
    struct shown *shown;
    size_t n_shown;
};

static bool
take_option(int c, struct wish *wish)
{
    enum { N_TEXTS = 'z' + 1 };
    struct str *const texts[N_TEXTS] = {
        ['b'] = &wish->by,    ['r'] = &wish->reason, ['f'] = &wish->from,
        ['u'] = &wish->until, ['d'] = &wish->length,
    };
    if (c == 'c')
        wish->config = optarg;
    else if (c == 'l')
        wish->language = optarg;
    else if (c == 'j')
        wish->json = true;
    else if (c == 'a')
        wish->all = true;
    else if (c == 'n')
        wish->dry_run = true;
    else if (c > 0 && c < N_TEXTS && texts[c])
        *texts[c] = str_of(optarg);
    else
        return false;
    return true;
}

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"lang", required_argument, NULL, 'l'},
        {"language", required_argument, NULL, 'l'},
        {"json", no_argument, NULL, 'j'},
        {"all", no_argument, NULL, 'a'},
        {"dry-run", no_argument, NULL, 'n'},
        {"by", required_argument, NULL, 'b'},
        {"reason", required_argument, NULL, 'r'},
        {"from", required_argument, NULL, 'f'},
        {"until", required_argument, NULL, 'u'},
        {"for", required_argument, NULL, 'd'},
        {NULL, 0, NULL, 0},
    };
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;)
        if (!take_option(c, wish))
            return false;
    wish->words = argv + optind;
    wish->n_words = (size_t)(argc - optind);
    return true;
}

static int
fail(enum responder_says says, const struct err *why)
{
    fprintf(stderr, "thapcanh silence: %s\n", why->text);
    return says == RESPONDER_AWAY ? EXIT_UNREACHABLE : EXIT_CHECK;
}

static int
usage_error(const char *words)
{
    fprintf(stderr, "thapcanh silence: %s\n", words);
    return EXIT_USAGE;
}

static struct str
name_of(const struct wish *wish)
{
    return wish->by.len > 0 ? wish->by : str_of(command_user());
}

/* --- add */

/* "2h", "30m", "7d" */
static bool
read_length(struct str text, int64_t *ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'m', 60000}, {'h', 3600000}, {'d', MS_PER_DAY}};
    int64_t n;
    if (text.len < 2 || !str_to_i64(str_cut(text, 0, text.len - 1), &n) ||
        n < 1 || n > 100000)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (text.at[text.len - 1] == units[i].unit) {
            *ms = n * units[i].ms;
            return true;
        }
    }
    return false;
}

/* From --from (now) to --until, or for --for. */
static const char *
read_span(const struct wish *wish, struct journal_silence *silence)
{
    int64_t length;
    silence->from_ms = clock_wall_ms();
    if (wish->from.len > 0 &&
        !time_from_iso(wish->from, VIETNAM_MINUTES, &silence->from_ms))
        return "--from is no time (2024-09-30T08:00, UTC+7)";
    if ((wish->until.len > 0) == (wish->length.len > 0))
        return "until when? --until TIME or --for 2h";
    if (wish->until.len > 0)
        return time_from_iso(wish->until, VIETNAM_MINUTES, &silence->until_ms)
                   ? NULL
                   : "--until is no time (2024-09-30T08:00, UTC+7)";
    if (!read_length(wish->length, &length))
        return "--for is no length (30m, 2h, 7d)";
    silence->until_ms = silence->from_ms + length;
    return NULL;
}

/* "S" and 8 digits of what nobody else draws. */
static struct str
new_id(char id[SILENCE_ID_LEN + 1])
{
    snprintf(id, SILENCE_ID_LEN + 1, "S%08" PRIX64,
             clock_random() & UINT64_C(0xffffffff));
    return (struct str){id, SILENCE_ID_LEN};
}

/* The shell has taken the quotes off what holds a blank. */
static void
add_word(struct buf *matcher, const char *text)
{
    struct str word = str_of(text);
    const char *equals = strchr(text, '=');
    bool bare = equals && strchr(text, ' ') && !strchr(text, '"');
    size_t head = bare ? (size_t)(equals - text) + 1 : word.len;
    buf_add(matcher, str_cut(word, 0, head));
    if (!bare)
        return;
    buf_char(matcher, '"');
    buf_add(matcher, str_cut(word, head, word.len));
    buf_char(matcher, '"');
}

static int
add(struct desk *desk)
{
    const struct wish *wish = desk->wish;
    char id[SILENCE_ID_LEN + 1];
    struct buf matcher = {.max_bytes = TICKET_MAX_TEXT};
    static struct matcher read;
    struct complaints complaints = {0};
    struct err why;
    struct journal_record record = {
        .type = JOURNAL_SILENCE,
        .by = name_of(wish),
        .silence = {.reason = wish->reason,
                    .owner = name_of(wish),
                    .dry_run = wish->dry_run},
    };
    for (size_t i = 0; i < wish->n_words; i++) {
        buf_add(&matcher, i > 0 ? STR(" ") : STR(""));
        add_word(&matcher, wish->words[i]);
    }
    if (matcher.full)
        return usage_error("the matcher is too long");
    bool fine =
        matcher_read(buf_str(&matcher),
                     (struct place){.file = "matcher", .line = 1, .column = 1},
                     &read, &complaints);
    command_print(stderr, &complaints.text);
    complaints_free(&complaints);
    const char *words = read_span(wish, &record.silence);
    if (!words && wish->reason.len == 0)
        words = "why? --reason TEXT";
    if (!words && record.by.len == 0)
        words = "who? --by NAME";
    if (words || !fine) {
        buf_free(&matcher);
        return words ? usage_error(words) : EXIT_USAGE;
    }
    record.silence.id = new_id(id);
    record.silence.matcher = buf_str(&matcher);
    enum responder_says says = responder_ask(desk->responder, &record, &why);
    buf_free(&matcher);
    if (says != RESPONDER_FINE)
        return fail(says, &why);
    printf("%s\n", id);
    return EXIT_OK;
}

/* --- expire */

static int
expire(struct desk *desk)
{
    const struct wish *wish = desk->wish;
    struct err why;
    int worst = EXIT_OK;
    if (name_of(wish).len == 0)
        return usage_error("who? --by NAME");
    for (size_t i = 0; i < wish->n_words; i++) {
        struct journal_record record = {
            .type = JOURNAL_SILENCE,
            .by = name_of(wish),
            .silence = {.id = str_of(wish->words[i]),
                        .expire = true,
                        .reason = wish->reason},
        };
        enum responder_says says =
            responder_ask(desk->responder, &record, &why);
        if (says != RESPONDER_FINE)
            worst = fail(says, &why);
    }
    return worst;
}

/* --- list */

static bool
take_silence(void *context, struct str field, struct str value)
{
    struct desk *desk = context;
    struct shown *shown = &desk->shown[desk->n_shown];
    struct err why;
    const struct json *root;
    (void)field;
    struct str text = arena_copy(&desk->arena, value);
    if (desk->n_shown < MAX_SHOWN && text.at &&
        json_read(desk->json, text, &desk->arena, &root) == JSON_FINE &&
        journal_read(root, &desk->arena, &shown->record, &why) &&
        shown->record.type == JOURNAL_SILENCE)
        desk->n_shown++;
    return true;
}

static bool
count_incident(void *context, struct str field, struct str value)
{
    struct desk *desk = context;
    struct known known;
    (void)field;
    if (!known_read(value, &known) || known.because.len == 0)
        return true;
    for (size_t i = 0; i < desk->n_shown; i++)
        desk->shown[i].n +=
            str_equal(desk->shown[i].record.silence.id, known.because);
    return true;
}

static int
compare_end(const void *left, const void *right)
{
    const struct journal_silence *a =
        &((const struct shown *)left)->record.silence;
    const struct journal_silence *b =
        &((const struct shown *)right)->record.silence;
    if (a->until_ms != b->until_ms)
        return a->until_ms < b->until_ms ? -1 : 1;
    return str_compare(a->id, b->id);
}

static void
write_json(struct buf *buf, const struct shown *shown)
{
    const struct journal_silence *silence = &shown->record.silence;
    buf_add(buf, STR("{\"id\":"));
    buf_json(buf, silence->id);
    buf_add(buf, STR(",\"matcher\":"));
    buf_json(buf, silence->matcher);
    buf_add(buf, STR(",\"reason\":"));
    buf_json(buf, silence->reason);
    buf_add(buf, STR(",\"owner\":"));
    buf_json(buf, silence->owner);
    buf_add(buf, STR(",\"from\":\""));
    buf_iso(buf, silence->from_ms, VIETNAM_MINUTES);
    buf_add(buf, STR("\",\"until\":\""));
    buf_iso(buf, silence->until_ms, VIETNAM_MINUTES);
    buf_format(buf, "\",\"dry_run\":%s,\"incidents\":%llu}\n",
               silence->dry_run ? "true" : "false",
               (unsigned long long)shown->n);
}

enum { W_UNTIL = 12, W_OWNER = 12, W_COUNT = 9, W_STATE = 10, W_MATCHER = 32 };

static void
write_row(struct buf *buf, enum language language, const struct shown *shown,
          int64_t now_ms)
{
    const struct journal_silence *silence = &shown->record.silence;
    struct buf text = {0};
    enum phrase state = silence->until_ms <= now_ms ? P_S_ENDED
                        : silence->dry_run          ? P_S_DRY_RUN
                                                    : P_S_IN_FORCE;
    screen_cell(buf, silence->id, SILENCE_ID_LEN + 2);
    screen_cell(buf, phrase(state, language), W_STATE);
    buf_short_time(&text, silence->until_ms);
    screen_cell(buf, buf_str(&text), W_UNTIL + 1);
    buf_clear(&text);
    screen_cell(buf, silence->owner, W_OWNER);
    buf_number(&text, language, shown->n);
    screen_cell(buf, buf_str(&text), W_COUNT);
    screen_cell(buf, silence->matcher, W_MATCHER);
    buf_add(buf, STR("  "));
    screen_text(buf, silence->reason);
    buf_char(buf, '\n');
    buf_free(&text);
}

static void
write_head(struct buf *buf, enum language language)
{
    screen_cell(buf, phrase(P_S_SILENCE, language), SILENCE_ID_LEN + 2);
    screen_cell(buf, STR(""), W_STATE);
    screen_cell(buf, phrase(P_S_UNTIL, language), W_UNTIL + 1);
    screen_cell(buf, phrase(P_S_OWNER, language), W_OWNER);
    screen_cell(buf, phrase(P_S_SUPPRESSED, language), W_COUNT);
    screen_cell(buf, phrase(P_S_MATCHER, language), W_MATCHER);
    buf_add(buf, STR("  "));
    buf_add(buf, phrase(P_S_REASON, language));
    buf_char(buf, '\n');
}

static int
list(struct desk *desk)
{
    struct err why;
    struct buf out = {0};
    desk->shown = arena_take(&desk->arena, MAX_SHOWN + 1, sizeof *desk->shown);
    enum responder_says says = responder_each(desk->responder, TABLE_SILENCES,
                                              take_silence, desk, &why);
    if (says == RESPONDER_FINE)
        says = responder_each(desk->responder, TABLE_INCIDENTS, count_incident,
                              desk, &why);
    if (says != RESPONDER_FINE)
        return fail(says, &why);
    if (desk->n_shown > 0)
        qsort(desk->shown, desk->n_shown, sizeof *desk->shown, compare_end);
    int64_t now_ms = clock_wall_ms();
    if (!desk->wish->json && desk->n_shown > 0)
        write_head(&out, desk->language);
    for (size_t i = 0; i < desk->n_shown; i++) {
        bool ended = desk->shown[i].record.silence.until_ms <= now_ms;
        if (ended && !desk->wish->all)
            continue;
        if (desk->wish->json)
            write_json(&out, &desk->shown[i]);
        else
            write_row(&out, desk->language, &desk->shown[i], now_ms);
    }
    command_print(stdout, &out);
    buf_free(&out);
    return EXIT_OK;
}

static int
run(struct desk *desk, int (*what)(struct desk *desk))
{
    struct err why = {""};
    if (!command_config(desk->wish->config, &desk->config))
        return EXIT_CHECK;
    desk->arena = arena_reserve(ARENA);
    desk->start = desk->arena.at;
    desk->json = json_reader_new();
    desk->language = desk->config.english ? ENGLISH : VIETNAMESE;
    if (desk->wish->language)
        language_from(str_of(desk->wish->language), &desk->language);
    screen_start();
    desk->responder = responder_open(&desk->config, &why);
    if (desk->start && desk->json && desk->responder)
        return what(desk);
    fprintf(stderr, "thapcanh silence: %s\n",
            why.text[0] ? why.text : "out of memory");
    return EXIT_CHECK;
}

int
cmd_silence(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct desk *desk);
        bool wants_words;
    } subcommands[] = {
        {"add", add, true}, {"list", list, false}, {"expire", expire, true}};
    static struct wish wish;
    struct desk desk = {.wish = &wish};
    size_t i = 0, n = sizeof subcommands / sizeof *subcommands;
    while (argc > 1 && i < n && strcmp(argv[1], subcommands[i].name) != 0)
        i++;
    if (argc < 2 || i == n || !read_wish(argc - 1, argv + 1, &wish) ||
        (wish.n_words > 0) != subcommands[i].wants_words)
        return command_usage("silence");
    int code = run(&desk, subcommands[i].run);
    responder_close(desk.responder);
    json_reader_free(desk.json);
    if (desk.start)
        arena_release(desk.start, desk.arena);
    config_free(&desk.config);
    return code;
}
