/* SPDX-License-Identifier: Apache-2.0
 *
 * Outputs that may travel together: those of one batch for one partition wait
 * in a pack (base/pack.h) until the batch closes, the pack is full or 20 ms
 * have passed. Nobody waits longer for it at rest, where a batch closes in the
 * turn that made it; under load there is a message for many records. */
#include "stage_priv.h"

static struct pack *
pack_for(struct packs *packs, const struct output *output)
{
    for (size_t i = 0; i < packs->n; i++)
        if (packs->pack[i].partition == output->partition &&
            str_equal(buf_str(&packs->pack[i].topic), output->topic))
            return &packs->pack[i];
    if (packs->n == MAX_PACKS)
        return NULL;
    struct pack *pack = &packs->pack[packs->n++];
    *pack = (struct pack){.partition = output->partition};
    buf_add(&pack->topic, output->topic);
    return pack;
}

/* One alone goes as it is. */
static void
send_pack(struct stage *stage, struct pack *pack)
{
    struct str text = buf_str(&pack->text), rest = pack_records(text);
    struct output output = {
        .topic = buf_str(&pack->topic),
        .partition = pack->partition,
        .no_key = true,
        .value = text,
    };
    if (pack->n_records == 1)
        pack_next(&rest, &output.value);
    if (pack->n_records > 0)
        stage_send(stage, &output, false);
    pack->n_records = 0;
    buf_clear(&pack->text);
}

void
packs_put(struct stage *stage, struct packs *packs, const struct output *output)
{
    struct pack *pack = pack_for(packs, output);
    if (!pack) {
        stage_send(stage, output, false);
        return;
    }
    if (pack->text.len + output->value.len > MAX_PACK_BYTES)
        send_pack(stage, pack);
    pack_add(&pack->text, output->value);
    pack->n_records++;
    if (packs->since_ms == 0)
        packs->since_ms = stage_now(stage);
}

void
packs_send(struct stage *stage, struct packs *packs)
{
    for (size_t i = 0; i < packs->n; i++)
        send_pack(stage, &packs->pack[i]);
    packs->since_ms = 0;
}

void
packs_send_old(struct stage *stage)
{
    int64_t now = stage_now(stage);
    for (struct part *part = stage->parts; part; part = part->next) {
        struct packs *packs = &part->packs;
        if (!part->open || packs->since_ms == 0 ||
            now - packs->since_ms < PACK_MS)
            continue;
        stage->computing = &part->open->delivery;
        packs_send(stage, packs);
    }
}

void
packs_clear(struct packs *packs)
{
    for (size_t i = 0; i < packs->n; i++) {
        packs->pack[i].n_records = 0;
        buf_clear(&packs->pack[i].text);
    }
    packs->since_ms = 0;
}

void
packs_free(struct packs *packs)
{
    for (size_t i = 0; i < packs->n; i++) {
        buf_free(&packs->pack[i].topic);
        buf_free(&packs->pack[i].text);
    }
    packs->n = 0;
}
