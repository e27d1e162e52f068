#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tickets of this hour, while people are told of them, step by step: processes
# die, freeze and come back, Redis loses everything, Kafka is away. Nobody gets
# a second message for the same step (a repeat carries the same id), what people
# did stays done, and after each fault somebody is told in time.
# long
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
people() { python3 tests/system/people.py "$@"; }

# Told after 3 s and by the fourth step at the latest, all of them; then quiet
# for longer than this test.
mkdir -p "$TEST_DIR/sources" "$TEST_DIR/rules" "$TEST_DIR/inbox"
printf 'webhook-secret\n' >"$TEST_DIR/webhook.secret"
cat >"$TEST_DIR/escalation.yml" <<'END'
steps:
  - {tell: on-duty, wait: 3s}
  - {tell: next, wait: 3s}
  - {tell: leader, wait: 3s}
  - {tell: everyone, wait: 1h}
lease: 1h
bundle: 1s
END
cat >"$TEST_DIR/roster.yml" <<'END'
members:
  - {id: an, name: An, unit: u, contacts: {webhook: an}}
  - {id: binh, name: Bình, unit: u, contacts: {webhook: binh}}
  - {id: chau, name: Châu, unit: u, leader: true, contacts: {webhook: chau}}
  - {id: dung, name: Dung, unit: u, contacts: {webhook: dung}}
shifts:
  - {id: s, from: "00:00", to: "24:00", members: [an, binh]}
END
cat >"$TEST_DIR/sources/probe.yml" <<'END'
source: probe
product: Probe
requires: [{path: h}]
time: [{path: t, format: [iso]}]
zone: "+07:00"
fields: {vendor_severity: s, rule_name: r, host: h}
severity: [{version: "1", words: {HIGH: high}}]
END
cat >"$TEST_DIR/rules/intrusion.yml" <<'END'
title: Intrusion
id: 4cba1e01-044f-5dc4-b29d-c7455dbfc55b
logsource: {category: probe}
detection: {selection: {rule_name: intrusion}, condition: selection}
level: high
END
people receive "$TEST_DIR/inbox" "$TEST_DIR/webhook.secret" &
receiver=$!
until_true 10 test -s "$TEST_DIR/inbox/port"
cat >"$conf" <<END
data_dir: lib
sources_dir: sources
rules: rules
sources: [{topics: probes, mapping: probe}]
roster: roster.yml
escalation: escalation.yml
notify.webhook.url: http://127.0.0.1:$(cat "$TEST_DIR/inbox/port")/
notify.webhook.secret_file: webhook.secret
notify.link.url: http://127.0.0.1
listen.address: 127.0.0.1:0
windows.partitions: 2
topics.partitions.incidents: 2
END

# --- processes

declare -A pid=()
n_killed=0
begin() { # begin NAME: a process of that name
    sed "\$a instance: $1" "$conf" >"$TEST_DIR/$1.yml"
    "$thapcanh" run -c "$TEST_DIR/$1.yml" >>"$TEST_DIR/$1.log" 2>&1 &
    pid[$1]=$!
}
end() { # end NAME [SIGNAL]
    kill "-${2:-TERM}" "${pid[$1]}" 2>/dev/null || true
    wait "${pid[$1]}" 2>/dev/null || true
}
port_of() {
    sed -nE 's/.* listen: port ([0-9]+)$/\1/p' "$TEST_DIR/$1.log" | tail -n 1
}

# --- alerts, tickets, messages

alert() { # alert HOST…: one of now for each
    local host
    for host in "$@"; do
        printf '{"h":"%s","t":"%s","s":"HIGH","r":"intrusion"}\n' "$host" \
            "$(date -u +%FT%T.%3NZ)"
    done >"$TEST_DIR/alerts.ndjson"
    "$thapcanh" produce -c "$conf" --topic probes --key h \
        "$TEST_DIR/alerts.ndjson"
}
table() { redis cli hgetall "tc:{respond/soc.journal/0}:$1"; }
tickets() { table tickets | awk 'NR % 2 == 0'; }
# of HOST FIELD: of its ticket, as jq would; nothing when there is none.
of() {
    tickets | perl -MJSON::PP -e '
        my ($host, $field) = @ARGV;
        while (<STDIN>) {
            my $t = decode_json($_)->{unmapped}{ticket};
            print $t->{$field} // "", "\n" if $t->{hosts}{names}[0] eq $host;
        }' "$1" "$2"
}
# heard HOST [PERSON]: whether a page about it has arrived.
heard() {
    grep -F "\"host\": \"$1\"" "$TEST_DIR/inbox/received" 2>/dev/null |
        grep -F '"kind": "page"' | grep -qF "\"person\": \"${2:-}"
}
all_heard() { # all_heard HOST…: of the last step
    local host
    for host in "$@"; do heard "$host" dung || return 1; done
}
is_acked() { [[ $(of "$1" state) == acknowledged ]]; }
# Every message has its result.
delivered() {
    [[ $(table messages | awk 'NR % 2 == 0 && /^p/' | wc -l) == 0 ]]
}

ack_by_cli() { "$thapcanh" tickets ack -c "$conf" "$(of "$1" id)" --by "$2"; }
ask() { # ask NAME METHOD PATH: the whole answer
    exec 5<>"/dev/tcp/127.0.0.1/$(port_of "$1")"
    printf '%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n' \
        "$2" "$3" >&5
    cat <&5
    exec 5>&-
}
link_to() { # link_to PERSON HOST: the path of the link he got
    grep -F "\"host\": \"$2\"" "$TEST_DIR/inbox/received" |
        grep -F "\"person\": \"$1\"" | grep -F '"kind": "page"' | head -n 1 |
        sed -nE 's/.*"link": "http:\/\/127.0.0.1(\/a\/[^"]*)".*/\1/p'
}
status_of() { ask "$@" | sed -n '1s/^HTTP\/1.1 \([0-9]*\).*/\1/p'; }

# --- before any fault: one ticket taken by command, one by link

"$thapcanh" produce -c "$conf" --topic probes --create 2 /dev/null
begin first
well() { ask first GET /healthz | grep -q '^HTTP/1.1 200'; }
until_true 60 well || true
# One after the other: a message and its link name all that is due together.
alert CLI
check "the first on duty is told" until_true 30 heard CLI an
ack_by_cli CLI an
alert LINK
check "and of the next ticket" until_true 10 heard LINK an
link=$(link_to an LINK)
ticket=$(of LINK id)
forged=/a/$(people link "$TEST_DIR/webhook.secret" 600 an "$ticket")
expired=/a/$(people link "$TEST_DIR/lib/link.key" -1 an "$ticket")
same "a link of another's making is none" 404 "$(status_of first POST "$forged")"
same "nor is one that was altered" 404 \
    "$(status_of first POST "${link/.an./.binh.}")"
same "one that is over is refused" 410 "$(status_of first POST "$expired")"
same "a link shows its page" 200 "$(status_of first GET "$link")"
same "as often as it is opened" 200 "$(status_of first GET "$link")"
same "none of these takes the ticket" new "$(of LINK state)"
same "pressing the button does" 200 "$(status_of first POST "$link")"
check "the ticket is acknowledged" until_true 10 is_acked LINK
same "by him" an "$(of LINK acked_by)"
same "pressing it again is no mistake" 200 "$(status_of first POST "$link")"

# --- kill -9, each time somebody has just been told

alert KILL-1 KILL-2 KILL-3
for person in an binh chau; do
    check "killed $((++n_killed)) times: $person is told" \
        until_true 20 heard KILL-1 "$person"
    end first KILL
    begin first
done
check "killed three times: everybody is told" until_true 20 \
    all_heard KILL-1 KILL-2 KILL-3

# --- SIGSTOP past the session time-out; another process takes over

alert STOP-1 STOP-2
until_true 20 heard STOP-1 an || true
kill -STOP "${pid[first]}"
begin second
check "frozen: another process tells the next" until_true 20 heard STOP-1 binh
kill -CONT "${pid[first]}"
check "the thawed one notices" until_true 30 \
    grep -qE 'refused|lost|fenced|given up' "$TEST_DIR/first.log"
check "frozen and thawed: everybody is told" until_true 20 \
    all_heard STOP-1 STOP-2
end second
alert STOP-3
check "it works again when the other one has gone" until_true 20 \
    heard STOP-3 an

# --- Redis loses everything

alert REDIS-1 REDIS-2
until_true 20 heard REDIS-1 an || true
redis cli flushall
check "Redis emptied: the next is told" until_true 20 heard REDIS-1 binh
redis cli flushall
check "Redis emptied again: everybody is told" until_true 20 \
    all_heard REDIS-1 REDIS-2

# --- Kafka is away

alert KAFKA-1 KAFKA-2
until_true 20 heard KAFKA-1 an || true
kafka stop
sleep 6
kafka start
check "Kafka back: everybody is told" until_true 30 all_heard KAFKA-1 KAFKA-2

# --- what is left

check "what was taken by command is still taken" is_acked CLI
check "and what was taken by link" is_acked LINK
same "as it was" "an an" "$(of CLI acked_by) $(of LINK acked_by)"
check "the second was never told of either" \
    eval '! heard CLI binh && ! heard LINK binh'
check "the last step of each has come" until_true 30 all_heard STOP-3
check "every message has its result" until_true 20 delivered
tickets | sort >"$TEST_DIR/tickets"
table messages >"$TEST_DIR/messages"
same "every ticket has one history, nobody was told twice" '' \
    "$(people check "$TEST_DIR/inbox" "$TEST_DIR/tickets" "$TEST_DIR/messages")"

redis cli flushall
restored() { tickets | sort | cmp -s - "$TEST_DIR/tickets"; }
check "the journal alone gives the same tickets" until_true 20 restored
end first
kill "$receiver"
