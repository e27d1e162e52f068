/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the data of a MaxMind DB, every step bounded. The library's own
 * reader of nested data trusts sizes and nesting too much for files of
 * unknown origin; it walks the search tree for us, this reads what the tree
 * points to. */
#ifndef INGEST_GEO_DATA_H
#define INGEST_GEO_DATA_H

#include "base/err.h"

/* A run of data; its pointers count from its start. */
struct geo_data {
    const uint8_t *at;
    size_t len;
};

/* Whether the bytes of a file have metadata that can be read to its end within
 * limits, and a search tree that fits into the file. */
bool geo_data_file(struct geo_data file, struct err *why);
/* Whether the value at `offset` can be read to its end within limits. */
bool geo_data_sound(const struct geo_data *data, size_t offset);
/* The country of the record at `offset`: its country_code, else its
 * country.iso_code, else its registered_country.iso_code. False when there is
 * none of two capital letters, or the record cannot be read. */
bool geo_data_country(const struct geo_data *data, size_t offset,
                      char country[2]);

#endif
