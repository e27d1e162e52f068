#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make lint: every lint beside this file, one after the other. A lint prints a
# line for each thing it finds and then "NAME: N checks, N failed"; a failed
# check counts once. One that ends without that line has itself failed.
#
#   tests/lint/run.sh [NAME…]     these only, such as "format"
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1

passed=0 failed=0
order='format layers libraries banned heads length headers paths scripts
single_use faults warnings generated tidy'
wanted="${*:-$order}"
for lint in $wanted; do
    began=$EPOCHSECONDS
    out=$("tests/lint/$lint.sh" 2>&1)
    total=$(tail -n 1 <<<"$out")
    if [[ $total =~ ^$lint:\ ([0-9]+)\ checks,\ ([0-9]+)\ failed$ ]]; then
        failed=$((failed + BASH_REMATCH[2]))
        passed=$((passed + BASH_REMATCH[1] - BASH_REMATCH[2]))
        printf '%s (%d s)\n' "$out" $((EPOCHSECONDS - began))
    else
        failed=$((failed + 1))
        printf '%s\n%s: did not come to its end\n' "$out" "$lint"
    fi
done
for file in tests/lint/*.sh; do
    name=${file##*/}
    [[ " run lib ${order//$'\n'/ } " == *" ${name%.sh} "* ]] || {
        printf 'run: nobody runs %s\n' "$file"
        failed=$((failed + 1))
    }
done
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
