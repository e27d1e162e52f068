#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Each call to Redis, each reply of Redis, each record for Kafka and each
# allocation of a small run fails, in each stage: the first, the second, and so
# on, until the run comes to its end before there is another. A stage and a
# kind of failure have a lane of their own, with topics, groups and a Redis
# database: in it the other stages run undisturbed; this one is started again
# and again, each time with new alerts before it and one number higher, and
# killed when all is through. In the end all is as in a run of the same alerts
# without faults. The short form takes every STEPth number, from one drawn by
# lot on; the long one takes all.
# long
. "$(dirname "$0")/faults.sh"

make -s -j"$(nproc)" faults
partitions=1 windows=1
make_rules
printf 'suppressions: []\n' >"$TEST_DIR/suppressions.yml"

ask() { # DATABASE WORD…: Redis, without a script between
    case $REDIS in
    /*) redis-cli -s "$REDIS" -n "$@" ;;
    *) redis-cli -h "${REDIS%:*}" -p "${REDIS##*:}" -n "$@" ;;
    esac
}

# --- a lane

# portion: one more alert on each topic, and one more incident of them.
portion() {
    local at_ms
    n_portions=$((n_portions + 1))
    n_alerts=$((2 * n_portions))
    at_ms=$((1709251200000 + n_portions * 60000))
    put "$(printf '{"alert_id":"E-%d","detect_time":"%(%F %T)T.000","severity":"LOW","status":"NEW","rule":{"id":"EACH","name":"EACH"},"agent":{"hostname":"PC-%d"}}' \
        "$n_portions" $((at_ms / 1000 + 25200)) "$n_portions")" \
        "$(printf '{"case_id":"E-%d","revision":1,"occurred_at":%d,"severity":"Nghiêm trọng","status":"new","verdict":"","rule_id":"EACH","rule_name":"EACH","server":{"name":"SRV-EACH-%d"}}' \
            "$n_portions" "$at_ms" "$n_portions")"
}
put() { # ENDPOINT-LINES SERVER-LINES
    "$thapcanh" produce -c "$TEST_DIR/$run.yml" --topic "$endpoint" --create 1 \
        --key agent.hostname - <<<"$1" &&
        "$thapcanh" produce -c "$TEST_DIR/$run.yml" --topic "$server" \
            --create 1 --key server.name - <<<"$2"
} >/dev/null 2>&1

n_in_redis() { # of alerts that are counted, and of incidents that are taken
    local topic
    for topic in "$endpoint" "$server"; do
        ask "$database" hvals "tc:{ingest/$topic/0}:books"
    done | awk '{s += $1} END {printf "%d ", s}'
    ask "$database" hlen "tc:{respond/$run.journal/0}:incidents"
}
through() { [[ $(n_in_redis) == "$n_alerts $n_portions" ]]; }
happened() { grep -q "fault: fails: $kind number $n\$" "$TEST_DIR/$run.log"; }
over() { happened || through; }

# The Nth fails: true if there was one.
fails() {
    : >"$TEST_DIR/$run.log"
    ! through || portion || not_ok "$run: its input can be written"
    environment=("THAPCANH_FAULT=fails:$kind:$n") program=$faulty
    begin "$run" "$run" --only "$stage"
    environment=() program=$thapcanh
    until_true "$patience" over || not_ok "$run $n: neither has it failed nor is all through"
    # What is committed after all is through comes at once, or by the clock.
    happened || sleep 0.3
    if happened && [[ $kind == memory ]]; then
        wait "${pid[$run]}" || true
    elif happened; then
        until_true "$patience" through || not_ok "$run $n failed: it does not go on"
        ! ended "$run" || not_ok "$run $n failed: the process has ended"
    fi
    end "$run" KILL
    happened
}

others_of() {
    local other
    for other in ingest correlate respond; do
        [[ $other == "$stage" ]] || printf -- '--only %s ' "$other"
    done
    printf '\n'
}

lane() { # STAGE KIND
    local stage=$1 kind=$2 run=$1-$2 endpoint=$1-$2-e server=$1-$2-s n=1
    local n_portions=0 n_failed=0 first others program=$thapcanh
    config "$run" "$database"
    for ((n = 1; n <= 3; n++)); do
        portion || not_ok "$run: its input can be written"
    done
    n=1
    read -ra others < <(others_of)
    begin "$run" "$run-others" "${others[@]}"
    if ((step > 1)); then
        draw 1 "$step"
        n=$drawn
    fi
    first=$n
    while fails; do
        n_failed=$((n_failed + 1))
        n=$((n + step))
    done
    end "$run-others"
    tell "$run: $n_failed, from $first to $((n - step)) by $step"
    check "$run: $(pick "some have" "each has") failed" test "$n_failed" -gt 0
    finish "$run"
}

# The last alerts close all windows; then what the lane has left is compared
# with what an undisturbed run over the same topics leaves.
finish() { # RUN
    local lines
    lines=$(closing)
    put "$(grep alert_id <<<"$lines")" "$(grep case_id <<<"$lines")"
    n_alerts=$((n_alerts + $(wc -l <<<"$lines")))
    begin "$1"
    come_to_an_end "$1" "$database" "$1 in turn"
    check "people work on its tickets" work_on "$1" "$database"
    end "$1"
    dump "$1" "$database"
    calm=calm-$1
    config "$calm" $((database + 1))
    begin "$calm"
    come_to_an_end "$calm" $((database + 1)) "$1 undisturbed"
    check "people work on its tickets" work_on "$calm" $((database + 1))
    end "$calm"
    dump "$calm" $((database + 1))
    same "$1: as many tickets as there were incidents" "$n_portions" \
        "$(wc -l <"$TEST_DIR/$calm.exported")"
    same_run "$1 failed in turn" "$1"
}

# --- some lanes at a time, each in a shell of its own

faulty=$PWD/build/thapcanh-faults
lanes=()
for kind in memory produce call reply; do
    for stage in ingest respond correlate; do
        lanes+=("$stage $kind")
    done
done
at_once=6 # each has two of the sixteen databases of Redis
queue() { # FIRST: every at_once-th lane from this on
    local i
    database=$((2 * $1 + 1))
    for ((i = $1; i < ${#lanes[@]}; i += at_once)); do
        step=1
        [[ -n ${SOAK:-} || ${lanes[i]} != *memory ]] || step=7
        RANDOM=$((seed + i))
        ask "$database" flushdb
        ask $((database + 1)) flushdb
        lane ${lanes[i]}
    done
}
for ((i = 0; i < at_once; i++)); do
    queue "$i" &
    queues[i]=$!
done
for ((i = 0; i < at_once; i++)); do
    wait "${queues[i]}" || not_ok "the lanes of queue $i come to their end"
done
