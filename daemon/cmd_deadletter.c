/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh deadletter`: what could not be read, and giving it another try. A
 * retry sends the original bytes and key to the partition they came from, with
 * the origin in a header; the owner of that partition decides whether the
 * letter is still open, so a retry too many counts nothing twice (STREAM 29).
 * This topic alone cannot tell which letters have been mended since: the list
 * says how often each was seen. */
#include "base/json.h"
#include "base/times.h"
#include "commands.h"
#include "deadletters.h"
#include "feed_screen.h"
#include "interrupt.h"
#include "model/position.h"
#include "progress.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINGER_MS = 5 };

struct wish {
    const char *config;
    struct str reason, topic; /* empty: any */
    bool json, all, raw;
    char **positions;
    size_t n_positions;
};

static bool
read_wish(int argc, char **argv, struct wish *wish)
{
    static const struct option options[] = {
        {"json", no_argument, NULL, 'j'},
        {"all", no_argument, NULL, 'a'},
        {"raw", no_argument, NULL, 'w'},
        {"reason", required_argument, NULL, 'r'},
        {"topic", required_argument, NULL, 't'},
        {NULL, 0, NULL, 0},
    };
    bool fine = true;
    for (int c; (c = getopt_long(argc, argv, "c:", options, NULL)) != -1;) {
        if (c == 'c')
            wish->config = optarg;
        else if (c == 'j')
            wish->json = true;
        else if (c == 'a')
            wish->all = true;
        else if (c == 'w')
            wish->raw = true;
        else if (c == 'r')
            wish->reason = str_of(optarg);
        else if (c == 't')
            wish->topic = str_of(optarg);
        else
            fine = false;
    }
    wish->positions = argv + optind;
    wish->n_positions = (size_t)(argc - optind);
    for (size_t i = 0; fine && i < wish->n_positions; i++) {
        struct position position;
        if (position_from(str_of(wish->positions[i]), &position))
            continue;
        fprintf(stderr,
                "thapcanh deadletter: '%s' is no position "
                "(topic/partition/incarnation/offset/index)\n",
                wish->positions[i]);
        return false;
    }
    return fine;
}

static bool
is_wanted(const struct wish *wish, const struct deadletter *letter)
{
    struct position position;
    if (wish->reason.len > 0 && !str_equal(letter->reason, wish->reason))
        return false;
    if (wish->topic.len > 0 && (!position_from(letter->position, &position) ||
                                !str_equal(position.topic, wish->topic)))
        return false;
    if (wish->n_positions == 0)
        return true;
    for (size_t i = 0; i < wish->n_positions; i++)
        if (str_equal(letter->position, str_of(wish->positions[i])))
            return true;
    return false;
}

/* --- list */

struct listing {
    const struct wish *wish;
    struct deadletters letters;
};

static bool
put(void *context, const struct record *record, const struct deadletter *letter)
{
    struct listing *listing = context;
    (void)record;
    if (is_wanted(listing->wish, letter))
        deadletters_put(&listing->letters, letter);
    return true;
}

static void
member(struct buf *buf, const char *name, struct str text)
{
    buf_format(buf, ",\"%s\":", name);
    buf_json(buf, text);
}

static void
write_json(struct buf *buf, const struct deadletter *letter)
{
    buf_add(buf, STR("{\"position\":"));
    buf_json(buf, letter->position);
    buf_format(buf,
               ",\"timestamp\":%" PRId64 ",\"seen\":%" PRIu32
               ",\"bytes\":%" PRIu64,
               letter->message_ms, letter->n_seen, letter->size_bytes);
    member(buf, "stage", letter->stage);
    member(buf, "reason", letter->reason);
    member(buf, "detail", letter->detail);
    if (letter->indexes.len > 0)
        member(buf, "indexes", letter->indexes);
    member(buf, "version", letter->version);
    buf_add(buf, STR("}\n"));
}

static void
write_time(struct buf *buf, int64_t ms)
{
    struct buf text = {0};
    buf_iso(&text, ms, VIETNAM_MINUTES);
    screen_cell(buf, str_cut(buf_str(&text), 0, 19), 21);
    buf_free(&text);
}

static void
write_row(struct buf *buf, const struct deadletter *letter)
{
    struct buf number = {0};
    screen_cell(buf, letter->position, 34);
    buf_add(buf, STR("  "));
    write_time(buf, letter->message_ms);
    screen_cell(buf, letter->reason, 15);
    buf_format(&number, "%" PRIu32, letter->n_seen);
    screen_cell(buf, buf_str(&number), 6);
    buf_clear(&number);
    buf_thousands(&number, letter->size_bytes);
    screen_cell(buf, buf_str(&number), 12);
    screen_text(buf, letter->detail);
    if (letter->indexes.len > 0) {
        buf_add(buf, STR(" (elements "));
        screen_text(buf, letter->indexes);
        buf_char(buf, ')');
    }
    buf_char(buf, '\n');
    buf_free(&number);
}

static void
print_list(const struct listing *listing)
{
    const struct deadletters *letters = &listing->letters;
    struct buf buf = {0};
    if (!listing->wish->json && letters->n > 0)
        printf("%-34s  %-21s%-15s%-6s%-12s%s\n", "position", "time (UTC+7)",
               "reason", "seen", "bytes", "what");
    for (uint32_t i = 0; i < letters->n; i++) {
        buf_clear(&buf);
        if (listing->wish->json)
            write_json(&buf, &letters->at[i]);
        else
            write_row(&buf, &letters->at[i]);
        command_print(stdout, &buf);
    }
    buf_free(&buf);
    fprintf(stderr, "%" PRIu32 " dead letter%s\n", letters->n,
            letters->n == 1 ? "" : "s");
    if (letters->n_left_out > 0)
        fprintf(stderr, "and %" PRIu64 " records more than can be listed\n",
                letters->n_left_out);
}

static void
tell_foreign(uint64_t n)
{
    if (n > 0)
        fprintf(stderr,
                "thapcanh deadletter: %" PRIu64 " records are no letters of "
                "ours\n",
                n);
}

static int
list(const struct config *config, const struct wish *wish)
{
    struct listing listing = {.wish = wish};
    uint64_t n_foreign = 0;
    if (!deadletters_start(&listing.letters))
        return EXIT_CHECK;
    int code = deadletters_scan(config, put, &listing, &n_foreign);
    if (code == EXIT_OK)
        print_list(&listing);
    tell_foreign(n_foreign);
    deadletters_end(&listing.letters);
    return code;
}

/* --- show */

struct showing {
    const struct wish *wish;
    struct buf head, value;
    uint32_t n_seen;
};

static void
write_facts(struct buf *buf, const struct record *record,
            const struct deadletter *letter)
{
    const struct {
        const char *name;
        struct str text;
    } facts[] = {
        {"position", letter->position}, {"stage", letter->stage},
        {"reason", letter->reason},     {"detail", letter->detail},
        {"elements", letter->indexes},  {"version", letter->version},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (facts[i].text.len == 0)
            continue;
        buf_format(buf, "%-10s ", facts[i].name);
        screen_text(buf, facts[i].text);
        buf_char(buf, '\n');
    }
    buf_add(buf, STR("time       "));
    write_time(buf, letter->message_ms);
    buf_add(buf, STR("(UTC+7)\nkey        "));
    if (record->null_key)
        buf_add(buf, STR("(none)"));
    else
        screen_text(buf, record->key);
    buf_format(buf, "\nbytes      %zu\n", record->value.len);
}

/* The newest letter of the position is the one shown. */
static bool
take(void *context, const struct record *record,
     const struct deadletter *letter)
{
    struct showing *showing = context;
    if (!is_wanted(showing->wish, letter))
        return true;
    showing->n_seen++;
    buf_clear(&showing->head);
    buf_clear(&showing->value);
    write_facts(&showing->head, record, letter);
    buf_add(&showing->value, record->value);
    return true;
}

/* Whether it reads as text: valid UTF-8, and no control characters but line
 * ends and tabs. screen_text changes nothing in such a line. */
static bool
is_text(struct str value)
{
    struct str line;
    bool fine = true;
    while (fine && str_split(&value, '\n', &line)) {
        struct str part, rest = line;
        if (rest.len > 0 && rest.at[rest.len - 1] == '\r')
            rest.len--;
        while (fine && str_split(&rest, '\t', &part)) {
            struct buf safe = {0};
            screen_text(&safe, part);
            fine = str_equal(buf_str(&safe), part);
            buf_free(&safe);
        }
    }
    return fine;
}

/* "00000010  7b 22 61 …  |{"a…|" */
static void
write_hex(struct buf *buf, struct str value)
{
    for (size_t i = 0; i < value.len; i += 16) {
        buf_format(buf, "%08zx ", i);
        for (size_t k = i; k < i + 16; k++) {
            if (k % 8 == 0)
                buf_char(buf, ' ');
            if (k < value.len)
                buf_format(buf, "%02x ", (unsigned char)value.at[k]);
            else
                buf_add(buf, STR("   "));
        }
        buf_add(buf, STR(" |"));
        for (size_t k = i; k < i + 16 && k < value.len; k++) {
            bool plain = value.at[k] >= ' ' && value.at[k] < 127;
            buf_char(buf, plain ? value.at[k] : '.');
        }
        buf_add(buf, STR("|\n"));
    }
}

static void
print_shown(struct showing *showing)
{
    struct str value = buf_str(&showing->value);
    struct buf *head = &showing->head;
    if (!showing->wish->raw) {
        buf_format(head, "seen       %" PRIu32 "\n\n", showing->n_seen);
        if (is_text(value)) {
            buf_add(head, value);
            buf_char(head, '\n');
        } else {
            head->max_bytes = (size_t)256 << 20;
            write_hex(head, value);
        }
    }
    command_print(stdout, showing->wish->raw ? &showing->value : head);
}

static int
show(const struct config *config, const struct wish *wish)
{
    struct showing showing = {.wish = wish};
    uint64_t n_foreign = 0;
    if (wish->n_positions != 1)
        return command_usage("deadletter");
    int code = deadletters_scan(config, take, &showing, &n_foreign);
    if (code == EXIT_OK && showing.n_seen > 0) {
        print_shown(&showing);
    } else if (code == EXIT_OK) {
        fprintf(stderr, "thapcanh deadletter: there is no letter %s\n",
                wish->positions[0]);
        code = EXIT_CHECK;
    }
    buf_free(&showing.head);
    buf_free(&showing.value);
    return code;
}

/* --- retry */

struct retrying {
    const struct wish *wish;
    struct deadletters letters;
    struct producer *producer;
    struct delivery delivery;
    struct err why;
    uint32_t n_sent, n_refused;
};

/* Sends the letter if it is the newest of its position; of several, one. */
static bool
resend(void *context, const struct record *record,
       const struct deadletter *letter)
{
    struct retrying *retrying = context;
    struct deadletters *letters = &retrying->letters;
    uint32_t number = table_find(letters->positions, letter->position);
    if (number == TABLE_NONE ||
        letters->at[number].partition != record->partition ||
        letters->at[number].offset != record->offset)
        return true;
    struct position origin;
    struct err why;
    position_from(letter->position, &origin);
    const struct header header = {STR("thapcanh-origin"), letter->position};
    const struct output output = {
        .topic = origin.topic,
        .partition = origin.partition,
        .no_key = record->null_key,
        .key = record->key,
        .value = record->value,
        .header = &header,
        .n_headers = 1,
    };
    while (!producer_send(retrying->producer, &output, &retrying->delivery,
                          &why)) {
        if (why.text[0] != '\0') {
            retrying->n_refused++;
            retrying->why = why;
            return !producer_fatal(retrying->producer, &retrying->why);
        }
        producer_poll(retrying->producer, 100);
        if (interrupted())
            return false;
    }
    retrying->n_sent++;
    producer_poll(retrying->producer, 0);
    return true;
}

static bool
choose(void *context, const struct record *record,
       const struct deadletter *letter)
{
    struct retrying *retrying = context;
    (void)record;
    if (!letter->of_output && is_wanted(retrying->wish, letter))
        deadletters_put(&retrying->letters, letter);
    return true;
}

/* How many of the positions asked for are no letters; each is named. */
static int
name_missing(const struct retrying *retrying)
{
    const struct wish *wish = retrying->wish;
    int n = 0;
    for (size_t i = 0; i < wish->n_positions; i++) {
        struct str position = str_of(wish->positions[i]);
        if (table_find(retrying->letters.positions, position) != TABLE_NONE)
            continue;
        fprintf(stderr, "thapcanh deadletter: there is no letter %s\n",
                wish->positions[i]);
        n++;
    }
    return n;
}

static int
send_all(const struct config *config, struct retrying *retrying)
{
    uint64_t n_foreign = 0;
    retrying->producer =
        producer_open(&config->kafka, LINGER_MS, &retrying->why);
    if (retrying->producer == NULL) {
        fprintf(stderr, "thapcanh deadletter: %s\n", retrying->why.text);
        return EXIT_CHECK;
    }
    int code = deadletters_scan(config, resend, retrying, &n_foreign);
    while (retrying->delivery.waiting > 0 && !interrupted() &&
           !producer_fatal(retrying->producer, &retrying->why))
        producer_poll(retrying->producer, 100);
    producer_close(retrying->producer);
    const struct delivery *delivery = &retrying->delivery;
    int64_t done =
        (int64_t)retrying->n_sent - delivery->waiting - delivery->failed;
    printf("%" PRId64 " dead letters sent back to where they came from\n",
           done);
    if (delivery->failed > 0)
        retrying->why = delivery->why;
    if (retrying->n_refused > 0 || delivery->failed + delivery->waiting > 0) {
        fprintf(stderr, "thapcanh deadletter: %" PRId64 " were not: %s\n",
                retrying->n_refused + delivery->failed + delivery->waiting,
                retrying->why.text[0] ? retrying->why.text : "broken off");
        code = EXIT_CHECK;
    }
    return code;
}

static int
retry(const struct config *config, const struct wish *wish)
{
    struct retrying retrying = {.wish = wish};
    uint64_t n_foreign = 0;
    bool chosen = wish->n_positions > 0 || wish->all || wish->reason.len > 0 ||
                  wish->topic.len > 0;
    if (!chosen || (wish->n_positions > 0 && wish->all))
        return command_usage("deadletter");
    if (!deadletters_start(&retrying.letters))
        return EXIT_CHECK;
    int code = deadletters_scan(config, choose, &retrying, &n_foreign);
    int n_missing = code == EXIT_OK ? name_missing(&retrying) : 0;
    if (code == EXIT_OK)
        code = send_all(config, &retrying);
    tell_foreign(n_foreign);
    deadletters_end(&retrying.letters);
    return code == EXIT_OK && n_missing > 0 ? EXIT_CHECK : code;
}

int
cmd_deadletter(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const struct config *config, const struct wish *wish);
    } subcommands[] = {{"list", list}, {"show", show}, {"retry", retry}};
    size_t i = 0, n = sizeof subcommands / sizeof *subcommands;
    while (i < n && (argc < 2 || strcmp(argv[1], subcommands[i].name) != 0))
        i++;
    struct wish wish = {0};
    if (i == n || !read_wish(argc - 1, argv + 1, &wish))
        return command_usage("deadletter");
    struct config config;
    int code = EXIT_CHECK;
    screen_start();
    interrupt_catch();
    if (command_config(wish.config, &config))
        code = subcommands[i].run(&config, &wish);
    config_free(&config);
    return code;
}
