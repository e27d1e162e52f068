/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes, line by line, as records of the journal: what is read has one
 * text that is read back to itself, and folding it leaves a state that can be
 * saved and loaded. And as a line of conditions.
 *
 * seeds: tests/fuzz/corpus/journal */
#include "fuzz.h"

#include "respond/match.h"
#include "respond/tickets.h"

struct copying {
    struct tickets *to;
};

static void
copy_field(void *context, size_t table, struct str field, struct str value)
{
    struct copying *copying = context;
    struct err why;
    assert(!value.at || tickets_load(copying->to, table, field, value, &why));
}

static void
try_record(struct json_reader *json, struct tickets *tickets, struct str text,
           struct arena scratch)
{
    static struct buf first, second;
    static struct journal_record record;
    const struct json *root;
    struct err why;
    if (json_read(json, text, &scratch, &root) != JSON_FINE ||
        !journal_read(root, &scratch, &record, &why))
        return;
    buf_clear(&first);
    buf_clear(&second);
    journal_write(&first, &record);
    assert(json_read(json, buf_str(&first), &scratch, &root) == JSON_FINE);
    assert(journal_read(root, &scratch, &record, &why));
    journal_write(&second, &record);
    assert(str_equal(buf_str(&first), buf_str(&second)));
    assert(tickets_fold(tickets, &record, &why) != FOLD_BROKEN);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static struct json_reader *json;
    static struct matcher matcher;
    struct complaints complaints = {0};
    if (!json) {
        arena = fuzz_arena((size_t)256 << 20);
        json = json_reader_new();
    }
    struct tickets *tickets = tickets_new(), *loaded = tickets_new();
    struct copying copying = {loaded};
    struct emit emit = {copy_field, &copying};
    assert(tickets && loaded);
    char *copy = fuzz_copy(data, size);
    struct str rest = {copy, size}, line;
    while (str_split(&rest, '\n', &line))
        try_record(json, tickets, line, arena);
    tickets_save(tickets, true, &emit);
    matcher_read((struct str){copy, size}, (struct place){.file = "line"},
                 &matcher, &complaints);
    complaints_free(&complaints);
    tickets_free(tickets);
    tickets_free(loaded);
    free(copy);
    return 0;
}
