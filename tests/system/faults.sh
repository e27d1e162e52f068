# SPDX-License-Identifier: Apache-2.0
#
# For fault tests: several runs of the service over the same input topics of
# one Kafka, each with its own group, output topics and Redis database, so that
# what a disturbed run leaves can be compared with what an undisturbed one
# leaves: the counts, the books and the open dead letters stored in Redis, the
# feed by position, and the incidents.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

partitions=4
n_alerts=0

# config RUN DATABASE: writes the configuration of a run.
config() {
    mkdir -p "$TEST_DIR/$1"
    cat >"$TEST_DIR/$1.yml" <<END
data_dir: $TEST_DIR/$1
redis: {database: $2}
sources_dir: $PWD/deploy/sources
inventory: $PWD/deploy/inventory/ninhthuan.yml
instance: $1
ingest: {group: $1}
correlate: {group: $1.correlate}
respond: {group: $1.respond}
rules: $PWD/rules
snapshot: {every: 10s}
windows: {partitions: 2}
topics:
  alerts: $1.alerts
  windows: $1.windows
  deadletter: $1.deadletter
  state: $1.state
  reports: $1.reports
  rules: $1.rules
  incidents: $1.incidents
  journal: $1.journal
  tickets: $1.tickets
  evidence: $1.evidence
  reviews: $1.reviews
sources:
  - {topics: endpoint-alerts, mapping: ajiant}
  - {topics: server-alerts, mapping: cycir}
END
}

# begin RUN [NAME]: a process of that run in the background; its pid in
# pid[NAME]. NAME other than RUN: a second member of the same group.
declare -A pid=()
begin() {
    local name=${2:-$1}
    sed "s|^instance: .*|instance: $name|" "$TEST_DIR/$1.yml" \
        >"$TEST_DIR/$name.member.yml"
    "$thapcanh" run -c "$TEST_DIR/$name.member.yml" \
        >>"$TEST_DIR/$name.log" 2>&1 &
    pid[$name]=$!
}

end() { # end NAME [SIGNAL]
    kill "-${2:-TERM}" "${pid[$1]}" 2>/dev/null || true
    wait "${pid[$1]}" 2>/dev/null || true
}

# in_redis RUN DATABASE: how many alerts its committed books count as "in".
in_redis() {
    local p topic sum=0 n
    for topic in endpoint-alerts server-alerts; do
        for ((p = 0; p < partitions; p++)); do
            n=$(redis cli -n "$1" hvals "tc:{ingest/$topic/$p}:books" |
                awk '{s += $1} END {print s + 0}')
            ((sum += n))
        done
    done
    printf '%d' "$sum"
}

all_in() { [[ $(in_redis "$1") == "$n_alerts" ]]; }
some_in() { (($(in_redis "$1") > $2)); }

# settled RUN: whatever ingest wrote, the windows have read and committed. Asked three times, because an end is known from the last fetch.
settled() {
    local i
    for i in 1 2 3; do
        "$thapcanh" status -c "$TEST_DIR/$1.yml" --json 2>/dev/null |
            perl -0777 -ne '
                my $n = 0;
                while (/"topic":"[^"]*\.windows","partition":\d+,"phase":"([^"]*)"[^{}]*?"committed":(\d+),"end":(-?\d+)/g) {
                    exit 1 if $1 ne "running" || $2 != $3;
                    $n++;
                }
                exit($n >= 2 ? 0 : 1);' || return 1
        sleep 0.3
    done
}

# Incidents as a line each: rule, key, first, last, count, evidence; not those
# that were merged into another. Ids and revisions tell of the order of
# arrival, which faults may change.
incidents() {
    "$thapcanh" incidents -c "$TEST_DIR/$1.yml" --json | perl -MJSON::PP -ne '
        my $json = JSON::PP->new->canonical;
        my $i = decode_json($_);
        next if $i->{state} eq "merged";
        print $json->encode({map { $_ => $i->{$_} }
            qw(rule key first_ms last_ms count evidence approximate)}), "\n";' | sort
}

# dump RUN DATABASE: what the run leaves, in files to compare.
dump() {
    local p topic table
    for topic in endpoint-alerts server-alerts; do
        for ((p = 0; p < partitions; p++)); do
            for table in counts books hours letters; do
                redis cli -n "$2" hgetall "tc:{ingest/$topic/$p}:$table" |
                    paste - - | sort | sed "s|^|$topic/$p $table |"
            done
        done
    done >"$TEST_DIR/$1.state"
    "$thapcanh" feed -c "$TEST_DIR/$1.yml" --json --last all |
        sort >"$TEST_DIR/$1.feed"
    incidents "$1" >"$TEST_DIR/$1.incidents"
}

same_run() { # same_run SENTENCE RUN: as the undisturbed one
    same_file "$1: the counts" "$TEST_DIR/calm.state" "$TEST_DIR/$2.state"
    same_file "$1: the feed" "$TEST_DIR/calm.feed" "$TEST_DIR/$2.feed"
    same_file "$1: the incidents" "$TEST_DIR/calm.incidents" \
        "$TEST_DIR/$2.incidents"
}

# input SCALE: the sample, on the two topics.
input() {
    local topic
    "${thapcanh%/*}/thapcanh-sample" --seed 7 --scale "$1" --out "$TEST_DIR" \
        --inventory deploy/inventory/ninhthuan.yml
    for topic in endpoint-alerts server-alerts; do
        kafka topic "$topic" "$partitions"
    done
    config calm 0
    "$thapcanh" produce -c "$TEST_DIR/calm.yml" --topic endpoint-alerts \
        --key agent.hostname "$TEST_DIR/endpoint-alerts.ndjson"
    "$thapcanh" produce -c "$TEST_DIR/calm.yml" --topic server-alerts \
        --key server.name "$TEST_DIR/server-alerts.ndjson"
    n_alerts=$(cat "$TEST_DIR"/{endpoint,server}-alerts.ndjson | wc -l)
}

# calm: the run all others are compared with.
calm() {
    begin calm
    check "an undisturbed run counts everything" until_true 120 all_in 0
    check "and its windows have read everything" until_true 60 settled calm
    end calm
    dump calm 0
    check "it has incidents" test -s "$TEST_DIR/calm.incidents"
}
