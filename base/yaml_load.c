/* SPDX-License-Identifier: Apache-2.0
 *
 * A YAML file as a tree: read whole, then parsed from memory. A file that
 * cannot be read is complained of where another file names it. */
#include "base/file.h"
#include "base/yaml.h"

const struct yaml *
yaml_load(const char *path, struct arena *arena, struct complaints *complaints)
{
    struct err why;
    struct str text;
    if (!file_read(path, YAML_MAX_BYTES, arena, &text, &why)) {
        complain(complaints, complaints->from, "%s", why.text);
        return NULL;
    }
    return yaml_parse(path, text, arena, complaints);
}
