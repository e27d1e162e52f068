#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rules of the stage loop on a real Kafka and Redis: what a marker finds when
# it comes back (6), an operator's new incarnation (7), outputs that no topic
# takes (8), Kafka's clock (12), a new mapping under load (21), snapshots (22),
# outputs that came twice (30).
# long
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
log=$TEST_DIR/service.log
service=

# mapping WORD: what severity the sensors' HIGH is.
mapping() {
    cat >"$TEST_DIR/sources/probe.yml.new" <<END
source: probe
product: Probe
requires: [{path: id}]
time: [{path: t, format: [epoch]}]
zone: "+07:00"
fields: {vendor_id: id, vendor_severity: s, rule_name: r, host: h, message: m}
severity: [{version: "1", words: {HIGH: $1}}]
END
    mv "$TEST_DIR/sources/probe.yml.new" "$TEST_DIR/sources/probe.yml"
}

begin() {
    "$thapcanh" run -c "$conf" >>"$log" 2>&1 &
    service=$!
}
end() { # end [SIGNAL]
    kill "-${1:-TERM}" "$service"
    wait "$service" || true
}
hup() { kill -HUP "$service"; }

status() { "$thapcanh" status -c "$conf" 2>&1; }
exit_code() { # of a command
    local code=0
    "$@" >/dev/null 2>&1 || code=$?
    printf '%d' "$code"
}
is_well() { [[ $(exit_code status) == 0 ]]; }
all_run() { [[ $(status | grep -cE '^(probes|others)/[0-9]+ +running ') == 3 ]]; }
# says PATTERN: status does, also when it is not well.
says() {
    local words
    words=$(status) || true
    grep -qE "$1" <<<"$words"
}
logged() { grep -qE "$1" "$log"; }

# "in = counted updates duplicates dead-letters", as status has them.
books() {
    status |
        sed -nE 's/^in ([0-9]+) = counted ([0-9]+) \+ updates ([0-9]+) \+ duplicates ([0-9]+) \+ dead letters ([0-9]+)$/\1 = \2 \3 \4 \5/p'
}
books_are() { [[ $(books) == "$1" ]]; }
same_books() { # same_books SENTENCE BOOKS: waits for them.
    until_true 60 books_are "$2" || true
    same "$1" "$2" "$(books)"
}

feed() { "$thapcanh" feed -c "$conf" --json --last all; }
n_feed() { feed | wc -l; }
n_feed_is() { [[ $(n_feed) == "$1" ]]; }
letters() { "$thapcanh" deadletter list -c "$conf" --json; }
n_letters_is() { [[ $(letters | wc -l) == "$1" ]]; }
# How many records a topic has, whatever is in them.
n_records() {
    kafka_tool GetOffsetShell --topic "$1" | awk -F: '{n += $3} END {print n}'
}
# member TOPIC/PARTITION NAME: a number of the partition's status.
member() {
    "$thapcanh" status -c "$conf" --json 2>/dev/null |
        tr -d '\n' | sed 's/{"topic":/\n&/g' |
        grep -F "{\"topic\":\"${1%/*}\",\"partition\":${1#*/}," |
        grep -oE "\"$2\":-?[0-9]+" | cut -d: -f2 || true
}

# alert ID [MESSAGE]; alerts FROM TO
alert() {
    printf '{"id":"%s","t":1709623400,"s":"HIGH","r":"Rule","h":"host%s","m":"%s"}\n' \
        "$1" "$(($1 % 7))" "${2:-}"
}
alerts() {
    seq "$1" $(($2 - 1)) | awk '{
        printf "{\"id\":\"%d\",\"t\":1709623400,\"s\":\"HIGH\",", $1
        printf "\"r\":\"Rule\",\"h\":\"host%d\",\"m\":\"\"}\n", $1 % 7
    }'
}
put() { # put TOPIC/PARTITION: lines on stdin
    cat >"$TEST_DIR/lines"
    "$thapcanh" produce -c "$conf" --topic "${1%/*}" --partition "${1#*/}" \
        "$TEST_DIR/lines"
}
# delete_below TOPIC PARTITION OFFSET: what retention does.
delete_below() {
    printf '{"version":1,"partitions":[{"topic":"%s","partition":%d,"offset":%d}]}' \
        "$1" "$2" "$3" >"$TEST_DIR/offsets.json"
    kafka_tool DeleteRecordsCommand --offset-json-file "$TEST_DIR/offsets.json"
}
delete_topic() {
    kafka_tool TopicCommand --delete --topic "$1"
    while kafka_tool TopicCommand --list | grep -qx "$1"; do
        sleep 0.2
    done
}
rebuild() { # rebuild TOPIC/PARTITION FROM
    "$thapcanh" rebuild -c "$conf" --topic "${1%/*}" --partition "${1#*/}" \
        --from "$2"
}

mkdir -p "$TEST_DIR/sources"
cat >"$conf" <<END
data_dir: $TEST_DIR
sources_dir: $TEST_DIR/sources
windows: {partitions: 2}
sources:
  - {topics: probes, mapping: probe}
  - {topics: others, mapping: probe}
END
mapping high
kafka topic probes 2
kafka topic others 1
begin
check "all partitions are taken" until_true 60 all_run

# --- 30, 4: outputs are with Kafka, their commit is not with Redis

printf '{"id":"cut off\n' | put probes/1
same_books "a broken message is a dead letter" "1 = 0 0 0 1"
redis pause
{
    printf '['
    for ((n = 1; n < 40; n++)); do printf '%s,' "$(alert $n)"; done
    printf '%s]\n' "$(alert 40)"
} | put probes/0
printf '{"id":"cut off too\n' | put probes/1
until_true 90 n_feed_is 40 || true
until_true 60 n_letters_is 2 || true
same "rule 4: what is with Kafka is not committed yet" "40 2" \
    "$(n_feed) $(letters | wc -l)"
end KILL
redis kill9 # with it goes the commit that waits in its socket
redis start
same "rule 4: the marker has not moved" "" \
    "$(redis cli hvals 'tc:{ingest/probes/0}:books')"
begin
same_books "rule 30: after a crash between the two, each is counted once" \
    "42 = 40 0 0 2"
same "rule 30: the outputs lie there twice" "80 3" \
    "$(n_records soc.alerts) $(n_records soc.deadletter)"
same "rule 30: the feed shows each once" 40 "$(n_feed)"
same "rule 30: a letter that came twice is one, seen twice" "2 1 2" \
    "$(letters | wc -l) $(letters | sort |
        grep -oE '"seen":[0-9]+' | cut -d: -f2 | paste -sd ' ')"
same "rule 30: the report's top rules count each once" 40 \
    "$("$thapcanh" report -c "$conf" --period 2024-03 --format csv |
        grep -E '(^|[^a-z])Rule([^a-z]|$)' | grep -oE '[0-9]+' | tail -n 1)"

# --- 6: the record at the marker, and what may have become of it

end
begin
check "rule 6: the same log goes on" until_true 60 all_run
alerts 100 110 | put probes/0
same_books "rule 6: from where it was" "52 = 50 0 0 2"
end
delete_below probes 0 11
begin
check "rule 6: gone, and the log starts at the marker: fine" \
    until_true 60 all_run
alerts 110 115 | put probes/0
same_books "rule 6: and it goes on" "57 = 55 0 0 2"
end
alerts 115 120 | put probes/0
delete_below probes 0 19
alerts 200 210 | put probes/1
begin
check "rule 6: the log starts above it: loudly, with the number" until_true 60 \
    says 'probes/0 stopped: 3 records were deleted before they were read'
same_books "rule 6: only that partition stops" "12 = 10 0 0 2"
same "rule 6: and status is not well" 1 "$(exit_code status)"
check "rule 6: the log says so too" logged \
    'probes/0 stopped: 3 records were deleted'
rebuild probes/0 beginning
check "rule 6: an operator starts it again" until_true 60 all_run
same_books "rule 6: with what is left" "69 = 67 0 0 2"
same "rule 7: its incarnation has risen, the others' have not" "2 1 1" \
    "$(member probes/0 incarnation) $(member probes/1 incarnation) $(
        member others/0 incarnation
    )"

alerts 300 320 | put others/0
same_books "rule 6: a topic is read" "89 = 87 0 0 2"
end
delete_topic others
kafka topic others 1
alerts 400 430 | put others/0
alerts 210 215 | put probes/1
begin
check "rule 6: made anew, and longer than before: loudly" until_true 60 \
    says 'others/0 stopped: another log under the same name'
same_books "rule 6: again only that one" "74 = 72 0 0 2"

# --- 7: on another log, and at a lower offset, nothing is a repeat

rebuild others/0 0
check "rule 7: started on the other log" until_true 60 all_run
same_books "rule 7: all of it counts" "124 = 122 0 0 2"
same "rule 7: at positions of its own" "20 30" \
    "$(feed | grep -o '"others/0/1/[0-9]*/0"' | sort -u | wc -l) $(
        feed | grep -o '"others/0/2/[0-9]*/0"' | sort -u | wc -l
    )"
rebuild others/0 20
same_books "rule 7: at a lower offset the ten count again" "134 = 132 0 0 2"
same "rule 7: and are told apart" 10 \
    "$(feed | grep -o '"others/0/3/[0-9]*/0"' | sort -u | wc -l)"

# --- 22: snapshots

end
redis cli flushall
delete_below others 0 30 # so that only a snapshot can bring it back
begin
same_books "rule 22: Redis emptied: restored from one slot" "134 = 132 0 0 2"
check "rule 22: and well" until_true 60 all_run
alerts 500 505 | put others/0
same_books "rule 22: it goes on" "139 = 137 0 0 2"
end
redis cli flushall
begin
same_books "rule 22: and from the other slot" "139 = 137 0 0 2"
check "rule 22: and well" until_true 60 all_run
alerts 505 508 | put others/0
same_books "rule 22: it goes on" "142 = 140 0 0 2"
end KILL # no snapshot on stop
marker=$(redis cli hget 'tc:{ingest/others/0}:marker' marker)
# the last piece of a snapshot that has no others; on every partition, for the
# tool cannot be told that it belongs on the first
for n in {1..16}; do
    printf 'ingest/others/0/0|1 0 77 1 1 99 %s\n' "$marker"
done | kafka_tool ConsoleProducer --topic soc.state \
    --producer-property \
    partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner \
    --property parse.key=true --property 'key.separator=|'
redis cli flushall
begin
same_books "rule 22: an incomplete newest slot is not used" "142 = 140 0 0 2"
check "rule 22: said in the log" logged \
    'ingest/others/0: the snapshot at offset 38 is not used'
check "rule 22: and well" until_true 60 all_run
end
delete_topic soc.state
redis cli flushall
begin
check "rule 22: no snapshot and no beginning: loudly" until_true 60 \
    says "others/0 stopped: nothing is known .* first 30 records are gone"
same "rule 22: and not well" 1 "$(exit_code status)"
rebuild probes/0 beginning
rebuild others/0 beginning
check "rule 22: an operator says where to begin" until_true 60 all_run
end

# --- 8: an output larger than its topic takes

sed -i '/^windows:/a topics: {alerts: small.alerts, state: new.state}' "$conf"
kafka topic small.alerts 1 max.message.bytes=20000 \
    message.timestamp.type=LogAppendTime
kafka topic large 1
sed -i 's/topics: others/topics: large/' "$conf"
redis cli flushall
{
    alerts 600 605
    alert 605 "$(head -c 75000 /dev/urandom | base64 -w 0)"
    printf '[%s,%s,%s]\n' "$(alert 606)" \
        "$(alert 607 "$(head -c 75000 /dev/urandom | base64 -w 0)")" "$(alert 608)"
    alerts 609 612
} | put large/0
begin
large_is() { # counted, dead letters
    [[ "$(member large/0 counted) $(member large/0 dead_letters)" == "$1" ]]
}
check "rule 8: an alert whose line no topic takes is counted" \
    until_true 60 large_is "12 0"
output_letters() { letters | grep -F '"reason":"output_too_large"'; }
beside() { feed | grep -o '"large/0/1/[0-9]*/[0-9]"' | sort -u | wc -l; }
# What is counted is computed; what it makes is out a moment later.
large_is_out() { [[ $(output_letters | wc -l) == 2 && $(beside) == 10 ]]; }
until_true 60 large_is_out || true
same "rule 8: and is a dead letter, with reason and position" \
    '"position":"large/0/1/5/0" "position":"large/0/1/6/0"' \
    "$(output_letters | grep -o '"position":"[^"]*"' |
        sort | paste -sd ' ')"
same "rule 8: those beside them are in the feed" 10 \
    "$(beside)"
check "rule 8: status says so" says \
    'large/0: 2 messages with an output too large'
same "rule 8: there is nothing to retry" \
    "0 dead letters sent back to where they came from" \
    "$("$thapcanh" deadletter retry -c "$conf" --reason output_too_large)"

end
sed -i 's/small.alerts/more.alerts/' "$conf" # for what is to be quick
begin

# --- 12: nothing comes any more, and the watermark moves with Kafka's clock

check "what was counted stays" until_true 60 large_is "12 0"
before=$(member large/0 watermark_ms)
later() { (($(member large/0 watermark_ms) > ${before:?no watermark} + 5000)); }
check "rule 12: caught up, it moves with Kafka's clock" until_true 60 later

# --- 21: new mappings under load, and a kill -9 in between

n=200000
alerts 1000 $((1000 + n)) >"$TEST_DIR/load"
put large/0 <"$TEST_DIR/load" >&2 &
producing=$!
n_read=0
read_again() { (($(grep -c 'read again' "$log") > n_read)); }
for ((i = 0; i < 20; i++)); do
    if ((i % 2)); then mapping high; else mapping low; fi
    hup
    until_true 30 read_again || break
    n_read=$((n_read + 1))
    ((i == 5)) || continue
    end KILL
    begin
    until_true 30 says '^large/0' # before that, SIGHUP would end it
done
wait "$producing"
same "rule 21: the files are read again as often as asked" 20 "$n_read"
check "rule 21: under load each alert counts once" until_true 120 large_is \
    "$((n + 12)) 0"
mapping critical
hup
check "rule 21: and once more" until_true 30 read_again
as_critical() { # one alert of each try
    alert $((RANDOM + 100000)) | put large/0
    [[ $("$thapcanh" counts -c "$conf" --from 2024-03 --to 2024-03 \
        --by severity --json) == *'"critical"'* ]]
}
check "rule 21: the newest mapping is the one in force" until_true 60 \
    as_critical
sed -i 's/more.alerts/other.alerts/; s/mapping: probe/mapping: probe, report: x/' \
    "$conf"
hup
check "what needs a restart is named" until_true 30 logged \
    'in force only after a restart: sources, topics.alerts$'
end
