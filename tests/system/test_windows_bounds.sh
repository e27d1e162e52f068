#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A storm: 1,000,000 events on one key of a correlation, then 100,000 keys of
# another, through Kafka into the windows. No event of the storm is lost, and
# what the windows take stays within what `windows list` shows: events kept of
# a window, windows and bytes of a partition, nothing cut, nothing refused; the
# service's resident size is bounded too. What cannot be folded exactly is cut at
# its maximum: `windows list` and `status` both say so.
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
listed=$TEST_DIR/listed.txt totals=$TEST_DIR/totals.txt said=$TEST_DIR/said.txt
events=1000000 keys=100000
max_kept=4096                  # MAX_WINDOW_ENTRIES
max_windows=1048576            # MAX_WINDOWS
max_bytes=$((256 << 20))       # MAX_WINDOWS_BYTES
one_key_bytes=100000           # a window that is hot all the time is folded
bytes_a_key=1000
max_resident_kib=$((1 << 20)) # most of it are the queues of the Kafka client
service=

mkdir -p "$TEST_DIR/sources" "$TEST_DIR/rules"
cat >"$conf" <<END
data_dir: $TEST_DIR
kafka.brokers: "$KAFKA"
redis.address: "$REDIS"
sources_dir: $TEST_DIR/sources
rules: $TEST_DIR/rules
windows.partitions: 2
feed: off
sources: [{topics: probes, mapping: probe}]
END
cat >"$TEST_DIR/sources/probe.yml" <<'END'
source: probe
product: Probe
requires: [{path: h}]
time: [{path: t, format: [epoch]}]
fields: {vendor_severity: s, rule_name: r, host: h, user: u}
severity: [{version: "1", words: {LOW: low}}]
END
rule() { # rule NAME UUID-DIGIT TYPE CONDITION
    cat <<END
title: Seen $1
name: seen_$1
id: 4cba1e01-044f-5dc4-b29d-c7455dbfc55$2
logsource: {category: probe}
detection: {selection: {rule_name: $1}, condition: selection}
level: low
---
title: Many $1
name: many_$1
id: 88465c2f-e3a2-58e4-b86b-acf424db804$2
correlation:
  type: $3
  rules: [seen_$1]
  group-by: [host]
  timespan: 10m
  condition: {$4}
level: high
END
}
rule storm a event_count "gte: 100" >"$TEST_DIR/rules/storm.yml"
rule crowd b event_count "gte: 3" >"$TEST_DIR/rules/crowd.yml"
rule pair c value_count "gte: 3, field: user" >"$TEST_DIR/rules/pair.yml"

# The storm: a hundred events a second; the crowd: within its last seconds, so
# that no window is over before it is looked at.
perl -e 'my ($n, $keys, $end) = @ARGV;
    my $line = sub { printf qq({"h":"%s","t":%d,"s":"LOW","r":"%s"}\n), @_ };
    $line->("victim", $end - ($n - $_) / 100, "storm") for 0 .. $n - 1;
    $line->("pc-$_", $end, "crowd") for 1 .. $keys;' \
    "$events" "$keys" "$(($(date +%s) - 60))" >"$TEST_DIR/all.ndjson"
"$thapcanh" produce -c "$conf" --topic probes --key h --create 2 \
    "$TEST_DIR/all.ndjson"
rm "$TEST_DIR/all.ndjson"
"$thapcanh" run -q -c "$conf" >>"$TEST_DIR/service.log" 2>&1 &
service=$!

look() {
    "$thapcanh" windows list -c "$conf" -n 1000000 "$@" \
        >"$listed" 2>"$totals" || return 1
}
# sum N: of a column of the partitions' lines in `windows list`.
sum() {
    perl -ne '
        BEGIN { $column = shift }
        next unless /^soc\.windows\/\d+: (.* events refused);/;
        $sum += (grep { /^\d/ } split " ", $1)[$column - 1];
        END { print $sum // "none", "\n" }' "$1" "$totals"
}
counted() {
    look --rule many_storm --json &&
        grep -q "\"count\":${events}[,}]" "$listed" &&
        [[ $(sum 1) -eq $((keys + 1)) ]]
}
lacks() { ! grep -qE "$1" "$2"; }
at_most() { # at_most SENTENCE LIMIT NUMBER
    if [[ $3 =~ ^[0-9]+$ ]] && (($3 <= $2)); then
        ok "$1 ($3 of $2)"
    else
        not_ok "$1: '$3' is more than $2"
    fi
}

check "$events events on one key are all in one incident, and $keys keys in windows" \
    until_true 90 counted
at_most "the resident size is bounded (KiB)" $max_resident_kib \
    "$(awk '/^VmHWM/ {print $2}' "/proc/$service/status")"

look --rule many_storm
at_most "windows list shows the storm's one window" 1 "$(wc -l <"$listed")"
kept=$(sed -nE 's/.* ([0-9]+) of ([0-9]+) kept .*/\1 \2/p' "$listed")
same "and how many events a window may keep" "$max_kept" "${kept#* }"
at_most "it keeps no more" $max_kept "${kept% *}"
at_most "its bytes are those of one that is folded" $one_key_bytes \
    "$(sed -nE 's/.* ([0-9]+) B( cut)? .*/\1/p' "$listed")"

same "windows list shows the limits of every partition" \
    "$((2 * max_windows)) $((2 * max_bytes))" "$(sum 2) $(sum 4)"
at_most "the bytes of $keys keys" $((keys * bytes_a_key + one_key_bytes)) \
    "$(sum 3)"
same "none is cut, and no event refused" "0 0" "$(sum 5) $(sum 6)"
# says REGEX: of the last status, which is not well for other reasons too.
says() {
    "$thapcanh" status -c "$conf" >"$said" 2>&1 || true
    grep -qE "$1" "$said"
}
check "status answers" says '^in '
check "and raises no alarm" lacks 'is full|found no room|too many events' "$said"

# Two users take turns where three are needed: never hot, so nothing is folded.
perl -e 'my ($n, $end) = @ARGV;
    printf qq({"h":"lab","t":%d,"s":"LOW","r":"pair","u":"u%d"}\n), $end, $_ % 2
        for 1 .. $n;' 6000 "$(($(date +%s) - 30))" >"$TEST_DIR/pair.ndjson"
"$thapcanh" produce -c "$conf" --topic probes --key h "$TEST_DIR/pair.ndjson"
cut_shown() { look --rule many_pair && [[ $(sum 5) == 1 ]]; }
check "a window that cannot be folded is cut" until_true 60 cut_shown
at_most "it keeps no more" $max_kept \
    "$(sed -nE 's/.* ([0-9]+) of [0-9]+ kept .*/\1/p' "$listed")"
check "and says that it is cut" grep -q ' B cut ' "$listed"
check "and status raises the alarm" until_true 10 says \
    'soc.windows/[01]: 1 windows had too many events'

kill "$service"
wait "$service" || true
