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
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/lib.sh

events=${BENCH_EVENTS:-20000}
keys=${BENCH_KEYS:-100}
read -ra orders <<<"${BENCH_ORDERS:-in shuffled}"
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

# The sum of all counts, by how many events were measured.
for file in "${files[@]}"; do
    name=$(basename "$file" .yml)
    for order in "${orders[@]}"; do
        line=$(valgrind --quiet --tool=callgrind --toggle-collect=measured \
            --callgrind-out-file="$out" "$program" "events=$events" \
            "keys=$keys" "order=$order" "$detections" "$file")
        measured=${line##* events }
        total=$(sed -n 's/^totals: //p' "$out")
        [[ $total =~ ^[0-9]+$ && $measured =~ ^[1-9][0-9]*$ ]] ||
            die "$name: no count"
        printf 'instructions %s %s %s %s\n' "$name" "$keys" "$order" \
            $((total / measured))
    done
done
