/* SPDX-License-Identifier: Apache-2.0
 *
 * Vendor ids: duplicates, updates, Kafka time, and that forgetting, saving and
 * loading never change an answer. */
#include <criterion/criterion.h>

#include "fields.h"
#include "ingest/seen.h"

#include <stdio.h>

enum { DAY = 86400000, HOUR = 3600000 };

static enum seen_says
sight(struct seen *seen, const char *id, uint64_t changes, int64_t kafka_ms,
      int64_t offset)
{
    struct sighting sighting = {hash_digest(str_of(id)), changes, kafka_ms,
                                offset};
    return seen_sight(seen, &sighting, DAY);
}

Test(seen, an_id_again_is_a_duplicate_and_with_changes_an_update)
{
    struct seen *seen = seen_new(100);
    cr_assert_eq(sight(seen, "a", 1, 1000, 0), SEEN_NEW);
    cr_assert_eq(sight(seen, "a", 1, 2000, 1), SEEN_DUPLICATE);
    cr_assert_eq(sight(seen, "b", 1, 2000, 2), SEEN_NEW);
    cr_assert_eq(sight(seen, "a", 2, 3000, 3), SEEN_UPDATE);
    cr_assert_eq(sight(seen, "a", 2, 3000, 4), SEEN_DUPLICATE);
    cr_assert_eq(sight(seen, "a", 1, 3000, 5), SEEN_UPDATE);
    seen_free(seen);
}

Test(seen, an_id_is_new_again_after_its_time_and_not_a_moment_before)
{
    struct seen *seen = seen_new(100);
    cr_assert_eq(sight(seen, "a", 1, 1000, 0), SEEN_NEW);
    cr_assert_eq(sight(seen, "b", 1, 1000, 1), SEEN_NEW);
    cr_assert_eq(sight(seen, "a", 1, 1000 + DAY, 2), SEEN_DUPLICATE);
    cr_assert_eq(sight(seen, "b", 1, 1001 + DAY, 3), SEEN_NEW);
    seen_free(seen);
}

Test(seen, what_cannot_be_kept_is_new_and_said)
{
    struct seen *seen = seen_new(2);
    sight(seen, "a", 1, 0, 0);
    sight(seen, "b", 1, 0, 1);
    cr_assert_not(seen_full(seen));
    cr_assert_eq(sight(seen, "c", 1, 0, 2), SEEN_NEW);
    cr_assert(seen_full(seen));
    cr_assert_eq(sight(seen, "c", 1, 0, 3), SEEN_NEW);
    cr_assert_eq(sight(seen, "a", 1, 0, 4), SEEN_DUPLICATE);
    seen_free(seen);
}

static struct seen *
reload(struct seen *seen, struct fields *fields, bool whole)
{
    struct fields snapshot = {NULL, 0};
    struct emit emit = {fields_put, whole ? &snapshot : fields};
    seen_save(seen, 0, whole, &emit);
    if (whole) {
        fields_free(fields);
        *fields = snapshot;
    }
    seen_free(seen);
    struct seen *back = seen_new(100000);
    for (size_t i = 0; i < fields->n; i++)
        cr_assert(seen_load(back, field_name_of(&fields->at[i]),
                            field_value_of(&fields->at[i])));
    return back;
}

/* The same sightings with and without saving, loading and forgetting. */
Test(seen, saving_loading_and_forgetting_change_no_answer)
{
    struct seen *plain = seen_new(100000), *stored = seen_new(100000);
    struct fields fields = {NULL, 0};
    struct emit emit = {fields_put, &fields};
    uint64_t x = 7;
    int64_t now = 1700000000000;
    for (int64_t i = 0; i < 40000; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407u;
        char id[16];
        snprintf(id, sizeof id, "%d", (int)((x >> 33) % 3000));
        now += (int64_t)((x >> 50) % 20000);
        uint64_t changes = (x >> 45) % 3;
        cr_assert_eq(sight(plain, id, changes, now, i),
                     sight(stored, id, changes, now, i), "sighting %d", (int)i);
        seen_forget(stored, now, DAY);
        if (i % 500 == 17)
            seen_save(stored, 0, false, &emit);
        if (i % 5000 == 4321)
            stored = reload(stored, &fields, false);
        if (i % 7000 == 6789)
            stored = reload(stored, &fields, true);
    }
    cr_assert_lt(fields.n, 200u, "old fields are removed");
    cr_assert_lt(seen_len(stored), seen_len(plain) + 1);
    fields_free(&fields);
    seen_free(plain);
    seen_free(stored);
}

Test(seen, fields_of_another_make_are_refused)
{
    struct seen *seen = seen_new(10);
    cr_assert_not(seen_load(seen, STR("x/0"), STR("")));
    cr_assert_not(seen_load(seen, STR("1"), STR("")));
    cr_assert_not(seen_load(seen, STR("1/0"), STR("short")));
    cr_assert_not(seen_load(seen, STR("1/-1"), STR("")));
    seen_free(seen);
}
