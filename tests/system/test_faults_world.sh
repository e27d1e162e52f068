#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is around the service goes wrong: the clocks are stepped by an hour both
# ways, the disk of Redis or of Kafka is full: in the end all is as in an
# undisturbed run.
#
# In a mount namespace of its own where there is one: what is mounted here is
# seen nowhere else, and gone when the test is, however it ends.
# long
if [[ -z ${MOUNTS:-} ]]; then
    as_root=()
    ((EUID == 0)) || as_root=(-r)
    if unshare "${as_root[@]}" -m true 2>/dev/null; then
        MOUNTS=own exec unshare "${as_root[@]}" -m bash "$0"
    fi
fi
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
for ((n = 1; n <= $(pick 1 12); n++)); do
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
if [[ -z ${MOUNTS:-} ]] || ! mount -t tmpfs -o size=192m none "$disk"; then
    skip "no room on a disk: a tmpfs cannot be mounted here"
else
    fill() { head -c 1G /dev/zero >"$1/ballast" 2>/dev/null || true; }
    main_redis=$REDIS_DIR main_address=$REDIS
    config roomless 2
    REDIS_DIR=$disk/redis
    redis start
    REDIS=$(cat "$REDIS_DIR/address")
    begin roomless
    for ((n = 1; n <= $(pick 1 10); n++)); do
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
