#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The same alerts in another order within the lateness, read by one to four
# processes or by one for each stage, one of which is killed on the way, from and
# through topics of other partition counts, give the same incidents and the same
# tickets, and so does `replay`. With correlations of correlations, whose
# windows wait for all partitions (STREAM 19).
# long
. "$(dirname "$0")/faults.sh"

jitter_ms=590000 # of a lateness of 10 minutes

sample 0.1 11
printf 'suppressions: []\n' >"$TEST_DIR/suppressions.yml"
rules=$TEST_DIR/rules
cp -r rules "$rules"
cp tests/system/chained_rules.yml "$rules/"

files() { # files SEED JITTER: endpoint and server alerts in that order
    perl tests/system/shuffle.pl "$1" "$2" ajiant \
        "$TEST_DIR/endpoint-alerts.ndjson" >"$TEST_DIR/$1.endpoint"
    perl tests/system/shuffle.pl "$1" "$2" cycir \
        "$TEST_DIR/server-alerts.ndjson" >"$TEST_DIR/$1.server"
    n_alerts=$(cat "$TEST_DIR/$1".{endpoint,server} | wc -l)
}

# serve RUN DATABASE SEED PROCESSES PARTITIONS WINDOWS: leaves RUN.incidents
# and RUN.tickets; PROCESSES: a number, or split: one for each stage
serve() {
    local run=$1 i
    partitions=$5 windows=$6 endpoint=$1.endpoint server=$1.server
    kafka topic "$endpoint" "$partitions"
    kafka topic "$server" "$partitions"
    config "$run" "$2"
    "$thapcanh" produce -c "$TEST_DIR/$run.yml" --topic "$endpoint" \
        --key agent.hostname "$TEST_DIR/$3.endpoint"
    "$thapcanh" produce -c "$TEST_DIR/$run.yml" --topic "$server" \
        --key server.name "$TEST_DIR/$3.server"
    if [[ $4 == split ]]; then
        set -- "${@:1:3}" 3
        begin "$run" "$run" --only ingest
        begin "$run" "${run}2" --only correlate
        begin "$run" "${run}3" --only respond
    else
        begin "$run"
        for ((i = 2; i <= $4; i++)); do
            begin "$run" "$run$i"
        done
        if (($4 > 1)); then
            check "$run: it is under way" \
                until_true 120 some_in "$2" $((n_alerts / 10))
            end "${run}2" KILL
            begin "$run" "${run}2"
        fi
    fi
    check "$run: everything is counted" until_true 180 all_in "$2"
    check "$run: windows and tickets have taken everything" \
        until_true 120 settled "$run" "$2"
    "$thapcanh" tickets export -c "$TEST_DIR/$run.yml" |
        faults exported /dev/stdin >"$TEST_DIR/$run.tickets"
    for ((i = 2; i <= $4; i++)); do
        end "$run$i"
    done
    end "$run"
    found "$run" >"$TEST_DIR/$run.found"
    faults meaning "$TEST_DIR/$run.found" >"$TEST_DIR/$run.incidents"
    faults short "$TEST_DIR/$run.found" >"$TEST_DIR/$run.short"
}

same_as_sorted() { # same_as_sorted RUN SENTENCE
    same_file "$2: the same incidents" "$TEST_DIR/sorted.incidents" \
        "$TEST_DIR/$1.incidents"
    same_file "$2: the same tickets" "$TEST_DIR/sorted.tickets" \
        "$TEST_DIR/$1.tickets"
}

files 0 0
serve sorted 0 0 1 4 4
check "there are incidents" test -s "$TEST_DIR/sorted.incidents"
check "of correlations too" grep -qv '"rule":"floor"' \
    "$TEST_DIR/sorted.incidents"
for i in 1 2 3 4; do
    check "and of chained ones, $i" grep -q "00000000000$i" \
        "$TEST_DIR/sorted.incidents"
done

files 1 "$jitter_ms"
printf '%d alerts, %d of them moved\n' "$n_alerts" \
    "$(diff "$TEST_DIR"/{0,1}.endpoint | grep -c '^>')"
serve two 1 1 2 1 1
same_as_sorted two "shuffled, 2 processes, 1 partition, 1 of windows"

files 2 "$jitter_ms"
serve three 2 2 split 3 7
same_as_sorted three "shuffled, a process a stage, 3 partitions, 7 of windows"

files 3 "$jitter_ms"
serve four 3 3 4 8 16
same_as_sorted four "shuffled, 4 processes, 8 partitions, 16 of windows"

# --- replay, of the files in order and shuffled

replay() { # replay SEED WORD…
    "$thapcanh" replay --rules "$rules" --sources deploy/sources \
        --inventory deploy/inventory/ninhthuan.yml --tickets "$tickets" \
        --suppressions "$TEST_DIR/suppressions.yml" "${@:2}" \
        "ajiant=$TEST_DIR/$1.endpoint" "cycir=$TEST_DIR/$1.server"
}
for seed in 0 3; do
    replay "$seed" --as incidents | faults replayed /dev/stdin \
        >"$TEST_DIR/$seed.replayed"
    same_file "replay of order $seed: the incidents of the service" \
        "$TEST_DIR/sorted.short" "$TEST_DIR/$seed.replayed"
    replay "$seed" --as tickets | faults exported /dev/stdin \
        >"$TEST_DIR/$seed.exported"
    same_file "replay of order $seed: the tickets of the service" \
        "$TEST_DIR/sorted.tickets" "$TEST_DIR/$seed.exported"
done
