/* SPDX-License-Identifier: Apache-2.0
 *
 * The data format of MaxMind DB files (specification 2.0, "Output Data
 * Section", "Database Metadata"). The one idea: every value read costs one
 * step of a budget, and every byte is looked at only after its offset was
 * compared with the end; so whatever the file says, reading it ends soon and
 * inside the file. */
#include "geo_data.h"

#include <string.h>

enum geo_type {
    GEO_EXTENDED,
    GEO_POINTER,
    GEO_STRING,
    GEO_DOUBLE,
    GEO_BYTES,
    GEO_UINT16,
    GEO_UINT32,
    GEO_MAP,
    GEO_INT32,
    GEO_UINT64,
    GEO_UINT128,
    GEO_ARRAY,
    GEO_CONTAINER,
    GEO_END,
    GEO_BOOLEAN,
    GEO_FLOAT,
};

enum {
    MOST_STEPS = 4096, /* values in one record or in the metadata */
    MOST_DEPTH = 16,
    METADATA_BYTES = 128 << 10, /* the marker lies in the last 128 KiB */
    SEPARATOR_BYTES = 16,       /* between the tree and the data */
};

/* `size`: bytes of a scalar, entries of a map or array, the value of a boolean
 * or of a pointer. Its payload stands at `offset`. */
struct geo_value {
    enum geo_type type;
    uint32_t size;
    size_t offset, next; /* next: behind the payload; of a map or array, the
                            first entry */
};

struct walk {
    const struct geo_data *data;
    unsigned steps;
};

/* `n` bytes at `*offset` as a number, and past them. */
static bool
take(const struct geo_data *data, size_t *offset, unsigned n, uint32_t *number)
{
    if (*offset > data->len || data->len - *offset < n)
        return false;
    *number = 0;
    for (unsigned i = 0; i < n; i++)
        *number = *number << 8 | data->at[*offset + i];
    *offset += n;
    return true;
}

static bool
take_pointer(const struct geo_data *data, size_t *offset, uint32_t control,
             struct geo_value *value)
{
    static const uint32_t plus[4] = {0, 2048, 526336, 0};
    unsigned n = (control >> 3 & 3) + 1;
    uint32_t low;

    if (!take(data, offset, n, &low))
        return false;
    value->size = n == 4 ? low : ((control & 7) << 8 * n | low) + plus[n - 1];
    return true;
}

static bool
take_size(const struct geo_data *data, size_t *offset, uint32_t control,
          struct geo_value *value)
{
    static const uint32_t plus[3] = {29, 285, 65821};
    uint32_t more, size = control & 31;

    if (size >= 29) {
        unsigned n = size - 28;

        if (!take(data, offset, n, &more))
            return false;
        size = plus[n - 1] + more;
    }
    value->size = size;
    return true;
}

/* Whether a payload of this type may have this size. */
static bool
good_size(enum geo_type type, uint32_t size)
{
    switch (type) {
    case GEO_DOUBLE:
        return size == 8;
    case GEO_FLOAT:
        return size == 4;
    case GEO_UINT16:
        return size <= 2;
    case GEO_UINT32:
    case GEO_INT32:
        return size <= 4;
    case GEO_UINT64:
        return size <= 8;
    case GEO_UINT128:
        return size <= 16;
    case GEO_BOOLEAN:
        return size <= 1;
    case GEO_STRING:
    case GEO_BYTES:
    case GEO_MAP:
    case GEO_ARRAY:
    case GEO_POINTER:
        return true;
    case GEO_EXTENDED:
    case GEO_CONTAINER:
    case GEO_END:
        break;
    }
    return false;
}

/* The value at `offset`, one step. Its payload lies inside the data. */
static bool
read_value(struct walk *walk, size_t offset, struct geo_value *value)
{
    uint32_t control, extended;
    uint32_t type;
    bool scalar;

    if (walk->steps == 0 || !take(walk->data, &offset, 1, &control))
        return false;
    walk->steps--;
    type = control >> 5;
    if (type == GEO_POINTER) {
        value->type = GEO_POINTER;
        if (!take_pointer(walk->data, &offset, control, value))
            return false;
        value->offset = value->next = offset;
        return true;
    }
    if (type == GEO_EXTENDED) {
        if (!take(walk->data, &offset, 1, &extended) || extended == 0 ||
            extended + 7 > GEO_FLOAT)
            return false;
        type = extended + 7;
    }
    value->type = (enum geo_type)type;
    if (!take_size(walk->data, &offset, control, value) ||
        !good_size(value->type, value->size))
        return false;
    scalar = type != GEO_MAP && type != GEO_ARRAY && type != GEO_BOOLEAN;
    if (scalar && walk->data->len - offset < value->size)
        return false;
    value->offset = offset;
    value->next = offset + (scalar ? value->size : 0);
    return true;
}

/* What a pointer points to; a pointer to a pointer is not allowed. */
static bool
follow(struct walk *walk, const struct geo_value *value,
       struct geo_value *target)
{
    if (value->type != GEO_POINTER) {
        *target = *value;
        return true;
    }
    return read_value(walk, value->size, target) && target->type != GEO_POINTER;
}

/* From a value to behind all that is in it; pointers are not followed. */
static bool
skip(struct walk *walk, const struct geo_value *value, size_t *offset)
{
    struct geo_value inner = *value;
    uint64_t left = 0;

    for (;;) {
        if (inner.type == GEO_MAP)
            left += 2 * (uint64_t)inner.size;
        else if (inner.type == GEO_ARRAY)
            left += inner.size;
        *offset = inner.next;
        if (left == 0)
            return true;
        left--;
        if (!read_value(walk, *offset, &inner))
            return false;
    }
}

/* Every value, through pointers too. Recurses MOST_DEPTH levels at most. */
static bool
sound(struct walk *walk, const struct geo_value *value, unsigned depth)
{
    size_t offset = value->next;
    uint64_t n = value->size;

    if (value->type != GEO_MAP && value->type != GEO_ARRAY)
        return true;
    if (depth == MOST_DEPTH)
        return false;
    if (value->type == GEO_MAP)
        n *= 2;
    for (uint64_t i = 0; i < n; i++) {
        struct geo_value entry, target;

        if (!read_value(walk, offset, &entry) ||
            !follow(walk, &entry, &target) ||
            !sound(walk, &target, depth + 1) || !skip(walk, &entry, &offset))
            return false;
        if (value->type == GEO_MAP && i % 2 == 0 && target.type != GEO_STRING)
            return false; /* a key */
    }
    return true;
}

bool
geo_data_sound(const struct geo_data *data, size_t offset)
{
    struct walk walk = {data, MOST_STEPS};
    struct geo_value value, target;

    return read_value(&walk, offset, &value) &&
           follow(&walk, &value, &target) && sound(&walk, &target, 0);
}

static struct str
text_of(const struct geo_data *data, const struct geo_value *value)
{
    return (struct str){(const char *)data->at + value->offset, value->size};
}

/* The values of `n` keys of the map `map`, pointers followed; GEO_END where
 * there is none. False when the map cannot be read. */
static bool
find_keys(struct walk *walk, const struct geo_value *map,
          const struct str *keys, size_t n, struct geo_value *found)
{
    size_t offset = map->next;

    for (size_t i = 0; i < n; i++)
        found[i].type = GEO_END;
    if (map->type != GEO_MAP)
        return false;
    for (uint32_t i = 0; i < map->size; i++) {
        struct geo_value key, name, value;

        if (!read_value(walk, offset, &key) || !follow(walk, &key, &name) ||
            name.type != GEO_STRING || !read_value(walk, key.next, &value))
            return false;
        for (size_t k = 0; k < n; k++)
            if (str_equal(text_of(walk->data, &name), keys[k]) &&
                !follow(walk, &value, &found[k]))
                return false;
        if (!skip(walk, &value, &offset))
            return false;
    }
    return true;
}

static bool
country_code(const struct geo_data *data, const struct geo_value *value,
             char country[2])
{
    struct str text = text_of(data, value);

    if (value->type != GEO_STRING || text.len != 2 || text.at[0] < 'A' ||
        text.at[0] > 'Z' || text.at[1] < 'A' || text.at[1] > 'Z')
        return false;
    memcpy(country, text.at, 2);
    return true;
}

bool
geo_data_country(const struct geo_data *data, size_t offset, char country[2])
{
    const struct str keys[] = {STR("country_code"), STR("country"),
                               STR("registered_country")};
    const struct str iso_code = STR("iso_code");
    struct walk walk = {data, MOST_STEPS};
    struct geo_value value, record, found[3], code;

    if (!read_value(&walk, offset, &value) || !follow(&walk, &value, &record) ||
        !find_keys(&walk, &record, keys, 3, found))
        return false;
    if (country_code(data, &found[0], country))
        return true;
    for (size_t i = 1; i < 3; i++)
        if (found[i].type == GEO_MAP &&
            find_keys(&walk, &found[i], &iso_code, 1, &code) &&
            country_code(data, &code, country))
            return true;
    return false;
}

/* --- metadata */

/* What follows the last marker in the last 128 KiB. */
static bool
find_metadata(struct geo_data file, struct geo_data *metadata, size_t *before)
{
    static const char marker[] = "\xab\xcd\xefMaxMind.com";
    const size_t len = sizeof marker - 1;
    size_t from = file.len > METADATA_BYTES ? file.len - METADATA_BYTES : 0;
    const uint8_t *found = NULL;

    while (file.len - from >= len) {
        const uint8_t *at =
            memmem(file.at + from, file.len - from, marker, len);

        if (at == NULL)
            break;
        found = at;
        from = (size_t)(at - file.at) + len;
    }
    if (found == NULL)
        return false;
    *before = (size_t)(found - file.at);
    *metadata = (struct geo_data){found + len, file.len - *before - len};
    return true;
}

static bool
number_of(const struct geo_data *data, const struct geo_value *value,
          uint32_t *number)
{
    size_t offset = value->offset;

    return (value->type == GEO_UINT16 || value->type == GEO_UINT32) &&
           take(data, &offset, value->size, number);
}

/* Whether `value` holds strings and nothing else: the library leaks what it
 * has read of languages and descriptions when one of them is no string. */
static bool
only_strings(struct walk *walk, const struct geo_value *value,
             enum geo_type type)
{
    uint64_t n = (uint64_t)value->size * (type == GEO_MAP ? 2 : 1);
    size_t offset = value->next;

    if (value->type != type)
        return false;
    for (uint64_t i = 0; i < n; i++) {
        struct geo_value entry, text;

        if (!read_value(walk, offset, &entry) || !follow(walk, &entry, &text) ||
            text.type != GEO_STRING)
            return false;
        offset = entry.next;
    }
    return true;
}

bool
geo_data_file(struct geo_data file, struct err *why)
{
    const struct str keys[] = {STR("node_count"), STR("record_size"),
                               STR("languages"), STR("description")};
    struct geo_data metadata;
    struct walk walk = {&metadata, MOST_STEPS};
    struct geo_value root, found[4];
    uint32_t n_nodes, record_bits;
    size_t before;

    if (!find_metadata(file, &metadata, &before)) {
        err_set(why, "no MaxMind DB (its metadata is missing)");
        return false;
    }
    if (!geo_data_sound(&metadata, 0) || !read_value(&walk, 0, &root) ||
        !find_keys(&walk, &root, keys, 4, found) ||
        !number_of(&metadata, &found[0], &n_nodes) ||
        !number_of(&metadata, &found[1], &record_bits) ||
        !only_strings(&walk, &found[2], GEO_ARRAY) ||
        !only_strings(&walk, &found[3], GEO_MAP)) {
        err_set(why, "its metadata is corrupt");
        return false;
    }
    if ((record_bits != 24 && record_bits != 28 && record_bits != 32) ||
        n_nodes == 0 ||
        (uint64_t)n_nodes * record_bits / 4 + SEPARATOR_BYTES > before) {
        err_set(why, "its search tree does not fit into the file");
        return false;
    }
    return true;
}
