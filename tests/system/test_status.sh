#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What status warns of, and how it ends: 0 well, 1 not well, 2 misused, 4 nobody
# answers. Sensors' own words in it cannot move the cursor.
. "$(dirname "$0")/lib.sh"

conf=$TEST_DIR/service.yml
said=$TEST_DIR/said.txt
code=0

mkdir -p "$TEST_DIR/sources/kinds"
cat >"$conf" <<END
data_dir: $TEST_DIR
sources_dir: $TEST_DIR/sources
windows: {partitions: 2}
geo.database: $TEST_DIR/country.mmdb
sources: [{topics: probes, mapping: probe}]
END
cat >"$TEST_DIR/sources/probe.yml" <<END
source: probe
product: Probe
time: [{path: t, format: [epoch]}]
fields: {vendor_id: id, vendor_severity: s, rule_name: r, host: h}
severity: [{version: "1", words: {HIGH: high}}]
kinds: kinds/probe.yml
END
printf 'version: 1\nkinds: [{rule: known, kind: scan}]\n' \
    >"$TEST_DIR/sources/kinds/probe.yml"

ask() {
    code=0
    "$thapcanh" status -c "$conf" "$@" >"$said" 2>&1 || code=$?
}
says() { # once it is well enough to answer
    ask
    grep -qE "$1" "$said"
}
quiet() { # about this
    ask
    [[ $code -le 1 ]] && ! grep -qE "$1" "$said"
}
warns() { check "$1" until_true 60 says "$2"; }

alerts() { # alerts FROM TO RULE SEVERITY
    local i
    for ((i = $1; i <= $2; i++)); do
        printf '{"id":"%d","t":1709623400,"h":"h%d","r":"%s","s":"%s"}\n' \
            "$i" "$i" "$3" "$4"
    done
}
put() {
    "$thapcanh" produce -c "$conf" --topic probes "$@"
}

ask
same "when nobody answers the exit code is 4" 4 "$code"
ask --nonsense
same "an unknown option is 2" 2 "$code"
check "and how it is used is said" grep -q "usage: thapcanh status" "$said"

kafka topic probes 2
"$thapcanh" run -c "$conf" >"$TEST_DIR/service.log" 2>&1 &
service=$!

warns "a missing database of countries is said" \
    '^! alerts have no country: .*country.mmdb'
printf 'no database' >"$TEST_DIR/country.mmdb"
alerts 1 94 known HIGH >"$TEST_DIR/known"
put --key h "$TEST_DIR/known"
warns "a corrupt one as well" '^! alerts have no country: '
check "and counting goes on without" until_true 60 says '^in 94 = counted 94 '

alerts 95 98 new HIGH >"$TEST_DIR/new"
put --key h --partition 0 "$TEST_DIR/new"
check "5 % of a source's high alerts without a kind are no warning" \
    until_true 60 says '^in 98 = counted 98 '
check "even if they all lie in one partition" quiet 'have no kind'
alerts 99 100 newer HIGH >"$TEST_DIR/newer"
put --key h "$TEST_DIR/newer"
warns "more are, counted over the whole source" \
    '^! probe: 6 of 100 high and critical alerts have no kind'

alerts 101 102 known 'VERY\u001b[2JBAD' >"$TEST_DIR/unknown"
put --key h --partition 1 "$TEST_DIR/unknown"
warns "an unmapped severity is named" \
    '^! probes/1: severity .VERY.*BAD. is not mapped \(2 alerts\)'
check "and its bytes move no cursor" quiet $'\033'

put "$TEST_DIR/known"
warns "records without a key are said" '^! probe: 94 records without a key'

redis cli config set maxmemory-policy allkeys-lru >/dev/null
warns "a Redis that may forget is said" \
    '^! Redis may forget .* maxmemory-policy is allkeys-lru'
same "not well is 1" 1 "$code"
redis cli config set maxmemory-policy noeviction >/dev/null
check "and forgotten when it is put right" until_true 60 quiet 'maxmemory'

# rows TITLE: of the table under this head.
rows() { awk -v title="$1" '$1 == title {on = 1; next} !NF {on = 0} on' "$said"; }
ask
same "without rules there are alerts alone" "" "$(rows windows)$(rows tickets)"

ask --json
same "with --json every line is a document of its own, the last one judges" \
    '{"well":false,"troubles":[' "$(tail -n 2 "$said" | grep -oE \
        '^\{"well":false,"troubles":\[' || true)"
check "by source, what its partitions say" grep -q '"source":"probe"' "$said"

kill "$service"
wait "$service" || true
