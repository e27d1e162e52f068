/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the mapping language: a mapping written in the test, its
 * mistakes as text, and one message read by it. */
#ifndef TESTS_UNIT_MAPPING_H
#define TESTS_UNIT_MAPPING_H

#include "ingest/source.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct mapping {
    char folder[64];
    struct arena arena;
    char *start;
    struct complaints complaints;
    struct decoder *decoder;
    const struct source *source;
    struct alert alert;
};

static inline void
mapping_file(struct mapping *m, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", m->folder, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    fclose(file);
}

static inline void
mapping_begin(struct mapping *m)
{
    *m = (struct mapping){.folder = "/tmp/mapping-XXXXXX"};
    cr_assert_not_null(mkdtemp(m->folder));
    m->arena = arena_reserve((size_t)256 << 20);
    m->start = m->arena.at;
    m->decoder = decoder_new();
    cr_assert(m->start && m->decoder);
}

static inline void
mapping_end(struct mapping *m)
{
    static const char *const names[] = {"m.yml", "k.yml"};
    char path[128];
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", m->folder, names[i]);
        unlink(path);
    }
    rmdir(m->folder);
    decoder_free(m->decoder);
    complaints_free(&m->complaints);
    arena_release(m->start, m->arena);
}

/* Loads `text`; what is complained of is in m->complaints. */
static inline const struct source *
mapping_load(struct mapping *m, const char *text)
{
    char path[128];
    complaints_free(&m->complaints);
    mapping_file(m, "m.yml", text);
    snprintf(path, sizeof path, "%s/m.yml", m->folder);
    m->source = source_load(path, &m->arena, &m->complaints);
    return m->source;
}

/* A mapping that is whole but for `lines`. */
static inline const struct source *
mapping_with(struct mapping *m, const char *lines)
{
    char text[8192];
    snprintf(text, sizeof text,
             "source: probe\nproduct: Probe\n"
             "time: [{path: t, format: [iso, dmy, epoch]}]\n"
             "severity: [{version: \"1\", missing: low}]\n%s",
             lines);
    return mapping_load(m, text);
}

/* The first alert of `message`, which arrived at `arrival_ms`. */
static inline enum split_fault
mapping_read(struct mapping *m, const char *message, int64_t arrival_ms)
{
    const struct element *elements;
    size_t n;
    cr_assert_not_null(m->source, "%.*s",
                       STR_ARG(buf_str(&m->complaints.text)));
    m->alert = (struct alert){0};
    enum split_fault fault = source_split(
        m->source, m->decoder, str_of(message), &m->arena, &elements, &n);
    if (fault == SPLIT_FINE)
        fault = elements[0].fault;
    if (fault == SPLIT_FINE)
        fault = source_map(m->source, &elements[0], arrival_ms, &m->arena,
                           &m->alert);
    return fault;
}

#endif
