#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The process dies anywhere, is stopped, is joined and left by others: counts,
# feed, open dead letters, incidents, tickets and what people did to them are
# those of an undisturbed run. Long: 200 deaths in a million alerts, storms of
# one to eight members.
# long
. "$(dirname "$0")/faults.sh"

make -s -j"$(nproc)" faults
input "$(pick 0.05 1.72)"
((n_alerts >= $(pick 25000 1000000))) ||
    not_ok "there are only $n_alerts alerts"
calm

# --- kill -9: at a place of the loop drawn by lot, or at a moment drawn by lot
config killed 1
marker() { # how far the windows and the tickets are, and by which commit
    redis cli -n 1 hget "tc:{correlate/killed.windows/0}:marker" marker
    redis cli -n 1 hget "tc:{respond/killed.journal/0}:marker" marker
}
has_worked() { # since BEFORE alerts and MARKER
    { all_in 1 || some_in 1 "$1"; } && [[ $(marker) != "$2" ]]
}
places=(ingest:queueing:6000 ingest:computed:5000 ingest:closed:9
    ingest:committing:9 ingest:sent:9 ingest:committed:9
    correlate:queueing:40 correlate:computed:3000 correlate:sent:9
    respond:queueing:60 respond:computed:60 respond:sent:9 respond:acted:9)
kill_at_a_place() {
    local place most tries
    draw 0 $((${#places[@]} - 1))
    place=${places[drawn]}
    most=${place##*:}
    draw 1 "$most"
    tell "death $n: at ${place%:*}, passed $drawn times"
    environment=("THAPCANH_FAULT=${place%:*}:$drawn")
    program=$PWD/build/thapcanh-faults
    begin killed
    for ((tries = 0; tries < 60; tries++)); do
        ended killed && break
        sleep 0.1
    done
    environment=() program=$thapcanh
    ended killed || end killed KILL # it has no such work left
    wait "${pid[killed]}" 2>/dev/null || true
}
kill_at_a_moment() {
    local pause
    draw 0 400
    printf -v pause '0.%03d' "$drawn"
    tell "death $n: $pause s after its first commit"
    begin killed
    # it has committed something more, so that each kill hits a run under way
    until_true "$patience" has_worked "$(in_redis 1)" "$(marker)" ||
        not_ok "started for the ${n}th time, it works"
    sleep "$pause"
    end killed KILL
}
n_deaths=$(pick 12 200)
for ((n = 1; n <= n_deaths; n++)); do
    draw 0 2
    if ((drawn == 0)); then kill_at_a_moment; else kill_at_a_place; fi
    if ((n == n_deaths / 2)); then
        tell "half of them: $(in_redis 1) of $n_alerts alerts are in"
    fi
done
begin killed
come_to_an_end killed 1 "killed $n_deaths times"
check "people work on its tickets" work_on killed 1
end killed KILL
begin killed
come_to_an_end killed 1 "and once more, after people's work"
end killed
compare killed 1 "kill -9, $n_deaths times"

# --- SIGSTOP past the session time-out while a second one takes over
for ((n = 1; n <= $(pick 1 8); n++)); do
    run=frozen$n
    redis cli -n 2 flushdb
    config "$run" 2
    begin "$run"
    draw 1000 $((n_alerts / 2))
    tell "frozen when $drawn alerts are in, for the ${n}th time"
    reach 2 "$drawn"
    kill -STOP "${pid[$run]}"
    begin "$run" second
    check "a second process takes over a frozen one's work" \
        until_true "$patience" all_in 2
    kill -CONT "${pid[$run]}"
    # the thawed one has had its say: refused, or fenced
    check "the thawed one notices" until_true 30 \
        grep -qE 'refused|lost|fenced|given up' "$TEST_DIR/$run.log"
    check "frozen: windows and tickets have taken everything" \
        until_true "$patience" settled "$run" 2
    check "people work on its tickets" work_on "$run" 2
    end "$run"
    end second
    compare "$run" 2 "SIGSTOP and a second process"
done

# --- one to eight members come and go, some of them by kill -9
config storm 3
members=()
join() {
    local name=storm$((++n_joined))
    begin storm "$name"
    members+=("$name")
}
part() { # [SIGNAL]: one of them
    draw 0 $((${#members[@]} - 1))
    end "${members[drawn]}" "${1:-TERM}"
    unset "members[drawn]"
    members=("${members[@]}")
}
n_joined=0
for ((n = 1; n <= $(pick 1 12); n++)); do
    while ((${#members[@]} < 8)); do
        join
        draw 1 6
        sleep "0.$drawn"
    done
    tell "storm $n: eight members, $(in_redis 3) alerts are in"
    while ((${#members[@]} > 1)); do
        draw 0 3
        case $drawn in
        0) ((${#members[@]} == 8)) || join ;;
        1) part KILL ;;
        *) part ;;
        esac
        draw 1 9
        sleep "0.$drawn"
    done
done
come_to_an_end storm 3 "one to eight members"
check "people work on its tickets" work_on storm 3
part
compare storm 3 "members that come and go"

# --- two processes of one name: Kafka lets the newer one have it
config twins 4
begin twins
reach 4 1000
sed "s|^data_dir: .*|data_dir: $TEST_DIR/twin|" "$TEST_DIR/twins.member.yml" \
    >"$TEST_DIR/twin.yml"
"$thapcanh" run -c "$TEST_DIR/twin.yml" >"$TEST_DIR/twin.log" 2>&1 &
pid[twin]=$!
one_ended() { ended twins || ended twin; }
check "two of one name: one of them ends" until_true 60 one_ended
check "and says why" \
    grep -q "another process is the instance 'twins-0'" "$TEST_DIR"/twin{,s}.log
end twin
end twins
begin twins
come_to_an_end twins 4 "two of one name"
check "people work on its tickets" work_on twins 4
end twins
compare twins 4 "two of one name"
