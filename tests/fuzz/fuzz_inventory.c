/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as an inventory: loaded, or every mistake named; what is loaded
 * answers of hosts and addresses.
 * seeds: deploy/inventory tests/fuzz/corpus/inventory */
#include "fuzz.h"
#include "ingest/inventory.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t times[] = {0, INT64_C(1709623500000),
                                    INT64_C(-62167219200000),
                                    INT64_C(253402300799999)};
    static struct arena arena;
    if (!arena.at)
        arena = fuzz_arena((size_t)1 << 30);
    struct arena rest = arena;
    struct complaints complaints = {0};
    const struct inventory *inventory =
        inventory_load(fuzz_file(0, data, size), 19787, &rest, &complaints);
    assert((inventory != NULL) == (complaints.n_errors == 0));
    for (size_t i = 0; inventory && i < sizeof times / sizeof *times; i++) {
        struct alert alert = {.event_ms = times[i]};
        alert.field[ALERT_HOST] = STR("PC-STTTT-014");
        alert.field[ALERT_HOST_IP] = STR("10.84.10.14");
        alert.field[ALERT_SRC_IP] = STR("2001:db8::1");
        alert.field[ALERT_DST_IP] = STR("45.77.10.3");
        inventory_apply(inventory, &alert);
        assert(alert.level >= 0 && alert.level <= 5);
        inventory_unit_name(inventory, alert.unit);
        inventory_system_name(inventory, alert.system);
    }
    complaints_free(&complaints);
    return 0;
}
