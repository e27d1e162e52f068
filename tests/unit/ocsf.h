/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks a record against the OCSF schema in $SHARED/ocsf/findings.json: every
 * member is in the schema and of its type, every required one is there. Where
 * the schema is absent the test is skipped and says so. */
#ifndef TESTS_UNIT_OCSF_H
#define TESTS_UNIT_OCSF_H

#include "base/file.h"
#include "base/json.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

static const struct json *schema;

static inline void check_object(const struct json *definition,
                                const struct json *object, const char *where);

static inline bool
is_integer(const struct json *node)
{
    int64_t n;

    return node->type == JSON_NUMBER && str_to_i64(node->text, &n);
}

static inline void
check_value(const struct json *attribute, const struct json *value,
            const char *where)
{
    static const char *const integers[] = {"integer_t", "long_t", "timestamp_t",
                                           "port_t"};
    struct str type = json_get(attribute, STR("type"))->text;
    const struct json *values = json_get(attribute, STR("enum"));
    const struct json *definition =
        json_get(json_get(schema, STR("objects")), type);
    bool integer = false;

    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        integer |= str_equal(type, str_of(integers[i]));
    if (integer)
        cr_expect(is_integer(value), "%s is no integer", where);
    else if (str_equal(type, STR("boolean_t")))
        cr_expect(value->type == JSON_TRUE || value->type == JSON_FALSE,
                  "%s is no boolean", where);
    else if (str_equal(type, STR("object")) || str_equal(type, STR("json_t")))
        cr_expect_eq(value->type, JSON_OBJECT, "%s is no object", where);
    else if (str_ends(type, STR("_t")))
        cr_expect_eq(value->type, JSON_STRING, "%s is no string", where);
    else if (definition != NULL)
        check_object(definition, value, where);
    else
        cr_expect_eq(value->type, JSON_OBJECT, "%s is no object", where);
    /* The class's own ids stand in the file as those of the base event. */
    if (values != NULL && !str_ends(str_of(where), STR(".class_uid")) &&
        !str_ends(str_of(where), STR(".category_uid")))
        cr_expect_not_null(json_get(values, value->text), "%s: %.*s", where,
                           STR_ARG(value->text));
}

static inline void
check_member(const struct json *attribute, const struct json *value,
             const char *where)
{
    const struct json *array = json_get(attribute, STR("array"));
    const struct json *item;

    if (array == NULL || array->type != JSON_TRUE) {
        check_value(attribute, value, where);
        return;
    }
    cr_expect_eq(value->type, JSON_ARRAY, "%s is no array", where);
    item = json_first(value);
    cr_expect_not_null(item, "%s is empty", where);
    for (uint32_t i = 0; i < value->n_children; i++, item = json_next(item))
        check_value(attribute, item, where);
}

static inline void
check_object(const struct json *definition, const struct json *object,
             const char *where)
{
    const struct json *attributes = json_get(definition, STR("attributes"));
    const struct json *constraints = json_get(definition, STR("constraints"));
    const struct json *any =
        constraints ? json_get(constraints, STR("at_least_one")) : NULL;
    const struct json *node;
    char path[512];

    cr_assert_eq(object->type, JSON_OBJECT, "%s is no object", where);
    node = json_first(object);
    for (uint32_t i = 0; i < object->n_children; i++, node = json_next(node)) {
        const struct json *attribute = json_get(attributes, node->key);

        snprintf(path, sizeof path, "%s.%.*s", where, STR_ARG(node->key));
        cr_expect_not_null(attribute, "%s is not in the schema", path);
        if (attribute != NULL)
            check_member(attribute, node, path);
    }
    node = json_first(attributes);
    for (uint32_t i = 0; i < attributes->n_children;
         i++, node = json_next(node)) {
        const struct json *need = json_get(node, STR("requirement"));

        if (need != NULL && str_equal(need->text, STR("required")))
            cr_expect_not_null(json_get(object, node->key),
                               "%s.%.*s is required", where,
                               STR_ARG(node->key));
    }
    if (any != NULL) {
        bool found = false;

        node = json_first(any);
        for (uint32_t i = 0; i < any->n_children; i++, node = json_next(node))
            found |= json_get(object, node->text) != NULL;
        cr_expect(found, "%s meets no at_least_one", where);
    }
}

/* The library's buffers hold one tree; schema and record keep their own. */
struct ocsf {
    struct json_reader *schema, *record;
    struct arena arena;
    char *start;
};

static inline struct ocsf
ocsf_open(void)
{
    const char *shared = getenv("SHARED");
    char path[512];
    struct str text;
    struct err why;
    struct ocsf ocsf = {json_reader_new(), json_reader_new(),
                        arena_reserve((size_t)256 << 20), NULL};
    ocsf.start = ocsf.arena.at;
    snprintf(path, sizeof path, "%s/ocsf/findings.json",
             shared != NULL ? shared : "../shared");
    if (!file_read(path, 8 << 20, &ocsf.arena, &text, &why))
        cr_skip_test("no OCSF schema: %s (set SHARED)", why.text);
    cr_assert_eq(json_read(ocsf.schema, text, &ocsf.arena, &schema), JSON_FINE);
    return ocsf;
}

static inline void
ocsf_close(struct ocsf *ocsf)
{
    json_reader_free(ocsf->schema);
    json_reader_free(ocsf->record);
    arena_release(ocsf->start, ocsf->arena);
}

static inline void
ocsf_check(struct ocsf *ocsf, const char *class_name, struct str record)
{
    struct arena scratch = ocsf->arena;
    const struct json *root;
    const struct json *class =
        json_get(json_get(schema, STR("classes")), str_of(class_name));

    cr_assert_eq(json_read(ocsf->record, record, &scratch, &root), JSON_FINE);
    check_object(class, root, class_name);
    cr_expect(str_equal(json_get(root, STR("class_uid"))->text,
                        json_get(class, STR("class_uid"))->text));
    cr_expect(str_equal(json_get(root, STR("category_uid"))->text,
                        json_get(class, STR("category_uid"))->text));
}

#endif
