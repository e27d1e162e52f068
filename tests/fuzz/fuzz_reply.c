/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an answer by SMS, a form, a title: what is taken for a code is
 * six digits, and an SMS stays one.
 * seeds: tests/fuzz/corpus/reply */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/visible.h"
#include "console/form.h"
#include "respond/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_sms(struct str text)
{
    static struct buf sms;
    struct message_ticket ticket = {
        .id = STR("T0"), .title = {text, text}, .host = text, .priority = 1};
    struct message message = {.id = STR("m"),
                              .ticket = &ticket,
                              .n_tickets = 1,
                              .code = STR("123456"),
                              .by = text};
    for (int kind = 0; kind < 4; kind++) {
        message.kind = (enum message_kind)kind;
        buf_clear(&sms);
        message_sms(&sms, &message);
        assert(sms.len <= SMS_MAX);
        for (size_t i = 0; i < sms.len; i++)
            assert(sms.at[i] >= ' ' && sms.at[i] < 127);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static struct buf shown;
    char code[REPLY_CODE_LEN];
    if (arena.at == NULL)
        arena = arena_reserve((size_t)64 << 20);
    struct arena scratch = arena;
    char *copy = malloc(size ? size : 1);
    assert(copy);
    if (size > 0)
        memcpy(copy, data, size);
    struct str text = {copy, size};
    if (reply_read(text, code) != REPLY_UNCLEAR)
        for (size_t i = 0; i < REPLY_CODE_LEN; i++)
            assert(code[i] >= '0' && code[i] <= '9');
    form_field(text, STR("application/x-www-form-urlencoded"), STR("text"),
               &scratch);
    form_field(text, STR("application/json"), STR("text"), &scratch);
    buf_clear(&shown);
    buf_visible(&shown, text, 100);
    assert(shown.len <= 100);
    write_sms(text);
    free(copy);
    return 0;
}
