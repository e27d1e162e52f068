/* SPDX-License-Identifier: Apache-2.0
 *
 * `thapcanh map kinds`: which sensor rules have no kind yet, by number of
 * alerts, so that a kinds table grows where it tells most. */
#include "base/buf.h"
#include "base/table.h"
#include "map.h"

#include <stdio.h>

struct kinds_count {
    struct names names;
    struct buf name;
    uint64_t n_alerts, n_no_kind, n_faults;
};

/* "source  rule id  rule name" */
static void
count_item(void *context, const struct map_item *item)
{
    struct kinds_count *count = context;
    const struct alert *alert = item->alert;
    if (!alert) {
        count->n_faults++;
        return;
    }
    count->n_alerts++;
    if (alert->kind != KIND_NONE)
        return;
    struct str id = alert->field[ALERT_RULE_ID];
    struct str name = alert->field[ALERT_RULE_NAME];
    count->n_no_kind++;
    buf_clear(&count->name);
    buf_format(&count->name, "%.*s  %.*s  %.*s", STR_ARG(alert->source),
               STR_ARG(id.len > 0 ? id : STR("-")),
               STR_ARG(name.len > 0 ? name : STR("-")));
    names_count(&count->names, buf_str(&count->name), 1);
}

int
map_kinds(const struct source *const *sources, size_t n_sources, char **files,
          size_t n_files)
{
    struct kinds_count count = {0};
    struct err why = {"out of memory"};
    bool fine = names_open(&count.names);
    for (size_t i = 0; fine && i < n_files; i++)
        fine = map_read(sources, n_sources, files[i], count_item, &count, &why);
    if (fine) {
        names_print(&count.names, MAX_MAP_NAMES);
        fprintf(stderr,
                "%llu alerts, %llu without a kind (%u sensor rules), %llu "
                "faults\n",
                (unsigned long long)count.n_alerts,
                (unsigned long long)count.n_no_kind,
                table_len(count.names.table),
                (unsigned long long)count.n_faults);
    } else {
        fprintf(stderr, "thapcanh map kinds: %s\n", why.text);
    }
    names_close(&count.names);
    buf_free(&count.name);
    return fine ? EXIT_OK : EXIT_CHECK;
}
