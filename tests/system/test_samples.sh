#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Real alerts pass their mappings: all of SHARED/alerts, SHARED/ait and the
# regression events of SHARED/sigma. No dead letters, no severity that no table
# knows, and every event time is the one that the samples say by other means
# (samples.py, and the labels of ait). All through `map test`; the smaller ones
# also through a real Kafka and the service.
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
samples=() # NAME MAPPING FILE of what goes through the service
n_alerts=0

if [[ ! -d ${SHARED:-}/alerts || ! -d ${SHARED:-}/ait ||
    ! -f ${SHARED:-}/sigma/regression_events.ndjson ]]; then
    skip "real alerts pass their mappings: SHARED names no folder that has them"
    exit
fi
if ! command -v python3 >/dev/null; then
    skip "real alerts pass their mappings: python3 is not here"
    exit
fi

read_by() { python3 tests/system/samples.py "$@"; }

# passes NAME MAPPING FILE EXPECTED: its times, in a file.
passes() {
    local name=$1 mapping=$2 file=$3 expected=$4 out=$TEST_DIR/$1.json
    "$thapcanh" map test --source "$mapping" --json "$file" >"$out" \
        2>"$TEST_DIR/summary" || true
    same "$name: nothing is refused, without a time or unknown" \
        "$(wc -l <"$file") alerts, 0 faults, 0 without a time, 0 of unknown severity" \
        "$(tail -n 1 "$TEST_DIR/summary" | cut -d, -f1-4)"
    read_by mapped "$out" >"$TEST_DIR/$name.got"
    same_file "$name: every event time is right" "$expected" \
        "$TEST_DIR/$name.got"
    rm -f "$out"
}

# sample NAME MAPPING FILE EXPECTED: through the service as well.
sample() {
    passes "$@"
    samples+=("$*")
    n_alerts=$((n_alerts + $(wc -l <"$3")))
}

for kind in wazuh:wazuh_insect suricata:suricata_eve; do
    file=$SHARED/alerts/${kind#*:}.ndjson
    read_by times "${kind%:*}" "$file" >"$TEST_DIR/${kind#*:}.times"
    sample "${kind#*:}" "${kind%:*}" "$file" "$TEST_DIR/${kind#*:}.times"
done

read_by events "$SHARED/sigma/regression_events.ndjson" >"$TEST_DIR/events"
read_by times windows "$TEST_DIR/events" >"$TEST_DIR/events.times"
sample regression_events windows "$TEST_DIR/events" "$TEST_DIR/events.times"

# The smaller one in order, as sensors send; the larger as it is in the file.
for site in russellmitchell:sample fox:passes; do
    dir=$TEST_DIR/${site%:*}
    order=()
    [[ $site != fox:* ]] || order=(--as-is)
    python3 "$SHARED/ait/ait.py" convert "$SHARED/ait/${site%:*}.csv.gz" \
        "$dir" "${order[@]}"
    for sensor in wazuh suricata aminer; do
        read_by labels "$dir/labels.csv" "$dir/$sensor.ndjson" \
            >"$dir/$sensor.times"
        "${site#*:}" "${site%:*}-$sensor" "$sensor" "$dir/$sensor.ndjson" \
            "$dir/$sensor.times"
    done
done

# --- the smaller ones through the service

cat >"$conf" <<END
data_dir: $TEST_DIR
sources_dir: $PWD/deploy/sources
windows: {partitions: 2}
sources:
END
for one in "${samples[@]}"; do
    read -r name mapping file _ <<<"$one"
    printf '  - {topics: %s, mapping: %s}\n' "$name" "$mapping" >>"$conf"
done
for one in "${samples[@]}"; do
    read -r name mapping file _ <<<"$one"
    kafka topic "$name" 1
    "$thapcanh" produce -c "$conf" --topic "$name" "$file"
done
"$thapcanh" run -c "$conf" >"$TEST_DIR/service.log" 2>&1 &
service=$!

books() {
    "$thapcanh" status -c "$conf" 2>/dev/null | grep -E '^in [0-9]+ = '
}
all_in() { [[ $(books) == "in $n_alerts = "* ]]; }
check "the service reads all of them" until_true 120 all_in
same "each counts, none is a dead letter" \
    "in $n_alerts = counted $n_alerts + updates 0 + duplicates 0 + dead letters 0" \
    "$(books)"
"$thapcanh" feed -c "$conf" --json --last all >"$TEST_DIR/feed"
for one in "${samples[@]}"; do
    read -r name mapping file times <<<"$one"
    read_by feed "$TEST_DIR/feed" "$name" >"$TEST_DIR/$name.fed"
    same_file "$name: every time on the feed is right" "$times" \
        "$TEST_DIR/$name.fed"
done
kill "$service"
wait "$service" || true
