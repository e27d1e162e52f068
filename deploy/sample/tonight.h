/* SPDX-License-Identifier: Apache-2.0
 *
 * What is needed to see the service at work now: the last 24 hours before a
 * moment, and one attack from that moment on. Both are cut out of the plan of
 * the nine months and moved in time; ids are new ones. */
#ifndef DEPLOY_SAMPLE_TONIGHT_H
#define DEPLOY_SAMPLE_TONIGHT_H

#include "sample.h"

#include <stdio.h>

int64_t tonight_clock_ms(void);
/* The sample becomes the ordinary alerts of the 24 hours before `now_ms`: those
 * before the last moment of the plan with the same day of the week and time of
 * day, so that nights and weekends are quiet when they should be. */
void tonight_day(struct sample *sample, int64_t now_ms);
/* The sample becomes one attack on one server, the script of `attack_scripts`
 * that has a single server and no endpoint, first to last alert in
 * `span_ms` from `now_ms` on. The machine it is on; NO_STR: no such script. */
struct str tonight_attack(struct sample *sample, int64_t now_ms,
                          int64_t span_ms);
/* Writes the alerts of `file` to `out`, each a line when its time has come,
 * and on `talk` a line for each sensor rule when it begins. False: `out` takes
 * no more. */
bool tonight_play(const struct sample *sample, enum sample_file file, FILE *out,
                  FILE *talk);

#endif
