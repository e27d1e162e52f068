#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make bench-peers: `thapcanh rules eval` beside rsigma, another Sigma engine:
# the same rules, the same events (flat objects with product, category and
# service, which both read), both from a file to the matches, each on one core,
# in turns. Verdicts are compared first. Loading is timed apart: a run over one
# event is taken off. Measures and asserts nothing. docs/bench.md says more; all
# it writes lies under var/bench-peers.
#
#   RULES EVENTS         as for make bench-rules, but both are needed: rules of
#                        this project say more than rsigma takes
#   SOURCE BENCH_SEED    as there
#   BENCH_N (50000)      events made
#   BENCH_ROUNDS (3)     turns; medians are printed
#   PEER                 the program; else it is installed by cargo under
#                        build/peers, which takes half an hour on one core
#   PEER_FLAGS           further ones for it, such as --bloom-prefilter
#   CORE (0)             the core, for taskset
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/lib.sh

version=0.23.0
work=var/bench-peers
source=${SOURCE:-windows}
events=${EVENTS:-}
rules=${RULES:-}
n=${BENCH_N:-50000}
read -ra flags <<<"${PEER_FLAGS:-}"
mkdir -p "$work"
exec 8>"$work/lock"
flock -n 8 || die "another make bench-peers runs here"
[[ -n $rules && -n $events ]] || {
    say "peers: skipped: RULES=FOLDER of Sigma rules and EVENTS=FILE are needed"
    exit 0
}
for path in "$events" "$rules"; do
    [[ -e $path ]] || die "there is no $path"
done

peer=${PEER:-build/peers/bin/rsigma}
if [[ ! -x $peer ]]; then
    command -v cargo >/dev/null || die "cargo is not here: it installs rsigma"
    with_beat "installing rsigma $version" nice cargo install --locked rsigma \
        --version "$version" --root build/peers >"$work/cargo.log" 2>&1 ||
        die "rsigma does not build: $work/cargo.log"
fi

build/bench/sigma_events multiply "$rules" "$events" "$n" "${BENCH_SEED:-1}" \
    >"$work/nested.ndjson" 2>"$work/events.txt"
build/bench/sigma_events flat "deploy/sources/$source.yml" \
    "$work/nested.ndjson" >"$work/events.ndjson"
head -n 1 "$work/events.ndjson" >"$work/one.ndjson"
head -n 2000 "$work/events.ndjson" >"$work/some.ndjson"

# run ENGINE MODE FILE: its matches on stdout.
run() {
    local engine=$1 mode=$2 file=$3 options=()
    if [[ $engine == ours ]]; then
        [[ $mode == routed ]] || options=(--any-logsource)
        taskset -c "${CORE:-0}" build/thapcanh rules eval --rules "$rules" \
            --source "$source" "${options[@]}" "$file"
    else
        [[ $mode != routed ]] || options=(--logsource-routing)
        taskset -c "${CORE:-0}" "$peer" engine eval -r "$rules" \
            "${options[@]}" "${flags[@]}" -e "@$file"
    fi
}

verdicts() {
    local mode
    for mode in any routed; do
        run ours "$mode" "$work/some.ndjson" >"$work/ours-$mode" \
            2>"$work/ours-$mode.err" ||
            die "$(tail -n 1 "$work/ours-$mode.err")"
        flags+=(--include-event)
        run peer "$mode" "$work/some.ndjson" >"$work/peer-$mode" \
            2>"$work/peer-$mode.err" ||
            die "$(tail -n 1 "$work/peer-$mode.err")"
        unset 'flags[-1]'
        perl tests/bench/sigma_verdicts.pl "$mode" "$work/ours-$mode" \
            "$work/peer-$mode" "$work/ours-$mode.err"
    done
}

# time_of ENGINE MODE FILE: seconds by the clock, and of CPU.
time_of() {
    local TIMEFORMAT='%R %U %S'
    { time run "$@" >"$work/out" 2>"$work/err"; } 2>&1
}

turns() {
    local round mode engine
    for ((round = 1; round <= ${BENCH_ROUNDS:-3}; round++)); do
        for mode in any routed; do
            for engine in ours peer; do
                printf '%s %s %s %s\n' "$engine" "$mode" \
                    "$(time_of "$engine" "$mode" "$work/one.ndjson")" \
                    "$(time_of "$engine" "$mode" "$work/events.ndjson")"
            done
        done
        say "  round $round done"
    done
}

# Kilobytes at the most, loading the rules and reading everything.
memory_of() {
    local engine=$1
    if command -v /usr/bin/time >/dev/null; then
        /usr/bin/time -f %M -o "$work/memory" "${@:2}" >/dev/null 2>&1 || true
        printf 'memory %s %s\n' "$engine" "$(tail -n 1 "$work/memory")"
    fi
}

say "== verdicts"
verdicts >"$work/verdicts"
cat "$work/verdicts" >&2
say "== turns"
turns >"$work/raw.txt"
memory_of ours build/thapcanh rules eval --rules "$rules" --source "$source" \
    --any-logsource "$work/events.ndjson" >>"$work/raw.txt"
memory_of peer "$peer" engine eval -r "$rules" -e "@$work/events.ndjson" \
    >>"$work/raw.txt"
{
    printf 'Tháp Canh %s beside %s; %s; load %s\n' "$(git describe --always \
        --dirty 2>/dev/null || true)" "$("$peer" --version | head -n 1)" \
        "$(sed -n 's/^model name[ \t]*: //p' /proc/cpuinfo | head -n 1)" \
        "$(cut -d' ' -f2 /proc/loadavg)"
    cat "$work/events.txt" "$work/verdicts"
    perl -ane 'BEGIN { $n = shift }
        if ($F[0] eq "memory") { $kb{$F[1]} = $F[2]; next }
        my ($who, $mode, $r1, $u1, $s1, $r, $u, $s) = @F;
        push @{$clock{$mode}{$who}}, $n / ($r - $r1 || 1e-9);
        push @{$cpu{$mode}{$who}}, $n / ($u + $s - $u1 - $s1 || 1e-9);
        push @{$load{$who}}, $u1 + $s1;
        push @{$ratio{$mode}}, $cpu{$mode}{ours}[-1] / $cpu{$mode}{peer}[-1]
            if $who eq "peer";
        sub med { my @all = sort { $a <=> $b } @_; $all[$#all / 2] }
        END {
            print "\n            events/s of CPU          by the clock         ",
                "ratio of CPU (least–most)\n              ours    rsigma",
                "       ours    rsigma\n";
            for (qw(any routed)) {
                my @r = sort { $a <=> $b } @{$ratio{$_}};
                printf "%-8s %9.0f %9.0f  %9.0f %9.0f  %9.1f (%.1f–%.1f)\n", $_,
                    med(@{$cpu{$_}{ours}}), med(@{$cpu{$_}{peer}}),
                    med(@{$clock{$_}{ours}}), med(@{$clock{$_}{peer}}),
                    med(@r), $r[0], $r[-1];
            }
            printf "\nloading, s of CPU: ours %.2f, rsigma %.2f\n",
                med(@{$load{ours}}), med(@{$load{peer}});
            printf "most memory, MB: ours %.0f, rsigma %.0f\n",
                $kb{ours} / 1024, $kb{peer} / 1024 if $kb{ours};
        }' "$(wc -l <"$work/events.ndjson")" "$work/raw.txt"
} | tee "$work/result.txt"
