/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as the configuration: loaded, or every mistake named; what is in
 * force, printed, loads again and prints the same.
 * seeds: deploy/thapcanh.yml tests/fuzz/corpus/config */
#include "daemon/config_table.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct config config, again;
    static struct buf first, second;
    struct complaints complaints = {0};
    bool fine = config_load(fuzz_file(0, data, size), &config, &complaints);
    assert(fine == (complaints.n_errors == 0));
    complaints_free(&complaints);
    if (fine) {
        buf_clear(&first);
        buf_clear(&second);
        config_yaml(&config, &first);
        fine =
            config_load(fuzz_file(1, first.at, first.len), &again, &complaints);
        assert(fine); /* what is printed loads again */
        config_yaml(&again, &second);
        struct str a = buf_str(&first), b = buf_str(&second), name;
        str_split(&a, '\n', &name); /* the first line names the file */
        str_split(&b, '\n', &name);
        assert(str_equal(a, b));
        complaints_free(&complaints);
        config_free(&again);
    }
    config_free(&config);
    return 0;
}
