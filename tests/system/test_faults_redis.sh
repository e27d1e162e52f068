#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Redis is full, may only be read, is replaced by a replica that lacks the last
# writes, has something else under a key, a record of a version nobody knows, or
# no room left on its disk: in the end all is as in an undisturbed run.
# long
. "$(dirname "$0")/faults.sh"

status_says() { # RUN PATTERN, also when it is not well
    local words
    words=$("$thapcanh" status -c "$TEST_DIR/$1.yml" 2>&1) || true
    grep -qE "$2" <<<"$words"
}
is_away() { status_says "$1" 'redis is away'; }

input "$(pick 0.03 0.5)"
calm

# --- full: no writes for a while
config full 1
begin full
for ((n = 1; n <= $(pick 1 20); n++)); do
    draw 100 $((n_alerts / 2))
    reach 1 "$drawn"
    redis cli config set maxmemory 1mb
    check "full: status says so" until_true 30 is_away full
    redis cli config set maxmemory 0
    redis cli -n 1 flushdb # so that there is work again
done
come_to_an_end full 1 "Redis had no memory"
check "people work on its tickets" work_on full 1
end full
compare full 1 "full memory"

# --- read-only, as a master that was demoted
config readonly 2
begin readonly
for ((n = 1; n <= $(pick 1 20); n++)); do
    draw 100 $((n_alerts / 2))
    reach 2 "$drawn"
    redis cli replicaof 127.0.0.1 1
    check "read-only: status says so" until_true 30 is_away readonly
    redis cli replicaof no one
    redis cli -n 2 flushdb
done
come_to_an_end readonly 2 "Redis could only be read"
check "people work on its tickets" work_on readonly 2
end readonly
compare readonly 2 "read-only"

# --- something else under each key of each table, then records and markers of
# an unknown version; what is there is seen when it is loaded or written
config spoilt 3
begin spoilt
come_to_an_end spoilt 3 "before anything is spoilt"
check "people work on its tickets" work_on spoilt 3
keys() { redis cli -n 3 --raw keys "tc:{*}:$1" | sort; }
take_anew() { # whoever owns a partition takes it anew
    local key
    for key in $(keys marker); do
        redis cli -n 3 hset "$key" claim 1
    done
}
tables=$(keys '*' | sed 's/.*://' | sort -u)
for table in $tables; do
    key=$(keys "$table" | sed -n 1p)
    tell "another type under $key"
    redis cli -n 3 set "$key" spoilt
    take_anew
    if [[ $table == marker ]]; then
        # nobody knows what it was: an operator takes it away
        sleep 1.5
        redis cli -n 3 del "$key"
    fi
done
come_to_an_end spoilt 3 "something else under a key of $(wc -w <<<"$tables") tables"
for table in $tables; do
    key=$(keys "$table" | sed -n 1p)
    [[ -n $key ]] || continue
    tell "an unknown version under $key"
    if [[ $table == marker ]]; then
        redis cli -n 3 hset "$key" marker "9 x 1 2 3 4"
    else
        field=$(redis cli -n 3 --raw hkeys "$key" | sed -n 1p)
        redis cli -n 3 hset "$key" "$field" $'\xff9 of a later version'
    fi
    take_anew
done
come_to_an_end spoilt 3 "records and a marker of unknown version"
end spoilt
compare spoilt 3 "wrong types and unknown versions"

# --- a replica takes over, without the last writes; the service reaches Redis
# by a socket that is now the one's and now the other's
if [[ $REDIS == /* ]]; then
    config promoted 4
    port=$((20000 + RANDOM % 12000))
    until redis cli config set port $port | grep -q OK; do
        port=$((20000 + RANDOM % 12000))
    done
    copy=$TEST_DIR/copy
    deploy/redis/redis.sh start "$copy"
    replica() { deploy/redis/redis.sh "$1" "$copy" "${@:2}"; }
    in_step() { replica cli info replication | grep -q 'master_link_status:up'; }
    replica cli replicaof 127.0.0.1 $port
    check "a replica is there" until_true 30 in_step
    first_address=$REDIS
    export REDIS=$TEST_DIR/redis.now
    ln -s "$first_address" "$REDIS"
    begin promoted
    draw 1000 $((n_alerts / 2))
    reach 4 "$drawn"
    replica pause # it falls behind
    draw 100 900
    sleep "0.$drawn"
    redis kill9
    replica resume
    replica cli replicaof no one
    ln -sfn "$copy/redis.sock" "$REDIS"
    redis() { replica "$@"; } # from here on
    come_to_an_end promoted 4 "a replica took over"
    check "people work on its tickets" work_on promoted 4
    end promoted
    compare promoted 4 "a replica promoted"
    replica stop
else
    skip "a replica promoted: Redis is not on a socket here"
fi
