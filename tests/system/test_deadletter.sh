#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What could not be read: each broken message is one letter with its own bytes;
# a retry counts what was mended since, once, and the books stay balanced
# (STREAM 29).
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
letter=$TEST_DIR/letter.txt
service=

# mapping PATH: that path must be there, or it is another source's message.
mapping() {
    cat >"$TEST_DIR/sources/probe.yml" <<END
source: probe
product: Probe
requires: [{path: $1}]
time: [{path: t, format: [epoch]}]
zone: "+07:00"
fields: {vendor_id: id, vendor_severity: s, rule_name: r, host: h}
severity: [{version: "1", words: {HIGH: high}}]
END
}

begin() {
    "$thapcanh" run -c "$conf" >>"$TEST_DIR/service.log" 2>&1 &
    service=$!
}
end() {
    kill "$service"
    wait "$service" || true
}

dead() { "$thapcanh" deadletter "$1" -c "$conf" "${@:2}"; }
exit_code() { # of a command
    local code=0
    "$@" >/dev/null 2>&1 || code=$?
    printf '%d' "$code"
}
put() { # put PARTITION FILE [WORD…]
    "$thapcanh" produce -c "$conf" --topic probes --partition "$1" \
        "${@:3}" "$2"
}

# "in = counted updates duplicates dead-letters", as status has them.
books() {
    "$thapcanh" status -c "$conf" 2>/dev/null |
        sed -nE 's/^in ([0-9]+) = counted ([0-9]+) \+ updates ([0-9]+) \+ duplicates ([0-9]+) \+ dead letters ([0-9]+)$/\1 = \2 \3 \4 \5/p'
}
books_are() { [[ $(books) == "$1" ]]; }
# same_books SENTENCE BOOKS: waits for them.
same_books() {
    until_true 60 books_are "$2" || true
    same "$1" "$2" "$(books)"
}
n_letters() { dead list --json | wc -l; }
# The value of one member of a letter's line.
member() { # member POSITION NAME
    dead list --json | grep -F "\"position\":\"$1\"" |
        grep -oE "\"$2\":(\"[^\"]*\"|[0-9]+)" | cut -d: -f2- | tr -d '"'
}
seen_is() { [[ $(member "$1" seen) == "$2" ]]; }
# bytes_of POSITION FILE: the letter has these bytes.
bytes_of() { dead show --raw "$1" >"$letter" && cmp "$letter" "$2"; }

# --- the messages: one file for each, so that the offsets are known

mkdir -p "$TEST_DIR/sources"
cat >"$conf" <<END
data_dir: $TEST_DIR
sources_dir: $TEST_DIR/sources
windows: {partitions: 2}
sources: [{topics: probes, mapping: probe}]
END
mapping old
kafka topic probes 2
same "without a topic of dead letters there are none" 0 "$(n_letters)"
begin

alert() { # alert ID MEMBER: the member that a mapping may ask for
    printf '{"id":"%s","%s":1,"t":1709623400,"s":"HIGH","r":"R","h":"h%s"}' \
        "$1" "$2" "$1"
}
printf '%s\n' "$(alert g1 old)" >"$TEST_DIR/good"
printf '{"id":"cut off \n' >"$TEST_DIR/cut"
printf '{"id":"\033]0;gotcha\007\377\000 rm"}\n' >"$TEST_DIR/hostile"
printf '[%s,%s,%s]\n' "$(alert a0 new)" "$(alert a1 old)" \
    "$(alert a2 new)" >"$TEST_DIR/array"
printf '%s\n' "$(alert f1 new)" >"$TEST_DIR/foreign"
printf '{"id":"d","id":"d","old":1}\n' >"$TEST_DIR/twice"
for file in cut hostile array foreign twice; do # as they are on the topic
    tr -d '\n' <"$TEST_DIR/$file" >"$TEST_DIR/$file.bytes"
done

put 1 "$TEST_DIR/good" --key h    # 1/0
put 1 "$TEST_DIR/cut"             # 1/1
put 1 "$TEST_DIR/hostile"         # 1/2
put 1 "$TEST_DIR/array"           # 1/3
put 1 "$TEST_DIR/foreign" --key h # 1/4
put 0 "$TEST_DIR/twice"           # 0/0
same_books "each broken message or element is one dead letter" "8 = 2 0 0 6"

# --- list

expected="probes/0/1/0/0 duplicate_key 
probes/1/1/1/0 syntax 
probes/1/1/2/0 not_utf8 
probes/1/1/3/0 foreign 0,2
probes/1/1/4/0 foreign 0"
got=$(dead list --json | sort | sed -E \
    's/^\{"position":"([^"]*)".*"reason":"([^"]*)".*,"indexes":"([^"]*)".*/\1 \2 \3/; t
     s/^\{"position":"([^"]*)".*"reason":"([^"]*)".*/\1 \2 /')
same "the list has position, reason and bad elements" "$expected" "$got"
same "list --reason takes some" 2 \
    "$(dead list --json --reason foreign | wc -l)"
same "list --topic takes those of an input topic" "5 0" \
    "$(dead list --json --topic probes | wc -l) $(
        dead list --json --topic other | wc -l
    )"
dead list >"$TEST_DIR/table"
same "the table has a head and a row for each" 6 "$(wc -l <"$TEST_DIR/table")"

# --- show

check "show --raw gives the original bytes" \
    bytes_of probes/1/1/2/0 "$TEST_DIR/hostile.bytes"
dead show probes/1/1/2/0 >"$letter"
same "hostile bytes are shown in hexadecimal" 1 \
    "$(grep -c '^00000000  7b 22 69 64 22 3a 22 1b ' "$letter")"
same "nothing shown can move a terminal" 0 \
    "$(LC_ALL=C tr -d '\n\040-\176' <"$letter" | wc -c)"
dead show probes/1/1/4/0 >"$letter"
same "text is shown as it is" "$(cat "$TEST_DIR/foreign")" \
    "$(tail -n 1 "$letter")"
same "show has the key" "key        hf1" "$(grep '^key' "$letter")"
dead show probes/1/1/1/0 >"$letter"
same "a message without a key has none" "key        (none)" \
    "$(grep '^key' "$letter")"

# --- a retry of what is still broken

dead retry probes/1/1/1/0 probes/1/1/4/0
until_true 60 seen_is probes/1/1/1/0 2 || true
until_true 60 seen_is probes/1/1/4/0 2 || true
same "a letter that fails again is the same letter" "5 2 2" \
    "$(n_letters) $(member probes/1/1/1/0 seen) $(member probes/1/1/4/0 seen)"
same_books "and the books do not move" "8 = 2 0 0 6"
check "its bytes are still the original ones" \
    bytes_of probes/1/1/4/0 "$TEST_DIR/foreign.bytes"
same "and so are its key and the key that was none" "hf1 (none)" \
    "$(dead show probes/1/1/4/0 | sed -n 's/^key *//p') $(
        dead show probes/1/1/1/0 | sed -n 's/^key *//p'
    )"

# --- the mapping is mended; the retry waits while the service is away

end
mapping id
same "retry says how many it sent" \
    "2 dead letters sent back to where they came from" \
    "$(dead retry --reason foreign)"
begin
same_books "mended ones are counted, in unchanged" "8 = 5 0 0 3"
same "each alert has the position of its origin" "probes/1/1/0/0
probes/1/1/3/0
probes/1/1/3/1
probes/1/1/3/2
probes/1/1/4/0" "$("$thapcanh" feed -c "$conf" --json --last all |
    grep -oE 'probes/[0-9/]+' | sort -u)"
dead retry --reason foreign
same_books "a retry too many is a duplicate" "10 = 5 0 2 3"
same "a position given twice is sent once" \
    "1 dead letters sent back to where they came from" \
    "$(dead retry probes/1/1/4/0 probes/1/1/4/0)"
same_books "and is one duplicate" "11 = 5 0 3 3"

# --- open letters outlive the process, and Redis

dead retry --all
kill -KILL "$service"
wait "$service" || true
begin
same_books "after kill -9 nothing counts twice" "13 = 5 0 5 3"
end
redis cli flushall
begin
same_books "without Redis the books come back" "13 = 5 0 5 3"
seen=$(member probes/1/1/1/0 seen)
dead retry probes/1/1/1/0
check "and so do the open letters: a retry is taken" \
    until_true 60 seen_is probes/1/1/1/0 $((seen + 1))
same_books "and moves nothing" "13 = 5 0 5 3"

# --- what is no letter, and what cannot be done

"$thapcanh" produce -c "$conf" --topic soc.deadletter "$TEST_DIR/good"
same "a stray record is passed over" 5 "$(n_letters)"
same "and named" "thapcanh deadletter: 1 records are no letters of ours" \
    "$(dead list 2>&1 >/dev/null | grep 'no letters')"

missing=probes/1/1/999/0
same "show of an unknown position fails" 1 "$(exit_code dead show $missing)"
same "retry of an unknown position fails" 1 "$(exit_code dead retry $missing)"
same "and names it" "thapcanh deadletter: there is no letter $missing" \
    "$(dead retry $missing 2>&1 >/dev/null | grep 'there is no')"
for words in burn show "show nowhere" retry "retry --all probes/1/1/1/0"; do
    # shellcheck disable=SC2086
    same "wrong command line: deadletter $words" 2 "$(exit_code dead $words)"
done
same_books "nothing of this moved the books" "13 = 5 0 5 3"
end
for words in list "retry --all"; do
    # shellcheck disable=SC2086
    same "without Kafka: deadletter $words" 4 \
        "$(KAFKA=127.0.0.1:1 exit_code dead $words)"
done
