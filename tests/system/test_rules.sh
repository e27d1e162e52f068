#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The published rules of SigmaHQ and the events of their regression data, in
# ../shared: every rule loads or is refused for a reason that is known, and on
# every event exactly the rules fire that must.
# needs: none
. "$(dirname "$0")/lib.sh"

sigma=${SHARED:-../shared}/sigma
for file in rules.tar.gz regression_events.ndjson regression_expected.csv; do
    [[ -f $sigma/$file ]] || {
        skip "the rules of SigmaHQ: no $sigma/$file (set SHARED)"
        exit 0
    }
done
mkdir -p "$TEST_DIR/rules"
tar -xzf "$sigma/rules.tar.gz" -C "$TEST_DIR/rules"

# --- loading

files=$(find "$TEST_DIR/rules" -name '*.yml' | wc -l)
status=0
"$thapcanh" rules check "$TEST_DIR/rules" >"$TEST_DIR/check" 2>&1 || status=$?
same "placeholders make the check fail" 1 "$status"
read -r detections _ _ _ _ _ refused _ < <(tail -n 1 "$TEST_DIR/check")
same "every rule loads or is refused" "$files" "$((detections + refused))"
check "3,755 rules load" test "$detections" -ge 3755
same "nothing is refused but placeholders" '' \
    "$(sed '$d' "$TEST_DIR/check" | grep -v ': warning: ' |
        grep -v "unknown placeholder '" || true)"

# --- the events

sed -E 's/^.*"event": (\{.*)\}$/\1/' "$sigma/regression_events.ndjson" \
    >"$TEST_DIR/events.ndjson"
sed -E 's/^\{"case": "([^"]*)", "own_rule": "([^"]*)".*/\1 \2/' \
    "$sigma/regression_events.ndjson" >"$TEST_DIR/cases"
check "rules eval ends well" "$thapcanh" rules eval --rules "$TEST_DIR/rules" \
    --source windows "$TEST_DIR/events.ndjson" >"$TEST_DIR/matches" \
    2>"$TEST_DIR/talk"

# Lines "CASE RULE": what fired, what must, what may.
awk 'NR == FNR { at[NR] = $1; next }
    { line = $0; sub(/.*"line":/, "", line); sub(/,.*/, "", line)
      rules = $0; sub(/.*\[/, "", rules); gsub(/["\]}]/, "", rules)
      n = split(rules, rule, ",")
      for (i = 1; i <= n; i++) print at[line], rule[i] }' \
    "$TEST_DIR/cases" "$TEST_DIR/matches" | LC_ALL=C sort >"$TEST_DIR/fired"
tr -d '\r' <"$sigma/regression_expected.csv" | awk -F, '$4 == "must_fire" { print $1, $2 }' |
    LC_ALL=C sort >"$TEST_DIR/must"
# A rule that fires on the event of its own regression data is none of the
# others; where it must not, that data has no other event for it.
{
    tr -d '\r' <"$sigma/regression_expected.csv" |
        awk -F, 'NR > 1 { print $1, $2 }'
    cat "$TEST_DIR/cases"
} | LC_ALL=C sort -u >"$TEST_DIR/may"
check "there are events that must fire rules" test -s "$TEST_DIR/must"
same "every rule that must fire does" '' \
    "$(LC_ALL=C comm -13 "$TEST_DIR/fired" "$TEST_DIR/must")"
same "no other rule does" '' \
    "$(LC_ALL=C comm -23 "$TEST_DIR/fired" "$TEST_DIR/may")"

# --- what is read by other log sources is asked only when told to

"$thapcanh" rules eval --rules "$TEST_DIR/rules" --source windows \
    --any-logsource "$TEST_DIR/events.ndjson" >"$TEST_DIR/any" 2>/dev/null
check "--any-logsource asks more rules" test \
    "$(wc -c <"$TEST_DIR/any")" -gt "$(wc -c <"$TEST_DIR/matches")"
