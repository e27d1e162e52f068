/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a ticket, and as the line of an incident taken: what is read has
 * one text, and that text is read back to itself.
 *
 * seeds: tests/fuzz/corpus/ticket */
#include "fuzz.h"

#include "model/ticket.h"
#include "respond/known.h"

static void
try_ticket(struct json_reader *json, struct str text, struct arena scratch)
{
    static struct buf first, second;
    static struct ticket ticket;
    const struct json *root;
    struct err why;
    if (json_read(json, text, &scratch, &root) != JSON_FINE ||
        !ticket_read(root, &scratch, &ticket, &why))
        return;
    buf_clear(&first);
    buf_clear(&second);
    ticket_write(&first, &ticket);
    assert(json_read(json, buf_str(&first), &scratch, &root) == JSON_FINE);
    assert(ticket_read(root, &scratch, &ticket, &why));
    ticket_write(&second, &ticket);
    assert(str_equal(buf_str(&first), buf_str(&second)));
}

static void
try_known(struct str text)
{
    static struct buf buf;
    struct known known;
    if (!known_read(text, &known))
        return;
    buf_clear(&buf);
    known_write(&buf, &known);
    assert(known_read(buf_str(&buf), &known));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static struct json_reader *json;
    if (!json) {
        arena = fuzz_arena((size_t)256 << 20);
        json = json_reader_new();
    }
    char *copy = fuzz_copy(data, size);
    try_ticket(json, (struct str){copy, size}, arena);
    try_known((struct str){copy, size});
    free(copy);
    return 0;
}
