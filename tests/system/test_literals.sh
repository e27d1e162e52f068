#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The shipped rules know nothing of the sites they are measured on (SHARED/ait):
# no host, address, user, day or name of an alert of these is a literal of
# rules/ (literals.py says what counts). What it is to find is planted, one by
# one, so that a check that finds nothing is seen to fail.
# needs: none
. "$(dirname "$0")/lib.sh"

ait=${SHARED:-../shared}/ait
if ! compgen -G "$ait/*.csv.gz" >/dev/null; then
    skip "the rules know no site: no sites in $ait (set SHARED)"
    exit
fi
if ! command -v python3 >/dev/null; then
    skip "the rules know no site: python3 is not here"
    exit
fi

# One alert of a site, as "host ip day name": what is planted comes from there.
one_alert() {
    python3 - "$ait" <<'END'
import csv, datetime, glob, gzip, sys
path = sorted(glob.glob(sys.argv[1] + "/*.csv.gz"))[0]
for row in csv.DictReader(gzip.open(path, "rt", encoding="utf8")):
    if row["name"].startswith("Suricata: ") and "_" in row["host"]:
        day = datetime.datetime.fromtimestamp(int(row["time"]),
                                              datetime.timezone.utc)
        print(row["host"], row["ip"], day.date(), row["name"].split(" - ")[1],
              sep="\t")
        break
END
}

# plant SENTENCE LINE: a rule with this line, to be found (or, with an empty
# line, not).
planted=()
plant() {
    planted+=("$1")
    cat >"$TEST_DIR/planted/${#planted[@]}.yml" <<END
title: Planted
logsource: {product: thapcanh}
detection:
  selection:
    kind: scan
    severity: high
  condition: selection
$2
END
}

mkdir "$TEST_DIR/planted"
IFS=$'\t' read -r host ip day name < <(one_alert)
check "there is something to plant" test -n "$name"
plant "a host" "thapcanh: {examples: {fire: [{host: $host}]}}"
plant "a host that is an everyday word" \
    "thapcanh: {examples: {fire: [{host: mail}]}}"
plant "a host in a sentence" "description: What $host does at night."
plant "an address" "thapcanh: {examples: {quiet: [{src_ip: $ip}]}}"
plant "a network of theirs" "filter: {src_ip|cidr: ${ip%.*.*}.0.0/16}"
plant "a day" "description: \"Seen on $day.\""
plant "the name of an alert" "filter: {rule_name: '$name'}"
plant "a piece of the name of an alert" \
    "filter: {rule_name|contains: '${name:4:12}'}"
plant "a piece of it between wildcards" \
    "filter: {rule_name: 'x*${name:6:9}*'}"
plant "the name of an alert in a remark" "# $name"
plant "a kind outside of its field" "filter: {rule_name|contains: scan}"
plant "nothing" ''

python3 tests/system/literals.py list rules >"$TEST_DIR/literals"
check "the literals of the rules are listed" \
    test "$(wc -l <"$TEST_DIR/literals")" -gt 500
python3 tests/system/literals.py known "$ait" rules "$TEST_DIR/planted" \
    >"$TEST_DIR/known"
cat "$TEST_DIR/known"
for ((i = 1; i < ${#planted[@]}; i++)); do
    check "planted and found: ${planted[i - 1]}" \
        grep -qF "/planted/$i.yml:" "$TEST_DIR/known"
done
same "a rule in the product's own words is fine" '' \
    "$(grep -F "/planted/$i.yml:" "$TEST_DIR/known")"
same "no literal of rules/ is known from a site" '' \
    "$(grep '^rules/' "$TEST_DIR/known" | head -n 5)"
