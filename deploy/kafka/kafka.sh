#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# One Apache Kafka broker (KRaft, no other servers) with a folder of its own,
# for `make run`, the tests and the benchmark. Everything it has lies in DIR:
# data/, log, pid, address. It listens on loopback only, on ports chosen here
# and kept over a restart, so clients find it again.
#
#   kafka.sh jars              fetch the jars, if they are not there
#   kafka.sh have-jars         status 0 if they are there
#   kafka.sh start DIR [PORT]  returns when the broker answers
#   kafka.sh wait DIR [SECONDS]
#   kafka.sh address DIR       host:port
#   kafka.sh topic DIR NAME PARTITIONS [SETTING=VALUE…]   made if not there
#   kafka.sh running DIR       status 0 if the process is there
#   kafka.sh stop DIR
#   kafka.sh kill9 DIR | pause DIR | resume DIR     for fault tests
#   kafka.sh pin               write jars.sha256 anew
#
# KAFKA_HEAP (512m), KAFKA_JARS (var/lib/kafka-jars), KAFKA_SESSION_MIN_MS
# (6000: the shortest session timeout that a consumer may ask for).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
. "$here/../lib.sh"

jars=${KAFKA_JARS:-$root/var/lib/kafka-jars}
main=kafka.Kafka

java_bin() {
    local java=${JAVA_HOME:+$JAVA_HOME/bin/}java
    command -v "$java" >/dev/null ||
        die "no Java here: install the Debian package default-jre-headless" \
            "(make deps), or use a Kafka of your own with KAFKA=host:port"
    printf '%s\n' "$java"
}

# --- jars

# The jars are there, complete, and those that jars.sha256 names.
jars_ok() {
    [[ -f $jars/.checked ]] && cmp -s "$jars/.checked" "$here/jars.sha256"
}

fetch_into() {
    local into=$1
    command -v mvn >/dev/null ||
        die "no mvn here to fetch Kafka with: install the Debian package" \
            "maven (make deps), or use a Kafka of your own with KAFKA=host:port"
    mvn -q -B -f "$here/pom.xml" -Dmaven.repo.local="$into.repository" \
        org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies \
        -DincludeScope=runtime -DoutputDirectory="$into" </dev/null 2>&1 |
        sed 's/\x1b\[[0-9;]*m//g; /^$/d' >&2
}

# Beside the place and then renamed, so that jars are there whole or not at all;
# two that fetch at once do not disturb each other.
fetch() {
    local part=$jars.$$ began n
    began=$(seconds)
    mkdir -p "$(dirname "$jars")"
    trap 'rm -rf "$part" "$part.repository"' EXIT
    say "Kafka: fetching its jars with Maven (54 MB)"
    with_beat "fetching Kafka's jars" fetch_into "$part" ||
        die "Maven could not fetch Kafka's jars (above it says why). It needs" \
            "the network, or a mirror named in ~/.m2/settings.xml. With a" \
            "Kafka of your own: KAFKA=host:port make run"
    (cd "$part" && sha256sum --quiet --strict -c "$here/jars.sha256") >&2 ||
        die "what Maven fetched is not what deploy/kafka/jars.sha256 names:" \
            "not used"
    n=$(wc -l <"$here/jars.sha256")
    [[ $(find "$part" -name '*.jar' | wc -l) == "$n" ]] ||
        die "Maven fetched more jars than deploy/kafka/jars.sha256 names"
    cp "$here/jars.sha256" "$part/.checked"
    rm -rf "$jars.old"
    if [[ -d $jars ]]; then
        mv "$jars" "$jars.old"
    fi
    mv -T "$part" "$jars" 2>/dev/null || jars_ok ||
        die "cannot put Kafka's jars at $jars"
    rm -rf "$jars.old" "$part" "$part.repository"
    trap - EXIT
    say "Kafka: $n jars fetched and checked in $(($(seconds) - began)) s"
}

pin() {
    local part
    part=$(mktemp -d)
    fetch_into "$part/jars"
    (cd "$part/jars" && sha256sum -- *.jar | LC_ALL=C sort -k2) \
        >"$here/jars.sha256"
    rm -rf "$part"
}

# --- the broker

settings() {
    local port=$1 controller=$2
    cat <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=data

auto.create.topics.enable=false
num.partitions=4
message.max.bytes=9437184
replica.fetch.max.bytes=9437184
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

broker.heartbeat.interval.ms=1000
broker.session.timeout.ms=4000
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=${KAFKA_SESSION_MIN_MS:-6000}
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
END
}

running() { pid_of "$dir" "$main"; }

# Asks for the broker's metadata (Kafka protocol: Metadata, version 1, no
# topics) and is true when the answer lists a broker: then it takes requests
# and is registered with its controller.
answers() {
    local port=${1##*:} reply
    reply=$(timeout 2 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1"
        printf "\0\0\0\016\0\003\0\001\0\0\0\007\377\377\0\0\0\0" >&3
        head -c 12 <&3 | od -An -tu1 -v
    ' probe "$port" 2>/dev/null) || return 1
    set -- $reply
    (($# == 12)) || return 1
    (($8 == 7 && $9 + ${10} + ${11} + ${12} > 0))
}

# 0: answers; 1: the process ended; 2: time is up.
wait_answer() {
    local until=$(($(seconds) + $1)) told
    told=$(($(seconds) + 10))
    while (($(seconds) < until)); do
        answers "$(cat "$dir/address")" && return 0
        [[ -n $(running) ]] || return 1
        if (($(seconds) >= told)); then
            say "  … waiting for Kafka to answer"
            told=$((told + 10))
        fi
        sleep 0.1
    done
    return 2
}

format() {
    local id
    id=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_')
    id=K${id:1:21}
    rm -rf "$dir/data"
    (cd "$dir" && "$java" -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp 'jars/*' \
        kafka.tools.StorageTool format -t "$id" -c settings) \
        >>"$dir/log" 2>&1 || die "Kafka's storage could not be made: $dir/log"
    : >"$dir/data/.formatted"
}

# One try on these ports; as wait_answer.
try_start() {
    settings "$1" "$2" >"$dir/settings"
    [[ -f $dir/data/.formatted ]] || format
    printf '127.0.0.1:%s\n' "$1" >"$dir/address"
    : >"$dir/log"
    launch "$dir" "$java" "-Xmx${KAFKA_HEAP:-512m}" -XX:-UsePerfData \
        -XX:+ExitOnOutOfMemoryError -Djava.awt.headless=true \
        -Djava.net.preferIPv4Stack=true \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
        -Dorg.slf4j.simpleLogger.showDateTime=true \
        -Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd\'T\'HH:mm:ss \
        -cp 'jars/*' $main settings
    wait_answer 60
}

start() {
    local wanted=${1:-} port controller status try
    java=$(java_bin)
    if [[ -n $(running) ]]; then
        wait_answer 60 || die "Kafka runs in $dir and does not answer:" \
            "see $dir/log"
        say "Kafka: already running at $(cat "$dir/address")"
        return
    fi
    jars_ok || fetch
    ln -sfn "$jars" "$dir/jars"
    for try in 1 2 3 4 5; do
        port=${wanted:-$(cat "$dir/address" 2>/dev/null || free_port)}
        port=${port##*:}
        controller=$(cat "$dir/controller" 2>/dev/null || free_port)
        ((port != controller)) || continue
        printf '%s\n' "$controller" >"$dir/controller"
        status=0
        try_start "$port" "$controller" || status=$?
        ((status != 0)) || return 0
        ((status == 1)) && grep -qE 'Address already in use|BindException' \
            "$dir/log" || break
        [[ -z $wanted ]] || die "port $wanted is taken"
        say "Kafka: port $port or $controller is taken, trying others"
        rm -f "$dir/address" "$dir/controller"
    done
    tail -n 8 "$dir/log" | cut -c1-300 >&2
    stop_now
    die "Kafka does not answer (try $try): see $dir/log"
}

topic() {
    local name=$1 partitions=$2 setting settings=()
    shift 2
    for setting in "$@"; do
        settings+=(--config "$setting")
    done
    java=$(java_bin)
    (cd "$dir" && "$java" -XX:TieredStopAtLevel=1 -XX:-UsePerfData \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp 'jars/*' \
        org.apache.kafka.tools.TopicCommand \
        --bootstrap-server "$(cat address)" --create --if-not-exists \
        --topic "$name" --partitions "$partitions" "${settings[@]}") \
        >/dev/null || die "the topic $name could not be made"
}

stop_now() {
    local pid
    pid=$(running)
    [[ -z $pid ]] || stop_pid "$pid" 20
    rm -f "$dir/pid"
}

# signal NAME: to the running broker.
signal() {
    local pid
    pid=$(running)
    [[ -n $pid ]] || die "no Kafka runs in $dir"
    kill "-$1" "$pid"
}

command=${1:-}
case $command in
jars)
    jars_ok || fetch
    exit
    ;;
have-jars)
    jars_ok
    exit
    ;;
pin)
    pin
    exit
    ;;
start | wait | stop | address | topic | running | kill9 | pause | resume)
    [[ $# -ge 2 ]] || die "$command needs a folder"
    ;;
*)
    sed -n '/^#   kafka/s/^#   //p' "$0" >&2
    exit 2
    ;;
esac

if [[ $command == start ]]; then
    dir=$(own_dir "$2")
else
    dir=$(realpath -m "$2")
fi
case $command in
start)
    exec 9>"$dir/lock"
    flock -w 90 9 || die "another start is under way in $dir"
    start "${3:-}"
    ;;
wait)
    [[ -f $dir/address ]] || die "no Kafka was started in $dir"
    wait_answer "${3:-60}" || die "Kafka in $dir does not answer"
    ;;
stop) stop_now ;;
address) cat "$dir/address" ;;
topic)
    [[ $# -ge 4 ]] || die "topic needs a folder, a name, a number"
    topic "${@:3}"
    ;;
running) [[ -n $(running) ]] ;;
kill9)
    pid=$(running)
    [[ -n $pid ]] || die "no Kafka runs in $dir"
    kill_pid "$pid"
    ;;
pause) signal STOP ;;
resume) signal CONT ;;
esac
