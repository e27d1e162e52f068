#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The process dies at each named point of the stage loop (base/fault.h), in each
# stage that passes it, the first time and a later time it is passed; one
# process for each stage, so that each has all its input before it. Then a call
# to Redis, a reply of Redis, a record for Kafka and an allocation fails, of
# those that come later than any in test_faults_each.sh, drawn by lot.
# long
. "$(dirname "$0")/faults.sh"

make -s -j"$(nproc)" faults
points=$(sed -nE '/define FAULT_POINTS/,/^enum/s/.*X\(([a-z_]+), "([a-z ]*)"\).*/\1 \2/p' \
    include/base/fault.h)

input "$(pick 0.03 0.3)"
calm
config points 1

# What a point needs that does not happen by itself.
before() { # STAGE POINT: before the start
    case $2 in
    storing | stored) # the state is restored when Redis has lost it
        redis cli -n 1 --raw eval \
            "for _, k in ipairs(redis.call('KEYS', 'tc:{$1/*')) do redis.call('DEL', k) end" 0
        ;;
    esac
}
during() { # STAGE POINT: again and again until it has died
    local key
    case $2 in
    refused) # somebody else's claim
        while read -r key; do
            redis cli -n 1 hset "$key" claim 1
        done < <(redis cli -n 1 --raw keys "tc:{$1/*:marker")
        ;;
    swapping | swapped) kill -HUP "${pid[points]}" ;;
    saving | saved | leaving | stopping) kill -TERM "${pid[points]}" ;;
    esac 2>/dev/null >&2 || true
}
# STAGE has begun on a partition since the log had so many BYTES.
working() {
    tail -c "+$(($2 + 1))" "$TEST_DIR/points.log" |
        grep -qE " $1/.*: from offset"
}
log_bytes() { stat -c %s "$TEST_DIR/points.log" 2>/dev/null || printf 0; }

n_died() { grep -c "fault: $1: killed at $2, " "$TEST_DIR/points.log" || true; }

die_at() { # STAGE POINT NTH
    local before tries from most
    most=$(pick 300 3000)
    before=$(n_died "$1" "$2")
    before "$1" "$2" >/dev/null
    from=$(log_bytes)
    environment=("THAPCANH_FAULT=$1:$2:$3")
    begin points points --only "$1"
    for ((tries = 0; tries < most; tries++)); do
        ended points && break
        # it has had the time to take its partitions
        ((tries < 8 || tries % 4)) || ! working "$1" "$from" ||
            during "$1" "$2"
        sleep 0.1
    done
    ended points || end points KILL
    wait "${pid[points]}" 2>/dev/null || true
    environment=()
    if (($(n_died "$1" "$2") == before)); then
        not_ok "$1 never came to the point $2 for the ${3}th time"
        missed=1
    fi
}

program=$PWD/build/thapcanh-faults
for stage in ingest correlate respond; do
    missed='' n=0
    # What needs something unread first, then those that come anyway.
    for point in queueing computed saving saved $(cut -d' ' -f1 <<<"$points"); do
        grep -qE "^$point .*$stage" <<<"$points" || continue
        case $point in
        queueing | computed) # respond has as many as there are incidents
            if [[ $stage == respond ]]; then
                draw 2 "$(pick 6 50)"
            else
                draw 2 "$(pick 30 1000)"
            fi
            ;;
        closed | committing | sent | answered | committed) draw 2 "$(pick 4 20)" ;;
        *) drawn=1 ;;
        esac
        for nth in 1 $drawn; do
            ((nth > 1 || drawn == 1)) || continue # in the short form once
            tell "$stage dies at $point, passed $nth times"
            die_at "$stage" "$point" "$nth"
            n=$((n + 1))
            [[ -n ${SOAK:-} ]] || break
        done
    done
    [[ -n $missed ]] || ok "$stage has died at $n points of its loop"
done
program=$thapcanh
begin points
come_to_an_end points 1 "after all of them"
check "people work on its tickets" work_on points 1
end points
compare points 1 "killed at every point"

# --- one fails

config turns 2
happened() { grep -q "fault: fails: $1 number $2\$" "$TEST_DIR/turns.log"; }
over() { ended turns || happened "$@"; }
fail_nth() { # KIND N
    : >"$TEST_DIR/turns.log"
    environment=("THAPCANH_FAULT=fails:$1:$2")
    begin turns
    environment=()
    until_true 10 over "$1" "$2" || true
    if ! happened "$1" "$2"; then
        not_ok "there is a $1 number $2"
    elif [[ $1 != memory ]]; then
        sleep "0.$((RANDOM % 5))" # it goes on, for a while
        ! ended turns || not_ok "the process has ended when $1 $2 failed"
    fi
    end turns KILL
}
program=$PWD/build/thapcanh-faults
for kind in call reply produce memory; do
    for ((i = 0; i < $(pick 3 50); i++)); do
        draw 30 "$(pick 100 400)"
        tell "$kind $drawn fails"
        fail_nth "$kind" "$drawn"
    done
    ok "$i times a $kind has failed"
done
program=$thapcanh
begin turns
come_to_an_end turns 2 "what failed"
check "people work on its tickets" work_on turns 2
end turns
compare turns 2 "calls, replies, records and memory failed"
