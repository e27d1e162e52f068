#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Redis loses everything, or its last seconds; Kafka is killed, or away for a
# while: counts, feed, dead letters, tickets and what people did are those of an
# undisturbed run, and status says what is wrong meanwhile.
# long
. "$(dirname "$0")/faults.sh"

status() { "$thapcanh" status -c "$TEST_DIR/$1.yml" 2>&1; }
status_says() { # also when it is not well, and ends with 1
    local words
    words=$(status "$1") || true
    grep -qE "$2" <<<"$words"
}

input "$(pick 0.06 0.5)"
calm

# --- FLUSHALL while it runs (of this run's database: the others are kept)
config flushed 1
begin flushed
for ((n = 1; n <= $(pick 2 30); n++)); do
    reach 1 $((n * 3000))
    redis cli -n 1 flushdb
done
check "Redis emptied while it runs, everything is counted" until_true "$patience" all_in 1
redis cli -n 1 flushdb
check "emptied when all is read, it is restored" until_true 60 all_in 1
check "flushed: windows and tickets have taken everything" until_true "$patience" settled flushed 1
check "people work on its tickets" work_on flushed 1
redis cli -n 1 flushdb
check "emptied after people's work: windows and tickets are restored" \
    until_true "$patience" settled flushed 1
end flushed
dump flushed 1
same_run "Redis emptied" flushed

# --- Redis killed and its append-only file cut back, by bytes and by time: to
# the size it had so many seconds before
config cut 2
begin cut
for ((n = 1; n <= $(pick 1 20); n++)); do
    reach 2 $((n * 3000))
    redis kill9
    draw 1 60000
    tell "cut by $drawn bytes"
    redis cutaof "$drawn"
    check "status says that Redis is away" until_true 20 status_says cut \
        'redis is away'
    redis start
done
aof_bytes() {
    stat -c %s "$(find "$REDIS_DIR/appendonlydir" -name '*.incr.aof' |
        sort -V | tail -n 1)"
}
cut_by_seconds() { # of what was written while it works
    local was
    was=$(aof_bytes)
    sleep "$1"
    redis kill9
    tell "cut back by $1 s: $(($(aof_bytes) - was)) bytes"
    redis cutaof $(($(aof_bytes) - was))
    redis start
}
cut_by_seconds 1
check "Redis cut back by 1 s, everything is counted" until_true "$patience" all_in 2
check "cut: windows and tickets have taken everything" until_true "$patience" settled cut 2
before_people=$(aof_bytes)
check "people work on its tickets" work_on cut 2
sleep "$(pick 1 60)"
redis kill9
redis cutaof $(($(aof_bytes) - before_people))
redis start
check "cut back to before people's work: it is there again" \
    until_true "$patience" settled cut 2
cut_by_seconds "$(pick 5 60)"
check "cut back by a minute: everything is counted" until_true "$patience" all_in 2
check "and taken" until_true "$patience" settled cut 2
end cut
dump cut 2
same_run "Redis killed and cut back" cut

# --- Kafka killed, and killed and away for a while
config away 3
begin away
for ((n = 1; n <= $(pick 1 8); n++)); do
    reach 3 $((n * 1000))
    kafka kill9
    kafka start
done
kafka kill9
check "status says that Kafka is away" until_true 30 status_says away \
    'kafka is away'
sleep "$(pick 6 30)"
kafka start
check "Kafka back after a while, everything is counted" until_true "$patience" all_in 3
check "status is well again" until_true 60 status_says away '^in '
check "away: windows and tickets have taken everything" until_true "$patience" settled away 3
check "people work on its tickets" work_on away 3
kafka kill9
kafka start
check "killed after people's work: it goes on" until_true "$patience" settled away 3
end away
dump away 3
same_run "Kafka killed and away" away
