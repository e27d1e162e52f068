#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make bench-rules: what rules cost. Measures and asserts nothing. Of 300, 1,000,
# 3,000 and all rules of RULES: loading, memory, events a second on one core,
# routed by log source and not, candidates and allocations for each event, and
# the obvious evaluator beside it. Each size is a process of its own; the sizes
# take turns, and medians are printed. How to read it: docs/bench.md. All it
# writes lies under var/bench-rules (result.txt is what it prints).
#
#   RULES (rules and tests/cases/sigma)  a folder of Sigma rules
#   EVENTS (tests/cases/sources/SOURCE)  NDJSON of SOURCE; of {"event": {…}} lines
#                                        the event; they are multiplied
#   SOURCE (windows)      the mapping, of deploy/sources
#   BENCH_N (50000)       distinct events made of them
#   BENCH_ORACLE (300)    events for the obvious evaluator; 0: none
#   BENCH_ROUNDS (3)      turns
#   BENCH_SEED (1)        of events and of which rules are taken
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/lib.sh

work=var/bench-rules
source=${SOURCE:-windows}
events=${EVENTS:-tests/cases/sources/$source/messages.ndjson}
read -ra rules <<<"${RULES:-rules tests/cases/sigma}"
seed=${BENCH_SEED:-1}
began=$(seconds)

mkdir -p "$work"
exec 8>"$work/lock"
flock -n 8 || die "another make bench-rules runs here"
for path in "$events" "deploy/sources/$source.yml" "${rules[@]}"; do
    [[ -e $path ]] || die "there is no $path"
done
own=''
[[ -n ${RULES:-} && -n ${EVENTS:-} ]] ||
    own="of this project's own: RULES=DIR EVENTS=FILE measure others"

# The files in an order that has nothing to do with their names, the same for
# the same seed: so that a part is like the whole.
find "${rules[@]}" -type f \( -name '*.yml' -o -name '*.yaml' \) | LC_ALL=C sort |
    perl -ne 'BEGIN { $seed = shift; sub h { my $h = $seed + 5381;
            $h = ($h * 33 + ord) % 4294967296 for split //, $_[0]; $h } }
        push @all, $_;
        END { print sort { h($a) <=> h($b) || $a cmp $b } @all }' "$seed" \
        >"$work/files"
n_files=$(wc -l <"$work/files")
sizes=()
for n in 300 1000 3000; do
    ((n >= n_files)) || sizes+=("$n")
done
sizes+=("$n_files")

say "== events ($(($(seconds) - began)) s)"
build/bench/sigma_events multiply "${rules[0]}" "$events" "${BENCH_N:-50000}" \
    "$seed" >"$work/events.ndjson" 2>"$work/events.txt"
: >"$work/raw.txt"
for ((round = 1; round <= ${BENCH_ROUNDS:-3}; round++)); do
    say "== round $round of ${BENCH_ROUNDS:-3} ($(($(seconds) - began)) s)"
    for n in "${sizes[@]}"; do
        head -n "$n" "$work/files" >"$work/part"
        # the evaluator once: it is slow, and no rival
        oracle=0
        ((round > 1)) || oracle=${BENCH_ORACLE:-300}
        build/bench/bench_rules "deploy/sources/$source.yml" \
            "$work/events.ndjson" "$oracle" - <"$work/part" |
            sed "s/^/$n /" >>"$work/raw.txt"
    done
done
{
    printf 'Tháp Canh %s; %s; load %s\n' "$(git describe --always --dirty \
        2>/dev/null || true)" "$(sed -n 's/^model name[ \t]*: //p' \
        /proc/cpuinfo | head -n 1)" "$(cut -d' ' -f2 /proc/loadavg)"
    [[ -z $own ]] || printf 'Rules and events %s\n' "$own"
    printf '%s; medians of %s rounds, CPU of one thread\n\n' \
        "$(cat "$work/events.txt")" "${BENCH_ROUNDS:-3}"
    perl tests/bench/sigma_table.pl "$work/raw.txt"
} | tee "$work/result.txt"
