/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a roster: it is refused with a reason, or whoever is on duty is
 * of the team.
 * seeds: deploy/roster.yml */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/times.h"
#include "respond/roster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look_at(const struct roster *roster, struct arena scratch)
{
    struct complaints complaints = {0};
    struct duty duty[32];
    for (int32_t day = 19990; day < 20000; day++) {
        size_t n = roster_on_duty(roster, (struct overrides){NULL, 0},
                                  day * MS_PER_DAY, duty, 32);
        for (size_t i = 0; i < n; i++)
            assert(roster_find(roster, duty[i].member->id) != NULL);
    }
    roster_check(roster, 19990, scratch, &complaints);
    complaints_free(&complaints);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static char path[64];
    struct complaints complaints = {0};
    if (arena.at == NULL) {
        arena = arena_reserve((size_t)256 << 20);
        const char name[] = "/tmp/tc-fuzz-roster-XXXXXX";
        memcpy(path, name, sizeof name);
        int fd = mkstemp(path);
        assert(fd >= 0);
    }
    struct arena scratch = arena;
    assert(
        file_replace(path, (struct str){(const char *)data, size}, 0600, NULL));
    const struct roster *roster =
        roster_load(path, NULL, &scratch, &complaints);
    assert((roster != NULL) == (complaints.n_errors == 0));
    if (roster != NULL)
        look_at(roster, scratch);
    complaints_free(&complaints);
    return 0;
}
