/* SPDX-License-Identifier: Apache-2.0
 *
 * A table of fields as Redis would hold it, for tests that save and load. */
#ifndef TESTS_UNIT_FIELDS_H
#define TESTS_UNIT_FIELDS_H

#include "base/stage.h"

#include <stdlib.h>
#include <string.h>

struct field {
    size_t table;
    char *name, *value;
    size_t name_len, value_len;
};

struct fields {
    struct field *at;
    size_t n;
};

static inline void
fields_put(void *context, size_t table, struct str name, struct str value)
{
    struct fields *fields = context;
    size_t i = 0;
    while (i < fields->n &&
           (fields->at[i].table != table ||
            !str_equal(name, (struct str){fields->at[i].name,
                                          fields->at[i].name_len})))
        i++;
    if (i < fields->n) {
        free(fields->at[i].name);
        free(fields->at[i].value);
        fields->at[i] = fields->at[--fields->n];
    }
    if (!value.at)
        return;
    fields->at = realloc(fields->at, (fields->n + 1) * sizeof *fields->at);
    struct field *field = &fields->at[fields->n++];
    *field = (struct field){table, malloc(name.len + 1), malloc(value.len + 1),
                            name.len, value.len};
    memcpy(field->name, name.at, name.len);
    memcpy(field->value, value.at, value.len);
}

static inline void
fields_free(struct fields *fields)
{
    for (size_t i = 0; i < fields->n; i++) {
        free(fields->at[i].name);
        free(fields->at[i].value);
    }
    free(fields->at);
    *fields = (struct fields){NULL, 0};
}

static inline struct str
field_name_of(const struct field *field)
{
    return (struct str){field->name, field->name_len};
}

static inline struct str
field_value_of(const struct field *field)
{
    return (struct str){field->value, field->value_len};
}

#endif
