#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the windows hold, as people see it: `windows list` and `show` read the
# state of every partition from Redis, by the ids that the feed shows, also
# after a kill -9; `replay` of the same lines ends with the same incident.
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
service=

begin() {
    "$thapcanh" run -c "$conf" >>"$TEST_DIR/service.log" 2>&1 &
    service=$!
}
windows() { "$thapcanh" windows "$1" -c "$conf" "${@:2}" 2>/dev/null; }
# Of the rule's windows: "KEY have/need events", one a line.
held() {
    windows list --rule many --json |
        sed -nE 's/.*"key":(\[[^]]*\]),"have":([0-9]+),"need":([0-9]+),.*"events":([0-9]+),.*/\1 \2\/\3 \4/p' |
        sort
}
held_is() { [[ $(held) == "$1" ]]; }
exit_code() {
    local code=0
    "$@" >/dev/null 2>&1 || code=$?
    printf '%d' "$code"
}

mkdir -p "$TEST_DIR/sources" "$TEST_DIR/rules"
cat >"$conf" <<END
data_dir: $TEST_DIR
kafka.brokers: "$KAFKA"
redis.address: "$REDIS"
sources_dir: $TEST_DIR/sources
rules: $TEST_DIR/rules
windows.partitions: 3
session.timeout: 6s
sources: [{topics: probes, mapping: probe}]
END
cat >"$TEST_DIR/sources/probe.yml" <<'END'
source: probe
product: Probe
requires: [{path: h}]
time: [{path: t, format: [iso]}]
zone: "+07:00"
fields: {vendor_severity: s, rule_name: r, host: h}
severity: [{version: "1", words: {LOW: low}}]
END
cat >"$TEST_DIR/rules/many.yml" <<'END'
title: Failed
name: failed
id: 4cba1e01-044f-5dc4-b29d-c7455dbfc55a
logsource: {category: probe}
detection: {selection: {rule_name: failed}, condition: selection}
level: low
---
title: Many
name: many
id: 88465c2f-e3a2-58e4-b86b-acf424db804e
correlation:
  type: event_count
  rules: [failed]
  group-by: [host]
  timespan: 10m
  condition: {gte: 4}
level: high
thapcanh:
  first_step: {vi: VI, en: EN}
END
long=$(printf '%2500s' '' | tr ' ' x) # an incident of more than a page
sed -i "s/{vi: VI, en: EN}/{vi: $long, en: $long}/" "$TEST_DIR/rules/many.yml"

now=$(date -u +%s)
line() { # line HOST SECONDS
    printf '{"h":"%s","t":"%s","s":"LOW","r":"failed"}\n' "$1" \
        "$(date -u -d "@$((now - 60 + $2))" +%FT%TZ)"
}
{ line PC-1 0 && line PC-2 1 && line PC-1 2 && line PC-1 3; } >"$TEST_DIR/first.ndjson"
{ line PC-1 4 && line PC-2 5 && line PC-1 6; } >"$TEST_DIR/second.ndjson"
cat "$TEST_DIR/first.ndjson" "$TEST_DIR/second.ndjson" >"$TEST_DIR/all.ndjson"
put() { "$thapcanh" produce -c "$conf" --topic probes --key h "$@"; }

put --create 2 "$TEST_DIR/first.ndjson"
begin
until_true 60 held_is '["PC-1"] 3/4 3
["PC-2"] 1/4 1' || true
same "each window says how near it is to its condition" \
    '["PC-1"] 3/4 3
["PC-2"] 1/4 1' "$(held)"
same "the window nearest to its condition stands first" '["PC-1"]' \
    "$(windows list | head -n 1 | awk '{print $NF}')"

kill -9 "$service"
wait "$service" 2>/dev/null || true
put "$TEST_DIR/second.ndjson"
begin
until_true 60 held_is '["PC-1"] 5/4 5
["PC-2"] 2/4 2' || true
same "after a kill -9 they go on where they were" '["PC-1"] 5/4 5
["PC-2"] 2/4 2' "$(held)"

said=$TEST_DIR/said.txt
id=$(windows list --rule many | head -n 1 | cut -d' ' -f1)
shown=$(windows show "$id")
has() { grep -qE "$1" <<<"$2"; }
check "a window is shown with its incident" \
    has '^incident [0-9a-f]{32}  open, revision [0-9]+, 5 alerts' "$shown"
whole() { # the incident's line, its texts as long as the rule's
    "$thapcanh" incidents -c "$conf" --json | tee "$said" |
        grep -E "\"first_step\":\{\"vi\":\"$long\",\"en\":\"$long\"\}.*\}$"
}
check "incidents prints one that is longer than a page whole" \
    until_true 30 whole
check "and with when it will be decided" \
    has '^closes    when the watermark is past 20' "$shown"
in_feed() { "$thapcanh" feed -c "$conf" --last all --json host=PC-1 | grep -q "\"windows\":\[.*\"$id\""; }
check "the feed names it" until_true 30 in_feed
# rows TITLE: of the table of status under this head: partition and figures.
rows() {
    "$thapcanh" status -c "$conf" >"$said" 2>&1 || true
    awk -v title="$1" '$1 == title {on = 1; next} !NF {on = 0} on' "$said"
}
sums() { rows "$1" | awk '{n++; a += $3; b += $4; c += $5} END {print n, a, b, c}'; }
held_by_status() { [[ $(sums windows) == "6 7 1 2" ]]; }
check "status has a table of windows: partitions of both topics, events, incidents, windows" \
    until_true 30 held_by_status
ticket_by_status() { [[ $(sums tickets) == "1 1 1 0" ]]; }
check "and one of tickets: partition, tickets, open ones, none waiting" \
    until_true 30 ticket_by_status
check "and input partitions alone in the table of alerts" \
    test "$(rows partition | grep -cE '^soc[.]')" = 0
same "a window that is not there is said to be not there" 1 \
    "$(exit_code windows show 0000000000000000)"

replayed=$("$thapcanh" replay --rules "$TEST_DIR/rules" \
    --sources "$TEST_DIR/sources" probe="$TEST_DIR/all.ndjson" 2>/dev/null)
same "replay ends with the same incident" '"count":5,"key":{"host":"PC-1"}' \
    "$(sed -nE 's/.*("key":\{[^}]*\}).*("count":[0-9]+).*/\2,\1/p' <<<"$replayed")"

kill "$service"
wait "$service" || true
redis stop
same "without Redis: exit 4" 4 "$(exit_code windows list)"
