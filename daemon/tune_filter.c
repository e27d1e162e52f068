/* SPDX-License-Identifier: Apache-2.0
 *
 * The filter as a document of Sigma, for one rule and its log source. */
#include "base/hash.h"
#include "base/visible.h"
#include "tune.h"

static void
write_logsource(struct buf *out, const struct logsource *of)
{
    const struct {
        const char *key;
        struct str value;
    } parts[] = {{"product", of->product},
                 {"category", of->category},
                 {"service", of->service}};
    bool any = false;
    for (size_t i = 0; i < 3; i++)
        if (parts[i].value.len > 0) {
            buf_format(out, "%s    %s: ", any ? "" : "logsource:\n",
                       parts[i].key);
            buf_json(out, parts[i].value);
            buf_char(out, '\n');
            any = true;
        }
    if (!any)
        buf_add(out, STR("logsource: {}\n"));
}

/* From what it says, so that the same question has the same answer. */
static void
write_id(struct buf *out, struct str id, struct str selection)
{
    const struct str parts[] = {STR("tune"), id, selection};
    struct digest digest = hash_digest_of(parts, 3);
    buf_format(out, "id: %08x-%04x-8%03x-%04x-%012llx\n",
               (unsigned)(digest.half[0] >> 32),
               (unsigned)(digest.half[0] >> 16 & 0xffff),
               (unsigned)(digest.half[0] & 0xfff),
               (unsigned)(0x8000 | (digest.half[1] >> 48 & 0x3fff)),
               (unsigned long long)(digest.half[1] & 0xffffffffffff));
}

void
tune_write_filter(struct buf *out, const struct detection *detection,
                  struct str selection, const uint64_t n_matched[2])
{
    struct buf title = {0};
    buf_visible(&title, detection->title, 200);
    buf_format(
        out,
        "# Made by `thapcanh rules tune`: of the events it was given, it "
        "removes %llu that\n# should not match and none of %llu that "
        "should. Read it before you use it: what it\n# says of them, an "
        "attacker may do as well.\n",
        (unsigned long long)n_matched[0], (unsigned long long)n_matched[1]);
    buf_add(out, STR("title: "));
    struct buf whole = {0};
    buf_format(&whole, "Harmless in %.*s", STR_ARG(buf_str(&title)));
    buf_json(out, buf_str(&whole));
    buf_char(out, '\n');
    write_id(out, detection->id, selection);
    write_logsource(out, &detection->logsource);
    buf_add(out, STR("filter:\n    rules:\n        - "));
    buf_json(out, detection->id);
    buf_add(out, STR("\n    selection:\n"));
    buf_add(out, selection);
    buf_add(out, STR("    condition: not selection\n"));
    buf_free(&whole);
    buf_free(&title);
}
