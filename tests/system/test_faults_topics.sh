#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The input topics change under the service: records that were read are deleted,
# records that were not, the topics are made anew. What can be the same is.
# long
. "$(dirname "$0")/faults.sh"

says() { # RUN PATTERN: status does, also when it is not well
    local words
    words=$("$thapcanh" status -c "$TEST_DIR/$1.yml" 2>&1) || true
    grep -qE "$2" <<<"$words"
}

input "$(pick 0.03 0.4)"
calm

# --- records that have been read are deleted while it is down
config deleted 1
marker_of() { # DATABASE TOPIC PARTITION: the offset
    redis cli -n "$1" hget "tc:{ingest/$2/$3}:marker" marker | cut -d' ' -f4
}
delete_below() { # reads lines of TOPIC PARTITION OFFSET
    awk 'BEGIN { printf "{\"version\":1,\"partitions\":[" }
        { printf "%s{\"topic\":\"%s\",\"partition\":%d,\"offset\":%d}",
            (NR > 1 ? "," : ""), $1, $2, $3 }
        END { print "]}" }' >"$TEST_DIR/delete.json"
    kafka_tool DeleteRecordsCommand --offset-json-file "$TEST_DIR/delete.json"
}
begin deleted
reach 1 $((n_alerts / 4))
end deleted KILL
for topic in $endpoint $server; do
    for ((p = 0; p < partitions; p++)); do
        offset=$(marker_of 1 $topic $p)
        [[ -z $offset ]] || printf '%s %d %d\n' $topic $p "$offset"
    done
done | delete_below
begin deleted
come_to_an_end deleted 1 "what was read is gone"
check "people work on its tickets" work_on deleted 1
end deleted
compare deleted 1 "records deleted that had been read"

halves() { # FILE: its first and its second half
    local n
    n=$(wc -l <"$1")
    head -n $((n / 2)) "$1" >"$1.first"
    tail -n +$((n / 2 + 1)) "$1" >"$1.second"
}
halves "$TEST_DIR/endpoint-alerts.ndjson"
halves "$TEST_DIR/server-alerts.ndjson"
all=$n_alerts
n_first=$(cat "$TEST_DIR"/{endpoint,server}-alerts.ndjson.first | wc -l)

# --- records are deleted that have not been read: an offset out of range
endpoint=range-endpoint server=range-server
kafka topic $endpoint $partitions
kafka topic $server $partitions
config range 2
put() { # ENDPOINT-FILE SERVER-FILE
    "$thapcanh" produce -c "$TEST_DIR/calm.yml" --topic $endpoint \
        --key agent.hostname "$1"
    "$thapcanh" produce -c "$TEST_DIR/calm.yml" --topic $server \
        --key server.name "$2"
}
put "$TEST_DIR"/{endpoint,server}-alerts.ndjson.first
begin range
n_alerts=$n_first
check "the first half is read" until_true 60 all_in 2
end range KILL
put "$TEST_DIR"/{endpoint,server}-alerts.ndjson.second
offset=$(marker_of 2 $endpoint 0)
printf '%s 0 %d\n' $endpoint $((offset + 7)) | delete_below
begin range
check "an offset out of range: the partition stops, and says how many are gone" \
    until_true 30 says range "$endpoint/0 stopped: 7 records were deleted"
end range
check "an operator lets it go on" "$thapcanh" rebuild -c "$TEST_DIR/range.yml" \
    --topic $endpoint --partition 0 --from beginning
begin range
n_alerts=$((all - 7))
check "out of range: all but those are counted" until_true "$patience" all_in 2
end range

# --- the input topics are made anew, with what comes later
endpoint=new-endpoint server=new-server
n_alerts=$n_first
make_topics() {
    kafka topic $endpoint $partitions
    kafka topic $server $partitions
}
make_topics
put "$TEST_DIR"/{endpoint,server}-alerts.ndjson.first
config renewed 3
begin renewed
# and not longer: when it has been idle for 10 s, the time is now
check "the first half is counted" until_true 60 all_in 3
end renewed
for topic in $endpoint $server; do
    kafka_tool TopicCommand --delete --topic $topic
done
until_true 30 make_topics
put "$TEST_DIR"/{endpoint,server}-alerts.ndjson.second
begin renewed
check "topics made anew: the partitions stop, and say so" \
    until_true 30 says renewed 'stopped: (the log ends|another log)'
end renewed
for topic in $endpoint $server; do
    for ((p = 0; p < partitions; p++)); do
        "$thapcanh" rebuild -c "$TEST_DIR/renewed.yml" --topic $topic \
            --partition $p --from beginning
    done
done
n_alerts=$all
begin renewed
come_to_an_end renewed 3 "topics made anew"
check "people work on its tickets" work_on renewed 3
end renewed
dump renewed 3
faults meaning "$TEST_DIR/calm.found" >"$TEST_DIR/calm.meaning"
faults meaning "$TEST_DIR/renewed.found" >"$TEST_DIR/renewed.meaning"
same_file "topics made anew: the same incidents" \
    "$TEST_DIR/calm.meaning" "$TEST_DIR/renewed.meaning"
same_file "the same tickets" "$TEST_DIR/calm.exported" "$TEST_DIR/renewed.exported"
same_file "what people did" "$TEST_DIR/calm.history" "$TEST_DIR/renewed.history"
