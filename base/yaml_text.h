/* SPDX-License-Identifier: Apache-2.0
 *
 * What is looked at in the text of a YAML file without reading it as YAML. */
#ifndef BASE_YAML_TEXT_H
#define BASE_YAML_TEXT_H

#include "base/str.h"

/* Why it is not read at all; NULL: it is, from its byte order mark on, which
 * is cut off. */
const char *yaml_text_refused(struct str *text);
/* To the next document at line `wrong` of the text (from 0) or behind it, but
 * not its first line; `*line` grows by the lines left out. False: there is
 * none. */
bool yaml_text_skip(struct str *text, size_t *line, size_t wrong);

#endif
