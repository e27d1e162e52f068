/* SPDX-License-Identifier: Apache-2.0
 *
 * Cheap checks before libyaml sees a text, and where it may go on behind a
 * mistake. */
#include "yaml_text.h"

#include "base/yaml.h"

enum { MAX_TAG_LINES = 100 };

/* libyaml compares every %TAG line with all before it: hours for a file of
 * nothing else. */
static bool
has_many_tag_lines(struct str text)
{
    struct str line;
    size_t n = 0;
    while (n <= MAX_TAG_LINES && str_split(&text, '\n', &line))
        n += str_starts(line, STR("%TAG"));
    return n > MAX_TAG_LINES;
}

const char *
yaml_text_refused(struct str *text)
{
    if (text->len > YAML_MAX_BYTES)
        return "larger than 8 MiB";
    if (str_starts(*text, STR("\x1f\x8b")))
        return "compressed by gzip: unpack it first";
    if (has_many_tag_lines(*text))
        return "more than 100 %TAG lines";
    if (str_starts(*text, STR("\xef\xbb\xbf")))
        *text = str_cut(*text, 3, text->len);
    return NULL;
}

bool
yaml_text_skip(struct str *text, size_t *line, size_t wrong)
{
    struct str rest = *text, one;
    for (size_t n = 0; rest.len > 0; n++) {
        struct str here = rest;
        str_split(&rest, '\n', &one);
        if (n > 0 && n >= wrong && str_starts(one, STR("---"))) {
            *text = here;
            *line += n;
            return true;
        }
    }
    return false;
}
