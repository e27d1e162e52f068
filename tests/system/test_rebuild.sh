#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Another cluster under the same address: the partitions stop, loudly, and what
# was counted stays; `rebuild` starts one on the new log, and what is read
# from there on is not taken for a repeat (STREAM 6, 7).
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
said=$TEST_DIR/said.txt

mkdir -p "$TEST_DIR/sources"
cat >"$conf" <<END
data_dir: $TEST_DIR
sources_dir: $TEST_DIR/sources
windows: {partitions: 2}
sources: [{topics: probes, mapping: probe}]
END
cat >"$TEST_DIR/sources/probe.yml" <<END
source: probe
product: Probe
time: [{path: t, format: [epoch]}]
fields: {vendor_id: id, vendor_severity: s, rule_name: r, host: h}
severity: [{version: "1", words: {LOW: low}}]
END

begin() {
    "$thapcanh" run -c "$conf" >>"$TEST_DIR/service.log" 2>&1 &
    service=$!
}
end() {
    kill "$service"
    wait "$service" || true
}
put() { # put N: that many alerts
    local i
    for ((i = 0; i < $1; i++)); do
        printf '{"id":"%d","t":1709623400,"h":"h","r":"R","s":"LOW"}\n' "$i"
    done >"$TEST_DIR/alerts"
    "$thapcanh" produce -c "$conf" --topic probes --key h "$TEST_DIR/alerts"
}
says() {
    "$thapcanh" status -c "$conf" >"$said" 2>&1 || true
    grep -qE "$1" "$said"
}
rebuild() {
    "$thapcanh" rebuild -c "$conf" --topic probes --partition 0 "$@"
}

kafka topic probes 1
begin
put 3
check "three alerts are counted" until_true 60 says '^in 3 = counted 3 '
end

kafka stop
rm -rf "$KAFKA_DIR/data"
kafka start
kafka topic probes 1
put 2
begin
check "on another cluster the partition stops, with the reason" \
    until_true 60 says '^! probes/0 stopped: .*cluster'
check "and nothing of it is counted" says '^in 3 = counted 3 |^in 0 = '
total() {
    "$thapcanh" counts -c "$conf" --from 2024-03 --to 2024-03 --json |
        grep -oE '"n":[0-9]+' || true
}
same "what was counted stays" '"n":3' "$(total)"
end

check "rebuild puts it on the new log" rebuild --from beginning
begin
check "all of which is counted, too" until_true 60 says '^probes/0 +running'
total_is() { [[ $(total) == "$1" ]]; }
check "and is no repeat" until_true 60 total_is '"n":5'
check "and the books hold" until_true 60 says \
    '^in 5 = counted 5 \+ updates 0 \+ duplicates 0 \+ dead letters 0$'
end
