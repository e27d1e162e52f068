#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make bench-tickets: what the rules of rules/ and the settings of deploy/ make
# of real alerts with known attacks in them (AIT-ADS, docs/tickets-ait.md):
# tickets a day, how many of them are true, which phases of the attack have one.
# Measures and asserts nothing. The data is not of this project: every site
# NAME.csv.gz in $SHARED/ait is scored by the ait.py beside it; without that
# folder this says so and is done.
#
#   SHARED (../shared)   folder with ait/
#   RULES (rules)        rules to be scored, one path or several
#   INVENTORY ()         an inventory of the sites; none is known
#
# All it writes lies under var/tickets: SITE/tickets.jsonl are the tickets.
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/lib.sh

ait=${SHARED:-../shared}/ait
work=var/tickets
read -ra rules <<<"${RULES:-rules}"
options=(--sources deploy/sources --tickets deploy/tickets.yml
    --suppressions deploy/suppressions.yml --as tickets)
for path in "${rules[@]}"; do
    options+=(--rules "$path")
done
[[ -z ${INVENTORY:-} ]] || options+=(--inventory "$INVENTORY")

if [[ ! -f $ait/ait.py ]] || ! compgen -G "$ait/*.csv.gz" >/dev/null; then
    say "tickets: skipped: no ait.py and no sites in $ait (set SHARED)"
    exit 0
fi
command -v python3 >/dev/null || die "python3 is not here (make deps)"

# days LABELS: from the first to the last alert.
days() {
    awk -F, 'NR == 2 {least = most = $2}
        NR > 1 {if ($2 < least) least = $2; if ($2 > most) most = $2}
        END {printf "%.2f", (most - least) / 86400}' "$1"
}

# row SITE: its line of the table; fails if the scorer's words are not those
# that are known here.
row() {
    local site=$1 folder=$work/$1 text
    text=$(tr '\n' ' ' <"$folder/score")
    [[ $text =~ ^alerts\ ([0-9]+)\ +tickets\ ([0-9]+)\ +per\ day\ ([0-9.]+)\ .*true\ ([0-9]+)\ \(([0-9]+)\ %\)\ +phases\ found\ ([0-9]+)/([0-9]+)\ +missed:\ (.*)\ +evidence\ not\ in\ the\ labels:\ ([0-9]+) ]] ||
        die "$site: the scorer says '$text'"
    printf '%-16s %9s %6s %8s %6s %6s %5s%% %7s %6s\n' "$site" \
        "${BASH_REMATCH[1]}" "$(days "$folder/labels.csv")" \
        "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}" "${BASH_REMATCH[4]}" \
        "${BASH_REMATCH[5]}" "${BASH_REMATCH[7]}" "${BASH_REMATCH[6]}"
    missed+=("$site: ${BASH_REMATCH[8]% }")
    ((BASH_REMATCH[9] == 0)) ||
        missed+=("$site: ${BASH_REMATCH[9]} pieces of evidence are no alerts")
}

score() {
    local site=$1 folder=$work/$1 sensor
    local files=()
    mkdir -p "$folder"
    python3 "$ait/ait.py" convert "$ait/$site.csv.gz" "$folder" >&2
    for sensor in wazuh suricata aminer; do
        files+=("$sensor=$folder/$sensor.ndjson")
    done
    build/thapcanh replay "${options[@]}" "${files[@]}" \
        >"$folder/tickets.jsonl"
    python3 "$ait/ait.py" score "$folder/labels.csv" \
        "$folder/tickets.jsonl" >"$folder/score"
    rm -f "${files[@]#*=}"
}

missed=()
mkdir -p "$work"
for file in "$ait"/*.csv.gz; do
    site=${file##*/}
    score "${site%.csv.gz}"
done
printf '%-16s %9s %6s %8s %6s %6s %6s %7s %6s\n' site alerts days tickets \
    a-day true share phases found
for file in "$ait"/*.csv.gz; do
    site=${file##*/}
    row "${site%.csv.gz}"
done
printf '\nphases without a true ticket:\n'
printf '  %s\n' "${missed[@]}"
