#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make stop: ends what `make run` started, the service first so that it can
# save its state. What is not running is passed over; nothing else is touched.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
. deploy/lib.sh

run=$PWD/var/run
stopped=''
pid=$(pid_of "$run/thapcanh" "$PWD/build/thapcanh")
if [[ -n $pid ]]; then
    stop_pid "$pid" 30
    rm -f "$run/thapcanh/pid"
    stopped=' the service'
fi
for server in redis kafka; do
    if "deploy/$server/$server.sh" running "$run/$server" 2>/dev/null; then
        "deploy/$server/$server.sh" stop "$run/$server"
        stopped+=" ${server^}"
    fi
done
say "stopped:${stopped:- nothing was running}"
