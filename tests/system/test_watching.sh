#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What people and Prometheus see of a running service: the whole page of
# /metrics is read strictly; a limit that is reached is named, with rule and
# key, in status, in /metrics, on the alert, and between the alerts of a feed
# that is followed; a window says what it waits for.
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
said=$TEST_DIR/said.txt page=$TEST_DIR/page.txt
followed=$TEST_DIR/followed.txt lines=$TEST_DIR/lines.txt

mkdir -p "$TEST_DIR/sources" "$TEST_DIR/rules"
cat >"$conf" <<END
data_dir: $TEST_DIR
kafka.brokers: "$KAFKA"
redis.address: "$REDIS"
sources_dir: $TEST_DIR/sources
rules: $TEST_DIR/rules
windows.partitions: 2
listen.address: 127.0.0.1:0
sources: [{topics: probes, mapping: probe}]
END
cat >"$TEST_DIR/sources/probe.yml" <<'END'
source: probe
product: Probe
requires: [{path: h}]
time: [{path: t, format: [epoch]}]
fields: {vendor_severity: s, rule_name: r, host: h, user: u}
severity: [{version: "1", words: {LOW: low}}]
END
rule() { # rule NAME UUID-DIGIT CORRELATION
    cat <<END
title: Seen $1
name: seen_$1
id: 4cba1e01-044f-5dc4-b29d-c7455dbfc55$2
logsource: {category: probe}
detection: {selection: {rule_name: $1}, condition: selection}
level: low
---
title: Many $1
name: many_$1
id: 88465c2f-e3a2-58e4-b86b-acf424db804$2
correlation: {rules: [seen_$1], timespan: 10m, $3}
level: high
END
}
many=88465c2f-e3a2-58e4-b86b-acf424db804
rule pair a "type: value_count, group-by: [host], condition: {gte: 3, field: user}" \
    >"$TEST_DIR/rules/pair.yml"
rule wide b "type: event_count, group-by: [p], condition: {gte: 9}" \
    >"$TEST_DIR/rules/wide.yml"
rule near c "type: event_count, group-by: [host], condition: {gte: 5}" \
    >"$TEST_DIR/rules/near.yml"

now=$(date +%s)
{
    # never hot, so it cannot be folded and is cut; then one alert with 17
    # values of p, and two of five
    perl -e 'printf qq({"h":"lab","t":%d,"s":"LOW","r":"pair","u":"u%d"}\n),
        $ARGV[0], $_ % 2 for 1 .. 6000;' $((now - 30))
    printf '{"h":"pc-1","t":%d,"s":"LOW","r":"wide","p":[%s]}\n' \
        $((now - 29)) "$(seq -s, 100 116)"
    printf '{"h":"pc-2","t":%d,"s":"LOW","r":"near"}\n' \
        $((now - 28)) $((now - 27))
} >"$TEST_DIR/all.ndjson"
"$thapcanh" produce -c "$conf" --topic probes --key h --create 2 \
    "$TEST_DIR/all.ndjson"
"$thapcanh" run -c "$conf" >>"$TEST_DIR/service.log" 2>&1 &
service=$!

# --- status

says() { # once it is well enough to answer
    "$thapcanh" status -c "$conf" "${@:2}" >"$said" 2>&1 || true
    grep -qE -- "$1" "$said"
}
check "status names rule and key of a window that was cut" until_true 60 says \
    "^window cut +${many}a +\\[\"lab\"\\] +1  20"
check "and of an alert with too many keys" until_true 30 says \
    "^too many keys +${many}b +\\[100\\] +1  20"
check "which is a trouble" says \
    "^! 1 alerts had too many keys for a rule, .*: ${many}b \\[100\\]"
check "with --json they stand in what the worker says" says \
    "\"cap\":\"keys\",\"rule\":\"${many}b\",\"key\":\"\\[100\\]\",\"n\":1" --json

# --- the feed

capped() {
    "$thapcanh" feed -c "$conf" --last all --json host=pc-1 2>/dev/null |
        grep -q "\"capped\":\\[{\"cap\":\"keys\",\"rule\":\"${many}b\",\"key\":\\[100\\]}\\]"
}
check "the alert that a rule did not get whole says so" until_true 30 capped
marked() {
    "$thapcanh" feed -c "$conf" --last all host=pc-1 2>/dev/null |
        grep -q '(quá giới hạn) wide'
}
check "and on the terminal" marked
"$thapcanh" feed -c "$conf" --follow --last 1 >"$followed" 2>"$lines" &
follower=$!
said_between() { grep -qE -- "$1" "$lines"; }
check "a feed that is followed says which window was cut" until_true 30 \
    said_between "^!! quy tắc ${many}a, \\[\"lab\"\\]: quá nhiều sự kiện.* 1 lần"
same "and nothing of it among the alerts" 0 "$(grep -c '^!!' "$followed" || true)"
kill "$follower"
wait "$follower" || true

# --- a window

shown() { "$thapcanh" windows list -c "$conf" --rule "$1" 2>/dev/null; }
window=$(shown many_near | head -n 1 | cut -d' ' -f1)
"$thapcanh" windows show -c "$conf" "$window" >"$said"
check "a window says what it has, and when it is let go" grep -qE \
    '^why       have 2 of 5 events in the 10m up to [0-9: -]+; without more it is let go when the watermark passes [0-9: -]+; the' \
    "$said"
check "in the list as well" eval 'shown many_near | grep -qE "  let go 20[0-9T:.+-]+ "'

# --- /metrics

port=$(sed -nE 's/.* listen: port ([0-9]+)$/\1/p' "$TEST_DIR/service.log")
fetch() {
    exec 5<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /metrics HTTP/1.0\r\n\r\n' >&5
    sed '1,/^\r$/d' <&5 >"$page"
    exec 5>&-
    [[ -s $page ]]
}
check "/metrics answers" fetch
check "the whole page is what Prometheus reads, and documented" \
    tests/system/metrics.pl docs/metrics.md <"$page"
value() { # value SERIES: the sum of all samples that begin like this
    awk -v head="$1" 'index($0, head) == 1 {n += $NF} END {print n + 0}' "$page"
}
same "in = counted" 6003 "$(value 'thapcanh_alerts_total{source="probe"')"
same "a limit by rule" 1 \
    "$(value "thapcanh_rule_caps_total{stage=\"correlate\",worker=\"0\",rule=\"${many}a\",cap=\"cut\"}")"
same "and one of ingest" 1 \
    "$(value "thapcanh_rule_caps_total{stage=\"ingest\",worker=\"0\",rule=\"${many}b\",cap=\"keys\"}")"
same "windows: one pair, sixteen wide, one near" 18 "$(value 'thapcanh_windows{')"
for stage in ingest correlate respond; do
    check "commits of $stage were measured" test \
        "$(value "thapcanh_commit_duration_seconds_count{stage=\"$stage\"")" -gt 0
done
check "and Kafka's acknowledgements" test \
    "$(value 'thapcanh_acknowledge_duration_seconds_count{stage="ingest"')" -gt 0
check "a responder runs" grep -q \
    '^thapcanh_partition_running{stage="respond",.*} 1$' "$page"

kill "$service"
wait "$service" || true
