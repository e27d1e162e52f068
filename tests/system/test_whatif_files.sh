#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A change of rules, tried on files of alerts: it says what it says of the same
# alerts from Kafka, and needs neither Kafka nor Redis.
. "$(dirname "$0")/faults.sh"

sample 0.05 3
printf 'suppressions: []\n' >"$TEST_DIR/suppressions.yml"
n_alerts=$(cat "$TEST_DIR"/{endpoint,server}-alerts.ndjson | wc -l)
kafka topic "$endpoint" "$partitions"
kafka topic "$server" "$partitions"
config live 0
"$thapcanh" produce -c "$TEST_DIR/live.yml" --topic "$endpoint" \
    --key agent.hostname "$TEST_DIR/endpoint-alerts.ndjson"
"$thapcanh" produce -c "$TEST_DIR/live.yml" --topic "$server" \
    --key server.name "$TEST_DIR/server-alerts.ndjson"
begin live
check "everything is counted" until_true 180 all_in 0
check "windows and tickets have taken everything" until_true 120 settled live 0
end live

# --- the change: everything that is counted must be one more, and some
# servers are silenced

cp -r "$rules" "$TEST_DIR/new"
perl -pi -e 's/gte: (\d+)/"gte: " . ($1 + 1)/e' "$TEST_DIR"/new/*.yml
silence() { # silence NAME MATCH: a configuration with that
    cat >"$TEST_DIR/$1-silence.yml" <<YML
suppressions:
  - name: $1
    match: $2
    reason: tried
    owner: tran-quoc-bao
    from: 2024-01-01
    until: 2099-01-01
YML
    sed "s|^suppressions: .*|suppressions: $1-silence.yml|" "$TEST_DIR/live.yml" \
        >"$TEST_DIR/$1.yml"
}
silence servers 'host=SRV-C*'
silence all 'host=*'
change=(--config "$TEST_DIR/servers.yml" --rules "$TEST_DIR/new")
span=(--from 2024-01-01 --to 2024-09-30)
files=("ajiant=$TEST_DIR/endpoint-alerts.ndjson" "cycir=$TEST_DIR/server-alerts.ndjson")
perl -MJSON::PP -e 'local $/; my $truth = decode_json(<STDIN>);
    print "$_\n" for map { @{$_->{alerts}} } @{$truth->{attacks}}' \
    <"$TEST_DIR/truth.json" >"$TEST_DIR/true"

said=$TEST_DIR/said
mkdir "$said"
# whatif NAME WORD…: its exit code; what it says is in NAME.
whatif() {
    local code=0
    "$thapcanh" whatif -c "$TEST_DIR/live.yml" --json "${@:2}" \
        >"$said/$1" 2>"$TEST_DIR/err" || code=$?
    printf '%d' "$code"
}
value() { # value NAME PERL-EXPRESSION: of the JSON object
    perl -MJSON::PP -e 'local $/; my $w = decode_json(<STDIN>); print '"$2" <"$said/$1"
}
# What has a meaning on both sides: ids of tickets hold positions, messages and
# how long alerts took to arrive are those of the day.
meaning() {
    value "$1" 'JSON::PP->new->canonical->pretty->encode({
        alerts => {map { $_ => $w->{alerts}{$_} } qw(span beside refused windows_cut)},
        tickets => $w->{tickets}, rules => [sort { $a->{rule} cmp $b->{rule} } @{$w->{rules}}],
        map { my $list = $_; ($list => [sort map {
            my $t = $_; join " ", $t->{rule}, $t->{first}, $t->{priority},
            map { "$_=$t->{key}{$_}" } sort keys %{$t->{key}} } @{$w->{$list}}]) }
            qw(missed lower new vanished)})' >"$said/$1.meaning"
}

same "from Kafka: without verdicts nothing is missed" 0 \
    "$(whatif kafka "${span[@]}" "${change[@]}")"
meaning kafka
check "the change makes a difference" grep -q '"now" :' "$said/kafka.meaning"
check "... to rules and to tickets" test "$(value kafka '
    @{$w->{rules}} > 0 && @{$w->{vanished}} > 0 ? 1 : 0')" = 1
kafka stop
redis stop
same "from files, without Kafka and Redis: the same end" 0 \
    "$(whatif files "${span[@]}" "${change[@]}" "${files[@]}")"
meaning files
same_file "... and the same is said" "$said/kafka.meaning" "$said/files.meaning"

# --- what only files have

same "without days it is all of them" 0 "$(whatif days "${change[@]}" "${files[@]}")"
check "... of the alerts" test "$(value days '$w->{alerts}{span} >= '"$n_alerts"' * 0.95 &&
    $w->{alerts}{beside} == 0 ? 1 : 0')" = 1
same "nothing changes without a change" 0 "$(whatif none "${files[@]}")"
same "... in any rule or ticket" "0 0 0" \
    "$(value none 'join " ", map { scalar @{$w->{$_}} } qw(rules new vanished)')"
same "... and everybody would be called as often" 1 \
    "$(value none '(@{$w->{people}} > 5 && !grep { $_->{calls_then} != $_->{calls_now} } @{$w->{people}}) ? 1 : 0')"

same "true ones that would be missed are exit 1" 1 \
    "$(whatif missed --config "$TEST_DIR/all.yml" --true "$TEST_DIR/true" "${files[@]}")"
check "... and are named" test "$(value missed 'scalar @{$w->{missed}}')" -ge 5
same "... with what silences them" all \
    "$(value missed '$w->{missed}[0]{instead}{because}')"
check "... and no others" test \
    "$(value missed '$w->{n_vanished} > $w->{n_missed} ? 1 : 0')" = 1
same "with the rules as they are none is" 0 \
    "$(whatif kept --true "$TEST_DIR/true" "${files[@]}")"

# --- mistakes

same "a source that there is not" 2 "$(whatif x "ajiat=$TEST_DIR/endpoint-alerts.ndjson")"
check "... and the one that is meant" grep -qF "no source 'ajiat' in $TEST_DIR/live.yml (did you mean 'ajiant'?)" "$TEST_DIR/err"
same "a word that is none" 2 "$(whatif x endpoint-alerts.ndjson)"
same "the same source twice" 2 "$(whatif x "${files[@]}" "${files[0]}")"
same "a file that there is not" 1 "$(whatif x "ajiant=$TEST_DIR/none.ndjson")"
check "... is named" grep -qF "$TEST_DIR/none.ndjson: No such file" "$TEST_DIR/err"
same "a folder is no file" 1 "$(whatif x "ajiant=$TEST_DIR")"
: >"$TEST_DIR/empty"
same "an empty file has no days" 1 "$(whatif x "ajiant=$TEST_DIR/empty")"
same "... but with days it is no mistake" 0 "$(whatif x "${span[@]}" "ajiant=$TEST_DIR/empty")"
same "no true ones in a file of them" 1 "$(whatif x --true "$TEST_DIR/empty" "${files[0]}")"
same "what can be read but once has no days" 1 \
    "$(whatif x ajiant=/dev/stdin < <(cat "$TEST_DIR/endpoint-alerts.ndjson"))"
same "... with days it can be read" 0 \
    "$(whatif x "${span[@]}" ajiant=- <"$TEST_DIR/endpoint-alerts.ndjson")"
