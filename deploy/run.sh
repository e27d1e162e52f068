#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make run: from a bare machine to nine months of alerts counted, their tickets,
# an attack played live (tonight.sh), and the service left running. Each step is
# skipped when its result is there, so a second run is short and needs no
# network. All it writes lies under var/.
#
#   KAFKA=host:port REDIS=host:port   use these instead of servers of our own
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
. deploy/lib.sh
. deploy/demo.sh

run=$root/var/run
service=$run/thapcanh
config=$root/var/thapcanh.yml
sample=$root/var/sample
topics=(endpoint-alerts server-alerts)
declare -A keys=([endpoint-alerts]=agent.hostname [server-alerts]=server.name)
program=$root/build/thapcanh

began=$(seconds)
step() { say "== $* ($(($(seconds) - began)) s)"; }

# --- servers

start_servers() {
    if [[ -z ${KAFKA:-} ]]; then
        check_unfinished
        step "Kafka"
        deploy/kafka/kafka.sh start "$run/kafka"
        kafka=$(deploy/kafka/kafka.sh address "$run/kafka")
        if [[ ! -f $run/kafka/topics ]]; then
            local topic
            for topic in "${topics[@]}"; do
                deploy/kafka/kafka.sh topic "$run/kafka" "$topic" 4 \
                    retention.ms=-1
            done
            : >"$run/kafka/topics"
        fi
        marks=$run/kafka
    else
        kafka=$KAFKA
        marks=$run/at-$(tr -c 'A-Za-z0-9.\n-' '_' <<<"$kafka")
        mkdir -p "$marks"
        step "Kafka: yours, at $kafka"
    fi
    if [[ -z ${REDIS:-} ]]; then
        step "Redis"
        deploy/redis/redis.sh start "$run/redis"
        redis=$(deploy/redis/redis.sh address "$run/redis")
    else
        redis=$REDIS
        step "Redis: yours, at $redis"
    fi
}

# A run that was broken off while it produced left half a sample on our own
# Kafka. It is begun anew, as if it had never been.
check_unfinished() {
    [[ -f $run/kafka/producing ]] || return 0
    say "an earlier run broke off while producing: its Kafka and Redis are" \
        "begun anew"
    deploy/stop.sh
    rm -rf "$run/kafka" "$run/redis" "$root/var/data"
}

# --- the service

start_service() {
    local pid file new=''
    mkdir -p "$service" "$root/var/log" "$root/var/data"
    ln -sfn "$root/var/log/thapcanh.log" "$service/log"
    pid=$(pid_of "$service" "$program")
    for file in "$program" "$config" var/{tickets,escalation,roster}.yml; do
        [[ ! $file -nt $service/pid ]] || new=1
    done
    if [[ -n $pid && -z $new ]]; then
        say "the service runs already (process $pid)"
        return
    fi
    if [[ -n $pid ]]; then
        say "the service runs with another program or configuration:" \
            "started anew"
        stop_pid "$pid" 30
    fi
    launch "$service" "$program" run -c "$config"
    wait_service
}

wait_service() {
    local tries=300
    while ((tries-- > 0)); do
        [[ -n $(pid_of "$service" "$program") ]] || {
            sleep 0.2
            [[ -n $(pid_of "$service" "$program") ]] || service_died
        }
        # 0: well; 1: it answers, and is not well yet
        "$program" status -c "$config" --json >/dev/null 2>&1 && return 0
        (($? == 1)) && return 0
        sleep 0.2
        ((tries % 50 != 0)) || say "  … waiting for the service"
    done
    die "the service does not answer: see var/log/thapcanh.log"
}

service_died() {
    tail -n 8 "$root/var/log/thapcanh.log" >&2
    die "the service has ended: see var/log/thapcanh.log"
}

# --- the alerts

make_sample() {
    if [[ -f $sample/complete ]]; then
        return
    fi
    step "nine months of alerts, made with seed 2024"
    rm -rf "$sample.part"
    mkdir -p "$sample.part"
    with_beat "making them" build/thapcanh-sample --seed 2024 \
        --inventory deploy/inventory/ninhthuan.yml --out "$sample.part"
    : >"$sample.part/complete"
    rm -rf "$sample"
    mv "$sample.part" "$sample"
}

# All of it before the service starts: what lies there is read in step, by event
# time, and correlated as it happened. One topic after the other, to a service
# that reads along, would be nine months of one sensor, then nine months that
# come far too late. The last 24 hours go with them, for the same reason.
produce() {
    local topic
    if [[ -f $marks/produced ]]; then
        say "the alerts are on Kafka already"
        return
    fi
    step "alerts on to Kafka"
    : >"$marks/producing"
    build/thapcanh-sample --seed 2024 --last-day --out "$marks/last-day" \
        --inventory deploy/inventory/ninhthuan.yml 2>/dev/null
    for topic in "${topics[@]}"; do
        "$program" produce -c "$config" --topic "$topic" \
            --key "${keys[$topic]}" "$sample/$topic.ndjson" \
            "$marks/last-day/$topic.ndjson"
    done
    cat "$marks"/last-day/*.ndjson | wc -l >"$marks/produced"
    rm -rf "$marks/producing" "$marks/last-day"
}

# "committed end" over all partitions of the alerts' topics, in messages.
progress() {
    { "$program" status -c "$config" --json 2>/dev/null || true; } |
        perl -0777 -ne '
            my ($done, $end, $n) = (0, 0, 0);
            while (/\{"topic":"(?:endpoint|server)-alerts"([^{}]*)/g) {
                my $part = $1;
                my ($c) = $part =~ /"committed":(\d+)/;
                my ($e) = $part =~ /"end":(\d+)/;
                $done += $c // 0; $end += $e // 0; $n++;
            }
            print "$done $end $n\n";'
}

wait_counted() {
    local wanted=$1 counted end n told=0 last=-1 moved
    moved=$(seconds)
    while :; do
        read -r counted end n < <(progress) || true
        ((counted < wanted)) || return 0
        [[ -n $(pid_of "$service" "$program") ]] || service_died
        if ((counted != last)); then
            last=$counted
            moved=$(seconds)
        elif (($(seconds) - moved > 120)); then
            "$program" status -c "$config" >&2 || true
            die "nothing has been counted for two minutes: see" \
                "var/log/thapcanh.log"
        fi
        if (($(seconds) - told >= 5)); then
            told=$(seconds)
            say "  $(grouped "$counted") of $(grouped "$wanted") messages counted"
        fi
        sleep 0.1
    done
}

# 588271 as it is written here, in English: 588,271.
grouped() { sed -E ':a; s/^([0-9]+)([0-9]{3})/\1,\2/; ta' <<<"$1"; }

count() {
    local from to messages last_day ms fresh=''
    [[ -f $marks/counted ]] || fresh=1
    from=${EPOCHREALTIME/[.,]/}
    start_service
    messages=$(cat "$sample"/{endpoint,server}-alerts.ndjson | wc -l)
    last_day=$(cat "$marks/produced")
    messages=$((messages + ${last_day:-0}))
    wait_counted "$messages"
    to=${EPOCHREALTIME/[.,]/}
    ms=$(((to - from) / 1000))
    if [[ -n $fresh ]]; then
        printf '%s %s\n' "$messages" "$ms" >"$marks/counted"
    fi
}

# --- tickets

# "read all tickets queued": entries of the windows' partitions that are
# committed, how many there are, tickets, incidents that wait for a decision.
correlated() {
    { "$program" status -c "$config" --json 2>/dev/null || true; } |
        perl -0777 -ne '
            my ($done, $end) = (0, 0);
            while (/\{"topic":"soc\.windows"[^{}]*?"committed":(\d+),"end":(-?\d+)/g) {
                $done += $1; $end += $2;
            }
            my ($tickets, $queued) =
                /"tickets":(\d+),"open":\d+,"queued":(\d+)/;
            printf "%d %d %d %d\n", $done, $end, $tickets // 0, $queued // 1;'
}

# Until all windows have been read and no ticket has come for a second.
wait_tickets() {
    local read all tickets queued last=-1 since told
    since=$(seconds) told=$since
    step "rules, windows, tickets"
    while :; do
        read -r read all tickets queued < <(correlated) || true
        [[ -n $(pid_of "$service" "$program") ]] || service_died
        if ((all == 0 || read < all || queued > 0 || tickets != last)); then
            if ((tickets != last || read < all)); then
                last=$tickets
                since=$(seconds)
            fi
        elif (($(seconds) - since >= 2)); then
            return
        fi
        if (($(seconds) - told >= 5)); then
            told=$(seconds)
            say "  $(grouped "$read") of $(grouped "$all") window entries read," \
                "$(grouped "$tickets") tickets"
        fi
        (($(seconds) - since <= 120)) ||
            die "the tickets do not come to an end: see var/log/thapcanh.log"
        sleep 0.2
    done
}

# Tickets of the nine months, attacks among them, the busiest rules.
tell_tickets() {
    "$program" tickets export -c "$config" 2>/dev/null |
        deploy/summary.pl "$sample/truth.json" rules/ >"$run/tickets"
    say ""
    cat "$run/tickets"
}

# --- the end

tell() {
    local messages ms
    read -r messages ms <"$marks/counted"
    step "done"
    say ""
    printf '%s messages read from Kafka and counted in %s.%s s: %s/s\n' \
        "$(grouped "$messages")" $((ms / 1000)) $((ms % 1000 / 100)) \
        "$(grouped $((messages * 1000 / (ms > 0 ? ms : 1))))"
    say ""
    "$program" status -c "$config" || true
    say ""
    "$program" report -c "$config" --period 2024-9m --sentence
    tell_tickets
}

# An attack, once for each Kafka; `make tonight` plays another.
play_tonight() {
    if [[ -f $marks/tonight ]]; then
        say ""
        say "tonight's attack has been played: make tonight plays another"
        return
    fi
    step "tonight"
    deploy/tonight.sh
    : >"$marks/tonight"
}

where_next() {
    cat >&2 <<END

The service is running. Where to look next:
  build/thapcanh status -c var/thapcanh.yml
  build/thapcanh feed -c var/thapcanh.yml --follow
  build/thapcanh report -c var/thapcanh.yml --period 2024-9m --format html -o var/report.html
  build/thapcanh counts -c var/thapcanh.yml --from 2024-01 --to 2024-09 --by source,severity
  build/thapcanh tickets list -c var/thapcanh.yml
  build/thapcanh tickets show -c var/thapcanh.yml $(cat "$run/tonight.ticket" 2>/dev/null)
  build/thapcanh oncall who -c var/thapcanh.yml; ls var/outbox; make tonight
  build/thapcanh incidents -c var/thapcanh.yml
  build/thapcanh windows list -c var/thapcanh.yml
  build/thapcanh deadletter list -c var/thapcanh.yml
  var/log/thapcanh.log, docs/tour.md
Stop everything: make stop
END
}

mkdir -p "$run"
exec 8>"$run/lock"
flock -n 8 || die "another make run is under way here"
step "packages"
deploy/install.sh run
step "building"
with_beat "building" make -s -j"$(nproc)" all
start_servers
write_config
make_sample
produce
step "the service"
count
wait_tickets
tell
play_tonight
where_next
