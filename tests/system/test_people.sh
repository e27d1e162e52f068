#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# needs: kafka redis
# People: who is on duty with overrides on the journal, test messages into an
# outbox, the listener of a running service.
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
outbox=$TEST_DIR/outbox
mkdir -p "$TEST_DIR/sources"
printf 'answer-secret\n' >"$TEST_DIR/sms.secret"
cat >"$TEST_DIR/sources/probe.yml" <<'END'
source: probe
product: Probe
requires: [{path: id}]
time: [{path: t, format: [epoch]}]
zone: "+07:00"
fields: {vendor_id: id, vendor_severity: s, rule_name: r, host: h}
severity: [{version: "1", words: {HIGH: high}}]
END
cat >"$TEST_DIR/roster.yml" <<'END'
members:
  - {id: an, name: Nguyễn Văn An, unit: u, contacts: {sms: "0912 345 678", mail: an@a.example}}
  - {id: binh, name: Bình, unit: u, language: en, contacts: {sms: "0912 345 679"}}
shifts:
  - {id: s, from: "00:00", to: "24:00", members: [an]}
END
cat >"$TEST_DIR/escalation.yml" <<'END'
steps:
  - {tell: everyone, wait: 1m}
lease: 10m
END
cat >"$conf" <<END
data_dir: lib
sources_dir: sources
sources: [{topics: probes, mapping: probe}]
roster: roster.yml
escalation: escalation.yml
notify.outbox: $outbox
notify.mail.from: soc@a.example
listen.address: 127.0.0.1:0
listen.sms_secret_file: sms.secret
END

oncall() { "$thapcanh" oncall "$@" -c "$conf" </dev/null; }
who() { oncall who --at "$1" | awk '{print $6}' | paste -sd' '; }
exit_code() {
    local code=0
    "$@" >/dev/null 2>&1 || code=$?
    printf '%d' "$code"
}

# --- without a service, and before there is a journal

same "the file says who is on duty" an "$(who "2024-10-05 10:00")"
"$thapcanh" produce -c "$conf" --topic probes --create 1 /dev/null

"$thapcanh" run -c "$conf" >"$TEST_DIR/service.log" 2>&1 &
service=$!
port_of() { sed -nE 's/.* listen: port ([0-9]+)$/\1/p' "$TEST_DIR/service.log"; }
until_true 60 eval '[[ -n $(port_of) ]]' || true
port=$(port_of)

# --- overrides

id=$(oncall override add --person an --instead binh --from "2024-10-05 08:00" \
    --to "2099-10-05 12:00" --reason "nghỉ phép" --by an)
check "an override has an id" eval '[[ $id =~ ^O[0-9A-Z]{8}$ ]]'
same "who stands in is on duty" binh "$(who "2024-10-05 10:00")"
same "before it begins nothing has changed" an "$(who "2024-10-05 07:59")"
check "the list names it" eval 'oncall override list | grep -q "^$id .* an -> binh .*nghỉ phép"'
oncall override expire "$id" >/dev/null
same "once withdrawn it is over" an "$(who "2024-10-05 10:00")"
same "a withdrawn one cannot be withdrawn again" 1 \
    "$(exit_code oncall override expire "$id")"
same "a misspelt member is a mistake of the command line" 2 \
    "$(exit_code oncall override add --person ann --from 2024-10-05 --to 2024-10-06 --reason x)"
same "nobody on duty is said" 1 "$(
    oncall override add --person an --from "2024-10-05 08:00" \
        --to "2024-10-06 08:00" --reason x >/dev/null
    exit_code oncall who --at "2024-10-05 10:00"
)"

# --- test messages

"$thapcanh" notify test -c "$conf" --to an >"$TEST_DIR/notify" || true
same "a test message goes by each channel" 2 "$(grep -c ' delivered: outbox$' "$TEST_DIR/notify")"
same "each is a file" 2 "$(find "$outbox" -type f | wc -l)"
check "the SMS is in Vietnamese without marks" grep -rq "Tin thu cua Thap Canh" "$outbox"
same "a stranger cannot be written to" 1 "$(exit_code "$thapcanh" notify test -c "$conf" --to anh)"

# --- the listener

# ask METHOD PATH [BODY]: the whole answer.
ask() {
    local body=${3:-}
    exec 5<>"/dev/tcp/127.0.0.1/$port"
    printf '%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' \
        "$1" "$2" "${#body}" "$body" >&5
    cat <&5 || true # whoever listens may have heard enough
    exec 5>&-
}
well() { ask GET /healthz | grep -q '^HTTP/1.1 200'; }
check "it is well" until_true 30 well
check "metrics are those of the process" eval 'ask GET /metrics | grep -q "^thapcanh_"'
check "an answer by SMS is recorded" eval \
    'ask POST /sms "secret=answer-secret&from=84912345678&text=OK%20482913" | grep -q "Da ghi nhan"'
check "English for who reads English" eval \
    'ask POST /sms "secret=answer-secret&from=0912345679&text=482913" | grep -q "Recorded"'
check "a stranger's answer is not" eval \
    'ask POST /sms "secret=answer-secret&from=0999999999&text=482913" | grep -q "khong co trong"'
check "without the secret nothing is" eval \
    'ask POST /sms "from=84912345678&text=482913" | grep -q "^HTTP/1.1 403"'
check "a made-up link is none" eval 'ask POST /a/1.2.3.an.m.T1.00 | grep -q "^HTTP/1.1 404"'
same "the key is ours alone" 600 "$(stat -c %a "$TEST_DIR/lib/link.key")"

# --- Kafka away

kafka pause
check "what cannot be recorded is not called recorded" eval \
    'ask POST /sms "secret=answer-secret&from=84912345678&text=482913" | grep -q "Chua ghi duoc"'
kafka resume
kill "$service"
wait "$service" || true
kafka stop
same "without Kafka the file alone answers, and the exit code says so" 4 \
    "$(exit_code oncall who --at "2024-10-05 10:00")"
