#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Real alerts of three sensors (AIT-ADS): the service, through Kafka, with two
# processes, and `replay` come to the same incidents and tickets by the shipped
# rules. The data is not of this project: without $SHARED/ait it is skipped. One
# site; in the long form (SOAK=1) every site.
. "$(dirname "$0")/faults.sh"

ait=${SHARED:-../shared}/ait
if [[ ! -f $ait/ait.py ]] || ! compgen -G "$ait/*.csv.gz" >/dev/null; then
    skip "service and replay on AIT-ADS: no ait.py and no sites in $ait"
    exit 0
fi
sensors=(wazuh suricata aminer)
declare -A by=([wazuh]=agent.name [suricata]=host [aminer]=hostname)
partitions=1 windows=4
printf 'suppressions: []\n' >"$TEST_DIR/suppressions.yml"

# all_in SITE DATABASE: every alert is in the books.
all_in() {
    local sensor p sum=0 n
    for sensor in "${sensors[@]}"; do
        for ((p = 0; p < partitions; p++)); do
            n=$(redis cli -n "$2" hvals "tc:{ingest/$1.$sensor/$p}:books" |
                awk '{s += $1} END {print s + 0}')
            ((sum += n)) || true
        done
    done
    ((sum == n_alerts))
}
# end_of_data FOLDER: three hosts say something two days later, by each sensor,
# so that the service knows, too, that the data is over.
end_of_data() {
    local sensor
    for sensor in "${sensors[@]}"; do
        perl -ne '
            sub later { my ($y, $m, $d, $rest) = @_;
                my @t = gmtime(timegm(0, 0, 0, $d, $m - 1, $y) + 2 * 86400);
                sprintf "%04d-%02d-%02d%s", $t[5] + 1900, $t[4] + 1, $t[3],
                    $rest }
            use Time::Local;
            print; $last = $_;
            END { for my $host ("end-1", "end-2", "end-3") {
                $_ = $last;
                s/"timestamp": "(\d+)-(\d+)-(\d+)/"\"timestamp\": \"" .
                    later($1, $2, $3, "")/e;
                s/"DetectionTimestamp": \[(\d+)/
                    "\"DetectionTimestamp\": [" . ($1 + 2 * 86400)/e;
                s/("name": |"host": |"hostname": )"[^"]*"/$1"$host"/;
                s/("description": |"signature": |"AnalysisComponentName": )"[^"]*"/$1"end of data"/;
                s/("id"|"event_id"|"uid"): "[^"]*"/$1: "$host"/;
                print } }' \
            "$1/$sensor.ndjson" >"$1/$sensor.longer"
        mv "$1/$sensor.longer" "$1/$sensor.ndjson"
    done
}
site_config() { # RUN DATABASE
    local sensor
    config "$1" "$2"
    sed -i -e '/^inventory:/d' -e '/^sources:/,$d' "$TEST_DIR/$1.yml"
    printf 'sources:\n' >>"$TEST_DIR/$1.yml"
    for sensor in "${sensors[@]}"; do
        printf '  - {topics: %s.%s, mapping: %s}\n' "$1" "$sensor" "$sensor" \
            >>"$TEST_DIR/$1.yml"
    done
}
serve() { # SITE DATABASE
    local run=$1 sensor
    site_config "$run" "$2"
    for sensor in "${sensors[@]}"; do
        kafka topic "$run.$sensor" "$partitions"
        "$thapcanh" produce -c "$TEST_DIR/$run.yml" --topic "$run.$sensor" \
            --key "${by[$sensor]}" "$TEST_DIR/$run/$sensor.ndjson"
    done
    begin "$run"
    begin "$run" "${run}2"
    check "$run: everything is counted" until_true 120 all_in "$run" "$2"
    check "$run: windows and tickets have taken everything" \
        until_true 120 settled "$run" "$2"
    "$thapcanh" tickets export -c "$TEST_DIR/$run.yml" |
        faults exported /dev/stdin >"$TEST_DIR/$run.tickets"
    found "$run" >"$TEST_DIR/$run.found"
    faults short "$TEST_DIR/$run.found" >"$TEST_DIR/$run.short"
    end "${run}2"
    end "$run"
}
replay() { # SITE WORD…
    local sensor files=()
    for sensor in "${sensors[@]}"; do
        files+=("$sensor=$TEST_DIR/$1/$sensor.ndjson")
    done
    "$thapcanh" replay --rules "$rules" --sources deploy/sources \
        --tickets "$tickets" --suppressions "$TEST_DIR/suppressions.yml" \
        "${@:2}" "${files[@]}"
}

n=0
for file in $(if [[ ${SOAK:-} ]]; then ls -S "$ait"/*.csv.gz; else
    ls -Sr "$ait"/*.csv.gz | head -n 1; fi); do
    site=${file##*/} site=${site%.csv.gz}
    python3 "$ait/ait.py" convert "$file" "$TEST_DIR/$site"
    end_of_data "$TEST_DIR/$site"
    n_alerts=$(cat "$TEST_DIR/$site"/*.ndjson | wc -l)
    serve "$site" $((n++))
    replay "$site" --as incidents | faults replayed /dev/stdin \
        >"$TEST_DIR/$site.replayed"
    check "$site: there are incidents" test -s "$TEST_DIR/$site.replayed"
    same_file "$site: the incidents of the service are those of replay" \
        "$TEST_DIR/$site.replayed" "$TEST_DIR/$site.short"
    replay "$site" --as tickets | faults exported /dev/stdin \
        >"$TEST_DIR/$site.exported"
    check "$site: there are tickets" test -s "$TEST_DIR/$site.exported"
    same_file "$site: and its tickets" "$TEST_DIR/$site.exported" \
        "$TEST_DIR/$site.tickets"
done
