# SPDX-License-Identifier: Apache-2.0
#
# For system tests, which source it first. tests/run.sh starts a Kafka and a
# Redis for each test (a line "# needs: kafka", or "redis", or "none" in its
# head asks for less), runs it in its own session and ends what it leaves
# running. It gives:
#
#   TEST_DIR               a folder of its own, kept if the test fails
#   KAFKA, REDIS           addresses, as the service takes them
#   KAFKA_DIR, REDIS_DIR   for kafka and redis below
#
# A test prints its results on stdout, one line each, by way of the functions
# below; all else goes to stderr. A test that prints none, or ends with another
# status than 0, has failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

exec 7>&1 1>&2
thapcanh=$PWD/build/thapcanh

ok() { printf 'ok - %s\n' "$*" >&7; }
not_ok() { printf 'not ok - %s\n' "$*" >&7; }
# skip SENTENCE: REASON
skip() { printf 'skip - %s\n' "$*" >&7; }

# check SENTENCE COMMAND…: true is a pass.
check() {
    local sentence=$1
    shift
    if "$@"; then
        ok "$sentence"
    else
        not_ok "$sentence ($*)"
    fi
}

# same SENTENCE EXPECTED GOT: two texts.
same() {
    if [[ $2 == "$3" ]]; then
        ok "$1"
    else
        not_ok "$1: expected '${2:0:200}', got '${3:0:200}'"
    fi
}

# same_file SENTENCE EXPECTED GOT: two files.
same_file() {
    local where
    if cmp -s "$2" "$3"; then
        ok "$1"
    else
        where=$(diff "$2" "$3" | head -n 3 | cut -c1-150 | tr '\n' ' ' || true)
        not_ok "$1: ${2##*/} and ${3##*/} differ: $where"
    fi
}

kafka() { # stop, start, kill9, pause, resume, wait
    deploy/kafka/kafka.sh "$1" "$KAFKA_DIR" "${@:2}"
}
# kafka_tool CLASS WORD…: one of Kafka's own tools (org.apache.kafka.tools).
kafka_tool() {
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:TieredStopAtLevel=1 \
        -XX:-UsePerfData -Dorg.slf4j.simpleLogger.defaultLogLevel=error \
        -cp "$KAFKA_DIR/jars/*" "org.apache.kafka.tools.$1" \
        --bootstrap-server "$KAFKA" "${@:2}"
}
redis() { # stop, start, kill9, pause, resume, cutaof BYTES, cli WORD…
    deploy/redis/redis.sh "$1" "$REDIS_DIR" "${@:2}"
}

# until_true SECONDS COMMAND…: tries until it is true; false when time is up.
until_true() {
    local end=$((EPOCHSECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((EPOCHSECONDS < end)) || return 1
        sleep 0.2
    done
}
