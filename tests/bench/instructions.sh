#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Instructions per window event of each type, by callgrind: exact, and not
# changed by what else the machine does. Of each correlation file (all of
# tests/bench/windows unless named) prints
#   instructions NAME KEYS ORDER N
# N holds the stage's work, saving its state, and what hands records to it. Not
# counted is the warm-up. Without valgrind it says so and prints nothing.
#
#   BENCH_EVENTS (20000), BENCH_KEYS (100), BENCH_ORDERS (in shuffled)
#   BENCH_RATES (as many as keys)  events a second of event time; with several
#                     KEYS is KEYS@RATE: how work grows with what a window holds
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/lib.sh

events=${BENCH_EVENTS:-20000}
keys=${BENCH_KEYS:-100}
read -ra orders <<<"${BENCH_ORDERS:-in shuffled}"
read -ra rates <<<"${BENCH_RATES:-$keys}"
program=build/bench/bench_windows
detections=tests/bench/windows/detections.yml

command -v valgrind >/dev/null || {
    say "no instruction counts: apt-get install valgrind"
    exit 0
}
[[ -x $program ]] || die "make bench-programs first"
files=("$@")
if ((!${#files[@]})); then
    for file in tests/bench/windows/*.yml; do
        [[ $file == "$detections" ]] || files+=("$file")
    done
fi
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# count FILE ORDER RATE: the sum of all counts, by how many were measured.
count() {
    local name line measured total what=$keys
    name=$(basename "$1" .yml)
    ((${#rates[@]} == 1)) || what+=@$3
    line=$(valgrind --quiet --tool=callgrind --toggle-collect=measured \
        --callgrind-out-file="$out" "$program" "events=$events" "keys=$keys" \
        "rate=$3" "order=$2" "$detections" "$1")
    measured=${line##* events }
    total=$(sed -n 's/^totals: //p' "$out")
    [[ $total =~ ^[0-9]+$ && $measured =~ ^[1-9][0-9]*$ ]] ||
        die "$name: no count"
    printf 'instructions %s %s %s %s\n' "$name" "$what" "$2" \
        $((total / measured))
}

for file in "${files[@]}"; do
    for order in "${orders[@]}"; do
        for rate in "${rates[@]}"; do
            count "$file" "$order" "$rate"
        done
    done
done
