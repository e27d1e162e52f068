/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of a mapping's tables as people and sensors write them: which are the
 * same, which are not. */
#include <criterion/criterion.h>

#include "ingest/source_priv.h"

static bool
same(struct str a, struct str b)
{
    char left[200], right[200];
    size_t n = word_fold(a, left, sizeof left);
    size_t m = word_fold(b, right, sizeof right);
    return str_equal((struct str){left, n}, (struct str){right, m});
}

Test(word, case_and_composition_make_no_difference)
{
    cr_assert(same(STR(" TRUNG BÌNH "), STR("trung bình")));
    cr_assert(same(STR("Nghie\xcc\x82m tro\xcc\xa3ng"), STR("nghiêm trọng")));
    cr_assert(same(STR("o\xcc\xa3\xcc\x82"), STR("ộ")), "marks in any order");
    cr_assert(!same(STR("cao"), STR("cáo")));
    cr_assert(!same(STR("đơn"), STR("don")));
}

Test(word, a_nul_byte_is_part_of_a_word)
{
    cr_assert(!same(STR("th\0ấp"), STR("thấp")));
    cr_assert(!same(STR("lo\0w"), STR("low")));
    cr_assert(!same(STR("a\0\xcc\x80"), STR("à")), "no mark over it");
}
