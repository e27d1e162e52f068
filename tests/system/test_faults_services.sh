#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Redis loses everything, or its last second; Kafka is away for a while:
# counts, feed and dead letters are those of an undisturbed run, and status
# says what is wrong meanwhile.
. "$(dirname "$0")/faults.sh"

status() { "$thapcanh" status -c "$TEST_DIR/$1.yml" 2>&1; }
status_says() { # also when it is not well, and ends with 1
    local words
    words=$(status "$1") || true
    grep -qE "$2" <<<"$words"
}

input 0.25
calm

# --- FLUSHALL while it runs (of this run's database: the others are kept)
config flushed 1
begin flushed
for ((n = 1; n <= 3; n++)); do
    until_true 60 some_in 1 $((n * 10000)) || true
    redis cli -n 1 flushdb
done
check "Redis emptied three times, everything is counted" until_true 120 all_in 1
redis cli -n 1 flushdb
check "emptied when all is read, it is restored" until_true 60 all_in 1
check "flushed: windows and tickets have taken everything" until_true 120 settled flushed 1
end flushed
dump flushed 1
same_run "Redis emptied" flushed

# --- Redis killed and its append-only file cut back
config cut 2
begin cut
for ((n = 1; n <= 3; n++)); do
    until_true 60 some_in 2 $((n * 10000)) || true
    redis kill9
    redis cutaof 20000
    check "status says that Redis is away" until_true 20 status_says cut \
        'redis is away'
    redis start
done
check "Redis cut back three times, everything is counted" until_true 120 \
    all_in 2
check "cut: windows and tickets have taken everything" until_true 120 settled cut 2
end cut
dump cut 2
same_run "Redis killed and cut back" cut

# --- Kafka stopped for 30 s
config away 3
begin away
until_true 60 some_in 3 10000
kafka stop
check "status says that Kafka is away" until_true 30 status_says away \
    'kafka is away'
sleep 25
kafka start
check "Kafka back after 30 s, everything is counted" until_true 120 all_in 3
check "status is well again" until_true 60 status_says away '^in '
check "away: windows and tickets have taken everything" until_true 120 settled away 3
end away
dump away 3
same_run "Kafka stopped" away
