#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make bench: measures and asserts nothing. In one run, on a Kafka and a Redis
# of its own: a bare consumer and the service, without rules and with all three
# stages, with and without the feed, taking turns, so that what disturbs the
# machine disturbs them alike; then how long an alert takes to become a ticket
# at half the rate that was measured; then where the service's CPU goes, stage
# by stage and step by step, with 1 to 4 workers and 300 and 3,000 rules more;
# then the windows and the ingest stage alone, in memory: CPU, heap allocations
# and, where valgrind is installed, instructions. How to read it:
# docs/bench.md. All it writes lies under var/bench (result.txt there is what it
# prints, raw.txt the lines that its figures are the medians of), but for the
# figures, which are appended to the history.
#
#   BENCH_ROUNDS (3)  turns of each kind
#   BENCH_SCALE (1)   of the sample: 0.01 to 10 times nine months
#   BENCH_PART (50000)      alerts of each kind for the runs with more rules
#   BENCH_WINDOWS (usual)   events of each kind for the windows alone
#   BENCH_PARTS (all)       of turns, latency, steps, matrix, reload, windows,
#                           alone
#   RULES (none)      a folder of more rules: turns and reload with these too
#   BENCH_HISTORY (tests/bench/history.csv)
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
. deploy/lib.sh

rounds=${BENCH_ROUNDS:-3}
scale=${BENCH_SCALE:-1}
part=${BENCH_PART:-50000}
parts=${BENCH_PARTS:-turns latency steps matrix reload windows alone}
more_rules=${RULES:-}
history=${BENCH_HISTORY:-$root/tests/bench/history.csv}
date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
partitions=4
work=$root/var/bench
bin=$root/build/bench
raw=$work/raw.txt
topics=(endpoint-alerts server-alerts)
paced='paced-alerts' # what the latency is measured on
declare -A keys=([endpoint-alerts]=agent.hostname [server-alerts]=server.name)
declare -A mapping=([endpoint-alerts]=ajiant [server-alerts]=cycir)
inventory=$root/deploy/inventory/ninhthuan.yml
geo=$root/var/lib/geo/country.mmdb
[[ -f $geo ]] || geo=-
kinds=(bare feed no-feed workers2 rules rules-no-feed)
[[ -z $more_rules ]] || kinds+=(more-rules more-rules-no-feed)

began=$(seconds)
step() { say "== $* ($(($(seconds) - began)) s)"; }

# --- servers, sample, configurations

clean_up() {
    deploy/kafka/kafka.sh stop "$work/kafka" || true
    deploy/redis/redis.sh stop "$work/redis" || true
    rm -rf "$work/kafka" "$work/redis" "$work"/data-* "$work"/*.yml \
        "$work"/rules*
}

start_servers() {
    local topic
    deploy/kafka/kafka.sh start "$work/kafka"
    deploy/redis/redis.sh start "$work/redis"
    others=("kafka=$(cat "$work/kafka/pid")" "redis=$(cat "$work/redis/pid")")
    for topic in "${topics[@]}"; do
        deploy/kafka/kafka.sh topic "$work/kafka" "$topic" $partitions \
            retention.ms=-1
    done
    for topic in "$paced-on" "$paced-off" "${topics[@]/%/-part}"; do
        deploy/kafka/kafka.sh topic "$work/kafka" "$topic" $partitions \
            retention.ms=-1
    done
}

sample=$work/sample-$scale
make_sample() {
    build/thapcanh-sample --seed 2024 --scale "$scale" \
        --inventory "$inventory" --out "$sample"
}

# config NAME FEED WORKERS [RULES [PART]]: topics and groups of its own; prints
# the file. Without RULES the service is the ingest stage alone. PART: of the short
# topics.
config() {
    local file=$work/$1.yml rules=${4:-} short=${5:+-part}
    cat >"$file" <<END
kafka.brokers: "$(cat "$work/kafka/address")"
redis.address: "$(cat "$work/redis/address")"
data_dir: data-$1
sources_dir: $root/deploy/sources
inventory: $inventory
$([[ $geo == - ]] || printf 'geo.database: %s' "$geo")
${rules:+rules: $rules
tickets: $root/deploy/tickets.yml
suppressions: $root/deploy/suppressions.yml}
feed: $2
ingest: {group: $1, workers: $3}
correlate: {group: $1-correlate, workers: $3}
respond: {group: $1-respond}
topics:
  rules: $1.rules
  incidents: $1.incidents
  journal: $1.journal
  tickets: $1.tickets
  evidence: $1.evidence
  reviews: $1.reviews
  alerts: $1.alerts
  windows: $1.windows
  chained: $1.chained
  deadletter: $1.deadletter
  state: $1.state
  reports: $1.reports
sources:
  - {topics: endpoint-alerts$short, mapping: ajiant}
  - {topics: server-alerts$short, mapping: cycir}
END
    printf '%s\n' "$file"
}

produce() {
    local topic file
    file=$(config produce on 1)
    for topic in "${topics[@]}"; do
        build/thapcanh produce -c "$file" --topic "$topic" \
            --key "${keys[$topic]}" "$sample/$topic.ndjson" >&2
        head -n "$part" "$sample/$topic.ndjson" >"$work/lines.ndjson"
        build/thapcanh produce -c "$file" --topic "$topic-part" \
            --key "${keys[$topic]}" "$work/lines.ndjson" >&2
    done
}

# --- turns

# turn KIND ROUND: one run, its line added to raw.txt.
turn() {
    local kind=$1 name=$1-$2 file line feed=on workers=1 rules=''
    deploy/redis/redis.sh cli "$work/redis" flushall >/dev/null
    case $kind in
    no-feed) feed=off ;;
    workers2) workers=2 ;;
    rules) rules=$root/rules ;;
    rules-no-feed) feed=off rules=$root/rules ;;
    more-rules) rules=$work/rules-all ;;
    more-rules-no-feed) feed=off rules=$work/rules-all ;;
    esac
    file=$(config "$name" $feed $workers "$rules")
    if [[ $kind == bare ]]; then
        line=$("$bin/bench_consumer" "$file" "$name" "${others[@]}")
    else
        line=$("$bin/bench_service" "$file" "${others[@]}" -- \
            "$root/build/thapcanh" run -q -c "$file")
    fi
    printf 'turn %s %s\n' "$kind" "$line" >>"$raw"
    perl -e '%h = @ARGV[1..$#ARGV];
        printf STDERR "  %-13s %9d alerts/s\n", $ARGV[0],
            $h{messages} * 1000 / ($h{ms} || 1)' "$kind" $line
}

turns() {
    local round kind
    for ((round = 1; round <= rounds; round++)); do
        step "round $round of $rounds"
        for kind in "${kinds[@]}"; do
            turn "$kind" "$round"
        done
    done
}

# The median rate of a kind of turn, in alerts a second.
rate_of() {
    perl -ane 'BEGIN { $kind = shift }
        next unless $F[0] eq "turn" && $F[1] eq $kind;
        my %h = @F[2 .. $#F];
        push @rate, $h{messages} * 1000 / ($h{ms} || 1);
        END { @rate = sort { $a <=> $b } @rate;
            printf "%d\n", $rate[$#rate / 2] }' "$1" "$raw"
}

# A rule that takes nothing but the probes, beside those of the product.
probe_rules() {
    mkdir -p "$work/rules"
    cp rules/*.yml "$work/rules"
    cat >"$work/rules/probe.yml" <<'END'
title: Bench probe
name: bench_probe
id: 5b0b1c1e-2f4e-5d0c-9a55-6d8a3f1e7c11
logsource: {product: thapcanh}
detection: {selection: {rule_name: Bench probe}, condition: selection}
level: high
END
}

# From an alert to its ticket, at half the rate of the same pipeline.
latency() {
    local kind=$1 feed=$2 file service rate
    rate=$(($(rate_of "$kind") / 2))
    step "from alert to ticket at $rate alerts/s, feed: $feed"
    deploy/redis/redis.sh cli "$work/redis" flushall >/dev/null
    probe_rules
    file=$(config "latency-$feed" "$feed" 1 "$work/rules")
    sed -i '/^sources:/,$d' "$file"
    printf 'sources: [{topics: %s-%s, mapping: ajiant}]\n' "$paced" "$feed" \
        >>"$file"
    "$root/build/thapcanh" run -q -c "$file" &
    service=$!
    with_beat "measuring" "$bin/bench_latency" "$file" \
        "$sample/endpoint-alerts.ndjson" "$rate" |
        sed "s/^/latency $feed /" >>"$raw"
    kill "$service"
    wait "$service"
}

# The windows alone: keys and events a second.
windows() {
    local wish=() file files=()
    step "the windows alone"
    [[ -z ${BENCH_WINDOWS:-} ]] || wish=("events=$BENCH_WINDOWS")
    for file in tests/bench/windows/*.yml; do
        [[ ${file##*/} == detections.yml ]] || files+=("$file")
    done
    with_beat "measuring" "$bin/bench_windows" "${wish[@]}" \
        tests/bench/windows/detections.yml "${files[@]}" >>"$raw"
    command -v valgrind >/dev/null || return 0
    with_beat "counting" tests/bench/instructions.sh >>"$raw"
    # how work grows with what a window holds
    for file in value-count value-count-many ordered percentile sum-decided; do
        BENCH_KEYS=1 BENCH_RATES="2 10 50" BENCH_EVENTS=8000 with_beat \
            "counting" tests/bench/instructions.sh \
            "tests/bench/windows/$file.yml" >>"$raw"
    done
}

# look_inside VARIANT CONFIG [reload]: the pipeline with a timer on its workers.
look_inside() {
    deploy/redis/redis.sh cli "$work/redis" flushall >/dev/null
    with_beat "measuring" "$bin/bench_pipeline" "${@:2}" |
        sed "s/^/pipe $1 /; s/^pipe \([^ ]*\) reload /reload \1 /" >>"$raw"
    say "  $1: done"
}

# gather_rules: those of the product and RULES, in one folder. The service
# refuses all of them for a mistake in one, so what check refuses is left out.
gather_rules() {
    local folder=$work/rules-all n_refused=0 file detections
    step "the rules of $more_rules"
    mkdir -p "$folder"
    cp rules/*.yml "$folder"
    cp -rL "$more_rules" "$folder/more"
    while IFS= read -r file; do
        [[ $file == "$folder/more/"* ]] || die "$file: a mistake in it"
        rm -f "$file"
        n_refused=$((n_refused + 1))
    done < <(build/thapcanh rules check "$folder" 2>&1 >/dev/null |
        perl -ne 'print "$1\n" if /^(.*?):\d+:\d+: (?!warning: )/' | sort -u)
    build/thapcanh rules check "$folder" >"$work/rules-all.check" 2>&1 ||
        die "$more_rules: $(grep -v ': warning: ' "$work/rules-all.check" | head -n 1)"
    detections=$(sed -n '$s/ detections,.*//p' "$work/rules-all.check")
    say "  $detections detections in all, $n_refused files refused and left out"
    printf 'run detections %d\nrun files_refused %d\n' "$detections" \
        "$n_refused" >>"$raw"
}

# Rules read again while the workers are at work.
reload() {
    local round
    step "rules read again, at work"
    for ((round = 1; round <= rounds; round++)); do
        look_inside reload-shipped "$(config "reload-$round" on 1 \
            "$root/rules" part)" reload
        [[ -z $more_rules ]] || look_inside reload-more \
            "$(config "reload-more-$round" on 1 "$work/rules-all" part)" reload
    done
}

# Where the CPU of ingest alone goes.
steps() {
    local round
    step "by step, in the running pipeline"
    for ((round = 1; round <= rounds; round++)); do
        look_inside no-rules-feed "$(config "steps-on-$round" on 1)"
        look_inside no-rules-feed-off "$(config "steps-off-$round" off 1)"
    done
}

# rules_of HOW: a folder with the rules of the product and so many more.
rules_of() {
    local folder=$work/rules-$1
    mkdir -p "$folder"
    cp rules/*.yml "$folder"
    [[ $1 == shipped ]] || perl "$root/tests/bench/sigma_rules.pl" "$1" 7 \
        >"$folder/more.yml"
    printf '%s\n' "$folder"
}

# The whole pipeline, 1 to 4 workers, by how many rules.
matrix() {
    local rules workers folder
    step "by workers and rules"
    for rules in shipped 300 3000; do
        folder=$(rules_of $rules)
        for workers in 1 2 3 4; do
            look_inside "$rules-rules-workers-$workers" \
                "$(config "m-$rules-$workers" on $workers "$folder" part)"
        done
    done
}

# The ingest stage alone, on the messages of one topic.
alone() {
    local topic=$1
    with_beat "measuring" "$bin/bench_stages" \
        "deploy/sources/${mapping[$topic]}.yml" "$inventory" "$geo" \
        "$sample/$topic.ndjson" | sed "s/^/alone $topic /" >>"$raw"
    say "  $topic: done"
}

instructions() {
    local lines=$work/lines.ndjson out=$work/callgrind.out
    head -n 20000 "$sample/endpoint-alerts.ndjson" >"$lines"
    with_beat "counting" valgrind --quiet --tool=callgrind \
        --toggle-collect=ingest_apply --toggle-collect=ingest_state_save \
        --callgrind-out-file="$out" "$bin/bench_stages" --once \
        deploy/sources/ajiant.yml "$inventory" "$geo" "$lines" |
        sed 's/^/callgrind /' >>"$raw"
    callgrind_annotate --inclusive=yes --threshold=100 "$out" |
        perl -ne 's/,//g; next unless /^\s*(\d+) .*?([a-z_]\w*) \[/;
            print "callgrind $2 $1\n" unless $seen{$2}++' >>"$raw"
}

# --- what it prints

machine() {
    printf '%s; %s cores; %s MiB; %s\n' \
        "$(sed -n 's/^model name[ \t]*: //p' /proc/cpuinfo | head -n 1)" \
        "$(nproc)" "$(sed -n 's/^MemTotal: *\([0-9]*\)[0-9]\{3\} kB/\1/p' \
            /proc/meminfo)" "$(uname -sr)"
}

# The commit, and whether anything but the history differs from it.
commit() {
    local name
    name=$(git describe --always 2>/dev/null) || name=none
    git diff --quiet HEAD -- . ':!tests/bench/history.csv' 2>/dev/null ||
        name+=-dirty
    printf '%s\n' "$name"
}

report() {
    printf 'Tháp Canh %s, %s, load %s\n' "$commit" "$(machine)" "$load"
    printf '%s messages, %s partitions a topic, medians of %s\n\n' \
        "$(cat "$sample"/{endpoint,server}-alerts.ndjson | wc -l)" \
        $partitions "$rounds"
    perl "$root/tests/bench/table.pl" "$raw"
    if ! command -v valgrind >/dev/null; then
        printf '\nNo instruction counts: apt-get install valgrind\n'
    fi
}

[[ -z $more_rules || -d $more_rules ]] || die "RULES=$more_rules: no folder"
mkdir -p "$work"
exec 8>"$work/lock"
flock -n 8 || die "another make bench runs here"
step "building"
with_beat "building" make -s -j"${BENCH_JOBS:-$(nproc)}" bench-programs
commit=$(commit)
trap clean_up EXIT
clean_up
: >"$raw"
printf 'run scale %s\nrun rounds %s\n' "$scale" "$rounds" >>"$raw"
step "Kafka and Redis"
start_servers
step "the sample"
# Never a beat for what may end at once: one that is killed before it has
# forgotten the trap would clean up.
[[ -f $sample/truth.json ]] || with_beat "making it" make_sample
produce
wanted() { [[ " $parts " == *" $1 "* ]]; }
[[ -z $more_rules ]] || gather_rules
! wanted turns || turns
if wanted turns && wanted latency; then
    latency rules on
    latency rules-no-feed off
fi
! wanted steps || steps
! wanted matrix || matrix
! wanted reload || reload
! wanted windows || windows
if wanted alone; then
    step "the stage alone"
    for topic in "${topics[@]}"; do
        alone "$topic"
    done
    if command -v valgrind >/dev/null; then
        step "instructions"
        instructions
    fi
fi
load=$(cut -d' ' -f2 /proc/loadavg) # of five minutes
step "done"
report | tee "$work/result.txt"
perl "$root/tests/bench/history.pl" add "$history" "$raw" "$date" "$commit" \
    "$(machine)" "$load" >&2
say "compare: perl tests/bench/history.pl show ${history#"$root"/}"
