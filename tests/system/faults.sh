# SPDX-License-Identifier: Apache-2.0
#
# For fault tests: several runs of the service over the same input topics of
# one Kafka, each with its own group, output topics and Redis database, so that
# what a disturbed run leaves can be compared with what an undisturbed one
# leaves: the counts, the books and the open dead letters stored in Redis, the
# feed by position, the incidents, the tickets with what people did to them, and
# that nobody was written to: the sample is of 2024, and old tickets wake nobody.
#
# Each fault has a short form for `make test` and a long one for `make soak`
# (SOAK=1). What is random in it is drawn from SEED, which is printed first.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

pick() { # SHORT LONG
    if [[ -n ${SOAK:-} ]]; then printf '%s' "$2"; else printf '%s' "$1"; fi
}
seed=${SEED:-$((EPOCHSECONDS % 100000))}
RANDOM=$seed
printf '# SEED=%d%s\n' "$seed" "${SOAK:+ SOAK=1}" >&7
draw() { drawn=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1))); } # LOW HIGH
patience=$(pick 120 1200) # seconds for all of the input, also on a busy machine
tell() { printf '# %s: %s\n' "$EPOCHSECONDS" "$*"; } # progress, on stderr

partitions=4 windows=2                          # of the topics of a run
endpoint=endpoint-alerts server=server-alerts # its input
rules=$PWD/rules
tickets=$PWD/deploy/tickets.yml
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
rules: $rules
tickets: $tickets
suppressions: $TEST_DIR/suppressions.yml
roster: $PWD/deploy/roster.yml
escalation: $PWD/deploy/escalation.yml
notify: {outbox: $TEST_DIR/$1/outbox}
snapshot: {every: 10s}
windows: {partitions: $windows}
topics:
  alerts: $1.alerts
  windows: $1.windows
  chained: $1.chained
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
  - {topics: $endpoint, mapping: ajiant}
  - {topics: $server, mapping: cycir}
END
}

# begin RUN [NAME [WORD…]]: a process of that run in the background; its pid in
# pid[NAME]. NAME other than RUN: a second member of the same group.
declare -A pid=()
program=$thapcanh environment=()
begin() {
    local name=${2:-$1}
    sed "s|^instance: .*|instance: $name|" "$TEST_DIR/$1.yml" \
        >"$TEST_DIR/$name.member.yml"
    env "${environment[@]}" "$program" run -c "$TEST_DIR/$name.member.yml" \
        "${@:3}" >>"$TEST_DIR/$name.log" 2>&1 &
    pid[$name]=$!
}
ended() { ! kill -0 "${pid[$1]}" 2>/dev/null; } # NAME; a zombie is none here

# make_rules: the shipped ones, and a chain of correlations over partitions,
# where the program takes one.
chained=
make_rules() {
    rules=$TEST_DIR/rules
    mkdir -p "$TEST_DIR/rules"
    cp rules/*.yml "$TEST_DIR/rules"
    cp tests/system/faults_chained.yml "$TEST_DIR/rules"
    if "$thapcanh" rules check "$TEST_DIR/rules"; then
        chained=1
    else
        rm "$TEST_DIR/rules/faults_chained.yml"
    fi
}

# work_on RUN DATABASE: what people do to two tickets, the same in every run.
work_on() {
    local first second
    read -r first second < <(respond_table "$1" "$2" tickets |
        awk 'NR % 2 == 0' | faults two /dev/stdin)
    act() { "$thapcanh" tickets "$1" -c "$TEST_DIR/$run.yml" "${@:2}"; }
    local run=$1
    act ack --by tran-quoc-bao "$first" &&
        act note --by tran-quoc-bao -m "đang xem" "$first" &&
        act assign --to pham-duc-long --by tran-quoc-bao "$first" &&
        act resolve --verdict true_positive --by pham-duc-long -m "đã xử lý" \
            "$first" &&
        act ack --by le-thi-thanh-ha "$second" &&
        act hold --for Viettel --by le-thi-thanh-ha "$second"
}

end() { # end NAME [SIGNAL]
    kill "-${2:-TERM}" "${pid[$1]}" 2>/dev/null || true
    wait "${pid[$1]}" 2>/dev/null || true
}

# in_redis RUN DATABASE: how many alerts its committed books count as "in".
in_redis() {
    local p topic sum=0 n
    for topic in "$endpoint" "$server"; do
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
# reach DATABASE N: waits until that many are in, or all.
reach() { until_true "$patience" eval "some_in $1 $2 || all_in $1"; }

# read_through RUN: whatever was written to the windows and to the journal has
# been read and committed. Asked three times, because an end is known from the
# last fetch.
read_through() {
    local i
    for i in 1 2 3; do
        { "$thapcanh" status -c "$TEST_DIR/$1.yml" --json || true; } \
            2>/dev/null |
            perl -0777 -se '
                $_ = <>;
                my $n = 0;
                while (/"topic":"[^"]*\.(?:windows|chained|journal)","partition":\d+,"phase":"([^"]*)"[^{}]*?"committed":(\d+),"end":(-?\d+)/g) {
                    exit 1 if $1 ne "running" || $2 != $3;
                    $n++;
                }
                exit($n > 2 * $windows ? 0 : 1);' -- -windows="$windows" || return 1
        sleep 0.3
    done
}

# respond_table RUN DATABASE TABLE: of the responder's state, name and value on
# lines of their own, in turn.
respond_table() { redis cli -n "$2" hgetall "tc:{respond/$1.journal/0}:$3"; }

found() { "$thapcanh" incidents -c "$TEST_DIR/$1.yml" --json; }
taken() { respond_table "$1" "$2" incidents | paste -d' ' - -; }
faults() { perl tests/system/faults.pl "$@"; }

# all_taken RUN DATABASE: every incident has come to its end, and the responder
# has taken its newest revision. Positions do not tell: what is written again
# after a crash is passed over without a record.
all_taken() {
    [[ -z $(faults untaken <(found "$1") <(taken "$1" "$2")) ]]
}

# settled RUN DATABASE: all that came of the input is in windows, incidents and
# tickets.
settled() { read_through "$1" && all_taken "$1" "$2" && read_through "$1"; }

# dump RUN DATABASE: what the run leaves, in files to compare.
dump() {
    local p topic table
    for topic in "$endpoint" "$server"; do
        for ((p = 0; p < partitions; p++)); do
            for table in counts books hours letters; do
                redis cli -n "$2" hgetall "tc:{ingest/$topic/$p}:$table" |
                    paste - - | sort | sed "s|^|$topic/$p $table |"
            done
        done
    done >"$TEST_DIR/$1.state"
    "$thapcanh" feed -c "$TEST_DIR/$1.yml" --json --last all |
        sort >"$TEST_DIR/$1.feed"
    found "$1" >"$TEST_DIR/$1.found"
    taken "$1" "$2" >"$TEST_DIR/$1.taken"
    respond_table "$1" "$2" tickets | awk 'NR % 2 == 0' | sort \
        >"$TEST_DIR/$1.tickets"
    faults history "$TEST_DIR/$1.tickets" >"$TEST_DIR/$1.history"
    faults incidents "$TEST_DIR/$1.found" >"$TEST_DIR/$1.incidents"
    faults places "$TEST_DIR/$1".{found,taken} >"$TEST_DIR/$1.places"
    "$thapcanh" tickets export -c "$TEST_DIR/$1.yml" |
        faults exported /dev/stdin >"$TEST_DIR/$1.exported"
}

calm=calm # the undisturbed run

messages() { find "$TEST_DIR/$1/outbox" -type f | wc -l; }

same_run() { # same_run SENTENCE RUN: as the undisturbed one
    same_file "$1: the counts" "$TEST_DIR/$calm.state" "$TEST_DIR/$2.state"
    same_file "$1: the feed" "$TEST_DIR/$calm.feed" "$TEST_DIR/$2.feed"
    same_file "$1: the incidents" "$TEST_DIR/$calm.incidents" \
        "$TEST_DIR/$2.incidents"
    same_file "$1: what became of each incident" "$TEST_DIR/$calm.places" \
        "$TEST_DIR/$2.places"
    same_file "$1: the tickets" "$TEST_DIR/$calm.exported" \
        "$TEST_DIR/$2.exported"
    same_file "$1: what people did" "$TEST_DIR/$calm.history" \
        "$TEST_DIR/$2.history"
    same "$1: the tickets are those of their incidents" '' "$(add_up "$2")"
    same "$1: old tickets wake nobody" 0 "$(messages "$2")"
}

# add_up RUN: what is wrong with its tickets.
add_up() { faults adds_up "$TEST_DIR/$1".{found,taken,tickets} | head -n 5; }

# closing: alerts of ten days later, of so many hosts that every partition has
# some: all windows close.
closing() {
    local i
    for ((i = 1; i <= 100; i++)); do
        printf '{"alert_id":"END-%d","detect_time":"2024-10-10 08:00:00.%03d","severity":"LOW","status":"NEW","rule":{"id":"END","name":"END"},"agent":{"hostname":"END-%d"}}\n' \
            "$i" "$i" "$i"
        printf '{"case_id":"END-%d","revision":1,"occurred_at":1728522000%03d,"severity":"Trung bình","status":"new","verdict":"","rule_id":"END","rule_name":"END","server":{"name":"END-%d"}}\n' \
            "$i" "$i" "$i"
    done
}

# sample SCALE SEED: the sample's files, and behind them what closes all windows.
sample() {
    "${thapcanh%/*}/thapcanh-sample" --seed "$2" --scale "$1" \
        --out "$TEST_DIR" --inventory deploy/inventory/ninhthuan.yml
    closing | tee >(grep alert_id >>"$TEST_DIR/endpoint-alerts.ndjson") |
        grep case_id >>"$TEST_DIR/server-alerts.ndjson"
}

# input SCALE: the sample, on the two topics.
input() {
    local topic
    make_rules
    cat >"$TEST_DIR/suppressions.yml" <<'END'
suppressions:
  - name: known
    match: rule=floor host=SRV-M*
    reason: so that something is
    owner: an
    from: 2024-02-01
    until: 2024-08-01
END
    sample "$1" 7
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
    check "an undisturbed run counts everything" until_true "$patience" all_in 0
    check "and its windows and tickets have taken everything" \
        until_true "$patience" settled calm 0
    check "people work on two tickets" work_on calm 0
    end calm
    dump calm 0
    check "it has incidents" test -s "$TEST_DIR/calm.incidents"
    if [[ -n $chained ]]; then
        check "of a chain in time, too" grep -q 0a7f3f0b6a02 \
            "$TEST_DIR/calm.incidents"
        check "and of a chain that counts" grep -q 0a7f3f0b6a03 \
            "$TEST_DIR/calm.incidents"
    else
        skip "chained correlations under faults: this program takes none"
    fi
    check "what people did is on two tickets" \
        test 2 = "$(wc -l <"$TEST_DIR/calm.history")"
    check "some are suppressed" grep -q '"place":"suppressed"' \
        "$TEST_DIR/calm.places"
    check "it has tickets" test -s "$TEST_DIR/calm.tickets"
    same "they are those of their incidents" '' "$(add_up calm)"
    same "and wake nobody" 0 "$(messages calm)"
}

# come_to_an_end RUN DATABASE SENTENCE: all is counted, taken, decided.
come_to_an_end() {
    check "$3: everything is counted" until_true "$patience" all_in "$2"
    check "$3: windows and tickets have taken everything" \
        until_true "$patience" settled "$1" "$2"
}
compare() { # RUN DATABASE SENTENCE; the run has ended
    dump "$1" "$2"
    same_run "$3" "$1"
}
