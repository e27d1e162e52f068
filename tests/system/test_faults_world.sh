#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is around the service goes wrong: the clocks are stepped by an hour both
# ways, the disk of Redis or of Kafka is full, records that were read are gone,
# the input topics are made anew: in the end all is as in an undisturbed run.
. "$(dirname "$0")/faults.sh"

make -s -j"$(nproc)" faults
says() { # RUN PATTERN: status does, also when it is not well
    local words
    words=$("$thapcanh" status -c "$TEST_DIR/$1.yml" 2>&1) || true
    grep -qE "$2" <<<"$words"
}

input "$(pick 0.03 0.4)"
calm

# --- the clocks of the service, of Redis and of Kafka, by an hour both ways
export CLOCK_STEP=$TEST_DIR/clock.step
head -c 8 /dev/zero >"$CLOCK_STEP"
step() { # SECONDS
    tell "the clocks are off by $1 s, $(in_redis 1) alerts are in"
    perl -e 'print pack "q<", $ARGV[0]' -- "$1" |
        dd of="$CLOCK_STEP" conv=notrunc status=none
}
stepping() { LD_PRELOAD=$PWD/build/clock_step.so "$@"; }
redis stop
kafka stop
stepping redis start
stepping kafka start
config clock 1
environment=("LD_PRELOAD=$PWD/build/clock_step.so")
begin clock
environment=()
for ((n = 1; n <= $(pick 2 12); n++)); do
    for by in 3600 -3600 0; do
        draw 1 9
        sleep "0.$drawn"
        step "$by"
    done
    redis cli -n 1 flushdb # so that there is work again
done
step 3600
come_to_an_end clock 1 "with clocks that were stepped"
check "people work on its tickets" work_on clock 1
step -3600
sleep "$(pick 2 30)"
come_to_an_end clock 1 "an hour back after people's work"
end clock
step 0
compare clock 1 "clocks stepped by an hour both ways"
redis stop
kafka stop
unset CLOCK_STEP
redis start
kafka start

# --- no room on a disk: tmpfs of our own, filled by a file beside
disk=$TEST_DIR/disk
mkdir "$disk"
trap 'umount -l "$disk" "$KAFKA_DIR/data" 2>/dev/null || true' EXIT
if ! mount -t tmpfs -o size=192m none "$disk"; then
    skip "no room on a disk: a tmpfs cannot be mounted here"
else
    fill() { head -c 1G /dev/zero >"$1/ballast" 2>/dev/null || true; }
    main_redis=$REDIS_DIR main_address=$REDIS
    config roomless 2
    REDIS_DIR=$disk/redis
    redis start
    REDIS=$(cat "$REDIS_DIR/address")
    begin roomless
    for ((n = 1; n <= $(pick 2 10); n++)); do
        draw 100 $((n_alerts / 2))
        reach 2 "$drawn"
        fill "$disk"
        check "Redis' disk is full: status says so" until_true 30 \
            says roomless 'redis is away'
        rm "$disk/ballast"
        redis cli -n 2 flushdb
    done
    come_to_an_end roomless 2 "Redis had no room"
    check "people work on its tickets" work_on roomless 2
    end roomless
    compare roomless 2 "no room on the disk of Redis"
    redis stop
    REDIS_DIR=$main_redis REDIS=$main_address
    umount "$disk"

    kafka stop
    size=$(du -sm "$KAFKA_DIR/data" | cut -f1)
    mv "$KAFKA_DIR/data" "$KAFKA_DIR/data.moved"
    mkdir "$KAFKA_DIR/data"
    mount -t tmpfs -o size=$((size + 96))m none "$KAFKA_DIR/data"
    cp -a "$KAFKA_DIR/data.moved/." "$KAFKA_DIR/data"
    rm -rf "$KAFKA_DIR/data.moved"
    kafka start
    config topics_full 3
    begin topics_full
    reach 3 100
    fill "$KAFKA_DIR/data"
    kafka_gone() { ! kafka running; }
    check "a broker without room ends" until_true 60 kafka_gone
    rm "$KAFKA_DIR/data/ballast"
    kafka start
    come_to_an_end topics_full 3 "Kafka had no room"
    check "people work on its tickets" work_on topics_full 3
    end topics_full
    compare topics_full 3 "no room on the disk of Kafka"
fi

# --- records that have been read are deleted while it is down
config deleted 4
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
reach 4 $((n_alerts / 4))
end deleted KILL
for topic in $endpoint $server; do
    for ((p = 0; p < partitions; p++)); do
        offset=$(marker_of 4 $topic $p)
        [[ -z $offset ]] || printf '%s %d %d\n' $topic $p "$offset"
    done
done | delete_below
begin deleted
come_to_an_end deleted 4 "what was read is gone"
check "people work on its tickets" work_on deleted 4
end deleted
compare deleted 4 "records deleted that had been read"

# --- records are deleted that have not been read: an offset out of range
endpoint=range-endpoint server=range-server
kafka topic $endpoint $partitions
kafka topic $server $partitions
config range 5
put() { # ENDPOINT-FILE SERVER-FILE
    "$thapcanh" produce -c "$TEST_DIR/calm.yml" --topic $endpoint \
        --key agent.hostname "$1"
    "$thapcanh" produce -c "$TEST_DIR/calm.yml" --topic $server \
        --key server.name "$2"
}
put "$TEST_DIR/endpoint-alerts.ndjson" "$TEST_DIR/server-alerts.ndjson"
begin range
reach 5 100
end range KILL
offset=$(marker_of 5 $endpoint 0)
printf '%s 0 %d\n' $endpoint $((offset + 7)) | delete_below
begin range
check "an offset out of range: the partition stops, and says how many are gone" \
    until_true 30 says range "$endpoint/0 stopped: 7 records were deleted"
end range
check "an operator lets it go on" "$thapcanh" rebuild -c "$TEST_DIR/range.yml" \
    --topic $endpoint --partition 0 --from beginning
begin range
n_alerts=$((n_alerts - 7))
check "out of range: all but those are counted" until_true 120 all_in 5
n_alerts=$((n_alerts + 7))
end range

# --- the input topics are made anew, with what comes later
endpoint=new-endpoint server=new-server
halves() { # FILE: its first and its second half
    local n
    n=$(wc -l <"$1")
    head -n $((n / 2)) "$1" >"$1.first"
    tail -n +$((n / 2 + 1)) "$1" >"$1.second"
}
halves "$TEST_DIR/endpoint-alerts.ndjson"
halves "$TEST_DIR/server-alerts.ndjson"
all=$n_alerts
n_alerts=$(cat "$TEST_DIR"/{endpoint,server}-alerts.ndjson.first | wc -l)
make_topics() {
    kafka topic $endpoint $partitions
    kafka topic $server $partitions
}
make_topics
put "$TEST_DIR"/{endpoint,server}-alerts.ndjson.first
config renewed 6
begin renewed
# and not longer: when it has been idle for 10 s, the time is now
check "the first half is counted" until_true 60 all_in 6
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
come_to_an_end renewed 6 "topics made anew"
check "people work on its tickets" work_on renewed 6
end renewed
dump renewed 6
faults meaning "$TEST_DIR/calm.found" >"$TEST_DIR/calm.meaning"
faults meaning "$TEST_DIR/renewed.found" >"$TEST_DIR/renewed.meaning"
same_file "topics made anew: the same incidents" \
    "$TEST_DIR/calm.meaning" "$TEST_DIR/renewed.meaning"
same_file "the same tickets" "$TEST_DIR/calm.exported" "$TEST_DIR/renewed.exported"
same_file "what people did" "$TEST_DIR/calm.history" "$TEST_DIR/renewed.history"
