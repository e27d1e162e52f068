#include "window_priv.h"
static void
none(struct turn *t, const struct event *e, struct str b)
{
    (void)t;
    (void)e;
    (void)b;
}
const struct family first_family = {.take = none},
                    spike_family = {.take = none},
                    silence_family = {.take = none},
                    risk_family = {.take = none};
