#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SIGHUP and `thapcanh reload`: a changed mapping holds from then on, one with a
# mistake changes nothing and is named, and it can be done any number of times.
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
log=$TEST_DIR/service.log
n_lines=0

mkdir -p "$TEST_DIR/sources"
cat >"$conf" <<END
data_dir: $TEST_DIR
sources_dir: $TEST_DIR/sources
windows: {partitions: 2}
ingest.workers: 2
sources: [{topics: probes, mapping: probe}]
END
printf 'version: 1\nkinds: [{rule: R, kind: scan}]\n' \
    >"$TEST_DIR/sources/kinds.yaml"
mapping() { # mapping SEVERITY: what the word HIGH means
    cat >"$TEST_DIR/sources/probe.yml" <<END
source: probe
product: Probe
time: [{path: t, format: [epoch]}]
fields: {vendor_id: id, vendor_severity: s, rule_name: r, host: h}
severity: [{version: "1", words: {HIGH: $1}}]
kinds: kinds.yaml
END
}
put() { # put ID: to both partitions
    printf '{"id":"%s","t":1709623400,"h":"h","r":"R","s":"HIGH"}\n' "$1" \
        >"$TEST_DIR/alert"
    "$thapcanh" produce -c "$conf" --topic probes --key h --partition 0 \
        "$TEST_DIR/alert"
    "$thapcanh" produce -c "$conf" --topic probes --key h --partition 1 \
        "$TEST_DIR/alert"
}
counts() {
    "$thapcanh" counts -c "$conf" --from 2024-03 --to 2024-03 \
        --by severity --json | tr -d '\n'
}
counts_are() { [[ $(counts) == "$1" ]]; }
# reload TEXT: and waits for one more line of the log with it
reload() {
    n_lines=$(grep -c "$1" "$log" || true)
    kill -HUP "$service"
    until_true 30 one_more "$1"
}
one_more() { (($(grep -c "$1" "$log") > n_lines)); }
cell() { printf '{"severity":"%s","n":%d}' "$1" "$2"; }

mapping low
kafka topic probes 2
"$thapcanh" run -c "$conf" >"$log" 2>&1 &
service=$!
put a
check "before, the mapping is the old one" until_true 60 \
    counts_are "$(cell low 2)"

mapping nonsense
check "a mistake is named in the log" reload "unknown severity 'nonsense'"
check "and what stood before stays" reload 'nothing changed'
status=0
"$thapcanh" reload -c "$conf" 2>"$TEST_DIR/said" || status=$?
same "the command fails, too" 1 "$status"
check "and says where" grep -q "probe.yml:[0-9]*:[0-9]*: .*unknown severity 'nonsense'" \
    "$TEST_DIR/said"
put b
mapping low # counts reads it too; nobody tells the service
check "for what comes, too" until_true 60 counts_are "$(cell low 4)"

mapping high
check "a right one is read" reload 'read again'
swapped() { # looked at twice a second by a worker
    put "$RANDOM$RANDOM"
    [[ $(counts) == *'"high"'* ]]
}
check "and counts what comes after it" until_true 30 swapped

for ((i = 0; i < 20; i++)); do
    "$thapcanh" reload -c "$conf" || break
done
same "twenty more are no other" 20 "$i"
kill -0 "$service"
check "and it is still well" "$thapcanh" status -c "$conf"
kill "$service"
wait "$service" || true
status=0
"$thapcanh" reload -c "$conf" 2>/dev/null || status=$?
same "nobody answers any more" 4 "$status"
