#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# needs: kafka redis
# A change of rules, tried on what happened: a rule removed, a threshold lowered,
# a host silenced. What people found true and would be missed is named, exit 1;
# nothing on any topic, in any group or in Redis is touched.
# long
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
new=$TEST_DIR/new.yml
mkdir -p "$TEST_DIR/sources" "$TEST_DIR/outbox" "$TEST_DIR/rules"
cat >"$TEST_DIR/sources/probe.yml" <<'END'
source: probe
product: Probe
requires: [{path: id}]
time: [{path: t, format: [epoch]}]
fields: {vendor_id: id, vendor_severity: s, rule_name: r, host: h}
severity: [{version: "1", words: {LOW: low, HIGH: high}}]
END

detection() { # detection NAME LEVEL: of alerts with this rule name
    printf '%s\n' "title: Saw a $1" "id: $1" "name: $1" \
        'logsource: {product: thapcanh}' \
        "detection: {it: {rule_name: $1}, condition: it}" "level: $2"
}
correlation() { # correlation NAME OF THRESHOLD
    printf '%s\n' "title: Many of $2" "id: $1" "name: $1" \
        "correlation: {type: event_count, rules: [$2], group-by: [host]," \
        "  timespan: 30m, condition: {gte: $3}}" 'level: high'
}
{
    detection guess low
    echo ---
    correlation guessing guess 5
} >"$TEST_DIR/rules/guess.yml"
{
    detection scan low
    echo ---
    correlation scanning scan 3
} >"$TEST_DIR/rules/scan.yml"
detection webshell high >"$TEST_DIR/rules/webshell.yml"

cat >"$TEST_DIR/roster.yml" <<'END'
members:
  - {id: an, name: An, unit: u, contacts: {sms: "0912 345 678"}}
  - {id: binh, name: Bình, unit: u, contacts: {sms: "0912 345 679"}}
shifts:
  - {id: s, from: "00:00", to: "24:00", members: [an]}
END
cat >"$TEST_DIR/escalation.yml" <<'END'
steps: [{tell: on-duty, wait: 1d}, {tell: everyone, wait: 1d}]
lease: 1d
settle: 1s
END
echo 'quiet_after: 300d' >"$TEST_DIR/tickets.yml"
write_conf() { # write_conf RULES MORE
    cat <<END
data_dir: $TEST_DIR/lib
sources_dir: sources
sources: [{topics: probes, mapping: probe}]
windows: {partitions: 3}
rules: $1
tickets: tickets.yml
roster: roster.yml
escalation: escalation.yml
notify.outbox: $TEST_DIR/outbox
$2
END
}
write_conf rules '' >"$conf"

# --- what happened, 40 days ago from 10:00 in UTC+7 on: so old that no clock
# matters, young enough to wake people

day=$(TZ=UTC-7 date -d '40 days ago' +%F)
t0=$(date -d "$day 10:00 +0700" +%s)
alerts() { # alerts HOST RULE SEVERITY N MINUTE: one a minute
    local i
    for ((i = 0; i < $4; i++)); do
        printf '{"id":"%s-%s-%d","t":%d,"h":"%s","r":"%s","s":"%s"}\n' \
            "$1" "$2" "$i" $((t0 + 60 * ($5 + i))) "$1" "$2" "$3"
    done
}
{
    alerts h1 guess LOW 6 0      # a ticket
    alerts h2 guess LOW 4 20     # too few for one
    alerts h3 webshell HIGH 2 40 # a ticket, found true
    alerts h4 scan LOW 3 60      # a ticket, found false
    alerts h5 scan LOW 3 80      # a ticket
    alerts h6 other LOW 30 100
} >"$TEST_DIR/alerts"

kafka topic probes 2
"$thapcanh" run -c "$conf" >"$TEST_DIR/service.log" 2>&1 &
service=$!
"$thapcanh" produce -c "$conf" --topic probes --key h "$TEST_DIR/alerts"
tickets() { "$thapcanh" tickets list --all --json -c "$conf" 2>/dev/null; }
ticket_of() { tickets | grep "\"host\":\"$1\"" | sed -E 's/.*"id":"(T[^"]*)".*/\1/'; }
n_tickets() { [[ $(tickets | wc -l) == "$1" ]]; }
told() { (($(find "$TEST_DIR/outbox" -type f | wc -l) >= 1)); }
check "four tickets" until_true 60 n_tickets 4
check "somebody is told" until_true 60 told
true_one=$(ticket_of h3)
"$thapcanh" tickets resolve -c "$conf" --by an --verdict true_positive "$true_one"
"$thapcanh" tickets resolve -c "$conf" --by an --verdict false_positive "$(ticket_of h4)"
kill "$service"
wait "$service" || true
sent=$(find "$TEST_DIR/outbox" -type f | wc -l)

# --- the change

cp -r "$TEST_DIR/rules" "$TEST_DIR/new-rules"
rm "$TEST_DIR/new-rules/webshell.yml"
sed -i 's/gte: 5/gte: 3/' "$TEST_DIR/new-rules/guess.yml"
cat >"$TEST_DIR/suppressions.yml" <<'END'
suppressions:
  - name: our-scanner
    match: host=h4
    reason: our own
    owner: an
    from: 2024-01-01
    until: 2099-01-01
END
sed 's/members: \[an\]/members: [binh]/' "$TEST_DIR/roster.yml" >"$TEST_DIR/new-roster.yml"
write_conf new-rules 'suppressions: suppressions.yml' |
    sed 's/roster.yml/new-roster.yml/' >"$new"

everything() { # all that could be touched
    kafka_tool GetOffsetShell --time -1 2>/dev/null | sort
    redis cli eval 'local keys = redis.call("keys", "*")
        table.sort(keys)
        for i, key in ipairs(keys) do keys[i] = key .. redis.call("dump", key) end
        return redis.sha1hex(table.concat(keys)) .. #keys' 0
}
whatif() { "$thapcanh" whatif -c "$conf" --from "$day" --to "$day" "$@"; }
exit_code() {
    local code=0
    "$@" >"$TEST_DIR/out" 2>"$TEST_DIR/err" || code=$?
    printf '%d' "$code"
}
says() { grep -qE "$1" "$TEST_DIR/out"; }
value() { # value PERL-EXPRESSION: of the JSON object
    perl -MJSON::PP -e 'local $/; my $w = decode_json(<STDIN>); print '"$1" <"$TEST_DIR/out"
}

everything >"$TEST_DIR/before"
check "all that could be touched is looked at" eval \
    'grep -q "^soc.journal:0:[1-9]" "$TEST_DIR/before" &&
     grep -q "^__consumer_offsets:" "$TEST_DIR/before" &&
     grep -qE "^[0-9a-f]{40}[1-9]" "$TEST_DIR/before"'

same "without a change nothing would be missed" 0 "$(exit_code whatif)"
check "every rule fires as often" says '^Every rule fires as often as it did'
check "and as many tickets" says '^tickets +4 +4$'
check "none is new, none is gone" bash -c '! grep -qE "New tickets|gone|MISSED" "$1"' - "$TEST_DIR/out"

same "a true one that would be missed is exit 1" 1 "$(exit_code whatif --config "$new")"
cat "$TEST_DIR/out"
check "it is named" says "^  $true_one P3 $day 10:40  Saw a webshell  host=h3"
check "with the reason" says '^ +no rule puts its alerts together now'
check "loudly" says '^TRUE ONES THAT WOULD BE MISSED: 1$'
check "the new one is named" says "^  T[^ ]+ P3 $day 10:20  Many of guess  host=h2"
check "the silenced one is gone" says "^  T[^ ]+ P3 $day 11:00  Many of scan  host=h4  \(false_positive\)"

same "the same in JSON" 1 "$(exit_code whatif --config "$new" --json)"
same "one line" 1 "$(wc -l <"$TEST_DIR/out")"
same "alerts read" 48 "$(value '$w->{alerts}{span}')"
same "tickets then and now" "4 3" "$(value '"$w->{tickets}{then}{n} $w->{tickets}{now}{n}"')"
same "rules that differ, and how" "guessing 1 2, webshell 1 0" \
    "$(value 'join ", ", sort map { "$_->{rule} $_->{then} $_->{now}" } @{$w->{rules}}')"
same "the one missed" "$true_one true_positive" \
    "$(value 'join ",", map { "$_->{id} $_->{verdict}" } @{$w->{missed}}')"
same "why the silenced one is gone" "suppressed our-scanner" \
    "$(value 'join ",", map { "$_->{instead}{place} $_->{instead}{because}" } @{$w->{vanished}}')"
same "messages then are those that were sent" "$sent" \
    "$(value 'map { $_->{sent} } grep { $_->{person} eq "an" } @{$w->{people}}')"
same "and now go to who would be on duty" "an 0 binh 3" \
    "$(value 'join " ", map { "$_->{person} $_->{calls_now}" } @{$w->{people}}')"

same "rules alone may be given" 1 "$(exit_code whatif --rules "$TEST_DIR/new-rules/scan.yml" \
    --rules "$TEST_DIR/new-rules/guess.yml")"
check "then only they differ" says '^tickets +4 +4$'
echo 'title: x' >"$TEST_DIR/bad.yml"
same "a mistake in them tries nothing" "1 0" \
    "$(exit_code whatif --rules "$TEST_DIR/bad.yml") $(wc -c <"$TEST_DIR/out")"
same "another day has nothing" 0 "$(exit_code "$thapcanh" whatif -c "$conf" --config "$new" \
    --from 2024-01-01 --to 2024-01-31)"
check "and says so" says '^0 alerts read'
same "days are days" 2 "$(exit_code "$thapcanh" whatif -c "$conf" --from yesterday)"

everything >"$TEST_DIR/after"
same_file "nothing on any topic, in any group or in Redis was touched" \
    "$TEST_DIR/before" "$TEST_DIR/after"

redis stop
same "Redis is not even asked" 1 "$(exit_code whatif --config "$new")"
kafka stop
same "without Kafka there is nothing to try" 4 "$(exit_code whatif --config "$new")"
