/* SPDX-License-Identifier: Apache-2.0
 *
 * truth.json: what a service that has read both files must have counted, and
 * which alerts are the attacks. It is the plan; nothing in it comes from
 * reading the lines back. */
#include "truth.h"

#include "sample.h"

#include "base/times.h"

#include <inttypes.h>

static const char *const source_names[N_SAMPLE_FILES] = {"ajiant", "cycir"};

static void
write_totals(struct buf *buf, const struct sample *sample,
             const struct written *written)
{
    buf_add(buf, STR("  \"counted\": [\n"));
    for (int i = 0; i < N_ALERT_CLASSES; i++)
        buf_format(buf,
                   "    {\"source\": \"%s\", \"severity\": \"%s\", \"n\": "
                   "%" PRId64 "}%s\n",
                   source_names[class_facts[i].file], class_facts[i].id,
                   sample->plan.n_of_class[i],
                   i + 1 < N_ALERT_CLASSES ? "," : "");
    buf_add(buf, STR("  ],\n  \"files\": [\n"));
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        const struct file_plan *plan = &sample->plan.file[f];
        const uint32_t *of = plan->n_of;
        buf_format(
            buf,
            "    {\"name\": \"%s\", \"source\": \"%s\", \"bytes\": %" PRIu64
            ", \"messages\": %" PRIu32 ", \"counted\": %" PRIu32
            ", \"updates\": %" PRIu32 ", \"duplicates\": %" PRIu32
            ", \"broken\": %" PRIu32 ", \"out_of_order\": %" PRIu32
            ", \"late\": %" PRIu32 "}%s\n",
            sample_file_names[f], source_names[f], written->bytes[f],
            sample_n_messages(sample, (enum sample_file)f), plan->n_entries,
            of[EXTRA_ASSIGNED] + of[EXTRA_RESOLVED], of[EXTRA_DUPLICATE],
            of[EXTRA_BROKEN], plan->n_shifted, plan->n_late,
            f + 1 < N_SAMPLE_FILES ? "," : "");
    }
    buf_add(buf, STR("  ],\n"));
}

static void
write_broken(struct buf *buf, const struct written *written)
{
    buf_add(buf, STR("  \"broken\": [\n"));
    for (size_t i = 0; i < N_BROKEN; i++)
        buf_format(buf,
                   "    {\"file\": \"%s\", \"line\": %" PRIu32
                   ", \"kind\": \"%s\", \"fault\": \"%s\"}%s\n",
                   sample_file_names[broken_kinds[i].file],
                   written->broken_line[i], broken_kinds[i].id,
                   broken_kinds[i].fault, i + 1 < N_BROKEN ? "," : "");
    buf_add(buf, STR("  ],\n"));
}

static void
write_hosts(struct buf *buf, const struct sample *sample, size_t attack)
{
    const struct cast *cast = &sample->plan.cast[attack];
    const struct script *script = &attack_scripts[attack];
    bool first = true;
    buf_add(buf, STR("\"hosts\": ["));
    for (int f = 0; f < N_SAMPLE_FILES; f++)
        for (uint32_t h = 0; h < script->n_hosts[f]; h++) {
            if (!first)
                buf_add(buf, STR(", "));
            first = false;
            buf_json(buf, sample->site.of[f].at[cast->host[f][h]].name);
        }
    buf_add(buf, STR("]"));
}

static void
write_ids(struct buf *buf, const struct sample *sample, size_t attack)
{
    bool first = true;
    buf_add(buf, STR("\"alerts\": ["));
    for (int f = 0; f < N_SAMPLE_FILES; f++) {
        const struct file_plan *plan = &sample->plan.file[f];
        for (uint32_t i = 0; i < plan->n_entries; i++) {
            if (plan->entries[i].attack != attack + 1)
                continue;
            buf_add(buf, first ? STR("\"") : STR(", \""));
            message_id(sample, buf, (enum sample_file)f, i);
            buf_char(buf, '"');
            first = false;
        }
    }
    buf_add(buf, STR("]"));
}

void
truth_write(struct buf *buf, const struct sample *sample,
            const struct written *written)
{
    buf_format(buf,
               "{\n  \"seed\": %" PRIu64 ",\n  \"scale\": %" PRId64
               ".%06" PRId64 ",\n  \"from\": \"2024-01-01\", \"to\": "
               "\"2024-09-30\", \"zone\": \"+07:00\",\n",
               sample->seed, sample->scale_ppm / 1000000,
               sample->scale_ppm % 1000000);
    write_totals(buf, sample, written);
    write_broken(buf, written);
    buf_add(buf, STR("  \"attacks\": [\n"));
    for (size_t a = 0; a < N_ATTACKS; a++) {
        const struct cast *cast = &sample->plan.cast[a];
        buf_add(buf, STR("    {\"name_vi\": "));
        buf_json(buf, str_of(attack_scripts[a].vi));
        buf_add(buf, STR(", \"name_en\": "));
        buf_json(buf, str_of(attack_scripts[a].en));
        buf_add(buf, STR(", \"first\": \""));
        buf_iso(buf, cast->first_ms, VIETNAM_MINUTES);
        buf_add(buf, STR("\", \"last\": \""));
        buf_iso(buf, cast->last_ms, VIETNAM_MINUTES);
        buf_format(buf, "\", \"n\": %" PRIu32 ", ", cast->n_alerts);
        write_hosts(buf, sample, a);
        buf_add(buf, STR(", "));
        write_ids(buf, sample, a);
        buf_add(buf, a + 1 < N_ATTACKS ? STR("},\n") : STR("}\n"));
    }
    buf_add(buf, STR("  ]\n}\n"));
}
