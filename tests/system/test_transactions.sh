#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# needs: kafka redis
# A sensor that writes in transactions: their markers stand in the log as gaps
# that no reader is given. Every alert is counted, and the partition is caught
# up although its log ends with a marker.
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
n=2000
cat >"$conf" <<END
data_dir: $TEST_DIR/lib
sources_dir: $PWD/deploy/sources
inventory: $PWD/deploy/inventory/ninhthuan.yml
sources: [{topics: alerts, mapping: generic-json}]
END
kafka topic alerts 1

printf '{"id":"a","time":"2024-05-01T08:00:00Z","severity":"high","rule":"r","host":"h"}\n' \
    >"$TEST_DIR/alert"
printf 'transaction.timeout.ms=10000\nlinger.ms=0\nbatch.size=200\n' \
    >"$TEST_DIR/producer"
produce() { # 20 transactions a second
    kafka_tool_of ProducerPerformance --topic alerts --num-records "$n" \
        --throughput 1000 --payload-file "$TEST_DIR/alert" \
        --transactional-id sensor --transaction-duration-ms 50 \
        --producer.config "$TEST_DIR/producer" \
        --producer-props bootstrap.servers="$KAFKA" >"$TEST_DIR/produced" 2>&1
}
# kafka_tool names the server by an option that this tool does not have.
kafka_tool_of() {
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:TieredStopAtLevel=1 \
        -cp "$KAFKA_DIR/jars/*" "org.apache.kafka.tools.$1" "${@:2}"
}
check "a producer writes in transactions" produce

"$thapcanh" run -c "$conf" >"$TEST_DIR/service.log" 2>&1 &
service=$!
books() { redis cli hget "tc:{ingest/alerts/0}:books" "$1"; }
part() { # the alerts' partition in the status, one member
    { "$thapcanh" status -c "$conf" --json || true; } | # not well: no keys
        grep -o '"topic":"alerts","partition":0,[^{}]*' |
        sed -nE "s/.*\"$1\":(-?[0-9]+).*/\1/p"
}
all_in() { (($(redis cli hvals "tc:{ingest/alerts/0}:books" | awk '{s += $1} END {print s + 0}') >= n)); }
check "every alert is counted" until_true 60 all_in
# What status says may be a second old: of all alerts, then.
caught_up() { [[ $(part lag) == 0 ]] && (($(part committed) >= n)); }
check "it is caught up" until_true 20 caught_up
last=$(part committed)
check "the log has more offsets than alerts" test "$last" -gt "$n"
kill "$service"
wait "$service" || true
