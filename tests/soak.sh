#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make soak: the fault tests in their long form (about three hours): 200 deaths
# in a million alerts, each point of the stage loop twice, every call, reply,
# record and allocation of a small run, storms, a minute of Redis lost. What is
# random is drawn from SEED, which is printed first and repeats a run:
#
#   SEED=4711 make soak          tests/soak.sh NAME…  these tests only
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/lib.sh

export SOAK=1 SEED=${SEED:-$((EPOCHSECONDS % 100000))}
export SYSTEM_TIMEOUT=${SYSTEM_TIMEOUT:-14400}
say "soak: SEED=$SEED make soak repeats this run"
(($# > 0)) || set -- test_faults
exec tests/run.sh system "$@"
